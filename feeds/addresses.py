"""What may be fetched, and what an address is called.

Addresses come from strangers. `AddressPolicy` judges one twice: as it is written (`check_url`) and
as the socket address that is really connected to (`check_ip`), because only the second sees through
names, redirects and DNS that changes its mind. The rest gives sources and links the one spelling
they are compared in. Pure, and total for any string but for the policy's RefusedAddress.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_network,
)
from itertools import repeat

from yarl import URL

from domain.errors import RefusedAddress
from domain.text import clean

_LONGEST = 2048
_PORTS = frozenset({80, 443, 8080, 8443})

# Why each range is closed. The registries are IANA's for special purposes (RFC 6890); several of
# these pass for global in `ipaddress`, more of them in older versions of Python.
_CLOSED = tuple(
    (ip_network(written), reason)
    for written, reason in (
        ("0.0.0.0/8", "this machine itself"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "the inside of a carrier or cloud"),
        ("127.0.0.0/8", "this machine itself"),
        ("168.63.129.16/32", "the inside of a cloud"),  # Azure's own services
        ("169.254.0.0/16", "a single link, where clouds keep their credentials"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "a range kept for protocols"),  # 192.0.0.192: Oracle's credentials
        ("192.0.2.0/24", "a range kept for documentation"),
        ("192.88.99.0/24", "a tunnel (6to4)"),
        ("192.168.0.0/16", "a private network"),
        ("198.18.0.0/15", "a range kept for benchmarks"),
        ("198.51.100.0/24", "a range kept for documentation"),
        ("203.0.113.0/24", "a range kept for documentation"),
        ("224.0.0.0/4", "a group of machines (multicast)"),
        ("240.0.0.0/4", "a reserved range"),
        ("::/127", "this machine itself"),
        ("::/96", "an IPv4 address in disguise"),
        ("::ffff:0:0:0/96", "an IPv4 address in disguise"),
        ("64:ff9b:1::/48", "an IPv4 address in disguise"),  # a network's own NAT64
        ("100::/64", "a range that discards what it gets"),
        ("2001::/32", "a tunnel (Teredo)"),
        ("2001::/23", "a range kept for protocols"),
        ("2001:db8::/32", "a range kept for documentation"),
        ("2002::/16", "a tunnel (6to4)"),
        ("3fff::/20", "a range kept for documentation"),
        ("5f00::/16", "the inside of a network (segment routing)"),
        ("fc00::/7", "a private network"),  # fd00:ec2::254: Amazon's credentials
        ("fe80::/10", "a single link"),
        ("fec0::/10", "a private network"),
        ("ff00::/8", "a group of machines (multicast)"),
    )
)
_IN_USE = IPv6Network("2000::/3")  # all of IPv6 that is given out to the public
_NAT64 = IPv6Network("64:ff9b::/96")  # how networks without IPv4 reach it
_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))

# Names that mean something else in every network; a name of a single label is one too.
_LOCAL_NAMES = (
    ".consul", ".corp", ".home", ".home.arpa", ".internal", ".intranet", ".lan", ".local",
    ".localdomain", ".localhost", ".private", ".svc",
)  # fmt: skip

_BEGINS = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """Which addresses may be fetched: the public web, and what the operator opened besides.

    The rules a RefusedAddress names: `too-long`, `control-characters`, `not-http`, `no-host`,
    `credentials`, `malformed`, `bad-host`, `local-name`, `private-address`, `port`; the client
    adds `too-many-redirects`.
    """

    allow_private: tuple[IPv4Network | IPv6Network, ...] = ()

    def check_url(self, url: str) -> URL:
        """Return the address to ask, its host spelled plainly. Raises RefusedAddress.

        What a name leads to is not known yet: while some private range is open, names that are
        local or have an unusual port pass here, and `check_ip` decides.
        """
        _check_text(url)
        try:
            parsed = URL(url)
            port = parsed.port
        except (ValueError, IndexError):  # the second is yarl's slip on "http://[]@/"
            raise RefusedAddress("malformed", "it cannot be read as a web address") from None
        host = (parsed.raw_host or "").removesuffix(".")
        literal = _literal(host)
        if literal is None:
            self._check_name(host, port or 0)
        else:
            self.check_ip(literal, port or 0)
            host = str(literal)
        if host != parsed.raw_host:
            parsed = parsed.with_host(host)
        return parsed.with_fragment(None)

    def check_ip(self, ip: IPv4Address | IPv6Address, port: int) -> None:
        """Judge the address a socket would connect to. Raises RefusedAddress.

        The address is not repeated in the refusal: it may be what a name inside means.
        """
        real = _unwrapped(ip)
        if port and any(real in network for network in self.allow_private):
            return
        for network, reason in _CLOSED:
            if real in network:
                raise RefusedAddress("private-address", f"it leads to {reason}")
        if not real.is_global or (real.version == 6 and real not in _IN_USE):  # noqa: PLR2004
            raise RefusedAddress("private-address", "it leads outside the public internet")
        _check_port(port)

    def _check_name(self, host: str, port: int) -> None:
        if not _NAME.fullmatch(host):
            raise RefusedAddress("bad-host", "its host is no valid name")
        if ("." not in host or f".{host}".endswith(_LOCAL_NAMES)) and not self._may_be_local(host):
            raise RefusedAddress(
                "local-name", "its host is a name that only means something inside a network"
            )
        if not port or not self.allow_private:
            _check_port(port)

    def _may_be_local(self, host: str) -> bool:
        if f".{host}".endswith(".localhost"):
            return any(
                isinstance(allowed, type(loop)) and allowed.overlaps(loop)
                for allowed in self.allow_private
                for loop in _LOOPBACK
            )
        return bool(self.allow_private)


def _check_text(url: str) -> None:
    if len(url) > _LONGEST:
        raise RefusedAddress("too-long", f"it is longer than {_LONGEST} characters")
    if _CONTROLS.search(url):
        raise RefusedAddress("control-characters", "it has control characters in it")
    begins = _BEGINS.match(url)
    if not begins:
        raise RefusedAddress("not-http", "it does not begin with http:// or https://")
    if "@" in begins[1]:
        raise RefusedAddress("credentials", "it has a user name or password in front of its host")
    if not begins[1] or begins[1].startswith(":"):
        raise RefusedAddress("no-host", "it names no host")


def _check_port(port: int) -> None:
    if port not in _PORTS:
        raise RefusedAddress(
            "port", f"it names port {port}, and only 80, 443, 8080 and 8443 may be asked"
        )


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address a host is by itself, in any form that some resolver takes, or None."""
    try:
        if ":" in host:
            address = IPv6Address(host)
            if address.scope_id:
                raise RefusedAddress("bad-host", "its host names a network interface")
            return address
        parts = host.split(".")
        if not _NUMBER.fullmatch(parts[-1]):
            return None
        return _from_numbers(parts)
    except (ValueError, OverflowError):
        raise RefusedAddress("bad-host", "its host is no valid IP address") from None


