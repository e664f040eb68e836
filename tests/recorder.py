"""A chat that writes down what it is handed and fails as told."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from domain.cards import AlertCard, CampaignCard, Digest, Notice, Postable, plain
from domain.errors import MessageGone
from domain.model import ChannelRef, Platform


@dataclass
class Sent:
    """A message: its card, and those that replaced it."""

    channel: str
    card: Postable
    key: str
    edits: list[Postable]

    @property
    def text(self) -> str:
        """What one would read first."""
        return words(self.card)


class RecordingChat:
    """Implements `bot.chats.port.Chat` in memory."""

    def __init__(self, platform: Platform = Platform.DISCORD) -> None:
        self.platform = platform
        self.gap = timedelta(0)
        self.messages: dict[str, Sent] = {}
        self.tries = 0
        self.faults: defaultdict[str, list[Exception]] = defaultdict(list)

    def fail(self, channel: str, *errors: Exception) -> None:
        """Raise these, one at a time, for what is posted to the channel."""
        self.faults[channel] += errors

    def fail_edits(self, channel: str, *errors: Exception) -> None:
        """Raise these, one at a time, for edits in the channel."""
        self.faults[f"{channel} edit"] += errors

    def sent(self, channel: str) -> list[Sent]:
        """The messages of a channel in order."""
        return [one for one in self.messages.values() if one.channel == channel]

    async def post(self, channel: ChannelRef, card: Postable, key: str) -> str:
        """Keep a card."""
        self._raise(channel.external_id)
        message = f"m{len(self.messages) + 1}"
        self.messages[message] = Sent(channel.external_id, card, key, [])
        return message

    async def edit(self, channel: ChannelRef, message: str, card: Postable) -> None:
        """Replace a card."""
        self._raise(f"{channel.external_id} edit")
        if message not in self.messages:
            raise MessageGone
        self.messages[message].edits.append(card)

    def _raise(self, place: str) -> None:
        self.tries += 1
        if self.faults[place]:
            raise self.faults[place].pop(0)


def words(card: Postable) -> str:
    """A card's first words."""
    match card:
        case AlertCard(title=title) | CampaignCard(title=title):
            return title
        case Notice(text=text):
            return plain(text)
        case Digest(title=title):
            return title
