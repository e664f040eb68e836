"""Legistar: what city and county councils publish of their matters and meetings.

Contract: https://webapi.legistar.com/Home/Examples. Lists come bare, a thousand at most, filtered
with OData. A meeting's day is a local midnight, its hour free text. Agendas change without a new
date of change, so every look goes back 72 hours further, and meetings are listed anew each time;
cancellations show in the status of the agenda, or are written where the hour should be.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from domain.bill_actions import classify
from domain.bills import (
    ActionKind,
    Bill,
    BillAction,
    BillCommittee,
    BillKey,
    BillVersion,
    BillVote,
    Chamber,
    Hearing,
    HearingStatus,
    Outcome,
    Sighting,
    Sponsor,
    SponsorRole,
    bill_key,
    normal_identifier,
)
from feeds.legislatures.client import Client
from feeds.legislatures.port import BillRef, Changes, Hearings, NotThere, Offer
from feeds.legislatures.reading import LONG, Node, pages
from feeds.legislatures.service import Service
from feeds.legislatures.words import hour_of, instant_of, zone_of

CITIES: Mapping[str, str] = {
    "us-az/phoenix": "phoenix",
    "us-wa/seattle": "seattle",
    # Not seen to answer by us, but asked only where someone follows the place.
    "us-ca/oakland": "oakland",
    "us-il/chicago": "chicago",
    "us-pa/philadelphia": "phila",
    "us-wa/king-county": "kingcounty",
    "us-ny/new-york": "nyc",
}
"""The places that can be followed and what Legistar calls them."""

_WITH_TOKEN = frozenset({"nyc"})
_PAGE = 1000
_MOST_PAGES = 5
_MOST_MEETINGS = 200
_MOST = 5_000
_FOUND = 50
_OVERLAP = timedelta(hours=72)
_FIRST_LOOK = timedelta(days=7)
_TALLY = re.compile(r"(\d{1,3})\s*[:-]\s*(\d{1,3})")
_OFF = re.compile(r"cancel|postpone", re.IGNORECASE)
_MOVED = re.compile(r"reschedul", re.IGNORECASE)
_PASSED = frozenset({ActionKind.PASSAGE, ActionKind.CONCURRENCE})


class Legistar(Client):
    """Implements `feeds.legislatures.port.LegislatureSource`; cities have no sessions."""

    name = "legistar"
    offers = frozenset(Offer)

    def __init__(self, service: Service, cities: Mapping[str, str] = CITIES) -> None:
        """`cities` are Legistar's names by place; the key goes to New York City alone."""
        super().__init__(service)
        self._cities = cities

    def covers(self, place: str) -> bool:
        """Whether the place is one of the cities, and has the key it wants."""
        city = self._cities.get(place)
        return city is not None and (city not in _WITH_TOKEN or bool(self._service.key))

    async def changed_bills(
        self, place: str, cursor: str = "", known: Mapping[str, str] | None = None
    ) -> Changes:
        """Return the matters that changed since `cursor`, less 72 hours, oldest change first."""
        seen = datetime.fromisoformat(cursor) if cursor else self._service.now() - _FIRST_LOOK
        since = f"{seen - _OVERLAP:%Y-%m-%dT%H:%M:%S}"
        nodes, complete = await self._all(
            place,
            "matters",
            {
                "$filter": f"MatterLastModifiedUtc gt datetime'{since}'",
                "$orderby": "MatterLastModifiedUtc asc",
            },
        )
        refs = [self._ref(place, node) for node in nodes]
        newest = max((ref.mark for ref in refs), default="")
        return Changes(
            bills=tuple(
                ref for ref in refs if known is None or known.get(ref.id, ref.mark) != ref.mark
            ),
            cursor=max(newest, f"{seen:%Y-%m-%dT%H:%M:%S}"),
            complete=complete,
        )

    async def bill(self, ref: BillRef) -> Bill:
        """Return the whole matter; four requests."""
        place, path = ref.key.jurisdiction, f"matters/{ref.id}"
        matter = await self._json(place, path)
        histories = await self._json(place, f"{path}/histories")
        sponsors = await self._json(place, f"{path}/sponsors")
        papers = await self._json(place, f"{path}/attachments")
        actions, votes = _steps(histories.items(_MOST))
        told = self._ref(place, matter)
        introduced = matter.get("MatterIntroDate").day()
        body = matter.get("MatterBodyName").text()
        return Bill(
            key=told.key,
            title=told.title,
            sources=(
                Sighting(
                    source=self.name,
                    id=ref.id,
                    mark=ref.mark or told.mark,
                    seen_at=self._service.now(),
                ),
            ),
            classification=matter.get("MatterTypeName").text().lower() or "matter",
            chamber=Chamber.LEGISLATURE,
            introduced_on=introduced,
            status=matter.get("MatterStatusName").text(),
            said_outcome=_outcome(matter),
            sponsors=tuple(_sponsor(one, introduced) for one in sponsors.items(_MOST)),
            actions=actions,
            committees=(BillCommittee(name=body, chamber=Chamber.LEGISLATURE),) if body else (),
            votes=votes,
            versions=tuple(
                BillVersion(
                    name=one.get("MatterAttachmentName").text(),
                    url=one.get("MatterAttachmentHyperlink").url(),
                )
                for one in papers.items(_MOST)
            ),
        )

    async def find(self, key: BillKey) -> BillRef:
        """Return where Legistar has the matter of that file number."""
        filed = key.identifier.replace("'", "''")
        nodes, _ = await self._all(
            key.jurisdiction, "matters", {"$filter": f"MatterFile eq '{filed}'"}, most=1
        )
        if not nodes:
            raise NotThere(self.name, f"it has no {key.identifier}.")
        return self._ref(key.jurisdiction, nodes[0])

    async def hearings(self, place: str, first: date, last: date) -> Hearings:
        """Return the meetings and what is on their agendas; one request for each meeting."""
        nodes, complete = await self._all(
            place,
            "events",
            {
                "$filter": f"EventDate ge datetime'{first}' and "
                f"EventDate lt datetime'{last + timedelta(days=1)}'",
                "$orderby": "EventDate asc",
            },
        )
        found = []
        for node in nodes[:_MOST_MEETINGS]:
            number = node.get("EventId").needed()
            items = await self._json(place, f"events/{number}/eventitems")
            found.append(self._hearing(place, node, items.items(_MOST)))
        return Hearings(hearings=tuple(found), complete=complete and len(nodes) <= _MOST_MEETINGS)

    async def search(self, place: str, words: str) -> tuple[BillRef, ...]:
        """Return matters with `words` in their title, newest first."""
        wanted = words.replace("'", "''")
        answer = await self._json(
            place,
            "matters",
            {
                "$filter": f"substringof('{wanted}', MatterTitle)",
                "$orderby": "MatterIntroDate desc",
                "$top": _FOUND,
            },
        )
        return tuple(self._ref(place, node) for node in answer.items(_PAGE))

    async def _all(
        self, place: str, path: str, params: Mapping[str, str], most: int = _MOST_PAGES
    ) -> tuple[list[Node], bool]:
        """Return what is on the pages of a list, and whether these are all."""
        found: list[Node] = []
        for skipped in pages(most, _PAGE):
            answer = await self._json(place, path, {**params, "$top": _PAGE, "$skip": skipped})
            listed = answer.items(_PAGE)
            found += listed
            if len(listed) < _PAGE:
                return found, True
        return found, False

    async def _json(
        self, place: str, path: str, params: Mapping[str, str | int] | None = None
    ) -> Node:
        self._covered(place)
        city = self._cities[place]
        token = {"token": self._service.key} if city in _WITH_TOKEN else {}
        return await self._service.json(f"{city}/{path}", {**(params or {}), **token})

    def _ref(self, place: str, node: Node) -> BillRef:
        number = node.get("MatterId").needed()
        return BillRef(
            key=bill_key(place, "", node.get("MatterFile").text() or f"matter {number}"),
            id=number,
            mark=node.get("MatterLastModifiedUtc").text(),
            title=node.get("MatterTitle").text(LONG) or node.get("MatterName").needed(LONG),
        )

    def _hearing(self, place: str, node: Node, items: list[Node]) -> Hearing:
        zone, day = zone_of(place), node.get("EventDate").needed_day()
        told = node.get("EventTime").text()
        at = instant_of(day, hour_of(told), zone)
        said = " ".join(
            node.get(key).text() for key in ("EventAgendaStatusName", "EventTime", "EventComment")
        )
        status = HearingStatus.MOVED if _MOVED.search(said) else HearingStatus.SCHEDULED
        files = [one.get("EventItemMatterFile").text() for one in items]
        return Hearing(
            key=f"{self.name}:{self._cities[place]}:{node.get('EventId').needed()}",
            on=day,
            zone=zone,
            at=at,
            time_text="" if at else told,
            committee=node.get("EventBodyName").text(),
            chamber=Chamber.LEGISLATURE,
            place=node.get("EventLocation").text(),
            status=HearingStatus.CANCELLED if _OFF.search(said) else status,
            url=node.get("EventInSiteURL").url(),
            bills=tuple(dict.fromkeys(normal_identifier(one) for one in files if one)),
        )


