from __future__ import annotations

from pathlib import Path

import pytest

from firmware_agent.os_words import os_words
from firmware_agent.settings import SettingsError, read_toml


def test_a_file_that_is_not_there_is_said_in_vietnamese(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_toml(tmp_path / "none.toml")
    assert caught.value.mistakes == [
        "không đọc được (cannot be read): không có tệp hay thư mục này (no such file or directory)"
    ]


def test_what_has_no_words_of_its_own_is_said_as_the_system_does() -> None:
    assert os_words(OSError(71, "Protocol error")) == "Protocol error"
    assert os_words(OSError("something")) == "something"
