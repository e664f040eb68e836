"""Open Civic Data division ids: one spelling of a district, whoever names it. Pure.

A roster writes "First Suffolk", the Census "1st Suffolk", its codes "D01" or "036": districts are
strings and meet only in their division id (`ocd-division/country:us/state:ma/sldu:1st_suffolk`).
Ids and the exceptions from the rule follow openstates-metadata 2026.9.1 (MIT); the House's seats
are those of the apportionment after the census of 2020.
"""

import re
from dataclasses import dataclass

from domain.bills import Chamber
from domain.jurisdictions import name_of as jurisdiction_name

_FIPS = {
    "01": "al", "02": "ak", "04": "az", "05": "ar", "06": "ca", "08": "co", "09": "ct",
    "10": "de", "11": "dc", "12": "fl", "13": "ga", "15": "hi", "16": "id", "17": "il",
    "18": "in", "19": "ia", "20": "ks", "21": "ky", "22": "la", "23": "me", "24": "md",
    "25": "ma", "26": "mi", "27": "mn", "28": "ms", "29": "mo", "30": "mt", "31": "ne",
    "32": "nv", "33": "nh", "34": "nj", "35": "nm", "36": "ny", "37": "nc", "38": "nd",
    "39": "oh", "40": "ok", "41": "or", "42": "pa", "44": "ri", "45": "sc", "46": "sd",
    "47": "tn", "48": "tx", "49": "ut", "50": "vt", "51": "va", "53": "wa", "54": "wv",
    "55": "wi", "56": "wy", "60": "as", "66": "gu", "69": "mp", "72": "pr", "78": "vi",
}  # fmt: skip
_HOUSE = {
    "al": 7, "ak": 1, "az": 9, "ar": 4, "ca": 52, "co": 8, "ct": 5, "de": 1, "fl": 28, "ga": 14,
    "hi": 2, "id": 2, "il": 17, "in": 9, "ia": 4, "ks": 4, "ky": 6, "la": 6, "me": 2, "md": 8,
    "ma": 9, "mi": 13, "mn": 8, "ms": 4, "mo": 8, "mt": 2, "ne": 3, "nv": 4, "nh": 2, "nj": 12,
    "nm": 3, "ny": 26, "nc": 14, "nd": 1, "oh": 15, "ok": 5, "or": 6, "pa": 17, "ri": 2, "sc": 7,
    "sd": 1, "tn": 9, "tx": 38, "ut": 4, "vt": 1, "va": 11, "wa": 10, "wv": 2, "wi": 8, "wy": 1,
}  # fmt: skip
# Places with a delegate in the House who cannot vote on the passage of a bill, and no senators.
_DELEGATES = {
    "as": "American Samoa", "dc": "District of Columbia", "gu": "Guam",
    "mp": "Northern Mariana Islands", "pr": "Puerto Rico", "vi": "U.S. Virgin Islands",
}  # fmt: skip
_AT_LARGE = frozenset({"0", "98", "al", "at-large", "at_large"})
_ORDINALS = {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th",
    "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th",
    "eleventh": "11th", "twelfth": "12th", "thirteenth": "13th", "fourteenth": "14th",
    "fifteenth": "15th", "sixteenth": "16th", "seventeenth": "17th", "eighteenth": "18th",
    "nineteenth": "19th", "twentieth": "20th", "thirtieth": "30th",
}  # fmt: skip
_TENS = {"twenty": 2, "thirty": 3}
_COMPOUND = re.compile(
    r"\b(twenty|thirty)[- ](first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\b"
)
# What the Census puts around a name: "Belknap County No. 1", "State House District 36".
_NOISE = re.compile(r"\b(?:state|senate|senatorial|house|legislative|assembly|representative|"
                    r"subdistrict|district|county|no\.?)(?=\s|$)")  # fmt: skip
