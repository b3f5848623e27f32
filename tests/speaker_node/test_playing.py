"""Every kind of bulletin at the whole node, in virtual time: what is heard, and what is told of it."""

from __future__ import annotations

import gc
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from firmware_agent.hardware import HardwareError
from speaker_node.chime import RATE_HZ, chime
from speaker_node.history import STATE_KEY
from speaker_node.repertoire import SPOKEN_INSTEAD, UNREADABLE
from tests.speaker_node.hand_post import HandPost
from tests.speaker_node.stand_ins import ToneVoice, bulletin
from tests.support.waiting import HANGS_S, await_condition
from wire.facts import PlaybackCut, PlaybackFinished, PlaybackRefused, PlaybackStarted
from wire.intents import Approval, Bulletin, Relay, Sound

SPEECH_S = 0.5
CHIME_S = len(chime()) / RATE_HZ + 0.3
TAIL_S = 0.2
SOUND_HZ = 1_000


@pytest.fixture
def post(tmp_path: Path) -> Iterator[HandPost]:
    made = HandPost(tmp_path, ToneVoice(SPEECH_S))
    yield made
    made.close()


def soon(post: HandPost, id_: str, after_ms: int = 1_500, **changes: Any) -> Bulletin:
    return bulletin(id_, post.clock.wall_ms() + after_ms, **changes)


def give(post: HandPost, *bulletins: Bulletin) -> None:
    """Hand the programme over, and let what can be rendered be rendered."""
    post.give(*bulletins)
    post.node.look()
    studio = post.node._repertoire._studio
    await_condition(lambda: all(words in studio._done for words in studio._words.values()))


def ended(post: HandPost, count: int = 1) -> list[Any]:
    found = post.until(lambda: len(told := post.bodies(PlaybackFinished, PlaybackRefused)) >= count and told)
    return list(found)


def tone(seconds: float, hz: float = SOUND_HZ) -> NDArray[np.int16]:
    return (9_000 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)).astype(np.int16)


def on_shelf(post: HandPost, content: bytes, lasts_ms: int = 2_000) -> Sound:
    """Put a file where the shelf keeps what it has fetched."""
    sha256 = hashlib.sha256(content).hexdigest()
    (post.directory / "sounds").mkdir(exist_ok=True)
    (post.directory / "sounds" / sha256).write_bytes(content)
    return Sound(sha256=sha256, size_bytes=len(content), duration_ms=lasts_ms)


def ogg(post: HandPost, samples: NDArray[np.int16]) -> bytes:
    path = post.directory / "made.ogg"
    soundfile.write(path, samples, RATE_HZ, format="OGG", subtype="VORBIS")
    return path.read_bytes()


def pitch_hz(post: HandPost, begin_ms: float, end_ms: float) -> float:
    """Return the strongest frequency that was heard between two wall times."""
    heard = np.concatenate([block for at_ms, block in post.card.heard if begin_ms <= at_ms < end_ms])
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    return float(np.argmax(spectrum) * RATE_HZ / len(heard))


def test_each_time_of_a_bulletin_that_repeats_is_a_sounding_of_its_own(post: HandPost) -> None:
    first_ms = post.clock.wall_ms() + 1_500
    times = [first_ms, first_ms + 6_000]
    give(post, bulletin("a", first_ms, repeating=True, more_at_ms=[times[1]]))
    assert [each.bulletin for each in ended(post, 2)] == [f"a@{each}" for each in times]
    started = [each.started_at_ms for each in post.bodies(PlaybackStarted)]
    assert started == pytest.approx(times, abs=25)
    assert len(list((post.directory / "speech").glob("*.wav"))) == 1


@pytest.mark.parametrize(("chimes", "repeats"), [(True, 1), (False, 1), (False, 3), (True, 2)])
def test_chime_and_repeats_are_as_it_says(post: HandPost, chimes: bool, repeats: int) -> None:
    give(post, soon(post, "a", chime=chimes, repeats=repeats))
    (told,) = ended(post)
    whole_s = CHIME_S * chimes + repeats * SPEECH_S + (repeats - 1) * 1.0 + TAIL_S
    assert told.duration_ms == pytest.approx(whole_s * 1000, abs=5)
    assert told.completeness == 1.0


