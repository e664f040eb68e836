"""Cards about pledges, composed from the record as of a date."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from commands.timelines import timeline_of
from domain import pledges, positions
from domain.cards import (
    Action,
    Bullets,
    Fact,
    Notice,
    Page,
    Paragraph,
    PledgeCard,
    Row,
    Table,
    Text,
    bold,
    link,
    text,
)
from domain.dates import plain_date
from domain.record import (
    Answer,
    Audience,
    Bearing,
    Citation,
    Company,
    Coverage,
    Pledge,
    Record,
    RecordedBill,
    Stance,
    StatusEvent,
    Terms,
)
from domain.text import shorten
from domain.tracked_bills import bill_label

_SOURCES = 8
_SHOWN = 4
_EVENTS = 3
_VOICES, _VOICE = 2, 140
_BILLS = 3


def pledge_card(
    record: Record, company: Company, pledge: Pledge, on: date, *, today: bool
) -> PledgeCard:
    """The pledge as it stood on `on`, short enough to read in ten seconds."""
    status = pledges.status_on(pledge, on)
    assert status is not None
    assert status.terms is not None
    terms = status.terms
    events = pledges.events_until(pledge, on)
    cited = [event.sources[0] for event in events if event.sources]
    cited += [*pledge.sources[:1], *terms.sources, *pledge.sources]
    cited += [key for event in events for key in event.sources]
    sources = citations(company, cited)
    told = [
        ("Communities say", _voices(pledge)),
        ("May cut against it", _cut_against(record, company, terms, on)),
        ("Evidence", _counted(company, pledge, on)),
        ("Sources", str(len(sources))),
    ]
    return PledgeCard(
        company=company.name,
        title=pledge.title,
        badge=f"{status.kind.value.upper()} · {_since(status.on.plain)}",
        promise=text(pledge.promise),
        coverage=_coverage(terms),
        facts=(
            *_facts(terms),
            *(Fact(label=label, value=text(value)) for label, value in told if value),
        ),
        leaves_out=pledge.leaves_out,
        history=_history(events),
        sources=_cited(sources),
        as_of="" if today else f"As of {plain_date(on)}",
        actions=_pledge_actions(company),
    )


def _voices(pledge: Pledge) -> str:
    """What affected communities say of it, in a line; /pledge evidence tells all."""
    said = [shorten(one.claim.rstrip("."), _VOICE) for one in pledge.communities]
    more = [f"and {len(said) - _VOICES} more"] if len(said) > _VOICES else []
    return " · ".join([*said[:_VOICES], *more])


def _cut_against(record: Record, company: Company, terms: Terms, on: date) -> str:
    """What the company did about bills that may cut against its pledge."""
    held = [
        position_line(one, on)
        for one in positions.standings(record, company.key, on)
        if positions.cuts_against(one, terms, on)
    ]
    more = [f"and {len(held) - _BILLS} more"] if len(held) > _BILLS else []
    return " · ".join([*held[:_BILLS], *more])


def position_line(standing: positions.Standing, on: date) -> str:
    """`CA AB 2261: supports; opposed by …`: what a company did about a bill, who was against it."""
    bill = standing.bill
    against = positions.communities(bill, Stance.OPPOSES, on)
    rest = f" and {len(against) - 1} more" if len(against) > 1 else ""
    opposed = f"; opposed by {against[0]}{rest}" if against else ""
    label = bill_label(bill) if bill.number else f"{bill.place}, {bill.title}"
    return f"{label}: {', '.join(standing.stances)}{opposed}"


def _counted(company: Company, pledge: Pledge, on: date) -> str:
    """How much evidence of each bearing bears on the pledge: `2 supports · 3 contradicts`."""
    held = Counter(
        one.bearing
        for one in company.evidence
        if one.pledge in {None, pledge.key} and one.on.latest <= on
    )
    return " · ".join(f"{held[one]} {one.value}" for one in Bearing if held[one])


def no_pledge_page(company: Company) -> Page:
    """A company in the record that has made no pledge."""
    sources = citations(company, company.no_pledge_sources)
    blocks = (
        Paragraph(text=text(company.no_pledge or f"{company.name} has made no pledge.")),
        Bullets(items=tuple(cite(one) for one in sources[:_SOURCES])),
    )
    return Page(
        title=f"{company.name} · no pledge",
        blocks=blocks if sources else blocks[:1],
        note="It is in the record as a company without a pledge.",
        actions=(Action(label="Compare with the others", command="pledge compare"),),
    )


def not_yet_page(company: Company, pledge: Pledge, on: date) -> Notice:
    """A pledge that had not been made on the day asked for."""
    return Notice(
        text=text(
            f"{company.name} had made no pledge by {plain_date(on)}. "
            f"The one in the record is of {pledge.announced_on.plain}."
        ),
        actions=(_show(company, "Show it as of today"),),
    )


def coverage_answer(company: Company, pledge: Pledge, audience: Audience, on: date) -> Page:
    """Whether the pledge covers an audience, and with which words or which silence."""
    row = pledges.covers(pledge, audience, on)
    assert row is not None
    answer = {Answer.YES: "Yes", Answer.NO: "No", Answer.UNSTATED: "Unstated"}[row.answer]
    disputed = " This is disputed." if row.disputed else ""
    sources = citations(company, row.sources)
    blocks = (
        Paragraph(text=text(bold(f"{answer}."), f" {_sentence(row.words)}{disputed}")),
        Bullets(items=tuple(cite(one) for one in sources)),
    )
    return Page(
        title=f"Does {company.name}’s pledge cover {audience.value}?",
        blocks=blocks if sources else blocks[:1],
        note=f"As of {plain_date(on)}.",
        actions=(_show(company, "The pledge"),),
    )


def compare_page(
    companies: Sequence[Company],
    others: Sequence[Company],
    on: date,
    bills: Iterable[RecordedBill] = (),
) -> Page:
    """Pledges side by side, and who made none. `others` are named in the last line alone.

    Of `bills`, the picture shows those that these pledges wait for.
    """
    made = [
        (one, pledge) for one in companies for pledge in one.pledges if pledges.known(pledge, on)
    ]
    without = pledges.without_pledge([*companies, *others], on)
    table = Table(
        columns=tuple(company.name for company, _ in made),
        rows=tuple(_row(label, [cell(pledge, on) for _, pledge in made]) for label, cell in _ROWS),
    )
    named = ", ".join(company.name for company in without)
    last = Paragraph(text=text(bold("No pledge: "), f"{named}."))
    return Page(
        title="Pledges compared",
        blocks=(*([table] if made else []), *([last] if without else [])),
        note=f"As of {plain_date(on)}. Unstated means the words are silent.",
        actions=tuple(_show(company, company.name) for company, _ in made[:4]),
        picture=timeline_of([*companies, *others], bills, on),
    )


def one_line(company: Company, on: date) -> Text | None:
    """A company's pledge in one line; None if it had made none by `on`."""
    made = [one for one in company.pledges if pledges.known(one, on)]
    if not made:
        return None
    pledge = made[-1]
    status = pledges.status_on(pledge, on)
    assert status is not None
    unstated = [
        row.audience.value
        for row in (status.terms.coverage if status.terms else ())
        if row.answer is Answer.UNSTATED
    ]
    silent = f" Unstated: {', '.join(unstated[:3])}." if unstated else ""
    state = (
        ""
        if status.on == pledge.announced_on
        else f" {_title(status.kind.value)} {_when(status.on.plain)}."
    )
    return text(
        bold(f"{company.name}’s pledge ({pledge.announced_on.plain}): "),
        f"{pledge.promise}{state}{silent}",
    )


