"""The way in: one key, one browser, one time, and another name afterwards."""

from __future__ import annotations

from commune_hub.console.entry import WAITING_MAX, WITHIN_S, Entry


def test_a_browser_is_renamed_and_then_let_in() -> None:
    entry = Entry()
    first = entry.come(entry.begin("token", "before", 0.0), "before", 1.0)
    assert first is not None
    assert first.rename not in ("", "before")
    assert first.token == "", "not under the old name"
    second = entry.come(first.key, first.rename, 2.0)
    assert second is not None
    assert second.token == "token"
    assert entry.come(first.key, first.rename, 2.0) is None, "once"


def test_a_key_is_of_no_use_to_another_browser_or_too_late() -> None:
    entry = Entry()
    assert entry.come(entry.begin("token", "mine", 0.0), "another", 1.0) is None
    assert entry.come(entry.begin("token", "mine", 0.0), "mine", WITHIN_S + 1) is None
    first = entry.come(entry.begin("token", "mine", 0.0), "mine", 1.0)
    assert first is not None
    assert entry.come(first.key, "mine", 1.0) is None, "the old name is not let in with the new key"


def test_the_crowd_on_its_way_is_bounded() -> None:
    entry = Entry()
    keys = [entry.begin("token", "b", 0.0) for _ in range(WAITING_MAX + 1)]
    assert entry.come(keys[0], "b", 0.0) is None
    assert entry.come(keys[-1], "b", 0.0) is not None
