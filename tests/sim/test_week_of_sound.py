"""Days of programme, turned by hand: what the hub planned is what was sounded and what was heard."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.parts.crystal import Crystal
from sim.week_of_sound import run_week

LATE_MAX_MS = 50.0


@pytest.mark.parametrize("crystal", [Crystal(skew_ppm=-100.0), Crystal(jitter_ms=5.0, latency_ms=400.0)])
def test_nothing_late_nothing_missed_nothing_extra(tmp_path: Path, crystal: Crystal) -> None:
    week = run_week(tmp_path, days=3, crystal=crystal)
    assert len(week.planned) > 15
    assert week.hushed
    assert set(week.finished()) == set(week.planned)
    assert week.refused() == dict.fromkeys(week.hushed, "quiet_hours")
    assert len(week.heard) == len(week.planned)
    assert max(map(abs, week.late_ms())) < LATE_MAX_MS
    told_ms = week.finished()
    assert max(abs(told_ms[each] - due_ms) for each, due_ms in week.planned.items()) < LATE_MAX_MS
