"""From the fields that the gate reads to entries, a column at a time. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import chain, compress
from operator import not_
from typing import NamedTuple

from feeds.dates import moment
from feeds.markup import Unplain

# Letters encoded twice, and Windows' quotation marks taken for control characters.
_TWICE = re.compile("[\xc2-\xf4][\x80-\xbf]")
_CONTROLS = re.compile("[\x80-\x9f]")
_REFERENCE = re.compile(r"&\w+;")
_WHOLE_OR_NONE = re.compile("https?://|$")


class RawEntries(NamedTuple):
    """The items of a document as it has them: a column for each thing, empty where one says nothing.

    `permalinks` tells whether a guid is a link too.
    """

    titles: Sequence[str]
    links: Sequence[str]
    guids: Sequence[str]
    permalinks: Sequence[bool]
    summaries: Sequence[str]
    dates: Sequence[datetime | None]


RawEntry = tuple[str, str, str, bool, str, datetime | None]
"""One item, in the order of those columns."""


def in_columns(rows: Sequence[RawEntry]) -> RawEntries:
    """Return items as columns."""
    return RawEntries(*zip(*rows, strict=True)) if rows else RawEntries((), (), (), (), (), ())


def finished(
    fields: Sequence[Sequence[str]], *, based: bool, titled_within: bool, doubtful: bool
) -> RawEntries:
    """Return the entries that their fields make, column by column. Raises Unplain.

    `based` tells that some element has a base for its links, `titled_within` that some entry has a
    title in another element, and `doubtful` that letters may have been misread.
    """
    if not fields[0]:
        return in_columns([])
    links, guids, names, published, updated, *texts = map(_stripped, fields)
    titles, summaries, bodies, other_summaries, other_titles = texts
    summaries = _first_told(_first_told(summaries, bodies), other_summaries)
    whens = _first_told(published, updated)
    dates = [moment(when) if when else None for when in whens]
    if "<" in "".join(chain(links, guids, names, whens)):
        raise Unplain("markup in a field")
    if any(guids) and any(compress(guids, names)):
        raise Unplain("said twice")
    if None in dates and any(compress(whens, map(not_, dates))):
        raise Unplain("a date in other words")
    if not all(titles) and (titled_within or any(compress(other_titles, map(not_, titles)))):
        raise Unplain("a title elsewhere")
    if based and not all(map(_WHOLE_OR_NONE.match, links)):
        raise Unplain("a relative link")
    if "&" in "".join(links) and any(map(_REFERENCE.search, links)):
        raise Unplain("a link escaped twice")
    guids = _first_told(guids, names)
    if doubtful and any(map(_misread, chain(titles, links, guids, summaries))):
        raise Unplain("letters misread before")
    return RawEntries(titles, links, guids, [not name for name in names], summaries, dates)


def _stripped(column: Sequence[str]) -> Sequence[str]:
    return list(map(str.strip, column)) if any(column) else column


def _first_told(column: Sequence[str], other: Sequence[str]) -> Sequence[str]:
    """Return a column with another's texts where it has none."""
    return column if all(column) else [one or two for one, two in zip(column, other, strict=True)]


def _misread(text: str) -> bool:
    """Whether a text was decoded wrongly before it came into the feed, as feedparser can mend."""
    if text.isascii():
        return False
    if _CONTROLS.search(text):
        return True
    try:
        return bool(_TWICE.search(text) and text.encode("latin-1").decode())
    except UnicodeError:
        return False
