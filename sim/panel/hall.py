"""The panel's hall and counters: screens to touch, buttons to press, cameras to look through."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Literal

from nicegui import run, ui
from nicegui.events import MouseEventArguments

from sim import acts
from sim.commune import Commune
from sim.panel.hands import PanelHands
from sim.parts.view import newest_picture

PICTURE_EVERY_S = 0.5
READS_S = 6.0
"""How long a number stands for a person who watches, unless it is clicked away."""
HELD = {"Đè phím Enter": True, "Nhấc vật đè": False}
"""What lies on a key of a number pad, and is lifted off."""
KEYS = {"Phím Enter": ("enter",), "Phím * gọi lại": ("*",), "Phím 0 kết thúc": ("0", "enter")}
"""Keys of a number pad that the panel offers."""
Clicked = Callable[[int, int], acts.Act | None]
"""Makes an act of a click on a picture, in the screen's pixels; None: nothing more is to be done."""


def show_hall(commune: Commune, hands: PanelHands, is_open: Callable[[], bool]) -> None:
    """Show the ticket kiosks and the displays of the hall."""
    with ui.row().classes("w-full gap-3 no-wrap items-start"):
        for name in commune.scenario.with_node("ticket"):
            with ui.column().classes("card flex-1 min-w-0"):
                ui.label("Máy lấy số – chạm vào màn hình để lấy số").classes("place")
                _screen(commune, hands, is_open, name, "ticket", _taker(hands, name))
        for name in commune.scenario.with_node("display"):
            with ui.column().classes("card flex-1 min-w-0"):
                ui.label("Bảng gọi số").classes("place")
                _screen(commune, hands, is_open, name, "display", lambda _x, _y: None)


def show_counters(commune: Commune, hands: PanelHands, is_open: Callable[[], bool]) -> None:
    """Show each counter: its rating screen and buttons, its camera, and who comes and goes."""
    with ui.row().classes("w-full gap-3 items-start"):
        for counter in commune.scenario.plan.counters:
            with ui.column().classes("card flex-1 min-w-[300px] gap-2"):
                with ui.row().classes("w-full items-center justify-between"):
                    ui.label(counter.name).classes("place")
                    _officer(hands, counter.id)
                for device in commune.scenario.devices:
                    if device.place == counter.id:
                        _show_device(commune, hands, is_open, device.name, device.nodes)


def _show_device(
    commune: Commune, hands: PanelHands, is_open: Callable[[], bool], name: str, nodes: Sequence[str]
) -> None:
    if "rating" in nodes:
        _screen(commune, hands, is_open, name, "rating", lambda x, y: _press(hands, name, x, y))
        with ui.row().classes("gap-1"):
            for level, (words, colour) in enumerate(hands.reach.levels(name), 1):
                _button(hands, words, colour, _presser(hands, name, level))
    if "keys" in nodes:
        with ui.row().classes("gap-1"):
            for label, names in KEYS.items():
                _button(hands, label, "secondary", _typist(hands, name, names))
            for label, down in HELD.items():
                _button(hands, label, "warning", _holder(hands, name, down))
    if "camera" in nodes:
        _camera(commune, hands, is_open, name)
        with ui.row().classes("gap-1"):
            _button(hands, "Khách tới", "primary", lambda: acts.Arrive(at_s=hands.now_s(), device=name))
            _button(hands, "Khách về", "primary", lambda: acts.Leave(at_s=hands.now_s(), device=name))


def _officer(hands: PanelHands, counter: str) -> None:
    with ui.row().classes("gap-1"):
        _button(hands, "Gọi số tiếp", "secondary", lambda: acts.Call(at_s=hands.now_s(), counter=counter))
        _button(hands, "Gọi lại", "secondary", _handler(hands, counter, "recall"))
        _button(hands, "Vắng mặt", "secondary", _handler(hands, counter, "missed"))
        _button(hands, "Kết thúc", "secondary", lambda: acts.End(at_s=hands.now_s(), counter=counter))


def _button(hands: PanelHands, text: str, color: str, make: Callable[[], acts.Act]) -> None:
    async def act() -> None:
        await hands.do(make())

    ui.button(text, on_click=act, color=color).props("no-caps unelevated").classes("text-white px-3")


def _typist(hands: PanelHands, device: str, names: tuple[str, ...]) -> Callable[[], acts.Act]:
    return lambda: acts.Keys(at_s=hands.now_s(), device=device, names=names)


def _holder(hands: PanelHands, device: str, down: bool) -> Callable[[], acts.Act]:
    return lambda: acts.Hold(at_s=hands.now_s(), device=device, name="enter", down=down)


def _handler(hands: PanelHands, counter: str, doing: Literal["recall", "missed"]) -> Callable[[], acts.Act]:
    return lambda: acts.Handle(at_s=hands.now_s(), counter=counter, doing=doing)


def _presser(hands: PanelHands, device: str, level: int) -> Callable[[], acts.Act]:
    return lambda: acts.Press(at_s=hands.now_s(), device=device, level=level)


def _taker(hands: PanelHands, device: str) -> Clicked:
    """A click takes a number, or taps away the one that somebody reads."""

    def take(x: int, y: int) -> acts.Act | None:
        if hands.reach.is_taken(device):
            hands.reach.hurry(device)
            return None
        field = hands.reach.field_at(device, x, y)
        if field is None:
            return None
        return acts.Take(at_s=hands.now_s(), device=device, field=field, reads_s=READS_S)

    return take


def _press(hands: PanelHands, device: str, x: int, y: int) -> acts.Act | None:
    level = hands.reach.level_at(device, x, y)
    return acts.Press(at_s=hands.now_s(), device=device, level=level) if level else None


def _screen(
    commune: Commune, hands: PanelHands, is_open: Callable[[], bool], device: str, node: str, clicked: Clicked
) -> None:
    """Show a screen's newest picture; a click is a finger there."""

    async def on_click(event: MouseEventArguments) -> None:
        x, y = round(event.image_x), round(event.image_y)
        act = clicked(x, y)
        if act is not None:
            await hands.do(act)

    picture = ui.interactive_image(on_mouse=on_click, events=["click"]).classes("w-full rounded")
    directory = commune.node_directory(device, node)
    shown: list[str] = []

    async def refresh() -> None:
        newest = await run.io_bound(newest_picture, directory) if is_open() else None
        if newest is not None and newest.name not in shown:
            shown[:] = [newest.name]
            picture.set_source(f"/picture/{device}/{node}?{newest.stem}")

    ui.timer(PICTURE_EVERY_S, refresh)


def _camera(commune: Commune, hands: PanelHands, is_open: Callable[[], bool], device: str) -> None:
    """Show what the camera saw last; looking makes the node write it down."""
    if "camera" not in commune.scenario.device(device).nodes:
        return
    picture = ui.interactive_image().classes("w-full rounded")

    async def refresh() -> None:
        if is_open() and await run.io_bound(hands.look, device, "camera"):
            picture.set_source(f"/picture/{device}/camera?{time.monotonic_ns()}")

    ui.timer(PICTURE_EVERY_S, refresh)
