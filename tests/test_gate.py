from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.dates import moment
from feeds.gate import MAX_ENTRIES, read_plain
from feeds.markup import Damaged, Unplain

ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'


def rss(items: str, channel: str = "<title>T</title><link>https://news.example/</link>") -> bytes:
    return f'<rss version="2.0" {MEDIA}><channel>{channel}{items}</channel></rss>'.encode()


def atom(entries: str, head: str = "<title>T</title>") -> bytes:
    return f"<feed {ATOM}>{head}{entries}</feed>".encode()


class Raw(NamedTuple):
    title: str
    link: str
    guid: str
    guid_is_link: bool
    summary: str
    published_at: datetime | None


def entries(document: bytes) -> list[Raw]:
    return list(map(Raw, *read_plain(document).entries))


def test_an_entry_is_what_the_document_says_uncleaned() -> None:
    document = rss(
        "<item><title> A &amp;amp; B </title><link> /1 </link><guid>g 1</guid>"
        "<description>&lt;p&gt;x</description><pubDate>2020-06-08</pubDate></item>"
    )
    feed = read_plain(document)
    assert (feed.title, feed.link) == ("T", "https://news.example/")
    assert entries(document) == [
        Raw(
            title="A &amp; B",
            link="/1",
            guid="g 1",
            guid_is_link=True,
            summary="<p>x",
            published_at=datetime(2020, 6, 8, tzinfo=UTC),
        )
    ]


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ("", True),
        ('isPermaLink="true"', True),
        ('isPermaLink="false"', False),
        ('ispermalink="false"', False),
        ('isPermaLink="no"', False),
        ('domain="x"', True),
    ],
)
def test_a_guid_is_a_link_unless_it_says_otherwise(attribute: str, expected: bool) -> None:
    (entry,) = entries(rss(f"<item><guid {attribute}>x</guid></item>"))
    assert entry.guid_is_link is expected


def test_each_entry_starts_anew() -> None:
    items = (
        '<item><guid isPermaLink="false">1</guid><title>x</title></item><item><guid>2</guid></item>'
    )
    first, second = entries(rss(items))
    assert (first.title, first.guid_is_link) == ("x", False)
    assert (second.title, second.guid_is_link) == ("", True)


def test_what_the_feed_says_after_its_entries_counts() -> None:
    feed = read_plain(rss("<item><title>x</title></item><title>Late</title>", channel=""))
    assert (feed.title, list(feed.entries.titles)) == ("Late", ["x"])


def test_the_whole_article_is_not_kept_where_there_is_a_summary() -> None:
    body = "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Long</p></div></content>"
    after, before = (f"<entry>{one}</entry>" for one in (f"<summary>S</summary>{body}", body))
    first, second = entries(atom(after + before))
    assert first.summary == "S"
    assert second.summary == "<div><p>Long</p></div>"


def test_text_in_several_pieces_is_one_text() -> None:
    long = "x" * 20_000
    items = f"<item><title>a<!-- c --><![CDATA[<b>b]]>&#99;{long}\n{long}</title></item>"
    assert entries(rss(items))[0].title == f"a<b>bc{long}\n{long}"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("<title>&lt;b&gt;</title>", "<b>"),
        ("<title><![CDATA[<i>x</i>]]></title>", "<i>x</i>"),
        ("<title >x</title\n>", "x"),
        ("<title>A <b class='x>y'>&amp;lt;</b><br/></title>", "A <b>&amp;lt;</b><br>"),
        ("<title type='xhtml'>&lt;b></title>", "&lt;b&gt;"),
    ],
)
def test_a_text_may_read_like_a_tag_and_a_title_may_be_markup(written: str, title: str) -> None:
    assert entries(rss(f"<item>{written}</item>"))[0].title == title


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ("<title>b</title><link>/2</link>", ("b", "/2", "")),
        ("<title></title><link>/2</link>", ("", "/2", "")),
        ("<title>&lt;/title></title><link>/2</link>", ("</title>", "/2", "")),
        ("<title>b</title><link>/2</link><guid>2</guid>", ("b", "/2", "2")),
        ("<link>/2</link><title>b</title>", ("b", "/2", "")),
        ("<title><b>b</b></title><link>/2</link>", ("<b>b</b>", "/2", "")),
        ("<title><br/></title><link>/2</link>", ("<br/>", "/2", "")),
        ("<author>A</author><link>/2</link>", ("", "/2", "")),
        ("<title>b</title><link> /2 </link >", ("b", "/2", "")),
    ],
)
def test_an_entry_written_unlike_the_one_before_is_read_as_well(
    later: str, expected: tuple[str, str, str]
) -> None:
    items = f"<item><title>a</title><link>/1</link></item>\n<item>{later}</item>"
    first, second = entries(rss(items))
    assert first[:3] == ("a", "/1", "")
    assert second[:3] == expected


