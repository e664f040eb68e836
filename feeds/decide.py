"""What a poll's answer means: which entries are new, and when to ask again. Pure.

Times of polling follow the publisher: half the usual gap between entries, longer once it has
fallen silent, within the configured bounds, never sooner than Cache-Control or Retry-After
allow, later and later while the source fails.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, groupby, islice
from operator import sub
from statistics import median
from typing import NamedTuple, Self

from domain.entries import Entries, KnownEntries
from domain.model import Source, SourceState, Validators
from feeds.addresses import canonical_link, canonical_links

STALE = timedelta(days=30)
"""An entry that says it is older than this when first seen is no news."""
_RELIST = timedelta(days=7)
_NO_DATE = datetime(1971, 1, 1, tzinfo=UTC)  # programs without a date write one of 1970
_LONGEST_BACKOFF = timedelta(hours=24)
_MOVES_BEFORE_BELIEVED = 3
_GAPS = 10
_SILENCE = 20  # a source silent for ten usual gaps is asked less and less
_SLOWER = 1.25
_JITTER = 0.1
_LEAST_TELLING = 40  # characters of summary that make an undated title tell
_TELLING = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often sources are asked: the first interval and the bounds of the adaptive one."""

    interval: timedelta
    min_interval: timedelta
    max_interval: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What a listing brings: new entries, the date each counts from, and what must be noted.

    `places` are those of the new entries in the listing, `relist` the ids of known ones that were
    not noted as listed for long.
    """

    fresh: Entries
    dated_at: Sequence[datetime]
    places: Sequence[int]
    relist: Sequence[int]

    def at(self, places: Sequence[int]) -> tuple[Entries, Sequence[datetime]]:
        """Return the new entries at `places`, which ascend, and their dates."""
        return self.fresh.at(places), [self.dated_at[place] for place in places]


def sort_out(
    listed: Entries, known: KnownEntries | None, now: datetime, site_url: str = ""
) -> Sorted:
    """Tell new entries from those brought before.

    An entry is known by its guid, its link, or its title with its date, whichever still agrees:
    publishers change guids, move to https and republish. What several listed entries share
    tells nothing and is not used.
    """
    places: Sequence[int] = range(len(listed))
    relist: list[int] = []
    if known:
        told_before = _told_before(listed, known, site_url)
        places = [place for place, old in enumerate(told_before) if old is None]
        olds = sorted({old for old in told_before if old is not None})
        relist = [known.ids[old] for old in olds if now - known.listed_at[old] > _RELIST]
    if len(places) > 1 and len({*listed.guids} - {""}) < len(listed):  # else none is there twice
        bare = _bare(listed, _title_keys(listed))
        keys = list(zip(listed.guids, canonical_links(listed.urls), bare, strict=True))
        places = sorted({keys[place]: place for place in reversed(places)}.values())
    fresh = listed.at(places)
    return Sorted(fresh=fresh, dated_at=_dates(fresh, now), places=places, relist=relist)


def telling_links(listed: Entries, site_url: str) -> Sequence[str]:
    """Return what tells each listed entry's link again, empty where several share it."""
    return _told_once(canonical_links(listed.urls), canonical_link(site_url))


class _Keys(NamedTuple):
    """What tells entries again but for their guids, in columns, empty where it would not tell.

    `bare` is the title with date or text, whatever it tells; `alone` is the same of entries that
    have neither a guid nor a link of their own.
    """

    links: Sequence[str]
    titles: Sequence[str]
    bare: Sequence[str]
    alone: Sequence[str]

    @classmethod
    def of(cls, entries: Entries, site_url: str) -> Self:
        guids, links = _told_once(entries.guids, ""), telling_links(entries, site_url)
        titles = _title_keys(entries)
        bare = _bare(entries, titles)
        keys = zip(guids, links, bare, strict=True)
        alone = ["" if guid or link else key for guid, link, key in keys]
        return cls(links, _told_once(titles, ""), bare, alone)


def _told_before(listed: Entries, known: KnownEntries, site_url: str) -> Sequence[int | None]:
    """Return each listed entry's place among those known, None for one that is not."""
    by_guid = _places(_told_once(known.entries.guids, ""))
    told = list(map(by_guid.get, _told_once(listed.guids, "")))
    if None not in told:  # mostly nothing is new
        return told
    new, old = _Keys.of(listed, site_url), _Keys.of(known.entries, site_url)
    ways = zip(
        told,
        map(_places(old.links).get, new.links),
        map(_places(old.titles).get, new.titles),
        map(_places(old.alone).get, new.bare),
        map(_places(old.bare).get, new.alone),
        strict=True,
    )
    return [next((one for one in places if one is not None), None) for places in ways]


def _places(keys: Sequence[str]) -> dict[str, int]:
    """Return where each key stands; an empty one tells nothing."""
    places = {key: place for place, key in enumerate(keys)}
    places.pop("", None)
    return places


def _dates(entries: Entries, now: datetime) -> Sequence[datetime]:
    """Return the date each entry counts from; mostly none of them needs a second look."""
    own = [one for one in entries.published_at if one]
    if len(own) == len(entries) and (not own or (min(own) > _NO_DATE and max(own) <= now)):
        return own
    return [dated(one, now) for one in entries.published_at]


def _told_once(values: Sequence[str], never: str) -> Sequence[str]:
    """Return the values, empty where several are the same or `never` tells anything."""
    different = set(values)
    if len(different) == len(values) and never not in different:
        return values
    times = Counter(values)
    return [one if times[one] == 1 and one != never else "" for one in values]


