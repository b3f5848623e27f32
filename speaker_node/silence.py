"""Silence by hand: the stop button at the pole and what it means, between its thread and the node's looks."""

from __future__ import annotations

import threading
from collections.abc import Callable

from firmware_agent.node import Context
from speaker_node.stop import Stop
from speaker_node.stop_button import StopButton

STOPPED = "Loa đang bị dừng bằng nút ở cột; giữ nút 3 giây để mở lại"
"""What staff are told while it holds."""


class Silence:
    """The stop button, if there is one, and the time for which it holds.

        silence = Silence(context, pin, minutes, silence_at_once)
        silence.look()      # at each look; True: somebody has just pressed
        silence.active
        silence.close()

    A press calls `silence_at_once` from the button's thread and wakes the node, which writes it down. While
    it is active a short press changes nothing, and a long one releases.
    """

    def __init__(
        self, context: Context, pin: int | None, minutes: int, silence_at_once: Callable[[], None]
    ) -> None:
        self._context = context
        self._silence_at_once = silence_at_once
        self._stop = Stop(context.facts, context.clock, minutes)
        self._lock = threading.Lock()
        self._presses = 0
        self._releases = False
        self._was_active = False
        """Whether it was active before the press that lasts."""
        self.active = self._stop.active()
        """Whether nothing may sound."""
        self._button = (
            StopButton(context.hardware.pins(), pin, self._pressed, self._held) if pin is not None else None
        )

    def look(self) -> bool:
        """Write down what the button said; return whether it has just silenced the loudspeaker."""
        with self._lock:
            pressed, self._presses = self._presses > 0, 0
            released, self._releases = self._releases, False
        if released:
            self._stop.release()
        if pressed:
            self._stop.press()
        self.active = self._stop.active()
        self._report()
        return pressed

    def close(self) -> None:
        """Give the button back."""
        if self._button is not None:
            self._button.close()

    def _pressed(self) -> None:
        with self._lock:
            self._was_active = self.active
            if not self.active:
                self.active = True
                self._presses += 1
        if not self._was_active:
            self._silence_at_once()
            self._context.changed.set()

    def _held(self) -> None:
        if self._was_active:
            with self._lock:
                self._releases = True
            self._context.changed.set()

    def _report(self) -> None:
        problems = self._context.problems
        if self._button is not None and self._button.stuck:
            problems.report("stop_button", "Nút dừng ở cột loa bị kẹt hoặc chập dây")
        else:
            problems.clear("stop_button")
        if self.active:
            problems.report("stopped", STOPPED)
        else:
            problems.clear("stopped")
