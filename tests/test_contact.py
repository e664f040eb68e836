"""`/contact`: who represents someone, what to say, and that nothing typed is kept."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from bot.app import Core, open_core
from bot.chats.terminal_chat import make_request
from bot.config import Config, Geocoder, Networking, Rosters, Storage
from domain import divisions
from domain.cards import Action, Card, Form, Notice, Page, Tone
from domain.people import Located
from feeds.rosters_congress import read_congress
from feeds.rosters_states import read_state
from storage.db import Database
from tests.census_double import BROKEN, Census, answer, layers
from tests.fakes import FakeClock, FakePlaces, Person
from tests.loopback import Page as Published
from tests.loopback import Publisher
from tests.stage import SPACE, SetClock
from tests.synthetic_rosters import congress_files, state_csv
from tests.test_commands import actions, bullets, refused, words

ADDRESS = "1 Example Street, Springfield"
NOW = datetime(2026, 11, 2, 18, tzinfo=UTC)  # Monday, 10:00 in Seattle, 13:00 in Washington
WA_7 = divisions.house_division("wa", "7")
WA_36 = (
    "ocd-division/country:us/state:wa/sldu:36",
    "ocd-division/country:us/state:wa/sldl:36",
)
FOUND = Located(state="wa", house=(WA_7,), lines=119, districts=WA_36)
People = Callable[..., Person]


@pytest.fixture
async def rosters(shipped: Database, clock: FakeClock) -> Database:
    """The database with synthetic rosters of Congress and Washington, one seat each vacant."""
    clock.set(NOW)
    congress = read_congress(congress_files(without="R000006"))
    state = read_state("wa", state_csv("wa", death={"lower 36 2": "2026-01-01"}))
    await shipped.write(lambda tx: tx.people.swap(congress, [], NOW))
    await shipped.write(lambda tx: tx.people.swap(state, [], NOW))
    return shipped


class TestFind:
    async def test_an_address_gives_everyone_who_represents_it(
        self, rosters: Database, places: FakePlaces, member: Person
    ) -> None:
        places.answers[ADDRESS] = FOUND
        reply = await member.reply(f"/contact find {ADDRESS}")
        assert reply.private
        told = words(reply.card)
        for name in (
            "US House · WA-7", "Rep. Wa Seven", "Sen. Senior Wa One", "Sen. Senior Wa Two",
            "WA Senate · 36", "Sen. Wa upper 36 1", "WA House · 36", "Rep. Wa lower 36 1",
            "1 of its 2 seats vacant.", "sent to the US Census geocoder and is not kept",
            "Congress as of 2 November 2026", "Washington as of 2 November 2026",
        ):  # fmt: skip
            assert name in told
        assert places.asked == [ADDRESS]

    async def test_the_capitol_comes_first_while_it_is_open(
        self, rosters: Database, places: FakePlaces, member: Person, clock: FakeClock
    ) -> None:
        places.answers[ADDRESS] = FOUND
        capitol, district = "Washington 202-555-0107", "Springfield 206-555-0107"
        open_ = next(
            one for one in bullets(await member.ask(f"/contact find {ADDRESS}")) if "Seven" in one
        )
        assert open_.index(capitol) < open_.index(district)
        clock.set(NOW + timedelta(hours=5))  # 18:00 in Washington, 15:00 in Seattle
        closed = next(
            one for one in bullets(await member.ask(f"/contact find {ADDRESS}")) if "Seven" in one
        )
        assert closed.index(district) < closed.index(capitol)

    async def test_a_vacant_seat_is_said_to_be_vacant(
        self, rosters: Database, places: FakePlaces, member: Person
    ) -> None:
        places.answers[ADDRESS] = Located(state="wa", house=(divisions.house_division("wa", "6"),))
        assert "This seat is vacant." in words(await member.ask(f"/contact find {ADDRESS}"))

    async def test_a_zip_code_in_one_district_is_answered_and_sent_nowhere(
        self, rosters: Database, places: FakePlaces, member: Person
    ) -> None:
        places.areas["98000"] = (WA_7,)
        for written in ("98000", "98000-1234"):
            told = words(await member.ask(f"/contact find {written}"))
            assert "Rep. Wa Seven" in told
            assert "says nothing of the state’s legislature" in told
        assert places.asked == []

    async def test_a_zip_code_in_several_districts_says_how_many_and_asks(
        self, rosters: Database, places: FakePlaces, member: Person
    ) -> None:
        places.areas["98000"] = (WA_7, divisions.house_division("wa", "9"))
        card = await member.ask("/contact find 98000")
        told, hint = refused(card)
        assert "spans 2 US House districts" in told
        assert "street address" in hint
        assert "98000" not in words(card)
        form = await member.press(actions(card)["Give the address"])
        assert isinstance(form, Form)
        assert [field.value for field in form.fields] == [""]

    async def test_an_unknown_zip_code_asks_for_the_address(
        self, rosters: Database, member: Person
    ) -> None:
        told, hint = refused(await member.ask("/contact find 00000"))
        assert "alone does not say who represents you" in told
        assert "street address" in hint

    async def test_districts_that_may_be_are_told_apart_from_those_that_are(
        self, rosters: Database, places: FakePlaces, member: Person
    ) -> None:
        nine = divisions.house_division("wa", "9")
        places.answers[ADDRESS] = Located(
            state="wa", house=(WA_7, nine), lines=120, districts=WA_36
        )
        card = await member.ask(f"/contact find {ADDRESS}")
        told = words(card)
        assert "US House · WA-7 (perhaps)" in told
        assert "the districts of the 120th Congress" in told
        offered = actions(card)
        assert not [label for label in offered if label in {"Rep. Seven", "Rep. Nine"}]
        await member.press(offered["Remember my districts"])
        assert "WA-7" not in words(await member.ask("/contact find"))

    @pytest.mark.parametrize(
        ("located", "told"),
        [
            (
                Located(
                    state="wa",
                    house=(WA_7,),
                    districts=(WA_36[0], "ocd-division/country:us/state:wa/sldl:99"),
                ),
                "99 is not in the roster of Washington: it may have been redrawn since.",
            ),
            (
                Located(state="wa", house=(WA_7,), missing=("the state house district",)),
                "The Census map gave no answer for the state house district: try again",
            ),
            (
                Located(
                    state="dc", house=(divisions.base("dc"),), districts=(divisions.base("dc"),)
                ),
                "may not vote on the passage of a bill",
            ),
            (
                Located(
                    state="dc", house=(divisions.base("dc"),), districts=(divisions.base("dc"),)
                ),
                "The roster of District of Columbia’s own legislature was not fetched yet",
            ),
            (
                Located(state="gu", house=(divisions.base("gu"),), districts=("ocd-division/x",)),
                "There is no public roster of Guam’s own legislature",
            ),
            (
                Located(
                    state="nh",
                    house=(divisions.house_division("nh", "1"),),
                    districts=("ocd-division/x",),
                ),
                "overlapping House districts",
            ),
        ],
    )
    async def test_each_odd_answer_is_its_own_sentence(
        self, rosters: Database, places: FakePlaces, member: Person, located: Located, told: str
    ) -> None:
        places.answers[ADDRESS] = located
        assert told in words(await member.ask(f"/contact find {ADDRESS}"))

    async def test_a_territory_has_its_delegate_and_nobody_else(
        self, rosters: Database, places: FakePlaces, member: Person
    ) -> None:
        places.answers[ADDRESS] = Located(state="pr", house=(divisions.base("pr"),))
        told = words(await member.ask(f"/contact find {ADDRESS}"))
        assert "Resident Commissioner Pr Zero" in told
        assert "US Senate" not in told

    async def test_without_rosters_it_says_how_they_come(self, member: Person) -> None:
        told, hint = refused(await member.ask("/contact find 98000"))
        assert "have not been fetched yet" in told
        assert "pledgewatch sync rosters" in hint


class TestRemembered:
    async def test_districts_are_kept_on_request_alone_for_one_person_and_space(
        self, rosters: Database, places: FakePlaces, person: People
    ) -> None:
        places.answers[ADDRESS] = FOUND
        asker, elsewhere = person(organizer=False), person(space="2")
        card = await asker.ask(f"/contact find {ADDRESS}")
        assert isinstance(await asker.ask("/contact find"), Form)
        kept = await asker.press(actions(card)["Remember my districts"])
        assert "US House · WA-7" in words(kept)
        again = await asker.ask("/contact find")
        assert "Rep. Wa Seven" in words(again)
        assert "no address is kept" in words(again)
        assert "4 districts" not in words(await elsewhere.ask("/pledgewatch privacy"))
        assert isinstance(await elsewhere.ask("/contact find"), Form)

    async def test_forgetting_erases_them(
        self, rosters: Database, places: FakePlaces, member: Person
    ) -> None:
        places.answers[ADDRESS] = FOUND
        card = await member.ask(f"/contact find {ADDRESS}")
        await member.press(actions(card)["Remember my districts"])
        assert "are erased" in words(await member.ask("/contact forget"))
        assert isinstance(await member.ask("/contact find"), Form)
        assert "No districts were remembered" in words(await member.ask("/contact forget"))

    async def test_they_outlive_a_new_roster(
        self, rosters: Database, places: FakePlaces, member: Person
    ) -> None:
        places.answers[ADDRESS] = FOUND
        card = await member.ask(f"/contact find {ADDRESS}")
        await member.press(actions(card)["Remember my districts"])
        fresh = read_congress(congress_files())
        await rosters.write(lambda tx: tx.people.swap(fresh, [], NOW))
        assert "Rep. Wa Seven" in words(await member.ask("/contact find"))

    async def test_made_up_numbers_are_refused(self, rosters: Database, member: Person) -> None:
        told, _ = refused(await member.ask("/contact remember 999999.12345678"))
        assert "not in the rosters" in told

    async def test_buttons_hold_their_districts_themselves(
        self, rosters: Database, places: FakePlaces, member: Person
    ) -> None:
        """A row for what does not fit into a button would keep what nobody asked to be kept."""
        places.answers[ADDRESS] = FOUND
        card = await member.ask(f"/contact find {ADDRESS}")
        tokens = await member.front_desk.tokens.sign(
            list(actions(card).values()), member.request.channel
        )
        assert tokens
        assert not [one for one in tokens.values() if "|~" in one]


class TestLegislator:
    async def test_one_is_found_by_name_with_all_there_is(
        self, rosters: Database, member: Person
    ) -> None:
        card = await member.ask("/contact legislator wa seven")
        assert isinstance(card, Page)
        told = " ".join(words(card).split())
        assert card.title == "Rep. Wa Seven"
        assert "202-555-0107 · open until 17:00 there" in told
        assert "House Committee on Examples (Chair) : Small Examples" in told
        assert "https://example.org/member" in told
        assert "as of 2 November 2026" in told
        links = [span.url for fact in card.blocks[1].facts for span in fact.value if span.url]  # type: ignore[union-attr]
        assert links == ["tel:+12025550107", "tel:+12065550107"]

    async def test_a_name_of_several_is_asked_about(
        self, rosters: Database, member: Person
    ) -> None:
        card = await member.ask("/contact legislator seven")
        assert "Which one is meant?" in words(card)
        chosen = await member.press(next(iter(actions(card).values())))
        assert isinstance(chosen, Page)

    async def test_a_near_miss_is_offered(self, rosters: Database, member: Person) -> None:
        card = await member.ask("/contact legislator Wa Sevn")
        assert [label for label in actions(card) if label.startswith("Rep. Wa Seven")]

    async def test_nobody_is_guessed_at(self, rosters: Database, member: Person) -> None:
        told, _ = refused(await member.ask("/contact legislator Zzyzx"))
        assert told == "No legislator of that name is in the rosters."


class TestScript:
    async def test_what_is_known_is_filled_in(self, rosters: Database, member: Person) -> None:
        card = await member.ask(
            "/contact script CA AB 2261 legislator:R000007 place:Ballard own:yes"
        )
        said = words(card)
        assert "I’m a constituent from Ballard. I’m asking Rep. Seven to support CA AB 2261" in said
        assert "held in committee, June 2020" in said
        assert "202-555-0107" in said

    async def test_who_did_not_say_so_is_no_constituent(
        self, rosters: Database, member: Person
    ) -> None:
        card = await member.ask("/contact script CA AB 2261 legislator:R000007")
        assert "constituent" not in words(card)

    async def test_remembered_districts_make_a_constituent(
        self, rosters: Database, places: FakePlaces, member: Person
    ) -> None:
        places.answers[ADDRESS] = FOUND
        found = await member.ask(f"/contact find {ADDRESS}")
        await member.press(actions(found)["Remember my districts"])
        assert "I’m a constituent." in words(
            await member.ask("/contact script CA AB 2261 legislator:R000007")
        )
        assert "constituent" not in words(
            await member.ask("/contact script CA AB 2261 legislator:R000008")
        )

    async def test_a_draft_of_a_message_carries_the_same_words(
        self, rosters: Database, member: Person
    ) -> None:
        card = await member.ask(
            "/contact script CA AB 2261 position:oppose legislator:wa lower 3 1"
        )
        assert isinstance(card, Page)
        drafts = [
            span.url
            for block in card.blocks
            for fact in getattr(block, "facts", ())
            for span in fact.value
            if span.url.startswith("mailto:")
        ]
        assert len(drafts) == 1
        assert drafts[0].startswith(
            "mailto:someone@example.org?subject=Oppose%20CA%20AB%202261&body=Hi"
        )

    async def test_a_pledge_can_be_called_about(self, rosters: Database, member: Person) -> None:
        said = words(await member.ask("/contact script Microsoft"))
        assert "hold Microsoft to its pledge of 11 June 2020" in said

    async def test_several_bills_go_into_one_call(self, rosters: Database, member: Person) -> None:
        said = words(await member.ask("/contact script CA AB 2261, CA AB 1215"))
        assert re.search(r"support CA AB 2261 .* and CA AB 1215", said)

    async def test_an_unknown_bill_is_not_made_up(self, rosters: Database, member: Person) -> None:
        card = await member.ask("/contact script CA AB 99999")
        assert refused(card)
        assert "support" not in words(card)


class TestWording:
    async def test_words_are_looked_at_before_they_are_kept_and_can_be_taken_back(
        self, rosters: Database, organizer: Person
    ) -> None:
        form = await organizer.ask("/contact wording CA AB 2261")
        assert isinstance(form, Form)
        assert "{legislator}" in form.fields[2].value
        mine = "Hello, {introduction}. Please {ask}."
        preview = await organizer.ask(f'/contact wording CA AB 2261 text:"{mine}"')
        assert "Hello, I’m calling about a concern. Please support CA AB 2261" in words(preview)
        assert "Hello" not in words(await organizer.ask("/contact script CA AB 2261"))
        kept = await organizer.press(actions(preview)["Save"])
        assert isinstance(kept, Notice)
        assert kept.tone is Tone.DONE
        assert "Hello, I’m calling" in words(await organizer.ask("/contact script CA AB 2261"))
        again = await organizer.ask("/contact wording CA AB 2261")
        assert isinstance(again, Form)
        assert again.fields[2].value == mine
        await organizer.press(actions(kept)["Undo"])
        assert "Hello" not in words(await organizer.ask("/contact script CA AB 2261"))

    async def test_the_preview_leads_back_to_the_form_with_the_words(
        self, rosters: Database, organizer: Person
    ) -> None:
        preview = await organizer.ask('/contact wording Microsoft text:"Please {ask}"')
        form = await organizer.press(actions(preview)["Change it"])
        assert isinstance(form, Form)
        assert form.fields[2].value == "Please {ask}"

    async def test_an_unknown_field_is_refused_when_saving(
        self, rosters: Database, organizer: Person
    ) -> None:
        told, hint = refused(
            await organizer.ask('/contact wording Microsoft text:"{senator}" step:save')
        )
        assert "{senator}" in told
        assert "{legislator}" in hint

    async def test_it_is_for_organizers_and_stays_in_the_community(
        self, rosters: Database, person: People
    ) -> None:
        told, _ = refused(await person(organizer=False).ask("/contact wording Microsoft"))
        assert "Only organizers" in told
        await person().ask('/contact wording Microsoft text:"Ours {ask}" step:save')
        assert "Ours" in words(await person().ask("/contact script Microsoft"))
        assert "Ours" not in words(await person(space="2").ask("/contact script Microsoft"))


async def test_privacy_names_everyone_who_sees_an_address(member: Person) -> None:
    told = words(await member.ask("/pledgewatch privacy"))
    for said in (
        "Discord or Slack",
        "US Census Bureau",
        "not stored, not logged",
        "/contact forget",
    ):
        assert said in told


@dataclass
class Planted:
    """The whole program over loopback; a typed address must be found at the geocoder alone."""

    core: Core
    census: Census
    publisher: Publisher
    folder: Path
    shown: list[str]

    async def say(self, said: str) -> Card:
        request = make_request(self.core.clock, organizer=True, space=SPACE, channel="c1")
        card = (await self.core.desk.answer_line(said, request)).card
        await self._shown(card)
        return card

    async def press(self, action: Action) -> Card:
        request = make_request(self.core.clock, organizer=True, space=SPACE, channel="c1")
        tokens = await self.core.desk.tokens.sign([action], request.channel)
        card = (await self.core.desk.answer_button(tokens[action], request)).card
        await self._shown(card)
        return card

    async def submit(self, path: str, given: dict[str, str]) -> Card:
        request = make_request(self.core.clock, organizer=True, space=SPACE, channel="c1")
        card = (await self.core.desk.answer(path, given, request)).card
        await self._shown(card)
        return card

    async def _shown(self, card: Card) -> None:
        """What an adapter would do: draw the card and sign its buttons, long ones into rows."""
        request = make_request(self.core.clock, organizer=True, space=SPACE, channel="c1")
        await self.core.desk.tokens.sign(getattr(card, "actions", ()), request.channel)
        self.shown.append(words(card))

    def stored(self) -> bytes:
        return b"".join(one.read_bytes() for one in sorted(self.folder.iterdir()))


@asynccontextmanager
async def planted(folder: Path) -> AsyncIterator[Planted]:
    async with AsyncExitStack() as stack:
        census = await stack.enter_async_context(Census())
        publisher = await stack.enter_async_context(Publisher())
        for name, body in congress_files().items():
            publisher.pages[f"us/{name}"] = Published(body=body)
        publisher.pages["wa.csv"] = Published(body=state_csv("wa"))
        publisher.pages["moved"] = Published(body=answer(WA_MATCH))
        config = Config(
            storage=Storage(url=f"sqlite:///{folder / 'planted.db'}"),
            network=Networking(
                allow_private=(ip_network("127.0.0.0/8"),), timeout=timedelta(seconds=5)
            ),
            rosters=Rosters(congress_url=publisher.url("us/"), openstates_url=publisher.url("")),
            geocoder=Geocoder(base_url=census.url),
        )
        core = await stack.enter_async_context(open_core(config, SetClock(NOW)))
        await core.rosters.sync(["us", "wa"])
        yield Planted(core, census, publisher, folder, [])


STREET, TOWN, ZIP = "48611", "Quillfeather", "98119"
PLANTED = f"{STREET} {TOWN} Lane, Springfield, WA {ZIP}"
WA_MATCH = layers("WA", "53", house="07", upper="36", lower="36")


@pytest.fixture
def all_logs(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything any library logs, at debug."""
    names = ["", *logging.Logger.manager.loggerDict]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    yield caplog
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


