"""Relay a stream (MP3, AAC, Ogg over http or https), some seconds behind it, so that gaps are not heard."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from speaker_node.chime import RATE_HZ
from speaker_node.sounding.reel import Put, Reel
from wire.intents import Relay

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOM_S = 15.0
"""What a server may send at once when it is asked, beyond the delay that was set."""

PATIENCE_S = 10.0
"""Silence of the line after which it is taken up anew, and longest time for a connection."""

AGAIN_AFTER_S = 2.0

_LOOKED_AT = {"analyzeduration": "1000000", "probesize": "65536"}
"""At most a second, or so many bytes, of a stream is looked at before it sounds."""

_PROTOCOLS = "http,https,tcp,tls,crypto"
"""What a stream, or a list of streams, may lead to: nothing on this device's disk."""

log = logging.getLogger(__name__)

Listen = Callable[[str], Iterator["NDArray[np.int16]"]]
"""Yields a stream's sound, mono int16 at `RATE_HZ`; raises OSError when it stops."""


class StreamReel(Reel):
    """A stream on its way to the card: one that stops is asked for again and again until its end.

    reel.never_came             # no sound of it arrived
    reel.breaks, reel.last_break
    reel.limit_to(lasts_ms)     # when it begins to sound
    reel.close()
    """

    def __init__(
        self,
        bring: Callable[[Put], None],
        *,
        ahead_s: float,
        cushion_s: float | None,
        frames: int | None = None,
    ) -> None:
        self._stopped = threading.Event()
        self.breaks = 0
        """How often it stopped or could not be had."""
        self.last_break = ""
        """Why, the last time."""
        super().__init__(bring, ahead_s=ahead_s, cushion_s=cushion_s, frames=frames)

    @property
    def never_came(self) -> bool:
        """Whether nothing has arrived so far."""
        return self.brought_frames == 0

    @property
    def lost_frames(self) -> int:
        """Frames that will never be heard: what is on the air meanwhile does not come again."""
        return self.missing_frames

    def limit_to(self, lasts_ms: int) -> None:
        """End it after so long."""
        self._fixed = round(lasts_ms * RATE_HZ / 1000)

    def close(self) -> None:
        """Bring no more. A connection that hangs is left to its own time limit."""
        self._stopped.set()
        super().close()

    def _broke(self, what: str, why: str) -> None:
        """Note that it stopped, and wait before it is asked for again."""
        self.last_break = why
        self.breaks += 1
        if not self._stopped.is_set():
            log.info("tiếp âm gián đoạn (the stream was interrupted) %s: %s", what, why)
        self._stopped.wait(AGAIN_AFTER_S)


class RelayReel(StreamReel):
    """A relay on its way to the card; it connects at once, on its own thread."""

    def __init__(self, relay: Relay, listen: Listen | None = None) -> None:
        self._url = relay.url
        self._listen = listen or listen_to
        delay_s = relay.delay_ms / 1000
        super().__init__(self._relay, ahead_s=delay_s + ROOM_S, cushion_s=delay_s)

    def _relay(self, put: Put) -> None:
        while not self._stopped.is_set():
            why = "the stream ended"
            try:
                if not all(map(put, self._listen(self._url))):
                    return
            except OSError as error:
                why = str(error) or type(error).__name__
            self._broke(self._url, why)


def listen_to(url: str) -> Iterator[NDArray[np.int16]]:
    """Yield the sound of a stream; raises OSError when it cannot be had, breaks off or is no sound."""
    import av
    from av.audio.resampler import AudioResampler
    from av.error import FFmpegError

    resampler = AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    # As with the hub: no proxy of the environment stands between.
    options = {"protocol_whitelist": _PROTOCOLS, "http_proxy": "none", **_LOOKED_AT}
    try:
        with av.open(url, options=options, timeout=(PATIENCE_S, PATIENCE_S)) as container:
            if not container.streams.audio:
                raise OSError("there is no sound in the stream")
            for frame in container.decode(container.streams.audio[0]):
                for resampled in resampler.resample(frame):
                    yield np.asarray(resampled.to_ndarray(), np.int16).reshape(-1)
    except (FFmpegError, ValueError) as error:
        raise OSError(f"{type(error).__name__}: {error}"[:160]) from None
