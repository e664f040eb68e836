"""Documents as they come from strangers' servers: in some encoding, with some faults. Pure."""

import re
from html.entities import name2codepoint

_HEAD = 4096  # bytes in which a document tells its encoding, and in which others' messages end

_DECLARED = re.compile(
    rb"(?:<\?xml\s[^>]{0,100}?encoding|<meta\s[^>]{0,100}?charset)\s*=\s*[\"']?([\w.:-]{1,40})",
    re.IGNORECASE,
)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf)(?=[\s/>])", re.IGNORECASE)
_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_SKIPPED = rb"!(?:\[CDATA\[.*?\]\]>|--.*?-->)"
_CHARACTER = (
    rb"&(?:#(?:[xX](?P<hex>[0-9a-fA-F]{1,20})|(?P<number>[0-9]{1,20}));"
    rb"|(?P<name>[a-zA-Z][a-zA-Z0-9]*);)?"
)
# HTML that is written into texts: nothing that is an element of feeds without a prefix, nor what
# a feed's own elements may be called that have titles or links in them.
_HTML = (
    rb"/?(?P<html>(?i:a(?:bbr)?|b(?:ig|lockquote|r)?|c(?:enter|ode|ol)|d(?:d|el|iv|l|t)|em(?:bed)?"
    rb"|f(?:igcaption|igure|ont)|h[1-6r]|i(?:frame|mg|ns)?|li|nobr|ol|p(?:aram|re)?|q"
    rb"|s(?:mall|pan|trike|trong|ub|up)?|t(?:able|body|d|foot|h|head|r|t)|ul?|wbr))(?=[\s/>])"
    rb"(?:[^<>\"']++|\"[^<\"]*+\"|'[^<']*+')*+>"
)
_FAULT = re.compile(b"<%b|%b" % (_SKIPPED, _CHARACTER), re.DOTALL)
_FAULT_OR_HTML = re.compile(b"<(?:%b|%b)|%b" % (_SKIPPED, _HTML, _CHARACTER), re.DOTALL)
_XHTML = b"http://www.w3.org/1999/xhtml"
_SPACED = re.compile(rb"<[\w.-]++[:\s][^<>]*+")  # tags that may have prefixes in them
_PREFIX = re.compile(rb"[<\s]([a-zA-Z_][\w.-]*+):\w")
_DECLARATION = re.compile(rb"xmlns:([\w.-]++)\s*+=")
_PREFIXES = 30  # no more are declared
# What feedparser takes these prefixes for if they are not declared; see feeds.gate.
_SPACES = {
    b"content": b"http://purl.org/rss/1.0/modules/content/",
    b"dc": b"http://purl.org/dc/elements/1.1/",
    b"dcterms": b"http://purl.org/dc/terms/",
    b"itunes": b"http://www.itunes.com/dtds/podcast-1.0.dtd",
    b"media": b"http://search.yahoo.com/mrss/",
    b"rdf": b"http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    b"xhtml": _XHTML,
}
_XML_NAMES = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
_CONTROLS = bytes(point for point in range(0x20) if point not in b"\t\n\r")

