"""Judge a week: are presses, numbers and visits at the hub as people made them, and every figure right?

The store is read as a file, reports as the files that they are; nothing of the product's code is asked.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.clock import read_start
from sim.judging.report import REPORT_FILE
from sim.truth import read_truth
from sim.week.compare import differences, figures_in, figures_of
from sim.week.recount import Line, Recount

REPAIRED_WITHIN_MS = 3_000
"""How far a time that the hub worked out may be off (docs/time.md: 0.5 s and 100 ppm of a morning)."""
SHOWN_MAX = 8

_PRESSES = """
    SELECT f.device, json_extract(f.body, '$.level') AS level, coalesce(t.at_ms, f.at_ms) AS at_ms
    FROM facts f LEFT JOIN true_times t USING (device, node, epoch, seq)
    WHERE f.kind = 'rating.pressed' ORDER BY at_ms
"""
_VISITS = """
    SELECT number, day, field, lane, issued_at_ms, state, counter, first_called_at_ms, called_at_ms,
    ended_at_ms, recalls, clashes FROM tickets ORDER BY issued_at_ms
"""


@dataclass(frozen=True)
class Evidence:
    """What a week left behind."""

    directory: Path
    lines: list[Line]
    recount: Recount
    start_ms: int
    presses: list[Line]
    visits: list[Line]
    lost: int

    @property
    def repaired(self) -> bool:
        """Whether a number was given while its kiosk did not know the time."""
        return any(not each.sure for each in self.recount.visits.values())


def gather(directory: Path) -> Evidence:
    """Read a run; raises OSError, ValueError and sqlite3.Error."""
    lines = list(read_truth(directory))
    with closing(sqlite3.connect(f"file:{directory / 'hub' / 'hub.db'}?mode=ro", uri=True)) as store:
        store.row_factory = sqlite3.Row
        presses, visits = ([dict(row) for row in store.execute(sql)] for sql in (_PRESSES, _VISITS))
        lost = int(store.execute("SELECT count(*) FROM lost").fetchone()[0])
    start_ms = read_start(directory).wall_ms
    return Evidence(directory, lines, Recount(lines), start_ms, presses, visits, lost)


def judge_week(directory: Path) -> dict[str, Any]:
    """Judge the run in `directory`, write its `report.json`, and return it."""
    evidence = gather(directory)
    expectations = []
    for name, look in JUDGES.items():
        found = list(look(evidence))
        more = f" (+{len(found) - SHOWN_MAX})" if len(found) > SHOWN_MAX else ""
        detail = "; ".join(found[:SHOWN_MAX]) + more if found else _all_well(name, evidence)
        expectations.append({"name": name, "title": TITLES[name], "held": not found, "detail": detail})
    report = {"expectations": expectations, "figures": _figures(evidence)}
    text = json.dumps(report, ensure_ascii=False, indent=2)
    (directory / REPORT_FILE).write_text(text + "\n", encoding="utf-8")
    return report


def presses_amiss(evidence: Evidence) -> Iterator[str]:
    """Name each press that is missing at the hub, or there without having been made, or at another time."""
    made = sorted((line for line in evidence.lines if line["do"] == "press"), key=lambda line: line["device"])
    kept = [each for each in evidence.presses if each["device"] != "hub"]
    for device in sorted({each["device"] for each in [*made, *kept]}):
        ours = [line for line in made if line["device"] == device]
        theirs = [each for each in kept if each["device"] == device]
        if len(ours) != len(theirs):
            yield f"{device}: {len(ours)} lần bấm (presses), {len(theirs)} trong sổ (in the ledger)"
        for line, row in zip(ours, theirs, strict=False):
            off_ms = abs(row["at_ms"] - evidence.start_ms - line["t"] * 1_000)
            if row["level"] != line["button"] or off_ms > (1 if line["sure"] else REPAIRED_WITHIN_MS):
                yield f"{device} t={line['t']}: nút {line['button']}, trong sổ (kept) {row}"
                break
    votes = sum(line["do"] == "slip" for line in evidence.lines)
    if votes != len(evidence.presses) - len(kept):
        yield f"slips: {votes} phiếu (votes), {len(evidence.presses) - len(kept)} trong sổ (in the ledger)"


def numbers_amiss(evidence: Evidence) -> Iterator[str]:
    """Name each number that two people of a day held, and what the hub has more or less of."""
    held = Counter((each.day, each.number) for each in evidence.recount.visits.values())
    for (day, number), count in held.items():
        if count > 1:
            yield f"{number} ngày (day) {day + 1}: {count} người (people)"
    if len(evidence.visits) != len(evidence.recount.visits):
        yield f"{len(evidence.recount.visits)} số (numbers), {len(evidence.visits)} trong sổ (at the hub)"


def visits_amiss(evidence: Evidence) -> Iterator[str]:
    """Name each visit whose life is another at the hub than it was."""
    kept = {(_day(evidence, row), row["number"]): row for row in evidence.visits}
    for visit in evidence.recount.visits.values():
        row = kept.get((visit.day, visit.number))
        if row is None:
            yield f"{visit.number} ngày (day) {visit.day + 1}: không có (not there)"
            continue
        life = {
            name: getattr(visit, name) for name in ("field", "lane", "state", "recalls", "clashes", "counter")
        }
        told = {name: row[name] for name in life}
        if life != told:
            wrong = {name: (life[name], told[name]) for name in life if life[name] != told[name]}
            yield f"{visit.number} ngày (day) {visit.day + 1}: {wrong}"
        times = (
            ("issued_at_ms", visit.issued_ms, 1 if visit.sure else REPAIRED_WITHIN_MS),
            ("first_called_at_ms", visit.first_called_ms, 1),
            ("called_at_ms", visit.called_ms, 1),
            ("ended_at_ms", visit.ended_ms, 1),
        )
        for name, real_ms, within_ms in times:
            if not _near(real_ms, row[name], evidence.start_ms, within_ms):
                yield f"{visit.number} ngày (day) {visit.day + 1}: {name} {real_ms}, {row[name]}"


def _day(evidence: Evidence, row: Line) -> int:
    return int((row["issued_at_ms"] - evidence.start_ms) // 86_400_000)


def _near(real_ms: int | None, told_ms: int | None, start_ms: int, within_ms: int) -> bool:
    if real_ms is None or told_ms is None:
        return real_ms is told_ms
    return abs(told_ms - start_ms - real_ms) <= within_ms


def reports_amiss(evidence: Evidence) -> Iterator[str]:
    """Name each figure of a report that is another than the one counted from the truth."""
    truth = figures_of(evidence.recount)
    within_ms = REPAIRED_WITHIN_MS if evidence.repaired else 0
    files = sorted((evidence.directory / "reports").glob("*.json"))
    if not files:
        yield "không có báo cáo (no report)"
    for file in files:
        told = figures_in(json.loads(file.read_text(encoding="utf-8"))["report"])
        yield from (f"{file.stem}: {each}" for each in differences(truth, told, within_ms))


def outboxes_amiss(evidence: Evidence) -> Iterator[str]:
    """Name each outbox that is not empty, and facts that the hub notes as lost."""
    for path in sorted(evidence.directory.glob("devices/*/*/outbox.db")):
        with closing(sqlite3.connect(path)) as outbox:
            left = int(outbox.execute("SELECT count(*) FROM facts").fetchone()[0])
        if left:
            yield f"{path.parent.parent.name}: còn (left) {left}"
    if evidence.lost:
        yield f"{evidence.lost} đoạn mất (ranges lost)"


JUDGES: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "week presses": presses_amiss,
    "week numbers": numbers_amiss,
    "week visits": visits_amiss,
    "week reports": reports_amiss,
    "week outboxes": outboxes_amiss,
}


TITLES = {
    "week presses": "Mọi lần bấm đều ở hub, mỗi lần một (presses one for one)",
    "week numbers": "Không số nào hai người cầm (numbers given once)",
    "week visits": "Mọi lượt ở hub đúng như đã xảy ra (visits as they were)",
    "week reports": "Báo cáo đúng từng con số (every figure of the reports)",
    "week outboxes": "Mọi sự việc đã về hub (outboxes drained)",
}


def _all_well(name: str, evidence: Evidence) -> str:
    counts = {
        "week presses": f"{len(evidence.presses)} lần bấm, không mất, không thừa (presses, each once)",
        "week numbers": f"{len(evidence.visits)} số, mỗi số một người (numbers, each given once)",
        "week visits": f"{len(evidence.visits)} lượt như đã xảy ra (visits as they were)",
        "week reports": "mọi con số bằng số đếm lại (every figure equals the recount)",
        "week outboxes": "mọi sự việc đã đến hub (all facts have arrived)",
    }
    return counts[name]


def _figures(evidence: Evidence) -> dict[str, float]:
    """Return the week in figures; times in minutes."""
    found = figures_of(evidence.recount)
    figures: dict[str, float] = {name: found[name] for name in ("issued", "served", "presses", "left out")}
    (satisfied, counted), (rated, served) = found["satisfied"], found["response"]
    _, median_ms, p90_ms, _ = found["waiting"]
    figures |= {
        "satisfied_share": round(satisfied / counted, 4) if counted else 0.0,
        "response_rate": round(rated / served, 4) if served else 0.0,
        "wait_median_min": round(median_ms / 60_000, 1),
        "wait_p90_min": round(p90_ms / 60_000, 1),
        "clashes": sum(each.clashes for each in evidence.recount.visits.values()),
        "alone": sum(line["do"] == "call" and line["by"] == "keys" for line in evidence.lines),
    }
    did = Counter(line["do"] for line in evidence.lines)
    return figures | {f"did_{name}": did[name] for name in sorted(did)}
