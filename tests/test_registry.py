import inspect
import re
from collections.abc import Callable

import pytest

from bot.front_desk import FrontDesk
from commands.all import NOUNS, make_registry
from commands.registry import Command, Completes, Reads, Registry, form_for
from domain.cards import Action, Form, Notice, Page, Tone, plain
from domain.errors import FeedError
from tests.fakes import FakeFeeds, Person

COMMANDS = make_registry().commands
PATHS = [command.path for command in COMMANDS]
EVERY = pytest.mark.parametrize("command", COMMANDS, ids=PATHS)
FOR_ORGANIZERS = pytest.mark.parametrize(
    "command", [one for one in COMMANDS if one.organizers], ids=lambda one: one.path
)


class TestDeclarations:
    def test_the_commands_that_others_rely_on_are_there(self) -> None:
        usages = {command.path: [option.name for option in command.options] for command in COMMANDS}
        expected = {
            "pledge show": ["company", "covers", "on"],
            "pledge compare": ["companies"],
            "pledge list": ["status", "covers", "ends", "page"],
            "pledge history": ["company", "on", "page"],
            "pledge review": ["proposal", "verdict", "reason", "alone", "state", "page"],
            "bill show": ["number", "jurisdiction"],
            "company track": ["name", "aliases", "context"],
            "watch add": ["topic", "instead_of"],
            "subscribe here": ["what", "cadence", "zone"],
            "feed add": ["url"],
            "feed test": ["url"],
            "pledgewatch why": ["alert"],
        }
        assert {path: usages.get(path) for path in expected} == expected

    def test_paths_are_unique_and_their_nouns_explained(self) -> None:
        assert len(set(PATHS)) == len(PATHS)
        assert {command.noun for command in COMMANDS} == set(NOUNS)

    @EVERY
    def test_the_handler_takes_just_the_options(self, command: Command) -> None:
        desk, *rest = inspect.signature(command.handler).parameters.values()
        assert desk.name == "desk"
        named = [one.name for one in rest if one.kind is inspect.Parameter.KEYWORD_ONLY]
        options = [option.name for option in command.options]
        if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in rest):  # takes many texts
            options = [name for name in options if name in named]
        else:
            assert len(named) == len(rest)
        assert named == options
        assert inspect.iscoroutinefunction(command.handler)

    @EVERY
    def test_what_an_option_is_read_as_fits_the_handler(self, command: Command) -> None:
        shapes = {Reads.TEXT: "str", Reads.DATE: "date | None", Reads.NUMBER: "int | None"}
        parameters = inspect.signature(command.handler).parameters
        for option in command.options:
            parameter = parameters.get(option.name) or parameters["typed"]
            assert (
                str(parameter.annotation)
                .replace("<class 'str'>", "str")
                .replace("datetime.date", "date")
                == shapes[option.reads]
            )

    @EVERY
    def test_names_and_summaries_fit_discord_and_slack(self, command: Command) -> None:
        names = [command.noun, command.verb, *(option.name for option in command.options)]
        assert all(re.fullmatch(r"[a-z][a-z_]{0,31}", name) for name in names)
        summaries = [command.summary, *(option.summary for option in command.options)]
        assert all(0 < len(summary) <= 100 for summary in summaries)
        assert all(not summary.endswith(".") for summary in summaries)
        assert len(command.options) <= 25
        for option in command.options:
            assert len(option.choices) <= 25
            assert all(0 < len(choice) <= 100 for choice in option.choices)
            assert len(option.example) <= 100

    @EVERY
    def test_needed_options_come_first_and_have_an_example(self, command: Command) -> None:
        needed = [option.required for option in command.options]
        assert needed == sorted(needed, reverse=True)
        assert all(option.example for option in command.options if option.required)

    @EVERY
    def test_choices_are_not_completed_besides(self, command: Command) -> None:
        for option in command.options:
            assert not (option.choices and option.completes is not Completes.NOTHING)

    def test_a_noun_has_few_enough_commands_for_a_discord_group(self) -> None:
        assert all(len(make_registry().of(noun)) <= 25 for noun in NOUNS)
        assert all(len(summary) <= 100 for summary in NOUNS.values())

    def test_a_whole_noun_fits_into_discords_eight_thousand_characters(self) -> None:
        for noun in NOUNS:
            size = len(noun) + len(NOUNS[noun])
            for command in make_registry().of(noun):
                size += len(command.verb) + len(command.summary)
                for option in command.options:
                    size += (
                        len(option.name) + len(option.summary) + 2 * sum(map(len, option.choices))
                    )
            assert size < 4000

    @EVERY
    def test_usage_shows_how_to_type_it(self, command: Command) -> None:
        assert command.usage.startswith(f"/{command.path}")
        for place, option in enumerate(command.options):
            shown = f"{option.name}:…" if place else option.name
            assert (f" {shown}" if option.required else f" [{shown}]") in command.usage


