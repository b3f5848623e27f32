"""What the installed Mosquitto and paho really do to messages, and that our link and our hub survive it.

The first half of each test shows the trap with bare MQTT: if a new version no longer has it, the test fails,
and the words in the docs can go. The second half goes the same way with ours.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from firmware_agent.delivery.link import QUEUE_LIMIT, client
from firmware_agent.identity import Identity, load_identity
from tests.commune_hub.test_fleet import Village
from tests.support.commune import COMMUNE
from tests.support.site import KIOSK, Site
from tests.support.waiting import HANGS_S, await_condition
from wire.codec import MAX_MESSAGE_BYTES, decode, encode
from wire.facts import FactDamaged, RatingPressed
from wire.names import HUB
from wire.status import Status
from wire.topics import Address, hub_filters

QUEUED_MAX = 1_000
"""Mosquitto's default `max_queued_messages`; provisioning writes the same figure."""

MESSAGES = 1_500
NOT_AUTHORIZED = 0x87


class Bare:
    """An MQTT client with nothing of ours around it; remembers all that it is told."""

    def __init__(
        self, site: Site, identity: Identity, client_id: str, *, version: MQTTProtocolVersion = mqtt.MQTTv5
    ) -> None:
        self.received: list[mqtt.MQTTMessage] = []
        self.answers: list[int] = []
        self.connected = threading.Event()
        self.subscribed = threading.Event()
        self.session_present = False
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=version)
        self.client.tls_set_context(identity.tls())
        self.client.max_inflight_messages_set(MESSAGES)
        self.client.on_connect = self._on_connect
        self.client.on_message = lambda _client, _data, message: self.received.append(message)
        self.client.on_publish = lambda _client, _data, _id, reason, _props: self.answers.append(reason.value)
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self._port = site.broker.port

    def connect(self, *, durable: bool = False) -> Bare:
        """Connect; `durable` keeps the session at the broker for an hour."""
        more: dict[str, Any] = {}
        if durable:
            more["clean_start"] = False
            more["properties"] = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            more["properties"].SessionExpiryInterval = 3_600
        self.client.connect("127.0.0.1", self._port, keepalive=60, **more)
        self.client.loop_start()
        assert self.connected.wait(HANGS_S)
        return self

    def subscribe(self, topic: str) -> None:
        """Subscribe and wait until it holds."""
        self.client.subscribe(topic, qos=1)
        assert self.subscribed.wait(HANGS_S)

    def publish_all(self, count: int) -> None:
        """Publish so many facts and wait for the answer to each."""
        for number in range(count):
            self.client.publish(KIOSK.facts, str(number), qos=1)
        await_condition(lambda: len(self.answers) == count, 20)

    def leave(self) -> None:
        """Say good-bye."""
        self.client.disconnect()
        self.client.loop_stop()

    def vanish(self) -> None:
        """End without a good-bye, as a power cut does."""
        end = self.client.socket()
        assert end is not None
        self.client.on_disconnect = None
        self.client.reconnect_delay_set(60, 60)
        socket.socket.shutdown(end, socket.SHUT_RDWR)  # type: ignore[arg-type]

    def _on_connect(self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, _props: Any) -> None:
        assert not reason.is_failure, reason
        self.session_present = flags.session_present
        self.connected.set()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def remembering(tmp_path: Path) -> Site:
    """Return a hall whose broker keeps what it has on disk, with Mosquitto's default interval."""
    return Site(tmp_path, f"persistence true\npersistence_location {tmp_path}/")


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    made = Village(tmp_path)
    yield made
    made.store.close()


def hub_of(site: Site) -> Identity:
    return load_identity(site.commune.issue(HUB), HUB, None)


def press(ticket: int) -> RatingPressed:
    return RatingPressed(counter="quay-1", scale="vi4", level=1, source="button", ticket=str(ticket))


def tickets(presses: list[RatingPressed]) -> list[int]:
    return [int(each.ticket or 0) for each in presses]


def test_what_is_confirmed_for_a_subscriber_that_is_away_is_dropped_beyond_a_thousand(site: Site) -> None:
    identity = hub_of(site)
    with site.broker:
        away = Bare(site, identity, "hub.bare").connect(durable=True)
        away.subscribe(hub_filters(COMMUNE)[0])
        away.leave()
        sender = Bare(site, site.identity, "bare").connect()
        sender.publish_all(MESSAGES)
        assert all(answer < 0x80 for answer in sender.answers), "each was confirmed"
        back = Bare(site, identity, "hub.bare").connect(durable=True)
        await_condition(lambda: len(back.received) >= QUEUED_MAX, 20)
        # Behind what was queued: when it is here, the others never come.
        sender.client.publish(KIOSK.facts, str(MESSAGES), qos=1)
        await_condition(lambda: len(back.received) > QUEUED_MAX, 20)
        back.leave()
        sender.leave()
        assert back.session_present
        numbers = [int(message.payload) for message in back.received]
        assert len(set(range(MESSAGES)) - set(numbers[:QUEUED_MAX])) == MESSAGES - QUEUED_MAX

        with site.desk() as desk:
            for number in range(MESSAGES):
                desk.record(press(number))
            with site.hub() as hub:
                assert tickets(hub.await_facts(KIOSK, RatingPressed, MESSAGES)) == list(range(MESSAGES))


