"""What the queue says to officers, in plain words. Pure: the present is an argument."""

from __future__ import annotations

from collections.abc import Mapping

from commune_hub.capabilities.queue import Rules, Standing, Ticket
from commune_hub.console.moments import clock_text, span_text

PARK_REASONS = ("Thiếu giấy tờ", "Thiếu chữ ký, dấu", "Chờ bản sao, ảnh", "Cần hỏi nơi khác")
"""What a visit is most often parked for; an officer may write something else."""


def why_text(standing: Standing, lanes: Mapping[str, str], rules: Rules, now_ms: int) -> str:
    """Say why somebody stands where he stands, e.g. `Ông/bà chờ 42 phút, lâu nhất`."""
    ticket = standing.ticket
    waited = f"Ông/bà chờ {span_text(now_ms - ticket.issued_at_ms)}"
    lane = lanes.get(ticket.lane, ticket.lane)
    match standing.why:
        case "priority":
            return f"Ưu tiên ({lane}), chờ {span_text(now_ms - ticket.issued_at_ms)}"
        case "ratio":
            return f"{waited}; cứ {rules.ratio} số ưu tiên thì mời 1 số thường"
        case "passed_over":
            return f"{waited}; đã nhường đủ người đến sau"
        case "returned":
            return f"{waited}; đã quay lại, được vào gần đầu"
        case "longest":
            return f"{waited}, lâu nhất trong những người còn lại"
    return waited


def about_text(ticket: Ticket, fields: Mapping[str, str], now_ms: int) -> str:
    """Say what is known of the visit that is on: its field, since when, how often it was called out."""
    parts = [fields.get(ticket.field, ticket.field) or "không rõ lĩnh vực"]
    if ticket.called_at_ms is not None:
        lasts = span_text(now_ms - ticket.called_at_ms)
        parts.append(f"gọi lúc {clock_text(ticket.called_at_ms)}, đã {lasts}")
    if ticket.recalls:
        parts.append(f"đã gọi lại {ticket.recalls} lần")
    if ticket.by == "keys":
        parts.append("quầy tự gọi khi mất liên lạc với hub")
    return " · ".join(parts)


def aside_text(ticket: Ticket, now_ms: int) -> str:
    """Say why somebody was put aside, and how long ago."""
    since = span_text(now_ms - ticket.since_ms)
    if ticket.state == "parked":
        return f"{ticket.reason or 'Tạm gác'}, từ {since} trước"
    return f"Gọi không có mặt, từ {since} trước"


def clash_text(ticket: Ticket, counters: Mapping[str, str]) -> str:
    """Say which two counters called one number while they were cut off from each other."""
    kept = counters.get(ticket.counter or "", ticket.counter or "")
    other = counters.get(ticket.clash_counter or "", ticket.clash_counter or "")
    return f"{kept} gọi trước, {other} cũng gọi khi mất liên lạc; giữ lượt của {kept}"
