"""How commands are written in a Slack workspace: `/feed`, or `/pw-feed` where a prefix is set.

`/pledgewatch` is always there: `/pledgewatch feed add …` says the same as `/feed add …`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import Any, Self, TypeVar

from bot.config import Slack
from commands.registry import Registry
from domain.cards import Action, AlertCard, Digest, Span

T = TypeVar("T")
OURS = "pledgewatch"
# Slack writes these three for the characters that mean something in its markup.
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """The prefix of this workspace's commands, and the nouns it stands before."""

    prefix: str
    nouns: tuple[str, ...]

    @classmethod
    def of(cls, registry: Registry, config: Slack) -> Self:
        """Return how `config` wants the registry's commands written."""
        prefix = config.command_prefix.strip().lstrip("/").lower()
        return cls(prefix=prefix, nouns=tuple(registry.nouns))

    def slash(self, noun: str) -> str:
        """Return the slash command of a noun."""
        return f"/{self.prefix}{noun}"

    def line(self, command: str, typed: str) -> str:
        """Return what was typed as the grammar reads it."""
        noun = command.strip().lower().removeprefix("/")
        bare = noun.removeprefix(self.prefix)
        for entity, character in _ENTITIES:
            typed = typed.replace(entity, character)
        return f"/{bare if bare in self.nouns else noun} {typed}".strip()

    def respelled(self, card: T) -> T:
        """Return a card whose texts name the commands as they are typed here.

        What comes from the news is left as it is.
        """
        if not self.prefix or isinstance(card, AlertCard | Digest):
            return card
        named = re.compile(rf"(?<![\w/:.@-])/(?=(?:{_either(self.nouns)})(?![\w/-]))")
        respelled: T = _each_text(card, lambda words: named.sub(f"/{self.prefix}", words))
        return respelled


def _either(nouns: Iterable[str]) -> str:
    return "|".join(map(re.escape, nouns))


def _each_text(value: Any, spell: Any) -> Any:
    """The same value with every text that people read put through `spell`."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return spell(value)
    if isinstance(value, tuple):
        return tuple(_each_text(one, spell) for one in value)
    if isinstance(value, Action):
        return replace(value, label=spell(value.label))
    if isinstance(value, Span) and (value.url or value.channel or value.at):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        named = {one.name: _each_text(getattr(value, one.name), spell) for one in fields(value)}
        return replace(value, **named)
    return value
