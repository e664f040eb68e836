"""`/bill` as people use it, over the shipped record and bills that a source told of."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.bills import (
    ActionKind,
    Bill,
    BillAction,
    BillKey,
    Chamber,
    Hearing,
    HearingStatus,
    Sighting,
    Sponsor,
    SponsorRole,
)
from domain.cards import Bullets, Card, Facts, Notice, Page, Paragraph, Tone, plain
from domain.model import Platform, SpaceRef, WatchKind
from domain.pictures import BillPath
from domain.record import Stance
from storage.db import Database, Tx
from tests.fakes import FakeClock, Person

TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = BillKey(jurisdiction="wa", session="2025-2026", identifier="SB 5000")
People = Callable[..., Person]


def told(key: BillKey = KEY, *hearings: Hearing, title: str = "Synthetic: face scans") -> Bill:
    """A bill as a source would tell it; synthetic."""
    return Bill(
        key=key,
        title=title,
        sources=(Sighting(source="openstates", id="synthetic", seen_at=TODAY),),
        chamber=Chamber.UPPER,
        introduced_on=date(2026, 1, 12),
        sponsors=(
            Sponsor(name="Acme Example", role=SponsorRole.PRIMARY, party="D", district="36"),
        ),
        actions=(
            BillAction(
                on=date(2026, 1, 12),
                text="First reading.",
                kinds=(ActionKind.INTRODUCTION,),
                chamber=Chamber.UPPER,
            ),
            BillAction(
                on=date(2026, 1, 13),
                text="Referred to Law & Justice.",
                kinds=(ActionKind.REFERRAL_COMMITTEE,),
                chamber=Chamber.UPPER,
            ),
        ),
        hearings=hearings,
        urls=("https://legislature.example/sb5000",),
    )


def hearing(day: date, key: str = "h1", status: HearingStatus = HearingStatus.SCHEDULED) -> Hearing:
    return Hearing(
        key=key,
        on=day,
        zone="America/Los_Angeles",
        committee="Law & Justice",
        place="Hearing room 1",
        status=status,
    )


async def keep(database: Database, clock: FakeClock, *bills: Bill) -> None:
    await database.write(
        lambda tx: tx.bills.keep({one.key: (one, one) for one in bills}, clock.now())
    )


def words(card: Card) -> str:
    """All that a page says, a line each."""
    if isinstance(card, Notice):
        return f"{plain(card.text)}\n{plain(card.hint)}"
    assert isinstance(card, Page), card
    lines = [card.title]
    for block in card.blocks:
        if isinstance(block, Paragraph):
            lines.append(plain(block.text))
        elif isinstance(block, Facts):
            lines += [f"{one.label}: {plain(one.value)}" for one in block.facts]
        elif isinstance(block, Bullets):
            lines += map(plain, block.items)
    return "\n".join([*lines, card.note])


def buttons(card: Card) -> dict[str, str]:
    return {one.label: one.typed for one in getattr(card, "actions", ())}


@pytest.fixture(autouse=True)
def today(clock: FakeClock) -> None:
    clock.set(TODAY)


class TestShowFromTheRecord:
    @pytest.mark.parametrize(
        "asked",
        [
            "AB 2261", "ab2261", "CA AB 2261", "A.B. 2261 California", "Assembly Bill 2261",
            "ca-ab-2261", "ca 2019-2020 AB 2261", "AB 2261 2019-2020",
            "Facial recognition technology", "AB 2261 jurisdiction:california",
        ],
    )  # fmt: skip
    async def test_it_is_found_however_it_is_written(self, asked: str, member: Person) -> None:
        card = await member.ask(f"/bill show {asked}")
        assert isinstance(card, Page), words(card)
        assert card.title == "CA AB 2261 · Facial recognition technology"

    async def test_ab_2261_is_answered_well_with_no_source_at_all(self, member: Person) -> None:
        card = await member.ask("/bill show AB 2261")
        told = words(card)
        assert (
            "●─✕─○─○─○─○  introduced · committee · floor · other chamber · governor · law" in told
        )
        assert "Stands: Held in committee, June 2020" in told
        assert "For: Microsoft" in told
        assert "Against: ACLU and 55 civil-rights organizations" in told
        assert "A pledge: Microsoft’s lasts until a national law" in told
        assert "This is no national law." in told
        assert "June 2020: It is held in the Appropriations Committee." in told
        assert "California Globe, 3 June 2020" in told
        assert list(buttons(card)) == ["Untrack", "Hearings", "Microsoft’s pledge"]

    async def test_a_picture_shows_its_way(self, member: Person) -> None:
        card = await member.ask("/bill show AB 2261")
        assert isinstance(card, Page)
        assert card.picture is not None
        assert card.picture.alt.startswith("The way of CA AB 2261, held in committee, June 2020.")
        scene = card.picture.scene
        assert isinstance(scene, BillPath)
        assert [(one.label, one.told) for one in scene.stations][:3] == [
            ("Introduced", "21 February 2020"),
            ("Committee", "failed"),
            ("Floor", "not reached"),
        ]

    async def test_a_measure_without_number_has_no_picture(self, member: Person) -> None:
        card = await member.ask("/bill show san francisco")
        assert isinstance(card, Page)
        assert card.picture is None

    async def test_a_date_is_never_finer_than_its_source(self, member: Person) -> None:
        assert "30 June 2020" not in words(await member.ask("/bill show AB 2261"))

    async def test_an_ended_session_says_so_and_offers_the_successor(self, member: Person) -> None:
        card = await member.ask("/bill show HR 7356")
        assert "Stands: Introduced in the House; session 116 is over" in words(card)
        assert "✕─○─○─○─○─○" in words(card)
        assert buttons(card)["Taken up again: US H.R. 1404 (118)"] == ("/bill show us-118-hr-1404")

    async def test_congress_bills_are_found_under_the_states_name_for_them(
        self, member: Person
    ) -> None:
        card = await member.ask("/bill show us HB 7356")
        assert isinstance(card, Page)
        assert card.title.startswith("US H.R. 7356")

    @pytest.mark.parametrize(
        "asked", ["san francisco", "San Francisco, California", "San Francisco CA", "us-ca/san-francisco"]
    )  # fmt: skip
    async def test_a_measure_without_number_is_found_by_its_place(
        self, asked: str, member: Person
    ) -> None:
        card = await member.ask(f"/bill show {asked}")
        assert isinstance(card, Page)
        assert card.title == "San Francisco, California · Ban on city use of face recognition"

    async def test_what_nobody_knows_is_said_plainly(self, member: Person) -> None:
        card = await member.ask("/bill show AB 99999")
        assert isinstance(card, Notice)
        assert plain(card.text) == "No bill “AB 99999” is in the record, and no source told of one."
        assert buttons(card) == {"Search for it": "/bill search AB 99999"}

    async def test_a_near_name_is_offered(self, member: Person) -> None:
        card = await member.ask("/bill show facial recognition act of 2024")
        assert "/bill show us-119-hr-4695" in buttons(card).values()

    async def test_a_bare_number_offers_the_bills_that_have_it(self, member: Person) -> None:
        card = await member.ask("/bill show 6280")
        assert "/bill show wa-sb-6280" in buttons(card).values()

    async def test_the_past_is_told_as_of_its_day(self, member: Person, clock: FakeClock) -> None:
        clock.set(datetime(2020, 5, 20, tzinfo=UTC))
        told = words(await member.ask("/bill show AB 2261"))
        assert "held" not in told.lower()
        assert "For: Microsoft" not in told  # by a source of May 2020, so from the month's end on


class TestShowWhatASourceTold:
    async def test_a_bill_of_a_source_is_shown(
        self, member: Person, shipped: Database, clock: FakeClock
    ) -> None:
        await keep(shipped, clock, told(KEY, hearing(TODAY.date() + timedelta(days=3))))
        card = await member.ask("/bill show WA SB 5000")
        shown = words(card)
        assert "WA SB 5000 · Synthetic: face scans" in shown
        assert "●─◐─○─○─○─○" in shown
        assert "Stands: In committee, Senate" in shown
        assert "Sponsors: Acme Example (D-36)" in shown
        assert "Next hearing: 25 November 2026 (in 3 days): WA SB 5000 · Law & Justice" in shown
        assert "13 January 2026: Senate: Referred to Law & Justice." in shown

    async def test_a_number_in_two_places_asks_which(
        self, member: Person, shipped: Database, clock: FakeClock
    ) -> None:
        other = BillKey(jurisdiction="ny", session="2025-2026", identifier="SB 5000")
        await keep(shipped, clock, told(), told(other))
        card = await member.ask("/bill show SB 5000")
        assert isinstance(card, Notice)
        assert plain(card.text) == "“SB 5000” is a bill in 2 places."
        typed = buttons(card)
        assert set(typed) == {"WA SB 5000 (2025-2026)", "NY SB 5000 (2025-2026)"}
        chosen = await member.ask(typed["WA SB 5000 (2025-2026)"])
        assert isinstance(chosen, Page)
        assert chosen.title.startswith("WA SB 5000")
        named = await member.ask("/bill show SB 5000 jurisdiction:Washington")
        assert isinstance(named, Page)

    async def test_the_latest_session_is_shown_and_the_others_offered(
        self, member: Person, shipped: Database, clock: FakeClock
    ) -> None:
        before = BillKey(jurisdiction="wa", session="2023-2024", identifier="SB 5000")
        await keep(shipped, clock, told(before, title="The old one"), told())
        card = await member.ask("/bill show SB 5000")
        assert "face scans" in words(card)
        earlier = await member.ask(buttons(card)["In 2023-2024"])
        assert "The old one" in words(earlier)
        assert "session 2023-2024 is over" in words(earlier)

    async def test_a_number_with_its_place_is_not_the_records_key(
        self, member: Person, shipped: Database, clock: FakeClock
    ) -> None:
        again = BillKey(jurisdiction="va", session="2026", identifier="SB 741")
        await keep(shipped, clock, told(again, title="The new one"))
        card = await member.ask("/bill show VA SB 741")
        assert "The new one" in words(card)
        assert "In 2022" in buttons(card)

    async def test_a_later_bill_of_the_same_title_and_sponsor_is_offered_as_its_successor(
        self, member: Person, shipped: Database, clock: FakeClock
    ) -> None:
        before = BillKey(jurisdiction="wa", session="2023-2024", identifier="SB 4000")
        await keep(shipped, clock, told(before), told())
        card = await member.ask("/bill show WA SB 4000")
        assert "session 2023-2024 is over" in words(card)
        assert buttons(card)["Taken up again: WA SB 5000 (2025-2026)"] == (
            "/bill show wa 2025-2026 SB 5000"
        )
        assert "Contact legislators" not in buttons(card)
        assert "Contact legislators" in buttons(await member.ask("/bill show WA SB 5000"))

    async def test_the_record_and_a_source_tell_of_one_bill(
        self, member: Person, shipped: Database, clock: FakeClock
    ) -> None:
        key = BillKey(jurisdiction="ca", session="2019-2020", identifier="AB 2261")
        await keep(shipped, clock, told(key, title="An act to add …"))
        card = await member.ask("/bill show AB 2261")
        shown = words(card)
        assert shown.startswith("CA AB 2261 · Facial recognition technology")
        assert "For: Microsoft" in shown
        assert "Referred to Law & Justice." in shown

    async def test_a_city_is_found_by_its_name(
        self, member: Person, shipped: Database, clock: FakeClock
    ) -> None:
        town = BillKey(jurisdiction="us-wa/seattle", session="2026", identifier="CB 119996")
        await keep(shipped, clock, told(town))
        card = await member.ask("/bill show CB 119996 jurisdiction:Seattle")
        assert isinstance(card, Page)
        assert card.title.startswith("Seattle CB 119996")
        assert "mayor" in words(card)


class TestTracking:
    async def test_the_records_bills_are_tracked_from_the_start(self, member: Person) -> None:
        card = await member.ask("/bill list")
        assert isinstance(card, Page)
        assert card.title == "Bills tracked here: 10"
        assert "CA AB 2261 · Facial recognition technology · held in committee" in words(card)

    async def test_untrack_and_back(self, organizer: Person, shipped: Database) -> None:
        gone = await organizer.ask("/bill untrack AB 2261")
        assert isinstance(gone, Notice)
        assert plain(gone.text) == ("CA AB 2261 is tracked no more. Subscriptions to it ended.")
        assert "AB 2261" not in words(await organizer.ask("/bill list"))
        again = await organizer.ask("/bill untrack AB 2261")
        assert isinstance(again, Notice)
        assert again.tone is Tone.WRONG
        (undo,) = gone.actions
        back = await organizer.press(undo)
        assert isinstance(back, Page)
        assert back.title == "CA AB 2261 is tracked"
        watches = await shipped.read(_watches)
        assert watches["ca-ab-2261"] is True  # it follows the record again

    async def test_a_bill_of_the_record_that_is_not_watched_is(
        self, organizer: Person, shipped: Database
    ) -> None:
        card = await organizer.ask("/bill track VA HB 2031")
        assert isinstance(card, Page)
        assert card.title == "VA HB 2031 is tracked"
        assert "“Hear of it here” changes that" in card.note
        watches = await shipped.read(_watches)
        assert watches["va-hb-2031"] is False
        already = await organizer.ask("/bill track VA HB 2031")
        assert isinstance(already, Page)
        assert already.title == "VA HB 2031 is tracked already"

    async def test_a_bill_that_only_a_source_knows_is_tracked_by_its_own_key(
        self, organizer: Person, shipped: Database, clock: FakeClock
    ) -> None:
        await keep(shipped, clock, told())
        await organizer.ask("/bill track WA SB 5000")
        watches = await shipped.read(_watches)
        assert watches["wa 2025-2026 SB 5000"] is False
        assert "WA SB 5000 · Synthetic: face scans · in committee, Senate" in words(
            await organizer.ask("/bill list")
        )
        shown = await organizer.ask("/bill show WA SB 5000")
        assert "Untrack" in buttons(shown)

    async def test_a_number_tracked_in_two_places_asks_which_one(
        self, organizer: Person, shipped: Database, clock: FakeClock
    ) -> None:
        elsewhere = BillKey(jurisdiction="or", session="2025", identifier="SB 5000")
        await keep(shipped, clock, told(), told(elsewhere))
        await organizer.ask("/bill track WA SB 5000")
        await organizer.ask("/bill track OR SB 5000")
        card = await organizer.ask("/watch remove SB 5000")
        assert words(card) == (
            "Several bills watched here are called “SB 5000”.\n"
            "Did you mean OR SB 5000 or WA SB 5000?"
        )
        watches = await shipped.read(_watches)
        assert {"or 2025 SB 5000", "wa 2025-2026 SB 5000"} <= set(watches)
        await organizer.ask("/watch remove SB 5000 Oregon")
        left = await shipped.read(_watches)
        assert set(watches) - set(left) == {"or 2025 SB 5000"}
        assert "Nothing called" in words(await organizer.ask("/watch remove SB 5000 2019-2020"))
        assert "is watched no more" in words(await organizer.ask("/watch remove S.B. 5000"))

    async def test_sessions_of_one_number_are_told_apart(
        self, organizer: Person, shipped: Database, clock: FakeClock
    ) -> None:
        before = BillKey(jurisdiction="wa", session="2023-2024", identifier="SB 5000")
        await keep(shipped, clock, told(), told(before))
        await organizer.ask("/bill track WA SB 5000 2023-2024")
        await organizer.ask("/bill track WA SB 5000 2025-2026")
        card = await organizer.ask("/watch remove SB 5000")
        assert isinstance(card, Notice)
        assert "Did you mean wa 2023-2024 SB 5000 or wa 2025-2026 SB 5000?" in words(card)
        await organizer.press(card.actions[0])
        left = await shipped.read(_watches)
        assert "wa 2025-2026 SB 5000" in left
        assert "wa 2023-2024 SB 5000" not in left

    async def test_only_organizers_change_what_is_tracked(self, member: Person) -> None:
        for typed in (
            "/bill track VA HB 2031",
            "/bill untrack AB 2261",
            "/bill position AB 2261 who:Acme stance:supports source:letter",
        ):
            card = await member.ask(typed)
            assert isinstance(card, Notice)
            assert plain(card.text).startswith("Only organizers")

    async def test_an_empty_list_says_what_to_try(self, organizer: Person) -> None:
        for _ in range(10):
            listed = await organizer.ask("/bill list")
            assert isinstance(listed, Page)
            (items,) = (one.items for one in listed.blocks if isinstance(one, Bullets))
            await organizer.ask(f"/bill untrack {items[0][0].text}")
        card = await organizer.ask("/bill list")
        assert isinstance(card, Notice)
        assert plain(card.text) == "No bill is tracked here."


class TestHearings:
    async def test_hearings_of_tracked_bills_come_in_the_order_of_days(
        self, organizer: Person, shipped: Database, clock: FakeClock
    ) -> None:
        day = TODAY.date()
        await keep(
            shipped,
            clock,
            told(
                KEY,
                hearing(day + timedelta(days=9), "h2"),
                hearing(day + timedelta(days=2), "h1", HearingStatus.CANCELLED),
                hearing(day + timedelta(days=90), "h3"),
                hearing(day - timedelta(days=1), "h0"),
            ),
        )
        none = await organizer.ask("/bill hearings")
        assert "No hearing of a bill tracked here is known for the next 30 days." in words(none)
        await organizer.ask("/bill track WA SB 5000")
        card = await organizer.ask("/bill hearings")
        lines = words(card).splitlines()
        assert lines[0] == "Hearings in the next 30 days: 2"
        assert lines[1].startswith("24 November 2026: WA SB 5000 · cancelled")
        assert lines[2].startswith("1 December 2026 (in 9 days): WA SB 5000")
        more = await organizer.ask("/bill hearings 100")
        assert words(more).startswith("Hearings in the next 100 days: 3")


class TestPositions:
    async def test_a_position_is_noted_shown_and_taken_back(
        self, organizer: Person, shipped: Database
    ) -> None:
        card = await organizer.ask(
            "/bill position AB 2261 who:Acme stance:opposes source:https://acme.example/letter"
        )
        assert isinstance(card, Notice)
        assert plain(card.text) == "Acme on CA AB 2261 is noted here: opposes."
        shown = words(await organizer.ask("/bill show AB 2261"))
        assert "Acme · against it · noted here 22 November 2026" in shown
        changed = await organizer.ask(
            "/bill position AB 2261 who:acme stance:supports source:https://acme.example/again"
        )
        assert words(await organizer.ask("/bill show AB 2261")).count("cme · ") == 1
        undo = next(one for one in changed.actions if one.label == "Undo")  # type: ignore[union-attr]
        await organizer.press(undo)
        assert "against it" in words(await organizer.ask("/bill show AB 2261"))
        first_undo = next(one for one in card.actions if one.label == "Undo")
        await organizer.press(first_undo)
        assert "noted here" not in words(await organizer.ask("/bill show AB 2261"))
        rows = await shipped.read(_audit)
        assert rows[0] == (
            "bill position",
            "CA AB 2261: Acme",
            "opposes, https://acme.example/letter",
            "",
        )
        assert len(rows) == 4

    async def test_a_position_needs_a_source(self, organizer: Person) -> None:
        card = await organizer.ask("/bill position AB 2261 who:Acme stance:opposes")
        assert isinstance(card, Notice)
        assert plain(card.text).startswith("A position needs a source")

    async def test_nothing_to_take_back_is_said(self, organizer: Person) -> None:
        card = await organizer.ask("/bill position AB 2261 who:Acme stance:none")
        assert words(card).startswith("Nothing is noted here of Acme on CA AB 2261.")

    async def test_another_community_sees_nothing_of_it(
        self, organizer: Person, person: People
    ) -> None:
        await organizer.ask("/bill position AB 2261 who:Acme stance:opposes source:letter")
        assert "Acme" not in words(await person(space="2").ask("/bill show AB 2261"))

    async def test_it_stays_with_a_bill_that_comes_into_the_record_later(
        self, organizer: Person, shipped: Database, clock: FakeClock
    ) -> None:
        key = BillKey(jurisdiction="ca", session="2019-2020", identifier="AB 2261")
        space = await shipped.write(
            lambda tx: tx.spaces.ensure(organizer.request.space, clock.now())
        )

        def note(tx: Tx) -> None:
            actor = organizer.request.actor
            tx.bills.put_position(
                space, str(key), "Acme", Stance.OPPOSES, "letter", actor, clock.now()
            )

        await shipped.write(note)
        assert "Acme · against it" in words(await organizer.ask("/bill show AB 2261"))


def _watches(tx: Tx) -> dict[str, bool]:
    space = tx.spaces.find(SpaceRef(platform=Platform.DISCORD, external_id="1"))
    assert space
    return {one.key: one.shipped for one in tx.watches.of(space, WatchKind.BILL)}


def _audit(tx: Tx) -> list[tuple[str, str, str, str]]:
    space = tx.spaces.find(SpaceRef(platform=Platform.DISCORD, external_id="1"))
    assert space
    return [(one.verb, one.subject, one.before, one.after) for one in tx.audit.of(space, 50)]
