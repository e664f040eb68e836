"""What the shapes cannot say: the rules that hold between the parts of the shipped record.

Every fault is one line, `file: key: reason`, where `key` is dotted as in the file itself.
`records/README.md` gives the same rules to the people who write the files.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date

from domain import bill_numbers
from domain.dates import PartialDate
from domain.record import (
    Answer,
    Audience,
    Citation,
    Coalition,
    Company,
    Conflict,
    Duration,
    Evidence,
    Pledge,
    Position,
    RecordedBill,
    Span,
    Step,
    Terms,
)
from domain.text import fold

MAX_QUOTED_WORDS = 8
_QUOTED = re.compile(r'“([^”]*)”|"([^"]*)"')
_WEB = re.compile(r"https?://[^\s/]+(?:/\S*)?")
# The words that Open States has for what happens to a bill.
STEP_KINDS = frozenset(
    {
        "filing", "introduction", "enrolled", "reading-1", "reading-2", "reading-3", "passage",
        "failure", "withdrawal", "substitution", "amendment-introduction", "amendment-passage",
        "amendment-withdrawal", "amendment-failure", "amendment-amendment", "amendment-deferral",
        "committee-passage", "committee-passage-favorable", "committee-passage-unfavorable",
        "committee-failure", "executive-receipt", "executive-signature", "executive-veto",
        "executive-veto-line-item", "became-law", "veto-override-passage", "veto-override-failure",
        "deferral", "receipt", "referral", "referral-committee",
    }
)  # fmt: skip

Document = Company | RecordedBill | Coalition
_Fault = tuple[str, str]
"""A dotted key and what is wrong there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The keys that documents may point to."""

    companies: frozenset[str]
    pledges: frozenset[str]
    bills: frozenset[str]


def check(
    companies: Mapping[str, Company],
    bills: Mapping[str, RecordedBill],
    coalitions: Mapping[str, Coalition],
) -> list[str]:
    """Return every fault of the record, by file name; the names may have folders in front."""
    known = _Known(
        companies=frozenset(one.key for one in companies.values()),
        pledges=frozenset(pledge.key for one in companies.values() for pledge in one.pledges),
        bills=frozenset(one.key for one in bills.values()),
    )
    named: list[tuple[str, Document]] = [
        *companies.items(),
        *bills.items(),
        *coalitions.items(),
    ]
    found = list(_repeated(named))
    for name, document in named:
        found += [f"{name}: {key}: {reason}" for key, reason in _faults(name, document, known)]
    return found


def _repeated(named: Iterable[tuple[str, Document]]) -> Iterator[str]:
    """Keys that two documents, or two pledges, share."""
    seen: dict[str, str] = {}
    for name, document in named:
        pledges = document.pledges if isinstance(document, Company) else ()
        for key in (document.key, *(pledge.key for pledge in pledges)):
            if key in seen:
                yield f"{name}: {key}: also a key in {seen[key]}"
            seen.setdefault(key, name)


def _faults(name: str, document: Document, known: _Known) -> Iterator[_Fault]:
    stem = name.rpartition("/")[2].removesuffix(".toml")
    if document.key != stem:
        yield "key", f"{document.key!r} is not the name of the file, {stem!r}"
    parts = list(_walk(document, ""))
    yield from _text_faults(parts)
    yield from _citation_faults(document.citations)
    yield from _source_faults(document, parts)
    yield from _date_faults(document, parts)
    yield from _reference_faults(parts, known)
    for key, part in parts:
        yield from _part_faults(key, part)


def _walk(value: object, key: str) -> Iterator[tuple[str, object]]:
    """Yield `value` and all below it, each with its dotted key."""
    yield key, value
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _walk(item, f"{key}[{index}]")
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _walk(getattr(value, field.name), f"{key}.{field.name}".lstrip("."))


def _text_faults(parts: Iterable[tuple[str, object]]) -> Iterator[_Fault]:
    for key, part in parts:
        if isinstance(part, tuple) and any(
            isinstance(one, str) and not one.strip() for one in part
        ):
            yield key, "holds an empty text"
        if not is_dataclass(part) or isinstance(part, type):
            continue
        for field in fields(part):
            text = getattr(part, field.name)
            if isinstance(text, str) and not text.strip() and (text or field.default is MISSING):
                yield f"{key}.{field.name}".lstrip("."), "is empty"
    for key, part in parts:
        headline = key.startswith("citations[") and key.endswith(".title")
        if isinstance(part, str) and not headline:
            yield from ((key, fault) for fault in _long_quotes(part))


def _long_quotes(text: str) -> Iterator[str]:
    for curly, straight in _QUOTED.findall(text):
        count = len((curly or straight).split())
        if count > MAX_QUOTED_WORDS:
            yield f"quotes {count} words; at most {MAX_QUOTED_WORDS} are allowed"


def _citation_faults(citations: Sequence[Citation]) -> Iterator[_Fault]:
    times = Counter(one.key for one in citations)
    yield from (("citations", f"{key!r} occurs {n} times") for key, n in times.items() if n > 1)
    for index, one in enumerate(citations):
        for field, url in (("url", one.url), ("archive_url", one.archive_url)):
            if url is not None and not _WEB.fullmatch(url):
                yield f"citations[{index}].{field}", f"{url!r} is no http or https address"
        if one.retrieved_on is None:
            yield f"citations[{index}].retrieved_on", "is missing"


def _source_faults(document: Document, parts: Iterable[tuple[str, object]]) -> Iterator[_Fault]:
    """Facts without a source, sources that are not cited, citations that serve no fact."""
    cited = {one.key for one in document.citations}
    used: set[str] = set()
    for key, part in parts:
        if not key.endswith("sources") or not isinstance(part, tuple):
            continue
        if not part and key.endswith(".sources"):
            yield key, "names no source"
        yield from (
            (key, f"{one!r} is not among the citations") for one in part if one not in cited
        )
        used.update(part)
    yield from (("citations", f"{key!r} is used by no fact") for key in sorted(cited - used))


def _date_faults(document: Document, parts: Iterable[tuple[str, object]]) -> Iterator[_Fault]:
    """Dates after the day on which the sources were last read."""
    read = max((one.retrieved_on for one in document.citations if one.retrieved_on), default=None)
    for key, part in parts:
        if read and isinstance(part, PartialDate) and _earliest(part) > read:
            yield key, f"{part} is after the sources were read, {read}"


def _earliest(on: PartialDate) -> date:
    return date(on.year, on.month or 1, on.day or 1)


def _reference_faults(parts: Iterable[tuple[str, object]], known: _Known) -> Iterator[_Fault]:
    for key, part in parts:
        for field, name, among in _references(part, known):
            if name not in among:
                yield f"{key}.{field}".lstrip("."), f"{name!r} is not in the record"


def _references(part: object, known: _Known) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield field, key pointed to and the keys there are."""
    match part:
        case Evidence():
            if part.pledge is not None:
                yield "pledge", part.pledge, known.pledges
            if part.bill is not None:
                yield "bill", part.bill, known.bills
        case Duration():
            yield from (("bills", bill, known.bills) for bill in part.bills)
        case Position() if part.company is not None:
            yield "company", part.company, known.companies
        case RecordedBill() if part.succeeds is not None:
            yield "succeeds", part.succeeds, known.bills
        case Coalition():
            yield from (("companies", company, known.companies) for company in part.companies)


