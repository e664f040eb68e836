"""Text rules that several packages need: cleaning what strangers wrote, folding it for matching.

Folding follows Unicode: compatibility decomposition, combining marks of the Latin, Greek and
Cyrillic scripts dropped, case folded (UAX #15, UAX #21); what is neither letter nor digit nor
vowel sign parts words. Scripts written without spaces are folded to one word a character, so
that the same word-by-word comparison serves every script.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAKS = re.compile(
    r"<(?:script|style)\b[^<>]*>.*?(?:</(?:script|style)[^<>]*>|\Z)", re.IGNORECASE | re.DOTALL
)
# Combining marks of no script in particular; more than two in a row is vandalism ("zalgo").
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
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


def clean(text: str, limit: int) -> str:
    """Return `text` on one line without controls, at most `limit` characters, cut visibly."""
    text = text[: limit * 8]
    if not text.isprintable():
        text = text.translate(_CLEANING)
    if not text.isascii():
        text = _MANY_MARKS.sub(r"\1", text)
    return shorten(" ".join(text.split()), limit)


def plain_from_html(markup: str, limit: int) -> str:
    """Return the readable text of an HTML fragment, cleaned; linear in its length."""
    markup = markup[: limit * 40]
    if "<" in markup:
        if "<s" in markup or "<S" in markup:
            markup = _BREAKS.sub(" ", markup)
        markup = _TAG.sub(" ", markup)
    if "&" in markup:
        markup = html.unescape(markup)
    return clean(markup, limit)


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
    return f" {kept} " if unspaced else kept


def _part_of_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char) in {"Mn", "Mc"}


_FOLDING = _Folding()
_WORD = re.compile(r"[0-9A-Za-z]+")
# The ASCII part of the same rule, for the two loops that see every entry.
_ASCII = "".join(chr(point).lower() if chr(point).isalnum() else " " for point in range(128))


def fold(text: str) -> str:
    """Return the words of `text`, folded, one space between and around them.

    A term occurs in a text as whole words exactly when `fold(term)` occurs in `fold(text)`.
    """
    folded = text.translate(_ASCII) if text.isascii() else text.translate(_FOLDING)
    return f" {' '.join(folded.split())} "


@dataclass(frozen=True, slots=True)
class Word:
    """One folded word and where it stands in the text it came from."""

    folded: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    """Yield the words of `fold(text)` in order with their places in `text`."""
    if text.isascii():
        for found in _WORD.finditer(text):
            yield Word(found[0].lower(), found.start(), found.end())
        return
    held, start, end = "", 0, 0
    for place, char in enumerate(text):
        folded = _FOLDING[ord(char)]
        for part in folded:
            if part == " ":
                if held:
                    yield Word(held, start, end)
                held = ""
                continue
            if not held:
                start = place
            held, end = held + part, place + 1
    if held:
        yield Word(held, start, end)
