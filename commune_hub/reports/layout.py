"""A report as tables with Vietnamese headings. Pure: what a file or a page shows, not how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from commune_hub.figures.officers import PRESSES_MIN
from commune_hub.figures.rows import MOOD_NAMES
from commune_hub.figures.summary import Group, Summary
from commune_hub.figures.words import MARKS, REASONS
from commune_hub.reports.cells import Cell, Chart, Table, count, minutes, points, share, words
from commune_hub.reports.content import Content, Late
from commune_hub.reports.service import Issue
from commune_hub.times import local_time

SIPAS_LABEL = "tính theo cách của SIPAS"
WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
OPENS, CLOSES = 7, 17
"""Hours that the heat map always shows; a press outside widens it."""

GROUP_HEADS = (
    "Số cấp",
    "Đã phục vụ",
    "Lượt đánh giá",
    "Hài lòng",
    "Thấp nhất (95 %)",
    "Cao nhất (95 %)",
    "Tỷ lệ đánh giá",
    "Chờ trung vị (phút)",
    "Chờ P90 (phút)",
    "Không tính",
)


def tables_of(issue: Issue) -> list[Table]:
    """Return the tables of a report, in the order of its files."""
    content = issue.content
    return [
        total_table(content),
        groups_table("Theo quầy", "Quầy", content.counters),
        groups_table("Theo lĩnh vực", "Lĩnh vực", content.fields),
        officers_table(content),
        trend_table(content),
        heat_table(content),
        criteria_table(content),
        levels_table(content),
        doubts_table(content),
        devices_table(content),
        late_table(issue),
    ]


def status_lines(issue: Issue) -> list[str]:
    """Return what must be known of the report's standing: provisional, open, or closed under which hash."""
    content, closed = issue.content, issue.closed
    until = f"{local_time(content.data_until_ms - 1):%H:%M %d/%m/%Y}"
    lines = [f"Số liệu từ {_day(content.first_day)} đến {until}."]
    if closed is None:
        state = (
            "kỳ chưa hết, số liệu tạm tính" if content.provisional else "chưa chốt, số liệu còn có thể đổi"
        )
        return [*lines, f"Trạng thái: {state}."]
    lines.append(
        f"Đã chốt lúc {local_time(closed.closed_at_ms):%H:%M %d/%m/%Y} bởi {closed.closed_by}, "
        f"bản số {closed.edition}."
    )
    lines.append(f"SHA-256: {closed.sha256}")
    lines.append(f"Niêm phong (Ed25519): {closed.seal.hex()}")
    return lines


def total_table(content: Content) -> Table:
    """The whole office, with the same period of the year before beside it."""
    now, before = _total(content.total), _total(content.year_before) if content.year_before else None
    blank = Cell(None)
    rows = [
        (words(name), cell, before[place][1] if before else blank) for place, (name, cell) in enumerate(now)
    ]
    note = "" if before else f"Không có số liệu của {content.year_before_title or 'cùng kỳ năm trước'}."
    return Table(
        "Tổng hợp",
        "Kết quả chung",
        ("Chỉ số", content.title, content.year_before_title or "Cùng kỳ năm trước"),
        rows,
        tuple(
            each
            for each in (note, f"Tỷ lệ hài lòng {SIPAS_LABEL}; lượt bấm nút không phải phiếu SIPAS.")
            if each
        ),
        widths=(3, 2, 2),
    )


