"""Encode and decode every message, within a size limit, with errors that name the field."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

MAX_MESSAGE_BYTES = 256 * 1024
"""Largest payload that any part accepts; the broker is configured to the same figure."""

MAX_BATCH_BYTES = 96 * 1024
"""Largest batch of facts that a node makes: far below the limit, since a payload over the broker's
limit is sent again after each reconnect, for ever, and holds up all that is behind it."""

MAX_FACT_BYTES = 16 * 1024
"""Largest body of one fact, so that every fact fits into a batch."""

T = TypeVar("T")


class WireError(ValueError):
    """A message that is refused. `reason` is a short code to count by, the text says what to do."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def encode(message: Any) -> bytes:
    """Return `message` (a msgspec struct) as JSON."""
    return msgspec.json.encode(message)


def decode(payload: bytes, kind: type[T], limit_bytes: int = MAX_MESSAGE_BYTES) -> T:
    """Read `payload` as `kind`.

    Raises WireError with reason `too_large`, `not_json` or `wrong_shape`; the text of the last names the
    path of the field, what was expected and what was found.
    """
    if len(payload) > limit_bytes:
        raise WireError("too_large", f"{len(payload)} bytes, at most {limit_bytes} are allowed")
    try:
        # The whole of it, since msgspec does not look into parts that are skipped or kept raw.
        payload.decode("utf-8")
        return msgspec.json.decode(payload, type=kind)
    except msgspec.ValidationError as error:
        raise WireError("wrong_shape", f"{kind.__name__}: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError("not_json", f"{kind.__name__}: {error}") from None
