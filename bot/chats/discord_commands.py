"""The slash commands that Discord shows, made from the registry, and announced when they change."""

import json
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from inspect import Parameter, Signature
from typing import Any

import discord
from discord import app_commands

from bot.chats.discord_answers import NOBODY, Answers
from bot.chats.discord_faults import PASSING
from bot.chats.discord_requests import Interaction
from bot.front_desk import FrontDesk
from commands.registry import MAX_VALUE, Command, Completes, Option, Reads, Registry
from domain.ports import Clock
from domain.text import shorten

_log = logging.getLogger(__name__)
_DESCRIPTION = 100
_CHOICE = 100
_LARGEST = 2**53 - 1  # that a client can send exactly
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=30)
_OUTDATED = "This command has changed since. Reload Discord, then use it again."
_TEXT: Any = app_commands.Range[str, 1, MAX_VALUE]
_NUMBER: Any = app_commands.Range[int, 0, _LARGEST]
_Completion = Callable[[Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]


class Tree(app_commands.CommandTree[discord.AutoShardedClient]):
    """Every command of a registry: a group for each noun, in servers alone.

    Nothing is hidden by `default_permissions`, which Discord ignores on sub-commands: who may do
    what is settled when a command is invoked.
    """

    def __init__(
        self, client: discord.AutoShardedClient, registry: Registry, answers: Answers
    ) -> None:
        super().__init__(client)
        for noun, summary in registry.nouns.items():
            group = app_commands.Group(
                name=noun,
                description=_sentence(summary),
                guild_only=True,
                allowed_contexts=app_commands.AppCommandContext(guild=True),
                allowed_installs=app_commands.AppInstallationType(guild=True),
            )
            for command in registry.of(noun):
                group.add_command(_made(command, answers))
            self.add_command(group)

    @property
    def fingerprint(self) -> str:
        """A hash of all that Discord is told."""
        told = [command.to_dict(self) for command in self.get_commands()]
        return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    async def on_error(
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Someone used a command as an earlier version told it; nothing typed is noted."""
        why = type(error).__name__
        _log.warning("discord.unknown_command space=%s why=%s", interaction.guild_id, why)
        with suppress(*PASSING):
            await interaction.response.send_message(
                _OUTDATED, ephemeral=True, allowed_mentions=NOBODY
            )


async def announce(tree: Tree, desk: FrontDesk, clock: Clock) -> None:
    """Tell Discord the commands if they are not the ones it was told last; try until it works."""
    mark, told = f"discord.tree.{tree.client.application_id}", tree.fingerprint
    if await desk.marked(mark) == told:
        return
    wait = _FIRST_WAIT
    while True:
        try:
            await tree.sync()
            await desk.mark(mark, told)
        except Exception as error:
            _log.warning("discord.commands_not_told retry_in=%s error=%s", wait, error)
        else:
            _log.info("discord.commands_told")
            return
        await clock.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT)


def _made(command: Command, answers: Answers) -> app_commands.Command[Any, Any, None]:
    """A command as discord.py knows it: options come from the signature it is given."""

    async def invoked(interaction: Interaction, /, **given: Any) -> None:
        typed = {name: str(value) for name, value in given.items() if value is not None}
        await answers.command(interaction, command, typed)

    invoked.__signature__ = _signature(command)  # type: ignore[attr-defined]
    described = {one.name: shorten(one.summary, _DESCRIPTION) for one in command.options}
    callback = app_commands.describe(**described)(invoked) if described else invoked
    callback = app_commands.choices(**_choices(command))(callback)
    callback = app_commands.autocomplete(**_completions(command, answers))(callback)
    return app_commands.Command(
        name=command.verb, description=_sentence(command.summary), callback=callback
    )


def _signature(command: Command) -> Signature:
    kind = Parameter.POSITIONAL_OR_KEYWORD
    options = [
        Parameter(
            one.name,
            kind,
            annotation=_NUMBER if one.reads is Reads.NUMBER else _TEXT,
            default=Parameter.empty if one.required else None,
        )
        for one in sorted(command.options, key=lambda one: not one.required)
    ]
    return Signature([Parameter("interaction", kind, annotation=Interaction), *options])


def _choices(command: Command) -> Mapping[str, list[app_commands.Choice[str | int | float]]]:
    return {
        one.name: [app_commands.Choice(name=value, value=value) for value in one.choices]
        for one in command.options
        if one.choices
    }


def _completions(command: Command, answers: Answers) -> dict[str, Any]:
    return {
        one.name: _completion(one, answers)
        for one in command.options
        if one.completes is not Completes.NOTHING and not one.choices
    }


def _completion(option: Option, answers: Answers) -> _Completion:
    async def complete(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        names = await answers.complete(interaction, option.completes, typed)
        return [app_commands.Choice(name=name, value=name) for name in names]

    return complete


def _sentence(words: str) -> str:
    return shorten(words[:1].upper() + words[1:], _DESCRIPTION)
