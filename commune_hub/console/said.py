"""What the loudspeakers will say for the text that is being written, and what its writer should look at."""

from __future__ import annotations

from dataclasses import replace

from nicegui import ui

from commune_hub.console.desk import Desk
from commune_hub.console.parts import badge, row, tagged, text
from commune_hub.writing.bulletin_draft import TEXT_MAX
from speaker_node.vietnamese import Mark, Reading
from wire.intents import SPOKEN_MAX

MARKS_SHOWN = 12
EXCERPT_MAX = 60
TOO_LONG = "dài quá, loa không đọc hết; hãy chia làm hai bản tin (too long to be said)"
NOT_KEPT = (
    f"Nội dung dài quá {TEXT_MAX} ký tự, không lưu được; hãy rút gọn hoặc chia hai (too long to be kept)"
)
NOTHING = "Không có chữ nào đọc được thành tiếng: loa sẽ im. (Nothing of it can be said.)"

SURE = "Không có chỗ nào phải đoán."
UNSURE = "Hãy xem lại những chỗ máy phải đoán hoặc không đọc được:"


def follow_reading(desk: Desk, content: ui.textarea) -> None:
    """Keep below `content` the words that will be heard, and the places to look at."""
    with ui.expansion("Loa sẽ đọc", icon="record_voice_over", value=True).classes("said") as shown:
        too_long = tagged(text(NOT_KEPT, "strong"), "said-too-long")
        words = tagged(text("", "muted"), "said-words")
        marks = tagged(ui.element("div").classes("rows"), "said-marks")
        for note in desk.capabilities.voice_notes():
            tagged(text(note, "strong"), "voice-note")

    async def read_again() -> None:
        whole = str(content.value or "")
        written = whole[:TEXT_MAX]
        reading = await desk.ask(desk.capabilities.vietnamese.reading, written)
        if whole == str(content.value or ""):
            too_long.set_visibility(len(whole.strip()) > TEXT_MAX)
            _show(shown, words, marks, written, reading)

    content.props("debounce=500").on_value_change(read_again)
    ui.timer(0, read_again, once=True)


def _show(shown: ui.expansion, words: ui.label, marks: ui.element, written: str, reading: Reading) -> None:
    if len(reading.text) > SPOKEN_MAX:
        whole = Mark(0, len(written), TOO_LONG)
        reading = replace(reading, marks=(whole, *reading.marks))
    shown.set_visibility(bool(written.strip()))
    words.set_text(reading.text or NOTHING)
    marks.clear()
    with marks:
        if reading.text or reading.marks:
            text(UNSURE if reading.marks else SURE, "strong" if reading.marks else "muted")
        for mark in reading.marks[:MARKS_SHOWN]:
            with row("row-line"):
                badge(_excerpt(written, mark), "wait")
                text(mark.why, "muted grow")
        if len(reading.marks) > MARKS_SHOWN:
            text(f"và {len(reading.marks) - MARKS_SHOWN} chỗ nữa", "muted")


def _excerpt(written: str, mark: Mark) -> str:
    found = written[mark.start : mark.end].strip()
    return found if len(found) <= EXCERPT_MAX else f"{found[:EXCERPT_MAX]}…"
