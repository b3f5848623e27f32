"""Count a week anew from what people did, by the rules as they are written down, without the product.

Nothing but the standard library is imported here, and nothing of the product's code: whoever doubts a report
reads truth.jsonl, docs/queue.md, docs/rating.md, and this; `compare` makes figures of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Line = dict[str, Any]

SERVED_AT_LEAST_MS = 10_000
"""docs/queue.md: a call that the next one of its counter followed sooner was none."""
HANDOVER_MS, RATED_MS = 20_000, 60_000
"""docs/rating.md: so long a press belongs to the visit that ended, with the next called and without."""
CORRECT_MS, BURST_MS, BURST_PRESSES, ALL_FACES_MS, FACES = 5_000, 30_000, 6, 10_000, 4
SILENT_MS = 5_000
NO_ANSWER = frozenset({"repeat", "burst", "all-faces", "nobody-served"})
MOODS = ("satisfied", "satisfied", "neutral", "unsatisfied")
"""docs/rating.md: what the levels of vi4 mean."""


@dataclass
class Visit:
    """What became of one number. Times in milliseconds since Monday's midnight."""

    who: int
    number: str
    day: int
    field: str
    lane: str
    issued_ms: int
    sure: bool
    state: str = "waiting"
    counter: str | None = None
    first_called_ms: int | None = None
    called_ms: int | None = None
    ended_ms: int | None = None
    recalls: int = 0
    clashes: int = 0

    @property
    def served(self) -> bool:
        """Called, and not in the end missed or left: its day is over."""
        return self.first_called_ms is not None and self.state in ("called", "ended")


@dataclass
class Press:
    """One press, and what it is by the rules."""

    at_ms: int
    counter: str
    level: int
    who: int | None
    """Whose visit it belongs to, whoever pressed."""
    marks: list[str]
    source: str = "button"
    reason: str = ""

    @property
    def counts(self) -> bool:
        """Whether it is an answer."""
        return not NO_ANSWER.intersection(self.marks) and "corrected" not in self.marks

    @property
    def mood(self) -> str:
        """What it says."""
        return MOODS[self.level - 1]


@dataclass
class Desk:
    """What a counter went through: whom it served since when, and whose visits ended there when."""

    served: list[tuple[int, int | None]] = field(default_factory=list)
    ends: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class _Panel:
    """What was pressed at one panel so far, as far as it concerns the next press."""

    recent: list[tuple[int, int]] = field(default_factory=list)
    answer: Press | None = None
    until_ms: int = -1
    unanswered_ms: int | None = None
    last: Press | None = None


Shown = tuple[str, int | None, int]
"""What a panel is told: `serving`, `ended` or `nobody`; whose visit; when it ended."""


