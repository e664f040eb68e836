"""Discord as a chat: posts and edits over REST, answers over the gateway.

    login → post, edit
    run: login → connect ⇄ reconnect, announce the commands → until closed

Sending needs no gateway, so `run --once` and the last moments before a stop do without it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import discord

from bot.chats.discord_answers import NOBODY, Answers
from bot.chats.discord_client import Client
from bot.chats.discord_commands import announce
from bot.chats.discord_faults import PASSING, chat_error, translated
from bot.chats.discord_render import Post, render_post
from bot.chats.discord_requests import missing
from bot.config import Discord
from bot.front_desk import FrontDesk
from domain.cards import Postable
from domain.errors import ChatError, EditClosed, MaybeSent, Refusal, Rejected, RetryLater
from domain.model import ChannelRef, Platform
from domain.ports import Clock

_log = logging.getLogger(__name__)
_LOGIN = 30.0
_CLOSE = 3.0
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=2)
_STEADY = timedelta(minutes=1)
_OLD = timedelta(hours=1)
_OLD_PATIENCE = 5.0
_PERSON = "user:"
T = TypeVar("T")


class DiscordChat:
    """Implements `bot.chats.port.Chat` on Discord."""

    platform = Platform.DISCORD
    gap = timedelta(milliseconds=250)

    def __init__(self, config: Discord, desk: FrontDesk, clock: Clock) -> None:
        self._config = config
        self._desk = desk
        self._clock = clock
        self._answers = Answers(config, desk, clock)
        self._client: Client | None = None
        self._under_way: dict[str, asyncio.Task[Any]] = {}
        self._closed = False

    async def login(self) -> str:
        """Make ready to post, without listening; return the bot's name. Raises ChatError."""
        client = await self._logged_in()
        return client.user.name if client.user is not None else "?"

    async def run(self) -> None:
        """Listen and answer until cancelled or closed. Raises Rejected if Discord refuses us."""
        wait = _FIRST_WAIT
        while not self._closed:
            began = self._clock.now()
            try:
                await self._listen()
            except (ChatError, *PASSING) as error:
                _raise_if_refused(error)
                _log.warning("discord.connection_lost retry_in=%s error=%s", wait, error)
            if self._closed:
                return
            await self._let_go()
            wait = _FIRST_WAIT if self._clock.now() - began > _STEADY else wait
            await self._clock.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    async def close(self) -> None:
        """Let go of everything. Idempotent."""
        self._closed = True
        self._answers.close()
        for task in self._under_way.values():
            task.cancel()
        await self._let_go()

    async def post(self, channel: ChannelRef, card: Postable, key: str) -> str:
        """Post a card; the same `key` within a few minutes posts only once."""
        return await asyncio.shield(
            self._joined(f"post {key}", partial(self._post, channel, card, key))
        )

    async def edit(self, channel: ChannelRef, message: str, card: Postable) -> None:
        """Bring a posted message up to date; an earlier edit of it is let through first.

        Old messages take few edits, and discord.py would wait for the next one to be allowed.
        """
        key = f"edit {message}"
        if key in self._under_way:
            await asyncio.wait({self._under_way[key]})
        editing = self._joined(key, partial(self._edit, channel, message, card))
        if self._is_old(message):
            done, _ = await asyncio.wait({editing}, timeout=_OLD_PATIENCE)
            if not done:
                raise EditClosed("Discord takes no more edits of this old message for now")
        await asyncio.shield(editing)

    async def _post(self, channel: ChannelRef, card: Postable, key: str) -> str:
        client = await self._logged_in()
        message = await self._rendered(channel, card)
        with translated(partial(_missing, client, channel)):
            place = await _place(client, channel)
            sent = await place.send(
                message.content,
                embeds=message.embeds,
                view=message.view,
                nonce=key,
                allowed_mentions=NOBODY,
            )
        return str(sent.id)

    async def _edit(self, channel: ChannelRef, message: str, card: Postable) -> None:
        client = await self._logged_in()
        new = await self._rendered(channel, card)
        with translated(partial(_missing, client, channel)):
            place = await _place(client, channel)
            try:
                await place.get_partial_message(int(message)).edit(
                    content=new.content,
                    embeds=new.embeds,
                    view=new.view,
                    allowed_mentions=NOBODY,
                )
            except discord.RateLimited as error:
                if self._is_old(message):
                    raise EditClosed("Discord takes no more edits of this old message") from error
                raise

    async def _rendered(self, channel: ChannelRef, card: Postable) -> Post:
        """The card as a message. Buttons need a server: in a direct message there are none."""
        actions = () if channel.external_id.startswith(_PERSON) else card.actions
        message = render_post(card, await self._desk.tokens.sign(actions, channel))
        message.view.stop()  # so that discord.py keeps nothing of it: buttons carry tokens
        return message

    def _is_old(self, message: str) -> bool:
        return self._clock.now() - discord.utils.snowflake_time(int(message)) >= _OLD

    def _joined(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        """The task that does `work`, or the one that does it already.

        Whoever waits gives up without cancelling it: a request that discord.py is cut off from
        while it sleeps for a global rate limit would leave all others waiting for ever.
        """
        if key not in self._under_way:
            task = asyncio.create_task(work())
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return self._under_way[key]

    async def _logged_in(self) -> Client:
        """A client that can send. Raises ChatError."""
        if self._closed:
            raise RetryLater(_FIRST_WAIT, "the connection to Discord is closed")
        if self._client is None:
            self._client = await asyncio.shield(self._joined("login", self._log_in))
        return self._client

    async def _log_in(self) -> Client:
        client = Client(self._config.api_base, self._desk, self._answers)
        try:
            async with asyncio.timeout(_LOGIN):
                await client.login(self._config.token.value)
        except BaseException as error:
            await _close(client)
            if not isinstance(error, PASSING):
                raise
            fault = chat_error(error)
            raise RetryLater(_FIRST_WAIT, str(fault)) if isinstance(fault, MaybeSent) else fault from error
        return client

    async def _listen(self) -> None:
        """Be connected until that ends; meanwhile announce the commands."""
        client = await self._logged_in()
        announcing = asyncio.create_task(announce(client.commands, self._desk, self._clock))
        try:
            await client.connect()
        finally:
            announcing.cancel()

    async def _let_go(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await _close(client)
