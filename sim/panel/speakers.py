"""The panel's loudspeakers: who sounds now, how loud, and what was heard in the last minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nicegui import run, ui

from sim import acts
from sim.commune import Commune
from sim.panel.hands import PanelHands
from sim.panel.media import last_sound, level, outline, sounds_until_s

METER_EVERY_S = 0.6
METER_WINDOW_S = 0.4
DRAW_EVERY_S = 2.0
OUTLINE_S = 60.0
CLOSED_AFTER_S = 1.0
COLUMNS = 150
HEIGHT = 56
LOUD = 0.15
"""Level from which a loudspeaker is said to sound."""


def show_speakers(commune: Commune, hands: PanelHands, is_open: Callable[[], bool]) -> None:
    """Show every loudspeaker, by place: the hamlets, and the hall."""
    names = commune.scenario.plan.places()
    speakers = commune.scenario.with_node("speaker")
    with ui.row().classes("w-full gap-3 items-stretch"):
        for place in sorted({commune.scenario.device(name).place for name in speakers}):
            with ui.column().classes("card flex-1 min-w-[300px]"):
                ui.label(names.get(place, place)).classes("place")
                for name in speakers:
                    if commune.scenario.device(name).place == place:
                        _show_speaker(commune, hands, name, is_open)


def _show_speaker(commune: Commune, hands: PanelHands, name: str, is_open: Callable[[], bool]) -> None:
    directory = commune.node_directory(name, "speaker")
    with ui.column().classes("w-full gap-1"):
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(name)
            state = ui.label("im lặng (silent)").classes("quiet")
        meter = ui.html(_meter(0.0), sanitize=False).classes("w-full")
        drawing = ui.html(_drawing([0.0] * COLUMNS), sanitize=False).classes("w-full")
        player = ui.audio(f"/sound/{name}").classes("w-full").props('preload="none"')

        def reload() -> None:
            player.set_source(f"/sound/{name}?{time.time_ns()}")

        ui.button("Nạp lại âm thanh", on_click=reload).props("flat dense size=sm")
        _show_mishaps(hands, name, commune.scenario.device(name).hardware)

    async def measure() -> None:
        if is_open():
            loud = await run.io_bound(_loud_now, directory, commune.start.now_s()) or 0.0
            meter.set_content(_meter(loud))
            state.set_text("đang phát (sounding)" if loud > LOUD else "im lặng (silent)")

    async def draw() -> None:
        if is_open():
            peaks = await run.io_bound(_peaks, directory) or []
            drawing.set_content(_drawing(peaks))

    ui.timer(METER_EVERY_S, measure)
    ui.timer(DRAW_EVERY_S, draw)


def _show_mishaps(hands: PanelHands, name: str, hardware: Mapping[str, Any]) -> None:
    """Show what may befall the loudspeaker: its amplifier, its horn, its card, and its ears if it has any."""
    with ui.row().classes("gap-1"):
        _button(hands, "Hỏng khuếch đại", lambda at_s: acts.Sound(at_s=at_s, device=name, gain=0.0))
        _button(hands, "Mất loa nén", lambda at_s: acts.Sound(at_s=at_s, device=name, horn=False))
        _button(hands, "Vỡ tiếng", lambda at_s: acts.Sound(at_s=at_s, device=name, gain=20.0))
        _button(hands, "Rút card", lambda at_s: acts.Sound(at_s=at_s, device=name, plugged=False))
        _button(
            hands,
            "Sửa lành",
            lambda at_s: acts.Sound(at_s=at_s, device=name, plugged=True, gain=1.0, horn=True),
        )
    if hardware.get("microphone_m"):
        with ui.row().classes("gap-1"):
            _button(hands, "Đứt dây micrô", lambda at_s: acts.Ear(at_s=at_s, device=name, deaf=True))
            _button(hands, "Micrô quá to", lambda at_s: acts.Ear(at_s=at_s, device=name, gain=200.0))
            _button(hands, "Sửa micrô", lambda at_s: acts.Ear(at_s=at_s, device=name, deaf=False, gain=1.0))


def _button(hands: PanelHands, label: str, make: Callable[[float], acts.Act]) -> None:
    async def act() -> None:
        await hands.do(make(hands.now_s()))

    ui.button(label, on_click=act, color="secondary").props("dense no-caps outline size=sm").classes("px-1")


def _loud_now(directory: Path, now_s: float) -> float:
    """Return how loud it is now: a card that is closed is silent, whatever it sounded last."""
    if now_s - sounds_until_s(directory) > CLOSED_AFTER_S:
        return 0.0
    return level(last_sound(directory, METER_WINDOW_S)[0])


def _peaks(directory: Path) -> list[float]:
    return outline(last_sound(directory, OUTLINE_S)[0], COLUMNS)


def _meter(loud: float) -> str:
    return f'<div class="meter"><div style="width:{loud * 100:.0f}%"></div></div>'


def _drawing(peaks: list[float]) -> str:
    middle = HEIGHT / 2
    bars = "".join(
        f"M{column} {middle - peak * middle:.1f}V{middle + max(peak * middle, 0.4):.1f}"
        for column, peak in enumerate(peaks)
    )
    return (
        f'<svg viewBox="0 0 {len(peaks)} {HEIGHT}" preserveAspectRatio="none" '
        f'style="width:100%;height:{HEIGHT}px;background:#f4f7f2;border-radius:6px">'
        f'<path d="{bars}" stroke="#2f8f5b" stroke-width="0.8"/></svg>'
    )