def _from_numbers(parts: list[str]) -> IPv4Address:
    """Read one to four numbers, decimal, octal or hexadecimal; the last fills what is left."""
    if not all(map(_NUMBER.fullmatch, parts)):
        raise ValueError(parts)
    *first, last = (
        int(part, 16 if "x" in part else 8 if part.startswith("0") else 10) for part in parts
    )
    packed = bytes(first) + last.to_bytes(max(1, 4 - len(first)), "big")
    return IPv4Address(packed)


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 one stands for where packets go to it unchanged."""
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            return ip.ipv4_mapped
        if ip in _NAT64:
            return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip


def source_key(url: str) -> str:
    """Return the identity of a feed address: one for every spelling of it, http or https."""
    scheme, mark, rest = url.partition("://")
    scheme = scheme.lower()
    if not mark or scheme not in {"http", "https"}:
        scheme, rest = "", url
    try:
        parsed = URL(f"http://{rest}")
        host, port = parsed.host_subcomponent, parsed.explicit_port
    except (ValueError, IndexError):
        return url
    host = (host or "").lower().rstrip(".")  # yarl's way out for odd names leaves capitals
    if not host:
        return url
    if port is not None and (scheme, port) not in {("http", 80), ("https", 443)}:
        host = f"{host}:{port}"
    return f"{host}{parsed.raw_path_qs}"


# Parameters that open what is closed to others, once case and punctuation are gone.
_SECRET_NAMES = frozenset({
    "auth", "bearer", "credentials", "hmac", "jsessionid", "jwt", "pass", "passphrase",
    "phpsessid", "private", "pwd", "sessionid", "sig",
})  # fmt: skip
_SECRET_ENDS = ("auth", "credential", "key", "passwd", "password", "secret", "signature", "token")
_PUNCTUATION = re.compile(r"%[0-9a-f]{2}|[^a-z0-9]")
# A long digest, or the login of an address that was written oddly or inside another.
_TELLING = re.compile(r"[0-9a-f]{32}|:[^@]*@", re.IGNORECASE)
_OPAQUE = re.compile(r"(?=.*[0-9])(?=.*[a-z]).{8}", re.IGNORECASE)
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)


def has_credentials(url: str) -> bool:
    """Whether an address carries what looks like a secret, so that it is its owner's alone."""
    return _veiled(url)[1]


def display_url(url: str) -> str:
    """Return an address for people and logs: secrets as `…`, no userinfo, no fragment."""
    return clean(_veiled(url)[0], _LONGEST)


def _veiled(url: str) -> tuple[str, bool]:
    """Return the address without what is secret in it, and whether there was anything."""
    where, asks, query = url.partition("#")[0].partition("?")
    scheme = _SCHEME.match(where)
    start = scheme.end() if scheme else 0
    authority, slash, path = where[start:].partition("/")
    _, login, host = authority.rpartition("@")
    shown_path, shown_query = _veil(path, "/"), _veil(query, "&")
    secret = bool(login) or shown_path != path or shown_query != query
    return f"{where[:start]}{host}{slash}{shown_path}{asks}{shown_query}", secret


