"""What was found of a topic, offered for tracking: one bill as an alert, several as a digest. Pure."""

from collections.abc import Mapping, Sequence

from domain.bill_finds import NewBill
from domain.cards import Action, AlertCard, AlertKind, Digest, Text, bold, link, text
from domain.text import shorten
from domain.tracked_bills import label

_LISTED = 10
_TRACKED = 4
_TITLE = 160


def find_card(
    topic: str, found: Sequence[NewBill], titles: Mapping[str, str]
) -> AlertCard | Digest:
    """The card about what was found of `topic`; `titles` are what people call the sources."""
    ending = Action(label="What is heard here", command="subscribe list")
    if len(found) > 1:
        return Digest(
            title=f"New about {topic}: {len(found)}",
            items=tuple(_item(one, titles) for one in found[:_LISTED]),
            more=max(0, len(found) - _LISTED),
            actions=(*_offers(found), ending),
        )
    (one,) = found
    return AlertCard(
        kind=AlertKind.BILL,
        label=f"In the Federal Register: {topic}" if one.url else f"New bill: {topic}",
        subjects=(_name(one),),
        title=shorten(one.title or _name(one), _TITLE),
        url=one.url,
        outlet=titles.get(one.source, one.source),
        actions=(*_offers(found), ending),
    )


def _item(one: NewBill, titles: Mapping[str, str]) -> Text:
    title = link(shorten(one.title, _TITLE), one.url)
    return text(bold(_name(one)), " · ", title, f" · {titles.get(one.source, one.source)}")


def _name(one: NewBill) -> str:
    return f"Document {one.key.identifier}" if one.url else label(one.key)


def _offers(found: Sequence[NewBill]) -> tuple[Action, ...]:
    """Buttons that track a bill; a document of the Register cannot be tracked."""
    bills = [one for one in found if not one.url][:_TRACKED]
    alone = len(found) == 1
    return tuple(
        Action(
            label="Track" if alone else f"Track {label(one.key)}"[:75],
            command="bill track",
            arguments=(("number", one.ref),),
        )
        for one in bills
    )
