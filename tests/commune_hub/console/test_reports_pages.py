"""The live hall, the ratings and the reports in a real browser."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page, expect

from commune_hub.console.figure_charts import _heat_options, _score_options, _trend_options
from commune_hub.figures.calendar import Heat, Point
from commune_hub.figures.proportion import proportion
from commune_hub.times import local_day, local_time, now_ms
from tests.commune_hub.console.conftest import Office
from wire.facts import RatingPressed, TicketIssued

pytestmark = pytest.mark.timeout(600)

DAY_MS = 86_400_000


def press(office: Office, level: int, times: int, ago_ms: int = 0) -> None:
    """Send presses; those of each day from a device of their own, since the times of a stream only grow."""
    body = RatingPressed(counter="quay-1", scale="vi4", level=level, source="button", officer="an")
    device = f"quay-{ago_ms // DAY_MS}-days-pi"
    office.hub.senders.send(device, "rating", *[body] * times, at_ms=now_ms() - ago_ms)


def let_wait(office: Office, people: int) -> None:
    """Let people wait who took their numbers at another kiosk."""
    day = local_day(now_ms())
    for number in (f"B{each:03d}" for each in range(1, people + 1)):
        issued = TicketIssued(
            ticket=f"pi-2-{day}-{number}", number=number, field="dat-dai", day=day, printed=True
        )
        office.hub.senders.send("sanh-2-pi", "ticket", issued)


def test_the_hall_says_when_to_open_another_counter(office: Office) -> None:
    with office.signed_in("editor") as page:
        page.goto(f"{office.hub.url}/hall")
        expect(page.get_by_test_id("hall-verdict")).not_to_be_empty()
        let_wait(office, len(office.hub.capabilities.config.counters) + 1)
        waiting = len(office.hub.capabilities.queue.waiting())
        expect(page.get_by_test_id("hall-verdict")).to_have_text(
            re.compile(rf"^(Nên mở thêm quầy: |Mọi quầy đều đang phục vụ mà ){waiting} người chờ cho \d quầy")
        )
        expect(page.get_by_test_id("hall-longest")).to_contain_text("phút")


def test_low_presses_raise_an_alert_where_people_look(office: Office) -> None:
    press(office, 4, 3)
    with office.signed_in("leader") as page:
        for path in ("/hall", "/"):
            page.goto(f"{office.hub.url}{path}")
            expect(page.get_by_test_id("alert").first).to_be_visible()
        expect(page.get_by_text("lượt không hài lòng trong 30 phút")).to_be_visible()


def test_the_ratings_page_draws_charts_and_hides_officers_of_few(office: Office) -> None:
    press(office, 1, 4, ago_ms=DAY_MS)
    with office.signed_in("leader") as page:
        page.goto(f"{office.hub.url}/ratings")
        page.get_by_text("7 ngày qua").click()
        for chart in ("chart-counters", "chart-heat", "chart-trend"):
            expect(page.get_by_test_id(chart).locator("canvas").first).to_be_visible()
        expect(page.get_by_test_id("ratings-share")).to_contain_text("%")
        expect(page.get_by_text("Chưa đủ lượt để hiện ai")).to_be_visible()


def last_week(office: Office) -> str:
    press(office, 1, 6, ago_ms=8 * DAY_MS)
    year, week, _ = local_time(now_ms() - 8 * DAY_MS).isocalendar()
    return f"Tuần {week} năm {year}"


def choose(page: Page, office: Office, title: str) -> None:
    page.goto(f"{office.hub.url}/reports")
    page.get_by_test_id("report-kind").get_by_text("Tuần").click()
    page.get_by_test_id("report-period").click()
    page.get_by_role("option").filter(has_text=title).click()
    expect(page.get_by_test_id("report-state")).to_be_visible()
    expect(page.get_by_text(title, exact=True).first).to_be_visible()


def test_a_report_is_chosen_taken_along_and_closed(office: Office) -> None:
    title = last_week(office)
    office.hub.capabilities.reports.key = Ed25519PrivateKey.generate()
    with office.signed_in("leader") as page:
        choose(page, office, title)
        expect(page.get_by_test_id("report-chart-counters").locator("canvas").first).to_be_visible()
        with page.expect_download() as coming:
            page.get_by_test_id("report-xlsx").click()
        book = openpyxl.load_workbook(io.BytesIO(Path(coming.value.path()).read_bytes()))
        assert book["Báo cáo"]["A2"].value == f"Báo cáo {title}"
        page.get_by_test_id("report-close").click()
        page.get_by_test_id("confirm").click()
        expect(page.get_by_test_id("report-state")).to_have_text("Đã chốt, bản 1")
    press(office, 4, 1, ago_ms=8 * DAY_MS)
    with office.signed_in("editor") as page:
        choose(page, office, title)
        expect(page.get_by_test_id("report-late")).to_be_visible()
        expect(page.get_by_test_id("report-close")).to_have_count(0)
        with page.expect_download() as coming:
            page.get_by_test_id("report-pdf").click()
        assert coming.value.suggested_filename.endswith("-ban-1.pdf")


def test_a_file_is_for_who_is_signed_in(office: Office) -> None:
    with office.page() as page:
        answer = page.request.get(f"{office.hub.url}/files/reports/year/{local_time(now_ms()).year}.json")
        assert answer.status == 401


def test_charts_leave_out_what_is_not_there() -> None:
    heat = Heat([[0] * 24 for _ in range(7)], [[0] * 24 for _ in range(7)])
    heat.presses[2][20] = 5
    options = _heat_options(heat)
    assert options["xAxis"]["data"][-1] == "20h"
    assert [13, 2, 5] in options["series"][0]["data"]
    assert _score_options([])["yAxis"]["data"] == []
    trend = _trend_options([Point("2026-10-05", 3, proportion(0, 0), None)])
    assert [series["data"] for series in trend["series"]] == [[3], [0], [None]]
