"""Read a sound file that somebody brought, whatever it is, within bounds: mono at one rate, or a clear no."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from commune_hub.errors import InvalidError

if TYPE_CHECKING:
    from av.container import InputContainer
    from numpy.typing import NDArray

FILE_MAX_BYTES = 96 * 1024 * 1024
"""Half an hour of CD sound as WAV is 318 MB, and nobody sends that; as MP3 it is some 30 MB."""

LENGTH_MAX_S = 30 * 60.0
LENGTH_MIN_S = 0.5

WORK_RATE_HZ = 48_000
"""Sound is levelled at this rate: what true peaks are defined for (ITU-R BS.1770)."""

FORMATS = {"wav": "WAV", "w64": "WAV", "mp3": "MP3", "ogg": "OGG", "mov,mp4,m4a,3gp,3g2,mj2": "M4A"}
"""What may be brought, by FFmpeg's name of the container. `matroska,webm` is what browsers record."""
FORMATS["matroska,webm"] = "WebM"

VIDEOS = ("avi", "mpegts", "mpeg", "flv", "asf")
"""What is looked into besides, only to tell who brings it that it is a video."""

_KINDS = "WAV, MP3, OGG, M4A"


def read_sound_file(path: Path) -> NDArray[np.float32]:
    """Return the sound in `path`: mono, `WORK_RATE_HZ`, full scale 1.0, without NaN.

    Raises InvalidError, in Vietnamese with English behind it, for what is no sound, is a video, is too long,
    too short, too large or broken.
    """
    size = path.stat().st_size
    if size > FILE_MAX_BYTES:
        raise InvalidError(
            f"tệp âm thanh: {size >> 20} MB, nhiều nhất {FILE_MAX_BYTES >> 20} MB; hãy lưu dạng MP3 "
            "(file too large, save it as MP3)"
        )
    with _opened(path) as container:
        _check(container)
        sound = _decoded(container)
    if len(sound) < LENGTH_MIN_S * WORK_RATE_HZ:
        raise InvalidError(
            f"tệp âm thanh: chỉ dài {len(sound) / WORK_RATE_HZ:.1f} giây, cần ít nhất {LENGTH_MIN_S} giây "
            "(too short)"
        )
    return sound


def samples_of(frame: av.AudioFrame) -> NDArray[np.float32]:
    """Return the samples of a mono frame, one after the other."""
    return np.array(frame.to_ndarray(), np.float32).reshape(-1)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    try:
        # Only what lies in the file: no list of other files may make the hub open or fetch one.
        bounds = {"protocol_whitelist": "file", "format_whitelist": ",".join([*FORMATS, *VIDEOS])}
        container = av.open(str(path), options=bounds)
    except (FFmpegError, ValueError):
        raise _not_sound() from None
    with container:
        yield container


def _check(container: InputContainer) -> None:
    known = container.format.name in FORMATS
    pictures = any(not _is_cover(stream) for stream in container.streams.video)
    if pictures and (known or container.streams.audio):
        raise InvalidError(
            "tệp âm thanh: đây là video; hãy lưu riêng phần tiếng thành MP3 (this is a video, save its sound)"
        )
    if not known or not container.streams.audio:
        raise _not_sound()
    length_s = (container.duration or 0) / av.time_base
    if length_s > LENGTH_MAX_S:
        raise _too_long(f" (khoảng {length_s / 60:.0f} phút)")


def _is_cover(stream: object) -> bool:
    """Tell whether a video stream is only the picture of a song."""
    disposition = getattr(stream, "disposition", None)
    return disposition is not None and bool(disposition & disposition.attached_pic)


def _decoded(container: InputContainer) -> NDArray[np.float32]:
    """Decode the first sound; what a broken tail still held is kept if the rest is whole."""
    resampler = AudioResampler(format="flt", layout="mono", rate=WORK_RATE_HZ)
    pieces: list[NDArray[np.float32]] = []
    frames = 0
    try:
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                pieces.append(samples_of(piece))
                frames += len(pieces[-1])
                if frames > LENGTH_MAX_S * WORK_RATE_HZ:
                    raise _too_long()
        pieces += [samples_of(piece) for piece in resampler.resample(None)]
    except (FFmpegError, ValueError):
        raise InvalidError(
            "tệp âm thanh: tệp bị hỏng hoặc bị cắt giữa chừng; hãy xuất lại và thử lại (the file is broken)"
        ) from None
    if not pieces:
        raise _not_sound()
    sound = np.nan_to_num(np.concatenate(pieces), nan=0.0, posinf=1.0, neginf=-1.0)
    return np.asarray(np.clip(sound, -8.0, 8.0), np.float32)


def _not_sound() -> InvalidError:
    return InvalidError(
        f"tệp âm thanh: đây không phải tệp âm thanh; dùng được: {_KINDS} (not a sound file; usable: {_KINDS})"
    )


def _too_long(about: str = "") -> InvalidError:
    return InvalidError(
        f"tệp âm thanh: dài hơn {LENGTH_MAX_S / 60:.0f} phút{about}; hãy cắt ngắn hoặc chia làm nhiều tệp "
        "(too long; cut it or split it)"
    )
