"""The gate before the console's pages: what strangers may cost."""

from __future__ import annotations

import httpx
from starlette.responses import PlainTextResponse

from commune_hub.capabilities.staff import Staff
from commune_hub.console import gate
from tests.commune_hub.conftest import Office
from tests.support.asynchronous import run_async


def test_one_address_asks_for_so_many_pages_and_leaves_the_others_theirs(office: Office) -> None:
    asked = run_async(_ask(office.staff))
    pages = int(gate.PAGES_AT_ONCE)
    assert asked["first"][:pages] == [200] * pages
    assert asked["first"][-1] == 429
    assert asked["files"] == [200]
    assert asked["other"] == [200]


async def _ask(staff: Staff) -> dict[str, list[int]]:
    door = gate.Gate(PlainTextResponse("a page"), staff)

    async def statuses(address: str, path: str, times: int) -> list[int]:
        transport = httpx.ASGITransport(door, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            return [(await client.get(path)).status_code for _ in range(times)]

    return {
        "first": await statuses("10.0.0.7", "/sign-in", 2 * int(gate.PAGES_AT_ONCE)),
        "files": await statuses("10.0.0.7", "/media/microphone.js", 1),
        "other": await statuses("10.0.0.8", "/sign-in", 1),
    }
