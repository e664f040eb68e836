"""LegiScan: the bills of the fifty states, D.C. and Congress, told again only where they changed.

Contract: the LegiScan API User Manual. The key goes as the parameter `key`. A master list has a
hash for every bill of a state's session; a bill is asked for where its hash is another. Data of
LegiScan, CC BY 4.0: what is shown of it names LegiScan.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from domain.bill_actions import classify
from domain.bills import (
    ActionKind,
    Bill,
    BillAction,
    BillCommittee,
    BillKey,
    BillVersion,
    BillVote,
    Hearing,
    HearingStatus,
    Outcome,
    RelatedBill,
    Sighting,
    Sponsor,
    SponsorRole,
    normal_identifier,
    session_of_years,
)
from domain.jurisdictions import NAMES
from feeds.legislatures.client import Client
from feeds.legislatures.port import (
    BillRef,
    Changes,
    LegislatureError,
    NotThere,
    Offer,
    ServiceDown,
)
from feeds.legislatures.reading import LONG, Node
from feeds.legislatures.words import chamber_in, chamber_of, hour_of, instant_of, zone_of

_MOST = 5_000
_MOST_BILLS = 100_000
_CODES = {code for codes in NAMES.values() for code in codes} - {"pr"}
_STATUS = {
    1: "Introduced", 2: "Engrossed", 3: "Enrolled", 4: "Passed", 5: "Vetoed", 6: "Failed",
}  # fmt: skip
_OUTCOMES = {4: Outcome.LAW, 5: Outcome.VETOED, 6: Outcome.FAILED}
_EVENTS = {
    1: ActionKind.INTRODUCTION,
    2: ActionKind.PASSAGE,
    3: ActionKind.ENROLLED,
    4: ActionKind.BECAME_LAW,
    5: ActionKind.EXECUTIVE_VETO,
    6: ActionKind.FAILURE,
    7: ActionKind.VETO_OVERRIDE_PASSAGE,
    8: ActionKind.BECAME_LAW,
    9: ActionKind.REFERRAL_COMMITTEE,
    10: ActionKind.COMMITTEE_PASSAGE_FAVORABLE,
    11: ActionKind.COMMITTEE_PASSAGE_UNFAVORABLE,
    12: ActionKind.FILING,
}
_RESOLUTIONS = {
    "R": "resolution",
    "CR": "concurrent resolution",
    "JR": "joint resolution",
    "JRCA": "joint resolution",
    "M": "memorial",
    "JM": "joint memorial",
}
_COSPONSOR = 2
_UNSPECIFIED = 0


class LegiScan(Client):
    """Implements `feeds.legislatures.port.LegislatureSource`; its key is the parameter `key`."""

    name = "legiscan"
    offers = frozenset({Offer.CHANGES, Offer.BILLS, Offer.SEARCH})

    def covers(self, place: str) -> bool:
        """Whether it tells of that jurisdiction: the states, D.C. and Congress."""
        return place in _CODES

    async def changed_bills(
        self, place: str, cursor: str = "", known: Mapping[str, str] | None = None
    ) -> Changes:
        """Return the bills of the current session whose hash is another; one request.

        The cursor is not used: the hashes say it all.
        """
        master = await self._master(place)
        session = _session(place, master.get("session"))
        entries = _entries(master)
        if known is not None:
            entries = (one for one in entries if _differs(one, known))
        return Changes(
            bills=tuple(_listed(self.name, place, session, one) for one in entries), cursor=cursor
        )

    async def bill(self, ref: BillRef) -> Bill:
        """Return the whole bill."""
        answer = await self._ask({"op": "getBill", "id": ref.id})
        return self._bill(answer.get("bill"))

    async def find(self, key: BillKey) -> BillRef:
        """Return where LegiScan has the bill of that number, in this session or an earlier one."""
        place = key.jurisdiction
        master = await self._master(place)
        session = _session(place, master.get("session"))
        if session != key.session:
            sessions = await self._ask({"op": "getSessionList", "state": place.upper()})
            wanted = [
                one.get("session_id").text()
                for one in sessions.get("sessions").items(_MOST)
                if _session(place, one) == key.session
            ]
            if not wanted:
                raise NotThere(self.name, f"it has no session {key.session}.")
            answer = await self._ask({"op": "getMasterListRaw", "id": wanted[0]})
            master, session = answer.get("masterlist"), key.session
        for one in _entries(master):
            if normal_identifier(str(one.get("number"))) == key.identifier:
                return _listed(self.name, place, session, one)
        raise NotThere(self.name, f"it has no {key.identifier} of {key.session}.")

    async def search(self, place: str, words: str) -> tuple[BillRef, ...]:
        """Return bills about `words`, best first; their keys may lack the session."""
        answer = await self._ask(
            {"op": "getSearch", "state": place.upper(), "query": words, "year": 2}
        )
        found = answer.get("searchresult")
        return tuple(_listed(self.name, place, "", one) for one in _entries(found))

    async def _master(self, place: str) -> Node:
        answer = await self._ask({"op": "getMasterListRaw", "state": place.upper()})
        return answer.get("masterlist")

    async def _ask(self, params: Mapping[str, str | int]) -> Node:
        """Ask for an operation. Its faults come with status 200 and a message."""
        answer = await self._service.json("", params)
        if answer.get("status").text() != "ERROR":
            return answer
        raise await self._told(answer.at("alert", "message").text())

    async def _told(self, message: str) -> LegislatureError:
        plain = message.lower()
        if "key" in plain:
            return self._service.key_refused()
        if "limit" in plain or "quota" in plain or "exceed" in plain:
            return await self._service.used_up_today()
        if "unknown" in plain or "invalid" in plain or "not found" in plain:
            return NotThere(self.name, "it has nothing under that name.")
        return ServiceDown(self.name, "it answered with a fault of its own.")

    def _bill(self, node: Node) -> Bill:
        place = node.get("state").needed().lower()
        session = _session(place, node.get("session"))
        identifier = normal_identifier(node.get("bill_number").needed())
        key = BillKey(jurisdiction=place, session=session, identifier=identifier)
        status = node.get("status").count()
        actions = tuple(_action(one) for one in node.get("history").items(_MOST))
        committee = node.get("committee")
        held = [committee] if isinstance(committee.value, dict) else committee.items(_MOST)
        return Bill(
            key=key,
            title=node.get("title").needed(),
            sources=(
                Sighting(
                    source=self.name,
                    id=node.get("bill_id").needed(),
                    session=node.get("session_id").text(),
                    url=node.get("url").url(),
                    mark=node.get("change_hash").text(),
                    seen_at=self._service.now(),
                ),
            ),
            summary=node.get("description").text(LONG),
            classification=_RESOLUTIONS.get(node.get("bill_type").text(), "bill"),
            chamber=chamber_of(node.get("body").text()),
            introduced_on=_introduced(node),
            status=_STATUS.get(status, ""),
            said_outcome=_OUTCOMES.get(status),
            sponsors=tuple(_sponsors(node.get("sponsors").items(_MOST))),
            actions=_with_events(actions, node.get("progress").items(_MOST)),
            committees=tuple(
                BillCommittee(
                    name=one.get("name").needed(), chamber=chamber_of(one.get("chamber").text())
                )
                for one in held
            ),
            votes=tuple(_vote(one) for one in node.get("votes").items(_MOST)),
            hearings=tuple(_hearing(one, key) for one in node.get("calendar").items(_MOST)),
            versions=tuple(_version(one) for one in node.get("texts").items(_MOST)),
            related=tuple(
                RelatedBill(
                    key=replace(
                        key, identifier=normal_identifier(one.get("sast_bill_number").needed())
                    ),
                    relation=one.get("type").text(),
                )
                for one in node.get("sasts").items(_MOST)
            ),
            subjects=tuple(
                one.get("subject_name").text() for one in node.get("subjects").items(_MOST)
            ),
            urls=tuple(filter(None, [node.get("state_link").url(), node.get("url").url()])),
        )


def _session(place: str, node: Node) -> str:
    first = node.get("year_start").number()
    if first is None:
        return ""
    special = node.get("session_name").text() if node.get("special").count() else ""
    return session_of_years(place, first, node.get("year_end").number() or first, special)


def _entries(listing: Node) -> Iterator[dict[str, Any]]:
    """Yield the numbered members of a master list or of what a search found.

    Ten thousand at once, so these are checked by hand and not one Node each.
    """
    if not isinstance(listing.value, dict) or len(listing.value) > _MOST_BILLS:
        raise listing.bad("expected an object of numbered bills")
    for place, one in listing.value.items():
        if not place.isdigit():
            continue
        if not isinstance(one, dict) or not (one.get("bill_id") and one.get("change_hash")):
            raise Node(listing.source, f"{listing.path}.{place}", one).bad(
                "expected a bill with bill_id and change_hash"
            )
        yield one


def _differs(entry: Mapping[str, Any], known: Mapping[str, str]) -> bool:
    mark = known.get(str(entry["bill_id"]))
    return mark is not None and mark != entry["change_hash"]


def _listed(source: str, place: str, session: str, entry: dict[str, Any]) -> BillRef:
    node = Node(source, "masterlist", entry)
    number = node.get("number").text() or node.get("bill_number").needed()
    return BillRef(
        key=BillKey(jurisdiction=place, session=session, identifier=normal_identifier(number)),
        id=node.get("bill_id").needed(),
        mark=node.get("change_hash").needed(),
        title=node.get("title").text(),
    )


def _introduced(node: Node) -> date | None:
    days = [one.get("date").day() for one in node.get("progress").items(_MOST)]
    return min((day for day in days if day), default=None)


def _action(node: Node) -> BillAction:
    text = node.get("action").needed(LONG)
    return BillAction(
        on=node.get("date").needed_day(),
        text=text,
        kinds=classify(text),
        chamber=chamber_of(node.get("chamber").text()) or chamber_in(text),
    )


def _with_events(actions: tuple[BillAction, ...], events: list[Node]) -> tuple[BillAction, ...]:
    """Classify by LegiScan's own list of events what the words of the day's actions left open."""
    told = list(actions)
    for event in events:
        kind, day = _EVENTS.get(event.get("event").count()), event.get("date").day()
        places = [place for place, one in enumerate(told) if one.on == day]
        reports = kind in {
            ActionKind.COMMITTEE_PASSAGE_FAVORABLE,
            ActionKind.COMMITTEE_PASSAGE_UNFAVORABLE,
        }
        like = {kind, ActionKind.COMMITTEE_PASSAGE} if reports else {kind}
        if kind is None or not places or any(like & set(told[place].kinds) for place in places):
            continue
        open_ones = [place for place in places if not told[place].kinds] or places
        last = open_ones[-1]
        told[last] = replace(told[last], kinds=(*told[last].kinds, kind))
    return tuple(told)


def _sponsors(nodes: list[Node]) -> Iterator[Sponsor]:
    for place, node in enumerate(nodes):
        kind = node.get("sponsor_type_id").count()
        co = kind == _COSPONSOR or (kind == _UNSPECIFIED and place > 0)
        yield Sponsor(
            name=node.get("name").needed(),
            role=SponsorRole.COSPONSOR if co else SponsorRole.PRIMARY,
            party=node.get("party").text(),
            district=node.get("district").text(),
            chamber=chamber_of({"Rep": "H", "Sen": "S"}.get(node.get("role").text(), "")),
            id=node.get("people_id").text(),
        )


def _vote(node: Node) -> BillVote:
    passed = node.get("passed").number()
    return BillVote(
        on=node.get("date").needed_day(),
        motion=node.get("desc").text(LONG),
        chamber=chamber_of(node.get("chamber").text()),
        passed=None if passed is None else bool(passed),
        yes=node.get("yea").count(),
        no=node.get("nay").count(),
        other=node.get("nv").count() + node.get("absent").count(),
        url=node.get("url").url(),
    )


def _hearing(node: Node, bill: BillKey) -> Hearing:
    day, zone = node.get("date").needed_day(), zone_of(bill.jurisdiction)
    told = node.get("time").text()
    at = instant_of(day, hour_of(told), zone)
    kind, what = node.get("type").text(), node.get("description").text()
    mark = node.get("event_hash").text() or f"{day}:{kind}:{what}"
    off = "cancel" in f"{kind} {what}".lower()
    return Hearing(
        key=f"legiscan:{bill}:{mark}",
        on=day,
        zone=zone,
        at=at,
        time_text="" if at else told,
        title=kind,
        committee=what,
        place=node.get("location").text(),
        status=HearingStatus.CANCELLED if off else HearingStatus.SCHEDULED,
        bills=(bill.identifier,),
    )


def _version(node: Node) -> BillVersion:
    return BillVersion(
        name=node.get("type").text(),
        on=node.get("date").day(),
        url=node.get("state_link").url() or node.get("url").url(),
    )
