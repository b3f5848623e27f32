"""What the page shows of a visit, as plain data; who was served by whom and why is nobody's on a phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from commune_hub.capabilities.queue import Ticket
from commune_hub.citizen.place import Place
from provisioning.plan import HubConfig

WAITING_EVERY_S = 20
CALM_EVERY_S = 60
"""How often the page loads anew while it waits, and while nothing hurries."""

State = Literal["waiting", "called", "parked", "missed", "ended"]
_STATES: dict[str, State] = {
    "waiting": "waiting",
    "called": "called",
    "parked": "parked",
    "missed": "missed",
    "ended": "ended",
}
_REFRESH_S: dict[State, int] = {"waiting": WAITING_EVERY_S, "parked": CALM_EVERY_S, "missed": CALM_EVERY_S}


@dataclass(frozen=True)
class View:
    """A visit as its citizen sees it."""

    code: str
    number: str
    field: str
    field_en: str
    state: State
    counter: str
    """Name of the counter that calls it, or that it is sent to; empty: any."""
    place: Place | None
    """None: not known, or it does not wait."""
    rating: Literal["no", "open", "used"]
    scale: str
    """Id of the scale whose faces are shown."""

    @property
    def refresh_s(self) -> int | None:
        """After how many seconds to load anew; None: it changes no more, or somebody chooses a face."""
        return _REFRESH_S.get(self.state)


def make_view(config: HubConfig, ticket: Ticket, place: Place | None, used: bool, scale: str) -> View:
    """Return what to show of `ticket`. A field or counter that hub.toml no longer has is shown by its id."""
    state = _STATES.get(ticket.state, "ended")
    fields = {each.id: (each.name, each.name_en) for each in config.fields}
    counters = {each.id: each.name for each in config.counters}
    name, name_en = fields.get(ticket.field, (ticket.field, ""))
    counter = {"called": ticket.counter, "waiting": ticket.to_counter}.get(state) or ""
    served = state in ("called", "ended") and ticket.counter is not None
    return View(
        code=ticket.code,
        number=ticket.number,
        field=name,
        field_en=name_en,
        state=state,
        counter=counters.get(counter, counter),
        place=place,
        rating="used" if used else "open" if served else "no",
        scale=scale,
    )
