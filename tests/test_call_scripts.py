from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bills import Chamber
from domain.call_scripts import (
    FIELDS,
    MAX_WORDS,
    SHIPPED,
    Caller,
    Position,
    Subject,
    SubjectKind,
    check,
    fill,
    introduction,
    mail_draft,
)
from domain.errors import UserError
from domain.people import Legislator

BILL = Subject(
    kind=SubjectKind.BILL,
    key="wa-hb-1000",
    label="WA HB 1000",
    title="An example act",
    standing="in committee, House",
)
OTHER = Subject(kind=SubjectKind.BILL, key="us-hr-1", label="US HR 1")
PLEDGE = Subject(kind=SubjectKind.PLEDGE, key="acme", label="Acme", title="pledge of 11 June 2020")
ADA = Legislator(
    key="x1",
    jurisdiction="wa",
    state="wa",
    chamber=Chamber.LOWER,
    district="36",
    division="d",
    name="Ada Example",
    family_name="Example",
    title="Representative",
)
NOBODY = Caller()


def said(*subjects: Subject, position: Position = Position.SUPPORT, caller: Caller = NOBODY) -> str:
    return fill(SHIPPED, subjects or (BILL,), position, ADA, caller)


class TestFilledIn:
    def test_the_shipped_words_say_who_calls_what_is_asked_and_where_it_stands(self) -> None:
        caller = Caller(constituent=True, place="Ballard")
        assert said(BILL, caller=caller) == (
            "Hi, I’m a constituent from Ballard. I’m asking Rep. Example to support WA HB 1000 "
            "(“An example act”). WA HB 1000 now: in committee, House. No reply is needed. Thank you."
        )

    def test_several_bills_go_into_one_call(self) -> None:
        words = said(BILL, OTHER, position=Position.OPPOSE)
        assert "oppose WA HB 1000 (“An example act”) and US HR 1." in words

    @pytest.mark.parametrize(
        ("position", "asked"),
        [
            (Position.SUPPORT, "to hold Acme to its pledge of 11 June 2020."),
            (Position.OPPOSE, "to make law instead of relying on Acme’s pledge of 11 June 2020."),
        ],
    )
    def test_a_call_can_be_about_a_pledge(self, position: Position, asked: str) -> None:
        assert asked in said(PLEDGE, position=position)

    def test_nobody_is_given_words_about_themselves_that_they_did_not_say(self) -> None:
        assert introduction(NOBODY) == "I’m calling about a concern"
        assert "constituent" not in introduction(Caller(place="Ballard"))
        assert introduction(Caller(constituent=True)) == "I’m a constituent"

    def test_standing_gives_way_before_a_call_grows_too_long(self) -> None:
        long = "word " * 70
        many = [
            Subject(kind=SubjectKind.BILL, key=str(n), label=f"WA HB {n}", standing="held " * 12)
            for n in (1, 2, 3)
        ]
        words = fill(long + "{ask} {standing}", many, Position.SUPPORT, None, NOBODY)
        assert "held" not in words
        assert len(words.split()) <= MAX_WORDS
        with pytest.raises(UserError, match="fewer than a hundred"):
            fill("word " * 98 + "{ask}", many, Position.SUPPORT, None, NOBODY)

    def test_a_field_in_what_someone_gives_is_not_filled(self) -> None:
        assert "{ask}" in said(caller=Caller(place="{ask}"))


class TestChecked:
    @pytest.mark.parametrize(
        "script",
        [
            "{unknown}",
            "{legislator.__class__}",
            "{legislator!r}",
            "{ask:>10}",
            "{0}",
            "{}",
            "{{ask}}",
            "a { alone",
            "a } alone",
            "",
            "   ",
            "x" * 1300,
        ],
    )
    def test_what_cannot_be_filled_is_refused_when_saved(self, script: str) -> None:
        with pytest.raises(UserError):
            check(script)

    def test_a_refusal_names_the_field_and_those_there_are(self) -> None:
        with pytest.raises(UserError) as refused:
            check("Hi {senator}")
        assert "{senator}" in refused.value.message
        assert all(f"{{{name}}}" in refused.value.hint for name in FIELDS)

    def test_the_shipped_script_and_every_field_pass(self) -> None:
        check(SHIPPED)
        check(" ".join(f"{{{name}}}" for name in FIELDS))

    @given(st.lists(st.sampled_from(["word", "{", "}", *(f"{{{name}}}" for name in FIELDS)])))
    def test_what_passes_can_be_filled(self, parts: list[str]) -> None:
        script = " ".join(parts[:8])
        with suppress(UserError):
            check(script)
            assert "{" not in fill(script, [BILL], Position.SUPPORT, ADA, NOBODY)


def test_a_mail_draft_is_a_link_with_subject_and_body() -> None:
    draft = mail_draft("ada@example.org", "Support WA HB 1000", "Hi & thank you?")
    assert draft == (
        "mailto:ada@example.org?subject=Support%20WA%20HB%201000&body=Hi%20%26%20thank%20you%3F"
    )
