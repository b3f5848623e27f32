"""A counter in front of a camera: a room, a desk, an officer, people who come and go, a sensor with noise.

The camera looks over the officer's shoulder at the visitors. Everything that is seen at the second `t_s`
follows from the seed and from what was done to the scene, so a test draws it without waiting.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_agent.hardware import HardwareError
from sim.judging.figures import Figure, draw_officer, draw_room, draw_visitor

Picture = NDArray[np.uint8]

WALK_S = 2.5
"""How long a person takes from the door to the counter."""

PLACES = (0.5, 0.72, 0.34, 0.86)
"""Where visitors stand, as shares of the width; more people than places stand behind each other."""

VISITS_MAX = 64
"""Visits that are remembered; the oldest finished ones are forgotten first."""

NOISE_PICTURES = 8
NOISE_GREY = 3.0
"""Standard deviation of the sensor's noise, grey levels."""

FLICKER = 0.015
"""How much the lamps flicker, as a share of their light."""


@dataclass(frozen=True)
class Visit:
    """One person's stay; `leaves_s` is None while the person stays."""

    number: int
    arrives_s: float
    leaves_s: float | None = None

    def presence(self, t_s: float) -> float:
        """How far in the person is: 0 outside of the door, 1 at the counter."""
        way_in = (t_s - self.arrives_s) / WALK_S
        # Who turns back on the way in walks out from where he stands at the counter's side.
        way_out = 1.0 if self.leaves_s is None else 1.0 - (t_s - self.leaves_s) / WALK_S
        return max(0.0, min(1.0, way_in, way_out))


@dataclass
class Scene:
    """What a camera sees.

        scene = Scene(seed=7)
        scene.arrive()                  # a person walks in and stays
        picture = scene.draw(scene.now_s())
        scene.leave()                   # the person who has been there longest walks out
        scene.light(0.6)                # a lamp fails
        scene.hung = True               # the camera gives the same picture for ever
        scene.unplugged = True          # the camera is gone

    Safe to use from several threads. Times are seconds of the scene's own clock, which starts at 0.
    """

    seed: int
    clock_s: Callable[[], float] = time.monotonic
    hung: bool = False
    unplugged: bool = False
    _visits: list[Visit] = field(default_factory=list, init=False)
    _lights: list[tuple[float, float]] = field(default_factory=lambda: [(float("-inf"), 1.0)], init=False)
    _stages: dict[tuple[int, int], _Stage] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._began_s = self.clock_s()
        self._arrived = 0

    def now_s(self) -> float:
        """Return the time on the scene's clock."""
        return self.clock_s() - self._began_s

    def arrive(self, at_s: float | None = None) -> None:
        """A person walks in, now or at `at_s`, and stays at the counter, moving a little."""
        with self._lock:
            finished = [each for each in self._visits if each.leaves_s is not None]
            if len(self._visits) >= VISITS_MAX and finished:
                self._visits.remove(finished[0])
            elif len(self._visits) >= VISITS_MAX:
                return  # the room is full
            self._visits.append(Visit(self._arrived, self.now_s() if at_s is None else at_s))
            self._arrived += 1

    def leave(self, at_s: float | None = None) -> None:
        """The person who has been there longest walks out; nothing happens in an empty room."""
        with self._lock:
            for index, visit in enumerate(self._visits):
                if visit.leaves_s is None:
                    leaves_s = max(self.now_s() if at_s is None else at_s, visit.arrives_s + WALK_S)
                    self._visits[index] = replace(visit, leaves_s=leaves_s)
                    return

    def light(self, level: float, at_s: float | None = None) -> None:
        """From now, or from `at_s`, the room has this share of its full light (0–1)."""
        with self._lock:
            del self._lights[:-VISITS_MAX]
            self._lights.append((self.now_s() if at_s is None else at_s, level))

    def draw(self, t_s: float, width: int = 320, height: int = 240) -> Picture:
        """Return the picture (height × width × 3, BGR) of the second `t_s`."""
        with self._lock:
            visits = [visit for visit in self._visits if visit.presence(t_s) > 0]
            level = [level for since_s, level in self._lights if since_s <= t_s][-1]
            stage = self._stages.get((width, height))
            if stage is None:
                stage = self._stages[width, height] = _Stage(self.seed, width, height)
        return stage.draw(t_s, visits, level)


