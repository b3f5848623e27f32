"""From a press to its lamp and its screen, while a camera records and a loudspeaker sounds beside it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bench.hall import COMMUNE, PLACE, await_true
from bench.measure import Measured, Skipped, one_to_one
from provisioning.commune import Wish, make_commune
from provisioning.enrolment import enrol
from provisioning.order import Order
from sim.clock import begin_run
from sim.control import Arrive, ControlError, Hands, Leave
from sim.ports import free_ports
from sim.processes import Crew
from wire.codec import encode
from wire.intents import Approval, Bulletin, Intent, IntentBody, Programme, Watch
from wire.seal import seal
from wire.topics import Address

PRESSES = 100
GOAL_MS = 100.0
GOAL_IDLE = 0.02
RATING, BUSY = "quay-1-pi", "quay-2-pi"
WITHIN_S = 120.0
WALKS_S = 2.0
"""Somebody comes or goes before the camera so often: it sees motion and records all the time."""
SENTENCE = "Ủy ban nhân dân xã trân trọng thông báo lịch tiếp công dân trong tuần này tại trụ sở. "


def measure_answering(directory: Path) -> list[Measured | Skipped]:
    """Press to lamp and screen, p50 and p99; and what the node costs while nobody presses."""
    with tempfile.TemporaryDirectory(dir=directory) as place, _sockets() as control:
        commune = Path(place).resolve()
        rating = _lay_commune(commune, control)
        crew = Crew(commune / "logs", {"SDL_VIDEODRIVER": "dummy"})
        busy = commune / "devices" / BUSY
        crew.add(BUSY, [sys.executable, "-m", "firmware_agent", "run", str(busy / "device.toml")])
        over = threading.Event()
        walking = threading.Thread(target=_walk, args=[Hands(Path(control), BUSY, "camera"), over])
        try:
            crew.start(BUSY)
            await_true((busy / "speaker" / "heard.json").exists, WITHIN_S)
            walking.start()
            found = _run_child(commune, rating)
        finally:
            over.set()
            crew.close()
        walking.join()
    return _figures(found)


def _figures(found: dict[str, Any]) -> list[Measured | Skipped]:
    figures: list[Measured | Skipped] = []
    busy = "camera and speaker busy on the same two cores"
    for what, key in (("lamp", "lamp_ms"), ("screen", "screen_ms")):
        cuts = statistics.quantiles(found[key], n=100, method="inclusive")
        for name, value in (("p50", cuts[49]), ("p99", cuts[98])):
            title = f"press to {what}, {name}; {busy}"
            figures.append(one_to_one(title, "ms", "lower", value, GOAL_MS, "the goal"))
    idle = found["idle_cpu"]
    return [
        *figures,
        one_to_one("a rating node while nobody presses: CPU", "cores", "lower", idle, GOAL_IDLE, "the goal"),
        one_to_one(
            "pictures drawn while nothing changes", "in 8 s", "lower", found["idle_redraws"], 0.0, "the goal"
        ),
    ]


def _run_child(commune: Path, config: Path) -> dict[str, Any]:
    out = commune / "answers.json"
    subprocess.run(
        [sys.executable, "-m", "bench.answering_child", str(config), "rating", str(out), str(PRESSES)],
        check=True,
        timeout=WITHIN_S,
        capture_output=True,
        env={**os.environ, "SDL_VIDEODRIVER": "dummy"},
    )
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def _lay_commune(commune: Path, control: str) -> Path:
    """Enrol a rating device, and one that watches and sounds; return the first one's config."""
    broker, console, door = free_ports(3)
    wish = Wish(COMMUNE, "UBND xã", broker_port=broker, console_port=console, door_port=door)
    make_commune(commune, wish, datetime.now(UTC))
    begin_run(commune)
    configs = {}
    for device, kinds in ((RATING, ["rating"]), (BUSY, ["camera", "speaker"])):
        order = Order(
            device,
            commune,
            place=PLACE,
            nodes=[(kind, kind) for kind in kinds],
            hardware="sim",
            hardware_options={"run": str(commune), "control": control, "seed": 1},
            node_settings={"speaker": {"quiet_hours": False}} if "speaker" in kinds else {},
            broker_host="127.0.0.1",
            broker_port=broker,
        )
        configs[device] = enrol(order, datetime.now(UTC)).config
    now_ms = time.time_ns() // 1_000_000
    bulletins = [
        Bulletin(
            id=f"tin-{number}",
            title="Thông báo",
            text=SENTENCE * 10,
            at_ms=now_ms + number * 1_000,
            late_until_ms=now_ms + 600_000,
            written_by="bien-tap",
            approved=Approval(by="lanh-dao", at_ms=now_ms),
        )
        for number in range(1, 4)
    ]
    _lay_document(commune, "speaker", Programme(bulletins=bulletins))
    _lay_document(commune, "camera", Watch(counter=PLACE, record=True))
    return configs[RATING]


def _lay_document(commune: Path, node: str, body: IntentBody) -> None:
    """Lay a sealed document where the node keeps its last one: no hub is needed to go by it."""
    address, now_ms = Address(COMMUNE, BUSY, node), time.time_ns() // 1_000_000
    intent = Intent(
        device=BUSY,
        node=node,
        name=body.NAME,
        number=1,
        issued_at_ms=now_ms,
        expires_at_ms=now_ms + 3_600_000,
        body=msgspec.Raw(encode(body)),
    )
    key: Any = load_pem_private_key((commune / "hub" / "identity" / "seal.key").read_bytes(), None)
    place = commune / "devices" / BUSY / node / "documents" / f"{body.NAME}.sealed.json"
    place.parent.mkdir(parents=True)
    place.write_bytes(seal(intent, address, key))


def _walk(visitor: Hands, over: threading.Event) -> None:
    """Come and go before the camera; one that is being started is waited for."""
    while not over.wait(WALKS_S):
        for act in (Arrive(), Leave()):
            with contextlib.suppress(ControlError):
                visitor.do(act)
            if over.wait(WALKS_S):
                return


@contextlib.contextmanager
def _sockets() -> Iterator[str]:
    """Unix sockets have short paths."""
    directory = tempfile.mkdtemp(prefix="c-", dir="/tmp")
    yield directory
    shutil.rmtree(directory, ignore_errors=True)
