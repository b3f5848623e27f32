"""Real processes are killed, stopped and cut off at random moments: no fact is lost, none is doubled.

COMMUNE_FAULT_CYCLES and COMMUNE_FAULT_SEED make it longer or different: `make faults`.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.faults.trouble import Trouble

CYCLES = int(os.environ.get("COMMUNE_FAULT_CYCLES", "12"))
SEED = int(os.environ.get("COMMUNE_FAULT_SEED", "20260131"))
CYCLE_MAX_S = 6


@pytest.mark.timeout(90 + CYCLES * CYCLE_MAX_S)
def test_whatever_is_killed_stopped_or_cut_each_fact_arrives_exactly_once(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    with Trouble(tmp_path) as trouble:
        trouble.begin()
        trouble.some(CYCLES, chance)
        diary = trouble.end_and_check()
    print(f"seed {SEED}: {dict(trouble.done)}; {len(diary.on_disk)} facts on disk, each in the ledger once")
    assert not diary.refused
    assert len(diary.on_disk) > 10 * CYCLES, "the writer hardly wrote"
