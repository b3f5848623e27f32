"""What a virtual loudspeaker sounded: a growing WAV on the time line of its run.

Sample n of `heard.wav` sounded `t0 + n / rate` seconds after the start of the run; `heard.json` holds both. A
node that was restarted continues the same file, and the pause is silence in it, so the time line stays true.
"""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firmware_agent.hardware import HardwareError

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEARD_MAX_BYTES = 2**32 - 64
"""A WAV's sizes are 32 bits: 27 hours at 22,050 Hz. What sounds after that is not kept."""

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FRAME_BYTES = 2

HEADER_BYTES = _HEADER.size
"""What stands before the samples, which go on to the end of the file."""


class HeardFile:
    """A growing mono 16-bit WAV on a time line. Its header is right at any moment, also after SIGKILL.

    heard = HeardFile(Path("heard.wav"), rate_hz=22_050, now_s=3.2)
    heard.write(heard.frame_at(3.5), samples)     # whatever lies between is silence
    """

    def __init__(self, path: Path, rate_hz: int, now_s: float) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        about = path.with_suffix(".json")
        if not (path.exists() and about.exists()):
            _replace(about, json.dumps({"t0": round(now_s, 6), "rate": rate_hz}).encode())
            _replace(path, _header(rate_hz, 0))
        told = json.loads(about.read_text(encoding="utf-8"))
        self.t0_s: float = told["t0"]
        self.rate_hz: int = told["rate"]
        if self.rate_hz != rate_hz:
            raise HardwareError(f"card âm thanh chạy ở (this sound card runs at) {self.rate_hz} Hz")
        self._file = os.open(path, os.O_RDWR)
        # Sound may stand behind what the header names: the process was killed between the two writes.
        self._frames = (os.fstat(self._file).st_size - _HEADER.size) // _FRAME_BYTES

    def frame_at(self, now_s: float) -> int:
        """Return the first frame that sounds at or after `now_s`."""
        return int(np.ceil((now_s - self.t0_s) * self.rate_hz - 1e-6))

    def second_of(self, frame: int) -> float:
        """Return when `frame` sounds, in seconds since the start of the run."""
        return self.t0_s + frame / self.rate_hz

    def write(self, frame: int, samples: NDArray[np.int16]) -> None:
        """Put `samples` at `frame`; raises ValueError for a frame that has sounded already."""
        if frame < self._frames:
            raise ValueError(f"frame {frame} has sounded; the file is at {self._frames}")
        at = _HEADER.size + frame * _FRAME_BYTES
        if at + samples.nbytes > HEARD_MAX_BYTES:
            return
        os.pwrite(self._file, samples.astype("<i2").tobytes(), at)
        self._extend(frame + len(samples))

    def pad(self, now_s: float) -> None:
        """Fill with silence up to `now_s`; costs nothing, since the file system keeps no zeros."""
        frame = self.frame_at(now_s)
        if frame > self._frames and _HEADER.size + frame * _FRAME_BYTES <= HEARD_MAX_BYTES:
            os.ftruncate(self._file, _HEADER.size + frame * _FRAME_BYTES)
            self._extend(frame)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _extend(self, frames: int) -> None:
        """Name `frames` in the header, after they are in the file."""
        self._frames = frames
        os.pwrite(self._file, _header(self.rate_hz, frames * _FRAME_BYTES), 0)


def _header(rate_hz: int, data_bytes: int) -> bytes:
    """Return the 44 bytes before the samples of a mono 16-bit WAV."""
    rest = _HEADER.size - 8
    sizes = (b"RIFF", rest + data_bytes, b"WAVE", b"fmt ", 16)
    form = (1, 1, rate_hz, rate_hz * _FRAME_BYTES, _FRAME_BYTES, 16)
    return _HEADER.pack(*sizes, *form, b"data", data_bytes)


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(content)
    temporary.replace(path)
