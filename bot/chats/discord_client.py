"""The connection to Discord: which events are heard, and what becomes of them."""

import logging
import re
from typing import Any, Self

import discord
import yarl
from discord import ui
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.chats.discord_answers import NOBODY, Answers
from bot.chats.discord_commands import Tree
from bot.chats.discord_requests import Interaction, space_of
from bot.front_desk import FrontDesk
from bot.tokens import PREFIX

_log = logging.getLogger(__name__)
_OWN = "https://discord.com/api/"
_LONGEST_SLEEP = 30.0  # the least that discord.py takes


class Client(discord.AutoShardedClient):
    """Hears commands, buttons and forms, and of leaving a server. Nobody is ever pinged.

    It keeps neither members nor messages, nor anything of the messages it sent.
    """

    def __init__(self, api_base: str, desk: FrontDesk, answers: Answers) -> None:
        Route.BASE = api_base.rstrip("/")
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we never speak
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=NOBODY,
            max_ratelimit_timeout=_LONGEST_SLEEP,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
        )
        self._desk = desk
        self._answers = answers
        self.commands = Tree(self, desk.registry, answers)

    async def setup_hook(self) -> None:
        """Know the buttons again that were sent before this start."""
        self.add_dynamic_items(_button(self._answers))

    async def connect(self, *, reconnect: bool = True) -> None:
        """Listen until closed. Where the API is not Discord's own, so is the gateway."""
        if not Route.BASE.startswith(_OWN):
            _, gateway, _ = await self.http.get_bot_gateway()
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
        await super().connect(reconnect=reconnect)

    async def on_interaction(self, interaction: Interaction) -> None:
        """Answer forms; discord.py hands commands and buttons over by itself."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self._answers.form(interaction)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Say nothing uninvited."""
        _log.info("discord.joined space=%s", guild.id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forget a server that removed the bot."""
        await self._desk.left(space_of(guild.id))

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Note that an event could not be dealt with, and nothing of what it carried."""
        del args, kwargs
        _log.exception("discord.event_failed event=%s", event_method)


def _button(answers: Answers) -> type[ui.DynamicItem[ui.Button[Any]]]:
    """Every button whose id is a token of ours."""

    class Pressed(
        ui.DynamicItem[ui.Button[Any]],
        template=f"{re.escape(PREFIX)}.+",
    ):
        """A pressed button, known by its token alone."""

        @classmethod
        async def from_custom_id(
            cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            del interaction, item
            return cls(ui.Button(custom_id=match[0]))

        async def callback(self, interaction: Interaction) -> None:
            await answers.button(interaction, self.custom_id)

    return Pressed
