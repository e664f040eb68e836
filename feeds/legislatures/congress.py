"""Congress.gov v3: the bills and committee meetings of Congress, in most detail.

Contract: https://github.com/LibraryOfCongress/api.congress.gov. The key goes as the parameter
`api_key`, and every request says `format=json`, because the default is XML. `updateDate` moves
when the Library reprocesses its data: here it only marks what to ask for again, never a change.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from domain.bill_actions import classify
from domain.bills import (
    Bill,
    BillAction,
    BillCommittee,
    BillKey,
    BillVersion,
    Hearing,
    HearingStatus,
    Outcome,
    RelatedBill,
    Sighting,
    SponsorRole,
    congress_of,
)
from feeds.legislatures.client import Client
from feeds.legislatures.of_congress import (
    KINDS,
    PLACE,
    chamber_of_action,
    key_of,
    kind_and_number,
    page_of,
    sponsor,
    votes_in,
)
from feeds.legislatures.port import BillRef, Changes, Hearings, NotThere, Offer
from feeds.legislatures.reading import LONG, Node, pages
from feeds.legislatures.service import Params, Service
from feeds.legislatures.words import chamber_of, day_in, zone_of

_PAGE = 250
_MOST_PAGES = 20
_MOST_MEETINGS = 150
_MEETINGS_AT_ONCE = 30  # so that most of a minute's requests are left for bills
_MEETINGS_CHANGED = timedelta(days=30)
_FIRST_LOOK = timedelta(days=3)
_MOST = 5_000


class Congress(Client):
    """Implements `feeds.legislatures.port.LegislatureSource`; its key is `api_key`."""

    name = "congress"
    offers = frozenset({Offer.CHANGES, Offer.BILLS, Offer.HEARINGS})

    def __init__(self, service: Service) -> None:
        """Hold the meetings that were read, since each costs a request."""
        super().__init__(service)
        self._meetings: dict[str, tuple[str, Hearing]] = {}

    def covers(self, place: str) -> bool:
        """Whether it is Congress."""
        return place == PLACE

    async def changed_bills(
        self, place: str, cursor: str = "", known: Mapping[str, str] | None = None
    ) -> Changes:
        """Return what the Library updated since `cursor`, oldest first."""
        self._covered(place)
        since = cursor or _written(self._service.now() - _FIRST_LOOK)
        params: Params = {"fromDateTime": since, "sort": "updateDate asc"}
        congress = congress_of(self._service.now().year)
        nodes, complete = await self._all(f"bill/{congress}", "bills", params)
        refs = [self._ref(node) for node in nodes]
        newest = max((_as_cursor(ref.mark) for ref in refs), default=since)
        return Changes(
            bills=tuple(
                ref for ref in refs if known is None or known.get(ref.id, ref.mark) != ref.mark
            ),
            cursor=max(newest, since),
            complete=complete,
        )

    async def bill(self, ref: BillRef) -> Bill:
        """Return the whole bill; one request, and one more for each list that is not empty."""
        path = f"bill/{ref.id}"
        item = (await self._json(path)).get("bill")
        lists = {
            name: await self._list(path, item, field, name, key)
            for field, name, key in (
                ("actions", "actions", "actions"),
                ("cosponsors", "cosponsors", "cosponsors"),
                ("committees", "committees", "committees"),
                ("relatedBills", "relatedbills", "relatedBills"),
                ("summaries", "summaries", "summaries"),
                ("textVersions", "text", "textVersions"),
            )
        }
        return self._bill(ref, item, lists)

    async def find(self, key: BillKey) -> BillRef:
        """Return where Congress.gov has the bill. One request."""
        kind, number = kind_and_number(key)
        if not kind or not key.session.isdigit():
            raise NotThere(self.name, f"{key.identifier} is no bill of Congress.")
        ref = BillRef(key=key, id=f"{key.session}/{kind}/{number}", session=key.session)
        item = (await self._json(f"bill/{ref.id}")).get("bill")
        return BillRef(key=key, id=ref.id, session=key.session, title=item.get("title").text(LONG))

    async def hearings(self, place: str, first: date, last: date) -> Hearings:
        """Return committee meetings whose entries changed within the last month.

        Meetings are listed by when they were changed, not by when they are held, so the listing
        is never complete. One request for each meeting that was not read since it changed, a few
        at each call; the others follow at the next calls.
        """
        self._covered(place)
        congress = congress_of(first.year)
        since = _written(self._service.now() - _MEETINGS_CHANGED)
        listed: dict[str, str] = {}
        for chamber in ("house", "senate"):
            path = f"committee-meeting/{congress}/{chamber}"
            nodes, _ = await self._all(path, "committeeMeetings", {"fromDateTime": since}, most=1)
            for node in nodes[:_MOST_MEETINGS]:
                number = node.get("eventId") if node.get("eventId").there else node.get("eventid")
                listed[f"{path}/{number.needed()}"] = node.get("updateDate").text()
        await self._read_meetings(listed)
        kept = [one for _, one in self._meetings.values() if first <= one.on <= last]
        ordered = sorted(kept, key=lambda one: (one.on, one.key))
        return Hearings(hearings=tuple(ordered), complete=False)

    async def _read_meetings(self, listed: Mapping[str, str]) -> None:
        """Read some of the meetings whose mark (path → mark) is another than when last read."""
        held = {path: told for path, told in self._meetings.items() if path in listed}
        self._meetings = held
        unread = [
            path
            for path, mark in listed.items()
            if path not in held or not mark or held[path][0] != mark
        ]
        for path in unread[:_MEETINGS_AT_ONCE]:
            meeting = (await self._json(path)).get("committeeMeeting")
            held[path] = (listed[path], self._hearing(meeting, path.rpartition("/")[2]))

    async def _json(self, path: str, params: Params | None = None) -> Node:
        return await self._service.json(path, {**(params or {}), "format": "json"})

    async def _all(
        self, path: str, key: str, params: Params | None = None, most: int = _MOST_PAGES
    ) -> tuple[list[Node], bool]:
        """Return what is on the pages of a list, and whether these are all."""
        found: list[Node] = []
        for offset in pages(most, _PAGE):
            answer = await self._json(path, {**(params or {}), "limit": _PAGE, "offset": offset})
            listed = answer.get(key).items(_PAGE)
            found += listed
            told = answer.at("pagination", "count").number()
            if not listed or (len(found) >= told if told is not None else len(listed) < _PAGE):
                return found, True
        return found, False

    async def _list(self, path: str, item: Node, field: str, name: str, key: str) -> list[Node]:
        """Return a list that belongs to a bill; no request where the bill counts none in it."""
        told = item.get(field)
        count = told.get("countIncludingWithdrawnCosponsors").number() or told.get("count").number()
        if told.value is None or count == 0:
            return []
        found, complete = await self._all(f"{path}/{name}", key)
        if not complete:
            raise told.bad(f"expected at most {_MOST_PAGES * _PAGE} members")
        return found

    def _ref(self, node: Node) -> BillRef:
        congress = node.get("congress").needed()
        kind = node.get("type").needed().lower()
        number = node.get("number").needed()
        updated = node.get("updateDateIncludingText").text() or node.get("updateDate").needed()
        return BillRef(
            key=key_of(congress, kind, number),
            id=f"{congress}/{kind}/{number}",
            session=congress,
            mark=updated,
            title=node.get("title").text(LONG),
        )

    def _bill(self, ref: BillRef, item: Node, lists: Mapping[str, list[Node]]) -> Bill:
        told = self._ref(item)
        joined = [
            sponsor(one, SponsorRole.COSPONSOR, one.get("sponsorshipDate").day())
            for one in lists["cosponsors"]
        ]
        introduced = item.get("introducedDate").day()
        brought = [
            sponsor(one, SponsorRole.PRIMARY, introduced)
            for one in item.get("sponsors").items(_MOST)
        ]
        laws = item.get("laws").items(_MOST)
        page = page_of(told.key)
        listed = [_action(one) for one in reversed(lists["actions"])]
        actions = tuple(sorted(listed, key=lambda one: one.on))
        return Bill(
            key=told.key,
            title=item.get("title").needed(LONG),
            sources=(
                Sighting(
                    source=self.name,
                    id=told.id,
                    session=told.session,
                    url=page,
                    mark=ref.mark or told.mark,
                    seen_at=self._service.now(),
                ),
            ),
            summary=_summary(lists["summaries"]),
            classification=KINDS.get(kind_and_number(told.key)[0], "bill"),
            chamber=chamber_of(item.get("originChamber").text()),
            introduced_on=introduced,
            said_outcome=Outcome.LAW if laws else None,
            sponsors=(*brought, *joined),
            actions=actions,
            committees=tuple(
                BillCommittee(
                    name=one.get("name").needed(), chamber=chamber_of(one.get("chamber").text())
                )
                for one in lists["committees"]
            ),
            votes=votes_in(actions),
            versions=tuple(_version(one) for one in reversed(lists["text"])),
            related=tuple(_related(one) for one in lists["relatedbills"]),
            subjects=tuple(filter(None, [item.at("policyArea", "name").text()])),
            urls=(page,),
        )

    def _hearing(self, node: Node, number: str) -> Hearing:
        zone = zone_of(PLACE)
        at = node.get("date").instant()
        if at is None:
            raise node.get("date").bad("expected a date, there is none")
        status = node.get("meetingStatus").text().lower()
        committees = [one.get("name").text() for one in node.get("committees").items(_MOST)]
        where = node.get("location")
        return Hearing(
            key=f"{self.name}:{number}",
            on=day_in(at, zone),
            zone=zone,
            at=at,
            title=node.get("title").text(),
            committee=committees[0] if committees else "",
            chamber=chamber_of(node.get("chamber").text()),
            place=", ".join(filter(None, [where.get("room").text(), where.get("building").text()])),
            status=_STATUSES.get(status, HearingStatus.SCHEDULED),
            bills=tuple(
                key_of(
                    one.get("congress").needed(),
                    one.get("type").needed(),
                    one.get("number").needed(),
                ).identifier
                for one in node.at("relatedItems", "bills").items(_MOST)
            ),
        )


_STATUSES = {
    "canceled": HearingStatus.CANCELLED,
    "cancelled": HearingStatus.CANCELLED,
    "postponed": HearingStatus.CANCELLED,
    "rescheduled": HearingStatus.MOVED,
}


def _action(node: Node) -> BillAction:
    text = node.get("text").needed(LONG)
    committees = [one.get("name").text() for one in node.get("committees").items(_MOST)]
    return BillAction(
        on=node.get("actionDate").needed_day(),
        text=text,
        kinds=classify(text),
        chamber=chamber_of_action(
            node.at("sourceSystem", "name").text(), node.get("actionCode").text(), text
        ),
        committee=committees[0] if committees else "",
    )


def _summary(nodes: list[Node]) -> str:
    """The latest summary, as plain text."""
    latest = max(nodes, key=lambda one: one.get("actionDate").text(), default=None)
    return latest.get("text").markup() if latest else ""


def _version(node: Node) -> BillVersion:
    formats = node.get("formats").items(_MOST)
    links = [one.get("url").url() for one in formats]
    return BillVersion(
        name=node.get("type").text(),
        on=node.get("date").day(),
        url=next((url for url in links if url.endswith(".htm")), links[0] if links else ""),
    )


def _related(node: Node) -> RelatedBill:
    details = node.get("relationshipDetails").items(_MOST)
    return RelatedBill(
        key=key_of(
            node.get("congress").needed(), node.get("type").needed(), node.get("number").needed()
        ),
        relation=details[0].get("type").text() if details else "",
        title=node.get("title").text(LONG),
    )


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _as_cursor(mark: str) -> str:
    """Return when a bill was updated in the form in which the service takes it back."""
    return mark if "T" in mark else f"{mark}T00:00:00Z"
