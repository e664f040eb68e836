from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model import FeedLink
from feeds.discover import MAX_FEEDS, find_feeds, web_link
from feeds.parse import NotAFeed, Parser
from feeds.workers import Overrun

URL = "https://news.example/section/page.html"


@pytest.fixture
async def parser() -> AsyncIterator[Parser]:
    parser = Parser(workers=1, timeout=3)
    yield parser
    await parser.close()


# Links


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("https://news.example/a?b=1&c=2#d", "https://news.example/a?b=1&c=2#d"),
        ("HTTP://News.Example/A", "http://News.Example/A"),
        ("http://news.example:8080/a", "http://news.example:8080/a"),
        ("http://[2001:db8::1]/a", "http://[2001:db8::1]/a"),
        ("/a", "https://news.example/a"),
        ("a", "https://news.example/section/a"),
        ("?q", "https://news.example/section/page.html?q"),
        ("//other.example/a", "https://other.example/a"),
        (" https://news.example/a b\n", "https://news.example/a%20b"),
        ('https://news.example/"<a>', "https://news.example/%22%3Ca%3E"),
        ("https://news.example/50%25", "https://news.example/50%25"),
        ("https://news.example/é?ü#ß", "https://news.example/%C3%A9?%C3%BC#%C3%9F"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://news.example/a\u200b\u202e", "https://news.example/a"),
        ("https://news.example/" + "a" * 1979, "https://news.example/" + "a" * 1979),
    ],
)
def test_a_link_is_shown_resolved_and_encoded(written: str, shown: str) -> None:
    assert web_link(written, URL) == shown
    assert web_link(shown, URL) == shown


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "\u200b", "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://x/",
        "mailto:a@b.example", "https:", "https:a", "https:/a", "https:///a", "https://",
        "https://@x.example/", "https://a@x.example/", "https://a:b@x.example/",
        "https://good.example\\@evil.example/", "https://good.example\\.evil.example/",
        "https://x.example:0x/", "https://x.example:99999/", "http://[::1", "http://[x]/",
        "https://x y.example/", "https://x<y.example/", "https://\u202e.example/",
        "https://" + "é" * 80 + ".example/", "https://news.example/" + "a" * 2000,
        "https://news.example/" + "é" * 700,
    ],
)  # fmt: skip
def test_a_link_that_must_not_be_shown_is_none(written: str) -> None:
    assert not web_link(written, URL)


@given(st.text(max_size=60) | st.text(alphabet="htps:/@[].%\\?#a\u00e9 \u202e", max_size=30))
def test_every_link_shown_leads_to_the_web_and_names_nobody(written: str) -> None:
    shown = web_link(written, URL)
    if shown:
        scheme, _, rest = shown.partition("://")
        host = rest.partition("/")[0].partition("?")[0].partition("#")[0]
        assert scheme in {"http", "https"}
        assert host
        assert "@" not in host
        assert shown.isascii()
        assert shown.isprintable()
        assert " " not in shown
        assert web_link(shown) == shown


# Feeds that a page offers

ANNOUNCED = '<link rel="alternate" type="application/{kind}" title="{title}" href="{href}">'


def test_announced_feeds_come_first_then_those_linked_each_once() -> None:
    page = f"""
    <!doctype html><html><head>
    {ANNOUNCED.format(kind="rss+xml", title="All &amp; more", href="/feed/")}
    <LINK REL='alternate feed' TYPE='application/atom+xml; charset=utf-8' HREF='atom.xml'>
    {ANNOUNCED.format(kind="feed+json", title="", href="https://other.example/feed.json")}
    {ANNOUNCED.format(kind="rss+xml", title="Again", href="/feed/#top")}
    </head><body>
    <a href="/comments.rss">Comments <b>as</b>
     RSS</a> <a href="/feed/">Feed</a> <a type="application/rss+xml" href="/odd">Odd</a>
    """
    assert find_feeds(page, URL) == (
        FeedLink(url="https://news.example/feed/", title="All & more"),
        FeedLink(url="https://news.example/section/atom.xml", title=""),
        FeedLink(url="https://other.example/feed.json", title=""),
        FeedLink(url="https://news.example/comments.rss", title="Comments as RSS"),
        FeedLink(url="https://news.example/odd", title="Odd"),
    )


def test_links_are_resolved_against_the_base_of_the_page() -> None:
    page = f'<base href="/elsewhere/">{ANNOUNCED.format(kind="rss+xml", title="", href="f.xml")}'
    assert [link.url for link in find_feeds(page, URL)] == ["https://news.example/elsewhere/f.xml"]


@pytest.mark.parametrize(
    "path",
    ["/feed", "/feed/", "/rss", "/blog/feed/", "/atom.xml", "/index.rdf", "/x.rss", "/feed.json",
     "/feeds/all.atom.xml", "/news-rss.xml", "/rss.php?id=1", "/feeds/posts/default"],
)  # fmt: skip
def test_anchors_that_clearly_lead_to_feeds_are_offered(path: str) -> None:
    assert [link.url for link in find_feeds(f'<a href="{path}">x</a>', URL)] == [
        f"https://news.example{path}"
    ]


@pytest.mark.parametrize(
    "tag",
    [
        '<a href="/feedback">x</a>', '<a href="/about-rss">x</a>', '<a href="/style.xml">x</a>',
        '<a href="/atomic">x</a>', '<a href="/page?feed=rss">x</a>', "<a>x</a>",
        '<a href="javascript:feed.rss">x</a>', '<a href="mailto:a@b.example?/feed">x</a>',
        '<link rel="alternate" type="text/html" href="/feed">', '<link rel="icon" href="/feed">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1">',
        '<link rel="alternate" type="application/rss+xml">',
        '<link rel="alternate" type="application/rss+xml" href="feed://news.example/">',
        '<link rel="alternate" type="application/rss+xml" href="https://a:b@news.example/">',
        '<!-- <link rel="alternate" type="application/rss+xml" href="/feed"> -->',
    ],
)  # fmt: skip
def test_other_links_are_not_offered(tag: str) -> None:
    assert find_feeds(tag, URL) == ()


def test_no_more_than_ten_feeds_are_offered() -> None:
    page = "".join(
        ANNOUNCED.format(kind="rss+xml", title="", href=f"/{number}") for number in range(50)
    )
    assert len(find_feeds(page, URL)) == MAX_FEEDS


@given(st.text(max_size=200) | st.text(alphabet="<>!-[]/\"'= ahreflinkfeed&#;", max_size=120))
def test_any_page_can_be_searched(page: str) -> None:
    assert len(find_feeds(page, URL)) <= MAX_FEEDS


async def test_a_worker_searches_pages_in_their_encoding(parser: Parser) -> None:
    page = '<meta charset="windows-1251"><link rel="alternate" type="application/rss+xml" title="Ещё" href="/feed">'
    found = await parser.discover(page.encode("cp1251"), content_type="text/html", url=URL)
    assert found == (FeedLink(url="https://news.example/feed", title="Ещё"),)
    assert await parser.discover(b"", content_type="", url=URL) == ()


async def test_a_page_that_takes_too_long_to_search_is_given_up(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def overrun(*_: object) -> None:
        raise Overrun

    monkeypatch.setattr(parser._workers, "run", overrun)
    with pytest.raises(NotAFeed, match=r"^The page took too long to read, or too much memory\.$"):
        await parser.discover(b"<a>", content_type="text/html", url=URL)
