from __future__ import annotations

from pathlib import Path

from gpiozero.pins.mock import MockFactory

from speaker_node.sounding.amplifier import Amplifier
from tests.speaker_node.stand_ins import Post, bulletin
from tests.support.waiting import await_condition
from wire.facts import PlaybackStarted


def test_without_a_pin_it_is_always_on_and_asks_for_no_pins() -> None:
    amplifier = Amplifier(None, None)
    amplifier.switch(on=True)
    amplifier.close()


def test_it_switches_its_relay_and_leaves_it_off() -> None:
    factory = MockFactory()
    amplifier = Amplifier(lambda: factory, 17)
    pin = factory.pin(17)
    amplifier.switch(on=True)
    assert pin.state == 1
    amplifier.switch(on=False)
    assert pin.state == 0
    amplifier.switch(on=True)
    amplifier.close()
    assert pin.state == 0


def test_it_is_on_before_the_first_sample_and_off_when_it_is_silent(tmp_path: Path) -> None:
    post = Post(tmp_path, amplifier_pin=17)
    post.factory = MockFactory()
    post.power_on()
    pin = post.factory.pin(17)
    try:
        due_ms = post.clock.wall_ms() + 1_500
        post.give(bulletin("b1", due_ms))
        assert pin.state == 0
        await_condition(lambda: pin.state == 1)
        assert 300 < due_ms - post.clock.wall_ms() < 700
        await_condition(lambda: post.facts.bodies(PlaybackStarted))
        assert pin.state == 1
        post.give()
        await_condition(lambda: pin.state == 0)
    finally:
        post.power_off()
