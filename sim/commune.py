"""A whole commune on one machine: made by the product's own commands, run as its own processes.

Only the cables (`sim.network`) and the hardware behind the seam (`sim.hardware`) are simulated.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from firmware_agent.settings import read_toml
from provisioning.toml_text import toml_text
from sim.clock import Start, begin_run
from sim.control import Hands
from sim.flow import Quality
from sim.network import CutMode, Network
from sim.office import Account, Colleague, HubAwayError, RefusedError, healthy, open_client, staff_of
from sim.ports import free_ports
from sim.processes import Crew, kill_child
from sim.scenario import Device, Scenario
from sim.stalls import Stalls
from wire.names import HUB

COMMAND_TIMEOUT_S = 60.0
HUB_WITHIN_S = 40.0
ONLINE_WITHIN_S = 90.0
LOOK_EVERY_S = 0.5
RECONNECT_MAX_S = 3
"""Devices of a simulated day try again often: a day lasts a minute."""
SIDE_BY_SIDE = 2
"""Commands that run at a time while the commune is made."""

WITH_DOCUMENTS = frozenset({"ticket", "display", "camera", "keys"})
"""Kinds of nodes that cannot serve before their first document."""
WITH_HANDS = frozenset({"rating", "ticket", "display", "camera", "keys"})
"""Kinds of nodes that open their hardware at once, and with it their control socket."""

Say = Callable[[str], None]


class CommuneError(Exception):
    """The commune could not be made or opened; the text says which part did not work."""


class Commune:
    """Makes, opens, touches and closes a commune in `directory`.

    with Commune(scenario, directory, seed=1, say=print) as commune:
        commune.make()
        commune.open()
        commune.hands("quay-1-pi", "rating").do(Press(17))
    """

    def __init__(self, scenario: Scenario, directory: Path, seed: int, say: Say) -> None:
        self.scenario = scenario
        self.directory = directory.resolve()
        self.start: Start = begin_run(self.directory)
        self.accounts: list[Account] = []
        """The staff, with the passwords made for this run."""
        self._seed = seed
        self._say = say
        self._closing = contextlib.ExitStack()
        # Unix sockets have short paths, a run's directory may have a long one.
        self._control = Path(tempfile.mkdtemp(prefix="commune-", dir="/tmp"))
        self._closing.callback(shutil.rmtree, self._control, ignore_errors=True)
        self._closing.enter_context(Stalls(self.directory))
        self.network = self._closing.enter_context(Network(seed))
        self.crew = self._closing.enter_context(Crew(self.directory / "logs", {"SDL_VIDEODRIVER": "dummy"}))
        ports = free_ports(4)
        self.broker_port, self.console_port, self.door_port, self.page_port = ports
        self.client: httpx.Client = self._closing.enter_context(open_client(self.console_url))

    @property
    def console_url(self) -> str:
        """Where the hub's console is."""
        return f"http://127.0.0.1:{self.console_port}"

    def make(self) -> None:
        """Make the authority, the hub, every device and the staff, with the product's commands."""
        self._say("Tạo xã: chứng thư, hub, thiết bị, tài khoản (making the commune)")
        plan = self.directory / "plan.toml"
        plan.write_text(plan_toml(self.scenario), encoding="utf-8")
        command("commune-provision", self._init_arguments(plan))
        names = staff_of([counter.id for counter in self.scenario.plan.counters])
        with ThreadPoolExecutor(SIDE_BY_SIDE) as side_by_side:
            enrolled = [side_by_side.submit(self._enrol, device) for device in self.scenario.devices]
            # One after the other: each opens the hub's database, the first makes it.
            self.accounts = side_by_side.submit(lambda: [self._hire(*each) for each in names]).result()
            for each in enrolled:
                each.result()

    def open(self) -> None:
        """Start everything and wait until every node serves; raises CommuneError."""
        self._say("Bật hub và thiết bị (starting hub and devices)")
        self.crew.add(HUB, [program("commune-hub"), "run", str(self.directory / "hub" / "hub.toml")])
        for device in self.scenario.devices:
            config = self._home(device) / "device.toml"
            self.crew.add(device.name, [program("firmware-agent"), "run", str(config)])
        self.crew.start(HUB)
        # The hub first: devices that find nobody wait before they try again.
        self._await(lambda: [] if healthy(self.client) else [HUB], HUB_WITHIN_S)
        for device in self.scenario.devices:
            self.crew.start(device.name)
        watcher = self.colleague("technician")
        self._await(lambda: self._not_serving(watcher), ONLINE_WITHIN_S)

    def close(self) -> None:
        """End everything: devices first, so that the hub hears their last words."""
        names = self.crew.names()
        self.crew.stop(*(name for name in names if name != HUB))
        self.crew.stop(*(name for name in names if name == HUB))
        self._closing.close()

    def colleague(self, role: str, index: int = 0) -> Colleague:
        """Return the member of staff with this role (the `index`-th, for officers of counters)."""
        having = [account for account in self.accounts if account.role == role]
        return Colleague(self.client, having[index])

    def hands(self, device: str, node: str) -> Hands:
        """Return a person's hands at a node."""
        return Hands(self._control, device, node)

    def node_directory(self, device: str, node: str) -> Path:
        """Return where a node keeps its files."""
        return self._home(self.scenario.device(device)) / node

    def node_settings(self, device: str, node: str) -> dict[str, Any]:
        """Return what the device's config says to a node."""
        config = read_toml(self._home(self.scenario.device(device)) / "device.toml")
        found = next(each for each in config["nodes"] if each["name"] == node)
        settings: dict[str, Any] = found.get("settings", {})
        return settings

    def cut(self, device: str, mode: CutMode) -> None:
        """Cut all lines of a device."""
        self.network.cut(device, mode)

    def slow(self, device: str, quality: Quality) -> None:
        """Let all lines of a device carry like this."""
        self.network.slow(device, quality)

    def mend(self, device: str) -> None:
        """Make all lines of a device whole and fast."""
        self.network.mend(device)

    def troubled_devices(self) -> list[str]:
        """Return the devices whose lines are cut or slow now."""
        network = self.network
        return [name for name in network.names() if network.is_cut(name) or network.is_slow(name)]

    def kill(self, who: str) -> None:
        """Cut the power of the hub or a device; `device/node` ends only that node's process."""
        device, _, node = who.partition("/")
        if node:
            kill_child(self.crew.pid(device), node)
        else:
            self.crew.kill(device)

    def power_on(self, who: str) -> None:
        """Give the hub or a device its power back."""
        self.crew.start(who)

    def __enter__(self) -> Commune:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _home(self, device: Device) -> Path:
        return self.directory / "devices" / device.name

    def _init_arguments(self, plan: Path) -> list[str]:
        return [
            "init",
            str(self.directory),
            f"--commune={self.scenario.plan.commune}",
            f"--office={self.scenario.plan.office}",
            "--host=127.0.0.1",
            f"--broker-port={self.broker_port}",
            f"--console-port={self.console_port}",
            f"--door-port={self.door_port}",
            f"--page-port={self.page_port}",
            f"--plan={plan}",
        ]

    def _enrol(self, device: Device) -> None:
        broker = self.network.lay(device.name, "127.0.0.1", self.broker_port)
        door = self.network.lay(device.name, "127.0.0.1", self.door_port)
        options = {"run": self.directory, "control": self._control, "seed": self._seed}
        own = {key: json.dumps(value) for key, value in device.hardware.items()}
        arguments = [
            "enrol",
            device.name,
            f"--commune-dir={self.directory}",
            f"--place={device.place}",
            "--hardware=sim",
            "--broker-host=127.0.0.1",
            f"--broker-port={broker}",
            f"--reconnect-max-s={RECONNECT_MAX_S}",
            *(f"--node={node}" for node in device.nodes),
            *(f"--hardware-option={key}={value}" for key, value in {**own, **options}.items()),
            *_setting_arguments(device),
        ]
        if device.series is not None:
            arguments.append(f"--series={device.series}")
        if device.lease_s is not None:
            arguments.append(f"--lease-s={device.lease_s}")
        command("commune-provision", arguments)
        self._lead_to_door(device, door)

    def _lead_to_door(self, device: Device, port: int) -> None:
        """The device's way to the hub's door leads through its own line, too."""
        path = self._home(device) / "device.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f":{self.door_port}", f":{port}"), encoding="utf-8")

    def _hire(self, account: str, name: str, role: str) -> Account:
        config = str(self.directory / "hub" / "hub.toml")
        told = command(
            "commune-hub", ["staff", "add", config, account, f"--name={name}", f"--role={role}", "--json"]
        )
        return Account(account, name, role, json.loads(told.splitlines()[-1])["password"])

    def _await(self, missing: Callable[[], list[str]], within_s: float) -> None:
        deadline_s = time.monotonic() + within_s
        while still := missing():
            for who, code in self.crew.fallen().items():
                tail = last_lines(self.crew.log_path(who))
                raise CommuneError(f"{who}: dừng với mã (ended with code) {code}\n{tail}")
            if time.monotonic() > deadline_s:
                raise CommuneError(
                    f"chưa sẵn sàng sau (not ready after) {within_s:.0f} s: {', '.join(still)}"
                )
            time.sleep(LOOK_EVERY_S)

    def _not_serving(self, watcher: Colleague) -> list[str]:
        """Return the nodes that do not serve yet."""
        try:
            online = {
                f"{device['device']}/{node['name']}"
                for device in watcher.get("/devices")
                for node in device["nodes"]
                if node["online"]
            }
        except (HubAwayError, RefusedError):
            return [HUB]
        return [name for name, ready in self._readiness(online) if not ready]

    def _readiness(self, online: set[str]) -> Iterator[tuple[str, bool]]:
        for device in self.scenario.devices:
            for node in device.nodes:
                name = f"{device.name}/{node}"
                documents = self._home(device) / node / "documents"
                has_document = node not in WITH_DOCUMENTS or any(documents.glob("*.sealed.json"))
                ready = name in online and has_document
                yield name, ready and (node not in WITH_HANDS or self.hands(device.name, node).reachable())


def _setting_arguments(device: Device) -> list[str]:
    return [
        f"--node-setting={node}.{key}={json.dumps(value, default=str)}"
        for node, settings in device.settings.items()
        for key, value in settings.items()
    ]


def plan_toml(scenario: Scenario) -> str:
    """Return the counters, fields, hamlets and notices as the TOML that `commune-provision init` takes."""
    return toml_text(scenario.plan.model_dump(exclude={"commune", "office"}))


def program(name: str) -> str:
    """Return the installed command `name`, the one beside this Python."""
    return str(Path(sys.executable).with_name(name))


def command(name: str, arguments: list[str]) -> str:
    """Run one of the product's commands to its end and return what it printed; raises CommuneError."""
    try:
        done = subprocess.run(
            [program(name), *arguments],
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommuneError(f"{name} {arguments[0]}: {error}") from None
    if done.returncode:
        raise CommuneError(f"{name} {' '.join(arguments[:2])}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def last_lines(path: Path, count: int = 12) -> str:
    """Return the end of a log."""
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
    except OSError:
        return ""
