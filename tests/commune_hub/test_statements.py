"""Accounts of loss and the daily statements: nothing is missing unseen, nothing is changed unseen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commune_hub.capabilities.accounts import Accounts, DayAccount
from commune_hub.ledger import Ledger
from commune_hub.statements import DIRECTORY, Statements, check_statements, statement_files
from commune_hub.times import local_day
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import batch, press, raw_fact

DAY_MS = 86_400_000
TODAY = local_day(NOON_MS)


@dataclass
class Books:
    """A ledger that is accounted for, and its statements."""

    office: Office
    root: Path

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.office.store, self.office.clock)
        self.ledger = Ledger(self.office.store, self.office.clock, [], self.accounts.repeated)
        self.key = Ed25519PrivateKey.generate()
        self.statements = Statements(
            "xuan-luong", self.root, self.office.store, self.accounts, self.key, self.office.clock
        )

    def bring(self, count: int, first: int, oldest: int = 1, device: str = "quay-1-pi") -> None:
        bodies = [press(1 + number % 4) for number in range(first, first + count)]
        self.ledger.take(batch(list(bodies), NOON_MS, first=first, oldest=oldest, device=device))

    def next_day(self) -> None:
        self.office.clock.at_ms += DAY_MS
        self.accounts.close_days()
        self.statements.write_due()

    def mistakes(self, *, with_store: bool = True) -> list[str]:
        store = self.office.store if with_store else None
        return check_statements(self.root / DIRECTORY, self.key.public_key(), store)


@pytest.fixture
def books(office: Office, tmp_path: Path) -> Books:
    return Books(office, tmp_path)


def test_what_was_made_is_stored_or_missing(books: Books) -> None:
    books.bring(10, first=1)
    books.bring(5, first=21, oldest=21)
    assert books.accounts.day(TODAY) == [DayAccount(TODAY, "quay-1-pi", 25, 15, 10, 0, 0, 0)]


def test_what_came_again_is_counted_and_not_taken_twice(books: Books) -> None:
    books.bring(10, first=1)
    books.bring(10, first=1)
    books.bring(10, first=6)
    (account,) = books.accounts.day(TODAY)
    assert (account.made, account.stored, account.repeated) == (15, 15, 15)


def test_refusals_and_repairs_stand_beside(books: Books) -> None:
    books.accounts.refused("ke-la", 3)
    books.ledger.take(batch([raw_fact("fact.damaged", b'{"found":"AA=="}', NOON_MS)], NOON_MS))
    stranger, ours = books.accounts.day(TODAY)
    assert (stranger.device, stranger.refused, stranger.made) == ("ke-la", 3, 0)
    assert (ours.device, ours.repaired) == ("quay-1-pi", 1)


def test_days_do_not_mix(books: Books) -> None:
    books.bring(10, first=1)
    books.next_day()
    books.bring(4, first=11)
    tomorrow = local_day(NOON_MS + DAY_MS)
    assert [account.made for account in books.accounts.day(TODAY)] == [10]
    assert [account.made for account in books.accounts.day(tomorrow)] == [4]


def test_a_day_is_stated_once_and_the_chain_holds(books: Books) -> None:
    for number in range(4):
        books.bring(10, first=1 + 10 * number)
        books.next_day()
    assert len(statement_files(books.root / DIRECTORY)) == 4
    assert books.statements.write_due() == []
    assert books.mistakes() == []


def test_a_new_hub_states_nothing(books: Books) -> None:
    books.next_day()
    assert statement_files(books.root / DIRECTORY) == []


def stated(books: Books, days: int = 3) -> list[Path]:
    for number in range(days):
        books.bring(10, first=1 + 10 * number)
        books.next_day()
    return statement_files(books.root / DIRECTORY)


def test_a_changed_statement_is_found(books: Books) -> None:
    path = stated(books)[1]
    path.write_text(path.read_text(encoding="utf-8").replace("missing", "mislaid", 1), encoding="utf-8")
    assert any("niêm phong" in line for line in books.mistakes(with_store=False))


def test_a_statement_left_out_is_found(books: Books) -> None:
    stated(books)[1].unlink()
    (mistake,) = books.mistakes(with_store=False)
    assert "không nối" in mistake


def test_the_newest_statements_left_out_are_found_with_the_store(books: Books) -> None:
    for path in stated(books)[1:]:
        path.unlink()
    assert books.mistakes(with_store=False) == []
    assert [line.split(":")[0] for line in books.mistakes()] == [
        local_day(NOON_MS + DAY_MS),
        local_day(NOON_MS + 2 * DAY_MS),
    ]


def test_statements_that_somebody_else_sealed_are_found(books: Books) -> None:
    stated(books)
    stranger = Ed25519PrivateKey.generate().public_key()
    mistakes = check_statements(books.root / DIRECTORY, stranger, None)
    assert [("niêm phong" in line) for line in mistakes] == [True] * 3


def test_a_statement_under_another_day_is_found(books: Books) -> None:
    last = stated(books)[-1]
    last.rename(last.with_name("2099-01-01.json"))
    assert any("ngày khác" in line for line in books.mistakes(with_store=False))


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[" * 100_000])
def test_garbage_is_no_statement(books: Books, content: bytes) -> None:
    stated(books)[0].write_bytes(content)
    assert books.mistakes(with_store=False)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM facts WHERE seq = 15",
        "DROP TRIGGER facts_stay; UPDATE facts SET body = replace(body, '\"level\":', '\"level\": ')",
    ],
)
def test_a_changed_ledger_is_found(books: Books, change: str) -> None:
    stated(books)
    for statement in change.split("; "):
        books.office.store.execute(statement)
    mistakes = books.mistakes()
    assert mistakes
    assert all("sổ không còn như đã kê" in line for line in mistakes)
