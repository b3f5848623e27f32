"""What goes wrong in a week, and people who do with the faces what they are not for."""

from __future__ import annotations

from collections.abc import Callable

from sim.week.hall import OfficeHall
from sim.week.office import OfficeHub
from sim.week.people import DAY_MS, LEVELS, MINUTE_MS
from sim.week.post import Post
from sim.week.scenario import Incident, minutes_of

PLUG_MS = 60_000
"""After power or line is back nobody presses for so long: the panel is finding its hub."""
JOIN_MS = 180_000
"""After the hub is back officers go on with their keys for so long."""
PATIENT_MS = 3_000
"""Documents that are on their way when the hub goes still arrive."""
CHILD_MS = 450
CHILD_PLAYS = (1, 2, 3, 4, 2, 1, 3, 4, 4, 1)
FRIEND_MS = 7_000
STUCK_MS = 42_000


class Mishaps:
    """Plans incidents; each is written into the truth when it happens."""

    def __init__(self, hall: OfficeHall, hub: OfficeHub, posts: dict[str, Post]) -> None:
        self._hall = hall
        self._hub = hub
        self._posts = posts

    def plan(self, incident: Incident) -> None:
        """Let it happen at its time."""
        day_ms = (incident.day - 1) * DAY_MS
        begins_ms, ends_ms = (
            day_ms + minutes_of(each) * MINUTE_MS for each in (incident.begins, incident.ends)
        )
        happen: dict[str, Callable[[Incident, int, int], None]] = {
            "power": self._power,
            "hub_away": self._hub_away,
            "line": self._line,
            "no_time": self._no_time,
            "stuck": self._stuck,
            "children": self._children,
            "friends": self._friends,
        }
        happen[incident.do](incident, begins_ms, ends_ms)

    def _at(self, at_ms: int, action: Callable[[], None]) -> None:
        self._hall.schedule.after(at_ms - self._hall.schedule.now_ms, action)

    def _hold(self, post: Post, until_ms: int) -> None:
        for counter, panel in self._hall.devices.panels.items():
            if panel is post:
                self._hall.raters.calm.hold(counter, until_ms)

    def _power(self, incident: Incident, begins_ms: int, ends_ms: int) -> None:
        def cut() -> None:
            self._hall.note("power", devices=incident.devices, until=ends_ms / 1_000)
            for name in incident.devices:
                self._posts[name].cut_power(ends_ms - begins_ms)
                self._hold(self._posts[name], ends_ms + PLUG_MS)

        self._at(begins_ms, cut)
        self._at(ends_ms, lambda: self._hall.note("powered", devices=incident.devices))

    def _hub_away(self, _incident: Incident, begins_ms: int, ends_ms: int) -> None:
        hall, hub = self._hall, self._hub

        def go() -> None:
            hall.note("kill", who="hub")
            hall.raters.calm.hub_gone(True)
            hub.stop()
            hall.keys_only = True

        def come() -> None:
            hall.note("start", who="hub")
            hub.start()
            for counter in hall.counters:
                hall.raters.calm.hold(counter, hall.schedule.now_ms + JOIN_MS)
                hub.at_keys.add(counter)

        def join() -> None:
            hall.raters.calm.hub_gone(False)
            hall.keys_only = False
            hub.at_keys -= {each.counter for each in hall.week.officers if not each.at_keys}

        self._at(begins_ms - PATIENT_MS, hub.level_all)
        self._at(begins_ms, self._when_calm(list(hall.counters), go))
        self._at(ends_ms, come)
        self._at(ends_ms + JOIN_MS, join)

    def _line(self, incident: Incident, begins_ms: int, ends_ms: int) -> None:
        def cut() -> None:
            self._hall.note("cut", devices=incident.devices)
            for name in incident.devices:
                self._posts[name].line.set("cut")

        def mend() -> None:
            self._hall.note("mend", devices=incident.devices)
            for name in incident.devices:
                self._posts[name].line.set("up")
                self._hold(self._posts[name], self._hall.schedule.now_ms + PLUG_MS)

        self._at(begins_ms, self._when_calm(self._counters_of(incident), cut))
        self._at(ends_ms, mend)

    def _when_calm(self, counters: list[str], action: Callable[[], None]) -> Callable[[], None]:
        """Wait until no document is on its way: whoever reads the truth could not say whether it came."""

        def look() -> None:
            if all(map(self._hall.raters.calm.clear, counters)):
                action()
            else:
                self._hall.schedule.after(1_000, look)

        return look

    def _no_time(self, incident: Incident, begins_ms: int, ends_ms: int) -> None:
        def lose() -> None:
            self._hall.note("no_time", devices=incident.devices, until=ends_ms / 1_000)
            for name in incident.devices:
                self._posts[name].no_time_until_ms = ends_ms

        self._at(begins_ms, lose)

    def _counters_of(self, incident: Incident) -> list[str]:
        panels = self._hall.devices.panels.items()
        return [counter for counter, panel in panels if panel.device in incident.devices]

    def _stuck(self, incident: Incident, begins_ms: int, _ends_ms: int) -> None:
        def stick(counter: str) -> None:
            level = 2
            self._hall.note("stuck", counter=counter, button=level, s=STUCK_MS / 1_000)
            self._hall.raters.press(counter, level, None, STUCK_MS)
            self._hall.raters.calm.hold(counter, self._hall.schedule.now_ms + STUCK_MS + 10_000)

        for counter in self._counters_of(incident):
            self._at(begins_ms, self._when_calm([counter], lambda counter=counter: stick(counter)))  # type: ignore[misc]

    def _children(self, incident: Incident, begins_ms: int, ends_ms: int) -> None:
        for counter in self._counters_of(incident):
            at_ms = self._hall.between(begins_ms, ends_ms)
            for turn, level in enumerate(CHILD_PLAYS):
                self._press_at(at_ms + turn * CHILD_MS, counter, level)

    def _friends(self, incident: Incident, begins_ms: int, _ends_ms: int) -> None:
        for counter in self._counters_of(incident):
            for turn in range(3):
                self._press_at(begins_ms + turn * FRIEND_MS, counter, 1)

    def _press_at(self, at_ms: int, counter: str, level: int) -> None:
        if not 1 <= level <= LEVELS:
            raise ValueError(f"level {level}")

        def press() -> None:
            if self._hall.raters.calm.clear(counter):
                self._hall.raters.press(counter, level, None)

        self._at(at_ms, press)
