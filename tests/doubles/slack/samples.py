"""Manifests and blocks for tests of the double."""

import copy
from typing import Any

Json = dict[str, Any]
MANIFEST: Json = {
    "display_information": {"name": "Pledgewatch", "description": "Keeps promises on record."},
    "features": {
        "app_home": {"home_tab_enabled": True},
        "bot_user": {"display_name": "Pledgewatch", "always_online": True},
        "slash_commands": [
            {"command": "/pledge", "description": "Look up a pledge.", "usage_hint": "show amazon"},
            {"command": "/feed", "description": "Manage feeds.", "should_escape": True},
        ],
        "shortcuts": [
            {
                "name": "Log a call",
                "type": "global",
                "callback_id": "log_call",
                "description": "Log one.",
            },
            {
                "name": "File as evidence",
                "type": "message",
                "callback_id": "file_evidence",
                "description": "File it.",
            },
        ],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "users:read"]}},
    "settings": {
        "socket_mode_enabled": True,
        "interactivity": {"is_enabled": True},
        "event_subscriptions": {
            "bot_events": ["app_home_opened", "app_uninstalled", "tokens_revoked"]
        },
    },
}


def http_manifest() -> Json:
    """The same app with request addresses in place of Socket Mode."""
    manifest = copy.deepcopy(MANIFEST)
    address = "https://bot.example.org/slack/events"
    manifest["settings"]["socket_mode_enabled"] = False
    manifest["settings"]["interactivity"]["request_url"] = address
    manifest["settings"]["event_subscriptions"]["request_url"] = address
    for command in manifest["features"]["slash_commands"]:
        command["url"] = address
    return manifest


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(text: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def actions(*elements: Json, block_id: str = "actions") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def field(block_id: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain("?"), "element": element, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    texts = {"title": plain("Log a call"), "submit": plain("Save")}
    return {"type": "modal", "callback_id": "form", **texts, "blocks": list(blocks), **more}


TYPED = {"type": "plain_text_input", "action_id": "typed", "max_length": 20}
MENU = {"type": "external_select", "action_id": "company", "min_query_length": 1}


def option(text: str = "a", value: str = "a") -> Json:
    return {"text": plain(text), "value": value}


def menu(*options: Json, **more: Any) -> Json:
    return actions({"type": "static_select", "action_id": "m", "options": list(options), **more})


def rich(*leaves: Json) -> Json:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": list(leaves)}],
    }
