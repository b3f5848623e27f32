"""From facts to figures: rows, uptime, evidence and alerts as the ledger's real store has them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from commune_hub.capabilities.accounts import Accounts
from commune_hub.capabilities.alerts import CALM_MS, Alerts
from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.queue import Queue, Ticket
from commune_hub.capabilities.queue.tables import PUT
from commune_hub.capabilities.ratings import Ratings
from commune_hub.capabilities.uptime import Uptime
from commune_hub.figures.source import RowSource
from commune_hub.figures.summary import summarise_rows
from commune_hub.hub import MIGRATIONS
from commune_hub.ledger import Ledger
from commune_hub.reports.evidence import device_lines, first_data_ms
from commune_hub.reports.periods import find_period
from commune_hub.store import Store
from commune_hub.times import LOCAL, iso_utc, to_ms
from provisioning.report_settings import AlertSettings
from tests.commune_hub.conftest import TurnedClock
from wire.batches import Batch
from wire.facts import (
    Body,
    Fact,
    HealthSampled,
    Moment,
    RatingPressed,
    RatingReasoned,
    TicketCalled,
    TicketEnded,
    TicketIssued,
    make_fact,
)

MORNING_MS = to_ms(datetime(2026, 10, 5, 8, tzinfo=LOCAL))
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
MONTH = find_period("month", "2026-10", 1)
HEALTH = HealthSampled(cpu_celsius=50.0, disk_free_mb=900, memory_free_mb=300, uptime_s=60)


@dataclass
class Town:
    """A ledger with the capabilities that figures ask, and devices that send to it."""

    store: Store
    clock: TurnedClock
    ledger: Ledger
    rows: RowSource
    uptime: Uptime
    accounts: Accounts
    alerts: Alerts
    audit: Audit
    sent: dict[tuple[str, str], int] = field(default_factory=dict)

    def send(
        self, device: str, node: str, *timed: tuple[int, Body], synced: bool = True, skip: int = 0
    ) -> None:
        """Take facts with their times; `skip` numbers are lost before them. Heard of at the last."""
        self.clock.at_ms = max(self.clock.at_ms, timed[-1][0])
        first = self.sent.get((device, node), 0) + 1 + skip
        facts = [make_fact(body, moment(at_ms, synced)) for at_ms, body in timed]
        self.take(device, node, first, facts)

    def take(self, device: str, node: str, first: int, facts: list[Fact]) -> None:
        batch = Batch(device=device, node=node, epoch="e" * 16, first=first, oldest=first, facts=facts)
        self.sent[device, node] = self.ledger.take(batch)

    def record(self, at_ms: int, body: Body) -> None:
        """Write what officers do at the hub."""
        self.clock.at_ms = at_ms
        self.ledger.record("queue", body)

    def visit(self, number: int, at_ms: int, wait_min: int, *, printed: bool = True) -> str:
        """Let a citizen take a number, be called and leave."""
        ticket = f"sanh-2026-10-05-A{number:03d}"
        issued = TicketIssued(
            ticket=ticket, number=f"A{number:03d}", field="ho-tich", day="2026-10-05", printed=printed
        )
        self.send("sanh-pi", "ticket", (at_ms, issued))
        called_ms = at_ms + wait_min * MINUTE_MS
        self.record(
            called_ms, TicketCalled(ticket=ticket, number=f"A{number:03d}", counter="quay-1", officer="lan")
        )
        self.record(called_ms + 5 * MINUTE_MS, TicketEnded(ticket=ticket, counter="quay-1", officer="lan"))
        return ticket


def moment(at_ms: int, synced: bool = True) -> Moment:
    return Moment(at_ms=at_ms, mono_ms=max(0, at_ms - MORNING_MS + DAY_MS), boot="boot", synced=synced)


def pressed(
    level: int, ticket: str | None = None, *marks: str, scale: str = "vi4", press: str = ""
) -> RatingPressed:
    return RatingPressed(
        counter="quay-1",
        scale=scale,
        level=level,
        source="button",
        ticket=ticket,
        officer="lan",
        press=press,
        marks=list(marks),
    )


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    clock = TurnedClock()
    clock.at_ms = MORNING_MS
    store = Store(tmp_path / "hub.db", MIGRATIONS)
    audit, ratings, uptime = Audit(store, clock), Ratings(store, clock), Uptime(store)
    queue, accounts = Queue(store, clock, audit), Accounts(store, clock)
    rows = RowSource(ratings, queue, lambda: first_data_ms(store))
    ledger = Ledger(store, clock, [ratings, queue, uptime], accounts.repeated)
    alerts = Alerts(store, clock, audit, rows.rows, AlertSettings(), {"quay-1": "Quầy 1"})
    yield Town(store, clock, ledger, rows, uptime, accounts, alerts, audit)
    store.close()


def test_a_visit_and_its_press_come_to_figures(town: Town) -> None:
    first, second = town.visit(1, MORNING_MS, 4), town.visit(2, MORNING_MS + MINUTE_MS, 20)
    at_ms = town.clock.at_ms
    town.send(
        "quay-1-pi",
        "rating",
        (at_ms, pressed(4, first, press="p1")),
        (at_ms + 1, RatingReasoned(counter="quay-1", press="p1", reason="waiting")),
        (at_ms + 2, pressed(1, None, "burst")),
        (at_ms + 3, pressed(1, None, "hub-away")),
        (at_ms + 4, pressed(1, None, scale="next9")),
    )
    rows = town.rows.rows(MORNING_MS, at_ms + DAY_MS)
    total = summarise_rows(rows)
    assert (total.issued, total.served, total.presses, total.marked) == (2, 2, 2, 2)
    assert (total.satisfied.part, total.response.part, total.untied) == (1, 1, 1)
    assert total.wait.p90_ms == 20 * MINUTE_MS
    assert total.service.median_ms == 5 * MINUTE_MS
    low = next(press for press in rows.counted if press.low)
    assert (low.reason, low.field, low.ticket) == ("waiting", "ho-tich", first)
    assert second not in {press.ticket for press in rows.counted}
    assert {press.marks for press in rows.marked} == {("burst",), ("unknown-scale",)}
    assert town.rows.first_ms() == MORNING_MS


def test_evidence_of_a_device(town: Town) -> None:
    samples = [
        (MORNING_MS + hour * HOUR_MS + minute * MINUTE_MS, HEALTH) for hour in (0, 1, 5) for minute in (0, 9)
    ]
    town.send("sanh-pi", "agent", *samples)
    town.visit(1, MORNING_MS + 5 * HOUR_MS, 1, printed=False)
    town.send("sanh-pi", "agent", (MORNING_MS + 6 * HOUR_MS, HEALTH), skip=3)
    town.accounts.refused("sanh-pi", 2)
    town.store.execute(
        "INSERT INTO true_times SELECT device, node, epoch, seq, at_ms + 3600000, 'exact', 0 FROM facts "
        "WHERE device = 'sanh-pi' AND node = 'agent' AND seq = 1"
    )
    town.clock.at_ms = MORNING_MS + 10 * HOUR_MS
    absent, line = device_lines(town.store, town.uptime, {"loa-1": "Thôn"}, MONTH, town.clock.at_ms)
    assert (absent.device, absent.uptime) == ("loa-1", None)
    assert (line.heard_hours, line.silent_hours) == (4, 1)  # first heard of in the sixth hour: five were due
    assert (line.made, line.missing, line.refused) == (6 + 3 + 1 + 1, 3, 2)
    assert (line.printer_failures, line.clocks_corrected, line.repeated) == (1, 1, 0)
    assert line.uptime == 4 / 5


def test_what_was_made_is_counted_between_the_closings_of_days(town: Town) -> None:
    town.send("sanh-pi", "agent", *[(MORNING_MS + n, HEALTH) for n in range(4)])
    town.clock.at_ms = to_ms(datetime(2026, 11, 1, 1, tzinfo=LOCAL))
    assert town.accounts.close_days() == "2026-10-31"
    town.send("sanh-pi", "agent", *[(town.clock.at_ms + n, HEALTH) for n in range(7)])
    november = find_period("month", "2026-11", 1)
    made = [
        device_lines(town.store, town.uptime, {}, each, town.clock.at_ms)[0].made
        for each in (MONTH, november)
    ]
    assert made == [4, 7]


def test_a_sample_moves_to_its_true_hour(town: Town) -> None:
    """A device starts with a wrong clock; once it is set, the samples before move to when they were."""
    wrong_ms = MORNING_MS - 40 * DAY_MS
    facts = [
        make_fact(HEALTH, Moment(at_ms=wrong_ms, mono_ms=1_000, boot="b", synced=False)),
        make_fact(HEALTH, Moment(at_ms=wrong_ms + 1, mono_ms=1_001, boot="b", synced=False)),
    ]
    town.clock.at_ms = MORNING_MS + 3 * HOUR_MS
    town.take("quay-1-pi", "agent", 1, facts)
    set_fact = make_fact(
        HEALTH, Moment(at_ms=MORNING_MS + HOUR_MS, mono_ms=1_000 + HOUR_MS, boot="b", synced=True)
    )
    town.take("quay-1-pi", "agent", 3, [set_fact])
    while town.ledger.correct_some():
        town.clock.at_ms += 1
    hours = town.store.rows("SELECT hour, samples FROM heard_hours ORDER BY hour")
    assert hours == [
        {"hour": MORNING_MS // HOUR_MS, "samples": 2},
        {"hour": MORNING_MS // HOUR_MS + 1, "samples": 1},
    ]
    assert town.uptime.hours_heard(MORNING_MS, MORNING_MS + DAY_MS) == {"quay-1-pi": 2}


def test_a_store_of_an_earlier_version_knows_its_hours(town: Town) -> None:
    town.send(
        "sanh-pi", "agent", (MORNING_MS, HEALTH), (MORNING_MS + 1, HEALTH), (MORNING_MS + HOUR_MS, HEALTH)
    )
    before = town.store.rows("SELECT * FROM heard_hours")
    town.store.execute("DROP TABLE heard_hours")
    town.store.execute("DELETE FROM _sqlite_migrations WHERE migration_set = 'uptime'")
    town.store.close()
    anew = Store(town.store.path, MIGRATIONS)
    assert anew.rows("SELECT * FROM heard_hours") == before
    assert [row["samples"] for row in before] == [2, 1]
    anew.close()


def test_an_alert_that_holds_is_not_written_at_each_look(town: Town) -> None:
    town.send("quay-1-pi", "rating", *[(MORNING_MS + n, pressed(4)) for n in range(3)])
    town.alerts.look()
    version = town.store.value("SELECT total_changes()")
    for _ in range(20):
        town.clock.at_ms += 2_000
        assert len(town.alerts.look()) == 1
    assert town.store.value("SELECT total_changes()") == version


def test_an_alert_is_noted_once_and_ends(town: Town) -> None:
    town.send("quay-1-pi", "rating", *[(MORNING_MS + n * MINUTE_MS, pressed(4)) for n in range(3)])
    for _ in range(3):
        (alert,) = town.alerts.look()
        town.clock.at_ms += MINUTE_MS
    assert (alert.kind, alert.place) == ("low_presses", "quay-1")
    assert [row["action"] for row in town.audit.latest()] == ["alert.low_presses"]
    town.clock.at_ms += 30 * MINUTE_MS + CALM_MS
    assert town.alerts.look() == []
    again_ms = town.clock.at_ms
    town.send("quay-1-pi", "rating", *[(again_ms + n, pressed(4)) for n in range(3)])
    assert len(town.alerts.look()) == 1
    assert len(town.audit.latest()) == 2


def test_a_year_of_fifty_thousand_visits_is_read_and_summed_in_seconds(town: Town) -> None:
    """Rows are put where the capabilities keep them; the reading, joining and summing is the real one."""
    year = find_period("year", "2026", 1)
    step = (year.until_ms - year.from_ms) // 50_000
    times = [year.from_ms + n * step for n in range(50_000)]
    town.store.execute_many(
        "INSERT INTO presses (at_ms, counter, scale, level, ticket) VALUES (?, ?, 'vi4', ?, ?)",
        [(at_ms, f"quay-{n % 4}", n % 4 + 1, f"t{n}") for n, at_ms in enumerate(times)],
    )
    visits = [
        Ticket(f"t{n}", "A1", "ho-tich", iso_utc(at_ms)[:10], at_ms, "ended", first_called_at_ms=at_ms + n)
        for n, at_ms in enumerate(times)
    ]
    town.store.execute_many(PUT, [astuple(visit) for visit in visits])
    began_s = time.process_time()
    total = summarise_rows(town.rows.rows(year.from_ms, year.until_ms))
    spent_s = time.process_time() - began_s
    assert (total.issued, total.presses, total.satisfied.part) == (50_000, 50_000, 25_000)
    assert (total.response.part, total.wait.p90_ms) == (50_000, 44_999)
    assert spent_s < 5
