"""The Federal Register: rules, proposed rules and notices of the federal agencies, without a key.

Contract: https://www.federalregister.gov/developers/documentation/api/v1. These are no bills: a
proposed rule has no sponsors and no chambers, but a day until which the public may comment.
"""

from dataclasses import dataclass
from datetime import date

from feeds.legislatures.reading import LONG, Node
from feeds.legislatures.service import Service

_PAGE = 100
_MOST = 1000
_FIELDS = [
    "abstract", "agencies", "comments_close_on", "document_number", "effective_on", "html_url",
    "publication_date", "title", "type",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDocument:
    """A document of the Register. `comments_until` is the last day of public comment."""

    number: str
    kind: str
    title: str
    published_on: date
    url: str
    abstract: str = ""
    agencies: tuple[str, ...] = ()
    comments_until: date | None = None
    effective_on: date | None = None


class FederalRegister:
    """Asks the Register. Every call raises LegislatureError and nothing else."""

    name = "federal_register"

    def __init__(self, service: Service) -> None:
        self._service = service

    async def documents(self, term: str, since: date) -> tuple[RegisterDocument, ...]:
        """Return the newest documents about `term` published from `since` on; one page of 100."""
        answer = await self._service.json(
            "documents.json",
            {
                "conditions[term]": term,
                "conditions[publication_date][gte]": since.isoformat(),
                "order": "newest",
                "per_page": _PAGE,
                "fields[]": _FIELDS,
            },
        )
        found = [_document(one) for one in answer.get("results").items(_MOST)]
        return tuple(one for one in found if one.published_on >= since)


def _document(node: Node) -> RegisterDocument:
    agencies = [
        one.get("name").text() or one.get("raw_name").text()
        for one in node.get("agencies").items(_MOST)
    ]
    return RegisterDocument(
        number=node.get("document_number").needed(),
        kind=node.get("type").text(),
        title=node.get("title").needed(LONG),
        published_on=node.get("publication_date").needed_day(),
        url=node.get("html_url").url(),
        abstract=node.get("abstract").text(LONG),
        agencies=tuple(filter(None, agencies)),
        comments_until=node.get("comments_close_on").day(),
        effective_on=node.get("effective_on").day(),
    )
