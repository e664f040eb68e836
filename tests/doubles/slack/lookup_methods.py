"""Methods that only look things up, and those that open a way in."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tests.doubles.slack.content import Args
from tests.doubles.slack.errors import ApiError, Json
from tests.doubles.slack.records import Channel, User

if TYPE_CHECKING:
    from tests.doubles.slack.workspace import Workspace


def auth_test(workspace: "Workspace", args: Args) -> Json:
    """auth.test: who the token is."""
    return {
        "url": f"https://{workspace.team_domain}.slack.com/",
        "team": workspace.team_domain,
        "user": workspace.known.users[workspace.bot_user_id].name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def users_info(workspace: "Workspace", args: Args) -> Json:
    """users.info."""
    user = workspace.known.users.get(args.text("user"))
    if user is None:
        raise ApiError("user_not_found")
    return {"user": _user(workspace, user)}


def team_info(workspace: "Workspace", args: Args) -> Json:
    """team.info."""
    if args.text("team") not in {"", workspace.team_id}:
        raise ApiError("team_not_found")
    named = {"name": "Riverside Coalition", "domain": workspace.team_domain}
    return {"team": {"id": workspace.team_id, **named, "email_domain": "", "icon": {}}}


def bots_info(workspace: "Workspace", args: Args) -> Json:
    """bots.info."""
    if args.text("bot") not in {"", workspace.bot_id}:
        raise ApiError("bot_not_found")
    return {
        "bot": {
            "id": workspace.bot_id,
            "deleted": False,
            "name": workspace.known.users[workspace.bot_user_id].name,
            "updated": 1591000000,
            "app_id": workspace.app_id,
            "user_id": workspace.bot_user_id,
            "icons": {},
        }
    }


def conversations_info(workspace: "Workspace", args: Args) -> Json:
    """conversations.info, which needs the scope for that kind of conversation."""
    channel = workspace.known.channels.get(args.text("channel"))
    if channel is None:
        raise ApiError("channel_not_found")
    kind = "im" if channel.im_user else "groups" if channel.private else "channels"
    workspace.require(f"{kind}:read")
    if channel.private and not channel.bot_is_member:
        raise ApiError("channel_not_found")
    return {"channel": _channel(channel)}


def conversations_open(workspace: "Workspace", args: Args) -> Json:
    """conversations.open: the direct messages with one person."""
    wanted = [name.strip() for name in args.text("users").split(",") if name.strip()]
    if not wanted:
        raise ApiError("users_list_not_supplied")
    if len(wanted) > 1:
        raise ApiError("not_supported_by_double")
    user = workspace.known.users.get(wanted[0])
    if user is None:
        raise ApiError("user_not_found")
    return {"channel": {"id": workspace.open_dm(user).id}}


def connections_open(workspace: "Workspace", args: Args) -> Json:
    """apps.connections.open: a websocket address with a ticket for one connection."""
    root = workspace.root.replace("http", "ws", 1)
    return {"url": f"{root}/link/?ticket={workspace.ticket()}&app_id={workspace.app_id}"}


def _user(workspace: "Workspace", user: User) -> Json:
    offset = datetime.fromtimestamp(workspace.now(), tz=UTC).astimezone(ZoneInfo(user.tz))
    seconds = offset.utcoffset()
    return {
        "id": user.id,
        "team_id": workspace.team_id,
        "name": user.name,
        "real_name": user.name.title(),
        "deleted": user.deleted,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": int(seconds.total_seconds()) if seconds else 0,
        "profile": {"real_name": user.name.title(), "display_name": user.name},
        "is_admin": user.is_admin or user.is_owner,
        "is_owner": user.is_owner,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 1591000000,
    }


def _channel(channel: Channel) -> Json:
    if channel.im_user:
        return {"id": channel.id, "is_im": True, "user": channel.im_user, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_member": channel.bot_is_member,
        "is_general": False,
        "is_shared": False,
        "is_ext_shared": False,
    }
