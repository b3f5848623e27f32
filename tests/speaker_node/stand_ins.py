"""What a loudspeaker node is given in tests: documents, facts on a real outbox, hardware, a quick voice."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from firmware_agent.clock import Clock, moment
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.hardware import SoundCard
from firmware_agent.node import Context, Problems
from sim.parts.sound import SimSoundCard
from speaker_node.chime import RATE_HZ
from speaker_node.history import STATE_KEY, History
from speaker_node.node import SpeakerNode
from speaker_node.settings import SpeakerSettings
from speaker_node.voice import UnspeakableError
from tests.support.clocks import RunningClock
from tests.support.waiting import HANGS_S
from wire.facts import Body, make_fact, read_body
from wire.intents import Approval, Bulletin, Calls, IntentBody, Programme
from wire.topics import Address

B = TypeVar("B", bound=IntentBody)
F = TypeVar("F", bound=Body)


def bulletin(id_: str, at_ms: int, **changes: Any) -> Bulletin:
    """Return a bulletin that may sound, with a window of ten seconds."""
    values: dict[str, Any] = {
        "id": id_,
        "title": "Bản tin",
        "text": f"Bản tin {id_}",
        "at_ms": at_ms,
        "late_until_ms": at_ms + 10_000,
        "written_by": "lan",
        "approved": Approval(by="minh", at_ms=0),
    }
    return Bulletin(**{**values, **changes})


def programme(*bulletins: Bulletin) -> Programme:
    return Programme(bulletins=list(bulletins))


@dataclass
class ToneVoice:
    """Speaks a tone of a set length; `broken` makes it fail."""

    length_s: float = 0.2
    broken: bool = False

    @property
    def name(self) -> str:
        return f"tone {self.length_s}"

    def speak(self, text: str) -> NDArray[np.int16]:
        if self.broken:
            raise UnspeakableError("the tone is broken")
        at_s = np.arange(round(self.length_s * RATE_HZ)) / RATE_HZ
        return (12_000 * np.sin(2 * np.pi * 440 * at_s)).astype(np.int16)


class DocumentsInHand:
    """Holds the programme, and in a hall the calls, that a test gave."""

    def __init__(self) -> None:
        self.programme: Programme | None = None
        self.calls: Calls | None = None

    def current(self, body_type: type[B]) -> B | None:
        for held in (self.programme, self.calls):
            if isinstance(held, body_type):
                return held
        return None


class FactsOnOutbox:
    """Facts committed to a real outbox, and read back from it."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._outbox = Outbox(directory / "outbox.db")
        self._clock = clock

    def record(self, body: Body, state: Mapping[str, Any] | None = None) -> int:
        return self._outbox.append(make_fact(body, moment(self._clock)), state)

    def remember(self, state: Mapping[str, Any]) -> None:
        self._outbox.remember(state)

    def state(self, key: str, default: Any = None) -> Any:
        return self._outbox.state(key, default)

    def bodies(self, kind: type[F]) -> list[F]:
        """Return what was recorded of one kind, oldest first."""
        _, _, facts = self._outbox.read(1, 1_000, 10_000_000)
        read = [read_body(each.kind, bytes(each.body)) for each in facts]
        return [each for each in read if isinstance(each, kind)]

    def close(self) -> None:
        self._outbox.close()


class SoundOnlyHardware:
    """A device that has a clock, a sound card and, if given, pins."""

    def __init__(self, clock: Clock, card: SoundCard, factory: Any = None) -> None:
        self.clock = clock
        self._card = card
        self._factory = factory
        self.ears: dict[str, Any] = {}

    def sound_card(self) -> SoundCard:
        return self._card

    def pins(self) -> Any:
        return self._factory

    def microphone(self, name: str) -> Any:
        return self.ears.get(name)


class Post:
    """A loudspeaker on its pole: node, virtual sound card, outbox, clock; power can be cut and come back.

    post = Post(tmp_path)
    post.power_on()
    post.give(bulletin("b1", post.clock.wall_ms() + 1_500))
    """

    def __init__(self, directory: Path, voice: Any = None, **settings: Any) -> None:
        self.directory = directory
        self.settings = SpeakerSettings(**{"quiet_hours": False, **settings})
        self.voice = voice or ToneVoice()
        self.clock = RunningClock()
        self.documents = DocumentsInHand()
        self.problems = Problems()
        self.factory: Any = None
        self.listen: Any = None
        self.office: Any = None
        self.ears: dict[str, Any] = {}
        self._began_s = time.monotonic()
        self.card = SimSoundCard(directory / "heard.wav", self.since_s)
        self._thread: threading.Thread | None = None

    def since_s(self) -> float:
        return time.monotonic() - self._began_s

    def at_s(self, wall_ms: float) -> float:
        """Return the wall time as seconds since the start of this post."""
        return self.since_s() + (wall_ms - self.clock.wall_ms()) / 1000

    def make(self) -> SpeakerNode:
        """Make the node, without running it."""
        self.facts = FactsOnOutbox(self.directory, self.clock)
        hardware: Any = SoundOnlyHardware(self.clock, self.card, self.factory)
        hardware.ears = self.ears
        self.context = Context(
            address=Address("xuan-luong", "thon-dong", "speaker"),
            settings=self.settings,
            facts=self.facts,
            documents=self.documents,
            problems=self.problems,
            hardware=hardware,
            directory=self.directory,
            changed=threading.Event(),
            stop=threading.Event(),
        )
        return SpeakerNode(self.context, self.voice, self.listen, self.office)

    def power_on(self) -> SpeakerNode:
        """Make the node and run it on a thread of its own."""
        node = self.make()
        self._thread = threading.Thread(target=node.run)
        self._thread.start()
        return node

    def give(self, *bulletins: Bulletin) -> None:
        """Hand the node a new programme."""
        self.documents.programme = programme(*bulletins)
        self.context.changed.set()

    def tell(self, calls: Calls) -> None:
        """Hand the node a new document of calls, as one of the hall has."""
        self.documents.calls = calls
        self.context.changed.set()

    def history(self) -> History:
        return History.read(self.facts.state(STATE_KEY))

    def power_off(self) -> None:
        """Stop the node in order."""
        if self._thread is not None:
            self.context.stop.set()
            self.context.changed.set()
            self._thread.join(HANGS_S)
            self.facts.close()
            self._thread = None


def state_as_read_back(history: History) -> History:
    """Return what a restarted node would know: through JSON and back."""
    kept = msgspec.json.decode(msgspec.json.encode(history.state()))
    return History.read(kept[STATE_KEY])
