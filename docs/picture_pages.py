"""Pictures of the pages: console and panel in a browser, each role signed in, and a page of a report."""

from __future__ import annotations

import io
import json
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from commune_hub.times import DAY_MS, local_day, local_time, now_ms
from docs.picture_soundings import STOPPED
from docs.picture_staff import open_a_window
from sim.commune import Commune, command

CHROMIUM = "/usr/bin/chromium"
MICROPHONE = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
"""The browser's own stands for the one at the desk; it beeps."""

SETTLE_MS = 2_500
"""Pages fill themselves over their socket after they are loaded; charts move for a second."""

WIDTH = 1366
GAP = 16
PHONE: ViewportSize = {"width": 390, "height": 900}
REPORT_DPI = 70
REPORT_PAGES = (1, 4)
"""Where the letter begins, and where its tables have charts."""

Visit = Callable[[Page], object]


def take_pages(commune: Commune, panel: str, withdrawn: str, pictures: Path) -> None:
    """Take the pages of the console and the panel into the directory `pictures`.

    `withdrawn` is the id of a bulletin whose card shall stand for those that were withdrawn.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=MICROPHONE)
        take = _Camera(browser, commune, pictures)
        take.shoot("panel", lambda page: page.goto(panel), 590)
        take.shoot("panel-speakers", lambda page: _open_speakers(page, panel), 700)
        take.console("overview", "leader", "/")
        take.console("hall", "leader", "/hall")
        take.console("counter", "officer", "/counter")
        take.console("ratings", "leader", "/ratings", 1_150, _choose_month)
        take.console("reports", "leader", "/reports", 1_150)
        take.console("bulletins", "approver", "/bulletins", 900)
        take.console("bulletin-write", "editor", "/bulletins/write", 1_170, _fill_template)
        take.console("plan", "approver", "/plan", 900)
        take.console("notices", "approver", "/notices", 900)
        take.console("devices", "technician", "/devices", 900)
        take.console("reconcile", "leader", "/reconcile", 730)
        _take_soundings(take, withdrawn)
        take.console("live", "approver", f"/bulletins/live?bulletin={open_a_window(commune)}", 800, _speak)
        browser.close()


def _take_soundings(take: _Camera, withdrawn: str) -> None:
    yesterday = f"/sounded?day={local_day(now_ms() - DAY_MS)}"
    take.console("sounded", "approver", yesterday, 1_250)
    take.console("speaker", "technician", yesterday, 900, _open_speaker, of="[role=dialog] .q-card")
    take.console("withdrawn", "approver", "/bulletins", of=f"[data-testid=bulletin-{withdrawn}]")
    take.console("emergency", "editor", "/bulletins/write", 1_150, _fill_storm)


def take_phone(commune: Commune, pictures: Path) -> None:
    """Take what a phone shows that reads the code of a slip: while one waits, and after one was served."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(locale="vi-VN", viewport=PHONE, device_scale_factor=1.5)
        page = context.new_page()
        shots = []
        for code in _codes(commune):
            page.goto(f"http://127.0.0.1:{commune.page_port}/t/{code}")
            shots.append(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
        browser.close()
    _side_by_side(shots).save(pictures / "phone.png")


def _codes(commune: Commune) -> tuple[str, str]:
    """Return the codes of the newest slip, and of the first one of today."""
    with closing(sqlite3.connect(commune.directory / "hub" / "hub.db")) as database:
        rows = database.execute("SELECT body FROM facts WHERE kind = 'ticket.issued' ORDER BY at DESC")
        codes = [code for (body,) in rows if (code := json.loads(body).get("code"))]
    return codes[0], codes[-1]


def take_report(commune: Commune, pictures: Path) -> None:
    """Take the first page and one of the tables of last month's report, as its PDF has them."""
    first = local_time(now_ms()).replace(day=1)
    period = f"{first.year - (first.month == 1)}-{(first.month + 10) % 12 + 1:02d}"
    with tempfile.TemporaryDirectory() as directory:
        pdf, page = Path(directory) / "report.pdf", Path(directory) / "page"
        hub = str(commune.directory / "hub" / "hub.toml")
        wanted = ["--kind=month", f"--period={period}", "--format=pdf", f"--out={pdf}"]
        command("commune-hub", ["report", hub, *wanted])
        subprocess.run(
            ["pdftoppm", "-png", "-r", str(REPORT_DPI), "-l", str(REPORT_PAGES[-1]), str(pdf), str(page)],
            check=True,
        )
        shots = [Image.open(page.with_name(f"page-{number}.png")).convert("RGB") for number in REPORT_PAGES]
        _side_by_side(shots).save(pictures / "report.png")


def _nothing(_page: Page) -> None:
    """Leave a page as it is."""


def _side_by_side(shots: list[Image.Image]) -> Image.Image:
    width = sum(shot.width for shot in shots) + GAP * (len(shots) - 1)
    sheet = Image.new("RGB", (width, shots[0].height), "white")
    left = 0
    for shot in shots:
        sheet.paste(shot, (left, 0))
        left += shot.width + GAP
    return sheet


class _Camera:
    """Takes a picture of a page once somebody has done there what there is to do."""

    def __init__(self, browser: Browser, commune: Commune, pictures: Path) -> None:
        self._browser = browser
        self._commune = commune
        self._pictures = pictures

    def shoot(self, name: str, visit: Visit, height: int = 768, of: str = "") -> None:
        """Take what `visit` comes to, or of it the part `of` that a selector finds."""
        context = self._browser.new_context(locale="vi-VN", viewport={"width": WIDTH, "height": height})
        page = context.new_page()
        visit(page)
        page.wait_for_timeout(SETTLE_MS)
        path = self._pictures / f"{name}.png"
        if of:
            page.locator(of).first.screenshot(path=path)
        else:
            page.screenshot(path=path)
        context.close()

    def console(
        self, name: str, role: str, path: str, height: int = 768, then: Visit = _nothing, of: str = ""
    ) -> None:
        """Take a page of the console as somebody of that role sees it."""
        account = next(each for each in self._commune.accounts if each.role == role)

        def visit(page: Page) -> None:
            page.goto(f"{self._commune.console_url}/sign-in")
            page.get_by_test_id("sign-in-account").fill(account.account)
            page.get_by_test_id("sign-in-password").fill(account.password)
            page.get_by_test_id("sign-in-submit").click()
            page.get_by_test_id("sign-out").wait_for(state="attached")
            page.goto(f"{self._commune.console_url}{path}")
            then(page)

        self.shoot(f"console-{name}", visit, height, of)


def _open_speakers(page: Page, panel: str) -> None:
    page.goto(panel)
    page.get_by_text("Loa thôn").first.click()


def _choose_month(page: Page) -> None:
    page.get_by_test_id("ratings-stretch").get_by_text("30 ngày qua").click()


def _open_speaker(page: Page) -> None:
    page.locator(".proof-speaker").filter(has_text=STOPPED).click()


def _speak(page: Page) -> None:
    """Begin once the window is open, and go on until loudspeakers listen."""
    page.locator("[data-testid=live-speak]:not([disabled])").click()
    page.get_by_text("đang nhận tiếng").first.wait_for()


def _fill_storm(page: Page) -> None:
    _fill(page, "storm")
    page.get_by_test_id("bulletin-place-thon-dong").click()
    page.get_by_test_id("bulletin-place-thon-tay").click()


def _fill_template(page: Page) -> None:
    """Begin from a template, its gaps filled as the examples say, and a sentence of one's own."""
    _fill(page, "vaccination")
    field = page.get_by_test_id("bulletin-text")
    field.fill(f"{field.input_value()}\nNgười đã tiêm mũi 1 báo với QXZ trước ngày 3/5.")
    page.get_by_test_id("bulletin-place-thon-dong").click()


def _fill(page: Page, template: str) -> None:
    page.get_by_test_id("bulletin-template").click()
    page.get_by_test_id(f"template-{template}").click()
    page.get_by_test_id("confirm").wait_for()
    for gap in page.locator("[data-testid^=gap-]").all():
        gap.fill(gap.get_attribute("placeholder") or "")
    page.get_by_test_id("confirm").click()
    page.get_by_test_id("confirm").wait_for(state="detached")
