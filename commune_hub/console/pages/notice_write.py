"""Viết thông báo: write a notice or change one, with a picture, and see it as the hall will."""

from __future__ import annotations

from dataclasses import dataclass

from nicegui import events, ui

from commune_hub.capabilities.notices import Notice
from commune_hub.capabilities.staff import Member
from commune_hub.console.desk import Desk, Page, tell, warn
from commune_hub.console.moments import form_texts, parse_local
from commune_hub.console.notice_look import show_pages
from commune_hub.console.parts import empty, panel, row, tagged, text
from commune_hub.errors import HubError, InvalidError
from commune_hub.pictures import UPLOAD_MAX_BYTES
from commune_hub.times import now_ms
from commune_hub.writing.notice_draft import KINDS, LINES_MAX, TITLE_MAX, Draft, checked_draft

HINT = (
    f"Mỗi dòng một ý, tối đa {LINES_MAX} dòng. Bảng: ngăn các cột bằng dấu |, "
    "ví dụ: Chứng thực bản sao | 2.000 đ một trang | trong ngày. "
    "Trong thông báo nhắc cán bộ, {open} là số lượt đang mở tại các quầy."
)


@dataclass
class _Moment:
    """A day and a time of a form; both empty: none."""

    day: ui.input
    clock: ui.input

    def at_ms(self, name: str) -> int | None:
        day, clock = str(self.day.value or ""), str(self.clock.value or "")
        if not day and not clock:
            return None
        try:
            return parse_local(day, clock or "00:00")
        except ValueError:
            raise InvalidError(f"{name}: hãy chọn ngày. (Choose a date.)") from None


@dataclass
class _Form:
    title: ui.input
    kind: ui.select
    lines: ui.textarea
    since: _Moment
    until: _Moment
    picture: str = ""

    def draft(self) -> Draft:
        """Return what is written; what a spreadsheet separates by tabs becomes columns."""
        lines = str(self.lines.value or "").replace("\t", " | ").splitlines()
        return Draft(
            str(self.title.value or ""),
            tuple(lines),
            str(self.kind.value or ""),
            self.picture,
            self.since.at_ms("Từ"),
            self.until.at_ms("Đến"),
        )


async def build(desk: Desk) -> None:
    """Build the page."""
    id_ = desk.asked.get("notice", "")
    try:
        changed = await desk.ask(desk.capabilities.notices.get, id_) if id_ else None
    except HubError as error:
        with panel():
            empty(str(error), "block")
        return
    with ui.element("div").classes("split form-split"):
        with ui.element("div").classes("stack"):
            form = _content(changed)
        with ui.element("div").classes("stack"):
            _picture(desk, form)
            with panel("Xem thử", "tv"):
                pages = ui.element("div").classes("stack")

                async def look(_member: Member) -> None:
                    has_picture = desk.capabilities.notices.pictures.has
                    await show_pages(desk, checked_draft(form.draft(), now_ms(), has_picture), pages)

                button = ui.button("Xem thử như ở sảnh", icon="visibility", on_click=desk.handler(look))
                tagged(button, "notice-look").props("outline no-caps")
    with row("form-buttons"):
        back = ui.button("Quay lại", on_click=lambda: ui.navigate.to("/notices"))
        back.props("flat no-caps color=grey-8")

        async def save(member: Member) -> None:
            await desk.ask(_save, desk, form.draft(), changed, member)
            ui.navigate.to("/notices")

        saving = ui.button("Lưu, chờ phê duyệt", icon="save", on_click=desk.handler(save))
        tagged(saving, "notice-save").props("unelevated no-caps color=primary")


def _save(desk: Desk, draft: Draft, changed: Notice | None, member: Member) -> None:
    notices = desk.capabilities.notices
    if changed is None:
        notices.write(draft, member)
    else:
        notices.rewrite(changed.id, draft, member)


def _content(changed: Notice | None) -> _Form:
    with panel("Nội dung", "edit_note"):
        title = ui.input("Tiêu đề", value=changed.title if changed else "")
        tagged(title, "notice-title").props(f"outlined maxlength={TITLE_MAX} counter")
        kind = tagged(
            ui.select(KINDS, label="Kiểu", value=changed.kind if changed else "text"), "notice-kind"
        )
        kind.props("outlined")
        lines = ui.textarea("Nội dung", value="\n".join(changed.lines) if changed else "")
        tagged(lines, "notice-lines").props("outlined autogrow").classes("long-text")
        text(HINT, "muted")
    with panel("Thời gian hiện", "schedule"):
        text("Để trống: hiện ngay, cho đến khi gỡ.", "muted")
        since = _moment("Từ", "from", changed.from_ms if changed else None)
        until = _moment("Đến", "until", changed.until_ms if changed else None)
    return _Form(title, kind, lines, since, until, changed.picture if changed else "")


def _moment(label: str, name: str, at_ms: int | None) -> _Moment:
    day, clock = ("", "") if at_ms is None else form_texts(at_ms)
    with row("date-line"):
        days = tagged(ui.input(f"{label} ngày", value=day), f"notice-{name}-day")
        clocks = tagged(ui.input("Giờ", value=clock), f"notice-{name}-time")
    days.props("outlined type=date stack-label clearable")
    clocks.props("outlined type=time stack-label clearable")
    return _Moment(days, clocks)


def _picture(desk: Desk, form: _Form) -> None:
    with panel("Ảnh", "image"):
        state = tagged(text("", "muted"), "notice-picture")

        def show() -> None:
            state.set_text("Đã có ảnh." if form.picture else "Chưa có ảnh. PNG, JPEG hoặc WebP, tối đa 8 MB.")
            drop.set_visibility(bool(form.picture))

        async def take(sent: events.UploadEventArguments) -> None:
            content = await sent.file.read()
            upload.reset()

            async def keep(member: Member) -> None:
                kept = await desk.ask(desk.capabilities.notices.keep_picture, content, member)
                form.picture = kept.sha256
                show()
                tell("Đã nhận ảnh.")

            await desk.handler(keep)()

        def forget() -> None:
            form.picture = ""
            show()

        upload = ui.upload(
            label="Chọn ảnh",
            auto_upload=True,
            max_files=1,
            max_file_size=UPLOAD_MAX_BYTES,
            on_upload=take,
            on_rejected=lambda: warn("Ảnh: tối đa 8 MB. (The file is too large.)"),
        )
        tagged(upload, "notice-upload").props('accept="image/png,image/jpeg,image/webp" flat bordered')
        upload.classes("upload")
        drop = ui.button("Bỏ ảnh", icon="hide_image", on_click=forget).props("flat no-caps")
        show()


PAGE = Page("/notices/write", "Viết thông báo", "edit", build, frozenset({"editor"}), in_menu=False)
