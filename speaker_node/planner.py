"""Decide what sounds next, when, and what is refused and why. Pure: no clock, no disk, no sound card.

The rules, in the order in which they bind:

- No programme (none yet, or void): silence. What waits keeps waiting until its window closes.
- A clock that is not synchronised sounds nothing. A bulletin whose window closes meanwhile is refused.
- Each bulletin sounds at most once here and gets exactly one last fact. One that had begun when power went
  is refused as interrupted at the next start, and never sounds again, also not within its window: people
  who heard half of it would take the second time for a new bulletin.
- It must be approved by another than its writer, and the whole of its sound must lie outside quiet hours,
  unless it is an emergency.
- It begins at its set second; a node that could not, begins as soon as it can until its window closes.
- Of several, an emergency goes first, then the earlier one. None that sounds is cut for another, but one
  that would run into an emergency's second waits until after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from speaker_node.history import History
from speaker_node.quiet import QuietHours
from wire.intents import Bulletin, Programme

LEAD_MS = 800
"""A late bulletin begins this long after it was chosen: time to open the card and to warm the amplifier."""

PREPARE_MS = 2_000
"""So long before its second a bulletin is chosen, and the sound card opened."""


class Reason(StrEnum):
    """Why a bulletin was refused, as it stands in the fact."""

    NOT_APPROVED = "not_approved"
    QUIET_HOURS = "quiet_hours"
    TOO_LATE = "too_late"
    CLOCK_UNSURE = "clock_unsure"
    UNSPEAKABLE = "unspeakable"
    NO_SOUND_CARD = "no_sound_card"
    WITHDRAWN = "withdrawn"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Refusal:
    """A bulletin that will not sound, or will not if nothing changes before its window closes."""

    bulletin: str
    due_at_ms: int
    reason: Reason
    detail: str = ""
    passing: bool = False
    """It may pass by itself (the clock meets its time service) while the bulletin's window is open."""


@dataclass(frozen=True)
class Start:
    """A bulletin and the wall time at which its first sample shall sound."""

    bulletin: Bulletin
    at_ms: int


@dataclass(frozen=True)
class Speech:
    """How far a bulletin's rendering is: done with a duration, failed with an error, or neither."""

    duration_ms: int | None = None
    error: str = ""


@dataclass(frozen=True)
class Rules:
    """The node's own settings that the plan goes by."""

    quiet: QuietHours | None
    late_max_ms: int


@dataclass(frozen=True)
class View:
    """All that the plan goes by, at one instant."""

    programme: Programme | None
    history: History
    now_ms: int
    """Wall time as believed."""
    clock_sure: bool
    speech: Mapping[str, Speech]
    """By bulletin; one that is missing was not rendered yet."""
    waiting: Mapping[str, Refusal] = field(default_factory=dict)
    """What has kept due bulletins so far, from the last plan and from the sound card."""
    prepared: Start | None = None
    """The start that the sound card is open for, while no sample of it has sounded."""
    busy: bool = False
    """A bulletin is sounding."""


@dataclass(frozen=True)
class Plan:
    """What to do: write the refusals, prepare the next start, remember what keeps the others waiting."""

    refusals: tuple[Refusal, ...]
    next: Start | None
    waiting: Mapping[str, Refusal]


def make_plan(view: View, rules: Rules) -> Plan:
    """Return what to do now. Call again whenever anything changed, and at least twice a second."""
    refusals = list(_gone(view))
    waiting: dict[str, Refusal] = {}
    starts: list[Start] = []
    emergencies_ms: list[int] = []
    for bulletin in _candidates(view):
        start = Start(bulletin, _start_ms(view, bulletin))
        refusal = _hindrance(view, rules, start)
        if bulletin.emergency and (refusal is None or refusal.passing):
            emergencies_ms.append(start.at_ms)
        if refusal is None:
            starts.append(start)
        elif view.now_ms < bulletin.at_ms:
            continue
        elif refusal.passing and view.now_ms <= _window_end_ms(bulletin, rules):
            waiting[bulletin.id] = refusal
        else:
            refusals.append(refusal)
    waiting |= _without_card(view, starts)
    return Plan(tuple(refusals), _choose(view, starts, emergencies_ms), waiting)


