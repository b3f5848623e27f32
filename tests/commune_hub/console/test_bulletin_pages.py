"""The bulletin's pages in a browser: a template, a rule, a sound, a recording, and the plan of the week."""

from __future__ import annotations

import io
from datetime import timedelta

import numpy as np
import soundfile
from playwright.sync_api import Page, expect

from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.capabilities.staff import Member
from commune_hub.times import local_day, now_ms
from commune_hub.writing.bulletin_draft import Draft, How
from tests.commune_hub.console.conftest import Office
from tests.commune_hub.console.served_hub import HAMLET
from wire.intents import Relay


def fill_template(page: Page, url: str, template: str) -> None:
    page.goto(f"{url}/bulletins/write")
    page.get_by_test_id("bulletin-template").click()
    page.get_by_test_id(f"template-{template}").click()
    expect(page.get_by_test_id("confirm")).to_be_visible()
    for gap in page.locator("[data-testid^=gap-]").all():
        gap.fill(gap.get_attribute("placeholder") or "")
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("confirm")).to_have_count(0)


def newest(office: Office, title: str) -> Bulletin:
    return next(each for each in office.hub.capabilities.bulletins.latest() if each.title.startswith(title))


def save(page: Page) -> None:
    page.get_by_test_id("bulletin-place-thon-dong").click()
    page.get_by_test_id("bulletin-save").click()
    expect(page.get_by_test_id("bulletin-new")).to_be_visible()


