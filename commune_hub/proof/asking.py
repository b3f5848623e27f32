"""Look up what sounded where: the approved bulletins of those days beside what the loudspeakers told."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.errors import InvalidError
from commune_hub.hub import Capabilities
from commune_hub.proof.sheet import Asked, Line, make_lines
from commune_hub.times import DAY_MS, LOCAL, now_ms, to_ms
from commune_hub.whereabouts import Stays

DAYS_MAX = 31
"""Most days that are asked for at once: a month."""


BACK_MS = 7 * DAY_MS
"""So far back the soundings of one bulletin are looked for that nobody told of."""


@dataclass(frozen=True)
class Wanted:
    """Which soundings: local days, first and last, and if given one place or loudspeaker, one bulletin."""

    first: date
    last: date
    where: str = ""
    bulletin: str = ""


def look_at(capabilities: Capabilities, wanted: Wanted) -> list[Line]:
    """Return the lines of those days, by time; raises InvalidError for too many days."""
    days = (wanted.last - wanted.first).days + 1
    if not 1 <= days <= DAYS_MAX:
        raise InvalidError(
            f"ngày: hỏi từ 1 đến {DAYS_MAX} ngày một lần, đang hỏi {days} (ask for 1 to {DAYS_MAX} days)"
        )
    from_ms, until_ms = _midnight_ms(wanted.first), _midnight_ms(wanted.last) + DAY_MS
    bulletins = capabilities.bulletins.ever_approved(from_ms, until_ms)
    stays = stays_of(capabilities)
    asked = [found for each in bulletins for found in asked_of(each, stays, from_ms, until_ms)]
    titles = {each.id: each.title for each in bulletins}
    told = capabilities.playbacks.between(from_ms, until_ms)
    lines = make_lines(asked, told, stays, titles, now_ms())
    return [each for each in lines if _is_wanted(each, wanted)]


def lines_of(capabilities: Capabilities, bulletin: Bulletin, stays: Mapping[str, Stays]) -> list[Line]:
    """Return what became of the latest soundings of one bulletin, those that are due the latest first.

    `stays` is what `stays_of` says: the same for all bulletins of a list.
    """
    at_ms = now_ms()
    told = capabilities.playbacks.of(bulletin.id)
    asked = asked_of(bulletin, stays, at_ms - BACK_MS, at_ms)
    lines = make_lines(asked, told, stays, {bulletin.id: bulletin.title}, at_ms)
    return sorted(lines, key=lambda each: (-each.asked.due_at_ms, each.asked.device))


def stays_of(capabilities: Capabilities) -> dict[str, Stays]:
    """Return where each loudspeaker of the roster stood, and since when; before, it owes nothing.

    It came when its file of the roster was written, or its first fact arrived, whichever was earlier: who
    never told anything owes all the same.
    """
    stays, heard = capabilities.fleet.whereabouts.stays(), capabilities.ledger.first_received()
    found: dict[str, Stays] = {}
    for entry in capabilities.fleet.entries():
        names = [node.name for node in entry.nodes if node.kind == "speaker"]
        if names and entry.device in stays:
            first = [at for name in names if (at := heard.get((entry.device, name))) is not None]
            stay = stays[entry.device]
            for at in first:
                stay = stay.there_since(to_ms(datetime.fromisoformat(at)))
            found[entry.device] = stay
    return found


def asked_of(bulletin: Bulletin, stays: Mapping[str, Stays], from_ms: int, until_ms: int) -> Iterator[Asked]:
    """Yield what a bulletin asked of each loudspeaker; nothing of one that was withdrawn: who knows when.

    Of one that repeats only the times after its approval were asked. `stays` says where each loudspeaker
    stood: it owes what was meant for the place where it stood at that time.
    """
    if bulletin.state != "approved" or bulletin.approved_at_ms is None:
        return
    meant = set(bulletin.places)
    for at_ms in bulletin.times_ms(max(from_ms, bulletin.approved_at_ms), until_ms):
        sounding = bulletin.id if bulletin.how.rule is None else f"{bulletin.id}@{at_ms}"
        for device, stay in stays.items():
            place = stay.place_at(at_ms)
            if meant & {device, place} and at_ms >= stay.since_ms:
                yield Asked(sounding, bulletin.id, bulletin.title, at_ms, device, place)


def month_of(name: str) -> tuple[date, date]:
    """Return the first and last day of a month `YYYY-MM`; raises InvalidError."""
    try:
        first = date.fromisoformat(f"{name}-01")
    except ValueError:
        raise InvalidError(f"tháng: {name[:20]!r} không phải tháng, hãy viết như 2026-11 (a month)") from None
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def _is_wanted(line: Line, wanted: Wanted) -> bool:
    asked = line.asked
    return wanted.where in ("", asked.place, asked.device) and wanted.bulletin in ("", asked.bulletin)


def _midnight_ms(day: date) -> int:
    return to_ms(datetime.combine(day, time(), LOCAL))
