"""What waits to be timed anew is done go by go, also after one that failed."""

from __future__ import annotations

import pytest

from commune_hub.timekeeping import corrector
from commune_hub.timekeeping.corrector import Corrector
from tests.support.waiting import await_condition


def test_it_goes_on_until_nothing_waits_and_looks_again_after_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(corrector, "LOOK_EVERY_S", 0.01)
    left = [True, True, OSError("disk full"), True]
    asked: list[object] = []

    def correct_some() -> bool:
        asked.append(left.pop(0) if left else False)
        if isinstance(asked[-1], OSError):
            raise asked[-1]
        return asked[-1] is True

    made = Corrector(correct_some)
    made.start()
    await_condition(lambda: len(asked) >= 6)
    made.stop()
    assert asked[:2] == [True, True]
    assert asked[3:6] == [True, False, False]
    assert not made._thread.is_alive()
