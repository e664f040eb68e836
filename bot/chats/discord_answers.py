"""Answering on Discord: an interaction becomes a request, and the reply goes where it belongs.

Discord wants a first answer within three seconds. A handler that takes longer is awaited behind
a “thinking” message, which rules a form out: then a button opens it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import discord

from bot.chats.discord_faults import PASSING
from bot.chats.discord_forms import KeptForms, make_modal, opening, opens_form, typed_into
from bot.chats.discord_pictures import files_of
from bot.chats.discord_render import render_reply
from bot.chats.discord_requests import Interaction, request_of, space_of
from bot.config import Discord
from bot.front_desk import FrontDesk
from bot.tokens import PREFIX
from commands.registry import Command, Completes, form_for, refusal
from domain.cards import Action, Card, Form, Notice, Reply, Tone, text
from domain.errors import UserError
from domain.ports import Clock, Request

_log = logging.getLogger(__name__)
NOBODY = discord.AllowedMentions.none()
_PATIENCE, _FORM_PATIENCE = 1.5, 2.5
_CHOICES, _CHOICE = 25, 100
_INVALID = 400
_NOT_HERE = Notice(
    text=text("I answer in a server’s channels, not here."),
    hint=text("Use the command in the server that it is about."),
)
_UNSHOWABLE = Notice(
    text=text("Discord does not take this answer. The fault is ours and was logged."),
    tone=Tone.WRONG,
)
Work = Callable[[Request], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    """How to answer: as which command, seen by whom while it takes, and how soon it must defer."""

    path: str
    private: bool = True
    patience: float = _PATIENCE


class Answers:
    """Answers commands, buttons and forms through the front desk."""

    def __init__(self, config: Discord, desk: FrontDesk, clock: Clock) -> None:
        self._roles = config.organizer_roles
        self._desk = desk
        self._clock = clock
        self._kept = KeptForms()
        self._working: set[asyncio.Future[Reply]] = set()

    def close(self) -> None:
        """Stop what is still being worked on."""
        for work in self._working:
            work.cancel()

    async def command(
        self, interaction: Interaction, command: Command, given: Mapping[str, str]
    ) -> None:
        """Answer a slash command."""

        async def work(request: Request) -> Reply:
            return await self._desk.answer(command.path, dict(given), request)

        await self._answer(interaction, work, _manner(command, command.path, given))

    async def button(self, interaction: Interaction, token: str) -> None:
        """Answer a pressed button; the message that it stands under stays as it is."""
        path, _, rest = token.removeprefix(PREFIX).partition("|")
        if opens_form(path):
            await self._answer(interaction, partial(self._reopened, token), _Manner(path=path))
            return
        given: Mapping[str, str] | None = {} if rest.startswith("|") else None
        work = partial(self._desk.answer_button, token)
        await self._answer(interaction, work, _manner(self._desk.command(path), path, given))

    async def form(self, interaction: Interaction) -> None:
        """Answer a form that was filled in, whether this process opened it or an earlier one."""
        data: Mapping[str, Any] = interaction.data or {}
        token = str(data.get("custom_id"))
        if not token.startswith(PREFIX):
            return
        path = token.removeprefix(PREFIX).partition("|")[0]
        work = partial(self._submitted, token, typed_into(data))
        await self._answer(interaction, work, _manner(self._desk.command(path), path, None))

    async def complete(self, interaction: Interaction, kind: Completes, typed: str) -> list[str]:
        """Names to offer while someone types; in a list with commas, for its last part."""
        if interaction.guild_id is None:
            return []
        space = space_of(interaction.guild_id)
        names = await self._desk.complete(kind, typed, space)
        if not names and "," in typed:
            before, _, last = typed.rpartition(",")
            found = await self._desk.complete(kind, last.strip(), space)
            names = [f"{before.strip()}, {name}" for name in found]
        fitting = [name for name in dict.fromkeys(names) if name.strip() and len(name) <= _CHOICE]
        return fitting[:_CHOICES]

    async def _reopened(self, token: str, request: Request) -> Reply:
        """The form that a button opens again, with what was typed into it."""
        try:
            path, given = await self._desk.tokens.read(token, request.channel)
        except UserError as error:
            return Reply(card=refusal(error))
        named, typed = self._kept.reopened(path, given)
        command = self._desk.command(named)
        if command is None:  # as when it was pressed under a message of an earlier version
            return await self._desk.answer(named, {}, request)
        form = typed if isinstance(typed, Form) else form_for(command, typed, fault="")
        return Reply(card=form)

    async def _submitted(self, token: str, typed: Mapping[str, str], request: Request) -> Reply:
        """What the command says to a form; a fault comes with the way back to what was typed."""
        try:
            path, kept = await self._desk.tokens.read(token, request.channel)
        except UserError as error:
            return Reply(card=refusal(error))
        given = {**kept, **typed}
        reply = await self._desk.answer(path, given, request)
        command, card = self._desk.command(path), reply.card
        if command is None or (command.organizers and not await request.is_organizer()):
            return reply
        if isinstance(card, Notice) and card.tone is Tone.WRONG:
            again = self._kept.keep(path, command.keepable(given))
            return replace(reply, card=replace(card, actions=(*card.actions, again)))
        return reply

    async def _answer(self, interaction: Interaction, work: Work, manner: _Manner) -> None:
        """Do the work and show its reply; what goes wrong is logged without what was typed."""
        request = request_of(interaction, self._clock.now(), self._roles)
        try:
            if request is None:
                await _show(interaction, _NOT_HERE, {}, manner, private=True)
            else:
                reply = await self._worked(interaction, work(request), manner)
                await self._deliver(interaction, request, reply, manner)
        except Exception as error:
            await _failed(interaction, error, manner)

    async def _worked(
        self, interaction: Interaction, work: Awaitable[Reply], manner: _Manner
    ) -> Reply:
        """The reply; where it takes long, people see that it is being worked on."""
        working = asyncio.ensure_future(work)
        self._working.add(working)  # it is finished even if nobody can be told
        working.add_done_callback(self._working.discard)
        done, _ = await asyncio.wait({working}, timeout=manner.patience)
        if not done:
            await interaction.response.defer(ephemeral=manner.private, thinking=True)
        return await working

    async def _deliver(
        self, interaction: Interaction, request: Request, reply: Reply, manner: _Manner
    ) -> None:
        """Show a reply; a form as a modal where one may open, else behind a button."""
        card = reply.card
        if isinstance(card, Form):
            answered = interaction.response.is_done()
            if not answered and interaction.type is not discord.InteractionType.modal_submit:
                await self._open(interaction, request, card)
                return
            card = self._behind_button(card)
        tokens = await self._desk.tokens.sign(getattr(card, "actions", ()), request.channel)
        await _show(interaction, card, tokens, manner, private=reply.private)

    async def _open(self, interaction: Interaction, request: Request, form: Form) -> None:
        fields, submits = opening(form)
        tokens = await self._desk.tokens.sign([submits], request.channel)
        modal = make_modal(form, fields, tokens[submits])
        modal.stop()  # so that discord.py keeps nothing of it: the token says it all
        await interaction.response.send_modal(modal)

    def _behind_button(self, form: Form) -> Notice:
        return Notice(
            text=text(form.fault or f"{form.title}: this needs more."),
            tone=Tone.WRONG,
            actions=(self._kept.keep(form.command, form, "Fill it in"),),
        )


def _manner(command: Command | None, path: str, given: Mapping[str, str] | None) -> _Manner:
    """How to answer as a command; where options are missing a form comes, and soon."""
    if command is None:
        return _Manner(path=path)
    needed = [one.name for one in command.options if one.required]
    lacks = given is not None and any(not given.get(name, "").strip() for name in needed)
    patience = _FORM_PATIENCE if lacks else _PATIENCE
    return _Manner(path=command.path, private=command.private, patience=patience)


async def _show(
    interaction: Interaction,
    card: Card,
    tokens: Mapping[Action, str],
    manner: _Manner,
    *,
    private: bool,
) -> None:
    """Answer with a card. Who sees a “thinking” message is settled: if wrongly, it is replaced."""
    view = render_reply(card, tokens)
    view.stop()  # so that discord.py keeps nothing of it: buttons carry tokens
    files = await files_of(card)
    if not interaction.response.is_done():
        await interaction.response.send_message(
            view=view, files=files, ephemeral=private, allowed_mentions=NOBODY
        )
    elif private == manner.private:
        await interaction.edit_original_response(
            view=view, attachments=files, allowed_mentions=NOBODY
        )
    else:
        await interaction.delete_original_response()
        await interaction.followup.send(
            view=view, files=files, ephemeral=private, allowed_mentions=NOBODY
        )


async def _failed(interaction: Interaction, error: Exception, manner: _Manner) -> None:
    """Note that someone got no answer; if the fault is ours, try to say so."""
    space = interaction.guild_id
    if isinstance(error, PASSING) and getattr(error, "status", 0) != _INVALID:
        why = type(error).__name__
        _log.warning("discord.unanswered command=%s space=%s why=%s", manner.path, space, why)
        return
    _log.error("discord.fault command=%s space=%s", manner.path, space, exc_info=error)
    with suppress(*PASSING):
        await _show(interaction, _UNSHOWABLE, {}, manner, private=True)
