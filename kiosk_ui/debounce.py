"""One physical press, one press: what the edges of a bouncing contact mean."""

from __future__ import annotations

import math


class Debouncer:
    """Decides for one button which edges begin a new press.

        debouncer = Debouncer(settle_s=0.04)
        debouncer.edge(pressed=True, at_s=10.000)    # True: a press
        debouncer.edge(pressed=False, at_s=10.002)   # False: the contact bounces …
        debouncer.edge(pressed=True, at_s=10.003)    # False: … and closes

    A press counts at its first edge, so that no press is too short. The next one counts once the contact was
    open for `settle_s` (seconds) without a break, which no train of bounces is. Times are seconds of the
    clock that stamps the edges; a clock that went back is begun anew, and then the press counts.
    `pressed` is how the contact stands at the start: a button that is held then, or shorted, is no press.
    """

    def __init__(self, settle_s: float, pressed: bool = False) -> None:
        self._settle_s = settle_s
        self._pressed = pressed
        self._open_since_s = -math.inf
        self._last_s = -math.inf

    @property
    def pressed(self) -> bool:
        """How the contact stands, by the edges seen."""
        return self._pressed

    def edge(self, pressed: bool, at_s: float) -> bool:
        """Take an edge of the line; tell whether it begins a new press."""
        if at_s < self._last_s:
            self._open_since_s = -math.inf
        self._last_s = at_s
        was_pressed, self._pressed = self._pressed, pressed
        if not pressed:
            self._open_since_s = at_s
            return False
        return not was_pressed and at_s - self._open_since_s >= self._settle_s

    def correct(self, pressed: bool) -> bool:
        """The line stands otherwise than the edges said, and stays so: an edge was lost.

        Tells whether a press began by it.
        """
        began = pressed and not self._pressed
        self._pressed = pressed
        self._open_since_s = -math.inf
        return began
