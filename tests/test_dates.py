from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dates import PartialDate, plain_date

DAYS = st.dates(date(1000, 1, 1), date(9999, 12, 31))


@st.composite
def partial_dates(draw: st.DrawFn) -> PartialDate:
    day = draw(DAYS)
    shape = draw(st.sampled_from(["day", "month", "season", "year"]))
    return PartialDate(
        year=day.year,
        month=day.month if shape in {"day", "month"} else None,
        day=day.day if shape == "day" else None,
        season=draw(st.sampled_from(["spring", "summer", "autumn", "winter"]))
        if shape == "season"
        else None,
        by=draw(st.booleans()),
    )


@pytest.mark.parametrize(
    ("written", "latest", "plain"),
    [
        ("2020-06-10", date(2020, 6, 10), "10 June 2020"),
        ("2020-06", date(2020, 6, 30), "June 2020"),
        ("2024-02", date(2024, 2, 29), "February 2024"),
        ("2023", date(2023, 12, 31), "2023"),
        ("2022-spring", date(2022, 5, 31), "spring 2022"),
        ("2022-summer", date(2022, 8, 31), "summer 2022"),
        ("2022-autumn", date(2022, 11, 30), "autumn 2022"),
        ("2022-winter", date(2022, 12, 31), "winter 2022"),
        ("by 2024-05-01", date(2024, 5, 1), "by 1 May 2024"),
        ("by 2022-spring", date(2022, 5, 31), "by spring 2022"),
    ],
)
def test_a_date_is_as_fine_as_it_was_written(written: str, latest: date, plain: str) -> None:
    read = PartialDate.parse(written)
    assert read.latest == latest
    assert read.plain == plain
    assert str(read) == written


@given(partial_dates())
def test_what_is_written_is_read_back(partial: PartialDate) -> None:
    assert PartialDate.parse(str(partial)) == partial


@given(partial_dates())
def test_only_a_whole_day_is_exact(partial: PartialDate) -> None:
    whole = partial.day is not None and not partial.by
    assert (partial.exact == partial.latest) if whole else partial.exact is None


@given(DAYS)
def test_a_day_stays_that_day(day: date) -> None:
    assert PartialDate.of(day).exact == PartialDate.of(day).latest == day


@pytest.mark.parametrize(
    "written",
    [
        "", "2020-6-10", "10 June 2020", "2020-13", "2020-02-30", "2020-00", "0000", "2020-06-10T00:00",
        "2020-Spring", "2020-may", "by", "by  2020", "until 2020", "20200610", " 2020", "2020 ", "２０２０",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_the_forms_there_are(written: str) -> None:
    with pytest.raises(ValueError, match=r"expected YYYY-MM-DD|there is no such day"):
        PartialDate.parse(written)


@given(st.text(max_size=12))
def test_reading_never_fails_otherwise(written: str) -> None:
    try:
        read = PartialDate.parse(written)
    except ValueError:
        return
    assert read.latest.year == read.year


def test_a_calendar_date_is_written_out() -> None:
    assert plain_date(date(2021, 5, 8)) == "8 May 2021"
