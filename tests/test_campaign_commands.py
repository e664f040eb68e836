"""Campaigns as people use them: made, called in, closed; the card in the channel follows."""

import csv
import io
import logging
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from domain.bills import ActionKind, BillAction, Chamber
from domain.cards import CampaignCard, Card, Form, Notice, Page, Tone, plain
from domain.errors import MessageGone
from tests.calling import COMMITTEE, CREATE, LABEL, WA_7, Caller, actions, furnish, words
from tests.stage import SPACE, Stage, staged

TITLE = f"Call the House Committee on Examples: support {LABEL}"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as made:
        await furnish(made.core.database, made.clock.now())
        yield made


@pytest.fixture
def ada(stage: Stage) -> Caller:
    return Caller(stage.core, stage.clock, "ada", organizer=True)


@pytest.fixture
def ben(stage: Stage) -> Caller:
    return Caller(stage.core, stage.clock, "ben")


async def start(ada: Caller, line: str = CREATE) -> Card:
    return await ada.press(await ada.say(line), "Start")


async def posted(stage: Stage) -> list[CampaignCard]:
    """What the card in the channel showed, first to last."""
    await stage.deliver()
    sent = [one for one in stage.chat.sent("c1") if isinstance(one.card, CampaignCard)]
    return [
        one for each in sent for one in (each.card, *each.edits) if isinstance(one, CampaignCard)
    ]


async def notices(stage: Stage) -> list[str]:
    await stage.deliver()
    return [plain(one.card.text) for one in stage.chat.sent("c1") if isinstance(one.card, Notice)]


def name(card: Card) -> str:
    assert isinstance(card, Page), card
    return card.title.partition(" · ")[0]


class TestMaking:
    async def test_a_form_asks_for_five_things(self, ada: Caller) -> None:
        card = await ada.say("/campaign create")
        assert isinstance(card, Form)
        assert [one.name for one in card.fields] == ["about", "targets", "goal", "ends", "position"]

    async def test_it_is_shown_before_it_starts(self, stage: Stage, ada: Caller) -> None:
        card = await ada.say(CREATE)
        told = words(card)
        assert told.startswith(TITLE)
        assert "Targets (2): Rep. Wa Seven, Rep. Wa Eight" in told
        assert "I’m asking Rep. Seven to support US HR 9901" in told
        assert "I’m calling about a concern" in told
        assert "Ends: Monday 9 November 2026, 09:00 UTC" in told
        assert "Nothing has started yet" in told
        assert await posted(stage) == []
        changed = await ada.press(card, "Change it")
        assert isinstance(changed, Form)
        assert {one.name: one.value for one in changed.fields}["targets"] == COMMITTEE

    async def test_starting_posts_a_card_once(self, stage: Stage, ada: Caller) -> None:
        preview = await ada.say(CREATE)
        assert "has started" in words(await ada.press(preview, "Start"))
        again = await ada.press(preview, "Start")
        assert "This campaign runs already: it is number 1." in words(again)
        (card,) = await posted(stage)
        assert (card.title, card.calls, card.goal, card.people) == (TITLE, 0, 10, 0)
        assert card.counts == "0 of 10 calls · 0 people · least called: Rep. Wa Seven (0)"
        assert card.bar == "░" * 20
        assert card.ends == "ends Monday 9 November 2026, 09:00 UTC"
        assert list(actions(card)) == ["Make a call", "Script", "How it is going"]

    async def test_members_may_not(self, ben: Caller) -> None:
        assert "Only organizers" in words(await ben.say(CREATE))

    @pytest.mark.parametrize(
        ("targets", "first", "count", "who"),
        [
            ("US Senate", "Sen. Senior Ak One", 100, "only those who live"),
            ("WA Senate", "Sen. Wa upper 1 1", 49, "only those who live"),
            ("House Committee on Examples", "Rep. Wa Seven", 2, "anyone"),
            ("committee: small examples", "Rep. Wa Seven", 1, "anyone"),
            ("sponsors", "Rep. Wa Seven", 1, "anyone"),
            ("Wa Eight; R000007", "Rep. Wa Eight", 2, "anyone"),
        ],
    )
    async def test_targets_are_a_chamber_a_committee_sponsors_or_names(
        self, ada: Caller, targets: str, first: str, count: int, who: str
    ) -> None:
        told = words(await ada.say(CREATE.replace(COMMITTEE, targets)))
        assert f"Targets ({count}): {first}" in told
        assert f"Who calls: {who}" in told
        if targets == "sponsors":
            assert "Not in the roster, so not among the targets: Acme Example." in told

    @pytest.mark.parametrize(
        ("old", "new", "why"),
        [
            (COMMITTEE, "committee Nothing", "The rosters have no committee “Nothing”"),
            (COMMITTEE, "Wa", "Who is “Wa” among the targets?"),
            (COMMITTEE, "Nobody Atall", "No legislator of that name"),
            (COMMITTEE, "OR House", "The roster of Oregon’s legislature was not fetched yet."),
            ("goal:10", "goal:0", "The “goal” is a number of calls"),
            ("7 days", "later", "“later” is no end that can be read."),
            (LABEL, "US HR 1, US HR 9901", ""),
        ],
    )
    async def test_what_cannot_be_is_said(self, ada: Caller, old: str, new: str, why: str) -> None:
        card = await ada.say(CREATE.replace(old, new))
        assert isinstance(card, Notice)
        assert card.tone is Tone.WRONG
        assert why in words(card)

    async def test_a_pledge_can_be_what_it_is_about(self, ada: Caller) -> None:
        told = words(await ada.say(CREATE.replace(LABEL, "Amazon")))
        assert told.startswith(
            "Call the House Committee on Examples about Amazon’s pledge of 10 June 2020"
        )


