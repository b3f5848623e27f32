"""Decide what sounds next, when, and what is refused and why. Pure: no clock, no disk, no sound card.

The rules, in the order in which they bind:

- No programme (none yet, or void): silence. What waits keeps waiting until its window closes.
- A clock that is not synchronised sounds nothing, but for an emergency that has just come over the link. A
  bulletin whose window closes meanwhile is refused. Such an emergency does not wait for a hub's clock either.
- Each sounding begins at most once here and gets exactly one last fact. One that had begun when power went
  is refused as interrupted at the next start, and never sounds again, also not within its window: people
  who heard half of it would take the second time for a new bulletin. Only what something more urgent cut
  goes on, or begins anew, as the bulletin says.
- It must be approved by another than its writer, and the whole of its sound must lie outside quiet hours,
  unless it is an emergency.
- While somebody has stopped the loudspeaker by hand nothing sounds. An emergency waits within its window.
- It begins at its set second; a node that could not, begins as soon as it can until its window closes.
- Live speech begins when somebody speaks within its window, so far behind as it says; until then there is
  nothing that could sound, or that others would have to wait for.
- Emergencies go before urgent bulletins, those before ordinary ones, those before music; then the earlier.
  What is more urgent cuts what sounds, at the last moment. A bulletin that would not go on afterwards waits,
  if it would run into the second of a more urgent one.
- In the hall, numbers that are called go before bulletins, but for emergencies, which cut them, too. They are
  called over music and relays, and wait for the end of what is spoken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from speaker_node.history import History
from speaker_node.quiet import QuietHours
from speaker_node.sounding.live_reel import behind_ms
from wire.intents import Bulletin

LEAD_MS = 800
"""A late bulletin begins this long after it was chosen, and what it cuts falls silent so long before it: time
to open the card and to warm the amplifier."""

EMERGENCY_LEAD_MS = 200
"""The same for an emergency: what a cold amplifier swallows of its chime is no word."""

PREPARE_MS = 2_000
"""So long before its second a bulletin is chosen, and the sound card opened."""

STREAM_MIN_MS = 1_000
"""A stream of which less is left is too late."""

AHEAD_MAX_MS = 3 * 60_000
"""An emergency for at once that has just come and says that it is due later than this comes from a hub whose
clock is wrong: nobody waits an hour for it. More than Arrivals allows it, and a minute that a clock held over
may be off."""

_RANKS = {"emergency": 0, "urgent": 1, "ordinary": 2, "music": 3}


class Reason(StrEnum):
    """Why a bulletin was refused, as it stands in the fact."""

    NOT_APPROVED = "not_approved"
    QUIET_HOURS = "quiet_hours"
    TOO_LATE = "too_late"
    CLOCK_UNSURE = "clock_unsure"
    UNSPEAKABLE = "unspeakable"
    NO_SOUND_CARD = "no_sound_card"
    NO_STREAM = "no_stream"
    WITHDRAWN = "withdrawn"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    CUT = "cut"


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
    """A bulletin and the wall time at which it shall begin, or go on `from_ms` after its beginning."""

    bulletin: Bulletin
    at_ms: int
    from_ms: int = 0


@dataclass(frozen=True)
class Speech:
    """How far a bulletin's sound is: here with its whole duration, failed with an error, or neither."""

    duration_ms: int | None = None
    error: str = ""
    begins_at_ms: int = 0
    """When the first word of live speech is to sound, by the wall clock."""


@dataclass(frozen=True)
class Rules:
    """The node's own settings that the plan goes by."""

    quiet: QuietHours | None
    late_max_ms: int


