"""The `chat.*` methods."""

import re
from typing import TYPE_CHECKING

from tests.doubles.slack.content import Args, read_content
from tests.doubles.slack.errors import ApiError, Json
from tests.doubles.slack.records import Channel, Content, Message

if TYPE_CHECKING:
    from tests.doubles.slack.workspace import Workspace

TIMESTAMP = re.compile(r"^\d{10}\.\d{6}$")
EDITABLE = "chat.postMessage"  # what a response_url posted cannot be updated by chat.update


class RateLimited(Exception):
    """The channel must wait this many whole seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def post_message(workspace: "Workspace", args: Args) -> Json:
    """chat.postMessage: to a channel by id or name, or to a person."""
    channel = _target(workspace, args.text("channel"))
    _may_post(workspace, channel)
    if wait := workspace.limits.wait(channel.id, workspace.now()):
        raise RateLimited(wait)
    message = _message(workspace, args, channel, "chat.postMessage")
    workspace.post(message)
    said = {**message.payload(), "bot_id": workspace.bot_id, "app_id": workspace.app_id}
    return {"channel": channel.id, "ts": message.ts, "message": said}


def post_ephemeral(workspace: "Workspace", args: Args) -> Json:
    """chat.postEphemeral: to one person in a channel."""
    channel = _target(workspace, args.text("channel"))
    _may_post(workspace, channel)
    user = workspace.known.users.get(args.text("user"))
    if user is None or user.id in channel.outsiders:
        raise ApiError("user_not_in_channel")
    message = _message(workspace, args, channel, "chat.postEphemeral")
    message.to = user.id
    workspace.post(message)
    return {"message_ts": message.ts}


def update(workspace: "Workspace", args: Args) -> Json:
    """chat.update: one's own message; blocks and attachments left out stay as they are."""
    channel = _place(workspace, args.text("channel"))
    if channel.archived:
        raise ApiError("is_inactive")
    message = _own(workspace, channel, args.text("ts"), "cant_update_message")
    content = read_content(args, counted=True)
    blocks = workspace.numbered(content.blocks) if "blocks" in args else message.blocks
    attached = content.attachments if "attachments" in args else message.attachments
    workspace.edit(message, Content(text=content.text, blocks=blocks, attachments=attached))
    message.link_names = bool(args.flag("link_names")) or args.text("parse") == "full"
    said = message.payload()
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": said}


def delete(workspace: "Workspace", args: Args) -> Json:
    """chat.delete: one's own message."""
    channel = _place(workspace, args.text("channel"))
    message = _own(workspace, channel, args.text("ts"), "cant_delete_message")
    workspace.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def flags(message: Message, args: Args) -> None:
    """Note how links and names in a message are to be treated."""
    message.unfurl_links = args.flag("unfurl_links")
    message.unfurl_media = args.flag("unfurl_media")
    message.link_names = bool(args.flag("link_names")) or args.text("parse") == "full"


def _message(workspace: "Workspace", args: Args, channel: Channel, via: str) -> Message:
    content = read_content(args, counted=True)
    thread = args.text("thread_ts")
    if thread and not TIMESTAMP.match(thread):
        raise ApiError("invalid_thread_ts")
    message = Message(
        ts=workspace.ts(),
        channel=channel,
        author=workspace.bot_user_id,
        content=Content(
            text=content.text,
            blocks=workspace.numbered(content.blocks),
            attachments=content.attachments,
        ),
        via=via,
        thread_ts=thread,
        metadata=args.object("metadata", "invalid_metadata_format"),
    )
    flags(message, args)
    return message


def _place(workspace: "Workspace", name: str) -> Channel:
    channel = workspace.known.channels.get(name)
    if channel is None or (channel.private and not channel.bot_is_member):
        raise ApiError("channel_not_found")
    return channel


def _target(workspace: "Workspace", name: str) -> Channel:
    user = workspace.known.users.get(name)
    if user is not None and not user.is_bot and not user.deleted:
        return workspace.open_dm(user)
    for channel in workspace.known.channels.values():
        if name.removeprefix("#") == channel.name and not channel.im_user:
            return _place(workspace, channel.id)
    return _place(workspace, name)


def _may_post(workspace: "Workspace", channel: Channel) -> None:
    if channel.archived:
        raise ApiError("is_archived")
    if not channel.bot_is_member and "chat:write.public" not in workspace.scopes:
        raise ApiError("not_in_channel")


def _own(workspace: "Workspace", channel: Channel, ts: str, refusal: str) -> Message:
    message = workspace.find(channel, ts)
    if message is None:
        raise ApiError("message_not_found")
    if message.author != workspace.bot_user_id or message.via != EDITABLE:
        raise ApiError(refusal)
    return message
