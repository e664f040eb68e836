"""Plain documents as CSV tables, one a shape, and back without loss.

A row has its own address, the address of its owner, the list of the owner it stands in and its
order there. A cell that is empty is not given; an apostrophe in front says “take this as text”.
"""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import quote

from domain.codec import Faults
from domain.dates import PartialDate
from domain.exchange import Community
from domain.proposals import Proposal, Review
from domain.record import (
    Citation,
    Coalition,
    Company,
    Conflict,
    Coverage,
    Evidence,
    Pledge,
    Position,
    RecordedBill,
    Side,
    StatusEvent,
    Step,
    Terms,
)

TABLES: Mapping[type, str] = {
    Company: "companies.csv",
    Pledge: "pledges.csv",
    Terms: "terms.csv",
    Coverage: "coverage.csv",
    StatusEvent: "events.csv",
    Evidence: "evidence.csv",
    RecordedBill: "bills.csv",
    Step: "steps.csv",
    Position: "positions.csv",
    Coalition: "coalitions.csv",
    Conflict: "conflicts.csv",
    Side: "sides.csv",
    Citation: "citations.csv",
    Community: "communities.csv",
    Proposal: "proposals.csv",
    Review: "reviews.csv",
}
"""Every shape that is a table of its own, with the name of its file."""

_PLACE = ("address", "owner", "list", "order")
# What a spreadsheet may take for a formula, the wide forms too, and our own mark.
_LEADING = re.compile(r"['\t\r\n]|\s*[=+\-@＝＋－＠]")
_TOKEN = re.compile(r"\[(\d+)\]|[^.\[\]]+")


@dataclass(frozen=True, slots=True)
class _Part:
    """A list of the owner, or one thing that it may have."""

    shape: type
    many: bool


@dataclass(frozen=True, slots=True)
class _Cell:
    """What a cell holds, and what is written where nothing else is said."""

    kind: type
    default: str = ""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a shape lies in its table: cells by dotted name, and what lies in other tables."""

    cells: Mapping[str, _Cell]
    parts: Mapping[str, _Part]


@dataclass(slots=True)
class _Row:
    """A row as read; `spot` is its file and number as a spreadsheet counts."""

    shape: type
    spot: str
    address: str
    owner: str
    field: str
    order: int
    plain: dict[str, Any]


def to_tables(plain: Mapping[str, Any], shape: type) -> dict[str, str]:
    """Return the text of each table of the document, by file name; `shape` is the document's."""
    rows: dict[type, list[list[str]]] = {each: [] for each in TABLES}
    for name, each, text in _rows(plain, shape, ""):
        rows[name].append([*each, *text])
    return {file: _written(shape, rows[shape]) for shape, file in TABLES.items()}


def from_tables(
    texts: Mapping[str, str], shape: type
) -> tuple[dict[str, Any], Callable[[str], str]]:
    """Return the document and what tells the file and row of a dotted key in it.

    Raises Faults, one line for each cell or row that cannot be placed.
    """
    faults: list[str] = []
    rows = [row for each, file in TABLES.items() for row in _read(each, file, texts, faults)]
    document = _Row(shape, "", "", "", "", 0, {})
    _join(document, rows, faults)
    if faults:
        raise Faults(faults)
    spots = {id(row.plain): row.spot for row in rows}
    return document.plain, lambda path: locate(document.plain, spots, path)


def locate(plain: Mapping[str, Any], spots: Mapping[int, str], path: str) -> str:
    """Return the innermost known spot on the way to `path`, and the rest of the way."""
    at: Any = plain
    spot, rest = spots.get(id(plain), ""), path
    for found in _TOKEN.finditer(path):
        name = int(found[1]) if found[1] else found[0]
        try:
            at = at[name]
        except (KeyError, IndexError, TypeError):
            break
        if id(at) in spots:
            spot, rest = spots[id(at)], path[found.end() :].lstrip(".")
    return ": ".join(one for one in (spot, rest) if one)


def _rows(
    plain: Mapping[str, Any], shape: type, address: str
) -> Iterator[tuple[type, list[str], list[str]]]:
    """Yield shape, place and cells of all rows below `plain`, each before those it owns."""
    for name, part in _layout(shape).parts.items():
        given = _get(plain, name)
        items = [] if given is None else given if part.many else [given]
        for order, item in enumerate(items, 1):
            own = f"{address}/{name}/{order}" if address else f"{name}/{_key(item)}"
            cells = _layout(part.shape).cells.items()
            texts = [_to_cell(_get(item, each)) or cell.default for each, cell in cells]
            yield part.shape, [own, address, name, str(order)], texts
            yield from _rows(item, part.shape, own)


def _key(item: Mapping[str, Any]) -> str:
    """What tells a document apart from others of its kind."""
    return quote(item.get("key", item.get("space", "")), safe=":")


