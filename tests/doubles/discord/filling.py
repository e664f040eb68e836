"""Filling in options and forms: what a client lets through, and how it sends it."""

from collections.abc import Sequence

from tests.doubles.discord.check_commands import (
    ATTACHMENT,
    BOOLEAN,
    CHANNEL,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    ROLE,
    STRING,
    USER,
)
from tests.doubles.discord.components import (
    CHANNEL_SELECT,
    CHECKBOX,
    CHECKBOX_GROUP,
    ENTITY_SELECTS,
    FILE_UPLOAD,
    MENTIONABLE_SELECT,
    RADIO_GROUP,
    ROLE_SELECT,
    TEXT_INPUT,
    USER_SELECT,
)
from tests.doubles.discord.errors import BadOption, Json
from tests.doubles.discord.interactions import Modal
from tests.doubles.discord.people import Member, Role, User
from tests.doubles.discord.places import Channel

Value = str | int | float | bool | User | Member | Role | Channel

STRING_OPTION, FORM_TEXT = 6000, 4000

_PEOPLE: tuple[type, ...] = (User, Member)
_ENTITIES: dict[int, tuple[type, ...]] = {
    USER: _PEOPLE,
    ROLE: (Role,),
    CHANNEL: (Channel,),
    MENTIONABLE: (*_PEOPLE, Role),
}
_SELECTABLE: dict[int, tuple[type, ...]] = {
    USER_SELECT: _PEOPLE,
    ROLE_SELECT: (Role,),
    CHANNEL_SELECT: (Channel,),
    MENTIONABLE_SELECT: (*_PEOPLE, Role),
}


def fill_options(
    declared: list[Json], given: dict[str, Value], channel: Channel, *, complete: bool = True
) -> tuple[list[Json], Json]:
    """The options as the client sends them, and what their ids stand for."""
    known = {one["name"]: one for one in declared}
    for name in given:
        if name not in known:
            raise BadOption(f"no option {name!r}, only {sorted(known)}")
    missing = [one["name"] for one in declared if one.get("required") and one["name"] not in given]
    if complete and missing:
        raise BadOption(f"required: {missing}")
    sent: list[Json] = []
    resolved: Json = {}
    for name, value in given.items():
        option = known[name]
        sent.append({"name": name, "type": option["type"], "value": _value(option, value)})
        if option["type"] in _ENTITIES:
            _note(resolved, value, channel)
    return sent, resolved


def resolve(kind: int, values: Sequence[object], channel: Channel) -> tuple[list[str], Json]:
    """The ids of people, roles or channels picked in a select menu, and what they stand for."""
    resolved: Json = {}
    ids: list[str] = []
    for value in values:
        if not isinstance(value, _SELECTABLE[kind]):
            raise BadOption(f"{value!r} cannot be picked there")
        ids.append(_note(resolved, value, channel))
    return ids, resolved


def fill_form(modal: Modal, given: dict[str, object], channel: Channel) -> tuple[list[Json], Json]:
    """The form's components as the client sends them, and what their ids stand for."""
    labels = {label: one["custom_id"] for label, one in modal.inputs if label}
    answers = {labels.get(name, name): value for name, value in given.items()}
    known = {one["custom_id"] for _, one in modal.inputs}
    if answers.keys() - known:
        raise BadOption(f"no field {sorted(answers.keys() - known)}, only {modal.labels}")
    resolved: Json = {}
    sent = [_part(part, answers, channel, resolved) for part in modal.components]
    return sent, resolved


def _part(part: Json, answers: dict[str, object], channel: Channel, resolved: Json) -> Json:
    body: Json = {"type": part["type"], "id": part.get("id", 0)}
    if isinstance(part.get("component"), dict):
        body["component"] = _field(part["component"], answers, channel, resolved)
    if part.get("components"):
        inside = part["components"]
        body["components"] = [_field(one, answers, channel, resolved) for one in inside]
    return body


def _field(one: Json, answers: dict[str, object], channel: Channel, resolved: Json) -> Json:
    body: Json = {"type": one["type"], "custom_id": one["custom_id"], "id": one.get("id", 0)}
    answer = answers.get(one["custom_id"])
    match one["type"]:
        case kind if kind == TEXT_INPUT:
            body["value"] = _text(one, answer)
        case kind if kind == CHECKBOX:
            body["value"] = bool(one.get("default") if answer is None else answer)
        case kind if kind == RADIO_GROUP:
            picked = _picked(one, [] if answer is None else [answer], most=1)
            body["value"] = picked[0] if picked else None
        case kind if kind == FILE_UPLOAD:
            raise BadOption("the double cannot upload files into forms")
        case kind if kind in ENTITY_SELECTS:
            values = _listed(answer)
            _check_number(one, len(values))
            body["values"], found = resolve(kind, values, channel)
            for key, entries in found.items():
                resolved.setdefault(key, {}).update(entries)
        case _:
            body["values"] = _picked(one, _listed(answer))
    return body


