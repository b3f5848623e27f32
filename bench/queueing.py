"""The queue under load: how fast the next is called, and that no number is given or served twice when the
network comes and goes.
"""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.hall import Hall, await_true
from bench.measure import Measured, Skipped, one_to_one
from commune_hub.capabilities.queue import Officer
from commune_hub.hub import Capabilities, open_capabilities
from firmware_agent.clock import SystemClock
from firmware_agent.config import load_device_config
from firmware_agent.desk import Desk
from firmware_agent.identity import load_identity
from firmware_agent.node import Context, Problems
from firmware_agent.registry import NODES, NotInstalledError, node_class
from firmware_agent.settings import read_toml
from kiosk_ui.keys import KeysNode, KeysSettings
from kiosk_ui.localtime import local_day
from kiosk_ui.series import Series, next_series, number_text, ticket_id
from provisioning.plan import DEFAULT_PLAN, check_hub_config
from sim.network import Network
from sim.parts.bare import BareHardware
from sim.parts.keypad import SimKeypad
from wire.batches import Batch
from wire.facts import Moment, TicketIssued, make_fact

WAITING = 500
CALLS = 200
TICKETS = 1_000
"""Of each kiosk."""
KIOSKS = {"kiosk-1": "A", "kiosk-2": "B"}
COUNTERS = {"keys-1": "quay-1", "keys-2": "quay-2"}
ISSUING_S = 20.0
CUT_S, WHOLE_S = 1.0, 2.0
LEVEL_WITHIN_S = 60.0
KEY_EVERY_S = 0.4
GOAL_CALL_MS = 100.0
"""What a person takes for at once (Nielsen, 1993)."""
GOAL_KEY_MS = 1_000.0


def measure_queueing(directory: Path) -> list[Measured | Skipped]:
    """Call-next with many waiting, and a morning of two kiosks and two counters on a bad network."""
    with tempfile.TemporaryDirectory(dir=directory) as place:
        found: list[Measured | Skipped] = [*_measure_calls(Path(place))]
    with tempfile.TemporaryDirectory(dir=directory) as place:
        try:
            node_class("keys")
        except NotInstalledError as error:
            return [*found, Skipped("the queue on a bad network", f"{NODES}: {error}")]
        return [*found, *_measure_morning(Path(place))]


def _measure_calls(directory: Path) -> list[Measured]:
    """Each call ends a visit and calls the next of 500 at the store on disk, as the API does."""
    values = {**read_toml(DEFAULT_PLAN), "commune": "xuan-luong", "office": "UBND xã"}
    (directory / "roster").mkdir()
    capabilities = open_capabilities(check_hub_config(values, "hub.toml", directory))
    try:
        _issue(capabilities, WAITING + CALLS)
        work = capabilities.queue.work(capabilities.ledger)
        took_ms = []
        for _ in range(CALLS):
            start_s = time.perf_counter()
            work.call_next(Officer("hoa", "quay-1"))
            took_ms.append((time.perf_counter() - start_s) * 1_000)
    finally:
        capabilities.store.close()
    return [
        one_to_one(
            f"call-next with {WAITING} to {WAITING + CALLS} waiting, {name}",
            "ms",
            "lower",
            figure,
            GOAL_CALL_MS,
            "our goal: at once",
        )
        for name, figure in (("p50", statistics.median(took_ms)), ("p99", percentile(took_ms, 0.99)))
    ]