def test_its_volume_follows_the_hour_but_not_that_of_an_emergency(tmp_path: Path) -> None:
    post = HandPost(tmp_path, ToneVoice(SPEECH_S), volume_by_hour={"09:00": 0.25, "11:00": 1.0})
    try:
        loudness = {}
        for priority in ("ordinary", "emergency"):
            one = soon(post, priority, chime=False, volume=0.5, priority=priority)
            give(post, one)
            post.run(3.0)
            loudness[priority] = post.loudest(one.at_ms, one.at_ms + 600)
        full = 0.9 * 32_767 * 0.5
        assert loudness["emergency"] == pytest.approx(full, rel=0.02)
        assert loudness["ordinary"] == pytest.approx(full / 4, rel=0.02)
    finally:
        post.close()


def test_a_sound_that_is_here_sounds_in_place_of_the_text(post: HandPost) -> None:
    sound = on_shelf(post, ogg(post, tone(2.0)))
    one = soon(post, "a", chime=False, sound=sound, repeats=2)
    post.give(one)
    post.node.look()
    await_condition(lambda: post.node._repertoire._file(one))
    (told,) = ended(post)
    assert pitch_hz(post, one.at_ms + 100, one.at_ms + 1_800) == pytest.approx(SOUND_HZ, abs=5)
    assert told.duration_ms == pytest.approx(2 * 2_000 + 1_000 + 200, abs=10)
    assert told.detail == ""


def test_a_sound_that_is_not_here_in_time_is_spoken_and_said_so(post: HandPost) -> None:
    missing = Sound(sha256="a" * 64, size_bytes=10, duration_ms=2_000)
    one = soon(post, "a", chime=False, sound=missing)
    give(post, one)
    (told,) = ended(post)
    assert pitch_hz(post, one.at_ms, one.at_ms + 400) == pytest.approx(440, abs=5)
    assert (told.detail, post.bodies(PlaybackStarted)[0].detail) == (SPOKEN_INSTEAD, SPOKEN_INSTEAD)


@pytest.mark.parametrize("content", [b"no sound at all", b"OggS" + bytes(400)])
def test_a_file_that_is_no_sound_is_spoken_instead(post: HandPost, content: bytes) -> None:
    one = soon(post, "a", chime=False, sound=on_shelf(post, content))
    give(post, one)
    await_condition(lambda: post.node._repertoire._file(one) or post.node._repertoire._readable)
    give(post, one)
    (told,) = ended(post)
    assert told.detail == UNREADABLE


def test_a_file_of_another_hash_is_never_played(post: HandPost) -> None:
    sound = on_shelf(post, ogg(post, tone(2.0)))
    (post.directory / "sounds" / sound.sha256).write_bytes(ogg(post, tone(2.0, hz=300.0)))
    one = soon(post, "a", chime=False, sound=sound)
    give(post, one)
    (told,) = ended(post)
    assert told.detail == SPOKEN_INSTEAD
    assert pitch_hz(post, one.at_ms, one.at_ms + 400) == pytest.approx(440, abs=5)


def test_restart_begins_anew_and_drop_gives_up(post: HandPost) -> None:
    post.voice.length_s = 3.0
    again = soon(post, "again", priority="music", when_cut="restart", chime=False)
    again = msgspec.structs.replace(again, late_until_ms=again.at_ms + 60_000)
    give(post, again)
    post.run(3.0)
    urgent = soon(post, "urgent", 0, priority="urgent", when_cut="drop")
    give(post, again, urgent)
    post.run(2.5)
    alarm = soon(post, "alarm", 0, priority="emergency")
    give(post, again, urgent, alarm)
    told = {each.bulletin: each for each in ended(post, 3)}
    assert (told["urgent"].reason, told["urgent"].detail[:12]) == ("cut", "cut by alarm")
    assert told["again"].duration_ms == pytest.approx(3_200, abs=10)
    (cut,) = post.bodies(PlaybackCut)
    assert (cut.bulletin, cut.then) == ("again", "restart")
    assert [each.from_ms for each in post.bodies(PlaybackStarted)] == [0, 0, 0, 0]
    assert len(post.bodies(PlaybackStarted, PlaybackCut, PlaybackRefused, PlaybackFinished)) == 8


