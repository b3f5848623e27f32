"""A notice as the hall will see it, drawn by the display's own code, as pictures for staff."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Protocol

from wire.intents import Notice as BoardNotice

if TYPE_CHECKING:
    from commune_hub.pictures import Pictures

SIZE = (1280, 720)
"""Of the most common display."""

PAGES_MAX = 2
"""Pages that a notice of the most lines takes (kiosk_ui.notice_view)."""

_one_at_a_time = threading.Lock()
"""SDL's fonts are not made for two threads."""


class Shown(Protocol):
    """What is to be drawn: a draft or a notice."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines."""

    @property
    def kind(self) -> str:
        """How it is laid out."""

    @property
    def picture(self) -> str:
        """Hash of its picture; empty: none."""


def preview(shown: Shown, office: str, clock: str, pictures: Pictures) -> list[bytes]:
    """Return the pages of a notice as PNG, 1280 × 720, as a display of the hall shows them."""
    import pygame

    from kiosk_ui.bilingual import Bilingual
    from kiosk_ui.catalogue import load_catalogue
    from kiosk_ui.display_view import DisplayView, draw_display
    from kiosk_ui.notice_view import pages_of

    notice = BoardNotice(title=shown.title, lines=list(shown.lines), kind=shown.kind)
    file = str(pictures.path(shown.picture)) if pictures.has(shown.picture) else ""
    texts = Bilingual(load_catalogue("vi"), load_catalogue("en"))
    drawn: list[bytes] = []
    with _one_at_a_time:
        for page in pages_of(notice, file)[:PAGES_MAX]:
            surface = pygame.Surface(SIZE)
            draw_display(surface, DisplayView(office=office, clock=clock, notice=page), texts)
            png = io.BytesIO()
            pygame.image.save(surface, png, "preview.png")
            drawn.append(png.getvalue())
    return drawn
