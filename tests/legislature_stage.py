"""The real core over the legislatures' double: bills tracked, polled, told; the clock is set."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from bot.app import Core, open_core
from bot.chats.terminal_chat import make_request
from bot.config import (
    Config,
    Congress,
    FederalRegister,
    GovInfo,
    LegiScan,
    Legistar,
    Networking,
    OpenStates,
    Secret,
    Services,
    Storage,
    Washington,
)
from bot.delivery import Deliverer
from domain.bills import Bill, BillKey
from domain.cards import AlertCard, Card, plain
from domain.model import Platform, SpaceRef, WatchKind
from domain.tracked_bills import label, rule_for
from storage.db import Tx
from tests.doubles.legislatures import KEYS, Capitol
from tests.legislature_bench import recorded
from tests.recorder import RecordingChat
from tests.stage import SetClock

NOW = datetime(2022, 2, 10, 12, 0, tzinfo=UTC)
SPACE = SpaceRef(platform=Platform.DISCORD, external_id="1")
CHANNEL = "c1"
PARTS = ("actions", "cosponsors", "committees", "relatedbills", "summaries", "text")


@dataclass
class Stage:
    """All that a test of legislatures needs."""

    core: Core
    clock: SetClock
    capitol: Capitol
    chat: RecordingChat
    deliverer: Deliverer

    async def say(self, line: str, *, channel: str = CHANNEL) -> Card:
        """Type a command as an organizer."""
        request = make_request(self.clock, organizer=True, space=SPACE, channel=channel)
        return (await self.core.desk.answer_line(line, request)).card

    async def track(self, *keys: BillKey) -> None:
        """Watch bills, as `/bill track` does once it knows them, and those alone."""

        def work(tx: Tx) -> None:
            space = tx.spaces.ensure(SPACE, self.clock.now())
            for watch in tx.watches.of(space, WatchKind.BILL):
                if watch.shipped:
                    tx.watches.remove(watch, self.clock.now())
            for key in keys:
                rule = rule_for(Bill(key=key, title="", sources=()))
                tx.watches.put(space, WatchKind.BILL, str(key), label(key), rule, self.clock.now())

        await self.core.database.write(work)

    async def round(self, **passed: float) -> list[AlertCard]:
        """Let time pass, poll what falls due and deliver; return what was posted."""
        self.clock.pass_(**(passed or {"hours": 2}))
        await self.core.legislatures.poll_due()
        return await self.posted()

    async def once(self) -> list[AlertCard]:
        """Poll all, as `run --once` does, and deliver; return what was posted."""
        self.clock.pass_(minutes=1)
        await self.core.legislatures.poll_all()
        return await self.posted()

    async def posted(self) -> list[AlertCard]:
        """Deliver what waits; return it."""
        before = len(self.chat.sent(CHANNEL))
        await self.deliverer.drain(timedelta(0))
        cards = [one.card for one in self.chat.sent(CHANNEL)[before:]]
        assert all(isinstance(one, AlertCard) for one in cards)
        return [one for one in cards if isinstance(one, AlertCard)]

    async def stored(self, key: BillKey) -> Bill:
        """Return a bill as it is kept."""
        found = await self.core.database.read(lambda tx: tx.bills.found([key]))
        return found[key]

    async def count(self, table: str) -> int:
        """Return how many rows a table has."""
        connection = self.core.database._connection
        assert connection is not None
        row = await self.core.database.read(
            lambda _: connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        )
        return int(row[0])


def settings(capitol: Capitol, database: Path, *, keys: bool = True) -> Config:
    """Return settings in which every service is the double's."""

    def key(name: str) -> Secret:
        return Secret(KEYS[name] if keys else "")

    return Config(
        storage=Storage(url=f"sqlite:///{database}"),
        network=Networking(
            allow_private=(ip_network("127.0.0.0/8"),), timeout=timedelta(seconds=5)
        ),
        sources=Services(
            openstates=OpenStates(base_url=capitol.url("openstates"), key=key("openstates")),
            legiscan=LegiScan(base_url=capitol.url("legiscan"), key=key("legiscan")),
            congress=Congress(base_url=capitol.url("congress"), key=key("congress")),
            govinfo=GovInfo(base_url=capitol.url("govinfo")),
            legistar=Legistar(base_url=capitol.url("legistar")),
            washington=Washington(base_url=capitol.url("washington")),
            federal_register=FederalRegister(base_url=capitol.url("federal_register")),
        ),
    )


@asynccontextmanager
async def staged(folder: Path, *, keys: bool = True, now: datetime = NOW) -> AsyncIterator[Stage]:
    """Set the stage; `keys` says whether the services that want one are there."""
    clock = SetClock(now)
    async with AsyncExitStack() as stack:
        capitol = await stack.enter_async_context(Capitol())
        config = settings(capitol, folder / "stage.db", keys=keys)
        core = await stack.enter_async_context(open_core(config, clock))
        chat = RecordingChat()
        yield Stage(core, clock, capitol, chat, core.deliverer({chat.platform: chat}))


def lay_out_congress(capitol: Capitol, **changed: Any) -> None:
    """Lay out HR 21 of the 117th Congress as Congress.gov told it; `changed` are other answers."""
    path = "congress/v3/bill/117/hr/21"
    capitol.put(path, changed.get("item") or recorded("congress-gov/bill_117_hr_21.json"))
    for part in PARTS:
        told = changed.get(part) or recorded(f"congress-gov/bill_117_hr_21_{part}.json")
        capitol.put(f"{path}/{part}", told)
    capitol.lists["congress/v3/bill/117"] = changed.get("listed", [])
    for chamber in ("house", "senate"):
        capitol.lists[f"congress/v3/committee-meeting/117/{chamber}"] = []


def lay_out_govinfo(capitol: Capitol, name: str, body: bytes | None = None) -> None:
    """Lay out a BILLSTATUS file such as `117s35`."""
    congress, kind = name[:3], name[3:].rstrip("0123456789")
    path = f"govinfo/bulkdata/BILLSTATUS/{congress}/{kind}/BILLSTATUS-{name}.xml"
    capitol.put(path, body or recorded(f"govinfo/BILLSTATUS-{name}.xml"))


def legiscan(name: str) -> dict[str, Any]:
    """Return a recorded bill of LegiScan."""
    bill: dict[str, Any] = json.loads(recorded(f"legiscan/bill/{name}.json"))["bill"]
    return bill


def lay_out_legiscan(capitol: Capitol, *bills: dict[str, Any]) -> None:
    """Lay out bills of one state's session with their master list."""
    listed: dict[str, Any] = {"session": bills[0]["session"]}
    for place, one in enumerate(bills):
        listed[str(place)] = {
            "bill_id": one["bill_id"],
            "number": one["bill_number"],
            "change_hash": one["change_hash"],
        }
        capitol.put(f"legiscan/id={one['bill_id']}/op=getBill", {"status": "OK", "bill": one})
    state = bills[0]["state"]
    capitol.put(
        f"legiscan/op=getMasterListRaw/state={state}", {"status": "OK", "masterlist": listed}
    )


def words(card: AlertCard) -> str:
    """All that an alert says, a line each."""
    return "\n".join(
        [card.label, *card.subjects, card.title, card.summary, *map(plain, card.background)]
    )
