"""A voice of Piper as the commune brings it: a model `NAME.onnx`, and what it is: `NAME.onnx.json` beside it.

    files = load_piper(Path("vi_VN-some-medium.onnx"))     # SettingsError names every mistake
    files.digest, files.config.audio.sample_rate

Model and config are Piper's own formats (github.com/OHF-Voice/piper1-gpl); its program is not used.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from firmware_agent.settings import SettingsError, check_settings

MODEL_MAX_BYTES = 256 * 1024 * 1024
"""Twice the largest voices that Piper has (`high`)."""

CONFIG_MAX_BYTES = 1024 * 1024

PAD, BEGIN, END = "_", "^", "$"
"""What stands in Piper's map of phonemes for nothing, and for the two ends of a sentence."""

Symbol = Annotated[str, Field(min_length=1, max_length=16)]
Number = Annotated[int, Field(ge=0, le=65_535)]


class _Part(BaseModel):
    """What is not known here is left to Piper."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Audio(_Part):
    """What the model sounds at."""

    sample_rate: int = Field(ge=8_000, le=48_000)


class Espeak(_Part):
    """The voice of espeak-ng whose phonemes the model learnt."""

    voice: str = Field(min_length=1, max_length=80)


class Inference(_Part):
    """How the model is asked when nobody says otherwise."""

    noise_scale: float = Field(default=0.667, ge=0.0, le=2.0)
    length_scale: float = Field(default=1.0, ge=0.2, le=5.0)
    noise_w: float = Field(default=0.8, ge=0.0, le=2.0)


class PiperConfig(_Part):
    """What of `NAME.onnx.json` is needed to speak."""

    audio: Audio
    espeak: Espeak = Espeak(voice="vi")
    inference: Inference = Inference()
    phoneme_type: Literal["espeak", "text"] = "espeak"
    phoneme_id_map: dict[Symbol, Annotated[list[Number], Field(max_length=16)]] = Field(max_length=4_096)
    vowel_clusters: list[list[Symbol]] = Field(default=[], max_length=256)
    """Phonemes that are one to the model."""
    num_symbols: int = Field(ge=1, le=65_536)
    num_speakers: int = Field(default=1, ge=0, le=65_536)
    default_speaker_id: Number = 0

    @model_validator(mode="after")
    def _map_is_whole(self) -> PiperConfig:
        missing = [each for each in (PAD, BEGIN, END) if not self.phoneme_id_map.get(each)]
        if missing:
            raise ValueError(f"phoneme_id_map: thiếu (missing): {' '.join(missing)}")
        if max(number for numbers in self.phoneme_id_map.values() for number in numbers) >= self.num_symbols:
            raise ValueError("phoneme_id_map: số lớn hơn num_symbols (numbers beyond num_symbols)")
        if self.num_speakers > 1 and self.default_speaker_id >= self.num_speakers:
            raise ValueError("default_speaker_id: không có giọng này (no such speaker)")
        return self


@dataclass(frozen=True)
class PiperFiles:
    """A voice that was looked at."""

    model: Path
    config: PiperConfig

    @cached_property
    def digest(self) -> str:
        """A hash of both files, the same wherever the same voice lies."""
        found = hashlib.sha256(_beside(self.model).read_bytes())
        with self.model.open("rb") as file:
            while block := file.read(1 << 20):
                found.update(block)
        return found.hexdigest()


def load_piper(model: Path) -> PiperFiles:
    """Look at a voice's files, and whether this machine can use them; SettingsError names all mistakes."""
    mistakes = []
    if find_spec("onnxruntime") is None:
        mistakes.append('chưa cài phần mềm đọc (not installed): pip install ".[piper]"')
    mistakes += _model_mistakes(model)
    try:
        config = read_piper_config(model)
    except SettingsError as error:
        mistakes += error.mistakes
    if mistakes:
        raise SettingsError(str(model), mistakes)
    return PiperFiles(model, config)


def read_piper_config(model: Path) -> PiperConfig:
    """Read what a model is; raises SettingsError."""
    path = _beside(model)
    try:
        if not path.is_file() and path.exists():
            raise SettingsError(str(path), [f"{path.name}: không phải tệp (not a file)"])
        if path.stat().st_size > CONFIG_MAX_BYTES:
            raise SettingsError(str(path), [f"{path.name}: lớn hơn {CONFIG_MAX_BYTES} byte (file too large)"])
        values: Any = json.loads(path.read_bytes())
    except OSError as error:
        told = f"{path.name}: không đọc được (cannot be read): {error.strerror}"
        raise SettingsError(str(path), [told]) from None
    except (ValueError, RecursionError) as error:
        told = f"{path.name}: không phải JSON (not JSON): {str(error)[:120]}"
        raise SettingsError(str(path), [told]) from None
    return check_settings(values, PiperConfig, str(path), f"{path.name}: ")


def _beside(model: Path) -> Path:
    return model.with_name(f"{model.name}.json")


def _model_mistakes(model: Path) -> list[str]:
    if not model.is_file() and model.exists():
        return [f"{model.name}: không phải tệp (not a file)"]
    try:
        size = model.stat().st_size
        with model.open("rb") as file:
            begins = file.read(1)
    except OSError as error:
        return [f"{model.name}: không đọc được (cannot be read): {error.strerror}"]
    if size > MODEL_MAX_BYTES:
        return [f"{model.name}: {size} byte, tối đa (at most) {MODEL_MAX_BYTES}"]
    # The first field of an ONNX model is its version: tag 1, a varint.
    return [] if begins == b"\x08" else [f"{model.name}: không phải mô hình ONNX (not an ONNX model)"]
