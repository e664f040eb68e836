"""Socket Mode from Slack's side: tickets, `hello`, envelopes, acknowledgements, disconnects."""

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.doubles.slack.delivery import Answer, Delivery
from tests.doubles.slack.errors import Json

if TYPE_CHECKING:
    from tests.doubles.slack.workspace import Workspace


class Sockets:
    """The app's websockets; `opened` counts all there ever were, `frames` what they sent."""

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace
        self.open: dict[web.WebSocketResponse, web.Request] = {}
        self.opened = 0
        self.frames: list[Json] = []
        self.resends = 0
        self.resend_after = 0.2
        self._waiting: dict[str, Delivery] = {}
        self._changed = asyncio.Condition()
        self._turn = 0

    async def connected(self, count: int = 1, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Wait until `count` connections have been opened since the start."""
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(lambda: self.opened >= count)

    async def disconnected(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Wait until no connection is open."""
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(lambda: not self.open)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every client to reconnect (`warning`, `refresh_requested`, `link_disabled`).

        The sockets stay open: closing them is the client's to do, or `close`'s.
        """
        frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "double"}}
        for socket in list(self.open):
            await socket.send_json(frame)

    def drop(self) -> None:
        """Break every connection without a word."""
        for request in list(self.open.values()):
            if request.transport is not None:
                request.transport.abort()

    async def close(self) -> None:
        """Close every connection properly."""
        for socket in list(self.open):
            await socket.close()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket until the client leaves."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.workspace.tickets:
            return web.Response(status=403, text="invalid ticket")
        self.workspace.tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await self._welcome(socket, request)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take(message.data)
        finally:
            await self._gone(socket)
        return socket

    async def send(self, delivery: Delivery, *, copies: int = 1, retry: Json | None = None) -> None:
        """Send an envelope and wait for its acknowledgement, resending it if so configured."""
        delivery.via = "socket"
        if not self.open:
            delivery.answered(Answer(problem="connection_failed", status=0))
            return
        self._waiting[delivery.id] = delivery
        delivery.arrived.clear()
        patience = [self.resend_after] * self.resends + [self.workspace.ack_deadline]
        for seconds in patience:
            for _ in range(copies):
                await self._envelope(delivery, retry)
            if await self._acked(delivery, seconds):
                return
        delivery.answered(Answer(problem="timeout", status=0))

    async def repeat(self, delivery: Delivery) -> None:
        """Send the very same envelope once more and wait for the acknowledgement."""
        delivery.arrived.clear()
        await self._envelope(delivery, None)
        if not await self._acked(delivery, self.workspace.ack_deadline):
            delivery.answered(Answer(problem="timeout", status=0))

    async def _envelope(self, delivery: Delivery, retry: Json | None) -> None:
        delivery.attempts += 1
        frame: Json = {
            "envelope_id": delivery.id,
            "payload": delivery.payload,
            "type": delivery.kind,
            "accepts_response_payload": delivery.takes_payload,
        }
        if delivery.kind == "events_api":
            frame |= retry or {"retry_attempt": 0, "retry_reason": ""}
        if self.open:
            self._turn += 1
            sockets = list(self.open)
            await sockets[self._turn % len(sockets)].send_json(frame)

    async def _acked(self, delivery: Delivery, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await delivery.arrived.wait()
        except TimeoutError:
            return False
        return True

    async def _welcome(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        app = {"app_id": self.workspace.app_id}
        debug = {"host": "double", "build_number": 1, "approximate_connection_time": 18060}
        if not self.workspace.manifest.allows_sockets:
            await socket.send_json({"type": "disconnect", "reason": "link_disabled"})
            await socket.close()
            return
        async with self._changed:
            self.open[socket] = request
            self.opened += 1
            self._changed.notify_all()
        hello = {"type": "hello", "num_connections": len(self.open)}
        await socket.send_json({**hello, "connection_info": app, "debug_info": debug})

    async def _gone(self, socket: web.WebSocketResponse) -> None:
        async with self._changed:
            self.open.pop(socket, None)
            self._changed.notify_all()

    def _take(self, data: str) -> None:
        try:
            frame = json.loads(data)
        except ValueError:
            frame = None
        if not isinstance(frame, dict) or frame.get("envelope_id") not in self._waiting:
            self.workspace.unexpected.append(f"socket frame: {data[:200]}")
            return
        self.frames.append(frame)
        delivery = self._waiting[frame["envelope_id"]]
        if any(answer.problem for answer in delivery.answers):
            self.workspace.unexpected.append(f"late acknowledgement: {data[:200]}")
        delivery.answered(Answer(payload=frame.get("payload") or None))
