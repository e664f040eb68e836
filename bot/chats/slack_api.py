"""Slack's Web API as we use it: one session, no retries, every failure a ChatError."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.chats.slack_errors import translated
from bot.chats.slack_markup import Json
from bot.config import Slack

_log = logging.getLogger(__name__)
_TIMEOUT = 15
_CONNECT_TIMEOUT = 5
_TRIES = 3
_BETWEEN_TRIES = 0.5
_USED_UP = 404
_TRIGGER_LIFE = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the token is: the bot in one workspace."""

    bot: str
    bot_id: str
    user_id: str
    workspace: str
    team: str

    def __str__(self) -> str:
        return f"{self.bot} in {self.workspace}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What the workspace says of a person."""

    teams: frozenset[str]
    is_admin: bool


class SlackApi:
    """Calls Slack. Every method raises `domain.errors.ChatError`.

    Nothing is read from the environment: no proxy, no tokens.
    """

    def __init__(self, config: Slack) -> None:
        self._config = config
        self._session: aiohttp.ClientSession | None = None
        self._bot: AsyncWebClient | None = None

    def client(self, token: str | None = None) -> AsyncWebClient:
        """Return a client on our one session, which is opened with the first."""
        if self._session is None or self._session.closed:
            patience = aiohttp.ClientTimeout(total=_TIMEOUT, sock_connect=_CONNECT_TIMEOUT)
            self._session = aiohttp.ClientSession(timeout=patience, trust_env=False)
        client = AsyncWebClient(
            token,
            base_url=self._config.api_base,
            timeout=_TIMEOUT,
            session=self._session,
            retry_handlers=[],
        )
        client.proxy = None
        return client

    async def close(self) -> None:
        """Close the connections. Idempotent."""
        if self._session is not None:
            await self._session.close()

    async def who(self) -> Identity:
        """Return who the token is."""
        said = await self._call(lambda client: client.auth_test())
        return Identity(
            bot=str(said.get("user", "")),
            bot_id=str(said.get("bot_id", "")),
            user_id=str(said.get("user_id", "")),
            workspace=str(said.get("team", "")),
            team=str(said.get("team_id", "")),
        )

    async def post(self, channel: str, message: Json) -> tuple[str, str]:
        """Post to a channel or a person; return the channel it went to and its timestamp."""
        said = await self._call(lambda client: client.chat_postMessage(channel=channel, **message))
        return str(said.get("channel", "")), str(said.get("ts", ""))

    async def update(self, channel: str, ts: str, message: Json) -> None:
        """Change a message."""
        shown = {"text": message["text"], "blocks": message["blocks"]}
        await self._call(lambda client: client.chat_update(channel=channel, ts=ts, **shown))

    async def whisper(self, channel: str, user: str, message: Json) -> None:
        """Post to a channel what one person alone sees."""
        await self._call(
            lambda client: client.chat_postEphemeral(channel=channel, user=user, **message)
        )

    async def open_view(self, trigger: str, view: Json) -> None:
        """Show someone a modal, within three seconds of what they did."""
        try:
            async with asyncio.timeout(_TRIGGER_LIFE):
                await self._call(lambda client: client.views_open(trigger_id=trigger, view=view))
        except TimeoutError as error:
            raise translated(error) from None

    async def change_view(self, view_id: str, view: Json) -> None:
        """Show something else in an open modal."""
        await self._call(lambda client: client.views_update(view_id=view_id, view=view))

    async def member(self, user: str) -> Member:
        """Return what the workspace says of a person."""
        said = await self._call(lambda client: client.users_info(user=user))
        known: Json = said.get("user") or {}
        roles = ("is_admin", "is_owner", "is_primary_owner")
        elsewhere = (known.get("enterprise_user") or {}).get("teams") or ()
        return Member(
            teams=frozenset(map(str, filter(None, (known.get("team_id"), *elsewhere)))),
            is_admin=not known.get("deleted") and any(known.get(role) is True for role in roles),
        )

    async def socket_address(self) -> str:
        """Return the address of a websocket, good for one connection."""
        token = self._config.app_token.value
        said = await self._call(lambda client: client.apps_connections_open(app_token=token))
        return str(said.get("url", ""))

    async def respond(self, url: str, message: Json) -> bool:
        """Answer at a response_url; False if it takes no answers any more.

        Someone waits for it, so what may have been lost is sent again.
        """
        for tries_left in reversed(range(_TRIES)):
            try:
                status = await self._post_to(url, message)
            except (aiohttp.ClientError, TimeoutError) as error:
                if not tries_left:
                    raise translated(error) from None
                status = 0
            if status and status < 500 and status != 429:  # noqa: PLR2004
                return _was_taken(status)
            await asyncio.sleep(_BETWEEN_TRIES * bool(tries_left))
        return False

    async def _post_to(self, url: str, message: Json) -> int:
        self.client()
        assert self._session is not None
        async with self._session.post(url, json=message, allow_redirects=False) as answer:
            return answer.status

    async def _call(
        self, call: Callable[[AsyncWebClient], Awaitable[AsyncSlackResponse]]
    ) -> AsyncSlackResponse:
        if self._bot is None or self._session is None or self._session.closed:
            self._bot = self.client(self._config.bot_token.value)
        try:
            return await call(self._bot)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            raise translated(error) from None
        except (AttributeError, ValueError) as error:  # the SDK's, at an answer that is no JSON
            raise translated(error) from None


def _was_taken(status: int) -> bool:
    if status not in {200, _USED_UP}:
        _log.warning("slack.answer_refused status=%s", status)
    return status == 200  # noqa: PLR2004
