"""The paper slip of a ticket: a bitmap, since thermal printers fail on Vietnamese letters."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from kiosk_ui.fonts import font_file, printable

WIDTH_PX = 576
"""What 80 mm printers print: 72 mm at 203 dots an inch (8 a millimetre)."""

HEIGHT_PX = 460
MARGIN_PX = 16


def draw_slip(office: str, number: str, field: str, when: str) -> Image.Image:
    """Return the slip, mode "1", 576 pixels wide. `when` is empty while the clock is not sure."""
    slip = Image.new("1", (WIDTH_PX, HEIGHT_PX), 1)
    draw = ImageDraw.Draw(slip)
    lines = [
        (office, 30, True, 50),
        ("Số thứ tự của ông/bà", 28, False, 106),
        (number, 150, True, 212),
        (field, 40, True, 322),
        (when, 26, False, 376),
        ("Xin nhìn bảng gọi số", 26, False, 416),
    ]
    for text, size, bold, middle in lines:
        _centred(draw, printable(text), size, bold, middle)
    return slip


def _centred(draw: ImageDraw.ImageDraw, text: str, size: int, bold: bool, middle: int) -> None:
    """Write `text` around the height `middle`, smaller if it is too wide."""
    font = ImageFont.truetype(str(font_file(bold)), size)
    while draw.textlength(text, font=font) > WIDTH_PX - 2 * MARGIN_PX and size > 12:
        size -= 2
        font = ImageFont.truetype(str(font_file(bold)), size)
    draw.text((WIDTH_PX // 2, middle), text, font=font, fill=0, anchor="mm")
