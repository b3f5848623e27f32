"""A card that changes a bit, anywhere: it costs at most the one fact that it is in, and nothing else."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from firmware_agent.delivery.journal import FRAME_BYTES, FRAME_HEADER_BYTES, HEADER_BYTES, committed, mended
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.drive import Drive
from wire.facts import Fact, Moment, RatingPressed, make_fact

SAMPLE = 300
STATE = {"series": {"day": "2026-01-31", "last": 7, "tên": "Đất đai"}}
SQLITES_OWN_BYTES = 100
"""The header at the beginning of the file."""


def press(level: int, ticket: str | None = None) -> Fact:
    moment = Moment(at_ms=level, mono_ms=level, boot="b", synced=True)
    body = RatingPressed(counter="quay-1", scale="vi4", level=level, source="button", ticket=ticket)
    return make_fact(body, moment)


class Impatient(Drive):
    """Waits for nobody's lock."""

    def connect(self, path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, check_same_thread=False, timeout=0)


class Card(NamedTuple):
    """The files of an outbox, and what they mean."""

    file: bytes
    """After an orderly end."""
    killed: bytes
    journal: bytes
    """Both as they were before: with a journal in its second round, and the rest of the first behind it."""
    stands: tuple[str, int, int]
    facts: dict[int, Fact]


def held(outbox: Outbox) -> dict[int, Fact]:
    found: dict[int, Fact] = {}
    while True:
        first, _, facts = outbox.read(max(found, default=0) + 1, 100, 2**20)
        if not facts:
            return found
        found.update(enumerate(facts, first))


def made(path: Path, acked: int) -> Card:
    outbox = Outbox(path)
    for number, level in enumerate((1, 2, 3, 4, 1, 2)):
        outbox.append(press(level), STATE)
        if number == 2:
            with closing(sqlite3.connect(path)) as other:
                other.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    outbox.forget(acked)
    killed, journal = path.read_bytes(), path.with_name(f"{path.name}-wal").read_bytes()
    stands, facts = (outbox.epoch, outbox.acked, outbox.newest), held(outbox)
    outbox.close()
    return Card(path.read_bytes(), killed, journal, stands, facts)


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Card:
    """It holds facts under the numbers 3 to 6."""
    return made(tmp_path_factory.mktemp("whole") / "outbox.db", 2)


