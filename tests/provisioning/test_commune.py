from __future__ import annotations

import ssl
import stat
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from firmware_agent.identity import certificate_mistakes
from firmware_agent.settings import SettingsError
from provisioning.authority import Authority, Use, new_key
from provisioning.commune import Wish, make_commune
from provisioning.plan import load_hub_config
from tests.provisioning.conftest import COMMUNE, OFFICE
from wire.names import HUB

WISH = Wish(COMMUNE, OFFICE)
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
ON_THE_NETWORK = ("192.168.1.10", "hub.local")
ANYWHERE = "0.0.0.0"  # noqa: S104
TORN_KEY = b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----"


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def contents(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def test_everything_is_there_and_secrets_are_for_their_owner_only(commune: Path) -> None:
    secret = {
        "authority/ca.key",
        "hub/hub.toml",
        "hub/broker/access.acl",
        "hub/broker/mosquitto.conf",
        "hub/broker/server.key",
        "hub/identity/console.key",
        "hub/identity/hub.key",
        "hub/identity/seal.key",
        "hub/identity/storage.secret",
    }
    public = {
        "authority/ca.crt",
        "hub/broker/ca.crt",
        "hub/broker/server.crt",
        "hub/identity/console.crt",
        "hub/identity/hub.crt",
        "hub/identity/seal.pub",
    }
    assert set(contents(commune)) == secret | public
    for name in secret:
        assert stat.S_IMODE((commune / name).stat().st_mode) == 0o600, name
    for name in (".", "authority", "hub", "devices"):
        assert stat.S_IMODE((commune / name).stat().st_mode) == 0o700, name


def test_the_config_says_what_was_wished(commune: Path) -> None:
    config = load_hub_config(commune / "hub" / "hub.toml")
    assert (config.commune, config.office) == (COMMUNE, OFFICE)
    assert (config.broker.host, config.console.host, config.door.host) == ("127.0.0.1",) * 3
    assert not config.console.tls


@pytest.mark.parametrize(
    ("hosts", "begins"),
    [
        (WISH.hosts, "http://127.0.0.1:8090/t/"),
        (ON_THE_NETWORK, "http://192.168.1.10:8090/t/"),
    ],
)
def test_the_citizens_page_is_there_when_wished(
    hosts: tuple[str, ...], begins: str, tmp_path: Path, now: datetime
) -> None:
    config = make_commune(tmp_path / "x", replace(WISH, hosts=hosts, page_port=8090), now)
    assert config.page is not None
    assert (config.page.begins, config.page.host) == (begins, config.console.host)
    assert make_commune(tmp_path / "y", replace(WISH, hosts=hosts), now).page is None


def test_a_hub_on_the_network_listens_on_it_with_tls(tmp_path: Path, now: datetime) -> None:
    config = make_commune(tmp_path / "x", replace(WISH, hosts=ON_THE_NETWORK), now)
    assert config.address == "192.168.1.10"
    assert (config.broker.host, config.broker.listen) == ("127.0.0.1", ANYWHERE)
    assert (config.console.host, config.console.tls, config.door.host) == (ANYWHERE, True, ANYWHERE)


def test_the_plan_goes_into_the_config(tmp_path: Path, now: datetime) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('[[counters]]\nid = "q"\nname = "Q"\n[[fields]]\nid = "f"\nname = "F"\n')
    config = make_commune(tmp_path / "x", replace(WISH, plan=plan), now)
    assert list(config.places()) == ["q", "hall"]
    assert config.hamlets == []


@pytest.mark.parametrize(
    ("name", "holder", "use", "other_use"),
    [
        ("identity/hub", HUB, CLIENT, SERVER),
        ("identity/console", "console", SERVER, CLIENT),
        ("broker/server", "broker", SERVER, CLIENT),
    ],
)
def test_each_certificate_is_good_for_one_use(
    commune: Path, now: datetime, name: str, holder: str, use: object, other_use: object
) -> None:
    authority = read(commune / "authority" / "ca.crt")
    path = commune / "hub" / f"{name}.crt"
    certificate = read(path)
    assert certificate_mistakes(certificate, authority, holder, now, path) == []
    uses = list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert uses == [use]
    assert other_use not in uses
    key = load_pem_private_key(path.with_suffix(".key").read_bytes(), None)
    assert certificate.public_key() == key.public_key()
    assert certificate.not_valid_before_utc == now - timedelta(days=1)
    assert certificate.not_valid_after_utc == authority.not_valid_after_utc


@pytest.mark.parametrize("host", [*ON_THE_NETWORK, "localhost", "127.0.0.1"])
@pytest.mark.parametrize("name", ["identity/console", "broker/server"])
def test_servers_verify_by_each_of_their_names(tmp_path: Path, now: datetime, host: str, name: str) -> None:
    directory = tmp_path / "x"
    make_commune(directory, replace(WISH, hosts=ON_THE_NETWORK), now)
    leaf = read(directory / "hub" / f"{name}.crt")
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert host in [str(each.value) for each in names]
    if not host[0].isdigit():
        store = Store([read(directory / "authority" / "ca.crt")])
        verifier = PolicyBuilder().store(store).time(now).build_server_verifier(x509.DNSName(host))
        assert len(verifier.verify(leaf, [])) == 2


def test_the_authority_lasts_ten_years_and_makes_no_further_authorities(commune: Path, now: datetime) -> None:
    authority = read(commune / "authority" / "ca.crt")
    limits = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert limits.critical
    assert (limits.value.ca, limits.value.path_length) == (True, 0)
    assert authority.not_valid_after_utc == now + timedelta(days=3_650)
    assert (commune / "hub" / "broker" / "ca.crt").read_bytes() == (
        commune / "authority" / "ca.crt"
    ).read_bytes()


def test_no_certificate_outlives_the_authority(commune: Path, now: datetime) -> None:
    authority = Authority.load(commune / "authority")
    late = now + timedelta(days=3_600)
    certificate = authority.issue("loa-1", new_key().public_key(), Use.CLIENT, late, 825)
    assert certificate.not_valid_after_utc == authority.certificate.not_valid_after_utc


def test_the_seal_is_a_pair_and_openssl_takes_the_rest(commune: Path) -> None:
    identity = commune / "hub" / "identity"
    private = load_pem_private_key((identity / "seal.key").read_bytes(), None)
    assert private.public_key() == load_pem_public_key((identity / "seal.pub").read_bytes())
    assert len(bytes.fromhex((identity / "storage.secret").read_text())) == 32
    context = ssl.create_default_context(cafile=str(commune / "authority" / "ca.crt"))
    context.load_cert_chain(identity / "hub.crt", identity / "hub.key")


def test_a_commune_is_never_overwritten(commune: Path, now: datetime) -> None:
    before = contents(commune)
    with pytest.raises(SettingsError) as caught:
        make_commune(commune, WISH, now)
    assert "never overwritten" in caught.value.report()
    assert contents(commune) == before


def test_two_communes_do_not_trust_each_other(commune: Path, tmp_path: Path, now: datetime) -> None:
    make_commune(tmp_path / "other", WISH, now)
    path = commune / "hub" / "identity" / "hub.crt"
    other = read(tmp_path / "other" / "authority" / "ca.crt")
    (line,) = certificate_mistakes(read(path), other, HUB, now, path)
    assert "not issued by this commune" in line


def test_all_mistakes_are_named_and_nothing_is_made(tmp_path: Path, now: datetime) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('counters = 5\nbroker = "x"\n')
    wish = Wish("Xã", "", (ANYWHERE, "hub xa"), 0, 8080, 8080, plan)
    with pytest.raises(SettingsError) as caught:
        make_commune(tmp_path / "x", wish, now)
    told = "\n".join(caught.value.mistakes)
    for part in (
        "'0.0.0.0'",
        "'hub xa'",
        "counters",
        "fields: thiếu",
        "plan.toml: broker",
        "commune",
        "office",
        "broker.port",
    ):
        assert part in told, part
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("count", [0, 21])
def test_the_number_of_hosts_is_bounded(tmp_path: Path, now: datetime, count: int) -> None:
    with pytest.raises(SettingsError, match="1 … 20"):
        make_commune(tmp_path / "x", replace(WISH, hosts=("127.0.0.1",) * count), now)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be written"):
        make_commune(tmp_path / "file" / "x", WISH, now)


@pytest.mark.parametrize("file", ["ca.crt", "ca.key"])
@pytest.mark.parametrize(
    "content", [None, b"", b"not PEM", b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----"]
)
def test_an_authority_that_cannot_be_read_names_the_file(
    commune: Path, file: str, content: bytes | None
) -> None:
    path = commune / "authority" / file
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=file):
        Authority.load(commune / "authority")


def test_an_authority_whose_key_everybody_may_read_is_refused(commune: Path) -> None:
    (commune / "authority" / "ca.key").chmod(0o644)
    with pytest.raises(SettingsError, match="everybody may read or change"):
        Authority.load(commune / "authority")


def test_the_key_of_another_authority_is_found_out(commune: Path, tmp_path: Path, now: datetime) -> None:
    make_commune(tmp_path / "other", WISH, now)
    other = tmp_path / "other" / "authority" / "ca.key"
    (commune / "authority" / "ca.key").write_bytes(other.read_bytes())
    with pytest.raises(SettingsError, match=r"is not the key of ca\.crt"):
        Authority.load(commune / "authority")
