"""A real ledger that stamped facts are sent to, and that is asked when they happened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from commune_hub import ledger as ledger_module
from commune_hub.capabilities import ratings
from commune_hub.capabilities.ratings import Ratings
from commune_hub.ledger import Ledger
from commune_hub.store import Store
from commune_hub.timekeeping import time_book
from commune_hub.timekeeping.true_time import Reading
from tests.commune_hub.conftest import Office, TurnedClock
from tests.commune_hub.facts import EPOCH, press
from tests.commune_hub.timekeeping.clock_world import Delivery, Event
from wire.batches import Batch
from wire.facts import Body, Fact, Moment, make_fact

FEW_MIGRATIONS = [ledger_module.migrations, time_book.migrations, ratings.migrations]
"""What the worlds of the many examples need: a whole hub's tables take a while to make."""


def stamp(at_ms: int, mono_ms: int, boot: str = "boot-1", *, synced: bool = False) -> Moment:
    return Moment(at_ms=at_ms, mono_ms=mono_ms, boot=boot, synced=synced)


def send(
    ledger: Ledger,
    facts: Sequence[tuple[Body, Moment]],
    *,
    first: int = 1,
    node: str = "rating",
    device: str = "quay-1-pi",
) -> None:
    made: list[Fact] = [make_fact(body, moment) for body, moment in facts]
    ledger.take(Batch(device=device, node=node, epoch=EPOCH, first=first, oldest=first, facts=made))


def reading(office: Office, seq: int, node: str = "rating") -> Reading:
    found = office.ledger.time_of("quay-1-pi", node, EPOCH, seq)
    assert found is not None
    return found


def book_rows(office: Office) -> int:
    return int(office.store.value("SELECT count(*) FROM true_times"))


class World:
    """A hub to which a device of the clock world delivers."""

    def __init__(self, directory: Path) -> None:
        self.clock = TurnedClock()
        directory.mkdir(exist_ok=True)
        self.store = Store(directory / "hub.db", FEW_MIGRATIONS)
        self.ratings = Ratings(self.store, self.clock)
        self.ledger = Ledger(self.store, self.clock, [self.ratings])

    def deliver(self, delivery: Delivery) -> None:
        self.clock.at_ms = delivery.received_ms
        events = delivery.events
        send(
            self.ledger,
            [(press(counter=f"{event.node}-{event.seq}"), event.stamp) for event in events],
            first=events[0].seq,
            node=f"node-{events[0].node}",
        )

    def time_of(self, event: Event) -> Reading:
        found = self.ledger.time_of("quay-1-pi", f"node-{event.node}", EPOCH, event.seq)
        assert found is not None
        return found
