"""`/feed`: which feeds the community follows."""

from dataclasses import replace
from datetime import datetime, timedelta

from commands.near import nearest
from commands.paging import PAGE, next_page, page_of
from commands.registry import Command, Completes, Option
from domain.cards import (
    Action,
    Bullets,
    Notice,
    Page,
    Paragraph,
    Reply,
    Span,
    Text,
    Tone,
    bold,
    code,
    instant,
    link,
    text,
)
from domain.errors import FeedError, RefusedAddress, UserError
from domain.model import SourceState, SourceStatus
from domain.ports import Desk, Probe, Tx
from domain.text import fold, host

_MAX_FEEDS = 500
_OFFERED = 5
_SHOWN = 5


async def add(desk: Desk, *, url: str) -> Reply:
    """Follow a feed from now on; a page's own feeds are offered instead."""
    address = _address(url)
    key = desk.feeds.key(desk.space, address)
    held = await desk.store.read(lambda tx: tx.sources.followed(desk.space))
    known = next((one for one in held if one.source.key == key), None)
    if known is not None and known.source.state is SourceState.ACTIVE:
        return Reply(card=_followed_already(known, desk.now))
    if len(held) >= _MAX_FEEDS:
        raise UserError(f"A community follows at most {_MAX_FEEDS} feeds.")
    try:
        source = await desk.feeds.follow(desk.space, address, desk.request.actor.id)
    except FeedError as error:
        return Reply(card=await _offered_instead(desk, address, error))

    def work(tx: Tx) -> bool:
        tx.audit.note(desk.space, desk.request.actor, "feed add", source.url, desk.now)
        return bool(tx.subscriptions.of(desk.space))

    heard = await desk.store.write(work)
    return Reply(card=_added(source.title or host(source.url), source.url, heard=heard))


async def _offered_instead(desk: Desk, address: str, error: FeedError) -> Page:
    """The feeds of the page at an address that is no feed. Raises the error where it has none."""
    if isinstance(error, RefusedAddress):
        raise error
    try:
        probe = await desk.feeds.probe(address)
    except FeedError:
        raise error from None
    return _offers(probe)


async def list_all(desk: Desk, *, page: int | None) -> Reply:
    """The feeds followed here, each with how it is doing."""
    held = await desk.store.read(lambda tx: tx.sources.followed(desk.space))
    if not held:
        return Reply(card=_none_followed(desk))
    shown, left = page_of(held, page)
    return Reply(
        card=Page(
            title=f"Feeds followed here: {len(held)}",
            blocks=(Bullets(items=tuple(_line(one, desk.now) for one in shown)),),
            actions=next_page("feed list", page, left),
        )
    )


async def remove(desk: Desk, *, feed: str) -> Reply:
    """Follow a feed no more."""

    def work(tx: Tx) -> SourceStatus:
        found = _followed(tx.sources.followed(desk.space), feed)
        tx.sources.unfollow(desk.space, found.source.id)
        tx.audit.note(desk.space, desk.request.actor, "feed remove", found.source.url, desk.now)
        return found

    found = await desk.store.write(work)
    return Reply(
        card=Notice(
            text=text(bold(_name(found)), " is followed no more."),
            tone=Tone.DONE,
            actions=(
                Action(label="Undo", command="feed add", arguments=(("url", found.source.url),)),
            ),
        )
    )


async def test(desk: Desk, *, url: str) -> Reply:
    """What stands at an address now, and which watches it would set off. Nothing is kept."""
    probe = await desk.feeds.probe(_address(url))
    if probe.offers:
        return Reply(card=_offers(probe))
    watches = await desk.store.read(lambda tx: tx.watches.of(desk.space))
    matched = desk.matching.matches(watches, probe.entries)
    items = []
    for entry, found in list(zip(probe.entries, matched, strict=True))[:_SHOWN]:
        names = ", ".join(one.label for one in found)
        items.append(text(link(entry.title, entry.url), f" · would tell: {names}" if found else ""))
    hits = sum(1 for found in matched if found)
    told = Paragraph(text=text(_count(len(probe.entries), hits)))
    return Reply(
        card=Page(
            title=probe.title or host(probe.url),
            blocks=(told, Bullets(items=tuple(items))) if items else (told,),
            actions=(
                Action(label="Follow it", command="feed add", arguments=(("url", probe.url),)),
            ),
        )
    )


def _count(items: int, hits: int) -> str:
    if not items:
        return "It is a feed, and lists nothing now."
    return f"{items} {'item' if items == 1 else 'items'}; {hits} would be told if new."


def _address(url: str) -> str:
    """The address as typed, without the brackets chats put around it; https if none is said."""
    address = url.strip().strip("<>").partition("|")[0]
    if not address or any(char.isspace() for char in address):
        raise UserError(
            "That is no address.", hint="For example: /feed add https://news.example/feed"
        )
    return (
        address
        if "://" in address or address.startswith("//") or ":" in address
        else f"https://{address}"
    )


