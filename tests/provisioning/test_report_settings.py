"""`[reports]` and `[alerts]` of hub.toml."""

from __future__ import annotations

import pytest

from firmware_agent.settings import SettingsError, check_settings
from provisioning.report_settings import AlertSettings, ReportSettings


def test_each_kind_may_count_from_another_day() -> None:
    settings = check_settings({"month_begins": 1, "half_begins": 15}, ReportSettings, "hub.toml")
    assert [settings.begins(kind) for kind in ("week", "month", "quarter", "half", "year")] == [
        1,
        1,
        1,
        15,
        1,
    ]


@pytest.mark.parametrize(
    ("values", "model", "told"),
    [
        ({"month_begins": 7}, ReportSettings, "month_begins"),
        ({"close_after_days": 0}, ReportSettings, "close_after_days"),
        ({"low_presses": 0}, AlertSettings, "low_presses"),
        ({"wait_p90": 5}, AlertSettings, "wait_p90"),
    ],
)
def test_a_mistake_is_named(
    values: dict[str, int], model: type[ReportSettings | AlertSettings], told: str
) -> None:
    with pytest.raises(SettingsError, match=told):
        check_settings(values, model, "hub.toml")
