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
from commune_hub.timetable.coming import speakers_of

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
    speakers = speakers_of(capabilities.fleet.entries())
    bulletins = capabilities.bulletins.ever_approved(from_ms, until_ms)
    since = there_since(capabilities)
    asked = [found for each in bulletins for found in asked_of(each, speakers, since, from_ms, until_ms)]
    titles = {each.id: each.title for each in bulletins}
    told = capabilities.playbacks.between(from_ms, until_ms)
    lines = make_lines(asked, told, speakers, titles, now_ms())
    return [each for each in lines if _is_wanted(each, wanted)]


def lines_of(capabilities: Capabilities, bulletin: Bulletin, since: Mapping[str, int]) -> list[Line]:
    """Return what became of the latest soundings of one bulletin, those that are due the latest first.

    `since` is what `there_since` says: the same for all bulletins of a list.
    """
    at_ms = now_ms()
    speakers = speakers_of(capabilities.fleet.entries())
    told = capabilities.playbacks.of(bulletin.id)
    asked = asked_of(bulletin, speakers, since, at_ms - BACK_MS, at_ms)
    lines = make_lines(asked, told, speakers, {bulletin.id: bulletin.title}, at_ms)
    return sorted(lines, key=lambda each: (-each.asked.due_at_ms, each.asked.device))


def there_since(capabilities: Capabilities) -> dict[str, int]:
    """Return since when each loudspeaker of the roster is there: what was due before, it does not owe.

    That is when its file of the roster was written, or its first fact arrived, whichever was earlier: a file
    is written anew when a device is moved or the hub restored, and who never told anything owes all the same.
    """
    written_ms, heard = capabilities.fleet.enrolled_ms(), capabilities.ledger.first_received()
    since: dict[str, int] = {}
    for entry in capabilities.fleet.entries():
        first = [heard.get((entry.device, node.name)) for node in entry.nodes if node.kind == "speaker"]
        first_ms = [to_ms(datetime.fromisoformat(at)) for at in first if at is not None]
        since[entry.device] = min([written_ms.get(entry.device, 0), *first_ms])
    return since


def asked_of(
    bulletin: Bulletin, speakers: Mapping[str, str], since: Mapping[str, int], from_ms: int, until_ms: int
) -> Iterator[Asked]:
    """Yield what a bulletin asked of each loudspeaker; nothing of one that was withdrawn: who knows when.

    Of one that repeats only the times after its approval were asked. `since` says when each loudspeaker came.
    """
    if bulletin.state != "approved" or bulletin.approved_at_ms is None:
        return
    meant = set(bulletin.places)
    for at_ms in bulletin.times_ms(max(from_ms, bulletin.approved_at_ms), until_ms):
        sounding = bulletin.id if bulletin.how.rule is None else f"{bulletin.id}@{at_ms}"
        for device, place in speakers.items():
            if meant & {device, place} and at_ms >= since.get(device, 0):
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
