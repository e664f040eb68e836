from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entries import Entries, Entry, KnownEntries
from domain.model import Source, SourceState, Validators
from feeds import decide
from feeds.decide import Pace, sort_out

NOW = datetime(2021, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SITE = "https://news.example/"


def entry(
    guid: str = "",
    url: str = "",
    title: str = "Police buy cameras",
    *,
    at: datetime | None = None,
    summary: str = "",
) -> Entry:
    return Entry(guid=guid, url=url, title=title, published_at=at, summary=summary)


def remember(listed: Sequence[Entry], at: datetime = NOW) -> KnownEntries:
    """What is known after a poll that listed these."""
    fresh = sort_out(Entries.of(listed), None, at, SITE).fresh
    return KnownEntries(range(len(fresh)), fresh, [at] * len(fresh))


def news(listed: Sequence[Entry], before: Sequence[Entry]) -> list[str]:
    """The titles that are new to someone who saw `before` at the last poll."""
    fresh = sort_out(Entries.of(listed), remember(before), NOW, SITE).fresh
    return list(fresh.titles)


FIRST = entry("g1", "https://news.example/2021/police-cameras", at=NOW - HOUR)


class TestWhatIsNew:
    @pytest.mark.parametrize(
        "again",
        [
            pytest.param(FIRST, id="unchanged"),
            pytest.param(FIRST._replace(guid="g9"), id="changed guid"),
            pytest.param(FIRST._replace(title="Police bought cameras"), id="changed headline"),
            pytest.param(FIRST._replace(url=""), id="lost its link"),
            pytest.param(
                FIRST._replace(guid="g9", url="http://news.example/2021/police-cameras"),
                id="to http",
            ),
            pytest.param(
                FIRST._replace(guid="g9", url=f"{FIRST.url}/?utm_source=rss&fbclid=1#top"),
                id="tracking",
            ),
            pytest.param(
                FIRST._replace(guid="g9", url="https://www.news.example/2021/police-cameras/"),
                id="other spelling",
            ),
            pytest.param(
                FIRST._replace(guid="g9", published_at=NOW, title="Updated: police cameras"),
                id="published again",
            ),
            pytest.param(
                FIRST._replace(guid="g9", url="https://cms.example/?p=7"),
                id="guid and link changed",
            ),
        ],
    )
    def test_an_item_is_known_by_whatever_still_agrees(self, again: Entry) -> None:
        assert news([again], [FIRST]) == []

    def test_an_item_that_agrees_in_nothing_is_new(self) -> None:
        other = entry("g2", "https://news.example/other", "Something else", at=NOW)
        assert news([other, FIRST], [FIRST]) == ["Something else"]

    def test_the_same_headline_with_another_date_is_new(self) -> None:
        tomorrow = entry("g2", "https://news.example/2", at=NOW)
        assert news([tomorrow], [FIRST]) == [tomorrow.title]

    def test_an_undated_headline_tells_only_with_its_text(self) -> None:
        text = "The council votes on cameras at its meeting on Tuesday evening."
        before = entry("g1", "https://news.example/1", summary=text)
        assert news([entry("g2", "https://news.example/2", summary=text)], [before]) == []
        before = entry("g1", "https://news.example/1", "Morning news", summary="Today.")
        again = entry("g2", "https://news.example/2", "Morning news", summary="Today.")
        assert news([again], [before]) == ["Morning news"]

    def test_a_guid_that_several_share_tells_nothing(self) -> None:
        listed = [entry("same", f"https://news.example/{n}", f"Item {n}") for n in range(3)]
        assert news(listed, listed[:2]) == ["Item 2"]

    def test_a_link_that_several_share_tells_nothing(self) -> None:
        listed = [entry(f"g{n}", "https://news.example/live", f"Item {n}") for n in range(3)]
        assert news(listed, listed[:2]) == ["Item 2"]

    def test_a_link_to_the_front_page_tells_nothing(self) -> None:
        before = entry("g1", SITE, "Item 1")
        assert news([entry("g2", "https://news.example", "Item 2")], [before]) == ["Item 2"]

    def test_a_headline_and_date_that_several_share_tell_nothing(self) -> None:
        listed = [
            entry(f"g{n}", f"https://leg.example/{n}", "Committee agenda", at=NOW) for n in range(3)
        ]
        assert len(news(listed, listed[:2])) == 1

    def test_an_item_listed_twice_in_one_document_is_taken_once(self) -> None:
        bare = entry(title="No guid and no link", at=NOW)
        assert news([bare, bare], []) == ["No guid and no link"]

    def test_an_item_with_nothing_but_a_title_is_not_told_at_every_poll(self) -> None:
        bare = [entry(title="Only a title"), entry(title="Another")]
        assert news(bare, []) == ["Only a title", "Another"]
        assert news(bare, bare) == []

    def test_what_is_still_listed_is_noted_once_a_week(self) -> None:
        listed = Entries.of([FIRST])
        known = remember([FIRST], NOW - 8 * DAY)
        assert sort_out(listed, known, NOW, SITE).relist == [0]
        known = remember([FIRST], NOW - 6 * DAY)
        assert sort_out(listed, known, NOW, SITE).relist == []


WORDS = st.sampled_from(["", "a", "b"])
ENTRIES = st.builds(
    Entry,
    guid=WORDS,
    url=st.sampled_from(["", "https://news.example/1", "https://news.example/2", SITE]),
    title=st.sampled_from(["x", "y"]),
    summary=st.sampled_from(["", "long enough to tell one text from another"]),
    published_at=st.sampled_from([None, NOW, NOW - DAY]),
)


@given(st.lists(ENTRIES, max_size=6), st.data())
def test_what_was_listed_once_is_never_new_again(listed: list[Entry], data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.sampled_from(listed), unique_by=id) if listed else st.just([]))
    assert news(kept, listed) == []


