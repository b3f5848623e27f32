"""Speaking: how long a bulletin takes to be rendered, and how much faster than it sounds that is."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import soundfile

from bench.measure import Measured, Skipped, side_by_side
from speaker_node.speech import render_speech
from speaker_node.voice import espeak_voice

TEXT = (
    "Ủy ban nhân dân xã thông báo: sáng thứ bảy, trạm y tế tổ chức tiêm chủng cho trẻ em từ bảy giờ ba mươi. "
    "Đề nghị bà con đưa các cháu đến đúng giờ và mang theo sổ tiêm."
)
PEER = "espeak-ng alone, to a WAV file"


def measure_rendering(directory: Path) -> list[Measured | Skipped]:
    """Seconds to render two sentences, and × real time, beside espeak-ng alone on the same text."""

    def taken_s(render: Callable[[Path], Path]) -> tuple[float, float]:
        """Return how long it took, and how long what came of it sounds."""
        with tempfile.TemporaryDirectory(dir=directory) as place:
            start_s = time.perf_counter()
            path = render(Path(place))
            took_s = time.perf_counter() - start_s
            return took_s, float(soundfile.info(path).duration)

    def faster(render: Callable[[Path], Path]) -> float:
        took_s, sounds_s = taken_s(render)
        return sounds_s / took_s

    what = "two sentences rendered to sound"
    return [
        side_by_side(what, "s", "lower", lambda: taken_s(_ours)[0], lambda: taken_s(_espeak)[0], PEER),
        side_by_side(what, "× real time", "higher", lambda: faster(_ours), lambda: faster(_espeak), PEER),
    ]


def _ours(place: Path) -> Path:
    return render_speech(TEXT, place, espeak_voice()).path


def _espeak(place: Path) -> Path:
    path = place / "bare.wav"
    subprocess.run(["espeak-ng", "-v", "vi", "-s", "150", "-w", str(path), TEXT], check=True)
    return path
