"""What the service refuses in an application command."""

import re
import unicodedata

from tests.doubles.discord import checks
from tests.doubles.discord.errors import FormErrors, Json, Path

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)
NESTING = frozenset({SUB_COMMAND, SUB_COMMAND_GROUP})
WITH_CHOICES = frozenset({STRING, INTEGER, NUMBER})

OPTIONS, CHOICES, SIZE = 25, 25, 8000
GLOBAL_LIMIT = {CHAT_INPUT: 100, USER_MENU: 15, MESSAGE_MENU: 15}


def check_command(form: FormErrors, path: Path, command: Json) -> None:
    """Note what is wrong with one command."""
    kind = command.get("type", CHAT_INPUT)
    checks.choice(form, (*path, "type"), kind, (CHAT_INPUT, USER_MENU, MESSAGE_MENU))
    if kind == CHAT_INPUT:
        _check_name(form, path, command)
        _check_options(form, path, command, {1: NESTING, 2: frozenset({SUB_COMMAND})})
        _check_size(form, path, command)
    else:
        _check_menu(form, path, command)
    _check_places(form, path, command)
    _check_permissions(form, path, command.get("default_member_permissions"))


def check_names(form: FormErrors, commands: list[Json]) -> None:
    """Note commands of one kind that have the same name."""
    seen: set[object] = set()
    for index, command in enumerate(commands):
        key = (command.get("type", CHAT_INPUT), command.get("name"))
        if key in seen:
            message = "Application command names must be unique"
            form.add((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)


def size(item: Json) -> int:
    """Characters of a command that count towards its limit, localizations at their longest."""
    total = sum(_longest(item, key) for key in ("name", "description"))
    total += sum(size(one) for one in item.get("options") or [])
    for one in item.get("choices") or []:
        total += _longest(one, "name") + len(str(one.get("value", "")))
    return total


def _longest(item: Json, key: str) -> int:
    translated = item.get(f"{key}_localizations") or {}
    return max(len(str(one)) for one in [item.get(key) or "", *translated.values()])


def _check_size(form: FormErrors, path: Path, command: Json) -> None:
    if size(command) > SIZE:
        message = f"Command exceeds maximum size ({SIZE})"
        form.add(path, "APPLICATION_COMMAND_TOO_LARGE", message)


def _check_name(form: FormErrors, path: Path, item: Json) -> None:
    checks.text(form, (*path, "name"), item.get("name"), 32, low=1)
    checks.text(form, (*path, "description"), item.get("description"), 100, low=1)
    named = [("name", item.get("name"))]
    translated = item.get("name_localizations") or {}
    named += [(f"name_localizations.{locale}", one) for locale, one in translated.items()]
    for key, name in named:
        if isinstance(name, str) and name and not _is_name(name):
            where = (*path, *key.split("."))
            form.add(where, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _is_name(name: str) -> bool:
    return name == name.lower() and all(
        one in "-_'" or unicodedata.category(one)[0] in "LN" for one in name
    )


def _check_menu(form: FormErrors, path: Path, command: Json) -> None:
    checks.text(form, (*path, "name"), command.get("name"), 32, low=1)
    for key in ("description", "options"):
        if command.get(key):
            message = "Context menu commands cannot have it"
            form.add((*path, key), f"APPLICATION_COMMAND_{key.upper()}_INVALID", message)


def _check_places(form: FormErrors, path: Path, command: Json) -> None:
    for key, allowed in (("contexts", (0, 1, 2)), ("integration_types", (0, 1))):
        for index, one in enumerate(command.get(key) or []):
            checks.choice(form, (*path, key, index), one, allowed)


def _check_permissions(form: FormErrors, path: Path, value: object) -> None:
    if value is not None and not re.fullmatch(r"\d+", str(value)):
        where = (*path, "default_member_permissions")
        form.add(where, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')


def _check_options(
    form: FormErrors, path: Path, item: Json, nesting: dict[int, frozenset[int]], depth: int = 1
) -> None:
    options = checks.items(form, (*path, "options"), item.get("options"), OPTIONS)
    _check_mixture(form, path, options)
    for where, option in options:
        _check_name(form, where, option)
        kind = option.get("type")
        allowed = nesting.get(depth, frozenset()) if kind in NESTING else range(STRING, 12)
        checks.choice(form, (*where, "type"), kind, allowed or range(STRING, 12))
        if kind == SUB_COMMAND_GROUP:
            _check_options(form, where, option, nesting, depth + 1)
        elif kind == SUB_COMMAND:
            _check_options(form, where, option, {}, depth + 1)
        else:
            _check_value(form, where, option)


def _check_mixture(form: FormErrors, path: Path, options: list[tuple[Path, Json]]) -> None:
    nested = {option.get("type") in NESTING for _, option in options}
    if len(nested) > 1:
        message = (
            "Sub-command and sub-command group option types are mutually exclusive to all other "
            "types"
        )
        form.add((*path, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    names: set[object] = set()
    optional = False
    for where, option in options:
        if option.get("name") in names:
            message = "Option names must be unique"
            form.add((*where, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", message)
        if optional and option.get("required"):
            message = "Required options must be placed before non-required options"
            form.add(where, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional = optional or not option.get("required")
        names.add(option.get("name"))


def _check_value(form: FormErrors, path: Path, option: Json) -> None:
    kind, choices = option.get("type"), option.get("choices")
    if choices and (kind not in WITH_CHOICES or option.get("autocomplete")):
        message = "This option cannot have choices"
        form.add((*path, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", message)
    if option.get("autocomplete") and kind not in WITH_CHOICES:
        message = "This option type cannot autocomplete"
        where = (*path, "autocomplete")
        form.add(where, "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", message)
    if choices:
        check_choices(form, (*path, "choices"), choices, kind)
    checks.number(form, (*path, "min_length"), option.get("min_length"), 0, 6000)
    checks.number(form, (*path, "max_length"), option.get("max_length"), 1, 6000)


def check_choices(form: FormErrors, path: Path, choices: object, kind: object) -> None:
    """Note what is wrong with choices, whether registered or suggested while typing."""
    names: set[object] = set()
    for where, choice in checks.items(form, path, choices, CHOICES):
        name, value = choice.get("name"), choice.get("value")
        checks.text(form, (*where, "name"), name, 100, low=1)
        _check_choice_value(form, (*where, "value"), value, kind)
        if name in names:
            message = "Option choice names must be unique"
            code = "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_DUPLICATE"
            form.add((*where, "name"), code, message)
        names.add(name)


def _check_choice_value(form: FormErrors, path: Path, value: object, kind: object) -> None:
    if kind == STRING:
        checks.text(form, path, value, 100, low=1)
    elif kind == INTEGER and (isinstance(value, bool) or not isinstance(value, int)):
        form.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
    elif kind == NUMBER and (isinstance(value, bool) or not isinstance(value, int | float)):
        form.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not float.')
