"""What every client shares: faults in plain words, keys that show nowhere, careful reading."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bills import Chamber, bill_key
from feeds.legislatures.of_congress import page_of
from feeds.legislatures.port import (
    ALLOWANCES,
    TITLES,
    BadAnswer,
    BillRef,
    KeyRefused,
    LegislatureError,
    NotThere,
    QuotaUsedUp,
    ServiceDown,
)
from feeds.legislatures.reading import Node, read_json, read_xml
from feeds.legislatures.words import (
    chamber_in,
    full_name,
    hour_of,
    instant_of,
    zone_of,
)
from tests.doubles.legislatures import KEYS, Fault
from tests.fakes import FakeClock
from tests.legislature_bench import MAX_BODY, Clients, clients

Ask = Callable[[Clients], Awaitable[object]]
WRONG = dict.fromkeys(KEYS, "synthetic-wrong-secret")
ASKS: dict[str, Ask] = {
    "openstates": lambda at: at.openstates.changed_bills("wa"),
    "legiscan": lambda at: at.legiscan.changed_bills("wa"),
    "congress": lambda at: at.congress.changed_bills("us"),
    "govinfo": lambda at: at.govinfo.changed_bills("us"),
    "legistar": lambda at: at.legistar.changed_bills("us-ny/new-york"),
    "washington": lambda at: at.washington.changed_bills("wa"),
    "federal_register": lambda at: at.federal_register.documents("x", date(2021, 5, 1)),
}
KEYED = ["openstates", "legiscan", "congress", "legistar"]


@pytest.fixture
async def at(clock: FakeClock) -> AsyncIterator[Clients]:
    """Every client, and the double they ask."""
    async for made in clients(clock):
        yield made


def test_every_service_has_a_title_and_an_allowance() -> None:
    assert set(TITLES) == set(ALLOWANCES) == set(ASKS)


class TestFaults:
    @pytest.mark.parametrize("name", ASKS)
    @pytest.mark.parametrize(
        ("fault", "kind", "told"),
        [
            (Fault(status=503), ServiceDown, "127.0.0.1 answered 503 (service unavailable)."),
            (Fault(status=500), ServiceDown, "answered 500"),
            (Fault(status=404), NotThere, "it has nothing under that name (404)."),
            (Fault(status=429, headers={"Retry-After": "1800"}), QuotaUsedUp, "the next in 30 min"),
            (Fault(status=429), QuotaUsedUp, "the allowance is used up; the next in 60 min"),
            (Fault(status=200, body=b"x" * (MAX_BODY + 1)), ServiceDown, "larger than 5 MiB"),
            (Fault(status=200, body=b"<<busy>>"), BadAnswer, "breaks its own form: it is not"),
            (Fault(status=200, body=b"[" * 200_000), BadAnswer, "breaks its own form"),
            (Fault(status=200, body=b""), BadAnswer, "breaks its own form"),
        ],
    )
    async def test_each_is_told_in_plain_words(
        self, at: Clients, name: str, fault: Fault, kind: type[LegislatureError], told: str
    ) -> None:
        at.capitol.fault = fault
        with pytest.raises(kind) as raised:
            await ASKS[name](at)
        assert str(raised.value).startswith(f"{TITLES[name]}: ")
        assert told in str(raised.value)
        assert raised.value.source == name

    @pytest.mark.parametrize("name", ASKS)
    @pytest.mark.parametrize("body", [b"[]", b"{}", b"3", b'{"results": 3}', b"[[]]", b"<a>1</a>"])
    async def test_an_answer_of_another_shape_is_told_or_empty(
        self, at: Clients, name: str, body: bytes
    ) -> None:
        at.capitol.fault = Fault(status=200, body=body)
        with suppress(BadAnswer):
            await ASKS[name](at)

    async def test_a_service_that_says_to_wait_is_left_alone(self, at: Clients) -> None:
        at.capitol.fault = Fault(status=429, headers={"Retry-After": "1800"})
        with pytest.raises(QuotaUsedUp) as raised:
            await at.openstates.changed_bills("wa")
        assert at.meter.blocked == [("openstates", timedelta(minutes=30))]
        assert raised.value.retry_after == timedelta(minutes=30)

    @pytest.mark.parametrize("name", ASKS)
    async def test_without_allowance_nothing_is_asked(self, at: Clients, name: str) -> None:
        at.meter.left = 0
        with pytest.raises(QuotaUsedUp, match="the next in 3 h"):
            await ASKS[name](at)
        assert at.capitol.asked == []

    @pytest.mark.parametrize("name", ASKS)
    async def test_each_is_asked_for_the_form_that_is_read(self, at: Clients, name: str) -> None:
        """Some of them choose between JSON and XML by what is asked for."""
        with pytest.raises(LegislatureError):
            await ASKS[name](at)
        form = "xml" if name in {"govinfo", "washington"} else "json"
        assert at.capitol.asked[0].headers["Accept"].startswith(f"application/{form}")

    async def test_half_a_bill_is_no_bill(self, at: Clients) -> None:
        """The allowance ends between two of a bill's requests: nothing comes of the first."""
        at.capitol.put("legistar/v1/seattle/matters/7", {"MatterId": 7, "MatterTitle": "x"})
        at.meter.left = 1
        ref = BillRef(key=bill_key("us-wa/seattle", "", "CB 1"), id="7")
        with pytest.raises(QuotaUsedUp):
            await at.legistar.bill(ref)


