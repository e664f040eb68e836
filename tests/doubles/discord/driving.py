"""What people do with the bot: commands, typing, clicks and forms, as a real client allows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.doubles.discord import interactions
from tests.doubles.discord.components import (
    BUTTON,
    LINK_STYLE,
    PREMIUM_STYLE,
    SELECTS,
    STRING_SELECT,
)
from tests.doubles.discord.errors import (
    BadOption,
    Json,
    NoAnswer,
    NotAllowed,
    NotClickable,
    NotSynced,
)
from tests.doubles.discord.filling import Value, fill_form, fill_options, resolve
from tests.doubles.discord.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    DM_CONTEXT,
    GUILD_CONTEXT,
    MODAL_SUBMIT,
    Choice,
    Interaction,
    Modal,
    Reply,
)
from tests.doubles.discord.messages import Message
from tests.doubles.discord.people import Member, Person, user_of
from tests.doubles.discord.permissions import Permission
from tests.doubles.discord.places import Channel

if TYPE_CHECKING:
    from tests.doubles.discord.world import World

SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2


class Driver:
    """Sends interactions to the bot and waits for its answers."""

    def __init__(self, world: "World") -> None:
        self._world = world

    async def slash(
        self, person: Person, channel: Channel, path: str, options: dict[str, Value]
    ) -> Reply:
        """Use a slash command."""
        person = self._present(person, channel)
        command, chain, declared = self._command(person, channel, path)
        sent, resolved = fill_options(declared, options, channel)
        interaction = interactions.begin(self._world, COMMAND, person, channel, path.lstrip("/"))
        return await self._ask(interaction, _command_data(command, chain, sent, resolved))

    async def autocomplete(
        self,
        person: Person,
        channel: Channel,
        path: str,
        *,
        option: str,
        value: Value,
        others: dict[str, Value],
    ) -> list[Choice]:
        """Type into an option of a slash command."""
        person = self._present(person, channel)
        command, chain, declared = self._command(person, channel, path)
        typed = next((one for one in declared if one["name"] == option), None)
        if typed is None or not typed.get("autocomplete"):
            raise BadOption(f"{path} does not suggest anything for {option!r}")
        sent, resolved = fill_options(declared, others, channel, complete=False)
        sent.append({"name": option, "type": typed["type"], "value": value, "focused": True})
        interaction = interactions.begin(self._world, AUTOCOMPLETE, person, channel, path)
        interaction.option_kind = typed["type"]
        await self._ask(interaction, _command_data(command, chain, sent, resolved))
        return interaction.choices

    async def click(
        self, person: Person, message: Message, what: str, values: Sequence[object]
    ) -> Reply:
        """Press a button, or choose from a select menu."""
        person = self._present(person, message.channel)
        control = _control(person, message, what)
        data: Json = {
            "component_type": control["type"],
            "custom_id": control["custom_id"],
            "id": control["id"],
        }
        if control["type"] in SELECTS:
            data |= _chosen(control, values, message.channel)
        name = str(control.get("label") or control["custom_id"])
        interaction = interactions.begin(
            self._world, COMPONENT, person, message.channel, name, message
        )
        return await self._ask(interaction, data)

    async def submit(self, person: Person, modal: Modal, fields: dict[str, object]) -> Reply:
        """Fill in a form and send it."""
        opener = modal.opened_by
        if user_of(person) is not opener.user:
            raise NotAllowed(f"{modal.title!r} opened for {opener.user.name}")
        if modal.submitted:
            raise NotAllowed(f"{modal.title!r} was already sent")
        components, resolved = fill_form(modal, fields, opener.channel)
        data: Json = {"custom_id": modal.custom_id, "components": components}
        data |= {"resolved": resolved} if resolved else {}
        interaction = interactions.begin(
            self._world, MODAL_SUBMIT, opener.person, opener.channel, modal.title, opener.source
        )
        reply = await self._ask(interaction, data)
        modal.submitted = True
        return reply

    async def _ask(self, interaction: Interaction, data: Json) -> Reply:
        body = interactions.event(self._world, interaction, data)
        self._world.emit("INTERACTION_CREATE", body, guild=interaction.channel.guild_id)
        limit = self._world.settings.answer_within
        try:
            await self._world.changes.until(lambda: interaction.answer, limit)
        except TimeoutError:
            interaction.failed = True
            why = "; ".join(str(one) for one in interaction.refusals) or "nothing came"
            raise NoAnswer(f"{interaction.name!r}: no answer in {limit} s ({why})") from None
        return Reply(self._world, interaction)

    def _present(self, person: Person, channel: Channel) -> Person:
        """The person as member of the channel's guild, if they can be in that channel."""
        user = user_of(person)
        if channel.guild is None:
            if channel.recipient is not user:
                raise NotAllowed(f"{user.name} is not in this conversation")
            return user
        member = channel.guild.members.get(user.id)
        if channel.deleted:
            raise NotAllowed(f"#{channel.name} is gone")
        seen = Permission.VIEW_CHANNEL
        if member is None or not channel.permissions_of(member) & seen:
            raise NotAllowed(f"{user.name} cannot see #{channel.name}")
        return member

    def _command(
        self, person: Person, channel: Channel, path: str
    ) -> tuple[Json, list[Json], list[Json]]:
        """The command, the sub-commands on the way, and the options at its end."""
        name, *subs = path.lstrip("/").split()
        command = self._find(channel, name)
        if command is None:
            raise NotSynced(f"/{name} is not registered there")
        _check_use(person, channel, command)
        chain: list[Json] = []
        options: list[Json] = command["options"]
        for sub in subs:
            nested = {SUB_COMMAND, SUB_COMMAND_GROUP}
            found = [one for one in options if one["name"] == sub and one["type"] in nested]
            if not found:
                raise NotSynced(f"/{name} has no {' '.join(subs)!r}")
            chain.append(found[0])
            options = found[0].get("options") or []
        if any(one["type"] in {SUB_COMMAND, SUB_COMMAND_GROUP} for one in options):
            raise NotSynced(f"{path} is a group, not a command")
        return command, chain, options

    def _find(self, channel: Channel, name: str) -> Json | None:
        guild = channel.guild
        if guild is not None and not guild.bot_present:
            return None
        places = [guild.id, None] if guild else [None]
        for place in places:
            for command in self._world.commands.get(place, {}).values():
                if command["type"] == 1 and command["name"] == name:
                    return command
        return None


