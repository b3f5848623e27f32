"""Who calls what while the hub is away: every ticket is exactly one counter's, and all agree whose.

The hub shares out what it knows in the desk documents, and counters by themselves what they hear of kiosks
meanwhile; both go by this rule, so that no word between them is needed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence


def counter_of(ticket: str, counters: Iterable[str]) -> str | None:
    """Return which of `counters` calls `ticket`; None where there is none.

    The counter that scores highest with it (rendezvous hashing): when a counter comes or goes, only its own
    share changes hands, so that two documents of different age hardly ever give one ticket to two counters.
    """
    return max(
        counters, key=lambda counter: (zlib.crc32(f"{ticket} {counter}".encode()), counter), default=None
    )


def serving_field(field: str, counters: Iterable[str], serves: Mapping[str, Sequence[str]]) -> list[str]:
    """Return those of `counters` that serve `field`; one that `serves` does not name serves all."""
    return [each for each in counters if field in serves.get(each, (field,))]
