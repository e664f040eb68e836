"""Reading what a message says: what would ping, what links where, what a person sees."""

import html
import re
from collections.abc import Iterator

from tests.doubles.slack.errors import Json

PING = re.compile(
    r"<(?:!(?:channel|here|everyone|subteam\^[^>|]+)|@[UWB][A-Z0-9]+|#[CG][A-Z0-9]+)(?:\|[^>]*)?>"
)
NAMED = re.compile(r"(?<![\w<!])@(?:channel|here|everyone)\b")
LINK = re.compile(r"<((?:https?://|mailto:|tel:)[^>|]*)(?:\|([^>]*))?>")
MARKUP = re.compile(r"<([^<>]*)>")
ATTACHED = ("pretext", "title", "text", "footer", "author_name", "fallback")
TAGS = {"user": "@", "usergroup": "!subteam^", "channel": "#"}


def pings_in(markup: str) -> list[str]:
    """The sequences that would notify or link someone, as Slack would parse them."""
    return PING.findall(markup)


def links_in(markup: str) -> list[tuple[str, str]]:
    """The links as (address, label); a bare one has its address as label."""
    return [
        (html.unescape(url), html.unescape(label or url)) for url, label in LINK.findall(markup)
    ]


def read(markup: str) -> str:
    """What a person reads: labels for links, names for mentions, entities decoded once."""
    return html.unescape(MARKUP.sub(_shown, markup))


def shown_as(kind: str, text: str) -> str:
    """What a person reads of a text from `strings`."""
    if kind == "literal":
        return text
    return read(text) if kind == "mrkdwn" else html.unescape(text)


def strings(nodes: object) -> Iterator[tuple[str, str]]:
    """Every text in blocks as (kind, text): `mrkdwn`, `plain_text` or `literal` (rich text)."""
    if isinstance(nodes, list):
        for node in nodes:
            yield from strings(node)
    elif isinstance(nodes, dict):
        yield from _strings_of(nodes)


def attachment_strings(attachments: list[Json]) -> Iterator[tuple[str, str]]:
    """Every text of legacy attachments, all of which may hold markup, and their blocks'."""
    for attachment in attachments:
        fields = [field.get("value") for field in attachment.get("fields") or []]
        for value in (*(attachment.get(name) for name in ATTACHED), *fields):
            if isinstance(value, str):
                yield "mrkdwn", value
        yield from strings(attachment.get("blocks") or [])


def rich_pings(nodes: object) -> Iterator[str]:
    """What rich text mentions outright: users, groups, channels and broadcasts."""
    if isinstance(nodes, list):
        for node in nodes:
            yield from rich_pings(node)
    elif isinstance(nodes, dict):
        kind = nodes.get("type")
        if kind == "broadcast" and "range" in nodes:
            yield f"<!{nodes['range']}>"
        elif kind in TAGS and f"{kind}_id" in nodes:
            yield f"<{TAGS[kind]}{nodes[f'{kind}_id']}>"
        for value in nodes.values():
            yield from rich_pings(value)


def _strings_of(node: Json) -> Iterator[tuple[str, str]]:
    kind, own = node.get("type"), node.get("text")
    if isinstance(own, str) and kind in {"mrkdwn", "plain_text"}:
        yield str(kind), own
    elif isinstance(own, str):
        yield ("mrkdwn" if kind == "markdown" else "literal"), own
    elif kind == "link" and isinstance(node.get("url"), str):
        yield "literal", node["url"]
    if isinstance(node.get("alt_text"), str):
        yield "plain_text", node["alt_text"]
    for value in node.values():
        if not isinstance(value, str):
            yield from strings(value)


def _shown(match: re.Match[str]) -> str:
    inner, _, label = match[1].partition("|")
    if inner.startswith(("!date^", "http://", "https://", "mailto:", "tel:")):
        return label or inner
    if inner.startswith(("@", "#", "!")):
        return f"{'#' if inner[0] == '#' else '@'}{label or inner[1:]}"
    return match[0]
