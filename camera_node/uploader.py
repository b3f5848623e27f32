"""Bring clips to the hub's door, one after the other, beside the recording and never in its way."""

from __future__ import annotations

import logging
import random
import threading
import time
from typing import Literal

import httpx

from camera_node.archive import Archive, Clip
from firmware_agent.backoff import Backoff
from firmware_agent.identity import Identity
from firmware_agent.node import Problems

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
"""Seconds without any progress; a slow line that moves is given its time."""

GOODBYE_S = 3.0
"""How long `stop` waits; a clip that is cut off is sent again after the next start."""

REFUSED_BYTES_MAX = 300
"""How much of a refusal's text is kept for the log."""

Outcome = Literal["done", "refused", "unknown device", "later"]

log = logging.getLogger(__name__)


def judge(status: int) -> Outcome:
    """Return what the hub's answer means for the clip.

    401 and 403 say that the hub does not know the device (yet), nothing about the clip: it stays.
    """
    if status in (200, 201):
        return "done"
    if status in (401, 403):
        return "unknown device"
    if 400 <= status < 500 and status not in (408, 425, 429):
        return "refused"
    return "later"


class Uploader:
    """A thread that sends all of `archive.waiting`, oldest first, to `hub_url`.

    What waits is the folder on disk, so it goes on after a restart. Raises ValueError for a door
    that is not https. `identity` proves the device; only the commune's own hub is trusted.
    """

    def __init__(self, archive: Archive, hub_url: str, identity: Identity, problems: Problems) -> None:
        if not hub_url.startswith("https://"):
            raise ValueError(f"hub_url: tìm thấy (found) {hub_url!r}; cho phép (allowed): https://…")
        self._archive = archive
        self._url = hub_url.rstrip("/")
        self._tls = identity.tls()
        self._problems = problems
        self._backoff = Backoff()
        self._refused = 0
        self._stopping = threading.Event()
        self._work = threading.Event()
        self._thread = threading.Thread(target=self._run, name="uploader", daemon=True)
        archive.on_clip = self._work.set

    def start(self) -> None:
        """Begin to send; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End, at the latest after GOODBYE_S."""
        self._stopping.set()
        self._work.set()
        self._thread.join(GOODBYE_S)

    def _run(self) -> None:
        # trust_env: no proxy or certificate of the environment stands between the device and its hub.
        with httpx.Client(verify=self._tls, timeout=TIMEOUT, trust_env=False) as client:
            while not self._stopping.is_set():
                self._work.clear()
                for clip in self._archive.clips(self._archive.waiting):
                    if self._stopping.is_set() or not self._deal_with(client, clip):
                        break
                else:
                    self._work.wait()

    def _deal_with(self, client: httpx.Client, clip: Clip) -> bool:
        """Send one clip; False: after the pause that this took, look again at what waits."""
        try:
            outcome, detail = self._send(client, clip)
            if outcome in ("done", "refused"):
                self._settle(clip, outcome, detail)
                return True
        except FileNotFoundError:
            log.info("đoạn ghi đã bị xóa để lấy chỗ (deleted meanwhile): %s", clip.path.name)
            return True
        except (httpx.HTTPError, OSError) as error:
            outcome, detail = "later", str(error) or type(error).__name__
        self._complain(outcome, detail)
        pause_s = self._backoff.died(time.monotonic()) * random.uniform(0.8, 1.2)
        self._backoff.started(time.monotonic())
        self._stopping.wait(pause_s)
        return False

    def _send(self, client: httpx.Client, clip: Clip) -> tuple[Outcome, str]:
        with clip.path.open("rb") as file:
            answer = client.put(
                f"{self._url}/v1/clips/{clip.sha256}", content=file, headers={"Content-Type": "video/mp4"}
            )
        return judge(answer.status_code), f"{answer.status_code} {answer.text[:REFUSED_BYTES_MAX]}"

    def _settle(self, clip: Clip, outcome: Outcome, detail: str) -> None:
        self._backoff = Backoff()
        self._problems.clear("upload")
        if outcome == "done":
            self._archive.mark_sent(clip)
            return
        self._archive.mark_refused(clip)
        self._refused += 1
        log.warning("hub từ chối đoạn ghi (refused clip) %s: %s", clip.path.name, detail)
        self._problems.report(
            "refused clips",
            f"Hub từ chối {self._refused} đoạn ghi, đã cất riêng. (Refused clips are set aside.)",
        )

    def _complain(self, outcome: Outcome, detail: str) -> None:
        log.info("chưa gửi được đoạn ghi (clip not sent yet): %s", detail)
        self._problems.report(
            "upload",
            "Hub không nhận đoạn ghi: thiết bị chưa có trong danh sách. (Device is not on the hub's roster.)"
            if outcome == "unknown device"
            else "Chưa gửi được đoạn ghi về hub, sẽ gửi lại. (Clips cannot be sent yet.)",
        )
