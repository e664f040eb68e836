import asyncio
import json
import random
import time
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entries import Entry, Feed
from feeds.documents import to_utf8
from feeds.gate import MAX_ENTRIES
from feeds.parse import (
    INLINE,
    NotAFeed,
    Parser,
    _finished,
    _read_tolerantly,
    prepare,
    read,
    read_here,
)
from feeds.workers import _Process

FEEDS = Path(__file__).parent / "data" / "feeds"
PAIRS = sorted(path.stem for path in FEEDS.glob("*.toml"))
SHARED = Path(__file__).parents[2] / "shared" / "data" / "feeds" / "hostile"
URL = "https://news.example/feeds/all.xml"


@pytest.fixture(scope="module", autouse=True)
def _as_in_a_worker() -> None:
    prepare()


@pytest.fixture
async def parser() -> AsyncIterator[Parser]:
    parser = Parser(workers=2, timeout=3)
    yield parser
    await parser.close()


def any_way(body: bytes, content_type: str = "text/xml") -> Feed:
    return read_here(body, content_type, URL) or read(body, content_type, URL)


def outcome(body: bytes, content_type: str = "text/xml") -> Feed | str:
    """What comes of a body: a feed, or the sentence an organizer reads."""
    try:
        return any_way(body, content_type)
    except NotAFeed as refusal:
        return str(refusal)


def rss(items: str) -> bytes:
    title = "<title>Example Observer</title>"
    return f'<rss version="2.0"><channel>{title}{items}</channel></rss>'.encode()


def item(number: int, more: str = "") -> str:
    return f"<item><title>Item {number}</title><guid>{number}</guid>{more}</item>"


# One oddity each: see data/feeds/README.md


def load(name: str) -> tuple[bytes, dict[str, Any]]:
    expected = tomllib.loads((FEEDS / f"{name}.toml").read_text(encoding="utf-8"))
    (document,) = (path for path in FEEDS.glob(f"{name}.*") if path.suffix != ".toml")
    return document.read_bytes(), expected


def as_expected(entry: Entry, keys: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "published": entry.published_at or False,
    }
    return {key: told[key] for key in keys}


@pytest.mark.parametrize("name", PAIRS)
def test_each_oddity_is_read_as_its_pair_says(name: str) -> None:
    body, expected = load(name)
    feed = outcome(body, expected.get("content_type", "application/rss+xml"))
    if isinstance(feed, str):
        assert feed == expected.get("error")
        return
    told = [as_expected(*pair) for pair in zip(feed.entries, expected["entries"], strict=False)]
    assert told == expected["entries"]
    assert len(feed.entries) == expected["count"]
    assert (feed.title, feed.site_url) == (expected["title"], expected["site"])


@pytest.mark.parametrize("name", PAIRS)
def test_each_oddity_goes_the_way_its_pair_says(name: str) -> None:
    body, expected = load(name)
    way = "here"
    with suppress(NotAFeed):
        here = read_here(body, expected.get("content_type", "application/rss+xml"), URL)
        way = "worker" if here is None else "here"
    assert way == expected.get("way", "here")


# What goes where


async def test_a_plain_feed_is_read_without_starting_a_worker(parser: Parser) -> None:
    feed = await parser.parse(rss(item(1)), content_type="text/xml", url=URL)
    assert [entry.title for entry in feed.entries] == ["Item 1"]
    assert parser._workers._pools == {}


@pytest.mark.parametrize(
    "body",
    [
        rss(item(1, "<pubDate>some day</pubDate>")),
        rss(item(1) + "".join(item(number, "x" * 300) for number in range(500))),
        rss(item(1) + "<a/>" * 12_000),
    ],
    ids=["unplain", "large", "many tags"],
)
def test_what_may_take_long_is_not_read_on_the_loop(body: bytes) -> None:
    assert read_here(body, "text/xml", URL) is None
    assert read(body, "text/xml", URL).entries[0].title == "Item 1"


