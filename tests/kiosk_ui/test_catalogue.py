"""Catalogues: every text has its place, a commune adds a language without code, mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_agent.check import notes
from firmware_agent.config import DeviceConfig
from kiosk_ui.catalogue import BUILT_IN, catalogue_mistakes, languages, load_catalogue, read_texts
from kiosk_ui.scale import LOOKS, level_key

KHMER = """
[language]
id = "km"
name = "ភាសាខ្មែរ"
[rating]
thanks = "សូមអរគុណ"
recorded = "{level}!"
"""


@pytest.fixture
def khmer(tmp_path: Path) -> Path:
    path = tmp_path / "khmer.toml"
    path.write_text(KHMER, encoding="utf-8")
    return path


@pytest.mark.parametrize("language", BUILT_IN)
def test_what_ships_is_whole(language: str) -> None:
    texts = load_catalogue(language)
    assert texts.missing == []
    assert texts.mistakes == []
    for scale, looks in LOOKS.items():
        assert all(texts.has(level_key(scale, level)) for level in range(1, len(looks) + 1))


def test_both_languages_fill_the_same_places() -> None:
    values = {"level": "X1", "count": "X2"}
    for key in ("rating.recorded", "rating.corrected", "rating.listen_intro"):
        told = [load_catalogue(each)(key, **values) for each in BUILT_IN]
        places = [{value for value in values.values() if value in text} for text in told]
        assert places[0] == places[1] != set()


def test_a_text_that_is_nowhere_shows_its_key_and_is_listed() -> None:
    texts = load_catalogue()
    assert texts("rating.nowhere") == "rating.nowhere"
    assert texts.missing == ["rating.nowhere"]


def test_a_commune_adds_a_language_and_what_it_lacks_is_vietnamese(khmer: Path) -> None:
    assert [each.id for each in languages(khmer)] == ["vi", "km", "en"]
    texts = load_catalogue("km", khmer)
    assert texts("rating.recorded", level="a") == "a!"
    assert texts("rating.skip") == "Bỏ qua"
    assert "rating.skip" in texts.missing
    assert "rating.thanks" not in texts.missing
    (line,) = catalogue_mistakes(khmer)
    assert "thiếu" in line


def test_a_commune_changes_a_word_of_the_vietnamese(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[language]\nid = "vi"\nname = "Tiếng Việt"\n[rating]\nthanks = "Cảm ơn bà con!"\n')
    assert load_catalogue("vi", own)("rating.thanks") == "Cảm ơn bà con!"
    assert load_catalogue("vi", own).missing == []
    assert load_catalogue("en", own)("rating.thanks") == "Thank you!"
    assert catalogue_mistakes(own) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[", "TOML"),
        ("", "language.id"),
        ('[language]\nid = "KM"\nname = "x"\n', "language.id"),
        (KHMER + '"Bad Key" = "x"\n', "Bad Key"),
        (KHMER + "skip = 5\n", "rating.skip"),
        (KHMER + 'skip = "{level.__class__}"\n', "rating.skip"),
        (KHMER + f'skip = "{"x" * 401}"\n', "rating.skip"),
        (KHMER + 'skip = "{"\n', "rating.skip"),
    ],
)
def test_mistakes_are_named_and_cost_only_themselves(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    assert any(named in line for line in catalogue_mistakes(path))
    assert load_catalogue("km", path)("rating.skip") == "Bỏ qua"
    assert any(named in line for line in load_catalogue("vi", path).mistakes)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "none.toml" in catalogue_mistakes(tmp_path / "none.toml")[0]


@given(text=st.text(max_size=200))
def test_no_file_breaks_a_screen(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    read_texts(path)
    assert load_catalogue("vi", path)("rating.thanks")


def test_check_tells_a_technician_of_missing_texts(khmer: Path) -> None:
    rating = {
        "kind": "rating",
        "name": "rating",
        "settings": {"catalogue": khmer.name, "reasons": ["parking"]},
    }
    config = DeviceConfig.model_validate(
        {
            "commune": "xa",
            "device": "quay-1",
            "state_dir": khmer.parent,
            "broker": {"host": "hub", "port": 1},
            "nodes": [rating],
        }
    )
    found = notes(config)
    assert all(line.startswith("rating: ") for line in found)
    assert any("reason.parking" in line for line in found)
    assert any("thiếu" in line for line in found)
