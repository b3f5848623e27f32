"""Facts of every kind cross the network unharmed; kinds not known here stay facts."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.structs import structs
from wire.codec import MAX_FACT_BYTES, WireError, decode, encode
from wire.facts import (
    BODIES,
    Body,
    Fact,
    Moment,
    NodeDied,
    RatingPressed,
    kinds_of,
    make_fact,
    read_bodies,
    read_body,
)

MOMENT = Moment(at_ms=1_767_236_400_000, mono_ms=5, boot="boot-1", synced=True)


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_every_kind_makes_the_round_trip(kind: str) -> None:
    @given(structs(BODIES[kind]), structs(Moment))
    def check(body: Body, moment: Moment) -> None:
        fact = decode(encode(make_fact(body, moment)), Fact)
        assert fact.kind == kind
        assert fact.moment == moment
        assert read_body(fact.kind, bytes(fact.body)) == body

    check()


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_every_kind_may_have_fields_that_a_newer_version_added(kind: str) -> None:
    @given(structs(BODIES[kind]))
    def check(body: Body) -> None:
        newer = msgspec.json.decode(encode(body)) | {"added_later": {"what": [1, "hai"]}}
        assert read_body(kind, encode(newer)) == body

    check()


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_every_kind_is_named_noun_verbed(kind: str) -> None:
    decode(encode(Fact(kind=kind, moment=MOMENT, body=msgspec.Raw(b"{}"))), Fact)
    assert all(part.isalpha() for part in kind.replace("_", "").split("."))


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.integers(0, 9), max_size=4))
def test_a_kind_not_known_here_is_kept_byte_for_byte(body: dict[str, int]) -> None:
    raw = encode(body)
    fact = decode(encode(Fact(kind="water.rose", moment=MOMENT, body=msgspec.Raw(raw))), Fact)
    assert bytes(fact.body) == raw
    assert read_body(fact.kind, bytes(fact.body)) is None


@pytest.mark.parametrize(
    "kind",
    ["", "rating", "rating.", ".pressed", "Rating.pressed", "rating.pressed\n", "a.b.c", "x" * 25 + ".b"],
)
def test_a_kind_of_another_form_is_refused(kind: str) -> None:
    with pytest.raises(WireError, match="kind"):
        decode(encode(Fact(kind=kind, moment=MOMENT, body=msgspec.Raw(b"{}"))), Fact)


PRESS = {"counter": "quay-1", "scale": "vi4", "level": 2, "source": "button"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"level": 0}, "level"),
        ({"level": 6}, "level"),
        ({"level": "2"}, "level"),
        ({"counter": "x" * 201}, "counter"),
        ({"officer": 7}, "officer"),
        ({"ticket": "x" * 201}, "ticket"),
    ],
)
def test_a_bad_body_names_its_field(change: dict[str, object], named: str) -> None:
    with pytest.raises(WireError, match=rf"\$\.{named}") as caught:
        read_body(RatingPressed.KIND, encode(PRESS | change))
    assert caught.value.reason == "wrong_shape"


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b'{"counter":"\xff"}', b'{"x":' + b"[" * 9_000 + b"]" * 7_000, b'{"counter":"\\ud800"}'],
)
def test_a_body_that_is_no_json_is_refused_as_such(raw: bytes) -> None:
    with pytest.raises(WireError):
        read_body(RatingPressed.KIND, raw)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at_ms", -1),
        ("at_ms", 10**18),
        ("mono_ms", -1),
        ("mono_ms", 2**53 + 1),
        ("boot", ""),
        ("boot", "x" * 41),
    ],
)
def test_a_moment_that_no_calendar_or_database_can_hold_is_refused(field: str, value: object) -> None:
    values = {"at_ms": 1, "mono_ms": 1, "boot": "b", "synced": True} | {field: value}
    with pytest.raises(WireError, match=rf"\$\.{field}"):
        decode(encode(values), Moment)


def test_a_body_that_no_batch_could_carry_is_not_made_into_a_fact() -> None:
    def died(length: int) -> NodeDied:
        return NodeDied(node="rating", exit_code=1, error="x" * length, deaths=1, restart_in_s=0.5)

    around = len(encode(died(0)))
    assert make_fact(died(MAX_FACT_BYTES - around), MOMENT).kind == "node.died"
    with pytest.raises(WireError, match=r"node\.died") as caught:
        make_fact(died(MAX_FACT_BYTES - around + 1), MOMENT)
    assert caught.value.reason == "too_large"


def test_no_two_kinds_share_a_name() -> None:
    names = [body.KIND for body in kinds_of(Body)]
    assert len(set(names)) == len(names)
    assert set(BODIES) == set(names)


def test_many_bodies_of_a_kind_are_read_as_each_by_itself() -> None:
    raws = [encode(PRESS | {"level": level}) for level in (1, 2, 3)]
    assert list(read_bodies(RatingPressed.KIND, raws)) == [read_body(RatingPressed.KIND, raw) for raw in raws]
    assert list(read_bodies("kettle.boiled", raws)) == [None] * 3
    assert list(read_bodies(RatingPressed.KIND, [])) == []


@pytest.mark.parametrize("bad", [b"{}", b"1,2", encode(PRESS | {"level": 9}), b"\xff", b"[", b"x" * 20_000])
def test_one_bad_body_among_many_is_an_error_and_never_shifts_the_others(bad: bytes) -> None:
    with pytest.raises(WireError):
        read_bodies(RatingPressed.KIND, [encode(PRESS), bad, encode(PRESS)])
