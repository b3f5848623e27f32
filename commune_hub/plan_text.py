"""The plan of what will sound, for a terminal: a table by day, then what is wrong about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from commune_hub.bulletin_draft import PRIORITIES
from commune_hub.times import local_day, local_time
from commune_hub.timetable.coming import Plan
from commune_hub.timetable.plan import Sounding


def print_plan(plan: Plan, places: Mapping[str, str], console: Console) -> None:
    """Print a table of the plan, and its clashes and quiet hours as lines of their own."""
    table = Table("ngày (day)", "giờ (time)", "dài (length)", "bản tin (bulletin)", "nơi phát (where)", "")
    last = ""
    for each in plan.soundings:
        day = local_day(each.at_ms)
        table.add_row(
            "" if day == last else f"{local_time(each.at_ms):%a %d/%m}",
            f"{local_time(each.at_ms):%H:%M:%S}",
            length_text(each.duration_ms),
            each.title,
            ", ".join(places.get(place, place) for place in each.places) or "không có loa (no loudspeaker)",
            mark_text(each),
        )
        last = day
    console.print(table)
    for line in warnings(plan, places):
        console.print(line, style="bold red", highlight=False, markup=False)


def warnings(plan: Plan, places: Mapping[str, str]) -> list[str]:
    """Return what is wrong about the plan, a line each; `places` are loudspeakers' names."""

    def named(each: tuple[str, ...]) -> str:
        return ", ".join(places.get(place, place) for place in each)

    found = [
        f"Chồng nhau (clash): “{each.first.title}” và (and) “{each.second.title}” lúc "
        f"{local_time(each.second.at_ms):%H:%M:%S %d/%m} tại {named(each.places)}"
        for each in plan.clashes
    ]
    found += [
        f"Giờ yên tĩnh, loa sẽ không phát (quiet hours, it will not sound): “{each.title}” "
        f"lúc {local_time(each.at_ms):%H:%M:%S %d/%m} tại {named(each.places)}"
        for each in plan.hushed
    ]
    return found + [
        f"Âm lượng giờ đó quá nhỏ, không ai nghe thấy (too soft to be heard): “{each.title}” "
        f"lúc {local_time(each.at_ms):%H:%M:%S %d/%m} tại {named(each.places)}"
        for each in plan.faint
    ]


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
