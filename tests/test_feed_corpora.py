"""The corpora of feedparser and of the feed validator: what both of our ways can read is the same.

The corpora are other people's work and lie beside the checkout; without them nothing is tested.
"""

import asyncio
import tarfile
from pathlib import Path

import pytest

from domain.entries import Feed
from feeds.documents import to_utf8
from feeds.markup import Unplain
from feeds.parse import (
    NotAFeed,
    Parser,
    _finished,
    _read_simple,
    _read_tolerantly,
    prepare,
)

SHARED = Path(__file__).parents[2] / "shared" / "data" / "feeds"
URL = "https://news.example/feeds/all.xml"
TYPE = "application/xml"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the sample data is not there"),
]

# Where the ways differ, and why that is right or does not matter.
DIFFERENCES = {
    "atom/4.2.7.2/empty-path.xml": "an empty address is none; feedparser makes it the feed's",
    "rss/must/rdf_Description.xml": "somebody described beside the feed does not give it its title",
    "rss/must/rss10_rdfDescription.xml": "somebody described beside it does not give it its title",
    "rss/must/valid_dc_all.xml": "the feed's own title counts before its translations",
    "rss/must/rss10_invalid_namespace2.xml": "an RDF channel without a namespace is one to us",
}
FEWEST_PLAIN = 3000  # files that the gate reads; less means that it has become shy


@pytest.fixture(scope="module")
def corpus() -> dict[str, bytes]:
    """Every file of the corpora, by its path."""
    contents = {}
    for archive in sorted(SHARED.glob("*.tar.gz")):
        with tarfile.open(archive) as packed:
            for member in packed:
                file = packed.extractfile(member)
                if file is not None:
                    contents[member.name] = file.read()
    return contents


async def test_every_file_is_read_or_refused(corpus: dict[str, bytes]) -> None:
    parser = Parser(workers=2, timeout=10)
    free = asyncio.Semaphore(4)

    async def is_feed(body: bytes) -> bool:
        async with free:
            try:
                await parser.parse(body, content_type=TYPE, url=URL)
            except NotAFeed:
                return False
        return True

    try:
        told = await asyncio.gather(*map(is_feed, corpus.values()))
    finally:
        await parser.close()
    assert len(told) > 4000
    assert sum(told) > 3800


def test_what_the_gate_reads_feedparser_reads_alike(corpus: dict[str, bytes]) -> None:
    prepare()
    plain, different = 0, set()
    for name, body in corpus.items():
        document = to_utf8(body, TYPE)
        try:
            here = _finished(_read_simple(document), URL)
        except (NotAFeed, Unplain):
            continue
        if name.endswith(".json"):
            continue
        plain += 1
        if here != tolerantly(document):
            different.add(name.partition("/testcases/")[2])
    assert plain > FEWEST_PLAIN
    assert different == DIFFERENCES.keys()


def tolerantly(document: bytes) -> Feed | None:
    try:
        return _finished(_read_tolerantly(document, URL, ""), URL)
    except NotAFeed:
        return None
