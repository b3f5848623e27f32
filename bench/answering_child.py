"""The process of a rating node under a stopwatch: `python -m bench.answering_child CONFIG NODE OUT PRESSES`.

The node, its outbox, its link and its simulated hardware are those that ship; the stopwatch stands at the
pins and at the screen, where a finger begins and an eye sees.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from firmware_agent.config import load_device_config
from firmware_agent.hardware import Screen
from firmware_agent.pi.hardware import PygameScreen
from firmware_agent.runner import open_context
from kiosk_ui.rating import RatingNode
from kiosk_ui.rating_settings import RatingSettings

PRESS_EVERY_S = 0.22
"""The lamp and the screen change with each press: two levels take turns, each correcting the other."""
ANSWER_WITHIN_S = 5.0
CALM_AFTER_S = 6.0
IDLE_S = 8.0


class Watched:
    """Hardware whose screen and lamps note when they changed."""

    def __init__(self, hardware: Any) -> None:
        self._hardware = hardware
        self.shown_s: list[float] = []
        self.lit_s: dict[int, float] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hardware, name)

    def screen(self, width: int, height: int) -> Screen:
        """Open the screen; note when it is brought to the eye, which is before it is kept as a file."""
        flip = PygameScreen.show

        def noted(screen: PygameScreen) -> None:
            flip(screen)
            self.shown_s.append(time.monotonic())

        PygameScreen.show = noted  # type: ignore[method-assign, assignment]
        screen: Screen = self._hardware.screen(width, height)
        return screen

    def watch_lamp(self, pin: int) -> None:
        """Note when the lamp at `pin` was lit last."""
        lamp = self._hardware.pins().pin(pin)
        change = lamp._change_state

        def noted(value: bool) -> bool:
            changed = bool(change(value))
            if changed and value:
                self.lit_s[pin] = time.monotonic()
            return changed

        lamp._change_state = noted


def main() -> None:
    """Press, note, rest, note; write what was found as JSON."""
    config_path, name, out, presses = sys.argv[1:]
    config = load_device_config(Path(config_path))
    stop = threading.Event()
    with open_context(config, name, stop) as context:
        watched = Watched(context.hardware)
        node = RatingNode(dataclasses.replace(context, hardware=watched))
        running = threading.Thread(target=node.run)
        running.start()
        try:
            found = measure(watched, context.settings, int(presses))
        finally:
            stop.set()
            running.join()
    Path(out).write_text(json.dumps(found), encoding="utf-8")


def measure(watched: Watched, settings: RatingSettings, presses: int) -> dict[str, Any]:
    """Return milliseconds from each press to its lamp and its screen, and what the node costs at rest."""
    while not watched.shown_s:
        time.sleep(0.01)
    pins = watched._hardware._pins
    for lamp in settings.lamps:
        watched.watch_lamp(lamp)
    lamp_ms, screen_ms = [], []
    for number in range(presses):
        place = number % 2
        pressed_s = time.monotonic()
        pins.press(settings.pins[place], 0.06)
        while not _answered(watched, settings.lamps[place], pressed_s):
            if time.monotonic() - pressed_s > ANSWER_WITHIN_S:
                raise TimeoutError(f"press {number} was not answered")
            time.sleep(0.002)
        lamp_ms.append((watched.lit_s[settings.lamps[place]] - pressed_s) * 1_000)
        answered_s = next(each for each in watched.shown_s if each > pressed_s)
        screen_ms.append((answered_s - pressed_s) * 1_000)
        time.sleep(max(0.0, pressed_s + PRESS_EVERY_S - time.monotonic()))
    time.sleep(CALM_AFTER_S)
    before, cpu_s = len(watched.shown_s), time.process_time()
    time.sleep(IDLE_S)
    return {
        "lamp_ms": lamp_ms,
        "screen_ms": screen_ms,
        "idle_cpu": (time.process_time() - cpu_s) / IDLE_S,
        "idle_redraws": len(watched.shown_s) - before,
    }


def _answered(watched: Watched, lamp: int, pressed_s: float) -> bool:
    return watched.lit_s.get(lamp, 0.0) > pressed_s and watched.shown_s[-1] > pressed_s


if __name__ == "__main__":
    main()