def status_word(company: Company, on: date) -> str:
    """`active`, `narrowed`, … or `no pledge`."""
    states = [pledges.status_on(one, on) for one in company.pledges]
    kinds = [state.kind.value for state in states if state]
    return kinds[-1] if kinds else "no pledge"


def citations(company: Company, keys: Sequence[str]) -> list[Citation]:
    """The citations with these keys, each once, in order."""
    held = {one.key: one for one in company.citations}
    return [held[key] for key in dict.fromkeys(keys) if key in held]


def cite(citation: Citation) -> Text:
    """Outlet, title and date, linked where the address is known."""
    title = f"“{citation.title}”" if citation.title else ""
    on = citation.on.plain if citation.on else ""
    words = ", ".join(part for part in (citation.outlet, title, on) if part)
    return text(link(words, citation.url))


def cite_short(citation: Citation) -> Text:
    """Outlet and date, linked where the address is known."""
    on = f", {citation.on.plain}" if citation.on else ""
    return text(link(f"{citation.outlet}{on}", citation.url))


def _cited(held: Sequence[Citation]) -> tuple[Text, ...]:
    more = len(held) - _SHOWN
    rest = (text(f"…and {more} more under Timeline and Evidence"),) if more > 0 else ()
    return (*(cite(one) for one in held[:_SHOWN]), *rest)


