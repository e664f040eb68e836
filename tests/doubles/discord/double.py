"""The double itself: a server on a loopback socket, and the test's hands on it."""

import re
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.doubles.discord import posting
from tests.doubles.discord.driving import Driver
from tests.doubles.discord.errors import Json
from tests.doubles.discord.faults import Fault, Limit, Request
from tests.doubles.discord.filling import Value
from tests.doubles.discord.gateway import CONNECT, RECONNECTED, Gateway, Login
from tests.doubles.discord.interactions import Choice, Modal, Reply
from tests.doubles.discord.messages import Message
from tests.doubles.discord.people import Person, User, user_of
from tests.doubles.discord.places import Channel, Guild
from tests.doubles.discord.posting import Draft
from tests.doubles.discord.rest import API, Rest
from tests.doubles.discord.rest_application import ApplicationRoutes
from tests.doubles.discord.rest_channels import ChannelRoutes
from tests.doubles.discord.rest_interactions import InteractionRoutes
from tests.doubles.discord.world import Settings, World

REQUEST_SIZE = 25 * 1024 * 1024
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.double.not-a-secret"
INVALID = frozenset({401, 403, 429})


class DiscordDouble:
    """Use as `async with DiscordDouble() as discord:`; everything else needs no set-up."""

    def __init__(self, token: str = TOKEN, port: int = 0) -> None:
        self.world = World(token)
        self.gateway = Gateway(self.world)
        application = ApplicationRoutes(self.world, self.gateway).routes()
        channels = ChannelRoutes(self.world).routes()
        self.rest = Rest(
            self.world, [*application, *channels, *InteractionRoutes(self.world).routes()]
        )
        self._driver = Driver(self.world)
        self._port = port
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=REQUEST_SIZE)
        app.router.add_get(CONNECT, self.gateway.serve)
        app.router.add_get(RECONNECTED, self.gateway.serve)
        app.router.add_get("/attachments/{channel}/{number}/{name}", self._file)
        app.router.add_route("*", "/{path:.*}", self.rest.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.world.base = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.gateway.stop()
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def api_base(self) -> str:
        """What to put where the client has the service's API address."""
        return self.world.base + API

    @property
    def gateway_url(self) -> str:
        """The address that GET /gateway answers."""
        return self.gateway.url

    @property
    def token(self) -> str:
        """The token that logs in."""
        return self.world.token

    @property
    def application_id(self) -> str:
        """The application's id, which is the bot user's too."""
        return self.world.bot.id

    @property
    def bot(self) -> User:
        """The bot's own account."""
        return self.world.bot

    @property
    def settings(self) -> Settings:
        """Times and limits of the service."""
        return self.world.settings

    @property
    def requests(self) -> list[Request]:
        """Every request that came in, in order."""
        return self.rest.requests

    @property
    def logins(self) -> list[Login]:
        """Every IDENTIFY and RESUME that came in, in order."""
        return self.gateway.logins

    @property
    def unexpected(self) -> list[str]:
        """What the bot asked for that the double does not know."""
        return self.world.unexpected

    @property
    def invalid_requests(self) -> int:
        """How many answers were 401, 403 or 429; 10,000 in ten minutes ban an address."""
        return sum(one.status in INVALID for one in self.requests)

    @property
    def old_message_edits(self) -> int | None:
        """How many edits of old messages a channel takes in a window (None: any number)."""
        return self.settings.old_message_edits

    @old_message_edits.setter
    def old_message_edits(self, number: int | None) -> None:
        self.settings.old_message_edits = number

    def add_guild(
        self,
        name: str = "a guild",
        id: str | None = None,  # noqa: A002  (the service's own word)
        locale: str = "en-US",
    ) -> Guild:
        """A new guild that the bot is in."""
        return self.world.add_guild(name, id, locale)

    def add_user(self, name: str) -> User:
        """A new account that is in no guild yet."""
        return self.world.add_user(name)

    def dm(self, person: Person) -> Channel:
        """The direct-message channel between a person and the bot."""
        return self.world.dm(person)

    def say(self, person: Person, channel: Channel, content: str) -> Message:
        """Let a person write a message."""
        draft = Draft(payload={"content": content})
        return posting.create(self.world, channel, draft, author=user_of(person))

    def messages(self, channel: Channel, seen_by: Person | None = None) -> list[Message]:
        """A channel's messages in order; with those shown to one person alone, if given."""
        reader = seen_by and user_of(seen_by)
        return [one for one in channel.messages if one.shown_to in {None, reader}]

    def commands(self, guild: Guild | None = None) -> list[Json]:
        """The registered commands, global or of a guild."""
        return list(self.world.commands.get(guild.id if guild else None, {}).values())

    def advance(self, seconds: float) -> None:
        """Let time pass for the service: tokens and nonces expire, messages grow old."""
        self.world.clock.advance(seconds)

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int | None = None,
        times: int | None = 1,
        code: int = 0,
        message: str = "",
        retry_after: float | None = None,
        everywhere: bool = False,
        via: bool = True,
        before: bool = True,
        drop: bool = False,
        reset: bool = False,
        delay: float = 0.0,
    ) -> Fault:
        """Let requests that match go wrong: see the package's docstring for the ways."""
        fault = Fault(
            method=method,
            path=re.compile(path),
            times=times,
            status=status,
            code=code,
            message=message,
            retry_after=retry_after,
            everywhere=everywhere,
            via=via,
            before=before,
            drop=drop,
            reset=reset,
            delay=delay,
        )
        return self.rest.faults.add(fault)

    def heal(self) -> None:
        """Take every fault and limit back."""
        self.rest.faults.clear()
        self.rest.limits.clear()

    def limit(self, method: str, path: str, *, limit: int, window: float) -> None:
        """Rate-limit each path that matches, with the headers that announce it."""
        rule = Limit(method=method, path=re.compile(path), limit=limit, window=window)
        self.rest.limits.append(rule)

    async def drop_gateway(self, code: int | None = None, *, resumable: bool = True) -> None:
        """End all gateway connections, with a close code or (None) without a word."""
        await self.gateway.drop(code, resumable=resumable)

    def reconnect_gateway(self) -> None:
        """Ask all clients to reconnect (opcode 7)."""
        self.gateway.ask_to_reconnect()

    def invalidate_gateway(self, *, resumable: bool = False) -> None:
        """Tell all clients that their session is invalid (opcode 9)."""
        self.gateway.invalidate(resumable=resumable)

    async def connected(self, within: float = 5.0) -> None:
        """Wait until the bot is logged in on every shard it opened."""
        await self.world.changes.until(self.gateway.connected, within)

    async def posted(self, channel: Channel, count: int = 1, within: float = 5.0) -> list[Message]:
        """Wait until a channel has at least so many messages."""
        await self.world.changes.until(lambda: len(self.messages(channel)) >= count, within)
        return self.messages(channel)

    async def slash(
        self, person: Person, channel: Channel, command: str, /, **options: Value
    ) -> Reply:
        """Use a slash command such as "/pledge show", and wait for the initial response."""
        return await self._driver.slash(person, channel, command, options)

    async def autocomplete(
        self,
        person: Person,
        channel: Channel,
        command: str,
        /,
        *,
        option: str,
        value: Value = "",
        others: dict[str, Value] | None = None,
    ) -> list[Choice]:
        """Type into an option of a slash command, and wait for what is suggested."""
        return await self._driver.autocomplete(
            person, channel, command, option=option, value=value, others=others or {}
        )

    async def click(
        self, person: Person, message: Message, control: str, values: Sequence[object] = ()
    ) -> Reply:
        """Use a button or select menu, named by custom id, label or placeholder."""
        return await self._driver.click(person, message, control, values)

    async def submit(self, person: Person, modal: Modal, /, **fields: object) -> Reply:
        """Send a form; fields are named by custom id or label."""
        return await self._driver.submit(person, modal, fields)

    async def _file(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        for message in self.world.messages.values():
            for one in message.attachments:
                if one.id == number:
                    return web.Response(body=one.content, content_type=one.content_type)
        raise web.HTTPNotFound
