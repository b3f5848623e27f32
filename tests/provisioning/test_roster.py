from __future__ import annotations

from pathlib import Path

import pytest

from firmware_agent.settings import SettingsError
from provisioning.roster import RosterEntry, RosterNode, load_roster, series_in_use, write_roster_entry

KIOSK = RosterEntry(
    device="kiosk-1", place="hall", nodes=[RosterNode(name="ticket", kind="ticket", series="A")]
)
RATING = RosterEntry(device="quay-1-pi", place="quay-1", nodes=[RosterNode(name="nut", kind="rating")])


def test_what_is_written_reads_back_by_name(tmp_path: Path) -> None:
    for entry in (RATING, KIOSK):
        write_roster_entry(tmp_path, entry)
    assert load_roster(tmp_path) == [KIOSK, RATING]
    assert series_in_use(load_roster(tmp_path)) == {"A": "kiosk-1/ticket"}


def test_a_roster_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert load_roster(tmp_path / "none") == []


def test_every_mistake_of_every_file_is_named(tmp_path: Path) -> None:
    write_roster_entry(tmp_path, KIOSK)
    (tmp_path / "kiosk-2.toml").write_text((tmp_path / "kiosk-1.toml").read_text())
    (tmp_path / "bad.toml").write_text('device = "bad"\n[[nodes]]\nname = "X"\nkind = "rating"\n')
    (tmp_path / "torn.toml").write_text("device = ")
    (tmp_path / "rating.toml").write_text(
        'device="r"\nplace="hall"\n[[nodes]]\nname="r"\nkind="rating"\nseries="B"'
    )
    with pytest.raises(SettingsError) as caught:
        load_roster(tmp_path)
    told = "\n".join(caught.value.mistakes)
    for part in (
        "bad.toml: place: thiếu",
        "bad.toml: nodes.0.name",
        "torn.toml: không phải TOML",
        "kiosk-2.toml: device: tìm thấy (found) 'kiosk-1'",
        "rating.toml: nodes.0",
        "series 'A'",
    ):
        assert part in told, part


@pytest.mark.parametrize("series", [None, "a", "AB", "", "1", "A\n", "Đ"])
def test_a_ticket_node_needs_one_letter(series: str | None) -> None:
    with pytest.raises(ValueError, match="series"):
        RosterNode(name="ticket", kind="ticket", series=series)
