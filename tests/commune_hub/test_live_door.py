"""Live speech from the hub to a loudspeaker through the real door: who may listen, and what is heard."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from commune_hub.capabilities import live as live_module
from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.capabilities.live import Turn
from commune_hub.documents.programme import compose_programme
from commune_hub.door import Door, holder
from commune_hub.hub import Capabilities, open_capabilities
from commune_hub.mail import LetterBox
from commune_hub.times import now_ms
from commune_hub.writing.bulletin_draft import Draft, How
from firmware_agent.identity import load_identity
from provisioning.roster import RosterEntry, RosterNode, write_roster_entry
from speaker_node.chime import RATE_HZ
from speaker_node.office import HubDoor
from speaker_node.sounding import relay
from tests.commune_hub.conftest import member
from tests.commune_hub.console.served_hub import HAMLET, SPEAKER, commune
from tests.speaker_node.stand_ins import Post
from tests.support.commune import TestCommune
from tests.support.processes import free_port
from tests.support.waiting import HANGS_S, await_condition
from wire.facts import PlaybackFinished
from wire.intents import Live
from wire.live import Piece

OTHER = "loa-tay-1"
LAN, MINH = member("lan", "editor"), member("minh", "approver")
MICROPHONE_HZ = 48_000
DELAY_MS = 1_500


@dataclass
class Hall:
    """A hub's capabilities behind a door, and the certificates of two loudspeakers."""

    capabilities: Capabilities
    url: str
    authority: TestCommune

    def door_of(self, device: str) -> HubDoor:
        return HubDoor(self.url, load_identity(self.authority.issue(device), device, None))

    def window(self, after_ms: int = 0) -> Bulletin:
        bulletins = self.capabilities.bulletins
        how = How(live=Live(lasts_ms=60_000, delay_ms=DELAY_MS), chime=False, volume=1.0)
        draft = Draft("Nói chuyện", "Nói chuyện", (HAMLET,), now_ms() + max(after_ms, 100), how)
        found = bulletins.write(draft, LAN, self.capabilities.speaker_places())
        found = bulletins.submit(found.id, LAN)
        return bulletins.approve(found.id, MINH, found.version)

    def turn(self, bulletin: Bulletin) -> Turn:
        live = self.capabilities.live
        await_condition(lambda: live.is_open(live.window(bulletin.id)))
        return live.take_turn(bulletin.id, LAN)

    def status(self, device: str, sounding: str) -> int:
        identity = load_identity(self.authority.issue(device), device, None)
        url = f"{self.url}/v1/live/{sounding}"
        with (
            httpx.Client(verify=identity.tls(), trust_env=False) as client,
            client.stream("GET", url, timeout=5) as answer,
        ):
            return answer.status_code


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    capabilities = open_capabilities(commune(tmp_path / "hub"))
    nodes = [RosterNode(name="speaker", kind="speaker")]
    write_roster_entry(tmp_path / "hub/roster", RosterEntry(device=OTHER, place="thon-tay", nodes=nodes))
    authority = TestCommune(tmp_path / "authority")
    files = authority.issue("hub")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(files.authority))
    tls.load_cert_chain(files.certificate, files.key)
    tls.verify_mode = ssl.CERT_REQUIRED
    letters = LetterBox("xuan-luong", desk=None, documents=lambda _: [], holder=holder)  # type: ignore[arg-type]
    parts = capabilities
    port = free_port()
    door = Door(
        parts.clips,
        parts.notices.pictures,
        parts.sounds,
        parts.live,
        parts.fleet,
        letters,
        "127.0.0.1",
        port,
        tls,
    )
    door.start()
    yield Hall(capabilities, f"https://127.0.0.1:{port}", authority)
    door.stop()
    capabilities.store.close()


@contextlib.contextmanager
def listening(hall: Hall, device: str, sounding: str) -> Iterator[Iterator[bytes]]:
    """The bytes of a speech, as a loudspeaker is given them."""
    identity = load_identity(hall.authority.issue(device), device, None)
    with (
        httpx.Client(verify=identity.tls(), trust_env=False) as client,
        client.stream("GET", f"{hall.url}/v1/live/{sounding}/sound", timeout=HANGS_S) as answer,
    ):
        yield answer.iter_raw()


class CutOnce(HubDoor):
    """A line that is cut in the middle of a speech, once."""

    left = 40

    def sound(self, sounding: str, number: int) -> Iterator[Piece]:
        for piece in super().sound(sounding, number):
            yield piece
            self.left -= 1
            if self.left == 0:
                raise OSError("the line was cut")


def melody(seconds: float) -> NDArray[np.int16]:
    """Sweeps up and down: unlike itself at any other time, and within what speech codecs are made for."""
    at_s = np.arange(round(seconds * MICROPHONE_HZ)) / MICROPHONE_HZ
    hz = 700 + 300 * np.sin(2 * np.pi * 0.7 * at_s) + 120 * np.sin(2 * np.pi * 1.9 * at_s)
    wave = np.sin(2 * np.pi * np.cumsum(hz) / MICROPHONE_HZ)
    return np.asarray(np.rint(9_000 * wave), "<i2")


