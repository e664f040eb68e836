from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from bot.chats import slack_answers, slack_api
from bot.chats.slack_forms import Reference, complaint, menu_of, still_missing, submitted
from commands.all import make_registry
from commands.registry import Command, Option, form_for
from domain.cards import Action, Form, Input, Notice, Reply, text
from tests.slack_bench import (
    FEED,
    MODES,
    Bench,
    asked,
    form,
    instead,
    open_bench,
    opened,
    said,
    topics,
)

REGISTRY = make_registry()


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


# Buttons


async def test_buttons_work_after_a_restart(bench: Bench) -> None:
    async with bench.listening("socket"):
        message = await said(bench, bench.admin, "/subscribe here all")
    message = bench.slack.messages(bench.general)[0]
    async with bench.listening("socket"):
        answer = await (await bench.slack.click(bench.admin, message, "Undo")).message()
    assert "This channel no longer hears" in answer.shown
    assert bench.slack.refusals == []


async def test_a_button_copied_to_another_channel_does_nothing(connected: Bench) -> None:
    message = await said(connected, connected.admin, f"/feed add {FEED}")
    message.channel = connected.slack.add_channel("elsewhere")
    reply = await connected.slack.click(connected.admin, message, "Undo")
    assert "does not belong here any more" in (await reply.message()).shown


@pytest.mark.parametrize("value", ["", "junk", "p1|feed list|x|ü"])
async def test_a_button_that_is_not_ours_is_answered(connected: Bench, value: str) -> None:
    message = connected.slack.write(connected.member, connected.general, "x")
    button = {"type": "button", "action_id": "x", "text": {"type": "plain_text", "text": "X"}}
    message.blocks.append({"type": "actions", "elements": [{**button, "value": value}]})
    message.blocks[0]["block_id"] = "b"
    reply = await connected.slack.click(connected.member, message, "X")
    assert "does not belong here any more" in (await reply.message()).shown


async def test_a_link_is_acknowledged_and_nothing_else(connected: Bench) -> None:
    message = connected.slack.write(connected.member, connected.general, "x")
    button = {"type": "button", "action_id": "x", "text": {"type": "plain_text", "text": "X"}}
    elements = [{**button, "url": "https://a.org/"}]
    message.blocks.append({"type": "actions", "block_id": "b", "elements": elements})
    reply = await connected.slack.click(connected.member, message, "X")
    assert (await reply.settled(0.1)).messages == []


