"""What tests put at the edges: a clock they set, feeds they lay out, a person who asks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.front_desk import FrontDesk
from domain.bill_ports import FoundBill, Inquiry
from domain.bills import BillKey
from domain.cards import Action, Card, Reply
from domain.entries import Entry
from domain.errors import FeedError, UserError
from domain.model import Actor, ChannelRef, FeedLink, Platform, Source, Space, SpaceRef
from domain.people import Located
from domain.ports import Clock, Probe, Request
from feeds.addresses import AddressPolicy, source_key
from storage.db import Database, Tx

START = datetime(2021, 6, 1, 12, tzinfo=UTC)
INTERVAL = timedelta(minutes=15)


class FakeClock:
    """Implements `domain.ports.Clock`: stands still until it is set; sleeping moves it on."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        """Where it stands."""
        return self._now

    def set(self, to: datetime) -> None:
        """Put it anywhere, in the past too."""
        self._now = to

    def advance(self, span: timedelta) -> None:
        """Move it on."""
        self._now += span

    async def sleep(self, span: timedelta) -> None:
        """Move it on by the whole span and let others run."""
        self._now += span
        await asyncio.sleep(0)


class FakeFeeds:
    """Implements `domain.ports.FeedsPort` over pages that a test lays out.

    What is followed goes into the real database, as read just now.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.pages: dict[str, Probe | FeedError] = {}
        self._database = database
        self._clock = clock

    def put(self, url: str, title: str, *headlines: str, offers: Sequence[str] = ()) -> None:
        """Lay out a feed with these headlines, or a page that offers feeds."""
        self.pages[url] = Probe(
            url=url,
            title=title,
            entries=tuple(
                Entry(guid=one, url=f"{url}/{n}", title=one) for n, one in enumerate(headlines)
            ),
            offers=tuple(FeedLink(url=one, title="") for one in offers),
        )

    def key(self, space: Space, url: str) -> str:
        """The source's key."""
        del space
        AddressPolicy().check_url(url)
        return source_key(url)

    async def probe(self, url: str) -> Probe:
        """What was laid out there."""
        AddressPolicy().check_url(url)
        page = self.pages.get(url, FeedError("Nobody answers at this address."))
        if isinstance(page, FeedError):
            raise page
        return page

    async def follow(self, space: Space, url: str, by: str) -> Source:
        """Let the space follow what was laid out there."""
        page = await self.probe(url)
        if page.offers:
            raise FeedError("This is a page and no feed.")
        now = self._clock.now()

        def work(tx: Tx) -> Source:
            source = tx.sources.add(source_key(url), url, INTERVAL, now)
            read = replace(source, title=page.title, last_polled_at=now, last_ok_at=now)
            tx.polling.save([read])
            tx.sources.follow(space, source.id, by, now)
            return read

        return await self._database.write(work)


class FakePlaces:
    """Implements `domain.contact_ports.PlacesPort` over answers that a test lays out."""

    def __init__(self) -> None:
        self.answers: dict[str, Located | UserError] = {}
        self.areas: dict[str, tuple[str, ...]] = {}
        self.asked: list[str] = []

    async def locate(self, address: str, lines: int) -> Located:
        """What was laid out for that address."""
        del lines
        self.asked.append(address)
        answer = self.answers.get(address, UserError("The geocoder does not know this address."))
        if isinstance(answer, UserError):
            raise answer
        return answer

    async def zip_areas(self, code: str, lines: int) -> tuple[str, ...]:
        """What was laid out for that ZIP code."""
        del lines
        return self.areas.get(code, ())


class FakeLegislatures:
    """Implements `domain.bill_ports.LegislaturesPort` as it is where no service can be asked."""

    def title(self, source: str) -> str:
        """The name itself."""
        return source

    def allowed(self, source: str) -> int:
        """Nothing is counted."""
        del source
        return 0

    async def look_up(self, key: BillKey) -> Inquiry:
        """Nobody is asked."""
        del key
        return Inquiry()

    async def look_for(self, place: str, number: str, session: str) -> Inquiry:
        """Nobody is asked."""
        del place, number, session
        return Inquiry()

    async def search(self, words: str, places: Sequence[str]) -> tuple[list[FoundBill], Inquiry]:
        """Nobody is asked."""
        del words, places
        return [], Inquiry()


@dataclass
class Person:
    """Someone who types commands and presses buttons in a channel of a community."""

    front_desk: FrontDesk
    clock: Clock
    organizer: bool = True
    space: str = "1"
    channel: str = "general"
    lacking: tuple[str, ...] = ()
    asked: int = 0

    @property
    def request(self) -> Request:
        """What the adapter would make of what they do now."""
        space = SpaceRef(platform=Platform.DISCORD, external_id=self.space)

        async def is_organizer() -> bool:
            self.asked += 1
            return self.organizer

        async def lacking() -> Sequence[str]:
            return self.lacking

        return Request(
            actor=Actor(id="u1", name="Ada"),
            space=space,
            channel=ChannelRef(space=space, external_id=self.channel),
            now=self.clock.now(),
            organizers="people with Manage Server",
            is_organizer=is_organizer,
            lacking=lacking,
        )

    async def reply(self, line: str) -> Reply:
        """Type a line."""
        return await self.front_desk.answer_line(line, self.request)

    async def ask(self, line: str) -> Card:
        """Type a line and look at the card."""
        return (await self.reply(line)).card

    async def press(self, action: Action) -> Card:
        """Press a button by the token it carries."""
        request = self.request
        tokens = await self.front_desk.tokens.sign([action], request.channel)
        return (await self.front_desk.answer_button(tokens[action], request)).card
