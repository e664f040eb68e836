"""How campaigns end: by an organizer, by the clock, or with their bill."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from domain.bill_progress import outcome_of
from domain.bills import Bill, BillKey, Outcome
from domain.campaigns import Campaign, closing_words
from domain.ports import Tx
from domain.record import Record
from domain.tracked_bills import as_bill, ended

_ENDINGS = {
    Outcome.LAW: "became law",
    Outcome.ADOPTED: "was adopted",
    Outcome.VETOED: "was vetoed",
    Outcome.FAILED: "failed",
    Outcome.WITHDRAWN: "was withdrawn",
}


def close(tx: Tx, campaign: Campaign, now: datetime, why: str = "") -> bool:
    """Close a campaign: post what came of it, bring its card up to date, destroy its key.

    `why` is a sentence for the channel. False if it was closed already.
    """
    if not tx.campaigns.close(campaign, now):
        return False
    tally = tx.campaigns.tallies([campaign.id], now)[campaign.id]
    tx.outbox.enqueue_notice(campaign.channel, closing_words(campaign, tally, why), now)
    tx.outbox.enqueue_card_edits([campaign.id], now)
    return True


def bill_endings(
    tx: Tx, record: Record, bills: Iterable[tuple[str, BillKey | None]], on: date
) -> Mapping[str, str]:
    """Return how those of the bills ended that did: `became law`, `died with its session`.

    `bills` are what the record and watches call them, with what legislatures do.
    """
    asked = dict(bills)
    told = tx.bills.found([key for key in asked.values() if key])
    found = {}
    for ref, key in asked.items():
        recorded = record.bill(ref)
        bill = told.get(key) if key else None
        if bill is None and recorded:
            bill = as_bill(recorded)
        ending = _ending(bill, key, on)
        if ending:
            found[ref] = ending
    return found


def _ending(bill: Bill | None, key: BillKey | None, on: date) -> str:
    outcome = outcome_of(bill)[0] if bill else Outcome.PENDING
    if outcome is Outcome.PENDING:
        return "died with its session" if key and ended(key, on) else ""
    return _ENDINGS.get(outcome, "")
