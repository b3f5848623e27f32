"""What keys at a counter ask for: kept with the fact, done once, answered in the counter's document.

Asking and doing are two transactions: a fact is committed whatever becomes of it, and what it asks for may be
refused like any order. An asking that has waited too long is void: its officer has gone on alone since.
"""

from __future__ import annotations

from commune_hub.capabilities.queue.desk_work import DeskWork, Officer
from commune_hub.capabilities.queue.questions import Questions
from commune_hub.errors import HubError
from commune_hub.ledger import Taken
from commune_hub.store import Store
from commune_hub.times import NowMs
from wire.codec import encode
from wire.facts import CounterAsked, read_body

KEPT = 200
"""Askings of a hall that are kept after they were answered; the facts themselves stay in the ledger."""

VOID_AFTER_MS = 5_000
"""Of an asking that names no end itself."""

EXPIRED = "Quá hạn, không làm. (Too late, not done.)"


def keep_asking(store: Store, taken: Taken, body: CounterAsked) -> None:
    """Keep an asking, inside the ledger's transaction."""
    until_ms = taken.at_ms + VOID_AFTER_MS
    if body.expires_at_ms is not None:
        until_ms = min(until_ms, taken.true_ms(body.expires_at_ms))
    store.execute(
        "INSERT OR IGNORE INTO queue_asked (ask, counter, body, expires_at_ms) VALUES (?, ?, ?, ?)",
        [body.ask, body.counter, encode(body).decode(), until_ms],
    )


def last_answer(store: Store, counter: str) -> tuple[str, str]:
    """Return the last asking of a counter that was answered, and its answer; empty: it was done."""
    row = store.row(
        "SELECT ask, answer FROM queue_asked WHERE counter = ? AND answer IS NOT NULL "
        "ORDER BY id DESC LIMIT 1",
        [counter],
    )
    return ("", "") if row is None else (row["ask"], row["answer"])


class Asked:
    """Does what was asked. Keys speak for the officer who last called at their counter."""

    def __init__(self, store: Store, now_ms: NowMs, questions: Questions, work: DeskWork) -> None:
        self._store = store
        self._now_ms = now_ms
        self._ask = questions
        self._work = work

    def answer_all(self) -> int:
        """Do what was asked and not answered yet, oldest first; return how many there were."""
        rows = self._store.rows("SELECT * FROM queue_asked WHERE answer IS NULL ORDER BY id")
        for row in rows:
            with self._store.transaction():
                body = read_body(CounterAsked.KIND, row["body"].encode())
                if not isinstance(body, CounterAsked):
                    raise AssertionError("an asking was written here and is not known any more")
                expired = self._now_ms() > row["expires_at_ms"]
                answer = EXPIRED if expired else self._answer(body)
                self._store.execute("UPDATE queue_asked SET answer = ? WHERE id = ?", [answer, row["id"]])
        self._store.execute(
            "DELETE FROM queue_asked WHERE id <= (SELECT max(id) FROM queue_asked) - ?", [KEPT]
        )
        return len(rows)

    def _answer(self, body: CounterAsked) -> str:
        """Do it; what refuses it is undone by its own savepoint, and told."""
        try:
            with self._store.transaction():
                self._do(body)
        except HubError as error:
            return str(error)[:300]
        return ""

    def _do(self, body: CounterAsked) -> None:
        officer = Officer(self._ask.officer_at(body.counter) or f"keys-{body.counter}", body.counter)
        work = self._work
        match body.action:
            case "next":
                work.call_next(officer)
            case "call":
                work.call(officer, body.number)
            case "recall":
                work.recall(officer)
            case "missed":
                work.miss(officer)
            case "park":
                work.park(officer, "")
            case "return":
                self._give_back(officer, body.number)
            case "transfer":
                work.transfer(officer, body.to_field, body.to_counter)
            case "end":
                work.end(officer)
            case _:
                raise HubError(f"{body.action}: không hiểu lệnh (unknown action)")

    def _give_back(self, officer: Officer, number: str) -> None:
        ticket = self._ask.by_number(number)
        self._work.give_back(officer, ticket.ticket if ticket else "")
