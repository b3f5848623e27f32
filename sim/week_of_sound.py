"""A week of a loudspeaker's programme in a minute: the node that ships, driven by a clock that is turned.

The hub's own capability holds the bulletins, its own document brings them to the node, every hour anew, and
its own plan of the week says what should sound; the node's facts, and what an ear heard, say what did.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from commune_hub.capabilities import audit, bulletins
from commune_hub.capabilities.bulletins import Bulletin, Bulletins
from commune_hub.capabilities.staff import Member
from commune_hub.documents.programme import compose_programme
from commune_hub.store import Store
from commune_hub.times import DAY_MS, local_time
from commune_hub.timetable.coming import Plan, make_plan
from commune_hub.timetable.rules import make_rule
from commune_hub.writing.bulletin_draft import Draft, How
from firmware_agent.node import Context, Problems
from sim.parts.crystal import Crystal
from sim.parts.turned import Heard, TurnedCard, TurnedClock
from speaker_node.chime import RATE_HZ
from speaker_node.node import SpeakerNode
from speaker_node.settings import SpeakerSettings
from wire.facts import Body, PlaybackFinished, PlaybackRefused
from wire.intents import Bulletin as Sounding
from wire.intents import IntentBody, Programme
from wire.topics import Address

B = TypeVar("B", bound=IntentBody)

DEVICE, PLACE = "loa-dong-1", "thon-dong"
FROM_MS = 1_768_150_800_000
"""Monday, 12 January 2026, 00:00 in Vietnam."""

LOOK_MS, LOOK_MS_NEAR = 500, 50
"""As the node looks when it runs by itself."""

NEAR_MS = 5_000
"""So long before a sounding time is turned in steps of `LOOK_MS`; before that, in strides."""

STRIDE_MS = 60_000
HOUR_MS = 3_600_000
BROUGHT_S = 3.0
"""What must be brought ahead of the card, which asks for it faster than real time."""
PATIENCE_S = 20.0
SPEECH_S = 2.0

EDITOR = Member("bien-tap", "Biên tập", frozenset({"editor"}))
APPROVER = Member("phe-duyet", "Phê duyệt", frozenset({"approver"}))


@dataclass(frozen=True)
class QuickTone:
    """A voice that costs nothing."""

    name: str = "quick tone"

    def speak(self, _text: str) -> NDArray[np.int16]:
        """Return a tone; the same for every text."""
        at_s = np.arange(round(SPEECH_S * RATE_HZ)) / RATE_HZ
        tone: NDArray[np.int16] = (9_000 * np.sin(2 * np.pi * 330 * at_s)).astype(np.int16)
        return tone


@dataclass
class Notebook:
    """Where the node writes its facts (`firmware_agent.node.Facts`) and finds its documents: in memory."""

    bodies: list[Body] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    programme: Programme | None = None

    def record(self, body: Body, state: Mapping[str, Any] | None = None) -> int:
        """Write a fact down."""
        self.bodies.append(body)
        self.kept.update(state or {})
        return len(self.bodies)

    def remember(self, state: Mapping[str, Any]) -> None:
        """Keep state."""
        self.kept.update(state)

    def state(self, key: str, default: Any = None) -> Any:
        """Return state."""
        return self.kept.get(key, default)

    def current(self, body_type: type[B]) -> B | None:
        """Return the programme where it is asked for."""
        return self.programme if isinstance(self.programme, body_type) else None


@dataclass(frozen=True)
class Week:
    """What was planned, what the node says of it, what was heard."""

    plan: Plan
    facts: Sequence[Body]
    heard: Sequence[Heard]

    @property
    def planned(self) -> dict[str, int]:
        """When each sounding outside quiet hours was due, by its id; UTC milliseconds."""
        silent = {(each.bulletin, each.at_ms) for each in self.plan.hushed}
        return {
            f"{each.bulletin}@{each.at_ms}": each.at_ms
            for each in self.plan.soundings
            if (each.bulletin, each.at_ms) not in silent
        }

    @property
    def hushed(self) -> set[str]:
        """What the plan says that quiet hours will stop."""
        return {f"{each.bulletin}@{each.at_ms}" for each in self.plan.hushed}

    def finished(self) -> dict[str, int]:
        """When each sounding began that the node says it sounded to its end."""
        facts = [each for each in self.facts if isinstance(each, PlaybackFinished)]
        return {self._named(each.bulletin): each.started_at_ms for each in facts}

    def refused(self) -> dict[str, str]:
        """Why each sounding was refused that the node says it refused."""
        facts = [each for each in self.facts if isinstance(each, PlaybackRefused)]
        return {self._named(each.bulletin): each.reason for each in facts}

    def late_ms(self) -> list[float]:
        """How late each was heard, by the ear; soundings in order of time."""
        due_ms = sorted(self.planned.values())
        return [heard.start_ms - due for heard, due in zip(self.heard, due_ms, strict=True)]

    def _named(self, sounding: str) -> str:
        """One that sounds once is called by its bulletin alone."""
        if "@" in sounding:
            return sounding
        once = {each.bulletin: each.at_ms for each in self.plan.soundings}
        return f"{sounding}@{once[sounding]}"


def run_week(
    directory: Path, days: int = 7, crystal: Crystal | None = None, linked_every_ms: int = HOUR_MS
) -> Week:
    """Let `days` pass; `directory` takes the hub's store and the node's renderings.

    The hub's document of the moment reaches the node every `linked_every_ms`.
    """
    clock = TurnedClock(FROM_MS - HOUR_MS)
    store = Store(directory / "hub.db", [audit.migrations, bulletins.migrations])
    try:
        office = Bulletins(store, clock.wall_ms, audit.Audit(store, clock.wall_ms))
        written = [_approved(office, each) for each in _usual(days)]
        until_ms = FROM_MS + days * DAY_MS
        plan = make_plan(written, {DEVICE: PLACE}, FROM_MS, until_ms, {})
        post = _Post(directory, clock, crystal or Crystal(skew_ppm=40.0))
        post.live(
            lambda: compose_programme(office.to_sound(), {PLACE, DEVICE}, clock.wall_ms(), str),
            plan,
            until_ms,
            linked_every_ms,
        )
    finally:
        store.close()
    return Week(plan, post.notebook.bodies, post.card.heard)


def _usual(days: int) -> list[Draft]:
    """What a commune sounds in a week."""
    first = local_time(FROM_MS).date()
    last = first + timedelta(days=days - 1)

    def repeated(title: str, rule: str, times: list[str], **how: Any) -> Draft:
        return Draft(title, f"{title}.", (PLACE,), None, How(rule=make_rule(rule, times, first, last), **how))

    def once(title: str, day: int, hour: float, **how: Any) -> Draft:
        at_ms = FROM_MS + day * DAY_MS + round(hour * HOUR_MS)
        return Draft(title, f"{title}.", (DEVICE,), at_ms, How(**how))

    return [
        repeated("Bản tin sáng", "FREQ=DAILY", ["05:31", "17:00"]),
        repeated("Tin nông vụ", "FREQ=WEEKLY;BYDAY=MO,WE,FR", ["05:35", "11:00"], repeats=2),
        repeated("Giờ học", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", ["06:30"], priority="music", chime=False),
        repeated("Quá khuya", "FREQ=DAILY", ["22:00"]),
        once("Lũ về", days // 2, 2.25, priority="emergency"),
        once("Lịch tiêm", 0, 9.5, volume=0.4),
        once("Mời họp", days - 1, 19.999, priority="urgent"),
    ]


def _approved(office: Bulletins, draft: Draft) -> Bulletin:
    made = office.submit(office.write(draft, EDITOR, [PLACE, DEVICE]).id, EDITOR)
    return office.approve(made.id, APPROVER, made.version)


class _Hardware:
    """A device that has a clock and a sound card."""

    def __init__(self, clock: TurnedClock, card: TurnedCard) -> None:
        self.clock = clock
        self._card = card

    def sound_card(self) -> TurnedCard:
        return self._card

    def pins(self) -> None:
        """None is wired."""

    def microphone(self, _name: str) -> None:
        """It has no ears."""


class _Post:
    """A loudspeaker on its pole, its node looked at by hand."""

    def __init__(self, directory: Path, clock: TurnedClock, crystal: Crystal) -> None:
        self.notebook = Notebook()
        self.card = TurnedCard(clock, crystal, seed=1, ready=self._await_brought)
        self._clock = clock
        self._directory = directory
        hardware: Any = _Hardware(clock, self.card)
        context = Context(
            address=Address("xuan-luong", DEVICE, "speaker"),
            settings=SpeakerSettings(),
            facts=self.notebook,
            documents=self.notebook,
            problems=Problems(),
            hardware=hardware,
            directory=directory,
            changed=threading.Event(),
            stop=threading.Event(),
        )
        self._node = SpeakerNode(context, QuickTone())

    def live(self, compose: Any, plan: Plan, until_ms: int, linked_every_ms: int) -> None:
        """Turn time up to `until_ms`; `compose` returns the hub's document of the moment."""
        due_ms = [each.at_ms for each in plan.soundings]
        composed_ms = 0
        try:
            while (now_ms := self._clock.wall_ms()) < until_ms:
                if now_ms - composed_ms >= linked_every_ms:
                    self.notebook.programme, composed_ms = compose(), now_ms
                    self._node.look()
                    self._await_rendered(self.notebook.programme.bulletins)
                self._node.look()
                step_ms = self._step_ms(now_ms, due_ms)
                self.card.turn_to(self._clock.exact_mono_ms() + step_ms)
        finally:
            self._node._end()

    def _step_ms(self, now_ms: int, due_ms: list[int]) -> int:
        if self._node._stage is not None:
            return LOOK_MS_NEAR
        # A sounding is looked after from a little before it until it was refused or begun.
        left_ms = min((at_ms - now_ms for at_ms in due_ms if at_ms - now_ms > -NEAR_MS), default=STRIDE_MS)
        return LOOK_MS if left_ms <= NEAR_MS else min(left_ms - NEAR_MS, STRIDE_MS)

    def _await_rendered(self, wanted: Sequence[Sounding]) -> None:
        """Rendering is done in real time, by a thread."""
        texts = {each.text for each in wanted}
        _await(
            lambda: len(list((self._directory / "speech").glob("[!.]*.wav"))) >= len(texts), "no rendering"
        )

    def _await_brought(self, asked: int) -> None:
        """So is the bringing of sound from the disk."""
        stage = self._node._stage
        if stage is None or not stage.began:
            return
        ahead = asked + round(BROUGHT_S * RATE_HZ)
        reel = stage.reel
        _await(lambda: reel.brought_frames >= min(ahead, reel.frames or ahead), "no sound is brought")


def _await(check: Any, what: str) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not check():
        if time.monotonic() > deadline_s:
            raise TimeoutError(what)
        time.sleep(0.001)
