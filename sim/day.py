"""Play a day: every act at its second, each actor's one after the other, different actors side by side."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from sim.acts import Act
from sim.commune import Commune
from sim.doing import Doer
from sim.judging.audit import wanted_playbacks
from sim.judging.evidence import Evidence, gather, unsent
from sim.truth import Truth

TICK_S = 0.25
REST_WITHIN_S = 60.0
"""How long the commune may take, after the last act, until everything is where it belongs."""
REST_LOOK_EVERY_S = 1.0
CALM_LOOKS = 2
"""Looks in a row that must find everything at rest."""


class Day:
    """One day of a commune that is open: `play` acts, then `rest` until everything has arrived."""

    def __init__(self, commune: Commune, truth: Truth) -> None:
        self._commune = commune
        self._truth = truth
        self.doer = Doer(commune, truth)
        self.ended = threading.Event()
        """Set it to end the day before its time."""
        self._told_fallen: set[str] = set()

    def begin(self) -> None:
        """The office opens: acts count from now."""
        devices = {device.name: list(device.nodes) for device in self._commune.scenario.devices}
        self.doer.opened_s = self._truth.now_s()
        self._truth.write("open", self.doer.opened_s, title=self._commune.scenario.title, devices=devices)

    def now_s(self) -> float:
        """Return seconds since the opening."""
        return self._truth.now_s() - self.doer.opened_s

    def play(self, acts: Iterable[Act], until_s: float, on_tick: Callable[[], None] = lambda: None) -> None:
        """Do each act at its second (`acts` come by time), then wait for `until_s`. Seconds since opening."""
        with ExitStack() as pools:
            actors: dict[str, ThreadPoolExecutor] = {}
            done: list[Future[bool]] = []
            for act in acts:
                if act.at_s > until_s or not self._wait_until(act.at_s, on_tick):
                    break
                if act.actor not in actors:
                    actors[act.actor] = pools.enter_context(
                        ThreadPoolExecutor(1, thread_name_prefix=act.actor)
                    )
                done.append(actors[act.actor].submit(self.doer.do, act))
            self._wait_until(until_s, on_tick)
        for future in done:
            future.result()

    def close(self) -> None:
        """The office closes: what is still broken is mended, people go home, and nothing more is done.

        So a day that is cut short, too, can bring all its facts home.
        """
        self.doer.mend_all()
        self.doer.send_home()
        self._truth.write("close")

    def rest(self) -> bool:
        """Wait until every fact, sound and clip is where it belongs; return whether that came in time."""
        deadline_s = time.monotonic() + REST_WITHIN_S
        calm = 0
        while time.monotonic() < deadline_s:
            calm = calm + 1 if at_rest(self._commune.directory) else 0
            if calm >= CALM_LOOKS:
                self._truth.write("rest")
                return True
            self._note_fallen()
            time.sleep(REST_LOOK_EVERY_S)
        return False

    def _wait_until(self, at_s: float, on_tick: Callable[[], None]) -> bool:
        """Wait until that second of the day; return whether the day goes on."""
        while (left_s := at_s - self.now_s()) > 0:
            if self.ended.wait(min(left_s, TICK_S)):
                return False
            self._note_fallen()
            on_tick()
        return not self.ended.is_set()

    def _note_fallen(self) -> None:
        """Write down, once, what died without being asked to."""
        for who, exit_code in self._commune.crew.fallen().items():
            if who not in self._told_fallen:
                self._told_fallen.add(who)
                self._truth.write("fallen", who=who, exit_code=exit_code)


def at_rest(directory: Path) -> bool:
    """Tell whether outboxes are empty, due bulletins were told to be over, and told clips have arrived."""
    try:
        if unsent(directory / "devices"):
            return False
        return _settled(gather(directory))
    except (OSError, ValueError, sqlite3.Error):
        return False  # a file is being written just now: look again


def _settled(evidence: Evidence) -> bool:
    over = {
        (fact.device, fact.body.get("bulletin"))
        for fact in evidence.of_kind("playback.finished", "playback.refused")
    }
    sounded = all((device, bulletin) in over for device, bulletin, _ in wanted_playbacks(evidence))
    told = evidence.of_kind("clip.recorded")
    arrived = all(fact.body.get("sha256") in evidence.clips for fact in told)
    recorded = {line["device"] for line in evidence.did("arrive")} <= {fact.device for fact in told}
    return sounded and arrived and recorded
