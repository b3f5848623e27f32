"""The panel's bad luck: cut, slow down and mend the line of each device, take and give power."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from sim import acts
from sim.commune import Commune
from sim.flow import MOBILE
from sim.panel.hands import PanelHands
from wire.names import HUB

LOOK_EVERY_S = 1.0


def show_luck(commune: Commune, hands: PanelHands, is_open: Callable[[], bool]) -> None:
    """Show every device with its line and its power."""
    with ui.row().classes("w-full gap-3 items-stretch"):
        _show_machine(commune, hands, is_open, HUB, "Hub của xã")
        for device in commune.scenario.devices:
            _show_machine(commune, hands, is_open, device.name, " + ".join(device.nodes))


def _show_machine(
    commune: Commune, hands: PanelHands, is_open: Callable[[], bool], name: str, what: str
) -> None:
    with ui.column().classes("card w-[260px] gap-2"):
        ui.label(name).classes("place")
        ui.label(what).classes("quiet")
        state = ui.label().classes("text-sm")
        with ui.row().classes("gap-1"):
            _button("Rút điện", lambda: acts.Kill(at_s=hands.now_s(), who=name), hands, "negative")
            _button("Bật lại", lambda: acts.Start(at_s=hands.now_s(), who=name), hands, "positive")
        if name != HUB:
            with ui.row().classes("gap-1"):
                _button(
                    "Cắt mạng",
                    lambda: acts.Cut(at_s=hands.now_s(), device=name, mode="reset"),
                    hands,
                    "secondary",
                )
                _button(
                    "Mất sóng",
                    lambda: acts.Cut(at_s=hands.now_s(), device=name, mode="silent"),
                    hands,
                    "secondary",
                )
                _button(
                    "Mạng chậm",
                    lambda: acts.Slow(at_s=hands.now_s(), device=name, quality=MOBILE),
                    hands,
                    "secondary",
                )
                _button("Nối lại", lambda: acts.Mend(at_s=hands.now_s(), device=name), hands, "primary")

    def refresh() -> None:
        if is_open():
            state.set_text(_state(commune, name))

    ui.timer(LOOK_EVERY_S, refresh)


def _button(text: str, make: Callable[[], acts.Act], hands: PanelHands, color: str) -> None:
    async def act() -> None:
        await hands.do(make())

    ui.button(text, on_click=act, color=color).props("dense no-caps unelevated").classes("px-2")


def _state(commune: Commune, name: str) -> str:
    power = "● có điện (on)" if commune.crew.running(name) else "○ mất điện (off)"
    if name == HUB:
        return power
    return f"{power}, {_line_state(commune, name)}"


def _line_state(commune: Commune, name: str) -> str:
    if commune.network.is_cut(name):
        return "mạng bị cắt (cut)"
    return "mạng chậm (slow)" if commune.network.is_slow(name) else "mạng thông (linked)"
