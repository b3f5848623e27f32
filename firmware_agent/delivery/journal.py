"""SQLite's journal (the -wal file) by hand: mend the one bit in it that a bad card has flipped.

SQLite ends a journal at the first frame whose checksum is wrong and says nothing: all that was committed
behind it would be gone, facts that a citizen was thanked for among them. But the checksum is a sum: from the
difference follows which bits could make it right again. One: it is flipped back. Several (a high bit of a
word counts alike in many places): the page stays as it is and the sums are made to fit, so that the bit is
one in the file, with which firmware_agent.delivery.salvage deals. None: the frame is the torn end of a power
cut, and SQLite is right to stop there. Layout: sqlite.org, Database File Format, 4.1 and 4.2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from firmware_agent.delivery.outbox_schema import PAGE_BYTES

HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES
_MAGIC = 0x377F0682
"""The last bit says in which order the checksum takes bytes: 1 for big-endian."""
_VERSION = 3_007_000
_WORD = 0xFFFFFFFF

Sums = tuple[int, int]


class Frame(NamedTuple):
    """One page as a commit wrote it."""

    page: int
    """Counted from 1."""
    pages: int
    """How many the file has after the commit that this frame ends; 0: the commit goes on."""
    content: bytes


def mended(journal: bytes) -> bytes | None:
    """Return the journal without the bit that was flipped; None: none was, or it is more than one bit."""
    head = journal[:HEADER_BYTES]
    if len(journal) < HEADER_BYTES + FRAME_BYTES:
        return None
    if not _is_sound(head):
        heads = (_with(head, bit) for bit in range(HEADER_BYTES * 8))
        return next((each + journal[HEADER_BYTES:] for each in heads if _leads(each, journal)), None)
    at, _ = _walk(journal)
    if len(journal) < at + FRAME_BYTES:
        return None
    before = _stored(journal, at - FRAME_BYTES + 16) if at > HEADER_BYTES else _stored(head, 24)
    return _mended_frame(journal, at, before)


def _leads(head: bytes, journal: bytes) -> bool:
    """Tell whether the first frame follows from this header."""
    frame = journal[HEADER_BYTES : HEADER_BYTES + FRAME_BYTES]
    if not _is_sound(head) or frame[8:16] != head[16:24]:
        return False
    return _summed(_covered(frame), _stored(head, 24), _order(head)) == _stored(frame, 16)


def committed(journal: bytes) -> list[Frame]:
    """Return the frames of a sound journal, up to the last that ends a commit."""
    if len(journal) < HEADER_BYTES or not _is_sound(journal[:HEADER_BYTES]):
        return []
    _, frames = _walk(journal)
    while frames and not frames[-1].pages:
        frames.pop()
    return frames


def _is_sound(head: bytes) -> bool:
    magic, version, page_bytes = struct.unpack_from(">III", head)
    if (magic & ~1, version, page_bytes) != (_MAGIC, _VERSION, PAGE_BYTES):
        return False
    return _summed(head[:24], (0, 0), _order(head)) == _stored(head, 24)


def _walk(journal: bytes) -> tuple[int, list[Frame]]:
    """Return where the first frame begins that is not sound, and the frames before it."""
    order, salt, sums = _order(journal), journal[16:24], _stored(journal, 24)
    frames: list[Frame] = []
    at = HEADER_BYTES
    for at in range(HEADER_BYTES, len(journal) + 1, FRAME_BYTES):
        frame = journal[at : at + FRAME_BYTES]
        if len(frame) < FRAME_BYTES or frame[8:16] != salt:
            break
        sums = _summed(_covered(frame), sums, order)
        if sums != _stored(frame, 16):
            break
        page, pages = struct.unpack_from(">II", frame)
        frames.append(Frame(page, pages, frame[FRAME_HEADER_BYTES:]))
    return at, frames


def _mended_frame(journal: bytes, at: int, before: Sums) -> bytes | None:
    frame, salt, order = journal[at : at + FRAME_BYTES], journal[16:24], _order(journal)
    sums, stored = _summed(_covered(frame), before, order), _stored(frame, 16)
    if frame[8:16] != salt:  # flipped, or what is left of an earlier round of the journal
        is_flip = sums == stored and _is_one_bit(frame[8:16], salt)
        return journal[: at + 8] + salt + journal[at + 16 :] if is_flip else None
    bits = list(_bits_that_mend(frame, sums, stored, order))
    in_sums = _is_one_bit(frame[16:24], struct.pack(">II", *sums))
    if len(bits) == 1 and not in_sums:
        return _with(journal, at * 8 + bits[0])
    if not bits and not in_sums:
        return None
    for bit in bits:
        if bit < 64 and _is_likelier(journal, at, bit):
            return _with(journal, at * 8 + bit)
    return _resealed(journal, at, before)


def _is_likelier(journal: bytes, at: int, bit: int) -> bool:
    """Tell whether the number of the page, or of all pages, is more likely the one with this bit flipped."""
    here, there = _fields(journal, at), _fields(_with(journal, at * 8 + bit), at)
    others = [each for each in range(HEADER_BYTES, len(journal), FRAME_BYTES) if each != at]
    if here[1] != there[1]:
        known = {0} | {_fields(journal, each)[1] for each in others}
        return there[1] in known and here[1] not in known
    content = journal[at + FRAME_HEADER_BYTES : at + FRAME_BYTES]
    alike = {here[0]: 0, there[0]: 0}
    for other in others:
        page, _ = _fields(journal, other)
        if page in alike:
            version = journal[other + FRAME_HEADER_BYTES : other + FRAME_BYTES]
            same = sum(a == b for a, b in zip(content, version, strict=False))
            alike[page] = max(alike[page], same)
    return alike[there[0]] > alike[here[0]]


def _resealed(journal: bytes, at: int, before: Sums) -> bytes:
    """Return the journal with sums that follow from what is there, as far as the old ones held together."""
    order, made, new = _order(journal), bytearray(journal), before
    old: set[Sums] = {before}
    for start in range(at, len(journal) - FRAME_BYTES + 1, FRAME_BYTES):
        frame = journal[start : start + FRAME_BYTES]
        stored, follows = _stored(frame, 16), {_summed(_covered(frame), each, order) for each in old}
        if start > at and stored not in follows:
            break
        new = _summed(_covered(frame), new, order)
        struct.pack_into(">II", made, start + 16, *new)
        old = {stored} | (follows if start == at else set())
    return bytes(made)


def _bits_that_mend(frame: bytes, sums: Sums, stored: Sums, order: str) -> Iterator[int]:
    wanted = (stored[0] - sums[0]) & _WORD, (stored[1] - sums[1]) & _WORD
    other = -wanted[0] & _WORD, -wanted[1] & _WORD
    words = struct.unpack(f"{order}{(FRAME_BYTES - 16) // 4}I", _covered(frame))
    for number, by_one in _effects(len(words)):
        for bit in range(32):
            effect = (by_one[0] << bit) & _WORD, (by_one[1] << bit) & _WORD
            if effect == (other if words[number] >> bit & 1 else wanted):
                byte = number * 4 + (bit // 8 if order == "<" else 3 - bit // 8)
                yield (byte if byte < 8 else byte + 16) * 8 + bit % 8


def _effects(words: int) -> Iterator[tuple[int, Sums]]:
    """Yield, for each word from the last, by how much the sums grow if it grows by one."""
    even, odd = (1, 1), (0, 1)
    for number in range(words - 2, -1, -2):
        yield number, even
        yield number + 1, odd
        even, odd = _pushed(even), _pushed(odd)


def _pushed(sums: Sums) -> Sums:
    """Return the sums after two more words that are zero."""
    first = (sums[0] + sums[1]) & _WORD
    return first, (sums[1] + first) & _WORD


def _summed(content: bytes, sums: Sums, order: str) -> Sums:
    first, second = sums
    for even, odd in struct.iter_unpack(f"{order}II", content):
        first = (first + even + second) & _WORD
        second = (second + odd + first) & _WORD
    return first, second


def _is_one_bit(found: bytes, right: bytes) -> bool:
    return (int.from_bytes(found, "big") ^ int.from_bytes(right, "big")).bit_count() == 1


def _fields(journal: bytes, at: int) -> tuple[int, int]:
    page, pages = struct.unpack_from(">II", journal, at)
    return page, pages


def _covered(frame: bytes) -> bytes:
    return frame[:8] + frame[FRAME_HEADER_BYTES:]


def _order(head: bytes) -> str:
    return ">" if head[3] & 1 else "<"


def _stored(content: bytes, at: int) -> Sums:
    first, second = struct.unpack_from(">II", content, at)
    return first, second


def _with(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
