"""The front desk: what every chat does with a request once it has read it.

    platform event → Request → authorise → handler → Reply

Adapters only translate; the same registry, authorisation and names serve them all.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from secrets import token_hex

from bot.tokens import Tokens
from commands.grammar import parse
from commands.registry import Command, Completes, Registry, refusal
from domain.bill_ports import LegislaturesPort
from domain.cards import Notice, Reply, Tone, text
from domain.contact_ports import PlacesPort
from domain.errors import UserError
from domain.model import Space, SpaceRef, Watch, WatchKind
from domain.ports import Desk, FeedsPort, MatchPort, Request
from domain.text import fold
from domain.tracked_bills import bill_label
from storage.db import Database, Tx

_log = logging.getLogger(__name__)
_CHOICES = 25


@dataclass(frozen=True, slots=True)
class _Names:
    """What autocomplete knows of a space, held in memory."""

    revision: int
    by_kind: dict[Completes, tuple[str, ...]]


class FrontDesk:
    """Answers requests from every chat."""

    def __init__(
        self,
        *,
        registry: Registry,
        database: Database,
        feeds: FeedsPort,
        matching: MatchPort,
        places: PlacesPort,
        legislatures: LegislaturesPort,
        tokens: Tokens,
        starter_feeds: tuple[str, ...],
    ) -> None:
        self.registry = registry
        self.tokens = tokens
        self._database = database
        self._feeds = feeds
        self._matching = matching
        self._places = places
        self._legislatures = legislatures
        self._starter_feeds = starter_feeds
        self._spaces: dict[SpaceRef, Space] = {}
        self._names: dict[SpaceRef, _Names] = {}
        self._refreshing: dict[SpaceRef, asyncio.Task[_Names]] = {}

    async def answer_line(self, line: str, request: Request) -> Reply:
        """Answer a typed command."""
        try:
            command, given = parse(line, self.registry)
        except UserError as error:
            return Reply(card=refusal(error))
        return await self.answer(command.path, given, request)

    async def answer_button(self, token: str, request: Request) -> Reply:
        """Answer a pressed button."""
        try:
            path, given = await self.tokens.read(token, request.channel)
        except UserError as error:
            return Reply(card=refusal(error))
        return await self.answer(path, given, request)

    async def answer(self, path: str, given: dict[str, str], request: Request) -> Reply:
        """Answer a command; a fault of ours becomes a plain reply with a reference."""
        try:
            space = await self._space(request)
            desk = Desk(
                request=request,
                space=space,
                store=self._database,
                feeds=self._feeds,
                matching=self._matching,
                places=self._places,
                legislatures=self._legislatures,
                starter_feeds=self._starter_feeds,
            )
            return await self.registry.invoke(path, given, desk)
        except Exception:
            reference = token_hex(3)
            _log.exception("command.fault command=%s reference=%s", path, reference)
            return Reply(card=_our_fault(reference))

    def command(self, path: str) -> Command | None:
        """Return a command by its path."""
        return self.registry.find(path)

    async def complete(self, kind: Completes, typed: str, space: SpaceRef) -> list[str]:
        """Return names to offer, those that begin with what was typed first; at most 25."""
        if kind is Completes.COMMAND:
            names: tuple[str, ...] = tuple(one.path for one in self.registry.commands)
        else:
            names = (await self._names_of(space)).by_kind.get(kind, ())
        wanted = fold(typed).strip()
        begin = [name for name in names if fold(name).strip().startswith(wanted)]
        inside = [name for name in names if wanted in fold(name) and name not in begin]
        return (begin + inside)[:_CHOICES]

    async def left(self, space: SpaceRef) -> None:
        """Delete all that belongs to a space which removed the bot."""
        self._spaces.pop(space, None)
        self._names.pop(space, None)
        await self._database.write(lambda tx: tx.spaces.forget(space))
        _log.info("space.left space=%s", space)

    async def marked(self, name: str) -> str:
        """Return what was noted under a name; empty if nothing was."""
        return await self._database.read(lambda tx: tx.marks.get(name))

    async def mark(self, name: str, value: str) -> bool:
        """Note something for the next start; False if just that was noted already."""

        def work(tx: Tx) -> bool:
            known = tx.marks.get(name) == value
            tx.marks.put(name, value)
            return not known

        return await self._database.write(work)

    async def _space(self, request: Request) -> Space:
        known = self._spaces.get(request.space)
        if known is None:
            known = await self._database.write(
                lambda tx: tx.spaces.ensure(request.space, request.now)
            )
            self._spaces[request.space] = known
        return known

    async def _names_of(self, ref: SpaceRef) -> _Names:
        """The names a space knows, from memory; they are brought up to date behind its back."""
        held = self._names.get(ref)
        if held is None:
            return await self._refresh_names(ref)
        if ref not in self._refreshing:
            self._refreshing[ref] = asyncio.create_task(self._refresh_names(ref))
            self._refreshing[ref].add_done_callback(lambda _: self._refreshing.pop(ref, None))
        return held

    async def _refresh_names(self, ref: SpaceRef) -> _Names:
        held = self._names.get(ref)

        def work(tx: Tx) -> _Names:
            revision = tx.watches.revision() + tx.record.revision()  # both only grow
            if held is not None and held.revision == revision:
                return held
            return _read_names(tx, ref, revision)

        self._names[ref] = await self._database.read(work)
        return self._names[ref]


def _read_names(tx: Tx, ref: SpaceRef, revision: int) -> _Names:
    space = tx.spaces.find(ref)
    watches = tx.watches.of(space) if space else []
    feeds = tx.sources.followed(space) if space else []
    companies = [one.name for one in tx.record.load(space).companies]
    companies += [one.label for one in watches if one.kind is WatchKind.COMPANY]
    by_kind = {
        Completes.COMPANY: tuple(dict.fromkeys(companies)),
        Completes.BILL: tuple(dict.fromkeys(_bills(tx, space, watches))),
        Completes.WATCH: ("all", *dict.fromkeys(watch.label for watch in watches)),
        Completes.FEED: tuple(one.source.title or one.source.url for one in feeds),
    }
    return _Names(revision, by_kind)


def _bills(tx: Tx, space: Space | None, watches: Sequence[Watch]) -> Iterator[str]:
    """The bills watched first, then those of the record."""
    yield from (one.label for one in watches if one.kind is WatchKind.BILL)
    yield from (bill_label(one) for one in tx.record.load(space).bills)


def _our_fault(reference: str) -> Notice:
    return Notice(
        text=text("Something went wrong on our side."),
        tone=Tone.WRONG,
        hint=text(f"It was logged under {reference}; trying again may help."),
    )
