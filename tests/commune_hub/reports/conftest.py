"""An office with a crowd of October 2026, a clock that the test turns, and its reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.uptime import Uptime
from commune_hub.hub import MIGRATIONS
from commune_hub.reports.content import Names, Office
from commune_hub.reports.judging import load_criteria
from commune_hub.reports.service import Reports
from commune_hub.store import Store
from commune_hub.times import LOCAL, to_ms
from provisioning.report_settings import ReportSettings
from tests.commune_hub.conftest import TurnedClock
from tests.commune_hub.figures.crowd import Crowd, make_crowd

OCTOBER_MS = to_ms(datetime(2026, 10, 1, tzinfo=LOCAL))
DAY_MS = 86_400_000
SETTINGS = ReportSettings(superior="UBND tỉnh Bắc Giang", place="Xuân Lương", close_after_days=10)


@dataclass(frozen=True)
class Bureau:
    """Reports over a crowd."""

    reports: Reports
    crowd: Crowd
    clock: TurnedClock
    store: Store
    audit: Audit
    key: Ed25519PrivateKey


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    clock = TurnedClock()
    clock.at_ms = OCTOBER_MS + 33 * DAY_MS
    store = Store(tmp_path / "hub.db", MIGRATIONS)
    audit = Audit(store, clock)
    crowd = make_crowd(11, 600, OCTOBER_MS, 31)
    names = Names(
        {"quay-1": "Quầy 1", "quay-2": "Quầy 2", "quay-3": "Quầy 3"},
        {"ho-tich": "Hộ tịch", "dat-dai": "Đất đai"},
        {"an": "Cán bộ Một", "binh": "Cán bộ Hai", "chi": "Cán bộ Ba", "dung": "Cán bộ Bốn"},
    )
    office = Office("xuan-luong", "UBND xã Xuân Lương", names)
    reports = Reports(
        store,
        clock,
        audit,
        crowd,
        Uptime(store),
        SETTINGS,
        load_criteria(),
        lambda: office,
        lambda: {"quay-1-pi": "Quầy 1"},
    )
    key = Ed25519PrivateKey.generate()
    reports.key = key
    yield Bureau(reports, crowd, clock, store, audit, key)
    store.close()
