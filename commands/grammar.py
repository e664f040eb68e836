"""What people type: `/noun verb first option name:value name:"two words"`.

One grammar for Slack and the terminal. The first option needs no name and may hold spaces, up to
the next `name:` that is an option of that command (`https:` is none). Everything may also be
typed behind `/pledgewatch`. Phones write curly quotes; they count as straight ones.
"""

import re

from commands.registry import Command, Registry, unknown_command
from domain.cards import Action
from domain.errors import UserError

_QUOTES = str.maketrans("“”„‘’", '"""\'\'')
_QUOTED = re.compile(r'"[^"]*"')
_MAX_LINE = 4000


def parse(line: str, registry: Registry) -> tuple[Command, dict[str, str]]:
    """Return the command a line means and the options given. Raises UserError."""
    if len(line) > _MAX_LINE:
        raise UserError(f"That is longer than {_MAX_LINE} characters.")
    line = line.encode(errors="replace").decode().translate(_QUOTES).strip()
    words = line.removeprefix("/").split(maxsplit=2)
    if len(words) > 1 and words[0].lower() == "pledgewatch" and words[1].lower() in registry.nouns:
        return parse(line.split(maxsplit=1)[1], registry)
    noun, verb, rest = [*words, "", "", ""][:3]
    command = registry.find(f"{noun.lower()} {verb.lower()}")
    if command is not None:
        return command, _options(command, rest)
    return _incomplete(noun.lower(), verb, rest, registry)


def _incomplete(
    noun: str, verb: str, rest: str, registry: Registry
) -> tuple[Command, dict[str, str]]:
    """A noun alone asks for its help; a noun with an unknown verb gets a suggestion."""
    helping = registry.find("pledgewatch help")
    assert helping is not None
    if noun in {"", "help"} or (noun == "pledgewatch" and not verb):
        asked = f"{verb} {rest}".strip()
        return helping, {"command": asked} if asked else {}
    if noun in registry.nouns and verb.lower() in {"", "help"}:
        return helping, {"command": f"{noun} {rest}".strip()}
    error = unknown_command(registry, f"{noun} {verb}".strip(), rest)
    shown = registry.find(f"{noun} show")
    if shown is not None:
        asked = f"{verb} {rest}".strip()
        meant = Action(
            label=f"/{shown.path} {asked}"[:70],
            command=shown.path,
            arguments=((shown.options[0].name, asked),),
        )
        error.choices = (meant, *error.choices)[:3]
    raise error


def _options(command: Command, rest: str) -> dict[str, str]:
    """Split what follows the verb into options."""
    if not command.options:
        return {"": rest} if rest.strip() else {}
    marks = _marks(command, rest)
    first = rest[: marks[0].start()] if marks else rest
    given = {command.options[0].name: first.strip()} if first.strip() else {}
    ends = [*(mark.start() for mark in marks), len(rest)][1:]
    for mark, end in zip(marks, ends, strict=True):
        given[mark[1].lower()] = rest[mark.end() : end].strip()
    return {name: _unquoted(command, name, value) for name, value in given.items()}


def _marks(command: Command, rest: str) -> list[re.Match[str]]:
    """Return where options begin: `name:` of this command, outside of quotation marks.

    Once the first option was given without its name, that name is a word like any other.
    """
    quoted = [found.span() for found in _QUOTED.finditer(rest)] if rest.count('"') % 2 == 0 else []
    names = "|".join(re.escape(option.name) for option in command.options)
    marks = [
        mark
        for mark in re.finditer(rf"(?:(?<=\s)|^)({names}):", rest, re.IGNORECASE)
        if not any(start < mark.start() < end for start, end in quoted)
    ]
    first = command.options[0].name
    if rest[: marks[0].start() if marks else 0].strip():
        marks = [mark for mark in marks if mark[1].lower() != first]
    return marks


def _unquoted(command: Command, name: str, value: str) -> str:
    option = command.option(name)
    wrapped = len(value) > 1 and value[0] == value[-1] == '"' and value.count('"') == 2  # noqa: PLR2004
    twice = value.startswith('""') and value.endswith('""') and value != '""'
    return value[1:-1] if (wrapped or twice) and option is not None and not option.raw else value
