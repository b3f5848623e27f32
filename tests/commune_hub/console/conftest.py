"""A served console, a browser, and members of staff: one for all tests of a process.

NiceGUI has one application in a process, so every test file of the console shares what is here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.commune_hub.console.served_hub import ServedHub
from tests.support.browsing import opened


@dataclass
class Office:
    """A served console, a browser, and members of staff by role."""

    hub: ServedHub
    browser: Browser
    passwords: dict[str, str] = field(default_factory=dict)

    def member(self, *roles: str) -> str:
        account = "-".join(roles)
        if account not in self.passwords:
            self.passwords[account] = self.hub.add_member(account, *roles)
        return account

    @contextmanager
    def page(self) -> Iterator[Page]:
        with opened(self.browser) as page:
            yield page

    @contextmanager
    def signed_in(self, *roles: str) -> Iterator[Page]:
        account = self.member(*roles)
        with self.page() as page:
            sign_in(page, self.hub.url, account, self.passwords[account])
            expect(page.get_by_test_id("sign-out")).to_be_attached()
            yield page


def sign_in(page: Page, url: str, account: str, password: str) -> None:
    page.goto(f"{url}/sign-in")
    page.get_by_test_id("sign-in-account").fill(account)
    page.get_by_test_id("sign-in-password").fill(password)
    page.get_by_test_id("sign-in-submit").click()


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Office]:
    with ServedHub(Path(tmp_path_factory.mktemp("console"))) as hub:
        yield Office(hub, chromium)
