"""Texts as office staff write them, read aloud."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speaker_node.reading.letters import LETTERS, PAUSES, has_vowel, is_syllable
from speaker_node.reading.numbers import DIGITS
from speaker_node.vietnamese import Vietnamese, reading, spoken
from tests.support.spoken import DATA, is_right, labelled

SAYABLE = LETTERS | PAUSES | {" "}
PIECES = [
    *(
        "12",
        "0",
        "1.000",
        ",",
        ".",
        "/",
        "-",
        ":",
        "h",
        "g",
        "đ",
        "km",
        "m2",
        "%",
        "°C",
        "ngày",
        "tháng",
        "TT",
        "TP.",
    ),
    *(
        "UBND",
        "số",
        "30/4",
        "2025",
        "XIV",
        "I",
        "V",
        "KH-UBND",
        "@",
        ".vn",
        "http://",
        "(",
        ")",
        "+",
        "\t",
        "x",
    ),
    *(
        "½",
        "²",
        "٣",
        "①",
        "🎉",
        "e\u0301",
        "ß",
        "ﷺ",
        "ü",
        "ABC",
        "ubnd",
        "thứ",
        "từ",
        "đến",
        "gọi",
        "113",
        "0912",
    ),
    *(
        "–",
        "...",
        "A007",
        "Ⅳ",
        "ʰ",
        "ǆ",
        "İ",
        "❶",
        "10²",
        "1½",
        "ⅳ)",
        "T2",
        "A001",
        "(ii)",
        "TH3",
        "x ",
        "phím",
        "*",
        "'",
        '"',
        "\u0301",
        "\ud800",
    ),
]


def test_the_given_examples_are_read_as_given() -> None:
    wrong = [
        (line.text, spoken(line.text))
        for line in labelled("spoken.tsv")
        if not is_right(line, spoken(line.text))
    ]
    assert wrong == []


def test_our_own_lines_are_read_rightly() -> None:
    lines = labelled("spoken_cases.tsv")
    wrong = [(line.text, spoken(line.text)) for line in lines if not is_right(line, spoken(line.text))]
    assert len(lines) >= 3_200
    assert wrong == []


def test_every_class_of_writing_is_covered() -> None:
    counted = Counter(line.kind for line in labelled("spoken_cases.tsv"))
    for kind in (
        *(
            "number",
            "decimal",
            "signed",
            "date",
            "date-range",
            "time",
            "money",
            "percent",
            "unit",
            "phone",
            "ticket",
        ),
        *(
            "fraction",
            "roman",
            "ordinal",
            "document",
            "level",
            "range",
            "plate",
            "address",
            "emoji",
            "english",
        ),
        *("abbreviation", "sign", "notice"),
    ):
        assert counted[kind] >= 3, kind


def test_office_documents_leave_no_figure_sign_or_abbreviation() -> None:
    """Every line of two plans as offices wrote them, but for the names of those who signed."""
    lines = (DATA / "spoken_documents.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 280
    for line in lines:
        said = spoken(line)
        assert set(said) <= SAYABLE, line
        assert not re.search(r"\b[bcdđghklmnpqrstvx]{2,}\b", said), (line, said)
        short = {each.lower() for each in re.findall(r"\b[^\W\d_]{2,}\b", line) if each.isupper()}
        left = {each for each in short if not is_syllable(each)} & set(re.findall(r"\w+", said))
        assert not left, (line, said)


def test_letters_in_two_pieces_are_the_same_letters() -> None:
    for line in labelled("spoken_cases.tsv"):
        assert spoken(unicodedata.normalize("NFD", line.text)) == spoken(line.text)


def test_said_again_it_stays_the_same() -> None:
    for line in labelled("spoken_cases.tsv"):
        once = spoken(line.text)
        assert spoken(once) == once


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(),
        st.lists(st.sampled_from(PIECES)).map("".join),
        st.lists(st.sampled_from(PIECES)).map(" ".join),
    )
)
def test_any_text_gives_only_words_and_pauses(text: str) -> None:
    read = reading(text)
    assert set(read.text) <= SAYABLE
    assert read.text == " ".join(read.text.split())
    for mark in read.marks:
        assert 0 <= mark.start < mark.end <= len(text)
        assert mark.why
    assert list(read.marks) == sorted(read.marks, key=lambda mark: mark.start)


def test_every_figure_sign_and_capital_of_unicode_leaves_only_words() -> None:
    kinds = {"Nd", "Nl", "No", "Sc", "Sk", "Sm", "So", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Lu", "Lt"}
    odd = [letter for letter in map(chr, range(0x20, 0x20000)) if unicodedata.category(letter) in kinds]
    for start in range(0, len(odd), 50):
        text = "; ".join(f"{each} 5{each}a {each}3" for each in odd[start : start + 50])
        assert set(spoken(text)) <= SAYABLE, text


def test_figures_of_every_script_are_said() -> None:
    for letter in map(chr, range(0x20000)):
        if letter.isdecimal():
            assert spoken(letter) == DIGITS[unicodedata.decimal(letter)], letter


def test_capitals_that_nobody_knows_are_spelled() -> None:
    for letters in [*product("BCDĐGHKLMNPQRSTVX", repeat=2), *product("BĐQXZFJW", repeat=3)]:
        said = spoken(f"gặp {''.join(letters)} nay")
        assert all(has_vowel(word) for word in said.split()), said


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([line.text for line in labelled("spoken_cases.tsv")]), max_size=4).map("\n".join)
)
def test_office_lines_in_any_order_are_said_without_figures(text: str) -> None:
    assert set(spoken(text)) <= SAYABLE


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "0 ",
        "1.",
        "1/",
        "A-",
        "a.",
        "a@",
        "e\u0301",
        "(",
        "\n-",
        "12:",
        "1-A/",
        "UBND-",
        "TT ",
        "ngày 1, ",
        " ",
        "🎉",
    ],
)
def test_time_grows_with_the_length_whatever_is_written(piece: str) -> None:
    text = piece * (60_000 // len(piece))
    start_s = time.process_time()
    spoken(text)
    assert time.process_time() - start_s < 5.0


@pytest.mark.parametrize(
    "text",
    [
        "khóa XIV-",
        "T",
        "A01-",
        "12'",
        "0.0,0.0",
        "1.,2",
        "0,0.0.0",
        "1/0",
        "00/00/0000",
        "99:99",
        "0h99",
        "(0",
        "1" * 400,
    ],
)
def test_figures_that_mean_nothing_are_said_all_the_same(text: str) -> None:
    assert set(spoken(text)) <= SAYABLE
    assert spoken(text)


def test_what_was_guessed_is_marked_where_it_stands() -> None:
    text = "Gặp công ty QXZ, TT Xã hội; xem 🎉 tại xa.vn"
    found = {text[mark.start : mark.end]: mark.why for mark in reading(text).marks}
    assert set(found) >= {"QXZ", "🎉", "xa.vn"}
    assert "spelled" in found["QXZ"]
    assert reading("UBND xã họp lúc 7h30 ngày 5/8 tại nhà văn hóa").marks == ()


def test_marks_point_into_the_text_as_written() -> None:
    decomposed = "xa\u0303 QXZ"
    (mark,) = reading(decomposed).marks
    assert decomposed[mark.start : mark.end] == "QXZ"


def test_a_commune_adds_its_own_and_says_shipped_ones_differently() -> None:
    own = Vietnamese({"BQLCĐ": "ban quản lý cánh đồng", "THT": "tổ hòa thuận"})
    assert own.spoken("BQLCĐ và THT họp") == "ban quản lý cánh đồng và tổ hòa thuận họp"
    assert spoken("THT họp") == "tổ hợp tác họp"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I. MỤC ĐÍCH\n1. Thời gian", "một. mục đích. một. thời gian"),
        ("bão số 3,\ngió mạnh", "bão số ba, gió mạnh"),
        ("của Ban Thường vụ\n\ntỉnh", "của ban thường vụ tỉnh"),
        ("Chú ý!!! Khẩn...", "chú ý! khẩn."),
        ("xã (mới) họp", "xã, mới, họp"),
        ("“Sáng, xanh”", "sáng, xanh"),
    ],
)
def test_pauses_stand_where_the_writing_has_them(text: str, said: str) -> None:
    assert spoken(text) == said
