"""Block Kit's blocks and views: what Slack takes, and how it words what it refuses."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.doubles.slack.elements import check_element, check_image
from tests.doubles.slack.errors import ApiError, Json
from tests.doubles.slack.rich_text import check_rich_text
from tests.doubles.slack.schema import (
    EITHER,
    Faults,
    as_object,
    flag,
    keys,
    length,
    objects,
    string,
    text,
    text_object,
)

MOST_BLOCKS = {"message": 50, "view": 100}
# Slack gives no figure but refuses somewhere between 11,300 and 13,300 characters, by markup.
MOST_TEXT = 11_000
MOST_VIEW_BYTES = 250_000
VIEW_MAY = ("blocks", "private_metadata", "callback_id", "external_id")
MODAL_MAY = (*VIEW_MAY, "close", "submit", "clear_on_close", "notify_on_close", "submit_disabled")


def check_message_blocks(blocks: list[Json], at: str = "/blocks") -> list[str]:
    """The faults of a message's blocks, none if Slack would take them."""
    faults = Faults()
    _blocks(blocks, "message", at, faults)
    return faults.found


def check_view(view: Json, at: str = "/view") -> list[str]:
    """The faults of a modal or home view, none if Slack would take it."""
    faults = Faults()
    if str(view.get("type")) not in {"modal", "home"}:
        faults.add(f"unsupported type: {view.get('type')}", f"{at}/type")
        return faults.found
    if view["type"] == "modal":
        _modal(view, at, faults)
    else:
        keys(view, at, faults, need=("blocks",), may=VIEW_MAY)
    string(view, "private_metadata", at, faults, most=3000, least=0)
    string(view, "callback_id", at, faults, most=255, least=0)
    string(view, "external_id", at, faults, most=255, least=0)
    blocks = view.get("blocks")
    if isinstance(blocks, list):
        _blocks(blocks, "view", f"{at}/blocks", faults)
        _one_focus(blocks, at, faults)
    elif blocks is not None:
        faults.add("must provide an array", f"{at}/blocks")
    return faults.found


def elements_of(block: Json) -> Iterator[Json]:
    """The interactive elements of a block, wherever they stand in it."""
    listed = block.get("elements")
    several = listed if isinstance(listed, list) else []
    candidates = [*several, block.get("accessory"), block.get("element")]
    for element in candidates:
        if isinstance(element, dict) and block.get("type") in {"actions", "section", "input"}:
            yield element


def text_size(blocks: list[Json]) -> int:
    """How many characters of text the blocks hold, as `msg_blocks_too_long` counts them."""
    return sum(_size(block) for block in blocks)


def refuse(error: str, problems: list[str]) -> None:
    """Raise the refusal if there is anything to refuse."""
    if problems:
        raise ApiError.schema(error, problems)


def _size(node: object) -> int:
    if isinstance(node, list):
        return sum(_size(item) for item in node)
    if not isinstance(node, dict):
        return 0
    own = node.get("text")
    inner = sum(_size(value) for value in node.values() if not isinstance(value, str))
    return inner + (len(own) if isinstance(own, str) else 0)


def _modal(view: Json, at: str, faults: Faults) -> None:
    keys(view, at, faults, need=("title", "blocks"), may=MODAL_MAY)
    for name in ("title", "submit", "close"):
        text(view, name, at, faults, most=24)
    flag(view, "clear_on_close", at, faults)
    flag(view, "notify_on_close", at, faults)
    blocks = [block for block in view.get("blocks") or [] if isinstance(block, dict)]
    if any(block.get("type") == "input" for block in blocks) and not view.get("submit"):
        faults.add("missing required field: submit", at)


def _one_focus(blocks: list[Any], at: str, faults: Faults) -> None:
    nodes = [block for block in blocks if isinstance(block, dict)]
    elements = [element for block in nodes for element in elements_of(block)]
    if sum(bool(element.get("focus_on_load")) for element in elements) > 1:
        faults.add("focus_on_load may be set on one element only", at)


def _blocks(blocks: list[Any], surface: str, at: str, faults: Faults) -> None:
    if len(blocks) > MOST_BLOCKS[surface]:
        faults.add(f"no more than {MOST_BLOCKS[surface]} items allowed", at)
    seen: set[str] = set()
    for n, block in enumerate(blocks):
        place = f"{at}/{n}"
        node = as_object(block, place, faults)
        if node is None:
            continue
        block_id = string(node, "block_id", place, faults, most=255)
        if block_id and block_id in seen:
            faults.add(f"block_id already exists: {block_id}", f"{place}/block_id")
        seen.add(block_id)
        _block(node, surface, place, faults)


