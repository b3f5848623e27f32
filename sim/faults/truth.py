"""What really happened in a run: every press, what became of it, and what nobody can hold against us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from wire.facts import Fact


@dataclass
class Press:
    """One press of a citizen. `name` is inside the fact, so that it is known again anywhere."""

    name: str
    device: str
    fact: Fact
    made_at_ms: int
    """When it was, in virtual time."""
    thanked: bool = False
    """The append returned, so the lamp was lit: from now on it must not be lost."""
    excused: str = ""
    """Why it may be missing after all: its only copy left with its card."""


@dataclass
class Truth:
    """All presses by name, in the order they were made, and the story as lines."""

    presses: dict[str, Press] = field(default_factory=dict)
    story: list[tuple[int, str, str, bool]] = field(default_factory=list)
    """(virtual ms, who, what, whether it was a fault)."""
    flipped: set[str] = field(default_factory=set)
    """Devices whose card changed bits: they may say `fact.damaged`, and of gaps."""
    misled: set[str] = field(default_factory=set)
    """Devices, and the hub, whose clocks were put wrong while they called themselves right."""

    def of(self, device: str) -> Iterator[Press]:
        """Yield the presses at one device, in order."""
        return (press for press in self.presses.values() if press.device == device)

    def excuse(self, device: str, why: str, after: int = 0) -> None:
        """Excuse the presses at a device behind its first `after`: they may be missing, never doubled."""
        for press in list(self.of(device))[after:]:
            press.excused = press.excused or why