def _coverage(terms: Terms) -> tuple[Fact, ...]:
    labels = {Answer.YES: "Covered", Answer.NO: "Not covered", Answer.UNSTATED: "Unstated"}
    rows = []
    for answer, label in labels.items():
        named = [_audience(row) for row in terms.coverage if row.answer is answer]
        if named:
            rows.append(Fact(label=label, value=text(" · ".join(named))))
    return tuple(rows)


def _audience(row: Coverage) -> str:
    return f"{row.audience.value} (disputed)" if row.disputed else row.audience.value


def _facts(terms: Terms) -> tuple[Fact, ...]:
    facts = [
        ("Ends", pledges.describe_end(terms)),
        ("Products", terms.products),
        ("Exempt", _exempt(terms)),
        ("Framing", terms.framing),
    ]
    return tuple(Fact(label=label, value=text(value)) for label, value in facts if value)


def _exempt(terms: Terms) -> str:
    return "; ".join(one.rstrip(".") for one in terms.exemptions)


def _history(events: Sequence[StatusEvent]) -> tuple[Fact, ...]:
    return tuple(
        Fact(label=str(event.on), value=text(bold(event.kind.value), f": {event.text}"))
        for event in events[-_EVENTS:]
    )


def _pledge_actions(company: Company) -> tuple[Action, ...]:
    named = (("company", company.name),)
    return (
        Action(label="Timeline", command="pledge history", arguments=named),
        Action(label="Evidence", command="pledge evidence", arguments=named),
        Action(label="Compare", command="pledge compare"),
        Action(
            label="Does it cover ICE?", command="pledge show", arguments=(*named, ("covers", "ICE"))
        ),
        Action(label="Propose a change", command="pledge propose", arguments=named),
    )


def _show(company: Company, label: str) -> Action:
    return Action(label=label, command="pledge show", arguments=(("company", company.name),))


def _row(label: str, cells: list[str]) -> Row:
    return Row(label=label, cells=tuple(cells), differs=len(set(cells)) > 1)


def _covered(audience: Audience):  # type: ignore[no-untyped-def]  # noqa: ANN202
    def cell(pledge: Pledge, on: date) -> str:
        row = pledges.covers(pledge, audience, on)
        if row is None:
            return "–"
        return {Answer.YES: "covered", Answer.NO: "not covered", Answer.UNSTATED: "unstated"}[
            row.answer
        ] + (" (disputed)" if row.disputed else "")

    return cell


def _terms(pledge: Pledge, on: date) -> Terms:
    terms = pledges.terms_on(pledge, on)
    assert terms is not None
    return terms


def _status(pledge: Pledge, on: date) -> str:
    status = pledges.status_on(pledge, on)
    assert status is not None
    return f"{status.kind.value}, {_since(status.on.plain)}"


_ROWS = (
    ("Status", _status),
    ("Announced", lambda pledge, _: pledge.announced_on.plain),
    ("Action", lambda pledge, on: _terms(pledge, on).action),
    ("Products", lambda pledge, on: _terms(pledge, on).products),
    ("Ends", lambda pledge, on: pledges.describe_end(_terms(pledge, on))),
    *(
        (_audience_label, _covered(one))
        for one in Audience
        for _audience_label in [one.value.capitalize()]
    ),
    ("Exempt", lambda pledge, on: _exempt(_terms(pledge, on)) or "none named"),
    ("Where", lambda pledge, on: _terms(pledge, on).geography),
    ("Framing", lambda pledge, on: _terms(pledge, on).framing),
)


def _sentence(words: str) -> str:
    return _title(words) + ("" if words.endswith((".", "!", "?", "”")) else ".")


def _title(words: str) -> str:
    return words[:1].upper() + words[1:]


def _since(when: str) -> str:
    return when if when.startswith("by ") else f"since {when}"


def _when(when: str) -> str:
    return (
        when
        if when.startswith("by ")
        else f"on {when}"
        if when[0].isdigit() and " " in when
        else f"in {when}"
    )
