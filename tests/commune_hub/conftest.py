"""A hub's store and capabilities on a temporary directory, with a clock that the test turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from commune_hub.capabilities import staff as staff_module
from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.bulletins import Bulletins
from commune_hub.capabilities.clips import Clips
from commune_hub.capabilities.notices import Notices
from commune_hub.capabilities.playbacks import Playbacks
from commune_hub.capabilities.queue import Queue
from commune_hub.capabilities.ratings import Ratings
from commune_hub.capabilities.staff import Member, Staff
from commune_hub.hub import MIGRATIONS
from commune_hub.in_place import InPlace
from commune_hub.ledger import Ledger
from commune_hub.store import Store

NOON_MS = 1_790_000_000_000 // 86_400_000 * 86_400_000 + 5 * 3_600_000
"""Noon in Asia/Ho_Chi_Minh (UTC+7) of some day."""


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash passwords in a millisecond: each hub makes a hash at its start, at a price meant for guessers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            staff_module,
            "PasswordHasher",
            lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
        )
        yield


class TurnedClock:
    """A wall clock that stands until it is turned."""

    def __init__(self) -> None:
        self.at_ms = NOON_MS

    def __call__(self) -> int:
        return self.at_ms


@dataclass(frozen=True)
class Office:
    """The capabilities that need no network."""

    store: Store
    clock: TurnedClock
    audit: Audit
    ratings: Ratings
    queue: Queue
    bulletins: Bulletins
    playbacks: Playbacks
    notices: Notices
    clips: Clips
    staff: Staff
    ledger: Ledger


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    clock = TurnedClock()
    store = Store(tmp_path / "hub.db", MIGRATIONS)
    audit = Audit(store, clock)
    ratings = Ratings(store, clock)
    queue = Queue(store, clock, audit)
    bulletins = Bulletins(store, clock, audit)
    playbacks = Playbacks(store)
    notices = Notices(store, clock, audit, tmp_path / "pictures")
    clips = Clips(store, audit, tmp_path / "clips")
    staff = Staff(store, clock, audit)
    in_place = InPlace([ratings, queue, playbacks, clips], lambda _device, _node: None, lambda *_: None)
    ledger = Ledger(store, clock, [in_place])
    yield Office(store, clock, audit, ratings, queue, bulletins, playbacks, notices, clips, staff, ledger)
    store.close()


def member(account: str, *roles: str) -> Member:
    """A member of staff for a test."""
    return Member(account, account.title(), frozenset(roles))
