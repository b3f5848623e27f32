"""Bản tin: every bulletin, with how far it has come."""

from __future__ import annotations

from nicegui import ui

from commune_hub.capabilities.bulletins import STATES
from commune_hub.console.bulletin_card import draw_card
from commune_hub.console.bulletin_view import ALL, Listing, look_at_list
from commune_hub.console.desk import Desk, Page, redrawn
from commune_hub.console.parts import empty, panel, row, tagged

AT_FIRST = 12
"""Cards shown before somebody asks for more; an old machine draws them at once."""


class _Wanted:
    """Which bulletins are listed."""

    def __init__(self) -> None:
        self.state = ALL
        self.count = AT_FIRST


async def build(desk: Desk) -> None:
    """Build the page."""
    wanted = _Wanted()
    with row("list-head"):
        filter_ = ui.toggle({ALL: "Tất cả", **STATES}, value=ALL).props(
            "no-caps unelevated toggle-color=primary"
        )
        tagged(filter_.classes("filter"), "bulletin-filter")
        plan = ui.button("Lịch phát", icon="event", on_click=lambda: ui.navigate.to("/plan"))
        tagged(plan, "bulletin-plan").props("outline no-caps color=primary")
        if "editor" in desk.opened_by.roles:
            new = ui.button("Viết bản tin", icon="edit", on_click=lambda: ui.navigate.to("/bulletins/write"))
            tagged(new, "bulletin-new").props("unelevated no-caps color=primary")
    await _list(desk, wanted, filter_)


async def _list(desk: Desk, wanted: _Wanted, filter_: ui.toggle) -> None:
    def look() -> Listing:
        return look_at_list(desk.capabilities, wanted.state, wanted.count)

    def draw(found: Listing) -> None:
        if not found.shown:
            with panel():
                empty("Chưa có bản tin nào", "campaign")
        for each in found.shown:
            draw_card(desk, each, again)
        if found.more:
            ui.button("Xem thêm", icon="expand_more", on_click=show_more).props("flat no-caps")

    async def show_more() -> None:
        wanted.count += AT_FIRST
        await again()

    async def choose() -> None:
        wanted.state, wanted.count = str(filter_.value), AT_FIRST
        await again()

    async def again() -> None:
        await refresh()

    refresh = await desk.follow(look, redrawn(draw, "stack"))
    filter_.on_value_change(choose)


PAGE = Page("/bulletins", "Bản tin", "campaign", build, frozenset({"editor", "approver", "leader"}))
