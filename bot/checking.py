"""`pledgewatch check`: tries out what the settings name, and says of each what came of it."""

import sys

from bot.app import Core, open_core
from bot.chats.connected import make_chats
from bot.clock import SystemClock
from bot.config import Config
from bot.config_file import missing_tokens
from domain.errors import ChatError, FeedError
from domain.model import Source
from feeds.addresses import display_url

_MOST_FEEDS = 100
_KEYS = {
    "openstates": "bills of the fifty states",
    "legiscan": "bills of the fifty states, by change",
    "congress": "Congress in more detail than GovInfo gives",
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
    async with open_core(config, SystemClock()) as core:
        _told(f"{config.database}: opened, the record is in it.", well=True)
        if not faults:
            faults += await _check_chats(core)
        faults += await _check_feeds(core)
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