def _text(one: Json, answer: object) -> str:
    value = str(one.get("value") or "") if answer is None else str(answer)
    least, most = one.get("min_length") or 0, one.get("max_length") or FORM_TEXT
    if not value:
        if one.get("required", True):
            raise BadOption(f"field {one['custom_id']!r} is required")
        return value
    if not least <= len(value) <= most:
        raise BadOption(f"field {one['custom_id']!r} takes {least} to {most} characters")
    if one["style"] == 1 and "\n" in value:
        raise BadOption(f"field {one['custom_id']!r} takes a single line")
    return value


def _picked(one: Json, answers: list[object], most: int | None = None) -> list[str]:
    offered = {option["label"]: str(option["value"]) for option in one["options"]}
    if not answers:
        answers = [option["value"] for option in one["options"] if option.get("default")]
    values = [offered.get(str(answer), str(answer)) for answer in answers]
    if any(value not in offered.values() for value in values):
        raise BadOption(f"field {one['custom_id']!r} offers only {sorted(offered)}")
    _check_number(one, len(values), most)
    return values


def _check_number(one: Json, count: int, most: int | None = None) -> None:
    required = one.get("required", one["type"] != CHECKBOX_GROUP)
    least = one.get("min_values", 1 if required else 0) if count or required else 0
    alone = 1 if one["type"] != CHECKBOX_GROUP else len(one["options"])
    most = most or one.get("max_values") or alone
    if not least <= count <= most:
        raise BadOption(f"field {one['custom_id']!r} takes {least} to {most} values")


def _listed(answer: object) -> list[object]:
    if answer is None:
        return []
    return list(answer) if isinstance(answer, list | tuple) else [answer]


def _value(option: Json, value: Value) -> object:
    kind, name = option["type"], option["name"]
    if kind in _ENTITIES:
        if not isinstance(value, _ENTITIES[kind]):
            raise BadOption(f"{name!r} takes {[one.__name__ for one in _ENTITIES[kind]]}")
        assert isinstance(value, User | Member | Role | Channel)
        return value.id
    if kind == ATTACHMENT:
        raise BadOption("the double cannot attach files to commands")
    if option.get("choices"):
        return _offered(option, value)
    if kind == STRING:
        return _string(option, value)
    if kind == BOOLEAN:
        if not isinstance(value, bool):
            raise BadOption(f"{name!r} takes true or false")
        return value
    return _number(option, value)


def _offered(option: Json, value: Value) -> object:
    for choice in option["choices"]:
        if value in (choice["value"], choice["name"]):
            return choice["value"]
    raise BadOption(f"{option['name']!r} offers only {[one['name'] for one in option['choices']]}")


def _string(option: Json, value: Value) -> str:
    least, most = option.get("min_length") or 1, option.get("max_length") or STRING_OPTION
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise BadOption(f"{option['name']!r} takes a text of {least} to {most} characters")
    return value


def _number(option: Json, value: Value) -> int | float:
    allowed = int if option["type"] == INTEGER else (int, float)
    assert option["type"] in {INTEGER, NUMBER}
    if isinstance(value, bool) or not isinstance(value, allowed):
        raise BadOption(f"{option['name']!r} takes a number")
    least, most = option.get("min_value"), option.get("max_value")
    if (least is not None and value < least) or (most is not None and value > most):
        raise BadOption(f"{option['name']!r} takes {least} to {most}")
    return value


def _note(resolved: Json, value: object, channel: Channel) -> str:
    """Put what an id stands for where the bot looks it up, and give the id."""
    guild = channel.guild
    match value:
        case Role():
            resolved.setdefault("roles", {})[value.id] = value.payload()
        case Channel():
            allowed = str(int(value.bot_permissions))
            body = value.payload() | {"permissions": allowed}
            resolved.setdefault("channels", {})[value.id] = body
        case User() | Member():
            user = value.user if isinstance(value, Member) else value
            resolved.setdefault("users", {})[user.id] = user.payload()
            member = guild.members.get(user.id) if guild else None
            if member is not None:
                body = member.payload(channel)
                partial = {key: body[key] for key in body if key not in {"user", "deaf", "mute"}}
                resolved.setdefault("members", {})[user.id] = partial
            return user.id
        case _:
            raise BadOption(f"{value!r} has no id")
    return value.id