def test_an_empty_element_where_others_have_a_text_is_not_overlooked() -> None:
    first = "<entry><x>1</x><title>a</title>\n</entry>"
    linked = "<entry><x>1</x><title>a</title><link href='/1'/></entry>"
    assert [one.link for one in entries(atom(first + linked))] == ["", "/1"]
    with pytest.raises(Unplain, match="out of place"):
        read_plain(atom(first + "<entry><x><entry/></x><title>a</title>\n</entry>"))


CHILDREN = [
    "<title>a</title>", "<title></title>", "<title><b>b</b></title>",
    "<link>/2</link>", "<link> /3 </link >", "<category>c</category>", "<category>&lt;b/></category>",
    "<x/>", "<title/>", "\n", "&lt;x/>", "<author><name>n</name></author>", "<!-- c -->",
    "<pubDate>2020-06-08</pubDate>", "<description><![CDATA[<p>x]]></description>",
]  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(CHILDREN), max_size=4),
            st.integers(1, 4),
            st.sampled_from(["", "\n", "\n", "z", "<y/>"]),
        ),
        max_size=5,
    )
)
def test_each_entry_is_read_as_if_it_were_alone(
    written: list[tuple[list[str], int, str]],
) -> None:
    items = [
        f"<item>{''.join(children)}</item>{behind}"
        for children, times, behind in written
        for _ in range(times)
    ]
    try:
        alone = [entry for item in items for entry in entries(rss(item))]
    except Unplain:
        with pytest.raises(Unplain):
            read_plain(rss("".join(items)))
    else:
        assert entries(rss("".join(items))) == alone


def test_an_entry_that_ends_with_white_space_in_its_tag_is_left_to_others() -> None:
    with pytest.raises(Unplain, match="white space"):
        read_plain(rss("<item><title>a</title></item >"))


def test_entities_of_a_document_type_elsewhere_are_taken_for_those_of_html() -> None:
    kind = b'<!DOCTYPE rss PUBLIC "-//x" "http://192.0.2.1/x.dtd">'
    text = "<description><b>x</b>&nbsp;&amp;</description>"
    items = f"<item><title>Caf&eacute; &amp;amp; &unknown;</title>{text}</item>"
    (entry,) = entries(kind + rss(items))
    assert (entry.title, entry.summary) == ("Café &amp; &unknown;", "<b>x</b>\xa0&amp;")


def test_one_prefix_may_mean_different_things_in_different_places() -> None:
    dublin, other = "http://purl.org/dc/elements/1.1/", "urn:x"
    date = "<d:date>2020-06-08</d:date>"
    items = f"<item xmlns:d='{other}'>{date}</item><item xmlns:d='{dublin}'>{date}</item>"
    inner = f"<item xmlns:d='{other}'><x xmlns:d='{dublin}'/>{date}</item>"
    assert [entry.published_at is None for entry in entries(rss(items + inner))] == [
        True,
        False,
        True,
    ]


def test_the_document_is_in_utf8_whatever_it_declares() -> None:
    document = b'<?xml version="1.0" encoding="utf-16"?>' + rss("<item><title>é</title></item>")
    assert entries(document)[0].title == "é"


