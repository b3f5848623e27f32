"""Whatever a device with a good certificate sends: each bad thing is counted by device and reason, is to be
seen on the console, and the next press arrives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import paho.mqtt.client as mqtt
import pytest
from msgspec.structs import replace
from paho.mqtt.enums import CallbackAPIVersion

from commune_hub.console.troubles import troubles
from commune_hub.console.words import REFUSAL_REASONS
from commune_hub.hub import Hub, open_capabilities
from commune_hub.keys import load_keys
from firmware_agent.identity import Identity, load_identity
from tests.commune_hub.conftest import NOON_MS
from tests.commune_hub.facts import batch, press, raw_fact
from tests.commune_hub.test_carriers import DEVICE, NOW, device_of, make
from tests.support.waiting import await_condition
from wire.batches import Ack, Batch
from wire.codec import decode, encode
from wire.topics import Address

ROOT = Path(__file__).parents[2]
OTHER_EPOCH = "feedfeedfeedfeed"
REFUSED_OUTRIGHT = [
    (encode(batch([press()], NOON_MS, device="quay-2-pi")), "foreign_topic"),
    (encode(batch([press()], NOON_MS, node="display")), "foreign_topic"),
    (encode(replace(batch([press()], NOON_MS), epoch="' OR 1=1 --")), "wrong_shape"),
    (encode(replace(batch([press()], NOON_MS), first=2**60)), "wrong_shape"),
    (bytes(10_000_000), "too_large"),
    (b"[" * 200_000, "wrong_shape"),
    (b'{"device":' + b"[" * 200_000, "wrong_shape"),
    (b'{"more":' * 30_000, "not_json"),
    (encode(batch([raw_fact("rating.pressed", b"[" * 3_000, NOON_MS)], NOON_MS)), "not_json"),
]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    config = make(tmp_path / "xa")
    made = Hub(open_capabilities(config), load_keys(config.root, NOW + timedelta(seconds=1)))
    made.start()
    yield made
    made.stop()


def test_every_bad_thing_is_counted_by_device_and_reason_and_shown(hub: Hub, tmp_path: Path) -> None:
    identity = load_identity(device_of(tmp_path / "xa").identity, DEVICE, None)
    box = f"https://127.0.0.1:{hub.capabilities.config.door.port}/v1/nodes/rating/facts"
    with httpx.Client(verify=identity.tls(), timeout=60) as caller:

        def told(sent: Batch) -> Ack:
            return decode(caller.post(box, content=encode(sent)).content, Ack)

        good = batch([press(1), press(2)], NOON_MS)
        assert told(good).committed == 2
        for content, reason in REFUSED_OUTRIGHT:
            assert caller.post(box, content=content).json()["reason"] == reason
        assert told(batch([press()], NOON_MS, first=9, oldest=1)).committed == 2, "a gap"
        assert told(good).committed == 2, "a repeat"
        send_zeros(hub, identity)
        assert told(batch([press(4)], NOON_MS + 1, first=2, oldest=1)).forked, (
            "number from the past, another fact"
        )
        unknown = raw_fact("kettle.boiled", b'{"cups":3}', NOON_MS)
        assert told(batch([unknown, press(3)], NOON_MS, first=3, oldest=1)).committed == 4
        assert told(batch([press(1)], NOON_MS, first=7, oldest=7, epoch=OTHER_EPOCH)).committed == 7

    capabilities = hub.capabilities
    wanted = {reason for _, reason in REFUSED_OUTRIGHT} | {"gap", "fork"}
    await_condition(lambda: {row["reason"] for row in capabilities.fleet.refusals()} == wanted)
    shown = troubles(capabilities)
    assert {(row["device"], row["reason"]) for row in shown.refusals} == {
        (DEVICE, REFUSAL_REASONS[reason]) for reason in wanted
    }
    assert [(row["kind"], row["count"]) for row in shown.unknown] == [("kettle.boiled", 1)]
    assert [(row["where"], row["range"]) for row in shown.lost] == [(f"{DEVICE} / rating", "1–6")]
    days = [each for each in capabilities.accounts.latest(2) if each.device == DEVICE]
    assert sum(each.made for each in days) == 4 + 7
    assert sum(each.stored for each in days) == 4 + 1
    assert sum(each.missing for each in days) == 6
    assert sum(each.repeated for each in days) == 3
    assert sum(each.refused for each in days) > len(REFUSED_OUTRIGHT) + 2
    assert [row["level"] for row in capabilities.store.rows("SELECT level FROM presses")] == [1, 2, 3, 1]


def send_zeros(hub: Hub, identity: Identity) -> None:
    """Publish 10 MB over MQTT: the broker hangs up on it, again and again."""
    sender = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="x (p2, c1, k60, u'quay-2-pi').")
    sender.tls_set_context(identity.tls())
    sender.connect("127.0.0.1", hub.capabilities.config.broker.port)
    sender.loop_start()
    sender.publish(Address("xuan-luong", DEVICE, "rating").facts, bytes(10_000_000), qos=1)
    await_condition(lambda: any(row["last_topic"] == "MQTT" for row in hub.capabilities.fleet.refusals()))
    sender.disconnect()
    sender.loop_stop()


def test_there_are_words_for_each_reason() -> None:
    sources = [
        path for top in ("wire", "commune_hub", "firmware_agent") for path in (ROOT / top).rglob("*.py")
    ]
    told = " ".join(path.read_text(encoding="utf-8") for path in sources)
    reasons = set(re.findall(r'(?:WireError\(|_refuse\(batch, )\s*"([a-z_]+)"', told))
    assert len(reasons) > 9
    assert reasons <= set(REFUSAL_REASONS)
