"""From an alert's “Contact legislators” to those who matter now; busy lines give way."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commands.campaign_cards import contact_about
from domain.bills import ActionKind, BillAction, BillKey, Chamber, Hearing
from domain.cards import Action, Card, Form, Notice, Page
from domain.model import Space
from domain.people import CommitteeSeat, Located
from storage.db import Database
from tests.calling import CREATE, KEY, LABEL, WA_7, Caller, actions, bill, furnish, rosters, words
from tests.fakes import FakePlaces
from tests.stage import SPACE, Stage, staged

ABOUT = ("about", str(KEY))
NOW = datetime(2026, 11, 2, 18, tzinfo=UTC)  # Monday, 13:00 in Washington, 10:00 in Seattle
ADDRESS = "48611 Quillfeather Lane"
BUTTON = contact_about(str(KEY))
ALERT = Page(title="A bill moved", actions=(BUTTON,))


def referred(committee: str = "Examples Committee") -> BillAction:
    return BillAction(
        on=datetime(2026, 1, 13, tzinfo=UTC).date(), text="Referred.", chamber=Chamber.LOWER,
        kinds=(ActionKind.REFERRAL_COMMITTEE,), committee=committee,
    )  # fmt: skip


def hearing(committee: str) -> Hearing:
    return Hearing(
        key="synthetic:1", on=(NOW + timedelta(days=3)).date(), zone="America/New_York",
        at=NOW + timedelta(days=3), committee=committee, chamber=Chamber.LOWER,
    )  # fmt: skip


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as made:
        made.clock.pass_(hours=9)
        assert made.clock.now() == NOW
        await furnish(made.core.database, NOW, referred())
        yield made


@pytest.fixture
def ada(stage: Stage) -> Caller:
    return Caller(stage.core, stage.clock, "ada", organizer=True)


@pytest.fixture
def ben(stage: Stage) -> Caller:
    return Caller(stage.core, stage.clock, "ben")


async def from_alert(caller: Caller) -> Card:
    return await caller.press(ALERT, BUTTON.label)


async def keep(database: Database, *, key: BillKey = KEY, **changed: object) -> None:
    told = replace(bill(NOW), key=key, **changed)  # type: ignore[arg-type]
    await database.write(lambda tx: tx.bills.keep({key: (told, told)}, NOW))


class TestFromAnAlert:
    async def test_the_committee_that_has_the_bill_is_shown_its_chair_first(
        self, ben: Caller
    ) -> None:
        card = await from_alert(ben)
        assert isinstance(card, Page)
        assert card.title == f"House Committee on Examples: {LABEL}"
        told = words(card)
        assert f"{LABEL} is before this committee." in told
        assert (
            "Rep. Wa Seven (Example) · Chair · US House, WA-7 · Washington 202-555-0107 · "
            "Springfield 206-555-0107" in told
        )
        assert told.index("Wa Seven") < told.index("Wa Eight")
        assert "Congress as of 2 November 2026" in card.note
        assert list(actions(card)) == ["Rep. Seven", "Rep. Eight", "My own legislators"]
        script = await ben.press(card, "Rep. Seven")
        assert f"I’m asking Rep. Seven to support {LABEL}" in words(script)

    async def test_the_one_that_hears_it_next_goes_before_the_one_that_has_it(
        self, stage: Stage, ben: Caller
    ) -> None:
        await keep(
            stage.core.database,
            actions=(referred(),),
            hearings=(hearing("Subcommittee on Small Examples"),),
        )
        card = await from_alert(ben)
        assert isinstance(card, Page)
        assert card.title == f"House Committee on Examples, Small Examples: {LABEL}"
        assert f"This committee hears {LABEL} on 5 November 2026 (in 3 days)." in words(card)
        assert "Wa Eight" not in words(card)

    async def test_a_running_campaign_goes_before_the_committee(
        self, ada: Caller, ben: Caller
    ) -> None:
        await ada.press(await ada.say(CREATE), "Start")
        assert "Voicemail" in actions(await from_alert(ben))

    async def test_a_long_committee_is_paged(self, stage: Stage, ben: Caller) -> None:
        congress, _ = rosters()
        chair, *others = [one for one in congress.legislators if one.state == "ca"][:20]
        seats = {
            one.key: replace(
                one,
                committees=(
                    CommitteeSeat(
                        committee="HSEX",
                        name="House Committee on Examples",
                        rank=place,
                        role="Chair" if one is chair else "",
                    ),
                ),
            )
            for place, one in enumerate([*others, chair])
        }
        long = replace(
            congress,
            legislators=tuple(
                seats.get(one.key, replace(one, committees=())) for one in congress.legislators
            ),
        )
        await stage.core.database.write(lambda tx: tx.people.swap(long, [], NOW))
        seen: list[str] = []
        card = await from_alert(ben)
        for more in ("12 more", "4 more", ""):
            assert isinstance(card, Page)
            people = [one for one in card.actions if one.command == "contact script"]
            assert len(people) == (8 if more else 4)
            seen += [dict(one.arguments)["legislator"] for one in people]
            card = await ben.press(card, more) if more else card
        assert seen[0] == chair.key
        assert sorted(seen) == sorted(seats)

    @pytest.mark.parametrize("committee", ["Unheard-of Committee", ""])
    async def test_else_the_askers_own_with_the_bill_kept(
        self, stage: Stage, ben: Caller, committee: str
    ) -> None:
        await keep(stage.core.database, actions=(referred(committee),))
        form = await from_alert(ben)
        assert isinstance(form, Form)
        assert form.command == "contact find"
        assert [(one.name, one.value, one.settled) for one in form.fields] == [
            ("place", "", False),
            ("about", str(KEY), True),
        ]
        await ben.lives_in(WA_7)
        found = await from_alert(ben)
        assert ABOUT in actions(found)["Another address"].arguments
        member = await ben.press(found, "Rep. Seven")
        script = await ben.press(member, "What to say")
        assert f"I’m a constituent. I’m asking Rep. Seven to support {LABEL}" in words(script)

    async def test_a_bill_that_ended_is_before_nobody(self, stage: Stage, ben: Caller) -> None:
        law = replace(referred(), kinds=(ActionKind.BECAME_LAW,))
        await keep(stage.core.database, actions=(referred(), law), hearings=(hearing("Examples"),))
        assert isinstance(await from_alert(ben), Form)

    async def test_a_pledge_leads_to_the_askers_own(self, ben: Caller) -> None:
        pledge = Page(title="A pledge", actions=(contact_about("amazon"),))
        form = await ben.press(pledge, BUTTON.label)
        assert isinstance(form, Form)
        assert form.fields[1].value == "amazon"

    @pytest.mark.parametrize(
        ("held", "told"),
        [((), "Examples Committee has WA HB 9901"),
         ((hearing("Examples"),), "Examples hears WA HB 9901 on 5 November 2026")],
    )  # fmt: skip
    async def test_of_a_state_no_committee_is_named_and_that_is_said(
        self, stage: Stage, ben: Caller, held: tuple[Hearing, ...], told: str
    ) -> None:
        key = BillKey(jurisdiction="wa", session="2025-2026", identifier="HB 9901")
        await keep(stage.core.database, key=key, actions=(referred(),), hearings=held)
        alert = Page(title="A bill moved", actions=(contact_about(str(key)),))
        card = await ben.press(alert, BUTTON.label)
        assert isinstance(card, Notice)
        why = (
            "; the public rosters hold no committees of Washington’s legislature, so its members "
            "are not named here."
        )
        assert f"{told}{why}" in words(card)
        form = await ben.press(card, "My own legislators")
        assert isinstance(form, Form)
        assert form.fields[1].value == str(key)

    async def test_nothing_named_is_a_plain_refusal(self, ben: Caller) -> None:
        assert "It is not said what this is about." in words(
            await ben.say("/contact committee about:,")
        )

    async def test_an_address_is_in_no_button_though_the_bill_is(
        self, stage: Stage, ben: Caller
    ) -> None:
        places = FakePlaces()
        places.answers[ADDRESS] = Located(state="wa", house=(WA_7,), lines=119)
        stage.core.desk._places = places
        card = await ben.say(f'/contact find place:"{ADDRESS}" about:"{LABEL}"')
        assert places.asked == [ADDRESS]
        offered: list[Action] = [*actions(card).values()]
        assert any(("about", LABEL) in one.arguments for one in offered)
        assert not [one for one in offered if "48611" in str(one.arguments)]


class TestBusyLines:
    CAPITOL, DISTRICT = "202-555-0107", "206-555-0107"

    def _capitol_first(self, card: Card) -> bool:
        told = words(card)
        return told.index(self.CAPITOL) < told.index(self.DISTRICT)

    async def test_a_busy_line_comes_last_for_the_next_caller_today(
        self, stage: Stage, ada: Caller, ben: Caller
    ) -> None:
        await ada.press(await ada.say(CREATE), "Start")
        shown = await ada.say("/campaign join 1")
        assert self._capitol_first(shown)
        await ada.press(shown, "Busy")
        page = await ben.say("/contact legislator Wa Seven")
        assert not self._capitol_first(page)
        assert "202-555-0107 · open until 17:00 there, busy for a caller today" in words(page)
        script = f'/contact script "{LABEL}" legislator:"Wa Seven"'
        assert not self._capitol_first(await ben.say(script))
        assert not self._capitol_first(await ben.say(f'/contact committee "{LABEL}"'))
        await ben.lives_in(WA_7)
        assert not self._capitol_first(await ben.say("/contact find"))
        stage.clock.pass_(days=1)
        assert self._capitol_first(await ben.say("/contact legislator Wa Seven"))

    async def test_other_outcomes_and_what_was_taken_back_leave_the_order(
        self, ada: Caller, ben: Caller
    ) -> None:
        await ada.press(await ada.say(CREATE), "Start")
        thanks = await ada.press(await ada.say("/campaign join 1"), "Busy")
        assert not self._capitol_first(await ben.say("/contact legislator Wa Seven"))
        again = await ada.press(thanks, "Undo")
        assert self._capitol_first(await ben.say("/contact legislator Wa Seven"))
        await ada.press(again, "Voicemail")
        assert self._capitol_first(await ben.say("/contact legislator Wa Seven"))

    async def test_it_stays_in_the_community_and_outlives_the_campaign(
        self, stage: Stage, ada: Caller, ben: Caller
    ) -> None:
        await ada.press(await ada.say(CREATE), "Start")
        await ada.press(await ada.say("/campaign join 1"), "Busy")
        database, now = stage.core.database, stage.clock.now()
        space = await database.read(lambda tx: tx.spaces.find(SPACE))
        assert space is not None
        wanted = ["R000007", "R000008"]
        assert await database.read(lambda tx: tx.campaigns.busy(space, wanted, now)) == {
            "R000007": 1
        }
        assert await database.read(lambda tx: tx.campaigns.busy(space, ["R000008"], now)) == {}
        other = replace(space, id=space.id + 1)
        assert await database.read(lambda tx: tx.campaigns.busy(other, wanted, now)) == {}
        await ada.press(await ada.say("/campaign close 1"), "Close it")
        assert not self._capitol_first(await ben.say("/contact legislator Wa Seven"))

    async def test_today_is_a_day_in_the_zone_of_the_campaigns_channel(
        self, stage: Stage, ada: Caller
    ) -> None:
        database = stage.core.database
        space = await database.write(lambda tx: tx.spaces.ensure(SPACE, NOW))
        await ada.press(await ada.say(CREATE), "Start")
        running = await database.read(lambda tx: tx.campaigns.find(space, 1))
        assert running is not None
        await database.write(
            lambda tx: tx.spaces.set_zone(running.channel.id, "America/Los_Angeles")
        )
        await ada.press(await ada.say("/campaign join 1"), "Busy")  # 10:00 there
        for hours, calls in ((13, 1), (15, 0)):
            later = NOW + timedelta(hours=hours)  # 07:00 and 09:00 of the next day in UTC
            assert await self._busy(database, space, later) == calls

    async def _busy(self, database: Database, space: Space, now: datetime) -> int:
        held = await database.read(lambda tx: tx.campaigns.busy(space, ["R000007"], now))
        return held.get("R000007", 0)
