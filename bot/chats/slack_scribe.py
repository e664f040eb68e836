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

    async def token(self, form: Form, channel: ChannelRef) -> str:
        """Return a token for a form's command and what is settled, good in `channel` alone."""
        settled = tuple((one.name, one.value) for one in form.fields if one.settled and one.value)
        action = Action(label=form.title, command=form.command, arguments=settled)
        return (await self._tokens.sign((action,), channel))[action]
