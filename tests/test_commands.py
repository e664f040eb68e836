from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from commands.grammar import parse
from commands.registry import Completes, Registry
from domain.cards import (
    Action,
    Bullets,
    Card,
    Fact,
    Notice,
    Page,
    Paragraph,
    PledgeCard,
    Row,
    Span,
    Table,
    Text,
    Tone,
    plain,
)
from domain.entries import Entry
from domain.errors import FeedError
from domain.model import (
    DeliveryKind,
    Field,
    Found,
    Match,
    Platform,
    SourceState,
    SpaceRef,
    ToldEntry,
)
from storage.audit import Change
from storage.db import Database, Tx
from tests.conftest import STARTER
from tests.fakes import FakeClock, FakeFeeds, Person

NEWS = "https://news.example/feed"
People = Callable[..., Person]


def texts(thing: object) -> Iterator[str]:
    """Every word of a card, in reading order."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, Span):
        yield thing.text
    elif isinstance(thing, tuple):
        yield from (part for one in thing for part in texts(one))
    elif is_dataclass(thing):
        yield from (part for one in fields(thing) for part in texts(getattr(thing, one.name)))


def words(card: Card) -> str:
    """All that a card says."""
    return " ".join(texts(card))


def line(text: Text) -> str:
    return plain(text)


def facts(found: tuple[Fact, ...]) -> dict[str, str]:
    return {one.label: plain(one.value) for one in found}


def bullets(card: Card) -> list[str]:
    assert isinstance(card, Page)
    return [plain(item) for one in card.blocks if isinstance(one, Bullets) for item in one.items]


def paragraphs(card: Card) -> list[str]:
    assert isinstance(card, Page)
    return [plain(one.text) for one in card.blocks if isinstance(one, Paragraph)]


def actions(card: Card) -> dict[str, Action]:
    return {one.label: one for one in getattr(card, "actions", ())}


def refused(card: Card) -> tuple[str, str]:
    """What a refusal says and what it advises."""
    assert isinstance(card, Notice), card
    assert card.tone is Tone.WRONG, card
    return plain(card.text), plain(card.hint)


def done(card: Card) -> str:
    assert isinstance(card, Notice), card
    assert card.tone is Tone.DONE, card
    return plain(card.text)


class World:
    """What the database holds of a community, to compare before and after."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def state(self, space: str = "1") -> dict[str, Any]:
        def work(tx: Tx) -> dict[str, Any]:
            found = tx.spaces.find(SpaceRef(platform=Platform.DISCORD, external_id=space))
            if found is None:
                return {"watches": set(), "heard": set(), "feeds": set()}
            watches = tx.watches.of(found)
            return {
                "watches": {
                    (
                        one.kind,
                        one.key,
                        one.label,
                        one.shipped,
                        one.rule.query,
                        frozenset(one.rule.names),
                        frozenset(one.rule.ambiguous),
                        frozenset(one.rule.context),
                    )
                    for one in watches
                },
                "heard": {
                    (one.channel.ref.external_id, one.label, one.cadence)
                    for one in tx.subscriptions.of(found)
                },
                "feeds": {one.source.url for one in tx.sources.followed(found)},
            }

        return await self._database.read(work)

    async def changes(self, space: str = "1") -> list[Change]:
        def work(tx: Tx) -> list[Change]:
            found = tx.spaces.find(SpaceRef(platform=Platform.DISCORD, external_id=space))
            return tx.audit.of(found, 100) if found else []

        return await self._database.read(work)


@pytest.fixture
def world(shipped: Database) -> World:
    return World(shipped)


# What people do, and what undoes it: one line to set the scene, one to change it.
UNDONE = [
    ([], "/company track Palantir aliases:Foundry context:police, ICE"),
    ([], "/company track Palantir"),
    (["/company track Palantir aliases:Foundry"], "/company track Palantir aliases:Gotham"),
    (["/company track Palantir aliases:Foundry context:ICE"], "/company track Palantir"),
    ([], "/company track Microsoft aliases:MSFT"),
    ([], "/company track Microsoft context:faces"),
    (["/company track Microsoft aliases:MSFT"], "/company track Microsoft"),
    (["/company track Microsoft context:faces"], "/company track Microsoft aliases:MSFT"),
    (["/subscribe here Microsoft cadence:daily"], "/company untrack Microsoft"),
    (["/company track Palantir aliases:Foundry", "/subscribe here Palantir"], "/company untrack Palantir"),
    ([], "/company alias company:Microsoft alias:MSFT"),
    ([], "/company alias company:Microsoft alias:MSFT in_context:yes"),
    ([], "/company alias company:Microsoft alias:Azure remove:yes"),
    ([], '/company alias company:Microsoft alias:"Azure Face" remove:yes'),
    ([], "/company alias company:Idemia alias:Idemia remove:yes"),
    ([], "/watch add face recognition"),
    (["/watch add face recognition", "/subscribe here face recognition"], "/watch remove face recognition"),
    (["/watch add a b", '/watch add "a b"', "/subscribe here a b"], "/watch remove a b"),
    (["/subscribe here Microsoft"], "/watch remove Microsoft"),
    (["/subscribe here CA AB 2261 cadence:weekly"], "/watch remove AB 2261"),
    ([], "/subscribe here all"),
    ([], "/subscribe here Microsoft cadence:daily"),
    (["/subscribe here all"], "/subscribe here all cadence:weekly"),
    (["/subscribe here Microsoft cadence:daily"], "/subscribe here Microsoft"),
    (["/subscribe here all cadence:daily"], "/subscribe remove"),
    (["/subscribe here all", "/subscribe here IBM cadence:weekly"], "/subscribe remove IBM"),
    ([], f"/feed add {NEWS}"),
    ([f"/feed add {NEWS}"], "/feed remove News"),
]  # fmt: skip


