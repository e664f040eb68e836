"""Users, roles and members, and how the service writes them."""

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tests.doubles.discord.errors import Json
from tests.doubles.discord.permissions import EVERYTHING, NOTHING, Permission

if TYPE_CHECKING:
    from tests.doubles.discord.places import Channel, Guild


@dataclasses.dataclass(eq=False, kw_only=True)
class User:
    """An account; `dms_open` is whether it takes direct messages from bots."""

    id: str
    name: str
    bot: bool = False
    locale: str = "en-US"
    dms_open: bool = True

    @property
    def mention(self) -> str:
        """The markup that mentions this user."""
        return f"<@{self.id}>"

    def payload(self) -> Json:
        """The user object."""
        return {
            "id": self.id,
            "username": self.name,
            "global_name": None if self.bot else self.name,
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
            "primary_guild": None,
            "avatar_decoration_data": None,
        }


@dataclasses.dataclass(eq=False, kw_only=True)
class Role:
    """A role of a guild."""

    id: str
    name: str
    permissions: Permission = NOTHING
    mentionable: bool = False
    position: int = 0
    bot_id: str | None = None

    @property
    def mention(self) -> str:
        """The markup that mentions this role."""
        return f"<@&{self.id}>"

    def payload(self) -> Json:
        """The role object."""
        colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        return {
            "id": self.id,
            "name": self.name,
            "color": 0,
            "colors": colors,
            "hoist": False,
            "position": self.position,
            "permissions": str(int(self.permissions)),
            "managed": self.bot_id is not None,
            "mentionable": self.mentionable,
            "flags": 0,
            "tags": {"bot_id": self.bot_id} if self.bot_id else {},
        }


@dataclasses.dataclass(eq=False, kw_only=True)
class Member:
    """A user in a guild."""

    user: User
    guild: "Guild"
    roles: list[Role]
    joined_at: str

    @property
    def id(self) -> str:
        """The user's id."""
        return self.user.id

    @property
    def name(self) -> str:
        """The user's name."""
        return self.user.name

    @property
    def mention(self) -> str:
        """The markup that mentions this user."""
        return self.user.mention

    @property
    def permissions(self) -> Permission:
        """What the member may do in the guild, channels aside."""
        if self is self.guild.owner:
            return EVERYTHING
        return union([self.guild.everyone, *self.roles])

    def payload(self, channel: "Channel | None" = None) -> Json:
        """The member object, with the permissions in a channel if one is given."""
        body: Json = {
            "user": self.user.payload(),
            "nick": None,
            "avatar": None,
            "roles": [role.id for role in self.roles],
            "joined_at": self.joined_at,
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "communication_disabled_until": None,
            "flags": 0,
        }
        if channel is not None:
            body["permissions"] = str(int(channel.permissions_of(self)))
        return body


Person = User | Member


def user_of(person: Person) -> User:
    """The account behind a person."""
    return person.user if isinstance(person, Member) else person


def union(roles: Iterable[Role]) -> Permission:
    """What any of the roles allows."""
    allowed = NOTHING
    for role in roles:
        allowed |= role.permissions
    return EVERYTHING if allowed & Permission.ADMINISTRATOR else allowed


@dataclasses.dataclass(frozen=True, kw_only=True)
class Overwrite:
    """A channel's exception for one role or member."""

    target: Role | Member
    allow: Permission
    deny: Permission

    def payload(self) -> Json:
        """The overwrite object."""
        return {
            "id": self.target.id,
            "type": int(isinstance(self.target, Member)),
            "allow": str(int(self.allow)),
            "deny": str(int(self.deny)),
        }
