"""A real Mosquitto on 127.0.0.1 with TLS, certificates for names and the access list of `wire.topics`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from types import TracebackType

from tests.support.commune import COMMUNE, DEVICE, TestCommune
from tests.support.processes import free_port, kill_now, listens
from tests.support.waiting import await_condition
from wire.codec import MAX_MESSAGE_BYTES
from wire.topics import access_list

NODES = {DEVICE: ["agent", "rating", "ticket"]}
"""Who is enrolled at this broker."""


def find_mosquitto() -> str:
    """Return the path of the broker's program; Debian puts it where a plain user's PATH does not look."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    found = shutil.which("mosquitto", path=path)
    assert found, "mosquitto is not installed (packages.debian.txt)"
    return found


class Broker:
    """Start, kill and start again one broker on one port.

    with Broker(commune, tmp_path) as broker:
        broker.kill()       # as a power cut does: nothing is saved, nobody is told
        broker.start()
    """

    def __init__(self, commune: TestCommune, directory: Path, extra: str = "") -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        server = commune.issue("broker")
        self.access_file = directory / "access.acl"
        self.access_file.write_text(access_list(COMMUNE, NODES), encoding="utf-8")
        self._config = directory / "mosquitto.conf"
        self._log = directory / "mosquitto.log"
        lines = [
            f"listener {self.port} 127.0.0.1",
            f"cafile {commune.ca_file}",
            f"certfile {server.certificate}",
            f"keyfile {server.key}",
            "require_certificate true",
            "use_identity_as_username true",
            f"acl_file {self.access_file}",
            f"max_packet_size {MAX_MESSAGE_BYTES + 1024}",
            "persistence false",
            "log_dest stderr",
            *(["user root"] if os.geteuid() == 0 else []),
            extra,
        ]
        self._config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the broker and wait until it takes connections."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([find_mosquitto(), "-v", "-c", str(self._config)], stderr=log)
        await_condition(lambda: listens(self.port) or self._process_ended())
        assert not self._process_ended(), self.log()

    def kill(self) -> None:
        """End it with SIGKILL."""
        if self._process is not None:
            kill_now(self._process)

    def reload(self) -> None:
        """Let it read its access list anew."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def save(self) -> None:
        """Let one with persistence write all that it has to disk now, and wait until it has."""
        assert self._process is not None
        settings = dict(line.split(maxsplit=1) for line in self._config.read_text().splitlines() if line)
        database = Path(settings["persistence_location"]) / "mosquitto.db"
        before_ns = database.stat().st_mtime_ns if database.exists() else 0
        self._process.send_signal(signal.SIGUSR1)
        # It says so before it begins, and puts the file in place when it is whole.
        await_condition(lambda: database.exists() and database.stat().st_mtime_ns > before_ns)

    def log(self) -> str:
        """Return what the broker logged so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _process_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def __enter__(self) -> Broker:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
