"""The database: one connection on one thread, one transaction a use case.

SQLite in WAL mode, every commit flushed to disk. Writes open with BEGIN IMMEDIATE, because a
read transaction that turns into a write fails at once when another process writes.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from domain.errors import DatabaseBusy
from storage.audit import Audit
from storage.bill_searches import BillSearches
from storage.bills import Bills
from storage.calendars import Calendars
from storage.campaigns import Campaigns
from storage.legislatures import Legislatures
from storage.marks import Marks
from storage.occasions import Occasions
from storage.outbox import Outbox
from storage.people import People
from storage.polling import Polling
from storage.proposals import Proposals
from storage.quotas import Quotas
from storage.record import RecordStore
from storage.schema import migrate
from storage.scripts import Scripts
from storage.sources import Sources
from storage.spaces import Spaces
from storage.stories import Stories
from storage.subscriptions import Subscriptions
from storage.watches import Watches

T = TypeVar("T")
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 10000",
    "PRAGMA cache_size = -32000",
    "PRAGMA secure_delete = ON",  # what is erased, such as a campaign's key, is overwritten
)


@dataclass(frozen=True, slots=True)
class Tx:
    """One open transaction, with the queries of each area."""

    connection: sqlite3.Connection
    spaces: Spaces
    sources: Sources
    polling: Polling
    stories: Stories
    watches: Watches
    subscriptions: Subscriptions
    outbox: Outbox
    occasions: Occasions
    record: RecordStore
    people: People
    scripts: Scripts
    campaigns: Campaigns
    proposals: Proposals
    audit: Audit
    bills: Bills
    bill_searches: BillSearches
    calendars: Calendars
    legislatures: Legislatures
    marks: Marks
    quotas: Quotas

    @classmethod
    def on(cls, connection: sqlite3.Connection) -> Self:
        """Return the areas over `connection`."""
        return cls(
            connection=connection,
            spaces=Spaces(connection),
            sources=Sources(connection),
            polling=Polling(connection),
            stories=Stories(connection),
            watches=Watches(connection),
            subscriptions=Subscriptions(connection),
            outbox=Outbox(connection),
            occasions=Occasions(connection),
            record=RecordStore(connection),
            people=People(connection),
            scripts=Scripts(connection),
            campaigns=Campaigns(connection),
            proposals=Proposals(connection),
            audit=Audit(connection),
            bills=Bills(connection),
            bill_searches=BillSearches(connection),
            calendars=Calendars(connection),
            legislatures=Legislatures(connection),
            marks=Marks(connection),
            quotas=Quotas(connection),
        )


class Database:
    """Runs units of work on the one database thread.

    A unit of work is a plain function of a `Tx`. It sees all or nothing of other units, and what
    it wrote is on disk when `write` returns; an exception rolls all of it back. `read` and `write`
    raise DatabaseBusy if another process writes for longer than we wait.
    """

    def __init__(self, path: Path | str) -> None:
        """`path` is a file, made if missing with its folder, or `:memory:`."""
        self._path = str(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._connection: sqlite3.Connection | None = None
        self._tx: Tx | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._on_thread(self._open)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._on_thread(self._close)
        self._thread.shutdown()

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on a consistent view; it must not write."""
        return await self._on_thread(partial(self._run, "BEGIN", work))

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction of its own and commit it."""
        return await self._on_thread(partial(self._run, "BEGIN IMMEDIATE", work))

    async def backup(self, target: Path) -> None:
        """Write a consistent copy of the whole database to `target`."""
        await self._on_thread(partial(self._backup, target))

    async def _on_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _run(self, begin: str, work: Callable[[Tx], T]) -> T:
        connection, tx = self._connection, self._tx
        assert connection is not None
        assert tx is not None
        try:
            connection.execute(begin)
            result = work(tx)
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:  # a full disk has rolled back by itself
                connection.execute("ROLLBACK")
            if _is_busy(error):
                raise DatabaseBusy from error
            raise
        return result

    def _open(self) -> None:
        if self._path != ":memory:":
            Path(self._path).parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma).close()
            self._connection, self._tx = connection, Tx.on(connection)
            self._run("BEGIN IMMEDIATE", lambda _: migrate(connection))
        except BaseException:
            self._connection = None
            connection.close()
            raise

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _backup(self, target: Path) -> None:
        assert self._connection is not None
        with closing(sqlite3.connect(target)) as copy:
            self._connection.backup(copy)


def _is_busy(error: BaseException) -> bool:
    """Whether another connection held a lock to the end of our patience (SQLITE_BUSY, extended)."""
    return (
        isinstance(error, sqlite3.OperationalError)
        and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    )
