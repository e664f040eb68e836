"""`/watch`: topics the community looks for, and trying out what all its watches would catch."""

from datetime import timedelta

from commands.naming import no_watch, watch_named
from commands.paging import PAGE, next_page, page_of
from commands.registry import Command, Completes, Option
from domain import topics
from domain.cards import (
    Action,
    Block,
    Bullets,
    Notice,
    Page,
    Paragraph,
    Reply,
    Text,
    Tone,
    bold,
    code,
    link,
    text,
)
from domain.entries import Entry
from domain.errors import UserError
from domain.model import Rule, Watch, WatchKind, WatchMatch
from domain.ports import Desk, Tx
from domain.text import clean

_MAX_TOPICS = 200
_DRY_RUN = timedelta(days=30)
_DRY_RUN_ENTRIES = 2000
_SHOWN = 8


async def add(desk: Desk, *, topic: str, instead_of: str) -> Reply:
    """Look for a topic from now on, in the place of another watch if one is named."""
    written = clean(topic, topics.MAX_LENGTH + 1)
    query = topics.parse(written)

    def work(tx: Tx) -> tuple[Watch, bool]:
        bill = watch_named(tx.watches.removed(desk.space, WatchKind.BILL), written)
        kind, key = (bill.kind, bill.key) if bill else (WatchKind.TOPIC, written)
        known = tx.watches.find(desk.space, kind, key)
        if known is not None:
            _replace(tx, desk, instead_of, known)
            return known, False
        if not tx.watches.bring_back(desk.space, kind, key, desk.now):
            if len(tx.watches.of(desk.space, WatchKind.TOPIC)) >= _MAX_TOPICS:
                raise UserError(f"A community has at most {_MAX_TOPICS} topics.")
            rule = Rule(kind=WatchKind.TOPIC, query=written)
            tx.watches.put(desk.space, kind, written, written, rule, desk.now)
        watch = tx.watches.find(desk.space, kind, key)
        assert watch is not None
        tx.audit.note(desk.space, desk.request.actor, "watch add", watch.label, desk.now)
        _replace(tx, desk, instead_of, watch)
        return watch, True

    watch, fresh = await desk.store.write(work)
    if watch.kind is WatchKind.BILL:
        card = Page(title=f"{watch.label} is watched again", actions=_watch_actions(watch))
        return Reply(card=card)
    return Reply(
        card=Page(
            title="Topic watched" if fresh else "That topic is watched already",
            blocks=(Paragraph(text=text("Looks for ", topics.explain(query), ".")),),
            actions=(
                *_as_phrase(written, query),
                *_watch_actions(watch, undone=fresh, instead_of=instead_of),
            ),
        )
    )


def _replace(tx: Tx, desk: Desk, named: str, by: Watch) -> None:
    """End the watch of that name; the channels that heard it hear the other."""
    held = tx.watches.of(desk.space)
    old = watch_named(held, named) if named else None
    if named and old is None:
        raise no_watch(held, named, "watch remove", "watch")
    if old is None or old.id == by.id:
        return
    for one in tx.subscriptions.of(desk.space):
        if one.watch_id == old.id:
            actor = desk.request.actor.id
            tx.subscriptions.put(one.channel, by.id, one.cadence, actor, desk.now)
    tx.watches.remove(old, desk.now)
    tx.audit.note(desk.space, desk.request.actor, "watch remove", old.label, desk.now)


async def list_all(desk: Desk, *, page: int | None) -> Reply:
    """All that is watched here: companies, bills and topics."""
    watches = await desk.store.read(lambda tx: tx.watches.of(desk.space))
    if not watches:
        hint = text("Try ", code("/company track Microsoft"), " or ", code("/watch add"), ".")
        return Reply(card=Notice(text=text("Nothing is watched here."), hint=hint))
    shown, left = page_of(watches, page)
    return Reply(
        card=Page(
            title=f"Watched here: {len(watches)}",
            blocks=(Bullets(items=tuple(_line(watch) for watch in shown)),),
            note="/watch add adds a topic, /company track a company.",
            actions=next_page("watch list", page, left),
        )
    )


async def remove(desk: Desk, *, watch: str) -> Reply:
    """Look for something no more."""

    def work(tx: Tx) -> Watch:
        held = tx.watches.of(desk.space)
        found = watch_named(held, watch)
        if found is None:
            raise no_watch(held, watch, "watch remove", "watch")
        tx.watches.remove(found, desk.now)
        tx.audit.note(desk.space, desk.request.actor, "watch remove", found.label, desk.now)
        return found

    found = await desk.store.write(work)
    return Reply(
        card=Notice(
            text=text(bold(found.label), " is watched no more. Subscriptions to it ended."),
            tone=Tone.DONE,
            actions=(_undo(found),),
        )
    )