class TestUndo:
    @pytest.mark.parametrize(("before", "change"), UNDONE, ids=[change for _, change in UNDONE])
    async def test_the_button_brings_everything_back(
        self, before: list[str], change: str, organizer: Person, feeds: FakeFeeds, world: World
    ) -> None:
        feeds.put(NEWS, "News")
        await organizer.ask("/watch list")  # the community is known
        for scene in before:
            await organizer.ask(scene)
        state = await world.state()
        card = await organizer.ask(change)
        assert await world.state() != state
        undo = actions(card)["Undo"]
        await organizer.press(undo)
        assert await world.state() == state

    @pytest.mark.parametrize(
        ("before", "again"),
        [
            ("/company track Palantir", "/company track Palantir"),
            ("/company alias company:Microsoft alias:MSFT", "/company alias company:Microsoft alias:msft"),
            ("/watch add face recognition", "/watch add face recognition"),
            ("/subscribe here all cadence:daily", "/subscribe here all cadence:daily"),
            (f"/feed add {NEWS}", f"/feed add {NEWS}/"),
        ],
    )  # fmt: skip
    async def test_what_changed_nothing_offers_nothing_to_undo(
        self, before: str, again: str, organizer: Person, feeds: FakeFeeds, world: World
    ) -> None:
        feeds.put(NEWS, "News")
        await organizer.ask(before)
        state = await world.state()
        card = await organizer.ask(again.removesuffix("/"))
        assert "already" in words(card)
        assert "Undo" not in actions(card)
        assert await world.state() == state

    async def test_after_a_day_a_watch_comes_back_without_its_subscriptions(
        self, organizer: Person, clock: FakeClock, world: World
    ) -> None:
        await organizer.ask("/subscribe here Microsoft")
        card = await organizer.ask("/company untrack Microsoft")
        clock.advance(timedelta(days=1, seconds=1))
        await organizer.press(actions(card)["Undo"])
        state = await world.state()
        assert any(watch[2] == "Microsoft" for watch in state["watches"])
        assert state["heard"] == set()


class TestEveryReply:
    LINES = (
        "/pledge show amazon", "/pledge show nec", "/pledge show micorsoft", "/pledge list", "/pledge compare",
        "/pledge show microsoft covers:ICE", "/pledge list status:broken", "/pledge list covers:police",
        "/pledge history amazon", "/pledge evidence amazon", "/pledge evidence nec", "/pledge propose", "/pledge propose ibm",
        "/pledge propose ibm what:event", "/pledge review", "/pledge review 1", "/company list", "/company show ibm",
        "/company show Foo", "/company track Foo", "/company track Microsoft aliases:MSFT", "/company untrack Foo",
        "/company untrack Fooo", "/watch list", "/watch add face recognition", "/watch test Microsoft",
        "/watch test Police buy Rekognition", "/watch remove nothing", "/subscribe here all",
        "/subscribe here sharks", "/subscribe list", "/subscribe remove IBM", "/feed list", f"/feed add {NEWS}",
        f"/feed test {NEWS}", "/feed add https://page.example", "/feed remove other", "/feed list",
        "/pledgewatch status", "/pledgewatch why", "/help", "/help feed", "/help feed add", "/pledge amazon",
    )  # fmt: skip

    async def test_each_button_says_to_type_just_what_it_does_and_fits(
        self, organizer: Person, feeds: FakeFeeds, registry: Registry
    ) -> None:
        feeds.put(NEWS, "News", "Microsoft sells facial recognition to police")
        feeds.put("https://page.example", "Page", offers=[f"{NEWS}/1", f"{NEWS}/2"])
        for typed in self.LINES:
            card = await organizer.ask(typed)
            assert words(card).strip()
            labels = [action.label for action in getattr(card, "actions", ())]
            assert len(labels) == len(set(labels)) <= 25
            for action in getattr(card, "actions", ()):
                assert 0 < len(action.label) <= 75
                command, options = parse(action.typed, registry)
                given = {name: value for name, value in action.arguments if value}
                assert (command.path, {k: v for k, v in options.items() if v}) == (
                    action.command,
                    given,
                )

    async def test_changes_of_subscriptions_are_seen_by_all_and_the_rest_by_the_asker(
        self, organizer: Person
    ) -> None:
        assert not (await organizer.reply("/subscribe here all")).private
        assert (await organizer.reply("/pledge show amazon")).private


