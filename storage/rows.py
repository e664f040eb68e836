"""Between columns and values: instants as UTC milliseconds, entries as rows."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import overload

from domain.entries import Entries

_STORED_SUMMARY = 400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Return an aware datetime as whole milliseconds since 1970."""
    return (at - _EPOCH) // _MILLISECOND


@overload
def from_ms(value: int) -> datetime: ...
@overload
def from_ms(value: None) -> None: ...
@overload
def from_ms(value: int | None) -> datetime | None: ...
def from_ms(value: int | None) -> datetime | None:
    """Return the instant of a column, None where it is empty."""
    return None if value is None else _EPOCH + timedelta(milliseconds=value)


def entry_rows(
    entries: Entries, dated_at: Sequence[datetime]
) -> Iterator[Sequence[str | int | None]]:
    """Return the rows of entries but for what they share: from `guid` to `dated_at`."""
    published = [at and to_ms(at) for at in entries.published_at]
    dated = published if dated_at == entries.published_at else map(to_ms, dated_at)
    summaries = [summary[:_STORED_SUMMARY] for summary in entries.summaries]
    return zip(
        entries.guids, entries.urls, entries.titles, summaries, published, dated, strict=True
    )