class TestKeys:
    @pytest.mark.parametrize("name", KEYED)
    async def test_a_wrong_key_is_told_and_never_shown(
        self, clock: FakeClock, name: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        async for at in clients(clock, keys=WRONG):
            with pytest.raises(KeyRefused) as raised:
                await ASKS[name](at)
            assert str(raised.value) == (
                f"{TITLES[name]}: it does not take the key; see sources.{name}.key in the settings."
            )
            assert len(at.capitol.asked) == 1
            shown = repr(at) + repr(vars(getattr(at, name))) + caplog.text
            assert WRONG[name] not in shown
            assert raised.value.__cause__ is None

    @pytest.mark.parametrize("name", ["openstates", "legiscan", "congress"])
    async def test_a_missing_key_is_told(self, clock: FakeClock, name: str) -> None:
        async for at in clients(clock, keys={}):
            with pytest.raises(KeyRefused, match="it wants a key; see sources"):
                await ASKS[name](at)

    @pytest.mark.parametrize("name", KEYED)
    @pytest.mark.parametrize(
        "fault",
        [
            Fault(status=500),
            Fault(status=429),
            Fault(status=200, body=b"<<busy>>"),
            Fault(status=302),
        ],
    )
    async def test_no_fault_shows_the_key(
        self, at: Clients, name: str, fault: Fault, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        at.capitol.fault = fault
        if fault.status == 302:  # it sends us on with the key in the address
            fault.headers["Location"] = f"http://10.0.0.1/{KEYS[name]}?x={KEYS[name]}"
        with pytest.raises(LegislatureError) as raised:
            await ASKS[name](at)
        assert KEYS[name] not in str(raised.value) + caplog.text
        assert "?" not in str(raised.value)

    async def test_a_redirect_elsewhere_goes_without_the_header(self, at: Clients) -> None:
        at.capitol.fault = Fault(status=302, headers={"Location": "http://elsewhere.invalid/"})
        with pytest.raises(ServiceDown):
            await at.openstates.changed_bills("wa")
        assert at.capitol.asked[0].headers["X-API-KEY"] == KEYS["openstates"]
        assert len(at.capitol.asked) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
READS: list[Callable[[Node], object]] = [
    Node.text,
    Node.needed,
    Node.markup,
    Node.number,
    Node.count,
    Node.day,
    Node.instant,
    Node.url,
    lambda node: node.items(10),
    lambda node: node.at("a", "b"),
    lambda node: node.all(10, "a", "b"),
]


class TestReading:
    @given(JSON, st.sampled_from(READS))
    def test_any_value_is_read_or_refused(self, value: Any, read: Callable[[Node], object]) -> None:
        with suppress(BadAnswer):
            read(Node("openstates", "here", value))

    @given(st.binary(max_size=200))
    def test_any_bytes_are_read_or_refused(self, body: bytes) -> None:
        for read in (read_json, read_xml):
            with suppress(BadAnswer):
                read("govinfo", body)

    def test_paths_name_the_place(self) -> None:
        root = read_json("legiscan", b'{"bill": {"history": [{}, {"date": "soon"}]}}')
        node = root.at("bill", "history").items(5)[1].get("date")
        with pytest.raises(BadAnswer) as raised:
            node.day()
        assert raised.value.path == "bill.history[1].date"
        with pytest.raises(BadAnswer, match="expected at most 1 members, not 2"):
            root.at("bill", "history").items(1)

    def test_nothing_is_an_ordinary_answer(self) -> None:
        node = read_json("legiscan", b'{"a": null, "b": "", "c": []}')
        assert node.get("a").text() == node.get("x").at("y", "z").text() == ""
        assert node.get("b").day() is None
        assert node.get("a").number() is None
        assert node.get("a").items(3) == node.get("c").items(3) == []
        assert not node.get("c").there

    def test_zero_dates_are_none(self) -> None:
        assert Node("legiscan", "date", "0000-00-00").day() is None

    def test_xml_keeps_text_order_and_forgets_prefixes(self) -> None:
        root = read_xml("washington", b'<x:a xmlns:x="y"><b>1</b><b>2 &amp; 3</b><c/></x:a>')
        assert [one.text() for one in root.all(5, "b")] == ["1", "2 & 3"]
        assert root.one("c").text() == root.one("d", "e").text() == ""
        assert root.one("b").path == "a.b"

    def test_a_large_document_is_read_in_linear_time(self) -> None:
        body = b"<a>" + b"<b><c>text</c></b>" * 60_000 + b"</a>"
        assert len(read_xml("govinfo", body).all(100_000, "b")) == 60_000
        with pytest.raises(BadAnswer, match="too large"):
            read_xml("govinfo", b"<a>" + b"<b/>" * 400_001 + b"</a>")

    def test_numbers_are_numbers(self) -> None:
        assert Node("x", "", "12").number() == Node("x", "", 12).number() == 12
        assert Node("x", "", "-3").number() == -3
        for wrong in ("1e9", "x", True, 1.5, "9" * 5000, "١"):
            with pytest.raises(BadAnswer):
                Node("x", "", wrong).number()
        with pytest.raises(BadAnswer):
            read_json("x", b'{"a": ' + b"9" * 5000 + b"}")


class TestWords:
    @pytest.mark.parametrize(
        ("told", "hour"),
        [
            ("2:30 PM", time(14, 30)),
            ("9:30AM", time(9, 30)),
            ("10 a.m.", time(10)),
            ("12:00 PM", time(12)),
            ("12:15 am", time(0, 15)),
            ("14:00", time(14)),
            ("09:00:00", time(9)),
            ("Noon", time(12)),
            ("", None),
            ("10", None),
            ("13:00 PM", None),
            ("25:00", None),
            ("After session", None),
        ],
    )
    def test_hours_are_read_as_people_write_them(self, told: str, hour: time | None) -> None:
        assert hour_of(told) == hour

    @given(st.text(max_size=30))
    def test_any_hour_is_read_or_unclear(self, told: str) -> None:
        hour_of(told)

    def test_an_hour_is_of_the_place(self) -> None:
        at = instant_of(date(2021, 7, 1), time(10), zone_of("us-wa/seattle"))
        assert at == datetime(2021, 7, 1, 17, tzinfo=UTC)
        assert zone_of("us") == "America/New_York"
        assert zone_of("us-az/phoenix") == "America/Phoenix"

    def test_names_are_put_first_name_first(self) -> None:
        assert full_name("", "", "", "Sen. Van Hollen, Chris [D-MD]") == "Chris Van Hollen"
        assert full_name("Ed", "", "Case", "Rep. Case, Ed [D-HI-1]") == "Ed Case"
        assert full_name("", "", "", "Committee on Examples") == "Committee on Examples"

    def test_actions_name_their_chamber(self) -> None:
        assert chamber_in("House Read the first time") is Chamber.LOWER
        assert chamber_in("Received in the Senate and Read twice") is Chamber.UPPER
        assert chamber_in("PASSED Y24 N16") is Chamber.UNKNOWN

    @pytest.mark.parametrize(
        ("congress", "ordinal"),
        [("101", "101st"), ("111", "111th"), ("117", "117th"), ("122", "122nd")],
    )
    def test_bills_of_congress_have_a_page(self, congress: str, ordinal: str) -> None:
        assert page_of(bill_key("us", congress, "SJRES 4")) == (
            f"https://www.congress.gov/bill/{ordinal}-congress/senate-joint-resolution/4"
        )
