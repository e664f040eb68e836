"""Interactions: what a person started, and how the bot answered."""

import dataclasses
import datetime as dt
import secrets
from typing import TYPE_CHECKING

from tests.doubles.discord.errors import ApiError, Json
from tests.doubles.discord.messages import COMMAND_REPLY, EPHEMERAL, REPLY, Message
from tests.doubles.discord.people import Member, Person, User, user_of
from tests.doubles.discord.places import Channel
from tests.doubles.discord.posting import Origin

if TYPE_CHECKING:
    from tests.doubles.discord.world import World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9

GUILD_CONTEXT, DM_CONTEXT = 0, 1


@dataclasses.dataclass(frozen=True, kw_only=True)
class Choice:
    """One suggestion shown while a person types."""

    name: str
    value: str | int | float


@dataclasses.dataclass(eq=False, kw_only=True)
class Interaction:
    """One thing a person did; `answer` is the type of the bot's initial response."""

    id: str
    token: str
    kind: int
    person: Person
    channel: Channel
    created_at: dt.datetime
    name: str
    source: Message | None = None
    answer: int | None = None
    failed: bool = False
    original: Message | None = None
    followups: list[Message] = dataclasses.field(default_factory=list)
    touched: bool = False
    modal: "Modal | None" = None
    choices: list[Choice] = dataclasses.field(default_factory=list)
    refusals: list[ApiError] = dataclasses.field(default_factory=list)
    option_kind: int | None = None

    @property
    def user(self) -> User:
        """The account that did it."""
        return user_of(self.person)

    @property
    def pending(self) -> bool:
        """Whether the bot only said so far that an answer will come."""
        if self.answer == DEFERRED_UPDATE:
            return not self.touched
        return self.original is not None and self.original.loading and not self.original.deleted

    @property
    def message(self) -> Message | None:
        """The message that @original stands for."""
        return self.source if self.answer in {DEFERRED_UPDATE, UPDATE} else self.original

    def origin(self, *, hidden: bool) -> Origin:
        """What a message of this interaction carries."""
        kind = COMMAND_REPLY if self.kind == COMMAND else REPLY
        shown_to = self.user if hidden else None
        return Origin(kind=kind, metadata=self._metadata(), shown_to=shown_to)

    def _metadata(self) -> Json:
        guild = self.channel.guild
        body: Json = {
            "id": self.id,
            "type": self.kind,
            "user": self.user.payload(),
            "authorizing_integration_owners": {"0": guild.id if guild else "0"},
        }
        if self.kind == COMPONENT and self.source is not None:
            body["interacted_message_id"] = self.source.id
        if self.kind == MODAL_SUBMIT:
            body["triggering_interaction_metadata"] = body | {"type": COMMAND}
        return body


@dataclasses.dataclass(eq=False, kw_only=True)
class Modal:
    """A form as a person sees it."""

    custom_id: str
    title: str
    components: list[Json]
    opened_by: Interaction
    submitted: bool = False

    @property
    def inputs(self) -> list[tuple[str, Json]]:
        """Its inputs from top to bottom, each with its label."""
        found: list[tuple[str, Json]] = []
        for part in self.components:
            if isinstance(part.get("component"), dict):
                found.append((part["label"], part["component"]))
            found += [(one.get("label") or "", one) for one in part.get("components") or []]
        return found

    @property
    def labels(self) -> list[str]:
        """What its inputs are called."""
        return [label for label, _ in self.inputs]


class Reply:
    """What a person sees after doing something."""

    def __init__(self, world: "World", interaction: Interaction) -> None:
        self._world = world
        self.interaction = interaction

    def __repr__(self) -> str:
        shown = self.modal.title if self.modal else self.text
        return f"<Reply {self.interaction.name!r} {shown[:60]!r}>"

    @property
    def message(self) -> Message:
        """The message to look at: the answer, the updated message, or the latest follow-up."""
        answer = self.interaction.message
        if answer is None or answer.deleted:
            assert self.followups, "the bot showed no message"
            return self.followups[-1]
        return answer

    @property
    def modal(self) -> Modal | None:
        """The form that opened, if one did."""
        return self.interaction.modal

    @property
    def followups(self) -> list[Message]:
        """Messages sent after the initial response."""
        return self.interaction.followups

    @property
    def deferred(self) -> bool:
        """Whether the bot only said so far that an answer will come."""
        return self.interaction.pending

    @property
    def content(self) -> str:
        """The message's content."""
        return self.message.content

    @property
    def embeds(self) -> list[Json]:
        """The message's embeds."""
        return self.message.embeds

    @property
    def components(self) -> list[Json]:
        """The message's components."""
        return self.message.components

    @property
    def flags(self) -> int:
        """The message's flags."""
        return self.message.flags

    @property
    def ephemeral(self) -> bool:
        """Whether only the person sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def text(self) -> str:
        """All that can be read in the message, or nothing if there is none."""
        shown = self.interaction.message or (self.followups[-1] if self.followups else None)
        return shown.text if shown else ""

    async def settled(self, within: float = 5.0) -> "Reply":
        """Wait until a deferred answer is there."""
        await self._world.changes.until(lambda: not self.deferred, within)
        return self

    async def followup(self, number: int = 1, within: float = 5.0) -> Message:
        """Wait for the follow-up of a number, counted from 1."""
        await self._world.changes.until(lambda: len(self.followups) >= number, within)
        return self.followups[number - 1]

    async def edited(self, times: int = 1, within: float = 5.0) -> Message:
        """Wait until the message has been edited so many times."""
        await self._world.changes.until(lambda: len(self.message.edits) >= times, within)
        return self.message


def begin(
    world: "World",
    kind: int,
    person: Person,
    channel: Channel,
    name: str,
    source: Message | None = None,
) -> Interaction:
    """Start an interaction and remember it by its token."""
    interaction = Interaction(
        id=world.ids.next(),
        token=secrets.token_urlsafe(48),
        kind=kind,
        person=person,
        channel=channel,
        created_at=world.clock.now(),
        name=name,
        source=source,
    )
    world.interactions[interaction.token] = interaction
    return interaction


def event(world: "World", interaction: Interaction, data: Json) -> Json:
    """The interaction as INTERACTION_CREATE carries it."""
    channel, guild = interaction.channel, interaction.channel.guild
    allowed = int(channel.permissions_of(interaction.person))
    body: Json = {
        "id": interaction.id,
        "application_id": world.bot.id,
        "type": interaction.kind,
        "token": interaction.token,
        "version": 1,
        "data": data,
        "channel_id": channel.id,
        "channel": channel.payload() | {"permissions": str(allowed)},
        "app_permissions": str(int(channel.bot_permissions)),
        "locale": interaction.user.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {"0": guild.id if guild else "0"},
        "context": GUILD_CONTEXT if guild else DM_CONTEXT,
        "attachment_size_limit": world.settings.upload_limit,
    }
    if interaction.source is not None:
        body["message"] = interaction.source.event()
    return body | _who(interaction)


def _who(interaction: Interaction) -> Json:
    guild = interaction.channel.guild
    if guild is None:
        return {"user": interaction.user.payload()}
    assert isinstance(interaction.person, Member)
    return {
        "member": interaction.person.payload(interaction.channel),
        "guild_id": guild.id,
        "guild": {"id": guild.id, "locale": guild.locale, "features": []},
        "guild_locale": guild.locale,
    }