def test_entries_are_read_up_to_the_limit_and_the_rest_must_be_well_formed() -> None:
    items = "<item><title>x</title></item>" * (MAX_ENTRIES + 10)
    assert len(entries(rss(items))) == MAX_ENTRIES
    with pytest.raises(Damaged):
        read_plain(rss(items + "<item>"))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"<urlset/>", "no kind of feed known here"),
        (b"<rss/>", "no feed in it"),
        (b"<rss><item/></rss>", "an entry out of place"),
        (b"<item/>", "an entry out of place"),
        (rss("<box><item/></box>"), "an entry out of place"),
        (rss("<item><box><item/></box></item>"), "an entry out of place"),
        (rss("<Item/>"), "an unusual entry"),
        (rss("<item><item/></item>"), "item"),
        (rss("", "<link><b>T</b></link>"), "markup in a field"),
        (rss("<item><link><b>T</b></link></item>"), "markup in a field"),
        (rss("<item><link><b/></link></item>"), "markup in a field"),
        (rss("<item><title>a<!-- c -->&lt;b></title></item>"), "a text that reads like a tag"),
        (rss("<item>&lt;title></item>"), "a text that reads like a tag"),
        (rss("&lt;/channel>"), "a text that reads like a tag"),
        (rss("<item><title>1</title><title>2</title></item>"), "said twice"),
        (rss("<item><guid>1</guid><guid>2</guid></item>"), "said twice"),
        (rss("<item><Title>1</Title></item>"), "Title"),
        (rss("<item><id>1</id></item>"), "id"),
        (rss("<item><media:Title>1</media:Title></item>"), "Title"),
        (rss('<item><title xmlns="urn:x">1</title></item>'), "urn:x title"),
        (rss("<item><box><pubDate>2020-01-01</pubDate></box></item>"), "a field out of place"),
        (rss("<item><pubDate>soon</pubDate></item>"), "a date in other words"),
        (rss("<item><media:title>1</media:title></item>"), "a title elsewhere"),
        (rss("<item><box><title>1</title></box></item>"), "a title elsewhere"),
        (rss('<item><link href="/1"/></item>'), "link"),
        (rss("<item><link>/?a&amp;amp;b</link></item>"), "a link escaped twice"),
        (rss('<item xml:base="https://x.example/"><link>/1</link></item>'), "a relative link"),
        (rss('<item href="/1"/>'), "an entry of a channel definition"),
        (rss(f"<item><link {ATOM} href='/1'/></item>"), "an Atom link in RSS"),
        (rss("<item><title>Ã©</title></item>"), "letters misread before"),
        (rss("<item><title>It&#146;s</title></item>"), "letters misread before"),
        (rss("<item><description><div>x</div></description></item>"), "markup that may be escaped"),
        (rss('<x xmlns:m="http://search.yahoo.com/MRSS/"/>'), "a namespace spelled otherwise"),
        (rss("<x " + " ".join(f"xmlns:p{n}='urn:x'" for n in range(99)) + "/>"), "more namespaces"),
        (rss("".join(f"<x xmlns:p='urn:{n}'/>" for n in range(3000))), "more namespaces"),
        (atom("<entry><link>/1</link></entry>"), "a link without an address"),
        (atom('<entry><title type="image/gif">x</title></entry>'), "2005/Atom title"),
        (atom('<entry><content type="image/png">x</content></entry>'), "content"),
        (b"<!DOCTYPE rss [<!ENTITY x 'y'>]>" + rss(""), "a document type of its own"),
    ],
)
def test_what_is_not_plain_is_left_to_others(document: bytes, reason: str) -> None:
    with pytest.raises(Unplain, match=reason):
        read_plain(document)


