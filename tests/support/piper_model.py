"""A voice in the format of Piper that says each phoneme as a tone, so that what it says can be read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SYMBOLS = "_^$ .,?!:;abcdefhijklmnoprstuvwxyzɓɗəɛɔɜɣɲŋʃɯʊɪɑæˈˌː̪2456"
TONE_S = 0.05
"""Length of a phoneme at length scale 1."""

LOWEST_HZ, STEP_HZ = 200.0, 40.0


def hz_of(number: int) -> float:
    """The tone of a phoneme's number; that of nothing is the lowest."""
    return LOWEST_HZ + STEP_HZ * number


def write_piper_voice(
    model: Path, rate_hz: int = 16_000, noise: float = 0.0, speakers: int = 1, **changes: Any
) -> dict[str, Any]:
    """Write a voice and return its config, with `changes`; `noise` as its `noise_scale`."""
    model.write_bytes(_model(rate_hz, speakers))
    config: dict[str, Any] = {
        "audio": {"sample_rate": rate_hz, "quality": "test"},
        "espeak": {"voice": "vi"},
        "inference": {"noise_scale": noise, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_map": {},
        "phoneme_id_map": {symbol: [number] for number, symbol in enumerate(SYMBOLS)},
        "num_symbols": len(SYMBOLS),
        "num_speakers": speakers,
        "speaker_id_map": {},
        "piper_version": "1.0.0",
        **changes,
    }
    model.with_name(f"{model.name}.json").write_text(json.dumps(config), encoding="utf-8")
    return config


def heard_numbers(sound: NDArray[np.int16], rate_hz: int, tone_s: float = TONE_S) -> list[int]:
    """Return the phonemes' numbers that a sound says, by the tone in the middle of each."""
    frames = tone_s * rate_hz
    found = []
    for each in range(round(len(sound) / frames)):
        middle = sound[round((each + 0.1) * frames) : round((each + 0.9) * frames)].astype(float)
        spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 15))
        hz = float(spectrum.argmax()) * rate_hz / (1 << 15)
        found.append(round((hz - LOWEST_HZ) / STEP_HZ))
    return found


def _model(rate_hz: int, speakers: int) -> bytes:
    from onnx import TensorProto, checker, helper

    def constant(name: str, kind: int, values: list[float], dims: list[int]) -> Any:
        return helper.make_tensor(name, kind, dims, values)

    numbers, real = TensorProto.INT64, TensorProto.FLOAT
    nodes = [
        helper.make_node("Cast", ["input"], ["each"], to=real),
        helper.make_node("Mul", ["each", "step"], ["above"]),
        helper.make_node("Add", ["above", "lowest"], ["hz"]),
        helper.make_node("Unsqueeze", ["hz", "last"], ["hz_apart"]),
        helper.make_node("Gather", ["scales", "second"], ["scale"]),
        helper.make_node("Mul", ["scale", "frames"], ["exact"]),
        helper.make_node("Round", ["exact"], ["until"]),
        helper.make_node("Range", ["zero", "until", "one"], ["at"]),
        helper.make_node("Mul", ["hz_apart", "at"], ["turns"]),
        helper.make_node("Mul", ["turns", "turn"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["tone"]),
        helper.make_node("RandomNormalLike", ["tone"], ["random"]),
        helper.make_node("Gather", ["scales", "first"], ["noise"]),
        helper.make_node("Mul", ["random", "noise"], ["hiss"]),
        helper.make_node("Add", ["tone", "hiss"], ["sum"]),
        helper.make_node("Reshape", ["sum", "flat"], ["output"]),
    ]
    constants = [
        constant("step", real, [STEP_HZ], []),
        constant("lowest", real, [LOWEST_HZ], []),
        constant("last", numbers, [2], [1]),
        constant("first", numbers, [0], []),
        constant("second", numbers, [1], []),
        constant("frames", real, [TONE_S * rate_hz], []),
        constant("zero", real, [0.0], []),
        constant("one", real, [1.0], []),
        constant("turn", real, [2 * np.pi / rate_hz], []),
        constant("flat", numbers, [1, 1, -1], [3]),
    ]
    given = [
        helper.make_tensor_value_info("input", numbers, [1, "phonemes"]),
        helper.make_tensor_value_info("input_lengths", numbers, [1]),
        helper.make_tensor_value_info("scales", real, [3]),
    ]
    if speakers > 1:
        given.append(helper.make_tensor_value_info("sid", numbers, [1]))
    made = [helper.make_tensor_value_info("output", real, [1, 1, "time"])]
    graph = helper.make_graph(nodes, "tones", given, made, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    checker.check_model(model)
    return bytes(model.SerializeToString())
