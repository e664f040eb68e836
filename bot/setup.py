"""What to paste where when a community sets the bot up."""

from base64 import urlsafe_b64decode
from binascii import Error
from typing import Any
from urllib.parse import urlencode

from bot.chats.slack_manifest import slack_manifest as manifest
from bot.config import Config, Secret
from commands.all import make_registry

# https://discord.com/developers/docs/topics/permissions
_VIEW_CHANNEL = 1 << 10
_SEND_MESSAGES = 1 << 11
_EMBED_LINKS = 1 << 14
_ATTACH_FILES = 1 << 15
_SEND_IN_THREADS = 1 << 38
_PERMISSIONS = _VIEW_CHANNEL | _SEND_MESSAGES | _EMBED_LINKS | _ATTACH_FILES | _SEND_IN_THREADS
_AUTHORIZE = "https://discord.com/oauth2/authorize"


def slack_manifest(config: Config) -> dict[str, Any]:
    """Return the manifest of the Slack app, made from the command registry."""
    return manifest(make_registry(), config.slack, config.web.public_url)


def discord_invite(config: Config) -> str:
    """Return the address that invites the bot to a server, with the least it needs."""
    query = urlencode(
        {
            "client_id": _application_id(config.discord.token) or "YOUR_APPLICATION_ID",
            "scope": "bot applications.commands",
            "permissions": _PERMISSIONS,
        }
    )
    return f"{_AUTHORIZE}?{query}"


def _application_id(token: Secret) -> str:
    """The application's id stands in front of a bot token, in base64; empty if it does not."""
    first = token.value.partition(".")[0]
    try:
        written = urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (Error, ValueError):
        return ""
    return written if written.isdecimal() else ""
