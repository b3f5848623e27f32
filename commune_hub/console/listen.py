"""Hear a bulletin as the loudspeakers will sound it."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from commune_hub.capabilities.staff import Member
from commune_hub.console.desk import Desk
from commune_hub.console.parts import tagged
from commune_hub.errors import InvalidError
from commune_hub.writing.bulletin_draft import TEXT_MAX, How


def listen_button(desk: Desk, written: Callable[[], tuple[str, How]]) -> None:
    """Make a button that renders what `written` returns at that moment, and a player that sounds it."""

    async def listen(_member: Member) -> None:
        said, how = written()
        said = said.strip()
        if not 1 <= len(said) <= TEXT_MAX:
            raise InvalidError(f"Nội dung cần 1–{TEXT_MAX} ký tự. (1 to {TEXT_MAX} characters.)")
        if not button.enabled:
            return
        button.disable()
        button.props("loading")
        try:
            player.set_source(await desk.ask(desk.media.render, desk.token, said, how))
            player.set_visibility(True)
        finally:
            button.props(remove="loading")
            button.enable()

    with ui.element("div").classes("listen"):
        button = ui.button("Nghe thử", icon="volume_up").props("outline no-caps")
        tagged(button.on_click(desk.handler(listen)), "listen")
        player = tagged(ui.audio("", autoplay=True), "player").classes("player")
        player.set_visibility(False)
