"""The staff at work: what officers and editors do through the hub's API, each signed in as themselves."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

HUB_BACK_WITHIN_S = 30.0
"""How long somebody tries again while the hub is not there."""
TRY_EVERY_S = 0.5
REQUEST_TIMEOUT_S = 15.0


class HubAwayError(Exception):
    """The hub did not come back in time."""


class RefusedError(Exception):
    """The hub answered that it will not; the text is what it told."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status


@dataclass(frozen=True)
class Account:
    """A member of staff, with the password made for this run."""

    account: str
    name: str
    role: str
    password: str


def staff_of(counters: list[str]) -> list[tuple[str, str, str]]:
    """Return (account, name, role) of the staff that a commune with these counters needs."""
    officers = [(f"can-bo-{index}", f"Cán bộ quầy {index}", "officer") for index, _ in enumerate(counters, 1)]
    return [
        *officers,
        ("bien-tap", "Cán bộ truyền thanh", "editor"),
        ("phe-duyet", "Lãnh đạo phê duyệt", "approver"),
        ("ky-thuat", "Cán bộ kỹ thuật", "technician"),
        ("lanh-dao", "Lãnh đạo xã", "leader"),
        ("quan-tri", "Quản trị hệ thống", "administrator"),
    ]


class Colleague:
    """One member of staff at the hub's API. Signs in when needed, again after the hub forgot."""

    def __init__(self, client: httpx.Client, account: Account) -> None:
        self._client = client
        self._account = account
        self._token = ""

    def get(self, path: str) -> Any:
        """Ask; raises RefusedError, HubAwayError."""
        return self._request("GET", path, None)

    def post(self, path: str, said: dict[str, Any] | None = None) -> Any:
        """Do; raises RefusedError, HubAwayError."""
        return self._request("POST", path, said)

    def _request(self, method: str, path: str, said: dict[str, Any] | None) -> Any:
        if not self._token:
            self._sign_in()
        answer = self._send(method, path, said)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._sign_in()
            answer = self._send(method, path, said)
        return _content(answer)

    def _sign_in(self) -> None:
        said = {"account": self._account.account, "password": self._account.password}
        self._token = _content(self._send("POST", "/session", said))["token"]

    def _send(self, method: str, path: str, said: dict[str, Any] | None) -> httpx.Response:
        """Send, again while nobody listens: what was never taken may be said again."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}

        def once() -> httpx.Response:
            return self._client.request(method, path, json=said, headers=headers)

        return _patiently(once)


def _patiently(once: Callable[[], httpx.Response]) -> httpx.Response:
    deadline_s = time.monotonic() + HUB_BACK_WITHIN_S
    while True:
        try:
            return once()
        except httpx.ConnectError as error:
            if time.monotonic() > deadline_s:
                raise HubAwayError(f"hub không trả lời (the hub does not answer): {error}") from None
            time.sleep(TRY_EVERY_S)
        except httpx.HTTPError as error:
            raise HubAwayError(f"hub ngắt giữa chừng (the hub broke off): {error}") from None


def _content(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json() if answer.content else None
    detail = answer.text[:300]
    with contextlib.suppress(ValueError, AttributeError):
        detail = str(answer.json().get("detail", detail))
    raise RefusedError(answer.status_code, detail)


def open_client(url: str) -> httpx.Client:
    """Return a client for the hub at `url` (http://host:port)."""
    return httpx.Client(base_url=f"{url}/api/v1", timeout=REQUEST_TIMEOUT_S, trust_env=False)


def healthy(client: httpx.Client) -> bool:
    """Tell whether the hub answers."""
    try:
        return client.get("/health", timeout=2.0).is_success
    except httpx.HTTPError:
        return False
