"""Discord as a chat: posts and edits over REST, answers over the gateway.

    login → post, edit
    run: login → connect ⇄ reconnect, announce the commands → until closed

Sending needs no gateway, so `run --once` and the last moments before a stop do without it.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import discord

from bot.chats.discord_answers import NOBODY, Answers
from bot.chats.discord_client import Client
from bot.chats.discord_commands import announce
from bot.chats.discord_faults import PASSING, chat_error, check_shown, translated
from bot.chats.discord_render import Post, render_post
from bot.chats.discord_requests import missing
from bot.config import Discord
from bot.front_desk import FrontDesk
from domain.cards import Postable
from domain.errors import ChatError, EditClosed, Refusal, Rejected, RetryLater
from domain.model import ChannelRef, Platform
from domain.ports import Clock

_log = logging.getLogger(__name__)
_LOGIN = 30.0
_CLOSE = 3.0
_ANNOUNCE = 5.0
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
        self._closing = asyncio.Event()

    async def login(self) -> str:
        """Make ready to post, without listening; return the bot's name. Raises ChatError."""
        client = await self._logged_in()
        return client.user.name if client.user is not None else "?"

    async def run(self) -> None:
        """Listen and answer until cancelled or closed. Raises Rejected if Discord refuses us."""
        wait = _FIRST_WAIT
        while not self._closing.is_set():
            began = self._clock.now()
            try:
                await self._listen()
            except Exception as error:  # one event that discord.py cannot read must not end it
                _raise_if_refused(error)
                known = isinstance(error, (ChatError, *PASSING))
                _log.warning(
                    "discord.connection_lost retry_in=%s error=%s",
                    wait,
                    error,
                    exc_info=not known,
                )
            if self._closing.is_set():
                return
            await self._let_go()
            wait = _FIRST_WAIT if self._clock.now() - began > _STEADY else wait
            await self._clock.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    async def close(self) -> None:
        """Let go of everything. Idempotent."""
        self._closing.set()
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
        check_shown(sent, message.embeds)
        return str(sent.id)

    async def _edit(self, channel: ChannelRef, message: str, card: Postable) -> None:
        client = await self._logged_in()
        new = await self._rendered(channel, card)
        with translated(partial(_missing, client, channel)):
            place = await _place(client, channel)
            try:
                edited = await place.get_partial_message(int(message)).edit(
                    content=new.content,
                    embeds=new.embeds,
                    view=new.view,
                    allowed_mentions=NOBODY,
                )
            except discord.RateLimited as error:
                if self._is_old(message):
                    raise EditClosed("Discord takes no more edits of this old message") from error
                raise
        check_shown(edited, new.embeds)

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
        if self._closing.is_set():
            raise RetryLater(_FIRST_WAIT, "the connection to Discord is closed")
        if self._client is None or self._client.is_closed():
            return await asyncio.shield(self._joined("login", self._log_in))
        return self._client

    async def _log_in(self) -> Client:
        client = Client(self._config.api_base, self._desk, self._answers)
        try:
            async with asyncio.timeout(_LOGIN):
                await client.login(self._config.token.value)
        except BaseException as error:
            await _close(client)
            if isinstance(error, PASSING):
                raise _at_login(error) from error
            raise
        self._client = client
        return client

    async def _listen(self) -> None:
        """Be connected until that ends. Commands are announced first, unless that takes long."""
        client = await self._logged_in()
        announcing = asyncio.create_task(announce(client.commands, self._desk, self._clock))
        try:
            await asyncio.wait({announcing}, timeout=_ANNOUNCE)
            await client.connect()
        finally:
            announcing.cancel()

    async def _let_go(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await _close(client)


async def _place(
    client: Client, channel: ChannelRef
) -> discord.DMChannel | discord.PartialMessageable:
    """Where a channel's messages go. Raises Rejected if it names nothing on Discord."""
    person = channel.external_id.removeprefix(_PERSON)
    if not person.isdecimal():
        raise Rejected(Refusal.CHANNEL_GONE, f"“{channel.external_id}” is no channel of Discord's")
    if person != channel.external_id:
        return await client.create_dm(discord.Object(int(person)))
    guild = channel.space.external_id
    return client.get_partial_messageable(
        int(person), guild_id=int(guild) if guild.isdecimal() else None
    )


def _missing(client: Client, channel: ChannelRef) -> Sequence[str]:
    """Which permissions the bot lacks in a channel, as far as it knows."""
    number = channel.external_id
    known = client.get_channel(int(number)) if number.isdecimal() else None
    if client.user is None or not isinstance(known, discord.abc.GuildChannel | discord.Thread):
        return ()
    own = known.guild.get_member(client.user.id)
    return missing(known.permissions_for(own), known) if own is not None else ()


def _at_login(error: Exception) -> ChatError:
    """Only a refusal of us is for good; anything else that goes wrong at the door passes."""
    fault = chat_error(error)
    if isinstance(fault, Rejected) and fault.refusal is Refusal.NOT_CONNECTED:
        return fault
    return RetryLater(_FIRST_WAIT, f"Discord cannot be reached: {fault}")


def _raise_if_refused(error: Exception) -> None:
    fault = error if isinstance(error, ChatError) else chat_error(error)
    if isinstance(fault, Rejected) and fault.refusal is Refusal.NOT_CONNECTED:
        raise fault from error.__cause__


async def _close(client: Client) -> None:
    """Close a client soon, whatever the other side does."""
    try:
        async with asyncio.timeout(_CLOSE):
            await client.close()
    except (TimeoutError, *PASSING) as error:
        _log.warning("discord.close_failed error=%s", type(error).__name__)
    await client.http.close()
