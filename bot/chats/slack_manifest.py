"""The app manifest to paste at api.slack.com/apps, made from the registry and the config. Pure."""

import re
from collections.abc import Iterator

from bot.chats.slack_commands import OURS, Spelling
from bot.chats.slack_markup import Json
from bot.config import Slack
from commands.registry import Registry
from domain.errors import UserError
from domain.text import shorten

NAME = "Pledgewatch"
PATH = "/slack/events"
SCOPES = ("commands", "chat:write", "users:read")
EVENTS = ("app_uninstalled", "tokens_revoked")
_SOMEWHERE = "https://change-me.example"
_DESCRIPTION = "Keeps companies’ promises on record and tells channels what happens to them."
_LONG_DESCRIPTION = (
    "Companies make promises under pressure; legislatures move bills that would make those "
    "promises law, or undo them. Pledgewatch keeps the record of what was promised, reads the "
    "feeds that you choose, and tells the channels that asked when something bears on a promise."
)
_HINT = 1000
_MOST_COMMANDS = 50
_NAME = re.compile(r"/[a-z0-9_-]{1,31}")


def slack_manifest(registry: Registry, config: Slack, public_url: str = "") -> Json:
    """Return the manifest. Over HTTP, Slack sends requests to `public_url`.

    Raises UserError if Slack would refuse the commands.
    """
    over_http = config.mode == "http"
    address = f"{(public_url or _SOMEWHERE).rstrip('/')}{PATH}" if over_http else ""
    return {
        "display_information": {
            "name": NAME,
            "description": _DESCRIPTION,
            "long_description": _LONG_DESCRIPTION,
            "background_color": "#2f6fb5",
        },
        "features": {
            # Without the messages tab nobody can be sent a direct message.
            "app_home": {"home_tab_enabled": False, "messages_tab_enabled": True},
            "bot_user": {"display_name": NAME, "always_online": True},
            "slash_commands": _commands(registry, config, address),
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": _settings(address),
    }


def _settings(address: str) -> Json:
    urls = {"request_url": address} if address else {}
    menus = {"message_menu_options_url": address} if address else {}
    return {
        "event_subscriptions": {**urls, "bot_events": list(EVENTS)},
        "interactivity": {"is_enabled": True, **urls, **menus},
        "org_deploy_enabled": False,
        "socket_mode_enabled": not address,
        "token_rotation_enabled": False,
    }


def _commands(registry: Registry, config: Slack, address: str) -> list[Json]:
    commands = list(_described(registry, Spelling.of(registry, config)))
    bad = [name for name, *_ in commands if not _NAME.fullmatch(name)]
    if bad:
        hint = "Change slack.command_prefix: lower case letters, digits, _ and -, not too many."
        raise UserError(f"Slack takes no command “{bad[0]}”.", hint=hint)
    if len(commands) > _MOST_COMMANDS:
        raise UserError(f"Slack takes {_MOST_COMMANDS} commands; there are {len(commands)}.")
    return [
        {
            "command": name,
            **({"url": address} if address else {}),
            "description": description,
            "usage_hint": shorten(hint, _HINT),
            "should_escape": False,
        }
        for name, description, hint in commands
    ]


def _described(registry: Registry, spelling: Spelling) -> Iterator[tuple[str, str, str]]:
    """Yield each slash command with what it is for and what to type after it."""
    for noun, summary in registry.nouns.items():
        yield spelling.slash(noun), f"{NAME}: {summary}", _hint(registry, noun)
    if spelling.prefix:
        yield f"/{OURS}", f"{NAME}: every command", "feed add …, pledge show …, help"


def _hint(registry: Registry, noun: str) -> str:
    """The verbs, each with what it cannot do without."""
    verbs = []
    for command in registry.of(noun):
        needed = [option.name for option in command.options if option.required]
        verbs.append(" ".join([command.verb, *needed]))
    return " | ".join(verbs)
