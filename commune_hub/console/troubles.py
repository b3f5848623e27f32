"""What went wrong lately, as tables that a technician reads. Looks things up, makes no elements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from commune_hub.console.moments import exact_iso, exact_text
from commune_hub.console.words import REFUSAL_REASONS, in_words
from commune_hub.hub import Capabilities

DEATH_COLUMNS = {"at": "Lúc", "where": "Nút", "error": "Lỗi cuối cùng"}
REFUSAL_COLUMNS = {
    "by": "Ai từ chối",
    "device": "Từ thiết bị",
    "reason": "Vì sao",
    "count": "Số lần",
    "at": "Lần cuối",
    "detail": "Chi tiết",
}
LOST_COLUMNS = {"at": "Ghi nhận lúc", "where": "Nút", "range": "Số thứ tự", "count": "Bao nhiêu"}
UNKNOWN_COLUMNS = {"device": "Thiết bị", "kind": "Loại", "count": "Bao nhiêu"}

Lines = list[dict[str, Any]]


@dataclass(frozen=True)
class Troubles:
    """Rows of four tables; an empty one is not shown."""

    deaths: Lines
    refusals: Lines
    lost: Lines
    unknown: Lines


def troubles(capabilities: Capabilities) -> Troubles:
    """Return everything that went wrong and is worth a technician's eye."""
    fleet, ledger = capabilities.fleet, capabilities.ledger
    return Troubles(
        deaths=_numbered([_death(row) for row in fleet.deaths()]),
        refusals=_numbered([_refusal(row) for row in fleet.refusals()]),
        lost=_numbered([_lost(row) for row in ledger.lost()]),
        unknown=_numbered([dict(row) for row in ledger.not_understood()]),
    )


def _death(row: dict[str, Any]) -> dict[str, Any]:
    where = f"{row['device']} / {row['node']}"
    return {"at": exact_text(row["at_ms"]), "where": where, "error": row["error"] or "không rõ"}


def _refusal(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "by": "Hub" if row["refused_by"] == "hub" else row["refused_by"],
        "device": row["device"],
        "reason": in_words(REFUSAL_REASONS, row["reason"]),
        "count": row["count"],
        "at": exact_text(row["last_at_ms"]),
        "detail": row["last_detail"],
    }


def _lost(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": exact_iso(row["noted_at"]),
        "where": f"{row['device']} / {row['node']}",
        "range": f"{row['first']}–{row['last']}",
        "count": row["last"] - row["first"] + 1,
    }


def _numbered(rows: Lines) -> Lines:
    return [{**row, "key": number} for number, row in enumerate(rows)]
