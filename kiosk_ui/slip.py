"""The paper slip of a ticket: a bitmap, since thermal printers fail on Vietnamese letters.

The slip is a column of blocks, each as high as it needs to be; words wrap, nothing is cut.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import qrcode  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFont

from firmware_agent.lines import printable
from kiosk_ui.catalogue import Catalogue
from kiosk_ui.fonts import font_file
from kiosk_ui.layout import wrap
from kiosk_ui.told_wait import wait_text

WIDTH_PX = 576
"""What 80 mm printers print: 72 mm at 203 dots an inch (8 a millimetre)."""
NARROW_PX = 384
"""What 58 mm printers print: 48 mm."""

ITEM = "– "
"""What an item of a list begins with."""
MARGIN_PX = 16
SMALLEST_PX = 24
"""3 mm from line to line: what old eyes read on paper."""
LINE_HEIGHT = 1.3
CODE_BYTES = 16
MODULE_PX_MAX = 8
MODULE_PX_MIN = 3
"""Dots to a module of the QR code; with 3 (0.4 mm) a phone still reads it from 15 cm."""
QUIET_MODULES = 4


@dataclass(frozen=True)
class Slip:
    """What a slip says. What is empty is left out."""

    office: str
    number: str
    field: str
    lane: str = ""
    papers: tuple[str, ...] = ()
    wait_min: tuple[int, int] | None = None
    link: str = ""
    """What the QR code says."""
    when: str = ""
    """Day and time; empty while the clock is not sure."""


def slip_code(random: bytes) -> str:
    """Return the secret of a slip: 16 random bytes as 22 letters of base64url."""
    if len(random) != CODE_BYTES:
        raise ValueError(f"{len(random)} bytes, not {CODE_BYTES}")
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode()


def draw_slip(slip: Slip, texts: Catalogue, width: int = WIDTH_PX) -> Image.Image:
    """Return the slip, mode "1", `width` pixels wide and as high as it needs to be."""
    column = _Column(width)
    column.words(slip.office, 30, bold=True)
    column.words(texts("slip.number"), 26)
    column.words(slip.number, 190, bold=True)
    column.words(slip.field, 44, bold=True)
    if slip.lane:
        column.words(f"{texts('slip.lane')}: {slip.lane}", 34, bold=True, inverse=True)
    if slip.wait_min is not None:
        column.words(wait_text(texts, slip.wait_min), 34, bold=True)
    if slip.papers:
        column.rule()
        column.words(texts("slip.papers"), 28, bold=True, left=True)
        for paper in slip.papers:
            column.item(paper, 28)
        column.rule()
    if slip.link:
        column.picture(_qr(slip.link, width - 2 * MARGIN_PX))
        column.words(texts("slip.scan"), 26)
    column.words(slip.when, 26)
    column.words(texts("slip.watch"), 26)
    return column.drawn()


@dataclass(frozen=True)
class _Block:
    """A line of words, a picture or a rule, `height` pixels high."""

    height: int
    text: str = ""
    size: int = 0
    bold: bool = False
    left: bool = False
    indent: int = 0
    inverse: bool = False
    picture: Image.Image | None = None


class _Column:
    """Blocks under each other."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._scale = width / WIDTH_PX
        self._blocks: list[_Block] = []

    def words(
        self, text: str, size: int, *, bold: bool = False, left: bool = False, inverse: bool = False
    ) -> None:
        """Add words, about `size` pixels large on wide paper, on as many lines as they take."""
        at = self._size(size)
        for line in self._lines(text, at, bold=bold):
            self._blocks.append(_Block(round(at * LINE_HEIGHT), line, at, bold, left, inverse=inverse))

    def item(self, text: str, size: int) -> None:
        """Add an item of a list: its further lines stand under its first word, not under its dash."""
        at = self._size(size)
        high, indent = round(at * LINE_HEIGHT), math.ceil(_font(at, False).getlength(ITEM))
        for place, line in enumerate(self._lines(text, at, indent)):
            told, left_out = (line, indent) if place else (ITEM + line, 0)
            self._blocks.append(_Block(high, told, at, left=True, indent=left_out))

    def _size(self, size: int) -> int:
        return max(SMALLEST_PX, round(size * self._scale))

    def _lines(self, text: str, at: int, indent: int = 0, *, bold: bool = False) -> list[str]:
        room = self._width - 2 * MARGIN_PX - indent
        return wrap(printable(text), room, lambda part: _font(at, bold).getlength(part))

    def picture(self, picture: Image.Image) -> None:
        """Add a picture in the middle."""
        self._blocks.append(_Block(picture.height, picture=picture))

    def rule(self) -> None:
        """Add a line across."""
        self._blocks.append(_Block(16))

    def drawn(self) -> Image.Image:
        """Return all of it."""
        height = sum(block.height for block in self._blocks) + 2 * MARGIN_PX
        slip = Image.new("1", (self._width, height), 1)
        draw = ImageDraw.Draw(slip)
        top = MARGIN_PX
        for block in self._blocks:
            self._draw(slip, draw, block, top)
            top += block.height
        return slip

    def _draw(self, slip: Image.Image, draw: ImageDraw.ImageDraw, block: _Block, top: int) -> None:
        if block.picture is not None:
            slip.paste(block.picture, ((self._width - block.picture.width) // 2, top))
        elif not block.text:
            middle = top + block.height // 2
            draw.line((MARGIN_PX, middle, self._width - MARGIN_PX, middle), fill=0, width=3)
        else:
            if block.inverse:
                draw.rectangle((0, top, self._width, top + block.height - 1), fill=0)
            x, anchor = (MARGIN_PX + block.indent, "lm") if block.left else (self._width // 2, "mm")
            ink, font = 1 if block.inverse else 0, _font(block.size, block.bold)
            draw.text((x, top + block.height // 2), block.text, font=font, fill=ink, anchor=anchor)


@lru_cache(maxsize=16)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file(bold)), size)


def _qr(link: str, width_max: int) -> Image.Image:
    """Return the QR code as large as paper and eye ask for: two thirds of the width at most."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(link)
    code.make(fit=True)
    matrix: Sequence[Sequence[bool]] = code.get_matrix()
    modules = len(matrix)
    module_px = min(MODULE_PX_MAX, max(MODULE_PX_MIN, width_max * 2 // 3 // modules))
    small = Image.new("1", (modules, modules), 1)
    small.putdata([0 if dark else 1 for row in matrix for dark in row])
    side = modules * module_px
    return small.resize((side, side), Image.Resampling.NEAREST)