class TestPledgeShow:
    async def test_amazon_stands_as_the_record_says(self, member: Person, clock: FakeClock) -> None:
        clock.set(datetime(2021, 6, 1, tzinfo=UTC))
        card = await member.ask("/pledge show amazon")
        assert isinstance(card, PledgeCard)
        assert "one year, from 10 June 2020" in plain(card.promise)
        assert card.badge == "EXTENDED · since 18 May 2021"
        coverage = facts(card.coverage)
        assert "local and state police" in coverage["Covered"]
        assert "federal law enforcement" in coverage["Unstated"]
        assert facts(card.facts)["Ends"] == "no date"
        assert list(facts(card.history)) == ["2020-06-10", "2021-05-18"]
        assert "“until further notice”" in facts(card.history)["2021-05-18"]
        assert len(card.sources) >= 3
        assert any(span.url.startswith("https://") for one in card.sources for span in one)

    async def test_a_day_shows_what_was_known_then(self, member: Person) -> None:
        card = await member.ask("/pledge show amazon on:2020-07-01")
        assert isinstance(card, PledgeCard)
        assert card.badge == "ACTIVE · since 10 June 2020"
        assert facts(card.facts)["Ends"] == "10 June 2021"
        assert list(facts(card.history)) == ["2020-06-10"]
        assert card.as_of == "As of 1 July 2020"

    async def test_a_day_before_the_pledge_says_so_and_offers_today(self, member: Person) -> None:
        card = await member.ask("/pledge show amazon on:2020-06-09")
        assert isinstance(card, Notice)
        assert line(card.text) == (
            "Amazon had made no pledge by 9 June 2020. The one in the record is of 10 June 2020."
        )
        assert isinstance(await member.press(card.actions[0]), PledgeCard)

    @pytest.mark.parametrize("asked", ["amazon", "AMAZON", "Amazon Web Services", "AWS", "Ring"])
    async def test_any_of_its_names_finds_a_company(self, asked: str, member: Person) -> None:
        card = await member.ask(f"/pledge show {asked}")
        assert isinstance(card, PledgeCard)
        assert card.company == "Amazon"

    async def test_a_company_without_a_pledge_is_shown_as_such(self, member: Person) -> None:
        card = await member.ask("/pledge show NEC")
        assert isinstance(card, Page)
        assert card.title == "NEC · no pledge"
        assert "had not joined" in words(card)
        assert bullets(card)

    async def test_a_near_name_is_offered_and_leads_there(self, member: Person) -> None:
        card = await member.ask("/pledge show micorsoft")
        assert refused(card) == (
            "No company named “micorsoft” is in the record.",
            "Did you mean Microsoft?",
        )
        shown = await member.press(actions(card)["Microsoft"])
        assert isinstance(shown, PledgeCard)
        assert shown.company == "Microsoft"

    async def test_an_unknown_name_leads_to_the_list(self, member: Person) -> None:
        card = await member.ask("/pledge show Zzyzx Qwerty")
        assert refused(card)[1] == "/pledge list shows all there are."

    @pytest.mark.parametrize(
        ("line_", "answer"),
        [
            ("/pledge show microsoft covers:ICE", "Unstated."),
            ("/pledge show microsoft covers:police", "Yes."),
            ("/pledge show microsoft covers:the FBI", "Unstated."),
            ("/pledge show microsoft covers:police abroad", "No."),
            ("/pledge show amazon covers:sheriff", "Yes."),
        ],
    )
    async def test_whether_it_covers_someone_is_answered_with_its_words(
        self, line_: str, answer: str, member: Person
    ) -> None:
        card = await member.ask(line_)
        assert isinstance(card, Page)
        assert card.title.startswith("Does ")
        (told,) = paragraphs(card)
        assert told.startswith(f"{answer} ")
        assert len(told) > len(answer) + 5
        assert bullets(card)

    async def test_an_audience_the_record_does_not_know_is_explained(self, member: Person) -> None:
        told, hint = refused(await member.ask("/pledge show amazon covers:martians"))
        assert told == "“martians” is none of those the record tells apart."
        assert "local and state police" in hint
        assert "ICE" in hint


class TestPledgeList:
    async def test_every_company_of_the_record_is_in_it(self, member: Person) -> None:
        told = bullets(await member.ask("/pledge list"))
        names = [one.partition(" · ")[0] for one in told]
        assert names == sorted(names, key=str.lower)
        assert {"Amazon", "IBM", "Microsoft", "NEC", "Idemia", "Clearview AI"} <= set(names)

    async def test_it_can_be_narrowed_to_a_status(self, member: Person) -> None:
        told = bullets(await member.ask("/pledge list status:no pledge"))
        assert {"NEC · no pledge", "Idemia · no pledge", "Clearview AI · no pledge"} <= set(told)
        assert all("no pledge" in one for one in told)

    async def test_nothing_of_a_status_is_said_with_the_day(
        self, member: Person, clock: FakeClock
    ) -> None:
        clock.set(datetime(2021, 6, 1, tzinfo=UTC))
        card = await member.ask("/pledge list broken")
        assert paragraphs(card) == ["No pledge is “broken” as of 1 June 2021."]

    async def test_it_is_as_of_today(self, member: Person, clock: FakeClock) -> None:
        clock.set(datetime(2020, 6, 10, 12, tzinfo=UTC))
        told = bullets(await member.ask("/pledge list active"))
        assert any(one.startswith("Amazon · active") for one in told)
        assert not any(one.startswith("Microsoft") for one in told)


class TestPledgeCompare:
    async def test_the_three_differ_in_at_least_eight_rows(self, member: Person) -> None:
        card = await member.ask("/pledge compare ibm amazon microsoft")
        assert isinstance(card, Page)
        (table,) = (one for one in card.blocks if isinstance(one, Table))
        assert table.columns == ("IBM", "Amazon", "Microsoft")
        assert sum(row.differs for row in table.rows) >= 8
        for row in table.rows:
            assert isinstance(row, Row)
            assert len(row.cells) == 3
            assert all(row.cells)
            assert row.differs == (len(set(row.cells)) > 1)
        (last,) = paragraphs(card)
        assert last.startswith("No pledge: ")
        assert all(name in last for name in ("NEC", "Idemia", "Clearview AI"))

    @pytest.mark.parametrize(
        "asked", ["ibm, amazon, microsoft", "IBM,Amazon,Microsoft", "ibm; amazon; microsoft",
                  "companies:ibm amazon microsoft", "ibm Amazon Web Services azure"]
    )  # fmt: skip
    async def test_names_may_be_parted_by_commas_or_spaces(
        self, asked: str, member: Person
    ) -> None:
        card = await member.ask(f"/pledge compare {asked}")
        assert isinstance(card, Page)
        (table,) = (one for one in card.blocks if isinstance(one, Table))
        assert table.columns == ("IBM", "Amazon", "Microsoft")

    async def test_none_means_all_that_made_one(self, member: Person, clock: FakeClock) -> None:
        clock.set(datetime(2020, 6, 10, 12, tzinfo=UTC))
        card = await member.ask("/pledge compare")
        assert isinstance(card, Page)
        (table,) = (one for one in card.blocks if isinstance(one, Table))
        assert "Amazon" in table.columns
        assert "Microsoft" not in table.columns
        assert "Microsoft" in paragraphs(card)[0]

    async def test_companies_without_a_pledge_alone_have_no_table(self, member: Person) -> None:
        card = await member.ask("/pledge compare nec idemia")
        assert isinstance(card, Page)
        assert not any(isinstance(one, Table) for one in card.blocks)
        assert "NEC, Idemia" in paragraphs(card)[0]

    async def test_an_unknown_one_is_named(self, member: Person) -> None:
        told, _ = refused(await member.ask("/pledge compare ibm amazonn"))
        assert told == "No company named “amazonn” is in the record."


