"""GovInfo: the bills of Congress without a key, as BILLSTATUS files and the feed of their changes.

Contract: https://github.com/usgpo/bill-status. Both forms of the files are read: that of 2022 and
later, and the older one. The feed lists in each item the files of one batch; it is asked for
with the validators of the last time, which the cursor holds.
"""

import asyncio
import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from domain.bill_actions import classify
from domain.bills import (
    Bill,
    BillAction,
    BillCommittee,
    BillKey,
    BillVersion,
    Outcome,
    RelatedBill,
    Sighting,
    SponsorRole,
)
from domain.model import Validators
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
from feeds.legislatures.port import BadAnswer, BillRef, Changes, NotThere, Offer
from feeds.legislatures.reading import LONG, Node, read_xml
from feeds.legislatures.words import chamber_of

_MOST = 20_000
_FILE = re.compile(r"BILLSTATUS-(\d{2,3})([a-z]{1,7})(\d{1,5})\.xml")


class GovInfo(Client):
    """Implements `feeds.legislatures.port.LegislatureSource`."""

    name = "govinfo"
    offers = frozenset({Offer.CHANGES, Offer.BILLS})

    def covers(self, place: str) -> bool:
        """Whether it is Congress."""
        return place == PLACE

    async def changed_bills(
        self, place: str, cursor: str = "", known: Mapping[str, str] | None = None
    ) -> Changes:
        """Return the bills whose files were put out since `cursor`, oldest batch first."""
        self._covered(place)
        validators, newest = _read_cursor(cursor)
        answer = await self._service.ask("rss/billstatus-batch.xml", validators=validators)
        if answer.body is None:
            return Changes(bills=(), cursor=cursor)
        feed = await asyncio.to_thread(read_xml, self.name, answer.body)
        refs: dict[str, BillRef] = {}
        batches = sorted(self._batches(feed), key=lambda batch: batch[0])
        for at, text in batches:
            if at > newest:
                refs |= {ref.id: ref for ref in _files(text, at)}
        newest = max([newest, *(at for at, _ in batches)])
        return Changes(
            bills=tuple(
                ref
                for ref in refs.values()
                if known is None or known.get(ref.id, ref.mark) != ref.mark
            ),
            cursor=_write_cursor(answer.validators, newest),
        )

    async def bill(self, ref: BillRef) -> Bill:
        """Return the whole bill; one request."""
        congress, kind, number = ref.id.split("/")
        root = await self._service.xml(
            f"bulkdata/BILLSTATUS/{congress}/{kind}/BILLSTATUS-{congress}{kind}{number}.xml"
        )
        if root.path != "billStatus" or not root.one("bill").there:
            raise BadAnswer(self.name, root.path, "expected billStatus with a bill in it")
        return await asyncio.to_thread(self._bill, root.one("bill"), ref)

    async def find(self, key: BillKey) -> BillRef:
        """Return where GovInfo has the bill. No request: files are named by their numbers."""
        kind, number = kind_and_number(key)
        if not kind or not key.session.isdigit():
            raise NotThere(self.name, f"{key.identifier} is no bill of Congress.")
        return BillRef(key=key, id=f"{key.session}/{kind}/{number}", session=key.session)

    def _batches(self, feed: Node) -> Iterator[tuple[str, str]]:
        """Yield when each batch was put out, as a sortable text, and its description."""
        for item in feed.all(_MOST, "channel", "item"):
            told = item.one("pubDate")
            try:
                at = parsedate_to_datetime(told.needed())
            except (ValueError, TypeError):
                raise told.bad("expected a date") from None
            text = item.one("description").value
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            yield at.astimezone(UTC).isoformat(), text if isinstance(text, str) else ""

    def _bill(self, node: Node, ref: BillRef) -> Bill:
        key = _key(node)
        introduced = node.one("introducedDate").day()
        listed = [_action(one) for one in reversed(node.all(_MOST, "actions", "item"))]
        actions = tuple(sorted(listed, key=lambda one: one.on))
        brought = [
            sponsor(_flat(one), SponsorRole.PRIMARY, introduced)
            for one in node.all(_MOST, "sponsors", "item")
        ]
        joined = [
            sponsor(_flat(one), SponsorRole.COSPONSOR, one.one("sponsorshipDate").day())
            for one in node.all(_MOST, "cosponsors", "item")
        ]
        page = page_of(key)
        return Bill(
            key=key,
            title=node.one("title").needed(LONG),
            sources=(
                Sighting(
                    source=self.name,
                    id=ref.id,
                    session=key.session,
                    url=page,
                    mark=ref.mark or node.one("updateDate").text(),
                    seen_at=self._service.now(),
                ),
            ),
            summary=_summary(node),
            classification=KINDS.get(kind_and_number(key)[0], "bill"),
            chamber=chamber_of(node.one("originChamber").text()),
            introduced_on=introduced,
            said_outcome=Outcome.LAW if node.all(_MOST, "laws", "item") else None,
            sponsors=(*brought, *joined),
            actions=actions,
            committees=tuple(
                BillCommittee(
                    name=one.one("name").needed(), chamber=chamber_of(one.one("chamber").text())
                )
                for one in _either(node, ("committees", "item"), "committees", "billCommittees")
            ),
            votes=votes_in(actions),
            versions=tuple(_version(one) for one in node.all(_MOST, "textVersions", "item")[::-1]),
            related=tuple(_related(one) for one in node.all(_MOST, "relatedBills", "item")),
            subjects=tuple(filter(None, [node.one("policyArea", "name").text()])),
            urls=(page,),
        )


