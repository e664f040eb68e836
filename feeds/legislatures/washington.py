"""The web services of Washington's legislature: its bills and hearings, in XML, without a key.

Contract: https://wslwebservices.leg.wa.gov. A bill is known by biennium and number; each of its
substitutes is an entry of its own, of which the active one counts. Days and hours are local.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from domain.bill_actions import classify
from domain.bills import (
    Bill,
    BillAction,
    BillKey,
    BillVote,
    Hearing,
    HearingStatus,
    RelatedBill,
    Sighting,
    Sponsor,
    SponsorRole,
    bill_key,
    normal_identifier,
)
from domain.text import fold
from feeds.legislatures.client import Client
from feeds.legislatures.port import BillRef, Changes, Hearings, NotThere, Offer
from feeds.legislatures.reading import LONG, Node
from feeds.legislatures.words import chamber_of, instant_of, local, zone_of

PLACE = "wa"
_BILLS = "LegislationService.asmx"
_MEETINGS = "CommitteeMeetingService.asmx"
_MOST = 20_000
_MOST_MEETINGS = 150
_OVERLAP = timedelta(days=3)
_FIRST_LOOK = timedelta(days=7)
_INTRODUCED_OF_LATE = timedelta(days=30)
_ZONE = zone_of(PLACE)
_LONGEST_MARK = 200


class Washington(Client):
    """Implements `feeds.legislatures.port.LegislatureSource`."""

    name = "washington"
    offers = frozenset(Offer)

    def covers(self, place: str) -> bool:
        """Whether it is the State of Washington."""
        return place == PLACE

    async def changed_bills(
        self, place: str, cursor: str = "", known: Mapping[str, str] | None = None
    ) -> Changes:
        """Return the bills with a step since `cursor`, less three days; one request."""
        self._covered(place)
        today = self._service.now().date()
        since = (date.fromisoformat(cursor) if cursor else today - _FIRST_LOOK) - _OVERLAP
        biennium = _biennium(today.year)
        root = await self._ask(
            f"{_BILLS}/GetLegislativeStatusChangesByDateRange",
            biennium=biennium,
            beginDate=since.isoformat(),
            endDate=(today + timedelta(days=1)).isoformat(),
        )
        latest: dict[str, BillRef] = {}
        for node in sorted(root.all(_MOST, "LegislativeStatus"), key=_stepped_on):
            identifier = normal_identifier(node.one("BillId").needed())
            mark = f"{_stepped_on(node)} {node.one('HistoryLine').text()}"[:_LONGEST_MARK]
            ref = _ref(biennium, identifier, mark)
            latest.pop(ref.id, None)
            latest[ref.id] = ref
        return Changes(
            bills=tuple(
                ref
                for ref in latest.values()
                if known is None or known.get(ref.id, ref.mark) != ref.mark
            ),
            cursor=today.isoformat(),
        )

    async def bill(self, ref: BillRef) -> Bill:
        """Return the whole bill; five requests."""
        biennium, _, number = ref.id.partition("/")
        asked = {"biennium": biennium, "billNumber": number}
        listed = await self._ask(f"{_BILLS}/GetLegislation", **asked)
        node = _active(listed, ref)
        if node is None:
            raise NotThere(self.name, f"it has no bill {number} of {biennium}.")
        first = date(int(biennium[:4]), 1, 1) - timedelta(days=60)  # some are filed before
        steps = await self._ask(
            f"{_BILLS}/GetLegislativeStatusChangesByBillNumber",
            **asked,
            beginDate=first.isoformat(),
            endDate=(self._service.now().date() + timedelta(days=1)).isoformat(),
        )
        hearings = await self._ask(f"{_BILLS}/GetHearings", **asked)
        written = node.one("BillId").needed()
        people = await self._ask_further(f"{_BILLS}/GetSponsors", biennium=biennium, billId=written)
        calls = await self._ask_further(f"{_BILLS}/GetRollCalls", **asked)
        return self._bill(ref, node, steps, hearings, people, calls)

    async def find(self, key: BillKey) -> BillRef:
        """Return where the bill is. No request: bills are asked for by number."""
        kind, _, number = key.identifier.partition(" ")
        if not kind or not number.isdigit() or not key.session[:4].isdigit():
            raise NotThere(self.name, f"{key.identifier} is no bill of Washington.")
        return _ref(_biennium(int(key.session[:4])), key.identifier, "")

    async def hearings(self, place: str, first: date, last: date) -> Hearings:
        """Return the committees' meetings with their bills; one request for each meeting."""
        self._covered(place)
        root = await self._ask(
            f"{_MEETINGS}/GetCommitteeMeetings",
            beginDate=first.isoformat(),
            endDate=last.isoformat(),
        )
        meetings = root.all(_MOST, "CommitteeMeeting")
        found = []
        for node in meetings[:_MOST_MEETINGS]:
            agenda = node.one("AgendaId").needed()
            items = await self._ask(f"{_MEETINGS}/GetCommitteeMeetingItems", agendaId=agenda)
            named = [one.one("BillId").text() for one in items.all(_MOST, "CommitteeMeetingItem")]
            found.append(_hearing(node, [one for one in named if one]))
        ordered = sorted(found, key=lambda one: (one.on, one.key))
        return Hearings(hearings=tuple(ordered), complete=len(meetings) <= _MOST_MEETINGS)

    async def search(self, place: str, words: str) -> tuple[BillRef, ...]:
        """Return bills brought in within the last month whose description has all the words."""
        self._covered(place)
        since = self._service.now().date() - _INTRODUCED_OF_LATE
        root = await self._ask(
            f"{_BILLS}/GetLegislationIntroducedSince", sinceDate=since.isoformat()
        )
        wanted = [f" {word} " for word in fold(words).split()]
        refs: dict[str, BillRef] = {}
        for node in root.all(_MOST, "Legislation"):
            told = fold(f"{_title(node)} {node.one('LegalTitle').text(LONG)}")
            if wanted and all(word in told for word in wanted):
                identifier = normal_identifier(node.one("BillId").needed())
                ref = _ref(node.one("Biennium").needed(), identifier, "", _title(node))
                refs.setdefault(ref.id, ref)
        return tuple(refs.values())

    async def _ask(self, path: str, **params: str) -> Node:
        return await self._service.xml(path, params)

    async def _ask_further(self, path: str, **params: str) -> Node | None:
        """Ask what a bill can do without; None where there is nothing."""
        try:
            return await self._ask(path, **params)
        except NotThere:
            return None

    def _bill(
        self,
        ref: BillRef,
        node: Node,
        steps: Node,
        hearings: Node,
        people: Node | None,
        calls: Node | None,
    ) -> Bill:
        biennium = node.one("Biennium").needed()
        key = bill_key(PLACE, biennium, node.one("BillId").needed())
        actions = [_action(one) for one in steps.all(_MOST, "LegislativeStatus")]
        told = [one for one in hearings.all(_MOST, "Hearing") if one.one("CommitteeMeeting").there]
        return Bill(
            key=key,
            title=_title(node),
            sources=(
                Sighting(
                    source=self.name,
                    id=ref.id,
                    session=biennium,
                    mark=ref.mark,
                    seen_at=self._service.now(),
                ),
            ),
            summary=node.one("LegalTitle").text(LONG),
            classification=_classification(node),
            chamber=chamber_of(node.one("OriginalAgency").text()),
            introduced_on=node.one("IntroducedDate").day(),
            status=node.one("CurrentStatus", "Status").text(),
            sponsors=_sponsors(node, people),
            actions=tuple(sorted(actions, key=lambda one: one.on)),
            votes=tuple(_vote(one) for one in calls.all(_MOST, "RollCall")) if calls else (),
            hearings=tuple(_hearing(one.one("CommitteeMeeting"), [key.identifier]) for one in told),
            related=tuple(
                RelatedBill(
                    key=bill_key(PLACE, one.one("Biennium").needed(), one.one("BillId").needed()),
                    relation="companion",
                )
                for one in node.all(_MOST, "Companions", "Companion")
            ),
        )


