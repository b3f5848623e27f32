"""What a writer of a bulletin hands in, checked: what is wrong is named, all of it at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from commune_hub.errors import InvalidError
from commune_hub.times import local_time
from commune_hub.timetable.rules import Rule
from firmware_agent.lines import shows, unshown_in, without_marks
from wire.intents import SPOKEN_MAX, Live, Relay, Sound

TITLE_MAX = 200
TEXT_MAX = 8_000
PLACES_MAX = 200
AHEAD_MAX_MS = 366 * 86_400_000

PRIORITIES = {
    "emergency": "Khẩn cấp",
    "urgent": "Gấp",
    "ordinary": "Thường",
    "music": "Nhạc, tiếp âm",
}
"""Most urgent first; each cuts what stands behind it."""

WHEN_CUT = {"resume": "phát tiếp", "restart": "phát lại từ đầu", "drop": "bỏ"}


class How(Struct, frozen=True, kw_only=True):
    """How a bulletin sounds, besides what it says and where."""

    priority: Literal["emergency", "urgent", "ordinary", "music"] = "ordinary"
    rule: Rule | None = None
    """The days and times at which it repeats; None: once."""
    chime: bool = True
    repeats: Annotated[int, Meta(ge=1, le=5)] = 1
    volume: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.8
    when_cut: Literal["resume", "restart", "drop"] = "drop"
    sound: Sound | None = None
    """What sounds in place of the spoken text."""
    relay: Relay | None = None
    live: Live | None = None
    """A window in which somebody may speak from the office, in place of the text."""


ORDINARY = How()


@dataclass(frozen=True)
class Draft:
    """What a writer hands in. `at_ms` None: as soon as it is approved, or by its rule."""

    title: str
    text: str
    places: tuple[str, ...]
    at_ms: int | None
    how: How = ORDINARY


def as_seen(draft: Draft) -> Draft:
    """Return the draft without what no reader sees: what is approved on the screen is what will sound.

    An embedded NUL ends the speech early; marks of direction show letters in another order than they sound.
    """
    return replace(draft, title=seen_text(draft.title), text=seen_text(draft.text))


def check(draft: Draft, known_places: Collection[str], now_ms: int) -> None:
    """Raise InvalidError that names every field that is wrong."""
    mistakes = [
        *_wrong_words(draft),
        *_wrong_places(draft, known_places),
        *_wrong_times(draft, now_ms),
        *_wrong_ways(draft.how),
    ]
    if mistakes:
        raise InvalidError("; ".join(mistakes))


def check_said(said: str) -> None:
    """Raise InvalidError for a spoken form that no loudspeaker can say: no word, or too many of them."""
    if not any(letter.isalpha() for letter in said):
        raise InvalidError(
            "Nội dung không có chữ nào đọc được thành tiếng; hãy viết bằng chữ tiếng Việt. "
            "(There is no word in it that can be read aloud.)"
        )
    if len(said) > SPOKEN_MAX:
        raise InvalidError(
            f"Bản tin đọc thành tiếng dài {len(said)} ký tự, loa nhận nhiều nhất {SPOKEN_MAX}; "
            f"hãy rút gọn hoặc chia làm nhiều bản tin. (Once spoken it is {len(said)} characters, at most "
            f"{SPOKEN_MAX} are allowed; shorten or split it.)"
        )


def _wrong_words(draft: Draft) -> list[str]:
    mistakes = []
    if not 1 <= len(draft.title) <= TITLE_MAX:
        mistakes.append(_length("tiêu đề (title)", draft.title, TITLE_MAX))
    if not 1 <= len(draft.text) <= TEXT_MAX:
        mistakes.append(_length("nội dung (text)", draft.text, TEXT_MAX))
    return mistakes


def _length(name: str, written: str, most: int) -> str:
    if not written:
        return f"{name}: còn trống, cần 1–{most} ký tự (empty; 1 to {most} characters)"
    return f"{name}: dài {len(written)} ký tự, nhiều nhất {most}; hãy rút gọn (at most {most} characters)"


def _wrong_places(draft: Draft, known_places: Collection[str]) -> list[str]:
    mistakes = []
    if not 1 <= len(draft.places) <= PLACES_MAX:
        mistakes.append("nơi phát (places): hãy chọn ít nhất một nơi phát (choose at least one place)")
    unknown = sorted(set(draft.places) - set(known_places))
    if unknown:
        mistakes.append(
            f"nơi phát (places): không có nơi (no such place): {', '.join(unknown)[:200]}; "
            f"có (there are): {', '.join(sorted(known_places))[:400]}"
        )
    return mistakes


def _wrong_times(draft: Draft, now_ms: int) -> list[str]:
    rule = draft.how.rule
    if rule is not None and draft.at_ms is not None:
        return [
            "giờ phát (at): chọn một giờ phát hoặc một lịch lặp, không chọn cả hai (either a time or a rule)"
        ]
    if rule is not None:
        last = local_time(now_ms).date() + timedelta(days=366 * 2)
        if rule.last < local_time(now_ms).date() or not rule.times_ms(now_ms, now_ms + 2 * AHEAD_MAX_MS):
            return ["lịch lặp (rule): đã hết, bản tin sẽ không bao giờ phát (the rule has ended already)"]
        return (
            []
            if rule.first <= last
            else ["lịch lặp (rule): ngày bắt đầu quá xa (the first day is too far off)"]
        )
    if draft.at_ms is not None and not now_ms <= draft.at_ms <= now_ms + AHEAD_MAX_MS:
        return ["giờ phát (at): phải ở phía trước, trong vòng một năm (in the future, within a year)"]
    return []


def _wrong_ways(how: How) -> list[str]:
    mistakes = []
    if how.priority == "emergency" and how.rule is not None:
        mistakes.append(
            "ưu tiên (priority): tin khẩn cấp không lặp theo lịch (an emergency does not repeat by a rule)"
        )
    streams = [each for each in (how.relay, how.live) if each is not None]
    if len(streams) + (how.sound is not None) > 1:
        mistakes.append(
            "âm thanh (sound): chọn một trong tệp âm thanh, tiếp âm, nói trực tiếp "
            "(either a sound, a relay or live)"
        )
    if streams and how.repeats != 1:
        mistakes.append(
            "số lần đọc (repeats): tiếp âm, nói trực tiếp chỉ phát một lượt (a stream is not repeated)"
        )
    return mistakes


def seen_text(text: str) -> str:
    """Return what a reader sees of a text of several lines; empty where that is nothing."""
    lines = without_marks("\n".join(text.splitlines()))
    seen = "".join(letter for letter in lines if not unshown_in(letter, keep="\n\t")).strip()
    return seen if shows(seen) else ""
