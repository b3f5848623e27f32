"""Cells, tables and charts of a report, before any file format: so that all files say the same.

A cell keeps its value and how it is to be shown; Excel gets the value, Word, PDF and pages the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "count", "share", "minutes", "points"]

NOTHING = "–"
"""Stands where there is no figure: nobody answered, nobody waited."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value; None where there is none."""

    value: str | float | None
    kind: Kind = "text"

    @property
    def shown(self) -> str:
        """The value as people in Việt Nam read it: comma for the decimals, dot for thousands."""
        if self.value is None:
            return NOTHING
        if isinstance(self.value, str):
            return self.value
        match self.kind:
            case "share":
                return _comma(f"{self.value * 100:.1f}") + " %"
            case "minutes":
                return _comma(f"{self.value:.1f}")
            case "points":
                return _comma(f"{self.value:.2f}")
            case _:
                return f"{self.value:,.0f}".replace(",", ".")


@dataclass(frozen=True, slots=True)
class Chart:
    """How a table is drawn: its first column names what `columns` show; a heat map shows all the others."""

    kind: Literal["bars", "line", "heat"]
    title: str
    columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table under its heading; `sheet` is its name in a workbook (at most 31 letters)."""

    sheet: str
    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    notes: tuple[str, ...] = ()
    chart: Chart | None = None
    widths: tuple[int, ...] = field(default=())
    """Relative widths of the columns; empty: the first three times the others."""

    @property
    def column_widths(self) -> tuple[int, ...]:
        """Relative widths, one a column."""
        return self.widths or (3, *(1 for _ in self.heads[1:]))


def words(value: str) -> Cell:
    """Return a cell of text."""
    return Cell(value)


def count(value: int | None) -> Cell:
    """Return a cell of a number of things."""
    return Cell(value, "count")


def share(value: float | None) -> Cell:
    """Return a cell of a share of 0 to 1, shown in percent."""
    return Cell(value, "share")


def minutes(value_ms: int | None) -> Cell:
    """Return a cell of a time in milliseconds, shown in minutes with one decimal."""
    return Cell(None if value_ms is None else round(value_ms / 60_000, 1), "minutes")


def points(value: float | None) -> Cell:
    """Return a cell of points, with two decimals."""
    return Cell(value, "points")


def _comma(text: str) -> str:
    return text.replace(".", ",")
