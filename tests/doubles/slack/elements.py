"""Block Kit's elements: buttons, menus, pickers and inputs, each with its limits."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.doubles.slack.errors import Json
from tests.doubles.slack.schema import (
    EITHER,
    Faults,
    as_object,
    flag,
    keys,
    objects,
    one_of,
    picture,
    string,
    text,
    url,
    whole,
)

Check = Callable[[Json, str, Faults], None]
COMMON = ("action_id", "confirm")
INPUT = (*COMMON, "placeholder", "focus_on_load")
MENU = (*INPUT, "options", "option_groups", "initial_option")
STYLES = ("primary", "danger")
MOST_OPTIONS = 100
MOST_IN_LIST = 10
MOST_IN_OVERFLOW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one type of element needs and may have, where it may stand, and its own checks."""

    need: tuple[str, ...] = ()
    may: tuple[str, ...] = INPUT
    places: tuple[str, ...]
    check: Check | None = None


def check_element(element: object, place: str, at: str, faults: Faults) -> None:
    """Check one element where it stands: `actions`, `section`, `input` or `context`."""
    node = as_object(element, at, faults)
    if node is None:
        return
    rule = RULES.get(str(node.get("type")))
    if rule is None or place not in rule.places:
        faults.add(f"unsupported type: {node.get('type')}", f"{at}/type")
        return
    keys(node, at, faults, need=rule.need, may=rule.may)
    string(node, "action_id", at, faults, most=255)
    text(node, "placeholder", at, faults, most=150)
    flag(node, "focus_on_load", at, faults)
    _confirm(node, at, faults)
    if rule.check:
        rule.check(node, at, faults)


def check_option(option: Json, at: str, faults: Faults, *, rich: bool, link: bool = False) -> None:
    """Check an option: its text (75), value (150) and description (75)."""
    may = ("description", "url") if link else ("description",)
    keys(option, at, faults, need=("text", "value"), may=may)
    kinds = EITHER if rich else ("plain_text",)
    text(option, "text", at, faults, most=75, kinds=kinds)
    string(option, "value", at, faults, most=150)
    text(option, "description", at, faults, most=75, kinds=kinds)
    url(option, "url", at, faults)


def check_choices(node: Json, at: str, faults: Faults, *, least: int = 1) -> None:
    """Check a menu's `options` or `option_groups`, of which there is exactly one."""
    if ("options" in node) == ("option_groups" in node):
        faults.add("must provide either options or option_groups", at)
    for place, option in objects(node, "options", at, faults, most=MOST_OPTIONS, least=least):
        check_option(option, place, faults, rich=False)
    for place, group in objects(node, "option_groups", at, faults, most=MOST_OPTIONS, least=least):
        keys(group, place, faults, need=("label", "options"), may=())
        text(group, "label", place, faults, most=75)
        for inner, option in objects(group, "options", place, faults, most=MOST_OPTIONS):
            check_option(option, inner, faults, rich=False)


def options_of(node: Json) -> list[Json]:
    """Every option of a menu, those in groups too."""
    grouped = [option for group in node.get("option_groups") or [] for option in group["options"]]
    return [*(node.get("options") or []), *grouped]


def _confirm(node: Json, at: str, faults: Faults) -> None:
    if node.get("confirm") is None:
        return
    at = f"{at}/confirm"
    dialog = as_object(node["confirm"], at, faults)
    if dialog is None:
        return
    keys(dialog, at, faults, need=("title", "text"), may=("confirm", "deny", "style"))
    text(dialog, "title", at, faults, most=100)
    text(dialog, "text", at, faults, most=300, kinds=EITHER)
    text(dialog, "confirm", at, faults, most=30)
    text(dialog, "deny", at, faults, most=30)
    one_of(dialog, "style", at, faults, STYLES)


def _button(node: Json, at: str, faults: Faults) -> None:
    text(node, "text", at, faults, most=75)
    string(node, "value", at, faults, most=2000)
    string(node, "accessibility_label", at, faults, most=75)
    url(node, "url", at, faults)
    one_of(node, "style", at, faults, STYLES)


def _menu(node: Json, at: str, faults: Faults) -> None:
    before = len(faults.found)
    check_choices(node, at, faults)
    known = options_of(node) if len(faults.found) == before else None
    for option in [*(node.get("initial_options") or []), node.get("initial_option")]:
        if known is not None and option is not None and option not in known:
            faults.add("initial_option must match one of the options", at)
    whole(node, "max_selected_items", at, faults, least=1, most=MOST_OPTIONS)


