"""Only what this commune's hub sealed, for this node and this name, is opened."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.support.structs import structs
from wire.codec import MAX_MESSAGE_BYTES, WireError, decode, encode
from wire.intents import INTENT_BODIES, Intent, Serving, read_intent_body
from wire.seal import Sealed, seal, unseal
from wire.topics import Address

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
KIOSK = Address("xuan-luong", "quay-1-pi", "rating")
SERVING = Serving(counter="quay-1", counter_name="Quầy 1", officer="hoa", number="A007")


def intent(body: object = SERVING, name: str = "serving", **changes: object) -> Intent:
    made = Intent(
        device=KIOSK.device,
        node=KIOSK.node,
        name=name,
        number=3,
        issued_at_ms=1,
        expires_at_ms=2,
        body=msgspec.Raw(encode(body)),
    )
    return msgspec.structs.replace(made, **changes)


SEALED = seal(intent(), KIOSK, KEY)


def refused(payload: bytes, address: Address = KIOSK, name: str = "serving") -> str:
    """Return the reason for which a document is refused."""
    with pytest.raises(WireError) as caught:
        unseal(payload, address, name, KEY.public_key())
    return caught.value.reason


@pytest.mark.parametrize("name", sorted(INTENT_BODIES))
def test_every_document_makes_the_round_trip(name: str) -> None:
    @given(structs(INTENT_BODIES[name]))
    def check(body: object) -> None:
        opened = unseal(seal(intent(body, name), KIOSK, KEY), KIOSK, name, KEY.public_key())
        assert read_intent_body(opened) == body

    check()


@given(st.integers(0, len(SEALED) - 1), st.integers(0, 7))
def test_no_single_bit_can_be_changed(place: int, bit: int) -> None:
    changed = bytearray(SEALED)
    changed[place] ^= 1 << bit
    # Base64 leaves bits over at the end of each value: there the bytes that count may stay the same.
    harmless = False
    with contextlib.suppress(WireError):
        harmless = decode(bytes(changed), Sealed) == decode(SEALED, Sealed)
    if not harmless:
        assert refused(bytes(changed)) in ("bad_seal", "not_json", "wrong_shape")


def test_a_changed_body_under_the_old_seal_is_refused() -> None:
    sealed = decode(SEALED, Sealed)
    forged = encode(intent(msgspec.structs.replace(SERVING, counter="quay-2")))
    assert refused(encode(msgspec.structs.replace(sealed, document=forged))) == "bad_seal"


def test_another_key_is_refused() -> None:
    assert refused(seal(intent(), KIOSK, OTHER_KEY)) == "bad_seal"


@pytest.mark.parametrize(
    "address",
    [
        replace(KIOSK, commune="dong-ky"),
        replace(KIOSK, device="quay-2-pi"),
        replace(KIOSK, node="speaker"),
    ],
)
def test_a_document_for_one_node_is_void_on_every_other(address: Address) -> None:
    assert refused(SEALED, address) == "bad_seal"


def test_a_document_is_void_under_another_name() -> None:
    assert refused(SEALED, name="programme") == "bad_seal"


@pytest.mark.parametrize("changes", [{"device": "quay-2-pi"}, {"node": "speaker"}, {"name": "watch"}])
def test_a_document_that_names_another_inside_is_refused_though_sealed(changes: dict[str, str]) -> None:
    sealed = Sealed(document=encode(intent(**changes)), signature=b"0" * 64)
    topic = KIOSK.intent("serving").encode()
    signature = KEY.sign(b"commune intent v1\n" + topic + b"\n" + sealed.document)
    assert refused(encode(msgspec.structs.replace(sealed, signature=signature))) == "bad_seal"


@pytest.mark.parametrize("cut", range(0, len(SEALED), 7))
def test_a_truncated_document_is_refused(cut: int) -> None:
    assert refused(SEALED[:cut]) == "not_json"


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_has_64_bytes(length: int) -> None:
    document = decode(SEALED, Sealed).document
    assert refused(encode(Sealed(document=document, signature=b"0" * length))) == "wrong_shape"


def test_a_document_over_the_limit_is_refused_before_its_seal_is_looked_at() -> None:
    assert refused(SEALED + b" " * MAX_MESSAGE_BYTES) == "too_large"


def test_sealed_bytes_that_are_no_document_are_refused() -> None:
    topic = KIOSK.intent("serving").encode()
    signature = KEY.sign(b"commune intent v1\n" + topic + b"\n" + b"{}")
    assert refused(encode(Sealed(document=b"{}", signature=signature))) == "wrong_shape"


def test_a_sealed_document_of_an_unknown_name_opens_but_says_nothing() -> None:
    opened = unseal(seal(intent({}, "weather"), KIOSK, KEY), KIOSK, "weather", KEY.public_key())
    with pytest.raises(WireError, match="weather") as caught:
        read_intent_body(opened)
    assert caught.value.reason == "unknown_intent"


def test_a_document_of_a_wrong_shape_names_the_field() -> None:
    with pytest.raises(WireError, match=r"\$\.counter"):
        read_intent_body(intent({"counter": 1, "counter_name": "Quầy 1"}))
