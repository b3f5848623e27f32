"""A settings file is read whole or refused with every mistake named at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field, model_validator

from firmware_agent.settings import MAX_FILE_BYTES, Settings, SettingsError, load_settings, read_toml


class Inner(Settings):
    port: int = Field(ge=1, le=65_535)


class Sample(Settings):
    name: str
    inner: Inner
    volume: float = 0.5

    @model_validator(mode="after")
    def _not_both(self) -> Sample:
        if self.name == "loud" and self.volume > 0.9:
            raise ValueError("loud and volume over 0.9 do not go together")
        return self


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sample.toml"


def mistakes(path: Path, text: str | bytes) -> list[str]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingsError) as caught:
        load_settings(path, Sample)
    assert caught.value.source == str(path)
    return caught.value.mistakes


def test_a_good_file_is_read_and_does_not_change_afterwards(path: Path) -> None:
    path.write_text('name = "quầy"\ninner = {port = 8883}\n', encoding="utf-8")
    sample = load_settings(path, Sample)
    assert (sample.name, sample.inner.port, sample.volume) == ("quầy", 8883, 0.5)
    with pytest.raises(ValueError, match="frozen"):
        sample.name = "other"


def test_every_mistake_is_named_with_key_found_and_allowed(path: Path) -> None:
    found = mistakes(path, 'volume = "loud"\ncolour = "red"\ninner = {port = 99999, prot = 1}\n')
    assert len(found) == 5
    missing, inner_port, inner_prot, volume, colour = found
    assert missing == "name: thiếu (missing); hãy thêm vào (add it)"
    assert inner_port == "inner.port: tìm thấy (found) 99999; cho phép (allowed): đến 65535 (at most)"
    assert inner_prot.startswith("inner.prot: không có khóa này (no such key)")
    assert volume == "volume: tìm thấy (found) 'loud'; cho phép (allowed): số (a number)"
    assert colour.startswith("colour: không có khóa này (no such key)")


def test_a_mistake_between_keys_is_said_without_the_whole_file_around_it(path: Path) -> None:
    found = mistakes(path, 'name = "loud"\nvolume = 1.0\ninner = {port = 1}\n')
    assert found == ["cả tệp (whole file): loud and volume over 0.9 do not go together"]


def test_a_long_value_is_shown_short(path: Path) -> None:
    (line,) = mistakes(path, f'name = "a"\nvolume = "{"x" * 500}"\ninner = {{port = 1}}\n')
    assert "xxx...xxx" in line
    assert len(line) < 250


def test_the_report_has_a_head_and_a_line_for_each_mistake(path: Path) -> None:
    path.write_text("colour = 1\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(path, Sample)
    head, *lines = caught.value.report().splitlines()
    assert head == f"{path}: 3 lỗi cấu hình (configuration mistakes)"
    assert lines == [f"  - {each}" for each in caught.value.mistakes]


def test_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(path, Sample)


def test_a_directory_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path, Sample)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name = ", "not TOML"),
        (b'name = "a"\nname = "b"', "not TOML"),
        (b'name = "\xff"', "not UTF-8 at byte 8"),
        (b"#" * (MAX_FILE_BYTES + 1), "file too large"),
        (b"a=" + b"[" * 5_000, "not TOML"),
        (b"a=" + b"9" * 5_000, "not TOML"),
        (b"a=1\x00", "not TOML"),
        (b"\xef\xbb\xbfa=1", "not TOML"),
    ],
)
def test_a_file_that_is_no_settings_file_gives_one_short_line(path: Path, content: bytes, said: str) -> None:
    (line,) = mistakes(path, content)
    assert said in line
    assert len(line) < 300


def test_tables_within_tables_without_end_are_shown_short(path: Path) -> None:
    found = mistakes(path, "name." + "a." * 5_000 + "b = 1\ninner = {port = 1}\n")
    assert [line.partition(":")[0] for line in found] == ["name"]
    assert len(found[0]) < 250


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text('abc=[]{}."\n\\0123-:T#', max_size=60).map(str.encode),
    )
)
def test_any_file_is_read_or_refused_in_words(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        assert isinstance(read_toml(path), dict)
    except SettingsError as error:
        assert len(error.mistakes) == 1  # noqa: PT017
