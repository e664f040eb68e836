"""Reading feeds on request, for commands and the command line."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from bot.poller import Poller
from domain.entries import Entries, Entry
from domain.errors import FeedError
from domain.model import FeedLink, Source, SourceState, Space, Watch, WatchMatch
from domain.ports import Clock, Probe
from feeds.addresses import AddressPolicy, has_credentials, source_key
from feeds.http import Fetcher
from feeds.match import Matcher
from feeds.parse import NotAFeed, Parser
from storage.db import Database

_LISTED = 100


class FeedDesk:
    """Implements `domain.ports.FeedsPort`."""

    def __init__(
        self,
        *,
        database: Database,
        fetcher: Fetcher,
        parser: Parser,
        poller: Poller,
        policy: AddressPolicy,
        clock: Clock,
        interval: timedelta,
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._parser = parser
        self._poller = poller
        self._policy = policy
        self._clock = clock
        self._interval = interval

    def key(self, space: Space, url: str) -> str:
        """Return the source's key; an address with a secret in it is one community's own."""
        self._policy.check_url(url)
        return f"{space.id}|{source_key(url)}" if has_credentials(url) else source_key(url)

    async def probe(self, url: str) -> Probe:
        """Fetch and read `url` without keeping anything."""
        answer = await self._fetcher.get(url)
        body = answer.body or b""
        try:
            feed = await self._parser.parse(body, content_type=answer.content_type, url=answer.url)
        except NotAFeed:
            offers = await self._parser.discover(
                body, content_type=answer.content_type, url=answer.url
            )
            if not offers:
                raise
            links = tuple(FeedLink(url=one.url, title=one.title) for one in offers)
            return Probe(url=answer.url, title="", offers=links)
        return Probe(url=url, title=feed.title, entries=feed.entries[:_LISTED])

    async def follow(self, space: Space, url: str, by: str) -> Source:
        """Poll the feed now, then let the space hear what it brings.

        So joining always comes right after a poll, and what was listed before is not told.
        """
        key = self.key(space, url)
        source = await self._database.write(
            lambda tx: tx.sources.add(key, url, self._interval, self._clock.now())
        )
        after = await self._poller.poll(source)
        if after.last_ok_at is None or after.state is SourceState.GONE:
            await self._database.write(lambda tx: tx.sources.drop_unread(source.id))
            raise FeedError(after.last_error)
        await self._database.write(
            lambda tx: tx.sources.follow(space, source.id, by, self._clock.now())
        )
        return after


class MatchDesk:
    """Implements `domain.ports.MatchPort`."""

    def matches(self, watches: Sequence[Watch], entries: Sequence[Entry]) -> list[list[WatchMatch]]:
        """Return, for each entry, the watches it satisfies with the words that did."""
        matcher = Matcher({watch.rule_id: watch.rule for watch in watches})
        (found,) = matcher.match([Entries.of(entries)])
        by_rule: defaultdict[int, list[Watch]] = defaultdict(list)
        for watch in watches:
            by_rule[watch.rule_id].append(watch)
        return [
            [
                WatchMatch(
                    kind=watch.kind,
                    key=watch.key,
                    label=watch.label,
                    words=tuple(dict.fromkeys(place.words for place in match.found)),
                )
                for match in found.get(place, ())
                for watch in by_rule[match.rule_id]
            ]
            for place in range(len(entries))
        ]
