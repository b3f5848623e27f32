"""Đánh giá: how satisfied people were, by counter, field and officer, and how long they waited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from nicegui import ui

from commune_hub.console.desk import Desk, Page, redrawn
from commune_hub.console.figure_charts import heat_chart, score_chart, trend_chart
from commune_hub.console.moments import share_text
from commune_hub.console.parts import badge, empty, panel, row, tagged, text
from commune_hub.figures.calendar import DAY_MS, Heat, Point, heat, trend
from commune_hub.figures.doubts import MarkLine, ReasonLine, marks, reasons
from commune_hub.figures.officers import PRESSES_MIN, Officers, officers
from commune_hub.figures.proportion import Proportion
from commune_hub.figures.rows import Press, Rows
from commune_hub.figures.spread import Spread
from commune_hub.figures.summary import Group, Summary, by_counter, by_field, summarise_rows
from commune_hub.figures.words import MARKS, REASONS
from commune_hub.hub import Capabilities
from commune_hub.reports.cells import minutes
from commune_hub.times import day_start_ms, local_time, now_ms

STRETCHES = {1: "Hôm nay", 7: "7 ngày qua", 30: "30 ngày qua", 90: "90 ngày qua"}
"""What one may look at, in days up to now."""

FRESH_MS = 15_000
"""A look is shared for so long: figures over months are not worked out every two seconds."""


@dataclass(frozen=True)
class _Seen:
    total: Summary
    counters: list[Group]
    fields: list[Group]
    officers: Officers
    heat: Heat
    trend: list[Point]
    marks: list[MarkLine]
    reasons: list[ReasonLine]


class _Looker:
    """Looks at the stretch that was chosen, and remembers for a moment what it saw."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._capabilities = capabilities
        self.days = 1
        self._last: tuple[int, int, _Seen] | None = None

    def look(self) -> _Seen:
        """Return the figures of the stretch, at most FRESH_MS old."""
        now, days = now_ms(), self.days
        if self._last and self._last[0] == days and now - self._last[1] < FRESH_MS:
            return self._last[2]
        seen = _see(self._capabilities, days, now)
        self._last = (days, now, seen)
        return seen


def _see(capabilities: Capabilities, days: int, now: int) -> _Seen:
    config, today_ms = capabilities.config, day_start_ms(now)
    rows = capabilities.rows.rows(today_ms - (days - 1) * DAY_MS, now + 1)
    last = local_time(now).date()
    staff = {each.account: each.name for each in capabilities.staff.members()}
    return _Seen(
        summarise_rows(rows),
        by_counter(rows, {each.id: each.name for each in config.counters}),
        by_field(rows, {each.id: each.name for each in config.fields}),
        officers(_whole_days(rows, today_ms), staff),
        heat(rows.counted),
        trend(rows, last - timedelta(days=days - 1), last),
        marks(rows.marked),
        reasons(rows.counted),
    )


def _whole_days(rows: Rows, today_ms: int) -> list[Press]:
    """Officers' totals do not move during the day: else who watches the page sees each single press."""
    return [press for press in rows.counted if press.at_ms < today_ms]


