"""The live page: who has the right speaks into the browser's own test microphone, and the hub hears it."""

from __future__ import annotations

import av
import numpy as np
from playwright.sync_api import expect

from commune_hub.times import now_ms
from tests.commune_hub.conftest import member
from tests.commune_hub.console.conftest import Office
from tests.support.waiting import await_condition

TITLE = "Chủ tịch nói chuyện"


def test_somebody_writes_another_approves_and_the_page_speaks(office: Office) -> None:
    capabilities = office.hub.capabilities
    with office.signed_in("editor") as page:
        page.goto(f"{office.hub.url}/bulletins/write")
        page.get_by_test_id("bulletin-title").fill(TITLE)
        page.get_by_test_id("bulletin-text").fill("Nói chuyện trực tiếp với bà con")
        page.get_by_test_id("bulletin-at-once").click()
        page.get_by_test_id("bulletin-live").click()
        page.get_by_test_id("bulletin-live-minutes").fill("5")
        page.get_by_test_id("bulletin-place-thon-dong").click()
        page.get_by_test_id("bulletin-save").click()
        expect(page.get_by_test_id("bulletin-new")).to_be_visible()
        draft = next(each for each in capabilities.bulletins.latest() if each.title == TITLE)
        one = capabilities.bulletins.submit(draft.id, member("editor", "editor"))
        approved = capabilities.bulletins.approve(one.id, member("minh", "approver"), one.version)
        assert approved.how.live is not None
        assert approved.how.live.lasts_ms == 300_000
        await_condition(lambda: now_ms() >= (approved.at_ms or 0))
        page.goto(f"{office.hub.url}/bulletins")
        page.get_by_test_id(f"bulletin-live-{one.id}").click()
        expect(page.get_by_test_id("live-state")).to_contain_text("Sẵn sàng")
        page.get_by_test_id("live-speak").click()
        page.wait_for_function("window.communeLive && window.communeLive.sent >= 8")
        expect(page.get_by_test_id("live-state")).to_contain_text("ĐANG PHÁT TRỰC TIẾP")
        page.wait_for_function("document.getElementById('live-meter').offsetWidth > 0")
        page.get_by_test_id("live-end").click()
        expect(page.get_by_test_id("live-state")).to_contain_text("đã kết thúc")
        (row,) = capabilities.live.held(one.id)
        page.get_by_test_id(f"live-heard-{one.id}").click()
        expect(page.locator("audio[src*=spoken]")).to_be_visible()
    assert row["account"] == "editor"
    assert row["duration_ms"] >= 1_500
    with av.open(str(capabilities.live.record(row["sha256"]))) as file:
        heard = np.concatenate([frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)])
    assert np.abs(heard).max() > 0.1, "the test microphone's beep"


def test_strangers_bring_no_sound(office: Office) -> None:
    with office.signed_in("leader") as page:
        page.goto(f"{office.hub.url}/bulletins/live?bulletin=x")
        expect(page.get_by_test_id("refused")).to_be_visible()
        answer = page.request.post(f"{office.hub.url}/media/live/x?rate=48000&from=0", data=b"\0\0")
        assert answer.status == 403
    with office.page() as page:
        answer = page.request.post(f"{office.hub.url}/media/live/x?rate=48000&from=0", data=b"\0\0")
        assert answer.status == 404
