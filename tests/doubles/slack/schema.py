"""The checks that every part of Block Kit shares, worded as Slack words its refusals."""

import ipaddress
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.doubles.slack.errors import Json

SCHEMES = frozenset({"http", "https", "mailto", "tel", "slack"})
PLAIN = ("plain_text",)
EITHER = ("plain_text", "mrkdwn")


@dataclass(slots=True)
class Faults:
    """What is wrong with a payload, each fault with the JSON pointer to it."""

    found: list[str] = field(default_factory=list)

    def add(self, problem: str, at: str) -> None:
        """Note one fault."""
        self.found.append(f"{problem} [json-pointer:{at}]")


def as_object(value: Any, at: str, faults: Faults) -> Json | None:
    """The value as an object, or None and a fault."""
    if isinstance(value, dict):
        return value
    faults.add("must provide an object", at)
    return None


def keys(node: Json, at: str, faults: Faults, *, need: Iterable[str], may: Iterable[str]) -> bool:
    """Check which fields there are; true when none that is needed is missing."""
    wanted = list(need)
    for name in node:
        if name not in {*wanted, *may, "type"}:
            faults.add(f"invalid additional property: {name}", at)
    missing = [name for name in wanted if node.get(name) is None]
    for name in missing:
        faults.add(f"missing required field: {name}", at)
    return not missing


def length(value: str, at: str, faults: Faults, *, most: int, least: int = 0) -> None:
    """Check how many characters a string has."""
    if len(value) > most:
        faults.add(f"must be less than {most + 1} characters", at)
    if len(value) < least:
        faults.add(f"must be more than {least - 1} characters", at)


def string(node: Json, key: str, at: str, faults: Faults, *, most: int, least: int = 1) -> str:
    """Check a string field that may be absent; gives it, or an empty string."""
    value = node.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        faults.add("must provide a string", f"{at}/{key}")
        return ""
    length(value, f"{at}/{key}", faults, most=most, least=least)
    return value


def flag(node: Json, key: str, at: str, faults: Faults) -> None:
    """Check a boolean field that may be absent."""
    if key in node and not isinstance(node[key], bool):
        faults.add("must provide a boolean", f"{at}/{key}")


def whole(node: Json, key: str, at: str, faults: Faults, *, least: int, most: int) -> None:
    """Check an integer field that may be absent."""
    value = node.get(key)
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        faults.add("must provide a number", f"{at}/{key}")
    elif not least <= value <= most:
        faults.add(f"must be between {least} and {most}", f"{at}/{key}")


def one_of(node: Json, key: str, at: str, faults: Faults, allowed: Collection[str]) -> None:
    """Check a field that takes one of a few words and may be absent."""
    if node.get(key) is not None and node[key] not in allowed:
        faults.add(f"must be a valid enum value: {', '.join(sorted(allowed))}", f"{at}/{key}")


def objects(
    node: Json, key: str, at: str, faults: Faults, *, most: int, least: int = 1
) -> list[tuple[str, Json]]:
    """The objects in a list field, each with its pointer; counts them."""
    value = node.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        faults.add("must provide an array", f"{at}/{key}")
        return []
    if len(value) > most:
        faults.add(f"no more than {most} items allowed", f"{at}/{key}")
    if len(value) < least:
        faults.add(f"no fewer than {least} items allowed", f"{at}/{key}")
    numbered = [(f"{at}/{key}/{n}", item) for n, item in enumerate(value)]
    found = [(place, as_object(item, place, faults)) for place, item in numbered]
    return [(place, item) for place, item in found if item is not None]


def text(
    node: Json,
    key: str,
    at: str,
    faults: Faults,
    *,
    most: int,
    kinds: Collection[str] = PLAIN,
) -> None:
    """Check a text object that may be absent: its kind, its fields and its length."""
    if node.get(key) is not None:
        text_object(node[key], f"{at}/{key}", faults, most=most, kinds=kinds)


def text_object(
    value: Any, at: str, faults: Faults, *, most: int, kinds: Collection[str] = PLAIN
) -> None:
    """Check one text object."""
    node = as_object(value, at, faults)
    if node is None or not keys(node, at, faults, need=("type", "text"), may=("emoji", "verbatim")):
        return
    if node["type"] not in kinds:
        faults.add(f"must be one of: {', '.join(kinds)}", f"{at}/type")
    misplaced = "verbatim" if node["type"] == "plain_text" else "emoji"
    if misplaced in node:
        faults.add(f"invalid additional property: {misplaced}", at)
    flag(node, "emoji", at, faults)
    flag(node, "verbatim", at, faults)
    before = len(faults.found)
    string(node, "text", at, faults, most=most, least=1)
    if len(faults.found) > before:
        faults.found.insert(before, f"failed to match all allowed schemas [json-pointer:{at}]")


def url(node: Json, key: str, at: str, faults: Faults, *, most: int = 3000) -> None:
    """Check a web address that may be absent."""
    value = string(node, key, at, faults, most=most)
    if value and not _is_url(value):
        faults.add("invalid url", f"{at}/{key}")


def picture(node: Json, key: str, at: str, faults: Faults) -> None:
    """Check an image's address: Slack fetches it from outside, so it must be a public one."""
    url(node, key, at, faults)
    value = node.get(key)
    if isinstance(value, str) and _is_url(value) and not _is_public(value):
        faults.add("downloading image failed", f"{at}/{key}")


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    if parts.scheme not in SCHEMES or re.search(r"\s", value):
        return False
    return bool(parts.netloc if parts.scheme in {"http", "https"} else parts.path or parts.netloc)


def _is_public(value: str) -> bool:
    parts = urlsplit(value)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or host == "localhost":
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True
