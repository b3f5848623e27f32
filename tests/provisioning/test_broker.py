"""The configuration that provisioning writes, judged by the real broker."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from firmware_agent.config import IdentitySettings
from firmware_agent.settings import SettingsError
from provisioning.broker import write_broker_config
from provisioning.commune import Wish, make_commune
from provisioning.enrolment import enrol
from provisioning.order import Order
from provisioning.plan import HubConfig, load_hub_config
from tests.provisioning.conftest import COMMUNE, OFFICE
from tests.support.broker import find_mosquitto
from tests.support.processes import free_port, listens, running
from tests.support.waiting import HANGS_S, await_condition
from wire.codec import MAX_MESSAGE_BYTES
from wire.topics import Address, hub_filters

QUAY = Address(COMMUNE, "quay-1-pi", "rating")
LOA = Address(COMMUNE, "loa-1", "speaker")
REFUSED = 0x80
"""MQTT 5: reason codes from here on are failures."""


@dataclass
class Office:
    """A commune with two devices, whose broker runs."""

    directory: Path
    config: HubConfig

    def tls(self, who: str) -> ssl.SSLContext:
        """Return the TLS context of the hub or a device, as each makes its own."""
        if who == "hub":
            certificate = self.directory / "hub" / "identity" / "hub.crt"
        else:
            files = IdentitySettings()
            certificate = self.directory / "devices" / who / files.certificate
        context = ssl.create_default_context(cafile=str(self.directory / "authority" / "ca.crt"))
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        return context


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    # A space and letters in the path: the broker's configuration must bear them.
    directory = tmp_path_factory.mktemp("broker") / "xã Xuân Lương"
    now = datetime.now(UTC)
    make_commune(directory, Wish(COMMUNE, OFFICE, ("127.0.0.1",), free_port(), free_port(), free_port()), now)
    enrol(Order(QUAY.device, directory, "quay-1", [("rating", QUAY.node)]), now)
    enrol(Order(LOA.device, directory, "thon-dong", [("speaker", LOA.node)]), now)
    config = load_hub_config(directory / "hub" / "hub.toml")
    with running([find_mosquitto(), "-c", str(write_broker_config(config))]) as process:
        await_condition(lambda: listens(config.broker.port) or process.poll() is not None)
        if process.poll() is not None:
            pytest.fail(process.communicate()[1].decode())
        yield Office(directory, config)


@dataclass
class Peer:
    """A client that keeps what the broker told it."""

    client: mqtt.Client
    connected: threading.Event = field(default_factory=threading.Event)
    published: dict[int, ReasonCode] = field(default_factory=dict)
    subscribed: dict[int, ReasonCode] = field(default_factory=dict)
    received: list[tuple[str, bytes]] = field(default_factory=list)

    def publish(self, topic: str, payload: bytes = b"{}", *, retain: bool = False) -> bool:
        """Publish; return whether the broker allowed it, by its reason code."""
        number = self.client.publish(topic, payload, qos=1, retain=retain).mid
        await_condition(lambda: number in self.published)
        return self.published[number].value < REFUSED

    def subscribe(self, topic: str) -> bool:
        """Subscribe; return whether the broker granted it."""
        result, number = self.client.subscribe(topic, 1)
        assert result == mqtt.MQTT_ERR_SUCCESS
        assert number is not None
        await_condition(lambda: number in self.subscribed)
        return self.subscribed[number].value < REFUSED

    def hears(self, topic: str, payload: bytes) -> bool:
        """Tell whether this message arrived."""
        return (topic, payload) in self.received


def meet(office: Office, who: str) -> Peer:
    """Connect as `who`."""
    peer = Peer(mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"{who}.test", protocol=mqtt.MQTTv5))
    client = peer.client

    def on_connect(_client: Any, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if not reason.is_failure:
            peer.connected.set()

    def on_publish(_client: Any, _data: Any, number: int, reason: ReasonCode, _properties: Any) -> None:
        peer.published[number] = reason

    def on_subscribe(_c: Any, _data: Any, number: int, reasons: list[ReasonCode], _properties: Any) -> None:
        peer.subscribed[number] = reasons[0]

    def on_message(_client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        peer.received.append((message.topic, bytes(message.payload)))

    client.on_connect, client.on_publish = on_connect, on_publish
    client.on_subscribe, client.on_message = on_subscribe, on_message
    client.tls_set_context(office.tls(who))
    client.connect("127.0.0.1", office.config.broker.port)
    client.loop_start()
    await_condition(peer.connected.is_set)
    return peer


@pytest.fixture
def hub(office: Office) -> Iterator[Peer]:
    peer = meet(office, "hub")
    assert all(map(peer.subscribe, hub_filters(COMMUNE)))
    yield peer
    peer.client.disconnect()
    peer.client.loop_stop()


@pytest.fixture
def quay(office: Office) -> Iterator[Peer]:
    peer = meet(office, QUAY.device)
    yield peer
    peer.client.disconnect()
    peer.client.loop_stop()


@pytest.mark.parametrize("topic", [QUAY.facts, QUAY.status])
def test_a_device_speaks_to_the_hub_under_its_own_name(hub: Peer, quay: Peer, topic: str) -> None:
    assert quay.publish(topic, b'{"a": 1}')
    await_condition(lambda: hub.hears(topic, b'{"a": 1}'))


@pytest.mark.parametrize("topic", [QUAY.ack, QUAY.intent("serving")])
def test_the_hub_speaks_to_a_device(hub: Peer, quay: Peer, topic: str) -> None:
    assert quay.subscribe(QUAY.ack)
    assert quay.subscribe(QUAY.intents)
    assert hub.publish(topic, b'{"b": 2}', retain=True)
    await_condition(lambda: quay.hears(topic, b'{"b": 2}'))


@pytest.mark.parametrize(
    "topic",
    [
        LOA.facts,
        LOA.status,
        LOA.ack,
        LOA.intent("programme"),
        QUAY.ack,
        QUAY.intent("serving"),
        Address("xa-khac", QUAY.device, QUAY.node).facts,
        f"{QUAY.root}/deeper/facts",
        Address(COMMUNE, QUAY.device, "invented").facts,
        Address(COMMUNE, QUAY.device, "invented").status,
        "anything",
        "$SYS/broker/x",
    ],
)
def test_a_device_cannot_write_what_is_not_its_own(hub: Peer, quay: Peer, topic: str) -> None:
    assert not quay.publish(topic, b"forged")
    # What the hub hears after the forgery shows that the forgery itself never came.
    assert quay.publish(QUAY.facts, topic.encode())
    await_condition(lambda: hub.hears(QUAY.facts, topic.encode()))
    assert not hub.hears(topic, b"forged")


@pytest.mark.parametrize(
    "wanted", [LOA.ack, LOA.intents, LOA.facts, f"commune/v1/{COMMUNE}/#", "#", "+/+/+/+/+/ack"]
)
def test_a_device_cannot_read_what_is_for_another(hub: Peer, quay: Peer, wanted: str) -> None:
    quay.subscribe(wanted)
    assert quay.subscribe(QUAY.ack)
    for topic in (LOA.ack, LOA.intent("programme"), LOA.status):
        assert hub.publish(topic, b"secret", retain=True)
    assert hub.publish(QUAY.ack, wanted.encode())
    await_condition(lambda: quay.hears(QUAY.ack, wanted.encode()))
    assert b"secret" not in [payload for _, payload in quay.received]


def test_the_largest_message_of_the_wire_passes(hub: Peer, quay: Peer) -> None:
    assert quay.publish(QUAY.facts, b"x" * MAX_MESSAGE_BYTES)
    await_condition(lambda: hub.hears(QUAY.facts, b"x" * MAX_MESSAGE_BYTES))


def test_a_larger_message_does_not_pass(hub: Peer, office: Office) -> None:
    rude = meet(office, LOA.device)
    gone = threading.Event()
    rude.client.on_disconnect = lambda *_: gone.set()
    rude.client.publish(LOA.facts, b"x" * (MAX_MESSAGE_BYTES + 2_000), qos=1)
    await_condition(gone.is_set)
    rude.client.loop_stop()
    assert [topic for topic, _ in hub.received if topic == LOA.facts] == []


def attempt(office: Office, context: ssl.SSLContext) -> bool:
    """Tell whether a client with this TLS context is let in."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="stranger", protocol=mqtt.MQTTv5)
    outcomes: list[bool] = []
    client.on_connect = lambda _c, _d, _f, reason, _p: outcomes.append(not reason.is_failure)
    client.on_disconnect = lambda *_: outcomes.append(False)
    client.tls_set_context(context)
    try:
        client.connect("127.0.0.1", office.config.broker.port)
    except (ssl.SSLError, ConnectionError):
        return False
    client.loop_start()
    try:
        return await_condition(lambda: outcomes)[0]
    finally:
        client.disconnect()
        client.loop_stop()


