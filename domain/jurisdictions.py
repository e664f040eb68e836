"""The places that legislate: postal codes and the names texts give them, folded."""

import re

from domain.text import fold

_STATES = {
    "al": "Alabama", "ak": "Alaska", "az": "Arizona", "ar": "Arkansas", "ca": "California",
    "co": "Colorado", "ct": "Connecticut", "de": "Delaware", "fl": "Florida", "ga": "Georgia",
    "hi": "Hawaii", "id": "Idaho", "il": "Illinois", "in": "Indiana", "ia": "Iowa",
    "ks": "Kansas", "ky": "Kentucky", "la": "Louisiana", "me": "Maine", "md": "Maryland",
    "ma": "Massachusetts", "mi": "Michigan", "mn": "Minnesota", "ms": "Mississippi",
    "mo": "Missouri", "mt": "Montana", "ne": "Nebraska", "nv": "Nevada", "nh": "New Hampshire",
    "nj": "New Jersey", "nm": "New Mexico", "ny": "New York", "nc": "North Carolina",
    "nd": "North Dakota", "oh": "Ohio", "ok": "Oklahoma", "or": "Oregon", "pa": "Pennsylvania",
    "ri": "Rhode Island", "sc": "South Carolina", "sd": "South Dakota", "tn": "Tennessee",
    "tx": "Texas", "ut": "Utah", "vt": "Vermont", "va": "Virginia", "wa": "Washington",
    "wv": "West Virginia", "wi": "Wisconsin", "wy": "Wyoming", "dc": "District of Columbia",
    "pr": "Puerto Rico", "us": "United States",
}  # fmt: skip
# How texts write them besides; Associated Press style for the states.
_ALSO = {
    "ca": ("Calif", "Californian", "Californians", "Sacramento"),
    "ma": ("Mass", "Beacon Hill"),
    "ny": ("N.Y.", "Albany"),
    "wa": ("Wash", "Washington State", "Olympia"),
    "va": ("Richmond",),
    "vt": ("Montpelier",),
    "dc": ("D.C.", "Washington D.C."),
    "us": ("U.S.", "USA", "Congress", "congressional", "federal", "Capitol Hill"),
}


_CODE = re.compile(r"\b([A-Z]{2}) \Z")
# Codes that are words of a headline in capitals: "SAY NO OR SB 6280 PASSES".
_WORDS = frozenset(
    {"al", "co", "de", "hi", "id", "in", "la", "ma", "me", "mo", "oh", "ok", "or", "pa"}
)


def _names() -> dict[str, tuple[str, ...]]:
    held: dict[str, tuple[str, ...]] = {}
    for code, name in _STATES.items():
        for written in (name, *_ALSO.get(code, ())):
            folded = fold(written).strip()
            held[folded] = (*held.get(folded, ()), code)
    return held


NAMES: dict[str, tuple[str, ...]] = _names()
"""Folded name → postal codes, `us` for Congress."""


def code_of(written: str) -> str | None:
    """Return the postal code of a place someone typed, by code or name."""
    asked = fold(written).strip()
    if asked in _STATES:
        return asked
    return NAMES[asked][0] if asked in NAMES else None


def code_before(text: str, place: int) -> str | None:
    """Return the postal code that stands in capitals right before `place`: the `CA` of `CA AB 1`."""
    found = _CODE.search(text[max(0, place - 4) : place])
    code = found[1].lower() if found else ""
    return code if code in _STATES and code not in _WORDS else None


def name_of(code: str) -> str:
    """Return a place's name; the code itself where it is none of these."""
    return _STATES.get(code, code.upper())
