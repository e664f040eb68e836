"""Proposing, reviewing and taking back, as people type it; every list, form and refusal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime

import pytest

from commands.pledge_drafts import Draft
from domain.cards import Action, Card, Form, Heading, Notice, Page, PledgeCard, Span, Tone, plain
from domain.entries import Entry
from domain.model import Actor, Platform, Space, SpaceRef, ToldEntry
from domain.ports import Request
from domain.proposals import ProposalKind
from domain.record import Record
from storage.db import Database, Tx
from tests.fakes import FakeClock, FakeFeeds, Person

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = 'source:"https://paper.example/story Example Paper"'
BROKEN = f'/pledge propose amazon what:event kind:broken on:2026-05-01 text:"A synthetic event." {SOURCE}'
NARROWED = f'/pledge propose amazon what:terms on:2026-06-01 text:"police only" covers:"police, not the FBI" ends:2026-12-31 {SOURCE}'
ACME = f'/pledge propose Acme Vision what:pledge on:2026-01-05 text:"No sales to police." covers:"police, resellers unstated" ends:"until a law is passed" {SOURCE}'
CONTRACT = f'/pledge evidence amazon bearing:contradicts kind:contract on:2026-03 text:"A synthetic contract." response:"It is for another product." bill:"CA AB 2261" {SOURCE}'
ORGANIZERS_ONLY = "They are: people with Manage Server. Ask one of them."


@dataclass
class Someone(Person):
    """A person with a name of their own."""

    id: str = "u1"

    @property
    def request(self) -> Request:
        """What the adapter would make of what they do now."""
        return replace(super().request, actor=Actor(id=self.id, name=self.id.capitalize()))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def known(person: Callable[..., Person]) -> Callable[..., Someone]:
    """Makes people with names: `known("ann", organizer=False)`."""

    def make(name: str, *, organizer: bool = True, space: str = "1") -> Someone:
        plain_one = person(organizer=organizer, space=space)
        given = {one.name: getattr(plain_one, one.name) for one in fields(plain_one)}
        return Someone(**given, id=name)

    return make


@pytest.fixture
def ann(known: Callable[..., Someone]) -> Someone:
    """A member, who is no organizer."""
    return known("ann", organizer=False)


@pytest.fixture
def bob(known: Callable[..., Someone]) -> Someone:
    return known("bob")


@pytest.fixture
def cat(known: Callable[..., Someone]) -> Someone:
    return known("cat")


def texts(thing: object) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, Span):
        yield thing.text
        yield thing.url
    elif isinstance(thing, tuple):
        yield from (part for one in thing for part in texts(one))
    elif is_dataclass(thing):
        yield from (part for one in fields(thing) for part in texts(getattr(thing, one.name)))


def words(card: Card) -> str:
    return " ".join(texts(card))


def actions(card: Card) -> dict[str, Action]:
    return {one.label: one for one in getattr(card, "actions", ())}


def told(card: Card) -> str:
    assert isinstance(card, Notice), card
    return plain(card.text)


def refused(card: Card) -> tuple[str, str]:
    assert isinstance(card, Notice), card
    assert card.tone is Tone.WRONG, card
    return plain(card.text), plain(card.hint)


def faults(card: Card) -> dict[str, str]:
    assert isinstance(card, Form), card
    return {one.name: one.fault for one in card.fields if one.fault}


def values(card: Card) -> dict[str, str]:
    assert isinstance(card, Form), card
    return {one.name: one.value for one in card.fields if one.value}


async def badge(person: Person, line: str = "/pledge show amazon") -> str:
    card = await person.ask(line)
    assert isinstance(card, PledgeCard)
    return card.badge


class TestProposing:
    async def test_alone_it_asks_about_whom_and_what(self, ann: Someone) -> None:
        card = await ann.ask("/pledge propose")
        assert isinstance(card, Form)
        assert [(one.name, one.required) for one in card.fields] == [
            ("company", True),
            ("what", True),
        ]

    async def test_about_a_company_it_offers_what_fits_it(self, ann: Someone) -> None:
        offered = {
            name: set(actions(await ann.ask(f"/pledge propose {name}")))
            for name in ("amazon", "nec", "Acme Vision")
        }
        every = {"Something happened", "The terms changed", "Evidence", "A new pledge"}
        assert offered["amazon"] == every
        assert offered["nec"] == {"Evidence", "A new pledge"}
        assert offered["Acme Vision"] == {"A new pledge"}

    @pytest.mark.parametrize("what", ["event", "terms", "pledge", "evidence"])
    async def test_every_form_fits_discords_five_fields_and_keeps_whom_it_is_about(
        self, what: str, ann: Someone
    ) -> None:
        card = await ann.ask(f"/pledge propose amazon what:{what}")
        assert isinstance(card, Form)
        assert not card.fault
        assert not faults(card)
        needed = [one.name for one in card.fields if one.required]
        assert len(needed) <= 5
        assert needed[-1] == "source"
        assert values(card)["company"].lower() == "amazon"
        assert all(one.value and one.settled for one in card.fields if not one.required)
        assert all(0 < len(one.label) <= 45 for one in card.fields if one.required)

    @pytest.mark.parametrize(
        ("line", "title"),
        [
            (BROKEN, "Proposed: Amazon: broken, 1 May 2026"),
            (NARROWED, "Proposed: Amazon: new terms from 1 June 2026"),
            (ACME, "Proposed: Acme Vision: a new pledge, 5 January 2026"),
            (CONTRACT, "Proposed: Amazon: evidence that contradicts it, March 2026"),
        ],
    )
    async def test_what_is_complete_is_kept_and_changes_nothing_yet(
        self, line: str, title: str, ann: Someone
    ) -> None:
        before = await ann.ask("/pledge show amazon")
        listed = await ann.ask("/pledge list")
        card = await ann.ask(line)
        assert isinstance(card, Page)
        assert card.title == title
        assert "https://paper.example/story" in words(card)
        assert await ann.ask("/pledge show amazon") == before
        assert await ann.ask("/pledge list") == listed

    async def test_new_terms_stand_beside_the_old(self, ann: Someone) -> None:
        card = await ann.ask(NARROWED)
        assert "Old (by spring 2022)" in words(card)
        assert "New (1 June 2026)" in words(card)
        assert "Federal law enforcement unstated no" in words(card)
        assert "Ends no date 31 December 2026" in words(card)

    async def test_saying_the_same_again_points_to_what_waits(self, ann: Someone) -> None:
        await ann.ask(BROKEN)
        again = await ann.ask(BROKEN)
        assert told(again) == "Proposal 1 says just this already."
        looked = await ann.press(actions(again)["Look at it"])
        assert isinstance(looked, Page)
        assert looked.title == "Proposal 1 · Amazon: broken, 1 May 2026"

    async def test_nobody_fills_the_list_alone(self, ann: Someone, bob: Someone) -> None:
        for number in range(20):
            assert isinstance(
                await ann.ask(BROKEN.replace("A synthetic", f"Synthetic {number}")), Page
            )
        assert refused(await ann.ask(BROKEN))[0] == (
            "20 of your proposals wait for review already."
        )
        assert isinstance(await bob.ask(BROKEN), Page)

    async def test_narrowed_asks_for_the_new_terms_next(self, ann: Someone) -> None:
        card = await ann.ask(BROKEN.replace("kind:broken", "kind:narrowed"))
        form = await ann.press(actions(card)["Propose the new terms too"])
        assert isinstance(form, Form)
        assert values(form) == {"company": "Amazon", "what": "terms"}

    async def test_an_unknown_company_gets_near_names_and_the_way_in(self, ann: Someone) -> None:
        for line in (
            "/pledge show micorsoft", "/pledge history micorsoft", "/pledge evidence micorsoft",
            "/pledge propose micorsoft what:event",
        ):  # fmt: skip
            card = await ann.ask(line)
            assert refused(card)[1] == "Did you mean Microsoft?"
            assert list(actions(card)) == ["Microsoft", "Propose a pledge of micorsoft"]
            form = await ann.press(actions(card)["Propose a pledge of micorsoft"])
            assert values(form) == {"company": "micorsoft", "what": "pledge"}

    async def test_without_a_pledge_nothing_can_have_happened_to_it(self, ann: Someone) -> None:
        card = await ann.ask(BROKEN.replace("amazon", "nec"))
        assert refused(card)[0] == "NEC has no pledge in the record."
        assert isinstance(await ann.press(actions(card)["A new pledge"]), Form)


class TestRefusedFieldByField:
    async def test_all_that_is_wrong_with_an_event_is_told_in_one_go_and_kept(
        self, ann: Someone
    ) -> None:
        card = await ann.ask(
            "/pledge propose amazon what:event kind:exploded on:2099-01-01 text:Bang source:ftp://x"
        )
        wrong = faults(card)
        assert wrong["kind"].startswith("“exploded” is none of: active, extended,")
        assert wrong["on"] == "“2099-01-01” is in the future."
        assert wrong["source"].startswith("“ftp://x” is no http or https address.")
        assert set(wrong) == {"kind", "on", "source"}
        assert isinstance(card, Form)
        assert all(fault in card.fault for fault in wrong.values())
        assert values(card) == {
            "kind": "exploded", "on": "2099-01-01", "text": "Bang", "source": "ftp://x",
            "company": "amazon", "what": "event",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("change", "name", "fault"),
        [
            (("on:2026-05-01", "on:2019-05-01"), "on",
             "“2019-05-01” is before the pledge was announced, 10 June 2020."),
            (("on:2026-05-01", "on:May"), "on",
             "“May” is no date: write it as 2026-05-01, 2026-05 or 2026."),
            (("on:2026-05-01", "on:2026-12"), "on", "“2026-12” is in the future."),
            (("on:2026-05-01", ""), "on", "This is needed."),
            (('text:"A synthetic event."', ""), "text", "This is needed."),
            (('text:"A synthetic event."', f'text:"{"x" * 1001}"'), "text",
             "This is longer than 1000 characters."),
            ((SOURCE, ""), "source",
             "A source is needed: the address of a page, then the outlet’s name."),
            ((SOURCE, "source:Reuters"), "source",
             "“Reuters” is no http or https address. Put the address first."),
            ((SOURCE, "source:https://"), "source",
             "“https://” is no http or https address. Put the address first."),
            ((SOURCE, "source:https://[::1"), "source", "“https://[::1” is no address."),
            ((SOURCE, "source:javascript:alert(1)"), "source",
             "“javascript:alert(1)” is no http or https address. Put the address first."),
            ((SOURCE, "source:https://me:secret@paper.example"), "source",
             "This address holds a name or a password. Leave them out."),
            (("kind:broken", "kind:announced"), "kind",
             ("“announced” is none of: active, extended, narrowed, expired, condition possibly met, "
             "superseded, withdrawn, disputed, broken, met.")),
            (("what:event", "what:event pledge:other"), "pledge",
             "It is none of: Pause on police use of Rekognition."),
        ],
    )  # fmt: skip
    async def test_of_an_event(
        self, change: tuple[str, str], name: str, fault: str, ann: Someone
    ) -> None:
        assert faults(await ann.ask(BROKEN.replace(*change))) == {name: fault}

    @pytest.mark.parametrize(
        ("change", "name", "fault"),
        [
            (("police, not the FBI", "police, not police"), "covers",
             "This contradicts itself: local and state police cannot be both covered and not covered."),
            (("police, not the FBI", "sheriff unstated, police"), "covers",
             "This contradicts itself: local and state police cannot be both unstated and covered."),
            (("police, not the FBI", "martians"), "covers",
             ("“martians” is none of those the record tells apart: local and state police, federal law "
             "enforcement, immigration authorities, military, police abroad, private buyers, resellers.")),
            (("2026-12-31", "2026-06-01"), "ends",
             "This contradicts itself: 1 June 2026 is not after the beginning, 1 June 2026."),
            (("2026-12-31", "2027"), "ends",
             "“2027” is no day: write it as 2027-06-30, or say in words what ends it."),
            (("2026-12-31", '""'), "ends", "This is needed."),
            (("on:2026-06-01", "on:2020-06-09"), "on",
             "“2020-06-09” is before the pledge was announced, 10 June 2020."),
            (('"police, not the FBI" ends:2026-12-31', '"as before" ends:"as before"'), "covers",
             "This says what the terms of by spring 2022 say already."),
        ],
    )  # fmt: skip
    async def test_of_terms(
        self, change: tuple[str, str], name: str, fault: str, ann: Someone
    ) -> None:
        assert faults(await ann.ask(NARROWED.replace(*change))) == {name: fault}

    async def test_two_faults_of_one_field_are_both_told(self, ann: Someone) -> None:
        card = await ann.ask(NARROWED.replace("not the FBI", "not police, martians"))
        assert "contradicts itself" in faults(card)["covers"]
        assert "“martians”" in faults(card)["covers"]

    @pytest.mark.parametrize(
        ("change", "name", "fault"),
        [
            (("bearing:contradicts", "bearing:doubts"), "bearing",
             "“doubts” is none of: supports, contradicts, context."),
            (("kind:contract", ""), "kind",
             ("Choose one of: contract, lobbying filing, bill position, policy text, news, records "
             "request, audit study, shareholder vote, court case.")),
            (("on:2026-03", "on:2019-03"), "on",
             "“2019-03” is before the pledge was announced, 10 June 2020."),
            (("CA AB 2261", "CA AB 9999"), "bill", "No bill “CA AB 9999” is in the record."),
        ],
    )  # fmt: skip
    async def test_of_evidence(
        self, change: tuple[str, str], name: str, fault: str, ann: Someone
    ) -> None:
        assert faults(await ann.ask(CONTRACT.replace(*change))) == {name: fault}

    @pytest.mark.parametrize("bill", ["AB 2261 California", "ca 2019-2020 AB 2261", "ca-ab-2261"])
    async def test_a_bill_is_named_as_for_bill_show(self, bill: str, ann: Someone) -> None:
        card = await ann.ask(CONTRACT.replace("CA AB 2261", bill))
        assert "ca-ab-2261" in set(texts(card))

    async def test_a_bill_that_may_be_several_is_asked_for(self, record: Record) -> None:
        californian = record.bill("ca-ab-2261")
        assert californian
        other = replace(californian, key="ny-ab-2261", jurisdiction="ny", title="Synthetic.")
        given = {
            "bearing": "supports", "kind": "news", "on": "2021-02", "text": "Synthetic.",
            "source": "https://paper.example/a",
        }  # fmt: skip
        told = {}
        for bill in ("AB 2261", "CA AB 2261", "NY AB 2261"):
            draft = Draft(
                record=replace(record, bills=(*record.bills, other)),
                company=record.company("amazon"), name="Amazon", typed={**given, "bill": bill},
                today=NOW.date(),
            )  # fmt: skip
            addition = draft.read(ProposalKind.EVIDENCE)
            told[bill] = addition.evidence.bill if addition and addition.evidence else draft.faults
        assert told == {
            "AB 2261": {"bill": "“AB 2261” may be CA AB 2261 or NY AB 2261. Name one of them."},
            "CA AB 2261": "ca-ab-2261",
            "NY AB 2261": "ny-ab-2261",
        }

    async def test_context_may_be_older_than_the_pledge(self, ann: Someone) -> None:
        old = CONTRACT.replace("bearing:contradicts", "bearing:context")
        assert isinstance(await ann.ask(old.replace("on:2026-03", "on:2018-03")), Page)

    @pytest.mark.parametrize(
        ("name", "fault"),
        [
            ("!!!", "A name needs at least one letter or digit."),
            ("x" * 81, "A name has at most 80 characters."),
        ],
    )
    async def test_of_a_new_company(self, name: str, fault: str, ann: Someone) -> None:
        assert faults(await ann.ask(ACME.replace("Acme Vision", name))) == {"company": fault}

    async def test_the_address_is_read_as_chats_write_it(
        self, record: Record, ann: Someone
    ) -> None:
        given = {
            "https://paper.example/a": "paper.example",
            "https://paper.example/a Example Paper": "Example Paper",
            "<https://paper.example/a|paper.example/a> Example Paper": "Example Paper",
            "<https://paper.example/a>, Example Paper": "Example Paper",
        }
        for source, outlet in given.items():
            typed = {
                "kind": "broken", "on": "by 2026-05", "text": "Synthetic.", "source": source,
            }  # fmt: skip
            draft = Draft(
                record=record, company=record.company("amazon"), name="Amazon", typed=typed,
                today=NOW.date(),
            )  # fmt: skip
            addition = draft.read(ProposalKind.EVENT)
            assert addition
            (citation,) = addition.citations
            assert (citation.url, citation.outlet) == ("https://paper.example/a", outlet)
            assert citation.retrieved_on == NOW.date()


class TestReviewing:
    async def test_two_organizers_make_it_count_for_everyone_here(
        self, ann: Someone, bob: Someone, cat: Someone
    ) -> None:
        await ann.ask(BROKEN)
        first = await bob.ask("/pledge review 1 verdict:confirm")
        assert (
            told(first) == "Proposal 1 is confirmed by one organizer: Amazon: broken, 1 May 2026."
        )
        assert (await badge(ann)).startswith("NARROWED")
        second = await cat.ask("/pledge review 1 verdict:confirm")
        assert told(second) == (
            "Proposal 1 counts from now on: Amazon: broken, 1 May 2026. Two organizers confirmed it."
        )
        assert await badge(ann) == "BROKEN · since 1 May 2026"
        assert (await badge(ann, "/pledge show amazon on:2026-04-30")).startswith("NARROWED")

    async def test_another_community_sees_none_of_it(
        self, known: Callable[..., Someone], bob: Someone
    ) -> None:
        await bob.ask(BROKEN)
        await bob.ask("/pledge review 1 verdict:confirm alone:yes")
        stranger = known("eve", space="2")
        assert (await badge(stranger)).startswith("NARROWED")
        assert refused(await stranger.ask("/pledge review 1"))[0] == "There is no proposal 1 here."
        for verdict in ("confirm", "withdraw", "reopen"):
            card = await stranger.ask(f"/pledge review 1 verdict:{verdict}")
            assert refused(card)[0] == "There is no proposal 1 here."
        assert told(await stranger.ask("/pledge review")) == "Nothing waits for review."

    @pytest.mark.parametrize("verdict", ["confirm", "decline"])
    async def test_members_cannot_review(self, verdict: str, ann: Someone) -> None:
        await ann.ask(BROKEN)
        for line in (
            f"/pledge review 1 verdict:{verdict}",
            f"/pledge review 1 verdict:{verdict} reason:x",
        ):
            assert refused(await ann.ask(line)) == (
                f"Only organizers can {verdict} a proposal here.",
                ORGANIZERS_ONLY,
            )

    async def test_the_only_organizer_says_so_and_the_reply_does_too(self, bob: Someone) -> None:
        await bob.ask(BROKEN)
        first = await bob.ask("/pledge review 1 verdict:confirm")
        done = await bob.press(actions(first)["I am the only organizer"])
        assert told(done).endswith("One organizer confirmed it, as the only one here.")
        assert await badge(bob) == "BROKEN · since 1 May 2026"

    @pytest.mark.parametrize(
        "deed", ["/watch add sharks", "/pledge review 2 verdict:decline reason:No"]
    )
    async def test_who_is_not_the_only_organizer_cannot_say_so(
        self, deed: str, ann: Someone, bob: Someone, cat: Someone
    ) -> None:
        await ann.ask(BROKEN)
        await ann.ask(NARROWED)
        await cat.ask(deed)
        card = await bob.ask("/pledge review 1 verdict:confirm alone:yes")
        assert (
            refused(card)[0] == "You are not the only organizer here: another one has acted before."
        )
        assert (await badge(bob)).startswith("NARROWED")

    async def test_what_members_did_makes_nobody_an_organizer(
        self, ann: Someone, bob: Someone
    ) -> None:
        await ann.ask(BROKEN)
        await ann.ask(NARROWED)
        await ann.ask("/pledge review 2 verdict:withdraw")
        card = await bob.ask("/pledge review 1 verdict:confirm alone:yes")
        assert told(card).startswith("Proposal 1 counts from now on")

    async def test_a_decline_asks_why_and_ends_it(
        self, ann: Someone, bob: Someone, cat: Someone
    ) -> None:
        await ann.ask(BROKEN)
        listed = await bob.ask("/pledge review")
        form = await bob.press(actions(listed)["Decline 1"])
        assert isinstance(form, Form)
        assert [one.name for one in form.fields if one.required] == ["reason"]
        assert values(form) == {"proposal": "1", "verdict": "decline"}
        done = await bob.ask("/pledge review 1 verdict:decline reason:The page says otherwise.")
        assert told(done) == (
            "Proposal 1 is declined: Amazon: broken, 1 May 2026. Reason: The page says otherwise."
        )
        late = await cat.ask("/pledge review 1 verdict:confirm")
        assert refused(late) == (
            "Proposal 1 is declined already.",
            "Reason: The page says otherwise.",
        )

    async def test_a_reason_is_no_novel(self, ann: Someone, bob: Someone) -> None:
        await ann.ask(BROKEN)
        card = await bob.ask(f"/pledge review 1 verdict:decline reason:{'x' * 501}")
        assert refused(card)[0] == "A “reason” has at most 500 characters."

    async def test_each_step_is_undone_by_its_button(
        self, ann: Someone, bob: Someone, cat: Someone
    ) -> None:
        """Propose, confirm, decline, withdraw, take back: none is without a way back."""
        gone = await ann.press(actions(await ann.ask(BROKEN))["Undo"])
        assert told(gone) == "Proposal 1 is withdrawn: Amazon: broken, 1 May 2026."
        back = await ann.press(actions(gone)["Undo"])
        assert "is open again" in told(back)
        confirmed = await bob.ask("/pledge review 1 verdict:confirm")
        assert "is open again" in told(await bob.press(actions(confirmed)["Undo"]))
        declined = await bob.ask("/pledge review 1 verdict:decline reason:No")
        assert "is open again" in told(await bob.press(actions(declined)["Undo"]))
        await bob.ask("/pledge review 1 verdict:confirm")
        counts = await cat.ask("/pledge review 1 verdict:confirm")
        assert await badge(ann) == "BROKEN · since 1 May 2026"
        taken = await cat.press(actions(counts)["Undo"])
        assert told(taken) == "Proposal 1 counts no more: Amazon: broken, 1 May 2026."
        assert (await badge(ann)).startswith("NARROWED")
        assert "is open again" in told(await cat.press(actions(taken)["Undo"]))
        assert (await badge(ann)).startswith("NARROWED")
        await bob.ask("/pledge review 1 verdict:confirm")
        await cat.ask("/pledge review 1 verdict:confirm")
        assert await badge(ann) == "BROKEN · since 1 May 2026"

    async def test_only_organizers_take_back_what_counts(self, ann: Someone, bob: Someone) -> None:
        await ann.ask(BROKEN)
        await bob.ask("/pledge review 1 verdict:confirm alone:yes")
        card = await ann.ask("/pledge review 1 verdict:withdraw")
        assert refused(card)[0] == "Only organizers can take back a proposal."
        assert await badge(ann) == "BROKEN · since 1 May 2026"

    async def test_what_builds_on_a_pledge_waits_for_it(self, ann: Someone, bob: Someone) -> None:
        await ann.ask(ACME)
        await bob.ask("/pledge review 1 verdict:confirm alone:yes")
        await ann.ask(BROKEN.replace("amazon", "Acme Vision"))
        await bob.ask("/pledge review 1 verdict:withdraw")
        card = await bob.ask("/pledge review 2 verdict:confirm alone:yes")
        assert refused(card)[0].startswith("What proposal 2 belongs to is not in the record")

    async def test_names_are_in_the_audit_log_and_in_no_reply(
        self, ann: Someone, bob: Someone, cat: Someone, shipped: Database
    ) -> None:
        said = [
            await ann.ask(BROKEN),
            await bob.ask("/pledge review 1 verdict:confirm"),
            await cat.ask("/pledge review 1 verdict:confirm"),
            await ann.ask("/pledge review 1"),
            await ann.ask("/pledge review state:confirmed"),
            await ann.ask("/pledge history amazon"),
            await ann.ask("/pledge show amazon"),
        ]
        for card in said:
            assert not {"ann", "bob", "cat"} & set(words(card).lower().replace(":", " ").split())

        def work(tx: Tx) -> list[tuple[str, str, str, str]]:
            space = tx.spaces.find(SpaceRef(platform=Platform.DISCORD, external_id="1"))
            assert space
            return [(one.actor, one.verb, one.before, one.after) for one in tx.audit.of(space, 10)]

        assert await shipped.read(work) == [
            ("cat", "pledge review", "open", "confirmed (confirm)"),
            ("bob", "pledge review", "open", "open (confirm)"),
            ("ann", "pledge propose", "", "open"),
        ]

    async def test_the_list_comes_in_pages_with_a_button_each(
        self, ann: Someone, bob: Someone
    ) -> None:
        assert told(await bob.ask("/pledge review")) == "Nothing waits for review."
        for number in range(7):
            await ann.ask(BROKEN.replace("A synthetic", f"Synthetic {number}"))
        first = await bob.ask("/pledge review")
        assert isinstance(first, Page)
        assert first.title == "Proposals, open: 7"
        assert [one.text[:3] for one in first.blocks if isinstance(one, Heading)] == [
            "1 ·", "2 ·", "3 ·", "4 ·", "5 ·",
        ]  # fmt: skip
        assert actions(first)["2 more"].typed == "/pledge review state:open page:2"
        second = await bob.press(actions(first)["2 more"])
        assert list(actions(second)) == ["Confirm 6", "Decline 6", "Confirm 7", "Decline 7"]
        assert told(await bob.press(actions(second)["Confirm 7"])).startswith("Proposal 7 is")
        confirmed = await bob.ask("/pledge review state:confirmed")
        assert told(confirmed) == "No proposal here is confirmed."

    async def test_a_confirmed_new_company_is_shown_compared_and_followed_up(
        self, ann: Someone, bob: Someone
    ) -> None:
        await ann.ask(ACME)
        await bob.ask("/pledge review 1 verdict:confirm alone:yes")
        assert await badge(ann, "/pledge show acme vision") == "ACTIVE · since 5 January 2026"
        card = await ann.ask("/pledge show Acme Vision covers:police")
        assert "Yes." in words(card)
        assert "a law is passed" in words(await ann.ask("/pledge show Acme Vision"))
        assert "Acme Vision" in words(await ann.ask("/pledge compare ibm, acme vision"))
        await ann.ask(BROKEN.replace("amazon", "Acme Vision"))
        await bob.ask("/pledge review 2 verdict:confirm alone:yes")
        assert await badge(ann, "/pledge show acme vision") == "BROKEN · since 1 May 2026"

    async def test_new_terms_end_when_they_say(
        self, ann: Someone, bob: Someone, clock: FakeClock
    ) -> None:
        await ann.ask(NARROWED)
        await bob.ask("/pledge review 1 verdict:confirm alone:yes")
        card = await ann.ask("/pledge show amazon covers:FBI")
        assert "No." in words(card)
        assert "Amazon" in words(await ann.ask("/pledge list ends:60"))
        assert "No pledge ends within 10 days" in words(await ann.ask("/pledge list ends:10"))
        clock.set(datetime(2027, 1, 1, tzinfo=UTC))
        assert await badge(ann) == "EXPIRED · since 31 December 2026"


class TestEvidence:
    async def test_it_is_listed_by_bearing_newest_first_with_its_sources(
        self, ann: Someone
    ) -> None:
        card = await ann.ask("/pledge evidence amazon")
        assert isinstance(card, Page)
        heads = [one.text for one in card.blocks if isinstance(one, Heading)]
        assert [head.split(" (")[0] for head in heads] == [
            "Supports the pledge", "Contradicts the pledge", "Context",
        ]  # fmt: skip
        assert "https://fedscoop.com/" in words(card)
        last: Card = card
        seen = words(card)
        while more := [one for label, one in actions(last).items() if label.endswith("more")]:
            last = await ann.press(more[0])
            seen += words(last)
        assert "What affected communities say" in seen
        assert "Amazon objects to the 80% threshold" in seen
        assert "Fight for the Future" in seen

    async def test_what_is_confirmed_is_listed_and_counted_on_the_card(
        self, ann: Someone, bob: Someone
    ) -> None:
        before = await ann.ask("/pledge show amazon")
        await ann.ask(CONTRACT)
        await bob.ask("/pledge review 1 verdict:confirm alone:yes")
        card = await ann.ask("/pledge evidence amazon")
        assert "Contradicts the pledge (2)" in words(card)
        assert "A synthetic contract. (contract)" in words(card)
        assert "It is for another product." in words(card)
        assert "1 contradicts" in words(before)
        assert "2 contradicts" in words(await ann.ask("/pledge show amazon"))

    async def test_where_there_is_none_it_says_so_and_offers_to_add(
        self, ann: Someone, bob: Someone
    ) -> None:
        await ann.ask(ACME)
        await bob.ask("/pledge review 1 verdict:confirm alone:yes")
        card = await ann.ask("/pledge evidence acme vision")
        assert told(card) == "The record has no evidence about Acme Vision yet."
        assert isinstance(await ann.press(actions(card)["Add evidence"]), Form)

    async def test_an_alert_is_filed_with_what_it_says(
        self, ann: Someone, shipped: Database, feeds: FakeFeeds, known: Callable[..., Someone]
    ) -> None:
        story = await told_story(ann, shipped, feeds)
        button = Action(
            label="File as evidence", command="pledge evidence",
            arguments=(("company", "amazon"), ("story", str(story))),
        )  # fmt: skip
        form = await ann.press(button)
        assert values(form) == {
            "company": "amazon", "story": str(story), "kind": "news", "on": "2026-11-20",
            "text": "Amazon sells face recognition to police",
            "title": "Amazon sells face recognition to police",
            "source": "https://news.example/1 News",
        }  # fmt: skip
        assert not faults(form)
        filled = {**values(form), "bearing": "contradicts"}
        reply = await ann.front_desk.answer("pledge evidence", filled, ann.request)
        assert isinstance(reply.card, Page)
        assert "“Amazon sells face recognition to police”" in words(reply.card)
        stranger = known("eve", space="2")
        assert refused(await stranger.press(button))[0] == "There is no such story here."
        assert refused(await ann.ask("/pledge evidence amazon story:999"))[0] == (
            "There is no such story here."
        )


async def told_story(person: Person, shipped: Database, feeds: FakeFeeds) -> int:
    """A story that the community's feed brought, without any network."""
    feeds.put("https://news.example/feed", "News")
    await replace(person, organizer=True).ask("/feed add https://news.example/feed")
    title = "Amazon sells face recognition to police"
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)

    def work(tx: Tx) -> int:
        (status,) = tx.sources.followed(space_of(tx))
        entry = Entry(guid="1", url="https://news.example/1", title=title)
        told = ToldEntry(source_id=status.source.id, entry=entry, link="", dated_at=at, matches=())
        first_id, story = tx.stories.next_ids()
        tx.stories.add([told], [story], first_id, at)
        return story

    return await shipped.write(work)


