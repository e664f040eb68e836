"""What the service refuses in the body of a message."""

import datetime as dt
from collections.abc import Collection

from tests.doubles.discord import checks
from tests.doubles.discord.check_components import check_components
from tests.doubles.discord.errors import FormErrors, Json, Path
from tests.doubles.discord.messages import COMPONENTS_V2, Message

CONTENT = 2000
NONCE = 25
EMBEDS, EMBED_TOTAL, FIELDS = 10, 6000, 25
MENTIONED = 100


def check_message(payload: Json, files: Collection[str], before: Message | None = None) -> None:
    """Refuse a body for a new message, or for an edit of `before`."""
    form = FormErrors()
    v2 = is_v2(payload, before)
    checks.text(form, ("content",), payload.get("content"), CONTENT)
    checks.number(form, ("flags",), payload.get("flags"), 0, 1 << 31)
    _check_nonce(form, payload.get("nonce"))
    _check_embeds(form, payload.get("embeds"), files)
    _check_allowed_mentions(form, payload.get("allowed_mentions"))
    check_components(form, payload.get("components"), files, v2=v2)
    if v2:
        _check_nothing_beside(form, payload, before)
    form.raise_if_any()


def is_v2(payload: Json, before: Message | None = None) -> bool:
    """Whether the message will consist of components alone; once set, this stays."""
    already = before is not None and before.v2
    return already or bool(flags_of(payload) & COMPONENTS_V2)


def flags_of(payload: Json) -> int:
    """The flags a body asks for; none if what it says is no number."""
    flags = payload.get("flags")
    return flags if isinstance(flags, int) else 0


def _check_nothing_beside(form: FormErrors, payload: Json, before: Message | None) -> None:
    left = {"content": before.content, "embeds": before.embeds} if before else {}
    for field in ("content", "embeds", "sticker_ids", "poll"):
        if payload.get(field, left.get(field)):
            message = f"The '{field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            form.add((field,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)


def _check_nonce(form: FormErrors, nonce: object) -> None:
    if nonce is None:
        return
    if isinstance(nonce, bool) or not isinstance(nonce, int | str):
        form.add(("nonce",), "NONCE_TYPE_INVALID_TYPE", "This field must be a string or integer")
    elif len(str(nonce)) > NONCE:
        checks.too_long(form, ("nonce",), NONCE)


def _check_allowed_mentions(form: FormErrors, allowed: object) -> None:
    if allowed is None:
        return
    path: Path = ("allowed_mentions",)
    if not isinstance(allowed, dict):
        message = "Only dictionaries may be used in a ModelType"
        form.add(path, "MODEL_TYPE_CONVERT", message)
        return
    for index, kind in enumerate(allowed.get("parse") or []):
        checks.choice(form, (*path, "parse", index), kind, ("roles", "users", "everyone"))
    for kind in ("users", "roles"):
        _check_mentioned(form, path, allowed, kind)


def _check_mentioned(form: FormErrors, path: Path, allowed: Json, kind: str) -> None:
    named = allowed.get(kind) or []
    if named and kind in (allowed.get("parse") or []):
        message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
        form.add(path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    if len(named) > MENTIONED:
        checks.too_long(form, (*path, kind), MENTIONED)


def _check_embeds(form: FormErrors, embeds: object, files: Collection[str]) -> None:
    total = 0
    for path, embed in checks.items(form, ("embeds",), embeds, EMBEDS):
        total += _check_embed(form, path, embed, files)
    if total > EMBED_TOTAL:
        message = f"Embed size exceeds maximum size of {EMBED_TOTAL}"
        form.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)


def _check_embed(form: FormErrors, path: Path, embed: Json, files: Collection[str]) -> int:
    checks.text(form, (*path, "title"), embed.get("title"), 256)
    checks.text(form, (*path, "description"), embed.get("description"), 4096)
    checks.address(form, (*path, "url"), embed.get("url"))
    checks.number(form, (*path, "color"), embed.get("color"), 0, 0xFFFFFF)
    _check_timestamp(form, (*path, "timestamp"), embed.get("timestamp"))
    footer, author = _part(embed, "footer"), _part(embed, "author")
    checks.text(form, (*path, "footer", "text"), footer.get("text"), 2048)
    checks.text(form, (*path, "author", "name"), author.get("name"), 256)
    checks.address(form, (*path, "author", "url"), author.get("url"))
    for part, key in (("image", "url"), ("thumbnail", "url")):
        checks.address(form, (*path, part, key), _part(embed, part).get(key), files=files)
    for part in ("footer", "author"):
        icon = _part(embed, part).get("icon_url")
        checks.address(form, (*path, part, "icon_url"), icon, files=files)
    counted = [embed.get("title"), embed.get("description"), footer.get("text"), author.get("name")]
    return _check_fields(form, path, embed) + sum(len(str(one)) for one in counted if one)


def _check_fields(form: FormErrors, path: Path, embed: Json) -> int:
    total = 0
    for where, field in checks.items(form, (*path, "fields"), embed.get("fields"), FIELDS):
        checks.text(form, (*where, "name"), field.get("name"), 256, low=1)
        checks.text(form, (*where, "value"), field.get("value"), 1024, low=1)
        total += len(str(field.get("name", ""))) + len(str(field.get("value", "")))
    return total


def _check_timestamp(form: FormErrors, path: Path, value: object) -> None:
    if value is None:
        return
    try:
        dt.datetime.fromisoformat(str(value))
    except ValueError:
        message = f"Could not parse {value}. Should be ISO8601."
        form.add(path, "DATE_TIME_TYPE_PARSE", message)


def _part(embed: Json, name: str) -> Json:
    part = embed.get(name)
    return part if isinstance(part, dict) else {}


def says_something(embed: Json) -> bool:
    """Whether an embed shows anything at all."""
    shown = ("title", "description", "fields", "image", "thumbnail", "author", "footer", "video")
    return any(embed.get(one) for one in shown)
