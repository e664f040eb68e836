"""Near names, for “did you mean”."""

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.fuzz import WRatio
from rapidfuzz.utils import default_process

_LIKELY = 72.0


def nearest(asked: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """Return the names most like what was asked, best first; none if none is likely meant."""
    found = process.extract(
        asked,
        list(dict.fromkeys(names)),
        scorer=WRatio,
        processor=default_process,
        limit=limit,
        score_cutoff=_LIKELY,
    )
    return [name for name, _, _ in found]