def speak(hall: Hall, turn: Turn, sound: NDArray[np.int16]) -> None:
    """Bring sound to the hub as a browser does: as it is spoken."""
    step = MICROPHONE_HZ // 5
    began_s = time.monotonic()
    for first in range(0, len(sound), step):
        piece = sound[first : first + step]
        spoken_s = (first + len(piece)) / MICROPHONE_HZ
        time.sleep(max(0.0, began_s + spoken_s - time.monotonic()))
        hall.capabilities.live.hear(turn, first, MICROPHONE_HZ, piece.tobytes())


def place_in(heard: NDArray[np.float64], said: NDArray[np.float64]) -> tuple[int, float]:
    """Return the frame of `heard` where `said` is found, and how alike the two are (0 to 1)."""
    size = 1 << (len(heard) + len(said)).bit_length()
    found = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size)))[: len(heard)]
    at = int(np.argmax(found))
    part = heard[at : at + len(said)]
    return at, float(found[at] / (np.linalg.norm(part) * np.linalg.norm(said)))


def test_the_village_hears_what_is_spoken_at_its_time_though_a_line_is_cut(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "AGAIN_AFTER_S", 0.3)
    (tmp_path / "pole").mkdir()
    post = Post(tmp_path / "pole")
    post.clock.set_wall(now_ms())
    one = hall.window()
    post.office = CutOnce(hall.url, load_identity(hall.authority.issue(SPEAKER), SPEAKER, None))
    post.documents.programme = compose_programme([one], [HAMLET], now_ms())
    post.power_on()
    sound = melody(2.6)
    speak(hall, hall.turn(one), sound)
    await_condition(lambda: hall.capabilities.live.listening[SPEAKER] == 1)
    hall.capabilities.live.end(one.id, LAN)
    (told,) = await_condition(lambda: post.facts.bodies(PlaybackFinished))
    post.power_off()
    assert "khoảng lặng" not in told.detail, "the cut line was ridden out"
    assert told.duration_ms == pytest.approx(2_600, abs=60)
    speech = hall.capabilities.live.speech(one.id)
    assert speech is not None
    assert told.started_at_ms - speech.began_at_ms == pytest.approx(DELAY_MS, abs=500)
    heard, rate_hz = soundfile.read(tmp_path / "pole/heard.wav")
    assert rate_hz == RATE_HZ
    said = np.interp(np.arange(0, len(sound), MICROPHONE_HZ / RATE_HZ), np.arange(len(sound)), sound)
    _, alike = place_in(heard, said[: round(2.4 * RATE_HZ)])
    assert alike > 0.85


def test_only_loudspeakers_that_are_meant_listen_and_only_in_the_window(hall: Hall) -> None:
    later, now = hall.window(after_ms=60_000), hall.window()
    assert hall.status(SPEAKER, later.id) == 425
    assert hall.status(SPEAKER, "20260101-nothing") == 404
    turn = hall.turn(now)
    hall.capabilities.live.hear(turn, 0, 8_000, bytes(3_200))
    for device, status in ((SPEAKER, 200), (OTHER, 403), ("quay-1-pi", 403), ("stranger", 403)):
        assert hall.status(device, now.id) == status, device
        assert hall.status(device, f"{now.id}/sound") == status, device
    assert hall.status(SPEAKER, f"{now.id}@1") == 425
    trusting = ssl.create_default_context(cafile=str(hall.authority.ca_file))
    with pytest.raises(httpx.TransportError), httpx.Client(verify=trusting, trust_env=False) as bare:
        bare.get(f"{hall.url}/v1/live/{now.id}", timeout=5)
    hall.capabilities.bulletins.withdraw(now.id, MINH)
    assert hall.status(SPEAKER, now.id) == 404
    await_condition(lambda: hall.capabilities.live.speaker() is None)


def test_a_loudspeaker_that_leaves_the_roster_is_cut_off_in_the_middle_of_a_speech(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "LEFT_MS", 600_000)
    stays, roster = "loa-dong-2", tmp_path / "hub/roster"
    nodes = [RosterNode(name="speaker", kind="speaker")]
    write_roster_entry(roster, RosterEntry(device=stays, place=HAMLET, nodes=nodes))
    live = hall.capabilities.live
    one = hall.window()
    live.hear(hall.turn(one), 0, 8_000, bytes(3_200))
    with listening(hall, SPEAKER, one.id) as leaves_hears, listening(hall, stays, one.id) as stays_hears:
        assert next(leaves_hears)
        assert next(stays_hears)
        (roster / f"{SPEAKER}.toml").unlink()
        with pytest.raises(httpx.RemoteProtocolError):
            list(leaves_hears)
        await_condition(lambda: live.listening[SPEAKER] == 0)
        assert (live.speaker(), live.listening[stays]) == ("lan", 1)
        assert hall.status(SPEAKER, f"{one.id}/sound") == 403
        live.end(one.id, LAN)
        assert list(stays_hears)[-1], "who stays hears it to its end"
