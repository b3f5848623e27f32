"""Charts of a report: bars, lines, heat maps, drawn alike into a PDF and into a picture for a letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, Protocol

from commune_hub.reports.cells import Cell, Chart, Table
from firmware_agent.lines import printable
from kiosk_ui.palette import contrast

Colour = tuple[int, int, int]
Align = Literal["L", "C", "R"]
Point = tuple[float, float]

MAIN: Colour = (29, 78, 121)
SECOND: Colour = (217, 154, 27)
COLOURS = (MAIN, SECOND)
PALE: Colour = (226, 232, 238)
BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)

WORDS_PT = 8
"""Size of every word in a chart."""

BAR_MM, LABEL_MM = 6.0, 45.0
BARS_WIDE_MAX_MM = 150.0
BARS_MAX = 20
"""Bars of one chart; more make another: it must stand on a page across."""
LINES_MM = 45.0
SCALE_MM = 12.0
SQUARE_MM, SQUARE_WIDE_MM, DAY_MM = 7.0, 9.0, 24.0
THIN_MM, THICK_MM = 0.2, 0.5
LABELS_MAX = 12
"""Most labels along a line chart."""
LABEL_MAX = 28
"""Most letters of a bar's label."""
STEPS = 4
"""Parts of a line chart's scale; it ends at a multiple, so that each line stands for a whole figure."""


class Pen(Protocol):
    """What a chart is drawn with. Millimetres, from the chart's top left corner."""

    def block(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled rectangle."""

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """A line through points."""

    def words(
        self, x: float, y: float, width: float, height: float, text: str, align: Align, colour: Colour = BLACK
    ) -> None:
        """One line of WORDS_PT in a box, half-way down."""


def pieces(table: Table) -> list[Table]:
    """Return what of a table one chart each shows; none without a chart or rows."""
    if table.chart is None or not table.rows:
        return []
    if table.chart.kind != "bars":
        return [table]
    starts = range(0, len(table.rows), BARS_MAX)
    return [replace(table, rows=table.rows[start : start + BARS_MAX]) for start in starts]


def draw_chart(pen: Pen, table: Table, chart: Chart, width_mm: float) -> None:
    """Draw the chart of a piece, `width_mm` wide and `chart_height_mm` high."""
    match chart.kind:
        case "bars":
            _bars(pen, table, chart.columns[0], min(width_mm - LABEL_MM - 20, BARS_WIDE_MAX_MM))
        case "line":
            _lines(pen, table, chart.columns, width_mm - SCALE_MM - 8)
        case "heat":
            _heat(pen, table)


def chart_height_mm(table: Table, chart: Chart) -> float:
    """Return how high the chart of a piece is."""
    heights = {
        "bars": BAR_MM * len(table.rows),
        "line": LINES_MM + 12,
        "heat": SQUARE_MM * (len(table.rows) + 1),
    }
    return heights[chart.kind]


def number(cell: Cell) -> float:
    """Return a cell as a figure to draw; nothing is drawn as 0."""
    return cell.value if isinstance(cell.value, int | float) else 0.0


def _bars(pen: Pen, table: Table, column: int, width: float) -> None:
    """Horizontal bars with their figure; shares run from 0 to 100 %."""
    values = [number(row[column]) for row in table.rows]
    top = 1.0 if table.rows[0][column].kind == "share" else max(*values, 1.0)
    for place, (row, value) in enumerate(zip(table.rows, values, strict=True)):
        y = BAR_MM * place
        label = printable(row[0].shown)
        short = label if len(label) <= LABEL_MAX else label[: LABEL_MAX - 1].rstrip() + "…"
        pen.words(0, y, LABEL_MM, BAR_MM, short, "L")
        pen.block(LABEL_MM, y + 1, width, BAR_MM - 2, PALE)
        pen.block(LABEL_MM, y + 1, width * value / top, BAR_MM - 2, MAIN)
        pen.words(LABEL_MM + width + 2, y, 18, BAR_MM, row[column].shown, "L")


def _lines(pen: Pen, table: Table, columns: tuple[int, ...], width: float) -> None:
    """One line a column over the rows, all on one scale from 0."""
    x, y = SCALE_MM, 2.0
    highest = max(number(row[column]) for row in table.rows for column in columns)
    top = STEPS * max(1, -(-int(highest) // STEPS))
    step = width / max(1, len(table.rows) - 1)
    for part in range(STEPS + 1):
        line_y = y + LINES_MM * part / STEPS
        pen.line([(x, line_y), (x + width, line_y)], PALE, THIN_MM)
        pen.words(0, line_y - 2, SCALE_MM - 1, 4, str(top * (STEPS - part) // STEPS), "R")
    for colour, column in zip(COLOURS, columns, strict=False):
        points = [
            (x + step * place, y + LINES_MM * (1 - number(row[column]) / top))
            for place, row in enumerate(table.rows)
        ]
        pen.line(points if len(points) > 1 else [*points, (x + 1, points[0][1])], colour, THICK_MM)
    for place in range(0, len(table.rows), -(-len(table.rows) // LABELS_MAX)):
        pen.words(x + step * place - 8, y + LINES_MM + 1, 16, 4, table.rows[place][0].shown[:5], "C")
    for place, (colour, column) in enumerate(zip(COLOURS, columns, strict=False)):
        at = x + 42 * place
        pen.block(at, y + LINES_MM + 7, 4, 2, colour)
        pen.words(at + 5, y + LINES_MM + 6, 35, 4, printable(table.heads[column]), "L")


def _heat(pen: Pen, table: Table) -> None:
    """Squares, the darker the more; each with its figure."""
    top = max([number(cell) for row in table.rows for cell in row[1:]] + [1.0])
    pen.words(0, 0, DAY_MM, SQUARE_MM, printable(table.heads[0]), "L")
    for place, head in enumerate(table.heads[1:]):
        pen.words(DAY_MM + SQUARE_WIDE_MM * place, 0, SQUARE_WIDE_MM, SQUARE_MM, printable(head), "C")
    for line, row in enumerate(table.rows, 1):
        y = SQUARE_MM * line
        pen.words(0, y, DAY_MM, SQUARE_MM, printable(row[0].shown), "L")
        for place, cell in enumerate(row[1:]):
            x, part = DAY_MM + SQUARE_WIDE_MM * place, number(cell) / top
            red, green, blue = (round(250 + (dark - 250) * part) for dark in MAIN)
            ground = (red, green, blue)
            pen.block(x, y, SQUARE_WIDE_MM, SQUARE_MM, ground)
            if number(cell):
                pen.words(x, y, SQUARE_WIDE_MM, SQUARE_MM, cell.shown, "C", _readable_on(ground))


def _readable_on(ground: Colour) -> Colour:
    return max(BLACK, WHITE, key=lambda words: contrast(words, ground))
