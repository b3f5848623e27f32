"""The programme of a loudspeaker: every bulletin that it shall sound in the next days, complete in itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from commune_hub.capabilities.bulletins import IN_PROGRAMME_MAX, KEPT_MS, LATE_MS, Bulletin, Bulletins
from commune_hub.times import DAY_MS, day_start_ms
from speaker_node.vietnamese import spoken
from wire.codec import encode
from wire.intents import Approval, Programme
from wire.intents import Bulletin as ProgrammeBulletin

SHARED_FOR_MS = 1_000
"""So long what comes is taken for what still comes: a look at a hundred loudspeakers takes less."""

DAYS_AHEAD = 9
"""Whole local days from today on that a programme holds: a week without a link, and the days around it."""

TIMES_MAX = 192
"""Most times of one bulletin in a programme (wire.intents.Bulletin)."""

PROGRAMME_MAX_BYTES = 160 * 1024
"""Room within a message of MAX_MESSAGE_BYTES, once sealed and spelt in base64."""


@dataclass(frozen=True)
class _Coming:
    """A bulletin as programmes hold it."""

    places: frozenset[str]
    for_speaker: ProgrammeBulletin
    size_bytes: int


class Programmes:
    """The programmes of all loudspeakers. What they share is made once, and anew when a bulletin changes.

    programmes = Programmes(bulletins, say=programme_words(vietnamese))
    programmes.of(["thon-dong", "loa-dong-1"], now_ms)
    """

    def __init__(self, bulletins: Bulletins, say: Callable[[str], str] = spoken) -> None:
        self._bulletins = bulletins
        self._say = say
        self._made_at_ms = 0
        self._revision = -1
        self._coming: list[_Coming] = []

    def of(self, places: Iterable[str], now_ms: int) -> Programme:
        """Return what the loudspeaker that stands for `places` shall sound."""
        revision = self._bulletins.revision
        if revision != self._revision or not 0 <= now_ms - self._made_at_ms < SHARED_FOR_MS:
            self._coming = _come(self._bulletins.to_sound(), now_ms, self._say)
            self._made_at_ms, self._revision = now_ms, revision
        return _choose(self._coming, places)


def compose_programme(
    bulletins: Iterable[Bulletin], places: Iterable[str], now_ms: int, say: Callable[[str], str] = spoken
) -> Programme:
    """Return what the loudspeaker that stands for `places` (hamlet, device) shall sound.

    Emergencies first, then by the next time; what does not fit into a message is left for later, and comes
    when others have sounded. `say` makes the words of a text.
    """
    return _choose(_come(bulletins, now_ms, say), places)


def _come(bulletins: Iterable[Bulletin], now_ms: int, say: Callable[[str], str]) -> list[_Coming]:
    """Return what will sound in the days of a programme, in the order in which it finds room in one."""
    from_ms, until_ms = now_ms - LATE_MS - KEPT_MS, day_start_ms(now_ms) + DAYS_AHEAD * DAY_MS
    coming = [(each, times) for each in bulletins if (times := each.times_ms(from_ms, until_ms))]
    coming.sort(key=lambda pair: (not pair[0].emergency, pair[1][0], pair[0].id))
    found = []
    for bulletin, times in coming:
        made = _for_speaker(bulletin, times, say)
        found.append(_Coming(frozenset(bulletin.places), made, len(encode(made))))
    return found


def _choose(coming: Sequence[_Coming], places: Iterable[str]) -> Programme:
    here = set(places)
    chosen: list[ProgrammeBulletin] = []
    room = PROGRAMME_MAX_BYTES
    for each in [each for each in coming if here & each.places][:IN_PROGRAMME_MAX]:
        room -= each.size_bytes
        if room < 0:
            break
        chosen.append(each.for_speaker)
    return Programme(bulletins=chosen)


def _for_speaker(bulletin: Bulletin, times_ms: Sequence[int], say: Callable[[str], str]) -> ProgrammeBulletin:
    """The approval stands inside the sealed document, for the loudspeaker itself to check."""
    approval = None
    if bulletin.approved_by and bulletin.approved_at_ms:
        approval = Approval(by=bulletin.approved_by, at_ms=bulletin.approved_at_ms)
    how = bulletin.how
    return ProgrammeBulletin(
        id=bulletin.id,
        title=bulletin.title,
        text=bulletin.text,
        spoken="" if how.sound or how.relay or how.live else say(bulletin.text),
        at_ms=times_ms[0],
        late_until_ms=times_ms[0] + (how.live.lasts_ms if how.live else LATE_MS),
        repeating=how.rule is not None,
        more_at_ms=list(times_ms[1:TIMES_MAX]),
        written_by=bulletin.written_by,
        approved=approval,
        priority=how.priority,
        when_cut=how.when_cut,
        volume=how.volume,
        chime=how.chime,
        repeats=how.repeats,
        sound=how.sound,
        relay=how.relay,
        live=how.live,
    )