@given(st.lists(ENTRIES, max_size=6))
def test_what_is_new_is_taken_once_and_in_its_order(listed: list[Entry]) -> None:
    found = sort_out(Entries.of(listed), None, NOW, SITE)
    assert list(found.fresh) == [listed[place] for place in found.places]
    assert list(found.fresh) == list(dict.fromkeys(found.fresh))
    assert {one.title for one in found.fresh} == {one.title for one in listed}


class TestDates:
    def test_an_item_counts_from_its_own_date(self) -> None:
        assert decide.dated(FIRST.published_at, NOW) == FIRST.published_at

    @pytest.mark.parametrize(
        "own", [None, NOW + MINUTE, NOW + 365 * DAY, datetime(1970, 1, 1, tzinfo=UTC)]
    )
    def test_a_date_that_cannot_be_true_is_replaced_by_the_present(
        self, own: datetime | None
    ) -> None:
        assert decide.dated(own, NOW) == NOW

    @pytest.mark.parametrize(("age", "told"), [(DAY, True), (30 * DAY, True), (31 * DAY, False)])
    def test_what_is_older_than_a_month_when_first_seen_is_no_news(
        self, age: timedelta, *, told: bool
    ) -> None:
        found = sort_out(Entries.of([entry(at=NOW - age)]), None, NOW)
        assert decide.is_news(found.dated_at[0], NOW) is told


PACE = Pace(interval=15 * MINUTE, min_interval=5 * MINUTE, max_interval=6 * HOUR)
SOURCE = Source(
    id=1,
    key="news.example/feed",
    url="https://news.example/feed",
    title="News",
    state=SourceState.ACTIVE,
    validators=Validators(etag='"1"'),
    body_hash="h1",
    interval=15 * MINUTE,
    next_poll_at=NOW,
    last_ok_at=NOW - HOUR,
)


def answered(
    source: Source = SOURCE,
    *,
    dates: Sequence[datetime] = (),
    max_age: timedelta | None = None,
    moved_to: str = "",
    jitter: float = 0.5,
    now: datetime = NOW,
) -> Source:
    return decide.after_answer(
        source,
        now,
        PACE,
        validators=Validators(etag='"2"'),
        body_hash="h2",
        title="New name",
        dates=dates,
        max_age=max_age,
        moved_to=moved_to,
        jitter=jitter,
    )


