"""What the hall goes by: the board of its displays, and the calls that its loudspeakers speak."""

from __future__ import annotations

from commune_hub.capabilities.notices import Notices
from commune_hub.capabilities.queue import CallMade, Queue
from provisioning.plan import HubConfig
from wire.codec import encode
from wire.intents import Board, Call, Calls, Notice, Waiting

CALLS_TOLD = 64
WAITING_SHOWN = 16
"""As many as the documents hold (wire.intents)."""

NOTICES_MAX_BYTES = 120 * 1024
"""So much of a board is notices: all of it must stay far below the largest message (wire.codec)."""

OPEN = "{open}"
"""In a reminder: how many visits are open at the counters now."""


def compose_board(config: HubConfig, queue: Queue, notices: Notices) -> Board:
    """Return the document for a display."""
    fields = {field.id: field.name for field in config.fields}
    counters = _counter_names(config)
    waiting = queue.waiting()
    return Board(
        office=config.office,
        calls=_calls(queue, counters),
        waiting=[
            Waiting(number=each.number, field=fields.get(each.field, each.field))
            for each in waiting[:WAITING_SHOWN]
        ],
        waiting_total=len(waiting),
        notices=_notices(notices, len(queue.serving())),
        names={**counters, **fields},
    )


def compose_calls(config: HubConfig, queue: Queue) -> Calls:
    """Return the document for a loudspeaker of the hall."""
    counters = _counter_names(config)
    letters = {each.number[:1] for each in queue.waiting()}
    series = "".join(sorted(letter for letter in letters if "A" <= letter <= "Z"))
    return Calls(calls=_calls(queue, counters), names=counters, series=series)


def _counter_names(config: HubConfig) -> dict[str, str]:
    return {counter.id: counter.name for counter in config.counters}


def _calls(queue: Queue, counters: dict[str, str]) -> list[Call]:
    return [_call(each, counters) for each in queue.calls(CALLS_TOLD)]


def _call(made: CallMade, counters: dict[str, str]) -> Call:
    return Call(
        number=made.number,
        counter=made.counter,
        counter_name=counters.get(made.counter, made.counter),
        called_at_ms=made.at_ms,
        id=made.id,
        ticket=made.ticket,
        serving=made.serving,
        recall=made.recall,
    )


def _notices(notices: Notices, open_visits: int) -> list[Notice]:
    told: list[Notice] = []
    left = NOTICES_MAX_BYTES
    for each in notices.on_board():
        lines = list(each.lines)
        if each.kind == "reminder":
            lines = [line.replace(OPEN, str(open_visits)) for line in lines]
        notice = Notice(
            title=each.title,
            lines=lines,
            kind=each.kind,
            picture=each.picture,
            from_ms=each.from_ms,
            until_ms=each.until_ms,
        )
        left -= len(encode(notice))
        if left < 0:
            break
        told.append(notice)
    return told
