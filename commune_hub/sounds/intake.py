"""Take a sound file in: in a process of its own, with limits, and back comes a levelled one or a plain no."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from commune_hub.errors import InvalidError

WITHIN_S = 180.0
"""Half an hour of sound is levelled in some 20 s on a PC; a Pi takes several times as long."""


def take_in(brought: Path, levelled: Path, rate_hz: int) -> float:
    """Write the sound of the file `brought` to `levelled` (Ogg Vorbis, mono, `rate_hz`); return its seconds.

    Raises InvalidError for a file that is no usable sound, whatever it does to its decoder.
    """
    command = [sys.executable, "-m", "commune_hub.sounds", str(brought), str(levelled), str(rate_hz)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=WITHIN_S, check=False)
    except subprocess.TimeoutExpired:
        raise _unreadable() from None
    told = done.stdout.splitlines()
    if done.returncode != 0 or not told:
        raise _unreadable()
    answer = json.loads(told[-1])
    if "refused" in answer:
        raise InvalidError(answer["refused"])
    return float(answer["duration_s"])


def _unreadable() -> InvalidError:
    return InvalidError(
        "tệp âm thanh: không đọc được tệp này; hãy lưu lại thành MP3 rồi thử lại "
        "(this file cannot be read; save it as MP3 and try again)"
    )
