"""Find the facts in a page of an outbox by their own looks, whatever the page says of itself.

SQLite refuses a page of which one bit of its head is wrong, with all the facts in it. But a fact is JSON that
begins alike, its lengths stand before it, and its two checksums behind it. By them it is known again, even a
piece of rubbish that looks like one is not taken for a fact. Layout: sqlite.org, Database File Format, 2.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from firmware_agent.delivery.outbox_schema import PAGE_BYTES

Found = tuple[bytes, int]
"""A fact as it was written, and its `place`."""

_BEGINS = re.compile(rb'\{"kind":"')
_INTEGER_BYTES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 8: 0, 9: 0}
"""SQLite's types of integers; 8 and 9 are the numbers 0 and 1."""
_HEAD_BYTES = (5, 6, 7)
"""Of the head of a record of `facts`: its own length, a null for the number, 1 to 3 bytes for the length of
the fact, the types of the two checksums."""
_LOCAL_MAX = PAGE_BYTES - 35
_LOCAL_MIN = (PAGE_BYTES - 12) * 32 // 255 - 23


def facts_in(page: bytes, page_at: Callable[[int], bytes]) -> Iterator[Found]:
    """Yield what may be facts in `page`; `page_at` returns a page by its number, for what is longer."""
    for begins in _BEGINS.finditer(page):
        at = begins.start()
        for head_bytes in _HEAD_BYTES:
            head = page[max(0, at - head_bytes) : at]
            if len(head) == head_bytes and head[0] == head_bytes and head[1] == 0:
                found = _record(page, at, head, page_at)
                if found is not None:
                    yield found


def _record(page: bytes, at: int, head: bytes, page_at: Callable[[int], bytes]) -> Found | None:
    length = (_varint(head[2:-2]) - 12) // 2
    crc_bytes, place_bytes = (_INTEGER_BYTES.get(each, -1) for each in head[-2:])
    if length <= 0 or min(crc_bytes, place_bytes) < 0:
        return None
    size = length + crc_bytes + place_bytes
    content = _content(page, at, len(head), size, page_at)
    if len(content) < size or place_bytes == 0:
        return None
    place = int.from_bytes(content[size - place_bytes : size], "big", signed=True)
    return content[:length], place


def _content(page: bytes, at: int, head_bytes: int, size: int, page_at: Callable[[int], bytes]) -> bytes:
    """Return the content of a record, the pages behind it followed where it is longer than one holds."""
    local = _local(head_bytes + size) - head_bytes
    content = page[at : at + local]
    following = page[at + local : at + local + 4] if local < size else b""
    while len(content) < size and len(following) == 4 and any(following):
        more = page_at(int.from_bytes(following, "big"))
        content, following = content + more[4:], more[:4]
    return content


def _local(payload: int) -> int:
    """Return how much of a record lies in the page of its table itself."""
    if payload <= _LOCAL_MAX:
        return payload
    local = _LOCAL_MIN + (payload - _LOCAL_MIN) % (PAGE_BYTES - 4)
    return local if local <= _LOCAL_MAX else _LOCAL_MIN


def _varint(content: bytes) -> int:
    value = 0
    for byte in content:
        value = value << 7 | byte & 0x7F
    return value
