"""What the plan is made of: every sounding of the coming days, at every loudspeaker that is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.timetable.plan import Clash, Habits, Sounding, clashes, faint, hushed
from provisioning.roster import RosterEntry
from speaker_node.arrangement import whole_ms
from speaker_node.speech import estimate_duration_s


@dataclass(frozen=True)
class Plan:
    """All that will sound, in order, with what is wrong about it."""

    soundings: tuple[Sounding, ...]
    clashes: tuple[Clash, ...]
    hushed: tuple[Sounding, ...]
    """What loudspeakers will refuse; its places are those that do, as they are below."""
    faint: tuple[Sounding, ...] = ()
    """What nobody will hear where the volume by the hour is as good as nothing."""


def make_plan(
    bulletins: Iterable[Bulletin],
    speakers: Mapping[str, str],
    from_ms: int,
    until_ms: int,
    habits: Mapping[str, Habits],
) -> Plan:
    """Return what `bulletins` sound from `from_ms` up to `until_ms`.

    `speakers` are the loudspeakers' devices with the place of each, `habits` what they told of their
    settings; one that told nothing yet keeps what is usual. A bulletin that waits for its approval is
    planned as if it had it, and marked.
    """
    soundings = sorted(
        (
            _sounding(bulletin, at_ms, speakers)
            for bulletin in bulletins
            for at_ms in bulletin.times_ms(from_ms, until_ms)
        ),
        key=lambda each: (each.at_ms, each.bulletin),
    )
    return Plan(
        tuple(soundings),
        tuple(clashes(soundings)),
        tuple(hushed(soundings, habits)),
        tuple(faint(soundings, habits)),
    )


def speakers_of(roster: Sequence[RosterEntry]) -> dict[str, str]:
    """Return the devices that have a loudspeaker, with the place of each."""
    return {
        entry.device: entry.place for entry in roster if any(node.kind == "speaker" for node in entry.nodes)
    }


def duration_ms(bulletin: Bulletin) -> int:
    """Return how long one sounding lasts: known, for live speech at most so, for a text estimated."""
    how = bulletin.how
    stream = how.relay or how.live
    if stream is not None:
        return stream.lasts_ms
    if how.sound is not None:
        return whole_ms(how.sound.duration_ms, chimes=how.chime, repeats=how.repeats)
    return round(estimate_duration_s(bulletin.text, chimes=how.chime, repeats=how.repeats) * 1000)


def _sounding(bulletin: Bulletin, at_ms: int, speakers: Mapping[str, str]) -> Sounding:
    meant = set(bulletin.places)
    return Sounding(
        bulletin=bulletin.id,
        title=bulletin.title,
        at_ms=at_ms,
        duration_ms=duration_ms(bulletin),
        places=tuple(sorted(device for device, place in speakers.items() if meant & {device, place})),
        priority=bulletin.how.priority,
        approved=bulletin.state == "approved",
        volume=bulletin.how.volume,
    )