class Recount:
    """Reads the truth; `visits` and `presses` are what the rules make of it."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.visits: dict[int, Visit] = {}
        self.presses: list[Press] = []
        self._desks: dict[str, Desk] = {}
        self._panels: dict[str, _Panel] = {}
        self._devices: dict[str, str] = {}
        self._away_ms: dict[str, int] = {}
        """Since when each device, or the hub (`hub`), has been away."""
        for line in lines:
            self._read(line, round(line["t"] * 1_000))

    def _read(self, line: Line, at_ms: int) -> None:
        match line["do"]:
            case "ticket":
                self._issue(line, at_ms)
            case "call":
                self._call(line, at_ms)
            case "recall" | "missed" | "park" | "return" | "transfer" | "end":
                self._step(line, at_ms)
            case "press":
                self._press(line, at_ms)
            case "slip":
                vote = Press(at_ms, line["counter"], line["level"], line["who"], [], "slip")
                self.presses.append(vote)
            case "reason":
                pressed = self._panels[line["counter"]].last
                if pressed is not None and pressed.mood == "unsatisfied":
                    pressed.reason = line["reason"]
            case _:
                self._note(line, at_ms)

    def _note(self, line: Line, at_ms: int) -> None:
        """Something happened to the office: who is away, and that a day begins."""
        match line["do"]:
            case "kill":
                self._away_ms["hub"] = at_ms
                for panel in self._panels.values():
                    panel.unanswered_ms = None
            case "start":
                del self._away_ms["hub"]
            case "cut":
                self._away_ms.update(dict.fromkeys(line["devices"], at_ms))
            case "mend":
                for device in line["devices"]:
                    del self._away_ms[device]
            case "open":
                for desk in self._desks.values():
                    desk.served.append((at_ms, None))

    # --- visits

    def _issue(self, line: Line, at_ms: int) -> None:
        who = line["who"]
        self.visits[who] = Visit(
            who, line["number"], at_ms // 86_400_000, line["field"], line["lane"], at_ms, line["sure"]
        )

    def _call(self, line: Line, at_ms: int) -> None:
        counter, visit = line["counter"], self.visits.get(line["who"])
        before = self._served_at(counter)
        if before is not None and before is not visit:
            # A counter serves one at a time: with the call, whoever was served before had ended.
            if at_ms - (before.called_ms or 0) < SERVED_AT_LEAST_MS:
                before.state = "missed"
            else:
                self._end(before, at_ms)
        if visit is None or before is visit:
            return
        if visit.state in ("called", "ended"):
            visit.clashes += 1
            return
        visit.state, visit.counter, visit.called_ms, visit.ended_ms = "called", counter, at_ms, None
        visit.first_called_ms = visit.first_called_ms or at_ms
        self._desk(counter).served.append((at_ms, visit.who))

    def _step(self, line: Line, at_ms: int) -> None:
        visit = self.visits.get(line["who"])
        if visit is None:
            return
        here = visit.state == "called" and visit.counter == line["counter"]
        match line["do"]:
            case "return" if visit.state in ("missed", "parked", "ended"):
                visit.state = "waiting"
                return
            case "transfer" if here:
                visit.state, visit.field = "waiting", line["to_field"] or visit.field
            case "recall" if here:
                visit.recalls += 1
                return
            case "missed" if here:
                visit.state = "missed"
            case "park" if here:
                visit.state = "parked"
            case "end" if here:
                self._end(visit, at_ms)
            case _:
                return
        self._desk(line["counter"]).served.append((at_ms, None))

    def _end(self, visit: Visit, at_ms: int) -> None:
        visit.state, visit.ended_ms = "ended", at_ms
        self._desk(str(visit.counter)).ends.append((at_ms, visit.who))

    def _served_at(self, counter: str) -> Visit | None:
        found = (each for each in self.visits.values() if each.state == "called" and each.counter == counter)
        day = max((each.day for each in self.visits.values()), default=0)
        return next((each for each in found if each.day == day), None)

    def _desk(self, counter: str) -> Desk:
        return self._desks.setdefault(counter, Desk())

    # --- presses

    def _press(self, line: Line, at_ms: int) -> None:
        counter, level = line["counter"], line["button"]
        self._devices[counter] = line["device"]
        panel = self._panels.setdefault(counter, _Panel())
        kind, who, _ = self._shown(counter, at_ms)
        if panel.last is not None and self._another_visit(counter, panel.last.at_ms, at_ms):
            panel.answer = None
        marks = _marks_of(panel, level, at_ms)
        press = Press(at_ms, counter, level, who, marks)
        answer = panel.answer if at_ms < panel.until_ms else None
        begins = answer is None and "burst" not in marks
        if answer is not None and answer.level == level:
            marks.append("repeat")
        elif answer is not None and "burst" not in marks:
            answer.marks.append("corrected")
            panel.answer = press
        if begins:
            panel.answer, panel.until_ms = press, at_ms + CORRECT_MS
        marks += self._of_nobody(counter, panel, kind, at_ms)
        panel.recent.append((at_ms, level))
        panel.last = press
        self.presses.append(press)

    def _of_nobody(self, counter: str, panel: _Panel, kind: str, at_ms: int) -> list[str]:
        """Say whether anybody could know who was served, and whether somebody was."""
        if self._devices[counter] in self._away_ms:
            return ["hub-away"]
        if "hub" in self._away_ms:
            if panel.unanswered_ms is None:
                panel.unanswered_ms = at_ms
            if at_ms - panel.unanswered_ms >= SILENT_MS:
                return ["hub-away"]
        return ["nobody-served"] if kind == "nobody" else []

    def _shown(self, counter: str, at_ms: int) -> Shown:
        """Return what the panel goes by: with the hub away, what it was told last."""
        since_ms = [self._away_ms[each] for each in (self._devices[counter], "hub") if each in self._away_ms]
        kind, who, ended_ms = self._told(counter, min([at_ms, *since_ms]))
        if kind == "ended" and at_ms - ended_ms > RATED_MS:
            return "nobody", None, 0
        return kind, who, ended_ms

    def _told(self, counter: str, at_ms: int) -> Shown:
        desk = self._desk(counter)
        place = bisect_right([when for when, _ in desk.served], at_ms) - 1
        served = desk.served[place][1] if place >= 0 else None
        ended = bisect_right([when for when, _ in desk.ends], at_ms) - 1
        ended_ms, who = desk.ends[ended] if ended >= 0 else (-RATED_MS - 1, None)
        if served is not None and at_ms - ended_ms > HANDOVER_MS:
            return "serving", served, 0
        if who is not None and at_ms - ended_ms <= RATED_MS:
            return "ended", who, ended_ms
        return "nobody", None, 0

    def _another_visit(self, counter: str, from_ms: int, to_ms: int) -> bool:
        """Tell whether the panel was told of another visit between two presses."""
        desk = self._desk(counter)
        times = {when for when, _ in desk.served}
        times |= {when + add for when, _ in desk.ends for add in (0, HANDOVER_MS + 1, RATED_MS + 1)}
        seen = [self._shown(counter, each)[1] for each in sorted(times) if from_ms < each <= to_ms]
        return any(each != self._shown(counter, from_ms)[1] for each in seen)


def _marks_of(panel: _Panel, level: int, at_ms: int) -> list[str]:
    """Say whether this is one of a burst, and whether it is the last of all faces in turn."""
    marks = []
    if 1 + sum(when > at_ms - BURST_MS for when, _ in panel.recent) >= BURST_PRESSES:
        marks.append("burst")
    faces = {face for when, face in panel.recent if when > at_ms - ALL_FACES_MS}
    if level not in faces and len(faces) == FACES - 1:
        marks.append("all-faces")
    return marks
