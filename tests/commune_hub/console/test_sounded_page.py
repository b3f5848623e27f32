"""What sounded, in a browser: the picture of the day, what is broken, the loudspeaker's own history."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from commune_hub.capabilities.staff import Member
from commune_hub.times import now_ms
from commune_hub.writing.bulletin_draft import Draft
from tests.commune_hub.console.conftest import Office
from tests.commune_hub.console.served_hub import HAMLET, SPEAKER
from wire.facts import PlaybackFinished, PlaybackStarted, SpeakerStopped, SpeakerTested

pytestmark = pytest.mark.timeout(600)

AUTHOR = Member("tac-gia", "Tác giả", frozenset({"editor"}))
APPROVER = Member("nguoi-duyet", "Người duyệt", frozenset({"approver"}))


def test_a_loudspeaker_that_is_silent_is_seen_and_named(office: Office) -> None:
    capabilities = office.hub.capabilities
    bulletins = capabilities.bulletins
    draft = Draft("Loa có kêu không", "Nghe thử loa.", (HAMLET,), None)
    made = bulletins.submit(bulletins.write(draft, AUTHOR, {HAMLET}).id, AUTHOR)
    due_ms = bulletins.approve(made.id, APPROVER, made.version).at_ms or 0
    ended: dict[str, Any] = {
        "duration_ms": 3_000,
        "underruns": 0,
        "completeness": 1.0,
        "verdict": "silent",
        "fault": "horn",
    }
    office.hub.senders.send(
        SPEAKER,
        "speaker",
        PlaybackStarted(bulletin=made.id, due_at_ms=due_ms, started_at_ms=due_ms + 8),
        PlaybackFinished(bulletin=made.id, started_at_ms=due_ms + 8, level_dbfs=-80.0, sure=0.9, **ended),
        SpeakerTested(at_ms=now_ms(), verdict="silent", fault="horn"),
        SpeakerStopped(until_ms=now_ms() + 1_800_000),
    )
    with office.signed_in("leader") as page:
        page.goto(f"{office.hub.url}/sounded?bulletin={made.id}")
        cell = page.get_by_test_id(f"proof-{SPEAKER}-{made.id}")
        expect(cell).to_have_text("✗")
        expect(page.get_by_text("hãy xem loa nén và dây loa").first).to_be_visible()
        expect(page.get_by_test_id("sounded-month")).to_contain_text(SPEAKER)
        cell.click()
        expect(page.get_by_role("dialog")).to_contain_text("nghe thấy: không")
        page.goto(office.hub.url)
        expect(page.get_by_text("Loa đang bị dừng bằng nút").first).to_be_visible()
        expect(page.get_by_text("hãy xem loa nén và dây loa").first).to_be_visible()
        page.goto(f"{office.hub.url}/devices")
        page.get_by_test_id(f"speaker-{SPEAKER}").click()
        expect(page.get_by_role("dialog")).to_contain_text("Bị dừng bằng nút")
