"""The broker: Mosquitto, configured and run by the hub, ended with it."""

from __future__ import annotations

import contextlib
import logging
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from commune_hub.broker_words import BrokerWords

READY_WITHIN_S = 15.0
"""How long the broker may take to listen; the port of one that was killed is free again well before."""

GOODBYE_S = 5.0

log = logging.getLogger(__name__)


class BrokerError(Exception):
    """The broker cannot run; the text is one line for a technician."""


def _mosquitto() -> str:
    found = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/bin")
    if found is None:
        raise BrokerError("chưa cài mosquitto (not installed); hãy chạy: apt-get install mosquitto")
    return found


def listening(host: str, port: int) -> bool:
    """Tell whether somebody takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((host, port)) == 0


class Broker:
    """A Mosquitto process that lives as long as the hub, and is started again if it dies."""

    def __init__(
        self, config: Path, host: str, port: int, oversize: Callable[[str], None] = lambda _device: None
    ) -> None:
        """`oversize(device)` hears, on another thread, of each packet that was too large to be let in."""
        self._oversize = oversize
        self._words = BrokerWords()
        self._config = config
        self._host = host
        self._port = port
        self._process: subprocess.Popen[str] | None = None
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="broker", daemon=True)
        self._last_line = ""

    @property
    def pid(self) -> int | None:
        """Process id of the broker that runs now."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the broker and wait until it listens; raises BrokerError."""
        self._await_free_port()
        self._spawn()
        self._await_listening()
        self._keeper.start()

    def reload(self) -> None:
        """Let the broker read its access list anew; connections stay."""
        with contextlib.suppress(ProcessLookupError):  # it may just be coming up, and reads it then
            if self._process is not None and self._process.poll() is None:
                self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End the broker."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(GOODBYE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _spawn(self) -> None:
        # setpriv: the broker must not outlive a hub that was killed, nor keep its port.
        command = ["setpriv", "--pdeathsig", "KILL", _mosquitto(), "-c", str(self._config)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        threading.Thread(target=self._pass_on, args=[self._process], name="broker-log", daemon=True).start()

    def _pass_on(self, process: subprocess.Popen[str]) -> None:
        """Pass the broker's own words on to our log."""
        for line in process.stdout or ():
            self._last_line = line.strip()[:300]
            log.info("mosquitto: %s", self._last_line)
            device = self._words.oversize(line.strip())
            if device is not None:
                self._oversize(device)

    def _await_free_port(self) -> None:
        deadline_s = time.monotonic() + READY_WITHIN_S
        while listening(self._host, self._port):
            if time.monotonic() > deadline_s:
                raise BrokerError(
                    f"cổng {self._port} đã có chương trình khác dùng (port in use); hãy tắt chương trình đó "
                    "hoặc đổi broker.port trong hub.toml"
                )
            time.sleep(0.1)

    def _await_listening(self) -> None:
        deadline_s = time.monotonic() + READY_WITHIN_S
        while not listening(self._host, self._port):
            if self._process is None or self._process.poll() is not None:
                raise BrokerError(f"mosquitto không chạy được (cannot start): {self._last_line}")
            if time.monotonic() > deadline_s:
                raise BrokerError(f"mosquitto không mở được cổng {self._port} (does not listen)")
            time.sleep(0.05)

    def _keep(self) -> None:
        """Start the broker again whenever it ends by itself."""
        while self._process is not None:
            self._process.wait()
            if self._stopping.wait(1.0):
                return
            log.warning("mosquitto đã dừng, khởi động lại (ended, starting again): %s", self._last_line)
            self._spawn()
