from __future__ import annotations

import shutil
import stat
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from firmware_agent.config import load_device_config
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.identity import load_identity
from firmware_agent.settings import SettingsError, check_settings
from firmware_agent.voices.settings import VoiceSettings, open_voice
from provisioning.enrolment import enrol
from provisioning.issued import valid_until
from provisioning.order import Order
from provisioning.plan import load_hub_config
from provisioning.request import make_request
from provisioning.roster import load_roster
from speaker_node.settings import SpeakerSettings
from tests.provisioning.conftest import COMMUNE
from tests.support.piper_model import write_piper_voice


@pytest.fixture
def order(commune: Path) -> Order:
    return Order("quay-1-pi", commune, "quay-1", [("rating", "rating")])


TORN_REQUEST = b"-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n"


def kiosk(commune: Path, name: str, **more: object) -> Order:
    order = Order(name, commune, "hall", [("ticket", "ticket")])
    return replace(order, **more)  # type: ignore[arg-type]


def refused(order: Order, now: datetime) -> str:
    """Enrol in vain; return the mistakes."""
    with pytest.raises(SettingsError) as caught:
        enrol(order, now)
    return "\n".join(caught.value.mistakes)


def files(directory: Path) -> dict[str, bytes]:
    found = (path for path in directory.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(directory)): path.read_bytes() for path in found}


def test_what_enrolment_writes_the_device_can_load(order: Order, now: datetime) -> None:
    done = enrol(order, now)
    assert done.config == order.commune_dir / "devices" / "quay-1-pi" / "device.toml"
    config = load_device_config(done.config)
    hub = load_hub_config(order.commune_dir / "hub" / "hub.toml")
    assert (config.commune, config.device) == (COMMUNE, "quay-1-pi")
    assert (config.broker.host, config.broker.port) == ("127.0.0.1", hub.broker.port)
    assert config.hub_url == ""
    assert [(node.kind, node.name) for node in config.nodes] == [("rating", "rating")]
    identity = load_identity(config.identity, "quay-1-pi", now)
    assert identity.tls().get_ca_certs()
    assert stat.S_IMODE(config.identity.key.stat().st_mode) == 0o600
    (entry,) = load_roster(order.commune_dir / "hub" / "roster")
    assert (entry.device, entry.place, entry.nodes[0].name) == ("quay-1-pi", "quay-1", "rating")


