import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.text import (
    BREAK,
    _meant,
    clean,
    fold,
    host,
    plain_each,
    plain_from_html,
    shorten,
    word_places,
)

# Every character, and often those that fold to nothing, to several, or to a word of their own.
ODD = "aA é½①ﬁßİıſŉǰ\u0301\u0307\u200b\u200d\u00ad漢字カタกำ한글ज़\ufeff'’.-_ \t\n\x00\ud800\U000e0041…™€Œþ\x80\x85\xa0²µª"
TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from(ODD), st.characters(max_codepoint=400)), max_size=40
).map(lambda text: text.replace(BREAK, ""))
CONTROLS = {"Cc", "Cs", "Cn", "Co"}


def folded_words(text: str) -> list[str]:
    return fold(text).split()


class TestFolding:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("Face Recognition", " face recognition "),
            ("FACE-RECOGNITION", " face recognition "),
            ("Reconocimiento facial en México", " reconocimiento facial en mexico "),
            ("Mexico\u0301", " mexico "),
            ("Straße", " strasse "),
            ("Ἀθῆναι", " αθηναι "),
            ("Москва́", " москва "),
            ("ＮＥＣ", " nec "),
            ("Re\u200bkog\u00adnition", " rekognition "),
            ("Macy's and Macy’s", " macy s and macy s "),
            ("顔認証システム", " 顔 認 証 シ ス テ ム "),
            ("한국어", " 한국어 "),
            ("I.B.M.", " i b m "),
            ("3M", " 3m "),
            ("AT&T", " at t "),
            ("snake_case", " snake case "),
        ],
    )
    def test_words_are_compared_without_case_accents_and_marks(
        self, text: str, folded: str
    ) -> None:
        assert fold(text) == folded

    def test_a_thai_vowel_is_the_same_composed_and_taken_apart(self) -> None:
        assert fold("\u0e33") == fold("\u0e4d\u0e32")

    @given(TEXTS)
    def test_folding_again_changes_nothing(self, text: str) -> None:
        assert fold(fold(text)) == fold(text)

    @given(TEXTS, TEXTS, TEXTS)
    def test_a_text_between_others_is_found_as_whole_words(
        self, before: str, text: str, after: str
    ) -> None:
        if folded_words(text):
            assert fold(text) in fold(f"{before} {text} {after}")


class TestWordPlaces:
    @given(TEXTS)
    @example("½ of İ")
    @example("\ud800 lone")
    def test_every_folded_word_has_its_place_and_the_place_holds_the_word(self, text: str) -> None:
        words, places = folded_words(text), word_places(text)
        assert len(words) == len(places)
        for word, (start, end) in zip(words, places, strict=True):
            assert 0 <= start < end <= len(text)
            assert f" {word} " in fold(text[start:end])

    @given(TEXTS)
    def test_places_come_in_reading_order(self, text: str) -> None:
        assert word_places(text) == sorted(word_places(text))

    def test_a_place_quotes_the_word_as_it_was_written(self) -> None:
        text = "Le “Résumé” d’IBM"
        assert [text[start:end] for start, end in word_places(text)] == ["Le", "Résumé", "d", "IBM"]

    def test_hidden_characters_inside_a_word_belong_to_its_place(self) -> None:
        text = "Re\u200bkognition sale 漢"
        assert [text[a:b] for a, b in word_places(text)] == ["Re\u200bkognition", "sale", "漢"]


class TestCleaning:
    @given(TEXTS, st.integers(1, 60))
    def test_what_is_clean_is_short_printable_and_on_one_line(self, text: str, limit: int) -> None:
        cleaned = clean(text, limit)
        assert len(cleaned) <= limit
        assert cleaned == " ".join(cleaned.split())
        kinds = {unicodedata.category(char) for char in cleaned if char != "\u200d"}
        assert not kinds & (CONTROLS | {"Cf"})

    @given(TEXTS)
    def test_cleaning_again_changes_nothing(self, text: str) -> None:
        assert clean(clean(text, 30), 30) == clean(text, 30)

    @pytest.mark.parametrize(
        ("text", "cleaned"),
        [
            ("a\x00b", "ab"),
            ("line\none\ttwo\u2028three", "line one two three"),
            ("pay\u202eelif\u202c", "payelif"),
            ("\u2066hidden\u2069", "hidden"),
            ("zero\u200bwidth", "zerowidth"),
            ("half \ud83d surrogate", "half surrogate"),
            ("Z\u0300\u0301\u0302\u0303\u0304\u0305algo", "Z\u0300\u0301algo"),
            ("tag\U000e0041\U000e0042ged", "tagged"),
            ("family 👨\u200d👩\u200d👧", "family 👨\u200d👩\u200d👧"),
            ("e\u0301te\u0301", "été"),
            ("  spaces   everywhere  ", "spaces everywhere"),
        ],
    )
    def test_what_strangers_hide_in_text_is_taken_out(self, text: str, cleaned: str) -> None:
        assert clean(text, 100) == cleaned

    def test_many_accents_of_any_script_take_no_time(self) -> None:
        started = time.perf_counter()
        clean("a" + "\u05ae\u0591" * 50_000, 100_000)
        assert time.perf_counter() - started < 2


