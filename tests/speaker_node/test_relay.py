"""Streams: ridden out, taken up again, ended on time, or told not to have come."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from speaker_node.chime import RATE_HZ
from speaker_node.sounding import relay as relay_module
from speaker_node.sounding.relay import listen_to
from tests.speaker_node.hand_post import HandPost
from tests.speaker_node.stand_ins import bulletin
from tests.speaker_node.test_playing import ended, give, soon
from tests.support.waiting import HANGS_S
from wire.facts import PlaybackCut, PlaybackFinished, PlaybackRefused, PlaybackStarted
from wire.intents import Bulletin, Relay

BLOCK = np.full(1_024, 6_000, np.int16)
BLOCK_MS = len(BLOCK) * 1000 / RATE_HZ
DELAY_MS = 2_000
LASTS_MS = 20_000


@dataclass
class Radio:
    """A station on the air in virtual time. `off` are stretches in which its line is cut, `stuck` ones in
    which nothing arrives though it is not; what was said meanwhile comes then at once."""

    post: HandPost
    off: list[tuple[float, float]] = field(default_factory=list)
    stuck: list[tuple[float, float]] = field(default_factory=list)
    sent_ms: float = 0.0
    over: bool = False
    connections: int = 0

    def listen(self, _url: str) -> Iterator[NDArray[np.int16]]:
        self.connections += 1
        self.sent_ms = self.post.clock.exact_mono_ms()
        while not self.over:
            now_ms = self.post.clock.exact_mono_ms()
            if _within(now_ms, self.off):
                raise OSError("the line was cut")
            if self.sent_ms > now_ms or _within(now_ms, self.stuck):
                time.sleep(0.0002)
                continue
            yield BLOCK
            self.sent_ms += BLOCK_MS

    def catch_up(self) -> None:
        """Wait until what was said up to now was sent."""
        deadline_s = time.monotonic() + HANGS_S
        while time.monotonic() < deadline_s:
            now_ms = self.post.clock.exact_mono_ms()
            relays = self.post.node._streams._relays or isinstance(
                getattr(self.post.node._stage, "reel", None), relay_module.RelayReel
            )
            away = _within(now_ms, self.off) or _within(now_ms, self.stuck)
            if not relays or away or self.sent_ms > now_ms:
                return
            time.sleep(0.0002)


def _within(now_ms: float, stretches: list[tuple[float, float]]) -> bool:
    return any(begin_ms <= now_ms < end_ms for begin_ms, end_ms in stretches)


@pytest.fixture
def radio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Radio]:
    monkeypatch.setattr(relay_module, "AGAIN_AFTER_S", 0.0005)
    post = HandPost(tmp_path)
    made = Radio(post)
    post.listen = made.listen
    post.catch_up = made.catch_up
    post.cut_power()
    yield made
    made.over = True
    post.close()


def relayed(post: HandPost, after_ms: int = DELAY_MS + 3_000, **changes: Any) -> Bulletin:
    relay = Relay(url="http://127.0.0.1/radio", lasts_ms=LASTS_MS, delay_ms=DELAY_MS)
    return soon(post, "r", after_ms, relay=relay, volume=1.0, **changes)


def at(radio: Radio, one: Bulletin, after_ms: float) -> float:
    """Return the device's clock at a time after the relay's beginning."""
    return float(one.at_ms + after_ms - radio.post.clock.wall_ahead_ms())


def test_it_begins_at_its_second_rides_out_short_gaps_and_ends_on_time(radio: Radio) -> None:
    one = relayed(radio.post)
    radio.stuck = [(at(radio, one, 3_000), at(radio, one, 4_700))]
    give(radio.post, one)
    (told,) = ended(radio.post)
    assert isinstance(told, PlaybackFinished)
    assert told.started_at_ms == pytest.approx(one.at_ms, abs=30)
    assert told.duration_ms == pytest.approx(LASTS_MS, abs=30)
    assert (told.completeness, told.detail) == (1.0, "")
    assert radio.post.loudest(one.at_ms + 500, one.at_ms + 1_000) == pytest.approx(6_000, abs=10)
    assert radio.connections == 1


def test_a_long_gap_is_silence_that_is_counted_and_then_it_goes_on(radio: Radio) -> None:
    one = relayed(radio.post)
    radio.off = [(at(radio, one, 4_000), at(radio, one, 9_000))]
    give(radio.post, one)
    (told,) = ended(radio.post)
    assert told.detail.startswith("1 khoảng lặng")
    # Cut for 5 s, of which the delay and what came before covers 4; then the delay is built up again.
    assert told.completeness == pytest.approx(1 - 3 / 20, abs=0.02)
    assert radio.post.loudest(one.at_ms + 8_500, one.at_ms + 10_500) == 0
    assert radio.post.loudest(one.at_ms + 12_000, one.at_ms + 19_000) > 5_900


def test_a_stream_that_stops_for_good_is_silence_until_its_end(radio: Radio) -> None:
    one = relayed(radio.post)
    radio.off = [(at(radio, one, 4_000), at(radio, one, 1e9))]
    give(radio.post, one)
    (told,) = ended(radio.post)
    assert isinstance(told, PlaybackFinished)
    assert told.duration_ms == pytest.approx(LASTS_MS, abs=30)
    assert told.completeness == pytest.approx(8 / 20, abs=0.02)


def test_a_stream_that_never_comes_is_told_after_its_time(radio: Radio) -> None:
    radio.off = [(0, 1e12)]
    give(radio.post, relayed(radio.post))
    (told,) = ended(radio.post)
    assert (told.reason, told.detail) == ("no_stream", "stopped after 20.0 s; the line was cut")


def test_a_relay_that_was_cut_goes_on_with_what_is_on_the_air_and_ends_on_time(radio: Radio) -> None:
    one = relayed(radio.post, priority="music", when_cut="resume")
    give(radio.post, one)
    radio.post.run(8.0)
    urgent = soon(radio.post, "u", 0, priority="urgent", chime=False)
    give(radio.post, one, urgent)
    told = ended(radio.post, 2)
    assert [each.bulletin for each in told] == ["u", "r"]
    last = radio.post.bodies(PlaybackStarted)[-1]
    assert last.bulletin == "r"
    assert last.started_at_ms + told[1].duration_ms - radio.post.bodies(PlaybackCut)[
        0
    ].sounded_ms == pytest.approx(one.at_ms + LASTS_MS, abs=60)
    assert not radio.post.bodies(PlaybackRefused)


class Station(http.server.BaseHTTPRequestHandler):
    """Serves what the test put into `files`."""

    files: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        content = self.files.get(self.path)
        self.send_response(200 if content else 404)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def station() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Station)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("kind", "subtype"), [("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS")])
def test_a_real_stream_is_read_at_the_rate_of_the_card(
    station: str, tmp_path: Path, kind: str, subtype: str
) -> None:
    path = tmp_path / "radio"
    tone = 0.5 * np.sin(2 * np.pi * 500 * np.arange(2 * 44_100) / 44_100)
    soundfile.write(path, np.column_stack([tone, tone]), 44_100, format=kind, subtype=subtype)
    Station.files = {"/radio": path.read_bytes()}
    heard = np.concatenate(list(listen_to(f"{station}/radio")))
    assert heard.dtype == np.int16
    assert len(heard) / RATE_HZ == pytest.approx(2.0, abs=0.1)
    middle = heard[RATE_HZ // 2 : RATE_HZ // 2 + RATE_HZ]
    assert np.argmax(np.abs(np.fft.rfft(middle))) == pytest.approx(500, abs=2)


@pytest.mark.parametrize("path", ["/nothing", "/page", "/list"])
def test_what_is_no_stream_is_an_error_in_words(station: str, path: str, tmp_path: Path) -> None:
    """Nor may a list of streams lead to a file of this device."""
    secret = tmp_path / "secret.ogg"
    soundfile.write(secret, np.zeros(22_050), RATE_HZ, format="OGG", subtype="VORBIS")
    listed = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{secret}\n#EXT-X-ENDLIST\n"
    Station.files = {"/page": b"<html>" * 50, "/list": listed.encode()}
    with pytest.raises(OSError, match=r"\w"):
        list(listen_to(station + path))


def test_a_relay_does_not_sound_without_approval(radio: Radio) -> None:
    one = relayed(radio.post, approved=None)
    give(radio.post, one, bulletin("x", one.at_ms + 3_600_000))
    (told,) = ended(radio.post)
    assert told.reason == "not_approved"
    assert radio.connections == 0
