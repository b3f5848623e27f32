"""The API: sign-in first, roles, clear errors, sizes bounded, and its page works without internet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from commune_hub.api.app import REQUEST_MAX_BYTES, make_api
from commune_hub.api.served import Served
from commune_hub.hub import Capabilities, open_capabilities
from commune_hub.times import local_day, now_ms
from firmware_agent.settings import read_toml
from provisioning.plan import DEFAULT_PLAN, check_hub_config
from provisioning.roster import RosterEntry, RosterNode, write_roster_entry
from tests.commune_hub.facts import batch, press, ticket
from tests.support.asynchronous import run_async


@dataclass
class Caller:
    """A member of staff who calls the API."""

    client: TestClient
    token: str = ""

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.client.request(method, f"/api/v1{path}", json=body, headers=headers)


@dataclass
class Api:
    capabilities: Capabilities
    client: TestClient
    changes: list[int] = field(default_factory=list)
    signed_in: dict[str, Caller] = field(default_factory=dict)

    def as_(self, *roles: str) -> Caller:
        account = "-".join(roles)
        if account not in self.signed_in:
            password = self.capabilities.staff.add(account, account, roles, by="test")
            sent = {"account": account, "password": password}
            token = self.client.post("/api/v1/session", json=sent).json()["token"]
            self.signed_in[account] = Caller(self.client, token)
        return self.signed_in[account]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    values = {**read_toml(DEFAULT_PLAN), "commune": "xuan-luong", "office": "UBND xã"}
    config = check_hub_config(values, "hub.toml", tmp_path)
    speaker = RosterNode(name="speaker", kind="speaker")
    hamlet = config.hamlets[0].id
    write_roster_entry(tmp_path / "roster", RosterEntry(device="loa-1", place=hamlet, nodes=[speaker]))
    capabilities = open_capabilities(config)
    changes: list[int] = []
    with TestClient(make_api(Served(capabilities, lambda: changes.append(1)))) as client:
        yield Api(capabilities, client, changes)
    capabilities.store.close()


def bulletin(api: Api, **changes: Any) -> dict[str, Any]:
    at = datetime.now(UTC) + timedelta(hours=1)
    hamlet = api.capabilities.config.hamlets[0].id
    return {"title": "Lịch tiêm", "text": "Mời bà con.", "places": [hamlet], "at": at.isoformat(), **changes}


@pytest.mark.parametrize("path", ["/devices", "/outages", "/ratings/today", "/queue", "/bulletins", "/clips"])
def test_nothing_without_signing_in(api: Api, path: str) -> None:
    assert Caller(api.client).ask("GET", path).status_code == 401
    assert Caller(api.client, "made-up").ask("GET", path).status_code == 401


def test_health_needs_no_sign_in(api: Api) -> None:
    assert Caller(api.client).ask("GET", "/health").json() == {"status": "ok"}


def test_wrong_password(api: Api) -> None:
    answer = api.client.post("/api/v1/session", json={"account": "x", "password": "y"})
    assert answer.status_code == 401
    assert "Sai tài khoản" in answer.json()["detail"]


def test_signing_out_ends_the_session(api: Api) -> None:
    caller = api.as_("officer")
    assert caller.ask("GET", "/queue").status_code == 200
    assert caller.ask("DELETE", "/session").status_code == 204
    assert caller.ask("GET", "/queue").status_code == 401


def test_call_next_and_end(api: Api) -> None:
    counter = api.capabilities.config.counters[0].id
    officer = api.as_("officer")
    assert officer.ask("POST", f"/counters/{counter}/call-next").status_code == 404
    issued = ticket("A001", local_day(now_ms()))
    api.capabilities.ledger.take(batch([issued], now_ms(), device="sanh", node="ticket"))
    called = officer.ask("POST", f"/counters/{counter}/call-next")
    assert (called.status_code, called.json()["number"], called.json()["field"]) == (200, "A001", "ho-tich")
    assert officer.ask("GET", "/queue").json()["serving"][counter]["number"] == "A001"
    assert officer.ask("POST", f"/counters/{counter}/end").json()["state"] == "ended"
    assert len(api.changes) == 2


def test_all_that_an_officer_does_at_a_counter(api: Api) -> None:
    first, second = (each.id for each in api.capabilities.config.counters[:2])
    officer = api.as_("officer")
    day = local_day(now_ms())
    issued = [ticket(f"A{number:03}", day) for number in (1, 2, 3)]
    api.capabilities.ledger.take(batch(list(issued), now_ms() - 5_000, device="sanh", node="ticket"))

    def post(verb: str, counter: str = first, **said: object) -> Any:
        return officer.ask("POST", f"/counters/{counter}/{verb}", dict(said))

    seen = officer.ask("GET", f"/counters/{first}").json()
    assert (seen["next"][0]["ticket"]["number"], seen["next"][0]["why"]) == ("A001", "longest")
    assert post("call-next", seen=seen["state"]).json()["number"] == "A001"
    assert post("call-next", seen=seen["state"]).status_code == 409, "a second click"
    assert post("recall").status_code == 200
    parked = post("park", reason="Thiếu ảnh").json()
    assert (parked["state"], parked["reason"]) == ("parked", "Thiếu ảnh")
    assert officer.ask("GET", "/queue").json()["aside"][0]["number"] == "A001"
    assert post("return", ticket=parked["ticket"]).json()["state"] == "waiting"
    assert post("call", number="A002").json()["why"] == "chosen"
    assert post("missed").json()["state"] == "missed"
    assert post("undo").json()["state"] == "called"
    assert post("transfer", to_counter="quay-99").status_code == 404
    assert post("transfer", to_field="may-bay").status_code == 404
    assert post("transfer").status_code == 422
    assert post("transfer", to_counter=second).json()["to_counter"] == second
    lines = {each: officer.ask("GET", f"/counters/{each}").json()["next"] for each in (first, second)}
    numbers = {each: [one["ticket"]["number"] for one in line] for each, line in lines.items()}
    assert numbers == {first: ["A001", "A003"], second: ["A001", "A002", "A003"]}
    assert api.as_("editor").ask("POST", f"/counters/{first}/recall").status_code == 403


def test_an_unknown_counter_is_named_with_those_there_are(api: Api) -> None:
    answer = api.as_("officer").ask("POST", "/counters/quay-99/call-next")
    assert answer.status_code == 404
    assert api.capabilities.config.counters[0].id in answer.json()["detail"]


def test_only_officers_call(api: Api) -> None:
    counter = api.capabilities.config.counters[0].id
    assert api.as_("editor").ask("POST", f"/counters/{counter}/call-next").status_code == 403


def test_a_bulletin_from_writing_to_withdrawal(api: Api) -> None:
    editor, approver = api.as_("editor"), api.as_("approver")
    made = editor.ask("POST", "/bulletins", bulletin(api))
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    path = f"/bulletins/{made.json()['id']}"
    changed = editor.ask("PUT", path, bulletin(api, title="Lịch mới"))
    assert changed.json()["title"] == "Lịch mới"
    seen = {"version": changed.json()["version"]}
    assert approver.ask("POST", f"{path}/approve", seen).status_code == 409, "not handed in yet"
    assert editor.ask("POST", f"{path}/submit").json()["state"] == "submitted"
    assert editor.ask("POST", f"{path}/approve", seen).status_code == 403
    assert approver.ask("POST", f"{path}/approve").status_code == 422, "what was read must be named"
    earlier = {"version": made.json()["version"]}
    assert approver.ask("POST", f"{path}/approve", earlier).status_code == 409, "that is not what it says now"
    assert approver.ask("POST", f"{path}/approve", seen).json()["approved_by"] == "approver"
    assert approver.ask("POST", f"{path}/withdraw").json()["state"] == "withdrawn"
    assert [each["state"] for each in editor.ask("GET", "/bulletins").json()] == ["withdrawn"]
    assert len(api.changes) == 2, "approval and withdrawal are what a programme may tell of"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"title": ""}, "title"),
        ({"at": "2026-01-01T00:00:00"}, "at"),
        ({"at": "mai"}, "at"),
        ({"places": "thon-dong"}, "places"),
        ({"places": ["sao-hoa"]}, "sao-hoa"),
        ({"volume": 11}, "volume"),
        ({"text": "x" * 8_001}, "text"),
    ],
)
def test_the_field_that_is_wrong_is_named(api: Api, changes: dict[str, Any], named: str) -> None:
    answer = api.as_("editor").ask("POST", "/bulletins", bulletin(api, **changes))
    assert answer.status_code == 422
    assert named in answer.json()["detail"]


def test_a_bulletin_is_heard_before_it_is_approved(api: Api) -> None:
    editor = api.as_("editor")
    made = editor.ask("POST", "/bulletins", bulletin(api)).json()["id"]
    sound = editor.ask("GET", f"/bulletins/{made}/sound")
    assert sound.headers["content-type"] == "audio/wav"
    assert sound.content[:4] == b"RIFF"
    assert len(sound.content) > 22_050


def test_who_approves_is_told_what_sounds_in_place_of_the_text(api: Api) -> None:
    relay = {"url": "http://127.0.0.1/la", "lasts_s": 60, "delay_s": 5.0}
    live = {"lasts_s": 120, "delay_s": 3.0}
    editor = api.as_("editor")
    for sent in ({"relay": relay}, {"live": live}):
        made = editor.ask("POST", "/bulletins", bulletin(api, **sent)).json()
        assert {"relay": made["relay"], "live": made["live"]} == {"relay": None, "live": None, **sent}


def test_too_large_and_unmeasured_requests_are_refused(api: Api) -> None:
    token = api.as_("editor").token
    headers = {"Authorization": f"Bearer {token}"}
    large = api.client.post("/api/v1/bulletins", content=b"x" * (REQUEST_MAX_BYTES + 1), headers=headers)
    assert large.status_code == 413
    unmeasured = api.client.post("/api/v1/bulletins", content=iter([b"{}"]), headers=headers)
    assert unmeasured.status_code == 411
    for path in ("/api/v1/session", "/media/recordings/x"):
        both = {"content-length": "2", "transfer-encoding": "chunked"}
        assert api.client.post(path, content=iter([b"{}"]), headers=both).status_code == 411
    sound = api.client.post("/api/v1/sounds", content=bytes(REQUEST_MAX_BYTES + 1), headers=headers)
    assert (sound.status_code, "không phải tệp âm thanh" in sound.text) == (422, True), (
        "as large as it may be"
    )


def test_a_body_that_is_cut_off_is_no_error_of_the_hub(api: Api) -> None:
    token = api.as_("editor").token
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {token}".encode()), (b"content-length", b"9")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/sounds",
        "headers": headers,
        "query_string": b"",
    }
    run_async(api.client.app({**scope, "headers": headers}, receive, send))  # type: ignore[arg-type]
    assert [each["status"] for each in sent if "status" in each] == [400]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'{"account": 1}', b"[" * 10_000])
def test_garbage_is_refused(api: Api, content: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = api.client.post("/api/v1/session", content=content, headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api", "/api/v1/health", "/api/v1/devices", "/api/v1/none"])
def test_every_answer_tells_browsers_to_keep_to_it(api: Api, path: str) -> None:
    headers = api.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_ratings_of_today(api: Api) -> None:
    api.capabilities.ledger.take(batch([press(1), press(4)], now_ms()))
    (tally,) = api.as_("leader").ask("GET", "/ratings/today").json()
    assert (tally["counter"], tally["total"], tally["satisfied_share"]) == ("quay-1", 2, 0.5)


def test_a_silence_is_told_with_its_meaning(api: Api) -> None:
    (silence,) = api.as_("technician").ask("GET", "/outages").json()
    assert (silence["kind"], silence["devices"], silence["since"]) == ("never_seen", ["loa-1"], None)
    assert "chưa từng liên lạc" in silence["text"]


def test_devices_show_every_node(api: Api) -> None:
    (device,) = api.as_("technician").ask("GET", "/devices").json()
    assert (device["device"], device["online"]) == ("loa-1", False)
    assert [node["name"] for node in device["nodes"]] == ["agent", "speaker"]


def test_accounts_add_up(api: Api) -> None:
    api.capabilities.ledger.take(batch([press(1), press(4)], now_ms()))
    api.capabilities.ledger.take(batch([press(2)], now_ms(), first=5, oldest=5))
    (account,) = api.as_("technician").ask("GET", "/accounts").json()
    assert (account["made"], account["stored"], account["missing"]) == (5, 3, 2)
    assert api.as_("officer").ask("GET", "/accounts").status_code == 403


def test_clips_are_for_leaders(api: Api) -> None:
    assert api.as_("officer").ask("GET", "/clips").status_code == 403
    leader = api.as_("leader")
    assert leader.ask("GET", "/clips").json() == []
    assert leader.ask("GET", f"/clips/{'0' * 64}").status_code == 404


def test_the_openapi_page_needs_no_internet(api: Api) -> None:
    page = api.client.get("/api").text
    assert "http://" not in page
    assert "https://" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"/api/assets/{asset}" in page
        assert api.client.get(f"/api/assets/{asset}").status_code == 200
    described = api.client.get("/api/v1/openapi.json").json()
    assert "/api/v1/bulletins/{bulletin}/approve" in described["paths"]


def test_a_refusal_that_repeats_half_a_letter_is_an_answer(api: Api) -> None:
    """JSON can hold one; UTF-8 cannot. What turns the letters round stays out of the answer, too."""
    token = api.as_("editor").token
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    sent = json.dumps(bulletin(api, places=["thon\ud83d\u202e"]))
    answer = api.client.post("/api/v1/bulletins", content=sent, headers=headers)
    assert answer.status_code == 422
    assert "không có nơi (no such place): thon ;" in answer.json()["detail"]
