"""Text that people wrote: what comes in at a door is seen as it is, what goes out breaks no file."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]

from firmware_agent.lines import MARK, UNSHOWN, one_line, printable, shows, unshown_in, visible_line
from firmware_agent.node import Problems
from wire.codec import encode
from wire.status import Status

ODD = "Quầy 1o\u0302=\x00\x07\x1b\n\r\x85\u2028\u202e\u2066\u200b\u00ad\ufeff\u3164\ud800\ufffe\ue000"
ANY = st.text(st.one_of(st.sampled_from(ODD), st.characters()), max_size=30)
BLIND = ["", " \u00a0", "\u200b\ufeff", "\u202e", "\u3164", "\u2800", "\u0301", "A\x00", "\ud800"]


@given(ANY)
def test_what_goes_out_can_stand_in_any_file(text: str) -> None:
    out = printable(text)
    assert not any(category(each) in (*UNSHOWN, MARK) for each in out)
    etree.Element("cell").text = out
    out.encode("utf-8")
    assert printable(out) == out


@given(ANY)
def test_what_a_door_lets_in_is_seen_as_it_is_and_lets_in_again(text: str) -> None:
    try:
        line = visible_line(text)
    except ValueError:
        assert not shows(text) or unshown_in(text)
        return
    assert shows(line)
    assert line == line.strip() == printable(line) == visible_line(line)


@pytest.mark.parametrize("text", BLIND)
def test_a_name_that_nobody_can_read_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"\(.+\)"):
        visible_line(text)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Qua\u0302\u0300y 1", "Quầy 1"),
        (" Quầy\u200b 1 ", "Quầy 1"),
        ("\u202e1 yầuQ\u202c", "1 yầuQ"),
        ("\u2066Quầy\u2069 1", "Quầy 1"),
        ("សួស្តី", "សួស្តី"),
        ("=1+1 & <b>", "=1+1 & <b>"),
    ],
)
def test_marks_that_nobody_sees_are_taken_out_and_nothing_else(written: str, seen: str) -> None:
    assert visible_line(written) == one_line(written) == seen


def test_a_mistake_says_which_character_stands_where() -> None:
    with pytest.raises(ValueError, match=r"U\+001B, chữ thứ 3"):
        one_line("Qu\x1b[31m")


def test_a_problem_with_an_odd_file_name_reaches_the_hub() -> None:
    problems = Problems()
    problems.report("file", "không đọc được /data/\udcff\x00.wav")
    status = Status(session=1, boot="b", online=True, kind="rating", lease_s=10, problems=problems.texts())
    assert "/data/" in encode(status).decode()
