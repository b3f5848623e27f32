"""What the hub has loudspeakers say, with the commune's own abbreviations."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import soundfile

from commune_hub.documents.programme import compose_programme
from commune_hub.writing.bulletin_draft import Draft, How
from commune_hub.writing.bulletin_preview import hear_bulletin
from commune_hub.writing.speaking import (
    OTHERS_SHOWN,
    open_speech,
    open_vietnamese,
    programme_words,
    voice_notes,
)
from firmware_agent.settings import SettingsError, read_toml
from firmware_agent.voices.espeak import Espeak
from firmware_agent.voices.piper_files import load_piper
from firmware_agent.voices.piper_phonemes import numbers, with_marks
from firmware_agent.voices.sentences import EDGE_S
from firmware_agent.voices.spare import SpareVoice
from firmware_agent.voices.voice import espeak_voice
from provisioning.plan import DEFAULT_PLAN, HubConfig, check_hub_config
from speaker_node.arrangement import TAIL_S
from speaker_node.vietnamese import Vietnamese
from tests.commune_hub.conftest import NOON_MS, Office, member
from tests.support.piper_model import TONE_S, heard_numbers, write_piper_voice
from wire.codec import decode, encode
from wire.intents import SPOKEN_MAX, Bulletin


def config(root: Path, **speech: object) -> HubConfig:
    values = {**read_toml(DEFAULT_PLAN), "commune": "xuan-luong", "office": "UBND xã", "speech": speech}
    return check_hub_config(values, "hub.toml", root)


def test_the_communes_own_file_is_found_beside_hub_toml(tmp_path: Path) -> None:
    (tmp_path / "abbreviations.toml").write_text(
        '[words]\n"BQLCĐ" = "ban quản lý cánh đồng"\n', encoding="utf-8"
    )
    vietnamese = open_vietnamese(config(tmp_path, abbreviations="abbreviations.toml"))
    assert vietnamese.spoken("BQLCĐ họp 7h30") == "ban quản lý cánh đồng họp bảy giờ ba mươi phút"
    assert open_vietnamese(config(tmp_path)).spoken("UBND họp") == "ủy ban nhân dân họp"


def test_a_file_with_mistakes_or_none_stops_the_start_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('[words]\n"A1" = "một"\n', encoding="utf-8")
    for name, told in (("bad.toml", "A1"), ("none.toml", "none.toml")):
        with pytest.raises(SettingsError) as error:
            open_vietnamese(config(tmp_path, abbreviations=name))
        assert told in error.value.report()


def test_words_for_programmes_are_remembered_and_bounded() -> None:
    class Counting(Vietnamese):
        asked = 0

        def spoken(self, text: str) -> str:
            self.asked += 1
            return super().spoken(text)

    vietnamese = Counting()
    say = programme_words(vietnamese)
    assert say("lúc 7h") == say("lúc 7h") == "lúc bảy giờ"
    assert vietnamese.asked == 1
    assert say("2.577.777đ " * 700) == "", "more than a bulletin holds: the node says that it cannot"
    assert len(say("họp " * 1_000)) < SPOKEN_MAX


def test_the_words_stand_in_the_sealed_programme(office: Office) -> None:
    author, approver = member("bien-tap", "editor"), member("lanh-dao", "approver")
    draft = Draft("Họp", "BQLCĐ họp 7h30", ("thon-dong",), NOON_MS + 60_000)
    made = office.bulletins.write(draft, author, {"thon-dong"})
    office.bulletins.submit(made.id, author)
    office.bulletins.approve(made.id, approver, made.version)
    say = programme_words(Vietnamese({"BQLCĐ": "ban quản lý cánh đồng"}))
    programme = compose_programme(office.bulletins.to_sound(), {"thon-dong"}, NOON_MS, say)
    (bulletin,) = programme.bulletins
    assert bulletin.spoken == "ban quản lý cánh đồng họp bảy giờ ba mươi phút"
    assert decode(encode(bulletin), Bulletin) == bulletin


def test_staff_hear_the_voice_that_hub_toml_names(tmp_path: Path) -> None:
    write_piper_voice(tmp_path / "xa.onnx")
    config_ = config(tmp_path, voice_file="xa.onnx", words_per_minute=300)
    voice = open_speech(config_)
    heard_by: dict[str, Any] = {"config": config_, "vietnamese": Vietnamese(), "voice": voice}
    wav = hear_bulletin(SimpleNamespace(**heard_by), "Kính mời", How(chime=False))  # type: ignore[arg-type]
    samples, rate_hz = soundfile.read(io.BytesIO(wav), dtype="int16")
    files = load_piper(tmp_path / "xa.onnx")
    asked = numbers(with_marks("kính mời", Espeak("vi").phonemes), files.config)
    said = samples[round(EDGE_S * rate_hz) : -round((TAIL_S + EDGE_S) * rate_hz)]
    assert heard_numbers(said, rate_hz, TONE_S / 2) == asked
    assert voice_notes(voice, {"loa-1": voice.name}) == []


def test_a_voice_file_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        open_speech(config(tmp_path, voice_file="none.onnx"))
    assert "none.onnx.json" in error.value.report()


def test_staff_are_told_who_sounds_otherwise() -> None:
    voice = SpareVoice(espeak_voice(), espeak_voice(pause_ms=0))
    told = {f"loa-{each}": "espeak-ng aav/vi 200 400" for each in range(OTHERS_SHOWN + 2)}
    voice.problem = "hỏng"
    ill, others = voice_notes(voice, {**told, "quiet": "", "same": voice.name})
    assert "hỏng" in ill
    assert "loa-0" in others
    assert "2 cụm khác" in others
    assert "same" not in others
