"""Lịch phát: all that will sound where in the next seven days, with clashes and quiet hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from itertools import groupby

from nicegui import ui

from commune_hub.console.bulletin_view import place_names
from commune_hub.console.desk import Desk, Page, redrawn
from commune_hub.console.moments import clock_text, day_text, length_text
from commune_hub.console.parts import badge, empty, panel, row, tagged, text
from commune_hub.hub import Capabilities
from commune_hub.plan_text import warnings
from commune_hub.times import DAY_MS, day_start_ms, local_day, now_ms
from commune_hub.timetable.coming import Plan
from commune_hub.timetable.plan import USUAL, Habits, Sounding
from commune_hub.writing.bulletin_draft import PRIORITIES
from speaker_node.quiet import QuietHours

DAYS = 7
ALL = ""
TONES = {"emergency": "bad", "urgent": "wait", "ordinary": "calm", "music": "plain"}
THINNEST = 0.35
"""Percent of a day, five minutes: a bar that is thinner than that cannot be seen."""


@dataclass(frozen=True)
class Seen:
    """The plan, the names of places, the quiet hours that are kept, and the day that it is told from."""

    plan: Plan
    places: dict[str, str]
    quiet: tuple[QuietHours, ...]
    untold: int
    """How many loudspeakers have not told their settings yet."""
    today: str


async def build(desk: Desk) -> None:
    """Build the page."""
    chosen = {"speaker": ALL}
    places = await desk.ask(place_names, desk.capabilities)
    speakers = await desk.ask(_speakers, desk.capabilities)
    with row("list-head"):
        text(
            "Mọi thứ sẽ phát trong bảy ngày tới, kể cả bản tin đang chờ phê duyệt. Vùng sẫm là giờ yên tĩnh.",
            "muted grow",
        )
        options = {ALL: "Tất cả cụm loa", **{each: places.get(each, each) for each in speakers}}
        choice = tagged(ui.select(options, value=ALL).props("outlined dense"), "plan-speaker")

    def look() -> Seen:
        found = desk.capabilities.plan(DAYS)
        habits = desk.capabilities.loudspeakers.habits()
        shown = [chosen["speaker"]] if chosen["speaker"] != ALL else speakers
        untold = sum(each not in habits for each in shown)
        return Seen(
            _only(found, chosen["speaker"]), places, _quiet_of(shown, habits), untold, local_day(now_ms())
        )

    refresh = await desk.follow(look, redrawn(_draw, "stack"))

    async def choose() -> None:
        chosen["speaker"] = str(choice.value or ALL)
        await refresh()

    choice.on_value_change(choose)


def _speakers(capabilities: Capabilities) -> list[str]:
    return sorted(
        entry.device
        for entry in capabilities.fleet.entries()
        if any(node.kind == "speaker" for node in entry.nodes)
    )


def _only(plan: Plan, speaker: str) -> Plan:
    """Return the plan of one loudspeaker, or of all."""
    if speaker == ALL:
        return plan
    return Plan(
        tuple(each for each in plan.soundings if speaker in each.places),
        tuple(each for each in plan.clashes if speaker in each.places),
        tuple(each for each in plan.hushed if speaker in each.places),
        tuple(each for each in plan.faint if speaker in each.places),
    )


def _quiet_of(speakers: list[str], habits: Mapping[str, Habits]) -> tuple[QuietHours, ...]:
    """Return the quiet hours of these loudspeakers, each once."""
    kept = [habits.get(each, USUAL).quiet for each in speakers]
    return tuple(dict.fromkeys(each for each in kept if each is not None))


def _draw(seen: Seen) -> None:
    wrong = warnings(seen.plan, seen.places, english=False)
    if wrong:
        with tagged(ui.element("div").classes("stack"), "plan-warnings"):
            for line in wrong:
                text(line, "given-back")
    if seen.untold:
        text(
            f"{seen.untold} cụm loa chưa báo giờ yên tĩnh và âm lượng của mình; tính theo mức chung.",
            "muted",
        )
    if not seen.plan.soundings:
        with panel():
            empty("Bảy ngày tới chưa có gì được hẹn phát", "event_available")
    for day, soundings in groupby(seen.plan.soundings, key=lambda each: local_day(each.at_ms)):
        _draw_day(day, list(soundings), seen)


def _draw_day(day: str, soundings: list[Sounding], seen: Seen) -> None:
    title = day_text(soundings[0].at_ms, now_ms())
    with panel(title[0].upper() + title[1:], "event") as section:
        tagged(section, f"plan-{day}")
        _strip(soundings, seen.quiet)
        with ui.element("div").classes("rows"):
            for each in soundings:
                _line(each, seen.places)


def _strip(soundings: list[Sounding], quiet: tuple[QuietHours, ...]) -> None:
    """Draw the day from midnight to midnight."""
    with ui.element("div").classes("day-strip"):
        for begin, end in [share for each in quiet for share in _quiet_shares(each)]:
            ui.element("div").classes("day-quiet").style(f"left:{begin:.2f}%;width:{end - begin:.2f}%")
        for hour in range(0, 24, 3):
            ui.label(f"{hour}h").classes("day-hour").style(f"left:{hour / 24 * 100:.2f}%")
        for each in soundings:
            begin = (each.at_ms - day_start_ms(each.at_ms)) / DAY_MS * 100
            width = min(max(each.duration_ms / DAY_MS * 100, THINNEST), 100 - begin)
            bar = ui.element("div").classes(f"day-bar bar-{TONES[each.priority]}")
            bar.style(f"left:{begin:.2f}%;width:{width:.2f}%").tooltip(each.title)


def _quiet_shares(quiet: QuietHours) -> list[tuple[float, float]]:
    """Return when of a day they are kept, in percent of it."""
    begin, until = _share(quiet.begin), _share(quiet.until)
    return [(begin, until)] if begin < until else [(0.0, until), (begin, 100.0)]


def _share(moment: time) -> float:
    return (moment.hour * 60 + moment.minute) / 1_440 * 100


def _line(each: Sounding, places: dict[str, str]) -> None:
    with row("row-line"):
        text(clock_text(each.at_ms), "when")
        text(each.title, "grow strong")
        text(length_text(each.duration_ms), "muted")
        if each.priority != "ordinary":
            badge(PRIORITIES[each.priority], TONES[each.priority])
        if not each.approved:
            badge("Chờ phê duyệt", "wait")
        if each.places:
            text(", ".join(places.get(place, place) for place in each.places), "muted")
        else:
            badge("Không có cụm loa nào", "bad")


PAGE = Page("/plan", "Lịch phát", "event", build, frozenset({"editor", "approver", "leader"}))
