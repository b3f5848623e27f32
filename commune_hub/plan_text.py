"""The plan of what will sound, for a terminal: a table by day, then what is wrong about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commune_hub.times import local_day, local_time
from commune_hub.timetable.coming import Plan
from commune_hub.timetable.plan import Clash, Sounding
from commune_hub.writing.bulletin_draft import PRIORITIES

NO_LOUDSPEAKER = "không có loa (no loudspeaker)"
WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


def print_plan(plan: Plan, places: Mapping[str, str], console: Console) -> None:
    """Print a table of the plan, and its clashes and quiet hours as lines of their own."""
    if not plan.soundings:
        console.print("Không có gì sẽ phát trong những ngày này. (Nothing will sound in these days.)")
        return
    table = Table("ngày (day)", "giờ (time)", "dài (length)", "bản tin (bulletin)", "nơi phát (where)", "")
    last = ""
    for each in plan.soundings:
        day = local_day(each.at_ms)
        table.add_row(
            "" if day == last else _day_text(each.at_ms),
            f"{local_time(each.at_ms):%H:%M:%S}",
            length_text(each.duration_ms),
            escape(each.title),
            escape(", ".join(places.get(place, place) for place in each.places) or NO_LOUDSPEAKER),
            mark_text(each),
        )
        last = day
    console.print(table)
    for line in warnings(plan, places):
        console.print(line, style="bold red", highlight=False, markup=False)


def _day_text(at_ms: int) -> str:
    """Return a local day as calendars print it, e.g. `T2 05/01`."""
    moment = local_time(at_ms)
    return f"{WEEKDAYS[moment.weekday()]} {moment:%d/%m}"


CLASH = ("Chồng nhau", "clash")
HUSHED = ("Giờ yên tĩnh, loa sẽ không phát", "quiet hours, it will not sound")
FAINT = ("Âm lượng giờ đó quá nhỏ, không ai nghe thấy", "too soft to be heard")

DAYS_NAMED = 3
"""More days than these are told by their first and last."""


def warnings(plan: Plan, places: Mapping[str, str], *, english: bool = True) -> list[str]:
    """Return what is wrong about the plan; `places` are loudspeakers' names.

    A line each; what is the same at the same time on other days stands in one. Pages say it without English.
    """
    what = (
        (CLASH, [(_both(each), each.second.at_ms, each.places) for each in plan.clashes]),
        (HUSHED, [(f"“{each.title}”", each.at_ms, each.places) for each in plan.hushed]),
        (FAINT, [(f"“{each.title}”", each.at_ms, each.places) for each in plan.faint]),
    )
    lines = []
    for (words, in_english), cases in what:
        head = f"{words} ({in_english})" if english else words
        days: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
        for titles, at_ms, where in cases:
            moment = local_time(at_ms)
            days.setdefault((titles, f"{moment:%H:%M}", where), []).append(f"{moment:%d/%m}")
        for (titles, clock, where), on in days.items():
            named = ", ".join(places.get(place, place) for place in where)
            lines.append(f"{head}: {titles} lúc {clock} {_days_text(on)} tại {named}")
    return lines


def _both(clash: Clash) -> str:
    return f"“{clash.first.title}” và “{clash.second.title}”"


def _days_text(days: list[str]) -> str:
    if len(days) <= DAYS_NAMED:
        return f"ngày {', '.join(days)}"
    return f"trong {len(days)} ngày, từ {days[0]} đến {days[-1]},"


def mark_text(sounding: Sounding) -> str:
    """Return what is to be known of a line: its priority unless ordinary, and whether it was approved."""
    marks = [] if sounding.priority == "ordinary" else [PRIORITIES[sounding.priority]]
    return ", ".join(marks + ([] if sounding.approved else ["chờ duyệt (not approved yet)"]))


def length_text(duration_ms: int) -> str:
    """Return a length as minutes and seconds."""
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    return f"{minutes}:{seconds:02d}"


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan for programs."""
    return {
        "soundings": [_json(each) for each in plan.soundings],
        "clashes": [
            {"first": _json(each.first), "second": _json(each.second), "places": list(each.places)}
            for each in plan.clashes
        ],
        "quiet": [_json(each) for each in plan.hushed],
        "faint": [_json(each) for each in plan.faint],
    }


def _json(each: Sounding) -> dict[str, Any]:
    return {
        "bulletin": each.bulletin,
        "title": each.title,
        "at": local_time(each.at_ms).isoformat(),
        "duration_s": round(each.duration_ms / 1000, 1),
        "places": list(each.places),
        "priority": each.priority,
        "approved": each.approved,
    }
