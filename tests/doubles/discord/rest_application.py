"""REST: the bot's own account, its application, the gateway's address, its commands."""

from tests.doubles.discord.check_commands import (
    CHAT_INPUT,
    GLOBAL_LIMIT,
    check_command,
    check_names,
)
from tests.doubles.discord.errors import ApiError, FormErrors, Json, missing_access, unknown
from tests.doubles.discord.gateway import IDENTIFY, Gateway
from tests.doubles.discord.rest import Answer, Call, Route, as_object
from tests.doubles.discord.world import World

STARTS = 1000


class ApplicationRoutes:
    """Handlers for what belongs to the application as a whole."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def routes(self) -> list[Route]:
        """The table of paths."""
        book, one = "/applications/{app}/commands", "/applications/{app}/commands/{command}"
        guild_book = "/applications/{app}/guilds/{guild}/commands"
        guild_one = f"{guild_book}/{{command}}"
        table = [
            Route("GET", "/users/@me", self._me),
            Route("GET", "/users/{user}", self._user),
            Route("GET", "/oauth2/applications/@me", self._application),
            Route("GET", "/applications/@me", self._application),
            Route("GET", "/gateway", self._address, with_token=False),
            Route("GET", "/gateway/bot", self._bot_address),
        ]
        for all_of_them, single in ((book, one), (guild_book, guild_one)):
            table += [
                Route("GET", all_of_them, self._list),
                Route("PUT", all_of_them, self._replace),
                Route("POST", all_of_them, self._upsert),
                Route("GET", single, self._show),
                Route("PATCH", single, self._change),
                Route("DELETE", single, self._remove),
            ]
        return table

    def _me(self, call: Call) -> Answer:
        del call
        extra = {"verified": True, "email": None, "mfa_enabled": True, "locale": "en-US"}
        return Answer(body=self._world.bot.payload() | extra)

    def _user(self, call: Call) -> Answer:
        user = self._world.users.get(call.params["user"])
        if user is None:
            raise unknown("User")
        return Answer(body=user.payload())

    def _application(self, call: Call) -> Answer:
        del call
        owner = self._world.bot.payload() | {"id": "1", "username": "developer", "bot": False}
        body: Json = {
            "id": self._world.bot.id,
            "name": self._world.bot.name,
            "icon": None,
            "description": "",
            "summary": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "00" * 32,
            "owner": owner,
            "team": None,
            "flags": 0,
            "redirect_uris": [],
            "integration_types_config": {"0": {}},
            "approximate_guild_count": len(self._world.guilds),
        }
        return Answer(body=body)

    def _address(self, call: Call) -> Answer:
        del call
        return Answer(body={"url": self._gateway.url})

    def _bot_address(self, call: Call) -> Answer:
        del call
        used = sum(login.op == IDENTIFY for login in self._gateway.logins)
        limit = {"total": STARTS, "remaining": STARTS - used, "reset_after": 86_400_000}
        body = {
            "url": self._gateway.url,
            "shards": self._world.settings.shards,
            "session_start_limit": limit | {"max_concurrency": 1},
        }
        return Answer(body=body)

    def _list(self, call: Call) -> Answer:
        return Answer(body=list(self._book(call).values()))

    def _replace(self, call: Call) -> Answer:
        if not isinstance(call.body, list):
            raise ApiError(400, 50035, "Invalid Form Body")
        wanted = [as_object(one) for one in call.body]
        book, form = self._book(call), FormErrors()
        for index, command in enumerate(wanted):
            check_command(form, (index,), command)
        check_names(form, wanted)
        form.raise_if_any()
        _check_count(wanted)
        kept = [self._registered(call, command, book) for command in wanted]
        book.clear()
        book.update({one["id"]: one for one in kept})
        return Answer(body=kept)

    def _upsert(self, call: Call) -> Answer:
        book, form = self._book(call), FormErrors()
        check_command(form, (), call.json)
        form.raise_if_any()
        made = self._registered(call, call.json, book)
        _check_count([one for one in book.values() if one["id"] != made["id"]] + [made])
        status = 200 if made["id"] in book else 201
        book[made["id"]] = made
        return Answer(body=made, status=status)

    def _show(self, call: Call) -> Answer:
        return Answer(body=self._registered_one(call))

    def _change(self, call: Call) -> Answer:
        before, form = self._registered_one(call), FormErrors()
        after = before | call.json
        check_command(form, (), after)
        form.raise_if_any()
        book = self._book(call)
        book[before["id"]] = self._registered(call, after, book) | {"id": before["id"]}
        return Answer(body=book[before["id"]])

    def _remove(self, call: Call) -> Answer:
        found = self._registered_one(call)
        del self._book(call)[found["id"]]
        return Answer()

    def _book(self, call: Call) -> dict[str, Json]:
        if call.params["app"] != self._world.bot.id:
            raise unknown("Application")
        guild_id = call.params.get("guild")
        if guild_id is not None:
            guild = self._world.guilds.get(guild_id)
            if guild is None or not guild.bot_present:
                raise missing_access()
        return self._world.commands.setdefault(guild_id, {})

    def _registered_one(self, call: Call) -> Json:
        found = self._book(call).get(call.params["command"])
        if found is None:
            raise unknown("application command")
        return found

    def _registered(self, call: Call, command: Json, book: dict[str, Json]) -> Json:
        kind, name = command.get("type", CHAT_INPUT), command["name"]
        same = [one for one in book.values() if (one["type"], one["name"]) == (kind, name)]
        allowed = command.get("default_member_permissions")
        body: Json = {
            "id": same[0]["id"] if same else self._world.ids.next(),
            "application_id": self._world.bot.id,
            "version": self._world.ids.next(),
            "type": kind,
            "name": name,
            "description": command.get("description") or "",
            "options": command.get("options") or [],
            "default_member_permissions": None if allowed is None else str(allowed),
            "contexts": command.get("contexts"),
            "integration_types": command.get("integration_types") or [0],
            "dm_permission": command.get("dm_permission", True),
            "nsfw": command.get("nsfw", False),
            "name_localizations": command.get("name_localizations"),
            "description_localizations": command.get("description_localizations"),
        }
        guild_id = call.params.get("guild")
        return body | ({"guild_id": guild_id} if guild_id else {})


def _check_count(commands: list[Json]) -> None:
    for kind, limit in GLOBAL_LIMIT.items():
        if sum(one.get("type", CHAT_INPUT) == kind for one in commands) > limit:
            message = f"Maximum number of application commands reached ({limit})."
            raise ApiError(400, 30032, message)