def space_of(tx: Tx) -> Space:
    space = tx.spaces.find(SpaceRef(platform=Platform.DISCORD, external_id="1"))
    assert space
    return space


class TestHistory:
    async def test_it_shows_events_and_versions_in_their_order_and_conflicts_last(
        self, ann: Someone
    ) -> None:
        card = await ann.ask("/pledge history amazon")
        seen = words(card)
        order = [
            "10 June 2020 · announced", "The first terms, 10 June 2020", "18 May 2021 · extended",
            "New terms, 18 May 2021", "By spring 2022 · narrowed", "New terms, by spring 2022",
        ]  # fmt: skip
        places = [seen.index(one) for one in order]
        assert places == sorted(places)
        assert "Ends 10 June 2021 no date" in seen
        assert isinstance(card, Page)
        more = await ann.press(next(one for one in card.actions if one.label.endswith("more")))
        assert "Where sources disagree" in words(more)

    async def test_it_ends_with_the_day_asked_for(self, ann: Someone) -> None:
        seen = words(await ann.ask("/pledge history amazon on:2021-03-01"))
        assert "10 June 2020 · announced" in seen
        assert "18 May 2021" not in seen

    async def test_nothing_yet_is_said_plainly(self, ann: Someone, bob: Someone) -> None:
        await ann.ask(ACME)
        await bob.ask("/pledge review 1 verdict:confirm alone:yes")
        card = await ann.ask("/pledge history acme vision on:2025-01-01")
        assert told(card) == "Acme Vision had made no pledge by 1 January 2025."


