"""What the service refuses in a form (modal)."""

from tests.doubles.discord import checks, components
from tests.doubles.discord.check_components import check_options, check_select, check_unique
from tests.doubles.discord.components import (
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    ROW,
    SELECTS,
    TEXT_DISPLAY,
    TEXT_INPUT,
)
from tests.doubles.discord.errors import FormErrors, Json, Path

TITLE, PARTS, LABEL_TEXT, INPUT = 45, 5, 45, 4000
CHOICES = 10

_IN_LABEL = SELECTS | {TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX}


def check_modal(data: Json) -> None:
    """Refuse a form that the service would refuse."""
    form = FormErrors()
    checks.text(form, ("title",), data.get("title"), TITLE, low=1)
    checks.text(form, ("custom_id",), data.get("custom_id"), 100, low=1)
    path: Path = ("components",)
    for where, part in checks.items(form, path, data.get("components"), PARTS, low=1):
        _check_part(form, where, part)
    check_unique(form, data.get("components"))
    form.raise_if_any()


def _check_part(form: FormErrors, path: Path, part: Json) -> None:
    if not checks.union(form, path, part.get("type"), {ROW, TEXT_DISPLAY, LABEL}):
        return
    match part["type"]:
        case components.ROW:
            _check_row(form, path, part)
        case components.LABEL:
            _check_label(form, path, part)
        case _:
            checks.text(form, (*path, "content"), part.get("content"), 4000, low=1)


def _check_row(form: FormErrors, path: Path, row: Json) -> None:
    for where, one in checks.items(form, (*path, "components"), row.get("components"), 1, low=1):
        if checks.union(form, where, one.get("type"), SELECTS | {TEXT_INPUT}):
            if one["type"] == TEXT_INPUT:
                checks.text(form, (*where, "label"), one.get("label"), LABEL_TEXT, low=1)
            _check_input(form, where, one)


def _check_label(form: FormErrors, path: Path, label: Json) -> None:
    checks.text(form, (*path, "label"), label.get("label"), LABEL_TEXT, low=1)
    checks.text(form, (*path, "description"), label.get("description"), 100)
    one, where = label.get("component"), (*path, "component")
    if not isinstance(one, dict):
        checks.required(form, where)
    elif checks.union(form, where, one.get("type"), _IN_LABEL):
        _check_input(form, where, one)


def _check_input(form: FormErrors, path: Path, one: Json) -> None:
    checks.text(form, (*path, "custom_id"), one.get("custom_id"), 100, low=1)
    if one.get("disabled"):
        message = "Components in a modal cannot be disabled"
        form.add((*path, "disabled"), "COMPONENT_DISABLED_IN_MODAL", message)
    if one["type"] == TEXT_INPUT:
        _check_text_input(form, path, one)
    elif one["type"] in SELECTS:
        check_select(form, path, one)
    elif one["type"] in {RADIO_GROUP, CHECKBOX_GROUP}:
        check_options(form, path, one, CHOICES)


def _check_text_input(form: FormErrors, path: Path, one: Json) -> None:
    checks.choice(form, (*path, "style"), one.get("style"), (1, 2))
    checks.text(form, (*path, "value"), one.get("value"), INPUT)
    checks.text(form, (*path, "placeholder"), one.get("placeholder"), 100)
    checks.number(form, (*path, "min_length"), one.get("min_length"), 0, INPUT)
    checks.number(form, (*path, "max_length"), one.get("max_length"), 1, INPUT)
    if (one.get("min_length") or 0) > (one.get("max_length") or INPUT):
        message = "min_length is greater than max_length"
        form.add((*path, "min_length"), "TEXT_INPUT_MIN_LENGTH_EXCEEDS_MAX", message)
