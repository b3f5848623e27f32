"""Callings out as a queue of events: each is taken up once, in the order in which they were called.

A document tells the last callings again and again, a neighbour tells one of them earlier; a display and a
loudspeaker of the hall owe each of them its own time. Pure: the time comes as an argument.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping, Sequence

from wire.facts import Body, Moment, TicketCalled, TicketRecalled
from wire.intents import Call

CALLING = frozenset({TicketCalled.KIND, TicketRecalled.KIND})
"""Kinds of facts that tell of a calling out."""

RESUMED = "resumed"
"""Why of a `ticket.called` that calls nobody out: a visit goes on."""

WAITING_MAX = 256
"""Calls that may wait for their turn; beyond it the oldest are given up: several hours of a busy hall."""

KNOWN_MAX = 512
"""Ids that are known again: far more than a document lists (64)."""

KEPT_MAX = 128
"""Ids that outlast a restart."""


class CallLine:
    """The calls that are still to be shown or spoken.

        line = CallLine(late_ms=180_000, done=facts.state("calls", []))
        line.take(board.calls, now_ms)      # whenever a document came; repeats change nothing
        call = line.start()                 # the oldest that waits, or None
        line.done()                         # ids of what was started, to be kept on disk

    `now_ms` is the wall time, None while the clock is not to be trusted. A call that is older than `late_ms`
    when it is first heard of is history: who was meant has gone to his counter. Without a clock, what the
    first document lists is history unless a counter still serves it.
    """

    def __init__(self, late_ms: int, done: Sequence[str] = ()) -> None:
        self._late_ms = late_ms
        self._done: OrderedDict[str, None] = OrderedDict.fromkeys(done)
        self._known: OrderedDict[str, None] = OrderedDict.fromkeys(done)
        self._waiting: deque[Call] = deque(maxlen=WAITING_MAX)
        self._begun = False

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def take(self, calls: Iterable[Call], now_ms: int | None) -> None:
        """Take calls, newest first as documents list them."""
        for call in reversed(list(calls)):
            key = call_key(call)
            if key not in self._known and not self._is_history(call, now_ms):
                self._waiting.append(call)
            self._known[key] = None
            self._known.move_to_end(key)
        while len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)
        self._begun = True

    def start(self) -> Call | None:
        """Take the oldest call out of the line, for its turn."""
        call = self.peek()
        if call is not None:
            self.finish(call)
        return call

    def peek(self) -> Call | None:
        """Return the oldest call without taking it out."""
        return self._waiting[0] if self._waiting else None

    def finish(self, call: Call) -> None:
        """Take a call out for good."""
        if call in self._waiting:
            self._waiting.remove(call)
        self._done[call_key(call)] = None
        while len(self._done) > KEPT_MAX:
            self._done.popitem(last=False)

    def waiting(self) -> list[Call]:
        """Return what waits, oldest first."""
        return list(self._waiting)

    def done(self) -> list[str]:
        """Return the ids of the calls that were started, oldest first."""
        return list(self._done)

    def _is_history(self, call: Call, now_ms: int | None) -> bool:
        if now_ms is None:
            return not self._begun and not call.serving
        return now_ms - call.called_at_ms > self._late_ms


def call_key(call: Call) -> str:
    """Return what a call is known by; hubs of the version before gave no ids."""
    return call.id or f"{call.number}/{call.counter}/{call.called_at_ms}"


def call_told(
    id_: str, moment: Moment, body: Body, names: Mapping[str, str], now_ms: int | None
) -> Call | None:
    """Return the call that a neighbour's fact tells of; None for one that calls nobody out.

    `id_` is the fact's place in its stream (`wire.intents.call_id`), `names` are counters by id. A neighbour
    whose clock is not to be trusted is taken to have called at `now_ms`, when it was heard.
    """
    if not isinstance(body, TicketCalled | TicketRecalled) or getattr(body, "why", "") == RESUMED:
        return None
    return Call(
        number=body.number,
        counter=body.counter,
        counter_name=names.get(body.counter, body.counter),
        called_at_ms=moment.at_ms if moment.synced or now_ms is None else now_ms,
        id=id_,
        ticket=body.ticket,
        recall=isinstance(body, TicketRecalled),
    )
