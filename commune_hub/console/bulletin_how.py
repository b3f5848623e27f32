"""How a bulletin sounds, on its form: how urgent, how loud, how often, by voice or by a sound file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nicegui import events, ui

from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.capabilities.staff import Member
from commune_hub.console.desk import Desk, tell, warn
from commune_hub.console.moments import length_text
from commune_hub.console.parts import panel, row, tagged, text
from commune_hub.console.recording import record_button
from commune_hub.errors import InvalidError
from commune_hub.timetable.rules import Rule
from commune_hub.writing.bulletin_draft import PRIORITIES, WHEN_CUT, How
from wire.intents import Live, Relay, Sound

EMERGENCY = (
    "Khẩn cấp: phát cả trong giờ yên tĩnh và cắt mọi bản tin khác. Chỉ dùng khi tính mạng, tài sản bị đe "
    "dọa: bão, lũ, cháy, tìm người mất tích. Vẫn cần người khác phê duyệt."
)
UPLOAD_MAX_BYTES = 64 * 1024 * 1024
REJECTED = (
    f"Tệp không phải âm thanh, hoặc lớn quá {UPLOAD_MAX_BYTES >> 20} MB; hãy lưu dạng MP3. "
    "(No sound, or too large; save it as MP3.)"
)


@dataclass
class Manner:
    """The fields for how a bulletin sounds. `sound` is the file that stands for the voice, if any."""

    emergency: ui.switch
    priority: ui.select
    when_cut: ui.select
    chime: ui.switch
    repeats: ui.number
    volume: ui.slider
    relay: ui.input
    relay_minutes: ui.number
    live: ui.switch
    live_minutes: ui.number
    sound: Sound | None = None
    on_sound: list[Callable[[], None]] = field(default_factory=list)

    def read(self, rule: Rule | None) -> How:
        """Return what is chosen; raises InvalidError."""
        try:
            repeats, minutes = int(self.repeats.value or 0), float(self.relay_minutes.value or 0)
            live_minutes = float(self.live_minutes.value or 0)
        except (TypeError, ValueError):
            raise InvalidError("Số lần đọc phải là số từ 1 đến 5. (A number from 1 to 5.)") from None
        if not 1 <= repeats <= 5:
            raise InvalidError("Số lần đọc phải từ 1 đến 5. (Repeats: 1 to 5.)")
        priority: Any = "emergency" if self.emergency.value else self.priority.value
        when_cut: Any = self.when_cut.value
        return How(
            priority=priority,
            rule=rule,
            chime=bool(self.chime.value),
            repeats=repeats,
            volume=float(self.volume.value or 0) / 100,
            when_cut=when_cut,
            sound=self.sound,
            relay=self._relay(minutes),
            live=self._live(live_minutes),
        )

    def set_sound(self, sound: Sound | None) -> None:
        """Take another sound, or none."""
        self.sound = sound
        for tell_it in self.on_sound:
            tell_it()

    def _relay(self, minutes: float) -> Relay | None:
        url = str(self.relay.value or "").strip()
        if not url:
            return None
        if not url.startswith(("http://", "https://")) or len(url) > 390 or not url.isascii() or " " in url:
            raise InvalidError(
                "Tiếp âm: địa chỉ phải bắt đầu bằng http:// hoặc https:// (a stream's address)"
            )
        if not 1 <= minutes <= 240:
            raise InvalidError("Tiếp âm: thời lượng từ 1 đến 240 phút (1 to 240 minutes)")
        return Relay(url=url, lasts_ms=round(minutes * 60_000))

    def _live(self, minutes: float) -> Live | None:
        if not self.live.value:
            return None
        if not 1 <= minutes <= 120:
            raise InvalidError("Nói trực tiếp: từ 1 đến 120 phút (1 to 120 minutes)")
        return Live(lasts_ms=round(minutes * 60_000))


def draw_how(changed: Bulletin | None) -> Manner:
    """Draw the panels for urgency and manner."""
    how = changed.how if changed else How()
    with panel("Mức độ", "priority_high"):
        emergency = tagged(
            ui.switch("Bản tin khẩn cấp", value=how.priority == "emergency"), "bulletin-emergency"
        )
        text(EMERGENCY, "emergency").bind_visibility_from(emergency, "value")
        with row("date-line") as line:
            others = {name: words for name, words in PRIORITIES.items() if name != "emergency"}
            chosen = how.priority if how.priority != "emergency" else "ordinary"
            priority = tagged(ui.select(others, label="Ưu tiên", value=chosen), "bulletin-priority")
            when_cut = ui.select(WHEN_CUT, label="Nếu bị cắt ngang", value=how.when_cut)
            tagged(when_cut, "bulletin-when-cut")
        for each in (priority, when_cut):
            each.props("outlined")
        line.bind_visibility_from(emergency, "value", backward=lambda chosen: not chosen)
    with panel("Cách phát", "tune"):
        chime = tagged(ui.switch("Nhạc hiệu trước bản tin", value=how.chime), "bulletin-chime")
        repeats = ui.number("Đọc mấy lần", value=how.repeats, min=1, max=5, step=1, format="%d")
        tagged(repeats, "bulletin-repeats").props("outlined")
        text("Âm lượng", "muted")
        volume = ui.slider(min=10, max=100, step=5, value=round(how.volume * 100)).props("label")
        tagged(volume, "bulletin-volume")
        relay = _draw_relay(how.relay)
        live = _draw_live(how.live)
    return Manner(emergency, priority, when_cut, chime, repeats, volume, *relay, *live, how.sound)


def _draw_relay(relay: Relay | None) -> tuple[ui.input, ui.number]:
    with ui.expansion("Tiếp âm đài", icon="radio", value=relay is not None), row("date-line"):
        address = tagged(ui.input("Địa chỉ luồng", value=relay.url if relay else ""), "bulletin-relay")
        address.props("outlined maxlength=390")
        minutes = ui.number("Số phút", value=(relay.lasts_ms / 60_000) if relay else 30, min=1, max=240)
        tagged(minutes, "bulletin-relay-minutes").props("outlined")
    return address, minutes


def _draw_live(live: Live | None) -> tuple[ui.switch, ui.number]:
    speak = ui.switch("Nói trực tiếp từ micrô ở xã", value=live is not None)
    tagged(speak, "bulletin-live")
    with row("date-line") as line:
        minutes = ui.number(
            "Dài nhất, số phút", value=(live.lasts_ms / 60_000) if live else 15, min=1, max=120
        )
        tagged(minutes, "bulletin-live-minutes").props("outlined")
        text("Từ giờ phát, mở trang Nói trực tiếp của bản tin này. Không ai nói thì loa im.", "muted")
    line.bind_visibility_from(speak, "value")
    return speak, minutes


def draw_sound(desk: Desk, manner: Manner) -> None:
    """Draw the panel to bring a sound file, or to record one here."""
    with panel("Tệp âm thanh (thay cho giọng máy)", "library_music"):
        state = tagged(text("", "muted"), "bulletin-sound")

        def show() -> None:
            sound = manner.sound
            state.set_text(
                f"Đã có âm thanh, dài {length_text(sound.duration_ms)}. Loa phát tệp này thay cho giọng máy."
                if sound
                else "Chưa có. WAV, MP3, OGG hoặc M4A, dài nhất 30 phút; âm lượng được cân tự động."
            )
            drop.set_visibility(sound is not None)

        async def take(content: bytes) -> None:
            async def keep(member: Member) -> None:
                member.require("editor")
                used = await desk.ask(desk.capabilities.bulletins.sounds_used)
                manner.set_sound(await desk.ask(desk.capabilities.sounds.keep, content, used))
                tell("Đã nhận âm thanh.")

            await desk.handler(keep)()

        async def uploaded(sent: events.UploadEventArguments) -> None:
            content = await sent.file.read()
            upload.reset()
            await take(content)

        upload = ui.upload(
            label="Chọn tệp âm thanh",
            auto_upload=True,
            max_file_size=UPLOAD_MAX_BYTES,
            on_upload=uploaded,
            on_rejected=lambda: warn(REJECTED),
        )
        tagged(upload.props("accept='audio/*,.m4a,.ogg' flat bordered").classes("upload"), "sound-upload")
        with row():
            record_button(desk, take)
            drop = ui.button("Bỏ âm thanh", icon="delete", on_click=lambda: manner.set_sound(None))
            tagged(drop, "sound-drop").props("flat no-caps color=grey-9")
        manner.on_sound.append(show)
        show()