@pytest.mark.parametrize("field", ["link", "guid"])
def test_a_foreign_host_name_is_not_spelled_on_the_loop(field: str) -> None:
    body = rss(f"<item><title>x</title><{field}>https://bücher.example/</{field}></item>")
    assert read_here(body, "text/xml", URL) is None
    assert read(body, "text/xml", URL).entries[0].url == "https://xn--bcher-kva.example/"


async def test_a_worker_reads_what_the_loop_does_not(parser: Parser) -> None:
    for body in (rss(item(1, "<pubDate>some day</pubDate>")), rss(item(1) + " " * INLINE)):
        feed = await parser.parse(body, content_type="text/xml", url=URL)
        assert [entry.title for entry in feed.entries] == ["Item 1"]
    with pytest.raises(NotAFeed, match=r"^The feed is cut off in the middle\.$"):
        await parser.parse(rss(item(1))[:-30], content_type="text/xml", url=URL)


async def test_a_feed_that_keeps_a_worker_too_long_is_refused_and_the_loop_goes_on() -> None:
    parser = Parser(workers=1, timeout=0.5)
    many = " ".join(f'a{number}="1"' for number in range(100_000))
    body = f'<rss {many} version="2.0"><channel>{item(1)}<x></channel></rss>'.encode()
    lag = asyncio.create_task(worst_lag())
    try:
        with pytest.raises(NotAFeed, match=r"^The feed took too long to read, or too much memory"):
            await parser.parse(body, content_type="text/xml", url=URL)
        after = await parser.parse(rss(item(1, "<x>")), content_type="text/xml", url=URL)
        assert [entry.title for entry in after.entries] == ["Item 1"]
    finally:
        lag.cancel()
        await parser.close()
    assert await lag < 0.2


async def worst_lag() -> float:
    """Seconds that the loop came late at worst, until cancelled."""
    worst = 0.0
    with suppress(asyncio.CancelledError):
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            worst = max(worst, time.perf_counter() - before - 0.005)
    return worst


async def test_where_no_worker_can_start_the_feed_waits(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(_Process, "start", fail)
    with pytest.raises(NotAFeed, match="no process could be started"):
        await parser.parse(rss("<item><x></item>"), content_type="", url=URL)
    monkeypatch.undo()
    after = await parser.parse(rss(item(1, "<x>")), content_type="", url=URL)
    assert [entry.title for entry in after.entries] == ["Item 1"]


@pytest.mark.parametrize("more", ["", "<pubDate>some day</pubDate>"], ids=["plain", "unplain"])
def test_no_more_than_a_thousand_entries_are_read(more: str) -> None:
    feed = any_way(rss("".join(item(number, more) for number in range(MAX_ENTRIES + 5))))
    assert [entry.guid for entry in feed.entries] == [str(number) for number in range(MAX_ENTRIES)]


def test_a_json_feed_is_bounded_too() -> None:
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": number, "title": "x"} for number in range(MAX_ENTRIES + 5)],
    }
    assert len(any_way(json.dumps(told).encode()).entries) == MAX_ENTRIES
    assert list(any_way(json.dumps(told | {"items": []}).encode()).entries) == []


# Nothing comes through unclean, and nothing half


def check(feed: Feed) -> None:
    """Everything the rest of the program relies on."""
    assert len(feed.entries) <= MAX_ENTRIES
    for entry in feed.entries:
        texts = (entry.guid, entry.url, entry.title, entry.summary)
        for text, limit in zip(texts, (500, 2000, 2000, 2000), strict=True):
            assert len(text) <= limit
            assert text.replace("\u200d", "").isprintable()
            assert text == " ".join(text.split())
        assert entry.title
        assert not entry.url or entry.url.startswith(("http://", "https://"))
        if entry.published_at is not None:
            assert entry.published_at.tzinfo is UTC
            assert entry.published_at >= datetime(1990, 1, 1, tzinfo=UTC)


def clean_or_refused(body: bytes, content_type: str = "") -> bool:
    told = outcome(body, content_type)
    if isinstance(told, Feed):
        check(told)
        return True
    return told.startswith("Th") and told.endswith(".")