def test_a_template_with_a_rule_stands_in_the_plan_with_what_it_clashes_with(office: Office) -> None:
    url = office.hub.url
    with office.signed_in("editor") as page:
        for template in ("vaccination", "power-cut"):
            fill_template(page, url, template)
            page.get_by_test_id("bulletin-repeat").click()
            page.get_by_test_id("bulletin-times").fill("23:30, 17:00")
            for day in ("SA", "SU"):
                page.get_by_test_id(f"bulletin-day-{day}").click()
            save(page)
            bulletin = newest(office, "Lịch tiêm chủng" if template == "vaccination" else "Lịch cắt điện")
            assert bulletin.how.rule is not None
            assert bulletin.how.rule.times == ("17:00", "23:30")
            page.get_by_test_id(f"bulletin-submit-{bulletin.id}").click()
            expect(page.get_by_test_id(f"bulletin-submit-{bulletin.id}")).to_have_count(0)
        page.goto(f"{url}/plan")
        warnings = page.get_by_test_id("plan-warnings")
        expect(warnings.get_by_text("Chồng nhau").first).to_be_visible()
        expect(warnings.get_by_text("Giờ yên tĩnh").first).to_be_visible()
        tomorrow = local_day(now_ms() + timedelta(days=1) // timedelta(milliseconds=1))
        expect(page.get_by_test_id(f"plan-{tomorrow}").get_by_text("Chờ phê duyệt").first).to_be_visible()
    with office.signed_in("approver") as page:
        page.goto(f"{url}/bulletins")
        page.get_by_test_id(f"bulletin-approve-{bulletin.id}").click()
        expect(page.get_by_test_id("plan-warning").first).to_be_visible()
        page.get_by_test_id("confirm").click()
        expect(page.get_by_test_id(f"bulletin-approve-{bulletin.id}")).to_have_count(0)
    assert newest(office, "Lịch cắt điện").state == "approved"


def test_who_approves_a_relay_reads_where_its_sound_comes_from(office: Office) -> None:
    capabilities, url = office.hub.capabilities, "http://127.0.0.1/la"
    how = How(relay=Relay(url=url, lasts_ms=90_000))
    writer = Member("lan", "Lan", frozenset({"editor"}))
    written = capabilities.bulletins.write(
        Draft("Lịch tiêm", "Mời bà con.", (HAMLET,), None, how), writer, {HAMLET}
    )
    capabilities.bulletins.submit(written.id, writer)
    with office.signed_in("approver") as page:
        page.goto(f"{office.hub.url}/bulletins")
        page.get_by_test_id(f"bulletin-approve-{written.id}").click()
        expect(page.get_by_test_id("sounds-instead")).to_contain_text(f"Tiếp âm {url}, trong 1:30")


def test_an_emergency_template_makes_an_emergency(office: Office) -> None:
    with office.signed_in("editor") as page:
        fill_template(page, office.hub.url, "storm")
        save(page)
    storm = newest(office, "Tin bão số 5")
    assert storm.emergency
    assert storm.at_ms is None, "it does not wait for an hour that nobody chose"
    assert "cấp 10-11" in storm.text


def test_what_cannot_be_said_is_told_while_it_is_written(office: Office) -> None:
    """Nothing, pictures, English, a megabyte: each has its answer, and nothing is cut off in silence."""
    with office.signed_in("editor") as page:
        page.goto(f"{office.hub.url}/bulletins/write")
        page.get_by_test_id("bulletin-title").fill("Thử")
        content, words = page.get_by_test_id("bulletin-text"), page.get_by_test_id("said-words")
        marks, too_long = page.get_by_test_id("said-marks"), page.get_by_test_id("said-too-long")
        page.get_by_test_id("bulletin-save").click()
        expect(page.get_by_text("nội dung (text): còn trống").first).to_be_visible()
        content.fill("🎉🎉 ❤️")
        expect(words).to_contain_text("Không có chữ nào đọc được")
        expect(marks).to_contain_text("ký hiệu không đọc được")
        page.get_by_test_id("listen").click()
        expect(page.get_by_text("hãy viết bằng chữ tiếng Việt").first).to_be_visible()
        content.fill("Please come to the meeting")
        expect(marks).to_contain_text("từ nước ngoài")
        content.evaluate("field => field.focus()")
        page.evaluate("""document.execCommand('selectAll');
            document.execCommand('insertText', false, 'Mời bà con đến họp. '.repeat(50_000))""")
        expect(too_long).to_be_visible()
        page.get_by_test_id("bulletin-save").click()
        expect(page.get_by_text("nhiều nhất 8000; hãy rút gọn").first).to_be_visible()
        content.fill("Mời bà con đến họp.")
        expect(too_long).to_be_hidden()
        expect(words).to_have_text("mời bà con đến họp.")


def test_a_sound_file_and_a_recording_take_the_place_of_the_voice(office: Office) -> None:
    """The browser's own test microphone beeps once a second."""
    file = io.BytesIO()
    soundfile.write(file, np.sin(np.arange(44_100) / 8) * 0.3, 44_100, format="WAV")
    with office.signed_in("editor") as page:
        page.goto(f"{office.hub.url}/bulletins/write")
        page.get_by_test_id("bulletin-title").fill("Bài hát")
        page.get_by_test_id("bulletin-text").fill("Nhạc hiệu của xã")
        chooser = page.get_by_test_id("sound-upload").locator("input[type=file]")
        chooser.set_input_files({"name": "a.zip", "mimeType": "audio/wav", "buffer": b"PK\x03\x04 no sound"})
        expect(page.get_by_text("đây không phải tệp âm thanh").first).to_be_visible()
        chooser.set_input_files({"name": "a.wav", "mimeType": "audio/wav", "buffer": file.getvalue()})
        state = page.get_by_test_id("bulletin-sound")
        expect(state).to_contain_text("dài 0:01")
        page.get_by_test_id("sound-drop").click()
        expect(state).to_contain_text("Chưa có")
        page.get_by_test_id("sound-record").click()
        expect(page.get_by_text("Đang ghi âm…")).to_be_visible()
        page.wait_for_function("window.communeRecording.pieces.length >= 3")
        page.get_by_test_id("sound-record").click()
        expect(state).to_contain_text("Đã có âm thanh")
        page.get_by_test_id("listen").click()
        expect(page.get_by_test_id("player")).to_be_visible()
        save(page)
    kept = newest(office, "Bài hát").how.sound
    assert kept is not None
    assert office.hub.capabilities.sounds.path(kept.sha256).stat().st_size == kept.size_bytes