class TestCompany:
    async def test_the_shipped_companies_are_watched_from_the_start(self, member: Person) -> None:
        told = bullets(await member.ask("/company list"))
        assert any(one.startswith("Microsoft · ") for one in told)

    async def test_nobody_watched_is_said_with_a_way_out(self, organizer: Person) -> None:
        while isinstance(told := await organizer.ask("/company list"), Page):
            for one in bullets(told):
                await organizer.ask(f"/company untrack {one.partition(' · ')[0]}")
        assert isinstance(told, Notice)
        assert line(told.text) == "No company is watched here."
        await organizer.press(actions(told)["Microsoft"])
        assert bullets(await organizer.ask("/company list")) == ["Microsoft · active"]

    async def test_a_company_is_shown_with_names_context_and_pledge(self, member: Person) -> None:
        card = await member.ask("/company show microsoft")
        told = words(card)
        assert "Azure Face" in told
        assert "Only in context" in told
        assert "active: No face recognition for US police" in told
        assert "Watched here." in told
        shown = await member.press(actions(card)["The pledge"])
        assert isinstance(shown, PledgeCard)

    async def test_one_that_is_not_watched_can_be(self, organizer: Person) -> None:
        await organizer.ask("/company untrack IBM")
        card = await organizer.ask("/company show IBM")
        assert "Not watched here: /company track adds it." in words(card)
        await organizer.press(actions(card)["Watch it"])
        assert "Watched here." in words(await organizer.ask("/company show IBM"))

    async def test_a_company_outside_the_record_is_watched_under_its_names(
        self, organizer: Person
    ) -> None:
        await organizer.ask("/company track Palantir aliases:Foundry, Gotham context:police, ICE")
        card = await organizer.ask("/company show Gotham")
        told = words(card)
        assert "not in the record" in told
        assert "Palantir, Foundry, Gotham" in told
        assert "police, ICE" in told
        found = await organizer.ask("/watch test Gotham sold to ICE")
        assert bullets(found) == ["Palantir · found: “Gotham”, “ICE”"]
        assert paragraphs(await organizer.ask("/watch test Gotham returns to cinemas")) == [
            "Nothing that is watched here is in it."
        ]

    async def test_names_are_cleaned_and_bounded(self, organizer: Person) -> None:
        card = await organizer.ask("/company track Evil\u202eCorp aliases:a\x00b,, ;a b")
        assert isinstance(card, Page)
        assert card.title == "EvilCorp is watched"
        assert "EvilCorp, ab, a b" in words(card)
        told, _ = refused(await organizer.ask(f"/company track X aliases:{'y' * 81}"))
        assert told == "At most 40 names of 80 characters each."
        many = ",".join(f"n{n}" for n in range(41))
        assert refused(await organizer.ask(f"/company track X aliases:{many}"))
        assert refused(await organizer.ask("/company track !!!")) == (
            "“!!!” has no letter or digit to look for.",
            "",
        )

    async def test_a_company_nobody_watches_cannot_be_untracked(self, organizer: Person) -> None:
        card = await organizer.ask("/company untrack Micrsoft")
        assert refused(card) == (
            "Nothing called “Micrsoft” is watched here.",
            "Did you mean Microsoft?",
        )
        assert done(await organizer.press(actions(card)["Microsoft"])) == (
            "Microsoft is watched no more. Subscriptions to it ended."
        )

    async def test_the_last_name_cannot_be_taken_away(self, organizer: Person) -> None:
        await organizer.ask("/company track Palantir")
        command = "/company alias company:Palantir alias:Palantir remove:yes"
        assert refused(await organizer.ask(command)) == (
            "“Palantir” is the last name of Palantir.",
            "/company untrack ends it.",
        )
        command = "/company alias company:Palantir alias:Gotham remove:yes"
        assert refused(await organizer.ask(command)) == (
            "Palantir is not watched under “Gotham”.",
            "Its names are: Palantir.",
        )
        command = "/company alias company:Palantir alias:P in_context:yes"
        assert refused(await organizer.ask(command))[0] == "Palantir has no context words."

    async def test_a_name_bound_to_the_context_counts_only_there(self, organizer: Person) -> None:
        await organizer.ask("/company alias company:Microsoft alias:MS in_context:yes")
        assert bullets(await organizer.ask("/watch test MS and facial recognition")) == [
            "Microsoft · found: “MS”, “facial recognition”"
        ]
        assert not bullets(await organizer.ask("/watch test MS research gets funds"))


