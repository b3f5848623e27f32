"""A damaged outbox is rebuilt from what can be read, under the same numbers; its holes are seen as lost."""

from __future__ import annotations

import errno
import random
from pathlib import Path

import pytest

from firmware_agent.delivery.outbox import Outbox
from firmware_agent.delivery.salvage import mend_journal, salvage
from firmware_agent.drive import Drive
from wire.delivery import judge_batch
from wire.facts import Fact, Moment, RatingPressed, make_fact

FACTS = 2_000
ACKED = 100
PAGE_BYTES = 4_096


def fact(number: int) -> Fact:
    moment = Moment(at_ms=number, mono_ms=number, boot="b", synced=True)
    body = RatingPressed(counter="quay-1", scale="vi4", level=1, source="button", ticket=f"t-{number}")
    return make_fact(body, moment)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with facts up to FACTS, acknowledged up to ACKED, and a state."""
    outbox = Outbox(tmp_path / "outbox.db")
    for number in range(1, FACTS + 1):
        outbox.append(fact(number))
    outbox.forget(ACKED)
    outbox.remember({"ticket.series": {"day": "2026-01-31", "last": 77}})
    outbox.close()
    return tmp_path / "outbox.db"


def held(outbox: Outbox) -> dict[int, Fact]:
    """Everything in the outbox, by number."""
    found: dict[int, Fact] = {}
    following = 1
    while True:
        first, _, facts = outbox.read(following, 200, 10**6)
        if not facts:
            return found
        found.update(enumerate(facts, first))
        following = first + len(facts)


def damage(path: Path, page: int, pages: int = 2) -> None:
    with path.open("r+b") as file:
        file.seek(page * PAGE_BYTES)
        file.write(b"\xff" * PAGE_BYTES * pages)


def test_what_is_behind_a_damaged_middle_is_saved_too(path: Path) -> None:
    epoch = Outbox(path).epoch
    damage(path, path.stat().st_size // PAGE_BYTES // 2)
    outbox = Outbox(path)
    assert outbox.set_aside is not None
    assert (outbox.epoch, outbox.acked, outbox.newest) == (epoch, ACKED, FACTS)
    found = held(outbox)
    assert outbox.saved == len(found)
    assert FACTS - ACKED - 200 < len(found) < FACTS - ACKED
    assert {ACKED + 1, FACTS} <= found.keys()
    assert all(each == fact(number) for number, each in found.items()), "under their own numbers"


def test_the_node_goes_on_where_it_was(path: Path) -> None:
    damage(path, path.stat().st_size // PAGE_BYTES // 2)
    outbox = Outbox(path)
    assert outbox.append(fact(FACTS + 1)) == FACTS + 1
    assert outbox.state("ticket.series") == {"day": "2026-01-31", "last": 77}
    outbox.close()
    again = Outbox(path)
    assert (again.set_aside, again.newest) == (None, FACTS + 1)


def test_the_hub_takes_what_is_left_and_notes_the_hole(path: Path) -> None:
    damage(path, path.stat().st_size // PAGE_BYTES // 2)
    outbox = Outbox(path)
    whole = held(outbox).keys()
    committed, lost, taken = ACKED, 0, 0
    while committed < FACTS:
        first, oldest, facts = outbox.read(committed + 1, 200, 10**6)
        verdict = judge_batch(committed, first, len(facts), oldest)
        assert verdict.outcome == "take"
        lost += verdict.lost[1] - verdict.lost[0] + 1 if verdict.lost else 0
        taken += len(facts) - verdict.skip
        committed = first + len(facts) - 1
        outbox.forget(committed)
    assert (taken, taken + lost) == (len(whole), FACTS - ACKED)


@pytest.mark.parametrize("seed", range(12))
def test_damage_anywhere_never_changes_a_fact_and_never_stops_the_node(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    pages = path.stat().st_size // PAGE_BYTES
    damage(path, chance.randrange(pages), chance.randint(1, 3))
    outbox = Outbox(path)
    if outbox.set_aside is not None:
        assert all(each == fact(number) for number, each in held(outbox).items())
    assert outbox.append(fact(9)) > 0


def test_what_is_no_database_gives_a_new_stream(path: Path) -> None:
    epoch = Outbox(path).epoch
    path.write_bytes(b"rubbish" * 5_000)
    outbox = Outbox(path)
    assert outbox.epoch != epoch
    assert (outbox.saved, outbox.newest) == (0, 0)


class DeadDrive(Drive):
    """A card that lists its files and reads none of them."""

    def read(self, path: Path, at: int, size: int) -> bytes:
        raise OSError(errno.EIO, "Input/output error")


def test_a_card_that_reads_nothing_any_more_comes_to_an_end(path: Path) -> None:
    Path(f"{path}-wal").write_bytes(bytes(3 * PAGE_BYTES))
    assert not mend_journal(path, DeadDrive())
    assert salvage(path, DeadDrive()).stream is None
