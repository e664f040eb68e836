import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from domain.entries import Entries, Entry
from domain.model import (
    Actor,
    Cadence,
    Channel,
    Delivery,
    DeliveryKind,
    Field,
    Found,
    Match,
    Platform,
    Rule,
    Source,
    SourceState,
    Space,
    SpaceRef,
    ToldEntry,
    Validators,
    Watch,
    WatchKind,
)
from domain.record import Company, Record
from storage.db import Database, Tx
from storage.rows import from_ms, to_ms
from storage.schema import migrate
from tests.fakes import INTERVAL, START, FakeClock

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DAILY, WEEKLY = START + DAY, START + 7 * DAY
ACME = Rule(kind=WatchKind.COMPANY, names=("Acme",))
BOLT = Rule(kind=WatchKind.COMPANY, names=("Bolt",))
DISCORD = [Platform.DISCORD]


def ref(name: str = "1") -> SpaceRef:
    return SpaceRef(platform=Platform.DISCORD, external_id=name)


@dataclass
class Town:
    """One community on the open transaction, with short ways to fill it."""

    tx: Tx
    space: Space
    numbers: Iterator[int]

    @classmethod
    def on(cls, tx: Tx, name: str = "1", at: datetime = START) -> "Town":
        return cls(tx, tx.spaces.ensure(ref(name), at), count(1))

    def channel(self, name: str = "general") -> Channel:
        return self.tx.spaces.channel(self.space, name)

    def watch(self, rule: Rule = ACME, *, at: datetime = START) -> Watch:
        (name,) = rule.names
        return self.tx.watches.put(self.space, rule.kind, name.lower(), name, rule, at)

    def hear(
        self,
        watch: Watch | None = None,
        *,
        channel: str = "general",
        cadence: Cadence = Cadence.NOW,
        at: datetime = START,
    ) -> Channel:
        spot = self.channel(channel)
        self.tx.subscriptions.put(spot, watch.id if watch else None, cadence, "u1", at)
        return spot

    def follow(self, name: str = "news", *, at: datetime = START) -> Source:
        url = f"https://{name}.example/feed"
        source = self.tx.sources.add(f"{name}.example/feed", url, INTERVAL, at)
        self.tx.sources.follow(self.space, source.id, "u1", at)
        return source

    def bring(
        self,
        source: Source,
        *rules: Rule,
        story: int | None = None,
        dated: datetime = START,
        now: datetime = START,
    ) -> tuple[int, int]:
        """Store an entry of a story, a new one if none is said; return entry and story."""
        number = next(self.numbers)
        title = f"Acme and Bolt {number}"
        found = Found(field=Field.TITLE, start=0, end=4, words="Acme")
        told = ToldEntry(
            source_id=source.id,
            entry=Entry(guid=f"g{number}", url=f"https://news.example/{number}", title=title),
            link="",
            dated_at=dated,
            matches=[Match(rule_id=self.tx.watches.intern(rule), found=(found,)) for rule in rules],
        )
        entry_id, new = self.tx.stories.next_ids()
        self.tx.stories.add([told], [story or new], entry_id, now)
        return entry_id, story or new

    def post(self, *entries: int, now: datetime = START) -> int:
        return self.tx.outbox.enqueue_posts(entries, now, DAILY, WEEKLY)

    def due(self, now: datetime = START) -> list[Delivery]:
        channels = self.tx.outbox.channels_due(DISCORD, now, 50)
        return self.tx.outbox.due(channels, now, 50)

    def send(self, *, shows: int, message: str = "m1", now: datetime = START) -> None:
        """Settle everything that is due."""
        self.tx.outbox.sent([one.id for one in self.due(now)], message, shows, now, digest=False)


@pytest.fixture
def run(database: Database) -> Callable[..., object]:
    """Runs a unit of work on a fresh database."""
    return database.write


