"""The terminal as a chat: commands typed at a prompt, alerts drawn between them."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import Any

from rich.console import Console
from rich.text import Text

from bot.chats.terminal_render import render
from domain.cards import Action, AlertCard, CampaignCard, Card, Postable
from domain.model import Actor, ChannelRef, Platform, SpaceRef
from domain.ports import Clock, Request
from domain.text import shorten

SPACE = SpaceRef(platform=Platform.TERMINAL, external_id="local")
CHANNEL = ChannelRef(space=SPACE, external_id="terminal")
ACTOR = Actor(id="you", name="you")
_LEAST_WIDTH = 60
_UNKNOWN_WIDTH = 120


def make_console(*, force_terminal: bool | None = None) -> Console:
    """Return a console; where the width is not known, lines are long enough to read and grep."""
    console = Console(force_terminal=force_terminal, highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(width=_UNKNOWN_WIDTH, highlight=False, no_color=True)
    return console


class TerminalChat:
    """Implements `bot.chats.port.Chat` on a console."""

    platform = Platform.TERMINAL
    gap = timedelta(0)

    def __init__(self, console: Console) -> None:
        self._console = console
        self._posted = 0
        self._actions: list[Action] = []

    async def post(self, channel: ChannelRef, card: Postable, key: str) -> str:
        """Draw a card; its buttons can be pressed by number."""
        del channel, key
        self._posted += 1
        self.show(card)
        return f"t{self._posted}"

    async def edit(self, channel: ChannelRef, message: str, card: Postable) -> None:
        """Say what changed: what was printed cannot be."""
        del channel, message
        if isinstance(card, AlertCard):
            self._changed(card.title, f"also in {', '.join(name for name, _ in card.also_in)}")
        if isinstance(card, CampaignCard):
            self._changed(card.title, f"{card.counts}{f' · {card.badge}' if card.badge else ''}")

    def _changed(self, title: str, now: str) -> None:
        told = Text(f"  ↳ {shorten(title, 48)} · {now}", style="dim")
        self._console.print(told, no_wrap=True, overflow="ellipsis")

    def show(self, card: Card) -> None:
        """Draw any card."""
        self._actions = [*getattr(card, "actions", ())]
        self._console.print(render(card, max(self._console.width, _LEAST_WIDTH)))

    def pressed(self, number: int) -> Action | None:
        """Return the button with that number on the card drawn last."""
        return self._actions[number - 1] if 0 < number <= len(self._actions) else None


def make_request(
    clock: Clock,
    *,
    organizer: bool,
    space: SpaceRef = SPACE,
    channel: str = CHANNEL.external_id,
) -> Request:
    """Return the request of whoever sits at this terminal, for its own space or another."""

    async def is_organizer() -> bool:
        return organizer

    async def lacking() -> tuple[str, ...]:
        return ()  # whether the bot may post there shows when it posts

    return Request(
        actor=ACTOR,
        space=space,
        channel=ChannelRef(space=space, external_id=channel),
        now=clock.now(),
        organizers="whoever starts this with --as organizer",
        is_organizer=is_organizer,
        lacking=lacking,
    )


def to_plain(value: Any) -> Any:
    """Return a card as plain JSON data, each record with its `type`."""
    if is_dataclass(value):
        named = {one.name: to_plain(getattr(value, one.name)) for one in fields(value)}
        return {"type": type(value).__name__, **named}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(one) for one in value]
    return value
