"""What Discord answers when it does not take a message, as the errors that delivery knows."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import aiohttp
import discord

from domain.errors import (
    ChatError,
    EditClosed,
    MaybeSent,
    MessageGone,
    Refusal,
    Rejected,
    RetryLater,
)

PASSING = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)
_SOON = timedelta(seconds=5)
_BLOCKED = timedelta(minutes=1)
_TOO_MANY, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _SERVER = 429, 401, 403, 404, 500
_UNKNOWN_MESSAGE, _MISSING_ACCESS, _OLD_MESSAGE = 10008, 50001, 30046
_NOT_OURS, _NO_DM, _NO_PLACE, _CLOSED_THREAD = 50005, {50007, 50278}, {50008, 50024, 50033}, 50083
_TOKEN_REFUSED = {4004}
_SETUP_REFUSED = {4010, 4011, 4012, 4013, 4014}


@contextmanager
def translated(lacking: Callable[[], Sequence[str]]) -> Iterator[None]:
    """Raise what discord.py raises as a ChatError; `lacking` tells which permissions we lack."""
    try:
        yield
    except discord.Forbidden as error:
        raise chat_error(error, lacking()) from error
    except PASSING as error:
        raise chat_error(error) from error


def chat_error(error: Exception, lacking: Sequence[str] = ()) -> ChatError:
    """The ChatError that an exception of discord.py or of the connection stands for."""
    match error:
        case discord.RateLimited():
            return RetryLater(timedelta(seconds=error.retry_after), "Discord limits our rate")
        case discord.LoginFailure():
            return token_refused()
        case discord.ConnectionClosed() if error.code in _TOKEN_REFUSED:
            return token_refused()
        case discord.PrivilegedIntentsRequired():
            return _setup_refused("it asks for privileged intents")
        case discord.ConnectionClosed() if error.code in _SETUP_REFUSED:
            return _setup_refused(f"code {error.code}")
        case discord.HTTPException():
            return _of_answer(error, lacking)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return RetryLater(_SOON, "Discord could not be reached")
        case aiohttp.ClientError() | OSError():  # TimeoutError is one
            return MaybeSent("the connection to Discord broke")
        case _:
            return RetryLater(_SOON, f"Discord does not work as it should: {type(error).__name__}")


def check_shown(message: discord.Message, embeds: Sequence[discord.Embed]) -> None:
    """Raise Rejected if a message came out without its embeds.

    Without Embed Links Discord drops them and says nothing, as long as there are words beside them
    (discord-api-docs #2601). Who suppressed them in a message wanted it so.
    """
    if embeds and not (message.embeds or message.flags.suppress_embeds):
        raise _not_permitted(0, ["Embed Links"])


def token_refused() -> Rejected:
    """Discord does not know our token."""
    return Rejected(
        Refusal.NOT_CONNECTED,
        "Discord refuses the bot's token",
        "Copy it anew from Discord's developer portal.",
    )


def _setup_refused(why: str) -> Rejected:
    return Rejected(Refusal.NOT_CONNECTED, f"Discord refuses the connection: {why}")


def _of_answer(error: discord.HTTPException, lacking: Sequence[str]) -> ChatError:
    said = error.text or "no reason given"
    match error.status, error.code:
        case _, code if code == _OLD_MESSAGE:
            return EditClosed("Discord takes no more edits of this old message for now")
        case _, code if code == _UNKNOWN_MESSAGE:
            return MessageGone("the message was deleted")
        case status, _ if status == _TOO_MANY:
            return RetryLater(_retry_after(error), "Discord limits our rate")
        case status, _ if status == _UNAUTHORIZED:
            return token_refused()
        case status, code if status == _FORBIDDEN and code != _NOT_OURS:
            return _not_permitted(code, lacking)
        case status, code if status == _NOT_FOUND or code in _NO_PLACE:
            return Rejected(Refusal.CHANNEL_GONE, "there is no such channel any more")
        case _, code if code == _CLOSED_THREAD:
            return Rejected(Refusal.NO_PERMISSION, "the thread is closed", "Open it again.")
        case status, _ if status >= _SERVER:
            return RetryLater(_SOON, f"Discord has a fault of its own ({error.status})")
        case _:
            return Rejected(Refusal.INVALID, f"Discord refuses the message: {said[:200]}")


def _not_permitted(code: int, lacking: Sequence[str]) -> Rejected:
    if code in _NO_DM:
        return Rejected(
            Refusal.NO_PERMISSION,
            "they take no direct messages from me",
            "Allow direct messages from members of this server.",
        )
    usual = ["View Channel"] if code == _MISSING_ACCESS else ["Send Messages", "Embed Links"]
    *first, last = lacking or usual
    named = f"{', '.join(first)} and {last}" if first else last
    return Rejected(Refusal.NO_PERMISSION, f"I lack {named} there", f"Give me {named} there.")


def _retry_after(error: discord.HTTPException) -> timedelta:
    """How long a refusal without a body asks to wait."""
    try:
        return timedelta(seconds=float(error.response.headers.get("Retry-After", "")))
    except (ValueError, OverflowError):
        return _BLOCKED
