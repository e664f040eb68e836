"""All commands there are, in the order people are shown them."""

from commands import company, feed, pledge, pledgewatch, subscribe, watch
from commands.registry import Registry

NOUNS = {
    "pledge": "what was promised",
    "company": "who is watched",
    "watch": "what is looked for",
    "subscribe": "which channel hears what",
    "feed": "what is read",
    "pledgewatch": "help and how it is going",
}


def make_registry() -> Registry:
    """Return the registry of every command."""
    commands = (
        *pledge.COMMANDS,
        *company.COMMANDS,
        *watch.COMMANDS,
        *subscribe.COMMANDS,
        *feed.COMMANDS,
        *pledgewatch.COMMANDS,
    )
    registry = Registry(commands, NOUNS)
    registry.add(pledgewatch.help_command(registry))
    return registry
