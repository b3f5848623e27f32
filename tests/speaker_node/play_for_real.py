"""A process that plays one bulletin through the real PortAudio, `WAV LEAD_MS`, and tells how, as JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from firmware_agent.clock import SystemClock
from firmware_agent.hardware import HardwareError
from firmware_agent.pi import PiHardware
from speaker_node.player import Playback
from speaker_node.speech import Rendered
from tests.support.waiting import await_condition


def play(wav: Path, lead_ms: int) -> dict[str, float | str]:
    """Play `wav` with its first sample in `lead_ms`; times told are of CLOCK_MONOTONIC, in seconds."""
    clock = SystemClock()
    card = PiHardware({}, "device", "node", wav.parent).sound_card()
    try:
        playback = Playback(card, Rendered(wav, 0.0).samples(), 1.0, clock.exact_mono_ms)
    except HardwareError as error:
        return {"error": str(error)}
    offset_ms = time.monotonic() * 1000 - clock.exact_mono_ms()
    due_ms = clock.exact_mono_ms() + lead_ms
    playback.aim(due_ms)
    playback.arm()
    await_condition(playback.heard_out, within_s=20)
    playback.close()
    began_ms, ended_ms = playback.began_mono_ms or 0.0, playback.ended_mono_ms or 0.0
    return {
        "due_s": (due_ms + offset_ms) / 1000,
        "began_s": (began_ms + offset_ms) / 1000,
        "duration_s": (ended_ms - began_ms) / 1000,
        "underruns": playback.underruns,
    }


if __name__ == "__main__":
    print(json.dumps(play(Path(sys.argv[1]), int(sys.argv[2]))))