BODIES = [load(name)[0] for name in PAIRS]


@given(st.binary(max_size=200), st.sampled_from(["", "text/html", "text/xml;charset=utf-7", ";=;"]))
def test_random_bytes_are_refused_in_a_sentence(body: bytes, content_type: str) -> None:
    assert clean_or_refused(body, content_type)


@given(st.randoms(use_true_random=False))
def test_a_feed_with_bytes_changed_is_read_clean_or_refused(source: random.Random) -> None:
    body = bytearray(source.choice(BODIES))
    for _ in range(source.randint(1, 6)):
        start = source.randint(0, len(body))
        other = source.choice(BODIES)
        cut = source.randint(0, len(other))
        body[start : start + source.choice((0, 1, 30))] = other[cut : cut + source.randint(0, 40)]
    assert clean_or_refused(bytes(body))


@pytest.mark.parametrize(
    "name", ["shape_wordpress_rss", "shape_blogger", "rdf_10", "json_11", "ill_entities", "rss091_doctype"]
)  # fmt: skip
def test_a_feed_that_breaks_off_anywhere_is_not_half_read(name: str) -> None:
    body, _ = load(name)
    whole = list(any_way(body).entries)
    for length in range(len(body)):
        told = outcome(body[:length])
        assert isinstance(told, str) or list(told.entries) == whole


def test_entries_keep_their_guids_when_their_feed_is_damaged() -> None:
    plain = [name for name in PAIRS if name.startswith(("shape_", "item_", "atom_", "rdf_"))]
    for name in plain:
        body, expected = load(name)
        if expected["way"] == "here" and b"</title>" in body:
            damaged = body.replace(b"</title>", b" <x></y></title>", 1)
            assert read_here(damaged, "", URL) is None
            guids = [entry.guid for entry in any_way(body).entries]
            assert [entry.guid for entry in any_way(damaged).entries] == guids, name


def quoted(text: str, as_cdata: bool) -> str:
    return f"<![CDATA[{text}]]>" if as_cdata and "]]>" not in text else escape(text)


TEXT = st.text(st.characters(exclude_categories=["C"]), max_size=40)
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXT,
        "link": TEXT | st.just("https://news.example/1"),
        "guid": TEXT,
        "description": TEXT | st.just("<p>a &amp; b</p>"),
        "pubDate": TEXT | st.datetimes().map(datetime.isoformat),
    },
)


@given(st.lists(ITEM, max_size=4), st.booleans())
def test_the_gate_reads_what_feedparser_reads(items: list[dict[str, str]], as_cdata: bool) -> None:
    written = (
        "".join(f"<{key}>{quoted(text, as_cdata)}</{key}>" for key, text in one.items())
        for one in items
    )
    body = rss("".join(f"<item>{fields}</item>" for fields in written))
    here = read_here(body, "", URL)
    if here is not None:
        assert _finished(_read_tolerantly(to_utf8(body, ""), URL, ""), URL) == here


# The hostile samples beside the checkout, by what their manifest requires of reading them

Check = Callable[[Feed | str], bool]


def titles(*expected: str) -> Check:
    return lambda told: isinstance(told, Feed) and [e.title for e in told.entries] == list(expected)


def links(*expected: str) -> Check:
    return lambda told: isinstance(told, Feed) and [e.url for e in told.entries] == list(expected)


def dates(expected: datetime | None) -> Check:
    return lambda told: (
        isinstance(told, Feed) and [e.published_at for e in told.entries] == [expected]
    )


def counts(number: int) -> Check:
    return lambda told: isinstance(told, Feed) and len(told.entries) == number


def says(sentence: str) -> Check:
    return lambda told: told == sentence


def lacks(*marks: str) -> Check:
    return lambda told: isinstance(told, Feed) and not any(mark in str(told) for mark in marks)


