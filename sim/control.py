"""How a person's hands reach a simulated device: JSON lines over a Unix socket of each node's process.

The simulator's engine and panel connect, say what a person does ("presses the button at pin 17"), and get an
answer after it is done. The press itself goes through the simulated pins, so every node sees real edges.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import socketserver
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

LINE_BYTES_MAX = 4_096
CONNECTIONS_MAX = 8
SOCKET_PATH_MAX = 107
"""Longest path of a Unix socket on Linux, in bytes (unix(7))."""
ANSWER_WITHIN_S = 10.0
CLOSE_LOOK_S = 0.1
"""How often the listening thread looks whether it shall end."""

log = logging.getLogger(__name__)


class Press(Struct, frozen=True, tag_field="do", tag="press", forbid_unknown_fields=True):
    """Press the button at a pin (BCM number) and let go."""

    pin: Annotated[int, Meta(ge=0, le=53)]
    hold_s: Annotated[float, Meta(ge=0.02, le=5.0)] = 0.15


class Touch(Struct, frozen=True, tag_field="do", tag="touch", forbid_unknown_fields=True):
    """Touch the screen, in pixels from the top left."""

    x: Annotated[int, Meta(ge=0, le=10_000)]
    y: Annotated[int, Meta(ge=0, le=10_000)]


class Arrive(Struct, frozen=True, tag_field="do", tag="arrive", forbid_unknown_fields=True):
    """A person walks into the camera's view and stays."""


class Leave(Struct, frozen=True, tag_field="do", tag="leave", forbid_unknown_fields=True):
    """A person walks out of the camera's view."""


class Paper(Struct, frozen=True, tag_field="do", tag="paper", forbid_unknown_fields=True):
    """Take the printer's paper out, or put it back."""

    out: bool


class Keys(Struct, frozen=True, tag_field="do", tag="keys", forbid_unknown_fields=True):
    """Press keys of the number pad, one after the other."""

    names: Annotated[list[Annotated[str, Meta(max_length=10)]], Meta(min_length=1, max_length=20)]


class Hold(Struct, frozen=True, tag_field="do", tag="hold", forbid_unknown_fields=True):
    """Lay something on a key of the number pad, or lift it off again."""

    name: Annotated[str, Meta(max_length=10)]
    down: bool


class Plug(Struct, frozen=True, tag_field="do", tag="plug", forbid_unknown_fields=True):
    """Plug the number pad in, or pull it out."""

    plugged: bool


class Sound(Struct, frozen=True, tag_field="do", tag="sound", forbid_unknown_fields=True):
    """Do something to the sound card or its amplifier; what is not said stays as it is."""

    plugged: bool | None = None
    """Pull the card out, or plug it in."""
    gain: Annotated[float, Meta(ge=0.0, le=100.0)] | None = None
    """What the amplifier makes of the sound: 1 as it should be, 0 dead, more turned up until it clips."""
    lose_s: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.0
    """Let it underrun once, for so long."""
    horn: bool | None = None
    """Cut the horn off its wire, or hang it up again."""


class Ear(Struct, frozen=True, tag_field="do", tag="ear", forbid_unknown_fields=True):
    """Do something to an ear of a loudspeaker; what is not said stays as it is."""

    name: Literal["microphone", "sense"] = "microphone"
    deaf: bool | None = None
    """Break its wire, or mend it."""
    gain: Annotated[float, Meta(ge=0.0, le=1_000.0)] | None = None
    """How loud it is set: 1 is right, with much more it clips."""


class Look(Struct, frozen=True, tag_field="do", tag="look", forbid_unknown_fields=True):
    """Look at the device: its newest picture, its lamps."""

    pins: Annotated[list[Annotated[int, Meta(ge=0, le=53)]], Meta(max_length=16)] = []


Command = Press | Touch | Arrive | Leave | Paper | Look | Keys | Hold | Plug | Sound | Ear


class Answer(Struct, frozen=True, omit_defaults=True):
    """What became of a command."""

    ok: bool
    error: str = ""
    frame: str | None = None
    """Path of the newest picture of the screen or the camera."""
    lamps: dict[int, bool] = {}


class ControlError(Exception):
    """The device did not do it: it is off, has no such part, or the command is wrong."""


Handler = Callable[[Command], Answer]
"""Does a command and says what became of it; raises ControlError when the device has no such part."""


def read_command(line: bytes) -> Command:
    """Read a line; raises ControlError that says what is wrong with it."""
    if len(line) > LINE_BYTES_MAX:
        raise ControlError(f"dòng quá dài (line too long), tối đa (at most) {LINE_BYTES_MAX}")
    try:
        command: Command = msgspec.json.decode(line, type=Command)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ControlError(f"không hiểu lệnh (command not understood): {error}") from None
    return command


def socket_path(directory: Path, device: str, node: str) -> Path:
    """Return where a node listens; raises ValueError when the path is too long for a socket."""
    path = directory / f"{device}.{node}"
    if len(str(path).encode()) > SOCKET_PATH_MAX:
        raise ValueError(f"{path}: longer than {SOCKET_PATH_MAX} bytes, choose a shorter directory")
    return path


class ControlServer:
    """Listens at `path` and has `handler` do each command, one after the other."""

    def __init__(self, path: Path, handler: Handler) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # left behind by a process that was killed
        self._path = path
        self._server = _Server(str(path), handler)
        path.chmod(0o600)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=[CLOSE_LOOK_S], name="control", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: str, handler: Handler) -> None:
        self.handler = handler
        self.one_at_a_time = threading.Lock()
        self.places = threading.BoundedSemaphore(CONNECTIONS_MAX)
        super().__init__(path, _Connection)

    def answer(self, line: bytes) -> Answer:
        try:
            command = read_command(line)
            with self.one_at_a_time:
                return self.handler(command)
        except ControlError as error:
            return Answer(ok=False, error=str(error))
        except Exception as error:  # a broken part must not end the control connection
            log.exception("lỗi khi điều khiển (error while doing a command)")
            return Answer(ok=False, error=f"{type(error).__name__}: {error}")


class _Connection(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        if not self.server.places.acquire(blocking=False):
            return
        try:
            with contextlib.suppress(OSError):  # the hands went away
                self._answer_lines()
        finally:
            self.server.places.release()

    def _answer_lines(self) -> None:
        while line := self.rfile.readline(LINE_BYTES_MAX + 1):
            if not line.endswith(b"\n"):
                self._skip_rest(line)
            self.wfile.write(msgspec.json.encode(self.server.answer(line)) + b"\n")

    def _skip_rest(self, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = self.rfile.readline(LINE_BYTES_MAX + 1)


class Hands:
    """A person's hands at one node: connects for each act, since nodes come and go."""

    def __init__(self, directory: Path, device: str, node: str) -> None:
        self._path = socket_path(directory, device, node)

    def do(self, command: Command) -> Answer:
        """Do it and say what became of it; raises ControlError when the node is off or lacks the part."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(ANSWER_WITHIN_S)
                connection.connect(str(self._path))
                connection.sendall(msgspec.json.encode(command) + b"\n")
                line = connection.makefile("rb").readline(LINE_BYTES_MAX)
            answer = msgspec.json.decode(line, type=Answer)
        except (OSError, msgspec.DecodeError) as error:
            raise ControlError(f"{self._path.name}: không trả lời (does not answer): {error}") from None
        if not answer.ok:
            raise ControlError(f"{self._path.name}: {answer.error}")
        return answer

    def reachable(self) -> bool:
        """Tell whether the node is on."""
        with contextlib.suppress(ControlError):
            self.do(Look())
            return True
        return False