class TestShortening:
    def test_a_text_that_fits_is_left_alone(self) -> None:
        assert shorten("just right", 10) == "just right"

    def test_a_cut_shows_and_falls_between_words(self) -> None:
        assert shorten("police buy face recognition", 18) == "police buy face…"

    def test_a_long_word_is_cut_inside(self) -> None:
        assert shorten("x" * 50, 10) == "x" * 9 + "…"

    @given(TEXTS, st.integers(1, 30))
    def test_it_never_is_longer_than_asked(self, text: str, limit: int) -> None:
        assert len(shorten(text, limit)) <= limit


class TestPlainFromHtml:
    @pytest.mark.parametrize(
        ("markup", "words"),
        [
            ("<p>One</p><p>Two</p>", "One Two"),
            ("A &amp; B &lt;b&gt;", "A & B <b>"),
            ("<script>alert(1)</script>safe", "safe"),
            ("<STYLE>p{}</STYLE >safe", "safe"),
            ("<script>never closed", ""),
            ("a<br/>b", "a b"),
            ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
            ("I <3 privacy</b>", "I <3 privacy"),
            ("x &#xD800; y", "x � y"),
            ("x &#0; y", "x � y"),
            ("&#99999999;", "�"),
            ("<a href='javascript:alert(1)'>click</a>", "click"),
            ("&nbsp;&nbsp;word", "word"),
            ("<img src=x onerror=alert(1)>", ""),
        ],
    )
    def test_it_reads_like_the_page(self, markup: str, words: str) -> None:
        assert plain_from_html(markup, 100) == words

    def test_a_number_too_long_to_read_is_no_character(self) -> None:
        assert plain_from_html("a &#" + "9" * 5000 + "; b", 1000) == "a b"

    @given(st.text(st.one_of(st.sampled_from("<>&;#x/ascriptyle0123456789D "), st.characters())))
    def test_it_reads_anything(self, markup: str) -> None:
        assert len(plain_from_html(markup, 50)) <= 50

    @pytest.mark.parametrize(
        "piece",
        [
            "<",
            "<a ",
            "<script",
            "<script>",
            "</script",
            "&",
            "&#",
            "&#1",
            "&amp",
            "<!--",
            "<a<b",
            "< /",
        ],
    )
    def test_it_takes_time_in_proportion_to_the_length(self, piece: str) -> None:
        started = time.perf_counter()
        plain_from_html(piece * (1_000_000 // len(piece)), 1_000_000)
        assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.theverge.com/2020/6", "theverge.com"),
        ("http://news.example:8080/feed", "news.example:8080"),
        ("https://news.example", "news.example"),
        ("no address", "no address"),
    ],
)
def test_a_host_is_named_as_people_name_it(url: str, name: str) -> None:
    assert host(url) == name


PIECES = st.sampled_from([
    "<p>", "</p>", "<b", "<s", "<script>", "x</script>", ">", "&amp;", "&am", "p;", "&amp", "&#1;",
    "&#", "39;", "&nbsp;", "&#8217;", "&notin;", "&not", BREAK, "’", "é", "e\u0301", "\xad", "\xa0",
    "\n", "\t", "  ", " ", "word", "漢", "\u200b", "\ud800", "\x85", "\x1c", "\u0300",
])  # fmt: skip
MARKUP = st.lists(PIECES, max_size=12).map("".join) | TEXTS


@given(st.lists(MARKUP, min_size=1, max_size=6), st.sampled_from([5, 40, 300]))
@example(["&#" + "9" * 5000, "x"], 300)
def test_many_at_once_are_cleaned_as_each_alone(markups: list[str], limit: int) -> None:
    assert plain_each(markups, limit) == [plain_from_html(one, limit) for one in markups]


@pytest.mark.parametrize("clean_up", [plain_from_html, lambda *of: plain_each([of[0]], of[1])[0]])
def test_no_long_reference_is_remembered(clean_up: Callable[[str, int], str]) -> None:
    """Strangers write them, and what is remembered outlives their feeds."""
    assert clean_up("a&eacute;b", 2000) == "aéb"
    before = _meant.cache_info().currsize
    assert clean_up(f"a &#{'0' * 3000}65; b", 2000) == "a A b"
    assert clean_up(f"a &#{'1' * 5000}; b", 2000) == "a b"
    assert _meant.cache_info().currsize == before