@pytest.mark.parametrize(
    "items",
    [
        "<item><title>Été» dit-elle « « à\u00a0! »</title></item>",  # like letters encoded twice
        "<item><title>x</title><media:group><media:title>y</media:title></media:group></item>",
        "<item><title>x</title><source url='/'>y</source></item>",
        f"<item><title>x</title><source {ATOM}><title>y</title><updated>z</updated></source></item>",
        f"<item><link>https://x.example/</link><link {ATOM} rel='self' href='/'/></item>",
        '<item><t:title xmlns:t="urn:x">1</t:title></item>',
        "<item><category><sub>x</sub></category></item>",
        "<?xml-stylesheet href='x'?><!-- <item> --><image><title>x</title><link>y</link></image>",
        "<item xml:base='/x'><link>https://news.example/1</link></item>",
    ],
)
def test_what_only_looks_unusual_is_read(items: str) -> None:
    read_plain(rss(items))


def test_damage_names_its_line() -> None:
    with pytest.raises(Damaged, match="mismatched tag") as caught:
        read_plain(b"<rss>\n<channel>\n</rss>")
    assert caught.value.line == 3


@given(st.binary(max_size=300) | st.text(alphabet="<>/&;![]-?=\"' rsitemchanl:x", max_size=200))
def test_anything_else_is_unplain(written: bytes | str) -> None:
    document = written.encode() if isinstance(written, str) else written
    try:
        read_plain(b"<rss><channel>" + document)
    except Unplain:
        return
    raise AssertionError


# Dates


@pytest.mark.parametrize(
    "written",
    [
        "Mon, 08 Jun 2020 10:00:00 GMT",
        "Mon, 08 Jun 2020 10:00:00 +0000",
        "Mon, 08 Jun 2020 12:00:00 +0200",
        "Mon, 08 Jun 2020 06:00:00 EDT",
        "Mon, 8 Jun 2020 10:00:00 Z",
        "Mon 8 Jun 2020 10:00 UT",
        "Monday, 8 June 2020 10:00:00 UTC",
        "8 Jun 2020  04:30 -05:30",
        "2020-06-08T10:00:00Z",
        "2020-06-08t10:00:00z",
        "2020-06-08T10:00:00.999999999Z",
        "2020-06-08T12:00:00+02:00",
        "2020-06-08T05:00:00-0500",
        "2020-06-08 10:00:00",
        "2020-06-08T10:00Z",
    ],
)
def test_the_prescribed_forms_of_dates_are_read(written: str) -> None:
    assert moment(written) == datetime(2020, 6, 8, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "", "soon", "2020", "2020-06", "2020-13-01", "2020-02-30", "20200608T100000Z", "2020-W24-1",
        "Mon, 31 Feb 2020 10:00:00 GMT", "Mon, 08 Jun 2020 24:00:00 GMT", "08 Jun 20 10:00 GMT",
        "Mon, 08 Xxx 2020 10:00:00 GMT", "Mon, 08 Jun 2020 10:00:00 XYZ", "9999-12-31T23:59:59-14:00",
        "Mon, 08 Jun 2020 10:00:00 +0000 (UTC)", "Mon, 08 Jun 2020 10:00:00 +12345",
        "Mon, 08 Jun 2020 10:00:00 GMT, Tue", "٢٠٢٠-٠٦-٠٨",
    ],
)  # fmt: skip
def test_other_dates_are_none_of_ours(written: str) -> None:
    assert moment(written) is None


@given(st.text(max_size=40) | st.from_regex(r"[A-Za-z]{3}, [0-9 ]{2} [A-Z][a-z]{2} [0-9]{4} .*"))
def test_a_date_is_in_utc_and_whole_seconds_or_none(written: str) -> None:
    read = moment(written)
    assert read is None or (read.tzinfo is UTC and read.microsecond == 0)


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda by: timezone(timedelta(minutes=by)))


@given(st.datetimes(min_value=datetime(1990, 1, 1), timezones=OFFSETS))  # noqa: DTZ001
def test_every_instant_written_as_prescribed_is_read_back(when: datetime) -> None:
    try:
        whole = when.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        whole = None
    assert moment(when.isoformat()) == whole
    assert moment(when.strftime("%a, %d %b %Y %H:%M:%S %z")) == whole
