"""What became of a sounding in plain Vietnamese: one symbol, one tone, what it means and what to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from commune_hub.proof.sheet import GOOD, Line, Mark
from speaker_node.hearing.listening import DEAF, FAULTS, SILENT


@dataclass(frozen=True)
class Look:
    """How a mark is shown: a symbol and a tone (of console.parts.TONES) say the same."""

    symbol: str
    tone: str
    words: str


LOOKS = {
    Mark.HEARD: Look("✓", "good", "Đã phát, nghe rõ"),
    Mark.UNPROVEN: Look("●", "calm", "Đã phát đủ, không có micrô kiểm tra"),
    Mark.WEAK: Look("◐", "wait", "Nghe được nhưng yếu hoặc vỡ tiếng"),
    Mark.PARTLY: Look("◔", "wait", "Phát bị hụt tiếng"),
    Mark.UNCLEAR: Look("≈", "wait", "Có tiếng khác, không nhận ra bản tin"),
    Mark.BROKEN_OFF: Look("◧", "bad", "Phát dở rồi ngừng"),
    Mark.SILENT: Look("✗", "bad", "Đã phát mà loa không kêu"),
    Mark.REFUSED: Look("⊘", "bad", "Không phát"),
    Mark.UNTOLD: Look("?", "bad", "Chưa có tin từ cụm loa"),
    Mark.SOUNDING: Look("▶", "calm", "Đang phát"),
    Mark.COMING: Look("·", "plain", "Chưa đến giờ"),
}

REASONS = {
    "not_approved": "bản tin chưa được phê duyệt",
    "quiet_hours": "đang trong giờ yên tĩnh",
    "too_late": "đã quá giờ phát",
    "clock_unsure": "cụm loa chưa biết giờ chính xác",
    "unspeakable": "nội dung không đọc được thành tiếng",
    "no_sound_card": "cụm loa không dùng được bộ phát tiếng",
    "withdrawn": "bản tin đã được thu hồi",
    "no_stream": "không nhận được luồng tiếp âm, hoặc không ai nói trực tiếp",
    "stopped": "loa bị dừng bằng nút ở cột",
    "cut": "bị bản tin khẩn hơn ngắt",
    "interrupted": "bị ngắt giữa chừng (mất điện hoặc khởi động lại)",
}
"""Why a loudspeaker did not sound a bulletin (speaker_node.planner.Reason)."""

ADVICE = {
    "quiet_hours": "hãy chọn giờ ngoài giờ yên tĩnh của cụm loa, hoặc đổi cài đặt của nó",
    "too_late": "hãy xem cụm loa có mất điện hoặc mất mạng vào giờ đó",
    "clock_unsure": "hãy xem cụm loa có ra được mạng để lấy giờ",
    "unspeakable": "hãy nghe thử và sửa lại nội dung",
    "no_sound_card": "hãy xem card âm thanh và dây cắm",
    "no_stream": "hãy xem địa chỉ tiếp âm và đường mạng",
    "interrupted": "hãy xem nguồn điện của cụm loa",
}
"""What to do, by reason; nothing for what somebody wanted so."""

HEARD_WORDS = {True: "có", False: "không", None: "không rõ"}
UNTOLD_ADVICE = "Hãy xem cụm loa có điện và có mạng; khi nối lại được, tin sẽ tự về"


def outcome_text(line: Line) -> str:
    """Return what became of it, with the reason where there is one."""
    words = LOOKS[line.mark].words
    reason = REASONS.get(line.reason, line.reason)
    return f"{words}: {reason}" if reason else words


def advice_text(line: Line) -> str:
    """Return what seems broken and what to do about it; empty: nothing."""
    return advice_of(line.verdict, line.fault) or _advice_for(line)


def advice_of(verdict: str, fault: str) -> str:
    """Return what listening says to look at, as in wire.facts.PlaybackFinished; empty: nothing."""
    known = {each.value: words for each, words in FAULTS.items()}
    return known.get(fault) or {"silent": SILENT, "deaf": DEAF}.get(verdict, "")


def _advice_for(line: Line) -> str:
    if line.mark is Mark.UNTOLD:
        return UNTOLD_ADVICE
    if line.mark is Mark.PARTLY:
        return "Hãy xem đường mạng của luồng tiếp âm, thẻ nhớ và tải của thiết bị"
    advice = "" if line.mark in GOOD else ADVICE.get(line.reason, "")
    return advice[:1].upper() + advice[1:]


def late_text(late_ms: int | None) -> str:
    """Return how late it began, e.g. `+12 ms`, `trễ 2,5 s`; a dash where that is not known."""
    if late_ms is None:
        return "–"
    if abs(late_ms) < 1_000:
        return f"{late_ms:+d} ms"
    return f"{'trễ' if late_ms > 0 else 'sớm'} {abs(late_ms) / 1_000:.1f} s".replace(".", ",")


def level_text(level_dbfs: float | None) -> str:
    """Return how loud it was heard, e.g. `−31,5 dB`; a dash where nobody listened."""
    return "–" if level_dbfs is None else f"{level_dbfs:.1f} dB".replace(".", ",").replace("-", "−")