async def test(desk: Desk, *, text: str) -> Reply:
    """What the watches find in a headline, or would have found in the last 30 days."""
    written = clean(text, 2000)
    watches = await desk.store.read(lambda tx: tx.watches.of(desk.space))
    one = watch_named(watches, written) if written else None
    if written and one is None:
        entry = Entry(guid="", url="", title=written)
        return Reply(card=_tried(desk.matching.matches(watches, [entry])[0]))
    return Reply(card=await _dry_run(desk, [one] if one else watches))


async def _dry_run(desk: Desk, watches: list[Watch]) -> Page:
    since = desk.now - _DRY_RUN
    rows = await desk.store.read(
        lambda tx: tx.stories.recent_entries(desk.space.id, since, _DRY_RUN_ENTRIES)
    )
    entries = [Entry(guid="", url=row[2], title=row[0], summary=row[1]) for row in rows]
    matched = desk.matching.matches(watches, entries)
    hits = [(row, found) for row, found in zip(rows, matched, strict=True) if found]
    items = tuple(
        text(link(row[0], row[2]), f" · {row[3]} · ", _because(found))
        for row, found in hits[:_SHOWN]
    )
    count = Paragraph(text=_count(len(hits), len(rows)))
    blocks: tuple[Block, ...] = (count, Bullets(items=items)) if items else (count,)
    return Page(title="What the last 30 days would have brought", blocks=blocks)


def _count(hits: int, entries: int) -> Text:
    if not entries:
        return text("No feed has brought anything yet. Add one with ", code("/feed add"), ".")
    return text(bold(str(hits)), f" of {entries} items from the feeds followed here.")


def _tried(found: list[WatchMatch]) -> Page:
    if not found:
        told = Paragraph(text=text("Nothing that is watched here is in it."))
        return Page(title="No match", blocks=(told,), note="/watch list shows what is looked for.")
    items = tuple(text(bold(one.label), f" · found: {_words(one)}") for one in found)
    return Page(title="It would be told", blocks=(Bullets(items=items),))


def _because(found: list[WatchMatch]) -> str:
    return "; ".join(f"{one.label} ({_words(one)})" for one in found[:3])


def _words(match: WatchMatch) -> str:
    return ", ".join(f"“{word}”" for word in match.words)


def _line(watch: Watch) -> Text:
    detail = topics.explain(topics.parse(watch.rule.query)) if watch.rule.query else ""
    return text(
        f"{watch.kind.value.capitalize()}: ", bold(watch.label), f" · {detail}" if detail else ""
    )


def _as_phrase(written: str, query: topics.Query) -> tuple[Action, ...]:
    """Several plain words may have been meant as a phrase."""
    plain = isinstance(query, topics.All) and '"' not in written and written.lower() == written
    if not plain or not all(isinstance(item, topics.Term) for item in query.items):  # type: ignore[union-attr]
        return ()
    return (
        Action(
            label="As a phrase instead",
            command="watch add",
            arguments=(("topic", f'"{written}"'), ("instead_of", written)),
        ),
    )


def _watch_actions(
    watch: Watch, *, undone: bool = True, instead_of: str = ""
) -> tuple[Action, ...]:
    named = (("what", watch.label),)
    undo = Action(label="Undo", command="watch remove", arguments=(("watch", watch.label),))
    if instead_of:
        arguments = (("topic", instead_of), ("instead_of", watch.label))
        undo = Action(label="Undo", command="watch add", arguments=arguments)
    return (
        Action(label="Hear of it here", command="subscribe here", arguments=named),
        Action(label="Try it on 30 days", command="watch test", arguments=(("text", watch.label),)),
        *((undo,) if undone or instead_of else ()),
    )


def _undo(watch: Watch) -> Action:
    if watch.kind is WatchKind.COMPANY:
        return Action(label="Undo", command="company track", arguments=(("name", watch.label),))
    return Action(label="Undo", command="watch add", arguments=(("topic", watch.label),))


COMMANDS = (
    Command(
        noun="watch",
        verb="add",
        summary="Look for a topic",
        handler=add,
        organizers=True,
        options=(
            Option(
                name="topic",
                summary="Words, “phrases”, AND, OR, NOT, NEAR",
                required=True,
                raw=True,
                example='"face recognition" AND (police OR sheriff)',
            ),
            Option(
                name="instead_of",
                summary="A watch that ends for it",
                completes=Completes.WATCH,
                example="faces",
            ),
        ),
    ),
    Command(
        noun="watch",
        verb="list",
        summary="All that is watched here",
        handler=list_all,
        options=(PAGE,),
    ),
    Command(
        noun="watch",
        verb="remove",
        summary="Look for something no more",
        handler=remove,
        organizers=True,
        options=(
            Option(
                name="watch",
                summary="The watch",
                required=True,
                completes=Completes.WATCH,
                example="face recognition",
            ),
        ),
    ),
    Command(
        noun="watch",
        verb="test",
        summary="Try the watches on a headline, or on the last 30 days",
        handler=test,
        options=(
            Option(
                name="text",
                summary="A headline, or one watch; nothing for all",
                raw=True,
                completes=Completes.WATCH,
                example="Police buy face recognition from Microsoft",
            ),
        ),
    ),
)
