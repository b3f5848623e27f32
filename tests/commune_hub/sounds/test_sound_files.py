"""Files that staff might bring, made here by FFmpeg and soundfile, and what becomes of each."""

from __future__ import annotations

import zipfile
from pathlib import Path

import av
import numpy as np
import pyloudnorm
import pytest
import soundfile
from numpy.typing import NDArray

from commune_hub.errors import InvalidError
from commune_hub.sounds import decode
from commune_hub.sounds.decode import WORK_RATE_HZ, read_sound_file
from commune_hub.sounds.intake import take_in
from commune_hub.sounds.levelling import PEAK_MAX_DBTP, TARGET_LUFS, level

RATE_HZ = 22_050


def murmur(seconds: float, rate_hz: int, peak: float = 0.5) -> NDArray[np.float64]:
    """Return something like speech: noise of a few bands that comes and goes four times a second."""
    chance = np.random.default_rng(7)
    at_s = np.arange(round(seconds * rate_hz)) / rate_hz
    points = np.arange(int(seconds * 6_000) + 2)
    noise = np.interp(at_s * 6_000, points, chance.normal(size=len(points)))
    voiced = noise * (0.1 + np.maximum(0.0, np.sin(2 * np.pi * 4 * at_s)))
    levelled: NDArray[np.float64] = voiced * (peak / np.abs(voiced).max())
    return levelled


def encode(path: Path, codec: str, sound: NDArray[np.float64], rate_hz: int) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout="mono")
        assert isinstance(stream, av.AudioStream)
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate_hz)
        frame = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate = rate_hz
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


def true_peak_dbtp(samples: NDArray[np.int16]) -> float:
    spectrum = np.fft.rfft(samples / 32_768)
    return float(20 * np.log10(np.abs(np.fft.irfft(spectrum, n=4 * len(samples)) * 4).max()))


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [("a.wav", "pcm_s16le", 8_000), ("a.mp3", "libmp3lame", 44_100), ("a.ogg", "libopus", 48_000),
     ("a.m4a", "aac", 48_000), ("a.webm", "libopus", 48_000)],
)  # fmt: skip
def test_every_usual_kind_of_file_is_read(tmp_path: Path, name: str, codec: str, rate_hz: int) -> None:
    path = encode(tmp_path / name, codec, murmur(3.0, rate_hz), rate_hz)
    sound = read_sound_file(path)
    assert len(sound) / WORK_RATE_HZ == pytest.approx(3.0, abs=0.1)
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize(("peak", "rate_hz"), [(0.02, 22_050), (0.5, 192_000), (4.0, 48_000)])
def test_all_come_out_equally_loud_by_another_measure(tmp_path: Path, peak: float, rate_hz: int) -> None:
    """32-bit float at 192 kHz, a whisper, and one that is far over full scale."""
    quiet = np.zeros(2 * rate_hz)
    sound = np.concatenate([quiet, murmur(6.0, rate_hz, peak), quiet])
    soundfile.write(tmp_path / "a.wav", sound, rate_hz, subtype="FLOAT")
    levelled = level(read_sound_file(tmp_path / "a.wav"), RATE_HZ)
    assert len(levelled) / RATE_HZ == pytest.approx(6.2, abs=0.3)
    assert pyloudnorm.Meter(RATE_HZ).integrated_loudness(levelled / 32_768) == pytest.approx(
        TARGET_LUFS, abs=1
    )
    assert true_peak_dbtp(levelled) <= PEAK_MAX_DBTP


def test_a_short_call_is_levelled_too(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", murmur(0.7, 44_100, 0.05), 44_100)
    levelled = level(read_sound_file(tmp_path / "a.wav"), RATE_HZ)
    assert len(levelled) / RATE_HZ == pytest.approx(0.7, abs=0.05)
    assert np.abs(levelled).max() > 6_000


def test_silence_is_said_to_be_silence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.random.default_rng(1).normal(0, 1e-5, 3 * 44_100), 44_100)
    with pytest.raises(InvalidError, match="không nghe thấy gì"):
        level(read_sound_file(tmp_path / "a.wav"), RATE_HZ)


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.mp3", "w") as archive:
        archive.writestr("b.mp3", b"0" * 5_000)
    (tmp_path / "b.wav").write_bytes(b"")
    (tmp_path / "c.wav").write_bytes(np.random.default_rng(1).bytes(20_000))
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/x.ts\n", encoding="ascii")
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(InvalidError, match="tệp âm thanh"):
            read_sound_file(path)


