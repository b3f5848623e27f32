"""Layout: text stays within its box, and a grid has room for all."""

from __future__ import annotations

from kiosk_ui.layout import Box, fit, grid_for, split, wrap


def test_text_is_wrapped_and_cut_within_its_box() -> None:
    assert wrap("một hai ba", 7, len) == ["một hai", "ba"]
    assert wrap("dàiquá", 3, len) == ["dài", "quá"]
    size, lines = fit("một hai ba bốn", (6, 10), (10, 5), lambda at, text: len(text) * at / 5, float, 2)
    assert size == 5
    assert len(lines) <= 2


def test_a_grid_has_room_for_all() -> None:
    for count in range(1, 13):
        columns, rows = grid_for(count)
        assert columns * rows >= count
        assert columns <= 3
    assert len(split(Box(0, 0, 100, 100), 3, 2, 4)) == 6