def _written(shape: type, rows: Iterable[list[str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*_PLACE, *_layout(shape).cells])
    writer.writerows(rows)
    return out.getvalue()


def _to_cell(value: Any) -> str:
    if value is None:
        return ""
    text = str(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if not text or _LEADING.match(text) else text


def _read(shape: type, file: str, texts: Mapping[str, str], faults: list[str]) -> Iterator[_Row]:
    if file not in texts:
        faults.append(f"{file}: is missing")
        return
    reader = csv.reader(io.StringIO(texts[file], newline=""), strict=True)
    cells = _layout(shape).cells
    wanted = [*_PLACE, *cells]
    try:
        header = next(reader, [])
        if sorted(header) != sorted(wanted):
            faults.append(f"{file}: row 1: the columns are not {', '.join(wanted)}")
            return
        for number, values in enumerate(reader, 2):
            if row := _row(shape, f"{file}: row {number}", header, values, faults):
                yield row
    except csv.Error as error:
        faults.append(f"{file}: line {reader.line_num}: {error}")


def _row(
    shape: type, spot: str, header: list[str], values: list[str], faults: list[str]
) -> _Row | None:
    if len(values) != len(header):
        faults.append(f"{spot}: has {len(values)} cells, not {len(header)}")
        return None
    given = dict(zip(header, values, strict=True))
    address, owner, name, order = (given.pop(one) for one in _PLACE)
    if not re.fullmatch(r"[1-9]\d*", order, re.ASCII):
        faults.append(f"{spot}: order: expected a number from 1, not {order!r}")
        order = "0"
    row = _Row(shape, spot, address, owner, name, int(order), {})
    for each, cell in _layout(shape).cells.items():
        if not given[each]:
            continue
        try:
            _put(row.plain, each, _from_cell(given[each], cell.kind))
        except ValueError:
            faults.append(f"{spot}: {each}: {_EXPECTED[cell.kind]}, not {given[each]!r}")
    return row


_EXPECTED = {
    bool: "expected true or false",
    int: "expected a whole number",
    list: 'expected a list such as ["one", "two"]',
}


def _from_cell(cell: str, kind: type) -> Any:
    """Read a cell. Raises ValueError."""
    text = cell.removeprefix("'")
    if kind is str:
        return text
    value = json.loads(text.lower() if kind is bool else text)  # spreadsheets write TRUE
    if type(value) is not kind:
        raise ValueError(text)
    return value


def _join(document: _Row, rows: Iterable[_Row], faults: list[str]) -> None:
    """Put each row into the list it stands in."""
    held = _by_address(document, rows, faults)
    below: defaultdict[tuple[str, str], dict[int, _Row]] = defaultdict(dict)
    for row in list(held.values())[1:]:
        first = below[row.owner, row.field].setdefault(row.order, row)
        if first is not row and row.order:
            faults.append(f"{row.spot}: order: {row.order} is taken by {first.spot}")
        if fault := _misplaced(held.get(row.owner), row):
            faults.append(f"{row.spot}: {fault}")
    for row in held.values():
        for name, part in _layout(row.shape).parts.items():
            placed = below.get((row.address, name), {})
            items = [placed[order].plain for order in sorted(placed)]
            if part.many:
                _put(row.plain, name, items)
            elif len(items) > 1:
                faults.append(f"{row.spot}: {name}: there are {len(items)}, not one")
            elif items:
                _put(row.plain, name, items[0])


def _by_address(document: _Row, rows: Iterable[_Row], faults: list[str]) -> dict[str, _Row]:
    """The document first, whose address is empty."""
    held = {document.address: document}
    for row in rows:
        other = held.setdefault(row.address, row)
        if other is document:
            faults.append(f"{row.spot}: address: is empty")
        elif other is not row:
            faults.append(f"{row.spot}: address: {row.address!r} is that of {other.spot} too")
    return held


def _misplaced(owner: _Row | None, row: _Row) -> str:
    if owner is None:
        return f"owner: no row has the address {row.owner!r}"
    part = _layout(owner.shape).parts.get(row.field)
    if part is None or part.shape is not row.shape:
        return f"list: {row.field!r} holds no rows of this table, or its owner has no such list"
    return ""


def _get(plain: Mapping[str, Any], name: str) -> Any:
    at: Any = plain
    for one in name.split("."):
        at = at.get(one) if at else None
    return at


def _put(plain: dict[str, Any], name: str, value: Any) -> None:
    *before, last = name.split(".")
    for one in before:
        plain = plain.setdefault(one, {})
    plain[last] = value


@cache
def _layout(shape: type) -> _Layout:
    """Read a dataclass: plain values are cells, what it must have lies flat, the rest is parts."""
    cells: dict[str, _Cell] = {}
    parts: dict[str, _Part] = {}
    hints = get_type_hints(shape)
    for each in fields(shape):
        optional = type(None) in get_args(hints[each.name])
        hint = next(one for one in (*get_args(hints[each.name]), hints[each.name]) if one)
        if get_origin(hints[each.name]) is tuple:
            if hint in TABLES:
                parts[each.name] = _Part(hint, many=True)
            else:
                cells[each.name] = _Cell(list)
        elif isinstance(hint, type) and is_dataclass(hint) and hint is not PartialDate:
            if optional:
                parts[each.name] = _Part(hint, many=False)
                continue
            assert each.default is MISSING
            inner = _layout(hint)
            cells |= {f"{each.name}.{name}": cell for name, cell in inner.cells.items()}
            parts |= {f"{each.name}.{name}": part for name, part in inner.parts.items()}
        else:
            kind = hint if hint in {int, bool} else str
            chosen = isinstance(each.default, Enum | bool)
            cells[each.name] = _Cell(kind, _to_cell(each.default) if chosen else "")
    return _Layout(cells, parts)