class TestAuthority:
    @FOR_ORGANIZERS
    async def test_members_are_refused_on_every_path(
        self, command: Command, member: Person
    ) -> None:
        typed = await member.ask(f"/{command.path} x")
        behind = await member.ask(f"/pledgewatch {command.path} x")
        pressed = await member.press(Action(label="", command=command.path))
        form = await member.front_desk.answer(command.path, {}, member.request)
        for card in (typed, behind, pressed, form.card):
            assert isinstance(card, Notice)
            assert card.tone is Tone.WRONG
            assert plain(card.text) == f"Only organizers can use /{command.path} here."
            assert plain(card.hint) == "They are: people with Manage Server. Ask one of them."

    @FOR_ORGANIZERS
    async def test_organizers_are_not_refused(self, command: Command, organizer: Person) -> None:
        card = await organizer.ask(f"/{command.path}")
        assert "Only organizers" not in (plain(card.text) if isinstance(card, Notice) else "")

    async def test_the_platform_is_asked_only_where_it_matters(self, member: Person) -> None:
        await member.ask("/pledge list")
        assert member.asked == 0
        await member.ask("/feed add https://news.example/feed")
        assert member.asked == 1

    def test_what_changes_something_is_for_organizers(self) -> None:
        changing = {"add", "remove", "track", "untrack", "alias", "here", "position", "wording"}
        changing |= {"create", "close"}
        assert {one.path for one in COMMANDS if one.organizers} - {"feed test"} == {
            one.path for one in COMMANDS if one.verb in changing
        }


class TestReading:
    @EVERY
    async def test_what_is_needed_and_missing_is_asked_for_in_a_form(
        self, command: Command, organizer: Person
    ) -> None:
        needed = [option.name for option in command.options if option.required]
        card = await organizer.ask(f"/{command.path}")
        if command.asked and isinstance(card, Form):
            assert card == form_for(command, {}, fault="")
            return
        if not needed:
            assert not isinstance(card, Form)
            return
        assert isinstance(card, Form)
        assert card.command == command.path
        assert [field.name for field in card.fields] == [option.name for option in command.options]
        assert [field.name for field in card.fields if field.required] == needed

    async def test_a_form_keeps_what_was_given(self, organizer: Person) -> None:
        card = await organizer.ask("/company track aliases:Bar")
        assert isinstance(card, Form)
        assert {field.name: field.value for field in card.fields} == {
            "name": "",
            "aliases": "Bar",
            "context": "",
        }

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("/pledge show amazon on:soon", "“soon” is no date for “on”."),
            ("/pledge show amazon on:2021-02-30", "“2021-02-30” is no date for “on”."),
            ("/pledge list broke", "“broke” is no value for “status”."),
            ("/feed list two", "“two” is no number for “page”."),
            ("/feed list -1", "“-1” is no number for “page”."),
            ("/feed list ١", "“١” is no number for “page”."),
            ("/pledgewatch why 9999999999999999999999", "“9999999999999999999999” is no number for “alert”."),
            ("/pledgewatch status now", "/pledgewatch status stands alone: nothing comes after it."),
            ("/subscribe here all cadence:hourly", "“hourly” is no value for “cadence”."),
            ("/pledge show " + "x" * 2001, "“company” is longer than 2000 characters."),
        ],
    )  # fmt: skip
    async def test_what_cannot_be_read_is_refused_plainly(
        self, line: str, message: str, organizer: Person
    ) -> None:
        card = await organizer.ask(line)
        assert isinstance(card, Notice)
        assert card.tone is Tone.WRONG
        assert plain(card.text) == message

    async def test_choices_and_numbers_are_read_as_people_write_them(
        self, organizer: Person
    ) -> None:
        assert isinstance(await organizer.ask("/pledge list No Pledge"), Page)
        assert isinstance(await organizer.ask("/feed list #1"), Notice)

    async def test_half_a_character_reaches_nothing(self, organizer: Person) -> None:
        desk, request = organizer.front_desk, organizer.request
        reply = await desk.answer("company track", {"name": "Foo\ud83d"}, request)
        assert isinstance(reply.card, Page)
        assert reply.card.title == "Foo is watched"

    async def test_an_option_that_is_not_there_is_named(self, organizer: Person) -> None:
        desk, request = organizer.front_desk, organizer.request
        reply = await desk.answer("pledge show", {"company": "ibm", "colour": "red"}, request)
        assert isinstance(reply.card, Notice)
        assert plain(reply.card.text) == "/pledge show has no option “colour”."
        assert plain(reply.card.hint) == (
            "Type it like this: /pledge show company [covers:…] [on:…]"
        )

    async def test_a_command_that_is_not_there_any_more_is_refused(self, organizer: Person) -> None:
        card = await organizer.press(Action(label="Old", command="feed subscribe"))
        assert isinstance(card, Notice)
        assert plain(card.text) == "There is no command “/feed subscribe”."