def test_who_has_a_certificate_is_let_in(office: Office) -> None:
    assert attempt(office, office.tls(QUAY.device))


def test_who_has_none_is_not(office: Office) -> None:
    assert not attempt(
        office, ssl.create_default_context(cafile=str(office.directory / "authority" / "ca.crt"))
    )


def test_who_has_one_of_another_commune_is_not(office: Office, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    make_commune(tmp_path / "other", Wish(COMMUNE, OFFICE), now)
    enrol(Order(QUAY.device, tmp_path / "other", "quay-1", [("rating", "rating")]), now)
    context = ssl.create_default_context(cafile=str(office.directory / "authority" / "ca.crt"))
    identity = tmp_path / "other" / "devices" / QUAY.device / "identity"
    context.load_cert_chain(identity / "device.crt", identity / "device.key")
    assert not attempt(office, context)


def test_a_servers_certificate_opens_nothing(office: Office) -> None:
    context = ssl.create_default_context(cafile=str(office.directory / "authority" / "ca.crt"))
    broker = office.directory / "hub" / "broker"
    context.load_cert_chain(broker / "server.crt", broker / "server.key")
    assert not attempt(office, context)


def test_a_device_cannot_pose_as_the_broker(office: Office) -> None:
    device = office.directory / "devices" / QUAY.device / "identity"
    port = free_port()
    served = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet"]
    with running([*served, "-cert", str(device / "device.crt"), "-key", str(device / "device.key")]):
        await_condition(lambda: listens(port))
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        context = office.tls(LOA.device)
        context.check_hostname = False
        client.tls_set_context(context)
        with pytest.raises(ssl.SSLCertVerificationError, match="certificate purpose"):
            client.connect("127.0.0.1", port)


def test_old_tls_is_refused(office: Office) -> None:
    told = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{office.config.broker.port}", "-tls1_1", "-brief"],
        input=b"",
        capture_output=True,
        timeout=HANGS_S,
        check=False,
    )
    assert told.returncode != 0


