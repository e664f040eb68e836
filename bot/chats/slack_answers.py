"""What people do in Slack and what they get: commands, buttons, forms, menus.

Slack waits three seconds for an acknowledgement, so what takes longer is answered in two steps.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.chats.slack_api import SlackApi
from bot.chats.slack_deeds import Deed
from bot.chats.slack_forms import (
    Reference,
    complaint,
    form_view,
    inputs,
    menu_of,
    reply_view,
    still_missing,
    submitted,
)
from bot.chats.slack_markup import Json
from bot.chats.slack_permissions import Organizers, Posting
from bot.chats.slack_render import Message
from bot.chats.slack_scribe import Scribe
from bot.front_desk import FrontDesk
from commands.registry import form_for, refusal
from domain.cards import Form, Notice, Reply, Tone, plain, text
from domain.errors import ChatError, UserError
from domain.model import Platform, SpaceRef
from domain.ports import Clock, Request

_log = logging.getLogger(__name__)
_ANY = re.compile(r".*", re.DOTALL)
_SOON = 1.5
_PATIENCE = 1.0
_WORKING = Notice(text=text("Working on it …"))
_FAULT = Notice(
    text=text("Something went wrong on our side."),
    tone=Tone.WRONG,
    hint=text("Trying again may help."),
)

T = TypeVar("T")
Handle = Callable[[AsyncAck, Json], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A reply and how it looks; of a form, how it looks where none can be shown."""

    reply: Reply
    message: Message

    @property
    def form(self) -> Form | None:
        card = self.reply.card
        return card if isinstance(card, Form) else None

    @property
    def refused(self) -> Notice | None:
        card = self.reply.card
        return card if isinstance(card, Notice) and card.tone is Tone.WRONG else None

    @property
    def answer(self) -> Json:
        """As an acknowledgement or a response_url takes it."""
        kind = "ephemeral" if self.reply.private else "in_channel"
        return {**self.message.payload, "response_type": kind}


