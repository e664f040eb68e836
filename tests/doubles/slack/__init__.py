"""A double of Slack that the unmodified SDKs talk to over loopback, and that says no like Slack.

async with SlackDouble() as slack:
    slack.install(manifest)
    ana, general = slack.add_user("ana"), slack.add_channel("general")
    ...  # connect the app to slack.api_base with slack.bot_token and slack.app_token
    reply = await slack.command(ana, general, "/pledge", "show amazon")
    assert "Amazon" in (await reply.message()).shown
"""

from tests.doubles.slack.delivery import (
    NOT_A_NUMBER,
    STALE,
    WRONG_SIGNATURE,
    Answer,
    Delivery,
    Forgery,
)
from tests.doubles.slack.double import SlackDouble
from tests.doubles.slack.errors import (
    Complaint,
    FormRefused,
    InvalidAck,
    InvalidManifest,
    NoAck,
    NoSuchElement,
    NothingSeen,
    NotInManifest,
    WrongMode,
)
from tests.doubles.slack.records import Channel, Message, User, View
from tests.doubles.slack.reply import Reply
from tests.doubles.slack.workspace import Request

__all__ = [
    "NOT_A_NUMBER",
    "STALE",
    "WRONG_SIGNATURE",
    "Answer",
    "Channel",
    "Complaint",
    "Delivery",
    "Forgery",
    "FormRefused",
    "InvalidAck",
    "InvalidManifest",
    "Message",
    "NoAck",
    "NoSuchElement",
    "NotInManifest",
    "NothingSeen",
    "Reply",
    "Request",
    "SlackDouble",
    "User",
    "View",
    "WrongMode",
]
