"""What the bulletin pages show, looked up and put into words. Runs in threads, makes no elements."""

from __future__ import annotations

from dataclasses import dataclass

from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.console.moments import moment_text
from commune_hub.hub import Capabilities
from commune_hub.plan_text import warnings
from commune_hub.proof.asking import lines_of
from commune_hub.proof.sheet import Line
from commune_hub.times import local_day, now_ms
from commune_hub.timetable.coming import Plan

ALL = "all"

PLAN_DAYS = 14
"""So far ahead a bulletin's troubles are looked for; one that repeats has met each weekday twice."""

TROUBLES_MAX = 5
"""One that repeats at a bad hour has the same trouble every day."""

GIVEN_BACK_AMONG = 1_000
"""Lines of the audit log in which the reason for giving a draft back is looked for."""


@dataclass(frozen=True)
class Shown:
    """A bulletin with everything that its card tells."""

    bulletin: Bulletin
    place_names: tuple[str, ...]
    author: str
    approver: str
    given_back: str
    sounded: tuple[Line, ...]
    """What became of its latest soundings, the latest first."""


@dataclass(frozen=True)
class Listing:
    """A list of bulletins; `more` when there are older ones."""

    shown: list[Shown]
    more: bool
    day: str


def look_at_list(capabilities: Capabilities, state: str, count: int) -> Listing:
    """Return the newest bulletins in `state` (or ALL), at most `count`."""
    found = [each for each in capabilities.bulletins.latest() if state in {ALL, each.state}]
    chosen = found[:count]
    reasons = _given_back(capabilities) if any(each.state == "draft" for each in chosen) else {}
    places, names = place_names(capabilities), capabilities.staff.names()
    shown = [
        Shown(
            bulletin=each,
            place_names=tuple(places.get(place, place) for place in each.places),
            author=names.get(each.written_by, each.written_by),
            approver=names.get(each.approved_by or "", each.approved_by or ""),
            given_back=reasons.get(each.id, "") if each.state == "draft" else "",
            sounded=tuple(lines_of(capabilities, each)),
        )
        for each in chosen
    ]
    return Listing(shown, len(found) > len(chosen), local_day(now_ms()))


def troubles_of(capabilities: Capabilities, bulletin: Bulletin) -> list[str]:
    """Return what a bulletin would run into within the days of the plan: clashes, quiet hours, too soft."""
    plan = capabilities.plan(PLAN_DAYS, [bulletin])
    own = Plan(
        plan.soundings,
        tuple(each for each in plan.clashes if bulletin.id in {each.first.bulletin, each.second.bulletin}),
        tuple(each for each in plan.hushed if each.bulletin == bulletin.id),
        tuple(each for each in plan.faint if each.bulletin == bulletin.id),
    )
    return warnings(own, place_names(capabilities))[:TROUBLES_MAX]


def place_names(capabilities: Capabilities) -> dict[str, str]:
    """Return the names of all places that a bulletin may have been meant for."""
    return {**capabilities.config.places(), **capabilities.speaker_places()}


def when_text(bulletin: Bulletin) -> str:
    """Return when a bulletin sounds, in words."""
    if bulletin.how.rule is not None:
        return bulletin.how.rule.in_words()
    return "ngay khi được duyệt" if bulletin.at_ms is None else moment_text(bulletin.at_ms, now_ms())


def _given_back(capabilities: Capabilities) -> dict[str, str]:
    """Return the latest reason for which each bulletin was given back, by bulletin."""
    reasons: dict[str, str] = {}
    for line in capabilities.audit.latest(GIVEN_BACK_AMONG):
        if line["action"] == "bulletin.draft":
            reasons.setdefault(line["subject"], line["detail"])
    return reasons
