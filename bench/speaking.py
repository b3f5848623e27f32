"""Speaking: how much faster than it sounds a bulletin is rendered."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from bench.measure import Measured, side_by_side
from speaker_node.speech import render_bulletin

TEXT = (
    "Ủy ban nhân dân xã thông báo: sáng thứ bảy, trạm y tế tổ chức tiêm chủng cho trẻ em từ bảy giờ ba mươi. "
    "Đề nghị bà con đưa các cháu đến đúng giờ và mang theo sổ tiêm."
)


def measure_rendering(directory: Path) -> Measured:
    """Seconds to render a bulletin with chime, beside espeak-ng alone on the same text."""

    def ours() -> float:
        with tempfile.TemporaryDirectory(dir=directory) as place:
            start_s = time.perf_counter()
            render_bulletin(TEXT, Path(place))
            return time.perf_counter() - start_s

    def peer() -> float:
        with tempfile.TemporaryDirectory(dir=directory) as place:
            start_s = time.perf_counter()
            subprocess.run(
                ["espeak-ng", "-v", "vi", "-s", "150", "-w", f"{place}/bare.wav", TEXT], check=True
            )
            return time.perf_counter() - start_s

    return side_by_side(
        "a bulletin of two sentences rendered to sound",
        "s",
        "lower",
        ours,
        peer,
        "espeak-ng alone, to a WAV file",
    )
