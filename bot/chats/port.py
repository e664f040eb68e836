"""What the core asks of a chat."""

from datetime import timedelta
from typing import Protocol

from domain.cards import Postable
from domain.model import ChannelRef, Platform


class Chat(Protocol):
    """A place where messages are posted.

    Both methods raise `domain.errors.ChatError`: RetryLater, MaybeSent, Rejected; `edit` also
    MessageGone and EditClosed.
    """

    @property
    def platform(self) -> Platform:
        """Which platform it is."""
        ...

    @property
    def gap(self) -> timedelta:
        """How long to wait between two posts in one channel."""
        ...

    async def post(self, channel: ChannelRef, card: Postable, key: str) -> str:
        """Post a card and return the message's id.

        Where the platform can, the same `key` within a few minutes posts only once.
        """
        ...

    async def edit(self, channel: ChannelRef, message: str, card: Postable) -> None:
        """Bring a posted message up to date."""
        ...
