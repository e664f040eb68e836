"""The time zone that people name, or what comes near."""

from functools import lru_cache
from zoneinfo import available_timezones

from commands.near import nearest
from domain.cards import Action
from domain.errors import UserError

NO_ZONE = "none"


def zone_named(written: str, command: str) -> str:
    """Return the IANA name of a zone, by its whole name or its city's; empty for `none`.

    Raises UserError that offers near names for `command`. Reads the list of zones from disk once.
    """
    asked = "_".join(written.lower().replace("_", " ").split())
    if asked == NO_ZONE:
        return ""
    by_name = _zones()
    if asked in by_name:
        return by_name[asked]
    cities = [name for folded, name in by_name.items() if folded.rpartition("/")[2] == asked]
    if len(cities) == 1:
        return cities[0]
    near = sorted(cities)[:3] or nearest(written, by_name.values())
    raise UserError(
        f"There is {'more than one' if cities else 'no'} time zone “{written}”.",
        hint=f"Did you mean {' or '.join(near)}?"
        if near
        else "Write it with its city, such as America/Los_Angeles.",
        choices=tuple(
            Action(label=name, command=command, arguments=(("what", ""), ("zone", name)))
            for name in near
        ),
    )


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """Every zone that is named by a place, and UTC, by its name in small letters."""
    names = (one for one in available_timezones() if "/" in one or one == "UTC")
    return {name.lower(): name for name in sorted(names) if not name.startswith("Etc/")}