class TestCalling:
    async def test_a_call_is_logged_and_the_next_target_shown(
        self, stage: Stage, ada: Caller, ben: Caller
    ) -> None:
        await start(ada)
        (card,) = await posted(stage)
        kit = await ben.press(card, "Make a call")
        assert isinstance(kit, Page)
        told = words(kit)
        assert kit.title == "Rep. Wa Seven · US House, WA-7"
        assert "Springfield (district office): 206-555-0107" in told
        assert "I’m asking Rep. Seven to support US HR 9901" in told
        assert "constituent" not in told
        assert list(actions(kit)) == ["I reached someone", "Voicemail", "Busy", "Refused", "Skip"]
        after = await ben.press(kit, "Voicemail")
        assert "Logged: Rep. Wa Seven, voicemail. Thank you. 1 of 10 calls." in words(after)
        assert name(after) == "Rep. Wa Eight"
        stage.clock.pass_(seconds=20)
        *_, card = await posted(stage)
        assert (card.calls, card.people) == (1, 1)
        assert card.counts == "1 of 10 calls · 1 person · least called: Rep. Wa Eight (0)"
        assert card.bar == "██" + "░" * 18

    async def test_a_button_pressed_twice_logs_one_call(
        self, stage: Stage, ada: Caller, ben: Caller
    ) -> None:
        await start(ada)
        kit = await ben.say("/campaign join")
        assert await ben.say("/campaign join") == kit
        await ben.press(kit, "I reached someone")
        again = await ben.press(kit, "Refused")
        assert "This call was logged before, as reached. It counts once." in words(again)
        assert "1 of 10 calls · 1 person" in words(await ben.say("/campaign show"))
        del stage

    async def test_two_people_at_once_get_different_targets(self, ada: Caller, ben: Caller) -> None:
        await start(ada)
        mine, theirs = await ada.say("/campaign join"), await ben.say("/campaign join")
        assert {name(mine), name(theirs)} == {"Rep. Wa Seven", "Rep. Wa Eight"}
        assert "was not shown to you" in words(await ada.press(theirs, "Busy"))

    async def test_a_call_can_be_taken_back_for_some_minutes(
        self, stage: Stage, ada: Caller, ben: Caller
    ) -> None:
        await start(ada)
        after = await ben.press(await ben.say("/campaign join"), "I reached someone")
        back = await ben.press(after, "Undo")
        assert "Taken back." in words(back)
        assert name(back) == "Rep. Wa Seven"
        assert "0 of 10 calls" in words(await ben.say("/campaign show"))
        after = await ben.press(back, "Busy")
        stage.clock.pass_(minutes=11)
        assert "can be taken back no more" in words(await ben.press(after, "Undo"))

    async def test_who_called_everyone_is_thanked(self, ada: Caller, ben: Caller) -> None:
        await start(ada)
        after = await ben.press(await ben.say("/campaign join"), "Refused")
        last = await ben.press(after, "Voicemail")
        assert isinstance(last, Notice)
        assert "You have called everyone on the list today. Thank you." in words(last)
        assert list(actions(last)) == ["Undo", "How it is going"]

    async def test_skipping_is_no_call(self, stage: Stage, ada: Caller, ben: Caller) -> None:
        await start(ada)
        await posted(stage)
        after = await ben.press(await ben.say("/campaign join"), "Skip")
        assert "Rep. Wa Seven is skipped." in words(after)
        stage.clock.pass_(minutes=1)
        assert len(await posted(stage)) == 1
        assert "0 of 10 calls · 0 people" in words(await ben.say("/campaign show"))

    async def test_a_constituent_is_called_one_only_where_they_said_so(
        self, ada: Caller, ben: Caller
    ) -> None:
        await start(ada)
        await ben.lives_in(WA_7)
        kit = await ben.say("/campaign join")
        assert "Hi, I’m a constituent. I’m asking Rep. Seven" in words(kit)
        assert "constituent" not in words(await ben.press(kit, "Busy"))

    async def test_in_a_chambers_campaign_people_call_their_own(
        self, ada: Caller, ben: Caller
    ) -> None:
        await start(ada, CREATE.replace(COMMITTEE, "US House"))
        unknown = await ben.say("/campaign join")
        assert "yours are not known here" in words(unknown)
        assert isinstance(await ben.press(unknown, "Find my legislators"), Form)
        await ben.lives_in(WA_7)
        kit = await ben.say("/campaign join")
        assert name(kit) == "Rep. Wa Seven"
        last = await ben.press(kit, "Busy")
        assert name(last) == "Rep. Wa Seven"  # busy may be tried again
        assert isinstance(await ben.press(last, "I reached someone"), Notice)

    async def test_the_card_is_one_message_edited_now_and_then(
        self, stage: Stage, ada: Caller, ben: Caller
    ) -> None:
        await start(ada)
        await posted(stage)
        for person in (ada, ben):
            kit = await person.say("/campaign join")
            for _ in range(2):
                kit = await person.press(kit, "I reached someone")
        await stage.deliver()
        assert len(await posted(stage)) == 1  # a while passes after a message
        stage.clock.pass_(seconds=20)
        cards = await posted(stage)
        assert [one.calls for one in cards] == [0, 4]
        assert len(stage.chat.sent("c1")) == 1

    async def test_a_deleted_card_is_not_posted_again(
        self, stage: Stage, ada: Caller, ben: Caller
    ) -> None:
        await start(ada)
        await posted(stage)
        stage.chat.fail_edits("c1", MessageGone())
        kit = await ben.say("/campaign join")
        for label in ("Busy", "I reached someone"):
            kit = await ben.press(kit, label)
            stage.clock.pass_(minutes=1)
            assert len(await posted(stage)) == 1
        assert "2 of 10 calls" in words(await ben.say("/campaign show"))