def test_a_user_name_in_the_packet_does_not_count(office: Office, hub: Peer) -> None:
    """Only the certificate says who a client is, whatever it calls itself."""
    liar = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="liar", protocol=mqtt.MQTTv5)
    codes: dict[int, ReasonCode] = {}
    connected = threading.Event()
    liar.on_connect = lambda *_: connected.set()
    liar.on_publish = lambda _c, _d, number, reason, _p: codes.__setitem__(number, reason)
    liar.username_pw_set("hub", "hub")
    liar.tls_set_context(office.tls(QUAY.device))
    liar.connect("127.0.0.1", office.config.broker.port)
    liar.loop_start()
    await_condition(connected.is_set)
    number = liar.publish(LOA.intent("programme"), b"forged", qos=1).mid
    await_condition(lambda: number in codes)
    liar.disconnect()
    liar.loop_stop()
    assert codes[number].value >= REFUSED


def test_the_same_config_gives_the_same_files(commune: Path) -> None:
    config = load_hub_config(commune / "hub" / "hub.toml")
    path = commune / "hub" / "broker" / "mosquitto.conf"
    made_by_init = path.read_bytes()
    assert write_broker_config(config) == path.resolve()
    assert path.read_bytes() == made_by_init


def test_a_commune_that_was_moved_gets_new_paths(commune: Path) -> None:
    moved = commune.rename(commune.with_name("moved"))
    path = write_broker_config(load_hub_config(moved / "hub" / "hub.toml"))
    assert str(commune) not in path.read_text(encoding="utf-8")
    assert f"cafile {moved.resolve()}/hub/broker/ca.crt" in path.read_text(encoding="utf-8")


def test_a_path_that_would_add_lines_is_refused(commune: Path) -> None:
    moved = commune.rename(commune.with_name("x\nallow_anonymous true"))
    with pytest.raises(SettingsError, match="no line can hold"):
        write_broker_config(load_hub_config(moved / "hub" / "hub.toml"))


def test_a_directory_that_cannot_be_written_is_named(commune: Path) -> None:
    config = load_hub_config(commune / "hub" / "hub.toml")
    (commune / "file").touch()
    with pytest.raises(SettingsError, match="cannot be written"):
        write_broker_config(config.model_copy(update={"root": commune / "file"}))