def _title_keys(entries: Entries) -> list[str]:
    """Each title with its date, else with its text: a title alone may return every morning."""
    rows = zip(entries.titles, entries.summaries, entries.published_at, strict=True)
    return [
        f"{title}\n{int(at.timestamp())}"
        if at
        else f"{title}\n{summary[:_TELLING]}"
        if len(summary) >= _LEAST_TELLING
        else ""
        for title, summary, at in rows
    ]


def _bare(entries: Entries, title_keys: Sequence[str]) -> list[str]:
    """Each title key, and where that is empty the title with its text, however short."""
    rows = zip(title_keys, entries.titles, entries.summaries, strict=True)
    return [key or f"{title}\n{summary}" for key, title, summary in rows]


def dated(own: datetime | None, now: datetime) -> datetime:
    """Return the date an entry counts from: its own if it can be true, else when it was seen."""
    return own if own and _NO_DATE < own <= now else now


def is_news(dated_at: datetime, now: datetime) -> bool:
    """Whether an entry of that date is recent enough to tell anybody."""
    return now - dated_at <= STALE


def after_answer(
    source: Source,
    now: datetime,
    pace: Pace,
    *,
    validators: Validators,
    body_hash: str,
    title: str,
    dates: Sequence[datetime],
    max_age: timedelta | None,
    moved_to: str,
    jitter: float,
) -> Source:
    """Return the source after a good answer. `dates` are those of the listed entries."""
    return _answered(
        source,
        now,
        pace,
        interval=_fitting(source.interval, dates, now, pace),
        validators=validators,
        body_hash=body_hash,
        title=title or source.title,
        max_age=max_age,
        moved_to=moved_to,
        jitter=jitter,
    )


def after_no_change(
    source: Source,
    now: datetime,
    pace: Pace,
    *,
    validators: Validators,
    max_age: timedelta | None,
    moved_to: str,
    jitter: float,
) -> Source:
    """Return the source after an answer that brought nothing: it is asked a little later."""
    return _answered(
        source,
        now,
        pace,
        interval=_bounded(source.interval * _SLOWER, pace),
        validators=validators if validators != Validators() else source.validators,
        body_hash=source.body_hash,
        title=source.title,
        max_age=max_age,
        moved_to=moved_to,
        jitter=jitter,
    )


def _answered(
    source: Source,
    now: datetime,
    pace: Pace,
    *,
    interval: timedelta,
    validators: Validators,
    body_hash: str,
    title: str,
    max_age: timedelta | None,
    moved_to: str,
    jitter: float,
) -> Source:
    url, moved_to, moved_times = _moved(source, moved_to)
    return replace(
        source,
        url=url,
        title=title,
        validators=validators,
        body_hash=body_hash,
        interval=interval,
        next_poll_at=now + _wait(interval, max_age, pace, jitter),
        failures=0,
        last_error="",
        last_polled_at=now,
        last_ok_at=now,
        moved_to=moved_to,
        moved_times=moved_times,
    )


def after_failure(
    source: Source,
    now: datetime,
    pace: Pace,
    *,
    error: str,
    retry_after: timedelta | None,
    jitter: float,
) -> Source:
    """Return the source after a failed poll: what was read stays, it is asked ever later."""
    failures = source.failures + 1
    backoff = min(
        max(source.interval, pace.min_interval) * 2 ** min(failures, 12), _LONGEST_BACKOFF
    )
    wait = max(_spread(backoff, jitter), retry_after or timedelta())
    return replace(
        source, failures=failures, last_error=error, last_polled_at=now, next_poll_at=now + wait
    )


def after_gone(source: Source, now: datetime, error: str) -> Source:
    """Return the source after its publisher said it is gone: it is asked no more."""
    return replace(source, state=SourceState.GONE, last_error=error, last_polled_at=now)


def _moved(source: Source, moved_to: str) -> tuple[str, str, int]:
    """Count permanent redirects to one place, and believe them after a few.

    Returns where the source is, where it is said to have moved, and how often it was said.
    """
    if not moved_to or moved_to == source.url:
        return source.url, "", 0
    times = source.moved_times + 1 if moved_to == source.moved_to else 1
    if times < _MOVES_BEFORE_BELIEVED:
        return source.url, moved_to, times
    return moved_to, "", 0


def _fitting(
    interval: timedelta, dates: Sequence[datetime], now: datetime, pace: Pace
) -> timedelta:
    """Half the usual gap between the latest entries, or a part of the silence since, in bounds."""
    past = dropwhile(now.__lt__, sorted(dates, reverse=True))
    latest = [one for one, _ in islice(groupby(past), _GAPS + 1)]
    if len(latest) < 3:  # noqa: PLR2004 - one gap is no habit
        return _bounded(interval, pace)
    usual = median(map(timedelta.total_seconds, map(sub, latest, latest[1:])))
    return _bounded(max(timedelta(seconds=usual / 2), (now - latest[0]) / _SILENCE), pace)


def _wait(interval: timedelta, max_age: timedelta | None, pace: Pace, jitter: float) -> timedelta:
    """The time until the next poll: the interval, or longer where the publisher says so."""
    return max(_spread(interval, jitter), min(max_age or timedelta(), pace.max_interval))


def _bounded(interval: timedelta, pace: Pace) -> timedelta:
    return max(pace.min_interval, min(interval, pace.max_interval))


def _spread(wait: timedelta, jitter: float) -> timedelta:
    """Move `wait` by up to a tenth either way, so that sources do not march in step."""
    return wait * (1 + _JITTER * (2 * jitter - 1))
