"""The stop button: silence within a tenth of a second, whatever plays, for its time, also over a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.parts.pins import SimPins
from speaker_node.stop import Stop
from speaker_node.stop_button import LONG_S
from tests.speaker_node.stand_ins import FactsOnOutbox, Post, ToneVoice, bulletin
from tests.speaker_node.test_cutting import await_facts, loudest
from tests.support.clocks import HandClock
from tests.support.waiting import await_condition
from wire.facts import PlaybackRefused, PlaybackStarted, SpeakerReleased, SpeakerStopped

PIN = 22
MINUTE_MS = 60_000


@pytest.fixture
def pole(tmp_path: Path) -> Iterator[tuple[Post, SimPins]]:
    pins = SimPins(seed=5)
    post = Post(tmp_path, voice=ToneVoice(length_s=20.0), stop_pin=PIN)
    post.factory = pins.factory
    post.power_on()
    yield post, pins
    post.power_off()
    pins.close()


def test_a_press_silences_even_an_emergency_and_a_long_one_lets_it_sound_again(
    pole: tuple[Post, SimPins],
) -> None:
    post, pins = pole
    post.give(bulletin("alarm", post.clock.wall_ms() + 500, priority="emergency"))
    await_facts(post, PlaybackStarted)
    pressed_s = post.since_s()
    pins.press(PIN)
    (refused,) = await_facts(post, PlaybackRefused)
    assert (refused.bulletin, refused.reason) == ("alarm", "stopped")
    assert refused.detail.startswith("stopped after")
    await_condition(lambda: post.since_s() > pressed_s + 0.6)
    post.card.open_output(22_050, 512, lambda *_: None).close()  # writes the time line up to now
    assert loudest(post, pressed_s + 0.1, pressed_s + 0.5) == 0
    (stopped,) = post.facts.bodies(SpeakerStopped)
    assert stopped.until_ms == pytest.approx(post.clock.wall_ms() + 30 * MINUTE_MS, abs=3_000)

    post.power_off()
    post.power_on()
    assert any("đang bị dừng" in text for text in await_condition(post.problems.texts))
    now_ms = post.clock.wall_ms()
    post.give(bulletin("b1", now_ms), bulletin("e2", now_ms, priority="emergency"))
    assert [each.bulletin for each in await_facts(post, PlaybackRefused, 2)] == ["alarm", "b1"]
    pins.press(PIN)  # a short one changes nothing
    assert len(post.facts.bodies(SpeakerStopped)) == 1
    pins.press(PIN, hold_s=LONG_S + 0.3)
    assert await_facts(post, SpeakerReleased)[0].by == "button"
    assert await_facts(post, PlaybackStarted, 2)[-1].bulletin == "e2"


def test_a_button_that_is_shorted_from_the_start_stops_nothing_and_is_told(tmp_path: Path) -> None:
    pins = SimPins(seed=6)
    pins.factory.pin(PIN).drive_low()
    post = Post(tmp_path, stop_pin=PIN)
    post.factory = pins.factory
    try:
        post.power_on()
        post.give(bulletin("b1", post.clock.wall_ms() + 300))
        await_facts(post, PlaybackStarted)
        assert not post.facts.bodies(SpeakerStopped)
    finally:
        post.power_off()
        pins.close()


class Bench:
    """A stop of thirty minutes on a clock that is set by hand; the node may be started anew."""

    def __init__(self, directory: Path) -> None:
        self.clock = HandClock()
        self.facts = FactsOnOutbox(directory, self.clock)
        self.restart()

    def restart(self, boot: str = "boot-1") -> None:
        self.clock.boot = boot
        self.stop = Stop(self.facts, self.clock, minutes=30)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.facts.close()


def pass_minutes(bench: Bench, minutes: float) -> bool:
    bench.clock.advance(round(minutes * MINUTE_MS))
    return bench.stop.active()


def test_it_ends_after_its_time_and_tells_so_once(bench: Bench) -> None:
    assert not bench.stop.active()
    bench.stop.press()
    assert pass_minutes(bench, 29.9)
    bench.restart()
    assert bench.stop.active()
    assert not pass_minutes(bench, 0.1)
    bench.restart()
    assert not bench.stop.active()
    (released,) = bench.facts.bodies(SpeakerReleased)
    assert released.by == "time"


@pytest.mark.parametrize("by_ms", [-3_600_000, 3_600_000])
def test_a_clock_that_is_set_by_an_hour_does_not_end_it(bench: Bench, by_ms: int) -> None:
    bench.stop.press()
    bench.clock.set_wall(bench.clock.wall_ms() + by_ms)
    assert pass_minutes(bench, 29)
    assert not pass_minutes(bench, 1)


@pytest.mark.parametrize(("synced", "left_min"), [(True, 10), (False, 30)])
def test_after_a_power_cut_it_goes_on(bench: Bench, synced: bool, left_min: int) -> None:
    """The clock says how much is left; one that does not know lets all of it count anew."""
    bench.stop.press()
    assert pass_minutes(bench, 20)
    bench.clock.is_synced = synced
    bench.clock._mono_ms = 5_000
    bench.restart("boot-2")
    assert bench.stop.active()
    assert pass_minutes(bench, left_min - 0.1)
    assert not pass_minutes(bench, 0.1)


def test_a_clock_that_learns_the_time_after_a_power_cut_shortens_it(bench: Bench) -> None:
    bench.stop.press()
    bench.clock.is_synced = False
    bench.clock._mono_ms = 5_000
    bench.restart("boot-2")
    assert pass_minutes(bench, 1)
    bench.clock.is_synced = True
    assert pass_minutes(bench, 28.9)
    assert not pass_minutes(bench, 0.1)