def test_power_that_goes_while_it_waits_to_go_on_loses_nothing_and_while_it_sounds_ends_it(
    post: HandPost,
) -> None:
    post.voice.length_s = 4.0
    first = soon(post, "first", when_cut="resume", chime=False)
    give(post, first)
    post.run(2.5)
    urgent = soon(post, "urgent", 0, priority="urgent", chime=False)
    give(post, first, urgent)
    post.until(lambda: post.bodies(PlaybackCut))
    post.cut_power()
    give(post, first, urgent)
    post.until(lambda: len(post.bodies(PlaybackStarted)) == 2)
    resumed = post.bodies(PlaybackStarted)[1]
    assert (resumed.bulletin, resumed.from_ms) == ("first", post.bodies(PlaybackCut)[0].sounded_ms)
    post.cut_power()
    give(post, first)
    post.run(6.0)
    told = {each.bulletin: each.reason for each in post.bodies(PlaybackRefused)}
    assert told["first"] == "interrupted"
    assert not post.bodies(PlaybackFinished)


class Gate(ToneVoice):
    """Speaks only when it is let."""

    def __init__(self) -> None:
        super().__init__(0.4)
        self.open = threading.Semaphore(0)
        self.asked: list[str] = []

    def speak(self, text: str) -> NDArray[np.int16]:
        self.asked.append(text)
        assert self.open.acquire(timeout=HANGS_S)
        return super().speak(text)


def test_an_emergency_begins_with_its_chime_while_its_first_sentence_is_rendered(tmp_path: Path) -> None:
    gate = Gate()
    post = HandPost(tmp_path, gate)
    text = "Nước lũ đang về rất nhanh trên sông lớn. Mời bà con lên ngay nhà văn hóa thôn."
    one = bulletin("e", post.clock.wall_ms(), priority="emergency", text=text)
    try:
        post.give(one)
        post.node.look()
        await_condition(lambda: len(gate.asked) >= 2)  # the studio's rendering, and the sentence for now
        for _ in range(30):
            post.card.step()
            post.clock.advance(512 * 1000 / RATE_HZ)
            post.node.look()
        assert post.loudest(one.at_ms + 400, one.at_ms + 800) > 5_000
        gate.open.release(10)
        (told,) = ended(post)
        assert len(gate.asked) == 3  # the whole for the disk, and its two sentences
        assert isinstance(told, PlaybackFinished)
        assert told.duration_ms >= 1_000 * (len(chime()) / RATE_HZ + 0.3 + 2 * 0.4)
    finally:
        gate.open.release(100)
        post.close()


def test_a_voice_that_fails_at_an_emergency_is_told(tmp_path: Path) -> None:
    voice = ToneVoice(broken=True)
    post = HandPost(tmp_path, voice)
    try:
        post.give(bulletin("e", post.clock.wall_ms(), priority="emergency"))
        (told,) = ended(post)
        assert (told.reason, "the tone is broken" in told.detail) == ("unspeakable", True)
    finally:
        post.close()


@pytest.mark.parametrize("text", ["", " \n ", "… !?", "\u202e\ufffc", "12345 " * 4_000])
def test_a_text_of_which_nothing_can_be_read_is_refused_in_words(post: HandPost, text: str) -> None:
    """Also the longest one of figures: it has more words than a voice is given."""
    post.voice = ToneVoice(0.1)
    give(post, soon(post, "a", text=text[:8_000]))
    (told,) = ended(post)
    if isinstance(told, PlaybackRefused):
        assert told.reason == "unspeakable"
        assert told.detail


HOUR_MS = 3_600_000


@pytest.mark.parametrize("jump_ms", [HOUR_MS, -HOUR_MS])
def test_a_clock_that_jumps_an_hour_while_it_sounds_changes_nothing(post: HandPost, jump_ms: int) -> None:
    post.voice.length_s = 3.0
    one = soon(post, "a", chime=False)
    give(post, one)
    post.run(2.5)
    post.clock._wall_ms += jump_ms
    (told,) = ended(post)
    assert told.duration_ms == pytest.approx(3_200, abs=30)
    assert told.completeness == 1.0
    assert told.started_at_ms == pytest.approx(one.at_ms, abs=25), "as the fact of its start says"
    post.clock._wall_ms = one.at_ms - 1_500  # its time comes once more
    post.run(6.0)
    assert len(post.bodies(PlaybackStarted, PlaybackFinished, PlaybackRefused)) == 2


