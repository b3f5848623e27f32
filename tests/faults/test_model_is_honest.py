"""The simulator's model broker has the traps of the real one: one script, on Mosquitto and on the model."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import paho.mqtt.client as mqtt
import pytest

from sim.faults.broker import INFLIGHT_MAX, PACKET_BYTES_MAX, SUCCESS, Broker
from sim.faults.client import Client, Line
from sim.faults.schedule import Schedule
from tests.faults.test_traps import QUEUED_MAX, Bare, hub_of
from tests.support.broker import NODES
from tests.support.commune import COMMUNE
from tests.support.site import KIOSK, Site
from tests.support.waiting import await_condition
from wire.topics import access_list, hub_filters

FACTS, STATUSES = hub_filters(COMMUNE)
ONLINE, GONE = b"online", b"gone"
A_MINUTE_MS = 60_000


class World(Protocol):
    """A broker, a device that may publish, and a hub that may listen; real or modelled."""

    def hub_listens(self, pattern: str) -> None:
        """The hub connects, with a durable session, and subscribes."""

    def hub_leaves(self) -> None:
        """The hub says good-bye; its session stays."""

    def hub_hesitates(self) -> None:
        """The hub takes long over what it is given, until it is asked what it heard."""

    def device_comes(self, *, will: bytes | None = None) -> None:
        """The device connects."""

    def device_says(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """The device publishes; returns the reason code that it is told."""

    def device_sends(self, payload: bytes) -> None:
        """The device publishes a batch, and waits for nothing."""

    def device_dies_inside(self) -> None:
        """The network thread of the device's client ends."""

    def device_says_it_is_connected(self) -> bool:
        """What the device's client says of itself."""

    def device_is_hung_up_on(self, times: int) -> None:
        """Wait until the broker has ended so many connections of the device, which came back after each."""

    def device_vanishes(self) -> None:
        """The device's power fails."""

    def deny(self, *, denied: bool) -> None:
        """The access list denies the device to publish, or allows it again."""

    def witness_says(self, payload: bytes) -> None:
        """Somebody else publishes a batch; when the hub has it, what comes before it has come."""

    def heard(self, at_least: int) -> list[bytes]:
        """What the hub was given, once it is at least so much."""

    def power_cut(self, *, saved: bool) -> None:
        """The broker is killed and started again; `saved` just after it wrote its snapshot."""


class Calm(random.Random):
    """Dice that always fall the same: nothing comes twice or overtakes."""

    def random(self) -> float:
        return 0.5


