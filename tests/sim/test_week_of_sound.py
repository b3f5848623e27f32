"""Days of programme, turned by hand: what the hub planned is what was sounded and what was heard."""

from __future__ import annotations

from pathlib import Path

import pytest

from commune_hub.times import DAY_MS
from sim.parts.crystal import Crystal
from sim.week_of_sound import HOUR_MS, run_week

LATE_MAX_MS = 50.0


@pytest.mark.parametrize(
    ("crystal", "days", "linked_every_ms"),
    [
        (Crystal(skew_ppm=-100.0), 7, 8 * DAY_MS),
        (Crystal(jitter_ms=5.0, latency_ms=400.0), 3, HOUR_MS),
    ],
    ids=["a slow card, a week without a link", "an unsteady card"],
)
def test_nothing_late_nothing_missed_nothing_extra(
    tmp_path: Path, crystal: Crystal, days: int, linked_every_ms: int
) -> None:
    week = run_week(tmp_path, days, crystal, linked_every_ms)
    assert len(week.planned) > 15
    assert week.hushed
    assert set(week.finished()) == set(week.planned)
    assert week.refused() == dict.fromkeys(week.hushed, "quiet_hours")
    assert len(week.heard) == len(week.planned)
    assert max(map(abs, week.late_ms())) < LATE_MAX_MS
    told_ms = week.finished()
    assert max(abs(told_ms[each] - due_ms) for each, due_ms in week.planned.items()) < LATE_MAX_MS
