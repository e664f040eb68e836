"""Whom a message pings, given its text and its allowed_mentions."""

import dataclasses
import re

from tests.doubles.discord.errors import Json
from tests.doubles.discord.permissions import Permission
from tests.doubles.discord.places import Channel

_CODE = re.compile(r"```.*?```|``.*?``|`[^`]*`", re.DOTALL)
_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_MASS = re.compile(r"@(?:everyone|here)")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pings:
    """Ids of the users and roles that are notified, and whether everyone is; falsy if nobody."""

    users: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    everyone: bool = False

    def __bool__(self) -> bool:
        return bool(self.users or self.roles or self.everyone)


NOBODY = Pings()


def pings(text: str, allowed: Json | None, channel: Channel, replied_to: str | None) -> Pings:
    """Whom the service notifies: all that the text names unless allowed_mentions says less."""
    plain = _CODE.sub(" ", text)
    users = _permitted(set(_USER.findall(plain)) & _known_users(channel), "users", allowed)
    roles = _permitted(set(_ROLE.findall(plain)) & _open_roles(channel), "roles", allowed)
    mass = bool(_MASS.search(plain)) and _may_ping_all(channel) and _parses("everyone", allowed)
    if replied_to and (allowed is None or allowed.get("replied_user")):
        users |= {replied_to}
    return Pings(users=frozenset(users), roles=frozenset(roles), everyone=mass)


def _permitted(named: set[str], kind: str, allowed: Json | None) -> set[str]:
    if allowed is None or _parses(kind, allowed):
        return named
    return named & {str(one) for one in allowed.get(kind) or []}


def _parses(kind: str, allowed: Json | None) -> bool:
    return allowed is None or kind in (allowed.get("parse") or [])


def _known_users(channel: Channel) -> set[str]:
    if channel.guild is not None:
        return set(channel.guild.members)
    return {channel.recipient.id} if channel.recipient else set()


def _open_roles(channel: Channel) -> set[str]:
    if channel.guild is None:
        return set()
    may_all = _may_ping_all(channel)
    roles = channel.guild.roles.values()
    return {role.id for role in roles if role.mentionable or may_all}


def _may_ping_all(channel: Channel) -> bool:
    return channel.guild is not None and bool(channel.bot_permissions & Permission.MENTION_EVERYONE)