def unchanged(
    source: Source = SOURCE,
    *,
    validators: Validators = SOURCE.validators,
    max_age: timedelta | None = None,
    moved_to: str = "",
    jitter: float = 0.5,
) -> Source:
    return decide.after_no_change(
        source, NOW, PACE, validators=validators, max_age=max_age, moved_to=moved_to, jitter=jitter
    )


def failed(
    source: Source = SOURCE, *, retry_after: timedelta | None = None, jitter: float = 0.5
) -> Source:
    return decide.after_failure(
        source, NOW, PACE, error="It did not answer.", retry_after=retry_after, jitter=jitter
    )


def every(gap: timedelta, *, last: datetime = NOW, count: int = 12) -> list[datetime]:
    return [last - gap * n for n in range(count)]


class TestAfterAnAnswer:
    def test_what_was_learned_is_kept(self) -> None:
        after = answered(replace(SOURCE, failures=3, last_error="It did not answer."))
        assert after.title == "New name"
        assert after.validators.etag == '"2"'
        assert after.body_hash == "h2"
        assert (after.failures, after.last_error) == (0, "")
        assert after.last_polled_at == after.last_ok_at == NOW
        assert not after.is_new

    def test_a_feed_without_a_title_keeps_the_one_it_had(self) -> None:
        after = decide.after_answer(
            SOURCE, NOW, PACE, validators=Validators(), body_hash="", title="",
            dates=(), max_age=None, moved_to="", jitter=0.5,
        )  # fmt: skip
        assert after.title == "News"

    @pytest.mark.parametrize(
        ("dates", "interval"),
        [
            pytest.param(every(HOUR), 30 * MINUTE, id="hourly"),
            pytest.param(every(DAY), 6 * HOUR, id="daily: at most max_interval"),
            pytest.param(every(MINUTE), 5 * MINUTE, id="minutely: at least min_interval"),
            pytest.param([], 15 * MINUTE, id="no dates: as before"),
            pytest.param([NOW, NOW - HOUR], 15 * MINUTE, id="one gap is no habit"),
            pytest.param([NOW] * 9, 15 * MINUTE, id="all at once is no habit"),
            pytest.param([*every(HOUR), NOW - 300 * DAY], 30 * MINUTE, id="one old outlier"),
            pytest.param([*every(HOUR), NOW + 90 * DAY], 30 * MINUTE, id="an announced hearing"),
            pytest.param(every(MINUTE, last=NOW - 30 * DAY), 6 * HOUR, id="silent for a month"),
            pytest.param(every(HOUR, last=NOW - 8 * HOUR), 30 * MINUTE, id="silent for a night"),
        ],
    )
    def test_the_interval_follows_real_publishing(
        self, dates: list[datetime], interval: timedelta
    ) -> None:
        after = answered(dates=dates)
        assert after.interval == interval
        assert after.next_poll_at == NOW + interval

    def test_polls_are_spread_by_a_tenth_either_way(self) -> None:
        waits = {answered(jitter=one).next_poll_at - NOW for one in (0.0, 0.5, 1.0)}
        assert waits == {13.5 * MINUTE, 15 * MINUTE, 16.5 * MINUTE}

    @pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
    def test_cache_control_is_never_undercut(self, jitter: float) -> None:
        assert answered(max_age=2 * HOUR, jitter=jitter).next_poll_at >= NOW + 2 * HOUR
        assert unchanged(max_age=2 * HOUR, jitter=jitter).next_poll_at >= NOW + 2 * HOUR

    def test_cache_control_counts_up_to_the_longest_interval(self) -> None:
        assert answered(max_age=300 * DAY).next_poll_at == NOW + 6 * HOUR

    def test_a_short_max_age_does_not_hasten(self) -> None:
        assert answered(max_age=timedelta(0)).next_poll_at == NOW + 15 * MINUTE


