"""A hamlet's mobile link: slow, late, forgotten by a router on the way. Real Mosquitto, hub and agent."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bench.hall import Hall
from firmware_agent.config import load_device_config
from firmware_agent.delivery import link as link_module
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.desk import node_directory
from sim.commune import program
from sim.flow import MOBILE
from sim.network import Network
from tests.faults.trouble import DEVICE, NODE, Trouble
from tests.support.site import KIOSK, Site
from tests.support.waiting import await_condition
from wire.codec import encode
from wire.facts import Moment, RatingPressed, make_fact

BACKLOG = 250


def press(name: str) -> RatingPressed:
    return RatingPressed(counter="quay-1", scale="vi4", level=1, source="button", ticket=name)


def pressed_offline(config: Path) -> int:
    """Leave a backlog in the node's outbox, as a week without a link does; return its size in bytes."""
    outbox = Outbox(node_directory(load_device_config(config), NODE) / "outbox.db")
    moment = Moment(at_ms=1_790_000_000_000, mono_ms=1, boot="before", synced=True)
    facts = [make_fact(press(f"khach-{number}"), moment) for number in range(BACKLOG)]
    for fact in facts:
        outbox.append(fact)
    outbox.close()
    return sum(len(encode(fact)) for fact in facts)


@contextmanager
def hall_on_a_line(directory: Path) -> Iterator[tuple[Hall, Network, Path]]:
    # Unix sockets have short paths, a test's directory has a long one.
    with (
        TemporaryDirectory(prefix="c-", dir="/tmp") as control,
        Network() as network,
        Hall(directory) as hall,
    ):
        port = network.lay(DEVICE, "127.0.0.1", hall.broker_port)
        yield hall, network, hall.enrol(DEVICE, [NODE], broker_port=port, control=control)


def test_a_throttled_line_brings_a_backlog_home_whole(tmp_path: Path) -> None:
    with hall_on_a_line(tmp_path) as (hall, network, config):
        size_bytes = pressed_offline(config)
        network.slow(DEVICE, MOBILE)
        hall.start_hub()
        hall.crew.add("agent", [program("firmware-agent"), "run", str(config)])
        began_s = time.monotonic()
        hall.crew.start("agent")
        taken = "SELECT json_extract(body, '$.ticket'), count(*) FROM facts WHERE kind = ? GROUP BY 1"
        await_condition(lambda: len(hall.ask(taken, [RatingPressed.KIND])) == BACKLOG, 60)
        took_s = time.monotonic() - began_s
        assert MOBILE.bytes_per_s is not None
        assert took_s > size_bytes / MOBILE.bytes_per_s, "the line was not slow"
        found = Counter(dict(hall.ask(taken, [RatingPressed.KIND])))
        assert found == {f"khach-{number}": 1 for number in range(BACKLOG)}
        assert hall.ask("SELECT * FROM lost") == []
        assert hall.crew.fallen() == {}


def test_a_connection_that_a_router_forgot_is_given_up_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both ends believe in it until they lose patience: with 20 s the test would last as long.
    monkeypatch.setattr(link_module, "KEEPALIVE_S", 2)
    site = Site(tmp_path)
    with Network() as network, site.broker, site.hub() as hub:
        port = network.lay(DEVICE, "127.0.0.1", site.broker.port)
        with site.desk(broker_port=port) as desk:
            desk.record(press("before"))
            hub.await_facts(KIOSK, RatingPressed, 1)
            network.cut(DEVICE, "half-open")
            desk.record(press("into nowhere"))
            network.mend(DEVICE)
            desk.record(press("after"))
            taken = hub.await_facts(KIOSK, RatingPressed, 3, 30)
    assert [each.ticket for each in taken] == ["before", "into nowhere", "after"]


def test_a_writer_on_a_line_that_is_slow_and_forgets_is_in_the_ledger_once(tmp_path: Path) -> None:
    with Trouble(tmp_path) as trouble:
        trouble.begin()
        trouble.network.slow(DEVICE, MOBILE)
        written = len(trouble.diary().on_disk)
        await_condition(lambda: len(trouble.diary().on_disk) > written + 200, 30)
        trouble.network.cut(DEVICE, "half-open")
        trouble.network.mend(DEVICE)
        assert not trouble.end_and_check().refused
