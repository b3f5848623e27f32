"""Which page of the ticket kiosk stands, and for how long: pure, with the time as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk_ui.catalogue import FIRST

Page = Literal["fields", "lanes", "number", "failed"]

REST_S = 0.5
"""A page stands at least this long before it answers: neither an impatient second tap nor ten fingers at
once do anything on the page that the first one brought."""


SlipState = Literal["printed", "broken", "none"]
"""Whether a slip came out, could not, or is not given at this kiosk."""


@dataclass(frozen=True)
class Given:
    """A number that was just given, as the screen tells it."""

    number: str
    field: str
    """Id of the field of work."""
    lane: str
    """Id of the priority class."""
    slip: SlipState
    wait_min: tuple[int, int] | None = None


class TicketPages:
    """The kiosk's conversation with a citizen.

        pages = TicketPages(number_s=8, back_s=25)
        pages.ask_lane("ho-tich", now_s)    # page: "lanes"
        pages.gave(given, now_s)            # page: "number"
        pages.look(now_s)                   # as often as one likes: pages close by themselves
        pages.page, pages.shelf, pages.field, pages.given, pages.language

    Times are seconds of a monotonic clock.
    """

    def __init__(self, number_s: float, back_s: float) -> None:
        self._number_s = number_s
        self._back_s = back_s
        self._since_s = float("-inf")
        self._until_s = float("inf")
        self.page: Page = "fields"
        self.shelf = 0
        """Which of the pages of fields stands, where they need several."""
        self.field = ""
        """Id of the field that was chosen, while its priority class is asked for."""
        self.given: Given | None = None
        self.language = FIRST

    def rests(self, now_s: float) -> bool:
        """Tell whether the page is too young to be touched."""
        return now_s - self._since_s < REST_S

    def turn_shelf(self, shelf: int, now_s: float) -> None:
        """Show other fields of work."""
        self._turn("fields", now_s, self._back_s)
        self.shelf = shelf

    def ask_lane(self, field: str, now_s: float) -> None:
        """A field was chosen: ask for the priority class."""
        self._turn("lanes", now_s, self._back_s)
        self.field = field

    def gave(self, given: Given, now_s: float) -> None:
        """A number is on disk."""
        without_slip = given.slip != "printed"
        self._turn("number", now_s, self._number_s * (2 if without_slip else 1))
        self.given = given

    def failed(self, now_s: float) -> None:
        """A number could not be kept, so none was given."""
        self._turn("failed", now_s, self._number_s)

    def back(self, now_s: float) -> None:
        """Go back to the fields; whoever is there goes on in his language."""
        self._turn("fields", now_s, self._back_s)

    def begin_anew(self, now_s: float) -> None:
        """The next citizen steps up."""
        self._turn("fields", now_s, float("inf"))
        self.language = FIRST

    def speak(self, language: str, now_s: float) -> None:
        """Go on in another language."""
        self.language = language
        self._since_s = now_s
        self._until_s = now_s + self._back_s

    def look(self, now_s: float) -> None:
        """Let a page close by itself."""
        if now_s >= self._until_s:
            self.begin_anew(now_s)

    def _turn(self, page: Page, now_s: float, stays_s: float) -> None:
        self.page, self.shelf, self.field, self.given = page, 0, "", None
        self._since_s = now_s
        self._until_s = now_s + stays_s
