"""REST: the bot's answers to interactions, and the follow-ups to them."""

from tests.doubles.discord import checks, posting
from tests.doubles.discord.check_commands import check_choices
from tests.doubles.discord.check_messages import flags_of
from tests.doubles.discord.check_modals import check_modal
from tests.doubles.discord.errors import ApiError, FormErrors, Json, unknown
from tests.doubles.discord.interactions import (
    AUTOCOMPLETE,
    CHOICES,
    COMMAND,
    COMPONENT,
    DEFERRED_MESSAGE,
    DEFERRED_UPDATE,
    MESSAGE,
    MODAL,
    MODAL_SUBMIT,
    UPDATE,
    Choice,
    Interaction,
    Modal,
)
from tests.doubles.discord.messages import EPHEMERAL, Message
from tests.doubles.discord.posting import Draft
from tests.doubles.discord.rest import Answer, Call, Route, as_object
from tests.doubles.discord.world import World

ALLOWED = {
    COMMAND: {MESSAGE, DEFERRED_MESSAGE, MODAL},
    COMPONENT: {MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {MESSAGE, DEFERRED_MESSAGE},
}
UPDATES = {DEFERRED_UPDATE, UPDATE}


class InteractionRoutes:
    """Handlers whose authority is an interaction's token."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """The table of paths."""
        hook = "/webhooks/{app}/{token}"
        callback = "/interactions/{interaction}/{token}/callback"
        original, one = f"{hook}/messages/@original", f"{hook}/messages/{{message}}"
        return [
            Route("POST", callback, self._respond, with_token=False),
            Route("POST", hook, self._follow_up, with_token=False),
            Route("GET", original, self._show, with_token=False),
            Route("PATCH", original, self._edit, with_token=False),
            Route("DELETE", original, self._delete, with_token=False),
            Route("GET", one, self._show, with_token=False),
            Route("PATCH", one, self._edit, with_token=False),
            Route("DELETE", one, self._delete, with_token=False),
        ]

    def _respond(self, call: Call) -> Answer:
        interaction = self._awaiting(call)
        try:
            self._take_response(interaction, call)
        except ApiError as refusal:
            interaction.refusals.append(refusal)
            raise
        self._world.changes.tell()
        if call.asks("with_response"):
            return Answer(body=_callback(interaction))
        return Answer()

    def _awaiting(self, call: Call) -> Interaction:
        interaction = self._world.interactions.get(call.params["token"])
        if interaction is None or interaction.id != call.params["interaction"]:
            raise unknown("Interaction")
        if interaction.answer is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        age = self._world.clock.seconds_since(interaction.created_at)
        if interaction.failed or age > self._world.settings.answer_within:
            raise unknown("Interaction")
        return interaction

    def _take_response(self, interaction: Interaction, call: Call) -> None:
        kind, form = call.json.get("type"), FormErrors()
        allowed = set(ALLOWED[interaction.kind])
        if interaction.kind == MODAL_SUBMIT and interaction.source is not None:
            allowed |= UPDATES
        checks.choice(form, ("type",), kind, allowed)
        form.raise_if_any()
        data = as_object(call.json.get("data") or {})
        try:
            self._act(interaction, kind, Draft(payload=data, files=call.files))
        except ApiError as refusal:
            if refusal.errors:
                refusal.errors = {"data": refusal.errors}
            raise
        interaction.answer = kind

    def _act(self, interaction: Interaction, kind: object, draft: Draft) -> None:
        if kind == MESSAGE:
            interaction.original = self._send(interaction, draft)
        elif kind == DEFERRED_MESSAGE:
            self._think(interaction, draft.payload)
        elif kind == UPDATE:
            assert interaction.source is not None
            self._change(interaction.source, draft)
        elif kind == CHOICES:
            _suggest(interaction, draft.payload)
        elif kind == MODAL:
            _open_modal(interaction, draft.payload)

    def _think(self, interaction: Interaction, data: Json) -> None:
        flags, form = flags_of(data), FormErrors()
        checks.choice(form, ("flags",), flags, (0, EPHEMERAL))
        form.raise_if_any()
        origin = interaction.origin(hidden=bool(flags))
        made = posting.placeholder(self._world, interaction.channel, origin, data)
        interaction.original = made

    def _send(self, interaction: Interaction, draft: Draft) -> Message:
        hidden = bool(flags_of(draft.payload) & EPHEMERAL)
        origin = interaction.origin(hidden=hidden)
        return posting.create(self._world, interaction.channel, draft, origin=origin)

    def _change(self, message: Message, draft: Draft) -> None:
        if message.deleted:
            raise unknown("Message")
        posting.edit(self._world, message, draft)

    def _follow_up(self, call: Call) -> Answer:
        interaction = self._answered(call)
        thinking = interaction.original
        if thinking is not None and thinking.loading and not thinking.deleted:
            # As the service does: the first follow-up fills the message that says "thinking".
            self._change(thinking, call.draft)
            return Answer(body=thinking.payload())
        message = self._send(interaction, call.draft)
        interaction.followups.append(message)
        interaction.touched = True
        self._world.changes.tell()
        return Answer(body=message.payload())

    def _show(self, call: Call) -> Answer:
        return Answer(body=self._addressed(self._answered(call), call).payload())

    def _edit(self, call: Call) -> Answer:
        interaction = self._answered(call)
        message = self._addressed(interaction, call)
        self._change(message, call.draft)
        interaction.touched = True
        self._world.changes.tell()
        return Answer(body=message.payload())

    def _delete(self, call: Call) -> Answer:
        interaction = self._answered(call)
        posting.delete(self._world, self._addressed(interaction, call))
        interaction.touched = True
        self._world.changes.tell()
        return Answer()

    def _answered(self, call: Call) -> Interaction:
        """The interaction of a token that is good for follow-ups."""
        interaction = self._world.interactions.get(call.params["token"])
        if interaction is None or call.params["app"] != self._world.bot.id:
            raise unknown("Webhook")
        age = self._world.clock.seconds_since(interaction.created_at)
        if age > self._world.settings.token_life:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        if interaction.answer is None or interaction.answer == CHOICES:
            raise unknown("Webhook")
        return interaction

    def _addressed(self, interaction: Interaction, call: Call) -> Message:
        wanted = call.params.get("message")
        message = interaction.message
        if wanted is not None:
            own = [*interaction.followups, *([message] if message else [])]
            message = next((one for one in own if one.id == wanted), None)
        if message is None or message.deleted:
            raise unknown("Message")
        return message


def _suggest(interaction: Interaction, data: Json) -> None:
    form, choices = FormErrors(), data.get("choices")
    check_choices(form, ("choices",), choices, interaction.option_kind)
    form.raise_if_any()
    interaction.choices = [Choice(name=one["name"], value=one["value"]) for one in choices or []]


def _open_modal(interaction: Interaction, data: Json) -> None:
    check_modal(data)
    interaction.modal = Modal(
        custom_id=data["custom_id"],
        title=data["title"],
        components=data["components"],
        opened_by=interaction,
    )


def _callback(interaction: Interaction) -> Json:
    body: Json = {"id": interaction.id, "type": interaction.kind}
    resource: Json = {"type": interaction.answer}
    message = interaction.message
    if message is not None:
        body["response_message_id"] = message.id
        body["response_message_loading"] = message.loading
        body["response_message_ephemeral"] = message.ephemeral
        if interaction.answer in {MESSAGE, UPDATE}:
            resource["message"] = message.payload()
    return {"interaction": body, "resource": resource}
