"""The console in a real browser: who may see what, and that the buttons do what they say."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Dialog, FilePayload, Page, expect

from commune_hub.console import desk
from commune_hub.console.gate import same_origin
from tests.commune_hub.console.conftest import Office, sign_in
from wire.facts import RatingPressed

pytestmark = pytest.mark.timeout(600)

PAGES = [
    "/",
    "/hall",
    "/ratings",
    "/reports",
    "/counter",
    "/bulletins",
    "/notices",
    "/clips",
    "/devices",
    "/reconcile",
    "/staff",
    "/audit",
    "/me",
]


def test_signing_in_gives_the_browser_another_cookie(office: Office) -> None:
    account = office.member("officer")
    with office.page() as page:
        page.goto(f"{office.hub.url}/sign-in")
        before = page.context.cookies()
        sign_in(page, office.hub.url, account, office.passwords[account])
        expect(page.get_by_test_id("sign-out")).to_be_attached()
        assert page.url.rstrip("/") == office.hub.url
    with office.page() as planted:
        # Whoever planted or saw the cookie of before is not signed in with it.
        for cookie in before:
            planted.context.add_cookies(
                [{"name": cookie["name"], "value": cookie["value"], "url": office.hub.url}]
            )
        planted.goto(office.hub.url)
        expect(planted.get_by_test_id("sign-in-submit")).to_be_visible()


def test_nothing_is_shown_before_signing_in(office: Office) -> None:
    with office.page() as page:
        for path in PAGES:
            page.goto(f"{office.hub.url}{path}")
            expect(page.get_by_test_id("sign-in-submit")).to_be_visible()


def test_a_wrong_password_is_told_plainly(office: Office) -> None:
    with office.page() as page:
        sign_in(page, office.hub.url, office.member("officer"), "sai mật khẩu")
        expect(page.get_by_test_id("sign-in-error")).to_contain_text("Sai tài khoản")


def test_after_signing_in_one_is_where_one_wanted_to_be_and_nowhere_else(office: Office) -> None:
    account = office.member("officer")
    with office.page() as page:
        page.goto(f"{office.hub.url}/sign-in?to=https://example.org/")
        page.get_by_test_id("sign-in-account").fill(account)
        page.get_by_test_id("sign-in-password").fill(office.passwords[account])
        page.get_by_test_id("sign-in-submit").click()
        expect(page.get_by_test_id("sign-out")).to_be_attached()
        assert page.url.startswith(office.hub.url)


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        ("officer", ["/clips", "/staff", "/audit", "/reconcile"]),
        ("editor", ["/counter", "/clips", "/staff"]),
        ("leader", ["/counter", "/staff"]),
        ("administrator", ["/counter", "/clips"]),
    ],
)
def test_each_role_sees_its_own_pages(office: Office, role: str, refused: list[str]) -> None:
    with office.signed_in(role) as page:
        for path in PAGES:
            page.goto(f"{office.hub.url}{path}")
            shown = page.locator(".refusal")
            expect(shown).to_have_count(1 if path in refused else shown.count())
            assert (shown.count() == 1) >= (path in refused), path
        for path in refused:
            expect(page.locator(f'a[href="{path}"]')).to_have_count(0)


def test_an_officer_calls_and_ends(office: Office) -> None:
    number = office.hub.senders.take_ticket()
    with office.signed_in("officer") as page:
        page.goto(f"{office.hub.url}/counter")
        expect(page.get_by_text(number)).to_be_visible()
        before = office.hub.changes
        page.get_by_test_id("call-next").click()
        expect(page.get_by_test_id("current-number")).to_have_text(number)
        assert office.hub.changes > before
        page.get_by_test_id("end-visit").click()
        expect(page.get_by_test_id("current-number")).not_to_have_text(number)


def test_an_officer_parks_lets_come_back_and_takes_back(office: Office) -> None:
    number = office.hub.senders.take_ticket()
    with office.signed_in("officer") as page:
        page.goto(f"{office.hub.url}/counter")
        expect(page.get_by_text("lâu nhất")).to_be_visible()
        page.get_by_test_id(f"call-{number}").click()
        expect(page.get_by_test_id("current-number")).to_have_text(number)
        page.get_by_test_id("park").click()
        page.get_by_test_id("park-other").fill("Thiếu hộ chiếu")
        page.get_by_test_id("confirm").click()
        expect(page.get_by_text("Thiếu hộ chiếu, từ")).to_be_visible()
        page.get_by_test_id(f"return-{number}").click()
        expect(page.get_by_test_id(f"return-{number}")).to_have_count(0)
        expect(page.get_by_text(f"Số {number} vào lại hàng, gần đầu")).to_be_visible()
        page.keyboard.press("n")
        expect(page.get_by_test_id("current-number")).to_have_text(number)
        page.get_by_test_id("end-visit").click()
        page.get_by_test_id("undo").click()
        expect(page.get_by_test_id("current-number")).to_have_text(number)
        page.get_by_test_id("end-visit").click()
        expect(page.get_by_test_id("current-number")).not_to_have_text(number)
    kinds = [each.number for each in office.hub.capabilities.queue.calls(4) if each.number == number]
    assert len(kinds) == 2, "called twice; what was taken back was no calling out"


def test_when_nobody_waits_the_page_says_so(office: Office) -> None:
    with office.signed_in("officer") as page:
        page.goto(f"{office.hub.url}/counter")
        expect(page.get_by_text("Không còn ai đang chờ")).to_be_visible()
        page.get_by_test_id("call-next").click()
        expect(page.get_by_text("Không còn ai đang chờ. (Nobody is waiting.)")).to_be_visible()


def write(page: Page, url: str, title: str) -> None:
    page.goto(f"{url}/bulletins")
    page.get_by_test_id("bulletin-new").click()
    page.get_by_test_id("bulletin-title").fill(title)
    page.get_by_test_id("bulletin-text").fill("Mời bà con đến nhà văn hóa.")
    page.get_by_test_id("bulletin-place-thon-dong").click()
    page.get_by_test_id("bulletin-at-once").click()
    page.get_by_test_id("bulletin-save").click()
    expect(page.get_by_text(title, exact=True).first).to_be_visible()


def newest(office: Office, title: str) -> str:
    return next(each.id for each in office.hub.capabilities.bulletins.latest() if each.title == title)


def test_one_writes_another_approves(office: Office) -> None:
    with office.signed_in("editor") as page:
        write(page, office.hub.url, "Họp thôn")
        bulletin = newest(office, "Họp thôn")
        page.get_by_test_id(f"bulletin-submit-{bulletin}").click()
        expect(page.get_by_test_id(f"bulletin-submit-{bulletin}")).to_have_count(0)
        expect(page.get_by_test_id(f"bulletin-approve-{bulletin}")).to_have_count(0)
    with office.signed_in("approver") as page:
        page.goto(f"{office.hub.url}/bulletins")
        page.get_by_test_id(f"bulletin-approve-{bulletin}").click()
        page.get_by_test_id("confirm").click()
        expect(page.get_by_test_id(f"bulletin-approve-{bulletin}")).to_have_count(0)
    approved = office.hub.capabilities.bulletins.get(bulletin)
    assert (approved.state, approved.written_by, approved.approved_by) == ("approved", "editor", "approver")


def test_nobody_is_offered_to_approve_their_own(office: Office) -> None:
    with office.signed_in("editor", "approver") as page:
        write(page, office.hub.url, "Của chính tôi")
        bulletin = newest(office, "Của chính tôi")
        page.get_by_test_id(f"bulletin-submit-{bulletin}").click()
        expect(page.get_by_test_id(f"bulletin-submit-{bulletin}")).to_have_count(0)
        expect(page.get_by_test_id(f"bulletin-approve-{bulletin}")).to_have_count(0)


def test_a_notice_is_seen_as_the_hall_will_see_it_before_another_approves_it(office: Office) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (300, 200), "darkred").save(picture, "PNG")
    notices = office.hub.capabilities.notices
    with office.signed_in("editor") as page:
        page.goto(f"{office.hub.url}/notices")
        page.get_by_test_id("notice-new").click()
        page.get_by_test_id("notice-title").fill("Lệ phí chứng thực")
        page.get_by_test_id("notice-lines").fill("Bản sao | 2.000 đ\nChữ ký | 10.000 đ")
        sent: FilePayload = {"name": "anh.png", "mimeType": "image/png", "buffer": picture.getvalue()}
        page.locator("input[type=file]").set_input_files(sent)
        expect(page.get_by_test_id("notice-picture")).to_have_text("Đã có ảnh.")
        page.get_by_test_id("notice-look").click()
        shown = page.get_by_test_id("notice-preview")
        expect(shown).to_be_visible()
        expect(shown).to_have_js_property("naturalWidth", 1280)
        page.get_by_test_id("notice-save").click()
        expect(page.get_by_text("Lệ phí chứng thực", exact=True)).to_be_visible()
        (written,) = [each for each in notices.listed() if each.title == "Lệ phí chứng thực"]
        expect(page.get_by_test_id(f"notice-approve-{written.id}")).to_have_count(0)
    with office.signed_in("approver") as page:
        page.goto(f"{office.hub.url}/notices")
        page.get_by_test_id(f"notice-approve-{written.id}").click()
        expect(page.get_by_test_id("notice-preview")).to_be_visible()
        page.get_by_test_id("confirm").click()
        expect(page.get_by_test_id(f"notice-approve-{written.id}")).to_have_count(0)
        (approved,) = notices.on_board()
        assert (approved.lines[0], bool(approved.picture)) == ("Bản sao | 2.000 đ", True)
        page.get_by_test_id(f"notice-remove-{written.id}").click()
        page.get_by_test_id("confirm").click()
        expect(page.get_by_test_id(f"notice-restore-{written.id}")).to_be_visible()
        assert notices.on_board() == []
        page.get_by_test_id(f"notice-restore-{written.id}").click()
        expect(page.get_by_test_id(f"notice-remove-{written.id}")).to_be_visible()
        assert notices.on_board() == [approved]


def test_what_is_written_is_shown_as_text_whatever_it_holds(office: Office) -> None:
    title = "<img src=x onerror=alert(1)><b>đậm</b>"
    alerts: list[Dialog] = []
    with office.signed_in("editor") as page:
        page.on("dialog", _keep(alerts))
        write(page, office.hub.url, title)
        expect(page.get_by_text(title, exact=True).first).to_be_visible()
        assert page.locator("img[src=x]").count() == 0
    assert alerts == []


def test_the_overview_counts_presses(office: Office) -> None:
    pressed = [
        RatingPressed(counter="quay-1", scale="vi4", level=level, source="touch") for level in (1, 1, 4)
    ]
    office.hub.senders.send("quay-1-pi", "rating", *pressed)
    with office.signed_in("leader") as page:
        page.goto(office.hub.url)
        expect(page.get_by_test_id("tile-presses")).to_have_text("3")


def test_accounts_of_loss_are_shown(office: Office) -> None:
    office.hub.senders.take_ticket()
    with office.signed_in("technician") as page:
        page.goto(f"{office.hub.url}/reconcile")
        expect(page.get_by_text("sự việc đã vào sổ")).to_be_visible()
        expect(page.get_by_test_id("accounts-table")).to_contain_text("sanh-pi")


def test_an_administrator_makes_an_account_that_can_sign_in(office: Office) -> None:
    with office.signed_in("administrator") as page:
        page.goto(f"{office.hub.url}/staff")
        expect(page.get_by_text(re.compile("administrator")).first).to_be_visible()
    assert any(line["action"] == "staff.signed_in" for line in office.hub.capabilities.audit.latest())


def test_a_closed_account_is_out_at_its_next_click(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.hub.senders.take_ticket()
    account = office.member("officer", "technician")
    with office.signed_in("officer", "technician") as page:
        left_open = page.context.new_page()
        left_open.goto(f"{office.hub.url}/counter")
        expect(left_open.get_by_test_id("call-next")).to_be_visible()
        # The other page shall wait for the click: it would also go by itself, maybe in the middle of it.
        monkeypatch.setattr(desk, "LIVE_EVERY_S", 3_600.0)
        page.goto(f"{office.hub.url}/counter")
        expect(page.get_by_test_id("call-next")).to_be_visible()
        waiting = len(office.hub.capabilities.queue.waiting())
        office.hub.capabilities.staff.set_active(account, False, by="test")
        page.get_by_test_id("call-next").click()
        expect(page.get_by_test_id("sign-in-submit")).to_be_visible()
        assert len(office.hub.capabilities.queue.waiting()) == waiting
        expect(left_open.get_by_test_id("sign-in-submit")).to_be_visible()


def test_signing_out_ends_the_session(office: Office) -> None:
    with office.signed_in("officer") as page:
        page.get_by_test_id("sign-out").click()
        expect(page.get_by_test_id("sign-in-submit")).to_be_visible()
        page.goto(f"{office.hub.url}/counter")
        expect(page.get_by_test_id("sign-in-submit")).to_be_visible()


def test_the_browser_is_told_to_be_careful(office: Office) -> None:
    headers = httpx.get(f"{office.hub.url}/sign-in").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "httponly" in headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("origin", "may"),
    [(None, True), ("http://hub.xa:8080", True), ("https://example.org", False), ("null", False)],
)
def test_a_page_of_another_site_may_not_talk(origin: str | None, may: bool) -> None:
    headers = [(b"host", b"hub.xa:8080"), *([(b"origin", origin.encode())] if origin else [])]
    assert same_origin({"headers": headers}) == may


def _keep(alerts: list[Dialog]) -> Callable[[Dialog], None]:
    def keep(dialog: Dialog) -> None:
        alerts.append(dialog)
        dialog.dismiss()

    return keep
