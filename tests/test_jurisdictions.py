import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jurisdictions import NAMES, code_before, code_of, name_of
from domain.text import fold


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("California", "ca"),
        ("CA", "ca"),
        ("calif.", "ca"),
        ("Sacramento", "ca"),
        ("Washington State", "wa"),
        ("N.Y.", "ny"),
        ("US", "us"),
        ("U.S.", "us"),
        ("Congress", "us"),
        ("D.C.", "dc"),
        ("Puerto Rico", "pr"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_a_place_is_known_by_its_code_and_its_names(written: str, code: str | None) -> None:
    assert code_of(written) == code


@pytest.mark.parametrize(
    ("code", "name"), [("ca", "California"), ("us", "United States"), ("eu", "EU")]
)
def test_a_code_is_said_in_words(code: str, name: str) -> None:
    assert name_of(code) == name


def test_names_are_folded_like_the_texts_they_are_looked_for_in() -> None:
    assert all(name == fold(name).strip() for name in NAMES)


def test_every_place_is_found_by_its_own_name() -> None:
    codes = {code for found in NAMES.values() for code in found}
    assert len(codes) == 53  # the states, the District of Columbia, Puerto Rico, Congress
    assert all(code_of(name_of(code)) == code for code in codes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CA AB 1", "ca"),
        ("see CA AB 1", "ca"),
        ("(WA AB 1", "wa"),
        ("CA: AB 1", None),
        ("USCA AB 1", None),
        ("ca AB 1", None),
        ("SAY NO IN AB 1", None),  # a word, not Indiana
        ("XX AB 1", None),
        ("AB 1", None),
    ],
)
def test_a_code_right_before_a_number_names_the_place(text: str, code: str | None) -> None:
    assert code_before(text, text.index("AB 1")) == code


@given(st.text(max_size=10), st.integers(0, 10))
def test_looking_before_any_place_is_harmless(text: str, place: int) -> None:
    assert code_before(text, min(place, len(text))) in {
        None,
        *(c for s in NAMES.values() for c in s),
    }
