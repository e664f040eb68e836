"""How the legislatures' services are doing, in lines. Pure."""

from collections.abc import Iterator, Sequence

from domain.bill_ports import LegislaturesPort
from domain.cards import Fact, Text, instant, text
from domain.legislature_polls import Poll
from domain.quotas import Usage
from domain.text import shorten


def services_doing(
    services: LegislaturesPort, polls: Sequence[Poll], usages: Sequence[Usage]
) -> list[Fact]:
    """Return a line for each service that was asked: requests today, last answer, what is wrong."""
    used = {one.source: one for one in usages}
    names = sorted({*used, *(one.source for one in polls)}, key=services.title)
    return [
        Fact(
            label=services.title(name),
            value=_line(
                used.get(name),
                services.allowed(name),
                [one for one in polls if one.source == name],
            ),
        )
        for name in names
    ]


def _line(usage: Usage | None, allowed: int, polls: Sequence[Poll]) -> Text:
    return text(*_requests(usage, allowed), *_read(polls), *_wrong(polls))


def _requests(usage: Usage | None, allowed: int) -> Iterator[str | Text]:
    if usage:
        yield f"{usage.today}{f' of {allowed}' if allowed else ''} requests today"
        if usage.blocked_until:
            yield text("; asks to wait until ", instant(usage.blocked_until))


def _read(polls: Sequence[Poll]) -> Iterator[str | Text]:
    read = [one.ok_at for one in polls if one.ok_at]
    if read:
        yield text("; read ", instant(max(read)))


def _wrong(polls: Sequence[Poll]) -> Iterator[str | Text]:
    failing = [one for one in polls if one.failures]
    if failing:
        worst = max(failing, key=lambda one: one.failures)
        yield text(f"; failing: {shorten(worst.last_error, 160)} Next try ", instant(worst.next_at))
