"""The HTTP side: reading requests, finding handlers, faults, limits and headers."""

import asyncio
import dataclasses
import json
import logging
import re
import socket
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from aiohttp import BodyPartReader, web

from tests.doubles.discord.errors import (
    ApiError,
    Json,
    method_not_allowed,
    not_found,
    unauthorized,
)
from tests.doubles.discord.faults import Fault, Faults, Limit, Request
from tests.doubles.discord.posting import Draft, Upload

if TYPE_CHECKING:
    from tests.doubles.discord.world import World

API = "/api/v10"
JSON_TYPE = {"Content-Type": "application/json"}
PLENTY = 1000

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Call:
    """A request as handlers see it."""

    params: Mapping[str, str]
    query: Mapping[str, str]
    body: object
    files: dict[int, Upload]

    @property
    def json(self) -> Json:
        """The body, which must be an object."""
        return as_object(self.body)

    @property
    def draft(self) -> Draft:
        """The body as that of a message."""
        return Draft(payload=self.json, files=self.files)

    def asks(self, name: str) -> bool:
        """Whether a boolean query parameter is set."""
        return self.query.get(name, "").lower() in {"1", "true"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """What a handler answers; no body means 204."""

    body: object = None
    status: int = 200


Handler = Callable[[Call], Answer]


@dataclasses.dataclass(frozen=True)
class Route:
    """A method and a path template, and who handles them."""

    method: str
    template: str
    handler: Handler
    with_token: bool = True

    def match(self, path: str) -> dict[str, str] | None:
        """The path's parameters, if it fits the template."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template)
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None


def as_object(body: object) -> Json:
    """The body if it is an object, else a refusal."""
    if not isinstance(body, dict):
        raise ApiError(400, 50035, "Invalid Form Body")
    return body


class Rest:
    """Serves every request under the API's path."""

    def __init__(self, world: "World", routes: Iterable[Route]) -> None:
        self._world = world
        self._routes = list(routes)
        self.faults = Faults()
        self.limits: list[Limit] = []
        self.requests: list[Request] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, or fail as a test asked."""
        call, record = await self._read(request)
        fault = self.faults.take(record.method, record.path)
        if fault is not None and fault.before:
            await asyncio.sleep(fault.delay)
            if _fails(fault):
                return self._fail(request, record, fault)
        response = self._answer(request, call, record)
        if fault is not None and not fault.before:
            await asyncio.sleep(fault.delay)
            if _fails(fault):
                return self._fail(request, record, fault)
        record.status = response.status
        self._world.changes.tell()
        return response

    async def _read(self, request: web.Request) -> tuple[Call, Request]:
        body, files = await _read_body(request)
        query = dict(request.query)
        record = Request(
            method=request.method,
            path=request.path.removeprefix(API),
            json=body if isinstance(body, dict | list) else None,
            query=query,
            files=[one.filename for one in files.values()],
            headers=dict(request.headers),
            time=self._world.clock.now(),
        )
        self.requests.append(record)
        return Call(params={}, query=query, body=body, files=files), record

    def _answer(self, request: web.Request, call: Call, record: Request) -> web.Response:
        headers = {"Via": "1.1 google"}
        try:
            route, params = self._find(request)
            self._authorize(route, request)
            headers |= self._limit_headers(route, record)
            answer = route.handler(dataclasses.replace(call, params=params))
        except ApiError as refusal:
            return _refusal(refusal, headers)
        except Exception as error:
            _log.exception("double.crashed method=%s path=%s", record.method, record.path)
            self._world.unexpected.append(f"{record.method} {record.path}: {error!r}")
            return _refusal(ApiError(400, 0, f"The double failed: {error!r}"), headers)
        if answer.body is None:
            return web.Response(status=204, headers=headers)
        return _json(answer.body, answer.status, headers)

    def _authorize(self, route: Route, request: web.Request) -> None:
        given = request.headers.get("Authorization")
        if route.with_token and given != f"Bot {self._world.token}":
            raise unauthorized()

    def _find(self, request: web.Request) -> tuple[Route, dict[str, str]]:
        path = request.path.removeprefix(API) if request.path.startswith(API) else ""
        fitting = [(one, found) for one in self._routes if (found := one.match(path)) is not None]
        for route, params in fitting:
            if route.method == request.method:
                return route, params
        self._world.unexpected.append(f"{request.method} {request.path}")
        raise method_not_allowed() if fitting else not_found()

    def _limit_headers(self, route: Route, record: Request) -> dict[str, str]:
        limit, left, reset = PLENTY, PLENTY - 1, 1.0
        for rule in self.limits:
            if rule.matches(record.method, record.path):
                limit = rule.limit
                left, reset = rule.count(record.path, self._world.clock)
        bucket = f"{route.method} {route.template}".encode()
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": f"{self._world.clock.now().timestamp() + reset:.3f}",
            "X-RateLimit-Reset-After": f"{reset:.3f}",
            "X-RateLimit-Bucket": f"{zlib.crc32(bucket):08x}",
        }

    def _fail(self, request: web.Request, record: Request, fault: Fault) -> web.Response:
        headers = ({"Via": "1.1 google"} if fault.via else {}) | fault.headers()
        if fault.drop or fault.reset:
            _cut(request, reset=fault.reset)
            record.dropped = True
            self._world.changes.tell()
            return web.Response(status=500)
        assert fault.status is not None
        record.status = fault.status
        self._world.changes.tell()
        body = fault.body()
        if isinstance(body, str):
            return web.Response(status=fault.status, text=body, headers=headers)
        return _json(body, fault.status, headers)


def _fails(fault: Fault) -> bool:
    return fault.drop or fault.reset or fault.status is not None


def _json(body: object, status: int, headers: Mapping[str, str]) -> web.Response:
    # The client parses a body only if the type is exactly this, without a charset.
    packed = json.dumps(body).encode()
    return web.Response(status=status, body=packed, headers={**headers, **JSON_TYPE})


def _refusal(refusal: ApiError, headers: dict[str, str]) -> web.Response:
    if refusal.retry_after is not None:
        headers = headers | {"Retry-After": str(refusal.retry_after)}
    return _json(refusal.body(), refusal.status, headers)


def _cut(request: web.Request, *, reset: bool) -> None:
    transport = request.transport
    if transport is None:
        return
    if reset:
        plug = transport.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _read_body(request: web.Request) -> tuple[object, dict[int, Upload]]:
    if request.content_type == "multipart/form-data":
        return await _read_parts(request)
    return _parse(await request.text()), {}


def _parse(text: str) -> object:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


async def _read_parts(request: web.Request) -> tuple[object, dict[int, Upload]]:
    body: object = None
    files: dict[int, Upload] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read())
        number = re.fullmatch(r"files\[(\d+)\]", part.name or "")
        if number is not None:
            upload = Upload(filename=part.filename or "unknown", content=content)
            files[int(number.group(1))] = upload
        elif part.name == "payload_json":
            body = _parse(content.decode())
    return body, files
