"""A device that floods, on a real broker: it is paced and counted, and its neighbour is heard at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from commune_hub import link, mail
from commune_hub.hub import Hub, open_capabilities
from commune_hub.intake.bucket import PACED, Buckets
from commune_hub.keys import load_keys
from firmware_agent.clock import SystemClock
from firmware_agent.config import load_device_config
from firmware_agent.delivery.link import client
from firmware_agent.desk import Desk
from firmware_agent.identity import Identity, load_identity
from firmware_agent.node import Problems
from provisioning.commune import Wish, make_commune
from provisioning.enrolment import enrol
from provisioning.order import Order
from provisioning.plan import load_hub_config
from tests.commune_hub.facts import batch, press
from tests.support.processes import free_port
from tests.support.waiting import await_condition
from wire.batches import Batch
from wire.codec import encode

NOW = datetime.now(UTC)
ALLOWED = 100
SENT = 700


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "xa"
    make_commune(
        made, Wish("xuan-luong", "UBND xã", ("127.0.0.1",), free_port(), free_port(), free_port()), NOW
    )
    for device in ("flood-pi", "quay-1-pi"):
        enrol(Order(device, made, "quay-1", [("rating", "rating")], reconnect_max_s=1), NOW)
    return made


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many messages, and hardly any more, however long this machine takes for them."""
    for door, at_once in ((link, ALLOWED), (mail, 4)):
        monkeypatch.setattr(door, "Buckets", partial(Buckets, per_s=0.001, at_once=at_once))


@pytest.fixture
def hub(few: None, root: Path) -> Iterator[Hub]:
    config = load_hub_config(root / "hub" / "hub.toml")
    made = Hub(open_capabilities(config), load_keys(config.root, NOW + timedelta(seconds=1)))
    made.start()
    yield made
    made.stop()


def identity_of(root: Path, device: str) -> Identity:
    config = load_device_config(root / "devices" / device / "device.toml")
    return load_identity(config.identity, device, None)


def flooding_batch(number: int) -> Batch:
    return batch([press()], 1_767_243_600_000, first=number, oldest=1, device="flood-pi")


def kept(hub: Hub, device: str) -> int:
    sql = "SELECT count(*) FROM facts WHERE device = ? AND kind = 'rating.pressed'"
    return int(hub.capabilities.store.value(sql, [device]))


def paced(hub: Hub) -> int:
    rows = hub.capabilities.fleet.refusals()
    assert {row["device"] for row in rows} <= {"flood-pi"}
    return sum(int(row["count"]) for row in rows if row["reason"] == PACED)


def test_a_flood_over_mqtt_is_cut_off_at_what_is_allowed_and_a_neighbour_is_heard(
    root: Path, hub: Hub
) -> None:
    # How long the neighbour waits is measured by bench/flood.py.
    config = load_device_config(root / "devices" / "quay-1-pi" / "device.toml")
    desk = Desk(config, "rating", "rating", identity_of(root, "quay-1-pi"), SystemClock(), Problems())
    flooding = client("flood", identity_of(root, "flood-pi").tls(), 1)
    flooding.max_queued_messages_set(0)
    flooding.max_inflight_messages_set(SENT)
    flooding.connect(config.broker.host, config.broker.port)
    flooding.loop_start()
    desk.start()
    await_condition(lambda: flooding.is_connected() and hub._link.connected)
    topic = "commune/v1/xuan-luong/flood-pi/rating/facts"
    for number in range(1, 1 + SENT):
        flooding.publish(topic, encode(flooding_batch(number)), qos=1)
    await_condition(lambda: paced(hub) > 0)
    desk.record(press())
    await_condition(lambda: kept(hub, "quay-1-pi") == 1)
    await_condition(lambda: paced(hub) == SENT - ALLOWED)
    assert kept(hub, "flood-pi") == ALLOWED
    flooding.disconnect()
    flooding.loop_stop()
    desk.stop()


def test_a_flood_over_https_is_answered_with_429_and_counted(root: Path, hub: Hub) -> None:
    door = f"https://127.0.0.1:{load_hub_config(root / 'hub' / 'hub.toml').door.port}"
    with httpx.Client(verify=identity_of(root, "flood-pi").tls()) as caller:
        answers = [
            caller.post(f"{door}/v1/nodes/rating/facts", content=encode(flooding_batch(1))).status_code
            for _ in range(6)
        ]
    assert answers == [200] * 4 + [429] * 2
    await_condition(lambda: paced(hub) == 2)
