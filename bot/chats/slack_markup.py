"""Text as Slack's mrkdwn: escaped once, linked only where we mean it. Pure.

Text of strangers keeps its words: `*` and `_` in it may set it bold or slanted at worst, but no
`<…>` of theirs survives, and `verbatim` keeps Slack from making links of what merely looks like
one.
"""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from domain.cards import Span, Style, Text

# A payload of Slack's, or a part of one.
Json = dict[str, Any]

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LONGEST_ENTITY = 5
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MARKS = {Style.PLAIN: "", Style.BOLD: "*", Style.QUOTE: "_", Style.CODE: "`"}
_LONGEST_ADDRESS = 2000
_IN_ADDRESS = "%/:?#[]@!$&'()*+,;=~"
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
_REACHES = re.compile(r"tel:\+\d{8,15}|mailto:[\w.+%-]+@[\w.-]+(?:\?[\w.~%=&-]*)?", re.ASCII)
_HOST = re.compile(r"(?<![\w.@-])(?:https?://)?((?:[\w-]+\.)+[^\W\d_]{2,})", re.IGNORECASE)


def escape(words: str) -> str:
    """Return `words` as Slack shows them again, without control characters."""
    return _UNFIT.sub("", words).translate(_ENTITIES)


def fit(words: str, limit: int) -> str:
    """Return `words` escaped, in at most `limit` characters, cut visibly."""
    escaped, room = escape(words), min(len(words), limit)
    while len(escaped) > limit:
        escaped = escape(words[: room - 1].rstrip() + "…") if room > 0 else ""
        room -= max(1, (len(escaped) - limit) // _LONGEST_ENTITY)
    return escaped


def plain_text(words: str, limit: int) -> Json:
    """Return a text object without markup; Slack takes none that is blank."""
    shown = fit(" ".join(words.split()), limit)
    return {"type": "plain_text", "text": shown if shown.strip() else "…"}


def marked_text(markup: str) -> Json:
    """Return a text object with markup."""
    return {"type": "mrkdwn", "text": markup, "verbatim": True}


def mrkdwn(text: Text, limit: int) -> str:
    """Return spans as markup in at most `limit` characters, cut visibly."""
    pieces = [_piece(span, *_around(text, place)) for place, span in enumerate(text)]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    written = ""
    for span, piece in zip(text, pieces, strict=True):
        if len(written) + len(piece) >= limit:  # one character is kept for the dots
            return written + _shortened(span, limit - len(written))
        written += piece
    return written


def web_address(url: str, limit: int = _LONGEST_ADDRESS) -> str:
    """Return an http(s) address as it can stand in a payload; empty if it is none."""
    try:
        parts = urlsplit(url)
        hostname = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not hostname or not url.isprintable():
        return ""
    whole = quote(url, safe=_IN_ADDRESS) if url.isascii() else url
    whole = re.sub(r"[\s<>|]", lambda found: quote(found[0]), whole)
    return whole if len(whole) <= limit else ""


def _around(text: Text, place: int) -> tuple[str, str]:
    """The characters that stand before and after a span."""
    before = text[place - 1].text[-1:] if place else ""
    after = text[place + 1].text[:1] if place + 1 < len(text) else ""
    return before, after


def _piece(span: Span, before: str = "", after: str = "") -> str:
    if span.at is not None:
        return _instant(span)
    if span.channel:
        return _channel(span.channel)
    if _REACHES.fullmatch(span.url) and len(span.url) <= _LONGEST_ADDRESS:
        return f"<{escape(span.url)}|{escape(span.text)}>"
    address = web_address(span.url) if span.url else ""
    inner = f"<{escape(address)}|{_label(span.text, address)}>" if address else escape(span.text)
    return _styled(span, inner, before, after)


def _styled(span: Span, inner: str, before: str, after: str) -> str:
    """Set in its style, but not inside a word or around spaces, where Slack shows the marks."""
    mark, core = _MARKS[span.style], inner.strip()
    edges = (before + span.text[:1], span.text[-1:] + after)
    inside_word = any(len(edge) > 1 and edge.isalnum() for edge in edges)
    if not mark or not core or mark in span.text or "\n" in core or inside_word:
        return inner
    start = len(inner) - len(inner.lstrip())
    return f"{inner[:start]}{mark}{core}{mark}{inner[start + len(core) :]}"


def _label(words: str, address: str) -> str:
    """The words of a link; where they name another host than the link's, its own is told too."""
    shown = " ".join(words.split())
    target = (urlsplit(address).hostname or "").removeprefix("www.")
    claimed = [found.lower().removeprefix("www.") for found in _HOST.findall(shown)]
    if any(target != one and not target.endswith(f".{one}") for one in claimed):
        shown = f"{shown} ({target})"
    return escape(shown).strip() or escape(target)


def _instant(span: Span) -> str:
    """A moment in the reader's zone; its words where a client cannot tell."""
    assert span.at is not None
    words, seconds = escape(span.text).replace("|", "/"), int(span.at.timestamp())
    if seconds < 0 or not words:
        return words
    return f"<!date^{seconds}^{{date_short_pretty}}, {{time}}|{words}>"


def _channel(external_id: str) -> str:
    if _CHANNEL.fullmatch(external_id):
        return f"<#{external_id}>"
    return "direct messages" if external_id.startswith("user:") else f"#{escape(external_id)}"


def _shortened(span: Span, limit: int) -> str:
    """As much of a span as fits and a sign that there is more; its link if there is room."""
    if span.at is not None or span.channel:
        return "…"[:limit]
    room = len(span.text) - 1
    while room > 0:
        piece = _piece(replace(span, text=f"{span.text[:room].rstrip()}…"))
        if len(piece) <= limit:
            return piece
        room -= max(1, (len(piece) - limit) // _LONGEST_ENTITY)
    return _shortened(replace(span, url="", style=Style.PLAIN), limit) if span.url else "…"[:limit]
