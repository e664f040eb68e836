import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import divisions
from domain.bills import Chamber

CHAMBERS = tomllib.loads((Path(__file__).parents[1] / "feeds" / "chambers.toml").read_text("utf-8"))
US = "ocd-division/country:us"


class TestCongress:
    def test_the_house_has_435_seats_and_six_delegates(self) -> None:
        places = divisions.congress_states()
        seats = [
            divisions.house_division(state, one)
            for state in places
            for one in divisions.house_districts(state)
        ]
        assert len(seats) == len(set(seats)) == 435 + 6
        assert sum(divisions.has_delegate(state) for state in places) == 6

    @pytest.mark.parametrize(
        ("state", "written", "division"),
        [
            ("wa", "07", f"{US}/state:wa/cd:7"),
            ("wa", "7", f"{US}/state:wa/cd:7"),
            ("ak", "00", f"{US}/state:ak/cd:at-large"),
            ("ak", "0", f"{US}/state:ak/cd:at-large"),
            ("dc", "98", f"{US}/district:dc"),
            ("pr", "0", f"{US}/territory:pr"),
        ],
    )
    def test_a_house_district_is_told_however_it_is_written(
        self, state: str, written: str, division: str
    ) -> None:
        assert divisions.house_division(state, written) == division
        assert divisions.state_of(division) == state


class TestStates:
    @pytest.mark.parametrize(
        ("state", "chamber", "written", "tail"),
        [
            ("wa", Chamber.UPPER, "36", "sldu:36"),
            ("wa", Chamber.LOWER, "036", "sldl:36"),
            ("wa", Chamber.LOWER, "State Legislative District 36", "sldl:36"),
            ("md", Chamber.LOWER, "47A", "sldl:47a"),
            ("mn", Chamber.LOWER, "01B", "sldl:1b"),
            ("ak", Chamber.UPPER, "T", "sldu:t"),
            ("ne", Chamber.LEGISLATURE, "8", "sldu:8"),
            ("ma", Chamber.LOWER, "7th Hampden", "sldl:7th_hampden"),
            ("ma", Chamber.LOWER, "Seventh Hampden District", "sldl:7th_hampden"),
            ("ma", Chamber.LOWER, "Thirty-Fifth Middlesex", "sldl:35th_middlesex"),
            ("ma", Chamber.UPPER, "First Suffolk", "sldu:1st_suffolk"),
            (
                "ma",
                Chamber.UPPER,
                "Norfolk, Plymouth and Bristol",
                "sldu:norfolk_plymouth_and_bristol",
            ),
            ("nh", Chamber.LOWER, "Belknap County No. 1", "sldl:belknap_1"),
            ("nh", Chamber.LOWER, "Belknap 1", "sldl:belknap_1"),
            ("vt", Chamber.LOWER, "Grand Isle-Chittenden", "sldl:grand_isle-chittenden"),
            ("vt", Chamber.UPPER, "Chittenden Central", "sldu:chittenden-central"),
        ],
    )
    def test_a_district_is_told_however_its_name_is_written(
        self, state: str, chamber: Chamber, written: str, tail: str
    ) -> None:
        assert divisions.state_division(state, chamber, written) == f"{US}/state:{state}/{tail}"

    def test_wards_are_wards_and_the_whole_of_dc_is_one_division(self) -> None:
        ward = divisions.state_division("dc", Chamber.LEGISLATURE, "Ward 2")
        assert ward == f"{US}/district:dc/ward:2"
        assert divisions.state_division("dc", Chamber.LEGISLATURE, "2") == ward
        whole = divisions.state_division("dc", Chamber.LEGISLATURE, "At-Large")
        assert (whole,) == divisions.at_large_divisions("dc") == (f"{US}/district:dc",)

    @pytest.mark.parametrize("state", sorted(CHAMBERS))
    def test_no_two_districts_of_a_chamber_are_one_division(self, state: str) -> None:
        for chamber, told in CHAMBERS[state].items():
            listed = divisions.read_districts(told["districts"])
            ids = {
                divisions.state_division(state, Chamber(chamber), one.district) for one in listed
            }
            shared = 2 if (state, chamber) == ("dc", "legislature") else 1  # chairman and at large
            assert len(ids) == len(listed) - (shared - 1)

    def test_the_table_has_every_state_and_the_seats_it_is_known_for(self) -> None:
        def seats(state: str, chamber: str) -> int:
            listed = divisions.read_districts(CHAMBERS[state][chamber]["districts"])
            return sum(one.members for one in listed)

        assert len(CHAMBERS) == 52
        assert (seats("wa", "upper"), seats("wa", "lower")) == (49, 98)
        assert (seats("nh", "lower"), seats("md", "lower"), seats("ne", "legislature")) == (
            400,
            141,
            49,
        )
        assert (seats("ma", "upper"), seats("ma", "lower")) == (40, 160)


class TestCompactLists:
    def test_a_list_is_read_with_its_ranges_and_members(self) -> None:
        read = divisions.read_districts("1-2*2; 1A-2B; C-D; 1st Example*3")
        assert [(one.district, one.members) for one in read] == [
            ("1", 2), ("2", 2), ("1A", 1), ("1B", 1), ("2A", 1), ("2B", 1), ("C", 1), ("D", 1),
            ("1st Example", 3),
        ]  # fmt: skip

    @given(st.text(max_size=60))
    def test_any_name_makes_one_spelling_that_stays_as_it_is(self, written: str) -> None:
        once = divisions.plain_district(written)
        assert divisions.plain_district(once.replace("_", " ")) == once
