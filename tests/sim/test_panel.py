"""The panel: served on this machine only, nothing from elsewhere, pictures and sounds of known nodes only."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest

from sim.panel.media import wave_bytes


@dataclass(frozen=True)
class Served:
    """A panel of a commune that is made but not switched on."""

    url: str
    directory: Path

    def node_directory(self, device: str, node: str) -> Path:
        return self.directory / "devices" / device / node


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Served]]:
    directory = tmp_path_factory.mktemp("panel")
    command = [sys.executable, "-m", "tests.sim.panel_alone", str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        url = process.stdout.readline().strip()
        while url and not url.startswith("http://"):
            url = process.stdout.readline().strip()  # what libraries say of themselves
        yield url, Served(url, directory)
        process.stdin.close()


def test_the_page_shows_the_commune_and_loads_nothing_from_elsewhere(panel: tuple[str, Served]) -> None:
    url, _ = panel
    page = httpx.get(url)
    assert page.status_code == 200
    for word in ("Xuân Lương", "Sảnh", "Loa thôn", "Mạng và nguồn", "quay-1-pi"):
        assert word in page.text or json.dumps(word)[1:-1] in page.text
    assert not re.findall(r"(?:src|href)=[\"']https?://", page.text)


def test_it_listens_on_this_machine_only(panel: tuple[str, Served]) -> None:
    url, _ = panel
    assert url.startswith("http://127.0.0.1:")


def test_pictures_of_known_nodes_only(panel: tuple[str, Served]) -> None:
    url, commune = panel
    assert httpx.get(f"{url}/picture/sanh-pi/ticket").status_code == 404
    frames = commune.node_directory("sanh-pi", "ticket") / "frames"
    frames.mkdir(parents=True)
    (frames / "000000001.png").write_bytes(b"old")
    (frames / "000000002.png").write_bytes(b"new")
    found = httpx.get(f"{url}/picture/sanh-pi/ticket")
    assert (found.status_code, found.content) == (200, b"new")
    assert found.headers["cache-control"] == "no-store"
    for path in ("nobody/ticket", "sanh-pi/camera", "..%2f..%2fhub/identity", "sanh-pi/..%2f..%2fstart.json"):
        assert httpx.get(f"{url}/picture/{path}").content != b"new"
        assert httpx.get(f"{url}/picture/{path}").headers["content-type"].split(";")[0] != "image/png"


def test_sound_can_be_heard_again(panel: tuple[str, Served]) -> None:
    url, commune = panel
    assert httpx.get(f"{url}/sound/loa-dong-1").status_code == 404
    assert httpx.get(f"{url}/sound/quay-1-pi").status_code == 404
    directory: Path = commune.node_directory("loa-dong-1", "speaker")
    directory.mkdir(parents=True)
    sound = wave_bytes(np.full(8_000, 1_000, dtype=np.int16), 8_000)
    (directory / "heard.wav").write_bytes(sound)
    found = httpx.get(f"{url}/sound/loa-dong-1")
    assert found.status_code == 200
    assert found.content == sound
