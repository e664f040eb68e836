"""Cards made ready for one channel: commands spelled as they are typed there, buttons signed."""

from bot.chats.slack_commands import Spelling
from bot.chats.slack_render import Message, form_in_words, render
from bot.tokens import Tokens
from domain.cards import Action, Card, Form
from domain.model import ChannelRef


class Scribe:
    """Writes messages."""

    def __init__(self, tokens: Tokens, spelling: Spelling) -> None:
        self.spelling = spelling
        self._tokens = tokens

    async def message(self, card: Card, channel: ChannelRef) -> Message:
        """Return a card as a message for `channel`."""
        shown = form_in_words(card) if isinstance(card, Form) else card
        spelled = self.spelling.respelled(shown)
        return render(spelled, await self._tokens.sign(spelled.actions, channel))

    async def token(self, path: str, channel: ChannelRef) -> str:
        """Return a token for a command without arguments, good in `channel` alone."""
        action = Action(label=path, command=path)
        return (await self._tokens.sign((action,), channel))[action]
