"""A hub with its citizens' page, a clock that the test turns, and slips with codes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from commune_hub.capabilities.ratings import Press
from commune_hub.citizen.opening import citizen_app
from commune_hub.hub import Capabilities, open_capabilities
from commune_hub.times import local_day
from tests.commune_hub.conftest import NOON_MS, TurnedClock
from tests.commune_hub.console.served_hub import Senders, commune
from wire.facts import TicketIssued

FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Hall:
    """Slips by number, officers at counters, a phone."""

    capabilities: Capabilities
    clock: TurnedClock
    phone: TestClient
    senders: Senders
    codes: dict[str, str] = field(default_factory=dict)

    def give(self, *numbers: str, work: str = "ho-tich", code: str | None = None) -> None:
        for number in numbers:
            self.clock.at_ms += 10
            self.codes[number] = secrets.token_urlsafe(16) if code is None else code
            day = local_day(self.clock.at_ms)
            body = TicketIssued(
                ticket=f"sanh-pi-{day}-{number}",
                number=number,
                field=work,
                day=day,
                printed=True,
                code=self.codes[number],
            )
            self.senders.send("sanh-pi", "ticket", body, at_ms=self.clock.at_ms)

    def call(self, counter: str = "quay-1") -> str:
        self.clock.at_ms += 60_000
        return self.capabilities.queue.call_next(self.capabilities.ledger, counter, "can-bo").number

    def end(self, counter: str = "quay-1") -> None:
        self.clock.at_ms += 60_000
        self.capabilities.queue.end(self.capabilities.ledger, counter, "can-bo")

    def look(self, number: str) -> str:
        self.clock.at_ms += 5_000
        answer: httpx.Response = self.phone.get(f"/t/{self.codes[number]}")
        assert answer.status_code == 200
        return answer.text

    def rate(self, number: str, level: int, scale: str = "vi4") -> httpx.Response:
        return self.post(f"/t/{self.codes[number]}/rate", f"scale={scale}&level={level}")

    def post(self, path: str, body: str | bytes) -> httpx.Response:
        self.clock.at_ms += 100
        answer: httpx.Response = self.phone.post(path, content=body, headers=FORM)
        return answer

    def votes(self) -> list[Press]:
        return self.capabilities.ratings.counted(0, 2**62)

    def facts(self, kind: str) -> int:
        return int(
            self.capabilities.store.value(
                "SELECT count(*) FROM facts WHERE device = 'hub' AND node = 'slips' AND kind = ?", [kind]
            )
        )


def open_hall(root: Path, clock: TurnedClock) -> Hall:
    capabilities = open_capabilities(commune(root), clock)
    app = citizen_app(capabilities, clock)
    phone = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    return Hall(capabilities, clock, phone, Senders(capabilities))


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    clock = TurnedClock()
    clock.at_ms = NOON_MS
    made = open_hall(tmp_path, clock)
    yield made
    made.capabilities.store.close()
