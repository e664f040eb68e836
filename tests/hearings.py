"""Synthetic bills with hearings, for tests of calendars and reminders."""

from dataclasses import replace
from datetime import UTC, date, datetime

from domain.bills import Bill, Hearing, HearingStatus, Sighting, bill_key
from domain.calendars import HeardBill, HearingEdition

PACIFIC, EASTERN = "America/Los_Angeles", "America/New_York"
KEY = bill_key("wa", "2025-2026", "SB 9901")
OTHER_KEY = bill_key("wa", "2025-2026", "HB 9902")
CANCELLED = HearingStatus.CANCELLED
SEEN = datetime(2026, 11, 1, tzinfo=UTC)
# Tuesday 17 November 2026, 10:00 in Olympia.
HEARING = Hearing(
    key="acme:hearing:7",
    on=date(2026, 11, 17),
    at=datetime(2026, 11, 17, 18, tzinfo=UTC),
    zone=PACIFIC,
    committee="Committee on Synthetic Matters",
    place="Room 1, Acme Building",
    url="https://example.org/hearings/7",
    bills=("SB 9901",),
)
DATE_ONLY = replace(HEARING, at=None, time_text="after session")


def bill(*hearings: Hearing, key: object = KEY) -> Bill:
    """A synthetic bill with these hearings, as one source tells it."""
    assert isinstance(key, type(KEY))
    return Bill(
        key=key,
        title="An act about synthetic faces",
        sources=(Sighting(source="acme", id=str(key), seen_at=SEEN),),
        hearings=hearings,
        urls=("https://example.org/bills/9901",),
    )


def edition(
    hearing: Hearing = HEARING, *, sequence: int = 0, since: datetime = SEEN
) -> HearingEdition:
    """An edition of a hearing of the synthetic bill."""
    heard = HeardBill(key=KEY, title="An act about synthetic faces")
    return HearingEdition(
        hearing=hearing, bills=(heard,), sequence=sequence, changed_at=since, since=since
    )