def _total(summary: Summary) -> list[tuple[str, Cell]]:
    moods = zip(MOOD_NAMES.values(), summary.moods, strict=True)
    return [
        ("Số đã cấp", count(summary.issued)),
        ("Lượt đã phục vụ", count(summary.served)),
        ("Lượt đánh giá được tính", count(summary.presses)),
        *((f"– {name}", count(presses)) for name, presses in moods),
        (f"Tỷ lệ hài lòng ({SIPAS_LABEL})", share(summary.satisfied.share)),
        ("– khoảng tin cậy 95 %, thấp nhất", share(summary.satisfied.low)),
        ("– khoảng tin cậy 95 %, cao nhất", share(summary.satisfied.high)),
        ("Tỷ lệ đánh giá (lượt được đánh giá ÷ lượt đã phục vụ)", share(summary.response.share)),
        ("– khoảng tin cậy 95 %, thấp nhất", share(summary.response.low)),
        ("– khoảng tin cậy 95 %, cao nhất", share(summary.response.high)),
        ("Lượt đánh giá không gắn với lượt phục vụ", count(summary.untied)),
        ("Lượt bấm không tính", count(summary.marked)),
        ("Thời gian chờ trung vị (phút)", minutes(summary.wait.median_ms)),
        ("Thời gian chờ P90 (phút)", minutes(summary.wait.p90_ms)),
        ("Thời gian chờ lâu nhất (phút)", minutes(summary.wait.longest_ms)),
        ("Thời gian phục vụ trung vị (phút)", minutes(summary.service.median_ms)),
        ("Thời gian phục vụ P90 (phút)", minutes(summary.service.p90_ms)),
    ]


def groups_table(sheet: str, head: str, groups: Sequence[Group]) -> Table:
    """Counters or fields, one a row."""
    return Table(
        sheet,
        sheet,
        (head, *GROUP_HEADS),
        [(words(group.name), *_group_cells(group.summary)) for group in groups],
        ("Ít lượt đánh giá thì khoảng 95 % rộng: đừng so sánh hai số mà hai khoảng còn chồng lên nhau.",),
        Chart("bars", f"Tỷ lệ hài lòng {sheet.lower()}", (4,)),
    )


def _group_cells(summary: Summary) -> tuple[Cell, ...]:
    return (
        count(summary.issued),
        count(summary.served),
        count(summary.presses),
        share(summary.satisfied.share),
        share(summary.satisfied.low),
        share(summary.satisfied.high),
        share(summary.response.share),
        minutes(summary.wait.median_ms),
        minutes(summary.wait.p90_ms),
        count(summary.marked),
    )


def officers_table(content: Content) -> Table:
    """Officers' totals, as far as they may be shown."""
    hidden = content.officers.hidden
    note = f"Không hiện tổng số của ai có dưới {PRESSES_MIN} lượt"
    note += f"; ở đây {hidden} người không được hiện." if hidden else "."
    if content.provisional:
        note += " Tính đến hết ngày hôm trước."
    return Table(
        "Cán bộ",
        "Tổng số theo cán bộ",
        ("Cán bộ", "Lượt đánh giá", "Hài lòng", "Tỷ lệ", "Thấp nhất (95 %)", "Cao nhất (95 %)"),
        [
            (
                words(line.name),
                count(line.satisfied.whole),
                count(line.satisfied.part),
                share(line.satisfied.share),
                share(line.satisfied.low),
                share(line.satisfied.high),
            )
            for line in content.officers.shown
        ],
        (note,),
    )


def trend_table(content: Content) -> Table:
    """Day by day, or week by week."""
    return Table(
        "Diễn biến",
        "Diễn biến theo tuần" if content.trend_days > 1 else "Diễn biến theo ngày",
        ("Từ ngày", "Số đã cấp", "Lượt đánh giá", "Hài lòng", "Chờ P90 (phút)"),
        [
            (
                words(_day(point.day)),
                count(point.visits),
                count(point.satisfied.whole),
                share(point.satisfied.share),
                minutes(point.wait_p90_ms),
            )
            for point in content.trend
        ],
        chart=Chart("line", "Lượt khách và lượt đánh giá", (1, 2)),
        widths=(2, 1, 1, 1, 1),
    )


def heat_table(content: Content) -> Table:
    """Presses by weekday and hour."""
    heat = content.heat.presses
    used = [hour for hour in range(24) if any(day[hour] for day in heat)]
    hours = range(min([OPENS, *used]), max([CLOSES, *used]) + 1)
    return Table(
        "Giờ và thứ",
        "Lượt đánh giá theo giờ và thứ",
        ("Thứ", *(f"{hour}h" for hour in hours)),
        [
            (words(name), *(count(heat[weekday][hour]) for hour in hours))
            for weekday, name in enumerate(WEEKDAYS)
        ],
        chart=Chart("heat", "Lượt đánh giá theo giờ và thứ"),
    )