def _part_faults(key: str, part: object) -> Iterator[_Fault]:
    """The rules of one table alone."""
    match part:
        case Company():
            faults = _company_faults(part)
        case RecordedBill():
            faults = _bill_faults(part)
        case Coalition():
            faults = _order_faults("steps", [step.on for step in part.steps])
        case Pledge():
            faults = _pledge_faults(part)
        case Terms():
            faults = _terms_faults(part)
        case Duration():
            faults = _duration_faults(part)
        case Conflict():
            faults = _conflict_faults(part)
        case Step() if part.kind and part.kind not in STEP_KINDS:
            faults = iter([("kind", f"{part.kind!r} is no word that Open States has for a step")])
        case _:
            return
    yield from ((f"{key}.{field}".lstrip("."), reason) for field, reason in faults)


def _company_faults(company: Company) -> Iterator[_Fault]:
    if bool(company.no_pledge) == bool(company.pledges):
        yield "no_pledge", "a company has either pledges or the words that it has none"
    if company.no_pledge and not company.no_pledge_sources:
        yield "no_pledge_sources", "names no source"
    if company.name not in {*company.aliases, *company.ambiguous}:
        yield "name", "stands neither under aliases nor under ambiguous"
    yield from (
        ("ambiguous", f"{name!r} is an alias too")
        for name in company.ambiguous
        if name in company.aliases
    )
    if company.ambiguous and not company.context:
        yield "context", "ambiguous names need words beside which they count"


