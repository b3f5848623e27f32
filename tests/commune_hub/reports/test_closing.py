"""Closing: what is closed never changes, and what comes late is told."""

from __future__ import annotations

import dataclasses
import sqlite3

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commune_hub.errors import ConflictError, ForbiddenError, InvalidError, MissingError
from commune_hub.figures.rows import Visit
from commune_hub.reports.closing import mistakes
from commune_hub.reports.content import canonical, read_content
from tests.commune_hub.conftest import member
from tests.commune_hub.reports.conftest import DAY_MS, OCTOBER_MS, Bureau

LEADER = member("lan", "leader")


def come_late(bureau: Bureau, at_ms: int, count: int = 3) -> None:
    """Presses and visits that a device had kept for itself arrive now."""
    like = bureau.crowd.held.counted[0]
    for number in range(count):
        bureau.crowd.held.counted.append(dataclasses.replace(like, at_ms=at_ms, mood="satisfied"))
        bureau.crowd.held.visits.append(Visit(f"late-{number}", "ho-tich", at_ms))


def test_a_closed_report_stays_as_it_was(bureau: Bureau) -> None:
    october = bureau.reports.find("month", "2026-10")
    closed = bureau.reports.close(october, LEADER)
    before = bureau.reports.issue(october)
    come_late(bureau, OCTOBER_MS + DAY_MS)
    after = bureau.reports.issue(october)
    assert canonical(after.content) == canonical(before.content) == closed.canonical.encode()
    assert mistakes(closed, bureau.key.public_key()) == []
    assert before.since is not None
    assert not before.since.changed
    assert after.since is not None
    assert after.since.visits_now - after.since.visits_closed == 3
    assert after.since.satisfied_now - after.since.satisfied_closed == 3
    assert ("report.closed", "month 2026-10") in [
        (row["action"], row["subject"]) for row in bureau.audit.latest()
    ]


def test_the_next_report_tells_what_came_late(bureau: Bureau) -> None:
    october = bureau.reports.find("month", "2026-10")
    closed = bureau.reports.close(october, LEADER)
    november = bureau.reports.find("month", "2026-11")
    assert bureau.reports.live(november).late == []
    come_late(bureau, OCTOBER_MS + DAY_MS)
    (late,) = bureau.reports.live(november).late
    assert (late.period, late.sha256, late.presses_now - late.presses_closed) == ("2026-10", closed.sha256, 3)


def test_a_corrected_edition_has_the_next_number_and_both_stay(bureau: Bureau) -> None:
    october = bureau.reports.find("month", "2026-10")
    first = bureau.reports.close(october, LEADER)
    come_late(bureau, OCTOBER_MS + DAY_MS)
    second = bureau.reports.close(october, LEADER)
    assert (first.edition, second.edition) == (1, 2)
    assert first.sha256 != second.sha256
    assert bureau.reports.issue(october).closed == second
    assert bureau.reports.issue(october, edition=1).closed == first
    with pytest.raises(MissingError, match="bản số 3"):
        bureau.reports.issue(october, edition=3)


def test_the_store_itself_refuses_a_change(bureau: Bureau) -> None:
    closed = bureau.reports.close(bureau.reports.find("month", "2026-10"), LEADER)
    for sql in ("UPDATE closed_reports SET canonical = '{}'", "DELETE FROM closed_reports"):
        with pytest.raises(sqlite3.IntegrityError, match="closed report"):
            bureau.store.execute(sql)
    forged = dataclasses.replace(closed, canonical=closed.canonical.replace("2026-10", "2026-09"))
    assert len(mistakes(forged, bureau.key.public_key())) == 2
    assert len(mistakes(closed, Ed25519PrivateKey.generate().public_key())) == 1


def test_only_leaders_close_and_only_what_is_over(bureau: Bureau) -> None:
    october = bureau.reports.find("month", "2026-10")
    with pytest.raises(ForbiddenError):
        bureau.reports.close(october, member("ed", "editor"))
    with pytest.raises(ConflictError, match="chốt sau"):
        bureau.reports.close(bureau.reports.find("month", "2026-11"), LEADER)
    bureau.reports.key = None
    with pytest.raises(ConflictError, match="niêm phong"):
        bureau.reports.close(october, LEADER)
    assert bureau.reports.close_due() == []


def test_what_nobody_closed_closes_by_itself_after_ten_days(bureau: Bureau) -> None:
    bureau.clock.at_ms = OCTOBER_MS + 41 * DAY_MS - 1
    done = {closed.period for _ in range(9) for closed in bureau.reports.close_due()}
    assert done == {"2026-W40", "2026-W41", "2026-W42", "2026-W43"}
    assert bureau.reports.close_due() == []
    bureau.clock.at_ms += 1
    (closed,) = bureau.reports.close_due()
    assert (closed.kind, closed.period, closed.closed_by) == ("month", "2026-10", "hub")


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("2026-13", InvalidError, "Không có kỳ"),
        ("2027-01", InvalidError, "chưa bắt đầu"),
        ("2026-08", MissingError, "trước ngày có số liệu đầu tiên"),
    ],
)
def test_what_cannot_be_reported_is_told_plainly(
    bureau: Bureau, name: str, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        bureau.reports.find("month", name)


def test_without_any_data_there_is_nothing_to_report(bureau: Bureau) -> None:
    bureau.crowd.held.visits.clear()
    assert bureau.reports.offered("month") == []
    assert bureau.reports.close_due() == []
    with pytest.raises(MissingError, match="Chưa có số liệu"):
        bureau.reports.find("month", "2026-10")


def test_periods_are_offered_latest_first_with_their_standing(bureau: Bureau) -> None:
    bureau.reports.close(bureau.reports.find("month", "2026-10"), LEADER)
    found = [(each.period.name, each.edition, each.running) for each in bureau.reports.offered("month")]
    assert found == [("2026-11", None, True), ("2026-10", 1, False)]
    assert [each.period.name for each in bureau.reports.offered("month", 15)] == ["2026-11", "2026-10"]
    assert bureau.reports.offered("month", 15)[1].edition is None


def test_what_is_kept_reads_back(bureau: Bureau) -> None:
    live = bureau.reports.live(bureau.reports.find("year", "2026"))
    assert read_content(canonical(live)) == live
    assert live.provisional
    assert live.total.issued == 600


def test_officers_totals_of_a_running_period_stand_still_during_the_day(bureau: Bureau) -> None:
    bureau.clock.at_ms = OCTOBER_MS + 15 * DAY_MS + 12 * 3_600_000
    live = bureau.reports.live(bureau.reports.find("month", "2026-10"))
    shown = sum(line.satisfied.whole for line in live.officers.shown)
    midnight_ms = OCTOBER_MS + 15 * DAY_MS
    assert shown == sum(press.at_ms < midnight_ms for press in bureau.crowd.held.counted)
    assert shown < live.total.presses


def test_the_year_before_stands_beside(bureau: Bureau) -> None:
    for visit in bureau.crowd.held.visits[:50]:
        earlier = dataclasses.replace(visit, issued_at_ms=visit.issued_at_ms - 365 * DAY_MS)
        bureau.crowd.held.visits.append(earlier)
    live = bureau.reports.live(bureau.reports.find("month", "2026-10"))
    assert live.year_before_title == "Tháng 10 năm 2025"
    assert live.year_before is not None
    assert live.year_before.issued == 50
