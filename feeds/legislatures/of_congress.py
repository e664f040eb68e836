"""What Congress.gov and GovInfo tell alike, for both are made of the Library of Congress's data."""

import re
from collections.abc import Iterable
from datetime import date

from domain.bill_merging import same_vote
from domain.bills import BillAction, BillKey, BillVote, Chamber, Sponsor, SponsorRole, bill_key
from feeds.legislatures.reading import Node
from feeds.legislatures.words import chamber_in, chamber_of, full_name

PLACE = "us"
KINDS = {
    "hr": "bill",
    "s": "bill",
    "hjres": "joint resolution",
    "sjres": "joint resolution",
    "hconres": "concurrent resolution",
    "sconres": "concurrent resolution",
    "hres": "resolution",
    "sres": "resolution",
}
_PAGES = {
    "hr": "house-bill",
    "s": "senate-bill",
    "hjres": "house-joint-resolution",
    "sjres": "senate-joint-resolution",
    "hconres": "house-concurrent-resolution",
    "sconres": "senate-concurrent-resolution",
    "hres": "house-resolution",
    "sres": "senate-resolution",
}
_TALLIES = re.compile(
    r"\b(\d{1,3})\s?[-–]\s?(\d{1,3})(?:,\s(\d{1,3})\sPresent)?"
    r"(?=[^()]{0,40}(?:\(Roll no|Record Vote))"
)


def kind_and_number(key: BillKey) -> tuple[str, str]:
    """Return `hr` and `21` of the key of HR 21; the kind is empty for what is no bill of Congress."""
    kind, _, number = key.identifier.lower().partition(" ")
    return (kind if kind in KINDS and number.isdigit() else ""), number


def key_of(congress: str, kind: str, number: str) -> BillKey:
    """Return the key of a bill of Congress."""
    return bill_key(PLACE, congress, f"{kind} {number}")


def page_of(key: BillKey) -> str:
    """Return the address of a bill's page at congress.gov, for people."""
    kind, number = kind_and_number(key)
    congress = int(key.session)
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(0 if congress % 100 in {11, 12, 13} else congress % 10)
    return (
        f"https://www.congress.gov/bill/{congress}{suffix or 'th'}-congress/{_PAGES[kind]}/{number}"
    )


def chamber_of_action(system: str, code: str, text: str) -> Chamber:
    """Return who acted, by the system that told of it, its code, or its words."""
    told = chamber_in(text)
    if code.startswith("E") or "President" in text[:30]:
        return Chamber.EXECUTIVE
    first = chamber_of(system.split(" ", 1)[0])
    if first is not Chamber.UNKNOWN:
        return first
    if code.isdigit():  # the Library's own: four digits for the House, five for the Senate
        return Chamber.LOWER if int(code) < 10_000 else Chamber.UPPER  # noqa: PLR2004
    return told


def votes_in(actions: Iterable[BillAction]) -> tuple[BillVote, ...]:
    """Return the votes whose tallies stand in the words of actions, each once."""
    votes: list[BillVote] = []
    for action in actions:
        found = _TALLIES.search(action.text)
        if not found:
            continue
        lost = re.search(r"\b(?:failed|rejected|not agreed)\b", action.text, re.IGNORECASE)
        vote = BillVote(
            on=action.on,
            motion=action.text[: found.start()].rstrip(" :.,"),
            chamber=action.chamber,
            passed=not lost,
            yes=int(found[1]),
            no=int(found[2]),
            other=int(found[3] or 0),
        )
        if not any(same_vote(vote, one) for one in votes):
            votes.append(vote)
    return tuple(votes)


def sponsor(person: Node, role: SponsorRole, joined_on: date | None) -> Sponsor:
    """Return a sponsor; `person` has the fields of the JSON answers, single texts each."""
    written = person.get("fullName").text()
    state, district = person.get("state").text(), person.get("district").text()
    return Sponsor(
        name=full_name(
            person.get("firstName").text(),
            person.get("middleName").text(),
            person.get("lastName").text(),
            written,
        )
        or person.get("bioguideId").needed(),
        role=role,
        party=person.get("party").text(),
        district=f"{state}-{district}" if district else state,
        chamber=chamber_of({"Rep": "H", "Sen": "S", "Del": "H"}.get(written[:3], "")),
        joined_on=joined_on,
        withdrawn_on=person.get("sponsorshipWithdrawnDate").day(),
        id=person.get("bioguideId").text(),
    )
