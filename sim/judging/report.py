"""What a run claims: `report.json` for machines, a table for people."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.judging.audit import JUDGES, Finding
from sim.judging.evidence import Evidence, gather
from sim.scenario import EXPECTATIONS, ExpectationName

REPORT_FILE = "report.json"

FIGURES = {
    "duration_s": "cả ngày, giây (the day, s)",
    "stood_still_s": "máy này đứng, giây (this machine stood still, s)",
    "worst_start_error_ms": "loa lệch nhiều nhất, ms (worst start)",
    "facts": "sự việc (facts)",
    "streams": "dòng sự việc (streams)",
    "issued": "số lấy (numbers)",
    "served": "lượt phục vụ (served)",
    "presses": "lần bấm (presses)",
    "left out": "không tính (left out)",
    "satisfied_share": "tỷ lệ hài lòng (satisfied)",
    "response_rate": "tỷ lệ đánh giá (response)",
    "wait_median_min": "chờ giữa, phút (median wait, min)",
    "wait_p90_min": "chờ P90, phút (P90 wait, min)",
    "alone": "lần gọi khi mất hub (calls without the hub)",
    "clashes": "số gọi trùng (clashes)",
}
"""Figures that people are shown, with their words; `report.json` holds all."""


def judge_run(directory: Path, expected: Iterable[ExpectationName] = EXPECTATIONS) -> dict[str, Any]:
    """Judge the run in `directory`, write its `report.json`, and return it.

    {"expectations": [{"name", "held", "detail"}], "figures": {…}}; some have a "title" for people, too.
    """
    try:
        report = make_report(gather(directory), expected)
    except (OSError, ValueError, KeyError, sqlite3.Error) as error:
        unread = {"name": "evidence", "held": False, "detail": f"không đọc được (cannot be read): {error}"}
        report = {"expectations": [unread], "figures": {}}
    text = json.dumps(report, ensure_ascii=False, indent=2)
    (directory / REPORT_FILE).write_text(text + "\n", encoding="utf-8")
    return report


def make_report(evidence: Evidence, expected: Iterable[ExpectationName]) -> dict[str, Any]:
    """Return the report that the evidence supports."""
    findings: dict[ExpectationName, Finding] = {name: JUDGES[name][1](evidence) for name in expected}
    figures: dict[str, float] = {}
    for finding in findings.values():
        figures |= finding.figures
    figures["duration_s"] = round(max((line["t"] for line in evidence.truth), default=0.0), 1)
    figures["stood_still_s"] = round(sum(each.end_s - each.begin_s for each in evidence.stalls), 2)
    return {
        "expectations": [
            {"name": name, "held": finding.held, "detail": finding.detail}
            for name, finding in findings.items()
        ],
        "figures": figures,
    }


def all_held(report: dict[str, Any]) -> bool:
    """Tell whether every expectation held, and there was one."""
    return bool(report["expectations"]) and all(each["held"] for each in report["expectations"])


def show_report(report: dict[str, Any], console: Console) -> None:
    """Print the report as a table."""
    table = Table(title="Kết quả (result)", title_justify="left", show_lines=False)
    table.add_column("")
    table.add_column("Điều phải đúng (expectation)", overflow="fold")
    table.add_column("Tìm thấy (found)", overflow="fold")
    for each in report["expectations"]:
        name = JUDGES[each["name"]][0] if each["name"] in JUDGES else each.get("title", each["name"])
        table.add_row("[green]✓[/]" if each["held"] else "[red]✗[/]", escape(name), escape(each["detail"]))
    console.print(table)
    told = [
        f"{words}: {report['figures'][name]:g}"
        for name, words in FIGURES.items()
        if name in report["figures"]
    ]
    console.print(escape("; ".join(told)), style="dim", highlight=False)
