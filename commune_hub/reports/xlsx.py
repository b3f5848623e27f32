"""A report as an Excel workbook: a sheet for each table, its figures as figures, its charts native."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from commune_hub.reports.cells import Cell, Kind, Table
from commune_hub.reports.layout import status_lines, tables_of
from commune_hub.reports.service import Issue
from firmware_agent.lines import printable

FORMATS: dict[Kind, str] = {
    "text": "@",
    "count": "#,##0",
    "share": "0.0%",
    "minutes": "0.0",
    "points": "0.00",
}

CHARTS = {"bars": "column", "line": "line"}
CHART_SIZE = {"width": 760, "height": 340}
MAIN = "#1D4E79"
PALEST, DARKEST = "#F4F8FB", "#1D4E79"
"""Ends of the heat map's shades."""


def write_xlsx(issue: Issue) -> bytes:
    """Return the workbook."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": printable(issue.content.title), "company": printable(issue.content.office)})
    pen = _Pen(book)
    pen.cover(issue)
    for table in tables_of(issue):
        pen.sheet(table)
    book.close()
    return file.getvalue()


class _Pen:
    """Writes into one workbook, with its formats at hand."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._title = book.add_format({"bold": True, "font_size": 14, "font_color": MAIN})
        self._head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E6EEF6", "border": 1}
        )
        self._note = book.add_format({"italic": True, "font_color": "#5D6F80"})
        self._kinds = {
            kind: book.add_format({"num_format": number, "border": 1, "text_wrap": kind == "text"})
            for kind, number in FORMATS.items()
        }

    def cover(self, issue: Issue) -> None:
        """The first sheet: whose report, on what, and how it stands."""
        sheet = self._book.add_worksheet("Báo cáo")
        sheet.set_column(0, 0, 110)
        lines = [issue.content.office, f"Báo cáo {issue.content.title}", *status_lines(issue)]
        for row, line in enumerate(lines):
            sheet.write_string(row, 0, printable(line), self._title if row < 2 else None)

    def sheet(self, table: Table) -> None:
        """A table, and its chart under it."""
        sheet = self._book.add_worksheet(table.sheet)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.write_string(0, 0, printable(table.title), self._title)
        for column, (head, width) in enumerate(zip(table.heads, table.column_widths, strict=True)):
            sheet.set_column(column, column, 9 + 8 * min(width, 5))
            sheet.write_string(2, column, printable(head), self._head)
        sheet.freeze_panes(3, 1)
        for row, cells in enumerate(table.rows, 3):
            for column, cell in enumerate(cells):
                self._cell(sheet, row, column, cell)
        for row, note in enumerate(table.notes, 4 + len(table.rows)):
            sheet.write_string(row, 0, printable(note), self._note)
        if table.chart is not None and table.rows:
            self._draw(sheet, table)

    def _cell(self, sheet: Any, row: int, column: int, cell: Cell) -> None:
        look = self._kinds[cell.kind]
        if cell.value is None:
            sheet.write_blank(row, column, None, look)
        elif isinstance(cell.value, str):
            sheet.write_string(row, column, printable(cell.value), look)
        else:
            sheet.write_number(row, column, cell.value, look)

    def _draw(self, sheet: Any, table: Table) -> None:
        drawn = table.chart
        first, last = 3, 2 + len(table.rows)
        if drawn is None:
            return
        if drawn.kind == "heat":
            shades = {"type": "2_color_scale", "min_color": PALEST, "max_color": DARKEST}
            sheet.conditional_format(first, 1, last, len(table.heads) - 1, shades)
            return
        chart = self._book.add_chart({"type": CHARTS[drawn.kind]})
        for column in drawn.columns:
            chart.add_series(
                {
                    "name": [table.sheet, 2, column],
                    "categories": [table.sheet, first, 0, last, 0],
                    "values": [table.sheet, first, column, last, column],
                }
            )
        chart.set_title({"name": printable(drawn.title)})
        if table.rows[0][drawn.columns[0]].kind == "share":
            chart.set_y_axis({"min": 0, "max": 1, "num_format": "0%"})
        if len(drawn.columns) == 1:
            chart.set_legend({"none": True})
        chart.set_size(CHART_SIZE)
        sheet.insert_chart(last + 3 + len(table.notes), 0, chart)
