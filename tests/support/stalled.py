"""A test that fails while the machine stands still has shown nothing, and is run again.

Most of what sounds, blinks and waits is tested in true time. A machine that others use too can stop for a
second in the middle of it, and then a bulletin is late that nobody made late. So each process of the tests
watches for that (sim.stalls), and a failure with such a stretch within it gets `MachineStoodStillError` for
its name, on which `pytest-rerunfailures` runs the test anew (pyproject.toml says how often). Every other
failure is one at once.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.stalls import Stalls

VOID_S = 0.1
"""Twice the finest time that a test in true time asks for (a loudspeaker's start); less is noise."""


class MachineStoodStillError(Exception):
    """The failure that this comes from happened on a machine that stood still; nothing follows from it."""


class StallWatch:
    """The plugin: watches as long as the session lasts."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        """Watch while tests run."""
        with tempfile.TemporaryDirectory(prefix="stalls-") as directory, Stalls(Path(directory)) as stalls:
            self._stalls = stalls
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Iterator[None]:
        """Name a failure of what a test stands on."""
        with judging(self._stalls):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        """Name a failure of a test."""
        with judging(self._stalls):
            return (yield)


@contextlib.contextmanager
def judging(stalls: Stalls) -> Iterator[None]:
    """Raise MachineStoodStillError for what fails in the block while the machine stands still."""
    began_s = time.monotonic()
    try:
        yield
    except (Exception, pytest.fail.Exception) as failed:
        stood_s = stalls.within_s(began_s, time.monotonic())
        if stood_s < VOID_S:
            raise
        raise MachineStoodStillError(f"for {stood_s:.2f} s") from failed