class TestWatch:
    async def test_all_that_is_watched_is_listed_by_the_page(self, organizer: Person) -> None:
        card = await organizer.ask("/watch list")
        first = bullets(card)
        assert len(first) == 15
        (more,) = card.actions  # type: ignore[union-attr]
        second = bullets(await organizer.press(more))
        assert not set(first) & set(second)
        assert bullets(await organizer.ask("/watch list 99")) == second
        kinds = [one.partition(":")[0] for one in (*first, *second)]
        assert kinds == sorted(kinds)

    async def test_nothing_watched_says_how_to_begin(self, organizer: Person) -> None:
        while isinstance(card := await organizer.ask("/watch list"), Page):
            for one in bullets(card):
                await organizer.ask(f"/watch remove {one.partition(': ')[2].partition(' · ')[0]}")
        assert line(card.text) == "Nothing is watched here."  # type: ignore[union-attr]

    async def test_a_topic_is_explained_and_can_be_heard(
        self, organizer: Person, world: World
    ) -> None:
        card = await organizer.ask('/watch add "face recognition" AND (police OR sheriff)')
        assert paragraphs(card) == ["Looks for “face recognition” and (“police” or “sheriff”)."]
        await organizer.press(actions(card)["Hear of it here"])
        assert {one[:2] for one in (await world.state())["heard"]} == {
            ("general", '"face recognition" AND (police OR sheriff)')
        }

    async def test_words_can_be_made_a_phrase_instead(
        self, organizer: Person, world: World
    ) -> None:
        card = await organizer.ask("/watch add face recognition")
        await organizer.ask("/subscribe here face recognition cadence:daily")
        before = await world.state()
        phrase = await organizer.press(actions(card)["As a phrase instead"])
        topics = {one[2] for one in (await world.state())["watches"] if one[0] == "topic"}
        assert topics == {'"face recognition"'}
        heard = {one[1:] for one in (await world.state())["heard"]}
        assert heard == {('"face recognition"', "daily")}
        await organizer.press(actions(phrase)["Undo"])
        assert await world.state() == before

    async def test_a_topic_that_cannot_be_read_is_refused_with_an_example(
        self, organizer: Person
    ) -> None:
        told, hint = refused(await organizer.ask("/watch add police AND"))
        assert told == "A word is missing at the end."
        assert hint.startswith("For example: ")

    async def test_a_bill_comes_back_by_its_number(self, organizer: Person, world: World) -> None:
        before = await world.state()
        await organizer.ask("/watch list")
        await organizer.ask("/watch remove AB 2261")
        card = await organizer.ask("/watch add ab 2261")
        assert isinstance(card, Page)
        assert card.title == "CA AB 2261 is watched again"
        assert before["watches"] <= (await world.state())["watches"]

    async def test_removing_something_unknown_offers_what_comes_near(
        self, organizer: Person
    ) -> None:
        await organizer.ask("/watch add bodycams")
        card = await organizer.ask("/watch remove bodycam")
        assert refused(card)[1] == "Did you mean bodycams?"
        assert done(await organizer.press(actions(card)["bodycams"])).startswith("bodycams is")

    async def test_a_headline_is_tried_on_all_watches(self, member: Person) -> None:
        told = "IBM and Microsoft answer on AB 2261 and police"
        assert sorted(bullets(await member.ask(f"/watch test {told}"))) == [
            "CA AB 2261 · found: “AB 2261”",
            "IBM · found: “IBM”, “police”",
            "Microsoft · found: “Microsoft”, “police”",
        ]

    async def test_a_dry_run_counts_what_thirty_days_would_have_brought(
        self, organizer: Person, feeds: FakeFeeds, shipped: Database, clock: FakeClock
    ) -> None:
        assert paragraphs(await organizer.ask("/watch test")) == [
            "No feed has brought anything yet. Add one with /feed add."
        ]
        feeds.put(NEWS, "News")
        await organizer.ask(f"/feed add {NEWS}")
        await brought(
            shipped, clock.now(), "Microsoft sells facial recognition to police", "Weather"
        )
        card = await organizer.ask("/watch test")
        assert paragraphs(card) == ["1 of 2 items from the feeds followed here."]
        because = "Microsoft (“Microsoft”, “facial recognition”, “police”)"
        assert bullets(card) == [f"Microsoft sells facial recognition to police · News · {because}"]
        one = await organizer.ask("/watch test IBM")
        assert paragraphs(one) == ["0 of 2 items from the feeds followed here."]


async def brought(
    database: Database, now: datetime, *headlines: str, dated: datetime | None = None
) -> list[int]:
    """Store what the only feed brought, each as a story of Microsoft's; return the stories."""

    def work(tx: Tx) -> list[int]:
        (source,) = tx.sources.all_followed()
        rules = tx.watches.rules()
        rule_id = next(key for key, rule in rules.items() if "Azure Face" in rule.names)
        told = []
        for headline in headlines:
            found = Found(field=Field.TITLE, start=0, end=9, words=headline[:9])
            told.append(
                ToldEntry(
                    source_id=source.id,
                    entry=Entry(guid=headline, url=f"{NEWS}/{len(headline)}", title=headline),
                    link=headline,
                    dated_at=dated or now,
                    matches=[Match(rule_id=rule_id, found=(found,))],
                )
            )
        first_id, first_story = tx.stories.next_ids()
        entries = range(first_id, first_id + len(told))
        stories = list(range(first_story, first_story + len(told)))
        tx.stories.add(told, stories, first_id, now)
        tx.outbox.enqueue_posts(entries, now, now + timedelta(days=1), now + timedelta(days=7))
        return stories

    return await database.write(work)