class _Stage:
    """The scene at one size: what never changes is drawn once."""

    def __init__(self, seed: int, width: int, height: int) -> None:
        self._seed = seed
        self._size = (width, height)
        self._room, self._desk_top = draw_room(np.random.default_rng(seed), width, height)
        rng = np.random.default_rng([seed, width, height])
        # Around 128, so that one saturating addition puts it in and takes the 128 out again.
        shape = (NOISE_PICTURES, height, width, 3)
        self._noise = np.clip(rng.normal(128, NOISE_GREY, shape).round(), 0, 255).astype(np.uint8)

    def draw(self, t_s: float, visits: list[Visit], level: float) -> Picture:
        picture = self._room.copy()
        for visit in visits:
            draw_visitor(picture, self._figure(visit, t_s))
        picture[self._desk_top :] = self._room[self._desk_top :]
        draw_officer(picture, self._phase(t_s, 0), busy=bool(visits))
        return self._expose(picture, t_s, level)

    def _figure(self, visit: Visit, t_s: float) -> Figure:
        presence = visit.presence(t_s)
        place = PLACES[visit.number % len(PLACES)]
        door = 1.15
        walking = 0 < presence < 1
        return Figure(
            look=self._seed + visit.number,
            x=door + (place - door) * _smooth(presence),
            sway=self._phase(t_s, visit.number + 1),
            step=math.sin(t_s * 9.0) if walking else 0.0,
        )

    def _phase(self, t_s: float, who: int) -> float:
        """A slow wandering between -1 and 1, different for each person."""
        shift = (self._seed * 31 + who * 17) % 97
        return 0.6 * math.sin(1.9 * t_s + shift) + 0.4 * math.sin(0.73 * t_s + 2.0 * shift)

    def _expose(self, picture: Picture, t_s: float, level: float) -> Picture:
        index = int(t_s * 1000)
        noise = self._noise[index * 7 % NOISE_PICTURES]
        gain = level * (1.0 + FLICKER * math.sin(2.0 * math.pi * 3.7 * t_s + self._seed))
        return np.asarray(cv2.addWeighted(picture, gain, noise, 1.0, -128.0), dtype=np.uint8)


class SimCapture:
    """A camera in front of a scene, as `cv2.VideoCapture`: `read` waits for the next picture, in real time.

    Raises HardwareError when the scene's camera is unplugged.
    """

    def __init__(self, scene: Scene, width: int, height: int, frames_per_s: float) -> None:
        if scene.unplugged:
            raise HardwareError("không thấy máy ảnh (no camera)")
        self._scene = scene
        self._size = (width, height)
        self._period_s = 1.0 / frames_per_s
        self._next_s = scene.now_s()
        self._last: Picture | None = None
        self._closed = threading.Event()

    def isOpened(self) -> bool:
        """Tell whether the camera is there."""
        return not (self._closed.is_set() or self._scene.unplugged)

    def read(self) -> tuple[bool, Any]:
        """Wait for the next picture; (False, None) when the camera is gone or was released."""
        self._closed.wait(max(0.0, self._next_s - self._scene.now_s()))
        if not self.isOpened():
            return False, None
        now_s = self._scene.now_s()
        # Who reads late has missed pictures, as with a real camera.
        self._next_s = max(self._next_s + self._period_s, now_s)
        if self._last is None or not self._scene.hung:
            self._last = self._scene.draw(now_s, *self._size)
        return True, self._last.copy()

    def release(self) -> None:
        """Give the camera back."""
        self._closed.set()


def _smooth(share: float) -> float:
    """Begin and end a walk gently."""
    return share * share * (3.0 - 2.0 * share)
