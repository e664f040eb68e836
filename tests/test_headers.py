"""What an answer's headers say: tables of what servers write, sense and nonsense."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model import Validators
from feeds import headers as header

DATE = {"Date": "Mon, 08 Jun 2020 10:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "age"),
    [
        ({}, None),
        ({"Cache-Control": "no-cache"}, None),
        ({"Cache-Control": "max-age=300"}, 300),
        ({"Cache-Control": 'public,MAX-AGE = "300", s-maxage=9'}, 300),
        ({"Cache-Control": "s-maxage=9, x-max-age=9"}, None),
        ({"Cache-Control": "max-age=99999999999999"}, 365 * 86400),
        ({"Cache-Control": "max-age=-1"}, None),
        ({"Cache-Control": "max-age=60", "Expires": "Mon, 08 Jun 2020 11:00:00 GMT"} | DATE, 60),
        ({"Expires": "Mon, 08 Jun 2020 11:00:00 GMT"} | DATE, 3600),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"} | DATE, 0),
        ({"Expires": "Mon, 08 Jun 2020 11:00:00 GMT"}, None),
        ({"Expires": "0"} | DATE, None),
    ],
)
def test_how_long_an_answer_is_good_for(headers: dict[str, str], age: int | None) -> None:
    assert header.max_age(headers) == (None if age is None else timedelta(seconds=age))


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": " 0 "}, 60),
        ({"Retry-After": "9" * 400}, 86400),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "Mon, 08 Jun 2020 10:10:00 GMT"} | DATE, 600),
        ({"Retry-After": "Mon, 08 Jun 2020 09:00:00 -0000"} | DATE, 60),
        ({"Retry-After": "Mon, 08 Jun 2099 10:10:00 GMT"} | DATE, 86400),
        ({"Retry-After": "Mon, 08 Jun 2020 10:10:00 GMT"}, None),
        ({"Retry-After": "Mon, 99 Foo 99999 99:99:99 +99999999"} | DATE, None),
    ],
)
def test_how_long_a_server_wants_us_away(headers: dict[str, str], wait: int | None) -> None:
    assert header.retry_after(headers) == (None if wait is None else timedelta(seconds=wait))


@given(st.text() | st.text("0123456789 :,+-GMTJanFeb"), st.text("0123456789 :,+-GMTJan"))
def test_no_header_value_breaks_the_reading_of_headers(value: str, date: str) -> None:
    for name in ("Expires", "Retry-After", "Cache-Control", "ETag", "Content-Type"):
        headers = {name: value, "Date": date}
        header.max_age(headers)
        header.retry_after(headers)
        header.validators(headers)
        header.content_type(headers)


@pytest.mark.parametrize("value", ['"\xe9"', '"a\tb"', '"' + "x" * 1024, "\udcff"])
def test_what_could_not_be_sent_back_is_not_kept(value: str) -> None:
    headers = {"ETag": value, "Last-Modified": value, "Content-Type": value}
    assert header.validators(headers) == Validators()
    assert header.content_type(headers) == ""
