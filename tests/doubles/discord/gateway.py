"""The gateway: websocket connections, and the sessions that outlive them."""

import asyncio
import contextlib
import dataclasses
import json
import secrets
import zlib
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.doubles.discord.errors import Json

if TYPE_CHECKING:
    from tests.doubles.discord.world import World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME, RECONNECT = 0, 1, 2, 3, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 8, 9, 10, 11
ACCEPTED = {PRESENCE, 4, REQUEST_MEMBERS}

UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, BAD_TOKEN, TWICE = 4001, 4002, 4003, 4004, 4005
BAD_SEQUENCE, BAD_SHARD, BAD_VERSION, BAD_INTENTS, FORBIDDEN_INTENTS = 4007, 4010, 4012, 4013, 4014
GOING_AWAY = 1001

KNOWN_INTENTS = (1 << 26) - 1
PRIVILEGED_INTENTS = (1 << 1) | (1 << 8) | (1 << 15)
CONNECT, RECONNECTED = "/gateway", "/gateway/resume"


class Session:
    """What the service remembers of a login, connected or not."""

    def __init__(self, shard: tuple[int, int], intents: int) -> None:
        self.id = secrets.token_hex(16)
        self.shard = shard
        self.intents = intents
        self.sequence = 0
        self.sent: list[tuple[int, str]] = []
        self.connection: Connection | None = None
        self.ready = False

    def wants(self, guild: str | None, intent: int) -> bool:
        """Whether an event belongs to this session's shard and intents."""
        number, count = self.shard
        if intent and not self.intents & intent:
            return False
        return ((int(guild) >> 22) % count if guild else 0) == number

    def dispatch(self, event: str, data: Json) -> None:
        """Send an event now, or keep it for a resumption."""
        self.sequence += 1
        frame = {"op": DISPATCH, "t": event, "s": self.sequence, "d": data}
        text = json.dumps(frame)
        self.sent.append((self.sequence, text))
        if self.connection is not None:
            self.connection.send_text(text)


