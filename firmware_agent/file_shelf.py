"""Files that documents name by their hash: fetched ahead from the hub's door, checked, kept on the disk.

A slow line is used as it comes: what was cut off goes on where it stopped, a set rate leaves room for facts,
and one file that does not come does not hold up the others.
"""

from __future__ import annotations

import hashlib
import logging
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from firmware_agent.files import sync_directory
from firmware_agent.identity import Identity

TIMEOUT_S = 30.0
"""Longest silence of the line; a slow line that moves is given its time."""

AGAIN_AFTER_S = 20.0
"""Pause after a file did not come; spread by a quarter, so that devices do not ask together."""

GOODBYE_S = 3.0
PIECE_BYTES = 8 * 1024

log = logging.getLogger(__name__)

Fetch = Callable[[str, int], Iterator[bytes]]
"""Yields the pieces of a file by its hash, from a byte on; raises OSError or httpx.HTTPError."""


@dataclass(frozen=True)
class ShelfRules:
    """What a shelf may take: largest file, most files, bytes a second (0: as fast as the line)."""

    file_max_bytes: int
    kept_max: int
    rate_bytes_per_s: int = 0
    again_after_s: float = AGAIN_AFTER_S


class _GivesWayError(Exception):
    """Something else is to be fetched first; what came so far stays, and is gone on with later."""


