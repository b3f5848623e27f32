"""Pictures and sounds of the commune, as the panel's page loads them."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path

import numpy as np
from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse, Response
from numpy.typing import NDArray

from sim.commune import Commune
from sim.parts.view import newest_picture

SOUND_MAX_S = 90
"""How much of what a loudspeaker sounded last the page may load."""
FULL_SCALE = 32_768.0


def add_media_routes(app: FastAPI, commune: Commune) -> None:
    """Serve the newest picture of each screen and camera, and what each loudspeaker sounded last."""
    nodes = {(device.name, node) for device in commune.scenario.devices for node in device.nodes}

    def directory(device: str, node: str) -> Path:
        if (device, node) not in nodes:
            raise HTTPException(404, "không có nút này (no such node)")
        return commune.node_directory(device, node)

    @app.get("/picture/{device}/{node}")
    def picture(device: str, node: str) -> Response:
        newest = newest_picture(directory(device, node))
        if newest is None:
            raise HTTPException(404, "chưa có hình (no picture yet)")
        return FileResponse(newest, headers={"Cache-Control": "no-store"})

    @app.get("/sound/{device}")
    def sound(device: str) -> Response:
        samples, rate_hz = last_sound(directory(device, "speaker"), SOUND_MAX_S)
        if not len(samples):
            raise HTTPException(404, "chưa phát gì (nothing was sounded yet)")
        return Response(
            wave_bytes(samples, rate_hz), media_type="audio/wav", headers={"Cache-Control": "no-store"}
        )


def last_sound(directory: Path, seconds: float) -> tuple[NDArray[np.int16], int]:
    """Return the last `seconds` of what a loudspeaker sounded, and its rate; empty when it never did."""
    try:
        with wave.open(str(directory / "heard.wav"), "rb") as file:
            frames = file.getnframes()
            wanted = min(frames, round(seconds * file.getframerate()))
            file.setpos(frames - wanted)
            return np.frombuffer(file.readframes(wanted), dtype=np.int16), file.getframerate()
    except (OSError, EOFError, wave.Error):
        return np.zeros(0, dtype=np.int16), 1


def sounds_until_s(directory: Path) -> float:
    """Return up to which second of the run a loudspeaker's file goes; 0 when there is none."""
    try:
        about = json.loads((directory / "heard.json").read_text(encoding="utf-8"))
        with wave.open(str(directory / "heard.wav"), "rb") as file:
            return float(about["t0"]) + file.getnframes() / file.getframerate()
    except (OSError, EOFError, ValueError, KeyError, wave.Error):
        return 0.0


def wave_bytes(samples: NDArray[np.int16], rate_hz: int) -> bytes:
    """Return samples as a mono 16-bit WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())
    return buffer.getvalue()


def level(samples: NDArray[np.int16]) -> float:
    """Return how loud samples are, 0 … 1 on a scale of decibels as meters show it (-50 dB … 0 dB)."""
    if not len(samples):
        return 0.0
    power = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))) / FULL_SCALE
    return float(np.clip(1 + 20 * np.log10(max(power, 1e-6)) / 50, 0, 1))


def outline(samples: NDArray[np.int16], columns: int) -> list[float]:
    """Return the peak of each of `columns` equal parts, 0 … 1, for drawing."""
    if len(samples) < columns:
        return [0.0] * columns
    parts = np.abs(samples[: len(samples) // columns * columns].astype(np.int32)).reshape(columns, -1)
    return [float(peak) / FULL_SCALE for peak in parts.max(axis=1)]