@dataclass(frozen=True)
class View:
    """All that the plan goes by, at one instant."""

    soundings: Sequence[Bulletin] | None
    """What the programme holds for now and soon, each time of a bulletin by itself; None: no programme."""
    history: History
    now_ms: int
    """Wall time as believed."""
    clock_sure: bool
    speech: Mapping[str, Speech]
    """By sounding; one that is missing is not ready yet."""
    waiting: Mapping[str, Refusal] = field(default_factory=dict)
    """What has kept due bulletins so far, from the last plan and from the sound card."""
    prepared: Start | None = None
    """The start that the sound card is open for, while no sample of it has sounded."""
    sounding: Start | None = None
    """The bulletin that sounds."""
    call_sounds: bool = False
    """A number is being called."""
    calls_wait: bool = False
    """Numbers are to be called: only an emergency goes before them."""
    stopped: bool = False
    """Somebody has stopped the loudspeaker by hand."""
    fresh: Collection[str] = ()
    """Emergencies for at once that have just come over the link: due, whatever an unsure clock says."""


@dataclass(frozen=True)
class Plan:
    """What to do: write the refusals, prepare the next start, remember what keeps the others waiting."""

    refusals: tuple[Refusal, ...]
    next: Start | None
    """It cuts what sounds, if anything does."""
    waiting: Mapping[str, Refusal]
    emergency_at_ms: int | None = None
    """When the next emergency sounds, if one is known: no call may still sound then."""
    relays: tuple[Bulletin, ...] = ()
    """Relays whose streams are to be brought from now on, the next one first."""
    lives: tuple[Bulletin, ...] = ()
    """Live bulletins in which somebody may begin to speak."""


def make_plan(view: View, rules: Rules) -> Plan:
    """Return what to do now. Call again whenever anything changed, and at least twice a second."""
    refusals = list(_gone(view))
    waiting: dict[str, Refusal] = {}
    starts: list[Start] = []
    coming: list[Start] = []
    lives: list[Bulletin] = []
    for bulletin in _candidates(view):
        start = _start(view, bulletin)
        refusal = _hindrance(view, rules, start)
        if _lets_listen(view, bulletin, refusal):
            lives.append(bulletin)
        if refusal is None or (refusal.passing and refusal.reason is not Reason.NO_STREAM):
            coming.append(start)
        if refusal is None:
            starts.append(start)
        elif view.now_ms < bulletin.at_ms:
            continue
        elif refusal.passing and view.now_ms <= _last_start_ms(view, rules, bulletin):
            waiting[bulletin.id] = refusal
        else:
            refusals.append(refusal)
    waiting |= _without_card(view, starts)
    emergency_ms = min((start.at_ms for start in starts if start.bulletin.emergency), default=None)
    starts.sort(key=_rank)
    chosen = next((start for start in starts if _may_begin(view, start, coming)), None)
    relays = tuple(_relays(view, starts))
    return Plan(tuple(refusals), chosen, waiting, emergency_ms, relays, tuple(lives))


def _candidates(view: View) -> Iterable[Bulletin]:
    """Yield the soundings that may still begin."""
    may_begin = set(view.history.open())
    if view.prepared is not None:
        may_begin.add(view.prepared.bulletin.id)
    return [each for each in view.soundings or () if each.id in may_begin]


def _gone(view: View) -> Iterable[Refusal]:
    """Yield refusals for due bulletins that the programme no longer holds."""
    shown = {each.id for each in view.soundings or ()}
    for bulletin, record in view.history.open().items():
        if bulletin in shown or view.now_ms < record.at_ms:
            continue
        if view.now_ms > record.late_until_ms + record.sounded_ms:
            yield _too_late(view, bulletin, record.at_ms)
        elif view.soundings is not None:
            yield Refusal(bulletin, record.at_ms, Reason.WITHDRAWN)


def _start(view: View, bulletin: Bulletin) -> Start:
    """When it could begin. The start for which the sound card is open stands, unless the clock was set."""
    from_ms = view.history.of(bulletin.id).sounded_ms
    due_ms = 0 if _due_by_arrival(view, bulletin) else bulletin.at_ms
    if bulletin.live is not None and bulletin.id in view.speech:
        due_ms = max(due_ms, view.speech[bulletin.id].begins_at_ms)
    prepared = view.prepared
    if prepared is not None and prepared.bulletin == bulletin and view.now_ms - LEAD_MS <= prepared.at_ms:
        late_start = due_ms < prepared.at_ms <= view.now_ms + PREPARE_MS
        if late_start or prepared.at_ms == due_ms:
            return prepared
    return Start(bulletin, max(due_ms, view.now_ms + _lead_ms(bulletin)), from_ms)


