"""What sounded where, by the API: from an approved bulletin and the facts to lines, CSV and figures."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from commune_hub.times import local_day, local_time, now_ms
from tests.commune_hub.facts import batch
from tests.commune_hub.test_api import Api, api, bulletin
from wire.facts import PlaybackFinished, PlaybackStarted, SpeakerConfigured, SpeakerStopped, SpeakerTested

__all__ = ["api"]


def approved(api: Api, **changes: Any) -> dict[str, Any]:
    editor, approver = api.as_("editor"), api.as_("approver")
    written = editor.ask("POST", "/bulletins", bulletin(api, **changes)).json()
    path = f"/bulletins/{written['id']}"
    assert editor.ask("POST", f"{path}/submit").status_code == 200
    answer = approver.ask("POST", f"{path}/approve", {"version": written["version"]})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def told(api: Api, *bodies: Any, first: int = 1, device: str = "loa-1") -> None:
    api.capabilities.ledger.take(batch(list(bodies), now_ms(), first=first, device=device, node="speaker"))


def test_what_sounded_is_told_line_by_line_and_month_by_month(api: Api) -> None:
    made = approved(api, at=None)
    leader = api.as_("leader")
    due_ms = api.capabilities.bulletins.get(made["id"]).at_ms
    assert due_ms is not None
    day = local_day(due_ms)
    path = f"/playbacks?first={day}&bulletin={made['id']}"
    (line,) = leader.ask("GET", path).json()
    assert (line["mark"], line["device"], line["heard"]) == ("coming", "loa-1", None)
    told(
        api,
        PlaybackStarted(bulletin=made["id"], due_at_ms=due_ms, started_at_ms=due_ms + 9),
        PlaybackFinished(
            bulletin=made["id"],
            started_at_ms=due_ms + 9,
            duration_ms=3_000,
            underruns=0,
            completeness=1.0,
            level_dbfs=-70.1,
            verdict="silent",
            fault="horn",
            sure=0.9,
        ),
    )
    (line,) = leader.ask("GET", path).json()
    assert (line["mark"], line["heard"], line["late_ms"], line["fault"]) == ("silent", False, 9, "horn")
    assert "loa nén" in line["advice"]
    assert datetime.fromisoformat(line["ended_at"]) == local_time(due_ms + 3_009)
    sheet = leader.ask("GET", f"/playbacks.csv?first={day}")
    assert sheet.headers["content-disposition"].endswith(f'"da-phat-{day}-{day}.csv"')
    assert made["title"] in sheet.text
    (figures,) = leader.ask("GET", f"/playbacks/months/{day[:7]}").json()
    assert (figures["asked"], figures["silent"], figures["share_heard"]) == (1, 1, 0.0)
    (on_it,) = leader.ask("GET", "/bulletins").json()[0]["playbacks"]
    assert (on_it["verdict"], on_it["completeness"]) == ("silent", 1.0)
    assert leader.ask("GET", f"/playbacks?first={day}&where=nowhere").json() == []


@pytest.mark.parametrize(
    "path",
    ["/playbacks?first=9999-12-31", "/playbacks.csv?first=0001-01-01", "/playbacks/months/9999-12"],
)
def test_the_ends_of_the_calendar_are_days_like_others(api: Api, path: str) -> None:
    assert api.as_("leader").ask("GET", path).status_code == 200


@pytest.mark.parametrize("path", ["/playbacks?first=2026-01-01&last=2026-03-01", "/playbacks/months/2026-13"])
def test_what_cannot_be_asked_is_refused_in_a_sentence(api: Api, path: str) -> None:
    answer = api.as_("leader").ask("GET", path)
    assert answer.status_code == 422
    assert "(" in answer.json()["detail"]


def test_a_plan_goes_by_what_the_loudspeaker_told_of_its_night(api: Api) -> None:
    noon = (datetime.now(UTC) + timedelta(days=1)).replace(hour=5, minute=0)
    made = approved(api, at=noon.isoformat())
    leader = api.as_("leader")
    assert leader.ask("GET", "/plan").json()["quiet"] == []
    (speaker,) = leader.ask("GET", "/loudspeakers").json()
    assert (speaker["settings_told"], speaker["last_test"], speaker["stopped"]) == (False, None, None)
    told(
        api,
        SpeakerConfigured(quiet_from="11:00", quiet_until="14:00", volume_by_hour={"00:00": 0.01}),
        SpeakerTested(at_ms=1, verdict="heard"),
        SpeakerStopped(until_ms=now_ms() + 60_000),
    )
    plan = leader.ask("GET", "/plan").json()
    assert [(each["bulletin"], each["places"]) for each in plan["quiet"]] == [(made["id"], ["loa-1"])]
    assert [each["places"] for each in plan["faint"]] == [["loa-1"]]
    (speaker,) = leader.ask("GET", "/loudspeakers").json()
    assert (speaker["quiet_from"], speaker["test_passed"]) == ("11:00", True)
    assert speaker["stopped"]["kind"] == "stopped"


def test_a_loudspeaker_owes_nothing_for_what_sounded_before_it_was_there(api: Api) -> None:
    made = approved(api, at=None)
    due_ms = api.capabilities.bulletins.get(made["id"]).at_ms or 0
    path = f"/playbacks?first={local_day(due_ms)}&bulletin={made['id']}"
    leader, roster = api.as_("leader"), api.capabilities.config.root / "roster"

    def listed() -> list[str]:
        return [line["device"] for line in leader.ask("GET", path).json()]

    def enrolled(device: str, at_ms: int) -> None:
        text = (roster / "loa-1.toml").read_text().replace("loa-1", device)
        (roster / f"{device}.toml").write_text(text)
        os.utime(roster / f"{device}.toml", ns=(at_ms * 1_000_000,) * 2)

    enrolled("loa-2", due_ms + 60_000)
    enrolled("loa-3", due_ms)
    assert listed() == ["loa-1", "loa-3"], "that which was there and never told anything still owes it"
    told(api, SpeakerConfigured())
    enrolled("loa-1", due_ms + 120_000)
    assert listed() == ["loa-1", "loa-3"], "a file that is written anew forgives nothing"
    told(api, PlaybackStarted(bulletin=made["id"], due_at_ms=due_ms, started_at_ms=due_ms), device="loa-2")
    assert listed() == ["loa-1", "loa-2", "loa-3"], "what it told of stands there all the same"
