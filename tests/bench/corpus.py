"""Synthetic feeds for the bench: well formed, and damaged in the ways real feeds are."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

FEEDS = 1000
ENTRIES = 30
TERMS = 1000
_WORDS = [
    "city",
    "council",
    "police",
    "budget",
    "vote",
    "report",
    "software",
    "camera",
    "contract",
    "company",
    "market",
    "school",
    "river",
    "bridge",
    "plan",
    "review",
    "study",
    "court",
    "judge",
    "federal",
    "state",
    "data",
    "privacy",
    "public",
    "meeting",
    "hearing",
    "election",
    "housing",
    "water",
    "energy",
    "climate",
    "health",
    "hospital",
    "worker",
    "union",
    "strike",
    "bank",
    "season",
    "player",
    "coach",
    "match",
    "film",
    "music",
    "festival",
    "museum",
    "artist",
    "recipe",
    "garden",
    "travel",
    "train",
    "committee",
    "amendment",
    "sponsor",
    "agency",
    "audit",
    "records",
    "request",
    "officer",
    "station",
    "network",
    "sensor",
]
_START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=30)  # noqa: TID251


def terms() -> list[str]:
    """1,000 watch terms, two words each; some forty of them occur in the feeds."""
    return [f"Synthetic{number} Systems" for number in range(TERMS)]


def feed(number: int, changed: int, *, damaged: bool) -> bytes:
    """RSS of a feed: 30 entries, of which the newest `changed` are of a second edition."""
    rng = random.Random(number)
    items = [_item(rng, number, place, second=place < changed) for place in range(ENTRIES)]
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>Synthetic outlet {number}</title><link>https://outlet{number}.example/</link>"
        "<description>Made up for a bench</description><language>en-us</language>"
    )
    body = f"{head}{''.join(items)}</channel></rss>"
    return _DAMAGES[number // 10 % len(_DAMAGES)](body) if damaged else body.encode()


def empty(number: int) -> bytes:
    """The same feed before it has published anything."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>Synthetic outlet {number}</title><link>https://outlet{number}.example/</link>"
        "<description>Made up for a bench</description></channel></rss>"
    ).encode()


def is_damaged(number: int) -> bool:
    """Whether a feed is of the damaged tenth, where there is one."""
    return number % 10 == 0


def _item(rng: random.Random, number: int, place: int, *, second: bool) -> str:
    edition = "b" if second else "a"
    title = " ".join(rng.choices(_WORDS, k=rng.randint(7, 12))).capitalize()
    if (number * ENTRIES + place) % 40 == 0:
        title = f"Synthetic{rng.randrange(TERMS)} Systems: {title}"
    title = f"{title} {number * 100 + place}{edition}"
    sentences = [" ".join(rng.choices(_WORDS, k=14)).capitalize() + "." for _ in range(2)]
    text = f"<p>{sentences[0]} It’s “{sentences[1]}”</p><p>Read on &amp; share</p>"
    link = f"https://outlet{number}.example/2026/{place}-{edition}"
    at = _START + timedelta(minutes=place * 37 + number % 30, hours=1 if second else 0)
    return (
        f"<item><title>{escape(title)}</title><link>{link}</link>"
        f'<guid isPermaLink="false">{number}-{place}-{edition}</guid>'
        f"<dc:creator>Staff</dc:creator><category>news</category>"
        f"<description>{escape(text)}</description>"
        f"<pubDate>{format_datetime(at, usegmt=True)}</pubDate></item>\n"
    )


def _ampersand(body: str) -> bytes:
    return body.replace(" council ", " AT&T council ").encode()


def _entity(body: str) -> bytes:
    return body.replace("<title>", "<title>&nbsp;", 5).encode()


def _encoding(body: str) -> bytes:
    return (
        body.replace("’", "'")
        .replace("“", '"')
        .replace("”", '"')
        .replace(" river ", " café ")
        .encode("latin-1")
    )


def _markup_in_title(body: str) -> bytes:
    return body.replace("<item><title>", "<item><title><b>New</b> ").encode()


def _control_character(body: str) -> bytes:
    return body.replace(" bridge ", " \x0b ").encode()


def _unclosed(body: str) -> bytes:
    return body.replace(" bridge ", " bridge<br> ").encode()


def _document_type(body: str) -> bytes:
    """What RSS 0.91 asked for: entities of a document type that is elsewhere."""
    return body.replace(
        "<rss",
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd">\n<rss',
        1,
    ).encode()


_DAMAGES: tuple[Callable[[str], bytes], ...] = (
    _ampersand,
    _entity,
    _encoding,
    _markup_in_title,
    _control_character,
    _unclosed,
    _document_type,
)
