from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import pledges
from domain.dates import PartialDate
from domain.pledges import ENDED, Status
from domain.record import (
    Answer,
    Audience,
    Company,
    Coverage,
    Duration,
    EventKind,
    Pledge,
    Span,
    StatusEvent,
    Terms,
)
from domain.text import fold

MADE = date(2020, 6, 10)


def terms(
    since: str = "2020-06-10",
    *,
    expires_on: date | None = None,
    action: str = "pauses one use",
    coverage: Sequence[Coverage] = (),
) -> Terms:
    span = Span.FIXED if expires_on else Span.INDEFINITE
    return Terms(
        since=PartialDate.parse(since),
        action=action,
        products="all",
        geography="unstated",
        framing="ethics",
        duration=Duration(span=span, expires_on=expires_on),
        coverage=tuple(coverage),
    )


def event(kind: EventKind, on: str) -> StatusEvent:
    return StatusEvent(kind=kind, on=PartialDate.parse(on), text=f"{kind} on {on}")


ANNOUNCED = event(EventKind.ANNOUNCED, "2020-06-10")


def pledge(*events: StatusEvent, versions: Sequence[Terms] = ()) -> Pledge:
    return Pledge(
        key="acme-2020",
        title="Pause",
        technology="facial recognition",
        announced_on=PartialDate.of(MADE),
        announced_by="Acme",
        promise="Acme pauses.",
        terms=tuple(versions) or (terms(),),
        events=(ANNOUNCED, *events),
    )


def status(made: Pledge, on: date) -> Status:
    found = pledges.status_on(made, on)
    assert found is not None
    return found


class TestStatus:
    def test_there_is_none_before_the_announcement(self) -> None:
        assert pledges.status_on(pledge(), MADE - timedelta(days=1)) is None

    def test_an_announced_pledge_is_active_from_its_day(self) -> None:
        assert status(pledge(), MADE).kind is EventKind.ACTIVE
        assert status(pledge(), MADE).on == PartialDate.of(MADE)

    def test_an_event_counts_from_its_day_and_never_before(self) -> None:
        made = pledge(event(EventKind.WITHDRAWN, "2022-03-01"))
        assert status(made, date(2022, 2, 28)).kind is EventKind.ACTIVE
        assert status(made, date(2022, 3, 1)).kind is EventKind.WITHDRAWN

    def test_an_event_dated_to_a_season_counts_from_the_end_of_it(self) -> None:
        made = pledge(event(EventKind.NARROWED, "by 2022-spring"))
        assert status(made, date(2022, 5, 30)).kind is EventKind.ACTIVE
        assert status(made, date(2022, 5, 31)).kind is EventKind.NARROWED

    def test_of_two_events_on_one_day_the_later_in_the_record_wins(self) -> None:
        made = pledge(
            event(EventKind.EXTENDED, "2021-05-18"), event(EventKind.NARROWED, "2021-05-18")
        )
        assert status(made, date(2021, 6, 1)).kind is EventKind.NARROWED

    def test_a_word_that_it_still_holds_does_not_begin_it_anew(self) -> None:
        made = pledge(event(EventKind.ACTIVE, "2022-01-01"), event(EventKind.ACTIVE, "2024-05-01"))
        assert status(made, date(2024, 6, 1)).on == PartialDate.of(MADE)

    def test_a_pledge_taken_up_again_is_active_since_then(self) -> None:
        made = pledge(
            event(EventKind.DISPUTED, "2022-01-01"), event(EventKind.ACTIVE, "2024-05-01")
        )
        assert str(status(made, date(2024, 6, 1)).on) == "2024-05-01"

    @pytest.mark.parametrize("kind", list(EventKind))
    def test_nothing_is_in_force_after_an_end(self, kind: EventKind) -> None:
        assert status(pledge(event(kind, "2021-01-01")), date(2021, 2, 1)).in_force is (
            kind not in ENDED
        )


class TestExpiry:
    FIXED = pledge(versions=[terms(expires_on=date(2021, 6, 10))])

    def test_it_is_worked_out_from_the_terms(self) -> None:
        assert status(self.FIXED, date(2021, 6, 9)).kind is EventKind.ACTIVE
        assert status(self.FIXED, date(2021, 6, 10)).kind is EventKind.EXPIRED
        assert pledges.expires_on(self.FIXED, MADE) == date(2021, 6, 10)

    def test_newer_terms_put_it_off(self) -> None:
        made = pledge(
            event(EventKind.EXTENDED, "2021-05-18"),
            versions=[terms(expires_on=date(2021, 6, 10)), terms("2021-05-18")],
        )
        assert status(made, date(2021, 6, 11)).kind is EventKind.EXTENDED
        assert pledges.expires_on(made, date(2021, 6, 11)) is None

    def test_terms_that_came_too_late_do_not(self) -> None:
        made = pledge(versions=[terms(expires_on=date(2021, 6, 10)), terms("2021-07-01")])
        assert status(made, date(2021, 6, 11)).kind is EventKind.EXPIRED

    def test_a_pledge_withdrawn_before_does_not_expire(self) -> None:
        made = pledge(
            event(EventKind.WITHDRAWN, "2021-01-01"), versions=[terms(expires_on=date(2021, 6, 10))]
        )
        assert status(made, date(2021, 7, 1)).kind is EventKind.WITHDRAWN

    def test_it_is_told_among_what_happened(self) -> None:
        happened = pledges.events_until(self.FIXED, date(2021, 7, 1))
        assert [(one.kind, str(one.on)) for one in happened] == [
            (EventKind.ANNOUNCED, "2020-06-10"),
            (EventKind.EXPIRED, "2021-06-10"),
        ]


