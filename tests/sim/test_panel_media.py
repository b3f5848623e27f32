"""Pictures and sounds for the panel."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path

import numpy as np

from sim.panel.media import last_sound, level, outline, sounds_until_s, wave_bytes
from sim.parts.view import newest_picture


def sine(seconds: float, rate_hz: int = 8_000) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return (16_000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)


def heard(directory: Path, seconds: float) -> None:
    (directory / "heard.wav").write_bytes(wave_bytes(sine(seconds), 8_000))
    (directory / "heard.json").write_text(json.dumps({"t0": 12.5, "rate": 8_000}))


def test_the_last_seconds_are_read(tmp_path: Path) -> None:
    heard(tmp_path, 3.0)
    samples, rate_hz = last_sound(tmp_path, 1.0)
    assert (len(samples), rate_hz) == (8_000, 8_000)
    assert len(last_sound(tmp_path, 60.0)[0]) == 24_000
    assert sounds_until_s(tmp_path) == 15.5


def test_a_loudspeaker_that_never_sounded_is_silent(tmp_path: Path) -> None:
    samples, _ = last_sound(tmp_path, 1.0)
    assert len(samples) == 0
    assert sounds_until_s(tmp_path) == 0.0
    (tmp_path / "heard.wav").write_bytes(b"RIFF")
    assert len(last_sound(tmp_path, 1.0)[0]) == 0


def test_wave_bytes_are_a_wave_file() -> None:
    with wave.open(io.BytesIO(wave_bytes(sine(0.5), 8_000)), "rb") as file:
        assert (file.getframerate(), file.getnframes(), file.getnchannels()) == (8_000, 4_000, 1)


def test_level_and_outline_follow_the_sound() -> None:
    loud, silent = sine(0.5), np.zeros(4_000, dtype=np.int16)
    assert level(silent) == 0.0
    assert level(np.zeros(0, dtype=np.int16)) == 0.0
    assert 0.7 < level(loud) <= 1.0
    assert level(loud) > level((loud // 8).astype(np.int16)) > 0
    both = outline(np.concatenate([silent, loud]), 10)
    assert both[:5] == [0.0] * 5
    assert all(0.45 < peak < 0.5 for peak in both[5:])
    assert outline(np.zeros(3, dtype=np.int16), 10) == [0.0] * 10


def test_the_newest_picture_is_the_camera_view_or_the_last_frame(tmp_path: Path) -> None:
    assert newest_picture(tmp_path) is None
    frames = tmp_path / "frames"
    frames.mkdir()
    for name in ("000000100.png", "000020000.png", "000003000.png"):
        (frames / name).touch()
    found = newest_picture(tmp_path)
    assert found is not None
    assert found.name == "000020000.png"
    (tmp_path / "view.jpg").touch()
    assert newest_picture(tmp_path) == tmp_path / "view.jpg"
