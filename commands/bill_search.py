"""`/bill search`: bills about something, in the record, in what was told, and at the services."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from commands.bill_naming import Asked, bills_asked, bills_watched, place_of, read
from commands.bill_pages import bill_item
from commands.naming import split_names
from commands.registry import Command, Option
from domain import topics
from domain.bill_ports import FoundBill, Inquiry
from domain.cards import Action, Block, Bullets, Heading, Page, Paragraph, Reply, Text, bold, text
from domain.errors import NotAllowed, UserError
from domain.jurisdictions import name_of
from domain.model import Rule, WatchKind
from domain.ports import Desk, Tx
from domain.record import Record
from domain.text import clean, fold, shorten
from domain.tracked_bills import KnownBill, in_record, label

_LONGEST = 120
_SHOWN = 10
_BUTTONS = 4
_MOST_PLACES = 6
_MOST_TOPICS = 200
_MOST_STORED = 50


async def search(desk: Desk, *, query: str, jurisdiction: str, notify: str) -> Reply:
    """Bills about something, from the record and from the services that can search."""
    if notify and not await desk.request.is_organizer():
        raise NotAllowed(
            "Only organizers can have new bills told here.",
            hint=f"They are: {desk.request.organizers}. Without notify: anyone can search.",
        )
    wanted = clean(query, _LONGEST)
    if not fold(wanted).strip():
        raise UserError("What is it about? A word or two are needed.")
    chosen = [place_of(one) for one in split_names(jurisdiction)]
    if len(chosen) > _MOST_PLACES:
        raise UserError(f"At most {_MOST_PLACES} places can be searched at once.")
    asked = read(wanted)
    places = chosen or await desk.store.read(lambda tx: _places(tx, desk))
    if asked and asked.place:
        places = [asked.place]
    if notify:
        await _notify(desk, wanted, places if notify == "yes" else [])
    found, inquiry = await desk.legislatures.search(wanted, places)
    known = await desk.store.read(lambda tx: _known(tx, desk, wanted, chosen, asked))
    names = {one.key for one in known if one.key}
    new = [one for one in found if one.key not in names]
    page = _page(wanted, known, new, inquiry, desk)
    return Reply(card=_with_notice(page, wanted, places, notify) if notify else page)


async def _notify(desk: Desk, wanted: str, places: Sequence[str]) -> None:
    """Search for new bills about a topic from now on, watched if it is not yet; or no more."""
    topics.parse(wanted)

    def work(tx: Tx) -> None:
        kind = WatchKind.TOPIC
        watch = tx.watches.find(desk.space, kind, wanted)
        if watch is None and places:
            if len(tx.watches.of(desk.space, kind)) >= _MOST_TOPICS:
                raise UserError(f"A community has at most {_MOST_TOPICS} topics.")
            rule = Rule(kind=kind, query=wanted)
            watch = tx.watches.put(desk.space, kind, wanted, wanted, rule, desk.now)
        if watch is None:
            return
        before = tx.bill_searches.places(watch)
        tx.bill_searches.put(watch, places)
        tx.audit.note(
            desk.space,
            desk.request.actor,
            "bill search",
            watch.label,
            desk.now,
            before=", ".join(before),
            after=", ".join(places),
        )

    await desk.store.write(work)


def _with_notice(page: Page, wanted: str, places: Sequence[str], notify: str) -> Page:
    """The page with what was changed, how to hear it, and how to take it back."""
    where = ", ".join(name_of(place) for place in places)
    if notify == "yes":
        done = f"New bills about “{wanted}” in {where} are told where that topic is heard."
    else:
        done = (
            f"New bills about “{wanted}” are searched for no more. The topic is watched as before."
        )
    back = (
        ("query", wanted),
        ("jurisdiction", ", ".join(places)),
        ("notify", "no" if notify == "yes" else "yes"),
    )
    hear = Action(label="Hear of it here", command="subscribe here", arguments=(("what", wanted),))
    undo = Action(label="Undo", command="bill search", arguments=back)
    return replace(
        page,
        blocks=(Paragraph(text=text(done)), *page.blocks),
        actions=(*([hear] if notify == "yes" else []), undo, *page.actions),
    )


def _places(tx: Tx, desk: Desk) -> list[str]:
    """Where to search if nobody says: Congress, and where the bills tracked here are."""
    record = tx.record.load(desk.space)
    held = bills_watched(tx, record, tx.watches.of(desk.space, WatchKind.BILL))
    return list(dict.fromkeys(["us", *(one.bill.key.jurisdiction for one in held)]))[:_MOST_PLACES]


def _known(
    tx: Tx, desk: Desk, wanted: str, chosen: Sequence[str], asked: Asked | None
) -> list[KnownBill]:
    """The bills of that number, else those of the record and those told of that say the words."""
    record = tx.record.load(desk.space)
    if asked:
        numbered = bills_asked(tx, record, asked)
        return [one for one in numbered if not chosen or one.bill.key.jurisdiction in chosen]
    told = tx.bills.about(fold(wanted).split(), chosen, _MOST_STORED)
    known = [KnownBill(told=one, recorded=in_record(one.key, record)) for one in told]
    joined = {one.recorded.key for one in known if one.recorded}
    return [
        *_of_record(record, wanted, chosen, joined),
        *known,
    ]


def _of_record(
    record: Record, wanted: str, chosen: Sequence[str], but: Iterable[str]
) -> list[KnownBill]:
    words, left_out = fold(wanted).split(), set(but)
    found = []
    for one in record.bills:
        said = fold(" ".join((one.title, one.summary, one.place, *one.aliases, *one.context)))
        here = not chosen or one.jurisdiction in chosen
        if here and one.key not in left_out and all(word in said for word in words):
            found.append(KnownBill(recorded=one))
    return found


def _page(
    wanted: str,
    known: Sequence[KnownBill],
    new: Sequence[FoundBill],
    inquiry: Inquiry,
    desk: Desk,
) -> Page:
    on = desk.now.date()
    blocks: list[Block] = []
    if known:
        blocks.append(Heading(text="Known here"))
        blocks.append(Bullets(items=tuple(bill_item(one, on) for one in known[:_SHOWN])))
    if new:
        blocks.append(Heading(text="Found by the legislatures’ services"))
        blocks.append(Bullets(items=tuple(_found(one) for one in new[:_SHOWN])))
    left = max(len(known) - _SHOWN, 0) + max(len(new) - _SHOWN, 0)
    if left:
        blocks.append(Paragraph(text=text(f"and {left} more; say more words, or a place.")))
    if not blocks:
        blocks.append(Paragraph(text=text("Nothing of that is known here, and none was found.")))
    return Page(
        title=f"Bills about “{wanted}”",
        blocks=tuple(blocks),
        note=_who_was_asked(inquiry),
        actions=tuple(_buttons(known, new)),
    )


def _found(one: FoundBill) -> Text:
    session = f" ({one.key.session})" if one.key.session else ""
    return text(bold(f"{label(one.key)}{session}"), f" · {shorten(one.title, 120)} · {one.source}")


def _who_was_asked(inquiry: Inquiry) -> str:
    """Say which services were asked, which failed, and where none can search."""
    parts = []
    if inquiry.asked:
        parts.append(f"Asked: {', '.join(inquiry.asked)}.")
    parts += inquiry.faults
    if inquiry.unserved:
        places = ", ".join(name_of(place) for place in inquiry.unserved)
        parts.append(f"No service that is set up here can search {places}.")
    return " ".join(parts)


def _buttons(known: Sequence[KnownBill], new: Sequence[FoundBill]) -> Iterable[Action]:
    refs = [(one.label, one.ref) for one in known]
    refs += [(label(one.key), str(one.key)) for one in new]
    for name, ref in refs[:_BUTTONS]:
        yield Action(label=name[:75], command="bill show", arguments=(("number", ref),))


COMMANDS = (
    Command(
        noun="bill",
        verb="search",
        summary="Bills about something",
        handler=search,
        options=(
            Option(
                name="query",
                summary="What it is about, or a number",
                required=True,
                example="face recognition",
            ),
            Option(
                name="jurisdiction",
                summary="Where: states, Congress or cities, with commas",
                example="WA, CA, Congress",
            ),
            Option(
                name="notify",
                summary="Tell of new ones from now on (organizers)",
                choices=("yes", "no"),
            ),
        ),
    ),
)
