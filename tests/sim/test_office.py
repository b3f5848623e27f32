"""The staff at the API: sign in when needed, try again while the hub is away, tell what was refused."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from sim import office
from sim.office import Account, Colleague, HubAwayError, RefusedError, healthy, staff_of

OFFICER = Account("can-bo-1", "Cán bộ quầy 1", "officer", "secret")


class Hub:
    """A hub's API in memory, which can be away and can forget its sessions."""

    def __init__(self) -> None:
        self.token = "t1"
        self.away = 0
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            self.away -= 1
            raise httpx.ConnectError("refused", request=request)
        path = request.url.path.removeprefix("/api/v1")
        self.asked.append(path)
        if path == "/session":
            good = json.loads(request.content) == {"account": "can-bo-1", "password": "secret"}
            return httpx.Response(200, json={"token": self.token}) if good else httpx.Response(401, json={})
        if path == "/health":
            return httpx.Response(200, json={"status": "ok"})
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return httpx.Response(401, json={"detail": "sign in"})
        if path == "/nobody":
            return httpx.Response(404, json={"detail": "Không còn ai đang chờ."})
        return httpx.Response(200, json={"number": "A001"})


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def colleague(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Colleague:
    monkeypatch.setattr(office, "TRY_EVERY_S", 0.01)
    return Colleague(client_of(hub), OFFICER)


def client_of(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer), base_url="http://hub/api/v1")


def test_signs_in_once(hub: Hub, colleague: Colleague) -> None:
    assert colleague.post("/counters/quay-1/call-next") == {"number": "A001"}
    assert colleague.get("/queue") == {"number": "A001"}
    assert hub.asked == ["/session", "/counters/quay-1/call-next", "/queue"]


def test_signs_in_again_after_the_hub_forgot(hub: Hub, colleague: Colleague) -> None:
    colleague.get("/queue")
    hub.token = "t2"
    assert colleague.get("/queue") == {"number": "A001"}
    assert hub.asked[-2:] == ["/session", "/queue"]


def test_tries_again_while_nobody_listens(hub: Hub, colleague: Colleague) -> None:
    hub.away = 5
    assert colleague.get("/queue") == {"number": "A001"}


def test_gives_up_on_a_hub_that_stays_away(
    hub: Hub, colleague: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "HUB_BACK_WITHIN_S", 0.05)
    hub.away = 1_000
    with pytest.raises(HubAwayError):
        colleague.get("/queue")


def test_what_broke_off_is_not_said_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def breaking(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        raise httpx.ReadError("broken off", request=request)

    with pytest.raises(HubAwayError):
        Colleague(client_of(breaking), OFFICER).post("/counters/quay-1/call-next")
    assert len(asked) == 1


def test_a_refusal_tells_its_status_and_reason(colleague: Colleague) -> None:
    with pytest.raises(RefusedError, match="Không còn ai") as caught:
        colleague.post("/nobody")
    assert caught.value.status == 404


def test_a_wrong_password_is_a_refusal(hub: Hub) -> None:
    with pytest.raises(RefusedError):
        Colleague(client_of(hub), Account("can-bo-1", "", "officer", "wrong")).get("/queue")


def test_health(hub: Hub) -> None:
    assert healthy(client_of(hub))
    hub.away = 1
    assert not healthy(client_of(hub))


def test_staff_has_every_role_and_an_officer_for_each_counter() -> None:
    staff = staff_of(["quay-1", "quay-2", "quay-3"])
    roles = [role for _, _, role in staff]
    assert roles.count("officer") == 3
    assert set(roles) == {"officer", "editor", "approver", "technician", "leader", "administrator"}
    assert len({account for account, _, _ in staff}) == len(staff)
