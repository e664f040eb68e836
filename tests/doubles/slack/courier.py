"""Getting things to the app, over whichever way it is connected."""

import asyncio
from typing import TYPE_CHECKING

from tests.doubles.slack.delivery import Delivery, Forgery
from tests.doubles.slack.errors import Json, WrongMode
from tests.doubles.slack.http_mode import HttpMode
from tests.doubles.slack.sockets import Sockets

if TYPE_CHECKING:
    from tests.doubles.slack.workspace import Workspace


class Courier:
    """Sends over HTTP once there is a request URL, and over the open websockets until then."""

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace
        self.http = HttpMode(workspace)
        self.sockets = Sockets(workspace)
        # Slack waits almost nothing, then one minute, then five.
        self.retry_delays = (0.02, 0.05, 0.1)

    async def deliver(
        self, kind: str, payload: Json, *, forgery: Forgery | None = None, copies: int = 1
    ) -> Delivery:
        """Send something that is acknowledged once or not at all; `copies` sends it again."""
        delivery = self._new(kind, payload)
        if self._over_http():
            await self.http.send(delivery, forgery)
            for _ in range(copies - 1):
                await self.http.repeat(delivery)
        else:
            if forgery:
                message = "only requests over HTTP are signed"
                raise WrongMode(message)
            await self.sockets.send(delivery, copies=copies)
        if kind == "interactive" and not delivery.takes_payload:
            self._wasted(delivery)
        return delivery

    async def deliver_event(self, payload: Json, *, forgery: Forgery | None = None) -> Delivery:
        """Send an event, and up to three times more until it is acknowledged."""
        delivery = self._new("events_api", payload)
        retry: Json | None = None
        for n, delay in enumerate((*self.retry_delays, 0.0), start=1):
            if self._over_http():
                await self.http.send(delivery, forgery, retry)
            else:
                await self.sockets.send(delivery, retry=retry)
            last = delivery.answers[-1]
            if not last.problem or last.no_retry or n > len(self.retry_delays):
                break
            retry = {"retry_attempt": n, "retry_reason": last.problem}
            await asyncio.sleep(delay)
        return delivery

    async def repeat(self, delivery: Delivery) -> Delivery:
        """Send the very same thing once more: the same envelope, or the same bytes."""
        if delivery.via == "http":
            await self.http.repeat(delivery)
        else:
            await self.sockets.repeat(delivery)
        return delivery

    async def close(self) -> None:
        """Close every connection."""
        await self.sockets.close()
        await self.http.close()

    def _new(self, kind: str, payload: Json) -> Delivery:
        delivery = Delivery(kind=kind, id=self.workspace.token("envelope-"), payload=payload)
        self.workspace.deliveries.append(delivery)
        return delivery

    def _wasted(self, delivery: Delivery) -> None:
        for answer in delivery.answers:
            if answer.payload and not answer.problem:
                self.workspace.unexpected.append(f"payload where none is read: {answer.payload}")

    def _over_http(self) -> bool:
        if self.http.url and self.workspace.manifest.socket_mode:
            message = "the manifest turns Socket Mode on, so nothing is sent over HTTP"
            raise WrongMode(message)
        return bool(self.http.url)
