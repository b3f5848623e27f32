"""Who the device is: each way in which it can be wrong is one line in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from firmware_agent.config import IdentitySettings
from firmware_agent.identity import IdentityError, load_identity
from firmware_agent.runner import trusted_now
from tests.support.clocks import TEN_O_CLOCK_MS, HandClock
from tests.support.commune import DEVICE, TestCommune


@pytest.fixture
def commune(tmp_path: Path) -> TestCommune:
    return TestCommune(tmp_path / "commune")


def only_mistake(files: IdentitySettings, *, trusted: bool = True) -> str:
    with pytest.raises(IdentityError) as caught:
        load_identity(files, DEVICE, datetime.now(UTC) if trusted else None)
    (line,) = caught.value.mistakes
    assert "\n" not in line
    return line


def changed(files: IdentitySettings, **changes: Path) -> IdentitySettings:
    return files.model_copy(update=changes)


def test_a_good_identity_can_prove_itself(commune: TestCommune) -> None:
    identity = load_identity(commune.issue(DEVICE), DEVICE, datetime.now(UTC))
    assert identity.name == DEVICE
    assert identity.hub_seal == commune.seal_key.public_key()
    identity.hub_seal.verify(commune.seal_key.sign(b"x"), b"x")
    assert identity.tls().verify_mode.name == "CERT_REQUIRED"
    assert identity.tls().check_hostname


def test_an_expired_certificate_is_named_with_its_day(commune: TestCommune) -> None:
    files = commune.issue(DEVICE, since=datetime(2025, 1, 1, tzinfo=UTC), days=30)
    line = only_mistake(files)
    assert line.startswith(f"{files.certificate}: chứng thư đã hết hạn ngày 31/01/2025 (has expired)")


def test_a_certificate_of_the_future_points_at_the_clock(commune: TestCommune) -> None:
    files = commune.issue(DEVICE, since=datetime.now(UTC) + timedelta(days=2))
    assert "chưa có hiệu lực (not valid yet); hãy xem lại đồng hồ" in only_mistake(files)


def test_without_a_trusted_clock_the_dates_are_left_to_the_broker(commune: TestCommune) -> None:
    files = commune.issue(DEVICE, since=datetime(2025, 1, 1, tzinfo=UTC), days=30)
    assert load_identity(files, DEVICE, None).name == DEVICE


def test_the_clock_is_trusted_only_while_it_is_synchronised() -> None:
    clock = HandClock()
    assert trusted_now(clock) == datetime.fromtimestamp(TEN_O_CLOCK_MS / 1000, UTC)
    clock.is_synced = False
    assert trusted_now(clock) is None


def test_the_certificate_of_another_device_is_named_with_both(commune: TestCommune) -> None:
    line = only_mistake(commune.issue("quay-2-pi"))
    assert f"chứng thư này của thiết bị 'quay-2-pi', không phải {DEVICE!r}" in line
    assert f"commune-provision enrol {DEVICE}" in line


def test_a_certificate_of_another_commune_is_refused(commune: TestCommune, tmp_path: Path) -> None:
    stranger = TestCommune(tmp_path / "stranger", name="authority of dong-ky")
    line = only_mistake(changed(stranger.issue(DEVICE), authority=commune.ca_file))
    assert "không do cơ quan chứng thực của xã này cấp (not issued by this commune)" in line


def test_an_authority_of_the_same_name_with_another_key_is_refused(
    commune: TestCommune, tmp_path: Path
) -> None:
    forger = TestCommune(tmp_path / "forger", name=commune.name)
    line = only_mistake(changed(forger.issue(DEVICE), authority=commune.ca_file))
    assert "not issued by this commune" in line


def test_the_key_of_another_certificate_is_refused(commune: TestCommune) -> None:
    files = changed(commune.issue(DEVICE), key=commune.issue("quay-2-pi").key)
    assert only_mistake(files).startswith(f"{files.key}: không khớp với chứng thư")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("certificate", "chứng thư"),
        ("authority", "chứng thư"),
        ("key", "khóa riêng"),
        ("hub_seal", "khóa niêm phong của hub"),
    ],
)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (Path.unlink, "không đọc được"),
        (lambda path: path.write_bytes(b""), "dạng PEM"),
        (lambda path: path.write_bytes(b"\x00\xff" * 50), "dạng PEM"),
        (lambda path: path.write_bytes(path.read_bytes()[:90]), "dạng PEM"),
    ],
)
def test_each_file_that_is_missing_or_spoilt_is_named(
    commune: TestCommune, name: str, what: str, spoil: Callable[[Path], object], said: str
) -> None:
    files = commune.issue(DEVICE)
    path: Path = getattr(files, name)
    spoil(path)
    line = only_mistake(files)
    assert line.startswith(f"{path}: ")
    assert what in line
    assert said in line


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602])
def test_a_key_that_everybody_may_read_or_change_is_refused(commune: TestCommune, mode: int) -> None:
    files = commune.issue(DEVICE)
    files.key.chmod(mode)
    line = only_mistake(files)
    assert line.startswith(f"{files.key}: khóa riêng (private key) ai cũng đọc")
    assert f"chmod 600 {files.key}" in line


def test_a_seal_of_another_kind_is_refused(commune: TestCommune) -> None:
    files = commune.issue(DEVICE)
    public = rsa.generate_private_key(65_537, 2048).public_key()
    files.hub_seal.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert "cần khóa Ed25519 (an Ed25519 public key is needed)" in only_mistake(files)


def test_all_mistakes_are_named_together(commune: TestCommune, tmp_path: Path) -> None:
    stranger = TestCommune(tmp_path / "stranger")
    files = changed(
        stranger.issue("quay-2-pi", since=datetime(2025, 1, 1, tzinfo=UTC)),
        authority=commune.ca_file,
        key=tmp_path / "nowhere",
    )
    with pytest.raises(IdentityError) as caught:
        load_identity(files, DEVICE, datetime.now(UTC))
    text = "; ".join(caught.value.mistakes)
    assert len(caught.value.mistakes) == 4
    for each in ("cannot be read", "another device", "not issued", "has expired"):
        assert each in text