def test_the_certificate_proves_a_client_for_825_days(order: Order, now: datetime) -> None:
    certificate = enrol(order, now).certificate
    uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert isinstance(key := certificate.public_key(), ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert certificate.not_valid_before_utc == now - timedelta(days=1)
    assert certificate.not_valid_after_utc == now + timedelta(days=825)
    assert valid_until(order.commune_dir / "authority", "quay-1-pi") == certificate.not_valid_after_utc


def test_every_option_arrives(order: Order, tmp_path: Path, now: datetime) -> None:
    options = {"run": str(tmp_path), "control": "/tmp/c", "seed": 7}  # noqa: S108
    done = enrol(
        replace(
            order,
            nodes=[("rating", "nut-bam"), ("camera", "camera")],
            out=tmp_path / "card",
            hardware="sim",
            hardware_options=options,
            broker_host="fd00::1",
            broker_port=1,
            lease_s=3,
            reconnect_max_s=4,
            days=5,
        ),
        now,
    )
    config = load_device_config(tmp_path / "card" / "device.toml")
    hub = load_hub_config(order.commune_dir / "hub" / "hub.toml")
    assert (config.broker.host, config.broker.port, config.broker.reconnect_max_s) == ("fd00::1", 1, 4)
    assert config.lease_s == 3
    assert config.hub_url == f"https://[fd00::1]:{hub.door.port}"
    assert (config.hardware.kind, config.hardware.options) == ("sim", options)
    assert [(node.kind, node.name) for node in config.nodes] == [("rating", "nut-bam"), ("camera", "camera")]
    assert done.certificate.not_valid_after_utc == now + timedelta(days=5)
    assert not (order.commune_dir / "devices" / "quay-1-pi").exists()


def test_settings_of_nodes_arrive(order: Order, now: datetime) -> None:
    speaker = replace(order, nodes=[("speaker", "loa")], node_settings={"loa": {"late_max_s": 60}})
    config = load_device_config(enrol(speaker, now).config)
    assert config.node("loa").settings == {"late_max_s": 60}


def test_settings_are_judged_by_the_kind_itself(order: Order, now: datetime) -> None:
    settings = {"loa": {"late_max_s": -1, "colour": "red"}}
    told = refused(replace(order, nodes=[("speaker", "loa")], node_settings=settings), now)
    assert "--node-setting loa.late_max_s: tìm thấy (found) -1" in told
    assert "--node-setting loa.colour" in told


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"device": "Quầy 1"}, "device: tìm thấy (found) 'Quầy 1'"),
        ({"device": "../x"}, "device"),
        ({"device": "a" * 300}, "device"),
        ({"device": "hub"}, "no device may be called 'hub'"),
        ({"device": "thon-dong"}, "is the id of another place"),
        ({"place": "quay-9"}, "--place: tìm thấy (found) 'quay-9'; cho phép (allowed): quay-1, quay-2"),
        ({"nodes": []}, "--node: thiếu (missing)"),
        ({"place": ""}, "--place: thiếu (missing); có (there are): quay-1"),
        ({"nodes": [("radar", "radar")]}, "--node: tìm thấy (found) 'radar'; cho phép (allowed): camera"),
        ({"nodes": [("rating", "agent")]}, "agent"),
        ({"nodes": [("rating", "a"), ("rating", "a")]}, "'a' stands twice"),
        ({"nodes": [("rating", "Nút")]}, "nodes.0.name"),
        ({"node_settings": {"loa": {"x": 1}}}, "no such node"),
        ({"hardware": "toaster"}, "--hardware: tìm thấy (found) 'toaster'; cho phép (allowed): pi, sim"),
        ({"hardware_options": {"colour": "red"}}, "--hardware-option colour"),
        ({"hardware_options": {"printer": "\udc80"}}, r"'\udc80': không phải UTF-8"),
        ({"broker_port": 0}, "broker.port"),
        ({"broker_host": "x" * 300}, "broker.host"),
        ({"lease_s": 1}, "lease_s"),
        ({"reconnect_max_s": 0}, "broker.reconnect_max_s"),
        ({"days": 0}, "--days"),
        ({"days": 3_651}, "--days"),
        ({"series": "A"}, "needs exactly one ticket node"),
        ({"nodes": [("ticket", "ticket")], "series": "AB"}, "--series: tìm thấy (found) 'AB'"),
        ({"nodes": [("ticket", "ticket")], "series": ""}, "--series: tìm thấy (found) ''"),
    ],
)
def test_each_mistake_is_named_and_nothing_is_written(
    order: Order, now: datetime, change: dict[str, object], part: str
) -> None:
    before = files(order.commune_dir)
    assert part in refused(replace(order, **change), now)  # type: ignore[arg-type]
    assert files(order.commune_dir) == before
    assert list((order.commune_dir / "devices").iterdir()) == []


def test_all_mistakes_are_named_at_once(order: Order, now: datetime) -> None:
    told = refused(replace(order, place="x", hardware="y", lease_s=0, days=0, nodes=[("z", "z")]), now)
    assert len(told.splitlines()) == 5


def test_a_device_is_enrolled_once(order: Order, now: datetime) -> None:
    enrol(order, now)
    before = files(order.commune_dir)
    assert "already enrolled" in refused(order, now)
    assert files(order.commune_dir) == before


def test_replacing_renews_the_identity_and_keeps_every_fact(order: Order, now: datetime) -> None:
    first = enrol(order, now)
    outbox = Outbox(first.config.parent / "rating" / "outbox.db")
    outbox.remember({"counted": 5})
    epoch = outbox.epoch
    outbox.close()
    second = enrol(replace(order, place="quay-2", replace=True), now + timedelta(days=800))
    assert second.certificate.serial_number != first.certificate.serial_number
    assert second.certificate.public_key() != first.certificate.public_key()
    load_identity(load_device_config(second.config).identity, "quay-1-pi", now + timedelta(days=801))
    kept = Outbox(second.config.parent / "rating" / "outbox.db")
    assert (kept.epoch, kept.state("counted")) == (epoch, 5)
    kept.close()
    (entry,) = load_roster(order.commune_dir / "hub" / "roster")
    assert entry.place == "quay-2"
    issued = order.commune_dir / "authority" / "issued"
    assert len(list(issued.glob("quay-1-pi.*.crt"))) == 2
    ends = valid_until(order.commune_dir / "authority", "quay-1-pi")
    assert ends == second.certificate.not_valid_after_utc


