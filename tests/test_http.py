"""The guarded client over real loopback sockets, against servers that behave and that do not."""

import asyncio
import gzip
import json
import os
import socket
import ssl
import traceback
import tracemalloc
import zlib
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from domain.errors import FeedError, RefusedAddress, SourceGone
from domain.model import Validators
from feeds.addresses import AddressPolicy
from feeds.http import Answer, Fetcher, FetchFailed

SHARED = Path(__file__).parents[2] / "shared" / "data" / "feeds" / "hostile" / "ssrf_urls.json"
LOOPBACK = AddressPolicy(allow_private=(ip_network("127.0.0.0/8"),))
STRICT = AddressPolicy()
KIB = 1024
DATE = {"Date": "Mon, 08 Jun 2020 10:00:00 GMT"}
KNOWN = Validators(etag='"v1"', last_modified="Mon, 08 Jun 2020 09:00:00 GMT")

Behave = Callable[["Server", asyncio.StreamWriter], Awaitable[None]]


def reply(status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if "Content-Length" not in (headers or {}):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def redirect(to: str, status: int = 302) -> bytes:
    return reply(status, b"moved", {"Location": to})


@dataclass
class Asked:
    """A request as the server saw it."""

    path: str
    headers: dict[str, str]


@dataclass
class Server:
    """Answers each path with given bytes or behaviour; keeps what it was asked."""

    answers: dict[str, bytes | Behave] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    busy: int = 0
    most_busy: int = 0
    port: int = 0
    tls: ssl.SSLContext | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.connections += 1
        with suppress(asyncio.CancelledError, OSError, EOFError):
            while True:
                await self._answer(await self._request(reader), writer)
        with suppress(OSError, asyncio.CancelledError):
            writer.close()
            await writer.wait_closed()
        self._tasks.discard(task)

    async def _request(self, reader: asyncio.StreamReader) -> Asked:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(": ") for line in lines if line)
        asked = Asked(first.split(" ")[1], {name.lower(): value for name, _, value in pairs})
        self.asked.append(asked)
        return asked

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        answer = self.answers.get(asked.path, reply(404))
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        try:
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(self, writer)
        finally:
            self.busy -= 1


class Names(AbstractResolver):
    """A resolver that says what the test tells it to, and counts how often it is asked."""

    def __init__(self, **names: list[str]) -> None:
        self.names = {name.replace("_", "."): ips for name, ips in names.items()}
        self.default: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        ips = self.names.get(host, self.default)
        if not ips:
            raise OSError(None, "no such name")
        return [
            ResolveResult(
                hostname=host, host=ip, port=port, proto=0, flags=0,
                family=socket.AF_INET6 if ":" in ip else socket.AF_INET,
            )
            for ip in ips
        ]  # fmt: skip

    async def close(self) -> None:
        pass


def fetcher(
    policy: AddressPolicy = LOOPBACK,
    *,
    seconds: float = 5,
    max_body: int = 64 * KIB,
    concurrency: int = 64,
    resolver: AbstractResolver | None = None,
) -> Fetcher:
    return Fetcher(
        policy=policy,
        timeout=timedelta(seconds=seconds),
        max_body=max_body,
        user_agent="Pledgewatch/test",
        concurrency=concurrency,
        resolver=resolver,
    )


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[Fetcher]:
    async with fetcher() as running:
        yield running


async def fault(client: Fetcher, url: str, validators: Validators | None = None) -> FeedError:
    with pytest.raises(FeedError) as caught:
        await client.get(url, validators or Validators())
    return caught.value


# What an answer is.


