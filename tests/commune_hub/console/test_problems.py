"""What is wrong with the hub itself, in plain words."""

from __future__ import annotations

import pytest

from commune_hub.console.problems import HUB_DISK_FULL_MB, HUB_DISK_LOW_MB, hub_problems


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
