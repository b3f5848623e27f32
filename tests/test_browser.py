"""A real browser on a whole commune: sign in, call a number, schedule a bulletin that is then heard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from commune_hub.times import local_time, now_ms
from sim import acts
from sim.commune import Commune
from sim.doing import Doer
from sim.judging.audit import late_max_s
from sim.judging.evidence import stalls_of
from sim.judging.listening import Sounding, listen
from sim.scenario import load_scenario
from sim.truth import Truth
from tests.support.browsing import opened, press_until
from tests.support.waiting import await_condition

pytestmark = [pytest.mark.commune, pytest.mark.timeout(600)]

SCENARIO = Path(__file__).parent / "data" / "small_hall.toml"
TEXT = "Mời bà con thôn Đông đến nhà văn hóa dự họp lúc bảy giờ tối nay."


@dataclass
class Hall:
    """An open commune, the hands of its citizens, and a browser for its staff."""

    commune: Commune
    citizens: Doer
    browser: Browser

    @contextmanager
    def signed_in(self, role: str) -> Iterator[Page]:
        account = next(each for each in self.commune.accounts if each.role == role)
        with opened(self.browser) as page:
            page.goto(f"{self.commune.console_url}/sign-in")
            fill(page, "sign-in-account", account.account)
            fill(page, "sign-in-password", account.password)
            page.get_by_test_id("sign-in-submit").click()
            expect(page.get_by_test_id("sign-out")).to_be_attached()
            yield page


def fill(page: Page, name: str, value: str) -> None:
    """Type into a field: the name stands on the field itself or around it."""
    field = page.get_by_test_id(name)
    inner = field.locator("input, textarea")
    (inner if inner.count() else field).fill(value)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Hall]:
    directory = tmp_path_factory.mktemp("commune") / "hall"
    directory.mkdir()
    with Commune(load_scenario(SCENARIO), directory, 1, lambda _: None) as commune:
        truth = Truth(directory, commune.start)
        commune.make()
        commune.open()
        yield Hall(commune, Doer(commune, truth), chromium)
        truth.close()


def test_an_officer_calls_the_number_that_a_citizen_took(hall: Hall) -> None:
    assert hall.citizens.do(acts.Take(at_s=0, device="sanh-pi", field="ho-tich"))
    with hall.signed_in("officer") as page:
        page.goto(f"{hall.commune.console_url}/counter")
        expect(page.get_by_text("A001")).to_be_visible()
        page.get_by_test_id("call-next").click()
        expect(page.get_by_test_id("current-number")).to_have_text("A001")
    officer = hall.commune.colleague("officer")
    assert officer.get("/queue")["serving"]["quay-1"]["number"] == "A001"


def heard(hall: Hall) -> list[Sounding]:
    return listen(hall.commune.node_directory("loa-dong-1", "speaker"))


def test_a_bulletin_is_written_approved_by_another_and_heard(hall: Hall) -> None:
    due = local_time(now_ms() + 90_000).replace(second=0, microsecond=0)
    with hall.signed_in("editor") as page:
        page.goto(f"{hall.commune.console_url}/bulletins")
        page.get_by_test_id("bulletin-new").click()
        fill(page, "bulletin-title", "Họp thôn")
        fill(page, "bulletin-text", TEXT)
        page.get_by_test_id("bulletin-place-thon-dong").click()
        fill(page, "bulletin-date", due.strftime("%Y-%m-%d"))
        fill(page, "bulletin-time", due.strftime("%H:%M"))
        page.get_by_test_id("bulletin-save").click()
        page.get_by_test_id(re.compile("^bulletin-submit-")).click()
        expect(page.get_by_text("Chờ phê duyệt").first).to_be_visible()
        expect(page.get_by_test_id(re.compile("^bulletin-approve-"))).to_have_count(0)
    with hall.signed_in("approver") as page:
        page.goto(f"{hall.commune.console_url}/bulletins")
        page.get_by_test_id(re.compile("^bulletin-approve-")).click()
        page.get_by_test_id("confirm").click()
        expect(page.get_by_text("Đã phê duyệt").first).to_be_visible()
        assert heard(hall) == [], "nothing sounds before its time"
        expect(page.get_by_text("Phát xong 1/1 lần").first).to_be_visible(timeout=180_000)
    await_condition(lambda: heard(hall))
    (sounding,) = heard(hall)
    due_s = hall.commune.start.since_s(due.timestamp() * 1000)
    stalls = stalls_of(hall.commune.directory, hall.commune.start)
    assert abs(sounding.start_s - due_s) < late_max_s(stalls, due_s)
    assert sounding.lasts_s > 2


LONG = "Nước sông đang lên nhanh, đề nghị bà con thôn Đông đưa người già và trẻ em lên chỗ cao ngay. " * 12
LONG_LASTS_S = 60.0
"""The text lasts longer than this, some 80 s; a browser on a busy machine may take a while to withdraw it."""

SILENT_S = 3.0
"""No pause within speech is as long. How soon it begins and ends is measured by bench/emergency.py."""


def test_an_emergency_is_listened_to_approved_heard_and_falls_silent_when_withdrawn(hall: Hall) -> None:
    since_s = hall.commune.start.now_s
    before = len(heard(hall))
    with hall.signed_in("editor") as page:
        page.goto(f"{hall.commune.console_url}/bulletins")
        page.get_by_test_id("bulletin-new").click()
        fill(page, "bulletin-title", "Lũ khẩn cấp")
        fill(page, "bulletin-text", LONG)
        page.get_by_test_id("bulletin-emergency").click()
        page.get_by_test_id("bulletin-at-once").click()
        page.get_by_test_id("bulletin-place-thon-dong").click()
        page.get_by_test_id("listen").click()
        expect(page.get_by_test_id("player")).to_be_visible()
        page.get_by_test_id("bulletin-save").click()
        page.get_by_test_id(re.compile("^bulletin-submit-")).click()
        expect(page.get_by_text("Chờ phê duyệt").first).to_be_visible()
    with hall.signed_in("approver") as page:
        page.goto(f"{hall.commune.console_url}/bulletins")
        page.get_by_test_id(re.compile("^bulletin-approve-")).click()
        page.get_by_test_id("confirm").click()
        await_condition(lambda: len(heard(hall)) > before)
        begun_s = heard(hall)[before].start_s
        await_condition(lambda: heard(hall)[-1].end_s > begun_s + 1)
        card = page.get_by_test_id(re.compile("^bulletin-2")).filter(has_text="Lũ khẩn cấp")
        confirm = page.get_by_test_id("confirm")
        press_until(card.get_by_test_id(re.compile("^bulletin-withdraw-")), confirm)
        confirm.click()
        expect(card.get_by_text("Đã thu hồi").first).to_be_visible()
    await_condition(lambda: since_s() > heard(hall)[-1].end_s + SILENT_S, 2 * LONG_LASTS_S)
    assert heard(hall)[-1].end_s - begun_s < LONG_LASTS_S
