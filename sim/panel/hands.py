"""What a person does on the panel, done off the page's thread and told back in a word."""

from __future__ import annotations

from nicegui import run, ui

from sim.acts import Act
from sim.commune import Commune
from sim.control import ControlError, Look
from sim.day import Day
from sim.reach import Reach


class PanelHands:
    """Does acts for the panel's page."""

    def __init__(self, commune: Commune, day: Day) -> None:
        self._commune = commune
        self._day = day
        self.reach: Reach = day.doer.reach
        """Where on the devices the buttons are."""

    def now_s(self) -> float:
        """Return seconds since the opening: what is done now has this time."""
        return self._day.now_s()

    async def do(self, act: Act) -> None:
        """Do an act like the scenario would; tell the person when it could not be done."""
        done = await run.io_bound(self._day.doer.do, act)
        if not done:
            ui.notify("Không làm được: thiết bị hoặc hub đang tắt (it is off)", type="warning")

    def look(self, device: str, node: str) -> bool:
        """Look at a node, so that it writes down its newest picture; False when it is off."""
        try:
            return self._commune.hands(device, node).do(Look()).ok
        except ControlError:
            return False