class Connection:
    """One websocket, with one compression context if the client asked for it."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.path = request.path
        self.session: Session | None = None
        self.left_with: int | None = None
        self._transport = request.transport
        self._frames: asyncio.Queue[str] = asyncio.Queue()
        streamed = request.query.get("compress") == "zlib-stream"
        self._compressor = zlib.compressobj() if streamed else None

    def send(self, op: int, data: object = None) -> None:
        """Queue a frame that is no event."""
        self.send_text(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def send_text(self, text: str) -> None:
        """Queue a frame."""
        self._frames.put_nowait(text)

    async def write(self) -> None:
        """Send what is queued, in order, until cancelled or cut off."""
        with contextlib.suppress(ConnectionError):
            while True:
                text = await self._frames.get()
                if self._compressor is None:
                    await self.socket.send_str(text)
                else:
                    packed = self._compressor.compress(text.encode())
                    packed += self._compressor.flush(zlib.Z_SYNC_FLUSH)
                    await self.socket.send_bytes(packed)

    async def close(self, code: int) -> None:
        """Say goodbye with a code."""
        await self.socket.close(code=code)

    def cut(self) -> None:
        """Let the connection die without a word."""
        if self._transport is not None:
            self._transport.abort()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Login:
    """One IDENTIFY or RESUME as it came in, and the path it came to."""

    op: int
    path: str
    data: Json


class Gateway:
    """Accepts connections and sends events to the sessions they belong to."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.logins: list[Login] = []
        world.send_event = self.emit

    @property
    def url(self) -> str:
        """Where clients connect first."""
        return self._world.base.replace("http", "ws", 1) + CONNECT

    def connected(self) -> bool:
        """Whether every shard of the bot that logged in last has a live connection."""
        live = [one for one in self.sessions.values() if one.ready and one.connection]
        return bool(live) and {one.shard[0] for one in live} >= set(range(live[-1].shard[1]))

    def emit(self, event: str, data: Json, *, guild: str | None = None, intent: int = 0) -> None:
        """Send an event to all sessions that want it."""
        for session in self.sessions.values():
            if session.wants(guild, intent):
                session.dispatch(event, data)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk to one client until it goes."""
        if self._world.settings.gateway_down:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(timeout=0.5, compress=False)
        await socket.prepare(request)
        connection = Connection(socket, request)
        self.connections.add(connection)
        writer = asyncio.create_task(connection.write())
        try:
            await self._converse(connection, request.query.get("v"))
        finally:
            writer.cancel()
            self._leave(connection)
        return socket

    async def drop(self, code: int | None, *, resumable: bool) -> None:
        """End every connection, with a close code or without a word."""
        if not resumable:
            self.forget()
        ended = set(self.connections)
        for connection in ended:
            if code is None:
                connection.cut()
            else:
                await connection.close(code)
        await self._world.changes.until(lambda: not ended & self.connections, 5.0)

    def ask_to_reconnect(self) -> None:
        """Tell every client to come back on a new connection."""
        for connection in self.connections:
            connection.send(RECONNECT)

    def invalidate(self, *, resumable: bool) -> None:
        """Tell every client that its session is invalid."""
        if not resumable:
            self.forget()
        for connection in self.connections:
            connection.send(INVALID_SESSION, resumable)

    def forget(self) -> None:
        """Forget all sessions, so that none can be resumed."""
        for session in self.sessions.values():
            session.connection = None
        self.sessions.clear()

    async def stop(self) -> None:
        """End every connection as a server does that goes away."""
        for connection in list(self.connections):
            with contextlib.suppress(ConnectionError):
                await connection.close(GOING_AWAY)

    def _leave(self, connection: Connection) -> None:
        self.connections.discard(connection)
        session = connection.session
        if session is not None and session.connection is connection:
            session.connection = None
            if connection.left_with in {1000, GOING_AWAY}:
                self.sessions.pop(session.id, None)
        self._world.changes.tell()

    async def _converse(self, connection: Connection, version: str | None) -> None:
        if version not in {"9", "10"}:
            await connection.close(BAD_VERSION)
            return
        interval = int(self._world.settings.heartbeat_interval * 1000)
        connection.send(HELLO, {"heartbeat_interval": interval, "_trace": ["double"]})
        while not connection.socket.closed:
            frame = await connection.socket.receive()
            if frame.type is WSMsgType.TEXT:
                code = self._hear(connection, frame.data)
            elif frame.type is WSMsgType.BINARY:
                code = DECODE_ERROR
            else:
                connection.left_with = frame.data if frame.type is WSMsgType.CLOSE else None
                return
            if code is not None:
                await connection.close(code)

    def _hear(self, connection: Connection, text: str) -> int | None:
        """Act on a frame; the answer is a close code if it is refused."""
        try:
            frame = json.loads(text)
            op, data = frame["op"], frame.get("d")
        except (ValueError, TypeError, KeyError):
            return DECODE_ERROR
        if op == HEARTBEAT:
            connection.send(HEARTBEAT_ACK)
            return None
        if op in {IDENTIFY, RESUME}:
            return self._log_in(connection, op, data) if isinstance(data, dict) else DECODE_ERROR
        return self._heed(connection.session, op, data)

    def _heed(self, session: Session | None, op: object, data: Json) -> int | None:
        if op not in ACCEPTED:
            self._world.unexpected.append(f"gateway opcode {op}")
            return UNKNOWN_OPCODE
        if session is None:
            return NOT_AUTHENTICATED
        if op == REQUEST_MEMBERS:
            self._send_members(session, data)
        return None

    def _log_in(self, connection: Connection, op: int, data: Json) -> int | None:
        self.logins.append(Login(op=op, path=connection.path, data=data))
        if connection.session is not None:
            return TWICE
        if str(data.get("token", "")).removeprefix("Bot ") != self._world.token:
            return BAD_TOKEN
        return (
            self._identify(connection, data) if op == IDENTIFY else self._resume(connection, data)
        )

    def _identify(self, connection: Connection, data: Json) -> int | None:
        number, count = data.get("shard") or (0, 1)
        intents = data.get("intents")
        if not 0 <= number < count:
            return BAD_SHARD
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            return BAD_INTENTS
        if intents & PRIVILEGED_INTENTS & ~self._world.settings.granted_intents:
            return FORBIDDEN_INTENTS
        session = Session((number, count), intents)
        self.sessions[session.id] = session
        self._attach(connection, session)
        self._greet(session)
        session.ready = True
        self._world.changes.tell()
        return None

    def _resume(self, connection: Connection, data: Json) -> int | None:
        session = self.sessions.get(str(data.get("session_id")))
        if session is None:
            connection.send(INVALID_SESSION, data=False)
            return None
        seen = data.get("seq") or 0
        if seen > session.sequence:
            return BAD_SEQUENCE
        if session.connection is not None:
            session.connection.cut()
        for sequence, text in session.sent:
            if sequence > seen:
                connection.send_text(text)
        self._attach(connection, session)
        session.dispatch("RESUMED", {"_trace": ["double"]})
        self._world.changes.tell()
        return None

    def _attach(self, connection: Connection, session: Session) -> None:
        connection.session = session
        session.connection = connection

    def _greet(self, session: Session) -> None:
        world = self._world
        guilds = [one for one in world.guilds.values() if one.bot_present]
        own = [one for one in guilds if session.wants(one.id, 0)]
        resume = self.url.removesuffix(CONNECT) + RECONNECTED
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": world.bot.payload() | {"verified": True, "email": None, "flags": 0},
                "guilds": [{"id": one.id, "unavailable": True} for one in own],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": resume,
                "shard": list(session.shard),
                "application": {"id": world.bot.id, "flags": 0},
                "private_channels": [],
            },
        )
        for guild in own:
            if session.wants(guild.id, 1):
                session.dispatch("GUILD_CREATE", guild.payload())

    def _send_members(self, session: Session, data: Json) -> None:
        guild = self._world.guilds.get(str(data.get("guild_id")))
        if guild is None:
            return
        asked = [str(one) for one in data.get("user_ids") or guild.members]
        found = [guild.members[one].payload() for one in asked if one in guild.members]
        body = {"guild_id": guild.id, "members": found, "chunk_index": 0, "chunk_count": 1}
        session.dispatch("GUILD_MEMBERS_CHUNK", body | {"nonce": data.get("nonce")})
