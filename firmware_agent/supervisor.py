"""Run one process per node, start again what dies, tell the hub, and feed the system's watchdog."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from firmware_agent.backoff import Backoff
from firmware_agent.config import AGENT, DeviceConfig
from firmware_agent.desk import Desk, node_directory
from firmware_agent.hardware import Hardware
from firmware_agent.health import sample_health
from firmware_agent.node import Problems
from firmware_agent.runner import CRASH_FILE, load_device_identity, open_hardware
from firmware_agent.signals import stop_on_signals
from wire.facts import Body, NodeDied, NodeStarted

LOOK_EVERY_S = 0.2
HEALTH_EVERY_S = 60.0
GOODBYE_S = 8.0
"""How long a node may take to end when it is asked to."""

log = logging.getLogger(__name__)


@dataclass
class _Child:
    """One node's process and the history of its deaths."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    start_at_s: float = 0.0
    backoff: Backoff = field(default_factory=Backoff)


class Notes(Protocol):
    """Where the supervisor writes how the device does; it never fails, a full disk keeps less."""

    def note(self, body: Body) -> None:
        """Record it if there is room."""


class Supervisor:
    """Keeps the nodes of a device alive.

    `command(node)` is what starts a node's process.
    """

    def __init__(self, config: DeviceConfig, command: list[str], notes: Notes, problems: Problems) -> None:
        self._config = config
        self._command = command
        self._notes = notes
        self._problems = problems
        self._children = [_Child(node.name) for node in config.nodes]

    def look_after(self, now_s: float) -> None:
        """Start what shall run and notice what died. Called again and again."""
        for child in self._children:
            if child.process is None:
                if now_s >= child.start_at_s:
                    self._start(child, now_s)
            elif child.process.poll() is not None:
                self._bury(child, child.process.returncode, now_s)
            elif child.backoff.well(now_s):
                self._problems.clear(child.name)

    def end(self) -> None:
        """Ask every node to end, wait, and end those that do not."""
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        deadline_s = time.monotonic() + GOODBYE_S
        for process in running:
            try:
                process.wait(max(0.1, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, child: _Child, now_s: float) -> None:
        # setpriv: a node must not outlive a supervisor that was killed.
        child.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *self._command, child.name])
        child.backoff.started(now_s)
        self._notes.note(NodeStarted(node=child.name, pid=child.process.pid))

    def _bury(self, child: _Child, exit_code: int, now_s: float) -> None:
        pause_s = child.backoff.died(now_s)
        child.process = None
        child.start_at_s = now_s + pause_s
        words = self._last_words(child.name) or f"exit code {exit_code}"
        log.warning("nút %s đã dừng (died): %s; chạy lại sau (again in) %.1f s", child.name, words, pause_s)
        self._notes.note(
            NodeDied(
                node=child.name,
                exit_code=exit_code,
                error=words[:500],
                deaths=child.backoff.deaths,
                restart_in_s=pause_s,
            )
        )
        self._problems.report(child.name, f"Nút {child.name} dừng {child.backoff.deaths} lần: {words}")

    def _last_words(self, name: str) -> str:
        try:
            return (
                (node_directory(self._config, name) / CRASH_FILE)
                .read_text(encoding="utf-8", errors="replace")
                .strip()
            )
        except OSError:
            return ""


def run_supervisor(config_path: Path, config: DeviceConfig) -> int:
    """Run all nodes of this device until told to stop; return the exit code."""
    stop = stop_on_signals()
    hardware = open_hardware(config, AGENT)
    problems = Problems()
    identity = load_device_identity(config, hardware.clock)
    desk = Desk(config, AGENT, AGENT, identity, hardware.clock, problems)
    command = [sys.executable, "-m", "firmware_agent", "node", str(config_path)]
    supervisor = Supervisor(config, command, desk, problems)
    desk.start()
    try:
        _watch(supervisor, desk, hardware, config.state_dir, stop)
    finally:
        supervisor.end()
        desk.stop()
        hardware.close()
    return 0


def _watch(
    supervisor: Supervisor, notes: Notes, hardware: Hardware, state_dir: Path, stop: threading.Event
) -> None:
    tell_systemd("READY=1")
    health_due_s = 0.0
    while not stop.wait(LOOK_EVERY_S):
        now_s = time.monotonic()
        supervisor.look_after(now_s)
        if now_s >= health_due_s:
            notes.note(sample_health(hardware, state_dir))
            health_due_s = now_s + HEALTH_EVERY_S
        tell_systemd("WATCHDOG=1")


def tell_systemd(message: str) -> None:
    """Send `message` to systemd's notify socket (sd_notify(3)), where there is one."""
    target = os.environ.get("NOTIFY_SOCKET", "")
    if not target:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.sendto(message.encode(), target.replace("@", "\0", 1) if target[0] == "@" else target)