def _external(node: Json, at: str, faults: Faults) -> None:
    whole(node, "min_query_length", at, faults, least=0, most=3000)
    whole(node, "max_selected_items", at, faults, least=1, most=MOST_OPTIONS)
    for place, option in objects(node, "initial_options", at, faults, most=MOST_OPTIONS):
        check_option(option, place, faults, rich=False)
    if isinstance(node.get("initial_option"), dict):
        check_option(node["initial_option"], f"{at}/initial_option", faults, rich=False)


def _listed(most: int, *, rich: bool, link: bool = False) -> Check:
    def check(node: Json, at: str, faults: Faults) -> None:
        for place, option in objects(node, "options", at, faults, most=most):
            check_option(option, place, faults, rich=rich, link=link)

    return check


def _typed(node: Json, at: str, faults: Faults) -> None:
    string(node, "initial_value", at, faults, most=3000, least=0)
    whole(node, "min_length", at, faults, least=0, most=3000)
    whole(node, "max_length", at, faults, least=1, most=3000)
    flag(node, "multiline", at, faults)
    flag(node, "is_decimal_allowed", at, faults)
    for name in ("min_value", "max_value"):
        string(node, name, at, faults, most=3000)


def _image(node: Json, at: str, faults: Faults) -> None:
    check_image(node, at, faults)


def check_image(node: Json, at: str, faults: Faults) -> None:
    """Check an image's source and its alternative text (2000).

    The app may upload nothing (it lacks files:write), so no file is one that Slack knows.
    """
    if ("image_url" in node) == ("slack_file" in node):
        faults.add("must provide either image_url or slack_file", at)
    if "slack_file" in node:
        faults.add("invalid slack file", f"{at}/slack_file")
    picture(node, "image_url", at, faults)
    string(node, "alt_text", at, faults, most=2000)


def _rules() -> dict[str, Rule]:
    everywhere = ("actions", "section", "input")
    several = ("section", "input")
    more = ("initial_options", "max_selected_items")
    typed = (*INPUT, "initial_value", "min_length", "max_length", "dispatch_action_config")
    picker = ("url", "value", "style", "accessibility_label")
    rules = {
        "button": Rule(
            need=("text",), may=(*COMMON, *picker), places=("actions", "section"), check=_button
        ),
        "static_select": Rule(may=MENU, places=everywhere, check=_menu),
        "multi_static_select": Rule(may=(*MENU, *more), places=several, check=_menu),
        "external_select": Rule(
            may=(*INPUT, "min_query_length", "initial_option"), places=everywhere, check=_external
        ),
        "multi_external_select": Rule(
            may=(*INPUT, "min_query_length", *more), places=several, check=_external
        ),
        "overflow": Rule(
            need=("options",),
            may=COMMON,
            places=("actions", "section"),
            check=_listed(MOST_IN_OVERFLOW, rich=False, link=True),
        ),
        "checkboxes": Rule(
            need=("options",),
            may=(*COMMON, "initial_options", "focus_on_load"),
            places=everywhere,
            check=_listed(MOST_IN_LIST, rich=True),
        ),
        "radio_buttons": Rule(
            need=("options",),
            may=(*COMMON, "initial_option", "focus_on_load"),
            places=everywhere,
            check=_listed(MOST_IN_LIST, rich=True),
        ),
        "datepicker": Rule(may=(*INPUT, "initial_date"), places=everywhere),
        "timepicker": Rule(may=(*INPUT, "initial_time", "timezone"), places=everywhere),
        "datetimepicker": Rule(may=(*INPUT, "initial_date_time"), places=("actions", "input")),
        "plain_text_input": Rule(may=(*typed, "multiline"), places=("input",), check=_typed),
        "email_text_input": Rule(may=typed, places=("input",), check=_typed),
        "url_text_input": Rule(may=typed, places=("input",), check=_typed),
        "number_input": Rule(
            need=("is_decimal_allowed",),
            may=(*typed, "min_value", "max_value"),
            places=("input",),
            check=_typed,
        ),
        "rich_text_input": Rule(
            may=(*INPUT, "initial_value", "dispatch_action_config"), places=("input",)
        ),
        "image": Rule(
            need=("alt_text",),
            may=("image_url", "slack_file"),
            places=("section", "context"),
            check=_image,
        ),
    }
    for noun in ("user", "conversation", "channel"):
        one = (*INPUT, f"initial_{noun}", "filter", "default_to_current_conversation")
        rules[f"{noun}s_select"] = Rule(may=(*one, "response_url_enabled"), places=everywhere)
        rules[f"multi_{noun}s_select"] = Rule(
            may=(*one, f"initial_{noun}s", "max_selected_items"), places=several
        )
    return rules


RULES = _rules()
