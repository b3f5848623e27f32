"""The record of a speech: the very packets that the loudspeakers were given, as an Ogg Opus file."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from commune_hub.live.encoder import FRAMES
from firmware_agent.files import sync_directory
from wire.live import OPUS_HZ, PIECE_MS

if TYPE_CHECKING:
    from wire.live import Piece

ROOM_KEPT_BYTES = 256 * 1024 * 1024
"""What a record leaves free on the disk, for the facts."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """A record that is on the disk under its hash; an empty hash: it could not be kept."""

    sha256: str
    size_bytes: int
    duration_ms: int


class Record:
    """One speech on its way to the disk. What goes wrong here is told, and never stops a speech.

    record = Record(directory, "20260131-abc")
    record.add(piece)
    record.finish().sha256      # the file is directory/SHA256.ogg
    """

    def __init__(self, directory: Path, name: str) -> None:
        import av

        self._directory = directory
        self._part = directory / f"{name}.ogg.part"
        self._pieces = 0
        self._failed = shutil.disk_usage(directory).free < ROOM_KEPT_BYTES
        if self._failed:
            log.error("đĩa sắp đầy, lời nói trực tiếp không được ghi (the disk is nearly full: no record)")
            return
        self._file = av.open(str(self._part), "w", format="ogg")
        self._stream = self._file.add_stream("libopus", rate=OPUS_HZ)
        self._stream.codec_context.layout = "mono"

    def add(self, piece: Piece) -> None:
        """Take the next piece."""
        from av.packet import Packet

        self._pieces += 1
        if self._failed:
            return
        packet = Packet(piece.packet)
        packet.pts = packet.dts = piece.number * FRAMES
        packet.duration = FRAMES
        packet.time_base = Fraction(1, OPUS_HZ)
        packet.stream = self._stream
        self._try(lambda: self._file.mux(packet))

    def finish(self) -> Kept:
        """Keep it under its hash, for good."""
        duration_ms = self._pieces * PIECE_MS
        if not self._failed:
            self._try(self._file.close)
        if self._failed or not self._pieces:
            self._part.unlink(missing_ok=True)
            return Kept("", 0, duration_ms)
        kept = keep_part(self._part)
        return Kept(kept.sha256, kept.size_bytes, duration_ms)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError as error:  # FFmpeg's errors of the disk are OSErrors, too
            self._failed = True
            log.error("không ghi được lời nói trực tiếp (a live speech is not recorded): %s", error)


def keep_part(part: Path) -> Kept:
    """Keep a file under its hash, also one that a power cut ended: its pages up to then are whole."""
    with part.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    size_bytes = part.stat().st_size
    part.rename(part.with_name(f"{sha256}.ogg"))
    sync_directory(part.parent)
    return Kept(sha256, size_bytes, 0)