def _candidates(view: View) -> Iterable[Bulletin]:
    """Yield the programme's bulletins that may still begin, each id once."""
    bulletins = view.programme.bulletins if view.programme else []
    may_begin = set(view.history.open())
    if view.prepared is not None:
        may_begin.add(view.prepared.bulletin.id)
    once = {each.id: each for each in reversed(bulletins)}
    return [each for each in once.values() if each.id in may_begin]


def _gone(view: View) -> Iterable[Refusal]:
    """Yield refusals for due bulletins that the programme no longer holds."""
    shown = {each.id for each in view.programme.bulletins} if view.programme else set()
    for bulletin, record in view.history.open().items():
        if bulletin in shown or view.now_ms < record.at_ms:
            continue
        if view.now_ms > record.late_until_ms:
            yield _too_late(view, bulletin, record.at_ms)
        elif view.programme is not None:
            yield Refusal(bulletin, record.at_ms, Reason.WITHDRAWN)


def _start_ms(view: View, bulletin: Bulletin) -> int:
    """When it could begin. The start for which the sound card is open stands, unless the clock was set."""
    prepared = view.prepared
    if prepared is not None and prepared.bulletin == bulletin and view.now_ms - LEAD_MS <= prepared.at_ms:
        late_start = bulletin.at_ms < prepared.at_ms <= view.now_ms + PREPARE_MS
        if late_start or prepared.at_ms == bulletin.at_ms:
            return prepared.at_ms
    return max(bulletin.at_ms, view.now_ms + LEAD_MS)


def _hindrance(view: View, rules: Rules, start: Start) -> Refusal | None:
    """Return what forbids this start, or None."""
    bulletin = start.bulletin
    speech = view.speech.get(bulletin.id, Speech())

    def refuse(reason: Reason, detail: str = "", *, passing: bool = False) -> Refusal:
        return Refusal(bulletin.id, bulletin.at_ms, reason, detail, passing)

    if not view.clock_sure:
        return refuse(Reason.CLOCK_UNSURE, passing=True)
    if start.at_ms > _window_end_ms(bulletin, rules):
        return _too_late(view, bulletin.id, bulletin.at_ms)
    if not _approved(bulletin):
        return refuse(Reason.NOT_APPROVED)
    if _in_quiet_hours(bulletin, rules, start.at_ms, speech.duration_ms or 0):
        return refuse(Reason.QUIET_HOURS)
    if speech.duration_ms is None:
        detail = speech.error or "not rendered in time"
        return refuse(Reason.UNSPEAKABLE, detail, passing=not speech.error)
    return None


def _approved(bulletin: Bulletin) -> bool:
    return bulletin.approved is not None and bulletin.approved.by != bulletin.written_by


def _in_quiet_hours(bulletin: Bulletin, rules: Rules, start_ms: int, duration_ms: int) -> bool:
    if rules.quiet is None or bulletin.emergency:
        return False
    return rules.quiet.touch(start_ms, start_ms + duration_ms)


def _too_late(view: View, bulletin: str, due_at_ms: int) -> Refusal:
    """Refuse by what kept it from beginning while it still could."""
    kept = view.waiting.get(bulletin)
    return replace(kept, passing=False) if kept else Refusal(bulletin, due_at_ms, Reason.TOO_LATE)


def _window_end_ms(bulletin: Bulletin, rules: Rules) -> int:
    return max(bulletin.at_ms, min(bulletin.late_until_ms, bulletin.at_ms + rules.late_max_ms))


def _without_card(view: View, starts: list[Start]) -> dict[str, Refusal]:
    """Keep in mind which bulletins could begin if only there were a sound card."""
    known = {start.bulletin.id: view.waiting.get(start.bulletin.id) for start in starts}
    return {id_: each for id_, each in known.items() if each and each.reason is Reason.NO_SOUND_CARD}


def _choose(view: View, starts: list[Start], emergencies_ms: list[int]) -> Start | None:
    """Return the start to prepare: an emergency first, then the earlier one that runs into no emergency."""
    if view.busy:
        return None
    for start in sorted(starts, key=_rank):
        if start.at_ms > view.now_ms + PREPARE_MS:
            continue
        end_ms = start.at_ms + (view.speech[start.bulletin.id].duration_ms or 0)
        if start.bulletin.emergency or all(end_ms <= each for each in emergencies_ms):
            return start
    return None


def _rank(start: Start) -> tuple[bool, int, str]:
    return (not start.bulletin.emergency, start.bulletin.at_ms, start.bulletin.id)
