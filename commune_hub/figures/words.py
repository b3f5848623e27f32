"""Marks and reasons, as people read them."""

from __future__ import annotations

MARKS = {
    "repeat": "bấm lặp",
    "burst": "bấm dồn dập",
    "all-faces": "bấm mọi mặt",
    "nobody-served": "quầy không phục vụ ai",
    "corrected": "đã chọn lại",
    "unknown-scale": "thang đo không biết",
    "": "không rõ",
}
"""Why a press was left out of the count."""

REASONS = {
    "waiting": "chờ lâu",
    "procedure": "thủ tục rườm rà",
    "attitude": "thái độ",
    "facilities": "nơi chờ, trang thiết bị",
    "other": "lý do khác",
    "": "không nêu lý do",
}
"""Why a low press was low."""
