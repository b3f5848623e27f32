"""The frame around every page: header, menu by role, way out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from nicegui import ui

from commune_hub.capabilities.staff import ROLES, Member
from commune_hub.console.desk import SIGN_IN, Desk, Page
from commune_hub.console.gate import TOKEN_KEY
from commune_hub.console.parts import paint, tagged

ME = "/me"


@contextmanager
def frame(desk: Desk, pages: Sequence[Page]) -> Iterator[None]:
    """Open the frame; what is made inside is the page."""
    paint()
    member = desk.opened_by
    drawer = ui.left_drawer(value=None, elevated=False).props("width=232 breakpoint=960").classes("drawer")
    with drawer:
        for page in pages:
            if page.in_menu and page.allows(member):
                _menu_line(page, page.path == desk.page.path)
        ui.label(desk.capabilities.config.office).classes("drawer-foot")
    with ui.header(elevated=False).classes("header"):
        ui.button(icon="menu", on_click=drawer.toggle).props('flat round dense aria-label="Mục lục"')
        ui.label(desk.page.title).classes("header-title")
        ui.space()
        _who(desk, member)
    with ui.element("main").classes("page"):
        yield


def _menu_line(page: Page, here: bool) -> None:
    with ui.link(target=page.path).classes("menu-line menu-here" if here else "menu-line"):
        ui.icon(page.icon)
        ui.label(page.title)


def _who(desk: Desk, member: Member) -> None:
    with ui.link(target=ME).classes("who"):
        ui.icon("account_circle")
        with ui.element("div").classes("who-text"):
            ui.label(member.name).classes("who-name")
            ui.label(", ".join(ROLES[role] for role in ROLES if role in member.roles)).classes("who-roles")

    async def sign_out() -> None:
        desk.memory.pop(TOKEN_KEY, None)
        await desk.ask(desk.capabilities.staff.sign_out, desk.token)
        ui.context.client.content.clear()
        ui.navigate.to(SIGN_IN)

    tagged(ui.button("Đăng xuất", icon="logout", on_click=sign_out), "sign-out").props(
        "flat no-caps dense"
    ).classes("sign-out")


def refusal(page: Page) -> None:
    """Say kindly that this page is not for the member's roles."""
    names = ", ".join(name for role, name in ROLES.items() if role in page.roles)
    with tagged(ui.element("div").classes("refusal"), "refused"):
        ui.icon("lock").classes("refusal-icon")
        ui.label("Trang này không thuộc phần việc của tài khoản này").classes("refusal-title")
        ui.label(f"“{page.title}” dành cho: {names}. Nếu cần, hãy nhờ người quản trị cấp vai trò.").classes(
            "muted"
        )
        ui.link("Về trang tổng quan", "/").classes("plain-link")