class Modelled:
    """The model broker, and a device with the model of a client on a line."""

    def __init__(self) -> None:
        self._broker = Broker(queue_limit=QUEUED_MAX)
        self._schedule = Schedule()
        self._device: Client | None = None
        self._hung_up_on = 0
        self._given: list[bytes] = []

    def hub_listens(self, pattern: str) -> None:
        self._given = []
        self._broker.connect("hub", self._take, durable=True)
        self._broker.subscribe("hub", pattern)

    def hub_leaves(self) -> None:
        self._broker.disconnect("hub", clean=True)

    def hub_hesitates(self) -> None:
        """It confirms nothing before `heard`."""

    def device_comes(self, *, will: bytes | None = None) -> None:
        chance = Calm()
        line = Line(self._schedule, chance)
        last = (KIOSK.status, will) if will else None
        self._device = Client(self._schedule, chance, self._broker, line, "device", will=last)
        self._device.on_disconnect = self._count
        self._device.start()
        self._pass_until(self.device_says_it_is_connected)

    def device_says(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        told: list[bytes] = []
        assert self._device is not None
        self._device.on_puback = lambda _topic, confirmed: told.append(confirmed)
        self._device.publish(topic, payload, retain=retain)
        self._pass_until(lambda: bool(told))
        assert told
        return SUCCESS

    def device_sends(self, payload: bytes) -> None:
        assert self._device is not None
        self._device.publish(KIOSK.facts, payload)
        self._pass_until(lambda: False)

    def device_dies_inside(self) -> None:
        assert self._device is not None
        self._device.dead_inside = True

    def device_says_it_is_connected(self) -> bool:
        return self._device is not None and self._device.connected

    def device_is_hung_up_on(self, times: int) -> None:
        self._pass_until(lambda: self._hung_up_on >= times)
        assert self._hung_up_on >= times

    def device_vanishes(self) -> None:
        assert self._device is not None
        self._device.close()

    def deny(self, *, denied: bool) -> None:
        self._broker.denied = {"device"} if denied else set()

    def witness_says(self, payload: bytes) -> None:
        self._broker.publish("witness", KIOSK.facts, payload)

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
        if self._device is not None:
            self._device.close()
        self._broker.restart()

    def _pass_until(self, enough: Callable[[], bool]) -> None:
        self._schedule.run_until(self._schedule.now_ms + A_MINUTE_MS, enough)

    def _count(self) -> None:
        self._hung_up_on += 1

    def _take(self, _topic: str, payload: bytes) -> None:
        self._given.append(payload)


class Real:
    """Mosquitto with persistence, and its default interval of half an hour."""

    def __init__(self, directory: Path) -> None:
        self.site = Site(directory, f"persistence true\npersistence_location {directory}/")
        self._hub: Bare | None = None
        self._goes_on = threading.Event()
        self._device: Bare | None = None

    def hub_listens(self, pattern: str) -> None:
        self._hub = Bare(self.site, hub_of(self.site), "hub.bare").connect(durable=True)
        self._hub.subscribe(pattern)

    def hub_leaves(self) -> None:
        assert self._hub is not None
        self._hub.leave()

    def hub_hesitates(self) -> None:
        hub = self._hub
        assert hub is not None

        def take(_client: object, _data: object, message: mqtt.MQTTMessage) -> None:
            assert self._goes_on.wait(30)
            hub.received.append(message)

        hub.client.on_message = take

    def device_comes(self, *, will: bytes | None = None) -> None:
        # MQTT 3.1.1, in which a refused message is confirmed like any other.
        self._device = Bare(self.site, self.site.identity, "device", version=mqtt.MQTTv311)
        self._device.client.max_inflight_messages_set(INFLIGHT_MAX)
        if will is not None:
            self._device.client.will_set(KIOSK.status, will, qos=1, retain=True)
        self._device.connect()

    def device_says(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        assert self._device is not None
        self._device.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)
        return self._device.answers[-1]

    def device_sends(self, payload: bytes) -> None:
        assert self._device is not None
        self._device.client.publish(KIOSK.facts, payload, qos=1)

    def device_dies_inside(self) -> None:
        device = self._device
        assert device is not None
        # paho's thread ends by whatever a callback raises.
        device.client.on_publish = self._raise
        device.client.publish(KIOSK.facts, b"last words", qos=1)
        await_condition(lambda: device.client._thread is None)

    def device_says_it_is_connected(self) -> bool:
        return self._device is not None and self._device.client.is_connected()

    def device_is_hung_up_on(self, times: int) -> None:
        told = "Client device disconnected due to oversize"
        await_condition(lambda: self.site.broker.log().count(told) >= times, 20)

    def device_vanishes(self) -> None:
        assert self._device is not None
        self._device.vanish()

    def deny(self, *, denied: bool) -> None:
        broker = self.site.broker
        rules = "user hub\ntopic readwrite #\n" if denied else access_list(COMMUNE, NODES)
        broker.access_file.write_text(rules, encoding="utf-8")
        reloaded = broker.log().count("Reloading config")
        broker.reload()
        await_condition(lambda: broker.log().count("Reloading config") > reloaded)

    def witness_says(self, payload: bytes) -> None:
        witness = Bare(self.site, self.site.identity, "witness").connect()
        witness.client.publish(KIOSK.facts, payload, qos=1).wait_for_publish(10)
        witness.leave()
        await_condition(lambda: payload in self.heard(0))

    @staticmethod
    def _raise(*_: object) -> None:
        raise RuntimeError("a callback fails")

    def heard(self, at_least: int) -> list[bytes]:
        hub = self._hub
        assert hub is not None
        self._goes_on.set()
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


def test_a_hub_that_is_there_but_slow_loses_what_is_beyond_the_queue(world: World) -> None:
    world.hub_listens(FACTS)
    world.hub_hesitates()
    world.device_comes()
    say_facts(world, QUEUED_MAX + INFLIGHT_MAX + 100)
    heard = world.heard(QUEUED_MAX + INFLIGHT_MAX)
    world.witness_says(b"witness")
    assert world.heard(0) == [*(b"%d" % number for number in range(QUEUED_MAX + INFLIGHT_MAX)), b"witness"]
    assert heard[0] == b"0"


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


def test_what_the_access_list_denies_is_confirmed_like_any_other(world: World) -> None:
    world.hub_listens(FACTS)
    world.device_comes()
    world.deny(denied=True)
    say_facts(world, 3)
    world.deny(denied=False)
    world.device_says(KIOSK.facts, b"allowed")
    assert world.heard(1) == [b"allowed"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_client_whose_network_thread_died_calls_itself_connected_and_soon_sends_nothing(
    world: World,
) -> None:
    world.hub_listens(FACTS)
    world.device_comes()
    world.device_dies_inside()
    world.witness_says(b"before")
    batches = [b"%d" % number for number in range(2 * INFLIGHT_MAX)]
    for each in batches:
        world.device_sends(each)
    world.witness_says(b"witness")
    assert world.device_says_it_is_connected()
    heard = world.heard(0)
    came = heard[heard.index(b"before") + 1 : -1]
    # No PUBACK is read any more, so that what lies beyond those under way never goes out.
    assert came == batches[: len(came)]
    assert len(came) <= INFLIGHT_MAX
    assert heard[-1] == b"witness"


def test_one_message_over_the_limit_comes_again_and_again_and_nothing_behind_it_goes_out(
    world: World,
) -> None:
    world.hub_listens(FACTS)
    world.device_comes()
    world.device_sends(bytes(PACKET_BYTES_MAX + 1))
    world.device_sends(b"behind it")
    world.device_is_hung_up_on(3)
    world.witness_says(b"witness")
    assert world.heard(1) == [b"witness"]
