"""Listen while it sounds, by a microphone at the pole, a sense line at the horn, or both; say what it was.

What is recorded stays here: it is compared with what was sent, and forgotten.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from firmware_agent.hardware import HardwareError, InputStream, InputTime, Microphone
from firmware_agent.node import Context
from speaker_node.chime import RATE_HZ
from speaker_node.hearing.findings import Findings
from speaker_node.hearing.proof import SHIFT_MAX_S, Fault, Heard, Verdict, fault_of, judge, level_dbfs
from speaker_node.sounding.player import BLOCK_FRAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARS = ("microphone", "sense")

JUDGED_S = 30.0
"""Of a longer bulletin its first half minute is judged: 1.3 MB for each ear."""

BEFORE_S = 2.5
"""What is recorded before the first sample says how loud the place is by itself."""

AFTER_MS = 700.0
"""A recording is complete so long after the last sample, or after JUDGED_S: inputs lag behind."""

PATIENCE_MS = 1_500.0
"""An ear that says nothing is waited for so long."""

USUAL_KEY = "speaker.usual_gain_db"
_NEWEST_WEIGHT = 0.1
"""How much the newest hearing changes what is usual at a place."""

FAULTS = {
    Fault.AMPLIFIER: "Bộ khuếch đại không ra tiếng: hãy xem nguồn điện, rơ le, cầu chì",
    Fault.HORN: "Bộ khuếch đại có ra tiếng mà loa không kêu: hãy xem loa nén và dây loa",
    Fault.WEAK: "Tiếng loa yếu hơn thường ngày nhiều: hãy xem loa nén có lỏng hay đọng nước",
    Fault.OVERDRIVEN: "Tiếng loa bị vỡ: hãy giảm mức khuếch đại",
}
"""What staff are told, by what seems to be broken."""

SILENT = "Micrô ở cột không nghe thấy loa: hãy xem nguồn bộ khuếch đại, dây loa và loa nén"
DEAF = "Micrô ở cột không có tín hiệu: hãy xem dây micrô"

log = logging.getLogger(__name__)


class _Ear:
    """What one input picked up, block by block, with the time of each; it forgets what is too old."""

    def __init__(self, microphone: Microphone, mono_ms: Callable[[], float]) -> None:
        self._mono_ms = mono_ms
        self._lock = threading.Lock()
        self._blocks: list[tuple[float, NDArray[np.int16]]] = []
        self._began_mono_ms: float | None = None
        self._stream: InputStream = microphone.open_input(RATE_HZ, BLOCK_FRAMES, self._take)
        try:
            self._stream.start()
        except BaseException:
            self._stream.close()
            raise

    def heard_until_ms(self) -> float:
        with self._lock:
            return self._blocks[-1][0] + BLOCK_FRAMES * 1000 / RATE_HZ if self._blocks else 0.0

    def begin(self, began_mono_ms: float) -> None:
        """From now on nothing is forgotten but what is beyond what is judged."""
        self._began_mono_ms = began_mono_ms

    def between(self, begin_ms: float, end_ms: float) -> NDArray[np.int16]:
        with self._lock:
            found = [block for at_ms, block in self._blocks if begin_ms <= at_ms < end_ms]
        return np.concatenate(found) if found else np.zeros(0, np.int16)

    def close(self) -> None:
        self._stream.close()

    def _take(self, block: NDArray[np.int16], _frames: int, time: InputTime, _status: Any) -> None:
        behind_ms = max(0.0, time.currentTime - time.inputBufferAdcTime) * 1000
        heard_ms = self._mono_ms() - behind_ms
        with self._lock:
            if self._began_mono_ms is None:
                while self._blocks and self._blocks[0][0] < heard_ms - BEFORE_S * 1000:
                    self._blocks.pop(0)
            elif heard_ms > self._began_mono_ms + (JUDGED_S + SHIFT_MAX_S) * 1000:
                return
            self._blocks.append((heard_ms, np.array(block[:, 0], np.int16)))


class Recording:
    """One playback as it was sent and as it was picked up.

    recording.sent(block)                               # from the player: what went to the card
    recording.complete(began_ms, ended_ms, now_ms)      # the ears have caught up
    recording.judge(began_ms, ended_ms, usual)
    recording.close()
    """

    def __init__(self, ears: dict[str, _Ear]) -> None:
        self._ears = ears
        self._sent: list[NDArray[np.int16]] = []
        self._left = round(JUDGED_S * RATE_HZ)

    def sent(self, block: NDArray[np.int16]) -> None:
        """Keep what was sent, up to what is judged. On the sound card's thread."""
        if self._left > 0:
            self._sent.append(block[: self._left].copy())
            self._left -= len(block)

    def began(self, began_ms: float) -> None:
        """Say when the first sample was heard."""
        for ear in self._ears.values():
            ear.begin(began_ms)

    def complete(self, began_ms: float, ended_ms: float, now_ms: float) -> bool:
        """Tell whether all that is judged was picked up."""
        until_ms = min(ended_ms, began_ms + JUDGED_S * 1000)
        return now_ms >= ended_ms + PATIENCE_MS or all(
            ear.heard_until_ms() >= until_ms + AFTER_MS for ear in self._ears.values()
        )

    def judge(self, began_ms: float, usual_gain_db: dict[str, float]) -> dict[str, Heard]:
        """Return what each ear heard; `usual_gain_db` is how much louder than sent it commonly is there."""
        if not self._sent:
            return {}
        sent = np.concatenate(self._sent)
        end_ms = began_ms + len(sent) * 1000 / RATE_HZ + AFTER_MS
        heard = {}
        for name, ear in self._ears.items():
            usual = usual_gain_db.get(name)
            usual_dbfs = None if usual is None else level_dbfs(sent) + usual
            before = ear.between(began_ms - BEFORE_S * 1000, began_ms - 50)
            heard[name] = judge(sent, ear.between(began_ms - 50, end_ms), before, RATE_HZ, usual_dbfs)
        return heard

    def sent_dbfs(self) -> float:
        """Return how loud it was sent."""
        return level_dbfs(np.concatenate(self._sent)) if self._sent else -120.0

    def close(self) -> None:
        """Listen no more."""
        for ear in self._ears.values():
            ear.close()


