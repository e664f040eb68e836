"""The Discord double, driven by the real discord.py over a real socket."""

import asyncio
import io
import re
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.doubles.discord import (
    ORDINARY,
    BadOption,
    Channel,
    DiscordDouble,
    Guild,
    Member,
    NoAnswer,
    NotAllowed,
    NotClickable,
    NotSynced,
    Permission,
    Pings,
    Reply,
    Value,
)

Interaction = discord.Interaction[Any]
NOBODY = discord.AllowedMentions.none()


class Bot(discord.AutoShardedClient):
    """A client such as ours, quick to get ready, with the commands these tests use."""

    def __init__(
        self, *, intents: discord.Intents | None = None, shards: int | None = None
    ) -> None:
        super().__init__(
            intents=intents or discord.Intents(guilds=True),
            guild_ready_timeout=0.02,
            max_ratelimit_timeout=30.0,
            shard_count=shards,
        )
        self.tree = app_commands.CommandTree(self)
        self.resumed = asyncio.Event()
        self.seen: list[str] = []

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait five seconds between logins."""

    async def on_resumed(self) -> None:
        self.resumed.set()

    async def on_socket_event_type(self, event: str) -> None:
        self.seen.append(event)


class HistoryButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"history:(?P<company>[a-z]+)"
):
    """A persistent button whose custom id says what it is about."""

    def __init__(self, company: str) -> None:
        button = discord.ui.Button[Any](label="History", custom_id=f"history:{company}")
        super().__init__(button)
        self.company = company

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str]
    ) -> "HistoryButton":
        return cls(match["company"])

    async def callback(self, interaction: Interaction) -> None:
        await interaction.response.send_message(f"History of {self.company}", ephemeral=True)


class EvidenceForm(discord.ui.Modal, title="File as evidence"):
    """A form with a labelled input, a choice and an old-style input."""

    address: discord.ui.Label[Any] = discord.ui.Label(
        text="Address", component=discord.ui.TextInput(custom_id="address")
    )
    kind: discord.ui.Label[Any] = discord.ui.Label(
        text="Kind",
        component=discord.ui.Select(
            custom_id="kind",
            options=[discord.SelectOption(label="News", value="news")],
        ),
    )
    note: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="Note", custom_id="note", required=False
    )

    async def on_submit(self, interaction: Interaction) -> None:
        address, kind = self.address.component, self.kind.component
        assert isinstance(address, discord.ui.TextInput)
        assert isinstance(kind, discord.ui.Select)
        text = f"{address.value} {kind.values[0]} {self.note.value!r}"
        await interaction.response.send_message(text, ephemeral=True)


def layout(*texts: str) -> discord.ui.LayoutView:
    """A message of components alone, with a button that lasts."""
    view = discord.ui.LayoutView(timeout=None)
    inside = [discord.ui.TextDisplay[Any](one) for one in texts]
    box = discord.ui.Container[Any](*inside, accent_colour=0x336699)
    box.add_item(discord.ui.ActionRow(HistoryButton("amazon")))
    view.add_item(box)
    return view


def add_commands(bot: Bot) -> None:
    """Register what these tests ask for."""
    pledge = app_commands.Group(name="pledge", description="The record of pledges")

    async def suggest(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        names = [one for one in ("amazon", "ibm", "microsoft") if one.startswith(typed)]
        return [app_commands.Choice(name=one.title(), value=one) for one in names]

    @pledge.command(name="show", description="Show a pledge")
    @app_commands.choices(covers=[app_commands.Choice(name="Police", value="police")])
    @app_commands.autocomplete(company=suggest)
    async def show(interaction: Interaction, company: str, covers: str = "all") -> None:
        await interaction.response.send_message(view=layout(f"# {company}", f"Covers {covers}"))

    @pledge.command(name="list", description="List pledges, slowly")
    async def slow_list(interaction: Interaction, hidden: bool = False) -> None:
        await interaction.response.defer(ephemeral=hidden, thinking=True)
        await asyncio.sleep(0.02)
        await interaction.edit_original_response(content="three pledges")
        await interaction.followup.send("and three companies without", ephemeral=True)

    @pledge.command(name="compare", description="Compare, with a follow-up as the answer")
    async def compare(interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        file = discord.File(io.BytesIO(b"<svg/>"), filename="table.svg")
        await interaction.followup.send("the table", file=file)

    @pledge.command(name="evidence", description="File evidence")
    async def evidence(interaction: Interaction) -> None:
        await interaction.response.send_modal(EvidenceForm())

    @pledge.command(name="history", description="Never answers in time")
    async def history(interaction: Interaction) -> None:
        await asyncio.sleep(0.15)
        with pytest.raises(discord.NotFound) as late:
            await interaction.response.send_message("too late")
        assert late.value.code == 10062
        bot.seen.append("late answer refused")

    bot.tree.add_command(pledge)
    bot.add_dynamic_items(HistoryButton)


@pytest.fixture
async def service() -> AsyncIterator[DiscordDouble]:
    async with DiscordDouble() as double:
        yield double
        assert double.unexpected == []


@pytest.fixture
def guild(service: DiscordDouble) -> Guild:
    return service.add_guild("Ballard Neighbours")


@pytest.fixture
def channel(guild: Guild) -> Channel:
    return guild.add_channel("alerts")


@pytest.fixture
def ana(guild: Guild) -> Member:
    return guild.add_member("ana", Permission.MANAGE_GUILD)


@pytest.fixture
async def start(
    service: DiscordDouble, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[[Bot], Awaitable[Bot]]]:
    """Start bots on the double, and stop them at the end."""
    monkeypatch.setattr(Route, "BASE", service.api_base)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(service.gateway_url))
    running: list[tuple[Bot, asyncio.Task[None]]] = []

    async def begin(bot: Bot) -> Bot:
        task = asyncio.create_task(bot.start(service.token))
        running.append((bot, task))
        ready = asyncio.create_task(_ready(bot))
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            ready.cancel()
            await task
        return bot

    yield begin
    for bot, task in running:
        await bot.close()
        await asyncio.gather(task, return_exceptions=True)


async def _ready(bot: Bot) -> None:
    while not bot.http.token:  # noqa: ASYNC110  (there is no event to wait for)
        await asyncio.sleep(0.001)
    await bot.wait_until_ready()


@pytest.fixture
async def bot(
    start: Callable[[Bot], Awaitable[Bot]], service: DiscordDouble, channel: Channel
) -> Bot:
    """A bot that is logged in, with its commands registered."""
    bot = Bot()
    add_commands(bot)
    await start(bot)
    await bot.tree.sync()
    return bot


@pytest.fixture
async def rest(
    service: DiscordDouble, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[discord.AutoShardedClient]:
    """A client that is logged in to REST alone."""
    monkeypatch.setattr(Route, "BASE", service.api_base)
    async with Bot() as client:
        await client.login(service.token)
        yield client


def place(client: discord.Client, channel: Channel) -> discord.PartialMessageable:
    """A channel as a client without a gateway addresses it."""
    return client.get_partial_messageable(int(channel.id), guild_id=int(channel.guild_id or 0))


async def test_logs_in(bot: Bot, service: DiscordDouble, guild: Guild, channel: Channel) -> None:
    assert bot.user is not None
    assert str(bot.user.id) == service.application_id == str(bot.application_id)
    known = bot.get_guild(int(guild.id))
    assert known is not None
    assert known.name == "Ballard Neighbours"
    assert [one.name for one in known.text_channels] == ["alerts"]
    may = known.text_channels[0].permissions_for(known.me)
    assert may.send_messages
    assert not may.manage_guild
    assert service.logins[0].data["intents"] == discord.Intents(guilds=True).value
    assert (await bot.application_info()).name == "pledgewatch"
    await _until(lambda: bot.latency < 5)  # infinite until a heartbeat is acknowledged
    assert service.unexpected == []


async def test_what_happens_in_a_guild_reaches_the_bot(
    bot: Bot, service: DiscordDouble, guild: Guild
) -> None:
    second = service.add_guild("Fremont")
    made = guild.add_channel("quiet", bot_permissions=Permission.VIEW_CHANNEL)
    thread = guild.add_thread(made, "aside", thread_id="77")
    await _until(lambda: bot.get_guild(int(second.id)) and bot.get_channel(int(thread.id)))
    quiet = bot.get_channel(int(made.id))
    assert isinstance(quiet, discord.TextChannel)
    assert not quiet.permissions_for(quiet.guild.me).send_messages
    made.bot_permissions = ORDINARY
    await _until(lambda: quiet.permissions_for(quiet.guild.me).send_messages)
    made.delete()
    second.remove_bot()
    await _until(lambda: bot.get_guild(int(second.id)) is None)
    assert bot.get_channel(int(made.id)) is None
    second.return_bot()
    await _until(lambda: bot.get_guild(int(second.id)))


async def test_shards_get_their_own_guilds(
    start: Callable[[Bot], Awaitable[Bot]], service: DiscordDouble
) -> None:
    service.settings.shards = 2
    even = service.add_guild("even", id=str(1000 << 22))
    odd = service.add_guild("odd", id=str(1001 << 22))
    bot = await start(Bot())
    assert bot.shard_count == 2
    await service.connected()
    shards = {str(one.id): one.shard_id for one in bot.guilds}
    assert shards == {even.id: 0, odd.id: 1}
    assert [one.data["shard"] for one in service.logins] == [[0, 2], [1, 2]]


async def test_a_wrong_token_is_refused(
    service: DiscordDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Route, "BASE", service.api_base)
    async with Bot() as client:
        with pytest.raises(discord.LoginFailure):
            await client.login("nonsense")
    identify = {"op": 2, "d": {"token": "nonsense", "intents": 1, "properties": {}}}
    assert await _close_code(service, identify) == 4004


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"op": 99}, 4001),
        ({"op": 3, "d": {}}, 4003),
        ({"op": 2, "d": {"token": "TOKEN", "intents": 1 << 40}}, 4013),
        ({"op": 2, "d": {"token": "TOKEN", "intents": 1 << 15}}, 4014),
        ({"op": 2, "d": {"token": "TOKEN", "intents": 1, "shard": [2, 2]}}, 4010),
    ],
)
async def test_the_gateway_refuses_frames(
    service: DiscordDouble, frame: dict[str, Any], code: int
) -> None:
    data = frame.get("d") or {}
    if data.get("token") == "TOKEN":
        frame = frame | {"d": data | {"token": service.token}}
    assert await _close_code(service, frame) == code
    service.unexpected.clear()


async def test_privileged_intents_are_refused(
    start: Callable[[Bot], Awaitable[Bot]], service: DiscordDouble
) -> None:
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await start(Bot(intents=discord.Intents(guilds=True, members=True)))


async def test_the_gateway_can_be_down(
    bot: Bot, service: DiscordDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.backoff.ExponentialBackoff, "delay", lambda self: 0.01)
    service.settings.gateway_down = True
    await service.drop_gateway()
    await asyncio.sleep(0.05)
    assert not service.gateway.connected()
    service.settings.gateway_down = False
    await service.connected()
    await _until(lambda: bot.seen.count("READY") == 2)  # it gives the old session up


async def test_compression_is_one_stream_and_only_when_asked(service: DiscordDouble) -> None:
    async with aiohttp.ClientSession() as session:
        url = f"{service.gateway_url}?v=10&encoding=json"
        async with session.ws_connect(url) as plain:
            assert (await plain.receive_json())["op"] == 10
        async with session.ws_connect(f"{url}&compress=zlib-stream") as packed:
            inflate = zlib.decompressobj()
            hello = await packed.receive_bytes()
            assert hello.endswith(b"\x00\x00\xff\xff")
            assert b'"op": 10' in inflate.decompress(hello)
            await packed.send_json({"op": 1, "d": None})
            assert b'"op": 11' in inflate.decompress(await packed.receive_bytes())


async def _close_code(service: DiscordDouble, frame: dict[str, Any]) -> int | None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{service.gateway_url}?v=10&encoding=json") as socket,
    ):
        await socket.receive_json()
        await socket.send_json(frame)
        await socket.receive()
        return socket.close_code


async def test_resumes_after_a_dropped_socket(
    bot: Bot, service: DiscordDouble, guild: Guild, ana: Member, channel: Channel
) -> None:
    await service.drop_gateway()
    missed = guild.add_channel("made-meanwhile")
    await asyncio.wait_for(bot.resumed.wait(), 5)
    assert [one.op for one in service.logins] == [2, 6]
    assert service.logins[1].path == "/gateway/resume"
    assert bot.get_channel(int(missed.id)) is not None
    reply = await service.slash(ana, channel, "/pledge show", company="ibm")
    assert "ibm" in reply.text


@pytest.mark.parametrize("how", ["timeout", "opcode", "invalid"])
async def test_resumes_when_told_to(bot: Bot, service: DiscordDouble, how: str) -> None:
    if how == "timeout":
        await service.drop_gateway(4009)
    elif how == "opcode":
        service.reconnect_gateway()
    else:
        service.invalidate_gateway(resumable=True)
    await asyncio.wait_for(bot.resumed.wait(), 5)
    assert [one.op for one in service.logins] == [2, 6]


@pytest.mark.parametrize("how", ["dropped", "invalid"])
async def test_logs_in_anew_when_a_session_is_lost(
    bot: Bot, service: DiscordDouble, how: str
) -> None:
    if how == "dropped":
        await service.drop_gateway(4009, resumable=False)
    else:
        service.invalidate_gateway()
    await _until(lambda: service.logins[-1].op == 2 and len(service.logins) > 1)
    await _until(lambda: bot.seen.count("READY") == 2)
    assert not bot.resumed.is_set()


async def _until(ready: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not ready():  # noqa: ASYNC110  (discord.py has no event for every change)
            await asyncio.sleep(0.002)


async def test_commands_are_registered_and_kept(bot: Bot, service: DiscordDouble) -> None:
    (first,) = service.commands()
    (again,) = await bot.tree.sync()
    assert first["name"] == "pledge"
    assert str(again.id) == first["id"]
    await again.delete()
    assert service.commands() == []


async def test_guild_commands_are_kept_apart(
    bot: Bot, service: DiscordDouble, guild: Guild, channel: Channel, ana: Member
) -> None:
    @bot.tree.command(name="here", description="Only here", guild=discord.Object(int(guild.id)))
    async def here(interaction: Interaction) -> None:
        await interaction.response.send_message("only here")

    await bot.tree.sync(guild=discord.Object(int(guild.id)))
    assert [one["name"] for one in service.commands(guild)] == ["here"]
    assert (await service.slash(ana, channel, "/here")).content == "only here"
    elsewhere = service.add_guild("elsewhere")
    member = elsewhere.add_member("ben")
    with pytest.raises(NotSynced):
        await service.slash(member, elsewhere.add_channel("general"), "/here")


def command(**fields: object) -> dict[str, Any]:
    """A command that is right but for the fields given."""
    return {"name": "pledge", "description": "Pledges", "type": 1, **fields}


def option(**fields: object) -> dict[str, Any]:
    """An option that is right but for the fields given."""
    return {"name": "company", "description": "Which", "type": 3, **fields}


@pytest.mark.parametrize(
    ("wrong", "where", "code"),
    [
        (command(name="Pledge"), "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
        (command(name="two words"), "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
        (command(name="a" * 33), "0.name", "BASE_TYPE_BAD_LENGTH"),
        (command(description=""), "0.description", "BASE_TYPE_REQUIRED"),
        (command(description="a" * 101), "0.description", "BASE_TYPE_BAD_LENGTH"),
        (
            command(options=[option(name=f"o{n}") for n in range(26)]),
            "0.options",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            command(options=[option(), option(name="on", required=True)]),
            "0.options.1",
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        (
            command(options=[option(), option()]),
            "0.options.1.name",
            "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
        ),
        (
            command(options=[option(choices=[{"name": f"{n}", "value": "x"} for n in range(26)])]),
            "0.options.0.choices",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            command(options=[option(choices=[{"name": "a", "value": "x" * 101}])]),
            "0.options.0.choices.0.value",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            command(options=[option(type=1, name="show"), option()]),
            "0.options",
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        ),
        (
            command(options=[option(type=1, name="show", options=[option(type=1, name="deep")])]),
            "0.options.0.options.0.type",
            "BASE_TYPE_CHOICES",
        ),
        (
            command(
                options=[option(description="d" * 100, name=f"{n:032d}") for n in range(25)]
                + [option(type=3, description="x", name="one-too-many")],
            ),
            "0.options",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            command(
                options=[
                    option(
                        name=f"o{n}",
                        choices=[{"name": f"{m}", "value": "v" * 100} for m in range(25)],
                    )
                    for n in range(4)
                ]
            ),
            "0",
            "APPLICATION_COMMAND_TOO_LARGE",
        ),
    ],
)
async def test_wrong_commands_are_refused(
    rest: discord.AutoShardedClient, wrong: dict[str, Any], where: str, code: str
) -> None:
    with pytest.raises(discord.HTTPException) as refused:
        await rest.http.bulk_upsert_global_commands(_own(rest), [wrong])
    assert refused.value.code == 50035
    assert code in _errors_at(refused.value, where)


def _own(client: discord.Client) -> int:
    assert client.application_id is not None
    return client.application_id


def _errors_at(refusal: discord.HTTPException, where: str) -> list[str]:
    """The codes noted at a dotted path of a refusal."""
    node: Any = refusal._errors or {}
    for part in where.split("."):
        assert part in node, f"{where} is not among {node}"
        node = node[part]
    return [one["code"] for one in node["_errors"]]


async def test_at_most_a_hundred_commands(rest: discord.AutoShardedClient) -> None:
    many = [command(name=f"c{n}") for n in range(101)]
    with pytest.raises(discord.HTTPException) as refused:
        await rest.http.bulk_upsert_global_commands(_own(rest), many)
    assert refused.value.code == 30032
    assert len(await rest.http.bulk_upsert_global_commands(_own(rest), many[:100])) == 100
    with pytest.raises(discord.HTTPException):
        await rest.http.bulk_upsert_global_commands(_own(rest), [command(), command()])


async def test_a_slash_command_is_answered_with_a_layout(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    reply = await service.slash(ana, channel, "/pledge show", company="amazon", covers="Police")
    assert not reply.ephemeral
    assert not reply.deferred
    assert reply.message.v2
    assert reply.text == "# amazon\nCovers police"
    assert reply.message.labels == ["History"]
    assert reply.components[0]["components"][0]["id"] == 2
    assert service.messages(channel) == [reply.message]
    assert service.unexpected == []


async def test_the_interaction_carries_what_the_service_sends(
    bot: Bot, service: DiscordDouble, guild: Guild, channel: Channel, ana: Member
) -> None:
    caught: list[Interaction] = []
    typed = app_commands.Group(name="typed", description="Every kind of option")

    @typed.command(name="all", description="All of them")
    async def everything(
        interaction: Interaction,
        number: app_commands.Range[int, 1, 9],
        share: float,
        who: discord.Member,
        where: discord.TextChannel,
        role: discord.Role,
    ) -> None:
        caught.append(interaction)
        names = f"{number} {share} {who.name} {where.name} {role.name}"
        await interaction.response.send_message(names)

    bot.tree.add_command(typed)
    await bot.tree.sync()
    friends = guild.add_role("friends")
    options: dict[str, Value] = {"number": 3, "share": 0.5, "role": friends}
    options |= {"who": ana, "where": channel}
    reply = await service.slash(ana, channel, "/typed all", **options)
    assert reply.content == "3 0.5 ana alerts friends"
    (seen,) = caught
    assert seen.permissions.manage_guild
    assert seen.app_permissions.embed_links
    assert seen.filesize_limit == 10 * 1024 * 1024
    assert str(seen.guild_locale) == "en-US"
    assert seen.is_guild_integration()
    with pytest.raises(BadOption):
        await service.slash(ana, channel, "/typed all", **(options | {"number": 10}))
    with pytest.raises(BadOption):
        await service.slash(ana, channel, "/typed all", **(options | {"who": "ana"}))


async def test_clients_do_not_send_what_they_would_not_offer(
    bot: Bot, service: DiscordDouble, guild: Guild, channel: Channel, ana: Member
) -> None:
    with pytest.raises(NotSynced):
        await service.slash(ana, channel, "/nothing")
    with pytest.raises(NotSynced):
        await service.slash(ana, channel, "/pledge")
    with pytest.raises(NotSynced):
        await service.slash(ana, channel, "/pledge sing")
    wrong: list[dict[str, Value]] = [{}, {"company": "ibm", "colour": "red"}]
    wrong.append({"company": "ibm", "covers": "army"})
    for options in wrong:
        with pytest.raises(BadOption):
            await service.slash(ana, channel, "/pledge show", **options)
    hidden = guild.add_channel("hidden")
    hidden.overwrite(guild.everyone, deny=Permission.VIEW_CHANNEL)
    with pytest.raises(NotAllowed):
        await service.slash(ana, hidden, "/pledge show", company="ibm")
    with pytest.raises(NotAllowed):
        await service.slash(service.add_user("stranger"), channel, "/pledge show", company="ibm")


async def test_default_permissions_and_contexts_hide_commands(
    bot: Bot, service: DiscordDouble, guild: Guild, channel: Channel, ana: Member
) -> None:
    @bot.tree.command(name="settings", description="For organizers")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    async def settings(interaction: Interaction) -> None:
        await interaction.response.send_message("set")

    await bot.tree.sync()
    assert (await service.slash(ana, channel, "/settings")).content == "set"
    with pytest.raises(NotAllowed):
        await service.slash(guild.add_member("ben"), channel, "/settings")
    with pytest.raises(NotAllowed):
        await service.slash(ana, service.dm(ana), "/settings")


async def test_a_deferred_answer_settles_and_is_followed_up(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    reply = await service.slash(ana, channel, "/pledge list", hidden=True)
    assert reply.deferred
    assert reply.message.loading
    await reply.settled()
    assert reply.content == "three pledges"
    assert reply.ephemeral
    assert not reply.message.edits
    followup = await reply.followup()
    assert followup.ephemeral
    assert service.messages(channel) == []
    assert service.messages(channel, seen_by=ana) == [reply.message, followup]


async def test_the_first_follow_up_fills_a_deferred_answer(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    reply = await (await service.slash(ana, channel, "/pledge compare")).settled()
    assert reply.content == "the table"
    assert reply.ephemeral  # decided by the deferral
    assert reply.followups == []
    (file,) = reply.message.attachments
    assert (file.filename, file.content) == ("table.svg", b"<svg/>")
    async with aiohttp.ClientSession() as session, session.get(file.url) as got:
        assert await got.read() == b"<svg/>"


async def test_a_late_answer_is_refused(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    service.settings.answer_within = 0.1
    with pytest.raises(NoAnswer, match="nothing came"):
        await service.slash(ana, channel, "/pledge history")
    await _until(lambda: "late answer refused" in bot.seen)


async def _ask(bot: Bot, service: DiscordDouble, ana: Member, channel: Channel, act: Any) -> Reply:
    """Register a command that does `act`, and use it."""

    @bot.tree.command(name="act", description="Do it")
    async def do(interaction: Interaction) -> None:
        await act(interaction)

    await bot.tree.sync()
    return await service.slash(ana, channel, "/act")


async def test_only_one_initial_response(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    refused: list[discord.HTTPException] = []

    async def act(interaction: Interaction) -> None:
        await interaction.response.defer()
        for again in ("send_modal", "send_message"):
            interaction.response._response_type = None
            argument: Any = EvidenceForm() if again == "send_modal" else "again"
            with pytest.raises(discord.HTTPException) as caught:
                await getattr(interaction.response, again)(argument)
            refused.append(caught.value)
        await interaction.edit_original_response(content="done")

    await (await _ask(bot, service, ana, channel, act)).settled()
    assert [one.code for one in refused] == [40060, 40060]


async def test_tokens_expire_after_a_quarter_of_an_hour(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    held: list[Interaction] = []

    async def act(interaction: Interaction) -> None:
        await interaction.response.send_message("first")
        held.append(interaction)

    reply = await _ask(bot, service, ana, channel, act)
    await _until(lambda: held)
    await held[0].followup.send("second")
    assert (await reply.followup()).content == "second"
    service.advance(15 * 60 + 1)
    with pytest.raises(discord.HTTPException) as expired:
        await held[0].edit_original_response(content="third")
    assert (expired.value.status, expired.value.code) == (401, 50027)


async def test_a_follow_up_before_any_answer_is_refused(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    async def act(interaction: Interaction) -> None:
        with pytest.raises(discord.NotFound) as refused:
            await interaction.followup.send("too early")
        assert refused.value.code == 10015
        await interaction.response.send_message("now")
        await interaction.delete_original_response()
        with pytest.raises(discord.NotFound) as gone:
            await interaction.edit_original_response(content="x")
        assert gone.value.code == 10008
        await interaction.followup.send("finally")

    reply = await _ask(bot, service, ana, channel, act)
    assert (await reply.followup()).content == "finally"
    assert reply.content == "finally"


async def test_a_refused_answer_is_named_when_none_follows(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    service.settings.answer_within = 0.1

    async def act(interaction: Interaction) -> None:
        with pytest.raises(discord.HTTPException) as refused:
            await interaction.response.send_message("x" * 2001)
        assert _errors_at(refused.value, "data.content") == ["BASE_TYPE_MAX_LENGTH"]

    with pytest.raises(NoAnswer, match="Must be 2000 or fewer"):
        await _ask(bot, service, ana, channel, act)


async def test_a_form_is_filled_in(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    reply = await service.slash(ana, channel, "/pledge evidence")
    form = reply.modal
    assert form is not None
    assert form.title == "File as evidence"
    assert form.labels == ["Address", "Kind", "Note"]
    with pytest.raises(BadOption):
        await service.submit(ana, form, address="", kind="news")
    with pytest.raises(BadOption):
        await service.submit(ana, form, address="https://a.example", kind="gossip")
    with pytest.raises(BadOption):
        await service.submit(ana, form, address="https://a.example", colour="red")
    answer = await service.submit(ana, form, address="https://a.example", Kind="News", Note="n")
    assert answer.content == "https://a.example news 'n'"
    assert answer.ephemeral
    with pytest.raises(NotAllowed):
        await service.submit(ana, form, address="https://a.example", kind="news")


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"title": "t" * 46}, "data.title"),
        ({"title": ""}, "data.title"),
        ({"components": []}, "data.components"),
        ({"components": [{"type": 10, "content": "x"}] * 6}, "data.components"),
    ],
)
async def test_wrong_forms_are_refused(
    bot: Bot,
    service: DiscordDouble,
    channel: Channel,
    ana: Member,
    wrong: dict[str, Any],
    where: str,
) -> None:
    async def act(interaction: Interaction) -> None:
        good = EvidenceForm().to_dict()
        body = {"type": 9, "data": good | wrong}
        with pytest.raises(discord.HTTPException) as refused:
            await _callback(interaction, body)
        assert _errors_at(refused.value, where)
        good["components"][0]["label"] = "l" * 46
        good["components"][0]["component"]["max_length"] = 4001
        with pytest.raises(discord.HTTPException) as refused:
            await _callback(interaction, {"type": 9, "data": good})
        assert _errors_at(refused.value, "data.components.0.label")
        assert _errors_at(refused.value, "data.components.0.component.max_length")
        with pytest.raises(discord.HTTPException) as refused:
            await _callback(interaction, {"type": 6})
        assert _errors_at(refused.value, "type") == ["BASE_TYPE_CHOICES"]
        await interaction.response.send_message("all refused")

    assert (await _ask(bot, service, ana, channel, act)).content == "all refused"


async def _callback(interaction: Interaction, body: dict[str, Any]) -> None:
    path = "/interactions/{webhook_id}/{webhook_token}/callback"
    route = Route("POST", path, webhook_id=interaction.id, webhook_token=interaction.token)
    await interaction.client.http.request(route, json=body)


async def test_typing_gets_suggestions(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    found = await service.autocomplete(
        ana, channel, "/pledge show", option="company", value="m", others={"covers": "police"}
    )
    assert [(one.name, one.value) for one in found] == [("Microsoft", "microsoft")]
    with pytest.raises(BadOption):
        await service.autocomplete(ana, channel, "/pledge show", option="covers", value="p")


async def test_too_many_suggestions_are_refused(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.settings.answer_within = 0.1

    @bot.tree.command(name="many", description="Too many")
    async def many(interaction: Interaction, name: str) -> None:
        await interaction.response.send_message(name)

    @many.autocomplete("name")
    async def suggest(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        if typed == "long":
            return [app_commands.Choice(name="n" * 101, value="v")]
        return [app_commands.Choice(name=f"{n}", value="v") for n in range(26)]

    await bot.tree.sync()
    for typed in ("many", "long"):
        with pytest.raises(NoAnswer, match="BASE_TYPE"):
            await service.autocomplete(ana, channel, "/many", option="name", value=typed)


async def test_a_dynamic_button_works_on_any_message(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    view = discord.ui.View(timeout=None)
    view.add_item(HistoryButton("microsoft"))
    view.add_item(discord.ui.Button(label="Source", url="https://example.org"))
    view.add_item(discord.ui.Button(label="Off", custom_id="off", disabled=True))
    await place(bot, channel).send("alert", view=view)
    (posted,) = await service.posted(channel)
    assert posted.labels == ["History", "Source", "Off"]
    reply = await service.click(ana, posted, "History")
    assert reply.content == "History of microsoft"
    assert reply.ephemeral
    layout_reply = await service.slash(ana, channel, "/pledge show", company="amazon")
    reply = await service.click(ana, layout_reply.message, "history:amazon")
    assert reply.content == "History of amazon"
    for control in ("Source", "Off", "Missing"):
        with pytest.raises(NotClickable):
            await service.click(ana, posted, control)
    assert channel.guild is not None
    with pytest.raises(NotClickable, match="does not see"):
        await service.click(channel.guild.owner, reply.message, "History")


async def test_buttons_and_menus_update_their_message(
    bot: Bot, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    class Panel(discord.ui.View):
        @discord.ui.button(label="Later", custom_id="later")
        async def later(self, interaction: Interaction, button: Any) -> None:
            await interaction.response.defer()
            await interaction.edit_original_response(content="later")

        @discord.ui.select(
            custom_id="cadence",
            placeholder="How often",
            options=[discord.SelectOption(label="Daily", value="daily")],
        )
        async def cadence(self, interaction: Interaction, select: Any) -> None:
            await interaction.response.edit_message(content=select.values[0])

        @discord.ui.select(cls=discord.ui.UserSelect, custom_id="who")
        async def who(self, interaction: Interaction, select: Any) -> None:
            await interaction.response.send_message(select.values[0].name)

    await place(bot, channel).send("panel", view=Panel(timeout=None))
    (panel,) = service.messages(channel)
    reply = await service.click(ana, panel, "cadence", ["Daily"])
    assert reply.message is panel
    assert panel.content == "daily"
    await (await service.click(ana, panel, "Later")).settled()
    assert [one.content for one in panel.edits] == ["daily", "later"]
    assert (await service.click(ana, panel, "who", [ana])).content == "ana"
    for values in ([], ["weekly"], ["daily", "daily"]):
        with pytest.raises(NotClickable):
            await service.click(ana, panel, "cadence", values)


async def test_direct_messages(
    bot: Bot, service: DiscordDouble, ana: Member, channel: Channel
) -> None:
    user = await bot.fetch_user(int(ana.id))
    sent = await user.send("hello")
    (message,) = service.messages(service.dm(ana))
    assert str(sent.id) == message.id
    assert message.content == "hello"
    reply = await service.slash(ana, service.dm(ana), "/pledge show", company="ibm")
    assert "ibm" in reply.text
    ana.user.dms_open = False
    with pytest.raises(discord.Forbidden) as closed:
        await user.send("again")
    assert closed.value.code == 50007
    stranger = await bot.fetch_user(int(service.add_user("stranger").id))
    with pytest.raises(discord.Forbidden) as unrelated:
        await stranger.send("hello")
    assert unrelated.value.code == 50278


def button(**fields: object) -> dict[str, Any]:
    """A button that is right but for the fields given."""
    return {"type": 2, "style": 2, "label": "Go", "custom_id": "go", **fields}


def row(*children: dict[str, Any]) -> dict[str, Any]:
    """A row of controls."""
    return {"type": 1, "components": list(children)}


def buttons(count: int) -> list[dict[str, Any]]:
    """Buttons with different ids."""
    return [button(custom_id=f"b{n}") for n in range(count)]


def embed(**fields: object) -> dict[str, Any]:
    """A body with one embed."""
    return {"embeds": [{"title": "t", **fields}]}


def v2(*components: dict[str, Any], **fields: object) -> dict[str, Any]:
    """A body of components alone."""
    return {"flags": 1 << 15, "components": list(components), **fields}


def said(text: str) -> dict[str, Any]:
    """A text display."""
    return {"type": 10, "content": text}


MENU = {"type": 3, "custom_id": "m", "options": [{"label": "a", "value": "a"}]}
MANY = [{"label": f"{n}", "value": f"{n}"} for n in range(26)]


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
        ({"content": "x", "nonce": "n" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"title": "t"}] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
        (embed(title="t" * 257), "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
        (embed(description="d" * 4097), "embeds.0.description", "BASE_TYPE_MAX_LENGTH"),
        (
            embed(fields=[{"name": "n", "value": "v"}] * 26),
            "embeds.0.fields",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            embed(fields=[{"name": "", "value": "v"}]),
            "embeds.0.fields.0.name",
            "BASE_TYPE_REQUIRED",
        ),
        (
            embed(fields=[{"name": "n", "value": "v" * 1025}]),
            "embeds.0.fields.0.value",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (embed(footer={"text": "f" * 2049}), "embeds.0.footer.text", "BASE_TYPE_MAX_LENGTH"),
        (embed(author={"name": "a" * 257}), "embeds.0.author.name", "BASE_TYPE_MAX_LENGTH"),
        (
            {"embeds": [{"description": "d" * 3001}, {"description": "d" * 3000}]},
            "embeds",
            "MAX_EMBED_SIZE_EXCEEDED",
        ),
        (embed(url="javascript:alert(1)"), "embeds.0.url", "URL_TYPE_INVALID_SCHEME"),
        (embed(url="example.org"), "embeds.0.url", "URL_TYPE_INVALID_URL"),
        (
            embed(image={"url": "ftp://a.example/x"}),
            "embeds.0.image.url",
            "URL_TYPE_INVALID_SCHEME",
        ),
        (embed(timestamp="yesterday"), "embeds.0.timestamp", "DATE_TIME_TYPE_PARSE"),
        ({"components": [row(one) for one in buttons(6)]}, "components", "BASE_TYPE_MAX_LENGTH"),
        ({"components": [row(*buttons(6))]}, "components.0.components", "BASE_TYPE_BAD_LENGTH"),
        (
            {"components": [row(button(label="l" * 81))]},
            "components.0.components.0.label",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"components": [row(button(label=""))]},
            "components.0.components.0.label",
            "BUTTON_COMPONENT_LABEL_REQUIRED",
        ),
        (
            {"components": [row(button(custom_id="c" * 101))]},
            "components.0.components.0.custom_id",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            {"components": [row(button()), row(button())]},
            "components.1.components.0.custom_id",
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (
            {"components": [row({"type": 2, "style": 5, "label": "x", "url": "file:///etc"})]},
            "components.0.components.0.url",
            "URL_TYPE_INVALID_SCHEME",
        ),
        (
            {"components": [row(MENU, button())]},
            "components.0.components",
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
        ),
        (
            {"components": [row(MENU | {"options": MANY})]},
            "components.0.components.0.options",
            "BASE_TYPE_BAD_LENGTH",
        ),
        ({"components": [said("no flag")]}, "components.0.type", "UNION_TYPE_CHOICES"),
        (
            v2(said("x"), content="beside"),
            "content",
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        ),
        (
            v2(said("x"), embeds=[{"title": "t"}]),
            "embeds",
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        ),
        (
            v2({"type": 17, "components": [said("x")] * 40}),
            "components",
            "COMPONENT_TOTAL_COUNT_EXCEEDED",
        ),
        (
            v2(said("x" * 2500), {"type": 17, "components": [said("y" * 1501)]}),
            "components",
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
        ),
        (
            v2({"type": 9, "components": [said("x")]}),
            "components.0.accessory",
            "BASE_TYPE_REQUIRED",
        ),
        (
            v2({"type": 12, "items": [{"media": {"url": "attachment://none.png"}}]}),
            "components.0.items.0.media.url",
            "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
        ),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            "allowed_mentions",
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
    ],
)
async def test_wrong_messages_are_refused(
    rest: discord.AutoShardedClient,
    service: DiscordDouble,
    channel: Channel,
    body: dict[str, Any],
    where: str,
    code: str,
) -> None:
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=int(channel.id))
    with pytest.raises(discord.HTTPException) as refused:
        await rest.http.request(
            route, json={"content": "hello", **body} if "flags" not in body else body
        )
    assert (refused.value.status, refused.value.code) == (400, 50035)
    assert code in _errors_at(refused.value, where)
    assert service.messages(channel) == []


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2000, "nonce": "n" * 25},
        embed(title="t" * 256, description="d" * 4096, footer={"text": "f" * 1648}),
        embed(fields=[{"name": "n", "value": "v"}] * 25, url="https://example.org/a?b=c"),
        {
            "content": "x",
            "components": [
                row(*[button(custom_id=f"{m}.{n}") for n in range(5)]) for m in range(5)
            ],
        },
        {"content": "x", "components": [row(MENU | {"options": MANY[:25], "max_values": 25})]},
        v2({"type": 17, "components": [said("x")] * 39}),
        v2(said("x" * 4000)),
        v2({"type": 9, "components": [said("x")], "accessory": button()}, {"type": 14}),
    ],
)
async def test_messages_at_the_limits_are_taken(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel, body: dict[str, Any]
) -> None:
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=int(channel.id))
    await rest.http.request(route, json=body)
    assert len(service.messages(channel)) == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"content": "  \n"}, {"content": ""}, {"embeds": [{"color": 1}]}, {"flags": 1 << 15}],
)
async def test_empty_messages_are_refused(
    rest: discord.AutoShardedClient, channel: Channel, body: dict[str, Any]
) -> None:
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=int(channel.id))
    with pytest.raises(discord.HTTPException) as refused:
        await rest.http.request(route, json=body)
    assert (refused.value.status, refused.value.code) == (400, 50006)


async def test_layouts_never_go_back(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    sent = await place(rest, channel).send(view=layout("one"))
    with pytest.raises(discord.HTTPException) as refused:
        await sent.edit(content="two", embed=discord.Embed(title="two"), view=None)
    assert _errors_at(refused.value, "content")
    assert _errors_at(refused.value, "embeds")
    await sent.edit(view=layout("two"))
    (message,) = service.messages(channel)
    assert message.text == "two"
    plain = await place(rest, channel).send("plain")
    with pytest.raises(discord.HTTPException):
        await plain.edit(view=layout("three"))
    await plain.edit(content=None, view=layout("three"))
    assert service.messages(channel)[1].text == "three"


async def test_an_equal_nonce_gives_the_earlier_message(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    first = await place(rest, channel).send("once", nonce="delivery-1")
    second = await place(rest, channel).send("once", nonce="delivery-1")
    assert first.id == second.id
    other = await place(rest, channel).send("once", nonce="delivery-2")
    assert len(service.messages(channel)) == 2
    service.advance(6 * 60)
    assert (await place(rest, channel).send("once", nonce="delivery-2")).id != other.id


async def test_a_connection_dropped_after_the_message_was_stored(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    fault = service.fail("POST", r"/messages$", drop=True, before=False)
    with pytest.raises(aiohttp.ClientError):
        await place(rest, channel).send("maybe", nonce="delivery-1")
    assert fault.hits == 1
    assert service.requests[-1].dropped
    assert len(service.messages(channel)) == 1
    await place(rest, channel).send("maybe", nonce="delivery-1")
    assert len(service.messages(channel)) == 1


@pytest.mark.parametrize("reset", [False, True])
async def test_a_connection_dropped_before_anything_happened(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel, reset: bool
) -> None:
    service.fail("POST", r"/messages$", drop=True, reset=reset)
    with pytest.raises((aiohttp.ClientError, OSError)):
        await place(rest, channel).send("lost")
    assert service.messages(channel) == []
    await place(rest, channel).send("found")
    assert len(service.messages(channel)) == 1


async def test_rate_limits_pass(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    service.fail("POST", r"/messages$", status=429, retry_after=0.02)
    service.fail("POST", r"/messages$", status=429, retry_after=0.02, everywhere=True)
    await place(rest, channel).send("patient")
    statuses = [one.status for one in service.requests if one.method == "POST"]
    assert statuses == [429, 429, 200]
    service.fail("POST", r"/messages$", status=429, retry_after=31.0)
    with pytest.raises(discord.RateLimited):
        await place(rest, channel).send("too long to wait")
    service.fail("POST", r"/messages$", status=429, via=False)
    with pytest.raises(discord.HTTPException) as banned:
        await place(rest, channel).send("banned")
    assert banned.value.status == 429
    assert service.invalid_requests == 4


async def test_a_real_limit_is_announced_and_kept(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    service.limit("POST", r"/messages$", limit=2, window=0.1)
    for number in range(5):
        await place(rest, channel).send(f"{number}")
    assert {one.status for one in service.requests if one.method == "POST"} == {200}
    route = f"{service.api_base}/channels/{channel.id}/messages"
    headers = {"Authorization": f"Bot {service.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        found = []
        for _ in range(3):
            async with session.post(route, json={"content": "impatient"}) as got:
                found.append(got.status)
    assert 429 in found


async def test_server_errors(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    fault = service.fail("POST", r"/messages$", status=503, times=None)
    for _ in range(2):
        with pytest.raises(discord.DiscordServerError):
            await place(rest, channel).send("down")
    fault.stop()
    await place(rest, channel).send("up")
    assert [one.content for one in service.messages(channel)] == ["up"]
    service.fail("POST", r"/messages$", status=403, code=50001)
    with pytest.raises(discord.Forbidden) as refused:
        await place(rest, channel).send("no")
    assert refused.value.code == 50001
    service.fail("POST", r"/messages$", status=502, before=False)
    service.heal()
    await place(rest, channel).send("healed")


async def test_a_retried_server_error_can_double_a_message_without_a_nonce(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    service.fail("POST", r"/messages$", status=502, before=False)
    await place(rest, channel).send("twice?", nonce="delivery-1")  # the client waits a second
    assert [one.status for one in service.requests if one.method == "POST"] == [502, 200]
    assert len(service.messages(channel)) == 1


async def test_slow_answers(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    service.fail("POST", r"/messages$", delay=0.2)
    sending = asyncio.create_task(place(rest, channel).send("slow"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(sending), 0.05)
    assert service.messages(channel) == []
    await sending
    assert len(service.messages(channel)) == 1


@pytest.mark.parametrize(
    ("permissions", "code"),
    [(0, 50001), (Permission.VIEW_CHANNEL, 50013)],
)
async def test_missing_permissions(
    rest: discord.AutoShardedClient, guild: Guild, permissions: int, code: int
) -> None:
    closed = guild.add_channel("closed", bot_permissions=permissions)
    with pytest.raises(discord.Forbidden) as refused:
        await place(rest, closed).send("hello")
    assert refused.value.code == code


async def test_embeds_need_a_permission(
    rest: discord.AutoShardedClient, service: DiscordDouble, guild: Guild
) -> None:
    plain = guild.add_channel("plain", bot_permissions=ORDINARY & ~Permission.EMBED_LINKS)
    sent = await place(rest, plain).send("with text", embed=discord.Embed(title="t"))
    (message,) = service.messages(plain)
    assert message.embeds == []
    assert [one["title"] for one in message.dropped_embeds] == ["t"]
    await sent.edit(content="edited", embed=discord.Embed(title="t"))
    assert message.edits[0].embeds == []
    with pytest.raises(discord.Forbidden) as refused:
        await place(rest, plain).send(embed=discord.Embed(title="alone"))
    assert refused.value.code == 50013
    plain.bot_permissions = ORDINARY & ~Permission.ATTACH_FILES
    with pytest.raises(discord.Forbidden):
        await place(rest, plain).send(file=discord.File(io.BytesIO(b"x"), "x.txt"))


async def test_places_that_are_gone(
    rest: discord.AutoShardedClient, service: DiscordDouble, guild: Guild, channel: Channel
) -> None:
    sent = await place(rest, channel).send("hello")
    await sent.delete()
    with pytest.raises(discord.NotFound) as gone:
        await sent.edit(content="again")
    assert gone.value.code == 10008
    assert service.messages(channel) == []
    channel.delete()
    with pytest.raises(discord.NotFound) as gone:
        await place(rest, channel).send("hello")
    assert gone.value.code == 10003
    other = guild.add_channel("other")
    guild.remove_bot()
    with pytest.raises(discord.Forbidden) as out:
        await place(rest, other).send("hello")
    assert out.value.code == 50001


async def test_edits_are_remembered_and_others_messages_are_not_ours(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    sent = await place(rest, channel).send("one", allowed_mentions=NOBODY)
    await sent.edit(embed=discord.Embed(title="two"))
    await sent.edit(content="three", allowed_mentions=NOBODY)
    (message,) = service.messages(channel)
    assert [one.content for one in message.edits] == ["one", "three"]
    assert [one["title"] for one in message.edits[0].embeds] == ["two"]
    assert message.edits[0].allowed_mentions is None
    assert message.sent["content"] == "one"
    theirs = service.say(ana, channel, "mine")
    partial = place(rest, channel).get_partial_message(int(theirs.id))
    with pytest.raises(discord.Forbidden) as refused:
        await partial.edit(content="ours")
    assert refused.value.code == 50005
    with pytest.raises(discord.Forbidden):
        await partial.delete()


async def test_old_messages_take_few_edits(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    service.old_message_edits = 2
    service.settings.old_message_window = 60.0
    sent = await place(rest, channel).send("story")
    for number in range(5):
        await sent.edit(content=f"also in {number}")
    service.advance(60 * 60)
    for number in range(2):
        await sent.edit(content=f"later in {number}")
    with pytest.raises(discord.RateLimited) as refused:
        await sent.edit(content="one too many")
    assert refused.value.retry_after > 30
    assert service.requests[-1].status == 429
    service.advance(61)
    service.old_message_edits = None
    await sent.edit(content="at last")


async def test_who_is_pinged(
    rest: discord.AutoShardedClient,
    service: DiscordDouble,
    guild: Guild,
    channel: Channel,
    ana: Member,
) -> None:
    team = guild.add_role("team", mentionable=True)
    text = f"@everyone {ana.mention} {team.mention} <@1> `@here`"
    await place(rest, channel).send(text)
    await place(rest, channel).send(text, allowed_mentions=NOBODY)
    people = discord.AllowedMentions(users=True, everyone=False, roles=False)
    await place(rest, channel).send(text, allowed_mentions=people)
    await place(rest, channel).send("quiet", embed=discord.Embed(description=text))
    await place(rest, channel).send(view=layout(ana.mention))
    channel.bot_permissions = ORDINARY & ~Permission.MENTION_EVERYONE
    sent = await place(rest, channel).send(text)
    loud, silent, some, embedded, laid_out, limited = service.messages(channel)
    assert loud.allowed_mentions is None
    users, roles = frozenset({ana.id}), frozenset({team.id})
    assert loud.pings == Pings(users=users, roles=roles, everyone=True)
    assert silent.allowed_mentions == {"parse": []}
    assert not silent.pings
    assert some.pings == Pings(users=users)
    assert not embedded.pings
    assert laid_out.pings.users == {ana.id}
    assert not limited.pings.everyone
    assert limited.pings.roles == {team.id}
    await sent.edit(embed=discord.Embed(title="t"))
    assert limited.pings.roles == {team.id}
    await sent.edit(content="calm")
    assert not limited.pings


async def test_replies_and_threads(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel, ana: Member
) -> None:
    theirs = service.say(ana, channel, "why this alert?")
    partial = place(rest, channel).get_partial_message(int(theirs.id))
    await partial.reply("because", mention_author=False)
    reply = service.messages(channel)[1]
    assert reply.replies_to is theirs
    assert not reply.pings
    route = Route(
        "POST",
        "/channels/{channel_id}/messages/{message_id}/threads",
        channel_id=channel.id,
        message_id=theirs.id,
    )
    await rest.http.request(route, json={"name": "aside"})
    thread = theirs.thread
    assert thread is not None
    await place(rest, thread).send("in the thread")
    assert [one.content for one in service.messages(thread)] == ["in the thread"]
    with pytest.raises(discord.HTTPException) as twice:
        await rest.http.request(route, json={"name": "again"})
    assert twice.value.code == 160004
    service.world.messages[theirs.id].deleted = True
    with pytest.raises(discord.HTTPException) as gone:
        await partial.reply("too late")
    assert _errors_at(gone.value, "message_reference") == ["REPLIES_UNKNOWN_MESSAGE"]


async def test_files_shown_by_components_are_told_from_those_nobody_sees(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    def view(address: str, said: str) -> discord.ui.LayoutView:
        item = discord.MediaGalleryItem(address, description=said)
        return discord.ui.LayoutView(timeout=None).add_item(discord.ui.MediaGallery[Any](item))

    def file(name: str, said: str = "A line.") -> discord.File:
        return discord.File(io.BytesIO(b"png"), name, description=said)

    where = place(rest, channel)
    await where.send(view=view("attachment://a-1.png", "A line."), files=[file("a-1.png")])
    (shown,) = service.messages(channel)
    assert [(one.filename, said) for one, said in shown.pictures] == [("a-1.png", "A line.")]
    assert shown.unseen == []
    both = [file("a-1.png"), file("b.png")]
    await where.send(view=view("attachment://a-1.png", "A line."), files=both)
    assert [one.filename for one in service.messages(channel)[-1].unseen] == ["b.png"]
    for address, said, sent, fault in (
        ("attachment://a 1.png", "A line.", file("a 1.png"), "components"),
        ("attachment://b.png", "A line.", file("a.png"), "components"),
        ("attachment://a.png", "x" * 1025, file("a.png"), "components"),
        ("attachment://a.png", "A line.", file("a.png", "x" * 1025), "attachments"),
    ):
        with pytest.raises(discord.HTTPException) as refused:
            await where.send(view=view(address, said), files=[sent])
        assert refused.value.status == 400
        assert f"In {fault}" in refused.value.text


async def test_files_are_kept_and_limited(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    file = discord.File(io.BytesIO(b"BEGIN:VCALENDAR"), "hearing.ics", description="The hearing")
    picture = discord.Embed(title="t").set_image(url="attachment://hearing.ics")
    sent = await place(rest, channel).send("with a file", file=file, embed=picture)
    (message,) = service.messages(channel)
    (kept,) = message.attachments
    assert (kept.filename, kept.content) == ("hearing.ics", b"BEGIN:VCALENDAR")
    assert kept.description == "The hearing"
    assert service.requests[-1].files == ["hearing.ics"]
    assert sent.attachments[0].filename == "hearing.ics"
    assert message.embeds[0]["image"]["url"] == kept.url
    await sent.edit(attachments=[*sent.attachments, discord.File(io.BytesIO(b"2"), "two.txt")])
    assert [one.filename for one in message.attachments] == ["hearing.ics", "two.txt"]
    await sent.edit(attachments=[])
    assert message.attachments == []
    service.settings.upload_limit = 10
    with pytest.raises(discord.HTTPException) as refused:
        await place(rest, channel).send(file=discord.File(io.BytesIO(b"x" * 11), "x.txt"))
    assert (refused.value.status, refused.value.code) == (413, 40005)


async def test_what_the_double_does_not_know_is_noted(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    assert service.unexpected == []
    with pytest.raises(discord.NotFound):
        await rest.http.request(Route("GET", "/stage-instances/1"))
    with pytest.raises(discord.HTTPException) as refused:
        await rest.http.request(Route("PUT", "/gateway/bot"))
    assert refused.value.status == 405
    assert service.unexpected == ["GET /api/v10/stage-instances/1", "PUT /api/v10/gateway/bot"]
    service.unexpected.clear()
    async with aiohttp.ClientSession() as session:
        url = f"{service.api_base}/channels/{channel.id}/messages"
        async with session.post(url, json={"content": "x"}) as got:
            assert got.status == 401
        async with session.get(f"{service.api_base}/gateway") as got:
            assert got.content_type == "application/json"
            assert got.headers["Content-Type"] == "application/json"
            assert (await got.json())["url"] == service.gateway_url


async def test_requests_are_logged(
    rest: discord.AutoShardedClient, service: DiscordDouble, channel: Channel
) -> None:
    await place(rest, channel).send("hello", nonce="n1")
    last = service.requests[-1]
    assert (last.method, last.path, last.status) == (
        "POST",
        f"/channels/{channel.id}/messages",
        200,
    )
    assert isinstance(last.json, dict)
    assert last.json["content"] == "hello"
    assert last.json["enforce_nonce"] is True
