"""What the hub says when it starts."""

from __future__ import annotations

import pytest

from commune_hub.serve import console_address
from provisioning.plan import ConsoleSettings, HubConfig


@pytest.mark.parametrize(
    ("host", "tls", "address", "told"),
    [
        ("127.0.0.1", False, "127.0.0.1", "http://127.0.0.1:8080/"),
        ("0.0.0.0", True, "192.168.1.10", "https://192.168.1.10:8080/"),  # noqa: S104
        ("::", True, "fd00::10", "https://[fd00::10]:8080/"),
    ],
)
def test_a_browser_finds_the_console_where_the_hub_says(
    host: str, tls: bool, address: str, told: str
) -> None:
    console = ConsoleSettings.model_construct(host=host, port=8080, tls=tls)
    assert console_address(HubConfig.model_construct(console=console, address=address)) == told