def _block(block: Json, surface: str, at: str, faults: Faults) -> None:
    kind = block.get("type")
    only = {"input": "view", "markdown": "message", "table": "message"}
    check = CHECKS.get(str(kind))
    if check is None or only.get(str(kind), surface) != surface:
        faults.add(f"unsupported type: {kind}", f"{at}/type")
        return
    check(block, at, faults)
    _unique_actions(block, at, faults)


def _unique_actions(block: Json, at: str, faults: Faults) -> None:
    seen: set[str] = set()
    for element in elements_of(block):
        action_id = element.get("action_id")
        if not isinstance(action_id, str):
            continue
        if action_id in seen:
            faults.add(f"action_id already exists: {action_id}", at)
        seen.add(action_id)


def _section(block: Json, at: str, faults: Faults) -> None:
    keys(block, at, faults, need=(), may=("block_id", "text", "fields", "accessory", "expand"))
    if block.get("text") is None and block.get("fields") is None:
        faults.add("missing required field: text or fields", at)
    text(block, "text", at, faults, most=3000, kinds=EITHER)
    for place, field in objects(block, "fields", at, faults, most=10):
        text_object(field, place, faults, most=2000, kinds=EITHER)
    flag(block, "expand", at, faults)
    if block.get("accessory") is not None:
        check_element(block["accessory"], "section", f"{at}/accessory", faults)


def _header(block: Json, at: str, faults: Faults) -> None:
    keys(block, at, faults, need=("text",), may=("block_id",))
    text(block, "text", at, faults, most=150)


def _divider(block: Json, at: str, faults: Faults) -> None:
    keys(block, at, faults, need=(), may=("block_id",))


def _image(block: Json, at: str, faults: Faults) -> None:
    may = ("block_id", "image_url", "slack_file", "title")
    keys(block, at, faults, need=("alt_text",), may=may)
    check_image(block, at, faults)
    text(block, "title", at, faults, most=2000)


def _context(block: Json, at: str, faults: Faults) -> None:
    keys(block, at, faults, need=("elements",), may=("block_id",))
    for place, element in objects(block, "elements", at, faults, most=10):
        if element.get("type") in EITHER:
            text_object(element, place, faults, most=3000, kinds=EITHER)
        else:
            check_element(element, "context", place, faults)


def _actions(block: Json, at: str, faults: Faults) -> None:
    keys(block, at, faults, need=("elements",), may=("block_id",))
    for place, element in objects(block, "elements", at, faults, most=25):
        check_element(element, "actions", place, faults)


def _input(block: Json, at: str, faults: Faults) -> None:
    may = ("block_id", "hint", "optional", "dispatch_action")
    keys(block, at, faults, need=("label", "element"), may=may)
    text(block, "label", at, faults, most=2000)
    text(block, "hint", at, faults, most=2000)
    flag(block, "optional", at, faults)
    flag(block, "dispatch_action", at, faults)
    if block.get("element") is not None:
        check_element(block["element"], "input", f"{at}/element", faults)


def _markdown(block: Json, at: str, faults: Faults) -> None:
    keys(block, at, faults, need=("text",), may=("block_id",))
    string(block, "text", at, faults, most=12_000)


def _table(block: Json, at: str, faults: Faults) -> None:
    keys(block, at, faults, need=("rows",), may=("block_id", "column_settings"))
    listed = block.get("rows")
    rows = listed if isinstance(listed, list) else []
    if len(rows) > 100:
        faults.add("no more than 100 items allowed", f"{at}/rows")
    for n, row in enumerate(rows):
        for place, cell in objects({str(n): row}, str(n), f"{at}/rows", faults, most=20):
            _cell(cell, place, faults)


def _cell(cell: Json, at: str, faults: Faults) -> None:
    if cell.get("type") == "rich_text":
        check_rich_text(cell, at, faults)
    elif cell.get("type") == "raw_text":
        keys(cell, at, faults, need=("text",), may=())
        length(str(cell.get("text") or ""), f"{at}/text", faults, most=3000, least=1)
    else:
        faults.add(f"unsupported type: {cell.get('type')}", f"{at}/type")


CHECKS: dict[str, Callable[[Json, str, Faults], None]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "image": _image,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "markdown": _markdown,
    "rich_text": check_rich_text,
    "table": _table,
}
