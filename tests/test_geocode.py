"""From an address to districts: real requests to a geocoder double; recorded answers where shared."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from domain.errors import UserError
from domain.people import Located
from feeds import geocode
from feeds.addresses import AddressPolicy
from feeds.geocode import Places, read_answer
from feeds.http import Fetcher
from feeds.zips import zip_areas
from tests.census_double import BROKEN, Census, answer, layers

SHARED = Path(__file__).parents[2] / "shared" / "data" / "civic" / "census-geocoder"
US = "ocd-division/country:us"
ADDRESS = "4711 Planted Lane, Springfield, WA 98119"
WA_36 = layers("WA", "53", house="07", upper="36", lower="36")


@dataclass
class Bench:
    census: Census
    fetcher: Fetcher
    places: Places

    async def locate(self, lines: int = 119) -> Located:
        return await self.places.locate(ADDRESS, lines)

    async def refusal(self) -> str:
        with pytest.raises(UserError) as refused:
            await self.locate()
        told = str(refused.value)
        assert "4711" not in told
        assert "Planted" not in told
        assert refused.value.hint, "says what to do next"
        return told


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        census = await stack.enter_async_context(Census())
        fetcher = await stack.enter_async_context(
            Fetcher(
                policy=AddressPolicy(allow_private=(ip_network("127.0.0.0/8"),)),
                timeout=timedelta(seconds=5),
                max_body=2**20,
                user_agent="test",
            )
        )
        yield Bench(census, fetcher, Places(fetcher, census.url))


class TestAsked:
    async def test_an_address_gives_the_districts_of_congress_and_state(self, bench: Bench) -> None:
        bench.census.body = answer(WA_36)
        located = await bench.locate()
        assert located == Located(
            state="wa",
            house=(f"{US}/state:wa/cd:7",),
            lines=119,
            districts=(f"{US}/state:wa/sldu:36", f"{US}/state:wa/sldl:36"),
        )
        assert bench.census.asked == [
            {
                "address": ADDRESS,
                "benchmark": "Public_AR_Current",
                "vintage": "Current_Current",
                "layers": "all",
                "format": "json",
            }
        ]

    async def test_a_redirect_is_not_followed(self, bench: Bench) -> None:
        async with Census() as other:
            bench.census.status = 302
            bench.census.location = f"{other.url}geographies/onelineaddress?address=x"
            assert "cannot be asked" in await bench.refusal()
            assert other.asked == []

    async def test_the_client_keeps_no_address_in_memory(self, bench: Bench) -> None:
        bench.census.body = answer(WA_36)
        await bench.locate()
        assert bench.fetcher._check_url.cache_info().currsize == 0

    @pytest.mark.parametrize("status", [400, 404, 500, 503])
    async def test_an_error_is_told_without_the_address(self, bench: Bench, status: int) -> None:
        bench.census.status = status
        assert str(status) in await bench.refusal()

    async def test_a_geocoder_that_is_silent_is_not_waited_for(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(geocode, "_PATIENCE", 0.05)
        bench.census.delay = 0.5
        assert "in time" in await bench.refusal()

    async def test_a_geocoder_that_is_down_is_named(self, bench: Bench) -> None:
        places = Places(bench.fetcher, "http://127.0.0.1:9/geocoder/")
        with pytest.raises(UserError, match="cannot be asked now") as refused:
            await places.locate(ADDRESS, 119)
        assert "Planted" not in str(refused.value)

    async def test_too_long_an_address_is_sent_nowhere(self, bench: Bench) -> None:
        with pytest.raises(UserError, match="at most 100"):
            await bench.places.locate("x" * 101, 119)
        assert bench.census.asked == []

    @pytest.mark.parametrize(
        "body", [b"", b"<html>", b"[]", b"{}", b'{"result": {"addressMatches": [{}]}}', b"\xff",
                 b'{"result": {"addressMatches": [{"geographies": {"States": 3}}]}}'],
    )  # fmt: skip
    async def test_what_is_no_answer_is_told_as_such(self, bench: Bench, body: bytes) -> None:
        bench.census.body = body
        assert "cannot be read" in await bench.refusal()


class TestOddAnswers:
    async def test_an_unknown_address_says_how_to_write_it(self, bench: Bench) -> None:
        assert "does not know this address" in await bench.refusal()

    async def test_several_places_in_different_districts_ask_for_more(self, bench: Bench) -> None:
        bench.census.body = answer(WA_36, layers("WA", "53", house="09", upper="11", lower="11"))
        assert "Several places" in await bench.refusal()

    def test_several_places_in_the_same_districts_are_one(self) -> None:
        assert read_answer(answer(WA_36, WA_36), 119).state == "wa"

    def test_a_layer_that_failed_is_missing_and_the_rest_is_told(self) -> None:
        broken = {**WA_36, "2024 State Legislative Districts - Lower": BROKEN}
        located = read_answer(answer(broken), 119)
        assert located.districts == (f"{US}/state:wa/sldu:36",)
        assert located.missing == ("the state house district",)

    def test_without_the_house_layer_the_zip_area_decides_only_where_it_is_in_one(self) -> None:
        broken = {**WA_36, "119th Congressional Districts": BROKEN}
        one = read_answer(answer(broken, zip_code="98119"), 119)
        assert (one.house, one.missing) == ((f"{US}/state:wa/cd:7",), ())
        several = read_answer(answer(broken, zip_code="98101"), 119)
        assert several.house == (f"{US}/state:wa/cd:7", f"{US}/state:wa/cd:9")
        none = read_answer(answer(broken, zip_code="00000"), 119)
        assert (none.house, none.missing) == ((), ("the US House district",))

    def test_a_map_of_the_next_congress_does_not_name_todays_member(self) -> None:
        ahead = layers("WA", "53", house="01", upper="36", lower="36", congress="120th")
        located = read_answer(answer(ahead, zip_code="98119"), 119)
        assert located.house == (f"{US}/state:wa/cd:7",)
        assert located.lines == 120

    def test_of_two_maps_the_one_of_the_rosters_congress_counts(self) -> None:
        both = {**layers("WA", "53", house="01", congress="120th"), **WA_36}
        located = read_answer(answer(both), 119)
        assert (located.house, located.lines) == ((f"{US}/state:wa/cd:7",), 119)

    def test_the_latest_lines_of_a_state_count(self) -> None:
        old = layers("WA", "53", upper="1", lower="1", year="2022")
        assert read_answer(answer({**old, **WA_36}), 119).districts == (
            f"{US}/state:wa/sldu:36",
            f"{US}/state:wa/sldl:36",
        )

    @pytest.mark.parametrize(
        ("match", "house", "districts"),
        [
            (layers("AK", "02", upper="A", lower="1"), f"{US}/state:ak/cd:at-large", 2),
            (layers("NE", "31", house="02", upper="8"), f"{US}/state:ne/cd:2", 1),
            (layers("DC", "11", house="98", upper="Ward 2"), f"{US}/district:dc", 2),
            (layers("PR", "72", upper="1", lower="1"), f"{US}/territory:pr", 4),
        ],
    )
    def test_places_with_their_own_ways_are_known(
        self, match: dict[str, list[dict[str, str]]], house: str, districts: int
    ) -> None:
        located = read_answer(answer(match, zip_code="", state=""), 119)
        assert located.house == (house,)
        assert located.missing == ()
        assert len(located.districts) == districts

    @pytest.mark.shared
    @pytest.mark.skipif(not SHARED.exists(), reason="no sample data")
    def test_the_recorded_error_in_a_layer_is_told_as_missing(self) -> None:
        recorded = json.loads((SHARED / "onelineaddress_0.json").read_text("utf-8"))
        located = read_answer(json.dumps(recorded["body"]).encode(), 119)
        assert located.state == "dc"
        assert located.house == (f"{US}/district:dc",)
        assert located.missing == ("the legislature’s district",)


class TestZips:
    @pytest.mark.parametrize(
        ("code", "count"), [("98119", 1), ("98101", 2), ("99501", 1), ("00000", 0), ("98", 0)]
    )
    def test_a_zip_code_reaches_into_its_districts(self, code: str, count: int) -> None:
        assert len(zip_areas(code, 119)) == count

    def test_another_congress_is_not_answered_for(self) -> None:
        assert zip_areas("98119", 120) == ()

    @pytest.mark.shared
    @pytest.mark.skipif(not SHARED.exists(), reason="no sample data")
    def test_the_table_is_what_its_source_says(self) -> None:
        rows = (SHARED.parent / "zip-district" / "zccd.csv").read_text("utf-8").split()[1:]
        expected: dict[str, set[str]] = {}
        for _, state, code, district in (row.split(",") for row in rows):
            expected.setdefault(code, set()).add(f"{state.lower()} {district}")
        spanning = sum(len(zip_areas(code, 119)) > 1 for code in expected)
        assert spanning == sum(len(one) > 1 for one in expected.values()) == 7299
        assert all(len(zip_areas(code, 119)) == len(one) for code, one in expected.items())