async def test_a_button_can_open_a_form(connected: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    add = Action(label="Add a feed", command="feed add")
    offer = Reply(card=Notice(text=text("Go on."), actions=(add,)))
    instead(monkeypatch, connected, "pledgewatch status", offer)
    message = await said(connected, connected.admin, "/pledgewatch status")
    view = await (await connected.slack.click(connected.admin, message, "Add a feed")).modal()
    assert view.title == "/feed add"
    reply = await connected.slack.submit(connected.admin, view, url=FEED)
    assert "is followed" in (await reply.modal()).shown


async def test_a_public_answer_to_a_button_is_told_in_the_channel(connected: Bench) -> None:
    message = await said(connected, connected.admin, f"/feed add {FEED}")
    reply = await connected.slack.click(connected.admin, message, "All, here")
    await reply.settled()
    [told] = connected.slack.messages(connected.general)
    assert "This channel now hears" in told.shown


# Forms


async def test_a_form_opens_where_something_is_missing_and_is_sent(connected: Bench) -> None:
    view = await form(connected, connected.admin, "/watch add")
    assert (view.title, view.callback_id) == ("/watch add", "form")
    assert "Look for a topic" in view.shown
    reply = await connected.slack.submit(connected.admin, view, topic="police AND cameras")
    assert reply.action == "update"
    shown = await reply.modal()
    assert "Topic watched" in shown.shown
    assert await topics(connected) == ["police AND cameras"]


async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(connected: Bench) -> None:
    view = await form(connected, connected.member, "/pledge show")
    sent = {"company": "Microsoft", "on": "soon"}
    reply = await connected.slack.submit(connected.member, view, **sent)
    assert reply.errors == {"on": "“soon” is no date for “on”. Write it as 2021-03-01."}
    assert not view.closed
    reply = await connected.slack.submit(connected.member, view, on="2021-03-01")
    assert "Microsoft · No face recognition" in (await reply.modal()).shown
    connected.feeds.fault = "The feed answered 404."
    view = await form(connected, connected.admin, "/feed add")
    reply = await connected.slack.submit(connected.admin, view, url=FEED)
    assert reply.errors == {"url": "The feed answered 404."}


async def test_blanks_are_not_an_answer(connected: Bench) -> None:
    view = await form(connected, connected.admin, "/watch add")
    reply = await connected.slack.submit(connected.admin, view, topic="  ")
    assert reply.errors == {"topic": "This is needed."}


async def test_names_are_offered_as_they_are_typed(connected: Bench) -> None:
    view = await form(connected, connected.member, "/pledge show")
    offered = await connected.slack.options(connected.member, view, "company", "micro")
    assert [one["text"]["text"] for one in offered] == ["Microsoft"]
    offered = await connected.slack.options(connected.member, view, "company", "Micorsoft")
    assert [one["value"] for one in offered] == ["Micorsoft"], "what was typed may be a name too"
    reply = await connected.slack.submit(connected.member, view, company="Micorsoft")
    assert "Did you mean Microsoft?" in reply.errors["company"]
    offered = await connected.slack.options(connected.member, view, "company", "")
    assert 5 < len(offered) <= 100
    reply = await connected.slack.submit(connected.member, view, company="Amazon")
    assert "Amazon" in (await reply.modal()).shown


async def test_a_company_nobody_knows_can_be_tracked_by_form(connected: Bench) -> None:
    view = await form(connected, connected.admin, "/company track")
    reply = await connected.slack.submit(connected.admin, view, name="Palantir")
    assert "Palantir is watched" in (await reply.modal()).shown


async def test_what_a_form_answers_can_be_acted_on_in_it(connected: Bench) -> None:
    view = await form(connected, connected.admin, "/watch add")
    view = await (await connected.slack.submit(connected.admin, view, topic="police")).modal()
    reply = await connected.slack.click(connected.admin, view, "Undo")
    assert "*police* is watched no more." in (await reply.modal()).shown
    view = await form(connected, connected.admin, "/watch add")
    view = await (await connected.slack.submit(connected.admin, view, topic="police")).modal()
    reply = await connected.slack.click(connected.admin, view, "Hear of it here")
    await reply.settled()
    assert "This channel now hears *police*" in view.shown
    [told] = connected.slack.messages(connected.general)
    assert "This channel now hears *police*" in told.shown


async def test_a_form_from_elsewhere_is_not_taken(connected: Bench) -> None:
    other = connected.slack.add_channel("other")
    view = await form(connected, connected.admin, "/watch add")
    there = await (await connected.slack.command(connected.admin, other, "/watch", "add")).modal()
    token = there.source["private_metadata"].split('"')[1]
    here = view.source["private_metadata"].split('"')[1]
    view.source["private_metadata"] = view.source["private_metadata"].replace(here, token)
    reply = await connected.slack.submit(connected.admin, view, topic="police")
    assert "does not belong here any more" in reply.errors["topic"]
    view.source["private_metadata"] = ""
    reply = await connected.slack.submit(connected.admin, view, topic="police")
    assert "does not belong here any more" in reply.errors["topic"]
    assert await connected.slack.options(connected.admin, view, "topic", "x") == []
    assert await topics(connected) == []


@pytest.mark.usefixtures("hurried")
async def test_a_form_that_takes_long_says_so_and_then_shows_the_reply(socket: Bench) -> None:
    view = await form(socket, socket.admin, "/feed add")
    socket.feeds.delay = 0.2
    reply = await socket.slack.submit(socket.admin, view, url=FEED)
    assert "Working on it …" in view.shown
    await socket.slack.until(lambda: "is followed" in view.shown)
    assert reply.action == "update"


@pytest.mark.usefixtures("hurried")
async def test_a_form_refused_late_comes_back_as_it_was_sent(socket: Bench) -> None:
    view = await form(socket, socket.admin, "/feed add")
    socket.feeds.delay, socket.feeds.fault = 0.2, "The feed answered 404."
    await socket.slack.submit(socket.admin, view, url=FEED)
    await socket.slack.until(lambda: "The feed answered 404." in view.shown)
    socket.feeds.delay, socket.feeds.fault = 0, ""
    reply = await socket.slack.submit(socket.admin, view)
    assert "is followed" in (await reply.modal()).shown
    assert set(socket.feeds.asked) == {FEED}


@pytest.mark.usefixtures("hurried")
async def test_a_reply_finds_whoever_closed_the_form_meanwhile(socket: Bench) -> None:
    view = await form(socket, socket.admin, "/feed add")
    socket.feeds.delay = 0.2
    reply = await socket.slack.submit(socket.admin, view, url=FEED)
    await socket.slack.dismiss(socket.admin, view)
    await socket.slack.until(lambda: len(socket.slack.ephemerals(socket.admin)) > 0)
    assert "is followed" in socket.slack.ephemerals(socket.admin)[0].shown
    assert reply.action == "update"


@pytest.mark.parametrize("error", ["expired_trigger_id", "internal_error"])
async def test_a_form_that_cannot_open_says_what_to_type(socket: Bench, error: str) -> None:
    socket.slack.fail("views.open", error=error)
    message = await said(socket, socket.admin, "/watch add")
    assert "Look for a topic: this needs more" in message.shown
    assert "Type it like this: `/watch add" in message.shown


@pytest.mark.usefixtures("hurried")
async def test_a_form_that_comes_late_is_still_tried(socket: Bench) -> None:
    socket.slack.fail("users.info", delay=0.3)
    reply = await asked(socket, socket.admin, "/watch add")
    assert (await reply.message()).shown == "Working on it …"
    assert (await reply.modal()).title == "/watch add"


async def test_a_form_may_lead_to_another(
    connected: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = (Input(name="topic", label="Topic", value="police"),)
    other = Form(title="Rather this", command="watch add", fields=fields)
    instead(monkeypatch, connected, "pledgewatch status", Reply(card=other))
    view = await form(connected, connected.admin, "/pledgewatch status")
    reply = await connected.slack.submit(connected.admin, view)
    assert "Topic watched" in (await reply.modal()).shown


async def test_a_public_reply_to_a_form_is_told_in_the_channel_too(
    connected: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Reply(card=Notice(text=text("Heard.")), private=False)
    instead(monkeypatch, connected, "watch add", heard)
    view = await form(connected, connected.admin, "/watch add")
    reply = await connected.slack.submit(connected.admin, view, topic="police")
    assert "Heard." in (await reply.modal()).shown
    [told] = await connected.slack.posted(connected.general)
    assert told.shown == "Heard."


# What a form is made of


def elements(view: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (block["element"] for block in view["blocks"] if block["type"] == "input")


def test_every_command_with_options_has_a_form() -> None:
    for command in REGISTRY.commands:
        if command.options:
            form = form_for(command, {}, fault="")
            view = opened(form, command)
            names = [element["action_id"] for element in elements(view)]
            assert names == [field.name for field in form.fields]
            assert command.asked or names == [option.name for option in command.options]


@pytest.mark.parametrize(
    ("path", "option", "kind"),
    [
        ("pledge show", "company", "external_select"),
        ("feed remove", "feed", "external_select"),
        ("watch remove", "watch", "external_select"),
        ("company track", "name", "plain_text_input"),
        ("watch add", "topic", "plain_text_input"),
        ("pledge compare", "companies", "plain_text_input"),
        ("company alias", "remove", "static_select"),
    ],
)
def test_fields_are_menus_where_a_list_says_it_all(path: str, option: str, kind: str) -> None:
    command = REGISTRY.find(path)
    assert command is not None
    view = opened(form_for(command, {}, fault=""), command)
    [element] = [one for one in elements(view) if one["action_id"] == option]
    assert element["type"] == kind


def test_what_was_given_and_what_is_wrong_stand_in_the_form() -> None:
    command = REGISTRY.find("company alias")
    assert command is not None
    given = {"company": "IBM", "alias": "Watson", "remove": "yes"}
    view = opened(form_for(command, given, fault="Not <so>."), command)
    assert view["blocks"][0]["text"]["text"] == "Not &lt;so&gt;."
    company, alias, remove, in_context = elements(view)
    assert company["initial_option"]["value"] == "IBM"
    assert alias["initial_value"] == "Watson"
    assert remove["initial_option"]["value"] == "yes"
    assert "initial_option" not in in_context
    assert view["title"]["text"] == "/company alias"


def test_choices_too_many_for_a_menu_are_typed() -> None:
    many = tuple(str(number) for number in range(101))
    command = Command(
        noun="a", verb="b", summary="C", handler=None, options=(Option(name="d", summary="E", choices=many),)  # type: ignore[arg-type]
    )  # fmt: skip
    [element] = elements(opened(form_for(command, {}, fault=""), command))
    assert element["type"] == "plain_text_input"


def test_a_menu_offers_what_was_typed_where_no_name_fits() -> None:
    values = [option["value"] for option in menu_of(["IBM", "Amazon"], "a")]
    assert values == ["IBM", "Amazon"]
    assert [option["value"] for option in menu_of([], " Clearview ")] == ["Clearview"]
    assert menu_of([], " ") == []
    assert menu_of([], "x" * 151) == []
    assert len(menu_of([str(number) for number in range(300)], "")) == 100


def test_what_was_sent_is_read_from_every_kind_of_field() -> None:
    state = {
        "name": {"name": {"type": "plain_text_input", "value": "IBM"}},
        "who": {"who": {"type": "external_select", "selected_option": {"value": "Amazon"}}},
        "empty": {"empty": {"type": "static_select", "selected_option": None}},
        "blank": {"blank": {"type": "plain_text_input", "value": None}},
    }
    assert submitted({"state": {"values": state}}) == {"name": "IBM", "who": "Amazon"}
    assert submitted({}) == {}


def test_a_refusal_goes_to_the_field_it_is_about() -> None:
    names, sent = ["company", "on"], {"company": "Nokia", "on": "soon"}

    def blamed(words: str) -> dict[str, str]:
        return complaint(Notice(text=text(words), hint=text("Hint.")), names, sent)

    assert blamed("“soon” is no date for “on”.") == {"on": "“soon” is no date for “on”. Hint."}
    assert [*blamed("No company named “Nokia”.")] == ["company"]
    assert [*blamed("“soon” is odd.")] == ["on"]
    assert [*blamed("Only organizers can.")] == ["company"]
    form = Form(title="T", command="c", fields=(Input(name="on", label="On"),))
    assert still_missing(form, names) == {"on": "This is needed."}


@pytest.mark.parametrize("kept", ["", "x", "[]", "[1,2,3]", '["a","b"]', '["ü","b","c"]', "{}"])
def test_a_modal_that_is_not_ours_refers_to_nothing(kept: str) -> None:
    assert Reference.read({"private_metadata": kept}) is None
