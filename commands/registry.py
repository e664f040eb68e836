"""The one registry of commands. Discord's tree, Slack's manifest and the terminal come from it.

A handler is `async (desk, **options) -> Reply`. What it raises as UserError or FeedError becomes
a plain reply; anything else is a bug and goes to whoever called.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from commands.near import nearest
from domain.cards import Action, Form, Input, Notice, Reply, Tone, text
from domain.errors import FeedError, NotAllowed, UserError
from domain.ports import Desk

Handler = Callable[..., Awaitable[Reply]]
MAX_VALUE = 2000


class Completes(StrEnum):
    """What names an option is completed with."""

    NOTHING = ""
    COMPANY = "company"
    BILL = "bill"
    WATCH = "watch"
    FEED = "feed"
    COMMAND = "command"


class Reads(StrEnum):
    """How an option's text is read."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An option of a command; the first one may be typed without its name.

    `raw` options keep the quotation marks around them, which mean something there. `free` ones
    take what is not among their choices or the names they are completed with too; the handler
    judges it. `long` ones hold more than a line. What is typed into `private` ones, such as where
    someone lives, is kept nowhere: it travels in no button and no form is filled with it again.
    """

    name: str
    summary: str
    required: bool = False
    choices: tuple[str, ...] = ()
    completes: Completes = Completes.NOTHING
    reads: Reads = Reads.TEXT
    raw: bool = False
    free: bool = False
    long: bool = False
    private: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command: its path (noun and verb), what it does, who may, and the handler.

    `asked` picks what its form asks for, given what is known; without it the form has all options.
    """

    noun: str
    verb: str
    summary: str
    handler: Handler
    options: tuple[Option, ...] = ()
    organizers: bool = False
    private: bool = True
    asked: Callable[[Mapping[str, str]], tuple[Option, ...]] | None = None

    @property
    def path(self) -> str:
        """As typed after the slash."""
        return f"{self.noun} {self.verb}"

    @property
    def usage(self) -> str:
        """How to type it: `/watch add topic [name:…]`."""
        written = [f"/{self.path}"]
        for place, one in enumerate(self.options):
            name = f"{one.name}:…" if place else one.name
            written.append(name if one.required else f"[{name}]")
        return " ".join(written)

    def option(self, name: str) -> Option | None:
        """Return the option of that name."""
        return next((one for one in self.options if one.name == name), None)

    def keepable(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return what may be kept of what was typed: all but what is private."""
        private = {one.name for one in self.options if one.private}
        return {name: value for name, value in given.items() if name not in private}


class Registry:
    """All commands, by path."""

    def __init__(self, commands: tuple[Command, ...], nouns: Mapping[str, str]) -> None:
        """`nouns` gives each noun's one-line summary, in the order they are shown."""
        self.nouns = dict(nouns)
        self._by_path = {command.path: command for command in commands}

    @property
    def commands(self) -> tuple[Command, ...]:
        """Every command, in the order they are shown."""
        return tuple(self._by_path.values())

    def add(self, command: Command) -> None:
        """Take in one more command."""
        self._by_path[command.path] = command

    def find(self, path: str) -> Command | None:
        """Return the command with that path."""
        return self._by_path.get(path)

    def of(self, noun: str) -> list[Command]:
        """Return the commands of a noun."""
        return [command for command in self.commands if command.noun == noun]

    async def invoke(self, path: str, given: Mapping[str, str], desk: Desk) -> Reply:
        """Authorise and run a command; every refusal is a reply in plain words."""
        try:
            command = self._by_path.get(path)
            if command is None:
                raise unknown_command(self, path)
            await _authorise(command, desk)
            missing = _missing(command, given)
            if missing:
                return Reply(card=form_for(command, given, fault=""))
            return await command.handler(desk, **_read(command, given))
        except UserError as error:
            return Reply(card=refusal(error))
        except FeedError as error:
            return Reply(card=Notice(text=text(str(error)), tone=Tone.WRONG))


def refusal(error: UserError) -> Notice:
    """The reply to what cannot be done: why, and what would do."""
    return Notice(
        text=text(error.message),
        tone=Tone.WRONG,
        hint=text(error.hint) if error.hint else (),
        actions=error.choices,
    )


def unknown_command(registry: Registry, path: str, rest: str = "") -> UserError:
    """There is no such command; these come near, with what was typed after it.

    Where it may have been an address, typed where a verb goes, it is neither told nor kept.
    """
    near = nearest(path, [command.path for command in registry.commands])
    shown = " ".join(word for word in path.split() if not any(map(str.isdigit, word)))
    typed = set(path.split())
    delicate = any(
        command.path in near or typed & {command.noun, command.verb}
        for command in registry.commands
        if any(option.private for option in command.options)
    )
    return UserError(
        f"There is no command “/{shown}”." if shown == path else "There is no such command.",
        hint="/pledgewatch help lists them all.",
        choices=tuple(
            Action(
                label=f"/{one}",
                command=one,
                arguments=() if delicate else _first_option(registry, one, rest),
            )
            for one in near
        ),
    )


def _first_option(registry: Registry, path: str, value: str) -> tuple[tuple[str, str], ...]:
    command = registry.find(path)
    assert command is not None
    return ((command.options[0].name, value),) if value and command.options else ()


def form_for(
    command: Command,
    given: Mapping[str, str],
    *,
    fault: str,
    faults: Mapping[str, str] | None = None,
) -> Form:
    """A form with what the command asks for, filled with what was given; nothing given is lost.

    `faults` tells by option what is wrong with it.
    """
    asked = command.asked(given) if command.asked else command.options
    names = {one.name for one in asked}
    settled = [one for one in command.options if one.name not in names and given.get(one.name)]
    return Form(
        title=command.summary.rstrip("."),
        command=command.path,
        fault=fault,
        fields=tuple(
            Input(
                name=one.name,
                label=one.summary.rstrip("."),
                placeholder=one.example,
                value="" if one.private else given.get(one.name, ""),
                required=one.required and one.name in names,
                choices=one.choices,
                long=one.long,
                fault=(faults or {}).get(one.name, ""),
                settled=one.name not in names and one.name not in (faults or {}),
            )
            for one in (*asked, *settled)
        ),
    )


async def _authorise(command: Command, desk: Desk) -> None:
    if command.organizers and not await desk.request.is_organizer():
        raise NotAllowed(
            f"Only organizers can use /{command.path} here.",
            hint=f"They are: {desk.request.organizers}. Ask one of them.",
        )


def _missing(command: Command, given: Mapping[str, str]) -> list[Option]:
    return [one for one in command.options if one.required and not given.get(one.name, "").strip()]


def _read(command: Command, given: Mapping[str, str]) -> dict[str, Any]:
    """Turn the texts given into what the handler takes. Raises UserError."""
    unknown = [name for name in given if command.option(name) is None]
    if unknown and not command.options:
        raise UserError(f"/{command.path} stands alone: nothing comes after it.")
    if unknown:
        raise UserError(f"/{command.path} has no option “{unknown[0]}”.", hint=_how(command))
    return {
        one.name: _read_one(command, one, given.get(one.name, "").strip())
        for one in command.options
    }


def _read_one(command: Command, option: Option, value: str) -> Any:
    value = value.encode(errors="ignore").decode()  # no half of a character reaches the database
    if len(value) > MAX_VALUE:
        raise UserError(f"“{option.name}” is longer than {MAX_VALUE} characters.")
    if option.choices and value and value not in option.choices:
        near = nearest(value.lower(), option.choices)
        if near and near[0] == value.lower():
            return near[0]
        if option.free:
            return value
        raise UserError(
            f"“{value}” is no value for “{option.name}”.",
            hint=f"It can be: {', '.join(option.choices)}.",
        )
    match option.reads:
        case Reads.DATE:
            return _read_date(option, value) if value else None
        case Reads.NUMBER:
            return _read_number(command, option, value) if value else None
        case _:
            return value


def _read_date(option: Option, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UserError(
            f"“{value}” is no date for “{option.name}”.", hint="Write it as 2021-03-01."
        ) from None


def _read_number(command: Command, option: Option, value: str) -> int:
    digits = value.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):  # noqa: PLR2004
        raise UserError(f"“{value}” is no number for “{option.name}”.", hint=_how(command))
    return int(digits)


def _how(command: Command) -> str:
    return f"Type it like this: {command.usage}"
