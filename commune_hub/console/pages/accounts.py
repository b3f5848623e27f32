"""Tài khoản: administrators keep the accounts of the staff."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from commune_hub.capabilities.staff import ROLES, Member
from commune_hub.console.desk import Desk, Page, Refresh, tell
from commune_hub.console.parts import badge, dialog, dialog_buttons, panel, row, show_password, tagged, text


async def build(desk: Desk) -> None:
    """Build the page."""

    async def again() -> None:
        await refresh()

    with row("list-head"):
        text("Mật khẩu do máy tạo và chỉ hiện một lần.", "muted grow")
        add = ui.button(
            "Thêm tài khoản", icon="person_add", on_click=desk.handler(lambda _: _add(desk, again))
        )
        tagged(add, "account-new").props("unelevated no-caps color=primary")
    with panel("Tài khoản", "badge"):
        members = desk.capabilities.staff.members
        refresh = await desk.area(members, lambda found: _draw(desk, found, again), "rows")


def _draw(desk: Desk, members: list[Member], refresh: Refresh) -> None:
    for member in members:
        with row("row-line"):
            with ui.element("div").classes("grow"):
                text(member.name, "strong")
                text(member.account, "muted")
            for role, name in ROLES.items():
                if role in member.roles:
                    badge(name, "calm" if member.active else "plain")
            if not member.active:
                badge("Đã khóa", "bad")
            _buttons(desk, member, refresh)


def _buttons(desk: Desk, member: Member, refresh: Refresh) -> None:
    with row("line-buttons"):
        reset = ui.button("Đặt lại mật khẩu", on_click=desk.handler(lambda _: _reset(desk, member)))
        tagged(reset, f"account-reset-{member.account}").props("flat no-caps dense color=grey-9")
        label = "Khóa" if member.active else "Mở lại"
        switch = ui.button(label, on_click=desk.handler(partial(_switch, desk, member, refresh)))
        tagged(switch, f"account-switch-{member.account}").props("flat no-caps dense color=grey-9")
        switch.set_enabled(member.account != desk.opened_by.account)


async def _switch(desk: Desk, member: Member, refresh: Refresh, by: Member) -> None:
    await desk.ask(desk.capabilities.staff.set_active, member.account, not member.active, by.account)
    tell(f"{'Đã khóa' if member.active else 'Đã mở'} {member.account}.")
    await refresh()


def _reset(desk: Desk, member: Member) -> None:
    async def confirmed(by: Member) -> None:
        password = await desk.ask(desk.capabilities.staff.reset_password, member.account, by.account)
        show_password(desk, member.account, password)

    with dialog(desk, f"Đặt lại mật khẩu của {member.name}?") as opened:
        text("Mật khẩu cũ hết hiệu lực và tài khoản bị đăng xuất ở mọi nơi.")
        dialog_buttons(desk, opened, "Đặt lại", confirmed)


def _add(desk: Desk, refresh: Refresh) -> None:
    async def confirmed(by: Member) -> None:
        chosen = [role for role, box in boxes.items() if box.value]
        given = str(account.value or "").strip(), str(name.value or "")
        password = await desk.ask(desk.capabilities.staff.add, *given, chosen, by.account)
        show_password(desk, given[0], password)
        await refresh()

    with dialog(desk, "Thêm tài khoản") as opened:
        account = tagged(ui.input("Tên đăng nhập: chữ thường, số, dấu chấm"), "account-id")
        account.props("outlined maxlength=39 autocapitalize=none autocomplete=off")
        name = tagged(ui.input("Tên hiện trên màn hình"), "account-name").props("outlined maxlength=80")
        text("Vai trò", "muted")
        with ui.element("div").classes("choices"):
            boxes = {
                role: tagged(ui.checkbox(label), f"account-role-{role}") for role, label in ROLES.items()
            }
        dialog_buttons(desk, opened, "Tạo tài khoản", confirmed)


PAGE = Page("/staff", "Tài khoản", "badge", build, frozenset({"administrator"}))
