"""What one does with a bulletin; each dialog shows what one is about to do."""

from __future__ import annotations

from nicegui import ui

from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.capabilities.staff import Member
from commune_hub.console.bulletin_view import Shown, instead_text, troubles_of, when_text
from commune_hub.console.desk import Desk, Refresh, tell, warn
from commune_hub.console.listen import listen_button
from commune_hub.console.parts import dialog, dialog_buttons, tagged, text
from commune_hub.console.proof_lines import draw_line, summary_text

WHY_MAX = 300


async def submit(desk: Desk, bulletin: Bulletin, refresh: Refresh, member: Member) -> None:
    """Hand a draft in for approval."""
    await desk.ask(desk.capabilities.bulletins.submit, bulletin.id, member)
    for line in await desk.ask(troubles_of, desk.capabilities, bulletin):
        warn(line)
    tell("Đã trình phê duyệt.")
    await refresh()


def read(desk: Desk, shown: Shown) -> None:
    """Show all of a bulletin, and let it be heard."""
    with dialog(desk, shown.bulletin.title) as opened:
        _whole(desk, shown)
        if shown.sounded:
            text(summary_text(shown.sounded), "muted")
            with ui.element("div").classes("rows sounded-list"):
                for each in shown.sounded:
                    draw_line(each, whole=True)
        with ui.element("div").classes("dialog-buttons"):
            ui.button("Đóng", on_click=opened.close).props("flat no-caps color=grey-8")


async def approve(desk: Desk, shown: Shown, refresh: Refresh) -> None:
    """Ask the approver to read, hear, and confirm where and when it will sound, and beside what."""
    seen = shown.bulletin
    wrong = await desk.ask(troubles_of, desk.capabilities, seen)

    async def confirmed(member: Member) -> None:
        # What was read is what is approved: it may have been changed while the dialog was open.
        approved = await desk.ask(desk.capabilities.bulletins.approve, seen.id, member, seen.version)
        desk.served.changed()
        tell(f"Đã phê duyệt: phát {when_text(approved)}.")
        await refresh()

    with dialog(desk, "Phê duyệt bản tin này?") as opened:
        text(seen.title, "card-title")
        for line in wrong:
            tagged(text(line, "given-back"), "plan-warning")
        _whole(desk, shown)
        dialog_buttons(desk, opened, "Phê duyệt", confirmed)


def give_back(desk: Desk, shown: Shown, refresh: Refresh) -> None:
    """Ask for the reason, and give a bulletin back to its author."""

    async def confirmed(member: Member) -> None:
        reason = str(why.value or "")[:WHY_MAX]
        await desk.ask(desk.capabilities.bulletins.give_back, shown.bulletin.id, member, reason)
        tell("Đã trả lại cho người viết.")
        await refresh()

    with dialog(desk, f"Trả lại “{shown.bulletin.title}”") as opened:
        why = ui.textarea("Lý do, để người viết biết cần sửa gì").props(
            f"outlined autogrow maxlength={WHY_MAX}"
        )
        tagged(why, "give-back-why")
        dialog_buttons(desk, opened, "Trả lại", confirmed)


def withdraw(desk: Desk, shown: Shown, refresh: Refresh) -> None:
    """Confirm, and take a bulletin back."""

    async def confirmed(member: Member) -> None:
        await desk.ask(desk.capabilities.bulletins.withdraw, shown.bulletin.id, member)
        desk.served.changed()
        tell("Đã thu hồi.")
        await refresh()

    with dialog(desk, f"Thu hồi “{shown.bulletin.title}”?") as opened:
        text(
            "Cụm loa đang phát sẽ ngừng, cụm loa chưa phát sẽ không phát. "
            "Không thể lấy lại; muốn phát, hãy viết mới."
        )
        dialog_buttons(desk, opened, "Thu hồi", confirmed, bad=True)


def _whole(desk: Desk, shown: Shown) -> None:
    bulletin = shown.bulletin
    with ui.element("div").classes("facts-list"):
        text(f"Khi nào: {when_text(bulletin)}")
        text(f"Nơi phát: {', '.join(shown.place_names)}")
        text(f"Người viết: {shown.author}")
    instead = instead_text(bulletin.how)
    if instead:
        tagged(text(f"Loa không đọc nội dung dưới đây mà: {instead}.", "given-back"), "sounds-instead")
    if bulletin.emergency:
        text("Khẩn cấp: phát cả trong giờ yên tĩnh.", "given-back")
    text(bulletin.text, "whole-text")
    listen_button(desk, lambda: (bulletin.text, bulletin.how))
