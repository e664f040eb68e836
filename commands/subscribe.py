"""`/subscribe`: what a channel hears, and how soon."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from commands.naming import no_watch, watch_named
from commands.paging import PAGE, next_page, page_of
from commands.registry import Command, Completes, Option
from commands.zones import NO_ZONE, zone_named
from domain.cards import (
    Action,
    Bullets,
    Notice,
    Page,
    Reply,
    Span,
    Text,
    Tone,
    bold,
    channel,
    code,
    join,
    text,
)
from domain.errors import UserError
from domain.model import Cadence, Subscription, Watch, WatchKind
from domain.ports import Desk, Tx
from domain.text import fold

_ALL = "all"
_MAX_PER_SPACE = 500
_WHEN = {
    Cadence.NOW: "as it happens",
    Cadence.DAILY: "once a day",
    Cadence.WEEKLY: "once a week",
}


@dataclass(frozen=True, slots=True)
class _Subscribed:
    """What a subscription did."""

    label: str
    before: Cadence | None
    resumed: bool
    waiting: int
    sources: int
    zone_before: str
    with_bills: bool


async def here(desk: Desk, *, what: str, cadence: str, zone: str) -> Reply:
    """Let this channel hear a company, a bill, a topic, or all.

    A zone alone is set without subscribing, where the channel hears something already.
    """
    place = await asyncio.to_thread(zone_named, zone, "subscribe here") if zone else None
    if place is not None and not what and not cadence:
        before = await desk.store.write(lambda tx: _move(tx, desk, place))
        if before is not None:
            return Reply(card=_moved(before, place), private=False)
    lacking = await desk.request.lacking()
    if lacking:
        raise _cannot_post(lacking)
    pace = Cadence(cadence or Cadence.NOW)

    def work(tx: Tx) -> _Subscribed:
        watch = _wanted(tx, desk, what)
        spot = tx.spaces.channel(desk.space, desk.request.channel.external_id)
        if len(tx.subscriptions.of(desk.space)) >= _MAX_PER_SPACE:
            raise UserError(f"A community has at most {_MAX_PER_SPACE} subscriptions.")
        watch_id = watch.id if watch else None
        mine = [one for one in tx.subscriptions.of(desk.space) if one.channel.id == spot.id]
        before = next((one.cadence for one in mine if one.watch_id == watch_id), None)
        tx.subscriptions.put(spot, watch_id, pace, desk.request.actor.id, desk.now)
        resumed = tx.spaces.resume(spot.id)
        if place is not None:
            tx.spaces.set_zone(spot.id, place)
        label = watch.label if watch else _ALL
        tx.audit.note(desk.space, desk.request.actor, "subscribe here", label, desk.now)
        return _Subscribed(
            label,
            before,
            resumed,
            tx.outbox.waiting(spot.id),
            len(tx.sources.followed(desk.space)),
            spot.zone,
            watch is None or watch.kind is WatchKind.BILL,
        )

    done = await desk.store.write(work)
    return Reply(card=_told(done, pace, place, desk), private=False)


async def list_all(desk: Desk, *, page: int | None) -> Reply:
    """Which channels hear what."""
    held = await desk.store.read(lambda tx: tx.subscriptions.of(desk.space))
    if not held:
        return Reply(card=_nothing_heard())
    shown, left = page_of(held, page)
    items = tuple(_line(one, desk) for one in shown)
    return Reply(
        card=Page(
            title="Subscriptions",
            blocks=(Bullets(items=items),),
            actions=next_page("subscribe list", page, left),
        )
    )


async def remove(desk: Desk, *, what: str) -> Reply:
    """Let this channel hear something no more."""

    def work(tx: Tx) -> Subscription:
        spot = tx.spaces.channel(desk.space, desk.request.channel.external_id)
        mine = [one for one in tx.subscriptions.of(desk.space) if one.channel.id == spot.id]
        watch = watch_named(tx.watches.of(desk.space), what) if what else None
        found = _subscribed(mine, watch.label if watch else what)
        tx.subscriptions.remove(found.id)
        tx.audit.note(desk.space, desk.request.actor, "subscribe remove", found.label, desk.now)
        return found

    found = await desk.store.write(work)
    return Reply(
        card=Notice(
            text=text("This channel no longer hears ", bold(_name(found.label)), "."),
            tone=Tone.DONE,
            actions=(_here_again(found.label, found.cadence),),
        )
    )


def _wanted(tx: Tx, desk: Desk, what: str) -> Watch | None:
    """The watch that is meant; None for all of them."""
    if fold(what).strip() in {"", _ALL, "everything"}:
        return None
    watches = tx.watches.of(desk.space)
    watch = watch_named(watches, what)
    if watch is None:
        error = no_watch(watches, what, "subscribe here", "what")
        topic = Action(
            label=f"Watch “{what}”"[:75], command="watch add", arguments=(("topic", what),)
        )
        error.choices = (*error.choices, topic)
        raise error
    return watch


def _move(tx: Tx, desk: Desk, zone: str) -> str | None:
    """Set the zone of a channel that hears something; return the one before, None if it does not."""
    spot = tx.spaces.channel(desk.space, desk.request.channel.external_id)
    if all(one.channel.id != spot.id for one in tx.subscriptions.of(desk.space)):
        return None
    tx.spaces.set_zone(spot.id, zone)
    tx.audit.note(
        desk.space,
        desk.request.actor,
        "subscribe here",
        "time zone",
        desk.now,
        before=spot.zone,
        after=zone,
    )
    return spot.zone


def _moved(before: str, zone: str) -> Notice:
    return Notice(
        text=text(_in_zone(zone)),
        tone=Tone.DONE,
        actions=(_zone_back(before),) if before != zone else (),
    )


def _in_zone(zone: str) -> str:
    if not zone:
        return "Times of hearings are shown here as they are at each place."
    return f"Times of hearings are shown here in {zone} too, where that is another."


def _zone_back(before: str) -> Action:
    arguments = (("what", ""), ("zone", before or NO_ZONE))
    return Action(label="Undo the time zone", command="subscribe here", arguments=arguments)


def _subscribed(mine: Sequence[Subscription], what: str) -> Subscription:
    if not mine:
        raise UserError("This channel hears nothing yet.", hint="/subscribe here changes that.")
    for one in mine:
        if fold(one.label) == fold(what or _ALL):
            return one
    if len(mine) == 1 and not what:
        return mine[0]
    raise UserError(
        f"This channel does not hear “{what or _ALL}”.",
        hint=f"It hears: {', '.join(_name(one.label) for one in mine[:10])}.",
        choices=tuple(
            Action(
                label=f"Stop {one.label}",
                command="subscribe remove",
                arguments=(("what", one.label),),
            )
            for one in mine[:3]
        ),
    )


def _cannot_post(lacking: Sequence[str]) -> UserError:
    return UserError(
        f"I cannot post in this channel: I lack {' and '.join(lacking)}.",
        hint="Give me that here, then use /subscribe here again.",
    )


def _told(done: _Subscribed, pace: Cadence, zone: str | None, desk: Desk) -> Notice:
    opening = "This channel now hears " if done.before != pace else "This channel already hears "
    parts: list[str | Text] = [text(opening, bold(_name(done.label)), f", {_WHEN[pace]}.")]
    if done.with_bills and pace is not Cadence.NOW:
        parts.append("News of hearings comes at once.")
    if done.resumed:
        parts.append(f"It was paused and is not any more; {done.waiting} waiting.")
    if zone is not None:
        parts.append(_in_zone(zone))
    if not done.sources:
        parts.append("No feed is followed yet: /feed add brings the first.")
    starter = tuple(
        Action(label=f"Add {url}"[:75], command="feed add", arguments=(("url", url),))
        for url in desk.starter_feeds[:3]
    )
    return Notice(
        text=join(" ", parts),
        tone=Tone.DONE,
        actions=(
            *_undo(done, pace),
            *(() if zone in {None, done.zone_before} else (_zone_back(done.zone_before),)),
            *(() if done.sources else starter),
        ),
    )


def _undo(done: _Subscribed, pace: Cadence) -> tuple[Action, ...]:
    """The button that brings back what was: nothing, or another cadence."""
    if done.before is None:
        named = (("what", done.label),)
        return (Action(label="Undo", command="subscribe remove", arguments=named),)
    return (_here_again(done.label, done.before),) if done.before != pace else ()


def _here_again(label: str, cadence: Cadence) -> Action:
    arguments = (("what", label), ("cadence", cadence.value))
    return Action(label="Undo", command="subscribe here", arguments=arguments)


def _nothing_heard() -> Notice:
    return Notice(
        text=text("No channel hears anything yet."),
        hint=text("Try ", code("/subscribe here all"), " in the channel that should."),
        actions=(Action(label="All, here", command="subscribe here", arguments=(("what", _ALL),)),),
    )


def _line(one: Subscription, desk: Desk) -> Text:
    paused = f" · paused: {one.channel.paused_because}" if one.channel.paused_at else ""
    here = one.channel.ref == desk.request.channel
    where: str | Span = "here" if here else channel(one.channel.ref.external_id)
    return text(where, ": ", bold(_name(one.label)), f" · {_WHEN[one.cadence]}{paused}")


def _name(label: str) -> str:
    return "all that is watched" if label == _ALL else label


COMMANDS = (
    Command(
        noun="subscribe",
        verb="here",
        summary="Let this channel hear something",
        handler=here,
        organizers=True,
        private=False,
        options=(
            Option(
                name="what",
                summary="A company, bill or topic, or all",
                completes=Completes.WATCH,
                example="Microsoft",
            ),
            Option(
                name="cadence",
                summary="How soon; as it happens if not said",
                choices=tuple(one.value for one in Cadence),
            ),
            Option(
                name="zone",
                summary="The time zone of its people, or none",
                example="America/Los_Angeles",
            ),
        ),
    ),
    Command(
        noun="subscribe",
        verb="list",
        summary="Which channels hear what",
        handler=list_all,
        options=(PAGE,),
    ),
    Command(
        noun="subscribe",
        verb="remove",
        summary="Let this channel hear something no more",
        handler=remove,
        organizers=True,
        options=(Option(name="what", summary="What; all if not said", completes=Completes.WATCH),),
    ),
)
