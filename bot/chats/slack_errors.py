"""What Slack's refusals and broken connections mean to those who wanted something sent.

A call either failed in passing (RetryLater), may have been taken (MaybeSent), or is refused
(SlackRefused, MessageGone). Slack tells most refusals by a word in an answer of status 200.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.chats.slack_manifest import NAME
from domain.errors import ChatError, MaybeSent, MessageGone, Refusal, Rejected, RetryLater

INVITE = f"Type /invite @{NAME} in it."
_SOON = timedelta(seconds=2)
_WHEN_UNSAID = timedelta(seconds=30)
_LONGEST = timedelta(hours=1)
_PASSING = frozenset({
    "ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error",
    "service_unavailable", "request_timeout", "team_added_to_org", "accesslimited",
})  # fmt: skip
_MESSAGE_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_NOT_CONNECTED = frozenset({
    "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive",
    "not_allowed_token_type", "org_login_required", "ekm_access_denied", "access_denied",
    "team_access_not_granted",
})  # fmt: skip
_INVITED = ("I am not in the channel", INVITE)
_UNREACHABLE = ("Slack knows no such channel, or it is private and I am not in it", INVITE)
_ARCHIVED = ("the channel is archived", "Unarchive it.")
_RESTRICTED = ("only some may post there", "Ask a workspace admin to let me post.")
_LEFT = ("that person cannot be written to", "")
_CHANNEL = {
    "not_in_channel": (Refusal.NO_PERMISSION, *_INVITED),
    "channel_not_found": (Refusal.CHANNEL_GONE, *_UNREACHABLE),
    "is_archived": (Refusal.CHANNEL_GONE, *_ARCHIVED),
    "is_inactive": (Refusal.CHANNEL_GONE, *_ARCHIVED),
    "user_not_found": (Refusal.CHANNEL_GONE, *_LEFT),
    "user_disabled": (Refusal.CHANNEL_GONE, *_LEFT),
    "cannot_dm_bot": (Refusal.CHANNEL_GONE, *_LEFT),
    "messages_tab_disabled": (
        Refusal.NO_PERMISSION,
        "direct messages to me are turned off",
        "Turn on the messages tab under App Home.",
    ),
    "missing_scope": (
        Refusal.NO_PERMISSION,
        "the app lacks a permission",
        "Update it with `pledgewatch setup slack-manifest` and reinstall it.",
    ),
    "no_permission": (Refusal.NO_PERMISSION, *_RESTRICTED),
    "posting_to_general_channel_denied": (Refusal.NO_PERMISSION, *_RESTRICTED),
}


@dataclass
class SlackRefused(Rejected):
    """A refusal with Slack's word for it."""

    code: str = ""


def translated(error: Exception) -> ChatError:
    """Return what a failed call means."""
    match error:
        case SlackApiError():
            return _answered(error.response)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return RetryLater(_SOON, "Slack cannot be reached")
        case aiohttp.ClientError() | TimeoutError():
            return MaybeSent(f"the connection to Slack broke ({type(error).__name__})")
        case _:  # the SDK stumbles over answers that are not as they should be
            return MaybeSent(f"Slack’s answer could not be read ({type(error).__name__})")


def _answered(response: Any) -> ChatError:
    """The meaning of an answer; the SDK hands on its own object or, at worst, aiohttp's."""
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    if status == 429 or code in {"ratelimited", "rate_limited", "message_limit_exceeded"}:  # noqa: PLR2004
        return RetryLater(_retry_after(response), "Slack asks for a pause")
    if status >= 500 or code in _PASSING:  # noqa: PLR2004
        return RetryLater(_SOON, f"Slack has trouble ({code or status})")
    return _refused(code) if code else RetryLater(_SOON, f"Slack answered oddly ({status})")


def _refused(code: str) -> ChatError:
    if code in _MESSAGE_GONE:
        return MessageGone(f"Slack takes no edit of the message ({code})")
    if code in _NOT_CONNECTED:
        reason = f"Slack does not accept the token ({code})"
        fix = "Copy the tokens of the app again."
        return SlackRefused(Refusal.NOT_CONNECTED, reason, fix, code)
    if code in _CHANNEL:
        refusal, reason, fix = _CHANNEL[code]
        return SlackRefused(refusal, reason, fix, code)
    if code.startswith("restricted_action"):
        return SlackRefused(Refusal.NO_PERMISSION, *_RESTRICTED, code)
    return SlackRefused(Refusal.INVALID, f"Slack refused the message ({code})", "", code)


def _retry_after(response: Any) -> timedelta:
    """How long Slack asks to wait, in whole seconds; within reason."""
    said = str((getattr(response, "headers", None) or {}).get("Retry-After", ""))
    if not said.isascii() or not said.isdigit():
        return _WHEN_UNSAID
    return min(timedelta(seconds=min(int(said[:9]), 10**6)), _LONGEST)