async def test_an_answer_has_what_the_server_gave(server: Server, client: Fetcher) -> None:
    server.answers["/feed?a=1"] = reply(
        200,
        b"<rss/>",
        {
            "Content-Type": "application/rss+xml; charset=utf-8",
            "ETag": 'W/"v2"',
            "Last-Modified": "Tue, 09 Jun 2020 09:00:00 GMT",
            "Cache-Control": "public, max-age=600",
        },
    )
    assert await client.get(server.url("/feed?a=1#top")) == Answer(
        url=server.url("/feed?a=1"),
        status=200,
        body=b"<rss/>",
        content_type="application/rss+xml; charset=utf-8",
        validators=Validators(etag='W/"v2"', last_modified="Tue, 09 Jun 2020 09:00:00 GMT"),
        moved_to="",
        max_age=timedelta(seconds=600),
        retry_after=None,
    )
    sent = server.asked[0].headers
    assert sent["user-agent"] == "Pledgewatch/test"
    assert sent["host"] == f"127.0.0.1:{server.port}"
    assert "cookie" not in sent
    assert "if-none-match" not in sent


async def test_an_unchanged_feed_has_no_body_and_keeps_its_validators(
    server: Server, client: Fetcher
) -> None:
    # Some servers give the length that a full answer would have.
    server.answers["/"] = b'HTTP/1.1 304 N\r\nETag: "v1b"\r\nContent-Length: 5000\r\n\r\n'
    for _ in range(2):
        answer = await client.get(server.url(), KNOWN)
        assert (answer.status, answer.body) == (304, None)
        assert answer.validators == Validators(etag='"v1b"', last_modified=KNOWN.last_modified)
    assert server.asked[1].headers["if-none-match"] == '"v1"'
    assert server.asked[1].headers["if-modified-since"] == KNOWN.last_modified
    assert server.connections == 1


async def test_not_modified_without_being_asked_is_a_fault(server: Server, client: Fetcher) -> None:
    server.answers["/"] = reply(304)
    error = await fault(client, server.url())
    assert str(error) == "127.0.0.1 answered 304 (not modified) without being asked that."


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw-deflate"])
async def test_a_compressed_body_arrives_plain(
    server: Server, client: Fetcher, coding: str
) -> None:
    body = b"<rss>" + b"news " * 5000
    packed = {
        "gzip": gzip.compress(body),
        "deflate": zlib.compress(body),
        "raw-deflate": zlib.compress(body)[2:-4],
    }[coding]
    server.answers["/"] = reply(200, packed, {"Content-Encoding": coding.removeprefix("raw-")})
    assert (await client.get(server.url())).body == body
    assert server.asked[0].headers["accept-encoding"] == "gzip, deflate"


async def test_cookies_are_not_kept(server: Server) -> None:
    server.answers["/"] = reply(200, b"x", {"Set-Cookie": "id=1"})
    async with fetcher(resolver=Names(news_example=["127.0.0.1"])) as client:
        for _ in range(2):
            await client.get(server.url(host="news.example"))
    assert "cookie" not in server.asked[1].headers


async def test_proxies_of_the_environment_are_not_used(
    server: Server, client: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    server.answers["/"] = reply(200, b"x")
    assert (await client.get(server.url())).body == b"x"


# Redirects.


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [((301,), True), ((308, 301), True), ((302,), False), ((301, 302), False), ((307, 308), False)],
)
async def test_only_a_wholly_permanent_way_tells_of_a_move(
    server: Server, client: Fetcher, statuses: tuple[int, ...], moved: bool
) -> None:
    for step, status in enumerate(statuses):
        server.answers[f"/{step}"] = redirect(f"{step + 1}", status)
    last = f"/{len(statuses)}"
    server.answers[last] = reply(200, b"x")
    answer = await client.get(server.url("/0"))
    assert (answer.url, answer.body) == (server.url(last), b"x")
    assert answer.moved_to == (server.url(last) if moved else "")


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/b c", "/b%20c"),
        ("?x=1", "/a/?x=1"),
        ("../up", "/up"),
        ("/caf\xc3\xa9", "/caf%C3%A9"),
        ("/frag#x", "/frag"),
    ],
)
async def test_places_are_read_relative_to_the_redirect(
    server: Server, client: Fetcher, location: str, path: str
) -> None:
    server.answers = {"/a/": redirect(location), path: reply(200, b"here")}
    assert (await client.get(server.url("/a/"))).url == server.url(path)


