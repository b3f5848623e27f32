"""Sảnh: who waits how long, at which counter, and whether another counter should be opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ui

from commune_hub.capabilities.alerts import Alert
from commune_hub.console.alert_lines import draw_alerts
from commune_hub.console.desk import Desk, Page, redrawn
from commune_hub.console.moments import clock_text, span_text
from commune_hub.console.parts import badge, empty, panel, row, tagged, text, tile
from commune_hub.figures.hall import CounterNow, FieldNow, HallRule, Verdict, fields_now, verdict
from commune_hub.figures.source import visit_row
from commune_hub.figures.spread import Spread, spread
from commune_hub.hub import Capabilities
from commune_hub.times import day_start_ms, now_ms

SHOWN_MAX = 40
MINUTE_MS = 60_000


@dataclass(frozen=True)
class _Waiting:
    number: str
    field: str
    wait_ms: int


@dataclass(frozen=True)
class _Seen:
    """The hall at a minute: it changes with the queue, and every minute with the waiting times."""

    verdict: Verdict
    alerts: list[Alert]
    waiting: list[_Waiting]
    counters: list[CounterNow]
    fields: list[FieldNow]
    today: Spread
    minute_ms: int


async def build(desk: Desk) -> None:
    """Build the page."""
    show_verdict = _verdict(_rule(desk.capabilities))
    show_alerts = redrawn(draw_alerts, "rows")
    show_tiles = _tiles()
    with ui.element("div").classes("split"):
        with panel("Đang chờ theo lĩnh vực", "category"):
            show_fields = redrawn(_fields, "rows")
        with panel("Các quầy", "storefront"):
            show_counters = redrawn(_counters, "rows")
    with panel("Người đang chờ, theo thứ tự sẽ gọi", "groups"):
        show_waiting = redrawn(_waiting, "rows")

    def show(seen: _Seen) -> None:
        show_verdict(seen.verdict)
        show_alerts(seen.alerts)
        show_tiles(seen)
        for part in (show_fields, show_counters, show_waiting):
            part(seen)

    await desk.follow(lambda: _look(desk.capabilities), show)


def _rule(capabilities: Capabilities) -> HallRule:
    settings = capabilities.config.alerts
    return HallRule(settings.open_counter_wait_min, settings.open_counter_waiting)


def _look(capabilities: Capabilities) -> _Seen:
    """Times are those of a clock without seconds, so that the page changes once a minute, all at once."""
    now = _minute(now_ms())
    config, queue = capabilities.config, capabilities.queue
    waiting, serving = queue.waiting(), queue.serving()
    today = [visit_row(each) for each in queue.visits(day_start_ms(now), now_ms() + 1)]
    names = {each.id: each.name for each in config.fields}
    waits = [max(0, now - _minute(each.issued_at_ms)) for each in waiting]
    return _Seen(
        verdict=verdict(waits, len(serving), len(config.counters), _rule(capabilities)),
        alerts=capabilities.alerts.look(),
        waiting=[
            _Waiting(each.number, names.get(each.field, each.field), wait)
            for each, wait in zip(waiting, waits, strict=True)
        ],
        counters=[
            CounterNow(
                each.id,
                each.name,
                serving[each.id].number if each.id in serving else "",
                names.get(serving[each.id].field, "") if each.id in serving else "",
                serving[each.id].called_at_ms if each.id in serving else None,
            )
            for each in config.counters
        ],
        fields=fields_now([visit_row(each) for each in waiting], today, names, now + MINUTE_MS - 1),
        today=spread(visit.wait_ms for visit in today),
        minute_ms=now,
    )


def _minute(at_ms: int) -> int:
    return at_ms // MINUTE_MS * MINUTE_MS


def _verdict(rule: HallRule) -> Callable[[Verdict], None]:
    with panel(classes="verdict") as band:
        sentence = tagged(text("", "verdict-text"), "hall-verdict")
        text(rule.told(), "muted")

    def show(found: Verdict) -> None:
        sentence.text = found.text
        band.classes(
            add="verdict-bad" if found.open_more else "verdict-good",
            remove="verdict-good" if found.open_more else "verdict-bad",
        )

    return show


def _tiles() -> Callable[[_Seen], None]:
    with ui.element("div").classes("tiles"):
        waiting = tagged(tile("Đang chờ", "groups"), "hall-waiting")
        longest = tagged(tile("Chờ lâu nhất", "hourglass_top"), "hall-longest")
        serving = tile("Quầy đang phục vụ", "storefront")
        ninth = tile("Chờ P90 hôm nay", "timer", "chín phần mười chờ không quá")

    def show(seen: _Seen) -> None:
        waits = [each.wait_ms for each in seen.waiting]
        waiting.text = str(len(waits))
        longest.text = span_text(max(waits)) if waits else "–"
        serving.text = f"{sum(each.since_ms is not None for each in seen.counters)}/{len(seen.counters)}"
        ninth.text = "–" if seen.today.p90_ms is None else span_text(seen.today.p90_ms)

    return show


def _fields(seen: _Seen) -> None:
    if not seen.fields:
        empty("Hôm nay chưa ai lấy số", "event_seat")
    for each in seen.fields:
        with row("row-line"):
            text(each.name, "grow strong")
            badge(f"{each.waiting} chờ", "wait" if each.waiting else "plain")
            if each.waiting:
                text(f"lâu nhất {span_text(each.longest_ms)}", "muted")
            if each.today.median_ms is not None:
                text(f"trung vị hôm nay {span_text(each.today.median_ms)}", "muted")


def _counters(seen: _Seen) -> None:
    for each in seen.counters:
        with row("row-line"):
            text(each.name, "grow strong")
            if each.since_ms is None:
                badge("trống", "plain")
                continue
            text(each.field, "muted")
            badge(each.number, "calm")
            text(f"từ {clock_text(each.since_ms)}, {span_text(seen.minute_ms - each.since_ms)}", "muted")


def _waiting(seen: _Seen) -> None:
    if not seen.waiting:
        empty("Không có ai chờ", "event_seat")
    for each in seen.waiting[:SHOWN_MAX]:
        with row("row-line"):
            text(each.number, "ticket-number")
            text(each.field, "grow")
            text(f"chờ {span_text(each.wait_ms)}", "muted")
    if len(seen.waiting) > SHOWN_MAX:
        text(f"… và {len(seen.waiting) - SHOWN_MAX} người nữa", "muted")


PAGE = Page("/hall", "Sảnh", "groups", build)
