"""What the bulletin pages show, looked up and put into words. Runs in threads, makes no elements."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.console.moments import length_text, moment_text
from commune_hub.hub import Capabilities
from commune_hub.plan_text import warnings
from commune_hub.proof.asking import lines_of, stays_of
from commune_hub.proof.sheet import Line
from commune_hub.store import Row
from commune_hub.times import local_day, now_ms, to_ms
from commune_hub.timetable.coming import Plan
from commune_hub.writing.bulletin_draft import How

ALL = "all"

PLAN_DAYS = 14
"""So far ahead a bulletin's troubles are looked for; one that repeats has met each weekday twice."""

TROUBLES_MAX = 5
"""One that repeats at a bad hour has the same trouble every day."""

GIVEN_BACK, WITHDRAWN = "bulletin.draft", "bulletin.withdrawn"
ENDED_IN = {GIVEN_BACK: "draft", WITHDRAWN: "withdrawn"}
"""Actions of the audit log that a card tells of, and the state after each."""

STEPS_AMONG = 1_000
"""Lines of the audit log in which it is looked for why a draft was given back, and who withdrew."""


@dataclass(frozen=True)
class Shown:
    """A bulletin with everything that its card tells."""

    bulletin: Bulletin
    place_names: tuple[str, ...]
    author: str
    approver: str
    given_back: str
    withdrawn: str
    """By whom and when it was withdrawn; empty: it was not."""
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
    steps = _latest_steps(capabilities, {each.state for each in chosen})
    places, names = place_names(capabilities), capabilities.staff.names()
    stays = stays_of(capabilities)
    shown = [
        Shown(
            bulletin=each,
            place_names=tuple(places.get(place, place) for place in each.places),
            author=names.get(each.written_by, each.written_by),
            approver=names.get(each.approved_by or "", each.approved_by or ""),
            given_back=_given_back(steps.get((each.state, each.id))),
            withdrawn=_withdrawn(steps.get((each.state, each.id)), names),
            sounded=tuple(lines_of(capabilities, each, stays)),
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
    return warnings(own, place_names(capabilities), english=False)[:TROUBLES_MAX]


def place_names(capabilities: Capabilities) -> dict[str, str]:
    """Return the names of all places that a bulletin may have been meant for."""
    return {**capabilities.config.places(), **capabilities.speaker_places()}


def instead_text(how: How) -> str:
    """Return what loudspeakers sound in place of the text, in words; empty: the text itself."""
    if how.relay is not None:
        return f"Tiếp âm {how.relay.url}, trong {length_text(how.relay.lasts_ms)}"
    if how.live is not None:
        return f"Nói trực tiếp, nhiều nhất {length_text(how.live.lasts_ms)}"
    if how.sound is not None:
        return f"Phát tệp âm thanh, dài {length_text(how.sound.duration_ms)}"
    return ""


def when_text(bulletin: Bulletin) -> str:
    """Return when a bulletin sounds, in words."""
    if bulletin.how.rule is not None:
        return bulletin.how.rule.in_words()
    return "ngay khi được duyệt" if bulletin.at_ms is None else moment_text(bulletin.at_ms, now_ms())


def _given_back(step: Row | None) -> str:
    return "" if step is None or step["action"] != GIVEN_BACK else str(step["detail"])


def _withdrawn(step: Row | None, names: Mapping[str, str]) -> str:
    if step is None or step["action"] != WITHDRAWN:
        return ""
    at = moment_text(to_ms(datetime.fromisoformat(step["at"])), now_ms())
    return f"{names.get(step['account'], step['account'])}, {at}"


def _latest_steps(capabilities: Capabilities, states: Collection[str]) -> dict[tuple[str, str], Row]:
    """Return the latest step of each bulletin into a state, of those of its states that are asked for."""
    asked = {action: state for action, state in ENDED_IN.items() if state in states}
    steps: dict[tuple[str, str], Row] = {}
    for line in capabilities.audit.latest(STEPS_AMONG) if asked else []:
        if line["action"] in asked:
            steps.setdefault((asked[line["action"]], line["subject"]), line)
    return steps