class TestTheCard:
    async def test_it_points_at_what_cuts_against_it_and_at_what_communities_say(
        self, ann: Someone
    ) -> None:
        card = await ann.ask("/pledge show microsoft")
        assert isinstance(card, PledgeCard)
        facts = {one.label: plain(one.value) for one in card.facts}
        assert "CA AB 2261: supports; opposed by" in facts["May cut against it"]
        assert "WA SB 6280: employs the sponsor, supports" in facts["May cut against it"]
        assert facts["Communities say"].startswith("ACLU of Northern California:")
        assert "supports" in facts["Evidence"]
        assert facts["Sources"].isdigit()
        assert len(card.history) <= 3
        assert [one.label for one in card.actions] == [
            "Timeline", "Evidence", "Compare", "Does it cover ICE?", "Propose a change",
        ]  # fmt: skip

    async def test_before_a_company_took_a_position_there_is_none(self, ann: Someone) -> None:
        card = await ann.ask("/pledge show amazon on:2020-07-01")
        assert isinstance(card, PledgeCard)
        assert "May cut against it" not in {one.label for one in card.facts}
        later = await ann.ask("/pledge show amazon")
        assert "Portland, Oregon" in words(later)

    async def test_positions_stand_on_the_company_too(self, ann: Someone) -> None:
        seen = words(await ann.ask("/company show microsoft"))
        assert "On bills CA AB 2261: supports" in seen

    @pytest.mark.parametrize(
        ("line", "names", "without"),
        [
            ("/pledge list covers:police", "Microsoft", "NEC"),
            ("/pledge list status:no pledge", "NEC", "Microsoft"),
        ],
    )
    async def test_lists_are_narrowed_down(
        self, line: str, names: str, without: str, ann: Someone
    ) -> None:
        seen = words(await ann.ask(line))
        assert names in seen
        assert without not in seen

    async def test_filters_that_leave_nothing_say_so(self, ann: Someone, clock: FakeClock) -> None:
        clock.set(datetime(2018, 1, 1, tzinfo=UTC))
        assert "No pledge in force covers “military”" in words(
            await ann.ask("/pledge list covers:military")
        )
        assert "No pledge is all of this" in words(
            await ann.ask("/pledge list broken covers:police")
        )
