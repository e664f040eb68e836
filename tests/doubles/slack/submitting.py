"""Submitting a modal: what Slack's client insists on, and what the app's answer does."""

from typing import TYPE_CHECKING

from tests.doubles.slack.blocks import elements_of
from tests.doubles.slack.content import Args
from tests.doubles.slack.errors import ApiError, FormRefused, InvalidAck, Json
from tests.doubles.slack.forms import SLOTS, entry, objections, state_of
from tests.doubles.slack.records import View
from tests.doubles.slack.reply import Reply
from tests.doubles.slack.view_methods import change_view, close_view, push_view, read_view

if TYPE_CHECKING:
    from tests.doubles.slack.workspace import Workspace

ACTIONS = ("errors", "update", "push", "clear")


def fill_in(view: View, block: Json, element: Json, value: object, offered: list[Json]) -> None:
    """Enter one value in a form."""
    view.entered[block["block_id"], element["action_id"]] = entry(element, value, offered)


def refuse_incomplete(view: View) -> None:
    """Raise FormRefused if Slack's client would not submit this."""
    values = state_of(view.blocks, view.entered)
    fields: dict[str, str] = {}
    for block in view.blocks:
        for element in elements_of(block):
            if block["type"] == "input" and element["type"] in SLOTS:
                state = values[block["block_id"]][element["action_id"]]
                if problem := objections(block, element, state):
                    fields[block["block_id"]] = problem
    if fields:
        raise FormRefused(fields)


def finish(workspace: "Workspace", reply: Reply, view: View, said: Json | None) -> None:
    """Do what the app's acknowledgement asks: nothing closes the view."""
    reply.action = str((said or {}).get("response_action", ""))
    if not said:
        close_view(workspace, view)
    elif reply.action not in ACTIONS:
        error = "invalid_response_action"
        raise InvalidAck(error, [f"{sorted(said)} is no answer to a form"])
    elif reply.action == "errors":
        _show_errors(reply, view, said)
    elif reply.action == "clear":
        for other in list(workspace.modals.get(view.user.id, [])):
            close_view(workspace, other)
    else:
        _show_view(workspace, reply, view, said)
    reply.touch()


def _show_errors(reply: Reply, view: View, said: Json) -> None:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    errors = said.get("errors")
    if not isinstance(errors, dict) or not errors:
        error = "invalid_errors"
        raise InvalidAck(error, ["errors must name at least one block"])
    if strays := sorted(set(errors) - inputs):
        error = "invalid_errors"
        raise InvalidAck(error, [f"no input block {name}" for name in strays])
    view.errors = {str(block): str(text) for block, text in errors.items()}
    reply.errors = dict(view.errors)


def _show_view(workspace: "Workspace", reply: Reply, view: View, said: Json) -> None:
    try:
        replacing = view if reply.action == "update" else None
        source = read_view(workspace, Args(said), "modal", replacing=replacing)
        if replacing:
            change_view(workspace, view, source)
            reply.open(view)
        else:
            reply.open(push_view(workspace, view, source))
    except ApiError as error:
        raise InvalidAck(error.error, error.problems) from error
