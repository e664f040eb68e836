"""What Slack sends, whichever way it comes: handled once and always acknowledged."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from domain.ports import Clock

_log = logging.getLogger(__name__)
_REMEMBERED = timedelta(minutes=10)
_HANDLED = 200


class Intake:
    """Hands requests to the app, each once in ten minutes.

    Slack resends what it believes lost, and whoever overhears a signed request can replay it.
    The copy waits until the original is answered and gets an empty answer.
    """

    def __init__(self, app: AsyncApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._seen: dict[str, tuple[asyncio.Event, datetime]] = {}

    async def take(self, request: AsyncBoltRequest, key: str) -> BoltResponse:
        """Return the answer to a request; `key` tells it from others and knows its copies."""
        keys = [key, *_keys(request)]
        self._forget()
        earlier = next((self._seen[one][0] for one in keys if one in self._seen), None)
        if earlier is not None:
            _log.info("slack.duplicate")
            await earlier.wait()
            return BoltResponse(status=_HANDLED)
        answered = asyncio.Event()
        self._seen |= dict.fromkeys(keys, (answered, self._clock.now()))
        try:
            return await self._handle(request)
        finally:
            answered.set()

    async def _handle(self, request: AsyncBoltRequest) -> BoltResponse:
        response = await self._app.async_dispatch(request)
        if response.status == _HANDLED:
            return response
        _log.warning("slack.unhandled status=%s", response.status)
        return BoltResponse(status=_HANDLED)

    def _forget(self) -> None:
        """Forget what came longer ago; the oldest stands first."""
        limit = self._clock.now() - _REMEMBERED
        while self._seen:
            oldest = next(iter(self._seen))
            if self._seen[oldest][1] >= limit:
                return
            del self._seen[oldest]


def _keys(request: AsyncBoltRequest) -> Iterator[str]:
    """What else is the same in every copy: one deed has one trigger, one event one id."""
    for name in ("trigger_id", "event_id"):
        value = request.body.get(name)
        if isinstance(value, str) and value:
            yield f"{name} {value}"
