"""A report in sentences, as an officer would write them: what the letter says before its tables. Pure."""

from __future__ import annotations

from commune_hub.figures.proportion import Proportion
from commune_hub.figures.summary import Group, Summary
from commune_hub.figures.words import REASONS
from commune_hub.reports.cells import count, minutes, points, share
from commune_hub.reports.content import Content
from commune_hub.reports.layout import SIPAS_LABEL

FEW = 30
"""Below so many presses a share is told with a warning."""

Section = tuple[str, list[str]]


def office_in_full(office: str) -> str:
    """Return an office's name as the head of a letter has it: `UBND xã X` → `ỦY BAN NHÂN DÂN XÃ X`."""
    return office.replace("UBND", "Ủy ban nhân dân").upper()


def findings(content: Content) -> list[Section]:
    """Return the headings of the letter, each with its sentences."""
    return [
        ("Kết quả chung", _overall(content)),
        ("Theo quầy và lĩnh vực", _by_group(content)),
        ("Việc chưa hài lòng và lượt không tính", _doubts(content)),
        ("Theo các bộ tiêu chí", _criteria(content)),
        ("Chất lượng số liệu", _quality(content)),
    ]


def _overall(content: Content) -> list[str]:
    total, before = content.total, content.year_before
    lines = [
        f"Trong kỳ, {count(total.issued).shown} lượt khách lấy số, {count(total.served).shown} lượt được "
        f"phục vụ, {count(total.presses).shown} lượt đánh giá được tính.",
        f"Tỷ lệ hài lòng ({SIPAS_LABEL}): {_with_interval(total.satisfied)}.",
        f"Tỷ lệ lượt phục vụ được đánh giá: {_with_interval(total.response)}.",
        _waits(total),
    ]
    if total.presses < FEW:
        lines.append(f"Mới có {total.presses} lượt đánh giá: chưa đủ để kết luận.")
    if before is None:
        lines.append("Chưa có số liệu cùng kỳ năm trước để so sánh.")
    else:
        lines.append(
            f"Cùng kỳ ({content.year_before_title}): hài lòng {share(before.satisfied.share).shown} trên "
            f"{count(before.presses).shown} lượt, chờ P90 {minutes(before.wait.p90_ms).shown} phút."
        )
    return lines


def _waits(total: Summary) -> str:
    wait = total.wait
    return (
        f"Thời gian chờ: một nửa số lượt không quá {minutes(wait.median_ms).shown} phút, "
        f"chín phần mười không quá {minutes(wait.p90_ms).shown} phút, "
        f"lâu nhất {minutes(wait.longest_ms).shown} phút."
    )


def _by_group(content: Content) -> list[str]:
    return [_group_line(group) for group in (*content.counters, *content.fields) if group.summary.presses]


def _group_line(group: Group) -> str:
    total = group.summary
    return (
        f"{group.name}: {count(total.served).shown} lượt phục vụ, hài lòng {_with_interval(total.satisfied)} "
        f"trên {count(total.presses).shown} lượt, chờ P90 {minutes(total.wait.p90_ms).shown} phút."
    )


def _doubts(content: Content) -> list[str]:
    low = [
        f"{REASONS.get(line.reason, line.reason)} {count(line.presses).shown} lượt"
        for line in content.reasons
    ]
    return [
        f"Lý do chưa hài lòng: {', '.join(low)}." if low else "Không có lượt chưa hài lòng.",
        f"{count(content.total.marked).shown} lượt bấm không được tính (bấm lặp, bấm khi quầy không phục vụ "
        "ai…), được giữ lại và kê ở phụ lục.",
    ]


def _criteria(content: Content) -> list[str]:
    return [
        f"{line.name}: {points(line.points).shown} trên {points(line.points_max).shown} điểm "
        f"({count(line.n).shown} lượt; {line.source}{'' if line.verified else ', chưa kiểm chứng'})."
        for line in content.criteria
    ]


def _quality(content: Content) -> list[str]:
    missing = sum(line.missing for line in content.devices)
    corrected = sum(line.clocks_corrected for line in content.devices)
    unprinted = sum(line.printer_failures for line in content.devices)
    return [
        f"{len(content.devices)} thiết bị; {count(missing).shown} sự việc bị mất, "
        f"{count(corrected).shown} sự việc được chỉnh lại giờ, "
        f"{count(unprinted).shown} lần không in được phiếu.",
    ]


def _with_interval(found: Proportion) -> str:
    if found.share is None:
        return "chưa có lượt nào"
    interval = f"{share(found.low).shown} đến {share(found.high).shown}"
    return f"{share(found.share).shown} (khoảng tin cậy 95 %: {interval})"
