"""One bulletin, several times: each sounding is a bulletin of its own, and knows whose it is."""

from __future__ import annotations

from msgspec import structs

from wire.codec import decode, encode
from wire.intents import Bulletin, bulletin_of, soundings

ONCE = Bulletin(
    id="2026-01-05-ab12cd",
    title="Tin",
    text="Tin sáng",
    at_ms=1_000_000,
    late_until_ms=1_600_000,
    written_by="lan",
    approved=None,
)


def test_one_that_sounds_once_keeps_its_name() -> None:
    assert soundings(ONCE) == [ONCE]
    assert bulletin_of(ONCE.id) == ONCE.id


def test_each_of_several_times_is_a_sounding_with_the_same_grace() -> None:
    often = structs.replace(ONCE, repeating=True, more_at_ms=[3_000_000, 2_000_000, 1_000_000])
    found = soundings(often)
    assert [each.at_ms for each in found] == [1_000_000, 2_000_000, 3_000_000]
    assert {each.late_until_ms - each.at_ms for each in found} == {600_000}
    assert len({each.id for each in found}) == 3
    assert {bulletin_of(each.id) for each in found} == {ONCE.id}


def test_a_time_that_stays_keeps_its_name_when_others_pass() -> None:
    daily = structs.replace(ONCE, repeating=True)
    today = soundings(structs.replace(daily, more_at_ms=[2_000_000, 3_000_000]))
    tomorrow = soundings(
        structs.replace(daily, at_ms=2_000_000, late_until_ms=2_600_000, more_at_ms=[3_000_000])
    )
    assert today[1:] == tomorrow


def test_the_last_time_of_a_rule_is_still_named_by_its_time() -> None:
    """Or it would be another bulletin than the one that this node has sounded already."""
    (last,) = soundings(structs.replace(ONCE, repeating=True))
    assert last.id == f"{ONCE.id}@{ONCE.at_ms}"


def test_an_older_document_without_the_new_fields_is_read() -> None:
    old = {
        "id": "a",
        "title": "t",
        "text": "x",
        "at_ms": 1,
        "late_until_ms": 2,
        "written_by": "lan",
        "approved": None,
    }
    read = decode(encode(old), Bulletin)
    assert (read.priority, read.repeats, read.emergency) == ("ordinary", 1, False)
