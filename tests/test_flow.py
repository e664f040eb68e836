"""From a published feed to messages in channels, through the real core."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from domain.cards import AlertCard, AlertKind, Digest, Notice, Page, plain
from domain.errors import EditClosed, MaybeSent, MessageGone, Refusal, Rejected, RetryLater
from domain.model import SourceState
from tests.loopback import Item
from tests.stage import OTHER, SPACE, START, Stage, staged

REKOGNITION = Item("Amazon pauses police use of Rekognition", "https://one.example/a")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as held:
        yield held


async def listen(stage: Stage, *paths: str) -> None:
    """Follow empty feeds and let channel c1 hear everything."""
    for path in paths or ("one",):
        stage.publisher.put(path)
        await stage.follow(path)
    await stage.say("/subscribe here all")


async def test_first_poll_is_a_baseline_and_posts_nothing(stage: Stage) -> None:
    stage.publisher.put("one", REKOGNITION)
    await stage.say("/subscribe here all")
    await stage.follow("one")
    await stage.round()
    assert stage.chat.messages == {}


async def test_a_new_item_is_told_once(stage: Stage) -> None:
    await listen(stage)
    stage.publisher.put("one", REKOGNITION)
    await stage.round()
    await stage.round()
    (sent,) = stage.chat.sent("c1")
    assert isinstance(sent.card, AlertCard)
    assert sent.card.kind is AlertKind.PLEDGE
    assert sent.card.subjects == ("Amazon",)
    assert "one year" in plain(sent.card.background[0])


async def test_three_outlets_are_one_message_edited_in_place(stage: Stage) -> None:
    await listen(stage, "one", "two", "three")
    stage.publisher.put("one", REKOGNITION)
    await stage.round()
    stage.publisher.put(
        "two", Item("Amazon pauses police use of Rekognition", "https://two.example/b")
    )
    stage.publisher.put(
        "three", Item("Amazon pauses the police use of Rekognition", "https://three.example/c")
    )
    await stage.round()
    (sent,) = stage.chat.sent("c1")
    last = sent.edits[-1]
    assert isinstance(last, AlertCard)
    assert {last.outlet, *(name for name, _ in last.also_in)} == {"one", "two", "three"}


async def test_outlets_that_come_before_the_first_post_are_in_it(stage: Stage) -> None:
    await listen(stage, "one", "two", "three")
    for path in ("one", "two", "three"):
        stage.publisher.put(path, Item(REKOGNITION.title, f"https://{path}.example/x"))
    await stage.round()
    (sent,) = stage.chat.sent("c1")
    assert isinstance(sent.card, AlertCard)
    assert len(sent.card.also_in) == 2
    assert sent.edits == []


async def test_five_stories_at_once_are_five_messages(stage: Stage) -> None:
    await listen(stage)
    stage.publisher.put(
        "one",
        *(
            Item(f"Clearview AI case number {n} begins", f"https://one.example/{n}")
            for n in range(5)
        ),
    )
    await stage.round()
    assert len(stage.chat.sent("c1")) == 5


async def test_a_flood_is_one_digest(stage: Stage) -> None:
    await listen(stage)
    stage.publisher.put(
        "one",
        *(
            Item(f"Clearview AI case number {n} begins", f"https://one.example/{n}")
            for n in range(300)
        ),
    )
    await stage.round()
    (sent,) = stage.chat.sent("c1")
    assert isinstance(sent.card, Digest)
    assert sent.card.more == 290


@pytest.mark.parametrize(
    "again",
    [
        Item(REKOGNITION.title, REKOGNITION.link, guid="other"),
        Item(REKOGNITION.title, "http://one.example/a", guid="other"),
        Item(REKOGNITION.title, "https://one.example/a?utm_source=feed&utm_medium=rss", guid="x"),
        Item(REKOGNITION.title + "!", "https://elsewhere.example/z", guid="https://one.example/a"),
    ],
    ids=["changed guid", "http for https", "tracking parameters", "same guid"],
)
async def test_the_same_item_again_is_not_news(stage: Stage, again: Item) -> None:
    await listen(stage)
    stage.publisher.put("one", REKOGNITION)
    await stage.round()
    stage.publisher.put("one", again)
    await stage.round()
    assert len(stage.chat.sent("c1")) == 1
    assert stage.chat.sent("c1")[0].edits == []


async def test_an_item_that_comes_back_after_hundreds_of_others_is_not_news(stage: Stage) -> None:
    await listen(stage)
    stage.publisher.put("one", REKOGNITION)
    await stage.round()
    weather: list[Item] = []
    for day in range(3):
        weather = [Item(f"Rain {day}-{n}", f"https://one.example/{day}/{n}") for n in range(100)]
        stage.clock.pass_(days=1)
        stage.publisher.put("one", *weather)
        await stage.round()
    stage.clock.pass_(days=30)  # no story of then is remembered
    again = Item("Amazon paused police use", REKOGNITION.link, guid="other")
    stage.publisher.put("one", *weather, again)
    await stage.round()
    assert len(stage.chat.sent("c1")) == 1
    assert stage.core.poller.polled.fresh == 301


async def test_a_republished_old_item_is_not_news(stage: Stage) -> None:
    await listen(stage)
    old = START - timedelta(days=400)
    stage.publisher.put("one", Item("Rekognition explained", "https://one.example/old", at=old))
    await stage.round()
    assert stage.chat.messages == {}


async def test_a_space_that_joins_later_hears_nothing_older(stage: Stage) -> None:
    await listen(stage)
    stage.publisher.put("one", REKOGNITION)
    await stage.say("/subscribe here all", space=OTHER, channel="d1")
    await stage.follow("one", space=OTHER)
    await stage.round()
    assert len(stage.chat.sent("c1")) == 1
    assert stage.chat.sent("d1") == []
    stage.publisher.put("one", REKOGNITION, Item("Rekognition sold again", "https://one.example/b"))
    await stage.round()
    assert len(stage.chat.sent("d1")) == 1


async def test_an_alert_names_only_outlets_its_space_follows(stage: Stage) -> None:
    await listen(stage, "one", "two")
    await stage.say("/subscribe here all", space=OTHER, channel="d1")
    await stage.follow("two", space=OTHER)
    stage.publisher.put("one", REKOGNITION)
    stage.publisher.put("two", Item(REKOGNITION.title, "https://two.example/b"))
    await stage.round()
    (sent,) = stage.chat.sent("d1")
    assert isinstance(sent.card, AlertCard)
    assert (sent.card.outlet, sent.card.also_in) == ("two", ())


async def test_the_rainforest_and_the_sports_page_stay_out(stage: Stage) -> None:
    await listen(stage)
    stage.publisher.put(
        "one",
        Item("Fires in the Amazon rainforest; police investigate", "https://one.example/1"),
        Item("Microsoft tablets on the sidelines as season opens", "https://one.example/2"),
    )
    await stage.round()
    assert stage.chat.messages == {}


async def test_why_shows_the_words_that_matched(stage: Stage) -> None:
    await listen(stage)
    stage.publisher.put("one", REKOGNITION)
    await stage.round()
    card = await stage.say("/pledgewatch why")
    assert isinstance(card, Page)
    told = " ".join(plain(item) for block in card.blocks for item in getattr(block, "items", ()))
    assert "Rekognition" in told


async def test_unchanged_bodies_are_not_parsed_and_validators_are_sent(stage: Stage) -> None:
    page = stage.publisher.put("one", REKOGNITION, etag="v1")
    await stage.follow("one")
    await stage.core.poller.poll_all()
    assert page.requests[-1]["If-None-Match"] == '"v1"'
    assert stage.core.poller.polled.unchanged == 1
    page.headers = {}
    await stage.core.poller.poll_all()
    assert stage.core.poller.polled.unchanged == 2


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"<!doctype html><html><title>Sign in</title></html>", "page"),
        (
            b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><item><title>Am',
            "cut",
        ),
    ],
    ids=["empty", "login page", "truncated"],
)
async def test_a_bad_answer_is_the_sources_error_and_nothing_is_lost(
    stage: Stage, body: bytes, says: str
) -> None:
    await listen(stage)
    stage.publisher.put("one", REKOGNITION)
    await stage.round()
    stage.publisher.pages["one"].body = body
    await stage.round()
    source = await stage.source("one")
    assert source.failures == 1
    assert says in source.last_error.lower()
    stage.publisher.put("one", REKOGNITION, Item("Rekognition sold again", "https://one.example/b"))
    await stage.round()
    assert [one.text for one in stage.chat.sent("c1")] == [
        REKOGNITION.title,
        "Rekognition sold again",
    ]
    assert (await stage.source("one")).failures == 0


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE ON sources WHEN new.url LIKE '%two'",
        """INSERT ON deliveries WHEN EXISTS
        (SELECT 1 FROM entries e WHERE e.story_id = new.story_id AND e.title LIKE '%two')""",
    ],
    ids=["while it is stored", "when it is to be told"],
)
async def test_a_feed_that_cannot_be_recorded_is_taken_in_later_and_the_others_at_once(
    stage: Stage, fault: str
) -> None:
    await listen(stage, "one", "two", "three")
    for path in ("one", "two", "three"):
        stage.publisher.put(path, Item(f"Rekognition in {path}", f"https://{path}.example/x"))
    await stage.core.database.write(
        lambda tx: tx.connection.execute(
            f"CREATE TEMP TRIGGER fault BEFORE {fault} BEGIN SELECT raise(ABORT, 'a fault'); END"
        )
    )
    await stage.round()
    assert {one.text for one in stage.chat.sent("c1")} == {
        "Rekognition in one",
        "Rekognition in three",
    }
    assert stage.core.poller.polled.failed == 1
    await stage.core.database.write(lambda tx: tx.connection.execute("DROP TRIGGER fault"))
    await stage.round()
    assert [one.text for one in stage.chat.sent("c1")][2:] == ["Rekognition in two"]


async def test_what_a_full_disk_turned_away_is_told_when_there_is_room(stage: Stage) -> None:
    await listen(stage)
    items = [
        Item(f"Rekognition {n}", f"https://one.example/{n}", summary=f"{n} " * 150)
        for n in range(90)
    ]
    stage.publisher.put("one", *items)

    async def bound(pages: int) -> None:
        await stage.core.database.read(
            lambda tx: tx.connection.execute(f"PRAGMA max_page_count = {pages}")
        )

    await bound(1)  # as many as there are
    await stage.round()
    assert stage.core.poller.polled.failed == 1
    assert stage.chat.messages == {}
    await bound(100_000)
    await stage.round()
    assert stage.core.poller.polled.fresh == len(items)
    assert stage.chat.sent("c1")


async def test_feeds_that_a_busy_database_turned_away_are_taken_in_later(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """They wait for the other process once, all together."""
    await listen(stage, "one", "two", "three")
    for path in ("one", "two", "three"):
        stage.publisher.put(path, Item(f"Rekognition in {path}", f"https://{path}.example/x"))
    await stage.core.database.read(lambda tx: tx.connection.execute("PRAGMA busy_timeout = 20"))
    with closing(sqlite3.connect(tmp_path / "stage.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await stage.core.poller.poll_all()
        told = await stage.say("/watch add cameras")
    assert isinstance(told, Notice)
    assert plain(told.text) == "Another process is writing to the database."
    assert caplog.messages == ["poll.database_busy feeds=3"]
    assert stage.core.poller.polled.failed == 3
    await stage.round()
    assert len(stage.chat.sent("c1")) == 3


async def test_what_brought_nothing_while_the_database_was_busy_is_asked_again(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await listen(stage, "same", "gone", "missing")
    gone, missing = stage.publisher.pages["gone"], stage.publisher.pages["missing"]
    gone.status, missing.status = 410, 404
    await stage.core.database.read(lambda tx: tx.connection.execute("PRAGMA busy_timeout = 20"))
    with closing(sqlite3.connect(tmp_path / "stage.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await stage.core.poller.poll_all()
    assert not [one for one in caplog.records if one.levelname == "ERROR"]
    assert caplog.messages.count("poll.database_busy sources=3") == 1
    assert (await stage.source("gone")).last_error == ""
    await stage.round()
    assert (await stage.source("gone")).state is SourceState.GONE
    assert (await stage.source("missing")).failures == 1
    (told,) = stage.chat.sent("c1")
    assert isinstance(told.card, Notice)


async def test_a_source_that_is_gone_stops_with_one_notice(stage: Stage) -> None:
    await listen(stage)
    page = stage.publisher.pages["one"]
    page.status = 410
    await stage.round()
    await stage.round()
    (sent,) = stage.chat.sent("c1")
    assert isinstance(sent.card, Notice)
    assert "gone" in sent.text
    assert (await stage.source("one")).state is SourceState.GONE
    assert len(page.requests) == 2


async def test_a_permanent_move_is_stored_after_repeats(stage: Stage) -> None:
    await listen(stage)
    stage.publisher.put("new")
    page = stage.publisher.pages["one"]
    page.status, page.headers = 301, {"Location": stage.publisher.url("new")}
    for _ in range(3):
        await stage.round()
    assert (await stage.source("new")).url == stage.publisher.url("new")


async def test_failures_back_off_and_show_in_the_list(stage: Stage) -> None:
    await listen(stage)
    stage.publisher.pages["one"].status = 503
    await stage.round()
    await stage.round()
    source = await stage.source("one")
    assert source.next_poll_at - stage.clock.now() > source.interval
    card = await stage.say("/feed list")
    assert isinstance(card, Page)
    (line,) = (plain(item) for item in getattr(card.blocks[0], "items", ()))
    assert "failing" in line
    assert "503" in line


async def test_due_sources_are_polled_on_their_schedule(stage: Stage) -> None:
    await listen(stage)
    page = stage.publisher.pages["one"]
    await stage.core.poller.poll_due()
    assert len(page.requests) == 1
    stage.clock.pass_(hours=1)
    await stage.core.poller.poll_due()
    assert len(page.requests) == 2


async def test_a_channel_keeps_its_order_and_waits_after_a_fault(stage: Stage) -> None:
    await listen(stage)
    for number in range(3):
        stage.publisher.put(
            "one",
            *(
                Item(f"Clearview AI case number {n} begins", f"https://one.example/{n}")
                for n in range(number + 1)
            ),
        )
        await stage.core.poller.poll_all()
    stage.chat.fail("c1", RetryLater(timedelta(seconds=30), "busy"))
    await stage.deliver()
    assert stage.chat.messages == {}
    stage.clock.pass_(seconds=29)
    await stage.deliver()
    assert stage.chat.messages == {}
    stage.clock.pass_(seconds=2)
    await stage.deliver()
    assert [one.text.split()[4] for one in stage.chat.sent("c1")] == ["0", "1", "2"]


async def test_retries_come_within_three_minutes_however_often_they_failed(stage: Stage) -> None:
    await listen(stage)
    stage.publisher.put("one", REKOGNITION)
    await stage.core.poller.poll_all()
    for _ in range(20):
        stage.chat.fail("c1", RetryLater(timedelta(seconds=1), "down"))
        await stage.deliver()
        stage.clock.pass_(minutes=3)
    await stage.deliver()
    assert len(stage.chat.sent("c1")) == 1


async def test_maybe_sent_is_sent_again_with_the_same_key(stage: Stage) -> None:
    await listen(stage)
    stage.publisher.put("one", REKOGNITION)
    await stage.core.poller.poll_all()
    stage.chat.fail("c1", MaybeSent("broke off"))
    await stage.deliver()
    stage.clock.pass_(seconds=5)
    await stage.deliver()
    (sent,) = stage.chat.sent("c1")
    assert len(sent.key) <= 25


async def test_a_forbidden_channel_is_paused_at_once_and_another_is_told(stage: Stage) -> None:
    await listen(stage)
    await stage.say("/subscribe here all", channel="c2")
    stage.chat.fail("c1", Rejected(Refusal.NO_PERMISSION, "I may not post there", "Let me."))
    stage.publisher.put("one", REKOGNITION)
    await stage.round()
    assert stage.chat.sent("c1") == []
    assert [type(one.card) for one in stage.chat.sent("c2")] == [AlertCard, Notice]
    assert "paused" in stage.chat.sent("c2")[1].text
    tries = stage.chat.tries
    stage.clock.pass_(days=1)
    await stage.deliver()
    assert stage.chat.tries == tries
    await stage.say("/subscribe here all")
    await stage.deliver()
    assert len(stage.chat.sent("c1")) == 1


async def test_the_only_channels_pause_is_told_to_who_subscribed_it(stage: Stage) -> None:
    await listen(stage)
    stage.chat.fail("c1", Rejected(Refusal.CHANNEL_GONE, "The channel is gone"))
    stage.publisher.put("one", REKOGNITION)
    await stage.round()
    assert len(stage.chat.sent("user:you")) == 1


async def test_an_invalid_message_does_not_hold_up_the_channel(stage: Stage) -> None:
    await listen(stage)
    stage.chat.fail("c1", Rejected(Refusal.INVALID, "too long"))
    stage.publisher.put("one", REKOGNITION, Item("Rekognition sold again", "https://one.example/b"))
    await stage.round()
    assert len(stage.chat.sent("c1")) == 1


async def test_a_deleted_message_is_let_be(stage: Stage) -> None:
    await listen(stage, "one", "two")
    stage.publisher.put("one", REKOGNITION)
    await stage.round()
    stage.chat.fail_edits("c1", MessageGone())
    stage.publisher.put("two", Item(REKOGNITION.title, "https://two.example/b"))
    await stage.round()
    (sent,) = stage.chat.sent("c1")
    assert sent.edits == []
    stage.publisher.put("two", Item("Rekognition sold again", "https://two.example/c"))
    await stage.round()
    assert len(stage.chat.sent("c1")) == 2


async def test_edits_that_are_closed_wait_without_holding_up_posts(stage: Stage) -> None:
    await listen(stage, "one", "two")
    stage.publisher.put("one", REKOGNITION)
    await stage.round()
    stage.chat.fail_edits("c1", EditClosed())
    stage.publisher.put(
        "two",
        Item(REKOGNITION.title, "https://two.example/b"),
        Item("Rekognition sold again", "https://two.example/c"),
    )
    await stage.round()
    assert [one.text for one in stage.chat.sent("c1")][1:] == ["Rekognition sold again"]
    stage.clock.pass_(minutes=6)
    await stage.deliver()
    assert len(stage.chat.sent("c1")[0].edits) == 1


async def test_daily_subscriptions_are_told_together(stage: Stage) -> None:
    stage.publisher.put("one")
    await stage.follow("one")
    await stage.say("/subscribe here all cadence:daily")
    stage.publisher.put("one", REKOGNITION, Item("Rekognition sold again", "https://one.example/b"))
    await stage.round()
    assert stage.chat.messages == {}
    stage.clock.pass_(hours=24)
    await stage.deliver()
    (sent,) = stage.chat.sent("c1")
    assert isinstance(sent.card, Digest)


async def test_two_processes_on_one_database_post_once(stage: Stage, tmp_path: Path) -> None:
    async with staged(tmp_path, chat=stage.chat) as second:
        await listen(stage)
        stage.publisher.put("one", REKOGNITION)
        await stage.core.poller.poll_all()
        await second.core.poller.poll_all()
        await stage.deliver()
        await second.deliver()
    assert len(stage.chat.sent("c1")) == 1


async def test_what_another_process_told_meanwhile_is_not_told_again(
    stage: Stage, tmp_path: Path
) -> None:
    await listen(stage, "one", "two", "three")
    stage.publisher.put("one", REKOGNITION)
    await stage.core.poller.poll_all()
    async with staged(tmp_path) as second:
        for path, teller in (("two", second), ("three", stage)):
            stage.publisher.put(path, Item("City buys Rekognition", f"https://{path}.example/x"))
            await teller.core.poller.poll_all()
    await stage.deliver()
    _, bought = stage.chat.sent("c1")
    assert isinstance(bought.card, AlertCard)
    assert len(bought.card.also_in) == 1


async def test_another_process_changes_watches_and_the_next_poll_knows(
    stage: Stage, tmp_path: Path
) -> None:
    await listen(stage)
    await stage.round()
    async with staged(tmp_path) as second:
        await second.say('/watch add "robot dog"')
    stage.publisher.put("one", Item("City buys a robot dog", "https://one.example/dog"))
    await stage.round()
    assert len(stage.chat.sent("c1")) == 1


async def test_an_address_with_a_secret_belongs_to_one_space(stage: Stage) -> None:
    stage.publisher.put("one")
    await stage.follow("one?token=a1b2c3d4e5f6a7b8")
    await stage.follow("one?token=a1b2c3d4e5f6a7b8", space=OTHER)
    held = await stage.core.database.read(lambda tx: list(tx.sources.all_followed()))
    assert len(held) == 2
    assert SPACE != OTHER
