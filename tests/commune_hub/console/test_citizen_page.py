"""The citizens' page on a phone whose browser runs no script."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect

from commune_hub.capabilities.queue import Officer
from commune_hub.citizen import open_citizen_page
from commune_hub.hub import Capabilities, open_capabilities
from commune_hub.times import local_day, now_ms
from tests.commune_hub.console.conftest import Office
from tests.commune_hub.console.served_hub import Senders, commune
from tests.support.browsing import opened
from wire.facts import TicketIssued

CODES = {"P901": "Zz0_-" * 4 + "Zz", "P902": "Yy1_-" * 4 + "Yy"}
PHONE = ViewportSize(width=360, height=640)
FINGER_PX = 48
"""Smallest side of what a finger hits (WCAG 2.2 asks for 24, makers of phones for 48)."""


@contextmanager
def phone(office: Office) -> Iterator[Page]:
    with opened(
        office.browser,
        viewport=PHONE,
        java_script_enabled=False,
        is_mobile=True,
        has_touch=True,
        device_scale_factor=2,
    ) as page:
        yield page


@contextmanager
def served(capabilities: Capabilities) -> Iterator[str]:
    page = open_citizen_page(capabilities, socket.create_server(("127.0.0.1", 0), backlog=50))
    page.start()
    yield f"http://127.0.0.1:{page.port}"
    page.stop()


def give_numbers(capabilities: Capabilities) -> None:
    senders = Senders(capabilities)
    day = local_day(now_ms())
    for number, code in CODES.items():
        body = TicketIssued(
            ticket=f"kiosk-p-{day}-{number}", number=number, field="ho-tich", day=day, printed=True, code=code
        )
        senders.send("sanh-pi", "ticket", body)


def call(capabilities: Capabilities, number: str) -> None:
    capabilities.queue.work(capabilities.ledger).call(Officer("can-bo", "quay-2"), number)


def test_place_vote_used_slip_and_forged_code(office: Office, tmp_path: Path) -> None:
    capabilities = open_capabilities(commune(tmp_path))
    give_numbers(capabilities)
    with served(capabilities) as url, phone(office) as page:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{url}/t/{CODES['P902']}")
        expect(page.locator(".number")).to_have_text("P902")
        expect(page.locator("section.waiting")).to_contain_text("trước ông/bà")
        assert page.locator("button").count() == 0
        call(capabilities, "P902")
        page.reload()
        expect(page.locator(".counter")).to_have_text("Quầy 2")
        widest = page.evaluate("document.documentElement.scrollWidth")
        assert widest <= PHONE["width"], "nothing is beyond the edge"
        faces = page.locator("button.face")
        assert faces.count() == 4
        boxes = [faces.nth(index).bounding_box() for index in range(4)]
        assert all(box is not None and min(box["width"], box["height"]) >= FINGER_PX for box in boxes)
        assert (
            page.locator("button.face svg").nth(3).evaluate("each => each.getBoundingClientRect().width") > 40
        )
        faces.nth(3).tap()
        page.locator("button[value=waiting]").tap()
        expect(page.locator(".told")).to_contain_text("Cảm ơn ông/bà")
        page.get_by_role("link").tap()
        expect(page.get_by_text("đã được dùng để đánh giá")).to_be_visible()
        assert page.url == f"{url}/t/{CODES['P902']}"
        assert page.locator("button").count() == 0
        page.goto(f"{url}/t/{CODES['P902'][::-1]}")
        expect(page.locator(".told")).to_contain_text("Không có trang này")
    assert [text for text in complaints if "404" not in text] == [], "the page breaks no rule of its own"
    vote = capabilities.ratings.by_slip(f"kiosk-p-{local_day(now_ms())}-P902")
    assert vote is not None
    assert (vote.level, vote.reason, vote.counter) == (4, "waiting", "quay-2")
    capabilities.store.close()
