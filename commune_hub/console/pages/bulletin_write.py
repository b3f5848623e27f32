"""Viết bản tin: write a bulletin or change a draft of one's own, and hear it first."""

from __future__ import annotations

from dataclasses import dataclass

from nicegui import ui

from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.capabilities.staff import Member
from commune_hub.console.bulletin_how import Manner, draw_how, draw_sound
from commune_hub.console.bulletin_template import template_button
from commune_hub.console.bulletin_when import When, draw_when
from commune_hub.console.desk import Desk, Page
from commune_hub.console.listen import listen_button
from commune_hub.console.parts import empty, panel, row, tagged
from commune_hub.console.said import follow_reading
from commune_hub.errors import ConflictError, HubError
from commune_hub.templates import Filled
from commune_hub.writing.bulletin_draft import TEXT_MAX, TITLE_MAX, Draft

PASTED_MAX = 8 * TEXT_MAX
"""What the browser lets in. More than may be kept, so that who pastes too much is told and not cut off in the
middle without a word; less than what would break the page's connection."""

HINT = f"Nhiều nhất {TEXT_MAX} ký tự"


@dataclass
class _Form:
    title: ui.input
    text: ui.textarea
    places: dict[str, ui.checkbox]
    when: When
    manner: Manner

    def draft(self) -> Draft:
        """Return what is written; raises InvalidError for what cannot be read."""
        chosen = tuple(place for place, box in self.places.items() if box.value)
        at_ms, rule = self.when.read()
        how = self.manner.read(rule)
        return Draft(str(self.title.value or ""), str(self.text.value or ""), chosen, at_ms, how)

    def use(self, filled: Filled, priority: str) -> None:
        """Take over what a template says."""
        self.title.set_value(filled.title)
        self.text.set_value(filled.text)
        self.manner.emergency.set_value(priority == "emergency")
        if priority == "emergency":
            self.when.set_at_once()
        else:
            self.manner.priority.set_value(priority)


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
        with ui.element("div").classes("stack"):
            with panel("Nội dung", "edit_note") as content_panel:
                title = tagged(ui.input("Tiêu đề", value=changed.title if changed else ""), "bulletin-title")
                title.props(f"outlined maxlength={TITLE_MAX} counter")
                content = tagged(
                    ui.textarea("Nội dung đọc trên loa", value=changed.text if changed else ""),
                    "bulletin-text",
                )
                content.props(f"outlined autogrow maxlength={PASTED_MAX} hint='{HINT}'").classes("long-text")
                follow_reading(desk, content)
            sound_place = ui.element("div")
        with ui.element("div").classes("stack"):
            boxes = _places(places, changed)
            when = draw_when(changed)
            manner = draw_how(changed)
    form = _Form(title, content, boxes, when, manner)
    with sound_place:
        draw_sound(desk, manner)
    with content_panel, row():
        listen_button(desk, lambda: (str(content.value or ""), manner.read(None)))
        template_button(desk, form.use)
    return form


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


PAGE = Page("/bulletins/write", "Viết bản tin", "edit", build, frozenset({"editor"}), in_menu=False)