@pytest.mark.parametrize("before_ms", [6_000, 700])
def test_a_clock_that_jumps_an_hour_before_it_sounds_moves_it_or_leaps_over_it(
    post: HandPost, before_ms: int
) -> None:
    """Also when the card is open for it already. Put back, it sounds at its time as it comes then, once."""
    one, leapt = soon(post, "a", 8_000, chime=False), soon(post, "b", 2 * HOUR_MS, chime=False)
    give(post, one, leapt)
    post.run((one.at_ms - post.clock.wall_ms() - before_ms) / 1000)
    post.clock._wall_ms -= HOUR_MS
    post.run(before_ms / 1000 + 3.0)
    assert post.bodies(PlaybackStarted, PlaybackRefused) == []
    post.doze((one.at_ms - post.clock.wall_ms()) / 1000 - 10)
    (told,) = ended(post)
    assert told.started_at_ms == pytest.approx(one.at_ms, abs=25)
    post.clock._wall_ms = leapt.at_ms - before_ms
    post.run(0.2)
    post.clock._wall_ms += HOUR_MS
    post.run(3.0)
    (refused,) = post.bodies(PlaybackRefused)
    assert (refused.bulletin, refused.reason) == ("b", "too_late")
    assert len(post.bodies(PlaybackStarted, PlaybackFinished)) == 2


def test_a_hub_whose_clock_is_an_hour_ahead_is_named_and_its_emergency_heard_at_once(post: HandPost) -> None:
    true_ms, hub_ms = post.clock.wall_ms(), post.clock.wall_ms() + HOUR_MS
    approved = Approval(by="minh", at_ms=hub_ms)
    give(post, bulletin("e", hub_ms + 700, priority="emergency", approved=approved))
    (told,) = ended(post)
    assert told.started_at_ms < true_ms + 2_000
    assert "hub" in told.detail
    assert any("Đồng hồ của hub chạy trước đồng hồ cụm loa 60 phút" in text for text in post.problems.texts())
    post.doze((hub_ms - post.clock.wall_ms()) / 1000 - 10)
    post.run(40.0)
    give(post, soon(post, "a"))  # by a clock that was set right
    ended(post, 2)
    assert len(post.bodies(PlaybackStarted)) == 2, "its time comes, and it has been heard"
    assert post.problems.texts() == []


def test_one_that_is_withdrawn_while_it_waits_to_go_on_is_told_once(post: HandPost) -> None:
    post.voice.length_s = 3.0
    music = soon(post, "music", priority="music", when_cut="resume", chime=False)
    give(post, music)
    post.run(2.5)
    urgent = soon(post, "urgent", 0, priority="urgent")
    give(post, music, urgent)
    post.until(lambda: post.bodies(PlaybackCut))
    give(post, urgent)
    told = {each.bulletin: each for each in ended(post, 2)}
    assert told["music"].reason == "withdrawn"
    post.run(2.0)
    assert len(post.bodies(PlaybackFinished, PlaybackRefused)) == 2


def test_yesterdays_programme_sent_again_sounds_nothing(post: HandPost) -> None:
    one = soon(post, "a")
    give(post, one)
    ended(post)
    post.doze(86_400, every_s=600)
    give(post)
    give(post, one)
    post.run(1.0)
    assert len(post.bodies(PlaybackStarted, PlaybackFinished, PlaybackRefused)) == 2


def test_an_emergency_that_comes_by_the_link_sounds_though_the_clock_knows_nothing(tmp_path: Path) -> None:
    """And one that lay on the disk at the start does not: it may be days old."""
    post = HandPost(tmp_path, ToneVoice(SPEECH_S))
    try:
        post.clock.is_synced = False
        true_ms = post.clock.wall_ms()
        approved = Approval(by="minh", at_ms=true_ms)
        old, new, by_the_clock = (
            bulletin(each, true_ms + after_ms, priority="emergency", approved=approved)
            for each, after_ms in (("old", 0), ("new", 0), ("later", 3_600_000))
        )
        post.clock._wall_ms = 1_000_000
        post.give(old)
        post.cut_power()
        post.run(2.0)
        assert not post.bodies(PlaybackStarted)
        assert any("Đồng hồ" in text for text in post.problems.texts())
        post.give(old, new, by_the_clock, bulletin("plain", true_ms))
        (told,) = ended(post)
        post.run(3.0)
        assert isinstance(told, PlaybackFinished)
        assert told.bulletin == "new"
        post.clock._wall_ms = true_ms + 5_000
        post.clock.is_synced = True
        assert [each.bulletin for each in ended(post, 3)] == ["new", "old", "plain"]
        assert len(post.bodies(PlaybackRefused)) == 0
    finally:
        post.close()


