"""What a picture shows, free of any way to draw it: plain values and the words that say the same."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

ALT_LIMIT = 1000  # Discord takes 1024 characters, Slack 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A time in which a pledge was in force; `narrowed` where less of it was."""

    since: date
    until: date
    narrowed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something dated. `label` names it, with its date no finer than the source gives it."""

    on: date
    label: str
    ends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One row of a timeline: a name, where it stands, what happened.

    `ends_on` is a day to come on which it ends. Without stretches it is a row of marks alone.
    """

    name: str
    standing: str = ""
    stretches: tuple[Stretch, ...] = ()
    marks: tuple[Mark, ...] = ()
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Rows over one axis of years, as of the day `on`; `note` is a last line of words."""

    title: str
    on: date
    lanes: tuple[Lane, ...]
    note: str = ""

    @property
    def first(self) -> date:
        """The first day that anything is shown of."""
        days = [stretch.since for lane in self.lanes for stretch in lane.stretches]
        days += [mark.on for lane in self.lanes for mark in lane.marks]
        return min([*days, self.on])

    @property
    def last(self) -> date:
        """The last day that anything is shown of."""
        return max([self.on, *(lane.ends_on for lane in self.lanes if lane.ends_on)])


class StationState(StrEnum):
    """How far a station is."""

    DONE = "done"
    CURRENT = "now"
    OPEN = "to come"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStation:
    """One station on a bill's way. `when` is its date as its source gives it, or “not reached”."""

    label: str
    state: StationState
    when: str = ""

    @property
    def told(self) -> str:
        """What is said beside its name; nothing beside one that is done on a day not known."""
        return self.when or ("" if self.state is StationState.DONE else self.state.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillPath:
    """The way of a bill, station by station."""

    title: str
    stations: tuple[PathStation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Something to draw. `name` is a file's name without its ending; `alt` says what it says.

    Raises ValueError for what a chat would refuse.
    """

    name: str
    alt: str
    scene: Timeline | BillPath

    def __post_init__(self) -> None:
        if not self.name or not self.name.isascii() or not self.name.replace("-", "").isalnum():
            raise ValueError(f"{self.name!r} is no name for a file: letters, digits and - only")
        if not self.alt.strip() or len(self.alt) > ALT_LIMIT:
            raise ValueError(f"a picture needs words of at most {ALT_LIMIT} characters beside it")