def criteria_table(content: Content) -> Table:
    """What the presses come to under the criteria that held in the period."""
    notes = dict.fromkeys(line.note for line in content.criteria if line.note)
    return Table(
        "Tiêu chí",
        "Theo các bộ tiêu chí",
        ("Tiêu chí", "Điểm", "Tối đa", "Số lượt", "Lý do liên quan", "Cách tính", "Nguồn"),
        [
            (
                words(f"Chỉ số {line.index}: {line.name}" if line.index else line.name),
                points(line.points),
                points(line.points_max),
                count(line.n),
                count(line.reasons),
                words(line.formula),
                words(line.source if line.verified else f"{line.source} (chưa kiểm chứng)"),
            )
            for line in content.criteria
        ],
        tuple(notes),
        widths=(4, 1, 1, 1, 1, 4, 4),
    )


def levels_table(content: Content) -> Table:
    """What was pressed, as it was pressed."""
    return Table(
        "Mức đã bấm",
        "Mức đã bấm theo thang đo",
        ("Thang đo", "Mức (1 là tốt nhất)", "Lượt"),
        [(words(line.scale), count(line.level), count(line.presses)) for line in content.levels],
    )


def doubts_table(content: Content) -> Table:
    """Presses that do not count, and reasons of low ones."""
    names = {group.id: group.name for group in content.counters}
    rows = [
        (
            words("Không tính"),
            words(_in_words(MARKS, line.mark)),
            words(names.get(line.counter, line.counter)),
            count(line.presses),
        )
        for line in content.marks
    ]
    rows += [
        (words("Chưa hài lòng"), words(_in_words(REASONS, line.reason)), words(""), count(line.presses))
        for line in content.reasons
    ]
    return Table(
        "Lý do",
        "Lượt không tính và lý do chưa hài lòng",
        ("Loại", "Vì sao", "Quầy", "Lượt"),
        rows,
        ("Một lượt có hai dấu hiệu đứng ở hai dòng.",) if content.marks else (),
        widths=(2, 3, 2, 1),
    )


def devices_table(content: Content) -> Table:
    """How good the data are, device by device."""
    heads = (
        "Thiết bị",
        "Nơi đặt",
        "Hoạt động",
        "Giờ im lặng",
        "Sự việc đã ghi",
        "Thiếu",
        "Gửi lặp",
        "Bị từ chối",
        "Phải sửa",
        "Giờ chỉnh lại",
        "Không in được phiếu",
    )
    return Table(
        "Chất lượng số liệu",
        "Chất lượng số liệu theo thiết bị",
        heads,
        [
            (
                words(line.device),
                words(line.place),
                share(line.uptime),
                *map(
                    count,
                    (
                        line.silent_hours,
                        line.made,
                        line.missing,
                        line.repeated,
                        line.refused,
                        line.repaired,
                        line.clocks_corrected,
                        line.printer_failures,
                    ),
                ),
            )
            for line in content.devices
        ],
        (f"Lượt bấm không tính của cả kỳ: {content.total.marked}. Xem định nghĩa trong docs/reports.md.",),
        widths=(2, 2, *(1 for _ in heads[2:])),
    )


def late_table(issue: Issue) -> Table:
    """What came after this report's closing, and after those of earlier periods."""
    own = [issue.since] if issue.since is not None else []
    return Table(
        "Bổ sung sau chốt",
        "Bổ sung sau chốt",
        (
            "Báo cáo",
            "Bản",
            "Số cấp khi chốt",
            "Nay",
            "Lượt khi chốt",
            "Nay",
            "Hài lòng khi chốt",
            "Nay",
            "SHA-256",
        ),
        [_late_row(late) for late in (*own, *issue.content.late)],
        ("Bản đã chốt không đổi; số liệu đến muộn chỉ hiện ở đây và trong các bản sau.",),
        widths=(3, 1, 1, 1, 1, 1, 1, 1, 4),
    )


def _late_row(late: Late) -> tuple[Cell, ...]:
    return (
        words(late.title),
        count(late.edition),
        count(late.visits_closed),
        count(late.visits_now),
        count(late.presses_closed),
        count(late.presses_now),
        count(late.satisfied_closed),
        count(late.satisfied_now),
        words(late.sha256),
    )


def _in_words(names: Mapping[str, str], code: str) -> str:
    return names.get(code, code)


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"
