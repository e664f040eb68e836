"""The composition root: the one place where the parts are put together."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from bot.bill_desk import BillDesk
from bot.bill_discovery import BillDiscovery
from bot.chats.port import Chat
from bot.config import Config
from bot.delivery import Deliverer
from bot.feed_desk import FeedDesk, MatchDesk
from bot.front_desk import FrontDesk
from bot.legislature_sources import make_legislatures, make_register
from bot.legislatures import Legislatures
from bot.metering import QuotaMeter
from bot.poller import Poller
from bot.records import sync_records
from bot.rosters import RosterKeeper
from bot.schedule import Schedule
from bot.tokens import Tokens, load_key
from commands.all import make_registry
from domain.model import Platform
from domain.ports import Clock
from domain.quotas import Asking
from feeds.addresses import AddressPolicy
from feeds.decide import Pace
from feeds.geocode import Places
from feeds.http import Fetcher
from feeds.legislatures.port import ALLOWANCES
from feeds.parse import Parser
from feeds.rosters import RosterFeed
from storage.db import Database

_log = logging.getLogger(__name__)
_CLEANING = timedelta(hours=6)
_USER_AGENT = "Pledgewatch/0.1 (feed reader for community channels)"


@dataclass(frozen=True, slots=True)
class Core:
    """Everything but the chats."""

    config: Config
    clock: Clock
    database: Database
    fetcher: Fetcher
    parser: Parser
    poller: Poller
    legislatures: Legislatures
    discovery: BillDiscovery
    schedule: Schedule
    rosters: RosterKeeper
    desk: FrontDesk
    tokens: Tokens
    queued: asyncio.Event

    def deliverer(self, chats: Mapping[Platform, Chat]) -> Deliverer:
        """Return what sends to these chats."""
        return Deliverer(
            database=self.database,
            chats=chats,
            clock=self.clock,
            tokens=self.tokens,
            queued=self.queued,
        )

    async def keep_house(self) -> None:
        """Forget what is older than the configured time, now and then, until cancelled."""
        keep = self.config.storage.keep
        while True:
            try:
                gone = await self.database.write(
                    lambda tx: tx.polling.forget_before(self.clock.now() - keep)
                )
                _log.info("house.kept entries_forgotten=%s", gone)
            except Exception:
                _log.exception("house.failed")
            await self.clock.sleep(_CLEANING)


@asynccontextmanager
async def open_core(config: Config, clock: Clock) -> AsyncIterator[Core]:
    """Open the database with the shipped record in it, and everything that works on it."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database(config.database))
        await sync_records(database, clock)
        tokens = Tokens(load_key(config.secret_key.value, config.database), database, clock)
        policy = AddressPolicy(allow_private=config.network.allow_private)
        fetcher = await stack.enter_async_context(
            Fetcher(
                policy=policy,
                timeout=config.network.timeout,
                max_body=config.network.max_body.count,
                user_agent=_USER_AGENT,
            )
        )
        parser = Parser()
        stack.push_async_callback(parser.close)
        queued = asyncio.Event()
        polling = config.polling
        poller = Poller(
            database=database,
            fetcher=fetcher,
            parser=parser,
            clock=clock,
            pace=Pace(
                interval=polling.interval,
                min_interval=polling.min_interval,
                max_interval=polling.max_interval,
            ),
            random=Random(),  # noqa: S311 - spreads load, keeps no secret
            queued=queued,
        )
        feeds = FeedDesk(
            database=database,
            fetcher=fetcher,
            parser=parser,
            poller=poller,
            policy=policy,
            clock=clock,
            interval=polling.interval,
        )
        desk = FrontDesk(
            registry=make_registry(),
            database=database,
            feeds=feeds,
            matching=MatchDesk(),
            places=Places(fetcher, config.geocoder.base_url),
            legislatures=BillDesk(
                database=database,
                sources=make_legislatures(
                    config,
                    fetcher,
                    QuotaMeter(database, clock, ALLOWANCES, Asking.PERSON),
                    clock,
                ),
                clock=clock,
                queued=queued,
            ),
            tokens=tokens,
            starter_feeds=config.starter.feeds,
        )
        schedule = Schedule(database=database, clock=clock, queued=queued)
        meter = QuotaMeter(database, clock, ALLOWANCES, Asking.POLL)
        services = make_legislatures(config, fetcher, meter, clock)
        legislatures = Legislatures(
            database=database,
            sources=services,
            clock=clock,
            random=Random(),  # noqa: S311 - spreads load, keeps no secret
            queued=queued,
        )
        register = make_register(config, fetcher, meter, clock)
        discovery = BillDiscovery(
            database=database,
            sources=services,
            register=register if config.sources.federal_register.base_url else None,
            clock=clock,
            queued=queued,
        )
        yield Core(
            config=config,
            clock=clock,
            database=database,
            fetcher=fetcher,
            parser=parser,
            poller=poller,
            legislatures=legislatures,
            discovery=discovery,
            schedule=schedule,
            rosters=RosterKeeper(
                database=database,
                feed=RosterFeed(
                    fetcher,
                    congress_url=config.rosters.congress_url,
                    openstates_url=config.rosters.openstates_url,
                ),
                clock=clock,
                random=Random(),  # noqa: S311 - spreads load, keeps no secret
            ),
            desk=desk,
            tokens=tokens,
            queued=queued,
        )
