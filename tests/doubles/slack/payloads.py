"""The payloads that Slack sends, field for field."""

import json
import re
from typing import TYPE_CHECKING

from tests.doubles.slack.errors import Json, NoSuchElement
from tests.doubles.slack.forms import entry, state_of
from tests.doubles.slack.records import Channel, Message, User, View
from tests.doubles.slack.view_methods import view_payload

if TYPE_CHECKING:
    from tests.doubles.slack.workspace import Workspace

WORDS = re.compile(r"(?<!\S)(?:@(?P<user>[\w.-]+)|#(?P<channel>[\w-]+)|(?P<url>https?://\S+))")


def command(
    workspace: "Workspace", user: User, channel: Channel, name: str, text: str
) -> dict[str, str]:
    """A slash command's form fields, but for `response_url` and `trigger_id`."""
    if workspace.manifest.commands[name].get("should_escape"):
        text = WORDS.sub(lambda match: _escaped(workspace, match), text)
    return {
        "token": workspace.verification_token,
        "team_id": workspace.team_id,
        "team_domain": workspace.team_domain,
        "channel_id": channel.id,
        "channel_name": channel.shown_name,
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
    }


def interaction(workspace: "Workspace", kind: str, user: User) -> Json:
    """What every interaction has, but for `trigger_id`."""
    return {
        "type": kind,
        "team": {"id": workspace.team_id, "domain": workspace.team_domain},
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": workspace.team_id,
        },
        "api_app_id": workspace.app_id,
        "token": workspace.verification_token,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def place(workspace: "Workspace", surface: Message | View) -> Json:
    """Where an element was used: the container, and the message or view around it.

    An ephemeral message itself is not sent along, only where it was.
    """
    if isinstance(surface, View):
        opened = {"type": "view", "view_id": surface.id}
        return {"container": opened, "view": view_payload(workspace, surface)}
    container: Json = {
        "type": "message",
        "message_ts": surface.ts,
        "channel_id": surface.channel.id,
        "is_ephemeral": surface.ephemeral,
    }
    channel = {"id": surface.channel.id, "name": surface.channel.shown_name}
    found: Json = {"container": container, "channel": channel}
    if not surface.ephemeral:
        found["message"] = {**surface.payload(), "bot_id": workspace.bot_id}
    return found


def block_actions(
    workspace: "Workspace", user: User, surface: Message | View, action: Json, entered: Json
) -> Json:
    """Someone pressed or chose something."""
    payload = interaction(workspace, "block_actions", user)
    payload |= place(workspace, surface)
    if isinstance(surface, Message):
        state = state_of(surface.blocks, {})
        if entered and action["type"] != "overflow":
            state[action["block_id"]][action["action_id"]] = entered
        payload["state"] = {"values": state}
    payload["actions"] = [{**action, "action_ts": workspace.ts()}]
    return payload


def pressed(block: Json, element: Json) -> Json:
    """The action for a button."""
    said = {"action_id": element["action_id"], "block_id": block["block_id"], "type": "button"}
    optional = ("text", "value", "style", "url")
    return said | {name: element[name] for name in optional if name in element}


def chosen(block: Json, element: Json, value: object, offered: list[Json]) -> tuple[Json, Json]:
    """The action for a menu or picker, and its new state."""
    if element["type"] == "button":
        message = f"{element['action_id']} is a button: press it"
        raise NoSuchElement(message)
    state = entry(element, value, offered)
    named = {"action_id": element["action_id"], "block_id": block["block_id"]}
    return {**named, **state}, state


def event(workspace: "Workspace", inner: Json) -> Json:
    """An event's envelope."""
    bot = {"user_id": workspace.bot_user_id, "is_bot": True, "is_enterprise_install": False}
    return {
        "token": workspace.verification_token,
        "team_id": workspace.team_id,
        "api_app_id": workspace.app_id,
        "event": {"event_ts": workspace.ts(), **inner},
        "type": "event_callback",
        "event_id": workspace.id("Ev"),
        "event_time": int(workspace.now()),
        "authorizations": [{"enterprise_id": None, "team_id": workspace.team_id, **bot}],
        "is_ext_shared_channel": False,
        "event_context": json.dumps({"et": inner.get("type", "")}),
    }


def _escaped(workspace: "Workspace", match: re.Match[str]) -> str:
    if match["url"]:
        return f"<{match['url']}>"
    for user in workspace.known.users.values():
        if user.name == match["user"]:
            return f"<@{user.id}|{user.name}>"
    for channel in workspace.known.channels.values():
        if channel.name == match["channel"]:
            return f"<#{channel.id}|{channel.name}>"
    return match[0]
