"""The hub on a real broker: facts in, documents out, refusals counted, the door for clips."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import signal
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import paho.mqtt.client as mqtt
import pytest
from PIL import Image

from commune_hub import link, pulse
from commune_hub.broker import Broker, BrokerError, listening
from commune_hub.capabilities.staff import Member
from commune_hub.door import AT_A_TIME_MAX, DoorError
from commune_hub.hub import Hub, open_capabilities
from commune_hub.keys import load_keys
from commune_hub.times import local_day, now_ms
from firmware_agent.clock import SystemClock
from firmware_agent.config import DeviceConfig, load_device_config
from firmware_agent.delivery.link import client
from firmware_agent.desk import Desk
from firmware_agent.file_shelf import FileShelf, door_fetch
from firmware_agent.identity import Identity, load_identity
from firmware_agent.node import Problems
from kiosk_ui.display import PICTURES
from provisioning.commune import Wish, make_commune
from provisioning.enrolment import enrol
from provisioning.order import Order
from provisioning.plan import HubConfig
from tests.commune_hub.facts import EPOCH, batch, press, ticket
from tests.support.processes import free_port
from tests.support.waiting import HANGS_S, await_condition
from wire.facts import ClipRecorded
from wire.intents import Serving

DEVICE = "quay-1-pi"
NODES = [("rating", "rating"), ("camera", "camera"), ("ticket", "ticket")]


@dataclass
class Commune:
    """A commune with one device, and a hub that can be started anew."""

    root: Path
    config: HubConfig
    hub: Hub
    desks: list[Desk] = field(default_factory=list)
    clients: list[mqtt.Client] = field(default_factory=list)

    @property
    def device(self) -> DeviceConfig:
        return load_device_config(self.root / "devices" / DEVICE / "device.toml")

    @property
    def identity(self) -> Identity:
        return load_identity(self.device.identity, DEVICE, None)

    def desk(self, node: str = "rating") -> Desk:
        made = Desk(self.device, node, node, self.identity, SystemClock(), Problems())
        made.start()
        self.desks.append(made)
        return made

    def stranger(self, name: str = "stranger") -> mqtt.Client:
        """The device's certificate in other hands: it may say anything on the device's own topics."""
        made = client(name, self.identity.tls(), 1)
        made.connect(self.device.broker.host, self.device.broker.port)
        made.loop_start()
        self.clients.append(made)
        await_condition(made.is_connected)
        return made

    def restart_hub(self) -> None:
        self.hub.stop()
        self.hub = start_hub(self.config)

    def facts(self) -> list[str]:
        return [
            row["kind"] for row in self.hub.capabilities.store.rows("SELECT kind FROM facts ORDER BY seq")
        ]

    def presses(self) -> int:
        return self.facts().count("rating.pressed")


def start_hub(config: HubConfig) -> Hub:
    hub = Hub(open_capabilities(config), load_keys(config.root, datetime.now(UTC)))
    hub.start()
    return hub


@pytest.fixture
def commune(tmp_path: Path) -> Iterator[Commune]:
    root = tmp_path / "xa"
    wish = Wish("xuan-luong", "UBND xã", ("127.0.0.1",), free_port(), free_port(), free_port())
    now = datetime.now(UTC)
    config = make_commune(root, wish, now)
    enrol(Order(DEVICE, root, "quay-1", NODES, series="A", reconnect_max_s=1), now)
    made = Commune(root, config, start_hub(config))
    yield made
    for desk in made.desks:
        desk.stop()
    for each in made.clients:
        each.disconnect()
        each.loop_stop()
    made.hub.stop()


def test_facts_are_committed_and_documents_come_back(commune: Commune) -> None:
    desk = commune.desk()
    desk.record(press())
    await_condition(lambda: commune.presses() == 1)
    await_condition(lambda: desk.documents.current(Serving))
    capabilities = commune.hub.capabilities
    commune.desk("ticket").record(ticket("A001", local_day(now_ms())))
    await_condition(capabilities.queue.waiting)
    capabilities.queue.call_next(capabilities.ledger, "quay-1", "can-bo")
    commune.hub.changed()

    def told() -> bool:
        serving = desk.documents.current(Serving)
        return serving is not None and serving.number == "A001"

    await_condition(told)
    await_condition(lambda: "intent.applied" in commune.facts())


def test_a_link_whose_network_thread_died_is_built_anew(
    commune: Commune, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's thread ends, and its client goes on saying that it is connected."""
    commune.hub.stop()
    monkeypatch.setattr(pulse, "BEAT_EVERY_MS", 200)
    monkeypatch.setattr(pulse, "DEAD_AFTER_MS", 1_500)
    monkeypatch.setattr(link, "LOOK_EVERY_S", 0.1)
    commune.hub = start_hub(commune.config)
    desk = commune.desk()
    desk.record(press())
    await_condition(lambda: commune.presses() == 1)
    deaf = commune.hub._link._client
    thread = deaf._thread
    assert thread is not None
    deaf._thread_terminate = True
    await_condition(lambda: not thread.is_alive())
    assert deaf.is_connected()
    await_condition(lambda: commune.hub._link._client is not deaf)
    desk.record(press())
    await_condition(lambda: commune.presses() == 2)


