"""The guarded HTTP client: asks addresses that strangers gave, and is never led inside.

    check the address → the host's turn → ask → follow, checking each hop → read to the cap → Answer

FeedError
 ├─ RefusedAddress  the address, or one it redirects to, must not be asked
 ├─ SourceGone      410
 └─ FetchFailed     everything else that can go wrong, as a sentence

The guard that cannot be talked round is the connector's socket factory: it sees the address that
each socket will really connect to, whatever was written, resolved or redirected to. Sentences name
the host and nothing else, and drop the library's errors, which quote addresses and headers whole.
"""

import asyncio
import os
import socket
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from http import HTTPStatus
from http.client import responses
from ipaddress import ip_address
from types import MappingProxyType
from typing import Self

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from domain.errors import FeedError, RefusedAddress, SourceGone
from domain.model import Validators
from domain.text import shorten
from feeds import headers as header
from feeds.addresses import AddressPolicy, display_url

_MAX_REDIRECTS = 5
_FOLLOWED = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_CONNECT = timedelta(seconds=15)
# A host's feeds are asked one after the other, so a connection is wanted again at once or not for
# a quarter of an hour; kept longer, a round of a thousand hosts runs out of file descriptors.
_KEEP_ALIVE = timedelta(seconds=2)
_HEADER_SIZE = 32 * 1024  # some sites' security policies pass aiohttp's 8 KiB
_KNOWN_ADDRESSES = 4096
_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, */*;q=0.5"
_NO_VALIDATORS = Validators()
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
# What goes wrong, and how it is told: the first kind that fits, for they inherit from each other.
_SENTENCES: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "{host} could not be found (DNS)."),
    (aiohttp.ClientConnectorCertificateError, "The certificate of {host} is not valid."),
    (aiohttp.ClientSSLError, "{host} could not be reached securely (TLS)."),
    (aiohttp.ClientConnectorError, "{host} could not be reached{why}."),
    (aiohttp.ConnectionTimeoutError, "{host} could not be reached within {connect}."),
    (TimeoutError, "{host} did not answer within {total}."),
    (aiohttp.ClientPayloadError, "The answer of {host} is damaged or broke off."),
    (aiohttp.ClientResponseError, "{host} answered with something that is not proper HTTP."),
    (HttpProcessingError, "{host} answered with something that is not proper HTTP."),
    (OSError, "{host} closed the connection without an answer."),
    (aiohttp.ClientConnectionError, "{host} closed the connection without an answer."),
    (RuntimeError, "{host} closed the connection without an answer."),  # reading on after its end
    (aiohttp.ClientError, "{host} could not be asked."),
    (ValueError, "{host} could not be asked."),  # a name that TLS or IDNA cannot take
)
_FAULTS = tuple(kind for kind, _ in _SENTENCES)


class FetchFailed(FeedError):
    """The source did not give an answer that can be used; `retry_after` if it said when.

    `status` is what it answered instead, 0 if it did not get so far.
    """

    def __init__(
        self, message: str, *, retry_after: timedelta | None = None, status: int = 0
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `body` is None if nothing changed since the validators were given.

    `url` is the address that answered in the end; `moved_to` is the same if the whole way there
    was permanent redirects (301, 308), else empty. `retry_after` is within 1 minute and 24 hours.
    """

    url: str
    status: int
    body: bytes | None
    content_type: str
    validators: Validators
    moved_to: str
    max_age: timedelta | None
    retry_after: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hop:
    """One request of a fetch: where to, what it says, how much time is left."""

    url: URL
    validators: Validators
    headers: Mapping[str, str]
    timeout: aiohttp.ClientTimeout
    number: int = 0
    permanent: bool = True
    private: bool = False

    @property
    def host(self) -> str:
        return self.url.raw_host or ""

    def sent_headers(self) -> dict[str, str] | None:
        """Return what this hop sends besides the usual.

        Validators go along on every hop: the last one gave them, and those before it redirect,
        for which no server weighs them (RFC 9110, 13.2.1).
        """
        validators = self.validators
        if not (validators.etag or validators.last_modified or self.headers):
            return None
        sent = dict(self.headers)
        if validators.etag:
            sent[hdrs.IF_NONE_MATCH] = validators.etag
        if validators.last_modified:
            sent[hdrs.IF_MODIFIED_SINCE] = validators.last_modified
        return sent


class _Barred(OSError):
    """A refusal on its way through the connector, which lets only OSError through unharmed.

    All read the same, for a host whose every address is barred must not end as a mixture.
    """

    def __init__(self, refused: RefusedAddress) -> None:
        super().__init__("refused")
        self.refused = refused


class _Turns:
    """One request at a time for each host, first come first served; idle hosts take no room."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def take(self, host: str) -> None:
        waiting = self._waiting.get(host)
        if waiting is None:
            self._waiting[host] = deque()
            return
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it came just before the cancellation
                self.give(host)
            raise

    def give(self, host: str) -> None:
        """Hand the turn to who waits longest."""
        waiting = self._waiting[host]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._waiting[host]


class Fetcher:
    """Asks addresses, politely and within limits: an async context manager.

    `timeout` bounds one fetch with all its redirects, not the wait for the host's turn;
    `max_body` counts bytes after decompression; `concurrency` is over all hosts.
    """

    def __init__(
        self,
        *,
        policy: AddressPolicy,
        timeout: timedelta,
        max_body: int,
        user_agent: str,
        concurrency: int = 64,
        resolver: AbstractResolver | None = None,
    ) -> None:
        """`resolver` is for tests; without it the system's is asked."""
        self._policy = policy
        # Sources are asked again and again, and an address means the same each time.
        self._check_url = lru_cache(_KNOWN_ADDRESSES)(policy.check_url)
        self._check_ip = lru_cache(_KNOWN_ADDRESSES)(
            lambda ip, port: policy.check_ip(ip_address(ip), port)
        )
        self._max_body = max_body
        self._resolver = resolver
        self._headers = {
            hdrs.USER_AGENT: user_agent,
            hdrs.ACCEPT: _ACCEPT,
            hdrs.ACCEPT_ENCODING: "gzip, deflate",
        }
        connect = _CONNECT.total_seconds() if timeout > _CONNECT else None
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds(), connect=connect)
        self._turns = _Turns()
        self._slots = asyncio.Semaphore(concurrency)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            socket_factory=self._open_socket,
            resolver=self._resolver,
            limit=0,  # ours are the slots: aiohttp would count the wait as part of the timeout
            keepalive_timeout=_KEEP_ALIVE.total_seconds(),
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # behind a proxy the guard would see the proxy's address alone
            max_line_size=_HEADER_SIZE,
            max_field_size=_HEADER_SIZE,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection; what is under way fails."""
        if self._session:
            await self._session.close()

    async def get(
        self,
        url: str,
        validators: Validators = _NO_VALIDATORS,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        private: bool = False,
    ) -> Answer:
        """Ask an address, or whether it changed. Raises RefusedAddress, SourceGone, FetchFailed.

        `headers` may hold keys: a redirect to another scheme, host or port goes without them.
        A `private` address holds what nobody else may learn, such as where someone lives: it is
        kept nowhere, not even in memory, and no redirect is followed.
        """
        hop = _Hop(
            url=self._policy.check_url(url) if private else self._check_url(url),
            validators=validators,
            headers=headers,
            timeout=self._timeout,
            private=private,
        )
        while True:
            outcome = await self._ask_in_turn(hop)
            if isinstance(outcome, Answer):
                return outcome
            hop = outcome

    async def _ask_in_turn(self, hop: _Hop) -> "Answer | _Hop":
        host = hop.url.host_port_subcomponent or ""
        await self._turns.take(host)
        try:
            async with self._slots:
                return await self._ask(hop)
        finally:
            self._turns.give(host)

    async def _ask(self, hop: _Hop) -> "Answer | _Hop":
        assert self._session, "used outside its context"
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            response = await self._session.get(
                hop.url, headers=hop.sent_headers(), timeout=hop.timeout, allow_redirects=False
            )
            try:
                if response.status in _FOLLOWED:
                    return self._follow(hop, response, spent=loop.time() - began)
                return await self._judge(hop, response)
            finally:
                response.release()  # reusable if it was read to its end, else closed
        except _FAULTS as error:
            raise self._explain(error, hop) from None

    async def _judge(self, hop: _Hop, response: aiohttp.ClientResponse) -> Answer:
        status, headers = response.status, response.headers
        validators = header.validators(headers)
        body: bytes | None = None
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            body = await self._read(response)
        elif status == HTTPStatus.NOT_MODIFIED and hop.validators != _NO_VALIDATORS:
            validators = Validators(
                etag=validators.etag or hop.validators.etag,
                last_modified=validators.last_modified or hop.validators.last_modified,
            )
        else:
            raise _failure(hop, status, header.retry_after(headers))
        url = str(hop.url)
        return Answer(
            url=url,
            status=status,
            body=body,
            content_type=header.content_type(headers),
            validators=validators,
            moved_to=url if hop.number and hop.permanent else "",
            max_age=header.max_age(headers),
            retry_after=header.retry_after(headers),
        )

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """Read the body, counting what it inflates to as it comes, in steps of 256 KiB."""
        if (response.content_length or 0) > self._max_body:
            raise self._too_large()
        blocks: list[bytes] = []
        left = self._max_body
        while block := await response.content.readany():
            left -= len(block)
            if left < 0:
                raise self._too_large()
            blocks.append(block)
        return b"".join(blocks)

    def _too_large(self) -> FetchFailed:
        return FetchFailed(f"The answer is larger than {self._max_body / 2**20:.3g} MiB.")

    def _follow(self, hop: _Hop, response: aiohttp.ClientResponse, *, spent: float) -> _Hop:
        """Return the hop a redirect asks for. Raises RefusedAddress, FetchFailed."""
        if hop.private:
            raise FetchFailed(f"{hop.host} sends us elsewhere ({response.status}).")
        location = response.headers.get(hdrs.LOCATION)
        if not location:
            raise FetchFailed(f"{hop.host} redirects without saying where ({response.status}).")
        if hop.number == _MAX_REDIRECTS:
            raise RefusedAddress(
                "too-many-redirects", f"it redirects more than {_MAX_REDIRECTS} times"
            )
        try:
            target = str(hop.url.join(URL(location)))
        except (ValueError, IndexError):
            target = ""  # refused below like any other that cannot be read
        try:
            url = self._policy.check_url(target)
        except RefusedAddress as refused:
            raise _refused_redirect(refused, target) from None
        return replace(
            hop,
            url=url,
            headers=hop.headers if url.origin() == hop.url.origin() else _NO_HEADERS,
            timeout=aiohttp.ClientTimeout(
                total=max((hop.timeout.total or 0) - spent, 0.001), connect=hop.timeout.connect
            ),
            number=hop.number + 1,
            permanent=hop.permanent and response.status in _PERMANENT,
        )

    def _open_socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        """Make the socket for an address, if it may be connected to. The guard's last word."""
        family, kind, protocol, _, place = address
        try:
            self._check_ip(place[0], place[1])
        except RefusedAddress as refused:
            raise _Barred(refused) from None
        return socket.socket(family, kind, protocol)

    def _explain(self, error: Exception, hop: _Hop) -> FeedError:
        cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
        if isinstance(cause, _Barred):
            return _refused_redirect(cause.refused, str(hop.url)) if hop.number else cause.refused
        sentence = next(text for kind, text in _SENTENCES if isinstance(error, kind))
        return FetchFailed(
            sentence.format(
                host=hop.host,
                why=f" ({os.strerror(cause.errno).lower()})" if cause and cause.errno else "",
                total=_seconds(self._timeout.total),
                connect=_seconds(self._timeout.connect),
            )
        )


def _refused_redirect(refused: RefusedAddress, target: str) -> RefusedAddress:
    shown = shorten(display_url(target), 200) or "nowhere"
    return RefusedAddress(refused.rule, f"it redirects to {shown}")


def _failure(hop: _Hop, status: int, retry_after: timedelta | None) -> FeedError:
    """Say what a status means that brings nothing."""
    # What a temporary redirect led to may be gone without the source being so.
    if status == HTTPStatus.GONE and hop.permanent:
        return SourceGone(f"{hop.host} says that this is gone for good (410).")
    if status == HTTPStatus.UNAUTHORIZED:
        return FetchFailed(f"{hop.host} asks for a login (401).", status=status)
    if status == HTTPStatus.NOT_MODIFIED:
        return FetchFailed(f"{hop.host} answered 304 (not modified) without being asked that.")
    meaning = f" ({responses[status].lower()})" if status in responses else ""
    return FetchFailed(
        f"{hop.host} answered {status}{meaning}.", retry_after=retry_after, status=status
    )


def _seconds(span: float | None) -> str:
    return "1 second" if span == 1 else f"{span or 0:g} seconds"
