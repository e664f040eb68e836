"""Forms as modals: from the card to Block Kit, and from what was submitted back to options. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from bot.chats.slack_markup import Json, fit, marked_text, mrkdwn, plain_text
from bot.chats.slack_render import Message
from commands.registry import MAX_VALUE, Command, Completes
from domain.cards import Form, Input, Notice, plain, text

FORM, REPLY = "form", "reply"
_TITLE, _LABEL, _HINT, _PLACEHOLDER = 24, 150, 300, 150
_SUMMARY, _FAULT = 500, 300
_OPTIONS, _OPTION, _OPTION_VALUE = 100, 75, 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a modal remembers: its command as a token for one channel, and where to answer.

    The token binds the channel, so submitting is authorised like typing the command there.
    """

    token: str
    channel: str
    response_url: str = ""

    @property
    def written(self) -> str:
        """As a modal carries it."""
        return json.dumps([self.token, self.channel, self.response_url])

    @classmethod
    def read(cls, view: Mapping[str, object]) -> Self | None:
        """Return the reference of a view; None if it has none of ours."""
        try:
            token, channel, response_url = json.loads(str(view.get("private_metadata") or ""))
        except (ValueError, TypeError):
            return None
        parts = (token, channel, response_url)
        if not all(isinstance(part, str) and part.isascii() for part in parts):
            return None
        return cls(token=token, channel=channel, response_url=response_url)


def form_view(form: Form, command: Command, slash: str, reference: Reference) -> Json:
    """Return the modal for a form; `slash` is how its command is typed."""
    blocks = [_section(form.fault)] if form.fault else []
    blocks.append(_section(form.title))
    blocks += [_input(one, command) for one in form.fields if not one.settled]
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": reference.written,
        "title": plain_text(slash, _TITLE),
        "submit": plain_text("Send", _TITLE),
        "close": plain_text("Cancel", _TITLE),
        "blocks": blocks,
    }


def reply_view(message: Message, title: str, reference: Reference) -> Json:
    """Return a modal that shows a reply."""
    return {
        "type": "modal",
        "callback_id": REPLY,
        "private_metadata": reference.written,
        "title": plain_text(title, _TITLE),
        "close": plain_text("Close", _TITLE),
        "blocks": list(message.blocks),
    }


def submitted(view: Json) -> dict[str, str]:
    """Return the options that were filled in."""
    given: dict[str, str] = {}
    for name, elements in view.get("state", {}).get("values", {}).items():
        for state in elements.values():
            value = state.get("value") or (state.get("selected_option") or {}).get("value")
            if value:
                given[name] = str(value)
    return given


def inputs(view: Json) -> list[str]:
    """Return the names of a form's fields."""
    return [block["block_id"] for block in view.get("blocks", []) if block.get("type") == "input"]


def complaint(refusal: Notice, names: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return a refusal as an error at the field it is about: the one it names, or the first."""
    told = plain(refusal.text)
    said = fit(f"{told} {plain(refusal.hint)}".strip(), _FAULT)
    named = [name for name in names if f"“{name}”" in told]
    quoted = [name for name in names if given.get(name) and f"“{given[name]}”" in told]
    return {[*named, *quoted, *names][0]: said}


def still_missing(form: Form, names: Sequence[str]) -> dict[str, str]:
    """Return what is wrong with a form that was sent, or still missing, as errors at its fields.

    Nothing if that concerns fields it did not have: then the new form takes its place.
    """
    said = form.fault or "This is needed."
    wrong = {
        one.name: fit(one.fault or said, _FAULT)
        for one in form.fields
        if one.fault or (one.required and not one.value.strip())
    }
    if not wrong:
        return dict.fromkeys(names[:1], fit(said, _FAULT))
    return wrong if wrong.keys() <= set(names) else {}


def menu_of(names: Sequence[str], typed: str) -> list[Json]:
    """Return the options of a menu: the names that fit, or else just what was typed.

    So names that nobody thought of (an alias, a host, a bill's number) can still be sent.
    """
    offered = [*names[:_OPTIONS]] or [typed.strip()]
    return [_option(name) for name in dict.fromkeys(offered) if 0 < len(name) <= _OPTION_VALUE]


def _input(one: Input, command: Command) -> Json:
    block: Json = {
        "type": "input",
        "block_id": one.name,
        "label": plain_text(one.label or one.name, _LABEL),
        "optional": not one.required,
        "element": _element(one, command),
    }
    if one.placeholder:
        block["hint"] = plain_text(f"For example: {one.placeholder}", _HINT)
    return block


def _element(one: Input, command: Command) -> Json:
    if one.choices and _listable(one.choices):
        return _menu(one)
    if _completes(one, command):
        return _completed(one)
    element: Json = {
        "type": "plain_text_input",
        "action_id": one.name,
        "multiline": one.long,
        "max_length": MAX_VALUE,
    }
    return element | ({"initial_value": one.value[:MAX_VALUE]} if one.value else {})


def _menu(one: Input) -> Json:
    options = [_option(choice) for choice in one.choices]
    chosen = [option for option in options if option["value"] == one.value]
    element: Json = {"type": "static_select", "action_id": one.name, "options": options}
    return element | ({"initial_option": chosen[0]} if chosen else {})


def _completed(one: Input) -> Json:
    """A menu that asks us for names as someone types."""
    element: Json = {
        "type": "external_select",
        "action_id": one.name,
        "min_query_length": 0,
        "placeholder": plain_text("Type a name", _PLACEHOLDER),
    }
    known = 0 < len(one.value) <= _OPTION_VALUE
    return element | ({"initial_option": _option(one.value)} if known else {})


def _completes(one: Input, command: Command) -> bool:
    """Whether a menu of names serves: one name of something known, not any text."""
    option = command.option(one.name)
    return (
        option is not None
        and option.completes is not Completes.NOTHING
        and option.required
        and not (option.raw or option.free)
    )


def _listable(choices: Sequence[str]) -> bool:
    short = all(0 < len(choice) <= _OPTION for choice in choices)
    return short and len(choices) <= _OPTIONS and len(set(choices)) == len(choices)


def _option(value: str) -> Json:
    return {"text": plain_text(value, _OPTION), "value": value}


def _section(words: str) -> Json:
    return {"type": "section", "text": marked_text(mrkdwn(text(words), _SUMMARY) or "…")}
