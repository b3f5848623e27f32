"""Live speech on its way to the card: each of its words at its instant, the same at every loudspeaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from speaker_node.arrangement import PAUSE_S
from speaker_node.chime import RATE_HZ, chime
from speaker_node.office import OfficeDoor
from speaker_node.sounding.reel import Put
from speaker_node.sounding.relay import StreamReel
from wire.intents import Bulletin
from wire.live import OPUS_HZ, PIECE_MS, Piece

if TYPE_CHECKING:
    from numpy.typing import NDArray

PIECE_FRAMES = RATE_HZ * PIECE_MS // 1000

ROOM_S = 5.0
"""What may come at once, beyond the delay and the chime."""


class LiveReel(StreamReel):
    """A speech from a place on, counted in frames from its chime; it ends where the speaker ended it.

    What comes too late for its instant is silence and is counted: loudspeakers stay together, and the delay
    is the same at the end as at the beginning. A line that broke is taken up at the piece where it broke.
    """

    def __init__(
        self, sounding: str, door: OfficeDoor, *, delay_ms: int, chimes: bool, begin: int, frames: int
    ) -> None:
        self._sounding = sounding
        self._door = door
        self._lead = opening(chimes=chimes)
        self._begin = begin
        self._came = False
        ahead_s = delay_ms / 1000 + len(self._lead) / RATE_HZ + ROOM_S
        super().__init__(self._bring_speech, ahead_s=ahead_s, cushion_s=None, frames=frames)

    @property
    def never_came(self) -> bool:
        """Whether no word has arrived."""
        return not self._came

    def _bring_speech(self, put: Put) -> None:
        if len(self._lead) > self._begin and not put(self._lead[self._begin :]):
            return
        first, skip = divmod(max(0, self._begin - len(self._lead)), PIECE_FRAMES)
        words = Words(first)
        while not self._stopped.is_set():
            why = "the line was cut"
            try:
                for piece in self._door.sound(self._sounding, words.number):
                    if piece.is_end:
                        self._fixed = min(self._fixed or self._head, self._head)
                        return
                    sound = words.take(piece)[skip:]
                    skip = 0
                    self._came = True
                    if not put(sound):
                        return
            except OSError as error:
                why = str(error) or type(error).__name__
            self._broke(self._sounding, why)


class Words:
    """Makes sound of pieces, in order; what is missing between two is silence as long."""

    def __init__(self, number: int) -> None:
        from av.audio.codeccontext import AudioCodecContext
        from av.audio.resampler import AudioResampler

        self.number = number
        """The piece that comes next."""
        self._codec = AudioCodecContext.create("libopus", "r")
        self._codec.sample_rate = OPUS_HZ
        self._codec.layout = "mono"
        self._resampler = AudioResampler(format="s16", layout="mono", rate=RATE_HZ)

    def take(self, piece: Piece) -> NDArray[np.int16]:
        """Return what a piece says; nothing of one that was here before."""
        hole = piece.number - self.number
        if hole < 0:
            return np.zeros(0, np.int16)
        self.number = piece.number + 1
        return np.concatenate([np.zeros(hole * PIECE_FRAMES, np.int16), self._decoded(piece.packet)])

    def _decoded(self, packet: bytes) -> NDArray[np.int16]:
        from av.error import FFmpegError
        from av.packet import Packet

        try:
            frames = self._codec.decode(Packet(packet))
        except FFmpegError:
            return np.zeros(PIECE_FRAMES, np.int16)
        parts: list[NDArray[np.int16]] = []
        for frame in frames:
            frame.pts = None  # places are told by numbers
            parts += [np.asarray(each.to_ndarray(), np.int16) for each in self._resampler.resample(frame)]
        return np.concatenate([each.reshape(-1) for each in parts]) if parts else np.zeros(0, np.int16)


def behind_ms(bulletin: Bulletin) -> int:
    """Return how far behind the speaker the words of a live bulletin sound: its delay, and its chime."""
    delay_ms = bulletin.live.delay_ms if bulletin.live is not None else 0
    return delay_ms + round(len(opening(chimes=bulletin.chime)) * 1000 / RATE_HZ)


def opening(*, chimes: bool) -> NDArray[np.int16]:
    """Return what sounds before the first word."""
    if not chimes:
        return np.zeros(0, np.int16)
    return np.concatenate([chime(), np.zeros(round(PAUSE_S * RATE_HZ), np.int16)])