_NO_MARKS = str.maketrans({",": "", "’": "", "'": "", "_": " "})
_PADDING = re.compile(r"\A0+(?=\d)")
# Ids that the rule would spell otherwise.
_EXCEPTIONS = {
    ("vt", Chamber.UPPER, "chittenden_central"): "sldu:chittenden-central",
    ("vt", Chamber.UPPER, "chittenden_north"): "sldu:chittenden-north",
    ("vt", Chamber.UPPER, "chittenden_southeast"): "sldu:chittenden-southeast",
    ("vt", Chamber.LOWER, "windham-windsor-bennington"): "sldl:windham-bennington-windsor",
    ("me", Chamber.LOWER, "passamaquoddy_tribe"): "sldl:passamaquoddy-tribe",
    ("me", Chamber.LOWER, "houlton_band_of_maliseet_indians"): "sldl:houlton-band",
    ("pr", Chamber.UPPER, "at-large"): "",
    ("pr", Chamber.LOWER, "at-large"): "sldl:at-large",
    ("dc", Chamber.LEGISLATURE, "at-large"): "",
    ("dc", Chamber.LEGISLATURE, "chairman"): "",
}
_KINDS = {Chamber.UPPER: "sldu", Chamber.LOWER: "sldl", Chamber.LEGISLATURE: "sldu"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictSeats:
    """A district of a chamber, its name as the roster writes it, and how many it elects."""

    district: str
    members: int = 1


def state_of_fips(code: str) -> str:
    """Return the postal code, in small letters, of a Census state number; empty if it is none."""
    return _FIPS.get(code, "")


def has_delegate(state: str) -> bool:
    """Whether a place has a delegate without a vote in the House and nobody in the Senate."""
    return state in _DELEGATES


def has_roster(state: str) -> bool:
    """Whether there is a public roster of a place's own legislature."""
    return state in _HOUSE or state in {"dc", "pr"}


def place_name(state: str) -> str:
    """Return a state's or territory's name."""
    return _DELEGATES.get(state) or jurisdiction_name(state)


def house_districts(state: str) -> tuple[str, ...]:
    """Return the House districts of a state as `1` … `n`, or `at-large`; none for other places."""
    if state in _DELEGATES:
        return ("at-large",)
    count = _HOUSE.get(state, 0)
    return ("at-large",) if count == 1 else tuple(str(one) for one in range(1, count + 1))


def congress_states() -> tuple[str, ...]:
    """Return the codes of all places that send someone to Congress."""
    return tuple(sorted((*_HOUSE, *_DELEGATES)))


def base(state: str) -> str:
    """Return the division id of a state, the District of Columbia or a territory."""
    kind = "district" if state == "dc" else "territory" if state in _DELEGATES else "state"
    return f"ocd-division/country:us/{kind}:{state}"


def state_of(division: str) -> str:
    """Return the code of the state, district or territory that a division lies in."""
    found = re.search(r"/(?:state|district|territory):([a-z]{2})", division)
    return found[1] if found else ""


def senate_division(state: str) -> str:
    """Return the division whose people elect two senators."""
    return base(state)


def house_division(state: str, district: str) -> str:
    """Return the division of a House district, however it is written: `7`, `07`, `00`, `98`."""
    plain = _unpadded(district.strip().lower())
    if state in _DELEGATES:
        return base(state)
    at_large = plain in _AT_LARGE or _HOUSE.get(state) == 1
    return f"{base(state)}/cd:{'at-large' if at_large else plain}"


def state_division(state: str, chamber: Chamber, district: str) -> str:
    """Return the division of a district of a state's legislature, however its name is written."""
    plain = plain_district(district)
    exception = _EXCEPTIONS.get((state, chamber, plain))
    if exception is not None:
        return f"{base(state)}/{exception}" if exception else base(state)
    if state == "dc":
        return f"{base(state)}/ward:{plain.removeprefix('ward').lstrip('_')}"
    return f"{base(state)}/{_KINDS[chamber]}:{plain}"


def at_large_divisions(state: str) -> tuple[str, ...]:
    """Return the divisions of members whom a whole place elects to its own legislature."""
    if state == "pr":
        return (base(state), f"{base(state)}/sldl:at-large")
    return (base(state),) if state == "dc" else ()


def plain_district(written: str) -> str:
    """Return a district's name in the one spelling that ids have: `1st_suffolk`, `47a`, `7`."""
    words = written.lower().translate(_NO_MARKS).strip()
    words = _COMPOUND.sub(lambda found: _compound(found[1], found[2]), words)
    words = " ".join(_NOISE.sub(" ", words).split()) or words
    named = [_ORDINALS.get(word, word) for word in words.split()]
    return "_".join(_unpadded(word) for word in named)


def read_districts(written: str) -> tuple[DistrictSeats, ...]:
    """Read a compact list: `1-49*2` is 49 districts of two; names stand between semicolons.

    `A-T` runs through the letters and `1A-35B` through both letters of each number.
    """
    found: list[DistrictSeats] = []
    for part in filter(None, (one.strip() for one in written.split(";"))):
        name, _, count = part.partition("*")
        members = int(count) if count else 1
        found += [DistrictSeats(district=one, members=members) for one in _spread(name.strip())]
    return tuple(found)


def _spread(name: str) -> list[str]:
    numbers = re.fullmatch(r"(\d+)-(\d+)", name)
    if numbers:
        return [str(one) for one in range(int(numbers[1]), int(numbers[2]) + 1)]
    letters = re.fullmatch(r"([A-Z])-([A-Z])", name)
    if letters:
        return [chr(one) for one in range(ord(letters[1]), ord(letters[2]) + 1)]
    halves = re.fullmatch(r"(\d+)A-(\d+)B", name)
    if halves:
        numbered = range(int(halves[1]), int(halves[2]) + 1)
        return [f"{one}{half}" for one in numbered for half in "AB"]
    return [name]


def _compound(tens: str, unit: str) -> str:
    return f"{_TENS[tens]}{_ORDINALS[unit]}"


def _unpadded(word: str) -> str:
    """`036` is `36` and `01A` is `1a`."""
    return _PADDING.sub("", word)
