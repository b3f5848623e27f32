"""A notice before one's eyes: the very picture that the display of the hall will show."""

from __future__ import annotations

from nicegui import ui

from commune_hub.console.desk import Desk
from commune_hub.console.parts import tagged
from commune_hub.writing.notice_preview import Shown


async def show_pages(desk: Desk, notice: Shown, into: ui.element) -> None:
    """Draw the pages of `notice` into `into`, in the place of what was there."""
    addresses = await desk.ask(desk.media.draw, desk.token, notice)
    into.clear()
    with into:
        for address in addresses:
            # A plain element: the browser loads it with the session's cookie, and shows it at its own ratio.
            picture = ui.element("img").props(f'src="{address}" alt="Màn hình sảnh"').classes("preview")
            tagged(picture, "notice-preview")
