"""Finding the company or the watch that people name, or saying what comes near."""

import re
from collections.abc import Iterable, Sequence

from commands import bill_naming
from commands.near import nearest
from domain.bills import bill_key
from domain.cards import Action
from domain.errors import UserError
from domain.model import Watch, WatchKind
from domain.record import Company, Record
from domain.text import clean, fold


def company_named(record: Record, asked: str, command: str) -> Company:
    """Return the company of the record. Raises UserError that offers near names for `command`."""
    company = company_in(record, asked)
    if company is None:
        raise no_company(record, asked, command)
    return company


def company_in(record: Record, asked: str) -> Company | None:
    """Return the company of the record that has that name or key."""
    wanted = fold(asked)
    for company in record.companies:
        if wanted in {fold(name) for name in all_names(company)} or asked.lower() == company.key:
            return company
    return None


def all_names(company: Company) -> tuple[str, ...]:
    """Every name the company goes by."""
    return (company.name, *company.aliases, *company.ambiguous, *company.subsidiaries)


def no_company(record: Record, asked: str, command: str) -> UserError:
    """The record has no such company; these come near."""
    by_name = {name: one for one in record.companies for name in all_names(one)}
    near = list(dict.fromkeys(by_name[name].name for name in nearest(asked, by_name)))
    return UserError(
        f"No company named “{asked}” is in the record.",
        hint=f"Did you mean {' or '.join(near)}?" if near else "/pledge list shows all there are.",
        choices=tuple(
            Action(label=name, command=command, arguments=(("company", name),)) for name in near
        ),
    )


def watch_named(watches: Sequence[Watch], asked: str) -> Watch | None:
    """Return the watch that is called so: by its label, key, one of its names or its number.

    A number that several of the bills have names none of them.
    """
    for watch in watches:  # "face recognition" in quotation marks is another topic than without
        if asked and asked in {watch.label, watch.rule.query}:
            return watch
    wanted = fold(asked)
    for watch in watches:
        if wanted in {fold(watch.label), fold(watch.key)}:
            return watch
    for watch in watches:
        if wanted in {fold(name) for name in (*watch.rule.names, *watch.rule.ambiguous)}:
            return watch
    bills = _bills_numbered(watches, asked)
    return bills[0] if len(bills) == 1 else None


def no_watch(watches: Sequence[Watch], asked: str, command: str, option: str) -> UserError:
    """Nothing is watched under that name, or several bills are; these come near."""
    several = _told_apart(_bills_numbered(watches, asked))
    near = several or nearest(asked, [watch.label for watch in watches])
    return UserError(
        f"Several bills watched here are called “{asked}”."
        if several
        else f"Nothing called “{asked}” is watched here.",
        hint=f"Did you mean {' or '.join(near)}?" if near else "/watch list shows all there is.",
        choices=tuple(
            Action(label=name, command=command, arguments=((option, name),)) for name in near
        ),
    )


def split_names(written: str) -> tuple[str, ...]:
    """Read a list of names parted by commas, semicolons or line breaks."""
    parts = re.split(r"[,;\n]", written)
    return tuple(dict.fromkeys(name for part in parts if (name := clean(part, len(part)))))


def companies_named(record: Record, written: str, command: str) -> list[Company]:
    """Read companies parted by commas or spaces; names of two words may stand in either."""
    if "," in written:
        return [company_named(record, name, command) for name in split_names(written)]
    words, found = written.split(), []
    while words:
        company, used = _longest(record, words)
        if company is None:
            raise no_company(record, words[0], command)
        found.append(company)
        words = words[used:]
    return list(dict.fromkeys(found))


def _longest(record: Record, words: Sequence[str]) -> tuple[Company | None, int]:
    """The company whose name the most of the next words spell."""
    names = {fold(name): one for one in record.companies for name in all_names(one)}
    for used in range(min(4, len(words)), 0, -1):
        company = names.get(fold(" ".join(words[:used])))
        if company:
            return company, used
    return None, 0


def _bills_numbered(watches: Iterable[Watch], asked: str) -> list[Watch]:
    """The bills of that number, with the place in front or behind where one is said.

    None if a session is said too: what a watch looks for has none.
    """
    number = bill_naming.read(asked)
    if number is None:
        return []
    return [
        watch
        for watch in watches
        if watch.kind is WatchKind.BILL
        and number.means(bill_key(watch.rule.jurisdiction, "", watch.rule.number))
    ]


def _told_apart(watches: Sequence[Watch]) -> list[str]:
    """What watches are called, so that each name is one's own: labels tell no session."""
    labels = [watch.label for watch in watches]
    return labels if len({*labels}) == len(labels) else [watch.key for watch in watches]
