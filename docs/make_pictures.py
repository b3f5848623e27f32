"""`python -m docs.make_pictures`: open a commune, let a part of the day pass, take its pictures."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from sim.commune import Commune
from sim.day import Day
from sim.expand import expand
from sim.panel.page import serve_panel
from sim.scenario import load_scenario, shipped_scenarios
from sim.truth import Truth

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = "/usr/bin/chromium"
SEED = 1
SHOT_AT_S = 15.5
"""Second of the day at which pictures are taken: numbers are called, presses counted, a bulletin sounds."""

SETTLE_MS = 2_500
"""Pages fill themselves over their socket after they are loaded."""

WIDE = {"width": 1366, "height": 768}

CONSOLE = {
    "overview": ("leader", "/"),
    "counter": ("officer", "/counter"),
    "bulletins": ("editor", "/bulletins"),
    "devices": ("technician", "/devices"),
}
"""Pictures of the console: role that looks, page."""

SCREENS = {
    "rating": ("quay-1-pi", "rating"),
    "ticket": ("sanh-pi", "ticket"),
    "display": ("sanh-pi", "display"),
}
"""Pictures of screens: device, node."""


def main() -> None:
    """Take every picture anew."""
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    PICTURES.mkdir(exist_ok=True)
    scenario = load_scenario(shipped_scenarios()["commune_day"])
    with (
        tempfile.TemporaryDirectory() as directory,
        Commune(scenario, Path(directory), SEED, print) as commune,
    ):
        truth = Truth(commune.directory, commune.start)
        commune.make()
        commune.open()
        day = Day(commune, truth)
        day.begin()
        playing = threading.Thread(target=day.play, args=[expand(scenario, SEED), SHOT_AT_S])
        playing.start()
        with serve_panel(commune, day, 0) as panel:
            playing.join()
            take_screens(commune)
            take_pages(commune, panel)
        truth.close()


def take_screens(commune: Commune) -> None:
    """Copy the richest picture that each screen showed: the one that asks, calls, offers most."""
    for name, (device, node) in SCREENS.items():
        frames = (commune.node_directory(device, node) / "frames").glob("*.png")
        richest = max(frames, key=lambda frame: frame.stat().st_size)
        shutil.copyfile(richest, PICTURES / f"{name}.png")


def take_pages(commune: Commune, panel: str) -> None:
    """Take the pages of the console and the panel in a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        _shoot(browser, PICTURES / "panel.png", lambda page: page.goto(panel))
        _shoot(browser, PICTURES / "panel-speakers.png", lambda page: _speakers(page, panel))
        for name, (role, path) in CONSOLE.items():
            _shoot(browser, PICTURES / f"console-{name}.png", _console(commune, role, path))
        browser.close()


def _speakers(page: Page, panel: str) -> None:
    page.goto(panel)
    page.get_by_text("Loa thôn").first.click()


def _console(commune: Commune, role: str, path: str) -> Callable[[Page], object]:
    account = next(each for each in commune.accounts if each.role == role)

    def visit(page: Page) -> None:
        page.goto(f"{commune.console_url}/sign-in")
        page.get_by_test_id("sign-in-account").fill(account.account)
        page.get_by_test_id("sign-in-password").fill(account.password)
        page.get_by_test_id("sign-in-submit").click()
        page.get_by_test_id("sign-out").wait_for(state="attached")
        page.goto(f"{commune.console_url}{path}")

    return visit


def _shoot(browser: Browser, picture: Path, visit: Callable[[Page], object]) -> None:
    context = browser.new_context(locale="vi-VN", viewport=WIDE)  # type: ignore[arg-type]
    page = context.new_page()
    visit(page)
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=picture)
    context.close()


if __name__ == "__main__":
    main()
