"""The simulator's model broker has the traps of the real one: one script, on Mosquitto and on the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import paho.mqtt.client as mqtt
import pytest

from sim.faults.broker import Broker
from tests.faults.test_traps import QUEUED_MAX, Bare, hub_of
from tests.support.commune import COMMUNE
from tests.support.site import KIOSK, Site
from tests.support.waiting import await_condition
from wire.topics import hub_filters

FACTS, STATUSES = hub_filters(COMMUNE)
ONLINE, GONE = b"online", b"gone"


class World(Protocol):
    """A broker, a device that may publish, and a hub that may listen; real or modelled."""

    def hub_listens(self, pattern: str) -> None:
        """The hub connects, with a durable session, and subscribes."""

    def hub_leaves(self) -> None:
        """The hub says good-bye; its session stays."""

    def device_comes(self, *, will: bytes | None = None) -> None:
        """The device connects."""

    def device_says(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """The device publishes; returns the reason code that it is told."""

    def device_vanishes(self) -> None:
        """The device's power fails."""

    def heard(self, at_least: int) -> list[bytes]:
        """What the hub was given, once it is at least so much."""

    def power_cut(self, *, saved: bool) -> None:
        """The broker is killed and started again; `saved` just after it wrote its snapshot."""


class Modelled:
    """The model."""

    def __init__(self) -> None:
        self._broker = Broker(queue_limit=QUEUED_MAX)
        self._given: list[bytes] = []

    def hub_listens(self, pattern: str) -> None:
        self._given = []
        self._broker.connect("hub", self._take, durable=True)
        self._broker.subscribe("hub", pattern)

    def hub_leaves(self) -> None:
        self._broker.disconnect("hub", clean=True)

    def device_comes(self, *, will: bytes | None = None) -> None:
        self._broker.connect(
            "device", lambda _topic, _payload: None, will=(KIOSK.status, will) if will else None
        )

    def device_says(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        return self._broker.publish("device", topic, payload, retain=retain)

    def device_vanishes(self) -> None:
        self._broker.disconnect("device", clean=False)

    def heard(self, at_least: int) -> list[bytes]:
        # A delivery confirms itself, so everything that will come has come.
        while self._broker.waiting("hub"):
            self._broker.confirm("hub")
        assert len(self._given) >= at_least
        return self._given

    def power_cut(self, *, saved: bool) -> None:
        if saved:
            self._broker.save()
        self._broker.kill()
        self._broker.restart()

    def _take(self, _topic: str, payload: bytes) -> None:
        self._given.append(payload)


class Real:
    """Mosquitto with persistence, and its default interval of half an hour."""

    def __init__(self, directory: Path) -> None:
        self.site = Site(directory, f"persistence true\npersistence_location {directory}/")
        self._hub: Bare | None = None
        self._device: Bare | None = None

    def hub_listens(self, pattern: str) -> None:
        self._hub = Bare(self.site, hub_of(self.site), "hub.bare").connect(durable=True)
        self._hub.subscribe(pattern)

    def hub_leaves(self) -> None:
        assert self._hub is not None
        self._hub.leave()

    def device_comes(self, *, will: bytes | None = None) -> None:
        # MQTT 3.1.1, in which a refused message is confirmed like any other.
        self._device = Bare(self.site, self.site.identity, "device", version=mqtt.MQTTv311)
        if will is not None:
            self._device.client.will_set(KIOSK.status, will, qos=1, retain=True)
        self._device.connect()

    def device_says(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        assert self._device is not None
        told = len(self._device.answers)
        self._device.client.publish(topic, payload, qos=1, retain=retain)
        await_condition(lambda: self._device is not None and len(self._device.answers) > told)
        return self._device.answers[-1]

    def device_vanishes(self) -> None:
        assert self._device is not None
        self._device.vanish()

    def heard(self, at_least: int) -> list[bytes]:
        hub = self._hub
        assert hub is not None
        await_condition(lambda: len(hub.received) >= at_least, 20)
        return [bytes(message.payload) for message in hub.received]

    def power_cut(self, *, saved: bool) -> None:
        for each in (self._hub, self._device):
            if each is not None:
                each.client.loop_stop()
        if saved:
            self.site.broker.save()
        self.site.broker.kill()
        self.site.broker.start()


@pytest.fixture(params=["mosquitto", "model"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "model":
        yield Modelled()
        return
    real = Real(tmp_path)
    with real.site.broker:
        yield real


def say_facts(world: World, count: int, tell: Callable[[int], bytes] = lambda n: str(n).encode()) -> None:
    for number in range(count):
        assert world.device_says(KIOSK.facts, tell(number)) < 0x80, "each is confirmed"


def test_beyond_a_thousand_what_waits_for_a_hub_that_is_away_is_dropped(world: World) -> None:
    world.hub_listens(FACTS)
    world.hub_leaves()
    world.device_comes()
    say_facts(world, QUEUED_MAX + 100)
    world.hub_listens(FACTS)
    heard = world.heard(QUEUED_MAX)
    world.device_says(KIOSK.facts, b"last")
    heard = world.heard(QUEUED_MAX + 1)
    assert heard[:-1] == [str(number).encode() for number in range(QUEUED_MAX)]
    assert heard[-1] == b"last"


def test_a_kill_loses_what_was_confirmed_since_the_last_snapshot(world: World) -> None:
    world.hub_listens(FACTS)
    world.hub_leaves()
    world.device_comes()
    say_facts(world, 50)
    world.power_cut(saved=False)
    world.hub_listens(FACTS)
    world.device_comes()
    world.device_says(KIOSK.facts, b"after")
    assert world.heard(1) == [b"after"]


def test_a_sign_of_life_outlives_a_device_that_died_with_the_broker(world: World) -> None:
    world.device_comes(will=GONE)
    world.device_says(KIOSK.status, ONLINE, retain=True)
    world.power_cut(saved=True)
    world.hub_listens(STATUSES)
    assert world.heard(1) == [ONLINE]


def test_a_device_that_vanishes_leaves_its_last_will(world: World) -> None:
    world.hub_listens(STATUSES)
    world.device_comes(will=GONE)
    world.device_says(KIOSK.status, ONLINE, retain=True)
    world.device_vanishes()
    assert world.heard(2) == [ONLINE, GONE]