def test_a_renewal_that_names_nothing_leaves_the_device_as_it_was(order: Order, now: datetime) -> None:
    """Who changes a card types its name, and no node falls off the roster by that."""
    whole = replace(
        order,
        nodes=[("rating", "rating"), ("keys", "keys")],
        node_settings={"rating": {"scale": "vi5"}},
        hardware_options={"camera": 1},
        lease_s=45,
    )
    first = enrol(whole, now)
    before = load_device_config(first.config)
    again = enrol(Order(order.device, order.commune_dir, replace=True), now)
    assert (again.entry, load_device_config(again.config)) == (first.entry, before)
    assert again.certificate.serial_number != first.certificate.serial_number
    changed = Order(
        order.device,
        order.commune_dir,
        "quay-2",
        node_settings={"rating": {"sound": True}},
        hardware_options={"printer": "/dev/usb/lp1"},
        replace=True,
    )
    config = load_device_config(enrol(changed, now).config)
    assert config.nodes[0].settings == {"scale": "vi5", "sound": True}
    assert config.hardware.options == {"camera": 1, "printer": "/dev/usb/lp1"}


def test_of_a_renewal_whose_directory_was_carried_away_the_roster_knows_the_nodes(
    order: Order, now: datetime, tmp_path: Path
) -> None:
    first = enrol(replace(order, nodes=[("rating", "nut"), ("ticket", "may")]), now)
    away = Order(order.device, order.commune_dir, out=tmp_path / "card", replace=True)
    assert enrol(away, now).entry == first.entry


def test_a_directory_of_another_device_is_not_taken(order: Order, now: datetime) -> None:
    taken = enrol(order, now).config.parent
    other = replace(order, device="quay-2-pi", out=taken, replace=True)
    assert "belongs to the device" in refused(other, now)
    assert load_device_config(taken / "device.toml").device == "quay-1-pi"


def test_each_kiosk_gets_a_letter_of_its_own(commune: Path, now: datetime) -> None:
    assert enrol(kiosk(commune, "kiosk-1", series="B"), now).entry.nodes[0].series == "B"
    assert enrol(kiosk(commune, "kiosk-2"), now).entry.nodes[0].series == "A"
    two = kiosk(commune, "kiosk-3", nodes=[("ticket", "trai"), ("ticket", "phai"), ("display", "bang")])
    assert [node.series for node in enrol(two, now).entry.nodes] == ["C", "D", None]
    assert "'B' đã dùng ở (is in use by) kiosk-1/ticket" in refused(
        kiosk(commune, "kiosk-4", series="B"), now
    )
    again = enrol(kiosk(commune, "kiosk-2", replace=True), now)
    assert again.entry.nodes[0].series == "A"
    moved = enrol(kiosk(commune, "kiosk-2", replace=True, series="Z"), now)
    assert moved.entry.nodes[0].series == "Z"


def test_letters_run_out_with_words(commune: Path, now: datetime) -> None:
    for index in range(2):
        nodes = [("ticket", f"t{each}") for each in range(13)]
        enrol(kiosk(commune, f"kiosk-{index}", nodes=nodes), now)
    assert "no letter is free" in refused(kiosk(commune, "kiosk-9"), now)


def test_kiosks_enrolled_in_the_same_moment_share_no_letter(commune: Path, now: datetime) -> None:
    with ThreadPoolExecutor(4) as side_by_side:
        done = list(side_by_side.map(lambda index: enrol(kiosk(commune, f"kiosk-{index}"), now), range(8)))
    assert sorted(each.entry.nodes[0].series or "" for each in done) == list("ABCDEFGH")


def test_with_a_request_the_key_stays_on_the_device(order: Order, tmp_path: Path, now: datetime) -> None:
    card = tmp_path / "card"
    request = make_request("quay-1-pi", card)
    assert stat.S_IMODE((card / "identity" / "device.key").stat().st_mode) == 0o600
    done = enrol(replace(order, csr=request, out=tmp_path / "carried"), now)
    assert not (tmp_path / "carried" / "identity" / "device.key").exists()
    for name in ("device.crt", "commune-ca.crt", "hub-seal.pub"):
        shutil.copy(tmp_path / "carried" / "identity" / name, card / "identity")
    shutil.copy(done.config, card)
    load_identity(load_device_config(card / "device.toml").identity, "quay-1-pi", now)


def test_a_request_beside_another_key_is_refused(order: Order, tmp_path: Path, now: datetime) -> None:
    enrol(order, now)
    request = make_request("quay-1-pi", tmp_path / "card")
    told = refused(replace(order, csr=request, replace=True), now)
    assert "does not belong to the key" in told


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (None, "cannot be read"),
        (b"", "is no certificate request"),
        (b"x" * 20_000, "file too large"),
        (
            b"-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n",
            "is no certificate request",
        ),
    ],
)
def test_a_bad_request_is_named(
    order: Order, tmp_path: Path, now: datetime, content: bytes | None, part: str
) -> None:
    path = tmp_path / "device.csr"
    if content is not None:
        path.write_bytes(content)
    assert part in refused(replace(order, csr=path), now)


