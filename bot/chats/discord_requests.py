"""Discord's interactions as requests: who asks, where, and what they and we may do there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import discord

from domain.model import Actor, ChannelRef, Platform, SpaceRef
from domain.ports import Request

Interaction = discord.Interaction[Any]
_MANAGE = "people with Manage Server"


def space_of(guild_id: int) -> SpaceRef:
    """A guild as a space."""
    return SpaceRef(platform=Platform.DISCORD, external_id=str(guild_id))


def request_of(
    interaction: Interaction, now: datetime, organizer_roles: Sequence[str]
) -> Request | None:
    """The request that an interaction makes; None where it comes from no server's channel."""
    member = interaction.user
    if (
        interaction.guild_id is None
        or interaction.channel_id is None
        or not isinstance(member, discord.Member)
    ):
        return None

    async def is_organizer() -> bool:
        return _is_organizer(interaction.permissions, member.roles, organizer_roles)

    async def lacking() -> Sequence[str]:
        return missing(interaction.app_permissions, interaction.channel)

    space = space_of(interaction.guild_id)
    return Request(
        actor=Actor(id=str(member.id), name=member.display_name),
        space=space,
        channel=ChannelRef(space=space, external_id=str(interaction.channel_id)),
        now=now,
        organizers=_organizers(interaction.guild, organizer_roles),
        is_organizer=is_organizer,
        lacking=lacking,
    )


def missing(permissions: discord.Permissions, channel: object) -> list[str]:
    """The permissions without which alerts cannot be posted, as Discord's settings name them."""
    in_thread = isinstance(channel, discord.Thread)
    sends = permissions.send_messages_in_threads if in_thread else permissions.send_messages
    needed = (
        ("View Channel", permissions.view_channel),
        ("Send Messages in Threads" if in_thread else "Send Messages", sends),
        ("Embed Links", permissions.embed_links),
    )
    return [name for name, held in needed if not held]


def _is_organizer(
    permissions: discord.Permissions, roles: Sequence[discord.Role], named: Sequence[str]
) -> bool:
    held = {word for role in roles for word in (str(role.id), role.name)}
    wanted = {one.removeprefix("@") for one in named}
    return permissions.manage_guild or permissions.administrator or not held.isdisjoint(wanted)


def _organizers(guild: discord.Guild | None, named: Sequence[str]) -> str:
    """Who the organizers are, in words."""
    if not named:
        return _MANAGE
    roles = " or ".join(_role(guild, one) for one in named)
    return f"{_MANAGE} and those with the role {roles}"


def _role(guild: discord.Guild | None, named: str) -> str:
    found = guild.get_role(int(named)) if guild is not None and named.isdecimal() else None
    return f"“{found.name if found is not None else named.removeprefix('@')}”"
