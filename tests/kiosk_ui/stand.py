"""A kiosk node on a stand: real outbox, real SDL screen, bouncing pins, documents that the test lays down."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from firmware_agent.clock import moment
from firmware_agent.delivery.neighbours import Neighbours
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.hardware import Capture, HardwareError, Keypad, Microphone, Printer, Screen, SoundCard
from firmware_agent.node import Context, Problems, Sight
from firmware_agent.settings import Settings
from sim.parts.keypad import SimKeypad
from sim.parts.pins import SimPins
from sim.parts.printer import SimPrinter
from sim.parts.screen import SimScreen
from tests.support.clocks import HandClock
from tests.support.waiting import HANGS_S
from wire.facts import Body, make_fact, read_body
from wire.intents import Field, IntentBody, Kiosk
from wire.topics import Address

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

B = TypeVar("B", bound=IntentBody)

KIOSK = Kiosk(
    office="UBND xã",
    series="A",
    fields=[Field(id="ho-tich", name="Hộ tịch"), Field(id="dat-dai", name="Đất đai", name_en="Land")],
)


class Desk:
    """The node's facts, in a real outbox; `full` lets the disk refuse them."""

    def __init__(self, path: Path, clock: HandClock) -> None:
        self.outbox = Outbox(path)
        self.full = False
        self._clock = clock

    def record(self, body: Body, state: Mapping[str, Any] | None = None) -> int:
        self._write()
        return self.outbox.append(make_fact(body, moment(self._clock)), state)

    def remember(self, state: Mapping[str, Any]) -> None:
        self._write()
        self.outbox.remember(state)

    def state(self, key: str, default: Any = None) -> Any:
        return self.outbox.state(key, default)

    def bodies(self) -> list[Any]:
        """What is on disk, in order."""
        return [read_body(fact.kind, bytes(fact.body)) for fact in self.outbox.read(1, 10_000, 10**9)[2]]

    def _write(self) -> None:
        if self.full:
            raise sqlite3.OperationalError("database or disk is full")


class Documents:
    """The documents that the test lays down."""

    def __init__(self) -> None:
        self.laid: dict[type[IntentBody], IntentBody] = {}

    def lay(self, body: IntentBody) -> None:
        self.laid[type(body)] = body

    def current(self, body_type: type[B]) -> B | None:
        found = self.laid.get(body_type)
        return found if isinstance(found, body_type) else None


@dataclass
class Stand:
    """Everything that stands around one node, and the node's own thread."""

    directory: Path
    clock: HandClock = field(default_factory=HandClock)
    documents: Documents = field(default_factory=Documents)
    problems: Problems = field(default_factory=Problems)
    changed: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)
    sight: Sight = field(default_factory=Sight)

    def __post_init__(self) -> None:
        self.facts = Desk(self.directory / "outbox.db", self.clock)
        self.sim_pins = SimPins(seed=1)
        self.sim_printer = SimPrinter(self.directory / "printed")
        self.sim_keypad = SimKeypad()
        self.neighbours = Neighbours()
        self.sim_screen: SimScreen | None = None
        self._thread: threading.Thread | None = None

    def context(self, settings: Settings) -> Context:
        return Context(
            address=Address("xuan-luong", "quay-1-pi", "node"),
            settings=settings,
            facts=self.facts,
            documents=self.documents,
            problems=self.problems,
            hardware=self,
            directory=self.directory,
            changed=self.changed,
            stop=self.stop,
            sight=lambda: self.sight,
            neighbours=self.neighbours,
        )

    def start(self, node: Any) -> None:
        """Run the node on a thread of its own, as its process would."""
        self.stop.clear()
        self._thread = threading.Thread(target=node.run)
        self._thread.start()

    def shown(self) -> int:
        """How many pictures the node has shown; from the first on, its buttons are ready."""
        return len(list((self.directory / "frames").glob("*.png")))

    def end(self) -> None:
        """Let the node end."""
        self.stop.set()
        if self._thread is not None:
            self._thread.join(HANGS_S)
            assert not self._thread.is_alive()

    def close(self) -> None:
        self.end()
        self.sim_pins.close()
        self.facts.outbox.close()

    # --- the hardware seam
    def pins(self) -> Any:
        return self.sim_pins.factory

    def screen(self, width: int, height: int) -> Screen:
        self.sim_screen = SimScreen(
            width, height, self.directory / "frames", lambda: time.monotonic_ns() // 1_000_000
        )
        return self.sim_screen

    def printer(self) -> Printer:
        return self.sim_printer

    def keypad(self) -> Keypad:
        return self.sim_keypad

    def sound_card(self) -> SoundCard:
        raise HardwareError("not on this stand")

    def microphone(self, name: str) -> Microphone | None:
        return None

    def camera(self, width: int, height: int, frames_per_s: float) -> Capture:
        raise HardwareError("not on this stand")

    def cpu_celsius(self) -> float | None:
        return None
