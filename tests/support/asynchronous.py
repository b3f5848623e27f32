"""Run a coroutine from a test, also on a worker whose thread belongs to the browser's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run_async(doing: Coroutine[Any, Any, T]) -> T:
    """Return what `doing` returns. Playwright leaves a loop in the thread of the tests, so it has its own."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, doing).result()
