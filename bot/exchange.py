"""The whole record out of the database and back in: one JSON document, and CSV tables beside it.

An import is all or nothing: read, checked, compared with what is held, then stored at once.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.records import IMPORTED, make_shipped, same, shipped_record
from bot.tables import TABLES, from_tables, locate, to_tables
from domain.codec import Faults, make_converter, structure
from domain.exchange import Community, WholeRecord, check, replaced
from domain.model import SpaceRef
from domain.ports import Clock
from storage.db import Database, Tx

FORMAT = 1
JSON_FILE = "record.json"
README_FILE = "README.txt"
_SHOWN = 40

_ABOUT = """\
The whole record of a Pledgewatch, taken out with `pledgewatch export`.

`pledgewatch import DIR` reads it back: from record.json where there is one, else from the tables,
which say the same. To change something in the tables and bring it back, take record.json away.

It holds who proposed and who reviewed what, by the ids their chats know them by. Take care whom
you give communities.csv, proposals.csv, reviews.csv and record.json.

The tables
----------
CSV as in RFC 4180, UTF-8 with a byte order mark, one table for each kind of thing:

{tables}

- `address` names a row, each address once. `owner` is the address of what the row belongs to and
  `list` the list it stands in there; `order` is its place in that list, from 1. Companies, bills,
  coalitions and communities have no owner.
- A name with a dot, such as duration.span, is one thing inside another.
- An empty cell is not given. A list of texts is written as in JSON: ["one", "two"].
- An apostrophe in front of a cell is no part of it and says: take the rest as text. It stands
  before a text that a spreadsheet might take for a formula (=, +, - or @ in front, after spaces
  too), before tabs, line breaks and apostrophes, and alone for a text that is there but empty.
- Dates may be as coarse as their source: 2020-06-10, 2020-06, 2022-spring, 2022, each also with
  "by " in front. Import the columns as text into a spreadsheet, or it will write them otherwise.
"""


class ImportRefused(Exception):
    """Nothing was imported; `lines` say why, one reason each."""

    def __init__(self, summary: str, lines: Iterable[str]) -> None:
        super().__init__(summary)
        self.lines = list(lines)

    @property
    def shown(self) -> list[str]:
        """The first of many lines, and how many more there are."""
        more = len(self.lines) - _SHOWN
        return [*self.lines[:_SHOWN], *([f"… and {more} more"] if more > 0 else [])]


async def export_record(database: Database, folder: Path) -> WholeRecord:
    """Write the whole record into `folder`, made if it is missing. Raises OSError."""
    whole = await database.read(held)
    _write(folder, to_files(whole))
    return whole


async def import_record(
    database: Database, folder: Path, clock: Clock, *, replace: bool
) -> tuple[WholeRecord, list[str]]:
    """Make what `folder` holds the whole record; return it with what is worth a note.

    Raises ImportRefused with every fault at once, or with what would be replaced unless `replace`.
    """
    files = _read(folder)
    try:
        whole = from_files(files)
    except Faults as faults:
        raise ImportRefused(f"{folder} cannot be imported.", faults.lines) from None
    ours = same(whole.shipped, shipped_record())
    now = clock.now()

    def work(tx: Tx) -> None:
        lost = replaced(held(tx), whole)
        if lost and not replace:
            raise ImportRefused(
                "The database holds what this import would replace. "
                "Look it over; --replace lets it.",
                lost,
            )
        make_shipped(tx, whole.shipped, now)
        spaces = (
            (tx.spaces.ensure(SpaceRef.parse(one.space), now), one) for one in whole.communities
        )
        tx.proposals.restore(
            (space, proposal) for space, one in spaces for proposal in one.proposals
        )
        tx.marks.put(IMPORTED, "" if ours else now.isoformat())

    await database.write(work)
    return whole, [*_notes(files, whole, ours=ours)]


def held(tx: Tx) -> WholeRecord:
    """Return the whole record as the database holds it."""
    record = tx.record.load()
    return WholeRecord(
        companies=record.companies,
        bills=record.bills,
        coalitions=record.coalitions,
        communities=tuple(
            Community(space=str(ref), proposals=tuple(proposals))
            for ref, proposals in tx.proposals.everyones()
        ),
    )


def to_files(whole: WholeRecord) -> dict[str, bytes]:
    """Return the content of each file by name. The same record gives the same bytes."""
    plain = make_converter().unstructure(whole)
    document = json.dumps({"format": FORMAT, **plain}, ensure_ascii=False, indent=1, sort_keys=True)
    width = max(map(len, TABLES.values()))
    listed = [f"- {file:<{width}}  {_first_line(shape)}" for shape, file in TABLES.items()]
    tables = to_tables(plain, WholeRecord)
    return {
        JSON_FILE: f"{document}\n".encode(),
        README_FILE: _ABOUT.format(tables="\n".join(listed)).encode(),
        **{name: text.encode("utf-8-sig") for name, text in tables.items()},
    }


def from_files(files: Mapping[str, bytes]) -> WholeRecord:
    """Read the JSON document if it is there, else the tables. Raises Faults with all of them."""
    plain, where = _from_json(files[JSON_FILE]) if JSON_FILE in files else _from_csv(files)
    try:
        whole = structure(make_converter(), plain, WholeRecord)
    except Faults as faults:
        told = (line.partition(": ") for line in faults.lines)
        raise Faults([f"{where(path)}: {reason}" for path, _, reason in told]) from None
    found = check(whole)
    if found:
        raise Faults([f"{where(path)}: {reason}" for path, reason in found])
    return whole


def _from_json(content: bytes) -> tuple[dict[str, Any], Callable[[str], str]]:
    try:
        plain = json.loads(content.decode("utf-8-sig"))
    except ValueError as error:  # neither UTF-8 nor JSON
        raise Faults([f"{JSON_FILE}: {error}"]) from None
    if not isinstance(plain, dict) or plain.pop("format", None) != FORMAT:
        raise Faults([f"{JSON_FILE}: format: this is no record of format {FORMAT}"])
    spots = {id(plain): JSON_FILE}
    for kind, items in plain.items():
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict):
                name = item.get("key", item.get("space"))
                spots[id(item)] = f"{JSON_FILE}: {kind}/{name}"
    return plain, lambda path: locate(plain, spots, path)


def _from_csv(files: Mapping[str, bytes]) -> tuple[dict[str, Any], Callable[[str], str]]:
    texts, faults = {}, []
    for name, content in files.items():
        try:
            texts[name] = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            faults.append(f"{name}: {error}")
    if faults:
        raise Faults(faults)
    return from_tables(texts, WholeRecord)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _read(folder: Path) -> dict[str, bytes]:
    """The files of an export that are there."""
    names = [JSON_FILE, *TABLES.values()]
    try:
        files = {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}
    except OSError as error:
        raise ImportRefused(f"{folder} cannot be read.", [str(error)]) from None
    if not files:
        raise ImportRefused(
            f"{folder} holds no export.", [f"neither {JSON_FILE} nor tables such as {names[1]}"]
        )
    return files


def _notes(files: Mapping[str, bytes], whole: WholeRecord, *, ours: bool) -> Iterable[str]:
    written = to_files(whole)
    if JSON_FILE in files and any(
        files[name] != written[name] for name in files.keys() - {JSON_FILE}
    ):
        yield f"The tables say something else than {JSON_FILE}, which was read; they were not."
    if not ours:
        yield (
            "This is not the record that this version ships. It stays, also at the next start, "
            "until `pledgewatch sync records` brings that one."
        )


def _first_line(shape: type) -> str:
    return (shape.__doc__ or "").partition("\n")[0]
