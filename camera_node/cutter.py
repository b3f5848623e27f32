"""Decide which pictures make a clip: from a little before the motion to a little after it. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

GAP_S = 5.0
"""A longer pause between two pictures ends the clip: nothing is known about the time between."""


class Shot(Protocol):
    """What the cutter must know of a picture."""

    @property
    def at_s(self) -> float:
        """When it was taken, monotonic seconds."""

    @property
    def size_bytes(self) -> int:
        """Memory that it takes."""


S = TypeVar("S", bound=Shot)


@dataclass(frozen=True)
class ClipRules:
    """How clips are cut, in seconds of the pictures' own clock; `ring_bytes` bounds the memory."""

    before_s: float
    after_s: float
    longest_s: float
    ring_bytes: int

    def __post_init__(self) -> None:
        if not 0 <= self.before_s < self.longest_s or self.after_s < 0 or self.ring_bytes < 0:
            raise ValueError(f"no clips can be cut by {self}: 0 <= before_s < longest_s, 0 <= after_s")


@dataclass(frozen=True)
class Step(Generic[S]):
    """What to do now, in this order: end the open clip, begin one, put these pictures into it."""

    ends: bool = False
    begins: bool = False
    put: tuple[S, ...] = ()


class ClipCutter(Generic[S]):
    """Takes pictures in order of time, one after the other, and says what to do.

    cutter = ClipCutter(ClipRules(before_s=2, after_s=2, longest_s=60, ring_bytes=48_000_000))
    step = cutter.see(frame, moving)

    No picture comes into two clips: those in the ring were never put into one.
    """

    def __init__(self, rules: ClipRules) -> None:
        self._rules = rules
        self._ring: deque[S] = deque()
        self._ring_bytes = 0
        self._began_s: float | None = None
        self._wanted_until_s = 0.0
        self._last_s: float | None = None

    def see(self, shot: S, moving: bool) -> Step[S]:
        """Take the next picture; `moving` tells whether something moves in it."""
        gap = self._last_s is not None and shot.at_s - self._last_s > GAP_S
        broken = self.lose_sight() if gap else Step[S]()
        self._last_s = shot.at_s
        if moving:
            self._wanted_until_s = shot.at_s + self._rules.after_s
        step = self._wait(shot, moving) if self._began_s is None else self._go_on(shot, self._began_s)
        return Step(broken.ends or step.ends, step.begins, step.put)

    def lose_sight(self) -> Step[S]:
        """The camera is gone, or recording is no longer allowed: end the clip, keep no picture."""
        ends = self._began_s is not None
        self._began_s = self._last_s = None
        self._clear()
        return Step(ends=ends)

    @property
    def kept(self) -> tuple[int, int]:
        """How many pictures wait in memory, and their bytes."""
        return len(self._ring), self._ring_bytes

    def _go_on(self, shot: S, began_s: float) -> Step[S]:
        if shot.at_s > self._wanted_until_s:
            self._began_s = None
            self._remember(shot)
            return Step(ends=True)
        if shot.at_s - began_s >= self._rules.longest_s:
            self._began_s = shot.at_s
            return Step(ends=True, begins=True, put=(shot,))
        return Step(put=(shot,))

    def _wait(self, shot: S, moving: bool) -> Step[S]:
        self._remember(shot)
        if not moving:
            return Step()
        put = tuple(self._ring) or (shot,)
        self._clear()
        self._began_s = put[0].at_s
        return Step(begins=True, put=put)

    def _remember(self, shot: S) -> None:
        self._ring.append(shot)
        self._ring_bytes += shot.size_bytes
        oldest_s = shot.at_s - self._rules.before_s
        while self._ring and (self._ring[0].at_s < oldest_s or self._ring_bytes > self._rules.ring_bytes):
            self._ring_bytes -= self._ring.popleft().size_bytes

    def _clear(self) -> None:
        self._ring.clear()
        self._ring_bytes = 0
