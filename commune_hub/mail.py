"""The door's letter box: facts, signs of life and documents of nodes that come over HTTPS."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol

from aiohttp import web
from msgspec import Raw

from commune_hub.intake.bucket import PACED, Buckets
from commune_hub.link import Desk
from wire.batches import Batch
from wire.codec import MAX_MESSAGE_BYTES, WireError, decode, encode
from wire.mail import Post, Posted
from wire.status import Status
from wire.topics import Address

SealedDocuments = Callable[[Address], list[tuple[str, bytes]]]
"""Returns the documents that stand for a node: (name, sealed)."""


class Holder(Protocol):
    """Tells who stands at the door."""

    def __call__(self, request: web.Request) -> str:
        """Return the name in the certificate."""


class LetterBox:
    """`POST|PUT|GET /v1/nodes/{node}/facts|status|documents`, for the device whose certificate it is."""

    def __init__(self, commune: str, desk: Desk, documents: SealedDocuments, holder: Holder) -> None:
        self._commune = commune
        self._desk = desk
        self._documents = documents
        self._holder = holder
        self._buckets = Buckets()

    def add_routes(self, app: web.Application) -> None:
        """Put up the letter box at the door."""
        app.router.add_post("/v1/nodes/{node}/facts", self._on(self._facts))
        app.router.add_put("/v1/nodes/{node}/status", self._on(self._status))
        app.router.add_get("/v1/nodes/{node}/documents", self._on(self._post))

    def _on(self, act: Callable[[Address, bytes], bytes]) -> Any:
        async def answer(request: web.Request) -> web.Response:
            try:
                address = Address(self._commune, self._holder(request), request.match_info["node"])
            except ValueError as error:
                return web.json_response({"reason": "foreign_topic", "detail": str(error)}, status=400)
            content = await request.content.read(MAX_MESSAGE_BYTES + 1)
            while not request.content.at_eof() and len(content) <= MAX_MESSAGE_BYTES:
                content += await request.content.read(MAX_MESSAGE_BYTES + 1 - len(content))
            try:
                self._buckets.check(address.device, time.monotonic_ns() // 1_000_000)
                body = await asyncio.to_thread(self._checked, act, address, content)
            except WireError as error:
                self._desk.refused(address.device, request.path[:120], error)
                status = 429 if error.reason == PACED else 400
                return web.json_response({"reason": error.reason, "detail": str(error)}, status=status)
            return web.Response(body=body, content_type="application/json")

        return answer

    def _checked(self, act: Callable[[Address, bytes], bytes], address: Address, content: bytes) -> bytes:
        if not self._desk.knows(address):
            raise WireError("not_enrolled", f"{address} is not on the roster")
        return act(address, content)

    def _facts(self, address: Address, content: bytes) -> bytes:
        batch = decode(content, Batch)
        if (batch.device, batch.node) != (address.device, address.node):
            raise WireError("foreign_topic", f"batch of {batch.device}/{batch.node} at the box of {address}")
        self._desk.take_batch(batch)
        return encode(self._desk.ack(batch))

    def _status(self, address: Address, content: bytes) -> bytes:
        self._desk.heard(address, decode(content, Status))
        return b"{}"

    def _post(self, address: Address, _content: bytes) -> bytes:
        documents = [Posted(name=name, sealed=Raw(sealed)) for name, sealed in self._documents(address)]
        return encode(Post(documents=documents))