def test_a_list_of_other_files_is_not_even_opened(tmp_path: Path) -> None:
    encode(tmp_path / "other.wav", "pcm_s16le", murmur(1.0, 8_000), 8_000)
    (tmp_path / "list").write_text("ffconcat version 1.0\nfile other.wav\n", encoding="ascii")
    with pytest.raises(InvalidError, match="đây không phải tệp âm thanh"), decode._opened(tmp_path / "list"):
        pytest.fail("the list was opened")


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", ""), ("a.mp4", "aac"), ("a.avi", "libmp3lame")])
def test_a_video_is_refused_by_name(tmp_path: Path, name: str, codec: str) -> None:
    """Also of a kind that is not taken for sound either."""
    with av.open(str(tmp_path / name), "w") as container:
        pictures = container.add_stream("mpeg4", rate=10)
        pictures.width, pictures.height = 64, 64
        if codec:
            container.add_stream(codec, rate=44_100, layout="mono")
        for _ in range(10):
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            container.mux(pictures.encode(picture))
        container.mux(pictures.encode(None))
    with pytest.raises(InvalidError, match="đây là video"):
        read_sound_file(tmp_path / name)


def test_three_hours_are_refused_before_they_are_read(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(3 * 3_600 * 4_000, np.int16), 4_000, subtype="PCM_U8")
    with pytest.raises(InvalidError, match="180 phút"):
        read_sound_file(tmp_path / "a.wav")


def test_a_recording_that_does_not_say_how_long_it_is_is_cut_off_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What browsers record does not."""
    whole = encode(tmp_path / "a.ogg", "libopus", murmur(3.0, 48_000), 48_000)
    monkeypatch.setattr(decode, "LENGTH_MAX_S", 2.0)
    monkeypatch.setattr(decode, "_check", lambda _container: None)
    with pytest.raises(InvalidError, match="dài hơn"):
        read_sound_file(whole)


def test_too_large_and_too_short_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(tmp_path / "a.wav", murmur(0.3, 44_100), 44_100)
    with pytest.raises(InvalidError, match="ít nhất"):
        read_sound_file(tmp_path / "a.wav")
    monkeypatch.setattr(decode, "FILE_MAX_BYTES", 1_000)
    with pytest.raises(InvalidError, match="nhiều nhất"):
        read_sound_file(tmp_path / "a.wav")


def test_a_broken_tail_or_odd_numbers_do_no_harm(tmp_path: Path) -> None:
    sound = murmur(3.0, 44_100)
    sound[1_000:1_010] = np.nan
    sound[2_000] = np.inf
    soundfile.write(tmp_path / "a.wav", sound, 44_100, subtype="FLOAT")
    whole = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(whole[: len(whole) // 2])
    half = read_sound_file(tmp_path / "a.wav")
    assert np.isfinite(half).all()
    assert len(half) / WORK_RATE_HZ == pytest.approx(1.5, abs=0.1)


def test_a_file_is_taken_in_by_a_process_of_its_own(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", "libmp3lame", murmur(3.0, 44_100), 44_100)
    assert take_in(path, tmp_path / "out.ogg", RATE_HZ) == pytest.approx(3.0, abs=0.2)
    samples, rate_hz = soundfile.read(tmp_path / "out.ogg")
    assert rate_hz == RATE_HZ
    assert len(samples) / RATE_HZ == pytest.approx(3.0, abs=0.2)
    (tmp_path / "b.mp3").write_bytes(b"no sound at all")
    with pytest.raises(InvalidError, match="WAV, MP3, OGG, M4A"):
        take_in(tmp_path / "b.mp3", tmp_path / "out2.ogg", RATE_HZ)


def test_a_decoder_that_dies_is_a_plain_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(InvalidError, match="không đọc được"):
        take_in(tmp_path / "a.mp3", tmp_path / "out.ogg", RATE_HZ)
