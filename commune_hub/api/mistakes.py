"""What is wrong with a request, in words: every mistake of it at once, each with its field. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request

from firmware_agent.mistakes import mistake

TOLD_MAX = 20
"""How many mistakes an answer names; a list may hold thousands."""

MISTAKE_MAX = 400
"""Longest line of an answer, in characters."""

BODY = "nội dung (body)"

UNREADABLE = (
    f"{BODY}: không đọc được; cần JSON viết bằng UTF-8, số không quá dài, không lồng quá sâu "
    "(cannot be read: JSON in UTF-8 is needed, without endless numbers or nesting)"
)


def in_words(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return what pydantic and FastAPI found wrong with a request, a line for each mistake."""
    told = [_line(each)[:MISTAKE_MAX] for each in errors[:TOLD_MAX]]
    head = f"{len(errors)} chỗ sai, hãy sửa rồi gửi lại (mistakes, mend them and send again):"
    more = len(errors) - len(told)
    return "\n".join([head, *told, *([f"… và {more} chỗ nữa (and {more} more)"] if more else [])])


def nothing_at(request: Request) -> str:
    """Say that the API has no such address, or does not do this there."""
    return (
        f"{request.method} {request.url.path[:200]}: API không có địa chỉ này; xem /api "
        "(no such address or method)"
    )


def _line(error: Mapping[str, Any]) -> str:
    where, *place = error["loc"]
    if error["type"] == "json_invalid":
        return f"{BODY}: không phải JSON, hỏng ở ký tự thứ {place[-1] + 1} (not JSON from this character on)"
    if not place and error["type"] == "missing":
        return f"{BODY}: thiếu; hãy gửi JSON {{ … }} (missing, JSON is needed)"
    if not place and isinstance(error["input"], bytes):
        return f"{BODY}: hãy gửi JSON, với content-type: application/json (JSON is needed, and named so)"
    return mistake(error, place, BODY if where == "body" else str(where))
