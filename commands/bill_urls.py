"""Addresses of bills at legislatures and trackers, read as what a person would type. Pure.

https://www.congress.gov/bill/117th-congress/house-bill/21          us 117 HR 21
https://legiscan.com/CA/bill/AB2261/2019                            ca 2019 AB2261
https://openstates.org/ca/bills/20192020/AB2261/                    ca 2019-2020 AB2261
https://app.leg.wa.gov/billsummary?BillNumber=6280&Year=2019        wa 2019 SB 6280
"""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

_LONGEST = 500
_CONGRESS = {
    "house-bill": "HR", "senate-bill": "S", "house-resolution": "HRES",
    "senate-resolution": "SRES", "house-joint-resolution": "HJRES",
    "senate-joint-resolution": "SJRES", "house-concurrent-resolution": "HCONRES",
    "senate-concurrent-resolution": "SCONRES",
}  # fmt: skip
_CONGRESS_PATH = re.compile(r"/bill/(\d{1,3})(?:st|nd|rd|th)-congress/([a-z-]+)/(\d{1,5})\b")
_GOVINFO_PATH = re.compile(r"BILL(?:S|STATUS)-(\d{2,3})(hr|s|[hs]jres|[hs]conres|[hs]res)(\d{1,5})")
_GOVTRACK_PATH = re.compile(r"/congress/bills/(\d{1,3})/([a-z]{1,7}?)(\d{1,5})\b")
_LEGISCAN_PATH = re.compile(r"/([A-Z]{2})/(?:bill|text|votes|research)/([A-Z]{1,5}\d{1,5})/(\d{4})")
_OPENSTATES_PATH = re.compile(r"/([a-z]{2})/bills/([^/]{2,40})/([A-Za-z]{1,7}\d{1,5})\b")
_CALIFORNIA_ID = re.compile(r"(\d{4})(\d{4})\d([A-Z]{1,4})(\d{1,5})")
_NEW_YORK_PATH = re.compile(r"/legislation/bills/(\d{4})/([AS])(\d{1,5})", re.IGNORECASE)
_MASSACHUSETTS_PATH = re.compile(r"/Bills/(\d{2,3})/([A-Z]{1,2})(\d{1,5})\b")
_VIRGINIA_PATH = re.compile(r"/bill-details/(\d{4})\d/([A-Z]{2})(\d{1,4})\b")
_VERMONT_PATH = re.compile(r"/bill/status/(\d{4})/([HS])\.(\d{1,4})")
_FIRST_SENATE_BILL = 5000  # Washington numbers its Senate's bills from here on


def bill_at(url: str) -> str | None:
    """Return place, session and number of the bill at an address; None for an unknown form."""
    if not url.startswith(("https://", "http://")) or len(url) > _LONGEST:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = (parts.hostname or "").removeprefix("www.").removeprefix("beta.")
    read = next((read for end, read in _SITES if host == end or host.endswith(f".{end}")), None)
    return read(parts.path, parse_qs(parts.query)) if read else None


Query = dict[str, list[str]]


def _congress(path: str, _: Query) -> str | None:
    found = _CONGRESS_PATH.search(path)
    kind = _CONGRESS.get(found[2]) if found else None
    return f"us {found[1]} {kind} {found[3]}" if found and kind else None


def _by_number(pattern: re.Pattern[str]) -> Callable[[str, Query], str | None]:
    """Read a page of Congress whose address holds Congress, kind and number."""

    def read(path: str, _: Query) -> str | None:
        found = pattern.search(path)
        return f"us {found[1]} {found[2].upper()} {found[3]}" if found else None

    return read


def _legiscan(path: str, _: Query) -> str | None:
    found = _LEGISCAN_PATH.search(path)
    return f"{found[1].lower()} {found[3]} {found[2]}" if found else None


def _openstates(path: str, _: Query) -> str | None:
    found = _OPENSTATES_PATH.search(path)
    if found is None:
        return None
    years = re.fullmatch(r"(\d{4})(\d{4})", found[2])
    return f"{found[1]} {f'{years[1]}-{years[2]}' if years else found[2]} {found[3]}"


def _california(_: str, query: Query) -> str | None:
    found = _CALIFORNIA_ID.fullmatch(next(iter(query.get("bill_id", [])), ""))
    return f"ca {found[1]}-{found[2]} {found[3]} {found[4]}" if found else None


def _washington(_: str, query: Query) -> str | None:
    given = {name.lower(): values[0] for name, values in query.items()}
    number, year = given.get("billnumber", ""), given.get("year", "")
    if not (number.isdecimal() and year.isdecimal()):
        return None
    kind = "SB" if int(number[:6]) >= _FIRST_SENATE_BILL else "HB"
    return f"wa {year[:4]} {kind} {number}"


def _in_path(place: str, pattern: re.Pattern[str]) -> Callable[[str, Query], str | None]:
    """Read a page of a state whose path holds session, kind and number."""

    def read(path: str, _: Query) -> str | None:
        found = pattern.search(path)
        return f"{place} {found[1]} {found[2].upper()} {found[3]}" if found else None

    return read


_SITES: tuple[tuple[str, Callable[[str, Query], str | None]], ...] = (
    ("congress.gov", _congress),
    ("govinfo.gov", _by_number(_GOVINFO_PATH)),
    ("govtrack.us", _by_number(_GOVTRACK_PATH)),
    ("legiscan.com", _legiscan),
    ("openstates.org", _openstates),
    ("pluralpolicy.com", _openstates),
    ("leginfo.legislature.ca.gov", _california),
    ("app.leg.wa.gov", _washington),
    ("nysenate.gov", _in_path("ny", _NEW_YORK_PATH)),
    ("malegislature.gov", _in_path("ma", _MASSACHUSETTS_PATH)),
    ("lis.virginia.gov", _in_path("va", _VIRGINIA_PATH)),
    ("legislature.vermont.gov", _in_path("vt", _VERMONT_PATH)),
)
KNOWN_SITES = ", ".join(host for host, _ in _SITES[:7])
