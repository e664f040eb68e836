"""Spans as Discord's markdown. What strangers wrote is escaped here, once, and nowhere else."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from domain.cards import Span, Style, Text
from domain.text import host, shorten

_URL = 2048
_AT_MOST = 2
_ZERO_WIDTH = "\u200b"
# Controls, marks that turn the direction of writing, zero-width characters, lone surrogates, tags.
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200c\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"\s")
# Where markdown acts: an underscore between letters does not, nor does one tilde or one bar.
# The colon keeps addresses from becoming links of themselves, which would unfurl.
_ACTIVE = re.compile(
    r"""[\\*`\[<]
    | (?<![0-9A-Za-z])_ | _(?![0-9A-Za-z])
    | ~(?=~|\Z) | (?<=~)~ | \A~
    | \|(?=\||\Z) | (?<=\|)\| | \A\|
    | :(?=//)""",
    re.VERBOSE,
)
_LINE_START = re.compile(r"\A(\s*)([#>+-]|\d+(?=[.)]))([.)]?)(?=[\s#>-]|\Z)")
_MENTION = re.compile(r"@(?=everyone|here|[!&]?\d)")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_NAMES_HOST = re.compile(r"(?:https?://|\bwww\.)([^\s/?#]+)", re.IGNORECASE)
_IS_HOST = re.compile(r"((?:[\w-]+\.)+[a-z]{2,})(?::\d+)?(?:/\S*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:(?:[\w-]+\.)*[\w-]+\.?|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?")
_UNSAFE_IN_LINK = re.compile(r"[()<>\"\\`|\[\]]")
_CODE_FENCE = re.compile(r"`+")
_EMPHASIS = {Style.BOLD: "**", Style.QUOTE: "*"}


def visible(text: str) -> str:
    """Return `text` on one line, without what cannot be seen."""
    return _SPACES.sub(" ", _HIDDEN.sub("", text))


def escape(text: str) -> str:
    """Return `text` so that Discord shows it as it is, and nobody is called by it."""
    escaped = _ACTIVE.sub(r"\\\g<0>", visible(text))
    escaped = _LINE_START.sub(_escape_start, escaped)
    return _MENTION.sub(f"@{_ZERO_WIDTH}", escaped)


def draw(text: Text, limit: int) -> str:
    """Return spans as markdown of at most `limit` characters, cut visibly."""
    drawn = ""
    for place, long in enumerate(text):
        span = replace(long, text=long.text[: _AT_MOST * limit])  # a book need not be read through
        piece = _piece(span)
        if drawn.endswith("*") and piece.startswith("*"):
            piece = f"{_ZERO_WIDTH}{piece}"  # or the stars of both would run together
        dots = 0 if place == len(text) - 1 else 1
        if len(drawn) + len(piece) > limit - dots:
            return drawn + _cut(span, limit - len(drawn))
        drawn += piece
    return drawn


def draw_words(words: str, limit: int) -> str:
    """Return plain words as markdown of at most `limit` characters, cut visibly."""
    return draw((Span(text=words),), limit)


def web_address(url: str, limit: int = _URL) -> str:
    """Return `url` if it is a web address that Discord takes and that holds no password."""
    if not url.isprintable() or " " in url or len(url) > limit:
        return ""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is none
    except ValueError:
        return ""
    good = parts.scheme in {"http", "https"} and _AUTHORITY.fullmatch(parts.netloc)
    return url if good else ""


def is_honest(words: str, url: str) -> bool:
    """Whether words that lead to `url` pretend to lead to no other host."""
    shown = visible(words).strip()
    named = _NAMES_HOST.findall(shown)
    alone = _IS_HOST.fullmatch(shown)
    target = _bare(host(url))
    return all(_bare(one) == target for one in (*named, *(alone.groups() if alone else ())))


def _bare(named: str) -> str:
    """A host as it compares: lower case, without `www.` and port."""
    return named.lower().removeprefix("www.").partition(":")[0].rstrip(".")


def _escape_start(found: re.Match[str]) -> str:
    """What begins a list, a heading or a quotation does so no more."""
    space, mark, stop = found.groups()
    return f"{space}{mark}\\{stop}" if stop else f"{space}\\{mark}"


def _piece(span: Span) -> str:
    if span.at is not None:
        return f"<t:{int(span.at.timestamp())}:f>"
    if span.channel:
        return f"<#{span.channel}>" if span.channel.isdecimal() else escape(span.text)
    url = web_address(span.url) if span.url else ""
    return _linked(span, url) if url else _styled(span.style, span.text)


def _linked(span: Span, url: str) -> str:
    """A masked link. Where the words name another host, they stay words and the host is named."""
    words = visible(span.text).strip() or host(url)
    target = _UNSAFE_IN_LINK.sub(lambda found: f"%{ord(found[0]):02X}", url)
    if not is_honest(words, url):
        return f"{_styled(span.style, words)} ([{_in_brackets(host(url))}]({target}))"
    before = " " if span.text[:1].isspace() else ""
    after = " " if span.text.strip() and span.text[-1:].isspace() else ""
    return f"{before}[{_styled(span.style, _in_brackets(words))}]({target}){after}"


def _in_brackets(words: str) -> str:
    """Words as they can stand in the brackets of a link: brackets and a scheme would undo it."""
    return _SCHEME.sub("", words).replace("[", "(").replace("]", ")")


def _styled(style: Style, text: str) -> str:
    if style is Style.CODE:
        return _code(visible(text))
    marks = _EMPHASIS.get(style, "")
    inner = visible(text).strip() if marks else ""
    if not inner:
        return escape(text)
    before, _, after = visible(text).partition(inner)
    return f"{before}{marks}{escape(inner)}{marks}{after}"


def _code(text: str) -> str:
    """Text between backticks, more of them than it has itself."""
    if not text.strip():
        return text
    fence = "`" * (1 + max((len(run) for run in _CODE_FENCE.findall(text)), default=0))
    pad = " " if "`" in text or text.endswith("\\") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _cut(span: Span, room: int) -> str:
    """As much of a span as fits, and dots: without its link, if need be hardly anything."""
    return next((piece for piece in _shorter(span, room) if len(piece) <= room), "")


def _shorter(span: Span, room: int) -> Iterator[str]:
    yield f"{_piece(span)}…"
    if span.at is None and not span.channel:
        for size in (room - 1, room - 5, room // 2, room // 3):
            words = shorten(visible(span.text), max(size, 1)).removesuffix("…").rstrip()
            yield f"{_styled(span.style, words)}…"
    yield "…"