def _veil(text: str, separator: str) -> str:
    shown = []
    before = ""
    for piece in text.split(separator):
        name, equals, value = piece.partition("=")
        if equals and value and (_opens(name) or _tells(name, value)):
            shown.append(f"{name}=…")
        elif not equals and (_TELLING.search(piece) or (_opens(before) and _OPAQUE.match(piece))):
            shown.append("…")
        else:
            shown.append(piece)
        before = piece
    return separator.join(shown)


def _opens(name: str) -> bool:
    bare = _PUNCTUATION.sub("", name.lower())
    return bare in _SECRET_NAMES or bare.endswith(_SECRET_ENDS)


def _tells(name: str, value: str) -> bool:
    """Whether a value is telling by itself; what is named `id` or `playlist_id` says but which."""
    return bool(_TELLING.search(value)) and not name.lower().endswith("id")


# Parameters that tell how a reader came to an article and never which article it is.
_TRACKING = frozenset({
    "__source", "__twitter_impression", "_ga", "_gl", "_hsenc", "_hsmi", "amp", "at_campaign",
    "at_medium", "bxid", "cmp", "cmpid", "cndid", "dclid", "emc", "esrc", "fbclid", "feedname",
    "feedtype", "ftag", "ftcamp", "gbraid", "gclid", "gclsrc", "guccounter", "guce_referrer",
    "guce_referrer_sig", "igsh", "igshid", "ito", "li_fat_id", "mbid", "mc_cid", "mc_eid",
    "mkt_tok", "msclkid", "ncid", "ocid", "outputtype", "recip_id", "ref", "ref_src", "ref_url",
    "refsrc", "s_cid", "smid", "smtyp", "soc_src", "soc_trk", "spm", "sr_share", "sref", "taid",
    "tsrc", "ttclid", "twclid", "vero_id", "wbraid", "wt.mc_id", "wt_mc", "xtor", "yclid",
})  # fmt: skip
_TRACKING_BEGINS = ("utm_", "hsa_", "pk_")
# Parameters that select an article elsewhere: only these values of them are tracking.
_TRACKING_VALUES = {
    name: frozenset({"email", "facebook", "feed", "newsletter", "rss", "rssfeed", "twitter"})
    for name in ("feed", "from", "mod", "partner", "source", "via")
}
_SITE_PREFIXES = ("www.", "m.", "amp.", "mobile.")
_PATH_ENDS = ("/", "/amp", "/index.html", "/index.htm")


# Most links are written plainly, and every entry has one: those take a single step.
_PLAIN = re.compile(
    r"https?://(?:www\.)?((?!www\.|m\.|amp\.|mobile\.)[a-z0-9-]+\.[a-z0-9.-]+/[^?#]*)"
)


def canonical_link(url: str) -> str:
    """Return the identity of an article link: one for every usual way of pointing at it.

    What is no link (it has no host, or a login) is its own identity.
    """
    plain = _PLAIN.fullmatch(url)
    return _without_ends(plain[1]) if plain else _canonical(url)


def canonical_links(urls: Sequence[str]) -> list[str]:
    """Return `canonical_link` of each of a feed's links; plain ones to one site all at once."""
    site = urls[0][: urls[0].find("/", len("https://")) + 1] if urls else ""
    plain = _PLAIN.fullmatch(site)
    lines = "\n" + "\n".join(urls)
    if (
        not plain
        or not lines.count("\n") == lines.count(f"\n{site}") == len(urls)
        or "?" in lines
        or "#" in lines
    ):
        return list(map(canonical_link, urls))
    links = lines.replace(f"\n{site}", f"\n{plain[1]}").split("\n")[1:]
    if any(map(str.endswith, links, repeat(_PATH_ENDS))):
        return list(map(_without_ends, links))
    return links


def _canonical(url: str) -> str:
    where, _, query = url.partition("#")[0].partition("?")
    scheme = where[:8].lower().partition("//")[0]
    if scheme in {"http:", "https:", ""}:
        where = where[len(scheme) :].lstrip("/")
    authority, slash, path = where.partition("/")
    host, _, port = authority.lower().partition(":")
    if not host or "@" in authority:
        return url
    host = _without_prefixes(host)
    if port and (scheme, port) not in {("http:", "80"), ("https:", "443")}:
        host = f"{host}:{port}"
    kept = sorted(filter(_selects, query.split("&"))) if query else ()
    return host + _without_ends(slash + path) + ("?" + "&".join(kept) if kept else "")


def _selects(parameter: str) -> bool:
    """Whether a parameter may say which article is meant."""
    name, _, value = parameter.lower().partition("=")
    return bool(name) and not (
        name in _TRACKING
        or name.startswith(_TRACKING_BEGINS)
        or value in _TRACKING_VALUES.get(name, ())
    )


def _without_prefixes(host: str) -> str:
    while host.startswith(_SITE_PREFIXES):
        site = host.partition(".")[2]
        if "." not in site:  # m.example is a site of its own
            break
        host = site
    return host


def _without_ends(path: str) -> str:
    while path.endswith(_PATH_ENDS):
        path = path[: path.rindex("/")]
    return path
