"""All commands there are, in the order people are shown them."""

from commands import (
    bill,
    bill_search,
    bill_track,
    campaign,
    company,
    contact,
    contact_committee,
    contact_log,
    feed,
    pledge,
    pledge_evidence,
    pledge_history,
    pledge_propose,
    pledge_review,
    pledgewatch,
    privacy,
    subscribe,
    watch,
)
from commands.registry import Registry

NOUNS = {
    "pledge": "what was promised",
    "bill": "what legislatures decide",
    "company": "who is watched",
    "contact": "who represents you",
    "campaign": "calling together",
    "watch": "what is looked for",
    "subscribe": "which channel hears what",
    "feed": "what is read",
    "pledgewatch": "help and how it is going",
}


def make_registry() -> Registry:
    """Return the registry of every command."""
    commands = (
        *pledge.COMMANDS,
        pledge_history.COMMAND,
        pledge_propose.COMMAND,
        pledge_evidence.COMMAND,
        *bill.COMMANDS,
        *bill_search.COMMANDS,
        *bill_track.COMMANDS,
        *company.COMMANDS,
        *contact.COMMANDS,
        contact_committee.COMMAND,
        contact_log.COMMAND,
        *campaign.COMMANDS,
        *watch.COMMANDS,
        *subscribe.COMMANDS,
        *feed.COMMANDS,
        *pledgewatch.COMMANDS,
        privacy.COMMAND,
    )
    registry = Registry(commands, NOUNS)
    registry.add(pledge_review.review_command(registry))
    registry.add(pledgewatch.help_command(registry))
    return registry