class TestHelp:
    @EVERY
    async def test_each_command_has_its_own(self, command: Command, member: Person) -> None:
        card = await member.ask(f"/pledgewatch help {command.path}")
        assert isinstance(card, Page)
        assert card.title == f"/{command.path}"
        told = str(card)
        assert command.usage in told
        assert all(option.summary in told for option in command.options)
        assert ("For organizers" in told) is command.organizers

    @pytest.mark.parametrize("noun", NOUNS)
    async def test_each_noun_lists_its_commands(
        self, noun: str, member: Person, registry: Registry
    ) -> None:
        card = await member.ask(f"/help {noun}")
        assert isinstance(card, Page)
        told = str(card)
        assert all(command.usage in told for command in registry.of(noun))

    async def test_the_overview_names_every_command(self, member: Person) -> None:
        card = await member.ask("/help")
        assert isinstance(card, Page)
        told = str(card)
        for command in COMMANDS:
            assert f"/{command.noun}" in told
            assert command.verb in told

    async def test_help_with_something_unknown_says_so(self, member: Person) -> None:
        card = await member.ask("/help xyzzy")
        assert isinstance(card, Notice)
        assert plain(card.text) == "There is no command “/xyzzy”."


class TestFaults:
    async def test_a_fault_of_a_feed_becomes_a_sentence(
        self, organizer: Person, feeds: FakeFeeds
    ) -> None:
        feeds.pages["https://news.example/feed"] = FeedError("It answered 503.")
        card = await organizer.ask("/feed test https://news.example/feed")
        assert isinstance(card, Notice)
        assert (plain(card.text), card.tone) == ("It answered 503.", Tone.WRONG)

    async def test_a_bug_becomes_a_plain_reply_with_a_reference_that_is_logged(
        self,
        person: Callable[..., Person],
        front_desk: FrontDesk,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        async def broken(desk: object) -> None:
            raise ZeroDivisionError("secret detail")

        front_desk.registry.add(
            Command(noun="pledge", verb="break", summary="x", handler=broken)  # type: ignore[arg-type]
        )
        card = await person().ask("/pledge break")
        assert isinstance(card, Notice)
        assert plain(card.text) == "Something went wrong on our side."
        found = re.search(r"logged under ([0-9a-f]{6});", plain(card.hint))
        assert found
        assert f"command=pledge break reference={found[1]}" in caplog.text
        assert "secret detail" not in str(card)
