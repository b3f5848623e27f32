"""The lines of what sounded as CSV, for a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping

from commune_hub.proof.sheet import Line
from commune_hub.proof.words import HEARD_WORDS, advice_text, outcome_text
from commune_hub.times import local_time
from firmware_agent.lines import printable

MARK = "\ufeff"
"""Tells spreadsheet programs that the letters are UTF-8."""

FORMULA = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠])")
"""Where a spreadsheet would find a formula: at the beginning of a text, and behind what divides cells for one
that is set to another language. Vietnamese ones divide at `;`, whatever quotes there are."""

HEADS = (
    *("hen_luc", "cum_loa", "noi", "ban_tin", "ten_ban_tin", "ket_qua", "bat_dau", "ket_thuc", "tre_ms"),
    *("day_du_pct", "muc_dbfs", "nghe_thay", "chac_chan", "hong", "hut_bo_dem", "viec_can_lam", "chi_tiet"),
)
"""The columns, in order; names that programs read, too."""


def csv_text(lines: Iterable[Line], places: Mapping[str, str]) -> str:
    """Return the lines under their headings; times are local, ISO 8601 with offset, to the millisecond."""
    out = io.StringIO()
    out.write(MARK)
    writer = csv.writer(out)
    writer.writerow(HEADS)
    for line in lines:
        writer.writerow([_harmless(each) for each in _cells(line, places)])
    return out.getvalue()


def _cells(line: Line, places: Mapping[str, str]) -> list[str | int | float | None]:
    asked = line.asked
    return [
        _moment(asked.due_at_ms),
        asked.device,
        places.get(asked.place, asked.place),
        asked.bulletin,
        asked.title,
        outcome_text(line),
        _moment(line.started_at_ms),
        _moment(line.ended_at_ms),
        line.late_ms,
        None if line.completeness is None else round(line.completeness * 100, 1),
        line.level_dbfs,
        HEARD_WORDS[line.heard],
        line.sure,
        line.fault,
        line.underruns,
        advice_text(line),
        line.detail,
    ]


def _moment(at_ms: int | None) -> str:
    return "" if at_ms is None else local_time(at_ms).isoformat(timespec="milliseconds")


def _harmless(cell: str | int | float | None) -> str | int | float | None:
    """A title that a spreadsheet would take for a formula stays a title."""
    return FORMULA.sub(r"\1'", printable(cell)) if isinstance(cell, str) else cell