def with_flip(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def opened(directory: Path, file: bytes, journal: bytes = b"") -> Outbox:
    directory.mkdir()
    (directory / "outbox.db").write_bytes(file)
    if journal:
        (directory / "outbox.db-wal").write_bytes(journal)
    return Outbox(directory / "outbox.db")


def some_bits(content: bytes, last_byte: int, count: int = SAMPLE) -> list[int]:
    """Return bits of what is no empty room, always the same."""
    written = [byte for byte in range(last_byte) if content[byte]]
    chance = random.Random(last_byte)
    return [byte * 8 + chance.randrange(8) for byte in chance.choices(written, k=count)]


def assert_all_but_one(outbox: Outbox, card: Card, bit: int) -> None:
    assert (outbox.epoch, outbox.acked, outbox.newest) == card.stands, bit
    assert outbox.state("series") == STATE["series"], bit
    found = held(outbox)
    assert found.keys() <= card.facts.keys(), bit
    changed = [number for number, fact in card.facts.items() if found.get(number) != fact]
    assert len(changed) <= 1, bit
    assert all(found[number].kind == "fact.damaged" for number in changed if number in found), bit


def assert_works_on(outbox: Outbox, path: Path, bit: int) -> None:
    seq = outbox.append(press(4), {"series": {"last": 8}})
    assert outbox.read(seq, 1, 2**20)[2] == [press(4)], bit
    outbox.forget(seq)
    outbox.close()
    again = Outbox(path)
    assert (again.set_aside, again.newest, again.state("series")) == (None, seq, {"last": 8}), bit
    again.close()


def test_it_costs_at_most_the_fact_that_it_is_in(card: Card, tmp_path: Path) -> None:
    for number, bit in enumerate(some_bits(card.file, len(card.file))):
        outbox = opened(tmp_path / str(number), with_flip(card.file, bit))
        assert_all_but_one(outbox, card, bit)
        assert_works_on(outbox, tmp_path / str(number) / "outbox.db", bit)


@pytest.mark.parametrize("killed", [False, True], ids=["ended", "killed"])
def test_in_the_first_page_it_costs_nothing(card: Card, tmp_path: Path, killed: bool) -> None:
    file, journal = (card.killed, card.journal) if killed else (card.file, b"")
    bits = some_bits(file, 4_096, SAMPLE // 3) + some_bits(file, SQLITES_OWN_BYTES, SAMPLE // 3)
    for number, bit in enumerate(bits):
        outbox = opened(tmp_path / str(number), with_flip(file, bit), journal)
        assert_all_but_one(outbox, card, bit)
        assert held(outbox) == card.facts, bit
        outbox.close()


def test_where_nothing_waits_no_number_is_given_twice(tmp_path: Path) -> None:
    card = made(tmp_path / "outbox.db", 6)
    for number, bit in enumerate(some_bits(card.file, len(card.file), SAMPLE // 3)):
        outbox = opened(tmp_path / str(number), with_flip(card.file, bit))
        assert_all_but_one(outbox, card, bit)
        assert_works_on(outbox, tmp_path / str(number) / "outbox.db", bit)


def live_bytes(card: Card) -> int:
    return HEADER_BYTES + len(committed(card.journal)) * FRAME_BYTES


def test_in_the_journal_it_costs_no_more(card: Card, tmp_path: Path) -> None:
    """All but the few bits that say which page a frame is of, or how many there are."""
    for number, bit in enumerate(some_bits(card.journal, live_bytes(card), SAMPLE // 3)):
        in_frame = (bit // 8 - HEADER_BYTES) % FRAME_BYTES
        if bit // 8 < HEADER_BYTES or in_frame >= FRAME_HEADER_BYTES:
            outbox = opened(tmp_path / str(number), card.killed, with_flip(card.journal, bit))
            assert_all_but_one(outbox, card, bit)
            outbox.close()


def test_a_journal_is_mended_and_what_a_power_cut_tore_is_not(card: Card) -> None:
    frames, end = committed(card.journal), live_bytes(card)
    assert 10 < len(frames) < (len(card.journal) - HEADER_BYTES) // FRAME_BYTES
    assert mended(card.journal) is None, "nothing is wrong with it"
    for bit in some_bits(card.journal, end, SAMPLE // 3):
        better = mended(with_flip(card.journal, bit))
        assert better is not None, bit
        assert len(committed(better)) == len(frames), bit
    last_sector = slice(end - 512, end)
    for at in (end - FRAME_BYTES, end - 3 * FRAME_BYTES):
        torn = bytearray(card.journal)
        torn[at + FRAME_HEADER_BYTES + 8 : at + FRAME_HEADER_BYTES + 520] = bytes(512)
        torn[last_sector] = bytes(512)
        assert mended(bytes(torn)) is None, "as a power cut leaves it"


def test_facts_are_found_in_pages_that_sqlite_refuses(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    for number in range(60):
        outbox.append(press(1, "t" * 100 * number))
    facts, epoch = held(outbox), outbox.epoch
    outbox.close()
    content = bytearray((tmp_path / "outbox.db").read_bytes())
    refused = [at for at in range(0, len(content), 4_096) if content[at] in (2, 5, 10, 13)]
    refused = [at for at in refused if b'{"kind":"' in content[at : at + 4_096] or content[at] == 5]
    for at in refused:
        content[at] ^= 0x10
    assert len(refused) > 10
    again = opened(tmp_path / "again", bytes(content))
    assert (again.epoch, held(again)) == (epoch, facts)
    again.close()


def test_a_header_that_forbids_writing_is_damage(card: Card, tmp_path: Path) -> None:
    write_version_at = 18  # 2 is a journal ahead, which every SQLite writes; 3 is of a later SQLite
    outbox = opened(tmp_path / "card", with_flip(card.file, write_version_at * 8))
    assert outbox.set_aside is not None
    assert held(outbox) == card.facts
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
