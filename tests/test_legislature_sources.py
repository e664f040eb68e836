"""Which legislatures' services there are, by the settings, and that each is asked as they say."""

from datetime import date, timedelta
from ipaddress import ip_network

from bot.config import Config, OpenStates, Secret, Services
from bot.config import Congress as CongressSettings
from bot.config import FederalRegister as RegisterSettings
from bot.config import LegiScan as LegiScanSettings
from bot.legislature_sources import make_legislatures, make_register
from domain.bills import bill_key
from feeds.addresses import AddressPolicy
from feeds.http import Fetcher
from feeds.legislatures.port import TITLES
from tests.doubles.legislatures import KEYS, Capitol
from tests.fakes import FakeClock
from tests.legislature_bench import CountingMeter, openstates_bill

POLICY = AddressPolicy(allow_private=(ip_network("127.0.0.0/8"),))


def fetcher() -> Fetcher:
    return Fetcher(
        policy=POLICY, timeout=timedelta(seconds=5), max_body=1024**2, user_agent="synthetic"
    )


def test_without_a_key_there_are_three_and_the_register(clock: FakeClock) -> None:
    made = make_legislatures(Config(), fetcher(), CountingMeter(), clock)
    assert [one.name for one in made] == ["govinfo", "washington", "legistar"]
    for place in ("us", "wa", "us-wa/seattle", "us-az/phoenix"):
        assert any(one.covers(place) for one in made), place


def test_each_key_adds_its_service(clock: FakeClock) -> None:
    key = Secret("synthetic")
    sources = Services(
        openstates=OpenStates(key=key),
        legiscan=LegiScanSettings(key=key),
        congress=CongressSettings(key=key),
    )
    made = make_legislatures(Config(sources=sources), fetcher(), CountingMeter(), clock)
    names = [one.name for one in made]
    assert {*names, "federal_register"} == set(TITLES)
    assert names.index("congress") < names.index("govinfo")
    assert names.index("washington") < names.index("openstates")


async def test_they_are_asked_where_and_as_the_settings_say(clock: FakeClock) -> None:
    async with Capitol() as capitol, fetcher() as client:
        sources = Services(
            openstates=OpenStates(
                base_url=capitol.url("openstates").rstrip("/"), key=Secret(KEYS["openstates"])
            ),
            congress=CongressSettings(
                base_url=capitol.url("congress").rstrip("/"), key=Secret(KEYS["congress"])
            ),
            federal_register=RegisterSettings(base_url=capitol.url("federal_register")),
        )
        meter, config = CountingMeter(), Config(sources=sources)
        made = {one.name: one for one in make_legislatures(config, client, meter, clock)}
        capitol.lists["openstates/bills"] = [openstates_bill(5)]
        ref = await made["openstates"].find(bill_key("wa", "2021-2022", "SB 5"))
        assert ref.title == openstates_bill(5)["title"]
        capitol.lists["congress/v3/bill/117"] = []
        assert (await made["congress"].changed_bills("us")).bills == ()
        capitol.put("federal_register/documents.json", {"results": []})
        register = make_register(config, client, meter, clock)
        assert await register.documents("x", date(2021, 5, 1)) == ()
        assert meter.taken == ["openstates", "congress", "federal_register"]
