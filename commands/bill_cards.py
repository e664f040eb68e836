"""Lines about bills, composed from the record as of a date."""

from datetime import date

from domain.cards import Text, bold, text
from domain.record import RecordedBill, Stance, Step
from domain.tracked_bills import FOR, bill_label

_NAMED = 3


def bill_line(bill: RecordedBill, on: date) -> Text:
    """A bill in one line: what it is, where it stood on `on`, who was for and against it."""
    steps = [step for step in bill.steps if step.on.latest <= on]
    latest = f" {_date(steps[-1])}: {steps[-1].text}" if steps else ""
    return text(
        bold(f"{bill_label(bill)}: "),
        f"{bill.title}.{latest}",
        _side("For", _sides(bill, on, favourable=True)),
        _side("Against", _sides(bill, on, favourable=False)),
    )


def _date(step: Step) -> str:
    written = step.on.plain
    return written[:1].upper() + written[1:]


def _sides(bill: RecordedBill, on: date, *, favourable: bool) -> list[str]:
    known = [one for one in bill.positions if one.on is None or one.on.latest <= on]
    if favourable:
        return [one.who for one in known if one.stance in FOR]
    return [one.who for one in known if one.stance is Stance.OPPOSES]


def _side(label: str, names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f" {label}: {', '.join(names[:_NAMED])}{more}."
