"""Live speech at the whole node, in virtual time: heard when somebody speaks, and not before."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commune_hub.live.encoder import Encoder
from speaker_node import office as office_module
from speaker_node.chime import RATE_HZ
from speaker_node.history import History
from speaker_node.node import SpeakerNode
from speaker_node.office import Began, began_ms
from speaker_node.planner import LEAD_MS, Reason, Rules, Speech, Start, View, make_plan, stream_left_ms
from speaker_node.quiet import QuietHours
from speaker_node.sounding import relay as relay_module
from speaker_node.sounding.live_reel import LiveReel, Words, behind_ms, opening
from tests.speaker_node.hand_post import HandPost
from tests.speaker_node.stand_ins import bulletin
from tests.support.clocks import TEN_O_CLOCK_MS
from tests.support.waiting import HANGS_S
from wire.facts import PlaybackCut, PlaybackFinished, PlaybackRefused, PlaybackStarted
from wire.intents import Bulletin, Live
from wire.live import OPUS_HZ, PIECE_MS, Piece

DELAY_MS = 2_000
LASTS_MS = 30_000
CHIME_MS = len(opening(chimes=True)) * 1000 / RATE_HZ
TONE = (9_000 * np.sin(2 * np.pi * 600 * np.arange(OPUS_HZ * 7) / OPUS_HZ)).astype(np.int16)
PACKETS = Encoder().packets(TONE, OPUS_HZ)


@dataclass
class Speaker:
    """Who speaks at the office, in virtual time. `off` are stretches in which nothing of it arrives."""

    post: HandPost
    began_at_ms: float | None = None
    ended_at_ms: float | None = None
    off: list[tuple[float, float]] = field(default_factory=list)
    sent: int = 0
    connections: int = 0
    closed: bool = False

    def speak(self, seconds: float) -> None:
        self.began_at_ms = self.post.clock.wall_ms()
        self.ended_at_ms = self.began_at_ms + seconds * 1000

    def knock(self, _sounding: str) -> Began | None:
        time.sleep(0.0005)
        now_ms = self.post.clock.wall_ms()
        if self.began_at_ms is None:
            return None
        return Began(began_at_ms=round(self.began_at_ms), age_ms=round(now_ms - self.began_at_ms))

    def sound(self, _sounding: str, number: int) -> Iterator[Piece]:
        self.connections += 1
        self.sent = number
        while not self.closed:
            if self.away():
                raise OSError("the line was cut")
            if self.sent < self.spoken():
                yield Piece(self.sent, PACKETS[self.sent])
                self.sent += 1
            elif self.post.clock.wall_ms() >= (self.ended_at_ms or 0):
                yield Piece(self.sent, b"")
                return
            else:
                time.sleep(0.0002)

    def away(self) -> bool:
        return any(begin <= self.post.clock.wall_ms() < end for begin, end in self.off)

    def spoken(self) -> int:
        """Return how many pieces there are by now."""
        assert self.began_at_ms is not None
        until_ms = min(self.post.clock.wall_ms(), self.ended_at_ms or 0)
        return int((until_ms - self.began_at_ms) // PIECE_MS)

    def catch_up(self) -> None:
        """Wait until what was said up to now was sent."""
        deadline_s = time.monotonic() + HANGS_S
        while time.monotonic() < deadline_s:
            sounds = isinstance(getattr(self.post.node._stage, "reel", None), LiveReel)
            if not sounds or self.away() or self.sent >= self.spoken():
                return
            time.sleep(0.0002)


@pytest.fixture
def speaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Speaker]:
    monkeypatch.setattr(relay_module, "AGAIN_AFTER_S", 0.0005)
    monkeypatch.setattr(office_module, "AGAIN_AFTER_S", 0.0005)
    post = HandPost(tmp_path)
    made = Speaker(post)
    post.office = made
    post.catch_up = made.catch_up
    post.cut_power()
    yield made
    made.closed = True
    post.close()


def window(post: HandPost, **changes: Any) -> Bulletin:
    at_ms = post.clock.wall_ms() + 1_000
    live = Live(lasts_ms=LASTS_MS, delay_ms=DELAY_MS)
    return bulletin("l", at_ms, late_until_ms=at_ms + LASTS_MS, live=live, volume=1.0, **changes)


def began(speaker: Speaker) -> float:
    """Let the node hear that somebody speaks; return when his first word is to sound."""
    line = speaker.post.until(lambda: speaker.post.node._streams._lines.get("l"), 3.0)
    speaker.speak(6.0)
    deadline_s = time.monotonic() + HANGS_S
    while line.began_at_ms is None and time.monotonic() < deadline_s:
        time.sleep(0.0005)
    return float(line.began_at_ms + DELAY_MS)


def last(post: HandPost, within_s: float = 60.0) -> Any:
    return post.until(lambda: post.bodies(PlaybackFinished, PlaybackRefused), within_s)[0]


def test_it_sounds_behind_its_chime_when_somebody_speaks_and_ends_with_him(speaker: Speaker) -> None:
    post = speaker.post
    post.give(window(post))
    post.run(4.0)
    assert post.card.opened == 0, "while nobody speaks there is not even a hiss"
    begins_ms = began(speaker)
    told = last(post)
    assert isinstance(told, PlaybackFinished)
    assert told.completeness == 1.0
    assert told.started_at_ms == pytest.approx(begins_ms, abs=30)
    assert told.duration_ms == pytest.approx(6_000 + CHIME_MS, abs=60)
    assert "chậm (live, behind by) " in post.bodies(PlaybackStarted)[0].detail
    words_ms = begins_ms + CHIME_MS
    assert post.loudest(words_ms - 200, words_ms - 50) < 100
    assert post.loudest(words_ms + 500, words_ms + 5_500) == pytest.approx(9_000, rel=0.2)
    assert post.loudest(words_ms + 6_200, words_ms + 9_000) == 0
    assert speaker.connections == 1


def test_when_nobody_speaks_in_the_window_that_is_told_and_nothing_sounds(speaker: Speaker) -> None:
    post = speaker.post
    post.give(window(post))
    told = last(post)
    assert (told.reason, told.detail) == ("no_stream", "nobody spoke")
    assert post.clock.wall_ms() > told.due_at_ms + LASTS_MS - 2_000
    assert post.card.opened == 0


@pytest.mark.parametrize(("away_ms", "completeness"), [(1_500, 1.0), (4_000, None)])
def test_a_gap_within_the_delay_is_not_heard_and_a_longer_one_is_counted(
    speaker: Speaker, away_ms: int, completeness: float | None
) -> None:
    post = speaker.post
    post.give(window(post, chime=False))
    begins_ms = began(speaker)
    speaker.off = [(begins_ms, begins_ms + away_ms)]
    told = last(post)
    assert isinstance(told, PlaybackFinished)
    # Cut as the first word sounds: two seconds are here, and what comes later than its instant is silence.
    expected = completeness or 1 - (away_ms - DELAY_MS) / 6_000
    assert told.completeness == pytest.approx(expected, abs=0.03)
    assert told.duration_ms == pytest.approx(6_000, abs=60)
    assert post.loudest(begins_ms + 4_500, begins_ms + 5_800) > 7_000
    assert speaker.connections >= 2


def test_an_emergency_cuts_it_and_it_goes_on_with_what_is_said_then(speaker: Speaker) -> None:
    post = speaker.post
    one = window(post, when_cut="resume", chime=False)
    post.give(one)
    begins_ms = began(speaker)
    post.until(lambda: post.bodies(PlaybackStarted))
    storm = bulletin("e", post.clock.wall_ms(), priority="emergency", chime=False)
    post.give(one, storm)
    post.until(lambda: len(post.bodies(PlaybackFinished)) == 2)
    assert [each.bulletin for each in post.bodies(PlaybackStarted)] == ["l", "e", "l"]
    assert post.bodies(PlaybackCut)[0].by == "e"
    assert post.loudest(begins_ms + 5_000, begins_ms + 5_900) > 7_000
    assert post.loudest(begins_ms + 6_100, begins_ms + 8_000) == 0


@pytest.mark.parametrize(("changes", "reason"), [({"approved": None}, "not_approved"), ({}, "withdrawn")])
def test_what_is_not_approved_is_not_even_asked_for_and_a_withdrawal_silences(
    speaker: Speaker, changes: dict[str, Any], reason: str
) -> None:
    post = speaker.post
    post.give(window(post, **changes))
    if not changes:
        began(speaker)
        post.until(lambda: post.bodies(PlaybackStarted))
        post.give()
    told = last(post, 5.0)
    assert told.reason == reason
    assert speaker.connections == (0 if changes else 1)
    assert post.loudest(post.clock.wall_ms() + 20, post.clock.wall_ms() + 1e9) == 0


@pytest.mark.parametrize(("ahead_ms", "believed"), [(0, 0), (600, 0), (5_000, 5_000), (-90_000, -90_000)])
def test_clocks_that_agree_are_compared_and_others_are_not(ahead_ms: int, believed: int) -> None:
    """`ahead_ms` is how far this device's clock is ahead of the hub's, the answer's way included."""
    told = Began(began_at_ms=1_000_000, age_ms=500)
    assert began_ms(told, 1_000_500 + ahead_ms) == 1_000_000 + believed


