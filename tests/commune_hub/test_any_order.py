"""One protocol, three carriers, in any order and any number of times; and the accounts of it add up.

Batches travel by a link and are lost, come twice or late; parcels are packed, cut anywhere, read again and
again; the card loses old facts on a full disk; days end. Then the line heals.
"""

from __future__ import annotations

import io
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from commune_hub import ledger as ledger_module
from commune_hub.capabilities import accounts as accounts_module
from commune_hub.capabilities.accounts import Accounts
from commune_hub.ledger import Ledger
from commune_hub.parcels import Intake
from commune_hub.statements import DIRECTORY, Statements, check_statements
from commune_hub.store import Store
from commune_hub.timekeeping import time_book
from firmware_agent.clock import SystemClock, moment
from firmware_agent.delivery.carrier import Carrier
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.delivery.parcels import make_parcel
from firmware_agent.desk import node_directory
from firmware_agent.identity import load_identity
from tests.commune_hub.conftest import TurnedClock
from tests.commune_hub.facts import press
from tests.commune_hub.test_carriers import DEVICE, device_of, make
from wire.batches import Ack, Batch
from wire.codec import WireError
from wire.facts import make_fact
from wire.topics import Address

COMMUNE = "xuan-luong"
MIGRATIONS = [ledger_module.migrations, time_book.migrations, accounts_module.migrations]
DAY_MS = 86_400_000
RESEND_MS = 60_000
ROOM_FACTS = 100
"""So many may be under way: several batches, so that one may be missing before the next."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("xa")
    make(made)
    return made


class World:
    """A device with its outbox, a hub with its ledger and accounts, and what is under way between them."""

    def __init__(self, root: Path, directory: Path) -> None:
        self.config = device_of(root)
        self.identity = load_identity(self.config.identity, DEVICE, None)
        self.path = node_directory(self.config, "rating") / "outbox.db"
        for each in self.path.parent.glob("outbox.db*"):
            each.unlink()
        self.outbox = Outbox(self.path)
        self.carrier = Carrier(Address(COMMUNE, DEVICE, "rating"), self.outbox)
        self.carrier.sender.on_connected(0)
        self.carrier.sender.on_ack(0, 0, ROOM_FACTS)
        self.now_ms = 0
        self.directory = directory
        self.clock = TurnedClock()
        self.store = Store(directory / "hub.db", MIGRATIONS)
        self.accounts = Accounts(self.store, self.clock)
        self.ledger = Ledger(self.store, self.clock, [], self.accounts.repeated, self.refused)
        self.key = Ed25519PrivateKey.generate()
        self.statements = Statements(COMMUNE, directory, self.store, self.accounts, self.key, self.clock)
        authority = root / "hub" / "broker" / "ca.crt"
        committed = self.ledger.committed
        self.intake = Intake(COMMUNE, authority, self.take, committed, lambda _: True, self.refused)
        self.travelling: list[Batch] = []
        self.acks: list[Ack] = []
        self.parcels: list[bytes] = []
        self.counted: Counter[str] = Counter()
        self.pressed = 0
        self.given_up: set[int] = set()

    def refused(self, _device: str, _topic: str, error: WireError) -> None:
        self.counted[error.reason] += 1

    def facts(self) -> list[int]:
        return [row["seq"] for row in self.store.rows("SELECT seq FROM facts ORDER BY seq")]

    def take(self, batch: Batch) -> int:
        """Take a batch by whatever way it came; count by hand what the accounts should say."""
        before, gaps = set(self.facts()), self.counted["gap"]
        committed = self.ledger.take(batch)
        if self.counted["gap"] == gaps:
            came = set(range(batch.first, batch.last + 1))
            self.counted["repeated by hand"] += len(came) - len(set(self.facts()) - before)
        return committed

    def do(self, step: str, pick: int) -> None:
        match step:
            case "press":
                for _ in range(1 + pick % 7):
                    self.pressed += 1
                    self.outbox.append(make_fact(press(1 + self.pressed % 4), moment(SystemClock())))
                self.carrier.appended()
            case "send":
                self.now_ms += RESEND_MS * (pick % 5 == 4)
                if batch := self.carrier.next_batch(self.now_ms):
                    self.travelling.append(batch)
            case "arrive" if self.travelling:
                batch = self.travelling[pick % len(self.travelling)]
                self.take(batch)
                self.acks.append(replace(self.ledger.ack(batch), credit=ROOM_FACTS))
            case "ack" if self.acks:
                self.carrier.take_ack(self.acks[pick % len(self.acks)], self.now_ms)
            case "pack":
                self.pack()
            case "read" if self.parcels:
                self.intake.unpack(io.BytesIO(self.parcels[pick % len(self.parcels)]), "gói")
            case "read cut" if self.parcels:
                whole = self.parcels[pick % len(self.parcels)]
                begin = whole.index(b"\n") + 1
                self.read_cut(whole, begin + pick * 37 % (len(whole) - begin + 1))
            case "card full":
                self.lose_oldest(pick % 4)
            case "night":
                self.clock.at_ms += DAY_MS
                self.accounts.close_days()
                self.statements.write_due()

    def pack(self) -> None:
        path = self.directory / "a.parcel"
        make_parcel(self.config, self.identity, SystemClock(), path)
        self.parcels.append(path.read_bytes())

    def read_cut(self, whole: bytes, at: int) -> None:
        """What is not there is told, to the fact."""
        found = self.intake.unpack(io.BytesIO(whole[:at]), "gói")
        complete = self.intake.unpack(io.BytesIO(whole), "gói")
        assert complete.facts_missing == complete.missing == 0
        assert found.facts_missing == sum(complete.came.values()) - sum(found.came.values())
        assert found.missing == complete.batches - whole[:at].count(b"\n") + 1

    def lose_oldest(self, count: int) -> None:
        """Facts that were never sent on give way to newer ones, as telemetry does; never the newest."""
        with closing(sqlite3.connect(self.path)) as card, card:
            gone = card.execute(
                "DELETE FROM facts WHERE seq < (SELECT max(seq) FROM facts) AND seq IN "
                "(SELECT seq FROM facts ORDER BY seq LIMIT ?) RETURNING seq",
                [count],
            )
            self.given_up |= {seq for (seq,) in gone}

    def heal(self) -> None:
        """The line is good: everything that the card holds arrives."""
        for _ in range(40):
            self.now_ms += RESEND_MS
            while batch := self.carrier.next_batch(self.now_ms):
                self.take(batch)
                self.carrier.take_ack(self.ledger.ack(batch), self.now_ms)
        assert self.carrier.backlog == 0


STEPS = ("press", "press", "send", "send", "arrive", "arrive", "ack", "pack", "read", "read cut", "card full")


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from((*STEPS, "night")), st.integers(0, 10_000)), min_size=25, max_size=60)
)
def test_each_fact_is_stored_once_or_noted_as_lost_and_the_accounts_add_up(
    root: Path, steps: list[tuple[str, int]]
) -> None:
    with TemporaryDirectory() as directory:
        world = World(root, Path(directory))
        for step, pick in steps:
            world.do(step, pick)
        world.heal()
        stored = world.facts()
        lost = [number for row in world.ledger.lost() for number in range(row["first"], row["last"] + 1)]
        assert sorted([*stored, *lost]) == list(range(1, world.pressed + 1))
        assert set(lost) <= world.given_up
        today = world.accounts.today()
        days = [world.accounts.day(day) for day in sorted({*world.accounts.closed_days(), today})]
        accounts = [account for day in days for account in day]
        assert all(each.made == each.stored + each.missing >= 0 <= each.missing for each in accounts)
        assert sum(each.made for each in accounts) == world.pressed
        assert sum(each.stored for each in accounts) == len(stored)
        assert sum(each.missing for each in accounts) == len(lost)
        assert sum(each.repeated for each in accounts) == world.counted["repeated by hand"]
        assert check_statements(world.directory / DIRECTORY, world.key.public_key(), world.store) == []
        world.store.close()
        world.outbox.close()
