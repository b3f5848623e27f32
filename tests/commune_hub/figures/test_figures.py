"""Figures against a second, plainer computation over seeded random rows, and known cases by hand."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from commune_hub.figures.alarms import AlarmRule, alarms
from commune_hub.figures.calendar import heat, trend
from commune_hub.figures.hall import HallRule, verdict
from commune_hub.figures.officers import officers
from commune_hub.figures.proportion import proportion
from commune_hub.figures.rows import Press, Rows, Visit
from commune_hub.figures.spread import spread
from commune_hub.figures.summary import by_counter, by_field, summarise_rows
from commune_hub.times import to_ms
from tests.commune_hub.figures.crowd import COUNTERS, FIELDS, make_crowd

HANOI = timezone(timedelta(hours=7))
START = datetime(2026, 9, 28, tzinfo=HANOI)
FROM_MS = to_ms(START)
MINUTE_MS = 60_000
ROWS = make_crowd(7, 1_500, FROM_MS, 30).held
WORSE = {"vi3": 2, "vi4": 3, "vi5": 3}
"""First level of each scale that is not satisfied, written out by hand."""


def satisfied(press: Press) -> bool:
    return press.level < WORSE[press.scale]


@pytest.mark.parametrize("counter", COUNTERS)
def test_a_counters_figures(counter: str) -> None:
    (found,) = [each.summary for each in by_counter(ROWS, {}) if each.id == counter]
    presses = [press for press in ROWS.counted if press.counter == counter]
    visits = [visit for visit in ROWS.visits if visit.counter == counter]
    served = {visit.ticket for visit in visits if visit.state == "ended"}
    rated = served & {press.ticket for press in presses}
    assert found.presses == len(presses) == sum(found.moods)
    assert found.satisfied.part == sum(satisfied(press) for press in presses)
    assert (found.response.part, found.response.whole) == (len(rated), len(served))
    assert found.marked == sum(press.counter == counter for press in ROWS.marked)
    waits = sorted((visit.called_at_ms or 0) - visit.issued_at_ms for visit in visits)
    assert found.wait.n == len(waits)
    for percent, wait_ms in ((50, found.wait.median_ms), (90, found.wait.p90_ms)):
        assert wait_ms is not None
        assert wait_ms in waits
        longer, no_shorter = sum(each > wait_ms for each in waits), sum(each >= wait_ms for each in waits)
        assert longer <= len(waits) * (100 - percent) / 100 < no_shorter


def test_fields_and_counters_make_up_the_whole() -> None:
    total = summarise_rows(ROWS)
    for groups in (by_counter(ROWS, {}), by_field(ROWS, dict.fromkeys(FIELDS, "x"))):
        assert sum(each.summary.presses for each in groups) == total.presses
        assert sum(each.summary.served for each in groups) == total.served
    assert total.issued == len(ROWS.visits)
    left = sum(visit.state in ("left", "missed") for visit in ROWS.visits)
    assert total.served == total.issued - left


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662), (1, 1, 0.2065, 1.0)],
)
def test_wilsons_interval_as_published(part: int, whole: int, low: float, high: float) -> None:
    """81 of 263 is the example of Newcombe (1998); the others follow from the closed form at p = 0, ½, 1."""
    found = proportion(part, whole)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def test_the_interval_solves_its_own_equation() -> None:
    """Its ends are where the share lies 1.96 standard errors away."""
    for part, whole in ((3, 7), (40, 41), (500, 900)):
        found = proportion(part, whole)
        for end in (found.low, found.high):
            assert end is not None
            z = (part / whole - end) / math.sqrt(end * (1 - end) / whole)
            assert abs(z) == pytest.approx(1.959964, abs=1e-3)
    assert proportion(0, 0).share is None
    with pytest.raises(ValueError, match="no share"):
        proportion(2, 1)


def test_heat_and_trend_fall_on_local_days() -> None:
    found = heat(ROWS.counted)
    local = [datetime.fromtimestamp(press.at_ms / 1000, UTC).astimezone(HANOI) for press in ROWS.counted]
    wanted = Counter((moment.weekday(), moment.hour) for moment in local)
    assert {(day, hour): found.presses[day][hour] for day, hour in wanted} == wanted
    assert sum(map(sum, found.presses)) == len(ROWS.counted)
    days = trend(ROWS, START.date(), START.date() + timedelta(days=29))
    by_day = Counter(moment.date().isoformat() for moment in local)
    assert {point.day: point.satisfied.whole for point in days} == {
        point.day: by_day[point.day] for point in days
    }
    assert len(days) == 30


def test_a_long_trend_has_a_point_a_week_from_the_first_day() -> None:
    rows = make_crowd(3, 400, FROM_MS, 92).held
    first, last = START.date() + timedelta(days=3), START.date() + timedelta(days=91)
    points = trend(rows, first, last)
    assert [date.fromisoformat(point.day).weekday() for point in points[1:]] == [0] * (len(points) - 1)
    assert points[0].day == first.isoformat()
    assert date.fromisoformat(points[-1].day) <= last < date.fromisoformat(points[-1].day) + timedelta(days=7)


def test_nothing_is_a_figure_of_nothing() -> None:
    total = summarise_rows(Rows([], [], []))
    assert (total.satisfied.share, total.wait.p90_ms, total.response.share) == (None, None, None)
    assert spread([None, 5, None]).median_ms == 5


def of(officer: str | None, count: int, level: int = 1) -> list[Press]:
    return [Press(1, "quay-1", "vi4", level, "satisfied", officer=officer)] * count


@pytest.mark.parametrize(
    ("presses", "shown", "hidden"),
    [
        ({"an": 4}, [], 1),
        ({"an": 5}, ["an"], 0),
        ({"an": 50, "binh": 4}, [], 2),  # the total less An's would tell Bình's
        ({"an": 50, "binh": 20, "chi": 4}, ["an"], 2),
        ({"an": 50, "binh": 20, "chi": 4, "dung": 1}, ["an", "binh"], 2),
        ({"an": 50, "binh": 20, "chi": 2, "dung": 1}, ["an"], 3),
    ],
)
def test_an_officer_of_few_presses_cannot_be_worked_out(
    presses: dict[str, int], shown: list[str], hidden: int
) -> None:
    counted = [press for officer, count in presses.items() for press in of(officer, count)] + of(None, 9)
    found = officers(counted, {})
    assert [line.account for line in found.shown] == shown
    assert found.hidden == hidden


def test_the_verdict_says_when_to_open_another_counter() -> None:
    rule = HallRule(wait_min=30, waiting_per_counter=8)
    long = verdict([38 * MINUTE_MS, MINUTE_MS], 1, 2, rule)
    assert (long.open_more, long.text) == (True, "Nên mở thêm quầy: người chờ lâu nhất 38 phút")
    assert verdict([30 * MINUTE_MS] * 8, 1, 2, rule).open_more is False
    assert verdict([MINUTE_MS] * 9, 1, 2, rule).open_more is True
    assert "Mọi quầy" in verdict([MINUTE_MS] * 17, 2, 2, rule).text
    assert verdict([], 0, 2, rule).text == "Không có ai chờ."


def test_alarms_ring_at_their_limits() -> None:
    rule, now = AlarmRule(low_presses=3, low_within_min=30, wait_p90_min=45), 100 * MINUTE_MS
    low = [Press(now - ago * MINUTE_MS, "quay-1", "vi4", 4, "unsatisfied") for ago in (29, 5, 0)]
    (found,) = alarms(low, [], rule, {"quay-1": "Quầy 1"}, now)
    assert (found.kind, found.place) == ("low_presses", "quay-1")
    assert "Quầy 1: 3 lượt" in found.text
    assert alarms(low, [], rule, {}, now + MINUTE_MS) == []
    waits = [Visit(str(n), "x", now - 46 * MINUTE_MS) for n in range(5)]
    assert [each.kind for each in alarms([], waits, rule, {}, now)] == ["long_waits"]
    assert alarms([], waits[:4], rule, {}, now) == []
    gone = [Visit(str(n), "x", 0, called_at_ms=39 * MINUTE_MS, state="ended") for n in range(9)]
    assert alarms([], gone, rule, {}, now) == []
