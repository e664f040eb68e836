"""The Slack double, driven by the real SDKs over Socket Mode and over signed HTTP."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator
from slack_sdk.web.async_client import AsyncWebClient

from tests.doubles.slack import (
    NOT_A_NUMBER,
    STALE,
    WRONG_SIGNATURE,
    Channel,
    FormRefused,
    InvalidAck,
    NoAck,
    NoSuchElement,
    NothingSeen,
    NotInManifest,
    SlackDouble,
    User,
    WrongMode,
)
from tests.doubles.slack.samples import (
    MANIFEST,
    MENU,
    TYPED,
    Json,
    actions,
    button,
    field,
    http_manifest,
    modal,
    option,
    plain,
    rich,
    section,
)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SKIP_SLACK_SDK_WARNING", "1")
    logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    async with SlackDouble() as double:
        double.install(MANIFEST)
        yield double


@pytest.fixture
def ana(slack: SlackDouble) -> User:
    return slack.add_user("ana", is_admin=True)


@pytest.fixture
def general(slack: SlackDouble) -> Channel:
    return slack.add_channel("general")


@pytest.fixture
def client(slack: SlackDouble) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, slack.api_base, retry_handlers=[])


def new_app(slack: SlackDouble) -> AsyncApp:
    client = AsyncWebClient(slack.bot_token, slack.api_base, retry_handlers=[])
    return AsyncApp(client=client, signing_secret=slack.signing_secret)


@asynccontextmanager
async def by_socket(slack: SlackDouble) -> AsyncIterator[AsyncApp]:
    app = new_app(slack)
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.2)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.sockets.connected()
    try:
        yield app
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def by_http(slack: SlackDouble) -> AsyncIterator[AsyncApp]:
    app = new_app(slack)
    runner = web.AppRunner(app.web_app("/slack/events"), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.install(http_manifest())
    slack.use_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    try:
        yield app
    finally:
        await runner.cleanup()


@pytest.fixture(params=["socket", "http"])
async def app(request: pytest.FixtureRequest, slack: SlackDouble) -> AsyncIterator[AsyncApp]:
    """A real Bolt app, connected first one way and then the other."""
    async with (by_socket if request.param == "socket" else by_http)(slack) as app:
        yield app


@pytest.fixture
async def socket_app(slack: SlackDouble) -> AsyncIterator[AsyncApp]:
    async with by_socket(slack) as app:
        yield app


@pytest.fixture
async def http_app(slack: SlackDouble) -> AsyncIterator[AsyncApp]:
    async with by_http(slack) as app:
        yield app


async def refused(call: Any) -> SlackApiError:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value


async def error_of(call: Any) -> str:
    return str((await refused(call)).response["error"])


# The Web API


async def test_auth_test_says_who_the_token_is(slack: SlackDouble, client: AsyncWebClient) -> None:
    said = await client.auth_test()
    assert said["user_id"] == slack.bot_user_id
    assert said["team_id"] == slack.team_id
    assert said.headers["x-oauth-scopes"] == "chat:write,commands,users:read"
    assert "token" not in slack.requests[0].args


async def test_wrong_missing_and_misplaced_tokens_are_refused(slack: SlackDouble) -> None:
    def using(token: str | None) -> AsyncWebClient:
        return AsyncWebClient(token, slack.api_base, retry_handlers=[])

    assert await error_of(using("xoxb-wrong").auth_test()) == "invalid_auth"
    assert await error_of(using(None).auth_test()) == "not_authed"
    call = using(slack.bot_token).apps_connections_open(app_token=slack.bot_token)
    assert await error_of(call) == "not_allowed_token_type"
    call = using(slack.app_token).users_info(user=slack.bot_user_id)
    assert await error_of(call) == "not_allowed_token_type"


async def test_unknown_methods_are_refused_and_noted(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    assert await error_of(client.api_call("chat.telepathy")) == "unknown_method"
    assert slack.unexpected == ["unknown method chat.telepathy"]


async def test_a_missing_scope_is_named(
    slack: SlackDouble, client: AsyncWebClient, general: Channel
) -> None:
    said = (await refused(client.conversations_info(channel=general.id))).response
    assert said["error"] == "missing_scope"
    assert said["needed"] == "channels:read"
    assert said["provided"] == "chat:write,commands,users:read"
    slack.scopes |= {"channels:read", "team:read", "im:write"}
    assert (await client.conversations_info(channel=general.id))["channel"]["name"] == "general"
    assert (await client.team_info())["team"]["id"] == slack.team_id


async def test_people_bots_and_direct_messages_can_be_looked_up(
    slack: SlackDouble, client: AsyncWebClient, ana: User
) -> None:
    user = (await client.users_info(user=ana.id))["user"]
    assert (user["is_admin"], user["tz"]) == (True, "America/Los_Angeles")
    assert await error_of(client.users_info(user="U404")) == "user_not_found"
    assert (await client.bots_info(bot=slack.bot_id))["bot"]["app_id"] == slack.app_id
    slack.scopes.add("im:write")
    opened = await client.conversations_open(users=[ana.id])
    posted = await client.chat_postMessage(channel=ana.id, text="hello")
    assert posted["channel"] == opened["channel"]["id"]
    assert posted["channel"].startswith("D")


async def test_a_message_is_posted_updated_and_deleted(
    slack: SlackDouble, client: AsyncWebClient, general: Channel
) -> None:
    posted = await client.chat_postMessage(
        channel=general.id, text="one", blocks=[section("*one*")], unfurl_links=False
    )
    [message] = slack.messages(general)
    assert (message.shown, message.unfurl_links, message.unfurl_media) == ("*one*", False, None)
    assert message.blocks[0]["block_id"]
    await client.chat_update(channel=general.id, ts=posted["ts"], text="two")
    assert (message.text, message.shown) == ("two", "*one*"), "blocks left out stay"
    await client.chat_update(channel=general.id, ts=posted["ts"], text="three", blocks=[])
    assert message.shown == "three"
    assert [edit.text for edit in message.edits] == ["one", "two"]
    await client.chat_delete(channel=general.id, ts=posted["ts"])
    assert slack.messages(general) == []
    call = client.chat_update(channel=general.id, ts=posted["ts"], text="four")
    assert await error_of(call) == "message_not_found"
    assert [request.method for request in slack.requests] == [
        "chat.postMessage", "chat.update", "chat.update", "chat.delete", "chat.update",
    ]  # fmt: skip


async def test_a_test_can_wait_for_posts_and_calls(
    slack: SlackDouble, client: AsyncWebClient, general: Channel
) -> None:
    async def later() -> None:
        for text in ("one", "two"):
            await client.chat_postMessage(channel=general.id, text=text)

    sending = asyncio.create_task(later())
    assert [message.text for message in await slack.posted(general, 2)] == ["one", "two"]
    await slack.until(lambda: len(slack.requests) == 2)
    await sending
    with pytest.raises(NothingSeen):
        await slack.posted(general, 3, timeout=0.02)


async def test_form_encoded_calls_are_read_like_json(
    slack: SlackDouble, client: AsyncWebClient, general: Channel
) -> None:
    fields = {"channel": "#general", "text": "hi", "blocks": json.dumps([section("hi")])}
    await client.api_call("chat.postMessage", data={**fields, "unfurl_links": "false"})
    [message] = slack.messages(general)
    assert message.unfurl_links is False
    fields["blocks"] = "[not json"
    call = client.api_call("chat.postMessage", data=fields)
    assert await error_of(call) == "invalid_blocks_format"


async def test_the_channel_decides_whether_a_post_is_taken(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    def post(channel: str) -> Any:
        return client.chat_postMessage(channel=channel, text="hi")

    away = slack.add_channel("away", bot_is_member=False)
    hidden = slack.add_channel("hidden", bot_is_member=False, private=True)
    shut = slack.add_channel("shut", archived=True)
    assert await error_of(post("C404")) == "channel_not_found"
    assert await error_of(post(away.id)) == "not_in_channel"
    assert await error_of(post(hidden.id)) == "channel_not_found"
    assert await error_of(post(shut.id)) == "is_archived"
    slack.scopes.add("chat:write.public")
    await post(away.id)
    assert len(slack.messages(away)) == 1


async def test_only_the_bots_own_messages_can_be_changed(
    slack: SlackDouble, client: AsyncWebClient, general: Channel, ana: User
) -> None:
    posted = await client.chat_postMessage(channel=general.id, text="hi")
    slack.messages(general)[0].author = ana.id
    at = {"channel": general.id, "ts": posted["ts"]}
    assert await error_of(client.chat_update(**at, text="ho")) == "cant_update_message"
    assert await error_of(client.chat_delete(**at)) == "cant_delete_message"
    slack.fail("chat.update", error="edit_window_closed")
    assert await error_of(client.chat_update(**at, text="ho")) == "edit_window_closed"


async def test_ephemeral_messages_go_to_one_person_in_the_channel(
    slack: SlackDouble, client: AsyncWebClient, general: Channel, ana: User
) -> None:
    sent = await client.chat_postEphemeral(channel=general.id, user=ana.id, text="psst")
    assert slack.messages(general) == []
    assert [message.shown for message in slack.ephemerals(ana)] == ["psst"]
    call = client.chat_update(channel=general.id, ts=sent["message_ts"], text="louder")
    assert await error_of(call) == "message_not_found"
    general.outsiders.add(ana.id)
    call = client.chat_postEphemeral(channel=general.id, user=ana.id, text="psst")
    assert await error_of(call) == "user_not_in_channel"


# What a message may say


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({}, "no_text"),
        ({"text": " "}, "no_text"),
        ({"blocks": [section("hi")]}, "missing_fallback_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": [section("x" * 2900)] * 4}, "msg_blocks_too_long"),
        ({"text": "x", "blocks": [section("x" * 3001)]}, "invalid_blocks"),
        ({"text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
    ],
)
async def test_bad_messages_are_refused(
    client: AsyncWebClient, general: Channel, content: Json, error: str
) -> None:
    assert await error_of(client.chat_postMessage(channel=general.id, **content)) == error


async def test_a_refusal_of_blocks_names_the_json_pointer(
    client: AsyncWebClient, general: Channel
) -> None:
    blocks = [{"type": "divider"}, section("x" * 3001)]
    call = client.chat_postMessage(channel=general.id, text="x", blocks=blocks)
    said = (await refused(call)).response
    assert said["response_metadata"]["messages"] == [
        "[ERROR] failed to match all allowed schemas [json-pointer:/blocks/1/text]",
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]",
    ]


async def test_what_would_ping_or_link_is_told(
    slack: SlackDouble, client: AsyncWebClient, general: Channel
) -> None:
    raw = "<!channel> <@U0123> <#C0123|general> <https://evil.example|Sign in>"
    blocks = [section(raw), {"type": "header", "text": plain("<!here>")}]
    blocks.append(rich({"type": "text", "text": "<!here>"}, {"type": "user", "user_id": "U9"}))
    await client.chat_postMessage(channel=general.id, text="<!everyone|x>", blocks=blocks)
    [message] = slack.messages(general)
    assert message.pings == [
        "<!everyone|x>", "<!channel>", "<@U0123>", "<#C0123|general>", "<@U9>",
    ]  # fmt: skip
    assert message.links == [("https://evil.example", "Sign in")]
    await client.chat_postMessage(channel=general.id, text="A &amp; B &lt;!channel&gt;")
    assert slack.messages(general)[-1].pings == []
    assert slack.messages(general)[-1].shown == "A & B <!channel>"
    await client.chat_postMessage(channel=general.id, text="@channel", link_names=True)
    assert slack.messages(general)[-1].pings == ["@channel"]


# Slash commands


async def test_a_slash_command_is_answered_by_its_acknowledgement(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    seen: list[Json] = []

    @app.command("/pledge")
    async def _(ack: Any, body: Json) -> None:
        seen.append(body)
        await ack(f"About {body['text']}")

    reply = await slack.command(ana, general, "/pledge", "show “amazon” & co")
    message = await reply.message()
    assert (message.shown, message.ephemeral, message.via) == (
        "About show “amazon” & co", True, "ack",
    )  # fmt: skip
    assert slack.messages(general) == []
    expected = {
        "team_id": slack.team_id,
        "team_domain": slack.team_domain,
        "channel_id": general.id,
        "channel_name": "general",
        "user_id": ana.id,
        "user_name": "ana",
        "command": "/pledge",
        "text": "show “amazon” & co",
        "api_app_id": slack.app_id,
        "is_enterprise_install": "false",
    }
    assert expected.items() <= seen[0].items()
    assert {"token", "response_url", "trigger_id"} <= seen[0].keys()


async def test_an_acknowledgement_can_show_blocks_to_everyone(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    @app.command("/pledge")
    async def _(ack: Any) -> None:
        await ack("For all", blocks=[section("*For* all")], response_type="in_channel")

    reply = await slack.command(ana, general, "/pledge")
    [message] = slack.messages(general)
    assert reply.messages == [message]
    assert (message.shown, message.ephemeral) == ("*For* all", False)


async def test_an_acknowledgement_is_checked_like_a_post(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    @app.command("/pledge")
    async def _(ack: Any, body: Json) -> None:
        await ack(body["text"], blocks=[section("x" * 3001)])

    with pytest.raises(InvalidAck, match="json-pointer:/blocks/0/text/text"):
        await slack.command(ana, general, "/pledge", "long")
    with pytest.raises(InvalidAck, match="missing_fallback_text"):
        await slack.command(ana, general, "/pledge", "")


async def test_a_command_without_acknowledgement_shows_a_timeout(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    slack.ack_deadline = 0.1

    @app.command("/pledge")
    async def _(ack: Any) -> None:
        await asyncio.sleep(0.3)
        await ack("too late")

    with pytest.raises(NoAck) as caught:
        await slack.command(ana, general, "/pledge")
    assert caught.value.shown == "operation_timeout"


async def test_only_installed_commands_can_be_typed(
    slack: SlackDouble, ana: User, general: Channel
) -> None:
    with pytest.raises(NotInManifest):
        await slack.command(ana, general, "/shout")
    with pytest.raises(NoAck) as caught:
        await slack.command(ana, general, "/pledge")
    assert caught.value.shown == "dispatch_failed"


async def test_commands_escape_names_and_addresses_where_the_manifest_asks(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    @app.command("/feed")
    async def _(ack: Any, body: Json) -> None:
        await ack(body["text"])

    reply = await slack.command(ana, general, "/feed", "add https://a.org/x @ana #general")
    expected = f"add <https://a.org/x> <@{ana.id}|ana> <#{general.id}|general>"
    assert (await reply.message()).text == expected


async def test_a_reply_gathers_what_comes_later(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    @app.command("/pledge")
    async def _(ack: Any, respond: Any, client: AsyncWebClient) -> None:
        await ack()
        await respond("one")
        await respond("two", response_type="in_channel")
        await client.chat_postMessage(channel=general.id, text="three")
        await client.chat_postMessage(channel=ana.id, text="four")
        await client.chat_postEphemeral(channel=general.id, user=ana.id, text="five")

    other = slack.add_user("other")
    reply = await slack.command(ana, general, "/pledge")
    for expected in ("one", "two", "three", "four", "five"):
        assert (await reply.message()).text == expected
    assert [(m.text, m.via, m.ephemeral) for m in reply.messages] == [
        ("one", "response_url", True),
        ("two", "response_url", False),
        ("three", "chat.postMessage", False),
        ("four", "chat.postMessage", False),
        ("five", "chat.postEphemeral", True),
    ]
    assert slack.ephemerals(other) == []
    assert [message.text for message in slack.messages(general)] == ["two", "three"]


async def test_waiting_for_what_never_comes_ends(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    @app.command("/pledge")
    async def _(ack: Any) -> None:
        await ack()

    reply = await slack.command(ana, general, "/pledge")
    with pytest.raises(NothingSeen):
        await reply.message(0.05)
    assert (await reply.settled(0.05)).messages == []


# Response addresses


async def post(url: str, payload: Json) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, json=payload) as answer:
        return answer.status, await answer.text()


async def test_a_response_url_takes_five_uses_in_thirty_minutes(
    slack: SlackDouble, ana: User, general: Channel, socket_app: AsyncApp
) -> None:
    urls: list[str] = []

    @socket_app.command("/pledge")
    async def _(ack: Any, body: Json) -> None:
        urls.append(body["response_url"])
        await ack()

    reply = await slack.command(ana, general, "/pledge")
    await slack.command(ana, general, "/pledge")
    for _use in range(5):
        assert await post(urls[0], {"text": "hi"}) == (200, "ok")
    status, body = await post(urls[0], {"text": "hi"})
    assert (status, json.loads(body)["error"]) == (404, "used_url")
    assert [error.error for error in reply.refused] == ["used_url"]
    slack.advance(30 * 60 + 1)
    status, body = await post(urls[1], {"text": "hi"})
    assert (status, json.loads(body)["error"]) == (404, "expired_url")
    assert [request.error for request in slack.refusals] == ["used_url", "expired_url"]


async def test_a_response_url_replaces_and_deletes_and_refuses(
    slack: SlackDouble, ana: User, general: Channel, app: AsyncApp
) -> None:
    urls: list[str] = []

    @app.command("/pledge")
    async def _(ack: Any, body: Json) -> None:
        urls.append(body["response_url"])
        await ack("Looking …")

    reply = await slack.command(ana, general, "/pledge")
    assert await post(urls[0], {"text": "Found", "replace_original": True}) == (200, "ok")
    [message] = reply.messages
    assert (message.text, [edit.text for edit in message.edits]) == ("Found", ["Looking …"])
    status, body = await post(urls[0], {"text": "x", "blocks": [section("")]})
    assert (status, json.loads(body)["error"]) == (400, "invalid_blocks")
    assert await post(urls[0], {"delete_original": True}) == (200, "ok")
    assert reply.messages == []
    assert (await post(slack.root + "/hooks/commands/T/none", {"text": "x"}))[0] == 404


async def test_a_response_url_goes_wrong_as_ordered(
    slack: SlackDouble, ana: User, general: Channel, app: AsyncApp
) -> None:
    urls: list[str] = []

    @app.command("/pledge")
    async def _(ack: Any, body: Json) -> None:
        urls.append(body["response_url"])
        await ack()

    reply = await slack.command(ana, general, "/pledge")
    slack.fail("response_url", status=500)
    assert (await post(urls[0], {"text": "one"}))[0] == 500
    slack.fail("response_url", error="fatal_error")
    assert json.loads((await post(urls[0], {"text": "one"}))[1])["error"] == "fatal_error"
    slack.fail("response_url", drop="after", delay=0.01)
    with pytest.raises(aiohttp.ClientError):
        await post(urls[0], {"text": "two"})
    assert (await reply.message()).text == "two"
    errors = [request.error for request in slack.refusals]
    assert errors == ["http_500", "fatal_error", "dropped after"]


# Buttons, menus and forms


async def test_a_button_is_pressed_by_label_or_id(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel, client: AsyncWebClient
) -> None:
    seen: list[Json] = []

    @app.action("why")
    async def _(ack: Any, body: Json, respond: Any) -> None:
        seen.append(body)
        await ack()
        await respond("Because", replace_original=False)

    blocks = [section("Alert"), actions(button("Why?", "why", value="17"), button("No", "no"))]
    await client.chat_postMessage(channel=general.id, text="Alert", blocks=blocks)
    [message] = slack.messages(general)
    assert message.buttons == ["Why?", "No"]
    reply = await slack.click(ana, message, "Why?")
    assert (await reply.message()).text == "Because"
    await slack.click(ana, message, "why")
    [action] = seen[0]["actions"]
    assert (action["value"], action["block_id"], action["type"]) == ("17", "actions", "button")
    assert seen[0]["message"]["ts"] == message.ts
    assert seen[0]["container"]["is_ephemeral"] is False
    with pytest.raises(NoSuchElement):
        await slack.click(ana, message, "maybe")


async def test_a_reply_to_a_button_replaces_the_message_unless_told_not_to(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    @app.command("/pledge")
    async def _(ack: Any) -> None:
        await ack("Sure?", blocks=[section("Sure?"), actions(button("Yes", "yes"))])

    @app.action("yes")
    async def _(ack: Any, body: Json, respond: Any) -> None:
        await ack()
        assert "message" not in body, "an ephemeral message is not sent along"
        await respond("Done", blocks=[section("Done")])

    asked = await (await slack.command(ana, general, "/pledge")).message()
    reply = await slack.click(ana, asked, "Yes")
    assert await reply.edit() is asked
    assert (await reply.settled()).messages == []
    assert (asked.shown, asked.ephemeral) == ("Done", True)
    with pytest.raises(NoSuchElement):
        await slack.click(slack.add_user("ben"), asked, "Yes")


async def test_an_unanswered_button_is_noticed(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel, client: AsyncWebClient
) -> None:
    slack.ack_deadline = 0.1
    link = button("Read", "read", url="https://example.org/")
    await client.chat_postMessage(channel=general.id, text="x", blocks=[actions(link)])
    with pytest.raises(NoAck):
        await slack.click(ana, slack.messages(general)[0], "Read")


async def open_form(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel, view: Json
) -> Any:
    @app.command("/pledge")
    async def _(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    return await (await slack.command(ana, general, "/pledge")).modal()


async def test_a_form_is_opened_corrected_and_sent(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    sent: list[Json] = []

    @app.view("form")
    async def _(ack: Any, view: Json) -> None:
        sent.append(view["state"]["values"])
        value = view["state"]["values"]["note"]["typed"]["value"]
        if value == "bad":
            await ack(response_action="errors", errors={"note": "Not that"})
        elif value == "more":
            await ack(response_action="update", view=modal(section("Thanks"), submit=None))
        elif value == "odd":
            await ack(response_action="errors", errors={"nowhere": "x"})
        else:
            await ack()

    view = await open_form(slack, app, ana, general, modal(field("note", TYPED)))
    assert (view.title, view.callback_id) == ("Log a call", "form")
    with pytest.raises(FormRefused):
        await slack.submit(ana, view)
    with pytest.raises(FormRefused):
        await slack.submit(ana, view, note="x" * 21)
    reply = await slack.submit(ana, view, note="bad")
    assert (reply.action, reply.errors, view.closed) == ("errors", {"note": "Not that"}, False)
    with pytest.raises(InvalidAck, match="nowhere"):
        await slack.submit(ana, view, typed="odd")
    reply = await slack.submit(ana, view, typed="more")
    assert reply.views == [view]
    assert "Thanks" in view.shown
    view = await open_form(slack, app, ana, general, modal(field("note", TYPED)))
    await slack.submit(ana, view, note="good")
    assert view.closed
    assert sent[-1] == {"note": {"typed": {"type": "plain_text_input", "value": "good"}}}
    with pytest.raises(NoSuchElement):
        await slack.submit(ana, view, note="again")


async def test_forms_stack_three_high_and_clear_together(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    @app.view("form")
    async def _(ack: Any, view: Json) -> None:
        if view["state"]["values"]["note"]["typed"]["value"] == "clear":
            await ack(response_action="clear")
        else:
            await ack(response_action="push", view=modal(field("note", TYPED)))

    first = await open_form(slack, app, ana, general, modal(field("note", TYPED)))
    second = (await slack.submit(ana, first, note="push")).view
    assert second is not None
    assert second.previous_id == first.id
    third = (await slack.submit(ana, second, note="push")).view
    assert third is not None
    with pytest.raises(InvalidAck, match="push_limit_reached"):
        await slack.submit(ana, third, note="push")
    await slack.submit(ana, third, note="clear")
    assert first.closed
    assert second.closed


async def test_an_external_menu_offers_what_the_app_answers(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    chosen: list[str] = []

    @app.options("company")
    async def _(ack: Any, payload: Json) -> None:
        names = ["Amazon", "IBM", "Microsoft"]
        found = [name for name in names if payload["value"].lower() in name.lower()]
        many = [option(str(n), str(n)) for n in range(101)]
        listed = [option(name, name.lower()) for name in found]
        await ack(options=many if payload["value"] == "*" else listed)

    @app.view("form")
    async def _(ack: Any, view: Json) -> None:
        state = view["state"]["values"]["who"]["company"]
        chosen.append(state["selected_option"]["value"])
        await ack()

    view = await open_form(slack, app, ana, general, modal(field("who", MENU)))
    offered = await slack.options(ana, view, "company", "m")
    assert [each["text"]["text"] for each in offered] == ["Amazon", "IBM", "Microsoft"]
    assert await slack.options(ana, view, "company", "") == [], "too short to ask"
    with pytest.raises(NoSuchElement):
        await slack.submit(ana, view, company="Clearview AI")
    with pytest.raises(InvalidAck, match="no more than 100"):
        await slack.options(ana, view, "company", "*")
    await slack.submit(ana, view, company="IBM")
    assert chosen == ["ibm"]


async def test_a_menu_in_a_message_or_form_tells_the_app(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    seen: list[Json] = []

    @app.action("cadence")
    async def _(ack: Any, body: Json) -> None:
        seen.append(body)
        await ack()

    options = [option("At once", "now"), option("Daily", "day")]
    choice = {"type": "static_select", "action_id": "cadence", "options": options}
    quiet = {"type": "datepicker", "action_id": "from"}
    view = modal(section("x") | {"accessory": choice, "block_id": "s"}, field("f", quiet))
    opened = await open_form(slack, app, ana, general, view)
    await slack.choose(ana, opened, "cadence", "Daily")
    await slack.choose(ana, opened, "from", "2020-06-10")
    assert len(seen) == 1, "an input keeps quiet until the form is sent"
    assert seen[0]["actions"][0]["selected_option"]["value"] == "day"
    values = seen[0]["view"]["state"]["values"]
    assert values["s"]["cadence"]["selected_option"]["value"] == "day"


async def test_a_trigger_opens_one_view_within_three_seconds(
    slack: SlackDouble, ana: User, general: Channel, client: AsyncWebClient, socket_app: AsyncApp
) -> None:
    triggers: list[str] = []

    @socket_app.command("/pledge")
    async def _(ack: Any, body: Json) -> None:
        triggers.append(body["trigger_id"])
        await ack()

    def opened(trigger_id: str, view: Json | None = None) -> Any:
        return client.views_open(trigger_id=trigger_id, view=view or modal(section("x")))

    await slack.command(ana, general, "/pledge")
    await slack.command(ana, general, "/pledge")
    said = (await refused(opened(triggers[0], modal(title=plain("x" * 25))))).response
    assert said["error"] == "invalid_arguments"
    assert "[json-pointer:/view/title/text]" in said["response_metadata"]["messages"][1]
    await opened(triggers[0])
    assert await error_of(opened(triggers[0])) == "exchanged_trigger_id"
    assert await error_of(opened("1.2.abc")) == "invalid_trigger_id"
    slack.advance(3.1)
    assert await error_of(opened(triggers[1])) == "expired_trigger_id"


async def test_views_are_updated_by_id_and_hash_and_published_home(
    slack: SlackDouble, ana: User, general: Channel, client: AsyncWebClient, socket_app: AsyncApp
) -> None:
    view = await open_form(slack, socket_app, ana, general, modal(section("x"), external_id="e"))
    old = view.hash
    await client.views_update(view_id=view.id, hash=old, view=modal(section("y")))
    assert "y" in view.shown
    call = client.views_update(view_id=view.id, hash=old, view=modal(section("z")))
    assert await error_of(call) == "hash_conflict"
    assert await error_of(client.views_update(external_id="e", view=modal())) == "not_found"
    home = {"type": "home", "blocks": [section("Welcome")]}
    await client.views_publish(user_id=ana.id, view=home)
    assert "Welcome" in slack.homes[ana.id].shown
    await slack.dismiss(ana, view)
    assert await error_of(client.views_update(view_id=view.id, view=modal())) == "not_found"


async def test_a_button_in_a_form_pushes_another_on_top(
    slack: SlackDouble, ana: User, general: Channel, app: AsyncApp
) -> None:
    closed: list[str] = []

    @app.action("more")
    async def _(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_push(trigger_id=body["trigger_id"], view=modal(notify_on_close=True))

    @app.view_closed("form")
    async def _(ack: Any, view: Json) -> None:
        closed.append(view["id"])
        await ack()

    more = modal(actions(button("More", "more")))
    first = await open_form(slack, app, ana, general, more)
    second = await (await slack.click(ana, first, "More")).modal()
    assert second.previous_id == first.id
    await slack.dismiss(ana, second)
    assert closed == [second.id]
    assert slack.modals[ana.id] == [first]


async def test_what_a_press_changes_belongs_to_its_reply(
    slack: SlackDouble, ana: User, general: Channel, app: AsyncApp, client: AsyncWebClient
) -> None:
    @app.action("confirm")
    async def _(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        at = {"channel": body["channel"]["id"], "ts": body["container"]["message_ts"]}
        await client.chat_update(**at, text="Confirmed", blocks=[])

    blocks = [actions(button("Confirm", "confirm"))]
    await client.chat_postMessage(channel=general.id, text="Proposed", blocks=blocks)
    reply = await slack.click(ana, slack.messages(general)[0], "Confirm")
    assert (await reply.edit()).text == "Confirmed"


async def test_views_need_what_they_need(
    slack: SlackDouble, ana: User, client: AsyncWebClient
) -> None:
    home = {"type": "home", "blocks": []}
    assert await error_of(client.views_publish(user_id="U404", view=home)) == "invalid_user_id"
    call = client.views_publish(user_id=ana.id, view=modal())
    assert await error_of(call) == "invalid_arguments"
    call = client.api_call("views.update", json={"view": modal()})
    assert await error_of(call) == "invalid_arguments"
    call = client.api_call("views.open", json={"view": "[]", "trigger_id": "1.2.3"})
    assert await error_of(call) == "invalid_arguments"
    large = {"type": "home", "blocks": [section("x" * 3000)] * 90}
    assert await error_of(client.views_publish(user_id=ana.id, view=large)) == "view_too_large"
    manifest = http_manifest()
    del manifest["features"]["app_home"]
    slack.install(manifest)
    assert await error_of(client.views_publish(user_id=ana.id, view=home)) == "not_enabled"


async def test_shortcuts_reach_the_app_if_declared(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel, client: AsyncWebClient
) -> None:
    @app.shortcut("log_call")
    async def _(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(section("x")))

    @app.shortcut("file_evidence")
    async def _(ack: Any, body: Json, respond: Any) -> None:
        await ack()
        await respond(f"Filed: {body['message']['text']}", replace_original=False)

    await (await slack.shortcut(ana, "log_call")).modal()
    message = slack.write(ana, general, "news")
    reply = await slack.shortcut(ana, "file_evidence", message=message)
    assert (await reply.message()).text == "Filed: news"
    with pytest.raises(NotInManifest):
        await slack.shortcut(ana, "log_call", message=message)


# Events


async def test_events_reach_the_app_if_subscribed(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    seen: asyncio.Queue[Json] = asyncio.Queue()

    @app.event("app_home_opened")
    async def _(body: Json) -> None:
        seen.put_nowait(body)

    home = {"type": "app_home_opened", "user": ana.id, "channel": "D1", "tab": "home"}
    assert (await slack.event(home)).acked
    body = await asyncio.wait_for(seen.get(), 2)
    assert body["event"]["user"] == ana.id
    assert body["authorizations"][0]["team_id"] == slack.team_id
    with pytest.raises(NotInManifest):
        await slack.event({"type": "app_mention", "user": ana.id})


async def test_an_event_is_tried_three_times_more(slack: SlackDouble, app: AsyncApp) -> None:
    slack.ack_deadline = 0.2
    tries: list[str] = []

    @app.middleware
    async def _(req: Any, resp: Any, next: Any) -> Any:  # noqa: A002
        tries.append(req.headers.get("x-slack-retry-num", ["first"])[0])
        if len(tries) < 4:
            resp.status = 503
            return resp
        return await next()

    @app.event("app_home_opened")
    async def _() -> None:
        pass

    delivery = await slack.event({"type": "app_home_opened"})
    assert delivery.acked
    assert tries == ["0" if delivery.via == "socket" else "first", "1", "2", "3"]


async def test_an_uninstalled_app_hears_of_it_and_may_do_nothing_more(
    slack: SlackDouble, app: AsyncApp, client: AsyncWebClient
) -> None:
    seen: asyncio.Queue[str] = asyncio.Queue()

    @app.event("tokens_revoked")
    async def _(event: Json) -> None:
        seen.put_nowait(event["type"])

    @app.event("app_uninstalled")
    async def _(event: Json) -> None:
        seen.put_nowait(event["type"])

    assert all(delivery.acked for delivery in await slack.uninstall())
    heard = [await asyncio.wait_for(seen.get(), 2) for _ in range(2)]
    assert heard == ["tokens_revoked", "app_uninstalled"]
    assert await error_of(client.auth_test()) == "account_inactive"


# Socket Mode


async def test_a_disconnect_frame_makes_the_client_come_back(
    slack: SlackDouble, ana: User, general: Channel, socket_app: AsyncApp
) -> None:
    @socket_app.command("/pledge")
    async def _(ack: Any) -> None:
        await ack("still here")

    for reason in ("warning", "refresh_requested"):
        before = slack.sockets.opened
        await slack.sockets.disconnect(reason)
        await slack.sockets.connected(before + 1)
    slack.sockets.drop()
    await slack.sockets.connected(4)
    reply = await slack.command(ana, general, "/pledge")
    assert (await reply.message()).text == "still here"
    assert slack.unexpected == []


async def test_opening_connections_can_fail_for_a_while(slack: SlackDouble) -> None:
    client = AsyncWebClient(slack.app_token, slack.api_base, retry_handlers=[])
    slack.fail("apps.connections.open", error="internal_error")
    slack.fail("apps.connections.open", status=500, body="<html>oops</html>")
    call = client.apps_connections_open(app_token=slack.app_token)
    assert await error_of(call) == "internal_error"
    with pytest.raises((SlackApiError, AttributeError)):
        await client.apps_connections_open(app_token=slack.app_token)
    said = await client.apps_connections_open(app_token=slack.app_token)
    assert said["url"].startswith("ws://127.0.0.1:")


async def test_a_ticket_opens_one_connection(slack: SlackDouble) -> None:
    client = AsyncWebClient(slack.app_token, slack.api_base, retry_handlers=[])
    said = await client.apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(said["url"]) as socket:
            assert (await socket.receive_json())["type"] == "hello"
            await socket.send_str("nonsense")
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(said["url"])
    await slack.sockets.disconnected()
    assert slack.unexpected == ["socket frame: nonsense"]


async def test_a_command_sent_twice_runs_twice_in_plain_bolt(
    slack: SlackDouble, app: AsyncApp, ana: User, general: Channel
) -> None:
    runs: list[str] = []

    @app.command("/pledge")
    async def _(ack: Any, body: Json) -> None:
        runs.append(body["trigger_id"])
        await ack("once")

    reply = await slack.command(ana, general, "/pledge", copies=2)
    delivery = reply.delivery
    assert delivery is not None
    if delivery.via == "socket":
        await slack.repeat(delivery)
    assert len(set(runs)) == 1
    assert len(runs) == delivery.attempts
    assert [message.text for message in reply.messages] == ["once"]


async def test_an_unacknowledged_envelope_is_sent_again_if_so_wished(
    slack: SlackDouble, ana: User, general: Channel, socket_app: AsyncApp
) -> None:
    slack.sockets.resends = 1
    slack.sockets.resend_after = 0.05
    runs: list[int] = []

    @socket_app.command("/pledge")
    async def _(ack: Any) -> None:
        runs.append(1)
        if len(runs) == 2:
            await ack("at last")

    reply = await slack.command(ana, general, "/pledge")
    assert (await reply.message()).text == "at last"


async def test_an_app_without_socket_mode_is_turned_away(slack: SlackDouble) -> None:
    slack.install(http_manifest())
    client = AsyncWebClient(slack.app_token, slack.api_base, retry_handlers=[])
    said = await client.apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session, session.ws_connect(said["url"]) as socket:
        assert (await socket.receive_json())["reason"] == "link_disabled"


# Signed HTTP


async def test_forged_requests_are_not_acknowledged(
    slack: SlackDouble, ana: User, general: Channel, http_app: AsyncApp
) -> None:
    runs: list[Json] = []

    @http_app.command("/pledge")
    async def _(ack: Any, body: Json) -> None:
        runs.append(body)
        await ack("hi")

    for forgery, status in ((WRONG_SIGNATURE, 401), (STALE, 401), (NOT_A_NUMBER, 500)):
        with pytest.raises(NoAck) as caught:
            await slack.command(ana, general, "/pledge", forgery=forgery)
        assert caught.value.status == status
    assert runs == []
    delivery = (await slack.command(ana, general, "/pledge")).delivery
    assert delivery is not None
    await slack.repeat(delivery)
    assert len(runs) == 2, "Bolt itself takes an exact replay"
    assert delivery.headers["Content-Type"] == "application/x-www-form-urlencoded"


async def test_the_request_url_is_verified(slack: SlackDouble, http_app: AsyncApp) -> None:
    assert await slack.verify_url()


async def test_nothing_goes_over_http_while_socket_mode_is_on(
    slack: SlackDouble, ana: User, general: Channel
) -> None:
    slack.use_http("http://127.0.0.1:9/slack/events")
    with pytest.raises(WrongMode):
        await slack.command(ana, general, "/pledge")
    slack.install(http_manifest())
    with pytest.raises(NoAck) as caught:
        await slack.command(ana, general, "/pledge")
    assert caught.value.shown == "dispatch_failed"


# Trouble


async def test_posts_that_come_too_fast_are_told_when_to_come_back(
    slack: SlackDouble, client: AsyncWebClient, general: Channel
) -> None:
    slack.limit_posts(per_channel_per_second=1, burst=2)
    other = slack.add_channel("other")
    for channel in (general, general, other):
        await client.chat_postMessage(channel=channel.id, text="hi")
    said = (await refused(client.chat_postMessage(channel=general.id, text="hi"))).response
    assert (said.status_code, said["error"], said.headers["Retry-After"]) == (
        429, "ratelimited", "1",
    )  # fmt: skip
    slack.advance(1)
    await client.chat_postMessage(channel=general.id, text="hi")
    assert len(slack.messages(general)) == 3


async def test_calls_go_wrong_as_ordered(
    slack: SlackDouble, client: AsyncWebClient, general: Channel
) -> None:
    def send() -> Any:
        return client.chat_postMessage(channel=general.id, text="hi")

    slack.fail("chat.postMessage", error="internal_error", times=2)
    assert [await error_of(send()), await error_of(send())] == ["internal_error"] * 2
    slack.fail("*", status=429, retry_after=7)
    assert (await refused(send())).response.headers["Retry-After"] == "7"
    slack.fail("chat.postMessage", status=503)
    with pytest.raises((SlackApiError, AttributeError, ValueError)):
        await send()
    assert slack.messages(general) == []
    slack.fail("chat.postMessage", error="fatal_error", stored=True)
    assert await error_of(send()) == "fatal_error"
    assert len(slack.messages(general)) == 1
    slack.fail("chat.postMessage", delay=0.05)
    await send()
    assert len(slack.messages(general)) == 2


async def test_a_connection_breaks_before_or_after_the_message_is_stored(
    slack: SlackDouble, client: AsyncWebClient, general: Channel
) -> None:
    slack.fail("chat.postMessage", drop="before")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=general.id, text="lost")
    assert slack.messages(general) == []
    slack.fail("chat.postMessage", drop="after")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=general.id, text="maybe sent")
    assert [message.text for message in slack.messages(general)] == ["maybe sent"]
    assert [request.error for request in slack.refusals] == ["dropped before", "dropped after"]


async def test_the_default_retry_posts_twice_after_a_broken_connection(
    slack: SlackDouble, general: Channel
) -> None:
    client = AsyncWebClient(slack.bot_token, slack.api_base)
    client.retry_handlers[0].interval_calculator = FixedValueRetryIntervalCalculator(0.01)
    slack.fail("chat.postMessage", drop="after")
    await client.chat_postMessage(channel=general.id, text="doubled")
    assert len(slack.messages(general)) == 2
