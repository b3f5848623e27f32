"""A chart as a picture, for files that take no drawing: the letter in Word."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from commune_hub.reports.cells import Chart, Table
from commune_hub.reports.drawing import (
    BLACK,
    WHITE,
    WORDS_PT,
    Align,
    Colour,
    Point,
    chart_height_mm,
    draw_chart,
    pieces,
)
from kiosk_ui.fonts import font_file

PX_PER_MM = 20.0
FINER = 2
"""Drawn at PX_PER_MM and made so many times smaller, which smooths slanted lines: 254 dots an inch."""
PT_MM = 25.4 / 72
COLOURS_MAX = 64
"""Colours of the file; a chart has few, and the file is a tenth of the size."""


def chart_pictures(table: Table, width_mm: float) -> list[bytes]:
    """Return a table's chart as PNG, `width_mm` wide: none without a chart, several where it is long.

    Raises kiosk_ui.fonts.NoFontError where no font with Vietnamese is installed.
    """
    return [_picture(piece, piece.chart, width_mm) for piece in pieces(table) if piece.chart is not None]


def _picture(piece: Table, chart: Chart, width_mm: float) -> bytes:
    size = (round(width_mm * PX_PER_MM), round(chart_height_mm(piece, chart) * PX_PER_MM))
    picture = Image.new("RGB", size, WHITE)
    draw_chart(_PicturePen(picture), piece, chart, width_mm)
    file = io.BytesIO()
    picture.reduce(FINER).quantize(COLOURS_MAX).save(file, "PNG", optimize=True)
    return file.getvalue()


class _PicturePen:
    """`commune_hub.reports.drawing.Pen` on a Pillow picture."""

    def __init__(self, picture: Image.Image) -> None:
        self._draw = ImageDraw.Draw(picture)
        self._font = ImageFont.truetype(font_file(False), round(WORDS_PT * PT_MM * PX_PER_MM))

    def block(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        left, top, right, bottom = (round(mm * PX_PER_MM) for mm in (x, y, x + width, y + height))
        if right > left and bottom > top:
            self._draw.rectangle((left, top, right - 1, bottom - 1), colour)

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        at = [(x * PX_PER_MM, y * PX_PER_MM) for x, y in points]
        self._draw.line(at, colour, max(1, round(width * PX_PER_MM)), joint="curve")

    def words(
        self, x: float, y: float, width: float, height: float, text: str, align: Align, colour: Colour = BLACK
    ) -> None:
        anchors = {"L": (x + 1, "lm"), "C": (x + width / 2, "mm"), "R": (x + width - 1, "rm")}
        at, anchor = anchors[align]
        middle = (at * PX_PER_MM, (y + height / 2) * PX_PER_MM)
        self._draw.text(middle, text, colour, self._font, anchor)