class TestTerms:
    def test_each_day_has_the_version_that_stood_then(self) -> None:
        made = pledge(versions=[terms(action="one"), terms("2021-05-18", action="two")])
        assert pledges.terms_on(made, date(2020, 1, 1)) is None
        for day, action in ((date(2021, 5, 17), "one"), (date(2021, 5, 18), "two")):
            version = pledges.terms_on(made, day)
            assert version is not None
            assert version.action == action

    def test_of_two_versions_of_one_day_the_later_in_the_record_stands(self) -> None:
        made = pledge(versions=[terms(action="one"), terms(action="two")])
        version = pledges.terms_on(made, MADE)
        assert version is not None
        assert version.action == "two"

    def test_silence_about_an_audience_is_unstated(self) -> None:
        row = Coverage(audience=Audience.POLICE, answer=Answer.YES, words="police")
        made = pledge(versions=[terms(coverage=[row])])
        assert pledges.covers(made, Audience.POLICE, MADE) == row
        silent = pledges.covers(made, Audience.MILITARY, MADE)
        assert silent is not None
        assert silent.answer is Answer.UNSTATED
        assert pledges.covers(made, Audience.POLICE, MADE - timedelta(days=1)) is None

    @pytest.mark.parametrize(
        ("duration", "words"),
        [
            (Duration(span=Span.FIXED, expires_on=date(2021, 6, 10)), "10 June 2021"),
            (Duration(span=Span.CONDITION, condition="a national law"), "a national law"),
            (Duration(span=Span.INDEFINITE), "no date"),
            (Duration(span=Span.UNSTATED), "unstated"),
        ],
    )
    def test_an_end_is_said_in_words(self, duration: Duration, words: str) -> None:
        made = Terms(
            since=PartialDate.of(MADE),
            action="a",
            products="p",
            geography="g",
            framing="f",
            duration=duration,
            coverage=(),
        )
        assert pledges.describe_end(made) == words


class TestAudiences:
    @pytest.mark.parametrize(
        ("words", "audience"),
        [
            ("ICE", Audience.IMMIGRATION),
            ("the FBI", Audience.FEDERAL),
            ("police", Audience.POLICE),
            ("Sheriffs", Audience.POLICE),
            ("local and state police", Audience.POLICE),
            ("police abroad", Audience.FOREIGN_POLICE),
            ("resellers", Audience.RESELLERS),
            ("  the   Pentagon ", Audience.MILITARY),
            ("landlords", Audience.PRIVATE),
            ("martians", None),
            ("", None),
        ],
    )
    def test_people_name_them_in_their_own_words(
        self, words: str, audience: Audience | None
    ) -> None:
        assert pledges.audience_named(fold(words)) is audience

    @pytest.mark.parametrize("audience", list(Audience))
    def test_each_goes_by_its_own_name(self, audience: Audience) -> None:
        assert pledges.audience_named(fold(audience.value)) is audience


def test_who_made_no_pledge_depends_on_the_day() -> None:
    acme = Company(key="acme", name="Acme", pledges=(pledge(),))
    bolt = Company(key="bolt", name="Bolt")
    assert pledges.without_pledge([acme, bolt], MADE - timedelta(days=1)) == [acme, bolt]
    assert pledges.without_pledge([acme, bolt], MADE) == [bolt]


DAYS = st.dates(MADE, date(2021, 9, 30))


@st.composite
def histories(draw: st.DrawFn) -> Pledge:
    days = sorted(draw(st.lists(DAYS, max_size=6)))
    kinds = draw(st.lists(st.sampled_from(EventKind), min_size=len(days), max_size=len(days)))
    starts = sorted(draw(st.lists(DAYS | st.just(MADE), max_size=2)))
    ends = draw(st.lists(st.none() | DAYS, min_size=len(starts) + 1, max_size=len(starts) + 1))
    versions = [
        terms(since.isoformat(), expires_on=end if end and end > since else None)
        for since, end in zip([MADE, *starts], ends, strict=True)
    ]
    events = [event(kind, day.isoformat()) for kind, day in zip(kinds, days, strict=True)]
    return pledge(*events, versions=versions)


def replayed(made: Pledge, on: date) -> EventKind:
    """The status found by living through every day from the announcement to `on`."""
    state, ended = EventKind.ACTIVE, False
    version = made.terms[0]
    day = MADE
    while day <= on:
        for newer in made.terms:
            if newer.since.latest == day:
                version = newer
        for one in made.events:
            if one.on.latest == day:
                state = EventKind.ACTIVE if one.kind is EventKind.ANNOUNCED else one.kind
                ended = ended or one.kind in ENDED
        if version.duration.expires_on == day and not ended:
            state = EventKind.EXPIRED
        day += timedelta(days=1)
    return state


@given(histories(), DAYS)
def test_the_status_shown_is_what_living_through_the_events_leaves(made: Pledge, on: date) -> None:
    assert status(made, on).kind is replayed(made, on)


@given(histories(), DAYS)
def test_nothing_comes_from_the_future(made: Pledge, on: date) -> None:
    assert all(one.on.latest <= on for one in pledges.events_until(made, on))
    now = status(made, on)
    assert now.on.latest <= on
    assert now.terms is not None
    assert now.terms.since.latest <= on


@given(histories(), DAYS)
def test_what_happens_later_changes_no_earlier_status(made: Pledge, on: date) -> None:
    past = pledge(
        *(one for one in made.events[1:] if one.on.latest <= on),
        versions=[one for one in made.terms if one.since.latest <= on],
    )
    assert status(past, on).kind is status(made, on).kind
