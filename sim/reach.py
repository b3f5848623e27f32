"""Where a hand finds what it wants at a device: the pin of a rating button, a field's place on the screen."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware_agent.registry import node_class
from kiosk_ui.catalogue import load_catalogue
from kiosk_ui.layout import Box
from kiosk_ui.rating import REST_S as TOUCH_REST_S
from kiosk_ui.rating_layout import level_at, level_boxes
from kiosk_ui.scale import LOOKS, level_key
from kiosk_ui.ticket_layout import field_at, field_boxes, lane_boxes, left_box, middle_box, shelf_of
from kiosk_ui.ticket_pages import REST_S
from sim.commune import Commune
from sim.control import ControlError, Press, Touch
from sim.parts.view import newest_picture
from wire.facts import ORDINARY

SEEN_WITHIN_S = 10.0
"""How long somebody at a kiosk waits for its screen to change."""
LOOK_EVERY_S = 0.05


class Reach:
    """Presses and touches what a person means, by the device's own config and the node's own layout."""

    def __init__(self, commune: Commune) -> None:
        self._commune = commune
        self._queues: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._hurry: dict[str, threading.Event] = defaultdict(threading.Event)

    def press(self, device: str, level: int) -> None:
        """Press the rating button of `level`, or touch its face where there are none; raises ControlError."""
        settings, hands = self._settings(device, "rating"), self._commune.hands(device, "rating")
        if not 1 <= level <= settings.rated.levels:
            raise ControlError(f"{device}: thang {settings.scale} không có mức {level} (no such level)")
        if settings.buttons:
            hands.do(Press(settings.pins[level - 1]))
            return
        hands.do(Touch(settings.width // 2, 1))  # wakes a calm screen; on any other nothing is there
        time.sleep(TOUCH_REST_S)
        hands.do(
            Touch(*level_boxes(settings.width, settings.height, settings.rated.levels)[level - 1].centre)
        )

    def level_at(self, device: str, x: int, y: int) -> int | None:
        """Return the level that stands at that point of the rating screen."""
        settings = self._settings(device, "rating")
        return level_at(settings.width, settings.height, settings.rated.levels, x, y)

    def levels(self, device: str) -> list[tuple[str, str]]:
        """Return the words and the colour (#rrggbb) of each level of a device's scale, best first."""
        scale = self._commune.scenario.scale(device)
        texts = load_catalogue()
        return [
            (texts(level_key(scale, level)), f"#{bytes(look.deep).hex()}")
            for level, look in enumerate(LOOKS[scale], 1)
        ]

    def field_at(self, device: str, x: int, y: int) -> str | None:
        """Return the field of work that stands at that point of the kiosk's first page."""
        settings = self._settings(device, "ticket")
        fields = self._commune.scenario.plan.fields
        chosen = field_at(settings.width, settings.height, fields, 0, x, y)
        return None if chosen is None else fields[chosen].id

    def take(self, device: str, field: str, lane: str, reads_s: float, touched: Callable[[], None]) -> None:
        """Queue at the kiosk, touch `field`, then `lane` where it asks, read the number, tap it away.

        The number is read for `reads_s`; `touched` is called right after the touch that asks for it. Raises
        ControlError when the kiosk does not answer.
        """
        with self._queues[device]:
            hurry = self._hurry[device]
            hurry.clear()
            settings = self._settings(device, "ticket")
            size = (settings.width, settings.height)
            *before, last = self._places(size, field, lane)
            for place in before:
                self._touch_and_see(device, place, lambda: None)
                time.sleep(REST_S)  # looks for the next one
            self._touch_and_see(device, last, touched)
            hurry.wait(reads_s)
            self._touch_and_see(device, middle_box(*size), lambda: None)
            time.sleep(REST_S)  # the next one steps up

    def _places(self, size: tuple[int, int], field: str, lane: str) -> list[Box]:
        """Return what is touched on the way to a number, one page after the other."""
        plan = self._commune.scenario.plan
        index = [each.id for each in plan.fields].index(field)
        shelf = shelf_of(plan.fields, index)
        places = [left_box(*size)] * shelf + [field_boxes(*size, plan.fields, shelf)[index]]
        if plan.lanes:
            lanes = [ORDINARY, *(each.id for each in plan.lanes)]
            places.append(lane_boxes(*size, len(plan.lanes))[lanes.index(lane)])
        return places

    def is_taken(self, device: str) -> bool:
        """Tell whether somebody stands at the kiosk now."""
        return self._queues[device].locked()

    def hurry(self, device: str) -> None:
        """Have whoever stands at the kiosk tap the number away soon."""
        self._hurry[device].set()

    def _touch_and_see(self, device: str, box: Box, touched: Callable[[], None]) -> None:
        """Touch the middle of `box` and wait for the screen to change, as a person does."""
        directory = self._commune.node_directory(device, "ticket")
        before = newest_picture(directory)
        x, y = box.centre
        self._commune.hands(device, "ticket").do(Touch(x, y))
        touched()
        _await_change(directory, before, device)

    def _settings(self, device: str, node: str) -> Any:
        return node_class(node).Settings.model_validate(self._commune.node_settings(device, node))


def _await_change(directory: Path, before: Path | None, device: str) -> None:
    deadline_s = time.monotonic() + SEEN_WITHIN_S
    while newest_picture(directory) == before:
        if time.monotonic() > deadline_s:
            raise ControlError(f"{device}: chạm rồi mà màn hình không đổi (touched, but nothing changed)")
        time.sleep(LOOK_EVERY_S)
