"""Pictures of the notice board on the display's disk: fetched from the hub's door by hash, checked, kept."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import random
import threading
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

import httpx

from firmware_agent.files import write_durably
from firmware_agent.identity import Identity

PICTURE_MAX_BYTES = 8 * 1024 * 1024
"""Largest picture that is taken; the hub makes them smaller (commune_hub.pictures)."""

KEPT_MAX = 40
"""As many as there are notices on a board."""

TIMEOUT_S = 20.0
AGAIN_AFTER_S = 20.0
"""Pause after a picture did not come; spread by half, so that displays do not ask together."""

GOODBYE_S = 3.0

log = logging.getLogger(__name__)

Fetch = Callable[[str], bytes]
"""Returns a picture by its hash; raises OSError or httpx.HTTPError."""


class PictureShelf:
    """The pictures that the board's notices name.

        shelf = PictureShelf(directory, door_fetch(context.hub_url, context.identity), context.changed.set)
        shelf.want({sha256, …})     # fetched in turns, on a thread of its own; all else is removed
        shelf.path(sha256)          # the file, or "" while it is not here
        shelf.close()

    Without `fetch` (no door) only what is on the disk is shown.
    """

    def __init__(self, directory: Path, fetch: Fetch | None, on_change: Callable[[], None]) -> None:
        self._directory = directory
        self._fetch = fetch
        self._on_change = on_change
        self._wake = threading.Condition()
        self._wanted: frozenset[str] | None = None
        """None until the first wish: nothing is removed before."""
        self._here: set[str] = set()
        self._tries: Counter[str] = Counter()
        self._closed = False
        directory.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._work, name="pictures", daemon=True)
        self._thread.start()

    def want(self, wanted: Collection[str]) -> None:
        """Say which pictures shall be here; the first KEPT_MAX are."""
        chosen = frozenset(sorted(wanted)[:KEPT_MAX])
        with self._wake:
            if chosen != self._wanted:
                self._wanted = chosen
                self._wake.notify()

    def path(self, sha256: str) -> str:
        """Return the file of a picture that is here and whole; empty otherwise."""
        with self._wake:
            return str(self._file(sha256)) if sha256 in self._here else ""

    def close(self) -> None:
        """End; a picture that is under way is left."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join(GOODBYE_S)

    def _work(self) -> None:
        while (sha256 := self._next()) is not None:
            if self._bring(sha256):
                with self._wake:
                    self._here.add(sha256)
                self._on_change()
            else:
                self._tries[sha256] += 1
                self._pause()

    def _next(self) -> str | None:
        """Wait for a picture that is not here; None at the end."""
        with self._wake:
            while not self._closed:
                if self._wanted is not None:
                    self._tidy(self._wanted)
                    missing = self._wanted - self._here
                    if missing:
                        return min(missing, key=lambda sha256: (self._tries[sha256], sha256))
                self._wake.wait()
        return None

    def _pause(self) -> None:
        """Wait before the next try, or for other wishes."""
        with self._wake:
            asked = self._wanted
            pause_s = AGAIN_AFTER_S * random.uniform(0.75, 1.25)
            self._wake.wait_for(lambda: self._closed or self._wanted != asked, pause_s)

    def _bring(self, sha256: str) -> bool:
        """Have a picture on the disk: it is there and whole, or it is fetched."""
        try:
            if self._file(sha256).is_file() and _hash(self._file(sha256).read_bytes()) == sha256:
                return True
            content = self._fetch(sha256) if self._fetch else b""
            if _hash(content) != sha256:
                log.info("chưa có ảnh (picture is not there): %s", sha256[:12])
                return False
            write_durably(self._file(sha256), content)
        except (OSError, httpx.HTTPError) as error:
            log.info("chưa lấy được ảnh (picture cannot be fetched) %s: %s", sha256[:12], error)
            return False
        return True

    def _tidy(self, wanted: frozenset[str]) -> None:
        """Remove what nobody wants; it can be fetched again."""
        with contextlib.suppress(OSError):
            for path in self._directory.iterdir():
                if path.name not in wanted and path.is_file():
                    path.unlink(missing_ok=True)
        self._here &= wanted
        self._tries = Counter({sha256: count for sha256, count in self._tries.items() if sha256 in wanted})

    def _file(self, sha256: str) -> Path:
        return self._directory / sha256


def door_fetch(hub_url: str, identity: Identity | None) -> Fetch | None:
    """Return what fetches pictures at the hub's door with the device's certificate; None without a door."""
    if not hub_url or identity is None:
        return None
    tls = identity.tls()

    def fetch(sha256: str) -> bytes:
        url = f"{hub_url.rstrip('/')}/v1/pictures/{sha256}"
        # trust_env: no proxy of the environment stands between the device and its hub.
        with (
            httpx.Client(verify=tls, timeout=TIMEOUT_S, trust_env=False) as client,
            client.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            content = bytearray()
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > PICTURE_MAX_BYTES:
                    raise OSError(f"picture: over {PICTURE_MAX_BYTES} bytes")
            return bytes(content)

    return fetch


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
