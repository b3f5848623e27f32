"""A hall in trouble: hub, broker and a node that writes, as real processes, and what can be done to them."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.hall import Hall
from sim.flow import Quality
from sim.network import CutMode, Network
from tests.support.trial import ROOT
from tests.support.waiting import await_condition
from wire.facts import RatingPressed
from wire.names import HUB

DEVICE = "quay-1-pi"
NODE = "rating"
WRITER = "writer"
PAUSE_S = (0.05, 0.6)
"""How long a trouble lasts, and how long there is peace after it."""
LEVEL_WITHIN_S = 90.0


@dataclass(frozen=True)
class Diary:
    """What the writer noted."""

    begun: list[str]
    on_disk: list[str]
    refused: list[str]


class Trouble:
    """with Trouble(directory) as trouble:
    trouble.begin()
    trouble.some(12, chance)
    trouble.end_and_check()
    """

    def __init__(self, directory: Path) -> None:
        self.hall = Hall(directory)
        self.network = Network()
        self.diary_path = directory / "diary"
        self.done: Counter[str] = Counter()
        """How often each kind of trouble was made."""
        port = self.network.lay(DEVICE, "127.0.0.1", self.hall.broker_port)
        self.config = self.hall.enrol(DEVICE, [NODE], broker_port=port)
        self._command = [
            sys.executable,
            "-m",
            "tests.faults.writer",
            str(self.config),
            NODE,
            str(self.diary_path),
        ]

    def begin(self) -> None:
        """Start all; the first facts are in the ledger when this returns."""
        os.environ["PYTHONPATH"] = str(ROOT)
        self.hall.start_hub()
        self.hall.crew.add(WRITER, self._command)
        self.hall.crew.start(WRITER)
        await_condition(self.taken, 30)

    def some(self, cycles: int, chance: random.Random) -> None:
        """Make so many troubles, each mended before the next: every kind as often, in any order."""
        troubles: list[Callable[[random.Random], None]] = [
            self.kill_writer,
            self.kill_hub,
            self.kill_broker,
            self.stop_one,
            self.reset_line,
            self.silence_line,
            self.forget_line,
            self.slow_line,
        ]
        rounds = -(-cycles // len(troubles))
        dealt = [trouble for _ in range(rounds) for trouble in chance.sample(troubles, len(troubles))]
        for trouble in dealt[:cycles]:
            trouble(chance)
            self.done[trouble.__name__] += 1
            time.sleep(chance.uniform(*PAUSE_S))

    def kill_writer(self, chance: random.Random) -> None:
        """SIGKILL while it writes; it comes back after a while."""
        self.hall.crew.kill(WRITER)
        time.sleep(chance.uniform(*PAUSE_S))
        self.hall.crew.start(WRITER)

    def kill_hub(self, chance: random.Random) -> None:
        """SIGKILL to the hub and its broker."""
        self.hall.crew.kill(HUB)
        time.sleep(chance.uniform(*PAUSE_S))
        self.hall.crew.start(HUB)

    def kill_broker(self, _chance: random.Random) -> None:
        """SIGKILL to the broker alone: the hub starts it again."""
        with contextlib.suppress(ProcessLookupError):  # it may just be coming up
            os.kill(self.hall.broker_pid(), signal.SIGKILL)

    def stop_one(self, chance: random.Random) -> None:
        """SIGSTOP: there, but deaf; its connections stay open."""
        with contextlib.suppress(ProcessLookupError):
            pids = [self.hall.crew.pid(HUB), self.hall.crew.pid(WRITER), self.hall.broker_pid()]
            pid = chance.choice(pids)
            os.kill(pid, signal.SIGSTOP)
            time.sleep(chance.uniform(*PAUSE_S))
            os.kill(pid, signal.SIGCONT)

    def reset_line(self, chance: random.Random) -> None:
        """Cut the device's line so that both ends are told."""
        self._cut("reset", chance)

    def silence_line(self, chance: random.Random) -> None:
        """Stop the device's line: nobody is told, and what was under way arrives later."""
        self._cut("silent", chance)

    def forget_line(self, chance: random.Random) -> None:
        """Leave the device's connection half open, for good: both ends go on believing in it."""
        self._cut("half-open", chance)

    def slow_line(self, chance: random.Random) -> None:
        """Let the device's line carry as badly as chance wants; the writer makes more than passes."""
        latency_s = chance.uniform(0.05, 0.5)
        self.network.slow(DEVICE, Quality(latency_s, latency_s / 2, chance.uniform(2_000, 40_000)))
        time.sleep(chance.uniform(*PAUSE_S))
        self.network.mend(DEVICE)

    def _cut(self, mode: CutMode, chance: random.Random) -> None:
        self.network.cut(DEVICE, mode)
        time.sleep(chance.uniform(*PAUSE_S))
        self.network.mend(DEVICE)

    def diary(self) -> Diary:
        """Read what the writer noted so far."""
        lines = self.diary_path.read_text(encoding="ascii").splitlines() if self.diary_path.exists() else []
        return Diary(*([line[2:] for line in lines if line[0] == sign] for sign in "+=-"))

    def taken(self) -> Counter[str]:
        """Return how often each press stands in the ledger."""
        rows = self.hall.ask(
            "SELECT json_extract(body, '$.ticket'), count(*) FROM facts WHERE kind = ? GROUP BY 1",
            [RatingPressed.KIND],
        )
        return Counter(dict(rows))

    def end_and_check(self) -> Diary:
        """End the writing, let everything arrive, and compare the ledger with the diary."""
        crew = self.hall.crew
        crew.kill(WRITER)
        crew.add(WRITER, [*self._command, "0"])
        crew.start(WRITER)
        crew.start(HUB)
        self.hall.await_hub()
        diary = self.diary()
        await_condition(lambda: set(diary.on_disk) <= set(self.taken()), LEVEL_WITHIN_S)
        taken = self.taken()
        assert not [name for name, count in taken.items() if count != 1], "doubled in the ledger"
        assert set(taken) <= set(diary.begun), "never written by anybody"
        assert self.hall.ask("SELECT count(*) FROM presses") == [(len(taken),)], "doubled in the conclusions"
        assert self.hall.ask("SELECT * FROM lost") == []
        holes = self.hall.ask(
            "SELECT device, node, epoch FROM facts GROUP BY 1, 2, 3 HAVING count(*) <> max(seq)"
        )
        assert holes == []
        return diary

    def close(self) -> None:
        """End every process and line."""
        self.hall.close()
        self.network.close()

    def __enter__(self) -> Trouble:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
