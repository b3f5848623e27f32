"""What somebody wrote for the notice board, checked: every field that is wrong is named at once. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from commune_hub.errors import InvalidError
from firmware_agent.lines import shows, unshown_in, without_marks

KINDS = {
    "text": "Văn bản",
    "slogan": "Khẩu hiệu",
    "fees": "Thủ tục, lệ phí",
    "phones": "Số điện thoại",
    "calendar": "Lịch tiếp công dân",
    "picture": "Hình ảnh",
    "reminder": "Nhắc cán bộ",
}
"""How a notice is laid out (kiosk_ui.notice_view), and its name on the screen."""

TITLE_MAX = 120
LINE_MAX = 160
LINES_MAX = 12
BEYOND_MS = 20 * 366 * 86_400_000
"""No notice is dated further away than this: a mistyped year."""


@dataclass(frozen=True)
class Draft:
    """What a writer hands in."""

    title: str
    lines: tuple[str, ...] = ()
    kind: str = "text"
    picture: str = ""
    from_ms: int | None = None
    until_ms: int | None = None


def checked_draft(draft: Draft, now_ms: int, has_picture: Callable[[str], bool]) -> Draft:
    """Return the draft as it will stand on the screen; raises InvalidError that names each wrong field."""
    seen = replace(
        draft,
        title=_seen(draft.title),
        lines=tuple(line for line in map(_seen, draft.lines) if line),
    )
    mistakes = [
        *_text_mistakes(draft, seen),
        *_layout_mistakes(seen, has_picture),
        *_time_mistakes(seen, now_ms),
    ]
    if mistakes:
        raise InvalidError("; ".join(mistakes))
    return seen


def _seen(text: str) -> str:
    """A line as it will stand on the screen; one that shows nothing is empty."""
    line = without_marks(text).strip()
    return line if shows(line) else ""


def _text_mistakes(draft: Draft, seen: Draft) -> list[str]:
    mistakes = []
    if not 1 <= len(seen.title) <= TITLE_MAX:
        found = "đang trống (is empty)" if not seen.title else f"{len(seen.title)} chữ (characters)"
        mistakes.append(f"title (tiêu đề): {found}; cần 1–{TITLE_MAX} (1 to {TITLE_MAX} are allowed)")
    if len(seen.lines) > LINES_MAX:
        mistakes.append(
            f"lines (nội dung): {len(seen.lines)} dòng, tối đa {LINES_MAX} (at most {LINES_MAX} lines)"
        )
    for number, line in enumerate(seen.lines, 1):
        if len(line) > LINE_MAX:
            mistakes.append(
                f"lines (nội dung): dòng {number} dài {len(line)} chữ, tối đa {LINE_MAX} "
                f"(line {number} is too long)"
            )
            break
    for name, told, texts in (("title", "tiêu đề", [draft.title]), ("lines", "nội dung", draft.lines)):
        found = next(filter(None, map(unshown_in, texts)), "")
        if found:
            mistakes.append(
                f"{name} ({told}): có ký tự điều khiển {found}, hãy xóa (control characters are not allowed)"
            )
    return mistakes


def _layout_mistakes(draft: Draft, has_picture: Callable[[str], bool]) -> list[str]:
    mistakes = []
    if draft.kind not in KINDS:
        mistakes.append(f"kind (kiểu): một trong (one of): {', '.join(KINDS)}")
    if draft.picture and not has_picture(draft.picture):
        mistakes.append("picture (ảnh): chưa có ảnh này, hãy tải lên trước (upload it first)")
    if draft.kind == "picture" and not draft.picture:
        mistakes.append("picture (ảnh): hãy chọn một ảnh (choose a picture)")
    if draft.kind not in ("slogan", "picture") and not draft.lines and not draft.picture:
        mistakes.append("lines (nội dung): đang trống (is empty)")
    return mistakes


def _time_mistakes(draft: Draft, now_ms: int) -> list[str]:
    mistakes = []
    for name, told, at_ms in (("from", "từ", draft.from_ms), ("until", "đến", draft.until_ms)):
        if at_ms is not None and abs(at_ms - now_ms) > BEYOND_MS:
            mistakes.append(f"{name} ({told}): ngày không hợp lý (a date too far away)")
    if draft.until_ms is not None and draft.until_ms <= max(draft.from_ms or 0, now_ms):
        mistakes.append("until (đến): phải ở sau lúc này và sau from (must be after now and after from)")
    return mistakes
