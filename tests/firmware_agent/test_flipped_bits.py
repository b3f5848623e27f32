"""A card that changes a bit, anywhere: the outbox opens all the same, and believes nothing that is wrong."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from firmware_agent.delivery.outbox import Outbox
from firmware_agent.drive import Drive
from wire.facts import Fact, Moment, RatingPressed, make_fact

SAMPLE = 500
STATE = {"series": {"day": "2026-01-31", "last": 7, "tên": "Đất đai"}}
PAGE_BYTES = 4_096
HEADER_BYTES = 200
"""SQLite's own, at the beginning of the file: without it nothing of the file can be read."""


def press(level: int) -> Fact:
    moment = Moment(at_ms=level, mono_ms=level, boot="b", synced=True)
    return make_fact(RatingPressed(counter="quay-1", scale="vi4", level=level, source="button"), moment)


class Impatient(Drive):
    """Waits for nobody's lock."""

    def connect(self, path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, check_same_thread=False, timeout=0)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[Fact]]:
    """An outbox on the card, and the facts that it holds under the numbers 3 to 6."""
    path = tmp_path_factory.mktemp("whole") / "outbox.db"
    outbox = Outbox(path)
    for level in (1, 2, 3, 4, 1, 2):
        outbox.append(press(level), STATE)
    outbox.forget(2)
    _, _, facts = outbox.read(3, 100, 2**20)
    outbox.close()
    return path.read_bytes(), facts


def flipped(content: bytes, bit: int, path: Path) -> Outbox:
    """Open the outbox with one bit of it changed."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    path.parent.mkdir()
    path.write_bytes(changed)
    return Outbox(path)


def some_bits(first_byte: int, content: bytes, last_byte: int) -> list[int]:
    """Return bits of what is no empty room, always the same."""
    written = [byte for byte in range(first_byte, last_byte) if content[byte]]
    chance = random.Random(first_byte)
    return [byte * 8 + chance.randrange(8) for byte in chance.choices(written, k=SAMPLE)]


def test_wherever_it_is_the_node_works_on(content: tuple[bytes, list[Fact]], tmp_path: Path) -> None:
    whole, facts = content
    for number, bit in enumerate(some_bits(0, whole, len(whole))):
        outbox = flipped(whole, bit, tmp_path / str(number) / "outbox.db")
        assert outbox.state("series") in (STATE["series"], None), bit
        _, _, found = outbox.read(1, 100, 2**20)
        assert all(fact in facts or fact.kind == "fact.damaged" for fact in found), bit
        seq = outbox.append(press(4), {"series": {"last": 8}})
        assert outbox.read(seq, 1, 2**20)[2] == [press(4)], bit
        outbox.forget(seq)
        outbox.close()
        again = Outbox(tmp_path / str(number) / "outbox.db")
        assert (again.set_aside, again.newest, again.state("series")) == (None, seq, {"last": 8}), bit
        again.close()


def test_in_the_names_of_tables_it_costs_nothing(content: tuple[bytes, list[Fact]], tmp_path: Path) -> None:
    whole, facts = content
    for number, bit in enumerate(some_bits(HEADER_BYTES, whole, PAGE_BYTES)):
        outbox = flipped(whole, bit, tmp_path / str(number) / "outbox.db")
        assert outbox.read(1, 100, 2**20) == (3, 3, facts), bit
        assert outbox.state("series") == STATE["series"], bit
        outbox.close()


def test_a_header_that_forbids_writing_is_damage(content: tuple[bytes, list[Fact]], tmp_path: Path) -> None:
    whole, facts = content
    write_version_at = 18  # 2 is a journal ahead, which every SQLite writes; 3 is of a later SQLite
    outbox = flipped(whole, write_version_at * 8, tmp_path / "card" / "outbox.db")
    assert outbox.set_aside is not None
    assert outbox.read(1, 100, 2**20) == (3, 3, facts)
    outbox.close()


def test_an_outbox_that_somebody_else_writes_is_not_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    Outbox(path).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            Outbox(path, Impatient())
    again = Outbox(path)
    assert again.set_aside is None
    again.close()
