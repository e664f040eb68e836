"""What people type and choose: from plain Python values to Slack's `state.values` and back."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.doubles.slack.blocks import elements_of
from tests.doubles.slack.elements import options_of
from tests.doubles.slack.errors import Json, NoSuchElement
from tests.doubles.slack.records import Channel, User

Entered = dict[tuple[str, str], Json]
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an element's value lives in the state, and where its first value comes from."""

    state: str
    initial: str
    listed: bool = False
    option: bool = False


SLOTS = {
    "plain_text_input": Slot("value", "initial_value"),
    "email_text_input": Slot("value", "initial_value"),
    "url_text_input": Slot("value", "initial_value"),
    "number_input": Slot("value", "initial_value"),
    "rich_text_input": Slot("rich_text_value", "initial_value"),
    "static_select": Slot("selected_option", "initial_option", option=True),
    "external_select": Slot("selected_option", "initial_option", option=True),
    "radio_buttons": Slot("selected_option", "initial_option", option=True),
    "multi_static_select": Slot("selected_options", "initial_options", listed=True, option=True),
    "multi_external_select": Slot("selected_options", "initial_options", listed=True, option=True),
    "checkboxes": Slot("selected_options", "initial_options", listed=True, option=True),
    "users_select": Slot("selected_user", "initial_user"),
    "multi_users_select": Slot("selected_users", "initial_users", listed=True),
    "conversations_select": Slot("selected_conversation", "initial_conversation"),
    "multi_conversations_select": Slot(
        "selected_conversations", "initial_conversations", listed=True
    ),
    "channels_select": Slot("selected_channel", "initial_channel"),
    "multi_channels_select": Slot("selected_channels", "initial_channels", listed=True),
    "datepicker": Slot("selected_date", "initial_date"),
    "timepicker": Slot("selected_time", "initial_time"),
    "datetimepicker": Slot("selected_date_time", "initial_date_time"),
    "overflow": Slot("selected_option", "initial_option", option=True),
}


def state_of(blocks: list[Json], entered: Entered) -> Json:
    """`state.values`: what was entered, or else what the app put there first."""
    values: Json = {}
    for block in blocks:
        for element in elements_of(block):
            if element["type"] in SLOTS and element["type"] != "overflow":
                key = (block["block_id"], element["action_id"])
                place = values.setdefault(block["block_id"], {})
                place[element["action_id"]] = entered.get(key) or first_value(element)
    return values


def first_value(element: Json) -> Json:
    """An element's state before anyone touched it."""
    slot = SLOTS[element["type"]]
    empty: object = [] if slot.listed else None
    return {"type": element["type"], slot.state: element.get(slot.initial, empty)}


def entry(element: Json, value: object, offered: list[Json]) -> Json:
    """The state after someone entered a value; options are chosen by text or value.

    `offered` are the options an external menu has shown; a dict is taken as it is, so that
    tests can forge what the client would never send.
    """
    slot = SLOTS.get(element["type"])
    if slot is None:
        message = f"nothing can be entered in a {element['type']}"
        raise NoSuchElement(message)
    if slot.listed:
        values = value if isinstance(value, (list, tuple)) else [value]
        chosen: object = [_one(element, slot, each, offered) for each in values]
    else:
        chosen = None if value is None else _one(element, slot, value, offered)
    return {"type": element["type"], slot.state: chosen}


def objections(block: Json, element: Json, state: Json) -> str:
    """Why Slack's client would not submit this input, empty if it would."""
    value = state[SLOTS[element["type"]].state]
    if value in (None, "", []):
        return "" if block.get("optional") else "Please complete this required field."
    if element["type"] == "plain_text_input":
        return _wrong_length(element, str(value))
    if element["type"] == "email_text_input" and not EMAIL.match(str(value)):
        return "Please provide a valid email address."
    if element["type"] == "url_text_input" and not urlsplit(str(value)).netloc:
        return "Please provide a valid URL."
    if element["type"] == "number_input":
        return _wrong_number(element, str(value))
    most = element.get("max_selected_items")
    too_many = isinstance(value, list) and most is not None and len(value) > most
    return f"Select {most} items at most." if too_many else ""


def _one(element: Json, slot: Slot, value: object, offered: list[Json]) -> object:
    if isinstance(value, (User, Channel)):
        return value.id
    if not slot.option or isinstance(value, dict):
        return value if isinstance(value, (dict, int)) else str(value)
    known = offered or options_of(element)
    for option in known:
        if value in (option["value"], option["text"]["text"]):
            return option
    labels = [option["text"]["text"] for option in known]
    message = f"no option {value!r}; there are {labels}"
    raise NoSuchElement(message)


def _wrong_length(element: Json, value: str) -> str:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < least:
        return f"Must be at least {least} characters."
    return f"Must be less than {most + 1} characters." if len(value) > most else ""


def _wrong_number(element: Json, value: str) -> str:
    pattern = r"-?\d+(\.\d+)?" if element["is_decimal_allowed"] else r"-?\d+"
    if not re.fullmatch(pattern, value):
        return "Please provide a number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and float(value) < float(least):
        return f"Must be at least {least}."
    return f"Must be at most {most}." if most is not None and float(value) > float(most) else ""