def _steps(histories: list[Node]) -> tuple[tuple[BillAction, ...], tuple[BillVote, ...]]:
    """Return the dated ones of a matter's histories, and the votes whose tallies they give."""
    actions, votes = [], []
    for node in histories:
        day = node.get("MatterHistoryActionDate").day()
        name = node.get("MatterHistoryActionName").text(LONG)
        text = node.get("MatterHistoryActionText").text(LONG) or name
        if day is None or not text:
            continue
        body = node.get("MatterHistoryActionBodyName").text()
        passed = node.get("MatterHistoryPassedFlag").number()
        chamber = Chamber.EXECUTIVE if "mayor" in body.lower() else Chamber.LEGISLATURE
        action = BillAction(
            on=day, text=text, kinds=_kinds(name, body, passed), chamber=chamber, committee=body
        )
        actions.append(action)
        tally = _TALLY.fullmatch(node.get("MatterHistoryTally").text())
        if tally:
            won = None if passed is None else bool(passed)
            votes.append(
                BillVote(
                    on=day,
                    motion=text,
                    chamber=chamber,
                    passed=won,
                    yes=int(tally[1]),
                    no=int(tally[2]),
                )
            )
    return tuple(sorted(actions, key=lambda one: one.on)), tuple(votes)


def _kinds(name: str, body: str, passed: int | None) -> tuple[ActionKind, ...]:
    """Classify by the action's name; what a committee passes goes on to the council."""
    kinds = classify(name)
    if not _PASSED & set(kinds):
        return kinds
    if passed == 0:
        return (ActionKind.FAILURE,)
    if "committee" in body.lower():
        return (ActionKind.COMMITTEE_PASSAGE_FAVORABLE,)
    return kinds


def _sponsor(node: Node, introduced: date | None) -> Sponsor:
    first = node.get("MatterSponsorSequence").count() == 0
    return Sponsor(
        name=node.get("MatterSponsorName").needed(),
        role=SponsorRole.PRIMARY if first else SponsorRole.COSPONSOR,
        chamber=Chamber.LEGISLATURE,
        joined_on=introduced if first else None,
        id=node.get("MatterSponsorNameId").text(),
    )


def _outcome(matter: Node) -> Outcome | None:
    status = matter.get("MatterStatusName").text().lower()
    if matter.get("MatterEnactmentDate").there or matter.get("MatterEnactmentNumber").there:
        return Outcome.LAW
    if "withdrawn" in status:
        return Outcome.WITHDRAWN
    return Outcome.FAILED if "failed" in status or "defeated" in status else None
