"""The Web API: tokens, scopes, faults and dispatch, with a log of every call."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from tests.doubles.slack import chat_methods, lookup_methods, view_methods
from tests.doubles.slack.content import Args
from tests.doubles.slack.errors import ApiError, Json
from tests.doubles.slack.faults import Fault
from tests.doubles.slack.workspace import Workspace

Method = Callable[[Workspace, Args], Json]
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a method does and the scope it needs; `app` says it wants the app's token."""

    run: Method
    scope: str = ""
    app: bool = False


METHODS = {
    "auth.test": Rule(lookup_methods.auth_test),
    "apps.connections.open": Rule(lookup_methods.connections_open, app=True),
    "bots.info": Rule(lookup_methods.bots_info, "users:read"),
    "chat.delete": Rule(chat_methods.delete, "chat:write"),
    "chat.postEphemeral": Rule(chat_methods.post_ephemeral, "chat:write"),
    "chat.postMessage": Rule(chat_methods.post_message, "chat:write"),
    "chat.update": Rule(chat_methods.update, "chat:write"),
    "conversations.info": Rule(lookup_methods.conversations_info),
    "conversations.open": Rule(lookup_methods.conversations_open, "im:write"),
    "team.info": Rule(lookup_methods.team_info, "team:read"),
    "users.info": Rule(lookup_methods.users_info, "users:read"),
    "views.open": Rule(view_methods.open_view),
    "views.publish": Rule(view_methods.publish),
    "views.push": Rule(view_methods.push),
    "views.update": Rule(view_methods.update),
}


@dataclass(slots=True)
class Result:
    """An answer on its way out."""

    body: Json | str
    status: int = 200
    headers: dict[str, str] | None = None

    @property
    def error(self) -> str:
        """The error code, empty when all went well."""
        if isinstance(self.body, str):
            return "" if self.status < 400 else f"http_{self.status}"
        return str(self.body.get("error", ""))

    def response(self, scopes: str) -> web.Response:
        """The HTTP response."""
        headers = {"x-oauth-scopes": scopes, **(self.headers or {})}
        if isinstance(self.body, str):
            kind = "application/json" if self.body.startswith("{") else "text/html"
            return web.Response(
                text=self.body, status=self.status, headers=headers, content_type=kind
            )
        return web.json_response(self.body, status=self.status, headers=headers)


class WebApi:
    """Serves `/api/…`."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call, or go wrong as ordered."""
        name = request.match_info["method"]
        fault = self.workspace.take_fault(name)
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        token, args, problem = await read_call(request)
        result = self._result(name, token, Args(args), problem, fault)
        dropped = fault.drop if fault else None
        error = f"dropped {dropped}" if dropped else result.error
        self.workspace.note(name, args, result.status, error)
        if dropped and request.transport:
            request.transport.abort()
        return result.response(",".join(sorted(self.workspace.scopes)))

    def _result(
        self, name: str, token: str, args: Args, problem: str, fault: Fault | None
    ) -> Result:
        if fault and not fault.processed:
            return _faulty(fault)
        try:
            body = {"ok": True, **self._call(name, token, args, problem)}
        except ApiError as error:
            return Result(error.answer())
        except chat_methods.RateLimited as limit:
            wait = {"Retry-After": str(limit.seconds)}
            return Result({"ok": False, "error": "ratelimited"}, 429, wait)
        return _faulty(fault) if fault and fault.answers else Result(body)

    def _call(self, name: str, token: str, args: Args, problem: str) -> Json:
        if problem:
            raise ApiError(problem)
        rule = METHODS.get(name)
        if rule is None:
            self.workspace.unexpected.append(f"unknown method {name}")
            raise ApiError("unknown_method")
        self._authenticate(token, app=rule.app, either=name == "auth.test")
        if rule.scope:
            self.workspace.require(rule.scope)
        return rule.run(self.workspace, args)

    def _authenticate(self, token: str, *, app: bool, either: bool) -> None:
        if not token:
            raise ApiError("not_authed")
        if token not in {self.workspace.bot_token, self.workspace.app_token}:
            raise ApiError("invalid_auth")
        if self.workspace.revoked:
            raise ApiError("account_inactive")
        if not either and (token == self.workspace.app_token) != app:
            raise ApiError("not_allowed_token_type")


async def read_call(request: web.Request) -> tuple[str, Json, str]:
    """The token, the arguments without it, and what is wrong with the request's form."""
    header = request.headers.get("Authorization", "")
    token = header.removeprefix("Bearer ") if header.startswith("Bearer ") else ""
    args: Json = dict(request.query)
    problem = ""
    if request.content_type == "application/json":
        args, problem = _parsed(await request.text(), args)
    elif request.content_type in FORMS:
        args |= dict(await request.post())
        token = token or str(args.pop("token", ""))
    elif request.can_read_body:
        problem = "invalid_post_type"
    token = token or str(request.query.get("token", ""))
    args.pop("token", None)
    return token, args, problem


def _parsed(body: str, args: Json) -> tuple[Json, str]:
    try:
        parsed = json.loads(body) if body else {}
    except ValueError:
        return args, "invalid_json"
    return (args | parsed, "") if isinstance(parsed, dict) else (args, "json_not_object")


def _faulty(fault: Fault) -> Result:
    status, headers, body = fault.answer()
    return Result(body, status, headers)
