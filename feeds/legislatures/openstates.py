"""Open States v3: the bills and hearings of the fifty states, D.C., Puerto Rico and Congress.

Contract: https://v3.openstates.org/docs and the service's own schemas. The key goes as the header
`X-API-KEY`. Keys that would be null are left out of answers. A page of bills comes with all that
is asked for in it, so a listing of changes needs no further request for each bill.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from domain.bills import (
    ActionKind,
    Bill,
    BillAction,
    BillKey,
    BillVersion,
    BillVote,
    Chamber,
    Hearing,
    HearingStatus,
    RelatedBill,
    Sighting,
    Sponsor,
    SponsorRole,
    bill_key,
    normal_identifier,
)
from domain.jurisdictions import NAMES
from feeds.legislatures.client import Client
from feeds.legislatures.port import BillRef, Changes, Hearings, NotThere, Offer
from feeds.legislatures.reading import LONG, Node
from feeds.legislatures.words import chamber_of, day_in, hour_of, local, zone_of

_PAGE = 20
_MOST_PAGES = 10
_MOST = 5_000
_FIRST_LOOK = timedelta(days=7)
_INCLUDED = [
    "sponsorships", "abstracts", "actions", "sources", "versions", "votes", "related_bills",
]  # fmt: skip
_KINDS = {str(kind): kind for kind in ActionKind}
_CODES = {code for codes in NAMES.values() for code in codes}


class OpenStates(Client):
    """Implements `feeds.legislatures.port.LegislatureSource`; its key is the header `X-API-KEY`."""

    name = "openstates"
    offers = frozenset(Offer)

    def covers(self, place: str) -> bool:
        """Whether it tells of that jurisdiction: all states and Congress, no cities."""
        return place in _CODES

    async def changed_bills(
        self, place: str, cursor: str = "", known: Mapping[str, str] | None = None
    ) -> Changes:
        """Return what was updated since `cursor`, oldest first, whole."""
        since = cursor or f"{self._service.now() - _FIRST_LOOK:%Y-%m-%dT%H:%M:%S}"
        params = {"jurisdiction": place, "updated_since": since, "sort": "updated_asc"}
        nodes, complete = await self._pages("bills", params, _INCLUDED)
        refs = [self._ref(place, node) for node in nodes]
        newest = max((ref.mark for ref in refs), default=since)
        wanted = [
            (ref, node)
            for ref, node in zip(refs, nodes, strict=True)
            if known is None or known.get(ref.id, ref.mark) != ref.mark
        ]
        return Changes(
            bills=tuple(ref for ref, _ in wanted),
            cursor=max(newest, since),
            complete=complete,
            whole={ref.id: self._bill(place, node) for ref, node in wanted},
        )

    async def bill(self, ref: BillRef) -> Bill:
        """Return the whole bill."""
        node = await self._service.json(f"bills/{ref.id}", {"include": _INCLUDED})
        return self._bill(ref.key.jurisdiction, node)

    async def find(self, key: BillKey) -> BillRef:
        """Return where Open States has the bill of that number and session."""
        params = {"jurisdiction": key.jurisdiction, "identifier": key.identifier}
        nodes, _ = await self._pages("bills", params, [], most=1)
        for node in nodes:
            ref = self._ref(key.jurisdiction, node)
            if ref.key == key:
                return ref
        raise NotThere(self.name, f"it has no {key.identifier} of {key.session}.")

    async def hearings(self, place: str, first: date, last: date) -> Hearings:
        """Return the events of a place that have bills on their agenda."""
        params = {
            "jurisdiction": place,
            "after": first.isoformat(),
            "before": (last + timedelta(days=1)).isoformat(),
            "require_bills": "true",
        }
        nodes, complete = await self._pages("events", params, ["agenda", "sources"])
        found = (self._hearing(place, node) for node in nodes)
        kept = [one for one in found if first <= one.on <= last]
        ordered = sorted(kept, key=lambda one: (one.on, one.key))
        return Hearings(hearings=tuple(ordered), complete=complete)

    async def search(self, place: str, words: str) -> tuple[BillRef, ...]:
        """Return bills about `words`, latest change first."""
        params = {"jurisdiction": place, "q": words, "sort": "updated_desc"}
        nodes, _ = await self._pages("bills", params, [], most=1)
        return tuple(self._ref(place, node) for node in nodes)

    async def _pages(
        self, path: str, params: Mapping[str, str], include: list[str], most: int = _MOST_PAGES
    ) -> tuple[list[Node], bool]:
        """Return what is on the pages, and whether these are all."""
        found: list[Node] = []
        for page in range(1, most + 1):
            asked: dict[str, str | int | list[str]] = {**params, "include": include}
            asked |= {"page": page, "per_page": _PAGE}
            answer = await self._service.json(path, asked)
            found += answer.get("results").items(_PAGE)
            last = answer.at("pagination", "max_page").count()
            if page >= last:
                return found, True
        return found, False

    def _ref(self, place: str, node: Node) -> BillRef:
        session = node.get("session").needed()
        return BillRef(
            key=bill_key(place, session, node.get("identifier").needed()),
            id=node.get("id").needed(),
            session=session,
            mark=node.get("updated_at").text(),
            title=node.get("title").text(),
        )

    def _bill(self, place: str, node: Node) -> Bill:
        ref = self._ref(place, node)
        abstracts = [one.get("abstract").text(LONG) for one in node.get("abstracts").items(_MOST)]
        classified = [one.text() for one in node.get("classification").items(_MOST)]
        page = node.get("openstates_url").url()
        actions = sorted(
            enumerate(node.get("actions").items(_MOST)),
            key=lambda told: (told[1].get("date").needed_day(), _order(told[1], told[0])),
        )
        return Bill(
            key=ref.key,
            title=node.get("title").needed(),
            sources=(
                Sighting(
                    source=self.name,
                    id=ref.id,
                    session=ref.session,
                    url=page,
                    mark=ref.mark,
                    seen_at=self._service.now(),
                ),
            ),
            summary=next(filter(None, abstracts), ""),
            classification=classified[0] if classified else "bill",
            chamber=chamber_of(node.at("from_organization", "classification").text()),
            introduced_on=node.get("first_action_date").day(),
            sponsors=tuple(_sponsor(one) for one in node.get("sponsorships").items(_MOST)),
            actions=tuple(_action(one) for _, one in actions),
            votes=tuple(_vote(one) for one in node.get("votes").items(_MOST)),
            versions=tuple(_version(one) for one in node.get("versions").items(_MOST)),
            related=tuple(_related(place, one) for one in node.get("related_bills").items(_MOST)),
            subjects=tuple(one.text() for one in node.get("subject").items(_MOST)),
            urls=_urls(node, page),
        )

    def _hearing(self, place: str, node: Node) -> Hearing:
        zone = zone_of(place)
        on, at, told = _start(node.get("start_date"), zone)
        all_day = node.get("all_day").value is True
        off = node.get("deleted").value is True or "cancel" in node.get("status").text().lower()
        hosts = [
            one.get("name").text()
            for one in node.get("participants").items(_MOST)
            if "committee" in one.get("entity_type").text() + one.get("note").text()
        ]
        name = node.get("name").needed()
        return Hearing(
            key=f"{self.name}:{node.get('id').needed()}",
            on=on,
            zone=zone,
            at=None if all_day else at,
            ends_at=_start(node.get("end_date"), zone)[1] if node.get("end_date").there else None,
            time_text=told if at is None else "",
            title=name,
            committee=hosts[0] if hosts else name,
            place=node.at("location", "name").text(),
            status=HearingStatus.CANCELLED if off else HearingStatus.SCHEDULED,
            url=next((one.get("url").url() for one in node.get("sources").items(_MOST)), ""),
            bills=_agenda(node),
        )


def _order(node: Node, place: int) -> tuple[int, int]:
    return (node.get("order").count(), place)


def _action(node: Node) -> BillAction:
    told = [one.text() for one in node.get("classification").items(_MOST)]
    office = node.get("organization")
    chamber = chamber_of(office.get("classification").text())
    return BillAction(
        on=node.get("date").needed_day(),
        text=node.get("description").needed(LONG),
        kinds=tuple(_KINDS[kind] for kind in told if kind in _KINDS),
        chamber=chamber,
        committee=office.get("name").text() if chamber is Chamber.UNKNOWN else "",
    )


def _sponsor(node: Node) -> Sponsor:
    person = node.get("person")
    role = person.get("current_role")
    primary = node.get("primary").value is True
    return Sponsor(
        name=person.get("name").text() or node.get("name").needed(),
        role=SponsorRole.PRIMARY if primary else SponsorRole.COSPONSOR,
        party=person.get("party").text(),
        district=role.get("district").text(),
        chamber=chamber_of(role.get("org_classification").text()),
        id=person.get("id").text(),
    )


def _vote(node: Node) -> BillVote:
    counts = {
        one.get("option").text(): one.get("value").count()
        for one in node.get("counts").items(_MOST)
    }
    yes, no = counts.pop("yes", 0), counts.pop("no", 0)
    result = node.get("result").text()
    return BillVote(
        on=node.get("start_date").needed_day(),
        motion=node.get("motion_text").text(LONG),
        chamber=chamber_of(node.at("organization", "classification").text()),
        passed={"pass": True, "fail": False}.get(result),
        yes=yes,
        no=no,
        other=sum(counts.values()),
        url=next((one.get("url").url() for one in node.get("sources").items(_MOST)), ""),
    )


def _version(node: Node) -> BillVersion:
    links = node.get("links").items(_MOST)
    return BillVersion(
        name=node.get("note").text(),
        on=node.get("date").day(),
        url=links[0].get("url").url() if links else "",
    )


def _related(place: str, node: Node) -> RelatedBill:
    session = node.get("legislative_session").text()
    return RelatedBill(
        key=bill_key(place, session, node.get("identifier").needed()),
        relation=node.get("relation_type").text(),
    )


def _urls(node: Node, page: str) -> tuple[str, ...]:
    found = [one.get("url").url() for one in node.get("sources").items(_MOST)]
    return tuple(dict.fromkeys(filter(None, [*found, page])))


def _agenda(node: Node) -> tuple[str, ...]:
    numbers = [
        normal_identifier(entity.at("bill", "identifier").text() or entity.get("name").text())
        for item in node.get("agenda").items(_MOST)
        for entity in item.get("related_entities").items(_MOST)
        if entity.get("bill").there or entity.get("entity_type").text() == "bill"
    ]
    return tuple(dict.fromkeys(filter(None, numbers)))


def _start(node: Node, zone: str) -> tuple[date, datetime | None, str]:
    """Return the day, the instant and the written form of an event's beginning or end."""
    told = node.needed()
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise node.bad("expected a date and time") from None
    if len(told) <= len("2021-06-01") or (at.tzinfo is None and not hour_of(told[11:16])):
        return at.date(), None, told
    shown = local(at, zone)
    return day_in(shown, zone), shown.astimezone(UTC), told
