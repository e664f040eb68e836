"""Text rules that several packages need: cleaning what strangers wrote, folding it for matching.

Folding follows Unicode: compatibility decomposition, combining marks of the Latin, Greek and
Cyrillic scripts dropped, case folded (UAX #15, UAX #21); what is neither letter nor digit nor
vowel sign parts words. Scripts written without spaces are folded to one word a character, so
that the same word-by-word comparison serves every script.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

BREAK = "\x01"
"""Stands between texts that are worked on together. Folds to a word that no clean text has."""

# "3 < 5" is no tag. Tags in a row are one gap, so that mostly no double space is left.
_TAG = "<[a-zA-Z/!?][^<>\x01]{0,2000}+>"
_TAGS = re.compile(f"{_TAG}(?: ?{_TAG})*+")
# HTML's references to characters, as Python's `html` module finds them.
_REFERENCE = re.compile(r"(&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?))")
_BREAKS = re.compile(
    r"<(?:script|style)\b[^<>]*>.*?(?:</(?:script|style)[^<>]*>|\Z)", re.IGNORECASE | re.DOTALL
)
_BROKEN = re.compile("<[sS][ctCT]")  # what may match the above, found faster
# Combining marks of no script in particular; more than two in a row is vandalism ("zalgo").
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_LONGEST_WORD = 256
_LONGEST_REFERENCE = 40
_MANY_MARKS = re.compile(f"({_MARKS}{_MARKS}){_MARKS}+")
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF), (0x3040, 0x30FF), (0x31F0, 0x31FF),  # radicals, kana
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),  # Han
)  # fmt: skip


class _Cleaning(dict[int, str]):
    """Code point → what a clean text has in its place, worked out once each."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        kind = unicodedata.category(char)
        if kind in {"Cc", "Zl", "Zp"}:
            kept = " " if char in "\t\n\r\x0b\x0c\x85\u2028\u2029" else ""
        elif kind in {"Cs", "Cn", "Co"} or (kind == "Cf" and point != 0x200D):  # noqa: PLR2004
            kept = ""  # surrogates, noncharacters, bidi controls, zero-width and tag characters
        else:
            kept = char
        self[point] = kept
        return kept


_CLEANING = _Cleaning()
_PLAINER = (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("–", "-"), ("—", "-"), ("…", "."))
_WESTERN = [bytes([byte]).decode("cp1252", "replace") for byte in range(256)]
# Windows-1252 that stays as it is when text is cleaned (and BREAK), and what only parts words.
_SHOWN = BREAK.encode() + bytes(byte for byte in range(256) if _WESTERN[byte].isprintable())
_SPACES = bytes(byte for byte in range(256) if _WESTERN[byte].isspace())


def clean(text: str, limit: int) -> str:
    """Return `text` on one line without controls, at most `limit` characters, cut visibly.

    Accented letters are put together (NFC), so that each is written in one way only.
    """
    text = text[: limit * 8].strip()
    if not text.isprintable():
        text = " ".join(" ".join(text.split()).translate(_CLEANING).split())
    elif "  " in text:  # what is printable has no other white space
        text = " ".join(text.split())
    if not text.isascii() and _western(text) is None:
        text = _MANY_MARKS.sub(r"\1", text)
        if not unicodedata.is_normalized("NFC", text):
            text = " ".join(map(_composed, text.split()))
    return shorten(text, limit)


def _western(text: str) -> bytes | None:
    """Encode text of western European letters, which has no combining marks; None for other.

    Typographic punctuation becomes plain: without it most of English is ASCII, encoded fastest.
    """
    if not text.isascii():
        for char, plainer in _PLAINER:
            text = text.replace(char, plainer)
    try:
        return text.encode("ascii" if text.isascii() else "cp1252")
    except UnicodeEncodeError:
        return None


def _composed(word: str) -> str:
    """Put letters and accents together; not in what is too long for a word, which takes ages."""
    return unicodedata.normalize("NFC", word) if len(word) <= _LONGEST_WORD else word


def plain_from_html(markup: str, limit: int) -> str:
    """Return the readable text of an HTML fragment, cleaned; linear in its length."""
    markup = markup[: limit * 40]
    if _BROKEN.search(markup):
        markup = _BREAKS.sub(" ", markup)
    return clean(_without_markup(markup), limit)


