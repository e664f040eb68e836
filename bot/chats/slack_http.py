"""Requests that Slack sends over HTTP, verified before anything reads them.

Bolt's own verification logs the bodies it refuses and stumbles over odd timestamps and bytes.
"""

import logging
from typing import Final

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.chats.slack_intake import Intake
from bot.chats.slack_manifest import PATH

_log = logging.getLogger(__name__)
_LARGEST: Final = 1024**2
_DIGITS = 12
_STOPPING = 1.0
_BAD, _UNSIGNED = 400, 401


class Door:
    """Serves the request address."""

    def __init__(self, listen: str, secret: str, intake: Intake) -> None:
        """`listen` is `host:port`."""
        host, _, port = listen.rpartition(":")
        self._host, self._port = host.strip("[]") or "127.0.0.1", int(port)
        self._verifier = SignatureVerifier(secret)  # by the system's clock: Slack dates by it
        self._intake = intake
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Begin to listen. Raises OSError if the address cannot be had."""
        app = web.Application(client_max_size=_LARGEST)
        app.router.add_post(PATH, self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_STOPPING)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        _log.info("slack.listening address=%s:%s%s", self._host, self._port, PATH)

    async def close(self) -> None:
        """Listen no more. Idempotent."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        signature = request.headers.get("X-Slack-Signature", "")
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        body = await request.read()
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return _refuse(_BAD, "not UTF-8")
        if not self._is_signed(text, timestamp, signature):
            return _refuse(_UNSIGNED, "not signed by Slack, or too long ago")
        asked = _read(text, request)
        if asked is None:
            return _refuse(_BAD, "not as Slack writes it")
        return await to_aiohttp_response(await self._intake.take(asked, f"signature {signature}"))

    def _is_signed(self, body: str, timestamp: str, signature: str) -> bool:
        """Whether Slack signed it within the last five minutes."""
        dated = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _DIGITS
        if not dated or not signature.isascii():
            return False
        return self._verifier.is_valid(body, timestamp, signature)


def _read(text: str, request: web.Request) -> AsyncBoltRequest | None:
    try:
        return AsyncBoltRequest(
            body=text, query=request.query_string, headers=dict(request.headers)
        )
    except (ValueError, AttributeError, TypeError):
        return None


def _refuse(status: int, reason: str) -> web.Response:
    _log.warning("slack.request_refused status=%s reason=%s", status, reason)
    return web.Response(status=status, text=reason)
