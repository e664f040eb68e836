"""`pledgewatch check`: tries out what the settings name, and says of each what came of it."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping

from bot.app import Core, open_core
from bot.chats.connected import make_chats
from bot.clock import SystemClock
from bot.config import Config
from bot.config_file import missing_tokens
from domain.bills import bill_key
from domain.errors import ChatError, FeedError
from domain.model import Source
from feeds.addresses import display_url
from feeds.legislatures.port import TITLES, LegislatureError, LegislatureSource

_MOST_FEEDS = 100
_PATIENCE = 10.0
# What each key would add, and how each service is tried out: with one request.
_KEYS = {
    "openstates": "bills of the fifty states, with hearings and search",
    "legiscan": "bills of the fifty states, with search, at one request for all that changed",
    "congress": "Congress in more detail than GovInfo gives, with committee meetings",
}
_KEYLESS = (
    "Without any key: Congress through GovInfo, Washington, the Federal Register, and the city "
    "councils whose Legistar is open."
)
_TRIES: Mapping[str, Callable[[LegislatureSource], Awaitable[object]]] = {
    "openstates": lambda one: one.search("ca", "AB 2261"),
    "legiscan": lambda one: one.search("ca", "AB 2261"),
    "congress": lambda one: one.find(bill_key("us", "117", "HR 21")),
    "govinfo": lambda one: one.changed_bills("us", "", {}),
    "washington": lambda one: one.changed_bills("wa", "", {}),
    "legistar": lambda one: one.search("us-wa/seattle", "surveillance"),
}


async def check(config: Config) -> int:
    """Try the database, the chats and the feeds; 0 if all is well."""
    faults = 0
    for line in missing_tokens(config):
        faults += _told(line, well=False)
    if not (config.discord_on or config.slack_on):
        _told("No chat is switched on: alerts reach nobody but this terminal.", well=True)
    for name, adds in _KEYS.items():
        if not getattr(config.sources, name).key:
            _told(f"sources.{name}.key: none; it would add {adds}.", well=True)
    _told(_KEYLESS, well=True)
    async with open_core(config, SystemClock()) as core:
        _told(f"{config.database}: opened, the record is in it.", well=True)
        if not faults:
            faults += await _check_chats(core)
        faults += await _check_feeds(core)
        faults += await _check_legislatures(core)
    _told("All well." if not faults else f"{faults} to mend.", well=not faults)
    return int(faults > 0)


async def _check_chats(core: Core) -> int:
    faults = 0
    for chat in make_chats(core.config, core.desk, core.clock):
        try:
            faults += _told(f"{chat.platform}: logged in as {await chat.login()}.", well=True)
        except ChatError as error:
            faults += _told(f"{chat.platform}: {error}", well=False)
        finally:
            await chat.close()
    return faults


async def _check_legislatures(core: Core) -> int:
    """Try each service; only one whose key was set is a fault of the settings."""
    answers = await asyncio.gather(*(_try(one) for one in core.legislatures.sources))
    faults = 0
    for source, fault in zip(core.legislatures.sources, answers, strict=True):
        keyed = source.name in _KEYS
        line = fault or f"{TITLES[source.name]}: it answers."
        faults += _told(line, well=not (fault and keyed))
    return faults


async def _try(source: LegislatureSource) -> str:
    """Return what is wrong with a service; empty if it answers."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await _TRIES[source.name](source)
    except LegislatureError as error:
        return str(error)
    except TimeoutError:
        return f"{TITLES[source.name]}: it did not answer within {_PATIENCE:.0f} s."
    return ""


async def _check_feeds(core: Core) -> int:
    sources = await core.database.read(lambda tx: list(tx.sources.all_followed()))
    faults = 0
    for source in sources[:_MOST_FEEDS]:
        faults += await _check_feed(core, source)
    if len(sources) > _MOST_FEEDS:
        _told(f"{len(sources) - _MOST_FEEDS} more feeds were not tried.", well=True)
    return faults


async def _check_feed(core: Core, source: Source) -> int:
    where = display_url(source.url)
    try:
        answer = await core.fetcher.get(source.url)
        feed = await core.parser.parse(
            answer.body or b"", content_type=answer.content_type, url=answer.url
        )
    except FeedError as error:
        return _told(f"{where}: {error}", well=False)
    return _told(f"{where}: {len(feed.entries)} items.", well=True)


def _told(line: str, *, well: bool) -> int:
    """Print a line; return 1 if it tells of a fault."""
    sys.stdout.write(f"{'ok  ' if well else 'FIX '} {line}\n")
    sys.stdout.flush()
    return int(not well)