async def build(desk: Desk) -> None:
    """Build the page."""
    looker = _Looker(desk.capabilities)
    with row("list-head"):
        choice = tagged(ui.toggle(STRETCHES, value=1).props("no-caps"), "ratings-stretch").classes("filter")
        text("Tỷ lệ hài lòng tính theo cách của SIPAS", "muted")
    show_total = redrawn(_total, "tiles")
    with ui.element("div").classes("split"):
        with panel("Hài lòng theo quầy", "storefront"):
            show_counters = score_chart("chart-counters")
        with panel("Hài lòng theo lĩnh vực", "category"):
            show_fields = score_chart("chart-fields")
    with panel("Theo giờ và thứ", "calendar_view_week"):
        show_heat = heat_chart("chart-heat")
    with panel("Diễn biến", "show_chart"):
        show_trend = trend_chart("chart-trend")
    with panel("Quầy và lĩnh vực, kèm thời gian chờ", "timer"):
        show_groups = redrawn(_groups, "rows")
    with ui.element("div").classes("split"):
        with panel("Tổng số theo cán bộ", "badge"):
            show_officers = redrawn(_officers, "rows")
        with panel("Lượt không tính, lý do chưa hài lòng", "rule"):
            show_doubts = redrawn(_doubts, "rows")

    def show(seen: _Seen) -> None:
        show_total(seen.total)
        show_counters(seen.counters)
        show_fields(seen.fields)
        show_heat(seen.heat)
        show_trend(seen.trend)
        show_groups([*seen.counters, *seen.fields])
        show_officers(seen.officers)
        show_doubts(seen)

    refresh = await desk.follow(looker.look, show)

    async def chosen() -> None:
        looker.days = int(choice.value)
        await refresh()

    choice.on_value_change(chosen)


def _total(total: Summary) -> None:
    for label, value, note, name in (
        ("Lượt đánh giá được tính", str(total.presses), f"{total.marked} lượt không tính", "ratings-presses"),
        ("Hài lòng", share_text(total.satisfied.share), _interval(total.satisfied), "ratings-share"),
        ("Tỷ lệ đánh giá", share_text(total.response.share), _interval(total.response), "ratings-response"),
        (
            "Chờ trung vị",
            _minutes(total.wait.median_ms),
            f"P90: {_minutes(total.wait.p90_ms)}",
            "ratings-wait",
        ),
    ):
        with ui.element("div").classes("tile"):
            text(label, "tile-head")
            tagged(text(value, "tile-value"), name)
            text(note, "tile-note")


def _groups(groups: Sequence[Group]) -> None:
    for group in groups:
        found = group.summary
        with row("row-line"):
            text(group.name, "grow strong")
            badge(f"{share_text(found.satisfied.share)} hài lòng", "calm")
            text(f"{found.presses} lượt, {_interval(found.satisfied)}", "muted")
            text(f"{found.served} lượt phục vụ, {share_text(found.response.share)} có đánh giá", "muted")
            text(_waited(found.wait), "muted")


def _officers(found: Officers) -> None:
    for line in found.shown:
        with row("row-line"):
            text(line.name, "grow strong")
            badge(share_text(line.satisfied.share), "calm")
            text(f"{line.satisfied.whole} lượt, {_interval(line.satisfied)}", "muted")
    if not found.shown:
        empty("Chưa đủ lượt để hiện ai", "badge")
    note = f"Tính đến hết hôm qua. Không hiện ai có dưới {PRESSES_MIN} lượt"
    text(note + (f"; {found.hidden} người không được hiện." if found.hidden else "."), "muted")


def _doubts(seen: _Seen) -> None:
    names = {group.id: group.name for group in seen.counters}
    for mark in seen.marks:
        with row("row-line"):
            badge("không tính", "plain")
            text(MARKS.get(mark.mark, mark.mark), "grow")
            text(f"{names.get(mark.counter, mark.counter)}: {mark.presses}", "muted")
    for reason in seen.reasons:
        with row("row-line"):
            badge("chưa hài lòng", "wait")
            text(REASONS.get(reason.reason, reason.reason), "grow")
            text(str(reason.presses), "muted")
    if not seen.marks and not seen.reasons:
        empty("Không có", "verified")


def _interval(found: Proportion) -> str:
    return "–" if found.share is None else f"95 %: {share_text(found.low)}–{share_text(found.high)}"


def _minutes(time_ms: int | None) -> str:
    return "–" if time_ms is None else f"{minutes(time_ms).shown} phút"


def _waited(wait: Spread) -> str:
    return f"chờ {_minutes(wait.median_ms)}, P90 {_minutes(wait.p90_ms)}"


PAGE = Page("/ratings", "Đánh giá", "thumb_up", build)