def plain_each(markups: Sequence[str], limit: int) -> list[str]:
    """Return `plain_from_html` of each; what is alike in them is done to all at once."""
    whole = BREAK.join(markups)
    if _BROKEN.search(whole) or max(map(len, markups)) > limit * 8:
        return [plain_from_html(one, limit) for one in markups]
    whole = _without_markup(whole)
    encoded = _western(whole)
    if encoded is None or (odd := encoded.translate(None, _SHOWN)).strip(_SPACES):
        texts = [clean(one, limit) for one in whole.split(BREAK)]
    else:
        if odd or encoded.rfind(b"  ") >= 0:  # faster than `in`
            whole = " ".join(whole.split())
        texts = list(map(str.strip, whole.split(BREAK)))
        if max(map(len, texts)) > limit:
            texts = [shorten(one, limit) for one in texts]
    if len(texts) != len(markups):  # one of them has breaks in it
        return [plain_from_html(one, limit) for one in markups]
    return texts


def _without_markup(markup: str) -> str:
    if "<" in markup:
        markup = _TAGS.sub(" ", markup)
    if "&" in markup:
        # What `html.unescape` does, but that few references are new. Long ones are not remembered.
        parts = _REFERENCE.split(markup)
        references = parts[1::2]
        short = max(map(len, references), default=0) <= _LONGEST_REFERENCE
        parts[1::2] = map(_meant if short else _meant.__wrapped__, references)
        markup = "".join(parts)
    return markup


@lru_cache(maxsize=4096)
def _meant(reference: str) -> str:
    try:
        return html.unescape(reference)
    except ValueError:  # Python reads no number of thousands of digits
        return ""


def shorten(text: str, limit: int) -> str:
    """Cut `text` to `limit` characters, visibly, at a word where one ends near."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ", max(0, limit - 24))
    return (cut[:space] if space > 0 else cut).rstrip() + "…"


def host(url: str) -> str:
    """Return the host of an http(s) address as people name it: without `www.`."""
    return url.partition("://")[2].partition("/")[0].removeprefix("www.") or url


class _Folding(dict[int, str]):
    """Code point → its folded form, worked out once each."""

    def __missing__(self, point: int) -> str:
        folded = _fold_character(chr(point))
        self[point] = folded
        return folded


def _fold_character(char: str) -> str:
    if unicodedata.category(char) in {"Cf", "Cs"}:
        return ""
    parts = unicodedata.normalize("NFKD", char)
    base = "".join(part for part in parts if not "\u0300" <= part <= "\u036f")
    folded = unicodedata.normalize("NFC", base).casefold()
    kept = "".join(part if _part_of_word(part) else " " for part in folded)
    unspaced = any(low <= ord(part) <= high for part in kept for low, high in _UNSPACED)
    return f" {' '.join(kept)} " if unspaced else kept


def _part_of_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char) in {"Mn", "Mc"}


_FOLDING = _Folding({ord(BREAK): BREAK})
_LATIN_WORD = re.compile(r"[^\W_]+")
_NOT_SIMPLE = 0


def _latin_table() -> bytes:
    """Windows-1252 → the folded character as Latin-1, where it is just one; else `_NOT_SIMPLE`."""
    table = bytearray()
    for byte in range(256):
        folded = _FOLDING[ord(bytes([byte]).decode("cp1252", "replace"))]
        simple = len(folded) == 1 and ord(folded) < 256 and byte  # noqa: PLR2004
        table.append(ord(folded) if simple else _NOT_SIMPLE)
    return bytes(table)


_LATIN = _latin_table()


def fold(text: str) -> str:
    """Return the words of `text`, folded, one space between and around them.

    A term occurs in a text as whole words exactly when `fold(term)` occurs in `fold(text)`.
    """
    simple = fold_latin(text)
    if simple is None:
        return f" {' '.join(text.translate(_FOLDING).split())} "
    return f" {b' '.join(simple.split()).decode('latin-1')} "


def word_places(text: str) -> list[tuple[int, int]]:
    """Return where each word of `fold(text)` begins and ends in `text`."""
    if fold_latin(text) is not None:
        return [found.span() for found in _LATIN_WORD.finditer(text)]
    places: list[tuple[int, int]] = []
    inside = False
    for place, char in enumerate(text):
        for part in _FOLDING[ord(char)]:
            if part == " ":
                inside = False
            elif inside:
                places[-1] = (places[-1][0], place + 1)
            else:
                places.append((place, place + 1))
                inside = True
    return places


def fold_latin(text: str) -> bytes | None:
    """Fold text of the western European kind, a Latin-1 byte a character; None for any other.

    The same words as `fold` gives, but with as many spaces between them as stood there.
    """
    encoded = _western(text)
    if encoded is None:
        return None
    folded = encoded.translate(_LATIN)
    return None if _NOT_SIMPLE in folded else folded
