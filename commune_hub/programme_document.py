"""The programme of a loudspeaker: every bulletin that it shall sound in the next days, complete in itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from commune_hub.capabilities.bulletins import IN_PROGRAMME_MAX, KEPT_MS, LATE_MS, Bulletin
from commune_hub.times import DAY_MS, day_start_ms
from speaker_node.vietnamese import spoken
from wire.codec import encode
from wire.intents import Approval, Programme
from wire.intents import Bulletin as ProgrammeBulletin

DAYS_AHEAD = 9
"""Whole local days from today on that a programme holds: a week without a link, and the days around it."""

TIMES_MAX = 192
"""Most times of one bulletin in a programme (wire.intents.Bulletin)."""

PROGRAMME_MAX_BYTES = 160 * 1024
"""Room within a message of MAX_MESSAGE_BYTES, once sealed and spelt in base64."""


def compose_programme(
    bulletins: Sequence[Bulletin], places: Iterable[str], now_ms: int, say: Callable[[str], str] = spoken
) -> Programme:
    """Return what the loudspeaker that stands for `places` (hamlet, device) shall sound.

    Emergencies first, then by the next time; what does not fit into a message is left for later, and comes
    when others have sounded. `say` makes the words of a text.
    """
    here = set(places)
    from_ms, until_ms = now_ms - LATE_MS - KEPT_MS, day_start_ms(now_ms) + DAYS_AHEAD * DAY_MS
    coming = [
        (each, times)
        for each in bulletins
        if here.intersection(each.places) and (times := each.times_ms(from_ms, until_ms))
    ]
    coming.sort(key=lambda pair: (not pair[0].emergency, pair[1][0], pair[0].id))
    chosen: list[ProgrammeBulletin] = []
    room = PROGRAMME_MAX_BYTES
    for bulletin, times in coming[:IN_PROGRAMME_MAX]:
        made = _for_speaker(bulletin, times, say)
        room -= len(encode(made))
        if room < 0:
            break
        chosen.append(made)
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
        spoken="" if how.sound or how.relay else say(bulletin.text),
        at_ms=times_ms[0],
        late_until_ms=times_ms[0] + LATE_MS,
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
    )