def test_a_request_for_another_name_or_with_a_broken_signature_is_refused(
    order: Order, tmp_path: Path, now: datetime
) -> None:
    path = make_request("loa-1", tmp_path)
    assert "tìm thấy (found) ['loa-1']" in refused(replace(order, csr=path), now)
    request = x509.load_pem_x509_csr(path.read_bytes())
    broken = bytearray(request.public_bytes(Encoding.DER))
    broken[-1] ^= 1
    path.write_bytes(x509.load_der_x509_csr(bytes(broken)).public_bytes(Encoding.PEM))
    assert "signature is wrong" in refused(replace(order, csr=path), now)


def test_a_key_is_never_overwritten_by_a_request(tmp_path: Path) -> None:
    make_request("loa-1", tmp_path)
    key = (tmp_path / "identity" / "device.key").read_bytes()
    with pytest.raises(SettingsError, match="a key is there already"):
        make_request("loa-1", tmp_path)
    assert (tmp_path / "identity" / "device.key").read_bytes() == key
    with pytest.raises(SettingsError, match="hub"):
        make_request("hub", tmp_path / "x")


def test_what_cannot_be_written_leaves_nothing_behind(order: Order, tmp_path: Path, now: datetime) -> None:
    (order.commune_dir / "hub" / "identity" / "seal.pub").write_text("broken")
    assert "hub-seal.pub" in refused(order, now)
    assert list((order.commune_dir / "devices").iterdir()) == []
    (order.commune_dir / "hub" / "identity" / "seal.pub").unlink()
    assert "cannot be written" in refused(replace(order, out=tmp_path / "card" / "sd"), now)
    assert not (tmp_path / "card").exists()
    assert load_roster(order.commune_dir / "hub" / "roster") == []


def test_a_commune_that_is_not_there_is_named(order: Order, tmp_path: Path, now: datetime) -> None:
    told = refused(replace(order, commune_dir=tmp_path / "none"), now)
    for name in ("hub.toml", "ca.crt", "ca.key"):
        assert name in told


def test_a_broken_roster_stops_enrolment(order: Order, now: datetime) -> None:
    (order.commune_dir / "hub" / "roster" / "x.toml").write_text("device = 5")
    assert "x.toml" in refused(order, now)


def test_the_config_is_readable_without_our_code(order: Order, now: datetime) -> None:
    values = tomllib.loads(enrol(order, now).config.read_text(encoding="utf-8"))
    assert values["nodes"] == [{"kind": "rating", "name": "rating"}]


@pytest.mark.parametrize("kind", ["camera", "display", "speaker"])
def test_who_brings_or_fetches_files_knows_the_hubs_door(order: Order, now: datetime, kind: str) -> None:
    """Without it a display shows no picture, and a loudspeaker speaks the text of what should be a song."""
    config = load_device_config(enrol(replace(order, nodes=[(kind, kind)]), now).config)
    hub = load_hub_config(order.commune_dir / "hub" / "hub.toml")
    assert config.hub_url == f"https://127.0.0.1:{hub.door.port}"


def test_a_loudspeaker_is_enrolled_with_the_voice_that_staff_hear(commune: Path, now: datetime) -> None:
    hub_toml = commune / "hub" / "hub.toml"
    write_piper_voice(commune / "hub" / "xa.onnx")
    speech = '\n[speech]\nvoice_file = "xa.onnx"\nregion = "central"\npause_ms = 700\n'
    hub_toml.write_text(hub_toml.read_text(encoding="utf-8") + speech, encoding="utf-8")
    hub = load_hub_config(hub_toml)

    def enrolled(device: str, **ordered: object) -> tuple[VoiceSettings, Path]:
        node_settings = {"speaker": ordered} if ordered else {}
        nodes = [("speaker", "speaker"), ("camera", "camera")]
        done = enrol(Order(device, commune, "hall", nodes, node_settings=node_settings), now)
        values = tomllib.loads(done.config.read_text(encoding="utf-8"))
        assert "settings" not in values["nodes"][1]
        return check_settings(values["nodes"][0]["settings"], SpeakerSettings, device), done.config.parent

    alike, directory = enrolled("loa-1")
    assert open_voice(alike, directory).name == open_voice(hub.speech, hub.root).name
    own, directory = enrolled("loa-2", voice="aav/vi", pause_ms=0)
    assert open_voice(own, directory).name == "espeak-ng aav/vi 150 0"
    assert not list(directory.glob("*.onnx*"))