def _check_use(person: Person, channel: Channel, command: Json) -> None:
    here = GUILD_CONTEXT if channel.guild else DM_CONTEXT
    contexts = command["contexts"]
    if contexts is None:
        contexts = [GUILD_CONTEXT, DM_CONTEXT] if command["dm_permission"] else [GUILD_CONTEXT]
    if here not in contexts or 0 not in command["integration_types"]:
        raise NotAllowed(f"/{command['name']} is not offered in such a place")
    if not isinstance(person, Member):
        return
    held = channel.permissions_of(person)
    needed = Permission.USE_APPLICATION_COMMANDS
    default = command["default_member_permissions"]
    needed |= Permission(int(default or 0))
    if default == "0":
        needed |= Permission.ADMINISTRATOR
    if held & needed != needed:
        raise NotAllowed(f"{person.name} may not use /{command['name']}")


def _command_data(command: Json, chain: list[Json], sent: list[Json], resolved: Json) -> Json:
    options = sent
    for sub in reversed(chain):
        options = [{"name": sub["name"], "type": sub["type"], "options": options}]
    data: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": options}
    data |= {"guild_id": command["guild_id"]} if "guild_id" in command else {}
    return data | ({"resolved": resolved} if resolved else {})


def _control(person: Person, message: Message, what: str) -> Json:
    if message.deleted:
        raise NotClickable("the message was deleted")
    if message.shown_to is not None and message.shown_to is not user_of(person):
        raise NotClickable(f"{person.name} does not see this message")
    keys = ("custom_id", "label", "placeholder")
    controls = message.controls
    found = [one for key in keys for one in controls if one.get(key) == what]
    if not found:
        shown = message.labels or [str(one.get("custom_id")) for one in controls]
        raise NotClickable(f"no {what!r} on the message, only {shown}")
    control = found[0]
    inert = control["type"] == BUTTON and control["style"] in {LINK_STYLE, PREMIUM_STYLE}
    if control.get("disabled") or inert:
        raise NotClickable(f"{what!r} is disabled or a link")
    return control


def _chosen(control: Json, values: Sequence[object], channel: Channel) -> Json:
    least, most = control.get("min_values", 1), control.get("max_values", 1)
    if not least <= len(values) <= most:
        raise NotClickable(f"{control['custom_id']!r} takes {least} to {most} values")
    if control["type"] != STRING_SELECT:
        ids, resolved = resolve(control["type"], values, channel)
        return {"values": ids, "resolved": resolved}
    offered = {one["label"]: one["value"] for one in control["options"]}
    chosen = [offered.get(str(one), one) for one in values]
    if any(one not in offered.values() for one in chosen):
        raise NotClickable(f"{control['custom_id']!r} offers only {sorted(offered.values())}")
    return {"values": chosen}