def test_pieces_that_are_missing_or_broken_are_silence_as_long() -> None:
    words = Words(3)
    assert len(words.take(Piece(2, PACKETS[2]))) == 0
    whole = sum(len(words.take(Piece(number, PACKETS[number]))) for number in (3, 4, 10))
    assert whole == pytest.approx(8 * 441, abs=20)
    assert len(words.take(Piece(11, b"\xff" * 9))) >= 0
    assert words.number == 12


def test_a_node_without_a_door_waits_in_silence(tmp_path: Path) -> None:
    post = HandPost(tmp_path)
    post.give(window(post))
    post.run(3.0)
    assert isinstance(post.node, SpeakerNode)
    assert post.node._streams._lines == {}
    post.close()


def test_a_window_in_which_nobody_speaks_holds_up_nobody_and_quiet_hours_close_it() -> None:
    at_ms = TEN_O_CLOCK_MS
    live = Live(lasts_ms=60_000, delay_ms=DELAY_MS)
    silent = bulletin("l", at_ms - 1_000, live=live, priority="urgent")
    other = bulletin("o", at_ms)
    both = [silent, other]
    known = {"o": Speech(duration_ms=5_000)}
    seen = View(both, History().take(both, at_ms), at_ms, True, known)
    made = make_plan(seen, Rules(None, 60_000))
    assert (made.next, made.lives, made.refusals) == (Start(other, at_ms + LEAD_MS), (silent,), ())
    speaks = {**known, "l": Speech(duration_ms=60_000, begins_at_ms=at_ms + 2_500)}
    made = make_plan(replace(seen, speech=speaks), Rules(None, 60_000))
    assert made.next is None, "what would be cut at once waits"
    last_word_ms = at_ms - 1_000 + 60_000 + behind_ms(silent)
    assert stream_left_ms(Start(silent, at_ms + 2_500)) == last_word_ms - (at_ms + 2_500)
    night = QuietHours(datetime.time(10), datetime.time(11))
    made = make_plan(replace(seen, speech=speaks), Rules(night, 60_000))
    assert ("l", Reason.QUIET_HOURS) in [(each.bulletin, each.reason) for each in made.refusals]
    assert made.lives == ()
