"""What is wrong with the hub itself, or comes from its devices, in plain words."""

from __future__ import annotations

import pytest

from commune_hub.console.problems import HUB_DISK_FULL_MB, HUB_DISK_LOW_MB, hub_problems, problems_now
from commune_hub.console.words import REFUSAL_REASONS


@pytest.mark.parametrize(
    ("free_mb", "bad", "words"),
    [
        (HUB_DISK_LOW_MB, None, ""),
        (HUB_DISK_LOW_MB - 1, False, "sắp đầy"),
        (HUB_DISK_FULL_MB, False, "sắp đầy"),
        (HUB_DISK_FULL_MB - 1, True, "không nhận thêm được gì"),
    ],
)
def test_a_disk_that_fills_is_told_before_it_is_full(free_mb: int, bad: bool | None, words: str) -> None:
    found = hub_problems(free_mb)
    assert [each.bad for each in found] == ([] if bad is None else [bad])
    assert all(words in each.what and f"{free_mb} MB" in each.what for each in found)


def test_what_every_bad_line_does_is_no_problem_and_a_forgery_is() -> None:
    row = {"refused_by": "hub", "device": "loa-1", "count": 3, "last_at_ms": 1}
    found = problems_now([], [{**row, "reason": reason} for reason in ("gap", "fork")], {}, 2)
    assert [each.what for each in found] == [f"Đã từ chối 3 thông điệp từ loa-1: {REFUSAL_REASONS['fork']}"]
