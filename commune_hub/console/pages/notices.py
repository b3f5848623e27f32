"""Bảng thông báo: what the hall reads between calls; its order, who wrote it, who approved it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from nicegui import ui

from commune_hub.capabilities.notices import FROM_PLAN, STATES, Notice
from commune_hub.capabilities.staff import Member
from commune_hub.console.desk import Desk, Page, Refresh, redrawn, tell
from commune_hub.console.moments import moment_text
from commune_hub.console.notice_look import show_pages
from commune_hub.console.parts import badge, dialog, dialog_buttons, empty, panel, row, tagged, text
from commune_hub.times import now_ms
from commune_hub.writing.notice_draft import KINDS

TONES = {"written": "wait", "approved": "good", "removed": "bad"}

Order = Callable[[Member], Awaitable[None] | None]


@dataclass(frozen=True)
class _Seen:
    notices: tuple[Notice, ...]
    names: dict[str, str]


async def build(desk: Desk) -> None:
    """Build the page."""
    notices, staff = desk.capabilities.notices, desk.capabilities.staff
    with row("list-head"):
        text(
            "Thông báo hiện giữa các lần gọi số. Bản mới và bản sửa chỉ hiện sau khi người khác duyệt.",
            "muted",
        )
        if "editor" in desk.opened_by.roles:
            new = ui.button("Viết thông báo", icon="edit", on_click=lambda: ui.navigate.to("/notices/write"))
            tagged(new, "notice-new").props("unelevated no-caps color=primary")

    def draw(seen: _Seen) -> None:
        if not seen.notices:
            with panel():
                empty("Chưa có thông báo nào", "tv")
        for notice in seen.notices:
            _card(desk, notice, seen.names, again)

    async def again() -> None:
        await refresh()

    refresh = await desk.follow(
        lambda: _Seen(tuple(notices.listed()), {**OFFICE, **staff.names()}), redrawn(draw, "stack")
    )


OFFICE = {FROM_PLAN: "có sẵn từ cấu hình"}
"""In place of a name, for notices that nobody wrote here."""


def _card(desk: Desk, notice: Notice, names: dict[str, str], refresh: Refresh) -> None:
    with panel(classes=f"card state-{notice.state}") as section:
        tagged(section, f"notice-{notice.id}")
        with row("card-head"):
            text(notice.title, "card-title grow")
            badge(KINDS.get(notice.kind, notice.kind), "calm")
            badge(
                "Bản sửa chờ duyệt" if _is_new_version(notice) else STATES[notice.state], TONES[notice.state]
            )
        text("\n".join(notice.lines), "card-text")
        with row("facts"):
            text(f"Người viết: {names.get(notice.written_by, notice.written_by)}")
            if notice.approved_by:
                text(f"Phê duyệt: {names.get(notice.approved_by, notice.approved_by)}")
            text(_when(notice))
        _buttons(desk, notice, refresh)


def _is_new_version(notice: Notice) -> bool:
    return notice.state == "written" and bool(notice.replaces)


def _when(notice: Notice) -> str:
    now = now_ms()
    since = "" if notice.from_ms is None else f"từ {moment_text(notice.from_ms, now)} "
    until = "" if notice.until_ms is None else f"đến {moment_text(notice.until_ms, now)}"
    over = " (đã hết hạn)" if notice.until_ms is not None and notice.until_ms <= now else ""
    return f"Hiện {since}{until}{over}".strip() if since or until else "Hiện cho đến khi gỡ"


def _buttons(desk: Desk, notice: Notice, refresh: Refresh) -> None:
    viewer = desk.opened_by
    writes, approves = "editor" in viewer.roles, "approver" in viewer.roles
    button = partial(_button, desk, notice.id)
    with row("card-buttons"):
        if notice.state == "removed":
            button("restore", "Lấy lại", "undo", partial(_restore, desk, notice, refresh))
            return
        button("up", "Lên", "arrow_upward", partial(_move, desk, notice, -1, refresh))
        button("down", "Xuống", "arrow_downward", partial(_move, desk, notice, 1, refresh))
        button("look", "Xem thử", "tv", partial(_look, desk, notice))
        button("remove", "Gỡ", "block", lambda _: _remove(desk, notice, refresh))
        if writes:
            button("edit", "Sửa", "edit", lambda _: ui.navigate.to(f"/notices/write?notice={notice.id}"))
        if approves and notice.state == "written" and notice.written_by != viewer.account:
            button("approve", "Phê duyệt", "verified", partial(_approve, desk, notice, refresh), main=True)


def _button(desk: Desk, id_: str, name: str, label: str, icon: str, do: Order, *, main: bool = False) -> None:
    look = "unelevated color=primary" if main else "flat color=grey-9"
    button = ui.button(label, icon=icon, on_click=desk.handler(do)).props(f"{look} no-caps dense")
    tagged(button.classes("card-button"), f"notice-{name}-{id_}")


async def _look(desk: Desk, notice: Notice, _member: Member) -> None:
    with dialog(desk, notice.title) as opened:
        pages = ui.element("div").classes("stack")
        with ui.element("div").classes("dialog-buttons"):
            ui.button("Đóng", on_click=opened.close).props("flat no-caps color=grey-8")
    await show_pages(desk, notice, pages)


async def _approve(desk: Desk, notice: Notice, refresh: Refresh, _member: Member) -> None:
    """Show what the hall will see, and ask."""

    async def confirmed(member: Member) -> None:
        # What was seen is what is approved: it may have been changed while the dialog was open.
        await desk.ask(desk.capabilities.notices.approve, notice.id, member, notice.version)
        desk.served.changed()
        tell("Đã phê duyệt: thông báo sẽ hiện ở sảnh.")
        await refresh()

    with dialog(desk, "Cho hiện thông báo này ở sảnh?") as opened:
        pages = ui.element("div").classes("stack")
        text(_when(notice), "muted")
        dialog_buttons(desk, opened, "Phê duyệt", confirmed)
    await show_pages(desk, notice, pages)


def _remove(desk: Desk, notice: Notice, refresh: Refresh) -> None:
    async def confirmed(member: Member) -> None:
        await desk.ask(desk.capabilities.notices.remove, notice.id, member)
        desk.served.changed()
        tell("Đã gỡ. Có thể lấy lại trong một ngày.")
        await refresh()

    with dialog(desk, f"Gỡ “{notice.title}”?") as opened:
        text("Thông báo sẽ biến mất khỏi màn hình ở sảnh ngay. Trong một ngày vẫn lấy lại được.")
        dialog_buttons(desk, opened, "Gỡ", confirmed, bad=True)


async def _restore(desk: Desk, notice: Notice, refresh: Refresh, member: Member) -> None:
    await desk.ask(desk.capabilities.notices.restore, notice.id, member)
    desk.served.changed()
    tell("Đã lấy lại.")
    await refresh()


async def _move(desk: Desk, notice: Notice, steps: int, refresh: Refresh, member: Member) -> None:
    await desk.ask(desk.capabilities.notices.move, notice.id, steps, member)
    desk.served.changed()
    await refresh()


PAGE = Page("/notices", "Bảng thông báo", "tv", build, frozenset({"editor", "approver"}))
