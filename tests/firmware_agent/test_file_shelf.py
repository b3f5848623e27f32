"""Files by hash: cut lines, wrong bytes, slow rates, restarts."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from firmware_agent.file_shelf import FileShelf, ShelfRules
from tests.support.waiting import await_condition

CONTENT = bytes(range(256)) * 400
SHA256 = hashlib.sha256(CONTENT).hexdigest()
RULES = ShelfRules(file_max_bytes=1_000_000, kept_max=3, again_after_s=0.02)


@dataclass
class Line:
    """Serves files; `cut_after` bytes each time, if set; `asked` are the bytes that it was asked from."""

    files: dict[str, bytes] = field(default_factory=lambda: {SHA256: CONTENT})
    cut_after: int | None = None
    asked: list[int] = field(default_factory=list)
    served: int = 0

    def __call__(self, sha256: str, from_byte: int) -> Iterator[bytes]:
        self.asked.append(from_byte)
        if sha256 not in self.files:
            raise OSError("not there")
        content = self.files[sha256][from_byte:]
        for begin in range(0, len(content), 1_000):
            if self.cut_after is not None and begin >= self.cut_after:
                raise OSError("the line was cut")
            piece = content[begin : begin + 1_000]
            self.served += len(piece)
            yield piece


@contextmanager
def shelf(directory: Path, line: Line | None, rules: ShelfRules = RULES) -> Iterator[FileShelf]:
    made = FileShelf(directory, line, rules, threading.Event().set)
    try:
        yield made
    finally:
        made.close()


def test_a_file_comes_whole_over_a_line_that_is_cut_again_and_again(tmp_path: Path) -> None:
    line = Line(cut_after=9_500)
    with shelf(tmp_path, line) as made:
        made.want([SHA256])
        await_condition(lambda: made.path(SHA256) is not None)
        path = made.path(SHA256)
        assert path is not None
        assert path.read_bytes() == CONTENT
    assert line.served == len(CONTENT), "no byte was fetched twice"
    assert line.asked == sorted(line.asked)
    assert len(line.asked) > 5


def test_what_is_here_is_here_after_a_restart_without_a_door(tmp_path: Path) -> None:
    with shelf(tmp_path, Line()) as made:
        made.want([SHA256])
        await_condition(lambda: made.path(SHA256) is not None)
    with shelf(tmp_path, None) as made:
        made.want([SHA256])
        await_condition(lambda: made.path(SHA256) is not None)


def test_a_part_goes_on_after_a_restart(tmp_path: Path) -> None:
    (tmp_path / f"{SHA256}.part").write_bytes(CONTENT[:70_000])
    line = Line()
    with shelf(tmp_path, line) as made:
        made.want([SHA256])
        await_condition(lambda: made.path(SHA256) is not None)
    assert line.asked == [70_000]


def test_wrong_bytes_are_thrown_away_and_fetched_anew(tmp_path: Path) -> None:
    (tmp_path / f"{SHA256}.part").write_bytes(b"wrong" * 100)
    (tmp_path / SHA256).write_bytes(CONTENT[:-1])
    line = Line()
    with shelf(tmp_path, line) as made:
        made.want([SHA256])
        await_condition(lambda: made.path(SHA256) is not None)
        assert (tmp_path / SHA256).read_bytes() == CONTENT
    assert line.asked == [500, 0]


def test_one_that_does_not_come_holds_up_no_other_and_one_too_large_never_comes(tmp_path: Path) -> None:
    small = b"small"
    line = Line(files={SHA256: CONTENT, hashlib.sha256(small).hexdigest(): small})
    rules = ShelfRules(file_max_bytes=10_000, kept_max=3, again_after_s=0.02)
    with shelf(tmp_path, line, rules) as made:
        made.want(["0" * 64, SHA256, hashlib.sha256(small).hexdigest()])
        await_condition(lambda: made.path(hashlib.sha256(small).hexdigest()) is not None)
        assert made.path(SHA256) is None
        assert made.missing() == 2


def test_what_nobody_wants_any_more_is_removed(tmp_path: Path) -> None:
    with shelf(tmp_path, Line()) as made:
        made.want([SHA256])
        await_condition(lambda: made.path(SHA256) is not None)
        made.want([])
        await_condition(lambda: not list(tmp_path.iterdir()))
        assert made.path(SHA256) is None


def test_the_rate_is_kept(tmp_path: Path) -> None:
    began_s = time.monotonic()
    with shelf(tmp_path, Line(), ShelfRules(1_000_000, 3, rate_bytes_per_s=400_000)) as made:
        made.want([SHA256])
        await_condition(lambda: made.path(SHA256) is not None)
    assert time.monotonic() - began_s >= len(CONTENT) / 400_000 - 0.01


@pytest.mark.parametrize("closed_while", ["fetching", "pausing"])
def test_it_ends_at_once_whatever_it_is_doing(tmp_path: Path, closed_while: str) -> None:
    slow = ShelfRules(1_000_000, 3, rate_bytes_per_s=10_000, again_after_s=60.0)
    line = Line() if closed_while == "fetching" else Line(files={})
    with shelf(tmp_path, line, slow) as made:
        made.want([SHA256])
        await_condition(lambda: bool(line.asked))
    assert not made._thread.is_alive()


def test_a_large_file_under_way_gives_way_to_a_more_urgent_one_and_is_gone_on_with(tmp_path: Path) -> None:
    urgent = b"to the high ground" * 50
    urgent_sha256 = hashlib.sha256(urgent).hexdigest()
    line = Line(files={SHA256: CONTENT, urgent_sha256: urgent})
    slow = ShelfRules(file_max_bytes=1_000_000, kept_max=3, rate_bytes_per_s=40_000, again_after_s=20.0)
    with shelf(tmp_path, line, slow) as made:
        made.want([SHA256])
        await_condition(lambda: line.served > 3_000)
        made.want([urgent_sha256, SHA256])
        await_condition(lambda: made.path(urgent_sha256))
        assert made.path(SHA256) is None
        await_condition(lambda: made.path(SHA256))
        assert line.asked[0] == line.asked[1] == 0
        assert line.asked[2] > 3_000