def percentile(figures: list[float], share: float) -> float:
    """Return the figure below which this share of all lies; 0 where there is none."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _issue(capabilities: Capabilities, count: int) -> None:
    now_ms = time.time_ns() // 1_000_000
    day = capabilities.queue.today()
    for first in range(1, count + 1, 100):
        facts = [
            make_fact(
                TicketIssued(ticket=f"t{n:04}", number=f"A{n:03}", field="ho-tich", day=day, printed=True),
                Moment(at_ms=now_ms - 60_000 + n, mono_ms=n, boot="b", synced=True),
            )
            for n in range(first, first + 100)
        ]
        capabilities.ledger.take(
            Batch(device="kiosk", node="ticket", epoch="0" * 16, first=first, oldest=1, facts=facts)
        )


@dataclass
class _Counter:
    """A keys node with its link, run by a thread as its process would; a finger that presses Enter."""

    desk: Desk
    pad: SimKeypad
    node: KeysNode
    stop: threading.Event
    thread: threading.Thread
    answers_ms: list[float] = field(default_factory=list)

    def press(self) -> None:
        """Press Enter; note how long the key before it took to its answer."""
        if self.node.answered_after_s is not None:
            self.answers_ms.append(self.node.answered_after_s * 1_000)
            self.node.answered_after_s = None
        self.pad.press(["enter"])


def _measure_morning(directory: Path) -> list[Measured]:
    with Hall(directory) as hall, contextlib.closing(Network()) as network:
        kiosks = {
            name: _open(hall, network, name, "ticket", "hall", series) for name, series in KIOSKS.items()
        }
        counters = {name: _open_counter(hall, network, name, place) for name, place in COUNTERS.items()}
        hall.start_hub()
        for desk in kiosks.values():
            desk.start()
        for counter in counters.values():
            counter.desk.start()
            counter.thread.start()
        ended = threading.Event()
        at_work = [
            threading.Thread(target=_give_numbers, args=(desk, name, KIOSKS[name]))
            for name, desk in kiosks.items()
        ]
        at_work.append(threading.Thread(target=_press_keys, args=(list(counters.values()), ended)))
        at_work.append(threading.Thread(target=_weather, args=(network, ended)))
        for thread in at_work:
            thread.start()
        for thread in at_work[: len(kiosks)]:
            thread.join()
        ended.set()
        for thread in at_work:
            thread.join()
        desks = [*kiosks.values(), *(each.desk for each in counters.values())]
        await_true(lambda: all(each.sight().backlog == 0 for each in desks), LEVEL_WITHIN_S)
        for counter in counters.values():
            counter.stop.set()
            counter.thread.join(10)
        for desk in desks:
            desk.stop()
        return _judge(hall, [ms for each in counters.values() for ms in each.answers_ms])


def _judge(hall: Hall, answers_ms: list[float]) -> list[Measured]:
    """Count in the hub's store, without the hub's own code."""
    ((kept, tickets, numbers),) = hall.ask(
        "SELECT count(*), count(DISTINCT ticket), count(DISTINCT number) FROM tickets"
    )
    lost = len(KIOSKS) * TICKETS - tickets
    ((unmarked,),) = hall.ask(
        "SELECT count(*) FROM (SELECT ticket FROM queue_events "
        "WHERE kind = 'ticket.called' AND displaced = 0 GROUP BY ticket "
        "HAVING count(DISTINCT counter) > 1) JOIN tickets USING (ticket) WHERE clashes = 0"
    )
    ((called,),) = hall.ask("SELECT count(*) FROM tickets WHERE called_at_ms IS NOT NULL")
    ((alone,),) = hall.ask("SELECT count(*) FROM tickets WHERE by = 'keys'")
    ((clashes,),) = hall.ask("SELECT count(*) FROM tickets WHERE clashes > 0")
    told = f"{len(KIOSKS)} kiosks x {TICKETS:,} tickets, lines cut {CUT_S:.0f} s in {CUT_S + WHOLE_S:.0f}"
    none = "none is right"
    return [
        one_to_one(f"{told}: numbers given twice", "numbers", "lower", kept - numbers, 0, none),
        one_to_one(f"{told}: tickets lost", "tickets", "lower", lost, 0, none),
        one_to_one(f"{told}: served twice and not marked", "tickets", "lower", unmarked, 0, none),
        one_to_one(f"{told}: called, of them by counters alone", "tickets", "higher", called, alone, "alone"),
        one_to_one(f"{told}: called by two counters apart, marked", "tickets", "lower", clashes, 0, none),
        one_to_one(
            "key to answer with the hub there, p50",
            "ms",
            "lower",
            percentile(answers_ms, 0.5),
            GOAL_KEY_MS,
            f"our goal; {len(answers_ms)} keys",
        ),
    ]


def _open(hall: Hall, network: Network, device: str, kind: str, place: str, series: str | None) -> Desk:
    """Enrol a device with a line of its own, and return the desk of its node."""
    line = network.lay(device, "127.0.0.1", hall.broker_port)
    config = load_device_config(
        hall.enrol(device, [kind], kind=kind, place=place, series=series, broker_port=line)
    )
    identity = load_identity(config.identity, config.device, None)
    hears = KeysNode.HEARS if kind == "keys" else frozenset[str]()
    return Desk(config, kind, kind, identity, SystemClock(), Problems(), hears)


def _open_counter(hall: Hall, network: Network, device: str, place: str) -> _Counter:
    desk = _open(hall, network, device, "keys", place, None)
    pad, stop = SimKeypad(), threading.Event()
    context = Context(
        address=load_device_config(hall.directory / "devices" / device / "device.toml").address("keys"),
        settings=KeysSettings(nexts_max=1_000),
        facts=desk,
        documents=desk.documents,
        problems=Problems(),
        hardware=BareHardware(SystemClock(), keypad=pad),
        directory=desk.directory,
        changed=desk.changed,
        stop=stop,
        neighbours=desk.neighbours,
        sight=desk.sight,
    )
    node = KeysNode(context)
    return _Counter(desk, pad, node, stop, threading.Thread(target=node.run, name=device))


def _give_numbers(desk: Desk, device: str, letter: str) -> None:
    """Give numbers as the ticket node does: reserved on disk first, then told."""
    series: Series | None = None
    clock = SystemClock()
    start_s = time.monotonic()
    for count in range(TICKETS):
        today = local_day(clock.wall_ms())
        series = next_series(series, today, synced=True)
        desk.remember({"bench.series": series.last})
        number = number_text(letter, series.last)
        issued = ticket_id(device, "ticket", series)
        desk.record(TicketIssued(ticket=issued, number=number, field="ho-tich", day=series.day, printed=True))
        due_s = start_s + (count + 1) * ISSUING_S / TICKETS
        time.sleep(max(0.0, due_s - time.monotonic()))


def _press_keys(counters: list[_Counter], ended: threading.Event) -> None:
    while not ended.wait(KEY_EVERY_S):
        for counter in counters:
            counter.press()


def _weather(network: Network, ended: threading.Event) -> None:
    """Cut one line after the other, now loudly, now silently, and mend it."""
    for turn, device in enumerate(_for_ever([*KIOSKS, *COUNTERS])):
        network.cut(device, "silent" if turn % 2 else "reset")
        ended.wait(CUT_S)
        network.mend(device)
        if ended.wait(WHOLE_S / len(KIOSKS)):
            return


def _for_ever(names: list[str]) -> Iterator[str]:
    while True:
        yield from names
