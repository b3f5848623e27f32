"""The link over HTTPS keeps its facts and goes on, whatever the door answers."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from firmware_agent.desk import Desk
from firmware_agent.node import Problems
from tests.support.clocks import RunningClock
from tests.support.site import NODE, Site
from tests.support.waiting import await_condition
from wire.batches import Ack, Batch
from wire.delivery import judge_batch
from wire.facts import RatingPressed

BAD_ANSWERS = [
    (200, b""),
    (200, b"garbage"),
    (200, b"[" * 50_000),
    (200, b'{"epoch":"0123456789abcdef","committed":99999}'),
    (200, b"x" * 2_000_000),
    (500, b"{}"),
    (403, b'{"detail":"no"}'),
]


@dataclass
class Door:
    """A door that answers badly while `answer` is set, and well otherwise."""

    answer: tuple[int, bytes] | None = None
    asked: int = 0
    committed: int = 0
    taken: list[Batch] = field(default_factory=list)

    def reply(self, path: str, body: bytes) -> tuple[int, bytes]:
        self.asked += 1
        if self.answer is not None:
            return self.answer
        if path.endswith("/facts"):
            batch = msgspec.json.decode(body, type=Batch)
            if judge_batch(self.committed, batch.first, len(batch.facts), batch.oldest).outcome == "take":
                self.taken.append(batch)
                self.committed = batch.first + len(batch.facts) - 1
            return 200, msgspec.json.encode(Ack(epoch=batch.epoch, committed=self.committed))
        return 200, b'{"documents":[]}' if path.endswith("/documents") else b"{}"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def desk(site: Site, door: Door) -> Iterator[Desk]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, content = door.reply(self.path, body)
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    files = site.commune.issue("door")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(files.authority))
    tls.load_cert_chain(files.certificate, files.key)
    tls.verify_mode = ssl.CERT_REQUIRED
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"https://127.0.0.1:{server.server_address[1]}"
    config = site.config().model_copy(update={"carrier": "https", "hub_url": url})
    made = Desk(config, NODE, "rating", site.identity, RunningClock(), Problems())
    made.start()
    yield made
    made.stop()
    server.shutdown()
    server.server_close()
    thread.join()


def presses(door: Door) -> set[int]:
    """The numbers of the presses that the door took; refusals that the node tells of stand between them."""
    return {
        seq
        for batch in door.taken
        for seq, fact in enumerate(batch.facts, batch.first)
        if fact.kind == RatingPressed.KIND
    }


def press() -> RatingPressed:
    return RatingPressed(counter="quay-1", scale="vi4", level=1, source="button")


@pytest.mark.parametrize("bad", BAD_ANSWERS)
def test_a_door_that_answers_nonsense_loses_nothing(door: Door, desk: Desk, bad: tuple[int, bytes]) -> None:
    door.answer = bad
    desk.record(press())
    asked = door.asked
    await_condition(lambda: door.asked > asked + 1)
    door.answer = None
    await_condition(lambda: len(presses(door)) == 1)
    desk.record(press())
    await_condition(lambda: len(presses(door)) == 2)
