"""A keys node on its stand, stepped by hand, with a document in its hands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from firmware_agent.delivery.neighbours import Neighbours
from firmware_agent.node import Sight
from kiosk_ui.keys import KeysNode, KeysSettings
from tests.kiosk_ui.stand import Stand
from wire.batches import Batch
from wire.codec import encode
from wire.facts import Body, CounterAsked, Moment, make_fact
from wire.intents import Desk, DeskTicket
from wire.topics import Address

KIOSK = Address("xuan-luong", "sanh", "ticket")
AWAY = Sight(connected=False)


def ticket(number: str, *, mine: bool = False) -> DeskTicket:
    return DeskTicket(ticket=f"sanh-{number}", number=number, field="ho-tich", mine_when_alone=mine)


DESK = Desk(
    counter="quay-1",
    counter_name="Quầy 1",
    officer="hoa",
    waiting=[ticket("A002", mine=True), ticket("A003"), ticket("A004", mine=True)],
    parked=[ticket("A001")],
    counters=["quay-1", "quay-2"],
)


@dataclass
class Counter:
    """A keys node on its stand, stepped by hand: its time is the test's."""

    stand: Stand
    settings: KeysSettings = field(default_factory=KeysSettings)
    now_s: float = 1_000.0

    def __post_init__(self) -> None:
        self.stand.neighbours = Neighbours(KeysNode.HEARS)
        self.node = self.start()

    def start(self) -> KeysNode:
        """Start the node, once more after a power cut."""
        self.node = KeysNode(self.stand.context(self.settings))
        self.step()
        return self.node

    def step(self, after_s: float = 0.05) -> None:
        self.now_s += after_s
        self.node.step(self.now_s)

    def press(self, *names: str) -> None:
        self.stand.sim_keypad.press(list(names))
        self.step(1.1)

    def lay(self, **changes: Any) -> None:
        values = {name: getattr(DESK, name) for name in DESK.__struct_fields__} | changes
        self.stand.documents.lay(Desk(**values))
        self.step()

    def hear(self, *bodies: Body, first: int = 1) -> None:
        stamp = Moment(at_ms=1, mono_ms=1, boot="b", synced=True)
        facts = [make_fact(body, stamp) for body in bodies]
        batch = Batch(
            device=KIOSK.device, node=KIOSK.node, epoch="0" * 16, first=first, oldest=1, facts=facts
        )
        self.stand.neighbours.hear(KIOSK, encode(batch))
        self.step()

    def facts(self) -> list[Any]:
        return self.stand.facts.bodies()

    def told(self) -> list[tuple[str, str]]:
        """What it did alone: kind and ticket (or number) of each."""
        own = [each for each in self.facts() if not isinstance(each, CounterAsked)]
        return [(each.KIND.removeprefix("ticket."), each.ticket or each.number) for each in own]
