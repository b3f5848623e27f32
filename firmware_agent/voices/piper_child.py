"""The child that speaks with a voice of Piper.

`python -m firmware_agent.voices.piper_child MODEL SCALE PAUSE_MS OUT.wav < text`

The text comes on standard input. SCALE is the length of everything, 1.0 as the model learnt it.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firmware_agent.voices.espeak import Espeak
from firmware_agent.voices.piper_files import PiperConfig, read_piper_config
from firmware_agent.voices.piper_phonemes import numbers, with_marks
from firmware_agent.voices.sentences import joined, sentences, write_wav

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALIVE_MAX_S = 1_800
"""The kernel ends a child that outlives its parent and hangs."""

SEED = 1
"""Piper's voices draw their noise: with one seed the same words sound alike in the office and the village."""

NICENESS = 5
"""What sounds now goes before what will sound."""


def main() -> None:
    """Render standard input into the WAV that the last argument names."""
    signal.alarm(ALIVE_MAX_S)
    os.nice(NICENESS)
    model, scale, pause_ms, path = sys.argv[1:]
    config = read_piper_config(Path(model))
    text = sys.stdin.buffer.read().decode()
    speech = speak(Path(model), config, text, float(scale), int(pause_ms))
    write_wav(path, speech, config.audio.sample_rate)


def speak(model: Path, config: PiperConfig, text: str, length_scale: float, pause_ms: int) -> bytes:
    """Return `text` spoken, mono int16 at the model's rate; raises what onnxruntime does, and ValueError."""
    onnxruntime: Any = importlib.import_module("onnxruntime")  # it has no types
    onnxruntime.set_seed(SEED)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = max(1, (os.cpu_count() or 1) - 1)
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    espeak = Espeak(config.espeak.voice) if config.phoneme_type == "espeak" else None
    parts = []
    for sentence in sentences(unicodedata.normalize("NFC", text)):
        phonemes = with_marks(sentence, espeak.phonemes) if espeak is not None else sentence
        parts.append(_loud(session.run(None, _question(numbers(phonemes, config), config, length_scale))[0]))
    return joined(parts, config.audio.sample_rate, pause_ms)


def _question(asked: list[int], config: PiperConfig, length_scale: float) -> dict[str, NDArray[Any]]:
    how = config.inference
    given: dict[str, NDArray[Any]] = {
        "input": np.array([asked], np.int64),
        "input_lengths": np.array([len(asked)], np.int64),
        "scales": np.array([how.noise_scale, length_scale, how.noise_w], np.float32),
    }
    if config.num_speakers > 1:
        given["sid"] = np.array([config.default_speaker_id], np.int64)
    return given


def _loud(answer: NDArray[np.float32]) -> memoryview:
    """Bring each sentence to the same peak, as Piper does."""
    sound = np.asarray(answer, np.float32).reshape(-1)
    if not sound.size or not np.isfinite(sound).all():
        raise ValueError("the model gave no sound")
    loud = sound * (32_000 / max(1e-8, float(np.abs(sound).max())))
    return memoryview(loud.astype(np.int16).tobytes()).cast("h")


if __name__ == "__main__":
    main()