PLEDGE = "ACME breaks cage-free pledge"
HOSTILE: dict[str, Check] = {
    "mentions.xml": counts(1),
    "mentions_cdata_description.xml": counts(1),
    "masked_link_discord.xml": counts(1),
    "masked_link_html.xml": lacks("evil.example", "<a"),
    "bidi.xml": lacks("\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad", "\U000e0041"),
    "javascript_links.xml": lambda told: (
        isinstance(told, Feed)
        and len(told.entries) == 19
        and all("@" not in e.url and "script" not in e.url for e in told.entries)
    ),
    "script_title.xml": titles("ACME"),
    "huge_title.xml": lambda told: isinstance(told, Feed) and len(told.entries[0].title) == 300,
    "empty_fields.xml": counts(0),
    "dup_guids.xml": links("https://news.example/a", "https://news.example/b"),
    "guid_change_before.xml": counts(50),
    "guid_change_after.xml": counts(50),
    "date_missing.xml": dates(None),
    "date_future.xml": dates(datetime(2099, 1, 1, tzinfo=UTC)),
    "date_0001.xml": dates(None),
    "date_10000.xml": dates(None),
    "date_garbage.xml": dates(None),
    "date_dst_gap.xml": dates(datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
    "date_two.xml": dates(datetime(2026, 11, 2, 10, tzinfo=UTC)),
    "relative_links.xml": links(
        "https://news.example/a?b=1#c", "https://news.example/x", f"{URL}?y"
    ),
    "xml_base.xml": links("https://base.example/dir/sub/a"),
    "no_decl_latin1.xml": titles("ACME café"),
    "utf16le_bom.xml": titles("ACME café"),
    "utf7.xml": titles("ACME +ADwAIQ-channel+AD4-"),
    "unicode_escape_codec.xml": titles(r"ACME \x3c!channel\x3e"),
    "nul_bytes.xml": titles("ACME"),
    "path_body.bin": says("This is not a feed."),
    "url_body.bin": says("This is not a feed."),
    "html_login.html": says("This is a web page, not a feed."),
    "empty.xml": says("The answer was empty."),
    "truncated.xml": says("The feed is cut off in the middle."),
    "billion_laughs.xml": says(
        "The feed defines entities within entities; such feeds are not read."
    ),
    "quadratic.xml": lambda told: isinstance(told, Feed) and len(told.entries[0].title) == 300,
    "xxe.xml": titles("ACME"),
    "css_redos_200k.xml": titles(PLEDGE),
    "items_20k.xml": counts(MAX_ENTRIES),
    "bomb_100MB.xml.gz": says("This is not a feed."),  # the client inflates, and stops
    "sql_fts.xml": titles("""ACME'); DROP TABLE items;-- " * NEAR( AND OR NOT ^ - : {a}"""),
}


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the sample data is not there")
async def test_every_hostile_sample_is_read_as_required_and_holds_up_nobody() -> None:
    manifest = json.loads((SHARED / "manifest.json").read_text())
    assert {one["file"] for one in manifest} == HOSTILE.keys()
    parser = Parser(workers=1, timeout=9)
    lag = asyncio.create_task(worst_lag())
    try:
        for name, fits in HOSTILE.items():
            told: Feed | str
            before = time.perf_counter()
            try:
                told = await parser.parse((SHARED / name).read_bytes(), content_type="", url=URL)
            except NotAFeed as refusal:
                told = str(refusal)
            assert fits(told), (name, told)
            assert time.perf_counter() - before < 10, name
    finally:
        lag.cancel()
        await parser.close()
    assert await lag < 0.2


@pytest.mark.parametrize(
    "title", ["AT&T", "A&nbsp;T", "A\x0bT", "A<![CDATA[&]]>&T", "A<!-- & -->&T"]
)
def test_common_damage_is_mended_where_we_are(title: str) -> None:
    body = f"<rss><channel><title>{title}</title></channel></rss>".encode()
    assert read_here(body, "", URL) == read(body, "", URL)


@pytest.mark.parametrize("opening", ["<![CDATA[", "<!--"])
def test_what_cannot_be_mended_in_time_is_left_to_a_worker(opening: str) -> None:
    body = f"<rss><channel><title>&{opening * 5000}</title></channel></rss>".encode()
    assert read_here(body, "", URL) is None
