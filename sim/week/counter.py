"""An officer at a counter: calls, waits for who was called, serves, ends, and has bad luck now and then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sim.faults.schedule import Schedule
from sim.week.people import MINUTE_MS, Visitor

TRY_AGAIN_MS = 25_000
"""What an officer wanted and nothing came of is tried again after so long."""
LOOK_AGAIN_MS = 20_000
RECALL_MS = (45_000, 80_000)
"""Who does not come is called out once more after so long, and again."""
MISSED_MS = 115_000
REST_MS = (4_000, 45_000)
"""Between the end of a visit and the next call."""


class Hall(Protocol):
    """What an officer sees and can do."""

    schedule: Schedule

    def waits(self, counter: str) -> bool:
        """Tell whether anybody in the hall could be called to `counter`."""

    def open_for(self, counter: str) -> bool:
        """Tell whether the officer of `counter` works now, and has power."""

    def order(self, counter: str, action: str) -> None:
        """Give an order by console or keys: next, recall, missed, park, transfer, end."""

    def can(self, action: str, counter: str) -> bool:
        """Tell whether there is a way to give such an order now."""

    def between(self, low_ms: int, high_ms: int) -> int:
        """Return a time by chance."""


class Counter:
    """One officer; `called` and `left` tell him what became of his orders."""

    def __init__(self, hall: Hall, name: str) -> None:
        self._hall = hall
        self.name = name
        self.current: Visitor | None = None
        self._wish = 0
        """Counts what he wanted: an older wish is forgotten."""

    def free(self) -> None:
        """Call the next, or look again after a while."""
        if self.current is not None:
            return
        if self._hall.open_for(self.name) and self._hall.waits(self.name):
            self._want("next", self.free)
        else:
            self._later(LOOK_AGAIN_MS, self.free)

    def called(self, visitor: Visitor | None, comes: bool) -> None:
        """A number was called here; `comes`: its holder is in the hall and heard it."""
        self.current = visitor
        if visitor is not None and comes and not visitor.misses:
            self._later(visitor.walk_ms, lambda: self._serve(visitor))
            return
        self._later(MISSED_MS, self._nobody_came)
        for after_ms in RECALL_MS:
            self._also(after_ms, lambda: self._hall.order(self.name, "recall"))

    def left(self) -> None:
        """The visit is over here, however: ended, missed, parked, transferred."""
        self.current = None
        self._later(self._hall.between(*REST_MS), self.free)

    def _nobody_came(self) -> None:
        self._want("missed", self._nobody_came)

    def _serve(self, visitor: Visitor) -> None:
        """He stands there: some cannot be served to the end today, or not here."""
        if visitor.lacks_paper:
            self._later(round(visitor.service_ms * 0.4), lambda: self._send_away(visitor))
        elif visitor.elsewhere:
            self._later(round(visitor.service_ms * 0.5), lambda: self._send_on(visitor))
        else:
            self._later(visitor.service_ms, lambda: self._finish(visitor))

    def _send_away(self, visitor: Visitor) -> None:
        visitor.lacks_paper = False
        visitor.service_ms = round(visitor.service_ms * 0.6)
        self._want("park", lambda: self._want_again("park"))

    def _send_on(self, visitor: Visitor) -> None:
        """Keys cannot transfer: then he is served here after all."""
        visitor.elsewhere = False
        visitor.service_ms = round(visitor.service_ms * 0.5)
        if self._hall.can("transfer", self.name):
            self._want("transfer", lambda: self._want_again("end"))
        else:
            self._serve(visitor)

    def _finish(self, visitor: Visitor) -> None:
        if not self._hall.can("end", self.name):
            self._later(MINUTE_MS // 2, lambda: self._finish(visitor))
        elif visitor.ended_by_next and self._hall.open_for(self.name) and self._hall.waits(self.name):
            self._want("next", lambda: self._finish(visitor))
        else:
            self._want("end", lambda: self._want_again("end"))

    def _want_again(self, action: str) -> None:
        self._want(action, lambda: self._want_again(action))

    def _want(self, action: str, otherwise: Callable[[], None]) -> None:
        """Give an order. What comes of it is told by `called` or `left`; if nothing does, `otherwise`."""
        self._later(TRY_AGAIN_MS, otherwise)
        if self._hall.can(action, self.name):
            self._hall.order(self.name, action)

    def _later(self, after_ms: int, action: Callable[[], None]) -> None:
        """Do this next, in place of whatever was meant to be next."""
        self._wish += 1
        self._also(after_ms, action)

    def _also(self, after_ms: int, action: Callable[[], None]) -> None:
        wish = self._wish
        self._hall.schedule.after(after_ms, lambda: action() if wish == self._wish else None)
