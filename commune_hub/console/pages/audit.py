"""Nhật ký: who did what, and when."""

from __future__ import annotations

from typing import Any

from commune_hub.console.desk import Desk, Page
from commune_hub.console.moments import exact_iso
from commune_hub.console.parts import empty, panel, table, tagged
from commune_hub.console.words import ACTIONS, in_words
from commune_hub.store import Row

LINES = 500
COLUMNS = {"at": "Lúc", "who": "Ai", "action": "Việc", "subject": "Đối tượng", "detail": "Chi tiết"}


async def build(desk: Desk) -> None:
    """Build the page."""

    def look() -> list[dict[str, Any]]:
        names = desk.capabilities.staff.names()
        return [_line(row, names) for row in desk.capabilities.audit.latest(LINES)]

    with panel(f"{LINES} dòng mới nhất", "history"):
        lines = await desk.ask(look)
        if not lines:
            empty("Nhật ký còn trống", "history")
            return
        shown = tagged(table(COLUMNS, lines, "id"), "audit-table")

        def show(found: list[dict[str, Any]]) -> None:
            shown.rows = found

        await desk.follow(look, show)


def _line(row: Row, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "at": exact_iso(row["at"]),
        "who": names.get(row["account"], row["account"]),
        "action": in_words(ACTIONS, row["action"]),
        "subject": row["subject"][:40],
        "detail": row["detail"],
    }


PAGE = Page("/audit", "Nhật ký", "history", build, frozenset({"leader", "administrator"}))
