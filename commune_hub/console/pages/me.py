"""Tài khoản của tôi: who one is here, and one's own password."""

from __future__ import annotations

from nicegui import ui

from commune_hub.capabilities.staff import PASSWORD_MAX, PASSWORD_MIN, ROLES, Member
from commune_hub.console.desk import Desk, Page, tell
from commune_hub.console.gate import TOKEN_KEY
from commune_hub.console.parts import badge, panel, row, tagged, text
from commune_hub.errors import InvalidError


async def build(desk: Desk) -> None:
    """Build the page."""
    member = desk.opened_by
    with panel(member.name, "account_circle", "narrow"):
        text(f"Tên đăng nhập: {member.account}", "muted")
        with row():
            for role, name in ROLES.items():
                if role in member.roles:
                    badge(name, "calm")
    with panel("Đổi mật khẩu", "key", "narrow"):
        _password_form(desk)


def _password_form(desk: Desk) -> None:
    staff = desk.capabilities.staff

    def change(member: Member, old: str, new: str) -> str:
        """Changing a password ends all sessions; this browser, which knows the new one, gets another."""
        staff.change_password(member.account, old, new)
        return staff.sign_in(member.account, new)[0]

    async def save(member: Member) -> None:
        given = [str(field.value or "") for field in (old, new, again)]
        if given[1] != given[2]:
            raise InvalidError("Hai lần nhập mật khẩu mới không giống nhau. (The two do not match.)")
        desk.memory[TOKEN_KEY] = await desk.ask(change, member, given[0], given[1])
        ui.navigate.to("/me?done=1")

    old = _field("Mật khẩu hiện nay", "old-password", "current-password")
    new = _field(f"Mật khẩu mới ({PASSWORD_MIN}–{PASSWORD_MAX} ký tự)", "chosen-password", "new-password")
    again = _field("Mật khẩu mới, lần nữa", "chosen-password-again", "new-password")
    button = tagged(ui.button("Đổi mật khẩu", on_click=desk.handler(save)), "change-password")
    button.props("unelevated no-caps color=primary")
    if desk.asked.get("done"):
        tell("Đã đổi mật khẩu. Mọi nơi khác đã bị đăng xuất.")


def _field(label: str, name: str, purpose: str) -> ui.input:
    field = tagged(ui.input(label, password=True, password_toggle_button=True), name)
    return field.props(f"outlined autocomplete={purpose} maxlength={PASSWORD_MAX}")


PAGE = Page("/me", "Tài khoản của tôi", "account_circle", build, in_menu=False)