class TestDatabase:
    async def test_what_is_no_database_is_not_kept_open(self, tmp_path: Path) -> None:
        (tmp_path / "x.db").write_bytes(b"synthetic " * 100)
        database = Database(tmp_path / "x.db")
        with pytest.raises(sqlite3.DatabaseError, match="not a database"):
            await database.__aenter__()
        with pytest.raises(RuntimeError, match="shutdown"):
            await database.read(lambda _: None)

    async def test_an_empty_file_becomes_a_database_and_opens_again(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "folder" / "kept.db"
        async with Database(path) as database:
            space = await database.write(lambda tx: tx.spaces.ensure(ref(), START))
        async with Database(path) as database:
            assert await database.read(lambda tx: tx.spaces.find(ref())) == space

    async def test_migrating_again_changes_nothing(self, database: Database) -> None:
        def schema(tx: Tx) -> list[tuple[str, str]]:
            return tx.marks._db.execute("SELECT name, sql FROM sqlite_master ORDER BY 1").fetchall()

        before = await database.read(schema)
        await database.write(lambda tx: migrate(tx.marks._db))
        assert await database.read(schema) == before
        assert len(before) > 20

    async def test_every_table_of_ours_is_strict(self, database: Database) -> None:
        def loose(tx: Tx) -> list[str]:
            rows = tx.marks._db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
            return [name for name, sql in rows if "STRICT" not in sql and not name.startswith("_")]

        assert await database.read(loose) in ([], ["sqlite_sequence"])

    async def test_a_unit_of_work_that_fails_leaves_nothing(self, database: Database) -> None:
        def broken(tx: Tx) -> None:
            town = Town.on(tx)
            town.watch()
            town.follow()
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await database.write(broken)
        assert await database.read(lambda tx: tx.spaces.find(ref())) is None
        assert await database.read(lambda tx: list(tx.sources.all_followed())) == []
        await database.write(lambda tx: Town.on(tx).watch())  # and the next one works

    async def test_two_processes_on_one_file_see_each_others_commits(self, tmp_path: Path) -> None:
        path = tmp_path / "shared.db"
        async with Database(path) as one, Database(path) as other:
            await one.write(lambda tx: tx.marks.put("a", "1"))
            assert await other.read(lambda tx: tx.marks.get("a")) == "1"
            await other.write(lambda tx: tx.marks.put("a", "2"))
            assert await one.read(lambda tx: tx.marks.get("a")) == "2"

    async def test_a_process_knows_whether_another_has_written(self, tmp_path: Path) -> None:
        path = tmp_path / "shared.db"
        async with Database(path) as one, Database(path) as other:
            before = await one.read(lambda tx: tx.stories.writes_of_others())
            await one.write(lambda tx: tx.marks.put("a", "1"))
            assert await one.write(lambda tx: tx.stories.writes_of_others()) == before
            await other.write(lambda tx: tx.marks.put("a", "2"))
            assert await one.write(lambda tx: tx.stories.writes_of_others()) != before

    async def test_a_backup_is_a_whole_copy(self, database: Database, tmp_path: Path) -> None:
        await database.write(lambda tx: Town.on(tx).watch())
        await database.backup(tmp_path / "copy.db")
        async with Database(tmp_path / "copy.db") as copy:
            space = await copy.read(lambda tx: tx.spaces.find(ref()))
            assert space is not None

    def test_instants_are_kept_to_the_millisecond(self) -> None:
        at = START.replace(microsecond=123_000)
        assert from_ms(to_ms(at)) == at
        assert from_ms(None) is None
        assert to_ms(at.replace(microsecond=123_999)) == to_ms(at)


class TestSpaces:
    async def test_a_new_one_watches_what_is_shipped_and_keeps_its_id(
        self, shipped: Database, record: Record
    ) -> None:
        def work(tx: Tx) -> tuple[Space, Space, list[Watch]]:
            one, again = tx.spaces.ensure(ref(), START), tx.spaces.ensure(ref(), START + DAY)
            return one, again, tx.watches.of(one)

        one, again, watches = await shipped.write(work)
        assert one == again
        assert {watch.key for watch in watches} == {
            *(company.key for company in record.companies),
            *(bill.key for bill in record.bills if bill.watched),
        }
        assert all(watch.shipped and watch.since == START for watch in watches)

    async def test_one_that_left_takes_everything_along(self, database: Database) -> None:
        def work(tx: Tx) -> list[int]:
            for name in ("1", "2"):
                town = Town.on(tx, name)
                town.hear(town.watch())
                source = town.follow()
                entry, _ = town.bring(source, ACME)
                town.post(entry)
                tx.audit.note(town.space, Actor(id="u1", name="x"), "v", "s", START)
            tx.watches.remove(tx.watches.of(Town.on(tx).space)[0], START)
            tx.spaces.forget(ref("1"))
            counts = []
            for table in ("watches", "subscriptions", "follows", "channels", "deliveries", "audit"):
                counts += tx.marks._db.execute(
                    f"SELECT count(*) FROM {table} WHERE space_id <> 2" if table != "x" else ""
                ).fetchone()
            counts += tx.marks._db.execute("SELECT count(*) FROM ended_subscriptions").fetchone()
            return counts

        assert await database.write(work) == [0] * 7

    async def test_a_paused_channel_is_sent_nothing_until_it_is_resumed(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            spot = town.hear(town.watch())
            town.post(town.bring(town.follow(), ACME)[0])
            assert len(town.due()) == 1
            assert tx.spaces.pause(spot.id, "no permission", START)
            assert not tx.spaces.pause(spot.id, "again", START + HOUR)
            assert town.due() == []
            assert tx.outbox.next_due(DISCORD) is None
            paused = town.channel()
            assert (paused.paused_at, paused.paused_because) == (START, "no permission")
            assert tx.outbox.waiting(spot.id) == 1
            assert tx.spaces.resume(spot.id)
            assert not tx.spaces.resume(spot.id)
            assert len(town.due()) == 1

        await database.write(work)

    async def test_a_notice_about_a_channel_finds_another_ear(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            spot = town.hear(town.watch())
            elsewhere = tx.spaces.subscriber_elsewhere(spot)
            assert elsewhere is not None
            assert elsewhere.external_id == "user:u1"
            other = town.hear(None, channel="news")
            assert tx.spaces.subscriber_elsewhere(spot) == other.ref
            tx.spaces.pause(other.id, "gone", START)
            elsewhere = tx.spaces.subscriber_elsewhere(spot)
            assert elsewhere is not None
            assert elsewhere.external_id == "user:u1"

        await database.write(work)


class TestShippedWatches:
    SHIPPED = (WatchKind.COMPANY, "acme", "Acme", ACME)
    RENAMED = Rule(kind=WatchKind.COMPANY, names=("Acme", "Acme Inc"))

    async def test_a_changed_record_changes_only_what_nobody_touched(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> None:
            tx.watches.ship([self.SHIPPED], START)
            kept, own, gone = (Town.on(tx, name) for name in ("kept", "own", "gone"))
            own.watch(BOLT)
            tx.watches.put(own.space, WatchKind.COMPANY, "acme", "Acme", BOLT, START)
            tx.watches.remove(tx.watches.of(gone.space)[0], START)
            tx.watches.ship([(WatchKind.COMPANY, "acme", "ACME", self.RENAMED)], START + DAY)
            (watch,) = tx.watches.of(kept.space)
            assert (watch.label, watch.rule, watch.shipped) == ("ACME", self.RENAMED, True)
            assert watch.since == START
            mine = tx.watches.find(own.space, WatchKind.COMPANY, "acme")
            assert mine is not None
            assert (mine.label, mine.rule, mine.shipped) == ("Acme", BOLT, False)
            assert tx.watches.of(gone.space) == []

        await database.write(work)

    async def test_a_new_one_comes_to_every_community_from_then_on(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            assert tx.watches.of(town.space) == []
            tx.watches.ship([self.SHIPPED], START + DAY)
            (watch,) = tx.watches.of(town.space)
            assert (watch.shipped, watch.since) == (True, START + DAY)

        await database.write(work)

    async def test_one_can_be_restored_after_it_was_changed(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            tx.watches.ship([self.SHIPPED], START)
            town = Town.on(tx)
            tx.watches.put(town.space, WatchKind.COMPANY, "acme", "Mine", BOLT, START + HOUR)
            assert tx.watches.restore_shipped(town.space, WatchKind.COMPANY, "acme", START + DAY)
            (watch,) = tx.watches.of(town.space)
            assert (watch.label, watch.rule, watch.shipped) == ("Acme", ACME, True)
            assert watch.since == START
            assert not tx.watches.restore_shipped(town.space, WatchKind.COMPANY, "bolt", START)

        await database.write(work)

    async def test_communities_share_one_rule(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            one, two = Town.on(tx, "1").watch(), Town.on(tx, "2").watch()
            assert one.rule_id == two.rule_id
            assert tx.watches.rules() == {one.rule_id: ACME}
            tx.watches.remove(one, START)
            assert tx.watches.rules() == {one.rule_id: ACME}
            tx.watches.remove(two, START)
            assert tx.watches.rules() == {}

        await database.write(work)

    async def test_every_change_raises_the_revision(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            seen = [tx.watches.revision()]
            town = Town.on(tx)
            steps: Sequence[Callable[[], object]] = (
                town.watch,
                town.follow,
                lambda: tx.watches.remove(tx.watches.of(town.space)[0], START),
                lambda: tx.watches.bring_back(town.space, WatchKind.COMPANY, "acme", START),
                lambda: tx.watches.ship([self.SHIPPED], START),
                lambda: tx.sources.unfollow(town.space, 1),
                lambda: tx.spaces.forget(ref()),
            )
            for step in steps:
                step()
                seen.append(tx.watches.revision())
            assert seen == sorted(set(seen))

        await database.write(work)


class TestRemovedWatches:
    async def test_within_a_day_all_is_as_before(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            watch = town.watch()
            town.hear(watch, cadence=Cadence.DAILY)
            town.hear(watch, channel="news")
            heard = tx.subscriptions.of(town.space)
            tx.watches.remove(watch, START + HOUR)
            assert tx.subscriptions.of(town.space) == []
            assert [one.key for one in tx.watches.removed(town.space, WatchKind.COMPANY)] == [
                "acme"
            ]
            assert tx.watches.bring_back(town.space, WatchKind.COMPANY, "acme", START + HOUR + DAY)
            assert tx.watches.of(town.space) == [watch]
            again = tx.subscriptions.of(town.space)
            assert [replace(one, id=0) for one in again] == [replace(one, id=0) for one in heard]
            assert not tx.watches.bring_back(town.space, WatchKind.COMPANY, "acme", START)

        await database.write(work)

    async def test_later_it_begins_anew(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            watch = town.watch()
            town.hear(watch)
            tx.watches.remove(watch, START)
            later = START + DAY + MINUTE
            assert tx.watches.bring_back(town.space, WatchKind.COMPANY, "acme", later)
            assert tx.watches.of(town.space) == [replace(watch, since=later)]
            assert tx.subscriptions.of(town.space) == []

        await database.write(work)

    async def test_what_waits_for_it_alone_is_dropped(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            acme, _ = town.watch(), town.watch(BOLT)
            town.hear(None)
            source = town.follow()
            alone, _ = town.bring(source, ACME)
            both, story = town.bring(source, ACME, BOLT)
            tx.outbox.enqueue_notice(town.channel(), "hello", START)
            assert town.post(alone, both) == 2
            tx.watches.remove(acme, START)
            assert [(one.kind, one.story_id) for one in town.due()] == [
                (DeliveryKind.NOTICE, None),
                (DeliveryKind.POST, story),
            ]

        await database.write(work)


class TestEnqueueingPosts:
    async def test_each_channel_that_hears_is_told_once_a_story(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            watch, other = town.watch(), town.watch(BOLT)
            for channel in ("a", "b"):
                town.hear(watch, channel=channel)
                town.hear(other, channel=channel)
                town.hear(None, channel=channel)
            town.hear(other, channel="c")
            source = town.follow()
            first, story = town.bring(source, ACME)
            second, _ = town.bring(source, ACME, story=story)
            assert town.post(first) == 2
            assert town.post(second) == 0
            assert town.post(first) == 0
            assert [one.channel.ref.external_id for one in town.due()] == ["a", "b"]

        await database.write(work)

    @pytest.mark.parametrize(
        ("since", "dated", "told"),
        [
            (START, START - HOUR, 1),
            (START, START - HOUR - MINUTE, 0),
            (START, START, 1),
            (START, START + DAY, 1),
        ],
    )
    @pytest.mark.parametrize("bound", ["link", "subscription", "watch"])
    async def test_nothing_older_than_link_subscription_or_watch_but_for_an_hour(
        self, bound: str, since: datetime, dated: datetime, told: int, database: Database
    ) -> None:
        long_ago = START - 30 * DAY

        def work(tx: Tx) -> int:
            town = Town.on(tx)
            watch = town.watch(at=since if bound == "watch" else long_ago)
            town.hear(watch, at=since if bound == "subscription" else long_ago)
            source = town.follow(at=since if bound == "link" else long_ago)
            return town.post(town.bring(source, ACME, dated=dated)[0])

        assert await database.write(work) == told

    async def test_a_community_hears_only_what_it_follows_and_watches(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> list[str]:
            ours, theirs, deaf = Town.on(tx, "1"), Town.on(tx, "2"), Town.on(tx, "3")
            for town in (ours, theirs, deaf):
                town.hear(None)
            ours.watch()
            theirs.watch(BOLT)
            deaf.watch()
            source = ours.follow()
            theirs.follow()
            ours.post(ours.bring(source, ACME)[0])
            return [str(one.channel.ref) for one in ours.due()]

        assert await database.write(work) == ["discord:1/general"]

    async def test_the_soonest_cadence_of_a_channel_counts(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            watch = town.watch()
            town.hear(watch, channel="now", cadence=Cadence.NOW)
            town.hear(None, channel="now", cadence=Cadence.WEEKLY)
            town.hear(watch, channel="day", cadence=Cadence.DAILY)
            town.hear(None, channel="day", cadence=Cadence.WEEKLY)
            town.hear(watch, channel="week", cadence=Cadence.WEEKLY)
            town.post(town.bring(town.follow(), ACME)[0])
            told = {}
            for now in (START, DAILY, WEEKLY):
                told[now] = {one.channel.ref.external_id: one.digest for one in town.due(now)}
            assert told[START] == {"now": False}
            assert told[DAILY] == {"now": False, "day": True}
            assert told[WEEKLY] == {"now": False, "day": True, "week": True}
            assert tx.outbox.next_due(DISCORD) == START

        await database.write(work)

    async def test_older_news_is_told_first(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            town.watch()
            town.hear(None)
            source = town.follow()
            late, later_story = town.bring(source, ACME, dated=START + HOUR)
            early, early_story = town.bring(source, ACME, dated=START)
            town.post(late, early)
            assert [one.story_id for one in town.due()] == [early_story, later_story]

        await database.write(work)


class TestEnqueueingEdits:
    def told(self, tx: Tx) -> tuple[Town, Source, int]:
        """A story that #general was told from one outlet."""
        town = Town.on(tx)
        town.hear(town.watch())
        source = town.follow()
        entry, story = town.bring(source, ACME)
        town.post(entry)
        town.send(shows=entry)
        return town, source, story

    async def test_another_outlet_that_is_followed_makes_one_edit(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town, _, story = self.told(tx)
            for name in ("second", "third"):
                town.bring(town.follow(name), ACME, story=story)
                tx.outbox.enqueue_edits([story], START)
            (edit,) = town.due()
            assert (edit.kind, edit.story_id, edit.message) == (DeliveryKind.EDIT, story, "m1")

        await database.write(work)

    async def test_the_same_outlet_or_one_not_followed_makes_none(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town, source, story = self.told(tx)
            town.bring(source, ACME, story=story)
            stranger = Town.on(tx, "2").follow("stranger")
            town.bring(stranger, ACME, story=story)
            old = town.follow("old", at=START + DAY)
            town.bring(old, ACME, story=story, dated=START)
            assert tx.outbox.enqueue_edits([story], START) == 0

        await database.write(work)

    async def test_what_the_message_shows_already_makes_none(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town, _, story = self.told(tx)
            entry, _ = town.bring(town.follow("second"), ACME, story=story)
            tx.outbox.enqueue_edits([story], START)
            (edit,) = town.due()
            tx.outbox.sent([edit.id], "m1", entry, START, digest=False)
            tx.outbox.shown(edit, entry)
            assert tx.outbox.enqueue_edits([story], START) == 0
            town.bring(town.follow("third"), ACME, story=story)
            assert tx.outbox.enqueue_edits([story], START) == 1

        await database.write(work)

    async def test_a_message_that_is_gone_or_a_digest_is_not_edited(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> None:
            town, _, story = self.told(tx)
            tx.outbox.enqueue_edits([story], START)
            town.bring(town.follow("second"), ACME, story=story)
            tx.outbox.enqueue_edits([story], START)
            (edit,) = town.due()
            tx.outbox.failed([edit.id], "deleted", START)
            tx.outbox.retire(edit)
            town.bring(town.follow("third"), ACME, story=story)
            assert tx.outbox.enqueue_edits([story], START) == 0
            entry, other = town.bring(town.follow(), ACME)
            town.post(entry)
            (post,) = town.due()
            tx.outbox.sent([post.id], "m2", entry, START, digest=True)
            town.bring(town.follow("fourth"), ACME, story=other)
            assert tx.outbox.enqueue_edits([other], START) == 0

        await database.write(work)

    async def test_a_story_still_waiting_needs_no_edit(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            town.hear(town.watch())
            entry, story = town.bring(town.follow(), ACME)
            town.post(entry)
            town.bring(town.follow("second"), ACME, story=story)
            assert tx.outbox.enqueue_edits([story], START) == 0

        await database.write(work)


class TestClaiming:
    def busy(self, tx: Tx, posts: int = 3) -> tuple[Town, list[int]]:
        """Two channels that each wait for several posts."""
        town = Town.on(tx)
        town.watch()
        town.hear(None, channel="a")
        town.hear(None, channel="b")
        source = town.follow()
        entries = [town.bring(source, ACME, dated=START + n * MINUTE) for n in range(posts)]
        town.post(*(entry for entry, _ in entries))
        return town, [story for _, story in entries]

    async def test_each_channels_deliveries_come_in_their_order(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town, stories = self.busy(tx)
            due = town.due()
            for channel in ("a", "b"):
                mine = [one.story_id for one in due if one.channel.ref.external_id == channel]
                assert mine == stories
            channels = tx.outbox.channels_due(DISCORD, START, 50)
            few = tx.outbox.due(channels, START, 2)
            assert [one.story_id for one in few] == stories[:2] * 2

        await database.write(work)

    async def test_a_leased_channel_is_nobody_elses_until_its_time_is_up(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> None:
            self.busy(tx)
            channels = tx.outbox.channels_due(DISCORD, START, 50)
            tx.spaces.lease([channels[0].id], START, MINUTE)
            assert tx.outbox.channels_due(DISCORD, START, 50) == channels[1:]
            assert tx.outbox.channels_due(DISCORD, START + MINUTE, 50) == channels
            tx.spaces.release(channels[0].id, START + timedelta(seconds=5))
            assert tx.outbox.channels_due(DISCORD, START, 50) == channels[1:]
            assert tx.outbox.channels_due(DISCORD, START + timedelta(seconds=5), 50) == channels

        await database.write(work)

    async def test_a_held_channel_waits_and_says_until_when(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            self.busy(tx)
            for channel in tx.outbox.channels_due(DISCORD, START, 50):
                tx.spaces.hold(channel.id, START + HOUR)
            assert tx.outbox.channels_due(DISCORD, START, 50) == []
            assert tx.outbox.next_due(DISCORD) == START + HOUR
            assert tx.outbox.next_due([Platform.SLACK]) is None
            assert tx.outbox.channels_due([Platform.SLACK], START + DAY, 50) == []

        await database.write(work)

    async def test_the_longest_waiting_channel_is_served_first(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town, _ = self.busy(tx, 1)
            town.hear(None, channel="c")
            town.post(town.bring(town.follow(), ACME)[0])
            names = [one.ref.external_id for one in tx.outbox.channels_due(DISCORD, START, 2)]
            assert names == ["a", "b"]

        await database.write(work)

    async def test_tries_are_counted_and_one_delivery_can_be_postponed(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> None:
            town, stories = self.busy(tx)
            first = town.due()[0]
            tx.outbox.tried([first.id], "503")
            tx.outbox.tried([first.id], "503")
            tx.outbox.postpone(first.id, START + HOUR, "later")
            assert stories[0] not in [
                one.story_id for one in town.due() if one.channel == first.channel
            ]
            again = next(one for one in town.due(START + HOUR) if one.id == first.id)
            assert again.attempts == 3

        await database.write(work)

    async def test_what_failed_for_good_is_not_tried_again(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town, _ = self.busy(tx, 1)
            tx.outbox.failed([one.id for one in town.due()], "invalid", START)
            assert town.due(START + DAY) == []
            assert tx.outbox.next_due(DISCORD) is None

        await database.write(work)


class TestSubscriptions:
    async def test_a_channel_hears_a_thing_once_with_the_latest_cadence(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            watch = town.watch()
            assert tx.subscriptions.put(town.channel(), watch.id, Cadence.NOW, "u1", START)
            later = START + DAY
            assert not tx.subscriptions.put(town.channel(), watch.id, Cadence.DAILY, "u2", later)
            assert tx.subscriptions.put(town.channel(), None, Cadence.NOW, "u1", START)
            every, one = tx.subscriptions.of(town.space)
            assert (every.label, every.watch_id) == ("all", None)
            assert (one.label, one.cadence, one.since) == ("Acme", Cadence.DAILY, START)

        await database.write(work)

    async def test_the_last_one_takes_along_what_waits(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            watch = town.watch()
            spot = town.hear(watch)
            town.hear(None)
            town.post(town.bring(town.follow(), ACME)[0])
            every, one = tx.subscriptions.of(town.space)
            tx.subscriptions.remove(one.id)
            assert tx.outbox.waiting(spot.id) == 1
            tx.subscriptions.remove(every.id)
            tx.subscriptions.remove(every.id)
            assert tx.outbox.waiting(spot.id) == 0

        await database.write(work)


class TestSources:
    async def test_one_that_is_due_and_followed_is_claimed_by_one_poller(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            source = town.follow()
            tx.sources.add("nobody.example", "https://nobody.example", INTERVAL, START)
            assert tx.polling.next_due() == START
            assert tx.polling.claim_due(START - MINUTE, 10, MINUTE) == []
            assert tx.polling.claim_due(START, 10, MINUTE) == [source]
            assert tx.polling.claim_due(START, 10, MINUTE) == []
            assert tx.polling.next_due() == START + MINUTE
            polled = replace(source, next_poll_at=START + HOUR, last_ok_at=START)
            tx.polling.save([polled])
            assert tx.sources.by_id(source.id) == polled
            assert tx.polling.claim_due(START + HOUR, 10, MINUTE) == [polled]

        await database.write(work)

    async def test_everything_about_it_is_kept(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            source = Town.on(tx).follow()
            changed = replace(
                source,
                title="News",
                validators=Validators(etag='"1"', last_modified="x"),
                body_hash="h",
                interval=HOUR,
                failures=2,
                last_error="503",
                last_polled_at=START,
                last_ok_at=START - DAY,
                moved_to="https://b.example",
                moved_times=2,
            )
            tx.polling.save([changed])
            assert tx.sources.by_key(source.key) == changed
            tx.polling.save([replace(changed, state=SourceState.GONE)])
            assert list(tx.sources.all_followed()) == []
            again = tx.sources.add(source.key, source.url, INTERVAL, START)
            assert again.state is SourceState.ACTIVE

        await database.write(work)

    async def test_a_move_onto_anothers_address_keeps_the_old_key(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            one, two = town.follow("one"), town.follow("two")
            tx.polling.rekey(one.id, two.key)
            assert tx.sources.by_key(one.key) is not None
            tx.polling.rekey(one.id, "three.example/feed")
            assert tx.sources.by_key("three.example/feed") is not None

        await database.write(work)

    async def test_only_what_was_never_read_and_nobody_follows_is_dropped(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> None:
            followed = Town.on(tx).follow()
            unread = tx.sources.add("a", "https://a.example", INTERVAL, START)
            read = tx.sources.add("b", "https://b.example", INTERVAL, START)
            tx.polling.save([replace(read, last_ok_at=START)])
            for one in (followed, unread, read):
                tx.sources.drop_unread(one.id)
            assert tx.sources.by_id(unread.id) is None
            assert tx.sources.by_id(followed.id) is not None
            assert tx.sources.by_id(read.id) is not None

        await database.write(work)


class TestViews:
    async def test_a_community_sees_only_its_own_outlets_and_watches(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> None:
            ours, theirs = Town.on(tx, "1"), Town.on(tx, "2")
            ours.watch()
            theirs.watch()
            theirs.watch(BOLT)
            first, second = ours.follow("first"), theirs.follow("second")
            _, story = ours.bring(first, ACME)
            theirs.bring(second, BOLT, story=story)
            keys = [(ours.space.id, story), (theirs.space.id, story), (ours.space.id, 999)]
            views = tx.stories.views(keys)
            assert set(views) == set(keys[:2])
            mine, yours = (views[key] for key in keys[:2])
            assert [one.name for one in mine.outlets] == ["first.example"]
            assert [one.label for one in mine.matches] == ["Acme"]
            assert [one.name for one in yours.outlets] == ["second.example"]
            assert [one.label for one in yours.matches] == ["Bolt"]
            assert [one[0].label for one in tx.stories.found(story, ours.space.id)] == ["Acme"]

        await database.write(work)

    async def test_an_outlet_is_named_once_with_its_first_headline(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            town.watch()
            source = town.follow()
            tx.polling.save([replace(source, title="The News")])
            _, story = town.bring(source, ACME)
            town.bring(source, ACME, story=story)
            (view,) = tx.stories.views([(town.space.id, story)]).values()
            assert [(one.name, one.title) for one in view.outlets] == [
                ("The News", "Acme and Bolt 1")
            ]
            assert view.matches[0].words == ("Acme",)

        await database.write(work)


class TestEntries:
    async def test_many_of_no_story_are_kept_and_told_again(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            source, other = town.follow("first"), town.follow("second")
            fresh = Entries.of(
                Entry(
                    guid=f"g{n}",
                    url=f"https://news.example/{n}",
                    title=f'“Té” "{n}"',
                    summary="" if n % 2 else "What tells it, for it has no date.",
                    published_at=START - n * MINUTE if n % 2 else None,
                )
                for n in range(60)
            )
            tx.polling.insert(source.id, fresh, [START] * 60, START)
            tx.polling.insert(source.id, Entries.of(()), [], START + DAY)
            tx.polling.relist([7], START + HOUR)
            listed = tx.polling.known([source.id, other.id], 100)
            assert set(listed) == {source.id}
            known = listed[source.id]
            assert sorted(known.entries) == sorted(fresh)
            assert tx.polling.known([source.id], 3)[source.id].ids == [7, 60, 59]
            assert dict(zip(known.ids, known.listed_at, strict=True)) == {
                n: START + HOUR if n == 7 else START for n in range(1, 61)
            }

        await database.write(work)

    async def test_one_of_a_story_is_known_too(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            source = town.follow()
            entry_id, _ = town.bring(source, ACME, now=START + DAY)
            known = tx.polling.known([source.id], 9)[source.id]
            assert (known.ids, known.entries.guids) == ([entry_id], ["g1"])
            assert known.listed_at == [START + DAY]
            (trace,) = tx.stories.traces_after(0, START - DAY)
            assert (trace.title, trace.dated_at) == ("Acme and Bolt 1", START)

        await database.write(work)


class TestForgetting:
    async def test_what_a_feed_still_lists_is_kept(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            town.hear(town.watch())
            source = town.follow()
            listed, listed_story = town.bring(source, ACME)
            gone, gone_story = town.bring(source, ACME)
            town.post(listed, gone)
            town.send(shows=gone)
            waiting, _ = town.bring(source, ACME)
            town.post(waiting)
            later = START + 200 * DAY
            tx.polling.relist([listed], later)
            tx.audit.keep_arguments({"a": "b"}, START + DAY)
            assert tx.polling.forget_before(START + 180 * DAY) == 2
            assert tx.polling.known([source.id], 9)[source.id].ids == [listed]
            assert set(tx.stories.newest_entry([listed_story, gone_story])) == {listed_story}
            left = tx.marks._db.execute("SELECT state FROM deliveries").fetchall()
            assert left == []
            assert tx.marks._db.execute("SELECT * FROM button_arguments").fetchall() == []

        await database.write(work)

    async def test_nothing_young_is_forgotten(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            town = Town.on(tx)
            town.hear(town.watch())
            town.post(town.bring(town.follow(), ACME)[0])
            assert tx.polling.forget_before(START) == 0
            assert len(town.due()) == 1

        await database.write(work)


class TestRecord:
    async def test_it_is_shipped_once_and_loaded_whole(
        self, shipped: Database, record: Record, clock: FakeClock
    ) -> None:
        from bot.records import ship  # noqa: PLC0415

        loaded = await shipped.read(lambda tx: tx.record.load())
        assert sorted(loaded.companies, key=lambda one: one.key) == list(loaded.companies)
        assert set(loaded.companies) == set(record.companies)
        assert set(loaded.bills) == set(record.bills)
        assert set(loaded.coalitions) == set(record.coalitions)
        revision = await shipped.read(lambda tx: tx.record.revision())
        assert await ship(shipped, record, clock) == 0
        assert await shipped.read(lambda tx: tx.record.revision()) == revision

    async def test_a_changed_or_missing_document_is_replaced_and_its_past_kept(
        self, database: Database
    ) -> None:
        def work(tx: Tx) -> None:
            one, two = Company(key="a", name="A"), Company(key="b", name="B")
            assert tx.record.ship([one, two], START) == 2
            changed = replace(one, name="A2")
            assert tx.record.ship([changed], START + DAY) == 1
            assert tx.record.load().companies == (changed,)
            rows = tx.marks._db.execute("SELECT count(*) FROM record_documents").fetchone()
            assert rows == (3,)

        await database.write(work)


class TestAudit:
    async def test_changes_come_newest_first_and_only_ones_own(self, database: Database) -> None:
        def work(tx: Tx) -> None:
            actor = Actor(id="u1", name="Ada")
            for name in ("1", "2"):
                space = Town.on(tx, name).space
                for n in range(3):
                    tx.audit.note(space, actor, "verb", f"{name}-{n}", START, before="b", after="a")
            space = Town.on(tx, "1").space
            changes = tx.audit.of(space, 2)
            assert [one.subject for one in changes] == ["1-2", "1-1"]
            assert (changes[0].actor, changes[0].before, changes[0].after) == ("u1", "b", "a")

        await database.write(work)


TABLES = ("entries", "deliveries", "subscriptions", "matches")


def full_scans(connection: sqlite3.Connection, sql: str) -> list[str]:
    """The big tables that a statement reads from end to end, without an index."""
    names = {}
    for table, alias in re.findall(
        rf"\b({'|'.join(TABLES)})\b(?: (?!SET|WHERE|ON|ORDER)([a-z]\w*))?", sql
    ):
        names[alias or table] = table
    plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
    scans = [row[3] for row in plan if row[3].startswith("SCAN ") and " USING " not in row[3]]
    return [scan for scan in scans if scan.split()[1] in names]


class TestQueryPlans:
    """No statement that runs at every poll, delivery or command may read a big table whole."""

    def hot(self, tx: Tx) -> None:
        town = Town.on(tx)
        watch = town.watch()
        spot = town.hear(watch)
        town.hear(None, channel="news")
        source = town.follow()
        tx.polling.claim_due(START, 10, MINUTE)
        tx.polling.next_due()
        tx.polling.known([source.id], 9)
        tx.polling.relist([1], START)
        tx.stories.traces_after(5, START - DAY)
        entry, story = town.bring(source, ACME)
        town.post(entry)
        tx.outbox.enqueue_edits([story], START)
        tx.outbox.enqueue_notice_to_followers(source.id, "gone", START)
        delivery = town.due()[0]
        tx.outbox.next_due(DISCORD)
        tx.stories.views([(town.space.id, story)])
        tx.stories.newest_entry([story])
        tx.stories.found(story, town.space.id)
        tx.stories.recent_entries(town.space.id, START - DAY, 10)
        tx.outbox.tried([delivery.id], "503")
        tx.outbox.sent([delivery.id], "m1", entry, START, digest=False)
        tx.outbox.shown(delivery, entry)
        tx.outbox.retire(delivery)
        tx.outbox.failed([delivery.id], "x", START)
        tx.outbox.waiting(spot.id)
        tx.outbox.latest_story(spot)
        tx.outbox.heard(town.space, story)
        tx.outbox.health(town.space, START)
        tx.spaces.subscriber_elsewhere(spot)
        tx.sources.followed(town.space)
        tx.sources.drop_unread(source.id)
        held = tx.subscriptions.of(town.space)
        tx.subscriptions.remove(held[0].id)
        tx.watches.remove(watch, START)
        tx.watches.bring_back(town.space, watch.kind, watch.key, START)
        tx.watches.rules()

    async def test_indexes_serve_every_hot_query(self, database: Database) -> None:
        def work(tx: Tx) -> dict[str, list[str]]:
            connection = tx.marks._db
            for name in range(3):  # so that the planner has rows to think of
                town = Town.on(tx, f"crowd{name}")
                town.hear(town.watch())
                source = town.follow()
                town.post(*(town.bring(source, ACME)[0] for _ in range(50)))
            said: list[str] = []
            connection.set_trace_callback(said.append)
            self.hot(tx)
            connection.set_trace_callback(None)
            statements = {
                one for one in said if one.lstrip()[:6] in {"SELECT", "INSERT", "UPDATE", "DELETE"}
            }
            assert len(statements) > 50
            return {one: bad for one in statements if (bad := full_scans(connection, one))}

        assert await database.write(work) == {}
