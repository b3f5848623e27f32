"""A valid device that floods: what it costs another that presses a button. `python -m bench.flood CONFIG S`
is the device that floods.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import paho.mqtt.client as mqtt

from bench.crowd import Crowd, Node, Plan, percentile
from bench.hall import Hall, await_true
from bench.measure import Measured, Skipped, one_to_one
from firmware_agent.config import load_device_config
from firmware_agent.delivery.link import client
from firmware_agent.identity import load_identity
from wire.codec import encode

BATCHES_A_SECOND = 2_500
FLOOD_S = 20.0
PRESS_EVERY_S = 0.1
TICK_S = 0.01
PACED = "SELECT coalesce(sum(count), 0) FROM refusals WHERE device = ? AND reason = 'paced'"


def flood(config_path: Path, seconds: float) -> None:
    """Send batches of one fact each, each in its turn and in good order, and heed nothing."""
    config = load_device_config(config_path)
    identity = load_identity(config.identity, config.device, None)
    node = Node(config.address(config.nodes[0].name), "quay-1")
    flooding = client(f"{config.device}.flood", identity.tls(), 1)
    flooding.max_queued_messages_set(0)
    flooding.max_inflight_messages_set(BATCHES_A_SECOND)
    flooding.connect(config.broker.host, config.broker.port)
    flooding.loop_start()
    await_true(flooding.is_connected, 10)
    start_s = time.monotonic()
    sent = 0
    while (passed_s := time.monotonic() - start_s) < seconds:
        while sent < passed_s * BATCHES_A_SECOND:
            sent += 1
            _send(flooding, node, sent)
        time.sleep(TICK_S)
    print(sent, flush=True)


def _send(flooding: mqtt.Client, node: Node, number: int) -> None:
    flooding.publish(node.address.facts, encode(node.batch(number, 1, oldest=1, newest=number)), qos=1)


def measure_flood(directory: Path) -> list[Measured | Skipped]:
    """Press-to-ledger times of a device while another sends 2,500 batches a second."""
    with tempfile.TemporaryDirectory(dir=directory) as place, Hall(Path(place)) as hall:
        flooder = hall.enrol("flood-pi", ["rating"])
        quiet = hall.enrol("quay-1-pi", ["rating"])
        hall.start_hub()
        crowd = Crowd(_plan(quiet))
        crowd.devices[0].connect()
        crowd.live(lambda: not crowd.behind() and all(n.sender.connected for _, n in crowd.nodes), 10)
        crowd.live(lambda: False, 5)
        before = crowd.latencies_ms()
        command = [sys.executable, "-m", "bench.flood", str(flooder), str(FLOOD_S)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as flooding:
            crowd.live(lambda: flooding.poll() is not None, 2 * FLOOD_S)
            sent = int((flooding.stdout or sys.stdin).read().split()[-1])
        during = crowd.latencies_ms()
        crowd.live(lambda: not crowd.behind(), 30)
        pressed = crowd.nodes[0][1].sender.newest
        await_true(lambda: hall.ask(PACED, ["flood-pi"])[0][0], 10)
        ((paced,),) = hall.ask(PACED, ["flood-pi"])
        _check(hall, pressed)
        crowd.devices[0].disconnect()
    told = f"a device sends {sent / FLOOD_S:,.0f} batches/s ({paced / sent:.0%} refused): another's press"
    return [
        one_to_one(
            f"{told} to ledger and back, {name}",
            "ms",
            "lower",
            percentile(during, share),
            percentile(before, share),
            "the same without the flood",
        )
        for name, share in (("p50", 0.5), ("p99", 0.99), ("worst", 1.0))
    ]


def _plan(config: Path) -> Plan:
    return Plan(
        devices=[str(config)], live_s=0, every_s=PRESS_EVERY_S, heartbeat_s=30, backlog=0, level_within_s=0
    )


def _check(hall: Hall, pressed: int) -> None:
    taken = hall.ask("SELECT count(*), max(seq) FROM facts WHERE device = 'quay-1-pi'")
    assert taken == [(pressed, pressed)], f"lost or doubled: {taken}, pressed {pressed}"


if __name__ == "__main__":
    flood(Path(sys.argv[1]), float(sys.argv[2]))
