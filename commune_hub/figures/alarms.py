"""When somebody should be told at once: several low presses in a short time, or people who wait too long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from commune_hub.figures.rows import Press, Visit
from commune_hub.figures.spread import nearest_rank
from commune_hub.figures.summary import split

MINUTE_MS = 60_000

WAITS_MIN = 5
"""Fewest waits of which a ninth decile says anything."""

WAITS_WITHIN_MS = 60 * MINUTE_MS
"""Waits of those called within the last hour count, and of those who wait still."""


@dataclass(frozen=True)
class AlarmRule:
    """The limits, as hub.toml has them under `[alerts]`."""

    low_presses: int
    low_within_min: int
    wait_p90_min: int


@dataclass(frozen=True)
class Alarm:
    """What should be told: `place` is a counter's id, or empty for the whole hall."""

    kind: Literal["low_presses", "long_waits"]
    place: str
    text: str


def alarms(
    counted: Sequence[Press],
    visits: Sequence[Visit],
    rule: AlarmRule,
    names: Mapping[str, str],
    now_ms: int,
) -> list[Alarm]:
    """Return what should be told now; `names` are the counters'.

    `counted` and `visits` may reach further back than the rules look, and hold no future.
    """
    return [*_low_presses(counted, rule, names, now_ms), *_long_waits(visits, rule, now_ms)]


def _low_presses(
    counted: Sequence[Press], rule: AlarmRule, names: Mapping[str, str], now_ms: int
) -> list[Alarm]:
    since_ms = now_ms - rule.low_within_min * MINUTE_MS
    low = [press for press in counted if press.low and since_ms < press.at_ms <= now_ms]
    return [
        Alarm(
            "low_presses",
            counter,
            f"{names.get(counter, counter)}: {len(found)} lượt không hài lòng "
            f"trong {rule.low_within_min} phút",
        )
        for counter, found in sorted(split(low, lambda press: press.counter).items())
        if len(found) >= rule.low_presses
    ]


def _long_waits(visits: Sequence[Visit], rule: AlarmRule, now_ms: int) -> list[Alarm]:
    waits = sorted(
        (visit.called_at_ms or now_ms) - visit.issued_at_ms
        for visit in visits
        if (visit.called_at_ms is None and visit.state == "waiting")
        or (visit.called_at_ms or 0) > now_ms - WAITS_WITHIN_MS
    )
    if len(waits) < WAITS_MIN or nearest_rank(waits, 90) <= rule.wait_p90_min * MINUTE_MS:
        return []
    minutes = nearest_rank(waits, 90) // MINUTE_MS
    return [
        Alarm(
            "long_waits",
            "",
            f"Chờ lâu: cứ 10 người trong một giờ qua có một người chờ từ {minutes} phút trở lên "
            f"(mức đặt ra: {rule.wait_p90_min} phút)",
        )
    ]