def _offers(probe: Probe) -> Page:
    items = tuple(text(bold(one.title or host(one.url)), f" · {one.url}") for one in probe.offers)
    return Page(
        title="This is a page; it offers these feeds",
        blocks=(Bullets(items=items[:_OFFERED]),),
        actions=tuple(
            Action(
                label=f"Follow {one.title or one.url}"[:75],
                command="feed add",
                arguments=(("url", one.url),),
            )
            for one in probe.offers[:_OFFERED]
        ),
    )


def _added(name: str, url: str, *, heard: bool) -> Notice:
    undo = Action(label="Undo", command="feed remove", arguments=(("feed", url),))
    here = Action(label="All, here", command="subscribe here", arguments=(("what", "all"),))
    subscribe = code("/subscribe here all")
    return Notice(
        text=text(bold(name), " is followed. What it lists now is not told."),
        tone=Tone.DONE,
        hint=text("What it brings from now on will be told.")
        if heard
        else text("No channel hears anything yet: ", subscribe, " in one that should."),
        actions=(undo,) if heard else (here, undo),
    )


def _followed_already(one: SourceStatus, now: datetime) -> Notice:
    return Notice(
        text=text(bold(_name(one)), " is followed already."),
        hint=text("It is ", *_state(one, now), "."),
    )


def _none_followed(desk: Desk) -> Notice:
    return Notice(
        text=text("No feed is followed here yet."),
        hint=text(
            "Add one with ",
            code("/feed add https://…"),
            ": a feed’s address or a page that has one.",
        ),
        actions=tuple(
            Action(label=f"Add {host(url)}"[:75], command="feed add", arguments=(("url", url),))
            for url in desk.starter_feeds[:_OFFERED]
        ),
    )


def _line(one: SourceStatus, now: datetime) -> Text:
    return text(bold(_name(one)), f" · {_short(one.source.url)} · ", *_state(one, now))


def _state(one: SourceStatus, now: datetime) -> tuple[str | Span, ...]:
    source = one.source
    if source.state is SourceState.GONE:
        return (f"gone: {source.last_error}",)
    if source.failures:
        since = ("; last read ", instant(source.last_ok_at)) if source.last_ok_at else ()
        wait = _soon(source.next_poll_at - now)
        return (f"failing ({source.failures}×): {source.last_error} Next try {wait}", *since)
    if source.last_ok_at is None:
        return ("not read yet",)
    return ("fine, last read ", instant(source.last_ok_at), f", every {_span(source.interval)}")


def _short(url: str) -> str:
    """An address without its query, which may hold what is nobody else's business."""
    return url.partition("://")[2].partition("?")[0]


def _soon(wait: timedelta) -> str:
    return f"in {_span(wait)}" if wait > timedelta(minutes=1) else "now"


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes} min" if minutes < 90 else f"{round(minutes / 60)} h"  # noqa: PLR2004


def _followed(held: list[SourceStatus], asked: str) -> SourceStatus:
    """The feed that is meant: by its address, title or host. Raises UserError."""
    wanted = asked.strip().strip("<>").partition("|")[0].rstrip("/")
    for one in held:
        if wanted in {one.source.url.rstrip("/"), one.source.key}:
            return one
    titled = [one for one in held if fold(wanted) == fold(_name(one))]
    same_host = [one for one in held if host(one.source.url) == host(wanted)]
    meant = titled or same_host
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise UserError(
            f"{len(meant)} feeds go by “{asked}”.",
            hint="Name the one you mean by its address.",
            choices=tuple(_removal(one, _short(one.source.url)) for one in meant[:_OFFERED]),
        )
    names = {_name(one): one for one in held}
    near = nearest(asked, names)
    raise UserError(
        f"No feed “{asked}” is followed here.",
        hint=f"Did you mean {' or '.join(near)}?" if near else "/feed list shows all there are.",
        choices=tuple(_removal(names[name], name) for name in near),
    )


def _removal(one: SourceStatus, label: str) -> Action:
    return Action(label=label[:75], command="feed remove", arguments=(("feed", one.source.url),))


def _name(one: SourceStatus) -> str:
    return one.source.title or host(one.source.url)


_URL = Option(
    name="url",
    summary="The feed’s address, or a page that has one",
    required=True,
    example="https://news.example/feed",
)
COMMANDS = (
    Command(
        noun="feed",
        verb="add",
        summary="Follow a feed",
        handler=add,
        organizers=True,
        options=(_URL,),
    ),
    Command(
        noun="feed",
        verb="list",
        summary="The feeds followed here and how they are doing",
        handler=list_all,
        options=(PAGE,),
    ),
    Command(
        noun="feed",
        verb="remove",
        summary="Follow a feed no more",
        handler=remove,
        organizers=True,
        options=(
            Option(
                name="feed",
                summary="Its title or address",
                required=True,
                completes=Completes.FEED,
                example="news.example",
            ),
        ),
    ),
    Command(
        noun="feed",
        verb="test",
        summary="See what a feed holds, without following it",
        handler=test,
        organizers=True,
        options=(replace(_URL),),
    ),
)
