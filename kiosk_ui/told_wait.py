"""The waiting time that a citizen is told: a range, or nothing. Pure."""

from __future__ import annotations

from kiosk_ui.catalogue import Catalogue
from wire.intents import Field, Kiosk

Minutes = tuple[int, int]


def wait_of(kiosk: Kiosk, field: Field, now_ms: int, synced: bool) -> Minutes | None:
    """Return (low, high) for who takes a number now; None when the hub did not tell, or too long ago.

    `now_ms` is the wall time as the node believes, `synced` whether it is to be trusted.
    """
    if field.wait_low_min is None or field.wait_high_min is None:
        return None
    if kiosk.waits_until_ms is not None and not (synced and now_ms < kiosk.waits_until_ms):
        return None
    return field.wait_low_min, field.wait_high_min


def wait_text(texts: Catalogue, wait_min: Minutes | None) -> str:
    """Return the range in words; empty for None."""
    if wait_min is None:
        return ""
    low, high = wait_min
    return texts("ticket.wait", low=low, high=high) if low else texts("ticket.wait_short", high=high)
