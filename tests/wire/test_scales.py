"""Scales: three, four and five levels that can be compared, whoever asks."""

from __future__ import annotations

import pytest

from wire.scales import DEFAULT_SCALE, MOODS, SCALES, Scale, mood_of, score_of

EVERY = sorted(SCALES.values(), key=lambda scale: scale.levels)


def test_there_are_scales_of_three_four_and_five() -> None:
    assert [scale.levels for scale in EVERY] == [3, 4, 5]
    assert all(SCALES[scale.id] is scale for scale in EVERY)
    assert DEFAULT_SCALE in SCALES


@pytest.mark.parametrize("scale", EVERY, ids=lambda scale: scale.id)
def test_a_worse_level_never_compares_better(scale: Scale) -> None:
    levels = range(1, scale.levels + 1)
    scores = [scale.score(level) for level in levels]
    assert (scores[0], scores[-1]) == (100, 0)
    assert scores == sorted(scores, reverse=True)
    assert [MOODS.index(scale.mood(level)) for level in levels] == sorted(
        MOODS.index(scale.mood(level)) for level in levels
    )
    assert {scale.mood(level) for level in levels} == set(MOODS)


@pytest.mark.parametrize("scale", EVERY, ids=lambda scale: scale.id)
def test_what_stands_for_a_level_on_another_scale_says_the_same(scale: Scale) -> None:
    for level in range(1, scale.levels + 1):
        assert SCALES["vi4"].mood(scale.as_vi4[level - 1]) == scale.mood(level)


@pytest.mark.parametrize(("scale", "level"), [("vi9", 1), ("vi3", 4), ("vi4", 0), ("", 1)])
def test_what_is_not_known_says_nothing(scale: str, level: int) -> None:
    assert mood_of(scale, level) is None
    assert score_of(scale, level) is None
