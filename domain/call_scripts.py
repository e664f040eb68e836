"""What to say on the phone: a few words with known fields filled in. Pure.

A script is plain text with fields such as `{legislator}`; nothing else is read in it, no
attribute, no format, no code. An unknown field is an error when it is saved, never when shown.
Nothing is said for a caller that they did not say themselves: someone is a constituent only where
they looked up their own district, and lives somewhere only where they named the place.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from domain.errors import UserError
from domain.people import Legislator
from domain.text import clean

MAX_WORDS = 99
MAX_SCRIPT = 1200
MAX_PLACE = 60
MAX_BILLS = 4
FIELDS: Mapping[str, str] = {
    "introduction": "who calls: “I’m a constituent from Ballard”, as far as the caller said so",
    "legislator": "who is called, with the title: “Rep. Example”",
    "ask": "what is asked: “support WA HB 1000”",
    "bills": "the bills or the pledge it is about",
    "standing": "where each bill stands",
    "position": "support or oppose",
}
SHIPPED = "Hi, {introduction}. I’m asking {legislator} to {ask}. {standing} No reply is needed. Thank you."
_FIELD = re.compile(r"\{([^{}]*)\}")


class Position(StrEnum):
    """Which way a script asks."""

    SUPPORT = "support"
    OPPOSE = "oppose"


class SubjectKind(StrEnum):
    """What a call is about."""

    BILL = "bill"
    PLEDGE = "pledge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A bill or a pledge as a script names it.

    `key` finds it again and the community's own words for it: a bill's, or the company's whose
    pledge it is. `standing` says where a bill stands, empty where nobody knows. A pledge's `label`
    is its company, its `title` such as `pledge of 11 June 2020`.
    """

    kind: SubjectKind
    key: str
    label: str
    title: str = ""
    standing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What the one who calls said of themselves."""

    constituent: bool = False
    place: str = ""


def check(script: str) -> None:
    """Judge a script before it is kept. Raises UserError that names what is wrong."""
    if not script.strip():
        raise UserError("A script needs words.")
    if len(script) > MAX_SCRIPT:
        raise UserError(f"A script has at most {MAX_SCRIPT} characters.")
    for name in _FIELD.findall(script):
        if name not in FIELDS:
            raise UserError(
                f"There is no field “{{{clean(name, 40)}}}”.",
                hint=f"These can be used: {', '.join(f'{{{one}}}' for one in FIELDS)}.",
            )
    if "{" in _FIELD.sub("", script) or "}" in _FIELD.sub("", script):
        raise UserError(
            "A brace stands alone in it.", hint="A field is a name between two: {legislator}."
        )


def fill(
    script: str,
    subjects: Sequence[Subject],
    position: Position,
    legislator: Legislator | None,
    caller: Caller,
) -> str:
    """Return the words to say, fewer than a hundred. Raises UserError if it takes more.

    `script` was checked. Where it grows too long, the bills' standing is left out first.
    """
    values = {
        "introduction": introduction(caller),
        "legislator": legislator.addressed if legislator else "the legislator",
        "ask": asked(subjects, position),
        "bills": _listed([_named(one) for one in subjects]),
        "standing": " ".join(_stands(one) for one in subjects if one.standing),
        "position": position.value,
    }
    words = _filled(script, values)
    if len(words.split()) > MAX_WORDS:
        words = _filled(script, {**values, "standing": ""})
    if len(words.split()) > MAX_WORDS:
        raise UserError(
            f"Filled in, this takes {len(words.split())} words; a call has fewer than a hundred.",
            hint="Shorten the script, or ask about fewer bills at once.",
        )
    return words


def introduction(caller: Caller) -> str:
    """Return how a caller is introduced, with no more than they said."""
    if caller.constituent:
        return f"I’m a constituent from {caller.place}" if caller.place else "I’m a constituent"
    return f"I’m calling from {caller.place}" if caller.place else "I’m calling about a concern"


def asked(subjects: Sequence[Subject], position: Position) -> str:
    """Return what is asked for: `support WA HB 1000 and US HR 7356`."""
    bills = [one for one in subjects if one.kind is SubjectKind.BILL]
    pledges = [one for one in subjects if one.kind is SubjectKind.PLEDGE]
    parts = [f"{position.value} {_listed([_named(one) for one in bills])}"] if bills else []
    return _listed([*parts, *(_held(one, position) for one in pledges)])


def mail_draft(to: str, subject: str, body: str) -> str:
    """Return a `mailto:` link that opens a draft."""
    return f"mailto:{quote(to, safe='@')}?subject={quote(subject)}&body={quote(body)}"


def _filled(script: str, values: Mapping[str, str]) -> str:
    return " ".join(_FIELD.sub(lambda found: values[found[1]], script).split())


def _held(pledge: Subject, position: Position) -> str:
    if position is Position.SUPPORT:
        return f"hold {pledge.label} to its {pledge.title}"
    return f"make law instead of relying on {pledge.label}’s {pledge.title}"


def _named(one: Subject) -> str:
    """A bill with its title, where it has one besides its number."""
    if one.kind is SubjectKind.PLEDGE:
        return f"{one.label}’s {one.title}"
    title = clean(one.title, 70)
    return f"{one.label} (“{title}”)" if title and title != one.label else one.label


def _stands(one: Subject) -> str:
    return f"{one.label} now: {one.standing}."


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)