class TestSubscribe:
    async def test_a_channel_hears_what_it_asked_for(self, organizer: Person) -> None:
        assert done(await organizer.ask("/subscribe here Microsoft cadence:daily")) == (
            "This channel now hears Microsoft, once a day. "
            "No feed is followed yet: /feed add brings the first."
        )
        assert bullets(await organizer.ask("/subscribe list")) == ["here: Microsoft · once a day"]

    async def test_it_is_told_that_hearings_do_not_wait(self, organizer: Person) -> None:
        assert done(await organizer.ask("/subscribe here all cadence:weekly")).startswith(
            "This channel now hears all that is watched, once a week. "
            "News of hearings comes at once. "
        )

    async def test_it_hears_all_where_nothing_is_said(
        self, organizer: Person, person: People
    ) -> None:
        assert done(await organizer.ask("/subscribe here")).startswith(
            "This channel now hears all that is watched, as it happens."
        )
        elsewhere = person(channel="news")
        assert bullets(await elsewhere.ask("/subscribe list")) == [
            "#general: all that is watched · as it happens"
        ]

    async def test_starter_feeds_are_offered_while_there_is_none(
        self, organizer: Person, feeds: FakeFeeds
    ) -> None:
        card = await organizer.ask("/subscribe here all")
        offered = [one for one in card.actions if one.command == "feed add"]  # type: ignore[union-attr]
        assert [dict(one.arguments)["url"] for one in offered] == list(STARTER)
        feeds.put(STARTER[0], "News")
        await organizer.press(offered[0])
        again = await organizer.ask("/subscribe here IBM")
        assert not [one for one in again.actions if one.command == "feed add"]  # type: ignore[union-attr]

    async def test_what_is_not_watched_can_be_watched_from_here(self, organizer: Person) -> None:
        card = await organizer.ask("/subscribe here drones")
        assert refused(card)[0] == "Nothing called “drones” is watched here."
        await organizer.press(actions(card)["Watch “drones”"])
        assert "drones" in done(await organizer.ask("/subscribe here drones"))

    async def test_a_bill_is_named_by_its_number_however_written(self, organizer: Person) -> None:
        for written in ("AB 2261", "A.B. 2261", "ca ab2261", "Assembly Bill 2261"):
            assert "hears CA AB 2261" in done(await organizer.ask(f"/subscribe here {written}"))

    async def test_a_channel_the_bot_cannot_post_in_is_refused(self, person: People) -> None:
        barred = person(lacking=("Send Messages", "Embed Links"))
        assert refused(await barred.ask("/subscribe here all")) == (
            "I cannot post in this channel: I lack Send Messages and Embed Links.",
            "Give me that here, then use /subscribe here again.",
        )

    async def test_nothing_heard_says_how_to_begin(self, organizer: Person) -> None:
        card = await organizer.ask("/subscribe list")
        assert isinstance(card, Notice)
        assert line(card.text) == "No channel hears anything yet."
        assert refused(await organizer.ask("/subscribe remove")) == (
            "This channel hears nothing yet.",
            "/subscribe here changes that.",
        )

    async def test_removing_what_it_does_not_hear_lists_what_it_does(
        self, organizer: Person
    ) -> None:
        await organizer.ask("/subscribe here all")
        await organizer.ask("/subscribe here IBM")
        card = await organizer.ask("/subscribe remove Microsoft")
        assert refused(card) == (
            "This channel does not hear “Microsoft”.",
            "It hears: all that is watched, IBM.",
        )
        assert done(await organizer.press(actions(card)["Stop IBM"])) == (
            "This channel no longer hears IBM."
        )

    async def test_a_paused_channel_is_resumed_by_subscribing(
        self, organizer: Person, shipped: Database, clock: FakeClock
    ) -> None:
        await organizer.ask("/subscribe here all")

        def pause(tx: Tx) -> None:
            space = tx.spaces.find(SpaceRef(platform=Platform.DISCORD, external_id="1"))
            assert space is not None
            spot = tx.spaces.channel(space, "general")
            tx.spaces.pause(spot.id, "no permission", clock.now())
            tx.outbox.enqueue_notice(spot, "hello", clock.now())

        await shipped.write(pause)
        assert bullets(await organizer.ask("/subscribe list")) == [
            "here: all that is watched · as it happens · paused: no permission"
        ]
        status = await organizer.ask("/pledgewatch status")
        assert "A paused channel is sent to again after /subscribe here in it." in words(status)
        told = done(await organizer.ask("/subscribe here all"))
        assert "It was paused and is not any more; 1 waiting." in told


