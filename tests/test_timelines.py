"""What a timeline shows of the record on a day, and the words that say the same."""

from datetime import date

from commands.timelines import timeline_of
from domain.dates import PartialDate
from domain.pictures import ALT_LIMIT, Picture, Stretch, Timeline
from domain.record import (
    Company,
    Duration,
    EventKind,
    Pledge,
    RecordedBill,
    Span,
    StatusEvent,
    Step,
    Terms,
)

MADE = PartialDate.parse("2020-06-10")


def event(kind: EventKind, on: str) -> StatusEvent:
    return StatusEvent(kind=kind, on=PartialDate.parse(on), text="It happened.")


def terms(since: str = "2020-06-10", duration: Duration | None = None) -> Terms:
    return Terms(
        since=PartialDate.parse(since),
        action="stop selling",
        products="cameras",
        geography="United States",
        framing="none",
        duration=duration or Duration(span=Span.INDEFINITE),
        coverage=(),
    )


def company(*events: StatusEvent, key: str = "acme", versions: tuple[Terms, ...] = ()) -> Company:
    pledge = Pledge(
        key=f"{key}-2020",
        title="cameras",
        technology="cameras",
        announced_on=MADE,
        announced_by="its president",
        promise="No sales.",
        terms=versions or (terms(),),
        events=(event(EventKind.ANNOUNCED, "2020-06-10"), *events),
    )
    return Company(key=key, name=key.title(), pledges=(pledge,))


def drawn(
    *companies: Company, bills: tuple[RecordedBill, ...] = (), on: str = "2024-01-01"
) -> tuple[Picture, Timeline]:
    picture = timeline_of(companies, bills, date.fromisoformat(on))
    assert picture is not None
    assert isinstance(picture.scene, Timeline)
    return picture, picture.scene


def days(stretches: tuple[Stretch, ...]) -> list[tuple[str, str, bool]]:
    return [(str(one.since), str(one.until), one.narrowed) for one in stretches]


def test_what_is_in_force_runs_to_the_day_asked_about() -> None:
    _, scene = drawn(company(), on="2021-03-01")
    (lane,) = scene.lanes
    assert days(lane.stretches) == [("2020-06-10", "2021-03-01", False)]
    assert lane.standing == "active"


def test_what_comes_later_does_not_count_yet() -> None:
    acme = company(event(EventKind.WITHDRAWN, "2022-02-02"))
    _, scene = drawn(acme, on="2022-02-01")
    assert [mark.label for mark in scene.lanes[0].marks] == ["announced 10 June 2020"]
    assert timeline_of([acme], (), date(2020, 6, 9)) is None


def test_a_pledge_taken_up_again_leaves_a_gap() -> None:
    acme = company(event(EventKind.WITHDRAWN, "2021-02-02"), event(EventKind.ACTIVE, "2022-03-03"))
    _, scene = drawn(acme)
    assert days(scene.lanes[0].stretches) == [
        ("2020-06-10", "2021-02-02", False),
        ("2022-03-03", "2024-01-01", False),
    ]
    assert [mark.ends for mark in scene.lanes[0].marks] == [False, True, False]


def test_a_narrowed_pledge_goes_on_as_less_and_no_date_is_finer_than_its_source() -> None:
    _, scene = drawn(company(event(EventKind.NARROWED, "by 2022-spring")))
    assert days(scene.lanes[0].stretches) == [
        ("2020-06-10", "2022-05-31", False),
        ("2022-05-31", "2024-01-01", True),
    ]
    assert scene.lanes[0].marks[-1].label == "narrowed by spring 2022"


def test_an_end_by_its_terms_is_ahead_before_and_a_stop_after() -> None:
    fixed = Duration(span=Span.FIXED, expires_on=date(2021, 6, 10))
    acme = company(versions=(terms(duration=fixed),))
    _, before = drawn(acme, on="2021-03-01")
    assert before.lanes[0].ends_on == date(2021, 6, 10)
    assert before.lanes[0].standing == "active, ends 10 June 2021"
    _, after = drawn(acme, on="2021-07-01")
    assert after.lanes[0].ends_on is None
    assert after.lanes[0].marks[-1].ends
    assert days(after.lanes[0].stretches) == [("2020-06-10", "2021-06-10", False)]


def bill(key: str, *steps: tuple[str, str]) -> RecordedBill:
    return RecordedBill(
        key=key,
        jurisdiction="us",
        place="United States",
        title="A bill",
        summary="It is one.",
        number=f"H.R. {key[-1]}",
        steps=tuple(
            Step(on=PartialDate.parse(on), kind=kind, text="It happened.") for kind, on in steps
        ),
    )


def test_bills_that_a_pledge_waits_for_have_a_lane_of_their_own() -> None:
    waits = Duration(span=Span.CONDITION, condition="until a law", bills=("us-1", "us-2"))
    bills = (
        bill("us-1", ("introduction", "2020-06-25"), ("failure", "2021-01-03")),
        bill("us-2", ("introduction", "2020-06-25"), ("referral-committee", "2020-07-01")),
        bill("us-3", ("introduction", "2020-06-26")),
        bill("us-1", ("introduction", "2025-06-26")),
    )
    _, scene = drawn(company(versions=(terms(duration=waits),)), bills=bills)
    assert [mark.label for mark in scene.lanes[-1].marks] == [
        "US H.R. 1, US H.R. 2 introduced 25 June 2020",
        "US H.R. 1 failed 3 January 2021",
    ]
    assert not scene.lanes[-1].stretches
    later = company(versions=(terms(), terms("2023-01-01", waits)))
    assert len(drawn(later, bills=bills, on="2022-01-01")[1].lanes) == 1
    assert len(drawn(later, bills=bills, on="2023-01-01")[1].lanes) == 2


def test_the_words_beside_it_say_what_it_says() -> None:
    bolt = Company(key="bolt", name="Bolt")
    picture, scene = drawn(company(event(EventKind.EXTENDED, "2021-05-18")), bolt)
    assert picture.alt == (
        "Timeline. Pledges over time, as of 1 January 2024. Acme: announced 10 June 2020, "
        "extended 18 May 2021; now extended. No pledge: Bolt."
    )
    assert scene.note == "No pledge: Bolt."


def test_many_companies_stay_one_picture_and_it_says_what_is_left_out() -> None:
    many = [
        company(
            *(event(EventKind.DISPUTED, f"2021-0{month}-01") for month in range(1, 10)), key=key
        )
        for key in "abcdefghijklmnopqrst"
    ]
    picture, scene = drawn(*many)
    assert len(scene.lanes) == 12
    assert all(len(lane.marks) == 8 for lane in scene.lanes)
    assert scene.lanes[0].marks[0].label == "announced 10 June 2020"
    assert "8 more pledges are not drawn." in scene.note
    assert len(picture.alt) <= ALT_LIMIT


def test_a_picture_of_one_company_is_titled_so() -> None:
    picture, scene = drawn(company(key="ácme & co."), on="2021-03-01")
    assert scene.title == "Ácme & Co.: pledge, as of 1 March 2021"
    assert picture.name == "pledges-2021-03-01"
