"""A Discord that tests own: the protocol on a loopback socket, refusing what the service refuses.

    async with DiscordDouble() as discord:
        guild = discord.add_guild("Ballard Neighbours")
        channel = guild.add_channel("alerts")
        ana = guild.add_member("ana", Permission.MANAGE_GUILD)
        ...                                       # start the bot on discord.api_base
        reply = await discord.slash(ana, channel, "/pledge show", company="amazon")
        await reply.settled()
        again = await discord.click(ana, reply.message, "History")

Faults are asked for with `discord.fail(method, path, ...)`, where path is a regular expression
searched in the path after `/api/v10`:

- `status=500` answers so before anything happened; `before=False` does it and then answers so.
- `drop=True` closes the connection (`reset=True` with a reset) before, or after with
  `before=False`, which leaves the client not knowing whether its message was sent.
- `status=429, retry_after=1.0` limits a route, with `everywhere=True` the whole bot, and with
  `via=False` as the proxy in front of the service does, without a body that can be read.
- `delay=2.0` alone answers late.
- `times=None` goes on until `fault.stop()` or `discord.heal()`; the latest fault wins.

Nothing here imports a Discord library: the double judges what goes over the wire.
"""

from tests.doubles.discord.double import DiscordDouble
from tests.doubles.discord.errors import (
    BadOption,
    DriverError,
    NoAnswer,
    NotAllowed,
    NotClickable,
    NotSynced,
)
from tests.doubles.discord.faults import Fault, Request
from tests.doubles.discord.filling import Value
from tests.doubles.discord.interactions import Choice, Modal, Reply
from tests.doubles.discord.mentions import Pings
from tests.doubles.discord.messages import Attachment, Edit, Message
from tests.doubles.discord.people import Member, Role, User
from tests.doubles.discord.permissions import EVERYTHING, ORDINARY, Permission
from tests.doubles.discord.places import Channel, Guild

__all__ = [
    "EVERYTHING",
    "ORDINARY",
    "Attachment",
    "BadOption",
    "Channel",
    "Choice",
    "DiscordDouble",
    "DriverError",
    "Edit",
    "Fault",
    "Guild",
    "Member",
    "Message",
    "Modal",
    "NoAnswer",
    "NotAllowed",
    "NotClickable",
    "NotSynced",
    "Permission",
    "Pings",
    "Reply",
    "Request",
    "Role",
    "User",
    "Value",
]
