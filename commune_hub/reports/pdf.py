"""A report as PDF: title page with its standing, then each table with its chart, drawn as vectors."""

from __future__ import annotations

from collections.abc import Sequence

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from commune_hub.reports.cells import Chart, Table
from commune_hub.reports.drawing import (
    BLACK,
    MAIN,
    WORDS_PT,
    Align,
    Colour,
    Point,
    chart_height_mm,
    draw_chart,
    pieces,
)
from commune_hub.reports.layout import status_lines, tables_of
from commune_hub.reports.prose import findings, office_in_full
from commune_hub.reports.service import Issue
from firmware_agent.lines import printable
from kiosk_ui.fonts import font_file

FAMILY = "body"
MARGIN_MM = 15
LINE_MM = 5.5
TABLE_PT = 7.5
CHART_GAP_MM = 3.0
"""Below a chart."""
SOFT = (93, 111, 128)
HEAD = FontFace(emphasis="BOLD", fill_color=(230, 238, 246))

DRAWN_ALONE = "heat"
"""A heat map shows every figure of its table."""


def write_pdf(issue: Issue) -> bytes:
    """Return the document; raises kiosk_ui.fonts.NoFontError where no font with Vietnamese is installed."""
    pages = _Pages(issue)
    pages.add_page()
    _cover(pages, issue)
    for heading, lines in findings(issue.content):
        pages.heading(heading)
        for line in lines:
            pages.text_line(line)
    pages.add_page(orientation="landscape")
    for number, table in enumerate(tables_of(issue), 1):
        _table(pages, number, table)
    return bytes(pages.output())


SHORT_MM = 70.0
"""A table up to this height is not torn between two pages."""

ROW_MM = 5.6
HEAD_ROWS = 2
"""Heads may take two lines."""


class _Pages(FPDF):
    """A4 pages with a line at the foot that names the report, its hash and the page."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        self._closed = issue.closed.sha256 if issue.closed else "chưa chốt"
        self._name = printable(f"{issue.content.office} · {issue.content.title}")
        self.add_font(FAMILY, "", font_file(False))
        self.add_font(FAMILY, "B", font_file(True))
        self.set_title(self._name)
        self.set_lang("vi-VN")
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, margin=MARGIN_MM + 3)

    def footer(self) -> None:
        """Called by fpdf at the end of each page."""
        self.set_y(-MARGIN_MM)
        self.set_font(FAMILY, "", 6.5)
        self.set_text_color(*SOFT)
        self.cell(0, 4, f"{self._name} · SHA-256: {self._closed}", align="L")
        self.cell(0, 4, f"Trang {self.page_no()}", align="R")
        self.set_text_color(0)

    def heading(self, text: str, room_mm: float = 0.0) -> None:
        """A heading, kept with what follows: `room_mm` of it, or a few lines."""
        if self.will_page_break(4 * LINE_MM + room_mm):
            self.add_page(same=True)
        self.ln(2)
        self.set_font(FAMILY, "B", 11)
        self.set_text_color(*MAIN)
        self.multi_cell(0, LINE_MM + 1, printable(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_text_color(0)

    def text_line(self, text: str, size_pt: float = 10, *, soft: bool = False, centre: bool = False) -> None:
        """A paragraph."""
        self.set_font(FAMILY, "", size_pt)
        self.set_text_color(*(SOFT if soft else (0, 0, 0)))
        self.multi_cell(
            0, LINE_MM, printable(text), align="C" if centre else "L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        self.set_text_color(0)


def _cover(pages: _Pages, issue: Issue) -> None:
    content = issue.content
    office, title = printable(office_in_full(content.office)), printable(content.title.upper())
    pages.set_font(FAMILY, "B", 11)
    pages.multi_cell(0, LINE_MM, office, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pages.ln(6)
    pages.set_font(FAMILY, "B", 16)
    pages.multi_cell(0, 8, f"BÁO CÁO {title}", align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pages.text_line("Mức độ hài lòng và thời gian chờ của người dân tại quầy", 11, centre=True)
    pages.ln(3)
    for line in status_lines(issue):
        pages.text_line(line, 8, soft=True)


def _table(pages: _Pages, number: int, table: Table) -> None:
    pages.heading(f"Bảng {number}. {table.title}", _room_mm(table))
    if not table.rows:
        pages.text_line("Không có.", 9, soft=True)
    for piece in pieces(table):
        if piece.chart is not None:
            _chart(pages, piece, piece.chart)
    if table.rows and (table.chart is None or table.chart.kind != DRAWN_ALONE):
        _rows(pages, table)
    for note in table.notes:
        pages.text_line(note, 8, soft=True)


def _chart(pages: _Pages, piece: Table, chart: Chart) -> None:
    height_mm = chart_height_mm(piece, chart)
    if pages.will_page_break(height_mm):
        pages.add_page(same=True)
    y = pages.get_y()
    draw_chart(_PdfPen(pages), piece, chart, pages.epw)
    pages.set_text_color(0)
    pages.set_xy(pages.l_margin, y + height_mm + CHART_GAP_MM)


class _PdfPen:
    """`commune_hub.reports.drawing.Pen`, as vectors from where the pages' own pen stands."""

    def __init__(self, pages: FPDF) -> None:
        self._pages = pages
        self._left, self._top = pages.l_margin, pages.get_y()
        pages.set_font(FAMILY, "", WORDS_PT)

    def block(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        with self._pages.local_context(fill_color=colour):
            self._pages.rect(self._left + x, self._top + y, width, height, style="F")

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        with self._pages.local_context(draw_color=colour, line_width=width):
            self._pages.polyline([(self._left + x, self._top + y) for x, y in points])

    def words(
        self, x: float, y: float, width: float, height: float, text: str, align: Align, colour: Colour = BLACK
    ) -> None:
        self._pages.set_text_color(*colour)
        self._pages.set_xy(self._left + x, self._top + y)
        self._pages.cell(width, height, text, align=align)


def _room_mm(table: Table) -> float:
    """Return how much of a table, with its chart, stands on the page of its heading."""
    drawn_alone = table.chart is not None and table.chart.kind == DRAWN_ALONE
    rows_mm = 0.0 if drawn_alone else ROW_MM * (len(table.rows) + HEAD_ROWS)
    charts_mm = [chart_height_mm(each, each.chart) for each in pieces(table) if each.chart is not None]
    return sum(charts_mm[:1]) + (rows_mm if rows_mm <= SHORT_MM else 0.0)


def _rows(pages: _Pages, table: Table) -> None:
    pages.set_font(FAMILY, "", TABLE_PT)
    with pages.table(
        col_widths=table.column_widths,
        text_align=_alignment(table),
        headings_style=HEAD,
        line_height=4,
        padding=0.8,
    ) as grid:
        grid.row([printable(head) for head in table.heads])
        for row in table.rows:
            grid.row([printable(cell.shown) for cell in row])


def _alignment(table: Table) -> Sequence[str]:
    """Words to the left, figures to the right."""
    return ["LEFT" if cell.kind == "text" else "RIGHT" for cell in table.rows[0]]
