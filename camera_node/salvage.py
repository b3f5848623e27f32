"""Read what a crash left of a clip, and make a whole clip of it without encoding anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
from av.packet import Packet
from av.video.stream import VideoStream

from camera_node.writer import FRAGMENTED


class UnreadableError(Exception):
    """A file that is no video at all; the text says what was found."""


def measure(path: Path) -> int:
    """Return the duration of a clip in milliseconds: 0 when no picture is in it; raises UnreadableError."""
    return _copy(path, None)


def rescue(source: Path, target: Path) -> int:
    """Copy every whole picture of `source` into the new clip `target`; return its duration (ms).

    0, and no target, when there is none; raises UnreadableError when `source` is no video.
    """
    duration_ms = _copy(source, target)
    if not duration_ms:
        target.unlink(missing_ok=True)
    return duration_ms


def _copy(source: Path, target: Path | None) -> int:
    end_ms = 0
    try:
        with av.open(str(source)) as container:
            if not container.streams.video:
                return 0
            stream = container.streams.video[0]
            if target is None:
                return max((_end_ms(packet) for packet in _whole_packets(stream)), default=0)
            with av.open(str(target), "w", format="mp4", options=FRAGMENTED) as copy:
                into = copy.add_stream_from_template(stream)
                for packet in _whole_packets(stream):
                    end_ms = max(end_ms, _end_ms(packet))
                    packet.stream = into
                    copy.mux(packet)
    except av.error.InvalidDataError as error:
        raise UnreadableError(f"{source.name}: {error.strerror}") from None
    return end_ms


def _whole_packets(stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """Yield packets until one is cut off or does not decode: a power cut leaves zeros behind."""
    stream.codec_context.thread_count = 1
    container = stream.container
    packets = container.demux(stream)  # type: ignore[attr-defined]
    while True:
        try:
            packet = next(packets, None)
            if packet is None or packet.dts is None or packet.is_corrupt:
                return
            packet.decode()
        except av.FFmpegError:
            return
        yield packet


def _end_ms(packet: Packet[VideoStream]) -> int:
    end = (packet.pts or 0) + (packet.duration or 0)
    return round(end * packet.time_base * 1000)