async def test_a_planted_address_is_nowhere_but_at_the_geocoder(
    tmp_path: Path, all_logs: pytest.LogCaptureFixture
) -> None:
    asyncio.get_running_loop().set_debug(True)
    async with planted(tmp_path) as program:
        census = program.census
        bodies = {
            "known": answer(WA_MATCH, zip_code=ZIP),
            "unknown": answer(),
            "several": answer(WA_MATCH, layers("WA", "53", house="09")),
            "layer": answer({**WA_MATCH, "119th Congressional Districts": BROKEN}, zip_code=ZIP),
            "redrawn": answer(layers("WA", "53", house="07", upper="36", lower="99")),
            "territory": answer(layers("PR", "72", house="98", upper="1", lower="1"), state="PR"),
            "nonsense": f"<html>{PLANTED}</html>".encode(),
        }
        for body in bodies.values():
            census.body = body
            await program.say(f"/contact find {PLANTED}")
            await program.say(f'/contact find place:"{PLANTED}"')
            await program.submit("contact find", {"place": PLANTED})
        for status in (302, 404, 500):
            census.status, census.location = status, program.publisher.url("moved")
            await program.say(f"/contact find {PLANTED}")
        census.status, census.location, census.body = 200, "", bodies["known"]
        for slip in (
            f"/contact fnd {PLANTED}", f"/contact {PLANTED}", f"/contact {ZIP}", f"/find {PLANTED}",
            f"/contact find {PLANTED} {'x' * 200}", f"/pledgewatch contact fnd {PLANTED}",
            f"/contact forget {PLANTED}", f"/contact find {ZIP}", "/contact find 98101",
            f"/contact script CA AB 2261 place:{TOWN}", f"/contact script place:{TOWN}",
        ):  # fmt: skip
            await program.say(slip)
        card = await program.say(f"/contact find {PLANTED}")
        await program.press(actions(card)["Remember my districts"])
        await program.press(actions(card)["Rep. Seven"])
        asked = {one["address"] for one in census.asked}
        assert asked == {PLANTED}, "the geocoder was asked, and for nothing else"
        stored = program.stored()
        requests = str({path: page.requests for path, page in program.publisher.pages.items()})
        calls = sum(page.requests != [] for page in program.publisher.pages.values())
        assert calls == 5, "only the rosters were fetched"
    told = [one for one in program.shown if "I’m calling from" not in one]
    for planted_word in (STREET, TOWN, ZIP):
        assert planted_word.encode() not in stored
        assert planted_word not in all_logs.text
        assert planted_word not in requests
        assert not [one for one in told if planted_word in one]
    assert b"Rep" in stored, "the search looks into what is stored"
    assert b"sldu:36" in stored


async def test_a_fault_of_ours_is_logged_without_what_was_typed(
    tmp_path: Path, all_logs: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with planted(tmp_path) as program:

        async def broken(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(program.core.fetcher, "get", broken)
        card = await program.say(f"/contact find {PLANTED}")
    assert "Something went wrong on our side." in words(card)
    assert "ZeroDivisionError" in all_logs.text
    assert TOWN not in all_logs.text
    assert STREET not in all_logs.text


async def test_the_service_syncs_rosters_by_itself(tmp_path: Path) -> None:
    async with planted(tmp_path) as program:
        clock = program.core.clock
        assert isinstance(clock, SetClock)
        clock.pass_(days=2)
        running = asyncio.create_task(program.core.rosters.run())
        before = len(program.publisher.pages["wa.csv"].requests)
        async with asyncio.timeout(20):
            while len(program.publisher.pages["wa.csv"].requests) < before + 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