def test_nothing_is_lost_or_doubled_over_a_restart_of_hub_and_broker(commune: Commune) -> None:
    desk = commune.desk()
    for _ in range(5):
        desk.record(press())
    await_condition(lambda: commune.presses() == 5)
    commune.hub.stop()
    for _ in range(5):
        desk.record(press())
    commune.hub = start_hub(commune.config)
    await_condition(lambda: commune.presses() >= 10)
    pid = commune.hub.broker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    desk.record(press())
    await_condition(lambda: commune.presses() >= 11)
    assert commune.presses() == 11
    seqs = [row["seq"] for row in commune.hub.capabilities.store.rows("SELECT seq FROM facts ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1))


def test_presence_is_shown(commune: Commune) -> None:
    desk = commune.desk()

    def online() -> bool:
        (state,) = commune.hub.capabilities.fleet.states()
        return next(node.online for node in state.nodes if node.name == "rating")

    await_condition(online)
    desk.stop()
    commune.desks.remove(desk)
    await_condition(lambda: not online())


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\xff\x00garbage", "not_json"),
        (b'{"device":"quay-1-pi"}', "wrong_shape"),
        (
            b'{"device":"quay-2-pi","node":"rating","epoch":"0123456789abcdef","first":1,"oldest":1,'
            b'"facts":[{"kind":"a.b","moment":{"at_ms":1,"mono_ms":1,"boot":"b","synced":true},"body":{}}]}',
            "foreign_topic",
        ),
        (b'{"a":' * 30_000, "not_json"),
    ],
)
def test_garbage_is_refused_counted_and_harms_nothing(commune: Commune, payload: bytes, reason: str) -> None:
    stranger = commune.stranger()
    stranger.publish(f"commune/v1/xuan-luong/{DEVICE}/rating/facts", payload, qos=1)

    def counted() -> bool:
        return any(
            (row["device"], row["reason"]) == (DEVICE, reason)
            for row in commune.hub.capabilities.fleet.refusals()
        )

    await_condition(counted)
    commune.desk().record(press())
    await_condition(lambda: commune.presses() == 1)


def test_a_device_that_calls_itself_the_hub_puts_nobody_out(
    commune: Commune, caplog: pytest.LogCaptureFixture
) -> None:
    await_condition(lambda: commune.hub._link.connected)
    commune.stranger("hub")
    commune.desk().record(press())
    await_condition(lambda: commune.presses() == 1)
    assert not [each for each in caplog.records if "link lost" in each.getMessage()]


def test_a_sign_of_life_beyond_all_numbers_is_refused_and_harms_nothing(commune: Commune) -> None:
    stranger = commune.stranger()
    for field_ in ("session", "backlog", "refused"):
        sign = {"session": 1, "boot": "b", "online": True, "kind": "x", "lease_s": 9, field_: 2**63}
        stranger.publish(f"commune/v1/xuan-luong/{DEVICE}/rating/status", json.dumps(sign), qos=1)
    stranger.publish(f"commune/v1/xuan-luong/{DEVICE}/rating/facts", b"the end", qos=1)

    def refused() -> dict[str, int]:
        return {row["reason"]: row["count"] for row in commune.hub.capabilities.fleet.refusals()}

    await_condition(lambda: refused().get("not_json") == 1)
    assert refused()["wrong_shape"] == 3
    assert commune.hub.capabilities.fleet.states()[0].nodes[1].seen_at_ms is None


