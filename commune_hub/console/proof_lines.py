"""What became of a sounding at a loudspeaker, as a line of a page."""

from __future__ import annotations

from collections.abc import Sequence

from commune_hub.console.moments import length_text, moment_text, share_text
from commune_hub.console.parts import badge, row, text
from commune_hub.proof.month import RUNNING
from commune_hub.proof.sheet import Line, Mark
from commune_hub.proof.words import HEARD_WORDS, LOOKS, advice_text, late_text, level_text, outcome_text
from commune_hub.times import now_ms


def draw_line(line: Line, *, whole: bool = False, titled: bool = False) -> None:
    """Draw it: mark, loudspeaker, when; with `whole` all figures, too; `titled` among other bulletins."""
    look = LOOKS[line.mark]
    with row("row-line"):
        badge(f"{look.symbol} {look.words}", look.tone)
        if titled:
            text(f"“{line.asked.title}”", "strong")
        text(f"Cụm loa {line.asked.device}", "" if titled else "strong")
        text(moment_text(line.asked.due_at_ms, now_ms()), "muted")
        text(figures_text(line) if whole else reason_text(line), "muted grow")
    advice = advice_text(line)
    if advice:
        text(advice, "problem")


def reason_text(line: Line) -> str:
    """Return why, for one that did not sound; how long it was, for one that did."""
    if line.reason:
        return outcome_text(line).partition(": ")[2]
    return "" if line.duration_ms is None else f"dài {length_text(line.duration_ms)}"


def figures_text(line: Line) -> str:
    """Return all that is known of it in one sentence."""
    parts = [reason_text(line)]
    if line.late_ms is not None:
        parts.append(f"bắt đầu {late_text(line.late_ms)}")
    if line.completeness is not None:
        parts.append(f"đầy đủ {share_text(line.completeness)}")
    if line.level_dbfs is not None:
        parts.append(f"mức nghe được {level_text(line.level_dbfs)}")
    if line.mark not in RUNNING and line.mark is not Mark.REFUSED:
        sure = f" (chắc {line.sure * 100:.0f} %)" if line.sure is not None else ""
        parts.append(f"nghe thấy: {HEARD_WORDS[line.heard]}{sure}")
    if line.cuts:
        parts.append(f"bị ngắt {line.cuts} lần")
    if line.underruns:
        parts.append(f"hụt bộ đệm {line.underruns} lần")
    return " · ".join(part for part in parts if part)


def summary_text(lines: Sequence[Line]) -> str:
    """Return how many of those that are over sounded to the end, how many were heard, how many were not."""
    over = [each for each in lines if each.mark not in RUNNING]
    if not over:
        return "Chưa có lần phát nào xong"
    stopped = (Mark.REFUSED, Mark.BROKEN_OFF, Mark.UNTOLD)
    played = sum(each.mark not in stopped for each in over)
    heard = sum(each.heard is True for each in over)
    silent = sum(each.mark is Mark.SILENT for each in over)
    words = f"Phát xong {played}/{len(over)} lần, nghe thấy {heard}"
    return f"{words}, loa không kêu {silent}" if silent else words
