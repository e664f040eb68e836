"""The kinds of failure, each with what the reader of it can do.

Exception
 ├─ UserError       safe to show: says what is wrong and what to do next
 │   ├─ NotAllowed  the actor lacks the role that the command asks for
 │   └─ DatabaseBusy    another process has been writing for too long
 ├─ FeedError       a source could not be read; its text is shown to organizers
 │   ├─ RefusedAddress  our own rules forbid fetching it, and which rule
 │   └─ SourceGone      the publisher says it is gone for good (HTTP 410)
 └─ ChatError       a chat did not take a message
     ├─ RetryLater   try again after a while
     ├─ MaybeSent    the connection broke after sending: it may have arrived
     ├─ MessageGone  the message to edit is not there any more
     └─ Rejected     stop sending: this message, or this channel

Anything else is a bug and is loud.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # cards know much of the domain, and processes that only read feeds need none
    from domain.cards import Action


class UserError(Exception):
    """What a person asked cannot be done; says so plainly and offers what to do next."""

    def __init__(self, message: str, *, hint: str = "", choices: "tuple[Action, ...]" = ()) -> None:
        """`choices` are what would do instead, best first."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.choices = choices

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class NotAllowed(UserError):
    """The command is for organizers and the actor is not one."""


class DatabaseBusy(UserError):
    """Another process held the database for longer than we wait; nothing was done."""

    def __init__(self) -> None:
        super().__init__(
            "Another process is writing to the database.", hint="Try again in a moment."
        )


class FeedError(Exception):
    """A source could not be read. `str()` is a sentence for organizers, free of secrets."""

    retry_after: timedelta | None = None


class RefusedAddress(FeedError):
    """An address that must not be fetched; names the rule that refuses it."""

    def __init__(self, rule: str, detail: str) -> None:
        """`rule` is a short stable name such as `private-address`."""
        super().__init__(f"This address is refused: {detail} (rule: {rule}).")
        self.rule = rule


class SourceGone(FeedError):
    """The publisher answered 410 Gone."""


class ChatError(Exception):
    """A chat service did not take a message."""


@dataclass
class RetryLater(ChatError):
    """A passing fault: try again after `after`."""

    after: timedelta
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass
class MaybeSent(ChatError):
    """The connection broke while the answer was awaited: the message may have arrived."""

    reason: str

    def __str__(self) -> str:
        return self.reason


class MessageGone(ChatError):
    """The message to be edited was deleted."""


class EditClosed(ChatError):
    """The service takes no more edits of this message for now."""


class Refusal(StrEnum):
    """Why a chat service refuses for good."""

    NO_PERMISSION = "no permission"
    CHANNEL_GONE = "channel gone"
    INVALID = "invalid message"
    NOT_CONNECTED = "not connected"


@dataclass
class Rejected(ChatError):
    """The service refuses for good. `INVALID` concerns this message, the others the channel."""

    refusal: Refusal
    reason: str
    fix: str = ""

    def __str__(self) -> str:
        return self.reason

    @property
    def stops_channel(self) -> bool:
        """Whether nothing more may be sent to the channel until someone mends it."""
        return self.refusal is not Refusal.INVALID
