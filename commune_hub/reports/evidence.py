"""What the ledger and the accounts say about how good a period's data are, device by device."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from commune_hub.capabilities.uptime import HOUR_MS, Uptime
from commune_hub.reports.content import DeviceLine
from commune_hub.reports.periods import Period
from commune_hub.store import Store
from commune_hub.times import iso_utc, to_ms
from wire.names import HUB

CORRECTED_FROM_MS = 60_000
"""A clock that was wrong by less than a minute changes no figure of a report."""

_STREAM = "t.device = f.device AND t.node = f.node AND t.epoch = f.epoch AND t.seq = f.seq"

_FIRST_HEARD = """
    SELECT s.device, min(f.received_at) AS first FROM streams s JOIN facts f
    ON f.device = s.device AND f.node = s.node AND f.epoch = s.epoch AND f.seq = 1 GROUP BY s.device
"""

EARLIER_MAX_MS = 62 * 86_400_000
"""A device may have worked alone before the hub first heard of it, but no longer than its outbox holds: an
older time is a clock's mistake."""

_FIRST_ROW = "SELECT min(at_ms) AS first FROM facts WHERE kind = ? AND at_ms >= ?"

_CORRECTED = f"""
    SELECT t.device, count(*) AS count FROM true_times t JOIN facts f ON {_STREAM}
    WHERE t.at_ms >= ?1 AND t.at_ms < ?2 AND abs(t.at_ms - f.at_ms) >= {CORRECTED_FROM_MS} GROUP BY t.device
"""  # noqa: S608 - our own names

_UNPRINTED = """
    SELECT device, count(*) AS count FROM facts
    WHERE kind = 'ticket.issued' AND at_ms >= ?1 AND at_ms < ?2 AND json_extract(body, '$.printed') = 0
    GROUP BY device
"""

_LOST = """
    SELECT device, sum(last - first + 1) AS count FROM lost WHERE noted_at >= ?1 AND noted_at < ?2
    GROUP BY device
"""

_DAMAGED = """
    SELECT device, count(*) AS count FROM facts
    WHERE kind = 'fact.damaged' AND received_at >= ?1 AND received_at < ?2 GROUP BY device
"""

_COUNTED = """
    SELECT device, sum(count) AS count FROM counted WHERE what = ? AND day >= ? AND day <= ? GROUP BY device
"""


def device_lines(
    store: Store, uptime: Uptime, places: Mapping[str, str], period: Period, now_ms: int
) -> list[DeviceLine]:
    """Return a line for each device of `places` (device: place's name) and each other that the data name."""
    until_ms = min(period.until_ms, now_ms)
    moments = [period.from_ms, until_ms]
    spelt = [iso_utc(each) for each in moments]
    days = [period.first.isoformat(), period.last.isoformat()]
    heard = uptime.hours_heard(period.from_ms, until_ms)
    first = {row["device"]: to_ms(datetime.fromisoformat(row["first"])) for row in store.rows(_FIRST_HEARD)}
    due = {device: _hours(max(period.from_ms, first_ms), until_ms) for device, first_ms in first.items()}
    made = _made(store, *days)
    missing = _by_device(store, _LOST, spelt)
    found = {
        "repeated": _by_device(store, _COUNTED, ["repeated", *days]),
        "refused": _by_device(store, _COUNTED, ["refused", *days]),
        "repaired": _by_device(store, _DAMAGED, spelt),
        "clocks_corrected": _by_device(store, _CORRECTED, moments),
        "printer_failures": _by_device(store, _UNPRINTED, moments),
    }
    named = {device for each in (heard, made, missing, *found.values()) for device in each} - {HUB}
    return [
        DeviceLine(
            device=device,
            place=places.get(device, ""),
            heard_hours=heard.get(device, 0),
            silent_hours=max(0, due.get(device, 0) - heard.get(device, 0)),
            made=made.get(device, 0),
            missing=missing.get(device, 0),
            **{name: counts.get(device, 0) for name, counts in found.items()},
        )
        for device in sorted(named | set(places))
    ]


def first_data_ms(store: Store) -> int | None:
    """Return the time of the first press or number; None while there is none."""
    heard = [to_ms(datetime.fromisoformat(row["first"])) for row in store.rows(_FIRST_HEARD)]
    if not heard:
        return None
    since_ms = min(heard) - EARLIER_MAX_MS
    found = [store.value(_FIRST_ROW, [kind, since_ms]) for kind in ("rating.pressed", "ticket.issued")]
    return min((int(each) for each in found if each is not None), default=None)


def _hours(from_ms: int, until_ms: int) -> int:
    """Whole hours of the clock between two times; the one that is still running does not count as silent."""
    return max(0, until_ms // HOUR_MS - from_ms // HOUR_MS)


def _made(store: Store, first_day: str, last_day: str) -> dict[str, int]:
    """Return how many facts each device numbered in days, as the closings of days have it."""
    before = store.value("SELECT max(day) FROM closed_days WHERE day < ?", [first_day]) or ""
    closed = store.value("SELECT min(day) FROM closed_days WHERE day >= ?", [last_day])
    ends, given = (
        ("closings e WHERE e.day = ?2", [before, closed])
        if closed
        else ("streams e WHERE ?2 = ''", [before, ""])
    )
    rows = store.rows(
        "SELECT e.device, sum(e.committed - coalesce((SELECT s.committed FROM closings s WHERE s.day = ?1 "  # noqa: S608
        "AND s.device = e.device AND s.node = e.node AND s.epoch = e.epoch), 0)) AS count "
        f"FROM {ends} GROUP BY e.device",
        given,
    )
    return {row["device"]: int(row["count"]) for row in rows}


def _by_device(store: Store, sql: str, values: list[str] | list[int]) -> dict[str, int]:
    return {row["device"]: int(row["count"]) for row in store.rows(sql, values)}
