"""The hall of a week: citizens, officers and devices, and the truth of what people did, line by line."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from commune_hub.capabilities.queue import DeskWork
from commune_hub.capabilities.queue import Officer as At
from commune_hub.errors import HubError
from sim.faults.schedule import Schedule
from sim.truth import Truth
from sim.week.counter import Counter
from sim.week.office import OfficeHub
from sim.week.panels import NumberPad, RatingPanel, TicketKiosk
from sim.week.people import DAY_MS, MINUTE_MS, Visitor
from sim.week.raters import Raters
from sim.week.scenario import Week, minutes_of
from wire.facts import Body

KEYS = {
    "next": ("enter",),
    "recall": ("*",),
    "missed": ("/",),
    "park": ("-",),
    "end": ("0", "enter"),
}
LATE_MIN = 60
"""So long after closing officers still call who waits."""
LEAVES = {"ticket.ended": "end", "ticket.missed": "missed", "ticket.parked": "park"}
AWAY_AGAIN_MS = 10 * MINUTE_MS


@dataclass
class Devices:
    """What stands in the hall, by name or by counter."""

    kiosks: dict[str, TicketKiosk] = field(default_factory=dict)
    panels: dict[str, RatingPanel] = field(default_factory=dict)
    pads: dict[str, NumberPad] = field(default_factory=dict)


class OfficeHall:
    """Lets people act. Whatever they did is in the truth; nothing else of the product's state is."""

    def __init__(
        self, week: Week, schedule: Schedule, chance: random.Random, truth: Truth, devices: Devices
    ) -> None:
        self.week = week
        self.schedule = schedule
        self._chance = chance
        self._truth = truth
        self.devices = devices
        self.hub: OfficeHub | None = None
        self.raters = Raters(schedule, chance, truth, devices.panels)
        self.counters = {each.id: Counter(self, each.id) for each in week.plan.counters}
        self._serves = {
            each.id: set(each.fields or [one.id for one in week.plan.fields]) for each in week.plan.counters
        }
        self._officers = {each.counter: each for each in week.officers}
        self._by_number: dict[str, Visitor] = {}
        """Who holds which number today."""
        self._waiting: dict[int, tuple[str, str | None]] = {}
        """Who sits in the hall: the field, and the counter he was sent to."""
        self._signed_in: set[str] = set()
        self.keys_only = False
        """The hub is away, or was until a moment ago."""

    # --- what officers ask (sim.week.counter.Hall)

    def waits(self, counter: str) -> bool:
        """Tell whether anybody in the hall could be called to `counter`."""
        return any(
            to == counter if to is not None else field in self._serves[counter]
            for field, to in self._waiting.values()
        )

    def open_for(self, counter: str) -> bool:
        """Tell whether the officer works now, and has power."""
        minute = self.schedule.now_ms % DAY_MS // MINUTE_MS
        lunch = [minutes_of(each) for each in self.week.lunch]
        opens, closes = minutes_of(self.week.opens), minutes_of(self.week.closes) + LATE_MIN
        works = opens <= minute < lunch[0] or lunch[1] <= minute < closes
        return works and self.devices.pads[counter].works

    def can(self, action: str, counter: str) -> bool:
        """Tell whether there is a way to give such an order now."""
        if not self.devices.pads[counter].works:
            return False
        return action in KEYS or not self._uses_keys(counter)

    def order(self, counter: str, action: str) -> None:
        """Give an order by console or keys."""
        if not self.devices.pads[counter].works:
            return
        if self._uses_keys(counter):
            self.devices.pads[counter].type(*KEYS[action])
            return
        try:
            self._at_console(counter, self._console_order(counter, action))
        except HubError as error:
            self._truth.write("refused", self._t(), counter=counter, order=action, why=str(error))

    def between(self, low_ms: int, high_ms: int) -> int:
        """Return a time by chance."""
        return self._chance.randint(low_ms, high_ms)

    def _uses_keys(self, counter: str) -> bool:
        """Who calls with keys all day signs in at the console with his first call."""
        return self.keys_only or (self._officers[counter].at_keys and counter in self._signed_in)

    def _console_order(self, counter: str, action: str) -> Callable[[DeskWork], object]:
        at = At(self._officers[counter].account, counter)
        if action == "transfer":
            return self._transfer(at)
        return {
            "next": lambda work: work.call_next(at),
            "recall": lambda work: work.recall(at),
            "missed": lambda work: work.miss(at),
            "park": lambda work: work.park(at, "thiếu giấy tờ"),
            "end": lambda work: work.end(at),
        }[action]

    def _transfer(self, at: At) -> Callable[[DeskWork], object]:
        """Half are sent to another counter, half to another field."""
        current = self.counters[at.counter].current
        fields = [each.id for each in self.week.plan.fields if current and each.id != current.field]
        counters = [each for each in self.counters if each != at.counter]
        if self._chance.random() < 0.5:
            to = self._chance.choice(counters)
            return lambda work: work.transfer(at, None, to)
        to = self._chance.choice(fields)
        return lambda work: work.transfer(at, to, None)

    def _at_console(self, counter: str, give: Callable[[DeskWork], object]) -> None:
        if self.hub is None or self.hub.capabilities is None:
            return
        self.hub.order(give)
        self._signed_in.add(counter)
        if self._officers[counter].at_keys:
            self.hub.at_keys.add(counter)

    # --- what is told, by boards, desks and keys

    def told_by_keys(self, body: Body) -> None:
        """Keys have told what they did by themselves."""
        said = {name: getattr(body, name) for name in body.__struct_fields__}
        self.told(body.KIND, said)

    def told(self, kind: str, body: dict[str, Any]) -> None:
        """Something was done to a visit: it is so for everybody from now on."""
        if not kind.startswith("ticket."):
            return
        counter = str(body["counter"])
        here = self.counters[counter]
        visitor = self._who(kind, body, here)
        said = {"counter": counter, "officer": body["officer"], "by": body.get("by", "console")}
        who = None if visitor is None else visitor.who
        self.raters.calm.changed(counter, ended=kind == "ticket.ended")
        if kind == "ticket.called":
            self._truth.write("call", self._t(), **said, who=who, number=body["number"])
            comes = visitor is not None and self._waiting.pop(visitor.who, None) is not None
            here.called(visitor, comes)
        elif kind == "ticket.recalled":
            self._truth.write("recall", self._t(), **said, who=who)
        elif kind == "ticket.returned":
            self._truth.write("return", self._t(), **said, who=who)
            if visitor is not None:
                self._waiting[visitor.who] = (visitor.field, None)
        elif kind == "ticket.transferred":
            self._on_transfer(visitor, body, said)
            here.left()
        else:
            self._truth.write(LEAVES[kind], self._t(), **said, who=who)
            self._leave(kind, visitor, counter)
            here.left()

    def _who(self, kind: str, body: dict[str, Any], here: Counter) -> Visitor | None:
        """Return whose ticket it is: by the number called out, or who stands at the counter."""
        if kind == "ticket.called":
            return self._by_number.get(str(body["number"]))
        if kind == "ticket.returned":
            ticket = str(body["ticket"])
            return next((each for each in self._by_number.values() if each.ticket == ticket), None)
        return here.current

    def _on_transfer(self, visitor: Visitor | None, body: dict[str, Any], said: dict[str, Any]) -> None:
        to_field, to_counter = body.get("to_field"), body.get("to_counter")
        who = None if visitor is None else visitor.who
        self._truth.write("transfer", self._t(), **said, who=who, to_field=to_field, to_counter=to_counter)
        if visitor is not None:
            visitor.field = to_field or visitor.field
            self._waiting[visitor.who] = (visitor.field, to_counter)

    def _leave(self, kind: str, visitor: Visitor | None, counter: str) -> None:
        if visitor is None:
            return
        if kind == "ticket.ended":
            self.raters.leaves(visitor, counter)
        elif visitor.away_ms is not None:
            visitor.misses = False
            self.schedule.after(visitor.away_ms, lambda: self._come_back(visitor, self._day()))
            visitor.away_ms = None

    # --- what citizens do

    def arrive(self, visitor: Visitor) -> None:
        """Take a number at a kiosk that has power; one that has none is left for the other."""
        kiosks = list(self.devices.kiosks.items())
        self._chance.shuffle(kiosks)
        for name, kiosk in kiosks:
            given = kiosk.give(visitor.field, visitor.lane)
            if given is None:
                continue
            said = {"device": name, "field": visitor.field, "lane": given.lane, "who": visitor.who}
            self._truth.write("ticket", self._t(), **said, number=given.number, sure=kiosk.clock.synced())
            visitor.number, visitor.ticket, visitor.code = given.number, given.ticket, given.code
            self._by_number[given.number] = visitor
            self._waiting[visitor.who] = (visitor.field, None)
            return
        self._truth.write("turned_away", self._t(), who=visitor.who)

    def _come_back(self, visitor: Visitor, day: int) -> None:
        """Tell an officer that one is back, at a console, or by keys that cannot mistake the number."""
        if self._day() != day or not self._officer_for_return():
            return
        counter = self._officer_for_return()[0]
        if not self.keys_only:
            self._give_back(visitor, counter)
        elif self._figures_are_his(visitor):
            self.devices.pads[counter].type(*str(int(visitor.number[1:])), ".")
        if visitor.who not in self._waiting:
            self.schedule.after(AWAY_AGAIN_MS, lambda: self._come_back(visitor, day))

    def _officer_for_return(self) -> list[str]:
        return [
            name
            for name, each in self._officers.items()
            if self.open_for(name) and (self.keys_only or not each.at_keys)
        ]

    def _figures_are_his(self, visitor: Visitor) -> bool:
        """No other number of today has these figures: keys could mean another one."""
        return sum(number[1:] == visitor.number[1:] for number in self._by_number) == 1

    def _give_back(self, visitor: Visitor, counter: str) -> None:
        if self.hub is None or self.hub.capabilities is None:
            return
        ticket = self.hub.capabilities.queue.by_number(visitor.number)
        at = At(self._officers[counter].account, counter)
        if ticket is not None and ticket.state in ("missed", "parked"):
            self._at_console(counter, lambda work: work.give_back(at, ticket.ticket))

    # --- days

    def begin_day(self) -> None:
        """A new day: yesterday's numbers are paper, and nobody waits."""
        self._by_number.clear()
        self._waiting.clear()
        self._signed_in.clear()
        if self.hub is not None:
            self.hub.at_keys.clear()
        for counter in self.counters.values():
            counter.current = None
            counter.free()

    def note(self, do: str, **said: Any) -> None:
        """Write a line of truth: something that was done to the office."""
        self._truth.write(do, self._t(), **said)

    def _day(self) -> int:
        return self.schedule.now_ms // DAY_MS

    def _t(self) -> float:
        return self.schedule.now_ms / 1_000
