"""What the app says through acknowledgements and response addresses."""

import asyncio
import json

from aiohttp import web

from tests.doubles.slack.chat_methods import flags
from tests.doubles.slack.content import Args, read_content, says_something
from tests.doubles.slack.errors import ApiError, InvalidAck, Json
from tests.doubles.slack.records import Channel, Content, Message
from tests.doubles.slack.reply import Reply
from tests.doubles.slack.workspace import URL_LIFE, URL_USES, ResponseUrl, Workspace


class Hooks:
    """Serves `/hooks/…`, the response addresses."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one use, or go wrong as ordered."""
        fault = self.workspace.take_fault("response_url")
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        payload = _payload(await request.text())
        headers: dict[str, str] = {}
        status, text = 200, "ok"
        if not fault or fault.processed:
            status, text = self._use(request.path, payload)
        if fault and fault.answers:
            status, headers, body = fault.answer()
            text = body if isinstance(body, str) else json.dumps(body)
        dropped = fault.drop if fault else None
        error = f"dropped {dropped}" if dropped else _error(status, text)
        self.workspace.note("response_url", payload or {}, status, error)
        if dropped and request.transport:
            request.transport.abort()
        return web.Response(status=status, text=text, headers=headers)

    def _use(self, path: str, payload: Json | None) -> tuple[int, str]:
        url = self.workspace.known.response_urls.get(path)
        try:
            url = self._usable(url)
            self._say(url, payload)
        except ApiError as error:
            if url is not None:
                url.reply.refused.append(error)
            gone = error.error in {"used_url", "expired_url", "invalid_token"}
            return 404 if gone else 400, json.dumps(error.answer())
        url.uses += 1
        return 200, "ok"

    def _usable(self, url: ResponseUrl | None) -> ResponseUrl:
        if url is None:
            raise ApiError("invalid_token")
        if self.workspace.now() - url.issued > URL_LIFE:
            raise ApiError("expired_url")
        if url.uses >= URL_USES:
            raise ApiError("used_url")
        return url

    def _say(self, url: ResponseUrl, payload: Json | None) -> None:
        if payload is None:
            raise ApiError("invalid_payload")
        args = Args(payload)
        if args.flag("delete_original"):
            self.workspace.delete(_original(url))
            return
        replacing = args.flag("replace_original")
        if replacing is None:  # Slack's default, where there is a message to replace
            replacing = url.from_message
        if replacing and url.original is not None:
            original, content = _original(url), _content(self.workspace, args)
            self.workspace.edit(original, content)
            flags(original, args)
        else:
            said = say(self.workspace, url.reply, url.channel, args, "response_url")
            url.original = url.original if url.from_message else said


def say(workspace: Workspace, reply: Reply, channel: Channel, args: Args, via: str) -> Message:
    """Show a message in answer to what someone did, to them alone unless `in_channel`."""
    message = Message(
        ts=workspace.ts(),
        channel=channel,
        author=workspace.bot_user_id,
        content=_content(workspace, args),
        via=via,
        to="" if args.text("response_type") == "in_channel" else reply.user.id,
        thread_ts=args.text("thread_ts"),
        reply=reply,
    )
    flags(message, args)
    return workspace.post(message)


def say_ack(workspace: Workspace, reply: Reply, channel: Channel, payload: Json | None) -> None:
    """Show what a slash command's acknowledgement says, if it says anything."""
    if not payload or not says_something(payload):
        return
    try:
        message = say(workspace, reply, channel, Args(payload), "ack")
    except ApiError as error:
        raise InvalidAck(error.error, error.problems) from error
    for url in workspace.known.response_urls.values():
        if url.reply is reply and url.original is None:
            url.original = message


def _content(workspace: Workspace, args: Args) -> Content:
    content = read_content(args)
    return Content(
        text=content.text,
        blocks=workspace.numbered(content.blocks),
        attachments=content.attachments,
    )


def _error(status: int, text: str) -> str:
    said = (_payload(text) or {}).get("error")
    return str(said or ("" if status == 200 else f"http_{status}"))


def _original(url: ResponseUrl) -> Message:
    if url.original is None or url.original.deleted:
        raise ApiError("message_not_found")
    return url.original


def _payload(text: str) -> Json | None:
    try:
        payload = json.loads(text)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None
