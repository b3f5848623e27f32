"""Đoạn ghi hình: what counter cameras recorded. For leaders; each look is noted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from nicegui import ui

from commune_hub.capabilities.clips import Clip
from commune_hub.capabilities.staff import Member
from commune_hub.console.desk import Desk, Page, redrawn
from commune_hub.console.moments import length_text, moment_text, size_text
from commune_hub.console.parts import badge, dialog, empty, panel, row, tagged, text
from commune_hub.times import local_day, now_ms

AT_FIRST = 30


@dataclass(frozen=True)
class _Seen:
    clips: list[Clip]
    more: bool
    day: str


async def build(desk: Desk) -> None:
    """Build the page."""
    names = desk.capabilities.config.places()
    shown = [AT_FIRST]

    def look() -> _Seen:
        found = desk.capabilities.clips.latest(desk.opened_by)
        return _Seen(found[: shown[0]], len(found) > shown[0], local_day(now_ms()))

    def draw(seen: _Seen) -> None:
        if not seen.clips:
            empty("Chưa có đoạn ghi nào", "videocam_off")
        for clip in seen.clips:
            _line(desk, clip, names.get(clip.counter, clip.counter))
        if seen.more:
            ui.button("Xem thêm", icon="expand_more", on_click=show_more).props("flat no-caps")

    async def show_more() -> None:
        shown[0] += AT_FIRST
        await refresh()

    text("Mỗi lần xem đều được ghi vào nhật ký.", "muted")
    with panel("Đoạn ghi mới nhất", "videocam"):
        refresh = await desk.follow(look, redrawn(draw, "rows"))


def _line(desk: Desk, clip: Clip, counter: str) -> None:
    with row("row-line"):
        text(moment_text(clip.started_at_ms, now_ms()), "when")
        text(counter, "strong grow")
        text(f"dài {length_text(clip.duration_ms)}", "muted")
        text(size_text(clip.size_bytes), "muted")
        if clip.here:
            watch = ui.button(
                "Xem", icon="play_arrow", on_click=desk.handler(partial(_watch, desk, clip, counter))
            )
            tagged(watch, f"clip-watch-{clip.sha256[:12]}").props("outline no-caps dense").classes(
                "card-button"
            )
        else:
            badge("Chưa về tới hub", "wait")


async def _watch(desk: Desk, clip: Clip, counter: str, member: Member) -> None:
    address = await desk.ask(desk.media.open_clip, desk.token, member, clip.sha256)
    with dialog(desk, f"{counter}, {moment_text(clip.started_at_ms, now_ms())}") as opened:
        tagged(ui.video(address, autoplay=True).classes("video"), "clip-video")
        with ui.element("div").classes("dialog-buttons"):
            ui.button("Đóng", on_click=opened.close).props("flat no-caps color=grey-8")


PAGE = Page("/clips", "Đoạn ghi hình", "videocam", build, frozenset({"leader"}))
