"""The figures of a week by name, from the recount and from a report's file, and where they differ.

As `recount`, this uses nothing of the product; the formulas are those of docs/reports.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sim.week.recount import Line, Recount


def figures_of(recount: Recount) -> dict[str, Any]:
    """Return the figures of a report, by name, as docs/reports.md defines them."""
    visits, presses = list(recount.visits.values()), recount.presses
    counted = [each for each in presses if each.counts]
    left_out = [each for each in presses if not each.counts]
    served = {each.who for each in visits if each.served}
    figures: dict[str, Any] = {
        "issued": len(visits),
        "served": len(served),
        "presses": len(counted),
        "left out": len(left_out),
        "satisfied": [sum(each.mood == "satisfied" for each in counted), len(counted)],
        "response": [len({each.who for each in counted} & served), len(served)],
        "presses of no served visit": sum(each.who not in served for each in counted),
        "waiting": _spread(v.first_called_ms - v.issued_ms for v in visits if v.first_called_ms is not None),
        "service": _spread(
            v.ended_ms - v.called_ms
            for v in visits
            if v.served and v.ended_ms is not None and v.called_ms is not None
        ),
    }
    for counter in sorted({each.counter for each in visits if each.counter}):
        figures[f"served at {counter}"] = sum(each.served for each in visits if each.counter == counter)
        figures[f"presses at {counter}"] = sum(each.counter == counter for each in counted)
    for name in sorted({each.field for each in visits}):
        figures[f"issued for {name}"] = sum(each.field == name for each in visits)
        figures[f"served for {name}"] = sum(each.served for each in visits if each.field == name)
    for (mark, counter), count in Counter((m, p.counter) for p in left_out for m in p.marks).items():
        figures[f"{mark} at {counter}"] = count
    for level, count in Counter(each.level for each in counted).items():
        figures[f"level {level}"] = count
    for reason, count in Counter(each.reason for each in counted if each.mood == "unsatisfied").items():
        figures[f"because of {reason or 'nothing told'}"] = count
    return figures


def _spread(times_ms: Iterable[int]) -> list[int]:
    """Return how many, the median, the ninth decile (both by the nearest rank) and the longest."""
    known = sorted(times_ms)
    return [len(known), _rank(known, 50), _rank(known, 90), known[-1]] if known else [0, 0, 0, 0]


def _rank(ordered: Sequence[int], percent: int) -> int:
    return ordered[-(-percent * len(ordered) // 100) - 1]


def figures_in(report: Line) -> dict[str, Any]:
    """Return the same figures by the same names from a report's JSON file (its `report`)."""
    total = report["total"]
    figures: dict[str, Any] = {
        "issued": total["issued"],
        "served": total["served"],
        "presses": total["presses"],
        "left out": total["marked"],
        "satisfied": [total["satisfied"]["part"], total["satisfied"]["whole"]],
        "response": [total["response"]["part"], total["response"]["whole"]],
        "presses of no served visit": total["untied"],
    }
    for name, key in (("waiting", "wait"), ("service", "service")):
        spread = total[key]
        figures[name] = [spread["n"], *(spread[each] or 0 for each in ("median_ms", "p90_ms", "longest_ms"))]
    for group in report["counters"]:
        figures[f"served at {group['id']}"] = group["summary"]["served"]
        figures[f"presses at {group['id']}"] = group["summary"]["presses"]
    for group in report["fields"]:
        figures[f"issued for {group['id']}"] = group["summary"]["issued"]
        figures[f"served for {group['id']}"] = group["summary"]["served"]
    for line in report["marks"]:
        figures[f"{line['mark']} at {line['counter']}"] = line["presses"]
    for line in report["levels"]:
        figures[f"level {line['level']}"] = line["presses"]
    for line in report["reasons"]:
        figures[f"because of {line['reason'] or 'nothing told'}"] = line["presses"]
    return figures


def differences(truth: dict[str, Any], report: dict[str, Any], within_ms: int = 0) -> list[str]:
    """Return each figure that differs, as a line.

    Waiting times may differ by `within_ms`, where kiosks gave numbers before they knew the time.
    """
    found = []
    for name in sorted(truth.keys() | report.keys()):
        real, told = truth.get(name, 0), report.get(name, 0)
        if real != told and not (name == "waiting" and _near(real, told, within_ms)):
            found.append(f"{name}: truth {real}, report {told}")
    return found


def _near(real: list[int], told: list[int], within_ms: int) -> bool:
    times = zip(real[1:], told[1:], strict=True)
    return real[0] == told[0] and all(abs(one - other) <= within_ms for one, other in times)
