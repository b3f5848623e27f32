"""The browser of the tests, and the one place that says how long anything in it may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect, sync_playwright

from tests.support.waiting import HANGS_S

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
"""The microphone is the browser's own, which beeps."""

HANGS_MS = round(HANGS_S * 1000)
"""For what a page does, and for what is expected of it."""


AGAIN_MS = 5_000
"""A dialog that is not there by then will not come: the button was drawn anew in the moment of the click."""


def press_until(button: Locator, shows: Locator) -> None:
    """Press a button that a live list may draw anew under the finger, as people do: again, if need be."""
    for _ in range(round(HANGS_MS / AGAIN_MS)):
        button.click()
        try:
            shows.wait_for(timeout=AGAIN_MS)
        except TimeoutError:
            continue
        return
    expect(shows).to_be_visible()


@contextmanager
def launched() -> Iterator[Browser]:
    """Run a browser for as long as the block lasts. Playwright runs only once in a thread."""
    expect.set_options(timeout=HANGS_MS)
    with sync_playwright() as playwright, playwright.chromium.launch(
        executable_path=CHROMIUM, args=FLAGS, timeout=HANGS_MS
    ) as browser:  # fmt: skip
        yield browser


@contextmanager
def opened(browser: Browser, **how: Any) -> Iterator[Page]:
    """Open a page as somebody does who was never here; `how` is what Playwright's contexts take."""
    with browser.new_context(**{"locale": "vi-VN", **how}) as context:
        context.set_default_timeout(HANGS_MS)
        yield context.new_page()