@pytest.mark.parametrize(("held_days", "told"), [(0.5, False), (3, True)])
def test_a_clock_that_is_held_over_plays_and_says_so_when_that_is_long(
    post: HandPost, held_days: float, told: bool
) -> None:
    post.clock.held_ms = round(held_days * 86_400_000)
    give(post, soon(post, "a"))
    (found,) = ended(post)
    assert isinstance(found, PlaybackFinished)
    assert ("held over" in found.detail) == told


def test_a_card_that_vanishes_and_returns_is_taken_up_within_the_window(post: HandPost) -> None:
    one = soon(post, "a")
    post.card.open_output, opens = _refusing, post.card.open_output
    give(post, one)
    post.run(4.0)
    assert any("Loa không phát được" in text for text in post.problems.texts())
    post.card.open_output = opens
    (found,) = ended(post)
    assert isinstance(found, PlaybackFinished)
    assert post.problems.texts() == []


def _refusing(*_: Any) -> Any:
    raise HardwareError("no card")


def test_a_month_leaves_no_threads_files_or_memory_behind(tmp_path: Path) -> None:
    """Three bulletins a day, a sound, a stream, calls to a card that fails, for thirty days."""
    post = HandPost(tmp_path, ToneVoice(0.05), late_max_s=60)
    post.listen = _one_block
    post.catch_up = lambda: _bring(post)
    post.cut_power()
    sound = on_shelf(post, ogg(post, tone(0.3)))
    sizes = []
    try:
        for day in range(30):
            begin_ms = post.clock.wall_ms()
            today = [
                soon(post, f"text{day}", 1_500, text=f"Ngày {day}", chime=False),
                soon(post, f"sound{day}", 2_500, sound=sound, chime=False),
                soon(post, f"relay{day}", 4_000, relay=Relay(url="http://x/y", lasts_ms=1_000, delay_ms=200)),
            ]
            give(post, *today)
            ended(post, 3 * (day + 1))
            post.doze(86_400 - (post.clock.wall_ms() - begin_ms) / 1000, every_s=300)
            sizes.append(_left_behind(post))
        assert len(post.bodies(PlaybackFinished)) == 90
        await_condition(lambda: _left_behind(post).threads <= sizes[5].threads)
        last = _left_behind(post)
        assert last.objects <= sizes[5].objects * 1.02
        assert last.files <= sizes[5].files
        assert last.records <= sizes[5].records
        assert last.state_bytes < 4_000
    finally:
        post.close()


@dataclass(frozen=True)
class LeftBehind:
    threads: int
    files: int
    records: int
    state_bytes: int
    objects: int
    """All that the interpreter keeps track of: what is hoarded anywhere is among them."""


def _left_behind(post: HandPost) -> LeftBehind:
    files = [path for path in post.directory.rglob("*") if path.is_file() and "outbox" not in path.name]
    state = msgspec.json.encode(post.facts.state(STATE_KEY))
    node = post.node
    records = len(node._outcomes.history.records) + len(node._waiting) + len(node._streams._relays)
    post.card.heard.clear()
    gc.collect()
    return LeftBehind(threading.active_count(), len(files), records, len(state), len(gc.get_objects()))


def _one_block(_: str) -> Iterator[NDArray[np.int16]]:
    yield tone(5.0)


def _bring(post: HandPost) -> None:
    """Wait until the streams that are asked for have come."""
    reels: list[Any] = [*post.node._streams._relays.values()]
    if post.node._stage is not None and post.node._stage.start.bulletin.relay is not None:
        reels.append(post.node._stage.reel)
    await_condition(lambda: all(reel.brought_frames for reel in reels))
