"""A batch and an ack stay within their bounds, and the largest batch stays below the broker's limit."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from wire.batches import MAX_FACTS_IN_BATCH, Ack, Batch
from wire.codec import MAX_BATCH_BYTES, MAX_FACT_BYTES, MAX_MESSAGE_BYTES, WireError, decode, encode
from wire.facts import Moment, NodeDied, make_fact

FACT: dict[str, Any] = {
    "kind": "water.rose",
    "moment": {"at_ms": 1, "mono_ms": 1, "boot": "b", "synced": False},
    "body": {},
}
BATCH: dict[str, Any] = {
    "device": "quay-1-pi",
    "node": "rating",
    "epoch": "0123456789abcdef",
    "first": 1,
    "oldest": 1,
    "facts": [FACT],
}


def test_a_batch_as_full_as_allowed_is_read() -> None:
    batch = decode(encode(BATCH | {"facts": [FACT] * MAX_FACTS_IN_BATCH}), Batch)
    assert len(batch.facts) == MAX_FACTS_IN_BATCH


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("facts", []),
        ("facts", [FACT] * (MAX_FACTS_IN_BATCH + 1)),
        ("first", 0),
        ("first", 2**53 + 1),
        ("oldest", 0),
        ("device", "Quầy 1"),
        ("device", "quay-1-pi\n"),
        ("node", "a/b"),
        ("epoch", "short"),
        ("epoch", "0123456789abcdeg"),
    ],
)
def test_a_batch_out_of_bounds_is_refused_and_the_field_named(field: str, value: object) -> None:
    with pytest.raises(WireError, match=rf"\$\.{field}") as caught:
        decode(encode(BATCH | {field: value}), Batch)
    assert caught.value.reason == "wrong_shape"


@pytest.mark.parametrize("missing", sorted(BATCH))
def test_a_batch_lacks_nothing(missing: str) -> None:
    with pytest.raises(WireError, match=f"`{missing}`"):
        decode(encode({name: value for name, value in BATCH.items() if name != missing}), Batch)


def test_one_bad_fact_is_named_by_its_place() -> None:
    bad = FACT | {"kind": "No Kind"}
    with pytest.raises(WireError, match=r"\$\.facts\[.*\]\.kind"):
        decode(encode(BATCH | {"facts": [FACT, bad]}), Batch)


def test_the_fullest_batch_a_node_can_make_is_far_below_the_brokers_limit() -> None:
    moment = Moment(at_ms=2**47, mono_ms=2**53, boot="b" * 40, synced=True)
    around = len(encode(NodeDied(node="", exit_code=1, error="", deaths=1, restart_in_s=0.5)))
    body = NodeDied(node="", exit_code=1, error="x" * (MAX_FACT_BYTES - around), deaths=1, restart_in_s=0.5)
    fact = make_fact(body, moment)
    # The outbox stops before the fact that goes over the limit, but always gives one.
    facts = [fact] * max(1, MAX_BATCH_BYTES // len(encode(fact)))
    batch = Batch(device="x" * 40, node="x" * 40, epoch="0" * 16, first=2**53, oldest=2**53, facts=facts)
    assert len(encode(batch)) < MAX_MESSAGE_BYTES // 2
    assert decode(encode(batch), Batch).facts[-1].body == msgspec.Raw(encode(body))


@pytest.mark.parametrize("committed", [-1, 2**53 + 1, 1.5, "1", None])
def test_an_ack_out_of_bounds_is_refused(committed: object) -> None:
    with pytest.raises(WireError, match=r"\$\.committed"):
        decode(encode({"epoch": "0" * 16, "committed": committed}), Ack)


def test_nodes_and_hubs_of_before_say_nothing_of_what_waits_and_of_credit() -> None:
    assert decode(encode(BATCH), Batch).newest is None
    assert decode(encode({"epoch": BATCH["epoch"], "committed": 3}), Ack).credit is None


@pytest.mark.parametrize("credit", [-1, 100_001, "many"])
def test_credit_is_bounded(credit: object) -> None:
    with pytest.raises(WireError):
        decode(encode({"epoch": BATCH["epoch"], "committed": 3, "credit": credit}), Ack)
