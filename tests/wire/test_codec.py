"""Every message is read within bounds, and what is refused says why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.structs import structs
from wire.batches import Ack, Batch
from wire.codec import MAX_MESSAGE_BYTES, WireError, decode, encode
from wire.facts import Fact, HealthSampled
from wire.status import Status

ACK = b'{"epoch":"0123456789abcdef","committed":7}'
MOMENT = b'{"at_ms":1,"mono_ms":2,"boot":"b","synced":true}'


def fact(body: bytes) -> bytes:
    return b'{"kind":"a.b","moment":' + MOMENT + b',"body":' + body + b"}"


def outcome(payload: bytes) -> str:
    """Return "read", or the reason for which an ack is refused."""
    try:
        decode(payload, Ack)
    except WireError as error:
        return error.reason
    return "read"


@pytest.mark.parametrize("kind", [Ack, Status, Batch, Fact])
def test_what_is_encoded_is_decoded_again(kind: type) -> None:
    @given(structs(kind))
    def check(message: object) -> None:
        assert encode(decode(encode(message), kind)) == encode(message)

    check()


@given(st.binary(max_size=200))
def test_any_bytes_give_a_message_or_a_wire_error(payload: bytes) -> None:
    assert outcome(payload) in ("read", "not_json", "wrong_shape")


@given(st.binary(min_size=1, max_size=6), st.integers(0, len(ACK)))
def test_a_message_with_bytes_thrown_in_gives_a_message_or_a_wire_error(thrown: bytes, place: int) -> None:
    assert outcome(ACK[:place] + thrown + ACK[place:]) in ("read", "not_json", "wrong_shape")


@pytest.mark.parametrize("cut", range(len(ACK)))
def test_a_truncated_message_is_not_json(cut: int) -> None:
    with pytest.raises(WireError) as caught:
        decode(ACK[:cut], Ack)
    assert caught.value.reason == "not_json"


def test_a_message_as_large_as_allowed_is_read_and_one_byte_more_is_not() -> None:
    largest = ACK + b" " * (MAX_MESSAGE_BYTES - len(ACK))
    assert decode(largest, Ack).committed == 7
    with pytest.raises(WireError, match=str(MAX_MESSAGE_BYTES)) as caught:
        decode(largest + b" ", Ack)
    assert caught.value.reason == "too_large"


def test_the_limit_can_be_set_lower_for_one_message() -> None:
    with pytest.raises(WireError, match="at most 10"):
        decode(ACK, Ack, limit_bytes=10)


def test_brackets_deeper_than_the_stack_are_refused_wherever_they_stand() -> None:
    deep = b"[" * 50_000 + b"]" * 50_000
    places: list[tuple[bytes, type[Any]]] = [(ACK[:-1] + b',"extra":' + deep + b"}", Ack), (fact(deep), Fact)]
    for payload, kind in places:
        with pytest.raises(WireError) as caught:
            decode(payload, kind)
        assert caught.value.reason == "not_json"


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"])
def test_what_is_not_utf_8_is_refused_also_where_it_is_kept_raw_or_skipped(bad: bytes) -> None:
    places: list[tuple[bytes, type[Any]]] = [
        (fact(b'{"text":"' + bad + b'"}'), Fact),
        (ACK[:-1] + b',"extra":"' + bad + b'"}', Ack),
        (ACK.replace(b"0123", bad), Ack),
    ]
    for payload, kind in places:
        with pytest.raises(WireError) as caught:
            decode(payload, kind)
        assert caught.value.reason == "not_json"


@pytest.mark.parametrize("figure", [b"NaN", b"Infinity", b"-Infinity", b"nan", b"1e999"])
def test_figures_that_are_none_are_refused(figure: bytes) -> None:
    payload = b'{"cpu_celsius":' + figure + b',"disk_free_mb":1,"memory_free_mb":1,"uptime_s":1}'
    with pytest.raises(WireError):
        decode(payload, HealthSampled)


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        (b'{"epoch":"0123456789abcdef","committed":"7"}', "$.committed"),
        (b'{"epoch":"0123456789abcdef","committed":-1}', "$.committed"),
        (b'{"epoch":"0123456789abcdef","committed":7.0}', "$.committed"),
        (b'{"epoch":"0123456789abcdef","committed":9007199254740993}', "$.committed"),
        (b'{"epoch":"0123456789ABCDEF","committed":7}', "$.epoch"),
        (b'{"epoch":"0123456789abcdef\\n","committed":7}', "$.epoch"),
        (b'{"committed":7}', "`epoch`"),
        (b"[]", "object"),
        (b"null", "object"),
    ],
)
def test_a_wrong_shape_names_the_field_and_the_message(payload: bytes, named: str) -> None:
    with pytest.raises(WireError) as caught:
        decode(payload, Ack)
    assert caught.value.reason == "wrong_shape"
    assert named in str(caught.value)
    assert str(caught.value).startswith("Ack: ")


def test_unknown_fields_are_ignored_so_that_a_newer_sender_is_understood() -> None:
    newer = ACK[:-1] + b',"colour":"red","more":{"deep":[1,2]}}'
    assert decode(newer, Ack) == decode(ACK, Ack)


@pytest.mark.parametrize("tail", [b"x", b"{}", b"\x00", b"\xef\xbb\xbf"])
def test_nothing_may_follow_a_message(tail: bytes) -> None:
    with pytest.raises(WireError) as caught:
        decode(ACK + tail, Ack)
    assert caught.value.reason == "not_json"
