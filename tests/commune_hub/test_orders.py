"""A document leaves when it says something new, numbered and sealed, and again when the broker forgot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commune_hub.hub import MIGRATIONS
from commune_hub.orders import NODES_TOGETHER, VALID_MS, Orders
from commune_hub.store import Store
from commune_hub.times import DAY_MS
from provisioning.roster import RosterEntry, RosterNode
from tests.commune_hub.conftest import TurnedClock
from wire.intents import IntentBody, Programme, Serving, read_intent_body
from wire.seal import unseal
from wire.topics import Address

ENTRY = RosterEntry(device="quay-1-pi", place="quay-1", nodes=[RosterNode(name="rating", kind="rating")])
ADDRESS = Address("xuan-luong", "quay-1-pi", "rating")


class Desk:
    """Says what the test tells it to say, and keeps what was sent."""

    def __init__(self, path: Path) -> None:
        self.number: str | None = "A001"
        self.sent: list[tuple[Address, str, bytes]] = []
        self.clock = TurnedClock()
        self.key = Ed25519PrivateKey.generate()
        self.store = Store(path, MIGRATIONS)
        self.orders = Orders("xuan-luong", self.store, self.clock, self.key, self, self.publish)

    def compose(self, entry: RosterEntry, node: RosterNode) -> list[IntentBody]:
        if self.number is None:
            return []
        if node.kind == "speaker":
            return [Programme(bulletins=[])]
        return [Serving(counter=entry.place, counter_name="Quầy 1", number=self.number)]

    def publish(self, address: Address, name: str, payload: bytes) -> None:
        self.sent.append((address, name, payload))

    def last(self) -> tuple[int, IntentBody]:
        address, name, payload = self.sent[-1]
        intent = unseal(payload, address, name, self.key.public_key())
        return intent.number, read_intent_body(intent)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "hub.db")
    yield made
    made.store.close()


def test_said_once(desk: Desk) -> None:
    assert desk.orders.level([ENTRY]) == 1
    assert desk.orders.level([ENTRY]) == 0
    assert desk.sent[0][0] == ADDRESS
    assert desk.last()[1] == Serving(counter="quay-1", counter_name="Quầy 1", number="A001")


def test_something_new_gets_the_next_number(desk: Desk) -> None:
    desk.orders.level([ENTRY])
    before = desk.last()[0]
    desk.number = "A002"
    assert desk.orders.level([ENTRY]) == 1
    assert desk.last()[0] == before + 1


def test_renewed_before_it_is_void(desk: Desk) -> None:
    desk.orders.level([ENTRY])
    before = desk.last()[0]
    desk.clock.at_ms += VALID_MS[Serving] // 2
    assert desk.orders.level([ENTRY]) == 1
    assert desk.last()[0] > before


def test_whenever_the_link_goes_a_programme_lasts_for_a_week(desk: Desk) -> None:
    """Also one of which nothing has changed for a month."""
    entry = RosterEntry(device="loa-1", place="thon", nodes=[RosterNode(name="speaker", kind="speaker")])
    for _ in range(30 * 4):
        desk.orders.level([entry])
        address, name, payload = desk.sent[-1]
        intent = unseal(payload, address, name, desk.key.public_key())
        assert intent.expires_at_ms - desk.clock.at_ms > 7 * DAY_MS
        desk.clock.at_ms += DAY_MS // 4
    assert len(desk.sent) <= 31


def test_a_new_broker_gets_all_again_unchanged(desk: Desk) -> None:
    desk.orders.level([ENTRY])
    desk.orders.repeat()
    assert desk.sent[0] == desk.sent[1]


@pytest.mark.parametrize("clock_moved_ms", [-3_600_000, 0, 3_600_000])
def test_numbers_go_on_after_a_restart_whatever_the_clock_does(desk: Desk, clock_moved_ms: int) -> None:
    desk.orders.level([ENTRY])
    before = desk.last()[0]
    desk.clock.at_ms += clock_moved_ms
    again = Orders("xuan-luong", desk.store, desk.clock, desk.key, desk, desk.publish)
    assert again.level([ENTRY]) == 1
    assert desk.last()[0] > before
    assert again.level([ENTRY]) == 0


def test_a_restored_store_overrules_what_it_has_forgotten(desk: Desk, tmp_path: Path) -> None:
    desk.orders.level([ENTRY])
    desk.store.execute("VACUUM INTO ?", [str(tmp_path / "backup.db")])
    desk.clock.at_ms += 60_000
    for number in ("A002", "A003", "A004"):
        desk.number = number
        desk.orders.level([ENTRY])
    held = desk.last()[0]
    desk.number = "A001"
    desk.clock.at_ms += 60_000
    restored = Store(tmp_path / "backup.db", MIGRATIONS)
    Orders("xuan-luong", restored, desk.clock, desk.key, desk, desk.publish).level([ENTRY])
    restored.close()
    newest, body = desk.last()
    assert newest > held
    assert body == Serving(counter="quay-1", counter_name="Quầy 1", number="A001")


def test_a_node_without_document(desk: Desk) -> None:
    desk.number = None
    assert desk.orders.level([ENTRY]) == 0
    assert desk.sent == []


def speaker(device: str) -> RosterEntry:
    return RosterEntry(device=device, place="thon-dong", nodes=[RosterNode(name="speaker", kind="speaker")])


def test_loudspeakers_hear_first(desk: Desk) -> None:
    desk.orders.level([ENTRY, speaker("loa-1"), speaker("loa-2")])
    assert [address.device for address, _, _ in desk.sent] == ["loa-1", "loa-2", "quay-1-pi"]


def test_what_is_sent_was_kept_before(desk: Desk) -> None:
    kept: list[int] = []
    desk.orders = Orders(
        "xuan-luong",
        desk.store,
        desk.clock,
        desk.key,
        desk,
        lambda *_: kept.append(desk.store.value("SELECT count(*) FROM documents")),
    )
    desk.orders.level([speaker(f"loa-{number}") for number in range(NODES_TOGETHER + 1)])
    assert kept == [NODES_TOGETHER] * NODES_TOGETHER + [NODES_TOGETHER + 1]


def test_an_emergency_does_not_wait_for_the_rest(desk: Desk) -> None:
    entries = [speaker(f"loa-{number}") for number in range(2 * NODES_TOGETHER)]
    assert desk.orders.level(entries, hurry=lambda: True) == NODES_TOGETHER
    assert desk.orders.level(entries) == NODES_TOGETHER