def _due_by_arrival(view: View, bulletin: Bulletin) -> bool:
    """Tell whether its time says nothing: no clock here, or one at the hub that runs ahead."""
    lacks_time = not view.clock_sure or bulletin.at_ms > view.now_ms + AHEAD_MAX_MS
    return lacks_time and bulletin.emergency and bulletin.id in view.fresh


def _hindrance(view: View, rules: Rules, start: Start) -> Refusal | None:
    """Return what forbids this start, or None."""
    bulletin = start.bulletin
    due_by_arrival = _due_by_arrival(view, bulletin)
    if not view.clock_sure and not due_by_arrival:
        return _refusal(bulletin, Reason.CLOCK_UNSURE, passing=True)
    if not due_by_arrival and start.at_ms > _last_start_ms(view, rules, bulletin):
        return _too_late(view, bulletin.id, bulletin.at_ms)
    if not _approved(bulletin):
        return _refusal(bulletin, Reason.NOT_APPROVED)
    if view.stopped:
        return _refusal(bulletin, Reason.STOPPED, passing=bulletin.emergency)
    if _in_quiet_hours(bulletin, rules, start.at_ms, _left_ms(view, start)):
        return _refusal(bulletin, Reason.QUIET_HOURS)
    return _lacks_sound(bulletin, view.speech.get(bulletin.id, Speech()))


def _lacks_sound(bulletin: Bulletin, speech: Speech) -> Refusal | None:
    """An emergency does not wait for its sound: it is said as it is rendered."""
    if speech.error:
        return _refusal(bulletin, Reason.UNSPEAKABLE, speech.error)
    if speech.duration_ms is None and bulletin.live is not None:
        return _refusal(bulletin, Reason.NO_STREAM, "nobody spoke", passing=True)
    if speech.duration_ms is None and not bulletin.emergency:
        return _refusal(bulletin, Reason.UNSPEAKABLE, "not rendered in time", passing=True)
    return None


def _refusal(bulletin: Bulletin, reason: Reason, detail: str = "", *, passing: bool = False) -> Refusal:
    return Refusal(bulletin.id, bulletin.at_ms, reason, detail, passing)


def _approved(bulletin: Bulletin) -> bool:
    return bulletin.approved is not None and bulletin.approved.by != bulletin.written_by


def _in_quiet_hours(bulletin: Bulletin, rules: Rules, start_ms: int, duration_ms: int) -> bool:
    if rules.quiet is None or bulletin.emergency:
        return False
    return rules.quiet.touch(start_ms, start_ms + duration_ms)


def _left_ms(view: View, start: Start) -> int:
    """How long it will sound, as far as that is known. A stream ends at its time, whenever it began."""
    if start.bulletin.stream is not None:
        return stream_left_ms(start)
    whole_ms = view.speech.get(start.bulletin.id, Speech()).duration_ms or 0
    return max(0, whole_ms - start.from_ms)


def stream_left_ms(start: Start) -> int:
    """Return how long a relay or live speech sounds at most that begins at `start`; 0 for anything else.

    The last word that is said in a window sounds behind it.
    """
    stream = start.bulletin.stream
    if stream is None:
        return 0
    lasts_ms = stream.lasts_ms + (behind_ms(start.bulletin) if start.bulletin.live else 0)
    return max(0, lasts_ms - max(0, start.at_ms - start.bulletin.at_ms))


