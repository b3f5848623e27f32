"""Báo cáo: choose a period, look at its report, take it along as a file, close it for good."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

from nicegui import ui

from commune_hub.capabilities.staff import Member
from commune_hub.console.desk import Desk, Page, Refresh, redrawn, tell
from commune_hub.console.figure_charts import heat_chart, score_chart, trend_chart
from commune_hub.console.parts import badge, dialog, dialog_buttons, empty, panel, row, tagged, text
from commune_hub.console.report_files import address
from commune_hub.errors import HubError
from commune_hub.reports.cells import Table
from commune_hub.reports.layout import (
    criteria_table,
    devices_table,
    groups_table,
    late_table,
    officers_table,
    status_lines,
    total_table,
)
from commune_hub.reports.periods import KINDS, Begins, Kind
from commune_hub.reports.service import Issue, Offered

BASES = {1: "từ ngày 1", 15: "từ ngày 15"}
FORMS = {"pdf": "PDF", "docx": "Word", "xlsx": "Excel", "json": "JSON"}
CLOSERS = ("leader", "administrator")
WARNING = (
    "Bản đã chốt được băm, niêm phong và không bao giờ đổi hay mở lại. "
    "Số liệu đến muộn chỉ hiện ở mục “Bổ sung sau chốt”."
)


async def build(desk: Desk) -> None:
    """Build the page."""
    with panel(classes="report-choice"), row():
        kind = tagged(ui.toggle(dict(KINDS), value="month").props("no-caps"), "report-kind").classes("filter")
        basis = ui.toggle(BASES, value=desk.capabilities.reports.begins("month")).props("no-caps")
        tagged(basis, "report-basis").classes("filter")
        period = tagged(ui.select([], label="Kỳ").props("outlined dense"), "report-period").classes("grow")

    def look() -> tuple[list[Offered], Issue | None]:
        reports = desk.capabilities.reports
        chosen = cast(Kind, kind.value)
        begins: Begins = 15 if basis.value == 15 else 1
        offered = reports.offered(chosen, begins)
        names = [each.period.name for each in offered]
        name = period.value if period.value in names else (names[0] if names else None)
        return offered, None if name is None else reports.issue(reports.find(chosen, name, begins))

    async def refresh() -> None:
        try:
            offered, issue = await desk.ask(look)
        except HubError as error:
            show_head(str(error))
            return
        names = {each.period.name: _option(each) for each in offered}
        period.set_options(names, value=None if issue is None else issue.period.name)
        shown[:] = [kind.value, basis.value, period.value]
        show_head(issue)
        show_charts(issue)
        show_tables(issue)

    async def chosen() -> None:
        if shown != [kind.value, basis.value, period.value]:  # else the page itself filled in the period
            await refresh()

    shown: list[object] = []
    show_head = redrawn(partial(_head, desk, refresh), "stack")
    show_charts = _charts()
    show_tables = redrawn(_tables, "stack")
    await refresh()
    for choice in (kind, basis, period):
        choice.on_value_change(chosen)


def _option(offered: Offered) -> str:
    state = "đang chạy" if offered.running else "chưa chốt"
    if offered.edition:
        state = f"đã chốt, bản {offered.edition}"
    return f"{offered.period.title} · {offered.period.days_text} · {state}"


def _head(desk: Desk, refresh: Refresh, found: Issue | str | None) -> None:
    if not isinstance(found, Issue):
        empty(found or "Chưa có số liệu nào", "insert_chart_outlined")
        return
    with panel(found.content.title, "summarize"):
        with row():
            state = f"Đã chốt, bản {found.closed.edition}" if found.closed else "Chưa chốt"
            tagged(badge(state, "good" if found.closed else "wait"), "report-state")
            if found.content.provisional:
                badge("Tạm tính", "wait")
        for line in status_lines(found):
            text(line, "muted")
        if found.since is not None and found.since.changed:
            tagged(badge("Có số liệu bổ sung sau chốt", "wait"), "report-late")
        with row():
            for form, name in FORMS.items():
                link = ui.link(name, address(found.period, form)).classes("plain-link")
                tagged(link, f"report-{form}").props("download")
            ui.space()
            if desk.opened_by.roles.intersection(CLOSERS) and not found.content.provisional:
                _close_button(desk, refresh, found)


def _close_button(desk: Desk, refresh: Refresh, found: Issue) -> None:
    again = found.closed is not None
    label = "Chốt thêm bản mới" if again else "Chốt báo cáo"

    async def close(member: Member) -> None:
        closed = await desk.ask(desk.capabilities.reports.close, found.period, member)
        tell(f"Đã chốt {found.period.title}, bản {closed.edition}.")
        await refresh()

    def confirm(_member: Member) -> None:
        with dialog(desk, f"{label}: {found.period.title}?") as opened:
            text(WARNING, "muted")
            dialog_buttons(desk, opened, label, close)

    button = ui.button(label, icon="lock", on_click=desk.handler(confirm)).props("unelevated no-caps")
    tagged(button, "report-close")


def _charts() -> Callable[[Issue | None], None]:
    with ui.element("div").classes("stack") as place:
        with ui.element("div").classes("split"):
            with panel("Hài lòng theo quầy", "storefront"):
                show_counters = score_chart("report-chart-counters")
            with panel("Diễn biến", "show_chart"):
                show_trend = trend_chart("report-chart-trend")
        with panel("Theo giờ và thứ", "calendar_view_week"):
            show_heat = heat_chart("report-chart-heat")

    def show(issue: Issue | None) -> None:
        place.set_visibility(issue is not None)
        if issue is not None:
            show_counters(issue.content.counters)
            show_trend(issue.content.trend)
            show_heat(issue.content.heat)

    return show


def _tables(issue: Issue | None) -> None:
    if issue is None:
        return
    content = issue.content
    for shown in (
        total_table(content),
        groups_table("Theo quầy", "Quầy", content.counters),
        groups_table("Theo lĩnh vực", "Lĩnh vực", content.fields),
        officers_table(content),
        criteria_table(content),
        devices_table(content),
        late_table(issue),
    ):
        with panel(shown.title):
            _table(shown)


def _alignment(shown: Table) -> list[str]:
    """Words to the left, figures to the right."""
    return ["left" if cell.kind == "text" else "right" for cell in shown.rows[0]]


def _table(shown: Table) -> None:
    """Cells are shown as text, whatever they hold."""
    if shown.rows:
        columns = [
            {"name": str(place), "label": head, "field": str(place), "align": align}
            for place, (head, align) in enumerate(zip(shown.heads, _alignment(shown), strict=True))
        ]
        rows = [
            {"key": number, **{str(place): cell.shown for place, cell in enumerate(cells)}}
            for number, cells in enumerate(shown.rows)
        ]
        ui.table(columns=columns, rows=rows, row_key="key").props("flat dense wrap-cells").classes("table")
    else:
        text("Không có.", "muted")
    for note in shown.notes:
        text(note, "muted")


PAGE = Page("/reports", "Báo cáo", "summarize", build)
