"""How long somebody must wait before the next password is looked at: the more wrong ones, the longer.

Counted by account and by where the tries come from. Nobody is ever locked out for good, and nobody's mistakes
or malice at one desk make the owner wait at another that is usual for him.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

FREE_TRIES = 4
"""Wrong passwords in a row without any wait: people mistype."""

WAIT_FIRST_MS = 2_000
"""Wait after the next one; it doubles with each further up to WAIT_MAX_MS."""

WAIT_MAX_MS = 5 * 60_000
"""Some 300 guesses a day at most, of which each needs a wait: hopeless against ten characters."""

CALM_MS = 60 * 60_000
"""After so long without a wrong password all is forgotten."""

Key = tuple[str, str]
"""Account, and where the tries come from."""


@dataclass
class _Tries:
    wrong: int = 0
    last_at_ms: int = 0


class Patience:
    """Remembers the wrong tries of at most `entries_max` keys; the oldest go first."""

    def __init__(self, entries_max: int) -> None:
        self._entries_max = entries_max
        self._tries: OrderedDict[Key, _Tries] = OrderedDict()

    def wait_ms(self, key: Key, now_ms: int) -> int:
        """Return how long the next password must wait; 0: it is looked at now."""
        tries = self._tries.get(key)
        if tries is None:
            return 0
        return max(0, tries.last_at_ms + _wait_after_ms(tries.wrong) - now_ms)

    def was_wrong(self, key: Key, now_ms: int) -> int:
        """Count a wrong password; return the wait that follows it."""
        tries = self._tries.setdefault(key, _Tries())
        if now_ms - tries.last_at_ms >= CALM_MS:
            tries.wrong = 0
        tries.wrong, tries.last_at_ms = tries.wrong + 1, now_ms
        self._tries.move_to_end(key)
        while len(self._tries) > self._entries_max:
            self._tries.popitem(last=False)
        return _wait_after_ms(tries.wrong)

    def was_right(self, key: Key) -> None:
        """Forget the wrong ones."""
        self._tries.pop(key, None)

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._tries)


def _wait_after_ms(wrong: int) -> int:
    beyond = wrong - FREE_TRIES
    return 0 if beyond <= 0 else min(WAIT_FIRST_MS << min(beyond - 1, 20), WAIT_MAX_MS)
