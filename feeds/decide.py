"""What a poll's answer means: which entries are new, and when to ask again. Pure.

Times of polling follow the publisher: half the usual gap between entries, longer once it has
fallen silent, within the configured bounds, never sooner than Cache-Control or Retry-After
allow, later and later while the source fails.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, groupby, islice, repeat
from operator import sub
from statistics import median

from domain.model import (
    Entry,
    EntryKeys,
    FreshEntry,
    KnownEntry,
    Source,
    SourceState,
    Validators,
)
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
    """The entries a source has not brought before, and those whose listing must be noted."""

    fresh: tuple[FreshEntry, ...]
    relist: tuple[int, ...]


def sort_out(
    listed: Sequence[Entry], known: Iterable[KnownEntry], now: datetime, site_url: str = ""
) -> Sorted:
    """Tell new entries from those brought before.

    An entry is known by its guid, its link, or its title with its date, whichever still agrees:
    publishers change guids, move to https and republish. What several listed entries share
    tells nothing and is not used.
    """
    all_keys = entry_keys(listed, site_url)
    fresh: dict[EntryKeys, Entry] = {}
    relist: set[int] = set()
    told_before = _told_before(listed, all_keys, tuple(known))
    for entry, keys, old in zip(listed, all_keys, told_before, strict=True):
        if old is None:
            fresh.setdefault(keys, entry)
        elif now - old.listed_at > _RELIST:
            relist.add(old.id)
    rows = zip(fresh.values(), fresh, _dates(fresh.values(), now), strict=True)
    # `tuple.__new__` is what makes a named tuple, here without a call of Python for each.
    made = map(tuple.__new__, repeat(FreshEntry), rows)
    return Sorted(fresh=tuple(made), relist=tuple(sorted(relist)))


def _told_before(
    listed: Sequence[Entry], all_keys: Sequence[EntryKeys], known: Sequence[KnownEntry]
) -> Sequence[KnownEntry | None]:
    """Return each listed entry as it is known, None for one that is not."""
    if not known:
        return [None] * len(listed)
    columns = zip(*(one.keys for one in known), strict=True)
    by_guid, by_link, by_title = (dict(zip(told, known, strict=True)) for told in columns)
    bare = {}
    if "" in by_guid and "" in by_link:
        bare = {one.keys.title: one for one in known if not (one.keys.guid or one.keys.link)}
    for index in (by_guid, by_link, by_title):
        index.pop("", None)
    return [
        by_guid.get(guid)
        or by_link.get(link)
        or by_title.get(title)
        or (bare.get(_bare_key(entry)) if bare else None)
        for (guid, link, title), entry in zip(all_keys, listed, strict=True)
    ]


def _dates(entries: Collection[Entry], now: datetime) -> list[datetime]:
    """Return the date each entry counts from; mostly none of them needs a second look."""
    own = [one.published_at for one in entries if one.published_at]
    if len(own) == len(entries) and (not own or (min(own) > _NO_DATE and max(own) <= now)):
        return own
    return [dated(one, now) for one in entries]


def entry_keys(listed: Sequence[Entry], site_url: str = "") -> list[EntryKeys]:
    """Return what tells each listed entry again; its title and text where nothing else does."""
    if not listed:
        return []
    own_guids, urls, *_ = zip(*listed, strict=True)
    guids = _told_once(own_guids, "")
    links = _told_once(canonical_links(urls), canonical_link(site_url))
    titles = _told_once(_title_keys(listed), "")
    if "" in guids and "" in links:
        titles = [
            title if guid or link else _bare_key(entry)
            for guid, link, title, entry in zip(guids, links, titles, listed, strict=True)
        ]
    rows = zip(guids, links, titles, strict=True)
    return list(map(tuple.__new__, repeat(EntryKeys), rows))


def _told_once(values: Sequence[str], never: str) -> Sequence[str]:
    """Return the values, empty where several are the same or `never` tells anything."""
    different = set(values)
    if len(different) == len(values) and never not in different:
        return values
    times = Counter(values)
    return [one if times[one] == 1 and one != never else "" for one in values]


def _title_keys(entries: Iterable[Entry]) -> list[str]:
    """Each title with its date, else with its text: a title alone may return every morning."""
    return [
        f"{title}\n{int(at.timestamp())}"
        if at
        else f"{title}\n{summary[:_TELLING]}"
        if len(summary) >= _LEAST_TELLING
        else ""
        for _, _, title, summary, at in entries
    ]


def _bare_key(entry: Entry) -> str:
    """What tells an entry that has neither a guid nor a link of its own."""
    return _title_keys([entry])[0] or f"{entry.title}\n{entry.summary}"


def dated(entry: Entry, now: datetime) -> datetime:
    """Return the date an entry counts from: its own if it can be true, else when it was seen."""
    own = entry.published_at
    return own if own and _NO_DATE < own <= now else now


def is_news(fresh: FreshEntry, now: datetime) -> bool:
    """Whether an entry is recent enough to tell anybody."""
    return now - fresh.dated_at <= STALE


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
