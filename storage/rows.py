"""Between columns and values: instants as UTC milliseconds, text rows as records."""

from datetime import UTC, datetime, timedelta
from typing import overload

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
