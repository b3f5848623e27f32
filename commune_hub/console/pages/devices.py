"""Thiết bị: every device with its nodes, and what went wrong lately."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from commune_hub.console.desk import Desk, Page
from commune_hub.console.device_card import DeviceView, device_views, draw_device
from commune_hub.console.parts import badge, empty, panel, row, table, text
from commune_hub.console.speaker_sheet import show_speaker
from commune_hub.console.troubles import (
    DEATH_COLUMNS,
    LOST_COLUMNS,
    REFUSAL_COLUMNS,
    UNKNOWN_COLUMNS,
    Troubles,
    troubles,
)
from commune_hub.times import now_ms


async def build(desk: Desk) -> None:
    """Build the page."""
    capabilities = desk.capabilities

    def look() -> list[DeviceView]:
        tested = capabilities.loudspeakers.tested()
        return device_views(capabilities.fleet.states(), capabilities.config.places(), now_ms(), tested)

    async def ask(device: str) -> None:
        await show_speaker(desk, device)

    def draw(views: list[DeviceView]) -> None:
        _draw_devices(views, ask)

    await desk.area(look, draw)
    await desk.area(lambda: troubles(capabilities), _draw_troubles)


def _draw_devices(views: list[DeviceView], ask: Callable[[str], Awaitable[None]]) -> None:
    online = sum(view.online for view in views)
    with row("list-head"):
        text(f"{online}/{len(views)} thiết bị đang hoạt động", "grow strong")
        if views and online == len(views):
            badge("Tất cả đều tốt", "good")
    if not views:
        with panel():
            empty("Chưa ghi danh thiết bị nào: dùng lệnh commune-provision enrol", "devices")
    with row("cards"):
        for view in views:
            draw_device(view, ask)


def _draw_troubles(found: Troubles) -> None:
    listed = (
        ("Phần mềm tự khởi động lại", "restart_alt", DEATH_COLUMNS, found.deaths),
        ("Thông điệp bị từ chối", "gpp_maybe", REFUSAL_COLUMNS, found.refusals),
        ("Sự việc bị mất ở thiết bị", "report", LOST_COLUMNS, found.lost),
        ("Sự việc hub chưa hiểu (đã giữ nguyên)", "help_outline", UNKNOWN_COLUMNS, found.unknown),
    )
    for title, icon, columns, rows in listed:
        if rows:
            with panel(title, icon):
                table(columns, rows, "key", per_page=10)


PAGE = Page("/devices", "Thiết bị", "devices", build, frozenset({"technician", "leader", "administrator"}))
