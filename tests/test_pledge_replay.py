"""Whatever people propose, review and take back: a card shows what the confirmed events come to."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from secrets import token_hex

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.front_desk import FrontDesk
from domain import pledges
from domain.cards import Page, PledgeCard
from domain.dates import PartialDate
from domain.model import Actor
from domain.ports import Request
from domain.record import Duration, EventKind, Pledge, Record, Span, StatusEvent
from tests.fakes import FakeClock, Person

LOOKED_AT = (date(2020, 6, 10), date(2021, 6, 10), date(2022, 1, 1), date(2026, 1, 1))
days = st.sampled_from(
    ["2020-06-10", "2020-12-24", "2021-05-18", "2021-06-10", "2021-06", "2021", "by 2022-spring", "2025-11-30"]
)  # fmt: skip
kinds = st.sampled_from([one for one in EventKind if one is not EventKind.ANNOUNCED])
ends = st.sampled_from(["no end", "2021-12-31", "2025-12-01", "until a law"])
actors = st.sampled_from(["ann", "bob", "cat", "dan"])
ORGANIZERS = {"bob", "cat", "dan"}
places = st.integers(0, 2)


@dataclass(frozen=True)
class Propose:
    actor: str
    on: str
    kind: EventKind | None
    ends: str


@dataclass(frozen=True)
class Judge:
    actor: str
    place: int
    verdict: str
    alone: bool


proposals = st.builds(Propose, actors, days, st.one_of(kinds, kinds, st.none()), ends)
judgements = st.builds(
    Judge,
    st.sampled_from(["ann", "bob", "bob", "cat", "cat", "dan"]),
    places,
    st.sampled_from(["confirm"] * 6 + ["decline", "withdraw", "withdraw", "reopen", "reopen"]),
    st.booleans(),
)
# Some to begin with, so that there is something to review.
steps = st.tuples(
    st.lists(proposals, min_size=1, max_size=3),
    st.lists(st.one_of(judgements, judgements, judgements, proposals), min_size=4, max_size=25),
).map(lambda both: [*both[0], *both[1]])


@dataclass
class Told:
    """A proposal as its own replies told of it: nothing is looked up in the database."""

    step: Propose
    number: int
    counts: bool = False


@dataclass
class Ledger:
    """What was proposed, by number, and which of it counts, after what the bot said."""

    shipped: Pledge
    told: list[Told] = field(default_factory=list)

    def pledge(self) -> Pledge:
        """The pledge as it is if just the confirmed events and terms are added to it."""
        counted = [one.step for one in self.told if one.counts]
        events = [
            StatusEvent(kind=one.kind, on=PartialDate.parse(one.on), text="")
            for one in counted
            if one.kind
        ]
        terms = [
            replace(
                self.shipped.terms[-1], since=PartialDate.parse(one.on), duration=duration(one.ends)
            )
            for one in counted
            if not one.kind
        ]
        return replace(
            self.shipped,
            events=tuple(sorted((*self.shipped.events, *events), key=lambda one: one.on.latest)),
            terms=tuple(sorted((*self.shipped.terms, *terms), key=lambda one: one.since.latest)),
        )


def duration(ends: str) -> Duration:
    if ends == "no end":
        return Duration(span=Span.INDEFINITE)
    if ends.startswith("until"):
        return Duration(span=Span.CONDITION, condition="a law")
    return Duration(span=Span.FIXED, expires_on=date.fromisoformat(ends))


@dataclass
class Who(Person):
    """A person with a name of their own."""

    id: str = ""

    @property
    def request(self) -> Request:
        return replace(super().request, actor=Actor(id=self.id, name=self.id))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(taken=steps)
async def test_the_status_shown_is_what_the_confirmed_events_come_to(
    taken: Sequence[Propose | Judge], front_desk: FrontDesk, clock: FakeClock, record: Record
) -> None:
    """Each sequence is played in a community of its own."""
    clock.set(datetime(2026, 1, 1, 12, tzinfo=UTC))
    amazon = record.company("amazon")
    assert amazon
    space = token_hex(8)
    people = {
        name: Who(front_desk, clock, organizer=name in ORGANIZERS, space=space, id=name)
        for name in ("ann", "bob", "cat", "dan")
    }
    ledger = Ledger(amazon.pledges[0])
    for step in taken:
        counted = [one.counts for one in ledger.told]
        await take(step, people[step.actor], ledger)
        if counted != [one.counts for one in ledger.told]:
            await check(people["ann"], ledger)
    await check(people["ann"], ledger)


async def take(step: Propose | Judge, who: Person, ledger: Ledger) -> None:
    """Do it by command, and note in the ledger what the reply says came of it."""
    if isinstance(step, Propose):
        what = f"what:event kind:{step.kind}" if step.kind else "what:terms"
        rest = "" if step.kind else f'covers:"as before" ends:"{step.ends}"'
        card = await who.ask(
            f'/pledge propose amazon {what} on:"{step.on}" text:Synthetic {rest} '
            "source:https://paper.example"
        )
        if isinstance(card, Page) and card.title.startswith("Proposed"):
            number = int(card.note.split()[3].rstrip("."))
            ledger.told.append(Told(step, number))
        return
    if not ledger.told:
        return
    one = ledger.told[step.place % len(ledger.told)]
    alone = " alone:yes" if step.alone else ""
    card = await who.ask(
        f"/pledge review {one.number} verdict:{step.verdict}{alone} reason:because"
    )
    said = " ".join(span.text for span in getattr(card, "text", ()))
    if "counts from now on" in said:
        one.counts = True
    if "counts no more" in said:
        one.counts = False


async def check(who: Person, ledger: Ledger) -> None:
    for on in LOOKED_AT:
        status = pledges.status_on(ledger.pledge(), on)
        card = await who.ask(f"/pledge show amazon on:{on}")
        assert status
        assert isinstance(card, PledgeCard)
        assert card.badge.split(" · ")[0] == status.kind.value.upper()
        assert status.on.plain in card.badge
        assert status.terms
        facts = {one.label: "".join(span.text for span in one.value) for one in card.facts}
        assert facts["Ends"] == pledges.describe_end(status.terms)
