"""Charts of a report drawn into a PDF: bars, lines, heat maps. Millimetres, from the top left."""

from __future__ import annotations

from fpdf import FPDF

from commune_hub.reports.cells import Cell, Table
from kiosk_ui.fonts import printable

MAIN = (29, 78, 121)
SECOND = (217, 154, 27)
COLOURS = (MAIN, SECOND)
PALE = (226, 232, 238)

BAR_MM, LABEL_MM = 6.0, 45.0
LINES_MM = 45.0
SQUARE_MM = 7.0
LABELS_MAX = 12
"""Most labels along a line chart."""


def draw_chart(pages: FPDF, family: str, table: Table) -> None:
    """Draw a table's chart where the pen stands, and move the pen below it."""
    if table.chart is None:
        return
    pages.set_font(family, "", 8)
    if pages.will_page_break(chart_height_mm(table)):
        pages.add_page(same=True)
    match table.chart.kind:
        case "bars":
            _bars(pages, table, table.chart.columns[0])
        case "line":
            _lines(pages, table, table.chart.columns)
        case "heat":
            _heat(pages, table)
    pages.set_draw_color(0)
    pages.set_fill_color(255)
    pages.set_text_color(0)
    pages.ln(3)


def chart_height_mm(table: Table) -> float:
    """Return how much room a table's chart takes; 0 without one."""
    if table.chart is None or not table.rows:
        return 0.0
    heights = {
        "bars": BAR_MM * len(table.rows),
        "line": LINES_MM + 12,
        "heat": SQUARE_MM * (len(table.rows) + 1),
    }
    return heights[table.chart.kind]


def number(cell: Cell) -> float:
    """Return a cell as a figure to draw; nothing is drawn as 0."""
    return cell.value if isinstance(cell.value, int | float) else 0.0


def _bars(pages: FPDF, table: Table, column: int) -> None:
    """Horizontal bars with their figure; shares run from 0 to 100 %."""
    values = [number(row[column]) for row in table.rows]
    top = 1.0 if table.rows[0][column].kind == "share" else max(*values, 1.0)
    width_mm = min(pages.epw - LABEL_MM - 20, 150)
    for row, value in zip(table.rows, values, strict=True):
        x, y = pages.l_margin, pages.get_y()
        pages.set_xy(x, y)
        pages.cell(LABEL_MM, BAR_MM, printable(row[0].shown)[:28])
        pages.set_fill_color(*PALE)
        pages.rect(x + LABEL_MM, y + 1, width_mm, BAR_MM - 2, style="F")
        pages.set_fill_color(*MAIN)
        pages.rect(x + LABEL_MM, y + 1, width_mm * value / top, BAR_MM - 2, style="F")
        pages.set_xy(x + LABEL_MM + width_mm + 2, y)
        pages.cell(18, BAR_MM, row[column].shown)
        pages.set_xy(x, y + BAR_MM)


def _lines(pages: FPDF, table: Table, columns: tuple[int, ...]) -> None:
    """One line a column over the rows, all on one scale from 0."""
    x, y = pages.l_margin + 12, pages.get_y() + 2
    width_mm = pages.epw - 20
    top = max([number(row[column]) for row in table.rows for column in columns] + [1.0])
    step_mm = width_mm / max(1, len(table.rows) - 1)
    pages.set_draw_color(*PALE)
    for part in range(5):
        line_y = y + LINES_MM * part / 4
        pages.line(x, line_y, x + width_mm, line_y)
        pages.set_xy(x - 12, line_y - 2)
        pages.cell(11, 4, f"{top * (4 - part) / 4:.0f}", align="R")
    for colour, column in zip(COLOURS, columns, strict=False):
        pages.set_draw_color(*colour)
        points = [
            (x + step_mm * place, y + LINES_MM * (1 - number(row[column]) / top))
            for place, row in enumerate(table.rows)
        ]
        pages.set_line_width(0.5)
        pages.polyline(points if len(points) > 1 else [*points, (x + 1, points[0][1])])
        pages.set_line_width(0.2)
    every = -(-len(table.rows) // LABELS_MAX)
    for place in range(0, len(table.rows), every):
        pages.set_xy(x + step_mm * place - 8, y + LINES_MM + 1)
        pages.cell(16, 4, table.rows[place][0].shown[:5], align="C")
    _legend(pages, table, columns, x, y + LINES_MM + 6)


def _legend(pages: FPDF, table: Table, columns: tuple[int, ...], x: float, y: float) -> None:
    for colour, column in zip(COLOURS, columns, strict=False):
        pages.set_fill_color(*colour)
        pages.rect(x, y + 1, 4, 2, style="F")
        pages.set_xy(x + 5, y)
        pages.cell(35, 4, printable(table.heads[column]))
        x += 42
    pages.set_xy(pages.l_margin, y + 4)


def _heat(pages: FPDF, table: Table) -> None:
    """Squares, the darker the more; each with its figure."""
    top = max([number(cell) for row in table.rows for cell in row[1:]] + [1.0])
    for place, head in enumerate(table.heads):
        pages.cell(
            24 if place == 0 else SQUARE_MM + 2, SQUARE_MM, printable(head), align="C" if place else "L"
        )
    pages.ln(SQUARE_MM)
    for row in table.rows:
        pages.cell(24, SQUARE_MM, printable(row[0].shown))
        for cell in row[1:]:
            part = number(cell) / top
            pages.set_fill_color(*(round(250 + (dark - 250) * part) for dark in MAIN))
            pages.set_text_color(255 if part > 0.5 else 0)
            pages.cell(SQUARE_MM + 2, SQUARE_MM, cell.shown if number(cell) else "", align="C", fill=True)
        pages.set_text_color(0)
        pages.ln(SQUARE_MM)
