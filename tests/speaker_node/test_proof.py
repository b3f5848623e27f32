"""What was heard, against what was sent: real speech through wind, echoes, dead amplifiers and lost horns."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from speaker_node.chime import RATE_HZ
from speaker_node.hearing.proof import FAINT_DB, Fault, Heard, Verdict, fault_of, judge, level_dbfs

MEETING = "Kính mời bà con nhân dân đến nhà văn hóa thôn dự họp vào bảy giờ tối nay, bàn về việc làm đường."
CLINIC = "Ủy ban nhân dân xã thông báo lịch tiêm chủng cho trẻ em từ chín đến mười tám tháng tuổi ở trạm xá."
ECHOES = ((0.08, 0.6), (0.35, 0.5), (0.9, 0.4))
"""Seconds and loudness of the other loudspeakers of the village."""


@cache
def said(text: str) -> NDArray[np.int16]:
    path = Path("/dev/shm") if Path("/dev/shm").exists() else Path("/tmp")  # noqa: S108
    wav = path / f"said-{abs(hash(text))}.wav"
    subprocess.run(["espeak-ng", "-v", "vi", "-s", "150", "-w", str(wav), text], check=True)
    sound: NDArray[np.int16] = soundfile.read(wav, dtype="int16")[0]
    wav.unlink()
    return sound


def outdoors(sound: NDArray[np.int16], wind_db: float) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Return a recording from a field, and one of the second before; wind is `wind_db` below the sound."""
    chance = np.random.default_rng(1)
    length = len(sound) + 2 * RATE_HZ
    air = np.zeros(length)
    for delay_s, loudness in ((0.0, 1.0), *ECHOES):
        begin = round((0.3 + delay_s) * RATE_HZ)
        air[begin : begin + len(sound)] += 0.3 * loudness * sound[: length - begin]
    rumble = np.cumsum(chance.normal(size=length + RATE_HZ))
    rumble -= np.convolve(rumble, np.ones(400) / 400, "same")
    wind = rumble + chance.normal(size=len(rumble)) * rumble.std() * 0.1
    wind *= air.std() / wind.std() / 10 ** (wind_db / 20)
    return (air + wind[RATE_HZ:]).astype(np.int16), wind[:RATE_HZ].astype(np.int16)


def hiss(seconds: float, loudness: float = 50.0) -> NDArray[np.int16]:
    return (np.random.default_rng(2).normal(size=round(seconds * RATE_HZ)) * loudness).astype(np.int16)


@pytest.mark.parametrize("wind_db", [30.0, 6.0, -3.0])
def test_speech_is_known_again_through_echoes_and_wind(wind_db: float) -> None:
    recorded, before = outdoors(said(MEETING), wind_db)
    heard = judge(said(MEETING), recorded, before, RATE_HZ)
    assert heard.verdict is Verdict.HEARD
    assert heard.delay_ms == pytest.approx(300, abs=60)
    assert judge(said(CLINIC), recorded, before, RATE_HZ).verdict is not Verdict.HEARD


def test_other_speech_is_not_this_speech() -> None:
    recorded, before = outdoors(said(CLINIC), 20.0)
    assert judge(said(MEETING), recorded, before, RATE_HZ).verdict is Verdict.OTHER


@pytest.mark.parametrize("seconds", [1.0, 2.0])
def test_of_a_short_sound_noise_is_no_proof_and_the_sound_itself_is(seconds: float) -> None:
    """Among all shifts of a short sound one is like the noise by chance."""
    for begin in range(8):
        sent = said(MEETING)[begin * 5_000 :][: round(seconds * RATE_HZ)]
        noise = np.random.default_rng(begin).normal(0, 60, len(sent) + 2 * RATE_HZ).astype(np.int16)
        before, after = noise[:RATE_HZ], noise[RATE_HZ:]
        assert judge(sent, after, before, RATE_HZ).verdict is Verdict.SILENT
        faint = after.astype(float)
        faint[4_000 : 4_000 + len(sent)] += sent / 8
        assert judge(sent, faint.astype(np.int16), before, RATE_HZ).verdict is Verdict.HEARD


def test_noise_alone_is_silence_and_zeros_are_a_deaf_microphone() -> None:
    sent = said(MEETING)
    silent = judge(sent, hiss(len(sent) / RATE_HZ + 1), hiss(1.0), RATE_HZ)
    assert silent.verdict is Verdict.SILENT
    assert silent.sure > 0.7
    assert (
        judge(sent, np.zeros(len(sent), np.int16), np.zeros(100, np.int16), RATE_HZ).verdict is Verdict.DEAF
    )


def test_clipped_and_faint_sound_is_told_from_good_sound() -> None:
    sent = said(MEETING)
    driven = np.clip(sent.astype(np.int32) * 6, -9_000, 9_000).astype(np.int16)
    assert judge(sent, driven, hiss(1.0), RATE_HZ).verdict is Verdict.CLIPPED
    usual = level_dbfs(sent)
    weak = (sent * 10 ** (-(FAINT_DB + 3) / 20)).astype(np.int16)
    assert judge(sent, weak, hiss(1.0, 2.0), RATE_HZ, usual).verdict is Verdict.FAINT
    assert judge(sent, sent, hiss(1.0), RATE_HZ, usual).verdict is Verdict.HEARD


def ear(verdict: Verdict) -> Heard:
    return Heard(verdict, -30.0, -60.0, 0.5, 0.0)


@pytest.mark.parametrize(
    ("microphone", "sense", "fault"),
    [
        (Verdict.HEARD, Verdict.HEARD, Fault.NONE),
        (Verdict.HEARD, None, Fault.NONE),
        (Verdict.SILENT, Verdict.HEARD, Fault.HORN),
        (Verdict.SILENT, Verdict.SILENT, Fault.AMPLIFIER),
        (None, Verdict.SILENT, Fault.AMPLIFIER),
        (Verdict.SILENT, None, Fault.UNKNOWN),
        (Verdict.FAINT, Verdict.HEARD, Fault.WEAK),
        (Verdict.CLIPPED, Verdict.HEARD, Fault.OVERDRIVEN),
        (Verdict.DEAF, Verdict.HEARD, Fault.NONE),
        (Verdict.DEAF, None, Fault.UNKNOWN),
        (Verdict.OTHER, None, Fault.UNKNOWN),
        (None, None, Fault.UNKNOWN),
    ],
)
def test_two_ears_tell_amplifier_and_horn_apart(
    microphone: Verdict | None, sense: Verdict | None, fault: Fault
) -> None:
    ears = [None if verdict is None else ear(verdict) for verdict in (microphone, sense)]
    assert fault_of(*ears) is fault


def test_any_recording_has_a_verdict() -> None:
    sent = said(MEETING)
    for recorded in (
        np.zeros(0, np.int16),
        np.full(9_000, -32_768, np.int16),
        hiss(0.01),
        hiss(20.0, 30_000.0),
    ):
        assert judge(sent, recorded, hiss(0.0), RATE_HZ).verdict in Verdict
