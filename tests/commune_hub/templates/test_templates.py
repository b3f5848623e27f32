"""The usual bulletins, and those of a commune's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from commune_hub.errors import InvalidError
from commune_hub.templates import VALUE_MAX, load_templates
from firmware_agent.settings import SettingsError

OWN = """
[[templates]]
id = "{id}"
name = "Chợ phiên"
title = "Chợ phiên {{day}}"
text = "Chợ phiên họp {{day}}. {gap}"
fields = [{{ id = "day", label = "Ngày", kind = "date", example = "5/10" }}]
"""


def own_file(directory: Path, id_: str = "market", gap: str = "") -> Path:
    path = directory / "own.toml"
    path.write_text(OWN.format(id=id_, gap=gap), encoding="utf-8")
    return path


def test_the_usual_bulletins_are_there_and_fill_with_their_examples() -> None:
    templates = load_templates()
    assert {"storm", "flood", "vaccination", "power-cut", "meeting", "condolence", "reception"} <= set(
        templates
    )
    for template in templates.values():
        filled = template.filled("Ủy ban nhân dân xã", {each.id: each.example for each in template.fields})
        assert "{" not in filled.title + filled.text
        assert len(filled.text) > 60


def test_every_gap_that_is_left_is_named() -> None:
    storm = load_templates()["storm"]
    with pytest.raises(InvalidError) as caught:
        storm.filled("UBND xã", {"number": "5", "level": "x" * (VALUE_MAX + 1), "from": "  "})
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        *("Cấp gió", "Từ lúc", "Nơi tránh bão", "Chuyển đến trước", "Số điện thoại"),
    ]
    assert "dài quá" in lines[0]


def test_what_is_put_in_cannot_make_new_gaps() -> None:
    meeting = load_templates()["meeting"]
    values = {each.id: each.example for each in meeting.fields} | {"about": "{office} {where}"}
    assert "{office} {where}" in meeting.filled("UBND xã", values).text


def test_a_commune_adds_its_own_and_replaces_usual_ones(tmp_path: Path) -> None:
    templates = load_templates(own_file(tmp_path))
    assert next(iter(templates)) == "market"
    assert "storm" in templates
    assert load_templates(own_file(tmp_path, "storm"))["storm"].name == "Chợ phiên"


def test_a_gap_without_a_field_is_found_when_the_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="who"):
        load_templates(own_file(tmp_path, gap="{who}"))