class Answers:
    """Answers what people do in one workspace."""

    def __init__(
        self,
        *,
        api: SlackApi,
        desk: FrontDesk,
        scribe: Scribe,
        organizers: Organizers,
        posting: Posting,
        clock: Clock,
        team: str,
    ) -> None:
        self._api = api
        self._desk = desk
        self._scribe = scribe
        self._organizers = organizers
        self._posting = posting
        self._clock = clock
        self._team = team
        self._space = SpaceRef(platform=Platform.SLACK, external_id=team)
        self._running: set[asyncio.Task[Any]] = set()

    def listen(self, app: AsyncApp) -> None:
        """Take everything that can come; what we know nothing of is acknowledged."""
        app.command(_ANY)(self._listener(self._command))
        app.action(_ANY)(self._listener(self._button))
        app.options(_ANY)(self._listener(self._menu))
        app.view(_ANY)(self._listener(self._form))
        app.event(_ANY)(self._listener(self._event))
        app.view_closed(_ANY)(self._listener(_nothing))
        app.shortcut(_ANY)(self._listener(_nothing))

    async def stop(self) -> None:
        """Let what is under way end, for a moment. Idempotent."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=_PATIENCE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _command(self, ack: AsyncAck, body: Json) -> None:
        deed = Deed.command(body)
        line = self._scribe.spelling.line(str(body["command"]), str(body.get("text", "")))
        work = self._start(self._told(self._desk.answer_line(line, self._request(deed)), deed))
        told = await _soon(work)
        if told is not None and told.form is None:
            await ack(told.answer)
            return
        if told is None:
            working = await self._scribe.message(_WORKING, deed.where(self._space))
            await ack({**working.payload, "response_type": "ephemeral"})
        else:
            await ack()
        await self._tell(deed, await work)

    async def _button(self, ack: AsyncAck, body: Json) -> None:
        await ack()
        action = (body.get("actions") or [{}])[0]
        if action.get("url") or "value" not in action:
            return
        deed, token = Deed.interaction(body), str(action["value"])
        asking = self._desk.answer_button(token if token.isascii() else "", self._request(deed))
        await self._tell(deed, await self._told(asking, deed))

    async def _menu(self, ack: AsyncAck, body: Json) -> None:
        """Names for what someone is typing in a form."""
        deed, typed = Deed.interaction(body), str(body.get("value") or "")
        try:
            path, _ = await self._opened(Reference.read(body.get("view") or {}), deed)
        except UserError:
            await ack(options=[])
            return
        command = self._desk.command(path)
        option = command.option(str(body.get("block_id", ""))) if command else None
        names = await self._desk.complete(option.completes, typed, self._space) if option else []
        await ack(options=menu_of(names, typed))

    async def _form(self, ack: AsyncAck, body: Json) -> None:
        """A form that was sent: back with what is wrong, or replaced by the reply."""
        view: Json = body["view"]
        deed, reference, given = Deed.interaction(body), Reference.read(view), submitted(view)
        work = self._start(self._told(self._sent(reference, given, deed), deed))
        told = await _soon(work)
        if told is None:
            shown = await self._scribe.message(_WORKING, deed.where(self._space))
            waiting = reply_view(shown, "Pledgewatch", reference or deed.reference(""))
            await ack(response_action="update", view=waiting)
            await self._tell(deed, await self._returned(await work, reference, given, deed))
            return
        errors = _errors(told, inputs(view), given)
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        await ack(response_action="update", view=await self._view(deed, told))
        if not told.reply.private:
            await self._say(deed, told)

    async def _event(self, ack: AsyncAck, body: Json) -> None:
        """The app was removed: what belongs to the workspace goes too."""
        await ack()
        event: Json = body["event"]
        revoked = (event.get("tokens") or {}).get("bot")
        if event["type"] == "app_uninstalled" or (event["type"] == "tokens_revoked" and revoked):
            await self._desk.left(self._space)

    async def _told(self, asking: Awaitable[Reply], deed: Deed) -> _Told:
        """The reply, drawn; a fault of ours is told in plain words."""
        where = deed.where(self._space)
        try:
            reply = await asking
            return _Told(reply=reply, message=await self._scribe.message(reply.card, where))
        except Exception:
            _log.exception("slack.answer_failed")
            message = await self._scribe.message(_FAULT, where)
            return _Told(reply=Reply(card=_FAULT), message=message)

    async def _sent(self, reference: Reference | None, given: dict[str, str], deed: Deed) -> Reply:
        try:
            path, settled = await self._opened(reference, deed)
        except UserError as error:
            return Reply(card=refusal(error))
        return await self._desk.answer(path, {**settled, **given}, self._request(deed))

    async def _returned(
        self, told: _Told, reference: Reference | None, given: dict[str, str], deed: Deed
    ) -> _Told:
        """A refusal that came late, as the form with what was typed and what is wrong."""
        if told.refused is None or reference is None:
            return told
        try:
            path, settled = await self._opened(reference, deed)
        except UserError:
            return told
        command = self._desk.command(path)
        if command is None:
            return told
        card = told.refused
        fault = f"{plain(card.text)} {plain(card.hint)}".strip()
        return _Told(
            reply=Reply(card=form_for(command, {**settled, **given}, fault=fault)),
            message=told.message,
        )

    async def _opened(self, reference: Reference | None, deed: Deed) -> tuple[str, dict[str, str]]:
        """The command that a modal belongs to, and what is settled. Raises UserError."""
        if reference is None:
            raise UserError("This does not belong here any more.", hint="Type the command.")
        return await self._desk.tokens.read(reference.token, deed.where(self._space))

    async def _tell(self, deed: Deed, told: _Told) -> None:
        """Show a reply where the person looks: in a modal, if it is a form or they are in one."""
        in_modal = bool(deed.view_id or told.form) and await self._shown(deed, told)
        if not in_modal or (told.form is None and not told.reply.private):
            await self._say(deed, told)

    async def _shown(self, deed: Deed, told: _Told) -> bool:
        """Show a reply as a modal; False if Slack takes none, because it is closed or too late."""
        view = await self._view(deed, told)
        try:
            if deed.view_id:
                await self._api.change_view(deed.view_id, view)
            else:
                await self._api.open_view(deed.trigger, view)
        except ChatError as error:
            _log.info("slack.view_refused reason=%s", error)
            return False
        return True

    async def _view(self, deed: Deed, told: _Told) -> Json:
        where = deed.where(self._space)
        command = self._desk.command(told.form.command) if told.form else None
        if told.form is None or command is None:
            return reply_view(told.message, "Pledgewatch", deed.reference(""))
        token = await self._scribe.token(told.form, where)
        slash = f"{self._scribe.spelling.slash(command.noun)} {command.verb}"
        form = self._scribe.spelling.respelled(told.form)
        return form_view(form, command, slash, deed.reference(token))

    async def _say(self, deed: Deed, told: _Told) -> None:
        """Show a reply as a message."""
        answer = {**told.answer, "replace_original": False}
        try:
            if deed.response_url and await self._api.respond(deed.response_url, answer):
                return
            await self._api.whisper(deed.channel, deed.actor.id, told.message.payload)
        except ChatError as error:
            _log.warning("slack.reply_lost reason=%s", error)

    def _request(self, deed: Deed) -> Request:
        return Request(
            actor=deed.actor,
            space=self._space,
            channel=deed.where(self._space),
            now=self._clock.now(),
            organizers=self._organizers.described,
            is_organizer=lambda: self._organizers.include(deed.actor.id, self._team),
            lacking=lambda: self._posting.lacks(deed.channel, deed.actor.id),
        )

    def _listener(self, handle: Handle) -> Handle:
        """Run a handler so that it ends with us, and acknowledge what it could not."""

        async def listen(ack: AsyncAck, body: Json) -> None:
            try:
                await self._start(handle(ack, body))
            except Exception:
                _log.exception("slack.handler_failed")
                if ack.response is None:
                    await ack(plain(_FAULT.text) if "command" in body else "")

        return listen

    def _start(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task


async def _nothing(ack: AsyncAck, body: Json) -> None:
    """What we have no use for; Slack waits all the same."""
    del body
    await ack()


async def _soon(work: asyncio.Task[_Told]) -> _Told | None:
    """The result if it comes soon enough to acknowledge with."""
    done, _ = await asyncio.wait({work}, timeout=_SOON)
    return work.result() if done else None


def _errors(told: _Told, names: list[str], given: dict[str, str]) -> dict[str, str]:
    """What is wrong with a form that was sent, at its fields."""
    if not names:
        return {}
    if told.refused is not None:
        return complaint(told.refused, names, given)
    return still_missing(told.form, names) if told.form is not None else {}
