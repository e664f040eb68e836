"""Bill numbers: every usual way of writing one, and the one form they are compared in.

Source of the forms: how the states and Congress print them (`AB 2261`, `A.B. 2261`,
`Assembly Bill 2261`, `H.R. 7356`, `S. 4084`, Maine's `LD 1585`, Vermont's `H.195`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Kind of measure, keyed by how its prefix is written once dots and spaces are gone.
_SPELLED = {
    "assembly bill": "AB",
    "senate bill": "SB",
    "house bill": "HB",
    "house file": "HF",
    "senate file": "SF",
    "legislative document": "LD",
    "assembly joint resolution": "AJR",
    "senate joint resolution": "SJR",
    "house joint resolution": "HJR",
    "house concurrent resolution": "HCR",
    "senate concurrent resolution": "SCR",
    "house resolution": "HR",
    "senate resolution": "SR",
}
_LETTERS = frozenset(
    [
        "A",
        "AB",
        "ACA",
        "ACR",
        "AJR",
        "AR",
        "B",
        "H",
        "HB",
        "HCR",
        "HCONRES",
        "HF",
        "HJR",
        "HJRES",
        "HP",
        "HR",
        "HRES",
        "J",
        "LB",
        "LD",
        "LR",
        "S",
        "SB",
        "SCA",
        "SCR",
        "SCONRES",
        "SF",
        "SJR",
        "SJRES",
        "SP",
        "SR",
        "SRES",
    ]
)
# Washington prints how often a bill was replaced and engrossed in front of its chamber.
_WASHINGTON = re.compile(r"(?:E?[2-4]?S|E)(SB|HB)")
_SUBSTITUTES = ("s", "e", "es", *(f"{e}{time}s" for e in ("", "e") for time in (2, 3, 4)))
# Of Congress people write these for what the Library of Congress calls by the first word.
_CONGRESS = {"HR": ("HB", "H"), "S": ("SB",)}
# Where a kind is one letter, as in Vermont, people write it out besides: "Senate Bill 124".
_ELSEWHERE = {"H": ("HB",), "S": ("SB",), "A": ("AB",)}

_SPELLED_OUT = "|".join(key.replace(" ", r"\s+") for key in sorted(_SPELLED, key=len, reverse=True))
_SHAPE = (
    r"(?<![\w.])(?:"
    rf"(?P<words>(?i:{_SPELLED_OUT}))\s+(?:[Nn]o\.?\s*|\([A-Z][A-Z. ]{{0,9}}\)\s*)?"
    r"|(?P<letters>[HS]\.?\s?(?:(?:J|C(?:on|ON))\.?\s?)?R(?:es|ES)"
    r"|[A-Z]\.(?:\s[A-Z]\.){1,2}|(?:E?[2-4])?[A-Z](?:\.?[A-Z]){0,7})"
    r"(?:\.?\s?|-))(?P<number>[1-9]\d{0,4})(?![\w-]|\.\d|,\d)"
)
# Cheap and never wrong: a text without this has no bill number.
_HINT = re.compile(
    r"[1-9](?:(?<=[A-Z].)|(?<=[A-Z][ .-].)|(?<=[A-Z]\. .)|(?<=[A-Z.]\) .)|(?<=[eE][sS][ .].)"
    r"|(?<=[eE][sS]\. .)|(?<=(?:ill|ile|ion|ent|[Nn]o\.) .)|(?<=[Nn]o .))"
)
_PRINTED = re.compile(_SHAPE)  # prefixes count only in capitals
_TYPED = re.compile(_SHAPE, re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillNumber:
    """A bill's normalized identifier: its kind in capitals and its number."""

    kind: str
    number: int

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def single_letter(self) -> bool:
        """Whether the kind is one letter, which much else in a text looks like."""
        return len(self.kind) == 1


@dataclass(frozen=True, slots=True)
class Mention:
    """A bill number found in a text and its place there."""

    bill: BillNumber
    start: int
    end: int


def parse(text: str) -> BillNumber | None:
    """Read a number someone typed, in any usual form and case; None if it is none."""
    found = _TYPED.fullmatch(" ".join(text.split()))
    return _read(found) if found else None


def find(text: str) -> Iterator[Mention]:
    """Yield the bill numbers in running text, where prefixes count only in capitals."""
    if not _HINT.search(text):
        return
    for found in _PRINTED.finditer(text):
        bill = _read(found)
        if bill:
            yield Mention(bill, found.start(), found.end())


def ways_to_write(bill: BillNumber, jurisdiction: str) -> frozenset[BillNumber]:
    """Return every identifier that means `bill` in a text about `jurisdiction`."""
    also = (_CONGRESS if jurisdiction == "us" else _ELSEWHERE).get(bill.kind, ())
    return frozenset(BillNumber(kind=kind, number=bill.number) for kind in (bill.kind, *also))


def folded_forms(bill: BillNumber) -> tuple[str, ...]:
    """Return the folded words of which a text that mentions the bill has at least one.

    `AB 2261` and `A.B. 2261` leave the number as a word of its own, `AB2261` does not.
    """
    kinds = {bill.kind.lower()}
    if bill.kind in {"SB", "HB"}:
        kinds |= {f"{mark}{bill.kind.lower()}" for mark in _SUBSTITUTES}
    return (str(bill.number), *(f"{kind}{bill.number}" for kind in sorted(kinds)))


def _read(found: re.Match[str]) -> BillNumber | None:
    if found["words"]:
        kind = _SPELLED[" ".join(found["words"].lower().split())]
    else:
        kind = re.sub(r"[.\s]", "", found["letters"]).upper()
        substituted = _WASHINGTON.fullmatch(kind)
        if kind not in _LETTERS and substituted:
            kind = substituted[1]
        if kind not in _LETTERS:
            return None
    return BillNumber(kind=kind, number=int(found["number"]))
