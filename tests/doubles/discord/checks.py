"""The service's checks of single values, with its codes and its words."""

from collections.abc import Collection
from urllib.parse import urlsplit

from tests.doubles.discord.errors import FormErrors, Json, Path

WEB = ("http", "https")


def required(form: FormErrors, path: Path) -> None:
    """Note that a field is missing or blank."""
    form.add(path, "BASE_TYPE_REQUIRED", "This field is required")


def text(form: FormErrors, path: Path, value: object, high: int, *, low: int = 0) -> None:
    """A string of `low` to `high` characters; a `low` above 0 makes it required."""
    if value is None or (isinstance(value, str) and low and not value.strip()):
        if low:
            required(form, path)
    elif not isinstance(value, str):
        form.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
    elif not low <= len(value) <= high:
        too_long(form, path, high, low=low)


def too_long(form: FormErrors, path: Path, high: int, *, low: int = 0) -> None:
    """Note a length that is out of bounds."""
    if low:
        wanted = f"Must be between {low} and {high} in length."
        form.add(path, "BASE_TYPE_BAD_LENGTH", wanted)
    else:
        form.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")


def items(
    form: FormErrors, path: Path, value: object, high: int, *, low: int = 0
) -> list[tuple[Path, Json]]:
    """The objects of a list of `low` to `high`, each with its path; anything else is noted."""
    if value is None and not low:
        return []
    if not isinstance(value, list):
        form.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return []
    if not low <= len(value) <= high:
        too_long(form, path, high, low=low)
    found = [((*path, index), one) for index, one in enumerate(value)]
    for where, one in found:
        if not isinstance(one, dict):
            message = "Only dictionaries may be used in a ModelType"
            form.add(where, "MODEL_TYPE_CONVERT", message)
    return [(where, one) for where, one in found if isinstance(one, dict)]


def number(form: FormErrors, path: Path, value: object, low: int, high: int) -> None:
    """An optional whole number in a range."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        form.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
    elif value < low:
        message = f"int value should be greater than or equal to {low}."
        form.add(path, "NUMBER_TYPE_MIN", message)
    elif value > high:
        message = f"int value should be less than or equal to {high}."
        form.add(path, "NUMBER_TYPE_MAX", message)


def choice(form: FormErrors, path: Path, value: object, allowed: Collection[object]) -> None:
    """One of a set of values."""
    if isinstance(value, bool) or value not in allowed:
        shown = ", ".join(str(one) for one in sorted(allowed, key=str))
        form.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{shown}}}.")


def union(form: FormErrors, path: Path, value: object, allowed: Collection[int]) -> bool:
    """Whether a component's type is one of those allowed in its place."""
    if value in allowed and not isinstance(value, bool):
        return True
    shown = ", ".join(str(one) for one in sorted(allowed))
    message = f'Value of field "type" must be one of ({shown},).'
    form.add((*path, "type"), "UNION_TYPE_CHOICES", message)
    return False


def address(
    form: FormErrors,
    path: Path,
    value: object,
    *,
    schemes: tuple[str, ...] = WEB,
    files: Collection[str] = (),
    high: int = 2048,
) -> None:
    """An optional URL with an accepted scheme, or `attachment://` and an uploaded file's name."""
    if value is None or value == "":
        return
    if not isinstance(value, str) or len(value) > high:
        text(form, path, value, high)
    elif value.startswith("attachment://"):
        _uploaded(form, path, value, files)
    else:
        _web(form, path, value, schemes)


def _uploaded(form: FormErrors, path: Path, value: str, files: Collection[str]) -> None:
    if value.removeprefix("attachment://") not in files:
        message = "The referenced attachment was not found"
        form.add(path, "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", message)


def _web(form: FormErrors, path: Path, value: str, schemes: tuple[str, ...]) -> None:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme and parts.scheme.lower() not in schemes:
        message = f'Scheme "{parts.scheme}" must be one of {schemes}.'
        form.add(path, "URL_TYPE_INVALID_SCHEME", message)
    elif not parts.scheme or not parts.netloc or any(one.isspace() for one in value):
        form.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