async def test_five_redirects_are_followed_and_no_more(server: Server, client: Fetcher) -> None:
    for step in range(6):
        server.answers[f"/{step}"] = redirect(f"/{step + 1}", 301)
    server.answers["/6"] = reply(200, b"x")
    assert (await client.get(server.url("/1"))).body == b"x"
    error = await fault(client, server.url("/0"))
    assert isinstance(error, RefusedAddress)
    assert error.rule == "too-many-redirects"


async def test_a_loop_ends(server: Server, client: Fetcher) -> None:
    server.answers["/"] = redirect("/")
    error = await fault(client, server.url())
    assert isinstance(error, RefusedAddress)
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("to", "rule"),
    [
        ("http://10.0.0.1/admin?token=abc", "private-address"),
        ("http://[::ffff:169.254.169.254]/", "private-address"),
        ("//192.168.1.1/", "private-address"),
        ("http://2130706433.example:22/", ""),  # judged when connecting
        ("file:///etc/passwd", "not-http"),
        ("javascript:alert(1)", "not-http"),
        ("http://user:pw@news.example/", "credentials"),
        ("http://[::1", "not-http"),
        ("http://[]@/", "not-http"),
    ],
)
async def test_a_redirect_to_what_is_closed_is_refused(server: Server, to: str, rule: str) -> None:
    server.answers["/"] = redirect(to)
    names = Names()
    names.default = ["10.0.0.1"]
    async with fetcher(resolver=names) as client:
        error = await fault(client, server.url())
    assert isinstance(error, RefusedAddress)
    assert error.rule == (rule or "private-address")
    assert "it redirects to" in str(error)
    assert "abc" not in str(error)
    assert "pw" not in str(error)


async def test_a_redirect_must_say_where(server: Server, client: Fetcher) -> None:
    server.answers["/"] = reply(302)
    error = await fault(client, server.url())
    assert str(error) == "127.0.0.1 redirects without saying where (302)."


async def test_headers_go_to_the_first_origin_alone_and_validators_all_the_way(
    client: Fetcher,
) -> None:
    async with Server() as first, Server() as second:
        first.answers = {
            "/": redirect("/same"),
            "/same": redirect(second.url("/away")),
            "/back": reply(200, b"x"),
        }
        second.answers["/away"] = redirect(first.url("/back"))
        await client.get(first.url(), KNOWN, headers={"X-Api-Key": "k", "Accept": "text/json"})
        sent = [request.headers for request in (*first.asked, *second.asked)]
    assert [request.get("x-api-key") for request in sent] == ["k", "k", None, None]
    assert sent[0]["accept"] == "text/json"
    assert [request["if-none-match"] for request in sent] == ['"v1"'] * 4


async def test_the_timeout_spans_all_redirects(server: Server) -> None:
    async def slow(server: Server, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.15)
        writer.write(redirect("/"))

    server.answers["/"] = slow
    async with fetcher(seconds=0.4) as client:
        error = await fault(client, server.url())
    assert str(error) == "127.0.0.1 did not answer within 0.4 seconds."
    assert len(server.asked) == 3


# Refusals and faults that servers tell of.


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "127.0.0.1 asks for a login (401)."),
        (403, "127.0.0.1 answered 403 (forbidden)."),
        (404, "127.0.0.1 answered 404 (not found)."),
        (503, "127.0.0.1 answered 503 (service unavailable)."),
        (300, "127.0.0.1 answered 300 (multiple choices)."),
        (799, "127.0.0.1 answered 799."),
    ],
)
async def test_a_status_that_brings_nothing_is_told(
    server: Server, client: Fetcher, status: int, sentence: str
) -> None:
    server.answers["/"] = reply(status, b"no")
    error = await fault(client, server.url())
    assert isinstance(error, FetchFailed)
    assert str(error) == sentence
    assert error.retry_after is None


