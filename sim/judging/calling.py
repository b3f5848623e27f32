"""What a loudspeaker of the hall may sound: the calls that it tells to have spoken, nothing else."""

from __future__ import annotations

from sim.judging.evidence import Evidence
from sim.judging.listening import PAUSE_S, Sounding

SLACK_S = 0.5
"""Between the last sample and the fact that tells of it."""

CALL_MAX_S = 10.0
"""Longest call; one that sounds when the day closes is cut, and told by nobody."""


def is_calling(evidence: Evidence, device: str, sound: Sounding) -> bool:
    """Tell whether `sound` is calls, one after the other, that `device` told of."""
    told = sorted(
        (fact.t_s - fact.body["duration_ms"] / 1000 - SLACK_S, fact.t_s + SLACK_S)
        for fact in evidence.of_kind("call.spoken")
        if fact.device == device
    )
    if not told:
        return False
    covered_s = sound.start_s
    for begin_s, end_s in told:
        if begin_s <= covered_s + PAUSE_S:
            covered_s = max(covered_s, end_s)
    closed_s = max((line["t"] for line in evidence.did("close")), default=float("inf"))
    cut = sound.end_s >= closed_s and sound.end_s - covered_s <= CALL_MAX_S
    return covered_s >= sound.end_s or cut
