"""The hall now: who waits how long, at which counters, and whether another counter should be opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commune_hub.figures.rows import Visit
from commune_hub.figures.spread import Spread, spread

MINUTE_MS = 60_000


@dataclass(frozen=True)
class HallRule:
    """When another counter should be opened: either is enough."""

    wait_min: int
    """Somebody has waited longer than this, minutes."""
    waiting_per_counter: int
    """More people than this wait for each counter that serves."""

    def told(self) -> str:
        """Return the rule in words, to stand beside the verdict."""
        return (
            f"Quy tắc: nên mở thêm quầy khi có người chờ quá {self.wait_min} phút, hoặc khi có hơn "
            f"{self.waiting_per_counter} người chờ cho mỗi quầy đang phục vụ."
        )


@dataclass(frozen=True)
class CounterNow:
    """A counter: the ticket that it serves, and since when; empty while it serves nobody."""

    counter: str
    name: str
    number: str
    field: str
    since_ms: int | None


@dataclass(frozen=True)
class FieldNow:
    """A field of work: how many wait for it, how long the longest of them, and today's waits so far."""

    field: str
    name: str
    waiting: int
    longest_ms: int
    today: Spread


@dataclass(frozen=True)
class Verdict:
    """The one sentence; `open_more`: act now."""

    open_more: bool
    text: str


def verdict(waits_ms: Sequence[int], serving: int, counters: int, rule: HallRule) -> Verdict:
    """Tell whether another counter should be opened.

    `waits_ms`: of everybody who waits now; `serving`: counters that serve somebody, of `counters` in all.
    """
    if not waits_ms:
        return Verdict(False, "Không có ai chờ.")
    longest = max(waits_ms) // MINUTE_MS
    too_long = max(waits_ms) > rule.wait_min * MINUTE_MS
    crowded = len(waits_ms) > rule.waiting_per_counter * max(serving, 1)
    if not too_long and not crowded:
        return Verdict(False, f"Chưa cần mở thêm quầy: {len(waits_ms)} người chờ, lâu nhất {longest} phút.")
    why = (
        f"người chờ lâu nhất {longest} phút"
        if too_long
        else f"{len(waits_ms)} người chờ cho {serving} quầy đang phục vụ"
    )
    if serving < counters:
        return Verdict(True, f"Nên mở thêm quầy: {why}")
    return Verdict(True, f"Mọi quầy đều đang phục vụ mà {why}: cần thêm người hoặc hướng dẫn khách đang chờ")


def fields_now(
    waiting: Sequence[Visit], today: Sequence[Visit], names: Mapping[str, str], now_ms: int
) -> list[FieldNow]:
    """Return the fields that anybody waits for or came for today, in the order of `names`."""
    used = {visit.field for visit in (*waiting, *today)}
    found = []
    for field in [*(each for each in names if each in used), *sorted(used - set(names))]:
        waits = [now_ms - visit.issued_at_ms for visit in waiting if visit.field == field]
        done = spread(visit.wait_ms for visit in today if visit.field == field)
        found.append(FieldNow(field, names.get(field, field), len(waits), max(waits, default=0), done))
    return found
