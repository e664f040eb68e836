"""What tests of the legislatures' clients stand on: clients over the double, and synthetic bills."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from domain.ports import Clock
from feeds.addresses import AddressPolicy
from feeds.http import Fetcher
from feeds.legislatures.congress import Congress
from feeds.legislatures.federal_register import FederalRegister
from feeds.legislatures.govinfo import GovInfo
from feeds.legislatures.legiscan import LegiScan
from feeds.legislatures.legistar import Legistar
from feeds.legislatures.openstates import OpenStates
from feeds.legislatures.port import QuotaUsedUp
from feeds.legislatures.service import Service
from feeds.legislatures.washington import Washington
from tests.doubles.legislatures import KEYS, Capitol

RECORDED = Path(__file__).parents[2] / "shared" / "data" / "civic"
SYNTHETIC = Path(__file__).parent / "data" / "legislatures"
MAX_BODY = 5 * 1024**2


class CountingMeter:
    """Implements `feeds.legislatures.port.Meter`: counts, and refuses once `left` are taken."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.blocked: list[tuple[str, timedelta]] = []
        self.left = 10_000

    async def take(self, source: str) -> None:
        """Count one request."""
        if len(self.taken) >= self.left:
            raise QuotaUsedUp(source, "the test says so", retry_after=timedelta(hours=3))
        self.taken.append(source)

    async def block(self, source: str, wait: timedelta) -> None:
        """Keep that the service said to wait."""
        self.blocked.append((source, wait))


@dataclass(frozen=True, kw_only=True)
class Clients:
    """Every client over one double; `keys` go to those that want one."""

    capitol: Capitol
    meter: CountingMeter
    openstates: OpenStates
    legiscan: LegiScan
    congress: Congress
    govinfo: GovInfo
    legistar: Legistar
    washington: Washington
    federal_register: FederalRegister


async def clients(clock: Clock, keys: dict[str, str] = KEYS) -> AsyncIterator[Clients]:
    """Yield the clients while the double serves."""
    policy = AddressPolicy(allow_private=(ip_network("127.0.0.0/8"),))
    meter = CountingMeter()
    fetcher = Fetcher(
        policy=policy, timeout=timedelta(seconds=5), max_body=MAX_BODY, user_agent="synthetic"
    )
    async with Capitol() as capitol, fetcher:

        def service(name: str, header: str = "", param: str = "") -> Service:
            return Service(
                name=name,
                fetcher=fetcher,
                meter=meter,
                clock=clock,
                base_url=capitol.url(name),
                key=keys.get(name, ""),
                key_header=header,
                key_param=param,
            )

        yield Clients(
            capitol=capitol,
            meter=meter,
            openstates=OpenStates(service("openstates", header="X-API-KEY")),
            legiscan=LegiScan(service("legiscan", param="key")),
            congress=Congress(service("congress", param="api_key")),
            govinfo=GovInfo(service("govinfo")),
            legistar=Legistar(service("legistar")),
            washington=Washington(service("washington")),
            federal_register=FederalRegister(service("federal_register")),
        )


def synthetic(name: str) -> bytes:
    """Return a synthetic answer of ours."""
    return (SYNTHETIC / name).read_bytes()


def recorded(name: str) -> bytes:
    """Return a recorded answer."""
    return (RECORDED / name).read_bytes()


def openstates_bill(number: int, **changed: Any) -> dict[str, Any]:
    """Return a bill as Open States v3 tells it; synthetic."""
    chamber = {"id": "ocd-organization/x", "name": "Senate", "classification": "upper"}
    bill = {
        "id": f"ocd-bill/00000000-0000-4000-8000-{number:012}",
        "session": "2021-2022",
        "jurisdiction": {"id": "ocd-jurisdiction/country:us/state:wa/government", "name": "WA"},
        "from_organization": chamber,
        "identifier": f"SB {number}",
        "title": "Synthetic act about face recognition",
        "classification": ["bill"],
        "subject": ["PRIVACY"],
        "updated_at": f"2021-05-01T10:{number % 60:02}:00.123456+00:00",
        "openstates_url": f"https://example.org/wa/bills/2021-2022/SB{number}/",
        "first_action_date": "2021-01-12",
        "abstracts": [{"abstract": "What it does.", "note": "summary"}],
        "sponsorships": [
            {
                "name": "Example",
                "primary": True,
                "classification": "primary",
                "person": {
                    "id": "ocd-person/1",
                    "name": "Ada Example",
                    "party": "Democratic",
                    "current_role": {"org_classification": "upper", "district": 5},
                },
            },
            {"name": "Sample", "primary": False, "classification": "cosponsor"},
        ],
        "actions": [
            {
                "organization": chamber,
                "description": "Third reading, passed.",
                "date": "2021-02-01",
                "classification": ["reading-3", "passage", "a-kind-we-do-not-know"],
                "order": 2,
            },
            {
                "organization": chamber,
                "description": "First reading, referred to Example Committee.",
                "date": "2021-01-12",
                "classification": ["introduction", "referral-committee"],
                "order": 1,
            },
        ],
        "versions": [
            {"note": "Original Bill", "date": "", "links": [{"url": "https://example.org/t.pdf"}]}
        ],
        "votes": [
            {
                "id": "ocd-vote/1",
                "motion_text": "Final passage",
                "start_date": "2021-02-01",
                "result": "pass",
                "organization": chamber,
                "counts": [
                    {"option": "yes", "value": 30},
                    {"option": "no", "value": 18},
                    {"option": "excused", "value": 1},
                ],
                "sources": [{"url": "https://example.org/vote"}],
            }
        ],
        "related_bills": [
            {
                "identifier": "HB 1111",
                "legislative_session": "2021-2022",
                "relation_type": "companion",
            }
        ],
        "sources": [{"url": "https://example.org/source"}],
    }
    return {**bill, **changed}


def openstates_event(**changed: Any) -> dict[str, Any]:
    """Return an event as Open States v3 tells it; synthetic."""
    event = {
        "id": "ocd-event/1",
        "name": "Senate Law Example Committee",
        "start_date": "2021-06-10T17:00:00+00:00",
        "status": "confirmed",
        "location": {"name": "Hearing Room 1, Olympia"},
        "sources": [{"url": "https://example.org/agenda"}],
        "participants": [{"note": "host", "name": "Law Example", "entity_type": "committee"}],
        "agenda": [
            {
                "description": "SB 5",
                "order": 0,
                "related_entities": [
                    {"entity_type": "bill", "name": "SB 5", "bill": {"identifier": "SB 5"}}
                ],
            }
        ],
    }
    return {**event, **changed}