def test_a_node_that_is_not_enrolled_is_refused(commune: Commune) -> None:
    stranger = commune.stranger()
    told: list[int] = []
    stranger.on_publish = lambda _client, _data, _number, reason, _properties: told.append(reason.value)
    for channel in ("facts", "status"):
        stranger.publish(f"commune/v1/xuan-luong/{DEVICE}/kettle/{channel}", b"{}", qos=1, retain=True)
    await_condition(lambda: len(told) == 2)
    assert min(told) >= 0x80, "the broker itself lets nothing be left under names that do not exist"
    url = f"https://127.0.0.1:{commune.config.door.port}/v1/nodes/kettle/facts"
    with httpx.Client(verify=commune.identity.tls()) as caller:
        assert caller.post(url, content=b"{}").json()["reason"] == "not_enrolled"
    await_condition(
        lambda: [row["reason"] for row in commune.hub.capabilities.fleet.refusals()] == ["not_enrolled"]
    )


def test_who_is_taken_off_the_roster_is_heard_no_more_though_still_connected(commune: Commune) -> None:
    """A broker asks a client for its certificate once, for its rights at each message."""
    device = commune.stranger()
    told: list[int] = []
    device.on_publish = lambda _client, _data, _number, reason, _properties: told.append(reason.value)
    topic = f"commune/v1/xuan-luong/{DEVICE}/rating/facts"
    device.publish(topic, b"{}", qos=1)
    await_condition(lambda: told == [0])
    (commune.config.root / "roster" / f"{DEVICE}.toml").unlink()
    commune.hub.changed()

    def denied() -> bool:
        device.publish(topic, b"{}", qos=1).wait_for_publish(5)
        return told[-1] >= 0x80

    await_condition(denied, 30)
    assert device.is_connected()


def test_who_is_enrolled_while_the_hub_runs_is_let_in(commune: Commune) -> None:
    order = Order("quay-2-pi", commune.root, "quay-2", [("rating", "rating")], reconnect_max_s=1)
    config = load_device_config(enrol(order, datetime.now(UTC)).config)
    identity = load_identity(config.identity, "quay-2-pi", None)
    newcomer = Desk(config, "rating", "rating", identity, SystemClock(), Problems())
    newcomer.start()
    commune.desks.append(newcomer)
    newcomer.record(press())
    await_condition(lambda: commune.presses() == 1, 30)


def tell_of(commune: Commune, sha256: str) -> None:
    """The device's camera tells of a clip, so that the door may take it."""
    recorded = ClipRecorded(
        counter="quay-1", file="x.mp4", sha256=sha256, size_bytes=1, started_at_ms=now_ms(), duration_ms=1
    )
    ledger = commune.hub.capabilities.ledger
    first = ledger.committed(DEVICE, "camera", EPOCH) + 1
    ledger.take(batch([recorded], now_ms(), node="camera", first=first))


def door(commune: Commune, sha256: str, content: bytes, tls: ssl.SSLContext) -> httpx.Response:
    with httpx.Client(verify=tls) as caller:
        return caller.put(f"https://127.0.0.1:{commune.config.door.port}/v1/clips/{sha256}", content=content)


def test_the_door_takes_a_clip_once_under_its_true_hash(commune: Commune) -> None:
    content = os.urandom(200_000)
    sha256 = hashlib.sha256(content).hexdigest()
    tls = commune.identity.tls()
    assert door(commune, sha256, content, tls).status_code == 425, "nobody has told of it"
    tell_of(commune, sha256)
    assert door(commune, sha256, content[:-1], tls).status_code == 400
    assert door(commune, "short", content, tls).status_code == 400
    assert door(commune, sha256, content, tls).status_code == 201
    assert door(commune, sha256, content, tls).status_code == 200
    assert commune.hub.capabilities.clips.has(sha256)


def test_a_display_fetches_the_pictures_of_its_board_at_the_door(commune: Commune, tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (300, 200), "darkgreen").save(file, "PNG")
    editor = Member("bien-tap", "Biên tập", frozenset({"editor"}))
    kept = commune.hub.capabilities.notices.keep_picture(file.getvalue(), editor)
    url = f"https://127.0.0.1:{commune.config.door.port}"
    fetch = door_fetch(url, commune.identity, "pictures")
    shelf = FileShelf(tmp_path / "shelf", fetch, PICTURES, lambda: None)
    shelf.want([kept.sha256])
    await_condition(lambda: shelf.path(kept.sha256) is not None)
    path = shelf.path(kept.sha256)
    shelf.close()
    assert path is not None
    assert hashlib.sha256(path.read_bytes()).hexdigest() == kept.sha256
    with httpx.Client(verify=commune.identity.tls()) as caller:
        for unknown, status in (("0" * 64, 404), ("..%2fhub.db", 400)):
            assert caller.get(f"{url}/v1/pictures/{unknown}").status_code == status


