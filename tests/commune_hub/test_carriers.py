"""One protocol, three carriers: MQTT, HTTPS, a USB stick; in any order, any number of times."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commune_hub.cli import app as hub_app
from commune_hub.hub import Capabilities, Hub, open_capabilities
from commune_hub.keys import load_keys
from commune_hub.parcels import ParcelRefusedError, Unpacked, make_intake
from firmware_agent.cli import app as agent_app
from firmware_agent.clock import SystemClock
from firmware_agent.config import DeviceConfig, load_device_config
from firmware_agent.delivery.parcels import make_parcel
from firmware_agent.desk import Desk
from firmware_agent.identity import load_identity
from firmware_agent.node import Problems
from provisioning.commune import Wish, make_commune
from provisioning.enrolment import enrol
from provisioning.order import Order
from provisioning.plan import HubConfig
from tests.commune_hub.facts import press
from tests.support.processes import free_port
from tests.support.waiting import await_condition
from wire.intents import Serving

DEVICE = "quay-1-pi"
NOW = datetime.now(UTC)


def make(root: Path, commune: str = "xuan-luong", carrier: str | None = None) -> HubConfig:
    wish = Wish(commune, "UBND xã", ("127.0.0.1",), free_port(), free_port(), free_port())
    config = make_commune(root, wish, NOW)
    nodes = [("rating", "rating")]
    enrol(Order(DEVICE, root, "quay-1", nodes, reconnect_max_s=1, carrier=carrier), NOW)
    return config


def device_of(root: Path) -> DeviceConfig:
    return load_device_config(root / "devices" / DEVICE / "device.toml")


def desk_of(root: Path) -> Desk:
    config = device_of(root)
    identity = load_identity(config.identity, DEVICE, None)
    return Desk(config, "rating", "rating", identity, SystemClock(), Problems())


def presses(capabilities: Capabilities) -> list[int]:
    rows = capabilities.store.rows("SELECT seq FROM facts WHERE kind = 'rating.pressed' ORDER BY seq")
    return [row["seq"] for row in rows]


@dataclass
class Commune:
    """A commune whose hub stands open without network, and a rating node that has never met it."""

    root: Path
    config: HubConfig
    capabilities: Capabilities
    desk: Desk
    parcels: int = field(default=0)

    def pack(self) -> Path:
        self.parcels += 1
        path = self.root / f"goi-{self.parcels}.parcel"
        config = device_of(self.root)
        make_parcel(config, load_identity(config.identity, DEVICE, None), SystemClock(), path)
        return path

    def unpack(self, content: bytes) -> Unpacked:
        return make_intake(self.capabilities).unpack(io.BytesIO(content), "gói")


@pytest.fixture
def commune(tmp_path: Path) -> Iterator[Commune]:
    root = tmp_path / "xa"
    config = make(root)
    made = Commune(root, config, open_capabilities(config), desk_of(root))
    yield made
    made.desk.stop()
    made.capabilities.store.close()


def test_a_parcel_brings_everything_once_however_often_it_is_read(commune: Commune) -> None:
    for level in (1, 2, 3, 4, 1):
        commune.desk.record(press(level))
    content = commune.pack().read_bytes()
    first = commune.unpack(content)
    assert (first.new, first.known, first.missing, dict(first.refused)) == (5, 0, 0, {})
    again = commune.unpack(content)
    assert (again.new, again.known) == (0, 5)
    assert presses(commune.capabilities) == [1, 2, 3, 4, 5]


def test_parcels_may_overlap(commune: Commune) -> None:
    commune.desk.record(press())
    early = commune.pack().read_bytes()
    commune.desk.record(press(2))
    late = commune.pack().read_bytes()
    assert commune.unpack(late).new == 2
    assert commune.unpack(early).new == 0
    assert presses(commune.capabilities) == [1, 2]


def many(commune: Commune, count: int = 450) -> bytes:
    for number in range(count):
        commune.desk.record(press(1 + number % 4))
    return commune.pack().read_bytes()


def test_a_parcel_cut_in_half_gives_its_whole_lines_and_says_what_was_not_there(commune: Commune) -> None:
    content = many(commune)
    lines = content.splitlines(keepends=True)
    assert len(lines) == 4, "a heading and three batches of 200, 200, 50"
    cut = commune.unpack(b"".join(lines[:2]) + lines[2][: len(lines[2]) // 2])
    assert (cut.batches, cut.missing, cut.new, cut.facts_missing) == (1, 2, 200, 250)
    twice = commune.unpack(b"".join([*lines[:2], lines[1], lines[1]]))
    assert (twice.missing, twice.facts_missing) == (2, 250), "a line that stands there again replaces none"
    whole = commune.unpack(content)
    assert (whole.new, whole.known, whole.missing, whole.facts_missing) == (250, 200, 0, 0)
    assert presses(commune.capabilities) == list(range(1, 451))


def test_a_line_that_is_missing_in_the_middle_makes_the_rest_wait(commune: Commune) -> None:
    lines = many(commune).splitlines(keepends=True)
    found = commune.unpack(lines[0] + lines[1] + lines[3])
    assert (found.new, found.waiting, found.missing) == (200, 50, 1)
    assert commune.unpack(b"".join(lines)).new == 250


@pytest.mark.parametrize("change", [(b'"level":1', b'"level":4'), (b'"number":1', b'"number":7')])
def test_a_changed_line_is_refused_and_the_others_are_taken(
    commune: Commune, change: tuple[bytes, bytes]
) -> None:
    lines = many(commune).splitlines(keepends=True)
    forged = lines[0] + lines[1].replace(*change, 1) + b"".join(lines[1:])
    found = commune.unpack(forged)
    assert found.refused == {"bad_seal": 1}
    assert (found.new, found.facts_missing) == (450, 0)
    fleet = commune.capabilities.fleet
    fleet.save_refusals()
    assert [(row["device"], row["reason"]) for row in fleet.refusals()] == [(DEVICE, "bad_seal")]


def test_the_parcel_of_another_commune_is_refused(commune: Commune, tmp_path: Path) -> None:
    make(tmp_path / "khac", "hong-ha")
    desk = desk_of(tmp_path / "khac")
    desk.record(press())
    config = device_of(tmp_path / "khac")
    path = tmp_path / "khac.parcel"
    make_parcel(config, load_identity(config.identity, DEVICE, None), SystemClock(), path)
    desk.stop()
    with pytest.raises(ParcelRefusedError, match="xã khác"):
        commune.unpack(path.read_bytes())
    renamed = path.read_bytes().replace(b'"hong-ha"', b'"xuan-luong"', 1)
    with pytest.raises(ParcelRefusedError, match="không do cơ quan chứng thực"):
        commune.unpack(renamed)
    assert presses(commune.capabilities) == []


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"PK\x03\x04 a zip", b"{}", b"\x00" * 10_000_000, b"[" * 300_000 + b"\n"]
)
def test_what_is_no_parcel_is_refused_in_one_line(commune: Commune, content: bytes) -> None:
    with pytest.raises(ParcelRefusedError) as caught:
        commune.unpack(content)
    assert "\n" not in str(caught.value)


def test_the_commands_pack_and_import_while_the_node_works(commune: Commune, tmp_path: Path) -> None:
    for _ in range(3):
        commune.desk.record(press())
    path = tmp_path / "usb.parcel"
    (tmp_path / ".usb.parcel.new").symlink_to(tmp_path / "not-the-sticks")
    device = commune.root / "devices" / DEVICE / "device.toml"
    packed = CliRunner().invoke(agent_app, ["export", str(device), str(path)])
    assert (packed.exit_code, "3 sự việc" in packed.output) == (0, True), packed.output
    assert not (tmp_path / "not-the-sticks").exists(), "what lies on a stick leads nowhere else"
    hub = str(commune.root / "hub" / "hub.toml")
    read = CliRunner().invoke(hub_app, ["import", hub, str(path)])
    assert (read.exit_code, "3 sự việc mới" in read.output) == (0, True), read.output
    path.write_bytes(path.read_bytes()[:-9])
    cut = CliRunner().invoke(hub_app, ["import", hub, str(path)])
    assert (cut.exit_code, "thiếu 1 lô (batches), 3 sự việc (facts)" in cut.output) == (0, True), cut.output
    refused = CliRunner().invoke(hub_app, ["import", hub, hub])
    assert refused.exit_code == 1
    assert presses(commune.capabilities) == [1, 2, 3]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    config = make(tmp_path / "xa", carrier="https")
    made = Hub(open_capabilities(config), load_keys(config.root, NOW + timedelta(seconds=1)))
    made.start()
    yield made
    made.stop()


def test_https_carries_facts_up_and_documents_down(hub: Hub, tmp_path: Path) -> None:
    desk = desk_of(tmp_path / "xa")
    desk.start()
    for _ in range(3):
        desk.record(press())
    await_condition(lambda: presses(hub.capabilities) == [1, 2, 3])
    await_condition(lambda: desk.documents.current(Serving))
    await_condition(lambda: any(node.online for node in hub.capabilities.fleet.states()[0].nodes))
    desk.record(press())
    await_condition(lambda: len(presses(hub.capabilities)) == 4)
    desk.stop()
    await_condition(lambda: not any(node.online for node in hub.capabilities.fleet.states()[0].nodes))


def test_a_stick_then_https_then_the_stick_again_doubles_nothing(hub: Hub, tmp_path: Path) -> None:
    desk = desk_of(tmp_path / "xa")
    for _ in range(3):
        desk.record(press())
    config = device_of(tmp_path / "xa")
    path = tmp_path / "usb.parcel"
    make_parcel(config, load_identity(config.identity, DEVICE, None), SystemClock(), path)
    intake = make_intake(hub.capabilities)
    with path.open("rb") as file:
        assert intake.unpack(file, "gói").new == 3
    desk.start()
    desk.record(press(4))
    await_condition(lambda: len(presses(hub.capabilities)) == 4)
    with path.open("rb") as file:
        assert intake.unpack(file, "gói").new == 0
    assert len(presses(hub.capabilities)) == 4
    desk.stop()
