"""Checking what a message says, alike for posts, acknowledgements and response addresses."""

import json
from typing import Any

from tests.doubles.slack.blocks import MOST_TEXT, check_message_blocks, refuse, text_size
from tests.doubles.slack.errors import ApiError, Json
from tests.doubles.slack.records import Content

MOST_CHARACTERS = 40_000
MOST_MARKDOWN = 12_000
MOST_ATTACHMENTS = 100


class Args:
    """A call's arguments, whether they came as JSON or as form fields."""

    def __init__(self, values: Json) -> None:
        self.values = values

    def __contains__(self, key: str) -> bool:
        return self.values.get(key) is not None

    def text(self, key: str) -> str:
        """A string, empty when it is not there."""
        value = self.values.get(key)
        return "" if value is None else str(value)

    def flag(self, key: str) -> bool | None:
        """A boolean in any of the spellings Slack takes, None when it is not there."""
        value = self.values.get(key)
        if value is None:
            return None
        return value is True or str(value).lower() in {"1", "true", "t", "on"}

    def listing(self, key: str, error: str) -> list[Json]:
        """A list of objects, as JSON in a form; anything else is refused with `error`."""
        value = self._parsed(key, error)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ApiError(error)
        return value

    def object(self, key: str, error: str = "invalid_arguments") -> Json | None:
        """An object, as JSON in a form."""
        value = self._parsed(key, error)
        if value is not None and not isinstance(value, dict):
            raise ApiError.schema(error, [f"must provide an object [json-pointer:/{key}]"])
        return value

    def _parsed(self, key: str, error: str) -> Any:
        value = self.values.get(key)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise ApiError(error) from None


def read_content(args: Args, *, counted: bool = False) -> Content:
    """The content of a new message; `counted` applies the total that posts are held to."""
    blocks = args.listing("blocks", "invalid_blocks_format")
    attachments = args.listing("attachments", "invalid_attachments")
    content = Content(text=_text(args), blocks=blocks, attachments=attachments)
    if not (content.text.strip() or blocks or attachments):
        raise ApiError("no_text")
    _fits(content)
    if blocks and not content.text.strip():
        raise ApiError("missing_fallback_text")
    problems = check_message_blocks(blocks)
    for n, attachment in enumerate(attachments):
        inner = Args(attachment).listing("blocks", "invalid_attachments")
        problems += check_message_blocks(inner, f"/attachments/{n}/blocks")
    refuse("invalid_blocks", problems)
    if counted and text_size(blocks) > MOST_TEXT:
        raise ApiError("msg_blocks_too_long")
    return content


def says_something(payload: Json) -> bool:
    """Whether an acknowledgement shows anything at all."""
    return any(payload.get(key) for key in ("text", "blocks", "attachments"))


def _text(args: Args) -> str:
    markdown = args.text("markdown_text")
    if markdown and ("text" in args or "blocks" in args):
        raise ApiError("markdown_text_conflict")
    if len(markdown) > MOST_MARKDOWN:
        raise ApiError("msg_too_long")
    return args.text("text") or markdown


def _fits(content: Content) -> None:
    if len(content.text) > MOST_CHARACTERS:
        raise ApiError("msg_too_long")
    if len(content.attachments) > MOST_ATTACHMENTS:
        raise ApiError("too_many_attachments")
