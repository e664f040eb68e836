"""Guilds and channels, and how the service writes them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tests.doubles.discord.clock import iso
from tests.doubles.discord.errors import Json
from tests.doubles.discord.people import Member, Overwrite, Person, Role, User
from tests.doubles.discord.permissions import EVERYTHING, ORDINARY, Permission, effective

if TYPE_CHECKING:
    from tests.doubles.discord.messages import Message
    from tests.doubles.discord.world import World

TEXT, DM, THREAD = 0, 1, 11
GUILDS_INTENT = 1 << 0


class Channel:
    """A text channel, a thread in one, or a direct-message channel."""

    def __init__(
        self,
        world: "World",
        name: str,
        *,
        kind: int,
        channel_id: str,
        guild: "Guild | None" = None,
        recipient: User | None = None,
        parent: "Channel | None" = None,
    ) -> None:
        self.world = world
        self.id = channel_id
        self.name = name
        self.kind = kind
        self.guild = guild
        self.recipient = recipient
        self.parent = parent
        self.deleted = False
        self.messages: list[Message] = []
        self.overwrites: dict[str, Overwrite] = {}
        self.created_at = world.clock.now()

    @property
    def mention(self) -> str:
        """The markup that names this channel."""
        return f"<#{self.id}>"

    @property
    def guild_id(self) -> str | None:
        """The id of the guild it is in; None for direct messages."""
        return self.guild.id if self.guild else None

    @property
    def bot_permissions(self) -> Permission:
        """What the bot may do here, whole; assigning replaces the set."""
        return self.permissions_of(self.guild.bot_member if self.guild else self.world.bot)

    @bot_permissions.setter
    def bot_permissions(self, allowed: int) -> None:
        assert self.guild is not None, "a direct-message channel has no permissions to set"
        self.overwrite(self.guild.bot_member, allow=allowed, deny=~allowed)

    def overwrite(self, target: Role | Member, *, allow: int = 0, deny: int = 0) -> None:
        """Except a role or a member from what the guild says, and tell the bot."""
        self.overwrites[target.id] = Overwrite(
            target=target,
            allow=Permission(allow) & EVERYTHING,
            deny=Permission(deny) & EVERYTHING & ~Permission(allow),
        )
        self._tell("CHANNEL_UPDATE")

    def permissions_of(self, person: Person) -> Permission:
        """What a person may do here, exceptions and dependencies counted."""
        if self.guild is None:
            return ORDINARY
        if self.parent is not None:
            return self.parent.permissions_of(person)
        member = self.guild.members.get(person.id)
        if member is None:
            return Permission(0)
        return effective(self._excepted(member))

    def visible_to_bot(self) -> bool:
        """Whether the bot can see this channel at all."""
        here = self.guild is None or self.guild.bot_present
        return here and bool(self.bot_permissions & Permission.VIEW_CHANNEL)

    def delete(self) -> None:
        """Remove the channel, as a moderator would."""
        self.deleted = True
        if self.guild is not None:
            self.guild.channels.pop(self.id, None)
        self._tell("CHANNEL_DELETE")

    def payload(self) -> Json:
        """The channel object."""
        public = [one.id for one in self.messages if one.shown_to is None]
        last = public[-1] if public else None
        body: Json = {"id": self.id, "type": self.kind, "last_message_id": last, "flags": 0}
        if self.recipient is not None:
            return body | {"recipients": [self.recipient.payload()]}
        assert self.guild is not None
        body |= {"guild_id": self.guild.id, "name": self.name, "rate_limit_per_user": 0}
        return body | (self._thread_fields() if self.parent else self._text_fields())

    def _excepted(self, member: Member) -> Permission:
        granted = member.permissions
        if granted & Permission.ADMINISTRATOR:
            return granted
        assert self.guild is not None
        for group in ([self.guild.everyone], member.roles, [member]):
            found = [self.overwrites[one.id] for one in group if one.id in self.overwrites]
            for exception in found:
                granted &= ~exception.deny
            for exception in found:
                granted |= exception.allow
        return granted

    def _text_fields(self) -> Json:
        return {
            "position": 0,
            "nsfw": False,
            "topic": None,
            "parent_id": None,
            "permission_overwrites": [one.payload() for one in self.overwrites.values()],
        }

    def _thread_fields(self) -> Json:
        assert self.parent is not None
        made = iso(self.created_at)
        return {
            "parent_id": self.parent.id,
            "owner_id": self.world.bot.id,
            "message_count": len(self.messages),
            "total_message_sent": len(self.messages),
            "member_count": 1,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": made,
                "create_timestamp": made,
                "locked": False,
            },
            "member": {
                "id": self.id,
                "user_id": self.world.bot.id,
                "join_timestamp": made,
                "flags": 0,
            },
        }

    def _tell(self, event: str) -> None:
        if self.guild is not None:
            self.world.emit(event, self.payload(), guild=self.guild.id, intent=GUILDS_INTENT)


class Guild:
    """A server, its people and its channels."""

    def __init__(self, world: "World", name: str, guild_id: str, locale: str) -> None:
        self.world = world
        self.id = guild_id
        self.name = name
        self.locale = locale
        self.bot_present = True
        self.everyone = Role(id=guild_id, name="@everyone", permissions=ORDINARY)
        self.roles: dict[str, Role] = {guild_id: self.everyone}
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.owner = self.add_member(f"owner of {name}")
        own = self.add_role(world.bot.name, bot_id=world.bot.id)
        self.bot_member = self._join(world.bot, [own])

    def add_channel(self, name: str, bot_permissions: int | None = None) -> Channel:
        """A new text channel; `bot_permissions` is all the bot may do in it."""
        channel = Channel(self.world, name, kind=TEXT, channel_id=self.world.ids.next(), guild=self)
        self._add(channel, "CHANNEL_CREATE")
        if bot_permissions is not None:
            channel.bot_permissions = Permission(bot_permissions)
        return channel

    def add_thread(self, parent: Channel, name: str, *, thread_id: str) -> Channel:
        """A new public thread under a text channel."""
        thread = Channel(
            self.world, name, kind=THREAD, channel_id=thread_id, guild=self, parent=parent
        )
        self._add(thread, "THREAD_CREATE")
        return thread

    def add_role(
        self,
        name: str,
        permissions: int = 0,
        *,
        mentionable: bool = False,
        bot_id: str | None = None,
    ) -> Role:
        """A new role."""
        role = Role(
            id=self.world.ids.next(),
            name=name,
            permissions=Permission(permissions),
            mentionable=mentionable,
            position=len(self.roles),
            bot_id=bot_id,
        )
        self.roles[role.id] = role
        body = {"guild_id": self.id, "role": role.payload()}
        self.world.emit("GUILD_ROLE_CREATE", body, guild=self.id, intent=GUILDS_INTENT)
        return role

    def add_member(
        self,
        name: str,
        permissions: int = 0,
        *,
        user: User | None = None,
        roles: Iterable[Role] = (),
    ) -> Member:
        """A person in this guild, who may do `permissions` besides what everyone may."""
        own = [self.add_role(f"{name}'s", permissions)] if permissions else []
        return self._join(user or self.world.add_user(name), [*roles, *own])

    def remove_bot(self) -> None:
        """Throw the bot out, as a moderator would."""
        self.world.emit("GUILD_DELETE", {"id": self.id}, guild=self.id, intent=GUILDS_INTENT)
        self.bot_present = False

    def return_bot(self) -> None:
        """Invite the bot again."""
        self.bot_present = True
        self.world.emit("GUILD_CREATE", self.payload(), guild=self.id, intent=GUILDS_INTENT)

    def payload(self) -> Json:
        """The guild object as GUILD_CREATE carries it."""
        channels = [one for one in self.channels.values() if one.parent is None]
        threads = [one for one in self.channels.values() if one.parent is not None]
        return self.summary() | {
            "joined_at": self.bot_member.joined_at,
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
            "members": [self.bot_member.payload()],
            "channels": [one.payload() for one in channels],
            "threads": [one.payload() for one in threads],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def summary(self) -> Json:
        """The guild object as REST answers with it."""
        return {
            "id": self.id,
            "name": self.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "banner": None,
            "description": None,
            "owner_id": self.owner.id,
            "roles": [role.payload() for role in self.roles.values()],
            "emojis": [],
            "stickers": [],
            "features": [],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "nsfw": False,
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "application_id": None,
            "vanity_url_code": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": self.locale,
            "max_members": 500_000,
            "incidents_data": None,
        }

    def _join(self, user: User, roles: list[Role]) -> Member:
        now = iso(self.world.clock.now())
        member = Member(user=user, guild=self, roles=roles, joined_at=now)
        self.members[user.id] = member
        return member

    def _add(self, channel: Channel, event: str) -> None:
        self.channels[channel.id] = channel
        self.world.channels[channel.id] = channel
        self.world.emit(event, channel.payload(), guild=self.id, intent=GUILDS_INTENT)
