"""Addresses of bills, read as what a person would type."""

import pytest

from commands.bill_naming import read
from commands.bill_urls import bill_at
from domain.bills import bill_key


@pytest.mark.parametrize(
    ("url", "place", "session", "number"),
    [
        ("https://www.congress.gov/bill/117th-congress/house-bill/21", "us", "117", "HR 21"),
        ("https://www.congress.gov/bill/118th-congress/senate-bill/681/text?s=1&r=2", "us", "118", "S 681"),
        ("https://www.congress.gov/bill/117th-congress/senate-concurrent-resolution/7", "us", "117", "SCONRES 7"),
        ("https://www.govinfo.gov/bulkdata/BILLSTATUS/117/hr/BILLSTATUS-117hr6658.xml", "us", "117", "HR 6658"),
        ("https://www.govinfo.gov/app/details/BILLS-116hr7356ih", "us", "116", "HR 7356"),
        ("https://www.govtrack.us/congress/bills/116/hr7356", "us", "116", "HR 7356"),
        ("https://legiscan.com/CA/bill/AB2261/2019", "ca", "2019-2020", "AB 2261"),
        ("https://legiscan.com/WA/text/SB6280/2019/", "wa", "2019-2020", "SB 6280"),
        ("https://openstates.org/ca/bills/20192020/AB2261/", "ca", "2019-2020", "AB 2261"),
        ("https://open.pluralpolicy.com/ca/bills/20192020/AB2261", "ca", "2019-2020", "AB 2261"),
        ("https://leginfo.legislature.ca.gov/faces/billNavClient.xhtml?bill_id=201920200AB2261", "ca", "2019-2020", "AB 2261"),
        ("https://app.leg.wa.gov/billsummary?BillNumber=6280&Initiative=false&Year=2019", "wa", "2019-2020", "SB 6280"),
        ("https://app.leg.wa.gov/billsummary/?BillNumber=1061&Year=2025", "wa", "2025-2026", "HB 1061"),
        ("https://www.nysenate.gov/legislation/bills/2023/S7944", "ny", "2023-2024", "S 7944"),
        ("https://malegislature.gov/Bills/192/S1385", "ma", "2021-2022", "S 1385"),
        ("https://lis.virginia.gov/bill-details/20221/SB741", "va", "2022", "SB 741"),
        ("https://legislature.vermont.gov/bill/status/2024/H.195", "vt", "2023-2024", "H 195"),
    ],
)  # fmt: skip
def test_a_bills_page_is_read(url: str, place: str, session: str, number: str) -> None:
    asked = read(url)
    assert asked is not None
    assert asked.place == place
    assert asked.means(bill_key(place, session, number))
    assert not asked.means(bill_key(place, "1999-2000", number))


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/bill/117th-congress/house-bill/21",
        "https://www.congress.gov/member/x",
        "https://congress.gov.evil.example/bill/117th-congress/house-bill/21",
        "https://legiscan.com/CA",
        "https://app.leg.wa.gov/billsummary?BillNumber=x&Year=2019",
        "https://[broken",
        "congress.gov/bill/117th-congress/house-bill/21",
        "https://www.congress.gov/bill/117th-congress/house-bill/21" + "x" * 600,
        "",
    ],
)
def test_other_addresses_are_not(url: str) -> None:
    assert bill_at(url) is None