async def test_a_busy_server_says_when_to_return(server: Server, client: Fetcher) -> None:
    server.answers["/"] = reply(429, b"", {"Retry-After": "300"})
    error = await fault(client, server.url())
    assert error.retry_after == timedelta(seconds=300)
    server.answers["/"] = reply(503, b"", DATE | {"Retry-After": "Mon, 08 Jun 2020 12:00:00 GMT"})
    error = await fault(client, server.url())
    assert error.retry_after == timedelta(hours=2)


async def test_gone_is_for_good_unless_the_way_was_temporary(
    server: Server, client: Fetcher
) -> None:
    server.answers = {"/": reply(410), "/p": redirect("/", 301), "/t": redirect("/", 302)}
    assert isinstance(await fault(client, server.url()), SourceGone)
    assert isinstance(await fault(client, server.url("/p")), SourceGone)
    assert isinstance(await fault(client, server.url("/t")), FetchFailed)


# Servers that do not behave.

BROKE_OFF = "The answer of 127.0.0.1 is damaged or broke off."
NOT_HTTP = "127.0.0.1 answered with something that is not proper HTTP."
CLOSED = "127.0.0.1 closed the connection without an answer."
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BROKEN = {
    "nothing at all": (b"", CLOSED),
    "half a header": (b"HTTP/1.1 200 OK\r\nContent-Le", CLOSED),
    "a body cut short": (reply(200, b"half", {"Content-Length": "100"}), BROKE_OFF),
    "a chunk cut short": (CHUNKED + b"5\r\nhel", BROKE_OFF),
    "chunks without an end": (CHUNKED + b"5\r\nhello\r\n", BROKE_OFF),
    "a chunk without a size": (CHUNKED + b"zz\r\nhello\r\n", NOT_HTTP),
    "gzip that is none": (reply(200, b"no gzip", {"Content-Encoding": "gzip"}), BROKE_OFF),
    "TLS": (b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n", NOT_HTTP),
    "HTTP 0.9": (b"<rss/>\r\n\r\n", NOT_HTTP),
    "a header line without end": (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100 * KIB, NOT_HTTP),
    "too many headers": (b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 1000 + b"\r\n", NOT_HTTP),
    "a header without colon": (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", NOT_HTTP),
    "a NUL in a header": (reply(200, b"", {"X": "\0"}), NOT_HTTP),
    "a negative length": (reply(200, b"", {"Content-Length": "-1"}), NOT_HTTP),
    "a length and chunks": (reply(200, b"x", {"Transfer-Encoding": "chunked"}), NOT_HTTP),
    "another protocol": (b"HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\n", "101 (switching protocols)"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_answer_is_told_in_a_sentence(
    server: Server, client: Fetcher, name: str
) -> None:
    answer, sentence = BROKEN[name]

    async def breaks(server: Server, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    server.answers = {"/": breaks, "/good": reply(200, b"x")}
    error = await fault(client, server.url())
    assert isinstance(error, FetchFailed)
    assert sentence in str(error)
    assert (await client.get(server.url("/good"))).body == b"x"


async def drips(server: Server, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.02)


async def drips_a_body(server: Server, writer: asyncio.StreamWriter) -> None:
    writer.write(CHUNKED)
    while True:
        writer.write(b"1\r\nx\r\n")
        await asyncio.sleep(0.02)


async def hints_forever(server: Server, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 10)
        await asyncio.sleep(0.002)


async def is_silent(server: Server, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize("behaviour", [drips, drips_a_body, hints_forever, is_silent])
async def test_who_never_ends_is_left_at_the_timeout(server: Server, behaviour: Behave) -> None:
    server.answers["/"] = behaviour
    loop = asyncio.get_running_loop()
    async with fetcher(seconds=0.3) as client:
        began = loop.time()
        error = await fault(client, server.url())
    assert loop.time() - began < 1
    assert isinstance(error, FetchFailed)
    assert str(error) == "127.0.0.1 did not answer within 0.3 seconds."


async def test_a_length_over_the_cap_is_refused_unread(server: Server) -> None:
    server.answers["/"] = reply(200, b"only this", {"Content-Length": str(5 * KIB * KIB + 1)})
    async with fetcher(max_body=5 * KIB * KIB) as client:
        error = await fault(client, server.url())
    assert str(error) == "The answer is larger than 5 MiB."


async def test_a_body_may_be_as_large_as_the_cap(server: Server) -> None:
    cap = 512 * KIB
    server.answers = {
        "/fits": CHUNKED + b"%x\r\n" % cap + b"x" * cap + b"\r\n0\r\n\r\n",
        "/over": CHUNKED + b"%x\r\n" % (cap + 1) + b"x" * (cap + 1) + b"\r\n0\r\n\r\n",
    }
    async with fetcher(max_body=cap) as client:
        assert (await client.get(server.url("/fits"))).body == b"x" * cap
        error = await fault(client, server.url("/over"))
    assert str(error) == "The answer is larger than 0.5 MiB."


async def test_a_bomb_stops_at_the_cap_with_little_memory(server: Server) -> None:
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(KIB * KIB)
    bomb = b"".join(packer.compress(zeros) for _ in range(64)) + packer.flush()
    server.answers["/"] = reply(200, bomb, {"Content-Encoding": "gzip"})
    async with fetcher(max_body=2 * KIB * KIB) as client:
        tracemalloc.start()
        error = await fault(client, server.url())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert str(error) == "The answer is larger than 2 MiB."
    assert peak < 6 * KIB * KIB


# Names, sockets and certificates.


@pytest.mark.parametrize(
    "ips",
    [
        ["127.0.0.1"],
        ["::ffff:10.0.0.1"],
        ["::1", "127.0.0.1"],
        ["10.0.0.1", "fd00::1", "169.254.169.254", "::ffff:127.0.0.1"],
        ["fe80::1%1"],
        ["64:ff9b::7f00:1"],
    ],
)
async def test_a_name_is_judged_by_what_it_leads_to(ips: list[str]) -> None:
    names = Names(news_example=ips)
    async with fetcher(STRICT, resolver=names) as client:
        error = await fault(client, "http://news.example/")
    assert isinstance(error, RefusedAddress)
    assert error.rule == "private-address"
    assert not any(ip in str(error) for ip in ips)


async def test_a_name_that_changes_its_mind_is_refused_the_next_time(server: Server) -> None:
    async def once(server: Server, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(200, b"x", {"Connection": "close"}))

    server.answers["/"] = once
    names = Names(news_example=["127.0.0.1"])
    async with fetcher(resolver=names) as client:
        url = server.url(host="news.example")
        assert (await client.get(url)).body == b"x"
        names.names["news.example"] = ["10.0.0.1"]
        assert client._session
        connector = client._session.connector
        assert isinstance(connector, aiohttp.TCPConnector)
        connector.clear_dns_cache()
        assert isinstance(await fault(client, url), RefusedAddress)


async def test_an_odd_port_is_open_only_in_an_open_range(server: Server) -> None:
    server.answers["/"] = reply(200, b"x")
    names = Names(home_example=["127.0.0.1"], news_example=["93.184.216.34"])
    async with fetcher(resolver=names) as client:
        assert (await client.get(server.url(host="home.example"))).body == b"x"
        error = await fault(client, server.url(host="news.example"))
    assert isinstance(error, RefusedAddress)
    assert error.rule == "port"


async def test_localhost_works_where_one_of_its_addresses_is_open(server: Server) -> None:
    server.answers["/"] = reply(200, b"x")
    async with fetcher(resolver=Names(localhost=["::1", "127.0.0.1"])) as client:
        assert (await client.get(server.url(host="localhost"))).body == b"x"


async def test_an_unknown_name_is_told() -> None:
    async with fetcher(STRICT, resolver=Names()) as client:
        error = await fault(client, "https://news.example/feed")
    assert str(error) == "news.example could not be found (DNS)."


async def test_a_closed_port_is_told(client: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = await fault(client, f"http://127.0.0.1:{port}/")
    assert str(error) == "127.0.0.1 could not be reached (connection refused)."


# A self-signed certificate for localhost, and its key, which opens nothing.
KEY = (
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3G5itkynUXGN3D6j1rFowPDJQBPFfz1l8YpLjk4v2BGh"
    "RANCAAQN9rasXDYGRwMXnnHCdzkbPDpj4hgoh1Ji1MXxMfVVOHFDPtCAFx1DLlmJGvBklPnAIsm6++iopo6ULf5Ny7jd"
)
CERTIFICATE = (
    "MIIBmzCCAUGgAwIBAgIUK34HJiuWS1gORNa6iVhzDuQpIi0wCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0"
    "MCAXDTI2MTEyMjE0MDgxMFoYDzIxMjYxMDI5MTQwODEwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIB"
    "BggqhkjOPQMBBwNCAAQN9rasXDYGRwMXnnHCdzkbPDpj4hgoh1Ji1MXxMfVVOHFDPtCAFx1DLlmJGvBklPnAIsm6++io"
    "po6ULf5Ny7jdo28wbTAdBgNVHQ4EFgQUHevuEkteUtKExfsMmsAJxVPZLW4wHwYDVR0jBBgwFoAUHevuEkteUtKExfsM"
    "msAJxVPZLW4wDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwIDSAAw"
    "RQIgEnayfYJor4AdbnecAT/nxHEXixWr9mMZFofM8LygirICIQDz3O96uf1GrowFXURyn9LJo7kfCDcM9J+jkZOJpuSe"
    "5g=="
)


def self_signed(folder: Path) -> ssl.SSLContext:
    pem = ssl.DER_cert_to_PEM_cert(b64decode(CERTIFICATE))
    key = ssl.DER_cert_to_PEM_cert(b64decode(KEY)).replace("CERTIFICATE", "PRIVATE KEY")
    (folder / "both.pem").write_text(pem + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


async def test_a_wrong_certificate_is_told(tmp_path: Path, client: Fetcher) -> None:
    async with Server(tls=self_signed(tmp_path)) as server:
        error = await fault(client, server.url().replace("http:", "https:"))
    assert str(error) == "The certificate of 127.0.0.1 is not valid."


async def test_a_plain_server_on_a_secure_address_is_told(server: Server, client: Fetcher) -> None:
    async with asyncio.timeout(5):

        async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(reply(400))
            await writer.drain()
            writer.close()

        listening = await asyncio.start_server(plain, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        error = await fault(client, f"https://127.0.0.1:{port}/")
        listening.close()
    assert str(error) == "127.0.0.1 could not be reached securely (TLS)."


OURS = ["http://127.1/", "http://[::1]/", "http://0x7f000001/", "http://localtest.me/", "ftp://x/"]


async def refused_all(urls: list[str]) -> None:
    names = Names()
    names.default = ["127.0.0.1"]
    async with fetcher(STRICT, resolver=names) as client:
        for url in urls:
            assert isinstance(await fault(client, url), RefusedAddress), url


async def test_refuses_our_list() -> None:
    await refused_all(OURS)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="needs the sample data beside the checkout")
async def test_refuses_the_shared_list() -> None:
    cases: dict[str, Any] = json.loads(SHARED.read_text())
    await refused_all(cases["must_block"])


@pytest.mark.skipif(os.name == "nt", reason="uvloop is not for Windows")
def test_the_guard_holds_on_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop")
    uvloop.run(refused_all(OURS))


# Politeness: turns and slots.


async def waits(server: Server, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.03)
    writer.write(reply(200, b"x"))


def nothing_held(client: Fetcher, slots: int = 64) -> bool:
    return not client._turns._waiting and client._slots._value == slots


async def test_a_host_is_asked_one_thing_at_a_time(server: Server, client: Fetcher) -> None:
    server.answers["/"] = waits
    answers = await asyncio.gather(*(client.get(server.url()) for _ in range(5)))
    assert len(answers) == 5
    assert server.most_busy == 1
    assert server.connections == 1
    assert nothing_held(client)


async def test_hosts_do_not_wait_for_each_other(client: Fetcher) -> None:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(Server({"/": waits})) for _ in range(8)]
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(client.get(server.url()) for server in servers))
        assert loop.time() - began < 8 * 0.03


async def test_no_more_are_asked_at_once_than_allowed() -> None:
    under_way = most = 0

    async def counts(server: Server, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        writer.write(reply(200, b"x"))

    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(Server({"/": counts})) for _ in range(8)]
        client = await stack.enter_async_context(fetcher(concurrency=3))
        await asyncio.gather(*(client.get(server.url()) for server in servers))
        assert nothing_held(client, 3)
    assert most == 3


async def test_waiting_for_the_turn_is_not_counted(server: Server) -> None:
    async def slow(server: Server, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.15)
        writer.write(reply(200, b"x"))

    server.answers["/"] = slow
    async with fetcher(seconds=0.3) as client:
        answers = await asyncio.gather(*(client.get(server.url()) for _ in range(4)))
    assert [answer.body for answer in answers] == [b"x"] * 4


async def test_redirects_between_two_hosts_do_not_lock_each_other(client: Fetcher) -> None:
    async with Server() as left, Server() as right:
        left.answers = {"/": redirect(right.url("/end")), "/end": reply(200, b"left")}
        right.answers = {"/": redirect(left.url("/end")), "/end": reply(200, b"right")}
        async with asyncio.timeout(3):
            answers = await asyncio.gather(
                *(client.get(server.url()) for _ in range(10) for server in (left, right))
            )
    assert {answer.body for answer in answers} == {b"left", b"right"}


async def test_who_is_cancelled_gives_up_the_turn(server: Server, client: Fetcher) -> None:
    server.answers = {"/slow": is_silent, "/": reply(200, b"x")}
    holder = asyncio.create_task(client.get(server.url("/slow")))
    await asyncio.sleep(0.05)
    leaver = asyncio.create_task(client.get(server.url()))
    stayer = asyncio.create_task(client.get(server.url()))
    await asyncio.sleep(0.01)
    leaver.cancel()
    holder.cancel()
    async with asyncio.timeout(3):
        assert (await stayer).body == b"x"
        await asyncio.wait([holder, leaver])
    assert holder.cancelled()
    assert leaver.cancelled()
    assert nothing_held(client)


async def test_a_turn_that_comes_with_the_cancellation_is_passed_on(client: Fetcher) -> None:
    turns = client._turns
    await turns.take("host")
    leaver = asyncio.create_task(turns.take("host"))
    stayer = asyncio.create_task(turns.take("host"))
    await asyncio.sleep(0)
    turns.give("host")
    leaver.cancel()
    async with asyncio.timeout(3):
        await stayer
    assert leaver.cancelled()
    turns.give("host")
    assert nothing_held(client)


async def test_faults_hold_nothing_back(server: Server, client: Fetcher) -> None:
    for _ in range(3):
        await fault(client, server.url("/missing"))
        await fault(client, "http://10.0.0.1/")
    assert nothing_held(client)


# Secrets.


async def test_errors_hold_no_secrets_however_they_are_shown(server: Server) -> None:
    async def breaks(server: Server, writer: asyncio.StreamWriter) -> None:
        writer.write(b"nonsense\r\n\r\n")
        writer.close()

    server.answers = {
        "/x?key=hush": breaks,
        "/y?key=hush": reply(403),
        "/z?key=hush": is_silent,
        "/r?key=hush": redirect("http://10.0.0.1/?token=hush"),
    }
    urls = [server.url(f"/{path}?key=hush") for path in "xyzr"]
    urls += ["http://127.0.0.1:1/?key=hush", "http://10.0.0.1/?key=hush", "http://hush:hush@x.y/"]
    secret = {"Authorization": "Bearer hush"}
    async with fetcher(seconds=0.2) as client:
        for url in urls:
            with pytest.raises(FeedError) as caught:
                await client.get(url, headers=secret)
            shown = [repr(caught.value), *traceback.format_exception(caught.value)]
            assert "hush" not in "".join(shown), url