class TestAfterNoChange:
    def test_it_is_asked_a_little_later_each_time(self) -> None:
        source = SOURCE
        waits = []
        for _ in range(30):
            source = unchanged(source)
            waits.append(source.next_poll_at - NOW)
        assert waits[0] == 18.75 * MINUTE
        assert waits == sorted(waits)
        assert waits[-1] == 6 * HOUR

    def test_what_was_read_before_is_kept(self) -> None:
        after = unchanged(validators=Validators())
        assert (after.title, after.body_hash, after.validators) == ("News", "h1", SOURCE.validators)
        assert unchanged(validators=Validators(etag='"9"')).validators.etag == '"9"'

    def test_these_polls_are_spread_too(self) -> None:
        assert len({unchanged(jitter=one).next_poll_at for one in (0.0, 0.3, 0.6, 1.0)}) == 4

    def test_an_interval_outside_new_bounds_comes_back_into_them(self) -> None:
        assert unchanged(replace(SOURCE, interval=MINUTE)).interval == 5 * MINUTE
        assert unchanged(replace(SOURCE, interval=9 * DAY)).interval == 6 * HOUR


class TestAfterAFailure:
    def test_it_is_asked_later_and_later_up_to_a_day(self) -> None:
        source = SOURCE
        waits = []
        for _ in range(20):
            source = failed(source)
            waits.append(source.next_poll_at - NOW)
        assert waits[:3] == [30 * MINUTE, HOUR, 2 * HOUR]
        assert waits == sorted(waits)
        assert waits[-1] == DAY
        assert source.failures == 20

    def test_what_was_read_before_stays(self) -> None:
        after = failed()
        assert after.last_error == "It did not answer."
        assert (after.title, after.validators, after.interval, after.last_ok_at) == (
            SOURCE.title,
            SOURCE.validators,
            SOURCE.interval,
            SOURCE.last_ok_at,
        )

    @pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
    def test_retry_after_is_never_undercut(self, jitter: float) -> None:
        assert failed(retry_after=5 * HOUR, jitter=jitter).next_poll_at >= NOW + 5 * HOUR

    def test_a_short_retry_after_does_not_hasten(self) -> None:
        assert failed(retry_after=MINUTE).next_poll_at == NOW + 30 * MINUTE

    def test_failures_are_spread(self) -> None:
        assert failed(jitter=0).next_poll_at < failed(jitter=1).next_poll_at

    def test_one_good_answer_ends_it(self) -> None:
        assert answered(failed(failed())).next_poll_at == NOW + 15 * MINUTE

    def test_a_feed_that_is_gone_is_asked_no_more(self) -> None:
        after = decide.after_gone(SOURCE, NOW, "Gone for good.")
        assert after.state is SourceState.GONE
        assert after.last_error == "Gone for good."


NEW = "https://new.example/feed"


class TestMoves:
    def test_a_move_is_believed_the_third_time(self) -> None:
        source = SOURCE
        addresses = []
        for _ in range(3):
            source = answered(source, moved_to=NEW)
            addresses.append(source.url)
        assert addresses == [SOURCE.url, SOURCE.url, NEW]
        assert (source.moved_to, source.moved_times) == ("", 0)

    def test_polls_that_bring_nothing_count_too(self) -> None:
        source = unchanged(unchanged(unchanged(moved_to=NEW), moved_to=NEW), moved_to=NEW)
        assert source.url == NEW

    def test_a_move_elsewhere_begins_the_count_anew(self) -> None:
        source = answered(answered(answered(moved_to=NEW), moved_to=NEW), moved_to=f"{NEW}/2")
        assert (source.url, source.moved_times) == (SOURCE.url, 1)

    def test_an_answer_from_the_old_address_ends_the_count(self) -> None:
        source = answered(answered(answered(moved_to=NEW), moved_to=NEW))
        assert (source.moved_to, source.moved_times) == ("", 0)
