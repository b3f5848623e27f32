"""`commune-hub report` as a technician types it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdf
from typer.testing import CliRunner, Result

from commune_hub.cli import app
from commune_hub.hub import open_capabilities
from commune_hub.times import local_time, now_ms
from provisioning.commune import Wish, make_commune
from provisioning.plan import HubConfig
from tests.commune_hub.facts import batch, press

DAY_MS = 86_400_000


def report(config: HubConfig, *options: str) -> Result:
    return CliRunner().invoke(app, ["report", str(config.root / "hub.toml"), *options])


def test_a_report_is_written_to_a_file_or_refused_in_a_sentence(tmp_path: Path) -> None:
    wish = Wish(commune="xuan-luong", office="UBND xã Xuân Lương")
    config = make_commune(tmp_path / "xa", wish, datetime.now(UTC) - timedelta(seconds=1))
    out = tmp_path / "ra" / "bao-cao.pdf"
    year = str(local_time(now_ms()).year)
    empty = report(config, "--kind", "year", "--period", year, "--out", str(out))
    assert (empty.exit_code, "Chưa có số liệu" in empty.output) == (2, True), empty.output
    capabilities = open_capabilities(config)
    capabilities.ledger.take(batch([press(1), press(2), press(4)], now_ms() - 1_000))
    capabilities.store.close()
    done = report(config, "--kind", "year", "--period", year, "--begins", "1", "--out", str(out))
    assert (done.exit_code, "chưa chốt" in done.output) == (0, True), done.output
    text = pypdf.PdfReader(io.BytesIO(out.read_bytes())).pages[0].extract_text()
    assert f"BÁO CÁO NĂM {year}" in text
    assert "3 lượt đánh giá được tính" in " ".join(text.split())
    for wrong, told in {"decade": "week, month", "month": "hãy viết như 2026-10"}.items():
        refused = report(config, "--kind", wrong, "--period", "nay", "--out", str(out))
        assert (refused.exit_code, told in refused.output) == (2, True), refused.output