def _files(text: str, at: str) -> Iterator[BillRef]:
    """Yield the bills whose files a batch's description names."""
    for found in _FILE.finditer(html.unescape(text)):
        congress, kind, number = found.groups()
        if kind in KINDS:
            yield BillRef(
                key=key_of(congress, kind, number),
                id=f"{congress}/{kind}/{number}",
                session=congress,
                mark=at,
            )


def _read_cursor(cursor: str) -> tuple[Validators, str]:
    if not cursor:
        return Validators(), ""
    etag, modified, newest = json.loads(cursor)
    return Validators(etag=etag, last_modified=modified), newest


def _write_cursor(validators: Validators, newest: str) -> str:
    return json.dumps([validators.etag, validators.last_modified, newest])


def _flat(node: Node) -> Node:
    """Return an element whose children are single texts in the shape of a JSON object."""
    value = node.value if isinstance(node.value, dict) else {}
    return Node(node.source, node.path, {name: each[0] for name, each in value.items()})


def _either(node: Node, newer: tuple[str, ...], *older: str) -> list[Node]:
    """Return the elements where the newer form has them, else where the older one has."""
    return node.all(_MOST, *newer) or node.all(_MOST, *older, "item")


def _key(node: Node) -> BillKey:
    kind = node.one("type") if node.one("type").there else node.one("billType")
    number = node.one("number") if node.one("number").there else node.one("billNumber")
    told = kind.needed().lower()
    if told not in KINDS:
        raise kind.bad("expected a kind of bill of Congress")
    return key_of(node.one("congress").needed(), told, number.needed())


def _action(node: Node) -> BillAction:
    text = node.one("text").needed(LONG)
    return BillAction(
        on=node.one("actionDate").needed_day(),
        text=text,
        kinds=classify(text),
        chamber=chamber_of_action(
            node.one("sourceSystem", "name").text(), node.one("actionCode").text(), text
        ),
        committee=node.one("committees", "item", "name").text(),
    )


def _summary(node: Node) -> str:
    told = _either(node, ("summaries", "summary"), "summaries", "billSummaries")
    latest = max(told, key=lambda one: one.one("actionDate").text(), default=None)
    return latest.one("text").markup() if latest else ""


def _version(node: Node) -> BillVersion:
    return BillVersion(
        name=node.one("type").text(),
        on=node.one("date").day(),
        url=node.one("formats", "item", "url").url(),
    )


def _related(node: Node) -> RelatedBill:
    title = node.one("title") if node.one("title").there else node.one("latestTitle")
    return RelatedBill(
        key=key_of(
            node.one("congress").needed(), node.one("type").needed(), node.one("number").needed()
        ),
        relation=node.one("relationshipDetails", "item", "type").text(),
        title=title.text(LONG),
    )
