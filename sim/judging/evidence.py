"""All that a run left behind, read with plain means: sqlite3, json, wave. No part of the product reads it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sim.clock import Start, read_start
from sim.judging.listening import Sounding, listen
from sim.stalls import STALLS_FILE, Stall, read_stalls
from sim.truth import read_truth

SCENARIO_FILE = "scenario.toml"


@dataclass(frozen=True)
class StoredFact:
    """A row of the hub's table `facts`."""

    device: str
    node: str
    epoch: str
    seq: int
    kind: str
    t_s: float
    """When it happened, in seconds since the run's start."""
    body: dict[str, Any]


@dataclass(frozen=True)
class Leftover:
    """A fact that a node had not been told is safe."""

    outbox: str
    kind: str
    t_s: float


@dataclass(frozen=True)
class Evidence:
    """What a run left behind."""

    truth: list[dict[str, Any]]
    facts: list[StoredFact]
    heard: dict[str, list[Sounding]]
    """Stretches of sound, by loudspeaker."""
    leftovers: list[Leftover]
    clips: frozenset[str]
    """SHA-256 of the files that the hub keeps, computed anew."""
    cameras: tuple[str, ...]
    stalls: list[Stall]
    """When the machine of the run stood still, in seconds since the run's start."""

    def did(self, *what: str) -> list[dict[str, Any]]:
        """Return the lines of truth in which one of `what` was done."""
        return [line for line in self.truth if line["do"] in what]

    def of_kind(self, *kinds: str) -> list[StoredFact]:
        """Return the stored facts of these kinds, by time."""
        return sorted((fact for fact in self.facts if fact.kind in kinds), key=lambda fact: fact.t_s)


def gather(directory: Path) -> Evidence:
    """Read what the run in `directory` left behind; raises OSError, ValueError or sqlite3.Error."""
    start = read_start(directory)
    truth = list(read_truth(directory))
    devices: dict[str, list[str]] = next((line["devices"] for line in truth if line["do"] == "open"), {})
    with_node = {kind: sorted(name for name, nodes in devices.items() if kind in nodes) for kind in _KINDS}
    return Evidence(
        truth=truth,
        facts=list(_facts(directory / "hub" / "hub.db", start)),
        heard={name: listen(directory / "devices" / name / "speaker") for name in with_node["speaker"]},
        leftovers=list(_leftovers(directory / "devices", start)),
        clips=frozenset(_hashes(directory / "hub" / "clips")),
        cameras=tuple(with_node["camera"]),
        stalls=stalls_of(directory, start),
    )


_KINDS = ("speaker", "camera")


def stalls_of(directory: Path, start: Start) -> list[Stall]:
    """Return when the machine of the run in `directory` stood still, in seconds since the run's start."""
    found = read_stalls(directory / STALLS_FILE)
    return [Stall(start.at_mono_s(each.begin_s), start.at_mono_s(each.end_s)) for each in found]


def unsent(devices: Path) -> int:
    """Return how many facts lie in the outboxes under `devices`."""
    return sum(_count(path) for path in devices.glob("*/*/outbox.db"))


def _count(path: Path) -> int:
    with closing(_open(path)) as database:
        return int(database.execute("SELECT count(*) FROM facts").fetchone()[0])


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)


def _facts(path: Path, start: Start) -> Iterator[StoredFact]:
    with closing(_open(path)) as database:
        rows = database.execute("SELECT device, node, epoch, seq, kind, at, body FROM facts")
        for device, node, epoch, seq, kind, at, body in rows:
            at_ms = datetime.fromisoformat(at).timestamp() * 1000
            yield StoredFact(device, node, epoch, seq, kind, start.since_s(at_ms), json.loads(body))


def _leftovers(devices: Path, start: Start) -> Iterator[Leftover]:
    for path in sorted(devices.glob("*/*/outbox.db")):
        with closing(_open(path)) as database:
            for (raw,) in database.execute("SELECT fact FROM facts ORDER BY seq").fetchall():
                fact = json.loads(raw)
                name = "/".join(path.parts[-3:-1])
                yield Leftover(name, fact["kind"], start.since_s(fact["moment"]["at_ms"]))


def _hashes(directory: Path) -> Iterator[str]:
    for path in sorted(directory.glob("*.mp4")):
        with path.open("rb") as file:
            yield hashlib.file_digest(file, "sha256").hexdigest()
