"""Bring any sound to the loudness of the village: −16 LUFS, true peak at most −1 dBTP, silence trimmed.

Loudness is that of ITU-R BS.1770-4 / EBU R 128, measured by FFmpeg's `ebur128`; peaks are limited at four
times the rate, so that none hides between two samples. A bulletin from a telephone and one from a studio
sound alike then.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
from av.filter import Graph

from commune_hub.errors import InvalidError
from commune_hub.sounds.decode import WORK_RATE_HZ, samples_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

TARGET_LUFS = -16.0
"""What speech on outdoor horns is levelled to; louder sources are turned down, quieter ones up."""

PEAK_MAX_DBTP = -1.0
_LIMIT_DB = PEAK_MAX_DBTP - 0.4
"""What the limiter is set to: going down to the loudspeakers' rate moves peaks a little."""

NEAR_LU = 0.5
"""So near to the target is near enough; the limiter takes loudness away, which is given back in rounds."""

ROUNDS_MAX = 4

SILENCE_DBFS = -55.0
"""A 20 ms window below this, relative to full scale, is silence."""

KEPT_S = 0.15
"""Silence that stays before the first and after the last sound."""

GAIN_MAX_DB = 40.0
"""Quieter than this below the target is noise of a microphone that was not on."""

_WINDOW = WORK_RATE_HZ // 50


def level(sound: NDArray[np.float32], rate_hz: int) -> NDArray[np.int16]:
    """Return `sound` (mono, WORK_RATE_HZ) trimmed and levelled, as 16-bit samples at `rate_hz`.

    Raises InvalidError for a file that is silent throughout.
    """
    trimmed = trim(sound)
    gain_db = min(TARGET_LUFS - loudness_lufs(trimmed), GAIN_MAX_DB)
    for _ in range(ROUNDS_MAX):
        levelled = _limited(trimmed, gain_db)
        missing_db = TARGET_LUFS - loudness_lufs(levelled)
        if abs(missing_db) <= NEAR_LU:
            break
        gain_db = min(gain_db + missing_db, GAIN_MAX_DB)
    down = [("aresample", str(rate_hz)), ("aformat", "sample_fmts=s16:channel_layouts=mono")]
    return np.concatenate([samples_of(frame).astype(np.int16) for frame in _through(levelled, down)])


def trim(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `sound` without the silence at its ends; raises InvalidError when nothing else is there."""
    windows = sound[: len(sound) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
    loud = np.flatnonzero(np.sqrt((windows.astype(np.float64) ** 2).mean(axis=1)) > 10 ** (SILENCE_DBFS / 20))
    if not len(loud):
        raise InvalidError(
            "tệp âm thanh: không nghe thấy gì trong tệp; hãy kiểm tra micrô và ghi lại "
            "(the file is silent; check the microphone and record again)"
        )
    kept = round(KEPT_S * WORK_RATE_HZ)
    return sound[max(0, loud[0] * _WINDOW - kept) : (loud[-1] + 1) * _WINDOW + kept]


def loudness_lufs(sound: NDArray[np.float32]) -> float:
    """Return the integrated loudness of `sound` (mono, WORK_RATE_HZ)."""
    # The measure needs blocks of 0.4 s; a short sound is repeated, which changes no mean.
    enough = np.tile(sound, -(-2 * WORK_RATE_HZ // len(sound)))
    last: dict[str, str] = {}
    for frame in _through(enough, [("ebur128", "metadata=1")]):
        last = frame.metadata or last
    # Mono is measured as one of two loudspeakers (BS.1770), as everybody measures it.
    return float(last["lavfi.r128.I"])


def _limited(sound: NDArray[np.float32], gain_db: float) -> NDArray[np.float32]:
    limit = 10 ** (_LIMIT_DB / 20)
    steps = [
        ("volume", f"{gain_db}dB:precision=float"),
        ("aresample", str(4 * WORK_RATE_HZ)),
        ("alimiter", f"limit={limit}:level=disabled:attack=5:release=50:latency=1"),
        ("aresample", str(WORK_RATE_HZ)),
        ("aformat", "sample_fmts=flt:channel_layouts=mono"),
    ]
    return np.concatenate([samples_of(frame) for frame in _through(sound, steps)])[: len(sound)]


def _through(sound: NDArray[np.float32], steps: list[tuple[str, str]]) -> Iterator[av.AudioFrame]:
    """Send `sound` through FFmpeg's filters, a second at a time."""
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=WORK_RATE_HZ, format="flt", layout="mono", time_base=Fraction(1, WORK_RATE_HZ)
    )
    nodes = [source, *(graph.add(name, options) for name, options in steps), graph.add("abuffersink")]
    graph.link_nodes(*nodes).configure()
    for begin in range(0, len(sound), WORK_RATE_HZ):
        piece = np.ascontiguousarray(sound[None, begin : begin + WORK_RATE_HZ])
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout="mono")
        frame.sample_rate = WORK_RATE_HZ
        frame.pts = begin
        graph.push(frame)
        yield from _ready(graph)
    graph.push(None)
    yield from _ready(graph)


def _ready(graph: Graph) -> Iterator[av.AudioFrame]:
    """Return what the filters have finished so far."""
    with contextlib.suppress(BlockingIOError, EOFError):
        while True:
            frame = graph.pull()
            assert isinstance(frame, av.AudioFrame)  # noqa: S101 - for the type; the sink is one for sound
            yield frame
