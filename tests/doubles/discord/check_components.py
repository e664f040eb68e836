"""What the service refuses in the components of a message."""

from collections.abc import Collection

from tests.doubles.discord import checks, components
from tests.doubles.discord.components import (
    BUTTON,
    CONTAINER,
    FILE,
    GALLERY,
    LINK_STYLE,
    PREMIUM_STYLE,
    ROW,
    SECTION,
    SELECTS,
    SEPARATOR,
    STRING_SELECT,
    TEXT_DISPLAY,
    THUMBNAIL,
)
from tests.doubles.discord.errors import FormErrors, Json, Path

ROWS, ROW_WIDTH, OPTIONS = 5, 5, 25
V2_COMPONENTS, V2_TEXT = 40, 4000

_IN_CONTAINER = frozenset({ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE, SEPARATOR})
_AT_TOP = _IN_CONTAINER | {CONTAINER}


def check_components(form: FormErrors, given: object, files: Collection[str], *, v2: bool) -> None:
    """Note what is wrong with a message's components."""
    path: Path = ("components",)
    if v2:
        for where, one in checks.items(form, path, given, V2_COMPONENTS):
            _check_block(form, where, one, files, _AT_TOP)
        _check_totals(form, given)
    else:
        for where, one in checks.items(form, path, given, ROWS):
            _check_block(form, where, one, files, {ROW})
    check_unique(form, given)


