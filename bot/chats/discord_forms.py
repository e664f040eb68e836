"""Forms as Discord's modals, and what was typed into them. Pure, but for the memory of it."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from secrets import token_urlsafe
from typing import Any

import discord
from discord import ui

from bot.chats.discord_text import escape, visible
from commands.registry import MAX_VALUE
from domain.cards import Action, Form, Input
from domain.text import shorten

_FIELDS = 5
_TITLE = _LABEL = 45
_HINT = _CHOICE = 100
_CHOICES = 25
_LABEL_TYPE, _ROW_TYPE = 18, 1
_REMEMBERED = 200
_OPENS = "form "
_KEY = "kept"


def opening(form: Form) -> tuple[Sequence[Input], Action]:
    """The fields that a modal has room for, and the action that its submission stands for.

    Fields that do not fit go along as they are filled in.
    """
    by_need = sorted(form.fields, key=_need)
    hidden = [*by_need[_FIELDS:], *(one for one in by_need[:_FIELDS] if one.settled)]
    kept = tuple((one.name, one.value) for one in hidden if one.value)
    shown = [one for one in form.fields if one not in hidden]
    return shown, Action(label=form.title, command=form.command, arguments=kept)


def _need(field: Input) -> tuple[bool, ...]:
    """Sorts what must be asked first to the front."""
    return field.settled, not field.fault, not field.required, not field.value


def make_modal(form: Form, fields: Sequence[Input], token: str) -> ui.Modal:
    """The form as a modal whose submission carries `token`."""
    modal = ui.Modal(title=_line(form.title, _TITLE) or "Pledgewatch", custom_id=token)
    fault = _line(form.fault, MAX_VALUE)
    if fault and len(fields) < _FIELDS:
        modal.add_item(ui.TextDisplay[Any](escape(fault)))
    for field in fields:
        modal.add_item(_field(field))
    return modal


def typed_into(submitted: object) -> dict[str, str]:
    """What was typed into a modal, by field; the part of the interaction is read with care."""
    typed: dict[str, str] = {}
    for part in _listed(submitted, "components"):
        inside = [part.get("component")] if part.get("type") == _LABEL_TYPE else []
        inside += _listed(part, "components") if part.get("type") == _ROW_TYPE else []
        for one in inside:
            if isinstance(one, Mapping) and isinstance(one.get("custom_id"), str):
                typed[one["custom_id"]] = _value(one)
    return {name: value for name, value in typed.items() if value.strip()}


class KeptForms:
    """What was typed into forms that were refused, so that nobody must type it again.

    It is in memory alone and not for long: people type addresses.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Mapping[str, str] | Form] = OrderedDict()

    def keep(
        self, command: str, typed: Mapping[str, str] | Form, label: str = "Change it"
    ) -> Action:
        """The button that opens the form of a command with what was typed, or just that form."""
        key = token_urlsafe(9)
        self._kept[key] = typed if isinstance(typed, Form) else dict(typed)
        while len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)
        return Action(label=label, command=f"{_OPENS}{command}", arguments=((_KEY, key),))

    def reopened(self, path: str, given: Mapping[str, str]) -> tuple[str, Mapping[str, str] | Form]:
        """The command whose form a button opens, and what was kept, if it is still known."""
        return path.removeprefix(_OPENS), self._kept.get(given.get(_KEY, ""), {})


def opens_form(path: str) -> bool:
    """Whether a button's path means a form and not the command itself."""
    return path.startswith(_OPENS)


def _field(field: Input) -> ui.Label[Any]:
    label = _line(field.label, _LABEL) or field.name
    whole = visible(field.fault or field.label).strip()
    return ui.Label(
        text=label,
        description=_line(whole, _HINT) if whole != label else None,
        component=_choices(field) if field.choices else _text(field),
    )


def _text(field: Input) -> ui.TextInput[Any]:
    long = field.long or "\n" in field.value
    return ui.TextInput(
        custom_id=field.name,
        style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
        placeholder=_line(field.placeholder, _HINT) or None,
        default=field.value[:MAX_VALUE] or None,
        required=field.required,
        max_length=MAX_VALUE,
    )


def _choices(field: Input) -> ui.Select[Any]:
    offered = [one for one in dict.fromkeys(field.choices) if 0 < len(one) <= _CHOICE]
    options = [
        discord.SelectOption(label=one, value=one, default=one == field.value)
        for one in offered[:_CHOICES]
    ]
    return ui.Select(
        custom_id=field.name,
        options=options,
        required=field.required,
        min_values=int(field.required),
    )


def _line(words: str, limit: int) -> str:
    return shorten(visible(words).strip(), limit)


def _listed(part: object, key: str) -> list[Mapping[str, Any]]:
    found = part.get(key) if isinstance(part, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _value(one: Mapping[str, Any]) -> str:
    chosen = one.get("values") or [""]
    return str(one["value"] if one.get("value") is not None else chosen[0])
