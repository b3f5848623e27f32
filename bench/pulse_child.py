"""Play a WAV through the real PortAudio at a wall time: `python -m bench.pulse_child WAV AT_MS`.

It tells how, as JSON, times in seconds of CLOCK_MONOTONIC. The sink is the one that the environment names
(`sim.parts.sinks`); player and clock are those that ship.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import soundfile

from firmware_agent.clock import SystemClock
from firmware_agent.hardware import HardwareError
from firmware_agent.pi.hardware import PiHardware
from speaker_node.sounding.player import Playback

AIM_EVERY_S = 0.05


def play(wav: Path, at_ms: float) -> dict[str, float | str]:
    """Play, held to the wall clock as the node holds it; return how it went, or the `error`."""
    samples = soundfile.read(wav, dtype="int16")[0]
    clock = SystemClock()
    card = PiHardware({}, "device", "node", wav.parent).sound_card()
    try:
        playback = Playback(card, samples, 1.0, clock.exact_mono_ms)
    except HardwareError as error:
        return {"error": str(error)}
    playback.aim(at_ms - clock.wall_ahead_ms())
    playback.arm()
    while not playback.heard_out() and not playback.stalled():
        playback.aim(at_ms - clock.wall_ahead_ms())
        time.sleep(AIM_EVERY_S)
    playback.close()
    began_ms, ended_ms = playback.began_mono_ms or 0.0, playback.ended_mono_ms or 0.0
    offset_ms = time.monotonic() * 1000 - clock.exact_mono_ms()
    return {
        "due_s": (at_ms - clock.wall_ahead_ms() + offset_ms) / 1000,
        "began_s": (began_ms + offset_ms) / 1000,
        "duration_s": (ended_ms - began_ms) / 1000,
        "underruns": playback.underruns,
    }


if __name__ == "__main__":
    print(json.dumps(play(Path(sys.argv[1]), float(sys.argv[2]))))
