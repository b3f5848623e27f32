"""Viết bản tin: write a bulletin or change a draft of one's own, and hear it first."""

from __future__ import annotations

from dataclasses import dataclass

from nicegui import ui

from commune_hub.capabilities.bulletins import TEXT_MAX, TITLE_MAX, Bulletin, Draft
from commune_hub.capabilities.staff import Member
from commune_hub.console.desk import Desk, Page
from commune_hub.console.listen import listen_button
from commune_hub.console.moments import form_texts, parse_local
from commune_hub.console.parts import empty, panel, row, tagged, text
from commune_hub.errors import ConflictError, HubError, InvalidError
from commune_hub.times import now_ms

EMERGENCY = (
    "Khẩn cấp: phát cả trong giờ yên tĩnh. Chỉ dùng khi tính mạng, tài sản bị đe dọa: bão, lũ, cháy, "
    "tìm người mất tích. Vẫn cần người khác phê duyệt."
)
HOUR_MS = 3_600_000


@dataclass
class _Form:
    title: ui.input
    text: ui.textarea
    places: dict[str, ui.checkbox]
    at_once: ui.switch
    date: ui.input
    time: ui.input
    emergency: ui.switch

    def draft(self) -> Draft:
        """Return what is written; raises InvalidError for a date that is none."""
        chosen = tuple(place for place, box in self.places.items() if box.value)
        at_ms = None if self.at_once.value else self._at_ms()
        written = str(self.title.value or ""), str(self.text.value or "")
        return Draft(*written, chosen, at_ms, bool(self.emergency.value))

    def _at_ms(self) -> int:
        try:
            return parse_local(str(self.date.value or ""), str(self.time.value or ""))
        except ValueError:
            raise InvalidError("Hãy chọn ngày và giờ phát. (Choose a date and a time.)") from None


async def build(desk: Desk) -> None:
    """Build the page."""
    id_ = desk.asked.get("bulletin", "")
    try:
        changed = await desk.ask(_own_draft, desk, id_) if id_ else None
    except HubError as error:
        with panel():
            empty(str(error), "block")
        return
    places = await desk.ask(desk.capabilities.speaker_places)
    form = _draw(desk, changed, places)
    with row("form-buttons"):
        ui.button("Quay lại", on_click=lambda: ui.navigate.to("/bulletins")).props(
            "flat no-caps color=grey-8"
        )

        async def save(member: Member) -> None:
            await desk.ask(_save, desk, form.draft(), changed, member)
            ui.navigate.to("/bulletins")

        saving = ui.button("Lưu bản nháp", icon="save", on_click=desk.handler(save))
        tagged(saving, "bulletin-save").props("unelevated no-caps color=primary")


def _own_draft(desk: Desk, id_: str) -> Bulletin:
    found = desk.capabilities.bulletins.get(id_)
    if found.written_by != desk.opened_by.account or found.state != "draft":
        raise ConflictError(
            "Chỉ người viết được sửa, và chỉ khi còn là bản nháp. (Only its author, only a draft.)"
        )
    return found


def _save(desk: Desk, draft: Draft, changed: Bulletin | None, member: Member) -> None:
    places = desk.capabilities.speaker_places()
    if changed is None:
        desk.capabilities.bulletins.write(draft, member, places)
    else:
        desk.capabilities.bulletins.rewrite(changed.id, draft, member, places)


def _draw(desk: Desk, changed: Bulletin | None, places: dict[str, str]) -> _Form:
    with ui.element("div").classes("split form-split"):
        with panel("Nội dung", "edit_note"):
            title = tagged(ui.input("Tiêu đề", value=changed.title if changed else ""), "bulletin-title")
            title.props(f"outlined maxlength={TITLE_MAX} counter")
            content = tagged(
                ui.textarea("Nội dung đọc trên loa", value=changed.text if changed else ""), "bulletin-text"
            )
            content.props(f"outlined autogrow maxlength={TEXT_MAX} counter").classes("long-text")
            listen_button(desk, lambda: str(content.value or ""))
        with ui.element("div").classes("stack"):
            boxes = _places(places, changed)
            at_once, date, time = _when(changed)
            with panel("Mức độ", "priority_high"):
                emergency = tagged(
                    ui.switch("Bản tin khẩn cấp", value=bool(changed and changed.emergency)),
                    "bulletin-emergency",
                )
                text(EMERGENCY, "muted")
    return _Form(title, content, boxes, at_once, date, time, emergency)


def _places(places: dict[str, str], changed: Bulletin | None) -> dict[str, ui.checkbox]:
    chosen = set(changed.places) if changed else set()
    with panel("Nơi phát", "place"):
        if not places:
            empty("Chưa có cụm loa nào được ghi danh", "campaign")
        with ui.element("div").classes("choices"):
            return {
                place: tagged(ui.checkbox(name, value=place in chosen), f"bulletin-place-{place}")
                for place, name in places.items()
            }


def _when(changed: Bulletin | None) -> tuple[ui.switch, ui.input, ui.input]:
    at_ms = changed.at_ms if changed else None
    day, clock = form_texts(at_ms if at_ms is not None else now_ms() + HOUR_MS)
    with panel("Giờ phát", "schedule"):
        at_once = tagged(
            ui.switch("Phát ngay khi được duyệt", value=bool(changed) and at_ms is None), "bulletin-at-once"
        )
        with row("date-line"):
            date = tagged(ui.input("Ngày", value=day), "bulletin-date").props(
                "outlined type=date stack-label"
            )
            time = tagged(ui.input("Giờ", value=clock), "bulletin-time").props(
                "outlined type=time stack-label"
            )
        for field in (date, time):
            field.bind_visibility_from(at_once, "value", backward=lambda chosen: not chosen)
    return at_once, date, time


PAGE = Page("/bulletins/write", "Viết bản tin", "edit", build, frozenset({"editor"}), in_menu=False)
