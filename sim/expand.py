"""Make single acts of a scenario's events: a pure function of the scenario and a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import cycle, islice

from sim import acts
from sim.acts import Act
from sim.events import (
    NODE_FOR,
    ArriveEvent,
    BulletinEvent,
    CallEvent,
    CutEvent,
    DeviceEvent,
    EarEvent,
    EndEvent,
    Event,
    HandleEvent,
    HoldEvent,
    KeysEvent,
    KillEvent,
    LeaveEvent,
    MendEvent,
    PaperEvent,
    PressEvent,
    SlowEvent,
    SoundEvent,
    StartEvent,
    TicketEvent,
)
from sim.scenario import Scenario

LEVEL_WEIGHTS = {3: (85, 10, 5), 4: (55, 30, 10, 5), 5: (55, 30, 9, 4, 2)}
"""How often each level is pressed where it is left to chance, by how many there are; level 1 is the best.
Made up."""
PLAY = 0.5
"""Part of its own share of the time within which an act moves by chance; the rest keeps acts apart."""


def expand(scenario: Scenario, seed: int) -> list[Act]:
    """Return every act of `scenario`, by time. The same seed gives the same acts."""
    found: list[Act] = []
    for index, event in enumerate(scenario.events):
        # Each event has a chance of its own: a change of one does not shift the others.
        chance = random.Random(f"{seed}/{index}")
        targets = islice(cycle(_targets(scenario, event)), event.count)
        for at_s, target in zip(moments(event, chance), targets, strict=True):
            found += _by_people(scenario, event, at_s, target, chance)
            found += _by_luck(scenario, event, at_s, target)
    return sorted(found, key=lambda act: act.at_s)


def moments(event: Event, chance: random.Random) -> list[float]:
    """Return when the event happens: `count` moments, one in each equal share of its time."""
    first, last = event.span
    share = (last - first) / event.count
    play = PLAY if event.count > 1 else 1.0
    return [first + share * (index + chance.uniform(0, play)) for index in range(event.count)]


def some_level(levels: int, chance: random.Random) -> int:
    """Return which of so many levels a citizen presses who is left to chance."""
    return chance.choices(range(1, levels + 1), LEVEL_WEIGHTS[levels])[0]


def _targets(scenario: Scenario, event: Event) -> list[str]:
    """Return where the event happens in turn."""
    match event:
        case DeviceEvent():
            return event.devices or scenario.with_node(NODE_FOR[type(event)])
        case CallEvent() | EndEvent() | HandleEvent():
            return event.counters or [counter.id for counter in scenario.plan.counters]
        case KillEvent() | StartEvent():
            return [event.who]
        case _:
            return [""]


def _by_people(
    scenario: Scenario, event: Event, at_s: float, target: str, chance: random.Random
) -> Iterator[Act]:
    match event:
        case PressEvent():
            level = event.level or some_level(scenario.levels(target), chance)
            yield acts.Press(at_s=at_s, device=target, level=level)
        case TicketEvent():
            field = event.field or chance.choice(scenario.plan.fields).id
            yield acts.Take(at_s=at_s, device=target, field=field, lane=event.lane)
        case CallEvent():
            yield acts.Call(at_s=at_s, counter=target)
        case EndEvent():
            yield acts.End(at_s=at_s, counter=target)
        case HandleEvent():
            yield _handle(event, at_s, target)
        case KeysEvent():
            yield acts.Keys(at_s=at_s, device=target, names=tuple(event.names))
        case ArriveEvent():
            yield acts.Arrive(at_s=at_s, device=target)
        case LeaveEvent():
            yield acts.Leave(at_s=at_s, device=target)
        case BulletinEvent():
            yield _announce(event, at_s)


def _by_luck(scenario: Scenario, event: Event, at_s: float, target: str) -> Iterator[Act]:
    match event:
        case CutEvent():
            for device in scenario.at_places(event.places):
                yield acts.Cut(at_s=at_s, device=device, mode=event.mode)
        case SlowEvent():
            for device in scenario.at_places(event.places):
                yield acts.Slow(at_s=at_s, device=device, quality=event.quality)
        case MendEvent():
            for device in scenario.at_places(event.places):
                yield acts.Mend(at_s=at_s, device=device)
        case KillEvent():
            yield acts.Kill(at_s=at_s, who=target)
        case StartEvent():
            yield acts.Start(at_s=at_s, who=target)
        case PaperEvent():
            yield acts.Paper(at_s=at_s, device=target, out=event.out)
        case HoldEvent():
            yield acts.Hold(at_s=at_s, device=target, name=event.name, down=event.down)
        case SoundEvent():
            yield acts.Sound(
                at_s=at_s,
                device=target,
                plugged=event.plugged,
                gain=event.gain,
                lose_s=event.lose_s,
                horn=event.horn,
            )
        case EarEvent():
            yield acts.Ear(at_s=at_s, device=target, name=event.name, deaf=event.deaf, gain=event.gain)


def _handle(event: HandleEvent, at_s: float, counter: str) -> acts.Handle:
    return acts.Handle(
        at_s=at_s,
        counter=counter,
        doing=event.do,
        reason=event.reason,
        to_field=event.to_field,
        to_counter=event.to_counter,
    )


def _announce(event: BulletinEvent, at_s: float) -> Act:
    return acts.Announce(
        at_s=at_s,
        title=event.title,
        text=event.text,
        places=tuple(event.places),
        sounds_at_s=event.sounds_at,
        emergency=event.emergency,
    )
