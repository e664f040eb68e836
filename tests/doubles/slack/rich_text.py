"""The structure of `rich_text` blocks, whose text is taken literally."""

from tests.doubles.slack.errors import Json
from tests.doubles.slack.schema import Faults, flag, keys, objects, one_of, string, url, whole

MOST = 1000
STYLED = ("style",)
LEAVES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text": (("text",), STYLED),
    "link": (("url",), ("text", "unsafe", *STYLED)),
    "emoji": (("name",), ("unicode", "skin_tone", *STYLED)),
    "user": (("user_id",), STYLED),
    "usergroup": (("usergroup_id",), STYLED),
    "channel": (("channel_id",), STYLED),
    "broadcast": (("range",), STYLED),
    "date": (("timestamp", "format"), ("url", "fallback", *STYLED)),
    "color": (("value",), ()),
}
MARKS = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
CONTAINERS = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")


def check_rich_text(block: Json, at: str, faults: Faults) -> None:
    """Check a rich_text block or input value."""
    keys(block, at, faults, need=("elements",), may=("block_id",))
    for place, container in objects(block, "elements", at, faults, most=MOST):
        kind = container.get("type")
        if kind not in CONTAINERS:
            faults.add(f"unsupported type: {kind}", f"{place}/type")
        elif kind == "rich_text_list":
            _list(container, place, faults)
        else:
            _leaves(container, place, faults)


def _list(container: Json, at: str, faults: Faults) -> None:
    keys(container, at, faults, need=("style", "elements"), may=("indent", "offset", "border"))
    one_of(container, "style", at, faults, ("bullet", "ordered"))
    whole(container, "indent", at, faults, least=0, most=8)
    for place, section in objects(container, "elements", at, faults, most=MOST):
        if section.get("type") == "rich_text_section":
            _leaves(section, place, faults)
        else:
            faults.add(f"unsupported type: {section.get('type')}", f"{place}/type")


def _leaves(container: Json, at: str, faults: Faults) -> None:
    keys(container, at, faults, need=("elements",), may=("border", "language"))
    for place, leaf in objects(container, "elements", at, faults, most=MOST, least=0):
        _leaf(leaf, place, faults)


def _leaf(leaf: Json, at: str, faults: Faults) -> None:
    kind = str(leaf.get("type"))
    if kind not in LEAVES:
        faults.add(f"unsupported type: {kind}", f"{at}/type")
        return
    need, may = LEAVES[kind]
    keys(leaf, at, faults, need=need, may=may)
    if kind in {"text", "link"}:
        string(leaf, "text", at, faults, most=40_000, least=1)
    if kind == "broadcast":
        one_of(leaf, "range", at, faults, ("here", "channel", "everyone"))
    if kind == "link":
        url(leaf, "url", at, faults)
    style = leaf.get("style")
    if isinstance(style, dict):
        keys(style, f"{at}/style", faults, need=(), may=MARKS)
        for mark in style:
            flag(style, mark, f"{at}/style", faults)
    elif style is not None:
        faults.add("must provide an object", f"{at}/style")
