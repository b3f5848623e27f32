"""Node kinds and drivers are found by name among what is installed; a wrong name is told the right ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_agent.pi.hardware import PiHardware
from firmware_agent.registry import NotInstalledError, hardware_driver, node_class
from tests.support.hardware import bare_hardware
from tests.support.trial import TrialNode, install


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(install(tmp_path / "site")))


def test_the_pi_is_a_driver() -> None:
    assert hardware_driver("pi") is PiHardware


@pytest.mark.usefixtures("trial")
def test_what_another_package_offers_is_found() -> None:
    assert node_class("trial") is TrialNode
    assert hardware_driver("bare") is bare_hardware


@pytest.mark.usefixtures("trial")
def test_a_kind_that_nobody_offers_is_told_those_that_are_offered() -> None:
    with pytest.raises(NotInstalledError, match=r"camera, display, keys, rating, speaker, ticket, trial"):
        node_class("weather")
    with pytest.raises(NotInstalledError, match=r"bare, pi, sim"):
        hardware_driver("pie")


@pytest.mark.usefixtures("trial")
def test_a_kind_whose_package_lacks_something_says_what() -> None:
    with pytest.raises(NotInstalledError, match="no_such_module"):
        node_class("broken")
