"""The `views.*` methods."""

import json
from typing import TYPE_CHECKING

from tests.doubles.slack.blocks import MOST_VIEW_BYTES, check_view, refuse
from tests.doubles.slack.content import Args
from tests.doubles.slack.errors import ApiError, Json
from tests.doubles.slack.forms import state_of
from tests.doubles.slack.records import User, View

if TYPE_CHECKING:
    from tests.doubles.slack.workspace import Workspace

MOST_STACKED = 3


def open_view(workspace: "Workspace", args: Args) -> Json:
    """views.open: a new modal for whoever the trigger_id is of."""
    source = read_view(workspace, args, "modal")
    trigger = workspace.exchange(args.text("trigger_id"))
    view = make_view(workspace, trigger.user, source)
    workspace.modals.setdefault(trigger.user.id, []).append(view)
    trigger.reply.open(view)
    return {"view": view_payload(workspace, view)}


def push(workspace: "Workspace", args: Args) -> Json:
    """views.push: a modal on top of the one the trigger_id came from."""
    source = read_view(workspace, args, "modal")
    trigger = workspace.exchange(args.text("trigger_id"))
    if trigger.view is None or trigger.view.closed:
        raise ApiError("not_found")
    view = push_view(workspace, trigger.view, source)
    trigger.reply.open(view)
    return {"view": view_payload(workspace, view)}


def update(workspace: "Workspace", args: Args) -> Json:
    """views.update: by view_id or external_id, if the hash, when given, is still current."""
    view_id, external_id = args.text("view_id"), args.text("external_id")
    if bool(view_id) == bool(external_id):
        raise ApiError.schema("invalid_arguments", ["provide either `view_id` or `external_id`"])
    view = workspace.known.views.get(view_id) or _by_external_id(workspace, external_id)
    if view is None or view.closed:
        raise ApiError("not_found")
    _still(view, args)
    source = read_view(workspace, args, str(view.source["type"]), replacing=view)
    change_view(workspace, view, source)
    return {"view": view_payload(workspace, view)}


def publish(workspace: "Workspace", args: Args) -> Json:
    """views.publish: one person's home tab."""
    if not workspace.manifest.home_tab:
        raise ApiError("not_enabled")
    user = workspace.known.users.get(args.text("user_id"))
    if user is None:
        raise ApiError("invalid_user_id")
    view = workspace.homes.get(user.id)
    source = read_view(workspace, args, "home", replacing=view)
    if view is None:
        view = workspace.homes[user.id] = make_view(workspace, user, source)
    else:
        _still(view, args)
        change_view(workspace, view, source)
    return {"view": view_payload(workspace, view)}


def read_view(
    workspace: "Workspace", args: Args, kind: str, *, replacing: View | None = None
) -> Json:
    """The view in the arguments, checked and with its ids filled in."""
    source = args.object("view")
    if source is None:
        raise ApiError.schema("invalid_arguments", ["missing required field: view"])
    problems = check_view(source)
    if source.get("type") != kind:
        problems.append(f"must be of type {kind} [json-pointer:/view/type]")
    refuse("invalid_arguments", problems)
    if len(json.dumps(source).encode()) > MOST_VIEW_BYTES:
        raise ApiError("view_too_large")
    other = _by_external_id(workspace, source.get("external_id") or "")
    if other is not None and other is not replacing:
        raise ApiError("duplicate_external_id")
    return {**source, "blocks": workspace.numbered(source["blocks"])}


def make_view(
    workspace: "Workspace", user: User, source: Json, *, below: View | None = None
) -> View:
    """A new view, on top of another or by itself."""
    view_id = workspace.id("V")
    view = View(
        id=view_id,
        user=user,
        source=source,
        hash=workspace.token("h."),
        root_id=below.root_id if below else view_id,
        previous_id=below.id if below else None,
    )
    workspace.known.views[view_id] = view
    return view


def push_view(workspace: "Workspace", below: View, source: Json) -> View:
    """Put a modal on top of another; three are the most."""
    stack = workspace.modals.setdefault(below.user.id, [])
    if sum(view.root_id == below.root_id for view in stack) >= MOST_STACKED:
        raise ApiError("push_limit_reached")
    view = make_view(workspace, below.user, source, below=below)
    stack.append(view)
    return view


def change_view(workspace: "Workspace", view: View, source: Json) -> None:
    """Show something else in a view and keep what it showed."""
    view.versions.append(view.source)
    view.source = source
    view.hash = workspace.token("h.")
    view.errors = {}
    workspace.touch_view(view)


def close_view(workspace: "Workspace", view: View) -> None:
    """Take a modal away; the one below it shows again."""
    view.closed = True
    stack = workspace.modals.get(view.user.id, [])
    if view in stack:
        stack.remove(view)


def view_payload(workspace: "Workspace", view: View) -> Json:
    """A view as payloads and answers carry it."""
    return {
        "title": None,
        "close": None,
        "submit": None,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        **view.source,
        "id": view.id,
        "team_id": workspace.team_id,
        "state": {"values": state_of(view.blocks, view.entered)},
        "hash": view.hash,
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": workspace.app_id,
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.bot_id,
    }


def _still(view: View, args: Args) -> None:
    if "hash" in args and args.text("hash") != view.hash:
        raise ApiError("hash_conflict")


def _by_external_id(workspace: "Workspace", external_id: str) -> View | None:
    views = [*workspace.known.views.values()] if external_id else []
    named = [v for v in views if v.source.get("external_id") == external_id and not v.closed]
    return named[-1] if named else None
