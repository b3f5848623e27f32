"""A radio station on loopback: an endless programme as an MP3 stream over http, with a station's bad days.

What is on the air at an instant is known, so that a relay of it can be judged by what was heard.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from fractions import Fraction
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ = 44_100
BIT_RATE = 96_000
FRAME = 1_152
"""Samples in a frame of MP3."""

BURST_S = 1.0
"""What a new listener is sent at once, as Icecast does, so that he hears something soon."""

LISTENERS_MAX = 16
_LOOK_EVERY_S = 0.02

log = logging.getLogger(__name__)


class Radio:
    """A station that sends until it is closed.

        with Radio(melody()) as radio:
            relay(radio.url)
            radio.stall(3.0)        # nothing leaves for so long, then all of it at once
            radio.break_off()       # every listener is thrown out; who asks again is let in
            radio.refusing = True   # nobody is let in
            radio.dead_air = True   # the stream goes on, with silence in it
            radio.on_air_s()        # place in the programme that is sent now

    `programme` is mono int16 at `RATE_HZ`, repeated for ever.
    """

    def __init__(self, programme: NDArray[np.int16]) -> None:
        if not len(programme):
            raise ValueError("a programme without a sample")
        self._programme = programme
        self._began_s = time.monotonic()
        self._stalled_until_s = 0.0
        self._thrown_out = 0
        self._closed = False
        self._places = threading.BoundedSemaphore(LISTENERS_MAX)
        self.refusing = False
        """Whether whoever asks is told 503."""
        self.dead_air = False
        """Whether silence is sent in place of the programme."""
        self.listeners = 0
        """How many were let in so far."""
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=[0.05], name="radio", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is listened to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/live.mp3"

    def on_air_s(self) -> float:
        """Return the place in the programme, in seconds, that is sent now."""
        return (time.monotonic() - self._began_s) % (len(self._programme) / RATE_HZ)

    def stall(self, lasts_s: float) -> None:
        """Send nothing for so long; what is missed then comes at once."""
        self._stalled_until_s = time.monotonic() + lasts_s

    def break_off(self) -> None:
        """Throw every listener out."""
        self._thrown_out += 1

    def close(self) -> None:
        """Go off the air."""
        self._closed = True
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Radio:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send_to(self, listener: _Listener) -> None:
        """Send until the listener goes, is thrown out, or the station is closed."""
        if self.refusing or not self._places.acquire(blocking=False):
            listener.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        try:
            self.listeners += 1
            listener.begin()
            self._stream(listener, self._thrown_out)
        finally:
            self._places.release()

    def _stream(self, listener: _Listener, thrown_out: int) -> None:
        import av
        from av.audio.stream import AudioStream

        frame_no = int((time.monotonic() - self._began_s - BURST_S) * RATE_HZ / FRAME)
        with av.open(listener, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as out:
            stream = out.add_stream("libmp3lame", rate=RATE_HZ, layout="mono")
            assert isinstance(stream, AudioStream)  # noqa: S101 - for the type
            stream.bit_rate = BIT_RATE
            while self._waits_for(frame_no, thrown_out):
                frame = av.AudioFrame.from_ndarray(
                    self._frame(frame_no)[None, :], format="s16p", layout="mono"
                )
                frame.sample_rate = RATE_HZ
                frame.time_base = Fraction(1, RATE_HZ)
                for packet in stream.encode(frame):
                    out.mux(packet)
                frame_no += 1

    def _waits_for(self, frame_no: int, thrown_out: int) -> bool:
        """Wait until this frame is due; False when the listener is to be sent no more."""
        due_s = self._began_s + frame_no * FRAME / RATE_HZ
        while time.monotonic() < max(due_s, self._stalled_until_s):
            if self._closed or self._thrown_out != thrown_out:
                return False
            time.sleep(_LOOK_EVERY_S)
        return not self._closed and self._thrown_out == thrown_out

    def _frame(self, number: int) -> NDArray[np.int16]:
        if self.dead_air:
            return np.zeros(FRAME, np.int16)
        places = number * FRAME + np.arange(FRAME)
        return self._programme[places % len(self._programme)]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, radio: Radio) -> None:
        self.radio = radio
        super().__init__(("127.0.0.1", 0), _Listener)

    def handle_error(self, _request: Any, _client: Any) -> None:
        """Who goes away while he is sent something is no error of the station."""
        log.debug("a listener went away", exc_info=True)


class _Listener(BaseHTTPRequestHandler):
    """One who listens; to the encoder, the file that it writes into."""

    server: _Server

    def do_GET(self) -> None:
        with contextlib.suppress(OSError):  # he went away
            self.server.radio._send_to(self)

    def begin(self) -> None:
        """Say that sound follows."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "audio/mpeg")
        self.end_headers()

    def write(self, content: bytes) -> int:
        """Send a piece of the stream."""
        self.wfile.write(content)
        return len(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of it."""
