"""Pictures of the devices' screens: what a person sees there who touched and pressed as people do."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from PIL import Image, ImageChops

from kiosk_ui.rating import REST_S
from kiosk_ui.rating_layout import reason_boxes
from kiosk_ui.rating_settings import REASONS
from kiosk_ui.ticket_layout import field_boxes, lane_boxes
from sim.commune import Commune
from sim.control import Look, Touch
from sim.day import Day

HALL = "sanh-pi"
KIOSK_SIZE = (1024, 600)
"""Of the screens that people touch, where nothing else is set."""

LOOK_EVERY_S = 0.05
STILL_S = 0.6
"""A screen that has not changed for so long shows what it shall."""

NOTICES_WITHIN_S = 45.0
CLOCK_SHARE = 0.16
"""Upper part of the display, in which the clock goes on while the page stands."""

SHEET_COLUMNS = 3
SHEET_WIDTH = 480
GAP = 10


class Screens:
    """Takes pictures of screens into a directory."""

    def __init__(self, commune: Commune, day: Day, pictures: Path) -> None:
        self._commune = commune
        self._reach = day.doer.reach
        self._pictures = pictures

    def take_ratings(self) -> None:
        """Take the faces of each scale, the answer, and the page that asks why."""
        for levels, device in ((3, "quay-1-pi"), (4, "quay-2-pi"), (5, "quay-3-pi")):
            self._touch(device, "rating", 5, 5)  # wakes a calm screen
            self._take(device, "rating", f"rating-{levels}")
        self._reach.press("quay-2-pi", 1)
        self._take("quay-2-pi", "rating", "rating-thanks")
        self._reach.press("quay-3-pi", 5)
        self._take("quay-3-pi", "rating", "rating-reason")
        time.sleep(REST_S)
        self._touch("quay-3-pi", "rating", *reason_boxes(*KIOSK_SIZE, len(REASONS))[0].centre)

    def take_display(self) -> None:
        """Take the display while it calls."""
        self._take(HALL, "display", "display")

    def take_ticket(self) -> None:
        """Take the kiosk's pages on the way to a number of a priority class."""
        plan = self._commune.scenario.plan
        self._take(HALL, "ticket", "ticket")
        self._touch(HALL, "ticket", *field_boxes(*KIOSK_SIZE, plan.fields, 0)[2].centre)
        self._take(HALL, "ticket", "ticket-lanes")
        self._touch(HALL, "ticket", *lane_boxes(*KIOSK_SIZE, len(plan.lanes))[1].centre)
        self._take(HALL, "ticket", "ticket-number")

    def take_slip(self) -> None:
        """Take a slip that the kiosk printed."""
        slips = self._commune.node_directory(HALL, "ticket") / "printed"
        shutil.copyfile(max(slips.glob("*.png")), self._pictures / "ticket-slip.png")

    def take_notices(self, count: int) -> None:
        """Put on one sheet what the display shows between calls: `count` notices, and the last call."""
        frames = self._commune.node_directory(HALL, "display") / "frames"
        since = _newest(frames)
        pages: list[Image.Image] = []

        def enough() -> bool:
            pages[:] = _distinct(_after(frames, since))
            return len(pages) > count + 1  # the first may have been there before the newest notice was

        _wait(enough, NOTICES_WITHIN_S)
        _sheet(pages[-count - 1 :]).save(self._pictures / "display-notices.png")

    def _touch(self, device: str, node: str, x: int, y: int) -> None:
        self._commune.hands(device, node).do(Touch(x, y))

    def _take(self, device: str, node: str, name: str) -> None:
        """Copy what a screen shows once it has come to rest."""
        frames = self._commune.node_directory(device, node) / "frames"
        self._commune.hands(device, node).do(Look())
        seen = [_newest(frames)]
        since_s = time.monotonic()
        while time.monotonic() - since_s < STILL_S:
            if (newest := _newest(frames)) != seen[-1]:
                seen.append(newest)
                since_s = time.monotonic()
            time.sleep(LOOK_EVERY_S)
        shutil.copyfile(_newest(frames), self._pictures / f"{name}.png")


def _newest(frames: Path) -> Path:
    return max(frames.glob("*.png"))


def _after(frames: Path, since: Path) -> list[Path]:
    return sorted(frame for frame in frames.glob("*.png") if frame > since)


def _distinct(frames: Iterable[Path]) -> list[Image.Image]:
    """Return the pictures of which each differs from the one before by more than its clock."""
    found: list[Image.Image] = []
    for frame in frames:
        try:
            picture = Image.open(frame).convert("RGB")
        except OSError:  # it is being written
            break
        if not found or ImageChops.difference(_below_clock(found[-1]), _below_clock(picture)).getbbox():
            found.append(picture)
    return found


def _below_clock(picture: Image.Image) -> Image.Image:
    return picture.crop((0, round(picture.height * CLOCK_SHARE), picture.width, picture.height))


def _sheet(pictures: list[Image.Image]) -> Image.Image:
    """Lay pictures out in columns, made smaller."""
    height = SHEET_WIDTH * pictures[0].height // pictures[0].width
    rows = -(-len(pictures) // SHEET_COLUMNS)
    size = (SHEET_COLUMNS * (SHEET_WIDTH + GAP) - GAP, rows * (height + GAP) - GAP)
    sheet = Image.new("RGB", size, "white")
    for place, picture in enumerate(pictures):
        row, column = divmod(place, SHEET_COLUMNS)
        small = picture.resize((SHEET_WIDTH, height), Image.Resampling.LANCZOS)
        sheet.paste(small, (column * (SHEET_WIDTH + GAP), row * (height + GAP)))
    return sheet


def _wait(ready: Callable[[], bool], within_s: float) -> None:
    deadline_s = time.monotonic() + within_s
    while not ready():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"the screen did not show it within {within_s:.0f} s")
        time.sleep(LOOK_EVERY_S)
