"""Nói trực tiếp: speak to the village from the microphone at this desk, in an approved window."""

from __future__ import annotations

from nicegui import ui

from commune_hub.capabilities.live import SPEAKERS
from commune_hub.capabilities.staff import Member
from commune_hub.console.desk import Desk, Page, tell, warn
from commune_hub.console.live_view import Seen, behind_s, look_at_live
from commune_hub.console.microphone import BEGIN, END, END_WITHIN_S
from commune_hub.console.moments import length_text, moment_text
from commune_hub.console.parts import badge, empty, panel, row, tagged, text
from commune_hub.console.recording import WHY_NOT
from commune_hub.store import Row
from commune_hub.times import now_ms

HINT = (
    "Bấm Nói rồi nói vào micrô; bấm Kết thúc khi xong, sau đó không nói tiếp được trong khung giờ này. "
    "Hãy tắt loa ở gần bàn: tiếng loa lọt vào micrô sẽ hú."
)
RECEIVES, WAITS = ("đang nhận tiếng", "good"), ("chưa nhận", "plain")
"""Of a loudspeaker: whether it is given the speech now."""


async def build(desk: Desk) -> None:
    """Build the page."""
    bulletin = desk.asked.get("bulletin", "")
    seen = await desk.ask(look_at_live, desk.capabilities, bulletin)
    with panel(seen.window.bulletin.title if seen.window else "Nói trực tiếp", "mic"):
        if seen.window is not None:
            text(seen.window.bulletin.text, "card-text")
            behind = f"{behind_s(seen.window):.1f}".replace(".", ",")
            text(f"Loa phát sau lời nói {behind} giây.", "muted")
        text(HINT, "muted")
        desk_part = _Microphone(desk, bulletin)
    speakers = ui.element("div").classes("stack")
    held = ui.element("div").classes("stack")

    def show(found: Seen) -> None:
        desk_part.show(found)
        for part, draw in ((speakers, _draw_speakers), (held, _draw_held)):
            part.clear()
            with part:
                draw(desk, found)

    desk_part.refresh = await desk.follow(lambda: look_at_live(desk.capabilities, bulletin), show)


class _Microphone:
    """The big button, the level, and how the window stands."""

    def __init__(self, desk: Desk, bulletin: str) -> None:
        self._desk = desk
        self._bulletin = bulletin
        self._speaking = False
        self.refresh = desk.handler(lambda _: None)
        self._state = tagged(text("", "live-state"), "live-state")
        with ui.element("div").classes("live-scale"):
            tagged(ui.element("div").classes("live-level"), "live-level").props("id=live-meter")
        tagged(ui.element("div").classes("given-back"), "live-said").props("id=live-said")
        with row("live-buttons"):
            self._speak = ui.button("Nói", icon="mic", on_click=desk.handler(self._begin))
            tagged(self._speak, "live-speak").props("unelevated no-caps size=xl color=primary")
            self._end = ui.button("Kết thúc", icon="stop", on_click=desk.handler(self._finish))
            tagged(self._end, "live-end").props("unelevated no-caps size=xl color=negative")

    def show(self, seen: Seen) -> None:
        """Show how the window stands."""
        if seen.speaks:
            self._state.set_text(f"ĐANG PHÁT TRỰC TIẾP: {seen.speaks}. Còn {seen.left}.")
        else:
            self._state.set_text(seen.why_not or f"Sẵn sàng. Khung giờ còn {seen.left}.")
        self._state.classes(add="live-on" if seen.speaks else "", remove="" if seen.speaks else "live-on")
        self._speak.set_enabled(not seen.why_not and not self._speaking)
        self._end.set_enabled(bool(seen.speaks))
        if self._speaking and seen.why_not:
            self._speaking = False
            ui.run_javascript(END)

    async def _begin(self, member: Member) -> None:
        address = await self._desk.ask(
            self._desk.media.live.take_turn, self._desk.token, self._bulletin, member
        )
        said = str(await ui.run_javascript(BEGIN.replace("ADDRESS", address), timeout=60.0))
        if said != "speaking":
            warn(WHY_NOT.get(said, said))
            return
        self._speaking = True
        self._speak.set_enabled(False)
        await self.refresh()

    async def _finish(self, member: Member) -> None:
        if self._speaking:
            self._speaking = False
            await ui.run_javascript(END, timeout=END_WITHIN_S)
        await self._desk.ask(self._desk.capabilities.live.end, self._bulletin, member)
        tell("Đã kết thúc.")
        await self.refresh()


def _draw_speakers(_desk: Desk, seen: Seen) -> None:
    with panel("Cụm loa", "campaign"):
        if not seen.speakers:
            empty("Không có cụm loa nào", "campaign")
        with ui.element("div").classes("rows"):
            for each in seen.speakers:
                with row("row-line"):
                    text(each.name, "grow")
                    badge(*RECEIVES if each.listens else WAITS)


def _draw_held(desk: Desk, seen: Seen) -> None:
    ended = [each for each in seen.held if each["ended_at_ms"]]
    if not ended:
        return
    with panel("Đã phát", "history"):
        for each in ended:
            with row("row-line"):
                text(moment_text(each["began_at_ms"], now_ms()), "strong")
                text(f"{each['name']}, dài {length_text(each['duration_ms'])}", "muted grow")
                if each["sha256"]:
                    _listen(desk, each)
            text(f"SHA-256 {each['sha256'] or 'không có bản ghi'}", "muted")


def _listen(desk: Desk, held: Row) -> None:
    async def open_it(member: Member) -> None:
        player.set_source(await desk.ask(desk.media.live.open_record, desk.token, held["sha256"], member))
        player.set_visibility(True)

    button = ui.button("Nghe lại", icon="volume_up", on_click=desk.handler(open_it))
    tagged(button, f"live-heard-{held['sounding']}").props("flat no-caps dense")
    player = ui.audio("", autoplay=True).classes("player")
    player.set_visibility(False)


PAGE = Page("/bulletins/live", "Nói trực tiếp", "mic", build, frozenset(SPEAKERS), in_menu=False)
