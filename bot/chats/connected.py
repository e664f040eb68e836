"""The chats that the config switches on. Their SDKs are imported only if they are needed."""

from typing import Protocol

from bot.chats.port import Chat
from bot.config import Config
from bot.front_desk import FrontDesk
from domain.ports import Clock


class ConnectedChat(Chat, Protocol):
    """A chat with a service behind it."""

    async def login(self) -> str:
        """Make ready to post, without listening; return who we are. Raises Rejected."""
        ...

    async def run(self) -> None:
        """Listen and answer until cancelled. Raises Rejected if the service refuses us."""
        ...

    async def close(self) -> None:
        """Let go of everything. Idempotent."""
        ...


def make_chats(config: Config, desk: FrontDesk, clock: Clock) -> list[ConnectedChat]:
    """Return an adapter for every chat that is switched on."""
    chats: list[ConnectedChat] = []
    if config.discord_on:
        from bot.chats.discord_chat import DiscordChat  # noqa: PLC0415 - slow to import

        chats.append(DiscordChat(config.discord, desk, clock))
    if config.slack_on:
        from bot.chats.slack_chat import SlackChat  # noqa: PLC0415 - slow to import

        chats.append(SlackChat(config.slack, desk, clock))
    return chats
