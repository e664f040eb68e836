"""All that the double knows: settings, places, people, messages, commands, interactions."""

import dataclasses
from typing import TYPE_CHECKING, Protocol

from tests.doubles.discord.clock import Changes, Clock, Snowflakes
from tests.doubles.discord.errors import Json
from tests.doubles.discord.people import Person, User, user_of
from tests.doubles.discord.places import DM, Channel, Guild

if TYPE_CHECKING:
    from tests.doubles.discord.interactions import Interaction
    from tests.doubles.discord.messages import Message


@dataclasses.dataclass(kw_only=True)
class Settings:
    """What a test may change about the service; times in seconds."""

    shards: int = 1
    gateway_down: bool = False
    heartbeat_interval: float = 41.25
    granted_intents: int = 0
    answer_within: float = 3.0
    token_life: float = 15 * 60
    nonce_window: float = 5 * 60
    old_message_age: float = 60 * 60
    old_message_edits: int | None = 3
    old_message_window: float = 20.0
    upload_limit: int = 10 * 1024 * 1024


class Emit(Protocol):
    """Sends an event to the sessions that may see it."""

    def __call__(
        self, event: str, data: Json, *, guild: str | None = None, intent: int = 0
    ) -> None: ...


def _to_nobody(event: str, data: Json, *, guild: str | None = None, intent: int = 0) -> None:
    del event, data, guild, intent


class World:
    """The state that REST, the gateway and the test's hands work on."""

    def __init__(self, token: str) -> None:
        self.settings = Settings()
        self.token = token
        self.clock = Clock()
        self.ids = Snowflakes(self.clock)
        self.changes = Changes()
        self.base = ""
        self.bot = User(id=self.ids.next(), name="pledgewatch", bot=True)
        self.users: dict[str, User] = {self.bot.id: self.bot}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, Message] = {}
        self.nonces: dict[str, Message] = {}
        self.commands: dict[str | None, dict[str, Json]] = {None: {}}
        self.interactions: dict[str, Interaction] = {}
        self.unexpected: list[str] = []
        self.send_event: Emit = _to_nobody

    def emit(self, event: str, data: Json, *, guild: str | None = None, intent: int = 0) -> None:
        """Send an event to the bot, unless it comes from a guild the bot is not in."""
        if guild is None or (guild in self.guilds and self.guilds[guild].bot_present):
            self.send_event(event, data, guild=guild, intent=intent)
        self.changes.tell()

    def add_user(self, name: str) -> User:
        """A new account."""
        user = User(id=self.ids.next(), name=name)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, guild_id: str | None, locale: str) -> Guild:
        """A new guild that the bot is in."""
        guild = Guild(self, name, guild_id or self.ids.next_apart(), locale)
        self.guilds[guild.id] = guild
        self.emit("GUILD_CREATE", guild.payload(), guild=guild.id, intent=1)
        return guild

    def dm(self, person: Person) -> Channel:
        """The direct-message channel between a person and the bot."""
        user = user_of(person)
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        made = Channel(self, "", kind=DM, channel_id=self.ids.next(), recipient=user)
        self.channels[made.id] = made
        return made

    def shares_guild(self, user: User) -> bool:
        """Whether the bot and a user are in some guild together."""
        return any(user.id in one.members for one in self.guilds.values() if one.bot_present)
