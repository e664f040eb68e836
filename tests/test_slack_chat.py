import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.chats import slack_answers, slack_api
from bot.chats.slack_api import Member, SlackApi
from domain.model import ChannelRef, FeedLink
from storage.db import Tx
from tests.slack_bench import (
    FEED,
    MODES,
    Bench,
    asked,
    form,
    open_bench,
    said,
    topics,
    until,
)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with open_bench() as bench:
        yield bench


@pytest.fixture(params=MODES)
async def connected(request: pytest.FixtureRequest, bench: Bench) -> AsyncIterator[Bench]:
    """The adapter connected, first one way and then the other; Slack refuses it nothing."""
    async with bench.listening(request.param):
        yield bench
    assert bench.slack.refusals == []


@pytest.fixture
async def socket(bench: Bench) -> AsyncIterator[Bench]:
    async with bench.listening("socket"):
        yield bench


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less patience, so that tests need not wait."""
    monkeypatch.setattr(slack_answers, "_SOON", 0.1)
    monkeypatch.setattr(slack_api, "_BETWEEN_TRIES", 0.05)


# Commands


@pytest.mark.parametrize("prefix", ["", "pw-"])
async def test_every_command_can_be_invoked_under_every_spelling(bench: Bench, prefix: str) -> None:
    async with bench.listening("socket", command_prefix=prefix):
        for command in bench.registry.commands:
            for typed in (f"/{prefix}{command.path}", f"/pledgewatch {command.path}"):
                reply = await asked(bench, bench.admin, typed)
                assert reply.messages or (await reply.modal()) is not None, typed
                assert "There is no command" not in reply.shown
    assert bench.slack.refusals == []


async def test_a_command_is_answered_to_the_asker_alone(connected: Bench) -> None:
    message = await said(connected, connected.member, "/pledge show Microsoft covers:ICE")
    assert (message.ephemeral, message.via) == (True, "ack")
    assert "Unstated" in message.shown
    assert message.buttons == ["The pledge"]
    assert message.pings == []


async def test_a_change_that_concerns_the_channel_is_told_in_it(connected: Bench) -> None:
    reply = await asked(connected, connected.admin, "/subscribe here all")
    checked, told = reply.messages
    assert (checked.shown, checked.ephemeral) == ("Checked: I can post in this channel.", True)
    assert "This channel now hears *all that is watched*" in told.shown
    assert connected.slack.messages(connected.general) == [told]


async def test_whether_it_can_post_is_checked_once_in_five_minutes(socket: Bench) -> None:
    assert len((await asked(socket, socket.admin, "/subscribe here Microsoft")).messages) == 2
    assert len((await asked(socket, socket.admin, "/subscribe here Amazon")).messages) == 1
    socket.clock.ahead += timedelta(minutes=6)
    assert len((await asked(socket, socket.admin, "/subscribe here IBM")).messages) == 2


async def test_a_prefix_is_said_too(bench: Bench) -> None:
    async with bench.listening("socket", command_prefix="pw-"):
        message = await said(bench, bench.member, "/pw-feed add https://a.org")
        assert "Only organizers can use /pw-feed add here." in message.shown
        assert (await form(bench, bench.admin, "/pw-feed add")).title == "/pw-feed add"


async def test_near_misses_are_offered_as_buttons(connected: Bench) -> None:
    message = await said(connected, connected.member, "/pledge show Micorsoft")
    assert "Did you mean Microsoft?" in message.shown
    reply = await connected.slack.click(connected.member, message, "Microsoft")
    answer = await reply.message()
    assert answer.ephemeral
    assert "Microsoft · No face recognition for US police" in answer.shown
    assert "Did you mean Microsoft?" in message.shown, "the question stays"
    message = await said(connected, connected.member, "/pledge shwo microsoft")
    assert "There is no command “/pledge shwo”." in message.shown
    assert message.buttons[0] == "/pledge show shwo microsoft"


async def test_what_takes_longer_than_slack_waits_is_answered_later(socket: Bench) -> None:
    socket.feeds.delay = 3.2
    reply = await asked(socket, socket.admin, f"/feed add {FEED}")
    assert (await reply.message()).shown == "Working on it …"
    answer = await reply.message(4)
    assert "*news.example* is followed." in answer.shown
    assert (answer.ephemeral, answer.via) == (True, "response_url")
    assert "Undo" in answer.buttons
    assert socket.slack.refusals == []


@pytest.mark.usefixtures("hurried")
async def test_a_late_answer_is_sent_again_after_a_fault(socket: Bench) -> None:
    socket.feeds.delay = 0.2
    socket.slack.fail("response_url", status=500)
    socket.slack.fail("response_url", drop="before")
    reply = await asked(socket, socket.admin, f"/feed add {FEED}")
    await reply.message()
    assert "is followed" in (await reply.message(4)).shown
    assert [one.error for one in socket.slack.refusals] == ["http_500", "dropped before"]


@pytest.mark.usefixtures("hurried")
async def test_a_late_answer_finds_another_way_when_its_address_is_used_up(socket: Bench) -> None:
    socket.feeds.delay = 0.2
    socket.slack.fail("response_url", status=404)
    reply = await asked(socket, socket.admin, f"/feed add {FEED}")
    await reply.message()
    answer = await reply.message(4)
    assert "is followed" in answer.shown
    assert answer.via == "chat.postEphemeral"


@pytest.mark.usefixtures("hurried")
async def test_an_answer_that_reaches_nobody_is_logged(
    socket: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    socket.feeds.delay = 0.2
    socket.slack.fail("response_url", drop="before", times=3)
    await asked(socket, socket.admin, f"/feed add {FEED}")

    async def logged() -> bool:
        return "slack.reply_lost" in caplog.text

    await until(logged)


async def test_entities_in_an_address_are_what_was_typed(connected: Bench) -> None:
    await asked(connected, connected.admin, f"/feed add {FEED}?a=1&amp;b=2")
    assert connected.feeds.asked == [f"{FEED}?a=1&b=2"]


async def test_curly_quotes_are_quotes(connected: Bench) -> None:
    await asked(connected, connected.admin, "/watch add “face recognition” AND police")
    assert await topics(connected) == ['"face recognition" AND police']


async def test_a_fault_of_ours_is_told_plainly(
    socket: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.front_desk.FrontDesk.answer_line", broken)
    message = await said(socket, socket.member, "/pledge list")
    assert "Something went wrong on our side." in message.shown
    assert "slack.answer_failed" in caplog.text

    def worse(*_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.chats.slack_commands.Spelling.line", worse)
    assert (await said(socket, socket.member, "/pledge list")).shown.startswith("Something went")
    assert "slack.handler_failed" in caplog.text


async def test_nothing_that_people_type_is_logged(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for mode in MODES:
            async with bench.listening(mode):
                await said(bench, bench.admin, "/watch add elsewhere-street-17")
                view = await form(bench, bench.admin, "/watch add")
                await bench.slack.submit(bench.admin, view, topic="elsewhere-street-18")
    ours = [one.getMessage() for one in caplog.records if one.name.startswith(("bot", "slack"))]
    assert ours
    for secret in ("elsewhere", bench.slack.bot_token, bench.slack.app_token, "ticket"):
        assert [line for line in ours if secret in line] == []


# Who may


@pytest.mark.parametrize("typed", ["/feed add https://a.org", "/watch add police", "/feed add"])
async def test_a_member_is_refused_and_told_whom_to_ask(connected: Bench, typed: str) -> None:
    message = await said(connected, connected.member, typed)
    assert "Only organizers can use" in message.shown
    assert "They are: workspace admins and owners. Ask one of them." in message.shown
    assert connected.feeds.asked == []


async def test_owners_and_people_whom_the_config_names_are_organizers(bench: Bench) -> None:
    owner = bench.slack.add_user("eve", is_owner=True)
    async with bench.listening("socket", organizers=(bench.member.id,)):
        for user in (owner, bench.member):
            assert "Looks for" in (await said(bench, user, "/watch add police")).shown
        looked_up = [one.args["user"] for one in bench.slack.requests if one.method == "users.info"]
        assert looked_up == [owner.id]
        message = await said(bench, bench.slack.add_user("cyd"), "/watch add sheriff")
        assert "admins and owners, and one person named in the bot’s settings" in message.shown


async def test_a_role_is_looked_up_once_in_five_minutes(socket: Bench) -> None:
    await asked(socket, socket.admin, "/watch add one")
    await asked(socket, socket.admin, "/watch add two")
    assert [one.method for one in socket.slack.requests].count("users.info") == 1
    socket.admin.is_admin = False
    socket.clock.ahead += timedelta(minutes=6)
    assert "Only organizers" in (await said(socket, socket.admin, "/watch add three")).shown


async def test_whoever_cannot_be_looked_up_is_no_organizer(
    socket: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    socket.slack.fail("users.info", error="internal_error")
    assert "Only organizers" in (await said(socket, socket.admin, "/watch add one")).shown
    assert "slack.member_unknown" in caplog.text
    assert "Looks for" in (await said(socket, socket.admin, "/watch add one")).shown


@pytest.mark.parametrize(
    ("teams", "is_one"),
    [({"T0ELSEWHERE"}, False), ({"T0ELSEWHERE", "T0WORKSPACE"}, True), (set(), True)],
)
async def test_an_admin_of_another_workspace_is_no_organizer(
    socket: Bench, monkeypatch: pytest.MonkeyPatch, teams: set[str], is_one: bool
) -> None:
    async def member(api: SlackApi, user: str) -> Member:
        del api, user
        return Member(teams=frozenset(teams), is_admin=True)

    monkeypatch.setattr(SlackApi, "member", member)
    message = await said(socket, socket.admin, "/watch add one")
    assert ("Only organizers" not in message.shown) is is_one


async def test_a_button_asks_again_who_may(connected: Bench) -> None:
    message = await said(connected, connected.admin, f"/feed add {FEED}")
    message.to = connected.member.id  # as if it had been shown to someone else
    reply = await connected.slack.click(connected.member, message, "Undo")
    assert "Only organizers can use /feed remove here." in (await reply.message()).shown


async def test_a_form_asks_again_who_may(connected: Bench) -> None:
    view = await form(connected, connected.admin, "/watch add")
    connected.admin.is_admin = False
    connected.clock.ahead += timedelta(minutes=6)
    reply = await connected.slack.submit(connected.admin, view, topic="police")
    assert "Only organizers can use /watch add here." in reply.errors["topic"]
    assert await topics(connected) == []


@pytest.mark.parametrize(
    ("place", "lacks"),
    [
        ({"bot_is_member": False}, "an invitation to it (type /invite @Pledgewatch here)"),
        ({"bot_is_member": False, "private": True}, "type /invite @Pledgewatch here"),
        ({"archived": True}, "a channel that is not archived"),
    ],
)
async def test_a_channel_it_cannot_post_in_is_not_subscribed(
    socket: Bench, place: dict[str, bool], lacks: str
) -> None:
    channel = socket.slack.add_channel("away", **place)
    reply = await socket.slack.command(socket.admin, channel, "/subscribe", "here all")
    message = await reply.message()
    assert "I cannot post in this channel: I lack " in message.shown
    assert lacks in message.shown
    assert message.ephemeral


@pytest.mark.parametrize("error", ["restricted_action", "user_not_in_channel", "internal_error"])
async def test_only_a_refusal_of_the_channel_counts_as_lacking(socket: Bench, error: str) -> None:
    socket.slack.fail("chat.postEphemeral", error=error)
    message = await said(socket, socket.admin, "/subscribe here all")
    refused = "leave to post (ask a workspace admin)" in message.shown
    assert refused is (error == "restricted_action")
    assert refused or "This channel now hears" in message.shown


# Everything else that can come


async def test_what_is_not_ours_is_acknowledged(connected: Bench) -> None:
    shortcuts = [
        {"name": "A", "type": "global", "callback_id": "a", "description": "A"},
        {"name": "B", "type": "message", "callback_id": "b", "description": "B"},
    ]
    manifest = connected.slack.manifest.source
    manifest["features"]["shortcuts"] = shortcuts
    manifest["features"]["slash_commands"].append(
        {**manifest["features"]["slash_commands"][0], "command": "/other"}
    )
    manifest["settings"]["event_subscriptions"]["bot_events"].append("app_home_opened")
    connected.slack.install(manifest)
    message = await said(connected, connected.member, "/other thing")
    assert "There is no command “/other thing”." in message.shown
    await connected.slack.shortcut(connected.member, "a")
    written = connected.slack.write(connected.member, connected.general, "x")
    await connected.slack.shortcut(connected.member, "b", message=written)
    assert (await connected.slack.event({"type": "app_home_opened"})).acked
    view = await form(connected, connected.member, "/pledge show")
    view.source["notify_on_close"] = True
    await connected.slack.dismiss(connected.member, view)


async def test_a_page_offers_its_feeds(connected: Bench) -> None:
    connected.feeds.offers = (FeedLink(url="https://a.org/f?x=" + "y" * 200, title="Main"),)
    message = await said(connected, connected.admin, "/feed test https://a.org")
    reply = await connected.slack.click(connected.admin, message, "Follow Main")
    assert "is followed" in (await reply.message()).shown


async def test_a_direct_message_is_a_channel_by_its_person(connected: Bench) -> None:
    direct = connected.slack.open_dm(connected.admin)
    reply = await connected.slack.command(connected.admin, direct, "/subscribe", "here all")
    await reply.settled()
    message = connected.slack.messages(direct)[0]
    assert "This channel now hears" in message.shown

    def work(tx: Tx) -> list[ChannelRef]:
        space = tx.spaces.find(connected.space)
        return [one.channel.ref for one in tx.subscriptions.of(space)] if space else []

    [ref] = await connected.database.read(work)
    assert ref.external_id == f"user:{connected.admin.id}"
    answer = await (await connected.slack.click(connected.admin, message, "Undo")).message()
    assert "no longer hears" in answer.shown


@pytest.mark.parametrize("mode", MODES)
async def test_a_workspace_that_removes_the_app_is_forgotten(bench: Bench, mode: str) -> None:
    def known(tx: Tx) -> bool:
        return tx.spaces.find(bench.space) is not None

    async with bench.listening(mode):
        await asked(bench, bench.admin, "/watch add police")
        only_a_person = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}
        assert (await bench.slack.event(only_a_person)).acked
        await asyncio.sleep(0.05)
        assert await bench.database.read(known)
        assert all(delivery.acked for delivery in await bench.slack.uninstall())
        await until(lambda: bench.database.read(lambda tx: not known(tx)))
