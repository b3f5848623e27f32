"""Layout: text stays within its box, and a grid has room for all."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.layout import EVEN_LINES_MAX, Box, even, fit, grid_for, split, wrap


def test_text_is_wrapped_and_cut_within_its_box() -> None:
    assert wrap("một hai ba", 7, len) == ["một hai", "ba"]
    assert wrap("dàiquá", 3, len) == ["dài", "quá"]
    size, lines = fit("một hai ba bốn", (6, 10), (10, 5), lambda at, text: len(text) * at / 5, float, 2)
    assert size == 5
    assert len(lines) <= 2


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("Bảo trợ xã hội", 11, ["Bảo trợ", "xã hội"]),
        ("Người từ 75 tuổi", 12, ["Người từ", "75 tuổi"]),
        ("Chỗ ngồi, trang thiết bị", 20, ["Chỗ ngồi,", "trang thiết bị"]),
        ("Hộ tịch", 20, ["Hộ tịch"]),
    ],
)
def test_no_word_is_left_alone(text: str, width: int, lines: list[str]) -> None:
    assert fit(text, (width, 100), (1, 1), lambda _, part: len(part), float, 3) == (1, lines)


@given(st.lists(st.text("aăâ", min_size=1, max_size=9), min_size=1, max_size=9), st.integers(9, 40))
def test_even_lines_are_as_few_and_of_all_wrappings_the_most_even(parts: list[str], width: int) -> None:
    greedy = wrap(" ".join(parts), width, len)
    lines = even(greedy, width, len)
    if len(greedy) > EVEN_LINES_MAX:
        assert lines == greedy
        return
    breaks = combinations(range(1, len(parts)), len(greedy) - 1)
    spans = [pairwise([0, *each, len(parts)]) for each in breaks]
    wraps = [[" ".join(parts[start:end]) for start, end in span] for span in spans]
    fitting = [each for each in wraps if max(map(len, each)) <= width]
    assert lines in fitting
    assert _unevenness(lines) == min(map(_unevenness, fitting))


def _unevenness(lines: list[str]) -> int:
    return sum(len(line) ** 2 for line in lines)


def test_a_grid_has_room_for_all() -> None:
    for count in range(1, 13):
        columns, rows = grid_for(count)
        assert columns * rows >= count
        assert columns <= 3
    assert len(split(Box(0, 0, 100, 100), 3, 2, 4)) == 6