def _too_late(view: View, bulletin: str, due_at_ms: int) -> Refusal:
    """Refuse by what kept it from beginning while it still could."""
    record = view.history.of(bulletin)
    if record.cut_by:
        detail = f"cut by {record.cut_by} after {record.sounded_ms / 1000:.1f} s; no time was left"
        return Refusal(bulletin, due_at_ms, Reason.CUT, detail)
    kept = view.waiting.get(bulletin)
    return replace(kept, passing=False) if kept else Refusal(bulletin, due_at_ms, Reason.TOO_LATE)


def _last_start_ms(view: View, rules: Rules, bulletin: Bulletin) -> int:
    """When it may begin at the latest; what was cut may go on as late as if it had begun at the latest."""
    window_ms = max(bulletin.at_ms, min(bulletin.late_until_ms, bulletin.at_ms + rules.late_max_ms))
    record = view.history.of(bulletin.id)
    if bulletin.stream is None:
        return window_ms + record.sounded_ms
    last_ms = bulletin.at_ms + bulletin.stream.lasts_ms - STREAM_MIN_MS
    return last_ms if record.cut_by or bulletin.live else min(window_ms, last_ms)


def _without_card(view: View, starts: list[Start]) -> dict[str, Refusal]:
    """Keep in mind which bulletins could begin if only there were a sound card."""
    known = {start.bulletin.id: view.waiting.get(start.bulletin.id) for start in starts}
    return {id_: each for id_, each in known.items() if each and each.reason is Reason.NO_SOUND_CARD}


def _may_begin(view: View, start: Start, coming: Sequence[Start]) -> bool:
    """Tell whether this start, of those that nothing forbids, has its turn now."""
    if start.at_ms > view.now_ms + PREPARE_MS or (view.calls_wait and not start.bulletin.emergency):
        return False
    if (view.sounding or view.call_sounds) and not _cuts(view, start):
        return False
    return _goes_on_after_a_cut(start.bulletin) or not _runs_into(view, start, coming)


def _cuts(view: View, start: Start) -> bool:
    """Tell whether what sounds is to be cut now for this start."""
    if start.at_ms > view.now_ms + _lead_ms(start.bulletin):
        return False
    if view.sounding is None or view.call_sounds:
        return start.bulletin.emergency
    return _urgency(start.bulletin) < _urgency(view.sounding.bulletin)


def lies_under_calls(bulletin: Bulletin) -> bool:
    """Tell whether numbers are called over it while it grows soft: hours of music would starve the hall."""
    relayed = bulletin.relay is not None and bulletin.priority == "ordinary"
    return relayed or bulletin.priority == "music"


def _goes_on_after_a_cut(bulletin: Bulletin) -> bool:
    """Music and streams are made to be cut: they begin at their time whatever is coming."""
    return bulletin.when_cut == "resume" or bulletin.stream is not None or bulletin.priority == "music"


def _runs_into(view: View, start: Start, coming: Sequence[Start]) -> bool:
    end_ms = start.at_ms + _left_ms(view, start)
    urgency = _urgency(start.bulletin)
    return any(_urgency(each.bulletin) < urgency and each.at_ms < end_ms for each in coming)


def _relays(view: View, starts: Sequence[Start]) -> Iterable[Bulletin]:
    for start in sorted(starts, key=lambda each: each.at_ms):
        relay = start.bulletin.relay
        if relay is not None and start.at_ms <= view.now_ms + PREPARE_MS + relay.delay_ms:
            yield start.bulletin


def _lets_listen(view: View, bulletin: Bulletin, refusal: Refusal | None) -> bool:
    """Tell whether nothing but silence at the other end keeps a live bulletin from sounding."""
    if bulletin.live is None or bulletin.at_ms > view.now_ms + PREPARE_MS:
        return False
    return refusal is None or refusal.reason is Reason.NO_STREAM


def _lead_ms(bulletin: Bulletin) -> int:
    return EMERGENCY_LEAD_MS if bulletin.emergency else LEAD_MS


def _urgency(bulletin: Bulletin) -> int:
    return _RANKS[bulletin.priority]


def _rank(start: Start) -> tuple[int, int, str]:
    return (_urgency(start.bulletin), start.bulletin.at_ms, start.bulletin.id)