# Encodings that feeds are really in, by their names on the web. Python knows more, and some of
# them (utf-7, unicode_escape) turn harmless text into markup. ISO 8859-1 means Windows-1252 there.
_CODECS = {
    **dict.fromkeys(("ascii", "us-ascii", "latin1", "iso-8859-1", "iso8859-1"), "cp1252"),
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in (*range(2, 12), *range(13, 17))},
    **{f"{name}125{page}": f"cp125{page}" for name in ("windows-", "cp") for page in range(9)},
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **{name: name for name in ("utf-16", "utf-16le", "utf-16be", "koi8-r", "koi8-u")},
}
_EASTERN_CODECS = {
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "gb18030", "euc-cn"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "windows-949", "cp949"), "cp949"),
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp",
}  # fmt: skip
# Encodings of two and four bytes a letter show in the first ones, declared or not.
_WIDE = (
    (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
    (b"<\0\0\0", "utf-32le"), (b"\0\0\0<", "utf-32be"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16le"), (b"\0<", "utf-16be"),
)  # fmt: skip


def to_utf8(body: bytes, content_type: str, *, check: bool = True) -> bytes:
    """Return a document in UTF-8 without what stands before it, whatever it declares itself to be.

    What can be UTF-8 is: servers and templates declare wrongly, and other text hardly ever
    passes for it. Only of the East Asian encodings is the declaration taken first. With `check` off
    it may turn out not to be UTF-8 after all, for who reads it would notice.
    """
    if body.startswith(b"\xef\xbb\xbf"):
        body = body[3:]
    for beginning, codec in _WIDE:
        if body.startswith(beginning):
            return _recoded(body, codec)
    told, declared = _CHARSET.search(content_type), _DECLARED.search(body[:_HEAD])
    labels = [told[1].lower()] if told else []
    labels += [declared[1].decode().lower()] if declared else []
    eastern = (_EASTERN_CODECS[label] for label in reversed(labels) if label in _EASTERN_CODECS)
    others = (_CODECS[label] for label in labels if label in _CODECS)
    for codec in (*eastern, "utf-8", *others, "cp1252"):
        if codec == "utf-8" and not check:
            return body.lstrip()
        try:
            text = body.decode(codec)
        except UnicodeError:
            continue
        return (body if codec == "utf-8" else text.encode("utf-8", "replace")).lstrip()
    return _recoded(body, "cp1252")


def _recoded(body: bytes, codec: str) -> bytes:
    return body.decode(codec, "replace").encode("utf-8", "replace").lstrip()


def mended(document: bytes) -> bytes:
    """Return a document without the commonest faults of templates.

    Messages before it, control characters, ampersands, entities and references that XML does not
    know, prefixes that are not declared, and HTML that is neither escaped nor closed. feedparser
    overlooks these too, but makes “AT&T;” of “AT&T”.
    """
    before, begun, _ = document[:_HEAD].partition(b"<?xml")
    if begun and not _ROOT.search(before):
        document = document[len(before) :]
    document = document.translate(None, _CONTROLS)
    if b"<!ENTITY" in document[:_HEAD]:
        return document
    if not _ENTRY.search(document):  # HTML may be an error message in place of entries
        return _FAULT.sub(_mend, document)
    # Who knows XHTML closes what he opens, and may declare prefixes there.
    fault = _FAULT if _XHTML in document else _FAULT_OR_HTML
    return _declared(fault.sub(_mend, document))


def _declared(document: bytes) -> bytes:
    """Return a document that declares its prefixes; those of no known meaning as something."""
    tags = b"".join(_SPACED.findall(document))
    declared = {b"xml", b"xmlns", *_DECLARATION.findall(tags)}
    missing = sorted(set(_PREFIX.findall(tags)) - declared)
    root = _ROOT.search(document)
    if root is None or not missing or len(missing) > _PREFIXES:
        return document
    spaces = b"".join(
        b' xmlns:%b="%b"' % (prefix, _SPACES.get(prefix.lower(), b"urn:prefix:" + prefix))
        for prefix in missing
    )
    return document[: root.end()] + spaces + document[root.end() :]


def mends_fast(document: bytes) -> bool:
    """Whether mending takes time in proportion: each section and comment that begins there ends."""
    return document.rfind(b"<![CDATA[") <= document.rfind(b"]]>") and (
        document.rfind(b"<!--") <= document.rfind(b"-->")
    )


def _mend(found: re.Match[bytes]) -> bytes:
    """Return what may stand in place of what was found.

    Each tag of HTML becomes an empty element, which parts words like the tag itself. Escaped it
    would not do: where feedparser finds a tag, it takes what is escaped around it for text.
    """
    if found.lastgroup == "html":
        return b"<%b/>" % found["html"].lower()
    written, digits, number, name = found.group(0, "hex", "number", "name")
    if name:
        if name in _XML_NAMES:
            return written
        point = name2codepoint.get(name.decode(), 0)
        return b"&#%d;" % point if point else b"&amp;%b;" % name
    if digits or number:
        point = int(digits, 16) if digits else int(number)
        return written if _exists(point) else b""
    return b"&amp;" if written == b"&" else written


def _exists(point: int) -> bool:
    """Whether XML allows the character."""
    return point in {9, 10, 13} or 0x20 <= point < 0xD800 or 0xDFFF < point < 0x110000  # noqa: PLR2004
