"""Campaigns that end by the clock, and those whose bill has ended: what is to be said of them."""

from collections.abc import Mapping
from datetime import datetime

from commands.campaign_closing import bill_endings, close
from domain.campaigns import Campaign
from storage.db import Tx

_OVER = "Its end had come."


def campaigns_due(tx: Tx, now: datetime) -> bool:
    """Whether some campaign is to be closed, or told of its bill’s end."""
    return bool(tx.campaigns.ended(now) or _endings(tx, now))


def end_campaigns(tx: Tx, now: datetime) -> int:
    """Close the campaigns whose end has come, and tell those whose bill has ended.

    A bill’s end closes nothing: that is for an organizer to decide, and the card offers it.
    """
    told = sum(close(tx, one, now, _OVER) for one in tx.campaigns.ended(now))
    for campaign, outcome in _endings(tx, now).values():
        tx.campaigns.bill_ended(campaign, outcome)
        tx.outbox.enqueue_notice(campaign.channel, _bill_ended(campaign, outcome), now)
        tx.outbox.enqueue_card_edits([campaign.id], now)
        told += 1
    return told


def _endings(tx: Tx, now: datetime) -> Mapping[int, tuple[Campaign, str]]:
    """Running campaigns, by their number, with how their bill ended."""
    running = tx.campaigns.on_open_bills()
    if not running:
        return {}
    bills = {(one.subject.key, one.bill) for one in running}
    found = bill_endings(tx, tx.record.load(), bills, now.date())
    return {one.id: (one, found[one.subject.key]) for one in running if one.subject.key in found}


def _bill_ended(campaign: Campaign, outcome: str) -> str:
    return (
        f"{campaign.subject.label} {outcome}. The campaign “{campaign.title}” is about it and "
        f"still runs: an organizer can close it with /campaign close {campaign.id}."
    )
