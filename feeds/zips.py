"""ZIP codes: which House districts each one's area reaches into.

The table is shipped (see its head for the source), because no public service answers this without
an address. It knows one Congress's lines only; for another it answers nothing.
"""

from functools import cache
from importlib.resources import files

from domain.divisions import house_division

_HEAD = "lines: "


def zip_areas(code: str, lines: int) -> tuple[str, ...]:
    """Return the House divisions that a ZIP code of five digits reaches into, in order.

    Empty where the table has no such area, or is of another Congress's `lines`.
    """
    table_lines, table = _table()
    return table.get(code, ()) if lines == table_lines else ()


@cache
def _table() -> tuple[int, dict[str, tuple[str, ...]]]:
    """The Congress whose lines the table has, and the table; read once, at the first question."""
    lines, table = 0, {}
    for row in files("feeds").joinpath("zip_districts.txt").read_text("utf-8").splitlines():
        if row.startswith(_HEAD):
            lines = int(row.removeprefix(_HEAD))
        elif not row.startswith("#"):
            districts, _, codes = row.partition(":")
            reached = tuple(_division(one) for one in districts.split())
            table.update(dict.fromkeys(codes.split(), reached))
    return lines, table


def _division(written: str) -> str:
    state, _, district = written.partition("-")
    return house_division(state, district)