def _bill_faults(bill: RecordedBill) -> Iterator[_Fault]:
    if bill.number and bill_numbers.parse(bill.number) is None:
        yield "number", f"{bill.number!r} is no bill number"
    stated = bill.overrules_local is not Answer.UNSTATED or bill.overrules_local_words
    if stated and not bill.overrules_local_sources:
        yield "overrules_local_sources", "names no source"
    yield from _order_faults("steps", [step.on for step in bill.steps])


def _pledge_faults(pledge: Pledge) -> Iterator[_Fault]:
    times = Counter(fold(word) for word in pledge.subject)
    if not times:
        yield "subject", "names no word that tells news about the pledge"
    yield from (
        ("subject", f"{word!r} has no letter or digit to look for")
        for word in pledge.subject
        if word.strip() and not fold(word).strip()
    )
    yield from (
        ("subject", f"{word.strip()!r} occurs {n} times") for word, n in times.items() if n > 1
    )
    dated = {
        "terms": [terms.since for terms in pledge.terms],
        "events": [event.on for event in pledge.events],
    }
    for field, dates in dated.items():
        if not dates:
            yield field, "there is none"
        if any(on.latest < pledge.announced_on.latest for on in dates):
            yield field, f"one is older than the announcement, {pledge.announced_on}"
        elif dates and dates[0].latest > pledge.announced_on.latest:
            yield field, f"the first is later than the announcement, {pledge.announced_on}"
        yield from _order_faults(field, dates)


def _order_faults(field: str, dates: Sequence[PartialDate]) -> Iterator[_Fault]:
    latest = [on.latest for on in dates]
    if latest != sorted(latest):
        yield field, "not in the order of their dates"


def _terms_faults(terms: Terms) -> Iterator[_Fault]:
    times = Counter(row.audience for row in terms.coverage)
    for audience in Audience:
        if times[audience] != 1:
            yield "coverage", f"{audience.value!r} occurs {times[audience]} times, not once"


def _duration_faults(duration: Duration) -> Iterator[_Fault]:
    if (duration.span is Span.FIXED) != (duration.expires_on is not None):
        yield "expires_on", f"goes with {Span.FIXED.value!r} and with nothing else"
    if (duration.span is Span.CONDITION) != bool(duration.condition):
        yield "condition", f"goes with {Span.CONDITION.value!r} and with nothing else"
    if duration.bills and duration.span is not Span.CONDITION:
        yield "bills", f"go with {Span.CONDITION.value!r} and with nothing else"


def _conflict_faults(conflict: Conflict) -> Iterator[_Fault]:
    if len(conflict.sides) < 2:  # noqa: PLR2004 - two make a conflict
        yield "sides", "a conflict has at least two"
