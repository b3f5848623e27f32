"""One loudspeaker in words: what it keeps by its settings, its last self-test, what befell it."""

from __future__ import annotations

from dataclasses import dataclass

from nicegui import ui

from commune_hub.capabilities.loudspeakers import SpeakerEvent
from commune_hub.console.desk import Desk
from commune_hub.console.moments import NEVER, exact_text, moment_text
from commune_hub.console.parts import badge, dialog, empty, row, text
from commune_hub.hub import Capabilities
from commune_hub.proof.words import advice_of, level_text
from commune_hub.times import now_ms
from wire.facts import SpeakerConfigured

EARS = {"microphone": "micrô ở cột", "sense": "dây đo ở loa"}
EVENTS = {"stopped": "Bị dừng bằng nút", "released": "Phát lại được", "tested": "Tự thử"}
BY = {"button": "bấm giữ nút", "time": "hết giờ"}
VERDICTS = {
    "heard": "nghe rõ",
    "faint": "quá nhỏ",
    "clipped": "vỡ tiếng",
    "silent": "loa không kêu",
    "other": "tiếng khác",
    "deaf": "micrô không có tín hiệu",
    "not_sounded": "không phát được",
    "": "không có micrô kiểm tra",
}
"""What a self-test found (wire.facts.SpeakerTested)."""


@dataclass(frozen=True)
class Sheet:
    """A loudspeaker's settings, None while it has told none, and its history, the latest first."""

    settings: SpeakerConfigured | None
    history: tuple[SpeakerEvent, ...]


def look_at_speaker(capabilities: Capabilities, device: str) -> Sheet:
    """Look a loudspeaker up."""
    own = capabilities.loudspeakers
    return Sheet(own.settings().get(device), tuple(own.history(device)))


async def show_speaker(desk: Desk, device: str) -> None:
    """Open a dialog with all that is known of a loudspeaker."""
    sheet = await desk.ask(look_at_speaker, desk.capabilities, device)
    with dialog(desk, f"Cụm loa {device}") as opened:
        with ui.element("div").classes("facts-list"):
            for line in settings_text(sheet.settings):
                text(line)
            tested = next((each for each in sheet.history if each.kind == "tested"), None)
            text(test_text(tested, now_ms()))
        if not sheet.history:
            empty("Chưa có gì trong lịch sử", "history")
        with ui.element("div").classes("rows sounded-list"):
            for each in sheet.history:
                _event(each)
        with ui.element("div").classes("dialog-buttons"):
            ui.button("Đóng", on_click=opened.close).props("flat no-caps color=grey-8")


def settings_text(told: SpeakerConfigured | None) -> list[str]:
    """Return what a loudspeaker keeps by itself, a line each."""
    if told is None:
        return ["Cụm loa chưa báo cài đặt của mình (phần mềm cũ, hoặc chưa nối được lần nào)"]
    quiet = "Không giữ giờ yên tĩnh"
    if told.quiet_from and told.quiet_until:
        quiet = f"Giờ yên tĩnh: {told.quiet_from[:5]} đến {told.quiet_until[:5]}"
    factors = ", ".join(
        f"từ {begin[:5]}: {factor * 100:.0f} %" for begin, factor in sorted(told.volume_by_hour.items())
    )
    ears = ", ".join(EARS.get(each, each) for each in told.ears)
    return [
        quiet,
        f"Âm lượng theo giờ: {factors}" if factors else "Âm lượng: như bản tin đặt, cả ngày",
        f"Kiểm tra bằng: {ears}" if ears else "Không có micrô kiểm tra: không biết loa có kêu thật hay không",
        f"Tự thử: ngày {told.self_test_day} hằng tháng" if told.self_test_day else "Tự thử: không đặt",
    ]


def test_text(tested: SpeakerEvent | None, now: int) -> str:
    """Return how the last self-test went; `now` in UTC milliseconds."""
    if tested is None:
        return f"Lần tự thử cuối: {NEVER}"
    words = "đạt" if tested.passed else VERDICTS.get(tested.verdict, tested.verdict)
    return f"Lần tự thử cuối: {words}, {moment_text(tested.at_ms, now)}"


def _event(event: SpeakerEvent) -> None:
    with row("row-line"):
        if event.kind == "tested":
            badge("Đạt" if event.passed else "Không đạt", "good" if event.passed else "bad")
        text(EVENTS.get(event.kind, event.kind), "strong")
        text(exact_text(event.at_ms), "muted")
        text(_about(event), "muted grow")


def _about(event: SpeakerEvent) -> str:
    if event.kind == "stopped":
        return "" if event.until_ms is None else f"tự mở lại lúc {exact_text(event.until_ms)}"
    if event.kind == "released":
        return BY.get(event.by, event.by)
    parts = [VERDICTS.get(event.verdict, event.verdict), level_text(event.level_dbfs)]
    return " · ".join([*parts, advice_of(event.verdict, event.fault) or event.detail]).strip(" ·")