def check_unique(form: FormErrors, given: object) -> None:
    """Note custom ids and numeric ids that occur twice."""
    custom: set[object] = set()
    numbers: set[object] = set()
    for path, one in components.walk(given):
        if one.get("custom_id") in custom:
            message = "Component custom id cannot be duplicated"
            form.add((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        if one.get("id") in numbers:
            message = "Component ids must be unique"
            form.add((*path, "id"), "COMPONENT_ID_DUPLICATED", message)
        custom |= {one["custom_id"]} if one.get("custom_id") else set()
        numbers |= {one["id"]} if one.get("id") else set()


def _check_totals(form: FormErrors, given: object) -> None:
    if sum(1 for _ in components.each(given)) > V2_COMPONENTS:
        message = f"Total number of components exceeds {V2_COMPONENTS}"
        form.add(("components",), "COMPONENT_TOTAL_COUNT_EXCEEDED", message)
    if sum(len(one) for one in components.texts(given)) > V2_TEXT:
        message = f"Total displayable text size exceeds maximum size of {V2_TEXT}"
        form.add(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)


def _check_block(
    form: FormErrors, path: Path, one: Json, files: Collection[str], allowed: Collection[int]
) -> None:
    if not checks.union(form, path, one.get("type"), allowed):
        return
    match one["type"]:
        case components.ROW:
            _check_row(form, path, one)
        case components.SECTION:
            _check_section(form, path, one, files)
        case components.CONTAINER:
            _check_container(form, path, one, files)
        case components.TEXT_DISPLAY:
            checks.text(form, (*path, "content"), one.get("content"), V2_TEXT, low=1)
        case components.SEPARATOR:
            checks.choice(form, (*path, "spacing"), one.get("spacing", 1), (1, 2))
        case _:
            _check_media(form, path, one, files)


def _check_container(form: FormErrors, path: Path, one: Json, files: Collection[str]) -> None:
    checks.number(form, (*path, "accent_color"), one.get("accent_color"), 0, 0xFFFFFF)
    inside = (*path, "components")
    for where, child in checks.items(form, inside, one.get("components"), V2_COMPONENTS, low=1):
        _check_block(form, where, child, files, _IN_CONTAINER)


def _check_section(form: FormErrors, path: Path, one: Json, files: Collection[str]) -> None:
    for where, child in checks.items(form, (*path, "components"), one.get("components"), 3, low=1):
        _check_block(form, where, child, files, {TEXT_DISPLAY})
    beside, where = one.get("accessory"), (*path, "accessory")
    if not isinstance(beside, dict):
        checks.required(form, where)
    elif checks.union(form, where, beside.get("type"), {BUTTON, THUMBNAIL}):
        if beside["type"] == BUTTON:
            _check_button(form, where, beside)
        else:
            _check_media(form, where, beside, files)


def _check_media(form: FormErrors, path: Path, one: Json, files: Collection[str]) -> None:
    if one["type"] == GALLERY:
        for where, item in checks.items(form, (*path, "items"), one.get("items"), 10, low=1):
            checks.text(form, (*where, "description"), item.get("description"), 1024)
    checks.text(form, (*path, "description"), one.get("description"), 1024)
    found = list(components.media(one))
    if not found:
        checks.required(form, (*path, "file" if one["type"] == FILE else "media"))
    schemes = ("attachment",) if one["type"] == FILE else checks.WEB
    for where, item in found:
        full = (*path, *where, "url")
        checks.address(form, full, item.get("url"), schemes=schemes, files=files)
        if not item.get("url"):
            checks.required(form, full)


def _check_row(form: FormErrors, path: Path, row: Json) -> None:
    inside = (*path, "components")
    children = checks.items(form, inside, row.get("components"), ROW_WIDTH, low=1)
    for where, child in children:
        if checks.union(form, where, child.get("type"), SELECTS | {BUTTON}):
            if child["type"] == BUTTON:
                _check_button(form, where, child)
            else:
                check_select(form, where, child)
    if len(children) > 1 and any(child.get("type") in SELECTS for _, child in children):
        message = "The specified component exceeds the maximum width"
        form.add(inside, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)


def _check_button(form: FormErrors, path: Path, button: Json) -> None:
    style = button.get("style")
    checks.choice(form, (*path, "style"), style, (1, 2, 3, 4, LINK_STYLE, PREMIUM_STYLE))
    checks.text(form, (*path, "label"), button.get("label"), 80)
    if style == PREMIUM_STYLE:
        return
    if not button.get("label") and not button.get("emoji"):
        message = "A button must have a label or an emoji"
        form.add((*path, "label"), "BUTTON_COMPONENT_LABEL_REQUIRED", message)
    if style == LINK_STYLE:
        _check_link(form, path, button)
    else:
        checks.text(form, (*path, "custom_id"), button.get("custom_id"), 100, low=1)
        _refuse(form, path, button, "url")


def _check_link(form: FormErrors, path: Path, button: Json) -> None:
    where, schemes = (*path, "url"), (*checks.WEB, "discord")
    if not button.get("url"):
        checks.required(form, where)
    checks.address(form, where, button.get("url"), schemes=schemes, high=512)
    _refuse(form, path, button, "custom_id")


def _refuse(form: FormErrors, path: Path, button: Json, key: str) -> None:
    if button.get(key):
        message = "A custom id and url cannot both be specified"
        form.add((*path, key), "BUTTON_COMPONENT_CUSTOM_ID_URL_EXCLUSIVE", message)


def check_select(form: FormErrors, path: Path, select: Json) -> None:
    """Note what is wrong with a select menu, in a message or in a form."""
    checks.text(form, (*path, "custom_id"), select.get("custom_id"), 100, low=1)
    checks.text(form, (*path, "placeholder"), select.get("placeholder"), 150)
    checks.number(form, (*path, "min_values"), select.get("min_values"), 0, OPTIONS)
    checks.number(form, (*path, "max_values"), select.get("max_values"), 1, OPTIONS)
    if select["type"] == STRING_SELECT:
        check_options(form, path, select)


def check_options(form: FormErrors, path: Path, chooser: Json, high: int = OPTIONS) -> None:
    """Note what is wrong with the options people choose from."""
    seen: set[object] = set()
    options = checks.items(form, (*path, "options"), chooser.get("options"), high, low=1)
    for where, option in options:
        checks.text(form, (*where, "label"), option.get("label"), 100, low=1)
        checks.text(form, (*where, "value"), option.get("value"), 100, low=1)
        checks.text(form, (*where, "description"), option.get("description"), 100)
        if option.get("value") in seen:
            message = "The specified option value is already used"
            form.add((*where, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        seen.add(option.get("value"))
    most = chooser.get("max_values") or 1
    if isinstance(most, int) and most > len(options):
        message = "max_values exceeds the number of options"
        form.add((*path, "max_values"), "SELECT_COMPONENT_MAX_VALUES_EXCEEDED", message)
    if sum(bool(option.get("default")) for _, option in options) > most:
        message = "More options are selected by default than may be chosen"
        form.add((*path, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", message)
