"""Reading aloud: how many lines of office Vietnamese are said rightly, and how fast, beside others."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.measure import Measured, Skipped, side_by_side
from bench.peers import PeerMissingError, peer_python
from speaker_node.vietnamese import spoken
from tests.support.spoken import Labelled, is_right, labelled

PEERS = {
    "vietnormalizer": "vietnormalizer 0.2.3",
    "num2words": "num2words 0.5.14 for each number, all else as it is",
}
CHILD_WITHIN_S = 60


def measure_reading(_directory: Path) -> list[Measured | Skipped]:
    """Share of the labelled lines that are read rightly, and lines a second, beside each peer.

    The example lines of `spoken.tsv` are few and not ours; `spoken_cases.tsv` is ours, and so in our favour.
    """
    given, own = labelled("spoken.tsv"), labelled("spoken_cases.tsv")
    found: list[Measured | Skipped] = []
    for peer, what in PEERS.items():
        found.append(_compared("example lines, read rightly", "%", given, peer, what, _right_percent))
        found.append(_compared("our own labelled lines, read rightly", "%", own, peer, what, _right_percent))
        found.append(_compared("lines read", "lines/s", own, peer, what, _lines_per_s))
    return found


Figure = Callable[[Sequence[Labelled], Sequence[str], float], float]


def _compared(
    name: str, unit: str, lines: Sequence[Labelled], peer: str, what: str, figure: Figure
) -> Measured | Skipped:
    try:
        peer_python()
    except PeerMissingError as error:
        return Skipped(name, str(error))
    rounds = 1 if unit == "%" else 3
    return side_by_side(
        name,
        unit,
        "higher",
        lambda: figure(lines, *_read_ours(lines)),
        lambda: figure(lines, *_read_by(peer, lines)),
        what,
        rounds=rounds,
    )


def _read_ours(lines: Sequence[Labelled]) -> tuple[list[str], float]:
    spoken("")  # the tables are loaded before the clock runs, as with the peers
    start_s = time.perf_counter()
    said = [spoken(line.text) for line in lines]
    return said, time.perf_counter() - start_s


def _read_by(peer: str, lines: Sequence[Labelled]) -> tuple[list[str], float]:
    done = subprocess.run(
        [str(peer_python()), "-m", "bench.reading_child", peer],
        input="\n".join(line.text for line in lines),
        check=True,
        capture_output=True,
        text=True,
        timeout=CHILD_WITHIN_S,
    )
    answer = json.loads(done.stdout)
    return answer["said"], answer["s"]


def _right_percent(lines: Sequence[Labelled], said: Sequence[str], _took_s: float) -> float:
    right = sum(is_right(line, words) for line, words in zip(lines, said, strict=True))
    return 100 * right / len(lines)


def _lines_per_s(lines: Sequence[Labelled], _said: Sequence[str], took_s: float) -> float:
    return len(lines) / took_s
