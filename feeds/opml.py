"""Lists of feeds as OPML 2.0, in and out."""

from collections.abc import Callable, Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring
from xml.parsers import expat

_MOST = 2000
_LARGEST = 5 * 1024**2


class OpmlError(Exception):
    """What was given is no usable OPML; says why."""


def read_opml(document: bytes) -> list[str]:
    """Return the feed addresses in the order they are listed, each once. Raises OpmlError."""
    if len(document) > _LARGEST:
        raise OpmlError("it is larger than 5 MiB")
    found: dict[str, None] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.lower() != "outline":
            return
        for key, url in attributes.items():
            if key.lower() == "xmlurl" and url.strip():
                found[url.strip()] = None

    _parse(document, start)
    if not found:
        raise OpmlError("it lists no feed")
    if len(found) > _MOST:
        raise OpmlError(f"it lists more than {_MOST} feeds")
    return list(found)


def _parse(document: bytes, start: Callable[[str, dict[str, str]], None]) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(document, True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        raise OpmlError(f"it is not well-formed XML: {error}") from None
    except (ValueError, LookupError):  # an encoding that expat leaves to us
        raise OpmlError("its encoding cannot be read; save it as UTF-8") from None


def _refuse(*_: object) -> None:
    raise OpmlError("it defines entities of its own")


def write_opml(feeds: Iterable[tuple[str, str]]) -> str:
    """Return an OPML document that lists feeds by title and address."""
    root = Element("opml", version="2.0")
    SubElement(SubElement(root, "head"), "title").text = "Feeds followed by Pledgewatch"
    body = SubElement(root, "body")
    for title, url in feeds:
        SubElement(body, "outline", type="rss", text=title or url, title=title or url, xmlUrl=url)
    indent(root)
    written = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'
