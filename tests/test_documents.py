import time

import pytest

from feeds.documents import mended

ITEM = b"<rss><channel><item><title>%b</title></item></channel></rss>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a<br>b", b"a<br/>b"),
        (b'<P CLASS="x > y">a</p >', b"<p/>a<p/>"),
        (b"<img src=x alt='&'>", b"<img/>"),
        (b"<b><i>x</b></i>", b"<b/><i/>x<b/><i/>"),
        (b"<![CDATA[<br>]]><!-- <br> -->", b"<![CDATA[<br>]]><!-- <br> -->"),
        (b"&lt;br&gt;", b"&lt;br&gt;"),
        (b"<link><source><summary><video><p-x>", b"<link><source><summary><video><p-x>"),
        (b'<p title="<br', b'<p title="<br'),
    ],
)
def test_html_in_a_text_becomes_empty_elements(text: bytes, expected: bytes) -> None:
    assert mended(ITEM % text) == ITEM % expected


@pytest.mark.parametrize(
    "document",
    [
        b"<rss><channel><b>Fatal error</i>: out of memory <x:y></channel></rss>",
        b'<feed xmlns:x="http://www.w3.org/1999/xhtml"><entry><x:div><br><p>a</p></x:div></entry></feed>',
    ],
    ids=["an error in place of entries", "XHTML"],
)
def test_html_that_means_something_stays(document: bytes) -> None:
    assert mended(document) == document


@pytest.mark.parametrize(
    ("item", "declarations"),
    [
        (b"<dc:date/>", b' xmlns:dc="http://purl.org/dc/elements/1.1/"'),
        (b"<Media:x/>", b' xmlns:Media="http://search.yahoo.com/mrss/"'),
        (b'<x y:z=""/><atom:link/>', b' xmlns:atom="urn:prefix:atom" xmlns:y="urn:prefix:y"'),
        (b'<x:y xmlns:x = "urn:x"/>', b""),
        (b'<a xml:lang="en" href="http://news.example/"/>', b""),
        (b"".join(b"<p%d:x/>" % number for number in range(50)), b""),
    ],
)
def test_prefixes_are_declared_once(item: bytes, declarations: bytes) -> None:
    begun = mended(b"<rss><item>" + item + b"</item></rss>").partition(b">")[0]
    assert begun == b"<rss" + declarations


@pytest.mark.parametrize(
    "unit", [b"<p", b"<br ", b'<img src="', b"<p x='\"", b"xmlns:", b"a:", b"<a:", b" a:b=", b"<b>"]
)
def test_mending_takes_time_in_proportion_to_size(unit: bytes) -> None:
    short, long = (ITEM % (unit * (size // len(unit))) for size in (16_384, 131_072))
    assert _seconds(long) < 30 * _seconds(short)


def _seconds(document: bytes) -> float:
    """The least time of a few that mending takes."""
    taken = []
    for _ in range(5):
        before = time.thread_time()
        mended(document)
        taken.append(time.thread_time() - before)
    return min(taken)
