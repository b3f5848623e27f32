"""A month of soundings, by chance, in the ledger of a hub that has not opened yet: for its page of proofs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.capabilities.staff import Member
from commune_hub.hub import Capabilities
from commune_hub.times import DAY_MS, local_time
from commune_hub.timetable.rules import make_rule
from commune_hub.writing.bulletin_draft import Draft, How
from wire.facts import (
    Body,
    PlaybackFinished,
    PlaybackRefused,
    PlaybackStarted,
    SpeakerReleased,
    SpeakerStopped,
    SpeakerTested,
)

DAYS = 30
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
EDITOR = Member("bien-tap", "Cán bộ truyền thanh", frozenset({"editor"}))
APPROVER = Member("phe-duyet", "Lãnh đạo phê duyệt", frozenset({"approver"}))
PLACES = ("thon-dong", "thon-tay")
SPEAKERS = {
    "loa-dong-1": "thon-dong",
    "loa-dong-2": "thon-dong",
    "loa-tay-1": "thon-tay",
    "loa-tay-2": "thon-tay",
}
"""All but the last have a microphone at the pole."""
SILENT = "loa-dong-2"
"""Its horn hangs loose since yesterday's noon."""
STOPPED = "loa-tay-1"
"""Somebody pressed its button in the evening."""

SAID = (
    ("Bản tin sáng", "Bản tin sáng của đài truyền thanh xã.", ("05:30",), PLACES, 184_000),
    ("Nhắc lịch trực y tế", "Trạm y tế trực cả ngày thứ Bảy.", ("07:00", "11:30"), PLACES, 21_000),
    ("Nước tưới vụ đông", "Trạm bơm mở nước cho cánh đồng thôn Đông.", ("06:15",), ("thon-dong",), 34_000),
    ("Thu phí vệ sinh", "Đề nghị bà con nộp phí vệ sinh tại nhà văn hóa.", ("17:15",), PLACES, 26_000),
    ("Bản tin chiều", "Bản tin chiều của đài truyền thanh xã.", ("17:00",), PLACES, 205_000),
    ("Họp thôn Tây", "Mời bà con thôn Tây họp tại nhà văn hóa.", ("18:30",), ("thon-tay",), 24_000),
    ("Phòng cháy rừng", "Không đốt nương, không mang lửa vào rừng.", ("19:45",), PLACES, 42_000),
)
"""Title, text, times, places, and how long it sounds in ms. Made up."""

Told = tuple[int, str, Body]
"""When, by which loudspeaker, what."""


@dataclass(frozen=True)
class _Programme:
    bulletin: Bulletin
    lasts_ms: int


def write_programme(capabilities: Capabilities, today_ms: int) -> list[_Programme]:
    """Have bulletins written and approved that sounded each day up to yesterday; call at its beginning."""
    first = local_time(today_ms - DAYS * DAY_MS).date()
    last = first + timedelta(days=DAYS - 1)
    kept = capabilities.bulletins
    made = []
    for title, text, times, places, lasts_ms in SAID:
        rule = make_rule("FREQ=DAILY", list(times), first, last)
        draft = Draft(title, text, places, None, How(rule=rule))
        written = kept.write(draft, EDITOR, capabilities.speaker_places())
        kept.submit(written.id, EDITOR)
        made.append(_Programme(kept.approve(written.id, APPROVER, written.version), lasts_ms))
    return made


def told_on(programmes: list[_Programme], chance: random.Random, day_ms: int, *, last: bool) -> list[Told]:
    """Return what the loudspeakers told on a day, in order; on the `last` one something broke."""
    told = [
        fact
        for each in programmes
        for due_ms in each.bulletin.times_ms(day_ms, day_ms + DAY_MS)
        for device, place in SPEAKERS.items()
        if place in each.bulletin.places
        for fact in _sounded(each, device, due_ms, chance, broken=last and due_ms > day_ms + 11 * HOUR_MS)
    ]
    if local_time(day_ms).day == 1 or last:
        told += [(day_ms + 10 * HOUR_MS, device, _tested(device, day_ms)) for device in SPEAKERS]
    if last:
        told += _pressed(day_ms)
    return sorted(told, key=lambda each: each[0])


def _sounded(
    programme: _Programme, device: str, due_ms: int, chance: random.Random, *, broken: bool
) -> Iterator[Told]:
    sounding = f"{programme.bulletin.id}@{due_ms}"
    if broken and device == STOPPED and local_time(due_ms).hour >= 18:
        yield due_ms, device, PlaybackRefused(bulletin=sounding, due_at_ms=due_ms, reason="stopped")
        return
    if chance.random() < 0.01:
        yield due_ms, device, PlaybackRefused(bulletin=sounding, due_at_ms=due_ms, reason="clock_unsure")
        return
    began_ms = due_ms + chance.randrange(1, 6)
    yield began_ms, device, PlaybackStarted(bulletin=sounding, due_at_ms=due_ms, started_at_ms=began_ms)
    if chance.random() < 0.008:
        return  # its power went, and it told nothing more
    verdict, fault, level = _heard(device, chance, broken=broken)
    yield (
        began_ms + programme.lasts_ms,
        device,
        PlaybackFinished(
            bulletin=sounding,
            started_at_ms=began_ms,
            duration_ms=programme.lasts_ms,
            underruns=0,
            completeness=1.0 if chance.random() > 0.01 else 0.87,
            level_dbfs=level,
            verdict=verdict,
            fault=fault,
            sure=0.97 if verdict else None,
        ),
    )


def _heard(device: str, chance: random.Random, *, broken: bool) -> tuple[str, str, float | None]:
    """Return verdict, fault and level of one that was played to its end."""
    if device == "loa-tay-2":
        return "", "", None
    if broken and device == SILENT:
        return "silent", "horn", -71.0
    if chance.random() < 0.02:
        return "faint", "weak", -44.0
    return "heard", "", round(chance.uniform(-24.0, -19.0), 1)


def _tested(device: str, day_ms: int) -> SpeakerTested:
    ears = device != "loa-tay-2"
    return SpeakerTested(
        at_ms=day_ms + 10 * HOUR_MS,
        verdict="heard" if ears else "",
        level_dbfs=-33.5 if ears else None,
        sure=0.98 if ears else None,
    )


def _pressed(day_ms: int) -> list[Told]:
    at_ms = day_ms + 18 * HOUR_MS + 12 * MINUTE_MS
    return [
        (at_ms, STOPPED, SpeakerStopped(until_ms=at_ms + 2 * HOUR_MS)),
        (at_ms + 2 * HOUR_MS, STOPPED, SpeakerReleased(stopped_at_ms=at_ms, by="time")),
    ]
