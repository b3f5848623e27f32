"""Đã phát: what sounded where, was it heard, what is broken; a day as a picture, a month in figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from nicegui import ui

from commune_hub.capabilities.staff import Member
from commune_hub.console.bulletin_view import place_names
from commune_hub.console.desk import Desk, Page, redrawn
from commune_hub.console.moments import share_text
from commune_hub.console.parts import badge, dialog, empty, panel, row, table, tagged
from commune_hub.console.proof_grid import draw_grid, draw_legend
from commune_hub.console.proof_lines import draw_line, summary_text
from commune_hub.console.speaker_sheet import show_speaker
from commune_hub.proof.asking import Wanted, look_at, month_of
from commune_hub.proof.csv_text import csv_text
from commune_hub.proof.month import Tally, tallies
from commune_hub.proof.sheet import GOOD, Line
from commune_hub.proof.words import late_text
from commune_hub.times import local_day, now_ms

ALL = ""
AMISS_MAX = 60
"""Lines of what went wrong that are shown; the table of the API holds all."""

MONTH_COLUMNS = {
    "speaker": "Cụm loa",
    "asked": "Lần hẹn phát",
    "whole": "Phát đủ",
    "heard": "Nghe thấy",
    "silent": "Loa không kêu",
    "untold": "Chưa có tin",
    "refused": "Không phát, phát dở",
    "late": "Trễ (giữa)",
}


@dataclass(frozen=True)
class Seen:
    """A day's lines, and the names of places."""

    lines: tuple[Line, ...]
    places: dict[str, str]


@dataclass
class _Choice:
    day: date
    where: str = ALL
    bulletin: str = ALL


@dataclass(frozen=True)
class _Heads:
    day: ui.input
    where: ui.select
    which: ui.select
    save: ui.button


async def build(desk: Desk) -> None:
    """Build the page."""
    capabilities = desk.capabilities
    choice = _Choice(_asked_day(desk), bulletin=desk.asked.get("bulletin", ALL)[:60])
    places = await desk.ask(place_names, capabilities)
    spots = await desk.ask(capabilities.speaker_places)

    def wanted() -> Wanted:
        return Wanted(choice.day, choice.day, choice.where, choice.bulletin)

    def look() -> Seen:
        return Seen(tuple(look_at(capabilities, wanted())), places)

    titles = await desk.ask(_titles, desk)
    heads = _draw_heads(choice, spots, titles)
    refresh = await desk.follow(look, redrawn(lambda seen: _draw_day(desk, seen), "stack"))
    with panel("Cả tháng, từng cụm loa", "calendar_month") as section:
        tagged(section, "sounded-month")

        def draw_month(found: list[Tally]) -> None:
            _draw_month(found, places)

        show_month = redrawn(draw_month, "stack")
        show_month(await desk.ask(_month, desk, choice.day))

    async def choose() -> None:
        month = _month_of(choice.day)
        try:
            choice.day = date.fromisoformat(str(heads.day.value or ""))
        except ValueError:
            return
        choice.where, choice.bulletin = str(heads.where.value or ALL), str(heads.which.value or ALL)
        await refresh()
        if _month_of(choice.day) != month:
            show_month(await desk.ask(_month, desk, choice.day))

    async def download(_member: Member) -> None:
        content = await desk.ask(lambda: csv_text(look_at(capabilities, wanted()), places))
        ui.download.content(content, f"da-phat-{choice.day}.csv", "text/csv")

    for each in (heads.day, heads.where, heads.which):
        each.on_value_change(choose)
    heads.save.on_click(desk.handler(download))


def _draw_heads(choice: _Choice, spots: dict[str, str], titles: dict[str, str]) -> _Heads:
    def step(days: int) -> None:
        day.set_value((choice.day + timedelta(days=days)).isoformat())

    with row("list-head"):
        back = ui.button(icon="chevron_left", on_click=lambda: step(-1))
        back.props('flat round dense aria-label="Ngày trước"')
        day = tagged(ui.input("Ngày", value=choice.day.isoformat()), "sounded-day")
        day.props("type=date outlined dense")
        forth = ui.button(icon="chevron_right", on_click=lambda: step(1))
        forth.props('flat round dense aria-label="Ngày sau"')
        where = ui.select({ALL: "Mọi nơi", **spots}, value=ALL).props("outlined dense")
        offered = {ALL: "Mọi bản tin", **titles}
        which = ui.select(offered, value=choice.bulletin if choice.bulletin in offered else ALL)
        which.props("outlined dense")
        ui.space()
        save = ui.button("Tải CSV", icon="download").props("flat no-caps color=grey-9")
    return _Heads(day, tagged(where, "sounded-where"), which, tagged(save, "sounded-csv"))


def _asked_day(desk: Desk) -> date:
    try:
        return date.fromisoformat(desk.asked.get("day", ""))
    except ValueError:
        return date.fromisoformat(local_day(now_ms()))


def _titles(desk: Desk) -> dict[str, str]:
    return {each.id: each.title for each in desk.capabilities.bulletins.latest() if each.approved_by}


def _month(desk: Desk, day: date) -> list[Tally]:
    """Asked for when the page opens and for another month, not all the time: a month is many lines."""
    return tallies(look_at(desk.capabilities, Wanted(*month_of(_month_of(day)))))


def _month_of(day: date) -> str:
    return day.isoformat()[:7]


def _draw_day(desk: Desk, seen: Seen) -> None:
    if not seen.lines:
        with panel():
            empty("Ngày này không có bản tin nào", "event_available")
        return

    def choose(line: Line) -> None:
        with dialog(desk, line.asked.title) as opened:
            draw_line(line, whole=True)
            with ui.element("div").classes("dialog-buttons"):
                ui.button("Đóng", on_click=opened.close).props("flat no-caps color=grey-8")

    async def ask(device: str) -> None:
        await show_speaker(desk, device)

    with panel(summary_text(seen.lines), "grid_on"):
        with ui.element("div").classes("proof-scroll"):
            draw_grid(seen.lines, seen.places, choose, ask)
        draw_legend(seen.lines)
    amiss = [each for each in seen.lines if each.mark not in GOOD]
    if amiss:
        with panel("Cần xem lại", "report_problem"), ui.element("div").classes("rows"):
            for each in amiss[:AMISS_MAX]:
                draw_line(each, whole=True, titled=True)


def _draw_month(found: list[Tally], places: dict[str, str]) -> None:
    if not found:
        empty("Chưa có lần phát nào xong trong tháng", "calendar_month")
        return
    silent = sum(each.silent for each in found)
    with row("row-line"):
        badge(
            "Không loa nào im" if not silent else f"Loa không kêu {silent} lần", "bad" if silent else "good"
        )
    table(MONTH_COLUMNS, [_month_row(each, places) for each in found], "speaker")


def _month_row(tally: Tally, places: dict[str, str]) -> dict[str, str]:
    return {
        "speaker": f"{places.get(tally.place, tally.place)} · {tally.device}",
        "asked": str(tally.asked),
        "whole": share_text(tally.share_whole),
        "heard": f"{share_text(tally.share_heard)} ({tally.heard}/{tally.listened})",
        "silent": str(tally.silent),
        "untold": str(tally.untold),
        "refused": str(tally.refused),
        "late": late_text(tally.late_ms),
    }


PAGE = Page(
    "/sounded",
    "Đã phát",
    "hearing",
    build,
    frozenset({"editor", "approver", "leader", "technician", "administrator"}),
)
