"""Reports and alerts over the API, and the command on the hub's own command line."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commune_hub.times import local_time, now_ms
from tests.commune_hub.facts import batch, press, ticket
from tests.commune_hub.test_api import Api, api

__all__ = ["api"]

LAST_WEEK_MS = 8 * 86_400_000


def begin(api: Api) -> str:
    """Take a visit and presses of last week; return that week's name."""
    at_ms = now_ms() - LAST_WEEK_MS
    day = local_time(at_ms).date()
    ledger = api.capabilities.ledger
    ledger.take(batch([ticket("A001", day.isoformat())], at_ms, device="sanh-pi", node="ticket"))
    ledger.take(batch([press(1), press(4)], at_ms))
    api.capabilities.reports.key = Ed25519PrivateKey.generate()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def test_a_leader_closes_a_week_that_everybody_may_read(api: Api) -> None:
    week = begin(api)
    leader, editor = api.as_("leader"), api.as_("editor")
    offered = editor.ask("GET", "/reports/week").json()
    assert {each["period"]: each["edition"] for each in offered}[week] is None
    assert editor.ask("POST", f"/reports/week/{week}/close").status_code == 403
    closed = leader.ask("POST", f"/reports/week/{week}/close")
    assert closed.status_code == 201
    said = editor.ask("GET", f"/reports/week/{week}.json").json()
    assert said["report"]["total"]["presses"] == 2
    assert hashlib.sha256(said["closed"]["canonical"].encode()).hexdigest() == closed.json()["sha256"]
    for form, begins in {"xlsx": b"PK", "docx": b"PK", "pdf": b"%PDF"}.items():
        file = editor.ask("GET", f"/reports/week/{week}.{form}")
        assert file.content.startswith(begins)
        assert f"bao-cao-week-{week}-ban-1.{form}" in file.headers["content-disposition"]


def test_what_cannot_be_had_is_told_with_its_own_code(api: Api) -> None:
    week, editor = begin(api), api.as_("editor")
    later = (local_time(now_ms()) + timedelta(days=400)).year
    answers = {
        f"/reports/week/{week}.odt": 422,
        "/reports/decade": 422,
        "/reports/month/2026-13.json": 422,
        f"/reports/year/{later}.json": 422,
        "/reports/year/2001.json": 404,
        f"/reports/week/{week}.json?edition=7": 404,
        f"/reports/week/{week}.json?begins=2": 422,
    }
    assert {path: editor.ask("GET", path).status_code for path in answers} == answers
    assert "chưa bắt đầu" in editor.ask("GET", f"/reports/year/{later}.json").json()["detail"]
    assert api.client.get(f"/api/v1/reports/week/{week}.json").status_code == 401


def test_alerts_of_now(api: Api) -> None:
    editor = api.as_("editor")
    assert editor.ask("GET", "/alerts").json() == []
    api.capabilities.ledger.take(batch([press(4), press(4), press(4)], now_ms() - 1_000))
    (alert,) = editor.ask("GET", "/alerts").json()
    assert (alert["kind"], alert["place"]) == ("low_presses", "quay-1")