class TestTheEnd:
    async def test_an_organizer_closes_it_after_being_asked(
        self, stage: Stage, ada: Caller, ben: Caller
    ) -> None:
        await start(ada)
        await posted(stage)
        kit = await ben.say("/campaign join")
        await ben.press(kit, "I reached someone")
        assert "Only organizers" in words(await ben.say("/campaign close 1"))
        asked = await ada.say("/campaign close")
        assert "This cannot be undone." in words(asked)
        assert "is closed" in words(await ada.press(asked, "Close it"))
        assert "closed already" in words(await ada.press(asked, "Close it"))
        stage.clock.pass_(minutes=1)
        *_, card = await posted(stage)
        assert card.badge == "Closed"
        assert list(actions(card)) == ["How it went"]
        (told,) = await notices(stage)
        assert "1 call by 1 person; the goal was 10. 1 reached. 1 of 2 legislators" in told
        assert "Nothing more is counted" in words(await ben.press(kit, "Voicemail"))

    async def test_it_ends_by_the_clock(self, stage: Stage, ada: Caller) -> None:
        await start(ada)
        await posted(stage)
        stage.clock.pass_(days=6, hours=23)
        await stage.core.schedule.tell_due()
        assert await notices(stage) == []
        stage.clock.pass_(hours=1)
        await stage.core.schedule.tell_due()
        await stage.core.schedule.tell_due()
        (told,) = await notices(stage)
        assert "is closed. Its end had come. 0 calls by 0 people" in told

    async def test_a_bill_that_died_is_told_and_closing_offered(
        self, stage: Stage, ada: Caller, ben: Caller
    ) -> None:
        await start(ada)
        await posted(stage)
        failed = BillAction(
            on=date(2026, 11, 2), text="Failed.", kinds=(ActionKind.FAILURE,), chamber=Chamber.LOWER
        )
        await furnish(stage.core.database, stage.clock.now(), failed)
        stage.clock.pass_(minutes=5)
        for _ in range(2):
            await stage.core.schedule.tell_due()
        (told,) = await notices(stage)
        assert f"{LABEL} failed. The campaign “{TITLE}” is about it and still runs" in told
        *_, card = await posted(stage)
        assert plain(card.told) == f"{LABEL} failed."
        assert f"{LABEL} failed; organizers were told." in words(await ben.say("/campaign join"))
        assert "Only organizers" in words(await ben.press(card, "Close the campaign"))
        assert "This cannot be undone" in words(await ada.press(card, "Close the campaign"))