def _ref(biennium: str, identifier: str, mark: str, title: str = "") -> BillRef:
    number = identifier.rpartition(" ")[2]
    return BillRef(
        key=bill_key(PLACE, biennium, identifier),
        id=f"{biennium}/{number}",
        session=biennium,
        mark=mark,
        title=title,
    )


def _biennium(year: int) -> str:
    """Return the biennium of a year as the services write it: `2019-20`."""
    first = year - 1 + year % 2
    return f"{first}-{(first + 1) % 100:02d}"


def _stepped_on(node: Node) -> str:
    return node.one("ActionDate").needed()


def _active(listed: Node, ref: BillRef) -> Node | None:
    """Return the active entry of a bill; a number may belong to more than one measure."""
    entries = [
        one
        for one in listed.all(_MOST, "Legislation")
        if normal_identifier(one.one("BillId").needed()) == ref.key.identifier
    ]
    active = [one for one in entries if one.one("Active").text().lower() == "true"]
    return next(iter(active[::-1] or entries[::-1]), None)


def _title(node: Node) -> str:
    told = node.one("LongDescription").text(LONG) or node.one("ShortDescription").text(LONG)
    return told or node.one("BillId").needed()


def _classification(node: Node) -> str:
    told = node.one("ShortLegislationType", "LongLegislationType").text().lower()
    return "bill" if told.endswith("bill") else told or "bill"


