"""An outbox of every version there ever was goes on under its name and its numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_agent.delivery.outbox import Outbox
from tests.support.schemas import laid_out, shape, versions
from wire.facts import RatingPressed, read_body

SCHEMAS = versions("outbox")


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_an_outbox_of_every_version_serves_on_with_all_that_waits_in_it(schema: Path, tmp_path: Path) -> None:
    outbox = Outbox(laid_out(schema, tmp_path / "outbox.db"))
    assert outbox.set_aside is None
    assert (outbox.acked, outbox.newest, outbox.state("last")) == (2, 5, 7)
    assert f"'{outbox.epoch}'" in schema.read_text(encoding="utf-8")
    first, oldest, facts = outbox.read(1, 10, 1_000_000)
    assert (first, oldest) == (3, 3)
    levels = [read_body(each.kind, bytes(each.body)) for each in facts]
    assert [each.level for each in levels if isinstance(each, RatingPressed)] == [4, 1, 2]
    assert outbox.append(facts[0]) == 6
    outbox.close()


def test_the_outbox_as_it_is_now_is_among_them(tmp_path: Path) -> None:
    Outbox(tmp_path / "new.db").close()
    steps = {each for each in shape(tmp_path / "new.db") if len(each) == 2}
    assert steps <= shape(laid_out(SCHEMAS[-1], tmp_path / "listed.db")), (
        "run: python -m tests.support.schemas"
    )
