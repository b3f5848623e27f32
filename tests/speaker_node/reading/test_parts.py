"""The parts of reading, each by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speaker_node.reading.abbreviations import (
    OWN_MAX,
    Abbreviations,
    AbbreviationsError,
    check_own,
    load_own,
)
from speaker_node.reading.clean import clean
from speaker_node.reading.letters import LETTERS, NAMES, is_syllable, sayable, spell
from speaker_node.reading.numbers import DIGITS, cardinal, figures, quantity
from speaker_node.reading.roman import value
from speaker_node.reading.units import UNITS

TENS = {"mười": 10, "mươi": 10}
WORTH = {**{word: number for number, word in enumerate(DIGITS)}, "mốt": 1, "tư": 4, "lăm": 5}


def counted(words: str) -> int:
    """Count a spoken number back, by the grammar of Vietnamese and not by ours."""
    total = billions = hundreds = ones = 0
    for word in words.split():
        if word in WORTH:
            ones = WORTH[word]
        elif word in TENS:
            hundreds, ones = hundreds + 10 * (ones or 1), 0
        elif word == "trăm":
            hundreds, ones = hundreds + 100 * ones, 0
        elif word in {"nghìn", "triệu"}:
            total, hundreds, ones = total + (hundreds + ones) * {"nghìn": 10**3, "triệu": 10**6}[word], 0, 0
        elif word == "tỷ":
            billions, total, hundreds, ones = (total + hundreds + ones) * 10**9, 0, 0, 0
    return billions + total + hundreds + ones


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_a_spoken_number_counts_back_to_itself(number: int) -> None:
    assert counted(cardinal(str(number))) == number


@given(st.text(alphabet="0123456789", min_size=1, max_size=60))
def test_figures_are_said_one_by_one(text: str) -> None:
    assert [str(DIGITS.index(word)) for word in figures(text).split()] == list(text)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1.500", "một nghìn năm trăm"),
        ("1,5", "một phẩy năm"),
        ("1.2.3", None),
        ("2,500,000", "hai triệu năm trăm nghìn"),
    ],
)
def test_points_and_commas(written: str, said: str | None) -> None:
    assert quantity(written) == said


@pytest.mark.parametrize(("numeral", "number"), [("IV", 4), ("XIV", 14), ("XXXIX", 39), ("MCMXLV", 1945)])
def test_roman_numerals_count(numeral: str, number: int) -> None:
    assert value(numeral) == number


def test_syllables_are_told_from_other_letters() -> None:
    right = ("nghiêng", "quyết", "khuỷu", "giặt", "gì", "uyển", "thuở", "huệ", "xoong", "ngoằn", "quỹ", "ở")
    assert all(map(is_syllable, right))
    assert not any(is_syllable(word) for word in ["ubnd", "zalo", "kh", "ngt", "wifi", "thpt", "bcd"])


@given(st.text(max_size=40))
def test_letters_and_their_names_are_sayable(text: str) -> None:
    assert set(sayable(text)) <= LETTERS
    assert set(spell(text)) <= LETTERS | {" "}
    assert set(NAMES) >= set("abcdđefghijklmnopqrstuvwxyz")


@given(st.text())
def test_cleaning_remembers_where_everything_stood(text: str) -> None:
    found = clean(text)
    assert len(found.at) == len(found.text) + 1
    assert list(found.at) == sorted(found.at)
    assert found.at[-1] == len(text)


def test_every_shipped_word_can_be_said() -> None:
    table = Abbreviations()
    for short in (
        *(
            "UBND",
            "HĐND",
            "MTTQ",
            "TTHC",
            "CCHC",
            "CBCCVC",
            "BHYT",
            "BHXH",
            "CCCD",
            "PCCC",
            "NTM",
            "TP",
            "TX",
        ),
        *("Đ/c", "ThS", "BCH", "TNCS", "ANTT", "THCS", "THPT"),
    ):
        assert table.knows(short)
    for said in [*table.all_words(), *UNITS.values()]:
        assert set(said) <= LETTERS | {" ", ","}, said


def test_a_communes_own_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "abbreviations.toml"
    path.write_text('[words]\n"HTXĐT" = "Hợp tác xã  Đồng Tiến"\n', encoding="utf-8")
    assert load_own(path) == {"HTXĐT": "hợp tác xã đồng tiến"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('[words]\n"A1" = "một"', "A1"),
        ('[words]\n"ABC" = "số 1"', "ABC"),
        ('[words]\n"ABC" = 5', "ABC"),
        ('[other]\n"ABC" = "a"', "other"),
        ("words = 3", "words"),
        ("[words]\nHĐ = nope", "TOML"),
    ],
)
def test_mistakes_in_it_are_named(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "abbreviations.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(AbbreviationsError, match=told):
        load_own(path)


def test_it_is_bounded_and_may_be_missing(tmp_path: Path) -> None:
    letters = "ABCDEGHIKL"
    full = {f"Q{a}{b}{c}": "a" for a in letters for b in letters for c in letters}
    with pytest.raises(AbbreviationsError, match=str(OWN_MAX)):
        check_own({"words": full}, "")
    with pytest.raises(AbbreviationsError):
        load_own(tmp_path / "none.toml")