@contextlib.contextmanager
def slow_upload(commune: Commune, number: int) -> Iterator[ssl.SSLSocket]:
    """An upload that has begun and says nothing more."""
    address = ("127.0.0.1", commune.config.door.port)
    tls = commune.identity.tls()
    with (
        socket.create_connection(address, timeout=HANGS_S) as bare,
        tls.wrap_socket(bare, server_hostname="127.0.0.1") as line,
    ):
        line.sendall(b"PUT /v1/clips/%064x HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nabc" % number)
        yield line


def parts(commune: Commune) -> int:
    return len(list((commune.config.root / "clips").glob("*.part")))


def test_one_device_brings_only_so_many_clips_at_a_time(commune: Commune) -> None:
    content = b"one more"
    sha256, tls = hashlib.sha256(content).hexdigest(), commune.identity.tls()
    with contextlib.ExitStack() as lines:
        tell_of(commune, sha256)
        for number in range(AT_A_TIME_MAX):
            tell_of(commune, f"{number:064x}")
            lines.enter_context(slow_upload(commune, number))
        await_condition(lambda: parts(commune) == AT_A_TIME_MAX)
        assert door(commune, sha256, content, tls).status_code == 429
    await_condition(lambda: parts(commune) == 0)
    assert door(commune, sha256, content, tls).status_code == 201


def test_a_line_that_was_cut_does_not_hold_its_place(
    commune: Commune, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commune_hub.door.PIECE_WITHIN_S", 0.2)
    tell_of(commune, f"{0:064x}")
    with slow_upload(commune, 0) as line:
        assert b" 408 " in line.recv(100)
    await_condition(lambda: parts(commune) == 0)


def test_a_clip_comes_later_when_the_disk_is_nearly_full(
    commune: Commune, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commune_hub.capabilities.clips.ROOM_KEPT_BYTES", 2**62)
    tell_of(commune, hashlib.sha256(b"x").hexdigest())
    answer = door(commune, hashlib.sha256(b"x").hexdigest(), b"x", commune.identity.tls())
    assert answer.status_code == 507


@pytest.mark.parametrize("node", ["Kettle", "a%20b", "-", "x" * 41, "%00"])
def test_a_letter_for_no_possible_node_is_refused(commune: Commune, node: str) -> None:
    url = f"https://127.0.0.1:{commune.config.door.port}/v1/nodes/{node}/documents"
    with httpx.Client(verify=commune.identity.tls()) as caller:
        assert caller.get(url).status_code == 400


def test_the_door_is_shut_without_a_certificate(commune: Commune) -> None:
    bare = ssl.create_default_context(cafile=str(commune.identity.files.authority))
    with pytest.raises(httpx.HTTPError):
        door(commune, "0" * 64, b"", bare)


def test_the_door_is_shut_for_who_left_the_roster(commune: Commune) -> None:
    (commune.config.root / "roster" / f"{DEVICE}.toml").unlink()
    answer = door(commune, "0" * 64, b"", commune.identity.tls())
    assert answer.status_code == 403
    assert DEVICE in answer.json()["detail"]


def test_a_taken_port_is_one_clear_line(commune: Commune, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commune_hub.broker.READY_WITHIN_S", 0.2)
    broker = Broker(Path("unused"), "127.0.0.1", commune.config.broker.port)
    with pytest.raises(BrokerError, match=str(commune.config.broker.port)):
        broker.start()


def test_a_taken_door_is_one_clear_line(commune: Commune) -> None:
    config = commune.config
    moved = config.model_copy(update={"broker": config.broker.model_copy(update={"port": free_port()})})
    second = Hub(open_capabilities(moved), load_keys(config.root, datetime.now(UTC)))
    with pytest.raises(DoorError, match=r"door\.port"):
        second.start()
    assert not listening("127.0.0.1", moved.broker.port), "its broker was ended again"
    second.stop()
