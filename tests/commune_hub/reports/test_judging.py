"""Criteria: data with dates, and what presses come to under them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from commune_hub.figures.rows import Press
from commune_hub.reports.judging import criteria_on, judge, load_criteria
from firmware_agent.settings import SettingsError

SHIPPED = {each.id: each for each in load_criteria()}
PRESSES = [
    Press(1, "quay-1", "vi4", 1, "satisfied"),
    Press(1, "quay-1", "vi4", 2, "satisfied"),
    Press(1, "quay-1", "vi3", 2, "neutral"),
    Press(1, "quay-1", "vi5", 5, "unsatisfied", reason="waiting"),
]


def test_the_satisfied_share_and_its_18_points() -> None:
    (sipas,) = judge(SHIPPED["sipas"], PRESSES)
    (points,) = judge(SHIPPED["qd-766"], PRESSES)
    assert (sipas.points, sipas.points_max, sipas.n) == (50.0, 100.0, 4)
    assert (points.points, points.points_max) == (9.0, 18.0)
    assert sipas.verified
    assert not points.verified


def test_an_index_is_the_mean_of_its_points() -> None:
    lines = {line.index: line for line in judge(SHIPPED["tt-01-2018"], PRESSES)}
    assert set(lines) == {"1", "3", "4", "7"}
    assert (lines["7"].points, lines["7"].n) == (1.25, 4)
    assert (lines["1"].points, lines["1"].n, lines["1"].reasons) == (None, 0, 1)


def test_a_question_of_its_own_answers_its_own_index() -> None:
    own = [*PRESSES, Press(1, "quay-1", "tt01-3", 1, "satisfied")]
    lines = {line.index: line for line in judge(SHIPPED["tt-01-2018"], own)}
    assert (lines["3"].points, lines["3"].n, lines["7"].n) == (2.0, 1, 4)


def test_nobody_asked_is_no_point_rather_than_nought() -> None:
    assert all(line.points is None for each in SHIPPED.values() for line in judge(each, []))


def test_a_criterion_holds_between_its_dates() -> None:
    since = SHIPPED["qd-766"].since
    assert [each.id for each in criteria_on([SHIPPED["qd-766"]], since)] == ["qd-766"]
    assert criteria_on([SHIPPED["qd-766"]], since - timedelta(days=1)) == []
    over = SHIPPED["qd-766"].model_copy(update={"until": date(2026, 6, 30)})
    assert criteria_on([over], date(2026, 7, 1)) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('rule = "levels"', "indexes"),
        ('rule = "guess"', "rule"),
        ('rule = "share"\nuntil = 1999-01-01', "until"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "x.toml").write_text(
        f'id = "x"\nname = "x"\nsource = "x"\nformula = "x"\nfrom = 2020-01-01\nverified = true\n{text}\n'
    )
    with pytest.raises(SettingsError, match=told):
        load_criteria(tmp_path)