class TestFeed:
    async def test_a_feed_is_followed_from_now_on(
        self, organizer: Person, feeds: FakeFeeds, world: World
    ) -> None:
        feeds.put(NEWS, "The News", "Old")
        card = await organizer.ask("/feed add <https://news.example/feed|news>")
        assert done(card) == "The News is followed. What it lists now is not told."
        assert isinstance(card, Notice)
        assert "No channel hears anything yet" in line(card.hint)
        await organizer.press(actions(card)["All, here"])
        feeds.put(f"{NEWS}/2", "Second")
        again = await organizer.ask("/feed add news.example/feed/2")
        assert isinstance(again, Notice)
        assert line(again.hint) == "What it brings from now on will be told."
        assert (await world.state())["feeds"] == {NEWS, f"{NEWS}/2"}

    async def test_the_list_says_how_each_is_doing(
        self, organizer: Person, feeds: FakeFeeds, shipped: Database, clock: FakeClock
    ) -> None:
        for name in ("Alpha", "Beta", "Gamma"):
            feeds.put(f"https://{name.lower()}.example/feed?token=secret", name)
            await organizer.ask(f"/feed add https://{name.lower()}.example/feed?token=secret")

        def trouble(tx: Tx) -> None:
            alpha, beta, gamma = sorted(tx.sources.all_followed(), key=lambda one: one.title)
            tx.polling.save(
                [
                    alpha,
                    replace(
                        beta,
                        failures=3,
                        last_error="It answered 503.",
                        next_poll_at=clock.now() + timedelta(hours=2),
                    ),
                    replace(gamma, state=SourceState.GONE, last_error="Gone, says its publisher."),
                ]
            )

        await shipped.write(trouble)
        told = bullets(await organizer.ask("/feed list"))
        assert told[0] == (
            "Alpha · alpha.example/feed · fine, last read 2021-06-01 12:00 UTC, every 15 min"
        )
        assert told[1] == (
            "Beta · beta.example/feed · failing (3×): It answered 503. Next try in 2 h; "
            "last read 2021-06-01 12:00 UTC"
        )
        assert told[2] == "Gamma · gamma.example/feed · gone: Gone, says its publisher."
        status = words(await organizer.ask("/pledgewatch status"))
        assert "3 (1 failing, 1 gone)" in status

    async def test_no_feeds_offer_the_starters(self, organizer: Person) -> None:
        card = await organizer.ask("/feed list")
        assert isinstance(card, Notice)
        assert line(card.text) == "No feed is followed here yet."
        assert list(actions(card)) == ["Add news.example", "Add laws.example"]

    async def test_a_pages_feeds_are_offered_instead(
        self, organizer: Person, feeds: FakeFeeds
    ) -> None:
        feeds.put("https://page.example", "", offers=[f"{NEWS}/1", f"{NEWS}/2"])
        feeds.put(f"{NEWS}/2", "Two")
        for verb in ("add", "test"):
            card = await organizer.ask(f"/feed {verb} page.example")
            assert isinstance(card, Page)
            assert card.title == "This is a page; it offers these feeds"
            typed = [action.typed for action in card.actions]
            assert typed == [f"/feed add {NEWS}/1", f"/feed add {NEWS}/2"]
            assert done(await organizer.press(card.actions[1])).startswith("Two is ")
            await organizer.ask("/feed remove Two")

    @pytest.mark.parametrize(
        ("url", "told"),
        [
            ("ftp://news.example", "it does not begin with http:// or https:// (rule: not-http)."),
            ("http://localhost/feed", "(rule: local-name)."),
            ("http://127.0.0.1/feed", "(rule: private-address)."),
            ("javascript:alert(1)", "(rule: not-http)."),
            ("https://me:pw@news.example/feed", "(rule: credentials)."),
        ],
    )
    async def test_a_refused_address_names_the_rule(
        self, url: str, told: str, organizer: Person
    ) -> None:
        for verb in ("add", "test"):
            assert refused(await organizer.ask(f"/feed {verb} {url}"))[0].endswith(told)

    async def test_an_address_that_does_not_answer_is_not_followed(
        self, organizer: Person, feeds: FakeFeeds, world: World
    ) -> None:
        feeds.pages[NEWS] = FeedError("It answered 404.")
        assert refused(await organizer.ask(f"/feed add {NEWS}"))[0] == "It answered 404."
        assert refused(await organizer.ask("/feed add not an address"))[0] == "That is no address."
        assert (await world.state())["feeds"] == set()

    async def test_a_test_shows_what_would_be_told_and_keeps_nothing(
        self, organizer: Person, feeds: FakeFeeds, world: World
    ) -> None:
        feeds.put(NEWS, "News", "Weather", "Amazon adds face recognition to Ring")
        card = await organizer.ask(f"/feed test {NEWS}")
        assert paragraphs(card) == ["2 items; 1 would be told if new."]
        assert bullets(card) == [
            "Weather",
            "Amazon adds face recognition to Ring · would tell: Amazon",
        ]
        assert (await world.state())["feeds"] == set()
        feeds.put(NEWS, "News")
        assert paragraphs(await organizer.ask(f"/feed test {NEWS}")) == [
            "It is a feed, and lists nothing now."
        ]

    @pytest.mark.parametrize(
        "asked", [NEWS, f"{NEWS}/", "news.example/feed", "The News", "the news", "news.example"]
    )
    async def test_a_feed_is_named_by_address_title_or_host(
        self, asked: str, organizer: Person, feeds: FakeFeeds, world: World
    ) -> None:
        feeds.put(NEWS, "The News")
        await organizer.ask(f"/feed add {NEWS}")
        assert done(await organizer.ask(f"/feed remove {asked}")) == "The News is followed no more."
        assert (await world.state())["feeds"] == set()

    async def test_two_feeds_of_one_name_are_told_apart_before_one_is_removed(
        self, organizer: Person, feeds: FakeFeeds, world: World
    ) -> None:
        for number in (1, 2):
            feeds.put(f"{NEWS}/{number}", "Same")
            await organizer.ask(f"/feed add {NEWS}/{number}")
        card = await organizer.ask("/feed remove Same")
        assert refused(card) == ("2 feeds go by “Same”.", "Name the one you mean by its address.")
        await organizer.press(actions(card)["news.example/feed/2"])
        assert (await world.state())["feeds"] == {f"{NEWS}/1"}

    async def test_an_unknown_feed_offers_what_comes_near(
        self, organizer: Person, feeds: FakeFeeds
    ) -> None:
        feeds.put(NEWS, "The Seattle Herald")
        await organizer.ask(f"/feed add {NEWS}")
        card = await organizer.ask("/feed remove Seatle Herald")
        assert refused(card)[1] == "Did you mean The Seattle Herald?"
        assert refused(await organizer.ask("/feed remove qqq"))[1] == (
            "/feed list shows all there are."
        )


class TestPledgewatch:
    @pytest.fixture
    async def told(
        self, organizer: Person, feeds: FakeFeeds, shipped: Database, clock: FakeClock
    ) -> int:
        """A story about Microsoft that #general was told; its number."""
        feeds.put(NEWS, "The News")
        await organizer.ask(f"/feed add {NEWS}")
        await organizer.ask("/subscribe here Microsoft")
        clock.advance(timedelta(minutes=5))
        (story,) = await brought(shipped, clock.now(), "Microsoft sells cameras to police")

        def send(tx: Tx) -> None:
            channels = tx.outbox.channels_due([Platform.DISCORD], clock.now(), 5)
            (post,) = tx.outbox.due(channels, clock.now(), 5)
            assert post.kind is DeliveryKind.POST
            tx.outbox.sent([post.id], "m1", 1, clock.now(), digest=False)

        await shipped.write(send)
        return story

    async def test_why_quotes_the_words_that_matched(self, told: int, member: Person) -> None:
        for asked in ("/pledgewatch why", f"/pledgewatch why {told}", f"/pledgewatch why #{told}"):
            card = await member.ask(asked)
            assert isinstance(card, Page)
            assert bullets(card) == ["Microsoft (company): “Microsoft sells cameras to police”"]
            assert card.note == f"Alert #{told}"
            assert "The News" in words(card)

    async def test_why_offers_to_stop_just_that_here(
        self, told: int, organizer: Person, world: World
    ) -> None:
        card = await organizer.ask(f"/pledgewatch why {told}")
        assert done(await organizer.press(actions(card)["Stop hearing Microsoft"])) == (
            "This channel no longer hears Microsoft."
        )
        assert (await world.state())["heard"] == set()

    async def test_where_a_channel_hears_all_it_offers_to_stop_watching(
        self, told: int, organizer: Person
    ) -> None:
        await organizer.ask("/subscribe remove Microsoft")
        await organizer.ask("/subscribe here all")
        card = await organizer.ask(f"/pledgewatch why {told}")
        assert list(actions(card)) == ["Stop watching Microsoft"]

    async def test_why_still_answers_when_the_watch_ended(
        self, told: int, organizer: Person
    ) -> None:
        await organizer.ask("/company untrack Microsoft")
        card = await organizer.ask(f"/pledgewatch why {told}")
        assert "The watch that sent it has changed or ended since." in paragraphs(card)

    async def test_why_without_an_alert_says_so(self, member: Person) -> None:
        assert refused(await member.ask("/pledgewatch why"))[0] == (
            "No alert was sent to this channel yet."
        )
        assert refused(await member.ask("/pledgewatch why 0"))[0] == "There is no such alert here."
        assert refused(await member.ask("/pledgewatch why 77"))[0] == "There is no such alert here."

    async def test_another_communitys_alert_is_none_of_ours(
        self, told: int, person: People
    ) -> None:
        stranger = person(space="2")
        assert refused(await stranger.ask(f"/pledgewatch why {told}"))[0] == (
            "There is no such alert here."
        )

    async def test_status_counts_and_advises(
        self, told: int, organizer: Person, person: People
    ) -> None:
        card = await organizer.ask("/pledgewatch status")
        assert isinstance(card, Page)
        assert card.note == "All well."
        assert "Alerts, last 24 hours 1" in words(card)
        assert told
        empty = await person(space="2").ask("/pledgewatch status")
        assert isinstance(empty, Page)
        assert empty.note == "No feed is followed yet: /feed add brings the first."