class Listening:
    """The ears that this loudspeaker has, and what is usual for them.

    listening = Listening(context)
    recording = listening.begin()       # None: it has no ear, or none that works
    findings = listening.findings(recording, began_ms)
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        found = {name: context.hardware.microphone(name) for name in EARS}
        self._microphones = {name: each for name, each in found.items() if each is not None}
        self._usual: dict[str, float] = context.facts.state(USUAL_KEY, {})

    def begin(self) -> Recording | None:
        """Open the ears."""
        ears: dict[str, _Ear] = {}
        for name, microphone in self._microphones.items():
            try:
                ears[name] = _Ear(microphone, self._context.clock.exact_mono_ms)
            except HardwareError as error:
                self._context.problems.report(name, f"Không nghe lại được tiếng loa: {error}")
                log.warning("micrô (microphone) %s: %s", name, error)
        return Recording(ears) if ears else None

    def findings(self, recording: Recording | None, began_ms: float) -> Findings:
        """Say what was heard, tell staff of what seems broken, and learn what is usual."""
        heard = recording.judge(began_ms, self._usual) if recording is not None else {}
        if recording is None or not heard:
            return Findings()
        first = heard.get("microphone") or heard["sense"]
        fault = fault_of(heard.get("microphone"), heard.get("sense"))
        self._tell(heard, fault)
        if fault is Fault.NONE:
            self._learn(heard, recording.sent_dbfs())
        return Findings(
            level_dbfs=round(first.level_dbfs, 1),
            verdict=first.verdict.value,
            fault=fault.value,
            sure=round(first.sure, 2),
        )

    def _tell(self, heard: dict[str, Heard], fault: Fault) -> None:
        problems = self._context.problems
        verdicts = [each.verdict for each in heard.values()]
        text = FAULTS.get(fault, SILENT if Verdict.SILENT in verdicts else "")
        if text:
            problems.report("loudness", text)
        elif fault is Fault.NONE:
            problems.clear("loudness")
        for name, each in heard.items():
            if each.verdict is Verdict.DEAF:
                problems.report(name, DEAF)
            else:
                problems.clear(name)

    def _learn(self, heard: dict[str, Heard], sent_dbfs: float) -> None:
        for name, each in heard.items():
            if each.verdict is Verdict.HEARD:
                gain_db = each.level_dbfs - sent_dbfs
                usual = self._usual.get(name, gain_db)
                self._usual = {**self._usual, name: usual + _NEWEST_WEIGHT * (gain_db - usual)}
        self._context.facts.remember({USUAL_KEY: self._usual})
