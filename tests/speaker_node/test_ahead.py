"""What is worked out ahead: the whole sound, loudness by the hour, what is needed first, what just came."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speaker_node.arrangement import (
    BrokenSoundError,
    FileSound,
    Samples,
    arranged,
    to_hear,
    whole_ms,
)
from speaker_node.arrivals import Arrivals
from speaker_node.chime import RATE_HZ, chime
from speaker_node.hour_volume import HourVolume
from speaker_node.live_speech import SENTENCE_MAX, sentences
from speaker_node.timetable import NEAR_MAX, NEAR_MS, Timetable
from tests.speaker_node.stand_ins import bulletin, programme
from tests.support.clocks import TEN_O_CLOCK_MS, HandClock
from wire.intents import Approval

T = TEN_O_CLOCK_MS
DAY_MS = 86_400_000
BODY = np.arange(1, 10_001, dtype=np.int16)


@pytest.mark.parametrize("chimes", [True, False])
@pytest.mark.parametrize("repeats", [1, 3])
def test_the_whole_is_the_same_from_any_place_on(chimes: bool, repeats: int) -> None:
    whole = arranged(Samples(BODY), chimes=chimes, repeats=repeats)
    all_of_it = np.concatenate(list(whole.blocks(0)))
    assert len(all_of_it) == whole.frames
    assert whole.duration_ms == pytest.approx(
        whole_ms(len(BODY) * 1000 / RATE_HZ, chimes=chimes, repeats=repeats), abs=1
    )
    assert (all_of_it[: len(chime())].tolist() == chime().tolist()) == chimes
    assert sum(
        np.array_equal(all_of_it[at : at + 10_000], BODY) for at in np.flatnonzero(all_of_it == 1)
    ) == (repeats)
    for place in (1, len(chime()) + 5, whole.frames - 3, whole.frames):
        rest = list(whole.blocks(place))
        assert np.concatenate([*rest, np.zeros(0, np.int16)]).tolist() == all_of_it[place:].tolist()


def test_staff_hear_it_at_its_volume_and_of_a_long_one_the_beginning() -> None:
    whole = arranged(Samples(BODY), chimes=False, repeats=5)
    heard = to_hear(whole, 0.5, most_s=0.2)
    assert heard.tolist() == np.rint(BODY[: round(0.2 * RATE_HZ)] * 0.5).astype(np.int16).tolist()


def test_a_file_of_another_rate_or_with_two_channels_is_no_sound(tmp_path: Path) -> None:
    for name, rate_hz, channels in (("rate", 44_100, 1), ("stereo", RATE_HZ, 2)):
        soundfile.write(tmp_path / name, np.zeros((100, channels)), rate_hz, format="WAV")
        with pytest.raises(BrokenSoundError):
            arranged(FileSound(tmp_path / name), chimes=True, repeats=1).frames  # noqa: B018


@pytest.mark.parametrize(
    ("hour", "expected"), [(0, 0.3), (4, 0.3), (5, 0.5), (6, 0.5), (7, 1.0), (19, 1.0), (20, 0.3), (23, 0.3)]
)
def test_loudness_goes_by_local_hours(hour: int, expected: float) -> None:
    volume = HourVolume({time(7): 1.0, time(5): 0.5, time(20): 0.3})
    at_ms = T + (hour - 10) * 3_600_000
    assert volume.of(bulletin("a", at_ms, volume=0.5), at_ms) == pytest.approx(0.5 * expected)
    assert HourVolume({}).of(bulletin("a", at_ms, volume=0.5), at_ms) == 0.5


def test_what_is_near_is_bounded_and_what_is_needed_comes_in_order() -> None:
    daily = bulletin("daily", T, repeating=True, more_at_ms=[T + day * DAY_MS for day in range(1, 9)])
    often = bulletin(
        "often", T - 192 * 60_000, repeating=True, more_at_ms=[T - m * 60_000 for m in range(192)]
    )
    again = bulletin("again", T - 192 * 60_000, repeating=True, more_at_ms=often.more_at_ms)
    alarm = bulletin("alarm", T + 5 * DAY_MS, priority="emergency")
    table = Timetable()
    assert table.take(programme(daily, often, again, alarm))
    assert not table.take(programme(daily, often, again, alarm))
    near = table.near(T)
    assert len(near) == NEAR_MAX
    assert f"daily@{T}" in {each.id for each in near}
    assert {each.id for each in table.near(T + DAY_MS - NEAR_MS)} > {f"daily@{T + DAY_MS}"}
    assert "alarm" not in {each.id for each in near}
    assert "alarm" in {each.id for each in table.near(0, also=["alarm"])}
    assert table.needed(T)[0].id == "alarm"
    assert len(table.needed(T)) == 4
    assert [each.id.partition("@")[0] for each in table.needed(T + DAY_MS)] == ["alarm", "daily"]
    assert table.take(None)
    assert table.near(T) == []


def test_what_came_by_the_link_is_fresh_for_its_window_and_what_was_here_is_not() -> None:
    clock = HandClock(is_synced=False)
    at_once = Approval(by="minh", at_ms=T)
    old, new, later = (
        bulletin(each, at_ms, priority="emergency", approved=at_once)
        for each, at_ms in (("old", T), ("new", T), ("later", T + 3_600_000))
    )
    arrivals = Arrivals(clock, [old])
    assert arrivals.fresh() == []
    arrivals.take([old, new, later])
    arrivals.take([old, new, later])
    assert arrivals.fresh() == ["new"]
    clock.set_wall(T - DAY_MS)
    clock.advance(10_000)
    assert arrivals.fresh() == ["new"]
    clock.advance(1)
    assert arrivals.fresh() == []


def test_words_are_said_sentence_by_sentence() -> None:
    long = ("đê vỡ " * 100).strip()
    said = f"nước lên. chạy đi! bà con ở thôn đông lên ngay nhà văn hóa; {long}. hết."
    parts = sentences(said)
    assert parts[0] == "nước lên. chạy đi! bà con ở thôn đông lên ngay nhà văn hóa;"
    assert all(len(part) <= SENTENCE_MAX + 40 for part in parts)
    assert "".join(parts).replace(" ", "") == said.replace(" ", "")
    assert sentences(" … ") == []