class FileShelf:
    """The files that somebody wants to have at hand.

        shelf = FileShelf(directory, door_fetch(hub_url, identity, "sounds"), rules, wake_the_node)
        shelf.want([sha256, …])     # the most urgent first; fetched on a thread; all else is removed
        shelf.path(sha256)          # the file, or None while it is not here
        shelf.close()

    `on_change` is called from the shelf's thread after each file. Without `fetch` (no door) only what lies on
    the disk is given out.
    """

    def __init__(
        self, directory: Path, fetch: Fetch | None, rules: ShelfRules, on_change: Callable[[], None]
    ) -> None:
        self._directory = directory
        self._fetch = fetch
        self._rules = rules
        self._on_change = on_change
        self._wake = threading.Condition()
        self._wanted: tuple[str, ...] | None = None
        """None until the first wish: nothing is removed before."""
        self._here: set[str] = set()
        self._tries: Counter[str] = Counter()
        self._closed = False
        directory.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._work, name="shelf", daemon=True)
        self._thread.start()

    def want(self, wanted: Sequence[str]) -> None:
        """Say which files shall be here, the most urgent first; at most `kept_max` are."""
        chosen = tuple(dict.fromkeys(wanted))[: self._rules.kept_max]
        with self._wake:
            if chosen != self._wanted:
                self._wanted = chosen
                self._wake.notify()

    def path(self, sha256: str) -> Path | None:
        """Return a file that is here and whole, or None."""
        with self._wake:
            return self._file(sha256) if sha256 in self._here else None

    def missing(self) -> int:
        """Return how many files are wanted and not here."""
        with self._wake:
            return len(set(self._wanted or ()) - self._here)

    def spoil(self, sha256: str) -> None:
        """Say that a file cannot be read after all; it is fetched anew."""
        with self._wake:
            self._here.discard(sha256)
            self._file(sha256).unlink(missing_ok=True)
            self._wake.notify()

    def close(self) -> None:
        """End; what is under way goes on after the next start."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join(GOODBYE_S)

    def _work(self) -> None:
        while (sha256 := self._next()) is not None:
            try:
                brought = self._bring(sha256)
            except _GivesWayError:
                continue
            if brought:
                with self._wake:
                    self._here.add(sha256)
                self._on_change()
            else:
                self._tries[sha256] += 1
                self._pause()

    def _next(self) -> str | None:
        """Wait for a file that is not here, those first that failed least; None at the end."""
        with self._wake:
            while not self._closed:
                if self._wanted is not None:
                    self._tidy(self._wanted)
                    chosen = self._choice()
                    if chosen is not None:
                        return chosen
                self._wake.wait()
        return None

    def _choice(self) -> str | None:
        missing = [each for each in self._wanted or () if each not in self._here]
        return min(missing, key=lambda sha256: self._tries[sha256], default=None)

    def _pause(self) -> None:
        """Wait before the next try, or for other wishes."""
        with self._wake:
            asked = self._wanted
            pause_s = self._rules.again_after_s * random.uniform(0.75, 1.25)
            self._wake.wait_for(lambda: self._closed or self._wanted != asked, pause_s)

    def _bring(self, sha256: str) -> bool:
        """Have a file on the disk: it is there and whole, or it is fetched."""
        try:
            if self._file(sha256).is_file() and _hash(self._file(sha256)) == sha256:
                return True
            if self._fetch is None:
                return False
            self._receive(sha256, self._fetch)
            return self._keep(sha256)
        except (OSError, httpx.HTTPError) as error:
            log.info("chưa lấy được tệp (file cannot be fetched yet) %s: %s", sha256[:12], error)
            return False

    def _receive(self, sha256: str, fetch: Fetch) -> None:
        """Append what is missing of a file to the part of it that is here."""
        with self._part(sha256).open("ab") as part:
            size = part.tell()
            began_s, before = time.monotonic(), size
            for piece in fetch(sha256, size):
                size += len(piece)
                if size > self._rules.file_max_bytes:
                    raise OSError(f"file: over {self._rules.file_max_bytes} bytes")
                part.write(piece)
                self._go_on(sha256, size - before, began_s)
            part.flush()
            os.fsync(part.fileno())

    def _go_on(self, sha256: str, received: int, began_s: float) -> None:
        """Keep to the rate; give way to what is more urgent by now."""
        rate = self._rules.rate_bytes_per_s
        ahead_s = received / rate - (time.monotonic() - began_s) if rate else 0.0
        with self._wake:
            if ahead_s > 0:
                self._wake.wait_for(lambda: self._closed or self._choice() != sha256, ahead_s)
            if self._closed or self._choice() != sha256:
                raise _GivesWayError

    def _keep(self, sha256: str) -> bool:
        part = self._part(sha256)
        if _hash(part) != sha256:
            log.warning("tệp không khớp mã băm, lấy lại (wrong hash, fetched anew): %s", sha256[:12])
            part.unlink()
            return False
        part.rename(self._file(sha256))
        sync_directory(self._directory)
        return True

    def _tidy(self, wanted: tuple[str, ...]) -> None:
        """Remove what nobody wants; it can be fetched again."""
        for path in self._directory.iterdir():
            if path.name.removesuffix(".part") not in wanted and path.is_file():
                path.unlink(missing_ok=True)
        self._here &= set(wanted)
        self._tries = Counter({sha256: count for sha256, count in self._tries.items() if sha256 in wanted})

    def _file(self, sha256: str) -> Path:
        return self._directory / sha256

    def _part(self, sha256: str) -> Path:
        return self._directory / f"{sha256}.part"


def door_fetch(hub_url: str, identity: Identity | None, kind: str) -> Fetch | None:
    """Return what fetches files of a kind (`pictures`, `sounds`) at the hub's door; None without a door."""
    if not hub_url or identity is None:
        return None
    tls = identity.tls()

    def fetch(sha256: str, from_byte: int) -> Iterator[bytes]:
        url = f"{hub_url.rstrip('/')}/v1/{kind}/{sha256}"
        headers = {"Range": f"bytes={from_byte}-"} if from_byte else {}
        # trust_env: no proxy of the environment stands between the device and its hub.
        with (
            httpx.Client(verify=tls, timeout=TIMEOUT_S, trust_env=False) as client,
            client.stream("GET", url, headers=headers) as answer,
        ):
            if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # all of it is here already
            answer.raise_for_status()
            skip = from_byte if answer.status_code == httpx.codes.OK else 0
            for piece in answer.iter_raw(PIECE_BYTES):
                yield piece[skip:]
                skip = max(0, skip - len(piece))

    return fetch


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
