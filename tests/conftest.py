"""What all tests share: how hypothesis looks, one browser, where files lie, how workers share the tests, and
what a failure is worth on a machine that stood still.

Hypothesis looks at the same examples in each run, without a deadline that a busy machine could miss.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from tests.support.browsing import launched
from tests.support.quick_disk import use_quick_disk
from tests.support.shares import Shares, rank_of
from tests.support.stalled import StallWatch

settings.register_profile("commune", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("commune")

use_quick_disk()


def pytest_configure(config: pytest.Config) -> None:
    """Watch this machine in each process that runs tests: in the workers, where there are any."""
    if hasattr(config, "workerinput") or not config.getvalue("numprocesses", 0):
        config.pluginmanager.register(StallWatch())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the one browser of this process."""
    with launched() as browser:
        yield browser


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let workers begin with what takes longest; whoever runs tests alone has them in the usual order."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: rank_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares | None:
    """Give out whole pieces in the order of the collection."""
    if config.getvalue("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False
    return Shares(config, log)