def _action(node: Node) -> BillAction:
    text = node.one("HistoryLine").needed(LONG)
    place = node.one("Status").text().split(" ", 1)[0]
    return BillAction(
        on=node.one("ActionDate").needed_day(),
        text=text,
        kinds=classify(text),
        chamber=chamber_of(place),
    )


def _sponsors(node: Node, people: Node | None) -> tuple[Sponsor, ...]:
    """Return the sponsors, or the one whom the bill names where their list is not to be had."""
    listed = people.all(_MOST, "Sponsor") if people else []
    if not listed:
        name = node.one("Sponsor").text().strip("() ")
        return (Sponsor(name=name, role=SponsorRole.PRIMARY),) if name else ()
    return tuple(
        Sponsor(
            name=_person(one),
            role=SponsorRole.PRIMARY
            if one.one("Type").text().lower() == "primary"
            else SponsorRole.COSPONSOR,
            chamber=chamber_of(one.one("Agency").text()),
            id=one.one("Id").text(),
        )
        for one in listed
    )


def _person(node: Node) -> str:
    parts = [node.one("FirstName").text(), node.one("LastName").text()]
    return " ".join(filter(None, parts)) or node.one("Name").needed()


def _vote(node: Node) -> BillVote:
    yes, no, *others = (
        node.one(name, "Count").count()
        for name in ("YeaVotes", "NayVotes", "AbsentVotes", "ExcusedVotes")
    )
    motion = node.one("Motion").text(LONG)
    return BillVote(
        on=node.one("VoteDate").needed_day(),
        motion=motion,
        chamber=chamber_of(node.one("Agency").text()),
        passed=yes > no if "passage" in motion.lower() else None,
        yes=yes,
        no=no,
        other=sum(others),
    )


def _hearing(node: Node, bills: list[str]) -> Hearing:
    told = node.one("Date")
    day = told.needed_day()
    try:
        hour = local(datetime.fromisoformat(told.text()), _ZONE).time()
    except ValueError:
        raise told.bad("expected a date and time") from None
    midnight = not (hour.hour or hour.minute)
    committees = node.all(_MOST, "Committees", "Committee")
    named = committees[0].one("LongName").text() if committees else ""
    place = [node.one(name).text() for name in ("Room", "Building", "Address", "City")]
    off = node.one("Cancelled").text().lower() == "true"
    return Hearing(
        key=f"washington:{node.one('AgendaId').needed()}",
        on=day,
        zone=_ZONE,
        at=None if midnight else instant_of(day, hour, _ZONE),
        committee=named or (committees[0].one("Name").text() if committees else ""),
        chamber=chamber_of(node.one("Agency").text()),
        place=", ".join(filter(None, place)),
        status=HearingStatus.CANCELLED if off else HearingStatus.SCHEDULED,
        bills=tuple(dict.fromkeys(normal_identifier(one) for one in bills)),
    )
