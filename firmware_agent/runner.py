"""Run one node in this process, until it is told to stop."""

from __future__ import annotations

import contextlib
import logging
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime

from firmware_agent.clock import Clock
from firmware_agent.config import DeviceConfig
from firmware_agent.desk import Desk, node_directory
from firmware_agent.files import write_durably
from firmware_agent.hardware import Hardware
from firmware_agent.identity import Identity, load_identity
from firmware_agent.node import Context, Problems
from firmware_agent.registry import hardware_driver, node_class
from firmware_agent.signals import stop_on_signals

CRASH_FILE = "crash.txt"
"""Where a node that raised leaves its last words, for the supervisor to pass on."""

log = logging.getLogger(__name__)


def open_hardware(config: DeviceConfig, node: str) -> Hardware:
    """Open the hardware seam for `node` with the driver that the config names."""
    driver = hardware_driver(config.hardware.kind)
    directory = node_directory(config, node)
    directory.mkdir(parents=True, exist_ok=True)
    return driver(config.hardware.options, config.device, node, directory)


def trusted_now(clock: Clock) -> datetime | None:
    """Return the time to judge certificates by; None while the clock is not synchronised."""
    return datetime.fromtimestamp(clock.wall_ms() / 1000, UTC) if clock.synced() else None


def load_device_identity(config: DeviceConfig, clock: Clock) -> Identity:
    """Load this device's identity, judged by its own clock; raises IdentityError."""
    return load_identity(config.identity, config.device, trusted_now(clock))


@contextlib.contextmanager
def open_context(config: DeviceConfig, name: str, stop: threading.Event) -> Iterator[Context]:
    """Put together all that the node `name` is given, and let go of it afterwards."""
    entry = config.node(name)
    hardware = open_hardware(config, name)
    problems = Problems()
    identity = load_device_identity(config, hardware.clock)
    made = node_class(entry.kind)
    hears: frozenset[str] = getattr(made, "HEARS", frozenset())
    desk = Desk(config, name, entry.kind, identity, hardware.clock, problems, hears)
    desk.start()
    try:
        yield Context(
            address=config.address(name),
            settings=made.Settings.model_validate(entry.settings),
            facts=desk,
            documents=desk.documents,
            problems=problems,
            hardware=hardware,
            directory=desk.directory,
            changed=desk.changed,
            stop=stop,
            hub_url=config.hub_url,
            identity=identity,
            neighbours=desk.neighbours,
            sight=desk.sight,
        )
    finally:
        desk.stop()
        hardware.close()


def run_node(config: DeviceConfig, name: str) -> int:
    """Run the node `name` of this device; return the process's exit code."""
    stop = stop_on_signals()
    crash = node_directory(config, name) / CRASH_FILE
    crash.unlink(missing_ok=True)
    try:
        with open_context(config, name, stop) as context:
            node_class(config.node(name).kind)(context).run()
    except Exception as error:
        log.exception("nút %s dừng vì lỗi (node ended by an error)", name)
        with contextlib.suppress(OSError):
            write_durably(crash, "".join(traceback.format_exception_only(error)).strip().encode())
        return 1
    return 0