class TestCommunities:
    async def test_two_do_not_see_each_others_things(
        self, organizer: Person, person: People, feeds: FakeFeeds, world: World
    ) -> None:
        stranger = person(space="2")
        await stranger.ask("/watch list")
        before = await world.state("2")
        feeds.put(NEWS, "News")
        for typed in (
            f"/feed add {NEWS}", "/company track Palantir", "/company untrack IBM", "/watch add drones",
            "/subscribe here all", "/company alias company:Microsoft alias:MSFT",
        ):  # fmt: skip
            await organizer.ask(typed)
        assert await world.state("2") == before
        assert await world.changes("2") == []
        for typed in ("/feed remove News", "/watch remove drones", "/company untrack Palantir"):
            assert refused(await stranger.ask(typed))
        assert isinstance(await stranger.ask("/feed list"), Notice)
        assert "Palantir" not in words(await stranger.ask("/company list"))

    async def test_a_button_pressed_in_another_community_is_refused(
        self, organizer: Person, person: People
    ) -> None:
        action = Action(label="x", command="company untrack", arguments=(("name", "IBM"),))
        channel = organizer.request.channel
        token = (await organizer.front_desk.tokens.sign([action], channel))[action]
        stranger = person(space="2")
        reply = await stranger.front_desk.answer_button(token, stranger.request)
        assert refused(reply.card)[0] == "This button does not belong here any more."


class TestAudit:
    @pytest.mark.parametrize(
        ("typed", "verb", "subject"),
        [
            ("/company track Palantir", "company track", "Palantir"),
            ("/company untrack IBM", "company untrack", "IBM"),
            ("/company alias company:IBM alias:Big Blue", "company alias", "IBM: +Big Blue"),
            ("/company alias company:NEC alias:NEC remove:yes", "company alias", "NEC: -NEC"),
            ("/watch add drones", "watch add", "drones"),
            ("/watch remove Meta", "watch remove", "Meta"),
            ("/subscribe here all", "subscribe here", "all"),
            (f"/feed add {NEWS}", "feed add", NEWS),
        ],
    )
    async def test_every_change_is_kept_with_who_and_when(
        self, typed: str, verb: str, subject: str, organizer: Person, feeds: FakeFeeds, world: World
    ) -> None:
        feeds.put(NEWS, "News")
        await organizer.ask(typed)
        (change,) = await world.changes()
        assert (change.actor, change.verb, change.subject) == ("u1", verb, subject)
        assert change.at == organizer.clock.now()

    @pytest.mark.parametrize(
        "typed",
        ["/pledge list", "/company show IBM", "/watch test x", "/company untrack Nobody", "/feed remove x",
         "/subscribe remove", "/watch add AND", "/pledgewatch status", "/feed add not an address"],
    )  # fmt: skip
    async def test_what_changes_nothing_leaves_no_trace(
        self, typed: str, organizer: Person, world: World
    ) -> None:
        await organizer.ask(typed)
        assert await world.changes() == []


class TestNames:
    async def test_names_are_completed_from_what_the_community_has(
        self, organizer: Person, feeds: FakeFeeds
    ) -> None:
        feeds.put(NEWS, "The News")
        await organizer.ask(f"/feed add {NEWS}")
        await organizer.ask("/company track Palantir")
        desk, space = organizer.front_desk, organizer.request.space
        assert await desk.complete(Completes.COMPANY, "pal", space) == ["Palantir"]
        assert (await desk.complete(Completes.COMPANY, "", space))[:2] == ["Amazon", "Axon"]
        assert await desk.complete(Completes.COMPANY, "soft", space) == ["Microsoft"]
        assert (await desk.complete(Completes.WATCH, "", space))[0] == "all"
        assert await desk.complete(Completes.FEED, "news", space) == ["The News"]
        assert "feed add" in await desk.complete(Completes.COMMAND, "feed", space)
        assert len(await desk.complete(Completes.WATCH, "", space)) <= 25
        elsewhere = SpaceRef(platform=Platform.DISCORD, external_id="2")
        assert await desk.complete(Completes.FEED, "", elsewhere) == []

    async def test_a_community_that_left_is_forgotten(
        self, organizer: Person, world: World, feeds: FakeFeeds
    ) -> None:
        feeds.put(NEWS, "News")
        await organizer.ask(f"/feed add {NEWS}")
        await organizer.ask("/company track Palantir")
        await organizer.front_desk.left(organizer.request.space)
        assert (await world.state())["watches"] == set()
        assert "Palantir" not in words(await organizer.ask("/company list"))
        assert isinstance(await organizer.ask("/feed list"), Notice)
