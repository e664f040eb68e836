"""Walking through message components, and keeping them as the service would."""

import copy
from collections.abc import Iterator, Mapping

from tests.doubles.discord.errors import Json, Path

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD = 17, 18, 19
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
ENTITY_SELECTS = frozenset({USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT})
SELECTS = ENTITY_SELECTS | {STRING_SELECT}

LINK_STYLE, PREMIUM_STYLE = 5, 6


def walk(components: object, path: Path = ("components",)) -> Iterator[tuple[Path, Json]]:
    """Every component with its path in the body, outermost first."""
    if not isinstance(components, list):
        return
    for index, component in enumerate(components):
        if isinstance(component, dict):
            yield from _walk_one(component, (*path, index))


def _walk_one(component: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    yield path, component
    yield from walk(component.get("components"), (*path, "components"))
    for key in ("accessory", "component"):
        if isinstance(component.get(key), dict):
            yield from _walk_one(component[key], (*path, key))


def each(components: object) -> Iterator[Json]:
    """Every component, outermost first."""
    for _, component in walk(components):
        yield component


def texts(components: object) -> list[str]:
    """What the text displays say, from top to bottom."""
    found = [one for one in each(components) if one.get("type") == TEXT_DISPLAY]
    return [str(one.get("content", "")) for one in found]


def media(component: Json) -> Iterator[tuple[Path, Json]]:
    """The media items a component shows."""
    for key in ("media", "file"):
        if isinstance(component.get(key), dict):
            yield (key,), component[key]
    for index, item in enumerate(component.get("items") or []):
        if isinstance(item, dict) and isinstance(item.get("media"), dict):
            yield ("items", index, "media"), item["media"]


def kept(components: list[Json], files: Mapping[str, str]) -> list[Json]:
    """A copy with ids given out and `attachment://` names turned into addresses."""
    copied = copy.deepcopy(components)
    taken = {one["id"] for one in each(copied) if one.get("id")}
    fresh = (number for number in range(1, 10_000) if number not in taken)
    for component in each(copied):
        if not component.get("id"):
            component["id"] = next(fresh)
        for _, item in media(component):
            _resolve(item, files)
    return copied


def _resolve(item: Json, files: Mapping[str, str]) -> None:
    name = str(item.get("url", "")).removeprefix("attachment://")
    item["url"] = files.get(name, item.get("url"))
    item |= {"proxy_url": item["url"], "width": 0, "height": 0, "loading_state": 2}
