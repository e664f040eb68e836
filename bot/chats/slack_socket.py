"""Socket Mode: one websocket kept open, whatever becomes of it.

The SDK's client asks once for a new address after a `disconnect` frame; if that fails it gives
up and leaves the old socket open. Here each websocket has a client of its own that only says when
it is worn out, and a keeper replaces it: the old one serves until the new one is there.
"""

import asyncio
import json
import logging
from datetime import timedelta

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.chats.slack_api import SlackApi
from bot.chats.slack_intake import Intake
from domain.errors import ChatError, RetryLater
from domain.ports import Clock

_log = logging.getLogger(__name__)
_PING = 10.0
_CONNECTING = 10.0
_LOOK = 1.0
_FIRST_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(seconds=30)
_HEALTHY = timedelta(seconds=60)


class _Line(SocketModeClient):
    """One websocket. It never reconnects: it says that it is worn out."""

    def __init__(self, api: SlackApi, address: str) -> None:
        super().__init__(
            app_token="",
            logger=_silent_logger(),
            web_client=api.client(),
            auto_reconnect_enabled=False,
            ping_interval=_PING,
        )
        self.proxy = None
        self.wss_uri = address
        self.worn = asyncio.Event()

    async def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: FBT001, FBT002
        """Take note that Slack wants another connection."""
        del force
        self.worn.set()

    async def wear_out(self) -> None:
        """Wait until this websocket is closed, silent, or wanted back by Slack."""
        while await self.is_connected():
            try:
                async with asyncio.timeout(_LOOK):
                    await self.worn.wait()
            except TimeoutError:
                continue
            return


class SocketKeeper:
    """Keeps a websocket open and answers what comes over it."""

    def __init__(self, api: SlackApi, intake: Intake, clock: Clock) -> None:
        self._api = api
        self._intake = intake
        self._clock = clock
        self._line: _Line | None = None
        self._failures = 0

    async def open(self) -> None:
        """Connect for the first time. Raises ChatError."""
        self._line = await self._connected()

    async def keep(self) -> None:
        """Replace the websocket whenever it is worn out, until cancelled."""
        while self._line is not None:
            since = self._clock.now()
            await self._line.wear_out()
            _log.info("slack.socket_worn")
            if self._clock.now() - since > _HEALTHY:
                self._failures = 0
            fresh, worn = await self._replacement(), self._line
            self._line = fresh
            await _close(worn)

    async def close(self) -> None:
        """Close the websocket. Idempotent."""
        line, self._line = self._line, None
        if line is not None:
            await _close(line)

    async def _replacement(self) -> _Line:
        """Another websocket, tried for as long as it takes."""
        wait = self._pause()
        while True:
            await self._clock.sleep(wait)
            self._failures += 1
            try:
                return await self._connected()
            except ChatError as error:
                _log.warning("slack.socket_failed attempt=%s reason=%s", self._failures, error)
                asked = error.after if isinstance(error, RetryLater) else _FIRST_WAIT
                wait = max(self._pause(), min(asked, _LONGEST_WAIT))

    def _pause(self) -> timedelta:
        """How long to wait: not at all at first, then longer each time."""
        if not self._failures:
            return timedelta(0)
        return min(_FIRST_WAIT * (1 << min(self._failures - 1, 10)), _LONGEST_WAIT)

    async def _connected(self) -> _Line:
        line = _Line(self._api, await self._api.socket_address())
        line.socket_mode_request_listeners.append(self._take)
        try:
            async with asyncio.timeout(_CONNECTING):
                await line.connect()  # type: ignore[no-untyped-call]
        except TimeoutError:
            await _close(line)
            raise RetryLater(_FIRST_WAIT, "the websocket could not be opened") from None
        except asyncio.CancelledError:
            await _close(line)
            raise
        _log.info("slack.socket_open")
        return line

    async def _take(self, line: AsyncBaseSocketModeClient, asked: SocketModeRequest) -> None:
        """Answer one envelope."""
        try:
            request = AsyncBoltRequest(mode="socket_mode", body=asked.payload)
            response = await self._intake.take(request, f"envelope {asked.envelope_id}")
            await self._answer(line, SocketModeResponse(asked.envelope_id, _payload(response)))
        except Exception:
            _log.exception("slack.envelope_failed")

    async def _answer(self, line: AsyncBaseSocketModeClient, answer: SocketModeResponse) -> None:
        """Answer over the websocket that asked, or the one that took its place meanwhile."""
        for open_line in dict.fromkeys((line, self._line or line)):
            try:
                await open_line.send_socket_mode_response(answer)
            except ConnectionError:
                continue
            return
        _log.warning("slack.answer_lost")


def _payload(response: BoltResponse) -> dict[str, object] | None:
    """What an answer tells Slack, if it tells anything."""
    if not response.body:
        return None
    if response.headers["content-type"][0].startswith("application/json"):
        payload: dict[str, object] = json.loads(response.body)
        return payload
    return {"text": response.body}


def _silent_logger() -> logging.Logger:
    """The client's log tells addresses with tickets in them and whole messages; ours does not."""
    logger = logging.getLogger(f"{__name__}.client")
    logger.setLevel(logging.CRITICAL)
    return logger


async def _close(line: _Line) -> None:
    await line.close()  # type: ignore[no-untyped-call]
