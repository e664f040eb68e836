"""Slack as a chat: posts alerts, answers commands, over Socket Mode or signed HTTP."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.chats.slack_answers import Answers
from bot.chats.slack_api import Identity, SlackApi
from bot.chats.slack_commands import Spelling
from bot.chats.slack_http import Door
from bot.chats.slack_intake import Intake
from bot.chats.slack_permissions import Organizers, Posting
from bot.chats.slack_scribe import Scribe
from bot.chats.slack_socket import SocketKeeper
from bot.config import Slack
from bot.front_desk import FrontDesk
from domain.cards import Postable
from domain.errors import ChatError, Rejected
from domain.model import ChannelRef, Platform
from domain.ports import Clock

T = TypeVar("T")
_log = logging.getLogger(__name__)
_PERSON = "user:"
_FIRST_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(seconds=30)


class SlackChat:
    """Implements `bot.chats.port.Chat` for one workspace, the one that the bot token is of."""

    platform = Platform.SLACK
    gap = timedelta(seconds=1.1)

    def __init__(self, config: Slack, desk: FrontDesk, clock: Clock) -> None:
        self._config = config
        self._desk = desk
        self._clock = clock
        self._api = SlackApi(config)
        self._posting = Posting(self._api, clock)
        self._scribe = Scribe(desk.tokens, Spelling.of(desk.registry, config))
        self._identity: Identity | None = None
        self._answers: Answers | None = None
        _keep_quiet()

    async def login(self) -> str:
        """Find out who we are, which is all that posting needs; return it.

        Raises Rejected if the token is refused, RetryLater or MaybeSent in passing trouble.
        """
        self._identity = await self._api.who()
        return str(self._identity)

    async def run(self) -> None:
        """Listen and answer until cancelled, through every passing fault.

        Raises Rejected if Slack refuses our tokens, OSError if the address cannot be had.
        """
        if self._identity is None:
            await self._patiently(self.login)
        assert self._identity is not None
        app = self._app(self._identity)
        self._answers = self._answering(self._identity)
        self._answers.listen(app)
        intake = Intake(app, self._clock)
        if self._config.mode == "http":
            await self._serve(intake)
        else:
            await self._connect(intake)

    async def close(self) -> None:
        """Let go of everything. Idempotent."""
        if self._answers is not None:
            await self._answers.stop()
        await self._api.close()

    async def post(self, channel: ChannelRef, card: Postable, key: str) -> str:
        """Post a card and return the message's id. Slack has no use for `key`."""
        del key
        message = await self._scribe.message(card, channel)
        target = channel.external_id.removeprefix(_PERSON)
        place, ts = await self._api.post(target, message.payload)
        self._posting.worked(target)
        return ts if place == target else f"{place}:{ts}"

    async def edit(self, channel: ChannelRef, message: str, card: Postable) -> None:
        """Bring a posted message up to date."""
        shown = await self._scribe.message(card, channel)
        place, _, ts = message.rpartition(":")
        await self._api.update(place or channel.external_id, ts, shown.payload)

    async def _serve(self, intake: Intake) -> None:
        secret = self._config.signing_secret.value
        door = Door(self._config.listen, secret, intake)
        try:
            await door.open()
            await asyncio.Event().wait()
        finally:
            await door.close()

    async def _connect(self, intake: Intake) -> None:
        keeper = SocketKeeper(self._api, intake, self._clock)
        try:
            await self._patiently(keeper.open)
            await keeper.keep()
        finally:
            await keeper.close()

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Try until it works. Raises Rejected."""
        wait = _FIRST_WAIT
        while True:
            try:
                return await call()
            except Rejected:
                raise
            except ChatError as error:
                _log.warning("slack.unreachable reason=%s", error)
            await self._clock.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    def _answering(self, identity: Identity) -> Answers:
        return Answers(
            api=self._api,
            desk=self._desk,
            scribe=self._scribe,
            organizers=Organizers(self._api, self._config.organizers, self._clock),
            posting=self._posting,
            clock=self._clock,
            team=identity.team,
        )

    def _app(self, identity: Identity) -> AsyncApp:
        """Bolt, which sorts what comes. We have verified it and know who we are."""
        known = AuthorizeResult(
            enterprise_id=None,
            team_id=identity.team,
            bot_id=identity.bot_id,
            bot_user_id=identity.user_id,
        )

        async def authorize() -> AuthorizeResult:
            return known

        return AsyncApp(
            name="pledgewatch",
            logger=logging.getLogger("slack_bolt"),
            client=self._api.client(),
            authorize=authorize,
            signing_secret=self._config.signing_secret.value,
            request_verification_enabled=False,
        )


def _keep_quiet() -> None:
    """At debug the SDKs log whole payloads."""
    for name in ("slack_bolt", "slack_sdk"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.getEffectiveLevel(), logging.INFO))