def test_what_a_broker_with_persistence_confirmed_is_gone_when_it_is_killed(remembering: Site) -> None:
    site, identity = remembering, hub_of(remembering)
    with site.broker:
        away = Bare(site, identity, "hub.bare").connect(durable=True)
        away.subscribe(hub_filters(COMMUNE)[0])
        away.leave()
        sender = Bare(site, site.identity, "bare").connect()
        sender.publish_all(500)
        sender.leave()
        with site.desk() as desk:
            for number in range(50):
                desk.record(press(number))
            site.broker.kill()
            site.broker.start()
            back = Bare(site, identity, "hub.bare").connect(durable=True)
            assert not back.session_present, "the session is forgotten"
            assert back.received == []
            back.leave()

            with site.hub() as hub:
                assert tickets(hub.await_facts(KIOSK, RatingPressed, 50)) == list(range(50))


def test_a_denied_publish_is_confirmed_by_mqtt_3_and_called_published_by_paho_with_mqtt_5(site: Site) -> None:
    foreign = Address(COMMUNE, "quay-2-pi", "rating").facts
    with site.broker:
        old = Bare(site, site.identity, "old", version=mqtt.MQTTv311).connect()
        told_old = old.client.publish(foreign, "x", qos=1)
        told_old.wait_for_publish(10)
        await_condition(lambda: old.answers == [0])
        new = Bare(site, site.identity, "new").connect()
        told_new = new.client.publish(foreign, "x", qos=1)
        told_new.wait_for_publish(10)
        await_condition(lambda: new.answers == [NOT_AUTHORIZED])
        assert told_new.is_published()
        for each in (old, new):
            each.leave()


def test_one_payload_over_the_limit_holds_up_all_behind_it_for_ever(site: Site) -> None:
    with site.broker:
        hub = Bare(site, hub_of(site), "hub.bare").connect()
        hub.subscribe(KIOSK.facts)
        bare = Bare(site, site.identity, "bare").connect()
        bare.client.publish(KIOSK.facts, b"x" * (MAX_MESSAGE_BYTES + 4_096), qos=1)
        bare.client.publish(KIOSK.facts, b"small", qos=1)
        # The broker hangs up, paho comes back by itself and sends the same again.
        await_condition(lambda: site.broker.log().count("Client bare disconnected due to oversize") >= 2, 15)
        assert hub.received == []
        assert bare.answers == []
        for each in (bare, hub):
            each.leave()

        with site.hub() as peer, site.desk() as desk:
            for _ in range(60):
                desk.record(FactDamaged(found=os.urandom(8_192)))
            desk.record(press(1))
            assert tickets(peer.await_facts(KIOSK, RatingPressed, 1)) == [1]
            assert peer.batches > 5, "large facts travel in many batches, each far below the limit"


def test_a_client_without_a_connection_keeps_all_it_is_given_in_memory_and_ours_does_not(site: Site) -> None:
    bare = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="bare")
    ours = client("ours", site.identity.tls(), 1)
    for each in (bare, ours):
        for number in range(MESSAGES):
            each.publish(KIOSK.facts, str(number), qos=1)
    assert len(bare._out_messages) == MESSAGES
    assert len(ours._out_messages) == QUEUE_LIMIT


def online(session: int) -> Status:
    return Status(session=session, boot="b", online=True, kind="rating", lease_s=30)


def last_will(bare: Bare, session: int) -> None:
    gone = Status(session=session, boot="b", online=False, kind="rating", lease_s=30)
    bare.client.will_set(KIOSK.status, encode(gone), qos=1, retain=True)


def test_an_online_that_outlived_its_device_is_believed_only_for_its_lease(
    remembering: Site, village: Village
) -> None:
    site = remembering
    with site.broker:
        device = Bare(site, site.identity, "bare")
        last_will(device, 1)
        device.connect()
        device.client.publish(KIOSK.status, encode(online(1)), qos=1, retain=True).wait_for_publish(10)
        site.broker.save()
        site.broker.kill()
        device.client.loop_stop()  # power is gone for both; the device never comes back
        site.broker.start()
        hub = Bare(site, hub_of(site), "hub.bare").connect()
        hub.subscribe(KIOSK.status)
        await_condition(lambda: hub.received)
        hub.leave()
        retained = decode(bytes(hub.received[0].payload), Status)
        assert retained.online, "the last will never fired"

        village.fleet.heard(KIOSK, retained)
        village.clock.at_ms += 29_000
        assert village.online()["rating"]
        village.clock.at_ms += 2_000
        assert not village.online()["rating"]


def test_a_late_last_will_overwrites_the_new_online_but_not_what_the_hub_believes(
    site: Site, village: Village
) -> None:
    with site.broker:
        hub = Bare(site, hub_of(site), "hub.bare").connect()
        hub.subscribe(KIOSK.status)
        before = Bare(site, site.identity, "before")
        last_will(before, 1)
        before.connect()
        after = Bare(site, site.identity, "after").connect()
        after.client.publish(KIOSK.status, encode(online(2)), qos=1, retain=True).wait_for_publish(10)
        await_condition(lambda: len(hub.received) == 1)
        before.vanish()
        await_condition(lambda: len(hub.received) == 2)
        told = [decode(bytes(message.payload), Status) for message in hub.received]
        assert [(each.session, each.online) for each in told] == [(2, True), (1, False)]
        for each in (hub, after, before):
            each.leave()

    for each_status in told:
        village.fleet.heard(KIOSK, each_status)
    assert village.online()["rating"]
