"""Between typed records and the plain data of TOML and JSON: one converter for every shape.

Faults are reported all at once, each with the dotted key it concerns.
"""

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from types import GenericAlias
from typing import Any, TypeVar, get_args, get_origin

from cattrs import BaseValidationError, Converter
from cattrs.errors import AttributeValidationNote, ForbiddenExtraKeysError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from domain.dates import PartialDate

T = TypeVar("T")
_PLAIN_NAMES = {str: "a text", int: "a whole number", bool: "true or false", float: "a number"}


class Faults(ValueError):
    """What is wrong with a document: one line a fault, `dotted.key: what was expected`."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def make_converter() -> Converter:
    """Return a strict converter: no coercion, no unknown keys, empty fields left out."""
    converter = Converter(detailed_validation=True)
    for plain in _PLAIN_NAMES:
        converter.register_structure_hook(plain, _strict)
    converter.register_structure_hook(PartialDate, lambda value, _: _partial_date(value))
    converter.register_unstructure_hook(PartialDate, str)
    converter.register_structure_hook(date, lambda value, _: _date(value))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(datetime, lambda value, _: _instant(value))
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook_func(
        _is_list, lambda value, shape: _list(converter, value, shape)
    )
    converter.register_structure_hook_factory(
        is_dataclass,
        lambda shape: make_dict_structure_fn(shape, converter, _cattrs_forbid_extra_keys=True),
    )
    converter.register_unstructure_hook_factory(
        is_dataclass,
        lambda shape: make_dict_unstructure_fn(shape, converter, _cattrs_omit_if_default=True),
    )
    return converter


def structure(converter: Converter, data: Mapping[str, Any], shape: type[T]) -> T:
    """Read `data` as `shape`. Raises Faults with every fault at once."""
    try:
        return converter.structure(data, shape)
    except (BaseValidationError, ForbiddenExtraKeysError) as error:
        raise Faults(sorted(set(_faults(error, "")))) from error


def _is_list(shape: Any) -> bool:
    return get_origin(shape) is tuple


def _list(converter: Converter, value: Any, shape: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise ValueError(f"expected a list, not {value!r}")  # noqa: TRY004 - reported as a fault
    items: Any = GenericAlias(list, get_args(shape)[:1])
    return tuple(converter.structure(list(value), items))


def _strict(value: Any, shape: Any) -> Any:
    if issubclass(shape, Enum):  # the converter takes a StrEnum for a str
        return _choice(value, shape)
    fits = type(value) is shape or (shape is float and type(value) is int)
    if not fits:
        raise ValueError(f"expected {_PLAIN_NAMES[shape]}, not {value!r}")
    return value


def _choice(value: Any, shape: Any) -> Any:
    try:
        return shape(value)
    except ValueError:
        names = ", ".join(repr(one.value) for one in shape)
        raise ValueError(f"expected one of {names}, not {value!r}") from None


def _partial_date(value: Any) -> PartialDate:
    if type(value) is date:
        return PartialDate.of(value)
    if not isinstance(value, str):
        raise ValueError(f"expected a date, not {value!r}")  # noqa: TRY004 - reported as a fault
    return PartialDate.parse(value)


def _date(value: Any) -> date:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"expected a date such as 2020-06-10, not {value!r}") from None


def _instant(value: Any) -> datetime:
    """Read an instant; one without its offset could mean any of two dozen."""
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ValueError(f"expected an instant such as 2020-06-10T12:00:00+00:00, not {value!r}")
    return instant.astimezone(UTC)


def _faults(error: BaseException, path: str) -> Iterator[str]:
    """Yield one line a fault in the tree of errors below `path`."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            path = f"{path}.{note.name}" if path else note.name
        elif isinstance(note, IterableValidationNote):
            path = f"{path}[{note.index}]"
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _faults(inner, path)
    elif isinstance(error, ForbiddenExtraKeysError):
        for key in sorted(error.extra_fields):
            yield f"{path}.{key}: no such key".lstrip(".")
    elif isinstance(error, KeyError):
        yield f"{path}: missing"
    elif isinstance(error, TypeError | AttributeError):
        yield f"{path}: expected a table or a list, not what stands there"
    else:
        yield f"{path}: {error}".lstrip(": ")
