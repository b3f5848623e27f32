"""Đối chiếu: for each device and day, what was made, what is stored, and what is missing."""

from __future__ import annotations

from typing import Any

from commune_hub.capabilities.accounts import DAYS_SHOWN, DayAccount
from commune_hub.console.desk import Desk, Page
from commune_hub.console.parts import badge, empty, panel, row, table, tagged, text

COLUMNS = {
    "day": "Ngày",
    "device": "Thiết bị",
    "made": "Đã ghi",
    "stored": "Hub giữ",
    "missing": "Thiếu",
    "repeated": "Gửi lặp",
    "refused": "Từ chối",
    "repaired": "Phải sửa",
}


async def build(desk: Desk) -> None:
    """Build the page."""
    accounts = desk.capabilities.accounts

    def look() -> list[DayAccount]:
        return accounts.latest(DAYS_SHOWN)

    with panel("Mỗi sự việc vào sổ đúng một lần", "fact_check"):
        text(
            "“Đã ghi” là số sự việc mà thiết bị đã đánh số; “thiếu” là những số mà hub sẽ không bao giờ có. "
            "Mỗi ngày được khóa và kê, có niêm phong, trong thư mục statements của hub.",
            "muted",
        )
        await desk.area(look, _verdict, "rows")
    with panel(f"{DAYS_SHOWN} ngày gần đây", "history"):
        shown = tagged(table(COLUMNS, [], "key"), "accounts-table")

        def show(found: list[DayAccount]) -> None:
            shown.rows = [_line(each) for each in found]

        await desk.follow(look, show)


def _verdict(accounts: list[DayAccount]) -> None:
    if not accounts:
        empty("Chưa có sự việc nào", "fact_check")
        return
    made = sum(each.made for each in accounts)
    missing = sum(each.missing for each in accounts)
    with row("row-line"):
        badge("Đủ" if missing == 0 else f"Thiếu {missing}", "good" if missing == 0 else "bad")
        text(f"{made - missing:,} trong {made:,} sự việc đã vào sổ".replace(",", "."), "grow")


def _line(account: DayAccount) -> dict[str, Any]:
    year, month, day = account.day.split("-")
    return {
        "key": f"{account.day}/{account.device}",
        "day": f"{day}/{month}/{year}",
        "device": account.device,
        "made": account.made,
        "stored": account.stored,
        "missing": account.missing,
        "repeated": account.repeated,
        "refused": account.refused,
        "repaired": account.repaired,
    }


PAGE = Page(
    "/reconcile", "Đối chiếu", "fact_check", build, frozenset({"leader", "technician", "administrator"})
)
