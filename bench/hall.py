"""A commune for one measurement or one test: the real hub as a process, with its broker, and devices' desks.

Made by the same code as `commune-provision`: certificates, access list, roster are those of a real commune.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from commune_hub.hub import DATABASE
from firmware_agent.clock import SystemClock
from firmware_agent.config import load_device_config
from firmware_agent.desk import Desk
from firmware_agent.identity import load_identity
from firmware_agent.node import Problems
from provisioning.commune import Wish, make_commune
from provisioning.enrolment import enrol
from provisioning.order import Order
from sim.clock import begin_run
from sim.commune import command, last_lines, program
from sim.office import Account, Colleague, open_client
from sim.ports import free_ports
from sim.processes import Crew
from wire.names import HUB

READY_WITHIN_S = 40.0
LOOK_EVERY_S = 0.02
COMMUNE = "xuan-luong"
PLACE = "quay-1"
"""A counter of provisioning's default plan."""


class Hall:
    """with Hall(directory) as hall:
    config = hall.enrol("quay-1-pi", ["rating"])
    hall.start_hub()
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self.broker_port, self._console_port, door_port = free_ports(3)
        wish = Wish(
            COMMUNE,
            "UBND xã Xuân Lương",
            broker_port=self.broker_port,
            console_port=self._console_port,
            door_port=door_port,
        )
        self.config = make_commune(self.directory, wish, datetime.now(UTC))
        begin_run(self.directory)
        self.crew = Crew(self.directory / "logs", {"SDL_VIDEODRIVER": "dummy"})
        self.crew.add(HUB, [program("commune-hub"), "run", str(self.directory / "hub" / "hub.toml")])

    @property
    def database(self) -> Path:
        """Where the hub keeps everything."""
        return self.directory / "hub" / DATABASE

    def enrol(
        self,
        device: str,
        nodes: Sequence[str],
        *,
        kind: str = "rating",
        place: str = PLACE,
        series: str | None = None,
        broker_port: int | None = None,
        control: str | None = None,
        settings: Mapping[str, Any] | None = None,
        out: Path | None = None,
    ) -> Path:
        """Enrol a device with nodes of one kind and these names; return its device.toml.

        With `control`, a short directory for sockets, its processes can run on simulated hardware. `out` is
        where the device's own directory shall be.
        """
        order = Order(
            device,
            self.directory,
            place=place,
            nodes=[(kind, name) for name in nodes],
            series=series,
            hardware="sim" if control else "pi",
            hardware_options={"run": str(self.directory), "control": control, "seed": 1} if control else {},
            node_settings={name: dict(settings) for name in nodes} if settings else {},
            broker_host="127.0.0.1",
            broker_port=broker_port or self.broker_port,
            reconnect_max_s=1,
            out=out,
        )
        return enrol(order, datetime.now(UTC)).config

    def colleague(self, account: str, role: str) -> Colleague:
        """Employ somebody; return them at the hub's API."""
        config = str(self.directory / "hub" / "hub.toml")
        told = command(
            "commune-hub", ["staff", "add", config, account, f"--name={account}", f"--role={role}", "--json"]
        )
        password = json.loads(told.splitlines()[-1])["password"]
        client = open_client(f"http://127.0.0.1:{self._console_port}")
        return Colleague(client, Account(account, account, role, password))

    def start_hub(self) -> int:
        """Start the hub and wait until it serves; return its pid."""
        pid = self.crew.start(HUB)
        self.await_hub()
        return pid

    def await_hub(self) -> None:
        """Wait until the hub serves; raises TimeoutError with the end of its log."""

        def serves() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                return httpx.get(f"http://127.0.0.1:{self._console_port}/api/v1/health").is_success
            return False

        try:
            await_true(serves, READY_WITHIN_S)
        except TimeoutError:
            raise TimeoutError(last_lines(self.crew.log_path(HUB))) from None

    def broker_pid(self) -> int:
        """Return the pid of the broker that the hub runs now; raises ProcessLookupError."""
        return child_pid(self.crew.pid(HUB), b"mosquitto")

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Ask the hub's store, without the hub's own code."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            return database.execute(sql, values).fetchall()

    def close(self) -> None:
        """End every process."""
        self.crew.close()

    def __enter__(self) -> Hall:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextlib.contextmanager
def sockets() -> Iterator[str]:
    """Make a directory for the sockets of simulated devices: Unix sockets have short paths."""
    directory = tempfile.mkdtemp(prefix="c-", dir="/tmp")
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def open_desk(config_path: Path, node: str) -> Desk:
    """Return the desk of a node, with its outbox and its link, as the node's process opens it."""
    config = load_device_config(config_path)
    identity = load_identity(config.identity, config.device, None)
    return Desk(config, node, "rating", identity, SystemClock(), Problems())


def await_true(check: Callable[[], object], within_s: float) -> None:
    """Call `check` until it returns something true; raises TimeoutError."""
    deadline_s = time.monotonic() + within_s
    while not check():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"not within {within_s:.0f} s: {check}")
        time.sleep(LOOK_EVERY_S)


def child_pid(parent: int, program_name: bytes, last_word: bytes = b"") -> int:
    """Return the pid of the child of `parent` that runs this program, its command line ending with
    `last_word` where one is given; raises ProcessLookupError.
    """
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text(encoding="ascii").split():
                words = Path(f"/proc/{child}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
                if words[0].rpartition(b"/")[2] == program_name and words[-1].endswith(last_word):
                    return int(child)
    raise ProcessLookupError(f"{program_name.decode()}: no such child of {parent}")
