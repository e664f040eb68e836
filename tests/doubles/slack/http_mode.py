"""HTTP mode from Slack's side: signed POSTs, forged ones, and exact replays."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp

from tests.doubles.slack.delivery import Answer, Delivery, Forgery
from tests.doubles.slack.errors import Json

if TYPE_CHECKING:
    from tests.doubles.slack.workspace import Workspace

FORM = "application/x-www-form-urlencoded"
AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


class HttpMode:
    """Sends to the app's request URL, which `url` holds once the app has one."""

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace
        self.url = ""
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self, delivery: Delivery, forgery: Forgery | None = None, retry: Json | None = None
    ) -> None:
        """Sign, post and note what came back."""
        delivery.via = "http"
        kind, delivery.body = encode(delivery.kind, delivery.payload)
        delivery.headers = {"Content-Type": kind, "User-Agent": AGENT, "Accept": "*/*"}
        delivery.headers |= self.sign(delivery.body, forgery or Forgery())
        if retry:
            delivery.headers["X-Slack-Retry-Num"] = str(retry["retry_attempt"])
            delivery.headers["X-Slack-Retry-Reason"] = str(retry["retry_reason"])
        await self.repeat(delivery)

    async def repeat(self, delivery: Delivery) -> None:
        """Post the very same bytes and headers, which is what a replay is."""
        delivery.attempts += 1
        delivery.answered(await self._post(delivery))

    def sign(self, body: bytes, forgery: Forgery) -> dict[str, str]:
        """The v0 signature's headers, wrong where the forgery says so."""
        timestamp = forgery.timestamp or str(int(self.workspace.real_time() - forgery.age))
        secret = (forgery.secret or self.workspace.signing_secret).encode()
        base = b"v0:" + timestamp.encode() + b":" + body
        signature = "v0=" + hmac.new(secret, base, hashlib.sha256).hexdigest()
        return {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": forgery.signature or signature,
        }

    async def close(self) -> None:
        """Close the connections to the app."""
        if self._session:
            await self._session.close()

    async def _post(self, delivery: Delivery) -> Answer:
        self._session = self._session or aiohttp.ClientSession()
        try:
            async with (
                asyncio.timeout(self.workspace.ack_deadline),
                self._session.post(
                    self.url, data=delivery.body, headers=delivery.headers
                ) as answer,
            ):
                return _read(answer.status, answer.headers, await answer.text())
        except TimeoutError:
            return Answer(problem="http_timeout", status=0)
        except aiohttp.ClientError:
            return Answer(problem="connection_failed", status=0)


def encode(kind: str, payload: Json) -> tuple[str, bytes]:
    """The content type and body: fields for commands, `payload=` for interactions, else JSON."""
    if kind == "slash_commands":
        return FORM, urlencode(payload).encode()
    if kind == "interactive":
        return FORM, urlencode({"payload": json.dumps(payload)}).encode()
    return "application/json", json.dumps(payload).encode()


def _read(status: int, headers: Mapping[str, str], body: str) -> Answer:
    if status != 200:
        skip = headers.get("X-Slack-No-Retry") == "1"
        return Answer(problem="http_error", status=status, no_retry=skip)
    if not body:
        return Answer(status=status)
    try:
        payload = json.loads(body)
    except ValueError:
        payload = {"text": body}
    return Answer(status=status, payload=payload if isinstance(payload, dict) else {"text": body})
