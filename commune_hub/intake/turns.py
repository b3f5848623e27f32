"""Who may send how much: streams with a backlog have turns, a few at a time, so that what happens now is not
kept waiting by what happened yesterday. Pure.

The hub speaks in its acks (`Ack.credit`). A stream that is level, or nearly, may always send. Of those that
are behind, a few have a turn, and share what may be under way in all; the others are told to wait, and are
sent another ack when their turn comes. A word that is lost does no harm: a sender asks again by itself.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from msgspec import structs

from wire.batches import MAX_FACTS_IN_BATCH, Ack, Batch, Stream
from wire.pace import CREDIT_FACTS_MAX, CREDIT_MS

UNDER_WAY_FACTS = 6_400
"""Under way in all from streams with a backlog: a tenth of a second's commits on a PC."""

TURNS_AT_ONCE = 8

TURN_FACTS = 2_400
"""So much a stream sends before it makes room, if others wait."""

LEVEL_FACTS = 20
"""A stream with no more facts behind what is committed sends them without waiting."""

HEAD_OF_LINE = 200

LOOK_EVERY_MS = 500

LEVEL_CREDIT = MAX_FACTS_IN_BATCH

QUIET_MS = 2_000
"""Whoever has a turn and does not use it for so long has lost it."""

FORGOTTEN_MS = CREDIT_MS + 5_000
"""Whoever waits asks again before that, or is gone."""


@dataclass
class _Turn:
    ends_at: int
    """The number with which the turn is over."""
    heard_ms: int


@dataclass
class _Waiting:
    ack: Ack
    heard_ms: int


class Turns:
    """for stream, told in turns.after(batch, ack, now_ms).items():
    publish(stream, told)
    """

    def __init__(
        self, at_once: int = TURNS_AT_ONCE, turn_facts: int = TURN_FACTS, level_facts: int = LEVEL_FACTS
    ) -> None:
        self._at_once = at_once
        self._turn_facts = turn_facts
        self._level_facts = level_facts
        self._turns: dict[Stream, _Turn] = {}
        self._waiting: dict[Stream, _Waiting] = {}
        """In the order in which they came."""
        self._looked_ms = 0

    def after(self, batch: Batch, ack: Ack, now_ms: int) -> dict[Stream, Ack]:
        """Return the acks to send once `batch` was answered with `ack`: its own, with credit, and those of
        streams whose turn begins. One each: the same ack twice would speak of a gap.
        """
        stream = batch.stream
        if ack.forked or batch.newest is None:
            self._leave(stream)
            return {stream: ack}
        self._forget(now_ms)
        if batch.newest - ack.committed <= self._level_facts:
            self._leave(stream)
            told = {stream: structs.replace(ack, credit=LEVEL_CREDIT)}
        else:
            told = {stream: self._of_backlog(stream, ack, now_ms)}
        return told | self._begin_turns(now_ms)

    def _of_backlog(self, stream: Stream, ack: Ack, now_ms: int) -> Ack:
        turn = self._turns.get(stream)
        if turn is not None and (ack.committed < turn.ends_at or not self._waiting):
            turn.heard_ms = now_ms
            return self._with_credit(ack)
        self._turns.pop(stream, None)
        # Who asks again while he waits keeps his place.
        self._waiting[stream] = _Waiting(ack, now_ms)
        return structs.replace(ack, credit=0)

    def _begin_turns(self, now_ms: int) -> dict[Stream, Ack]:
        told = {}
        while self._waiting and len(self._turns) < self._at_once:
            stream = self._whose_turn()
            ack = self._waiting.pop(stream).ack
            self._turns[stream] = _Turn(ack.committed + self._turn_facts, now_ms)
            told[stream] = self._with_credit(ack)
        return told

    def _whose_turn(self) -> Stream:
        """Return who has waited longest, of a device that has no turn if one is near the head of the line."""
        busy = {stream.device for stream in self._turns}
        head = list(itertools.islice(self._waiting, HEAD_OF_LINE))
        return next((each for each in head if each.device not in busy), head[0])

    def _with_credit(self, ack: Ack) -> Ack:
        share = UNDER_WAY_FACTS // max(1, len(self._turns))
        return structs.replace(ack, credit=min(share, CREDIT_FACTS_MAX))

    def _leave(self, stream: Stream) -> None:
        self._turns.pop(stream, None)
        self._waiting.pop(stream, None)

    def _forget(self, now_ms: int) -> None:
        """Drop who is quiet, now and then."""
        if 0 <= now_ms - self._looked_ms < LOOK_EVERY_MS:
            return
        self._looked_ms = now_ms
        for stream in [each for each, turn in self._turns.items() if now_ms - turn.heard_ms >= QUIET_MS]:
            del self._turns[stream]
        for stream in [each for each, one in self._waiting.items() if now_ms - one.heard_ms >= FORGOTTEN_MS]:
            del self._waiting[stream]