class TestLooking:
    async def test_the_table_has_counts_and_no_callers(self, ada: Caller, ben: Caller) -> None:
        await start(ada)
        await ben.press(await ben.say("/campaign join"), "I reached someone")
        await ada.press(await ada.say("/campaign join"), "Busy")
        card = await ben.say("/campaign export 1")
        assert isinstance(card, Page)
        assert card.table is not None
        rows = list(csv.reader(io.StringIO(card.table.body)))
        assert rows == [
            ["day", "legislator", "seat", "outcome", "calls"],
            ["2026-11-02", "Rep. Wa Seven", "US House, WA-7", "busy", "1"],
            ["2026-11-02", "Rep. Wa Seven", "US House, WA-7", "reached", "1"],
        ]
        assert "ben" not in card.table.body

    async def test_the_list_has_running_ones_first(self, ada: Caller) -> None:
        assert "There is no campaign here yet." in words(await ada.say("/campaign list"))
        await start(ada)
        await start(ada, CREATE.replace(COMMITTEE, "US Senate"))
        await ada.say("/campaign close 2 sure:yes")
        told = words(await ada.say("/campaign list")).splitlines()
        assert [line[:2] for line in told[1:3]] == ["1:", "2:"]
        assert told[2].endswith("closed")
        assert "There is no campaign 9 here." in words(await ada.say("/campaign show 9"))

    async def test_the_audit_log_names_no_caller(
        self, stage: Stage, ada: Caller, ben: Caller
    ) -> None:
        await start(ada)
        await ben.press(await ben.say("/campaign join"), "I reached someone")
        await ada.say("/campaign close 1 sure:yes")
        space = await stage.core.database.read(lambda tx: tx.spaces.find(SPACE))
        assert space is not None
        changes = await stage.core.database.read(lambda tx: tx.audit.of(space, 20))
        assert [(one.actor, one.verb) for one in changes] == [
            ("ada", "campaign close"),
            ("ada", "campaign create"),
        ]


class TestWhoCalled:
    async def test_nobody_who_called_is_named_anywhere(
        self, stage: Stage, ada: Caller, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        planted = Caller(stage.core, stage.clock, "planted-caller-7f3a")
        await start(ada)
        after = await planted.press(await planted.say("/campaign join"), "I reached someone")
        await planted.press(await planted.press(after, "Undo"), "Busy")
        await planted.say(f"/contact log {LABEL} outcome:busy")
        await stage.deliver()
        held = b"".join(one.read_bytes() for one in tmp_path.iterdir())  # noqa: ASYNC240
        assert b"Rep. Wa Seven" in held
        assert b"planted-caller" not in held
        assert "planted-caller" not in caplog.text


class TestCallsOutsideCampaigns:
    async def test_a_call_is_counted_once_and_can_be_taken_back(self, ben: Caller) -> None:
        card = await ben.say(f"/contact log {LABEL}")
        assert f"0 calls about {LABEL} were logged here." in words(card)
        done = await ben.press(card, "Voicemail")
        assert f"Logged: voicemail. Thank you. 1 call about {LABEL} was logged here." in words(done)
        assert "logged before" in words(await ben.press(card, "Reached"))
        assert "taken back" in words(await ben.press(done, "Undo"))
        assert "nothing to take back" in words(await ben.press(done, "Undo"))
        await ben.say(f"/contact log {LABEL} outcome:busy")
        await ben.say(f"/contact log {LABEL} outcome:busy")
        assert "Busy: 2" in words(await ben.say(f"/contact log {LABEL}"))

    async def test_a_running_campaign_is_offered_and_its_calls_counted(
        self, ada: Caller, ben: Caller
    ) -> None:
        await start(ada)
        await ben.press(await ben.say("/campaign join"), "I reached someone")
        card = await ben.say(f"/contact log {LABEL}")
        assert "Reached: 1" in words(card)
        assert name(await ben.press(card, "Call in the campaign")) == "Rep. Wa Eight"


class TestFromAnAlert:
    async def test_the_campaign_about_it_else_ones_own_legislators(
        self, ada: Caller, ben: Caller
    ) -> None:
        line = f'/campaign join about:"{LABEL}"'
        assert isinstance(await ben.say(line), Form)
        await start(ada)
        assert name(await ben.say(line)) == "Rep. Wa Seven"
