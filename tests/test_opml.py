import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.text import clean
from feeds.opml import OpmlError, read_opml, write_opml

FEED = "https://news.example/feed"


def opml(body: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><body>{body}</body></opml>'.encode()


def outline(url: str) -> str:
    return f'<outline text="x" xmlUrl="{url}"/>'


class TestReading:
    def test_feeds_come_in_their_order_each_once(self) -> None:
        urls = [f"https://news.example/{n}" for n in (3, 1, 2, 1)]
        assert read_opml(opml("".join(map(outline, urls)))) == urls[:3]

    def test_folders_are_looked_into(self) -> None:
        inside = f'<outline text="News"><outline text="Deeper">{outline(FEED)}</outline></outline>'
        assert read_opml(opml(inside)) == [FEED]

    @pytest.mark.parametrize("key", ["xmlUrl", "xmlurl", "xmlURL", "XMLURL"])
    def test_exporters_spell_the_address_as_they_like(self, key: str) -> None:
        assert read_opml(opml(f'<outline {key}="  {FEED} "/>')) == [FEED]

    def test_an_outline_without_an_address_is_passed_over(self) -> None:
        assert read_opml(opml('<outline text="a"/><outline xmlUrl=""/>' + outline(FEED))) == [FEED]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
    def test_encodings_that_xml_knows_are_read(self, encoding: str) -> None:
        text = f'<?xml version="1.0" encoding="{encoding}"?><opml><outline text="é" xmlUrl="{FEED}"/></opml>'
        assert read_opml(text.encode(encoding)) == [FEED]

    @pytest.mark.parametrize(
        ("document", "reason"),
        [
            (b"", "it is not well-formed XML: no element found: line 1, column 0"),
            (b"<opml><body>", "it is not well-formed XML: no element found: line 1, column 12"),
            (b"<html>no feeds</html>", "it lists no feed"),
            (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "it defines entities of its own"),
            (b"<!DOCTYPE a [<!ENTITY % b SYSTEM 'file:///etc/passwd'>]><a/>", "it defines entities of its own"),
            (b"<?xml version='1.0' encoding='shift_jis'?><a/>", "its encoding cannot be read; save it as UTF-8"),
            (b"<?xml version='1.0' encoding='hex'?><a/>", "its encoding cannot be read; save it as UTF-8"),
            (b" " * (5 * 1024**2 + 1), "it is larger than 5 MiB"),
            (opml("".join(outline(f"https://news.example/{n}") for n in range(2001))), "it lists more than 2000 feeds"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_used_is_refused_with_the_reason(
        self, document: bytes, reason: str
    ) -> None:
        with pytest.raises(OpmlError) as raised:
            read_opml(document)
        assert str(raised.value) == reason

    @given(
        st.binary(max_size=60)
        | st.text("<?xml version='1.0' encoding=outlURL/>\"&;! ", max_size=60).map(str.encode)
    )
    def test_anything_else_is_refused_too(self, document: bytes) -> None:
        with pytest.raises(OpmlError):
            read_opml(document)


LINES = st.text(max_size=30).map(lambda text: clean(text, 30))


@given(st.lists(st.tuples(LINES, LINES.filter(bool)), min_size=1, unique_by=lambda pair: pair[1]))
def test_what_is_written_is_read_back(feeds: list[tuple[str, str]]) -> None:
    assert read_opml(write_opml(feeds).encode()) == [url for _, url in feeds]


def test_a_list_is_written_for_people_and_programs() -> None:
    assert write_opml([("A & B", FEED), ("", "https://x.example/?a=1&b=2")]) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<opml version="2.0">\n'
        "  <head>\n"
        "    <title>Feeds followed by Pledgewatch</title>\n"
        "  </head>\n"
        "  <body>\n"
        f'    <outline type="rss" text="A &amp; B" title="A &amp; B" xmlUrl="{FEED}" />\n'
        '    <outline type="rss" text="https://x.example/?a=1&amp;b=2" '
        'title="https://x.example/?a=1&amp;b=2" xmlUrl="https://x.example/?a=1&amp;b=2" />\n'
        "  </body>\n"
        "</opml>\n"
    )
