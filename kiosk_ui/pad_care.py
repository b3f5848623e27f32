"""Looks after the keys of a number pad: one that is held down or stutters is told, and says nothing more.

What repeats of itself while a key is held never comes here (`firmware_agent.hardware.Keypad`); a pad that
repeats by letting go and pressing again does what no hand does, and is found by that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from firmware_agent.node import Context
from kiosk_ui.contact_health import ContactHealth, Reading
from kiosk_ui.untold import Untold
from wire.facts import ButtonFailed, ButtonRecovered

PAD_LEVEL = 3
"""Level of the pad's keys, all in one, in `wire.facts.ButtonFailed`: the push buttons are 1 and 2."""

NAMES = {"enter": "Enter", "backspace": "Backspace"}
"""What stands on keys that are not called by what they write."""


@dataclass
class _Key:
    health: ContactHealth
    down: bool = False
    edges: int = 0
    presses: int = 0

    def look(self, now_s: float, down: bool, presses: int) -> bool:
        """Take what came since the last look; tell whether the key fell ill or became well."""
        went_up = not down and (self.down or presses > 0)
        self.edges += presses + (max(1, presses) if went_up else 0)
        self.presses += presses
        self.down = down
        return self.health.look(now_s, Reading(down, self.edges, self.presses))


class PadCare:
    """Tells staff of keys that are ill, and leaves out what they say.

    care = PadCare(context, stuck_after_s=20)
    for name in care.look(pad.keys(), pad.held(), counter="quay-1", now_s=now_s): …   # a few times a second
    """

    def __init__(self, context: Context, stuck_after_s: float) -> None:
        self._context = context
        self._stuck_after_s = stuck_after_s
        self._keys: dict[str, _Key] = {}
        self._untold = Untold(context)
        self._told = False
        self._left_out = 0

    def look(self, pressed: Sequence[str], held: Set[str], counter: str, now_s: float) -> list[str]:
        """Return what of `pressed` a hand pressed; tell of what has changed. `now_s` is monotonic."""
        came = Counter(pressed)
        for name in (came.keys() | held) - self._keys.keys():
            self._keys[name] = self._new(now_s, was_up=came[name] > 0)
        changes = [
            key for name, key in sorted(self._keys.items()) if key.look(now_s, name in held, came[name])
        ]
        if changes:
            self._left_out += sum(key.health.edges_left_out for key in changes if key.health.fault is None)
            self._show(counter)
        self._untold.tell(now_s)
        return [name for name in pressed if self._keys[name].health.fault is None]

    def _new(self, now_s: float, was_up: bool) -> _Key:
        """A key that is met for the first time; one that was pressed was up before."""
        key = _Key(ContactHealth(self._stuck_after_s))
        if was_up:
            key.look(now_s, down=False, presses=0)
        return key

    def _show(self, counter: str) -> None:
        ill = {name: key.health.fault for name, key in sorted(self._keys.items()) if key.health.fault}
        if not ill:
            self._context.problems.clear("pad_keys")
            self._untold.add(ButtonRecovered(counter=counter, level=PAD_LEVEL, edges_left_out=self._left_out))
            self._left_out = 0
        else:
            told = ", ".join(NAMES.get(name, name) for name in ill)
            self._context.problems.report(
                "pad_keys",
                f"Phím của bàn phím số bị kẹt hoặc có vật đè lên, bấm phím này không gọi được số: {told}. "
                "Hãy nhấc vật đè ra, gỡ phím bị kẹt.",
            )
            if not self._told:
                fault = next(iter(ill.values()))
                self._untold.add(ButtonFailed(counter=counter, level=PAD_LEVEL, fault=fault))
        self._told = bool(ill)
