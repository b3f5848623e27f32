"""A horn is cut: the real node listens, tells, the hub keeps it, and staff read what to look at."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from commune_hub.capabilities.bulletins import LATE_MS
from commune_hub.capabilities.playbacks import Playbacks
from commune_hub.console.problems import speaker_problems
from commune_hub.hub import MIGRATIONS
from commune_hub.ledger import Ledger
from commune_hub.proof.sheet import Asked, Mark, line_of
from commune_hub.store import Store
from sim.clock import begin_run
from sim.control import Hands, Sound
from sim.hardware import SimHardware
from speaker_node.hearing.listening import FAULTS
from speaker_node.hearing.proof import Fault
from tests.commune_hub.facts import batch
from tests.speaker_node.stand_ins import Post, bulletin
from tests.support.waiting import await_condition
from wire.facts import Body, Fact, PlaybackFinished, PlaybackStarted

DEVICE = "loa-dong-1"


class Babble:
    """Speaks noise that swells and fades like syllables, for two seconds."""

    name = "babble"

    def speak(self, text: str) -> NDArray[np.int16]:
        chance = np.random.default_rng(len(text))
        shape = np.repeat(chance.uniform(0, 1, 20) ** 2, 2_205)
        return (9_000 * shape * chance.normal(0, 0.4, len(shape))).clip(-32_000, 32_000).astype(np.int16)


@pytest.fixture
def control() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="c-", dir="/tmp") as path:
        yield Path(path)


@pytest.mark.parametrize(
    ("mishap", "fault"),
    [(Sound(horn=False), Fault.HORN), (Sound(gain=0.0), Fault.AMPLIFIER)],
)
def test_what_is_cut_is_known_by_name(tmp_path: Path, control: Path, mishap: Sound, fault: Fault) -> None:
    begin_run(tmp_path)
    home = tmp_path / "devices" / DEVICE / "speaker"
    home.mkdir(parents=True)
    options = {"run": str(tmp_path), "control": str(control), "microphone_m": 3.0, "sense": True}
    hardware = SimHardware({**options, "microphone_wind": 0.002}, DEVICE, "speaker", home)
    post = Post(home, Babble())
    post.card = hardware.sound_card()  # type: ignore[assignment]
    post.ears = {name: hardware.microphone(name) for name in ("microphone", "sense")}
    Hands(control, DEVICE, "speaker").do(mishap)
    post.power_on()
    try:
        due_ms = post.clock.wall_ms() + 3_000
        post.give(bulletin("b", due_ms, chime=False))
        (told,) = await_condition(lambda: post.facts.bodies(PlaybackFinished), 20.0)
        facts: list[Body | Fact] = [*post.facts.bodies(PlaybackStarted), told]
    finally:
        post.power_off()
        hardware.close()
    assert (told.verdict, told.fault) == ("silent", fault.value)
    row = kept(tmp_path / "hub.db", facts, due_ms)
    line = line_of(Asked("b", "b", "Bản tin", due_ms, DEVICE, "thon-dong"), row, due_ms + LATE_MS)
    assert (line.mark, line.heard) == (Mark.SILENT, False)
    (problem,) = speaker_problems(
        {DEVICE: "thon-dong"}, {}, {}, {DEVICE: row}, {"thon-dong": "Thôn Đông"}, due_ms
    )
    assert problem.bad
    assert problem.where == f"Thôn Đông · {DEVICE}"
    assert FAULTS[fault] in problem.what


def kept(path: Path, facts: list[Body | Fact], due_ms: int) -> dict[str, object]:
    """Take the facts as a hub does; return what it keeps of the sounding."""
    store = Store(path, MIGRATIONS)
    try:
        playbacks = Playbacks(store)
        Ledger(store, lambda: due_ms, [playbacks]).take(batch(facts, due_ms, device=DEVICE, node="speaker"))
        (row,) = playbacks.of("b")
        return row
    finally:
        store.close()
