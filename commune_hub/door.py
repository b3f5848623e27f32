"""The door for devices, for files and for mail: HTTPS that only a device of the commune can open."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from commune_hub.capabilities.clips import CLIP_MAX_BYTES, Clips
from commune_hub.capabilities.fleet import Fleet
from commune_hub.capabilities.live import Live
from commune_hub.errors import FullError, InvalidError, MissingError
from commune_hub.live.door import LiveDoor
from commune_hub.mail import LetterBox
from commune_hub.pictures import Pictures
from commune_hub.sounds.library import Sounds
from firmware_agent.os_words import os_words

_SHA256 = re.compile(r"[0-9a-f]{64}")
PIECE_BYTES = 64 * 1024
START_WITHIN_S = 10.0

AT_A_TIME_MAX = 4
"""Clips that one device may be bringing at a time; a camera brings one after the other."""

PIECE_WITHIN_S = 60.0
"""Longest silence within a clip: a line that was cut must not hold its place for hours."""

log = logging.getLogger(__name__)


class DoorError(Exception):
    """The door cannot open; the text is one line for a technician."""


class Door:
    """`PUT /v1/clips/{sha256}` with the file as body: 201 kept, 200 was here already, 4xx refused and why;
    425 for one that its own device has not told of: the fact may still be under way.

    `GET /v1/pictures/{sha256}`: a picture of the notice board, for displays.
    `GET /v1/sounds/{sha256}`: the sound of a bulletin, for loudspeakers; ranges are served.
    `GET /v1/live/{sounding}`: somebody who speaks live (`commune_hub.live.door`).
    """

    def __init__(
        self,
        clips: Clips,
        pictures: Pictures,
        sounds: Sounds,
        live: Live,
        fleet: Fleet,
        letter_box: LetterBox,
        host: str,
        port: int,
        tls: ssl.SSLContext,
    ) -> None:
        self._clips = clips
        self._pictures = pictures
        self._sounds = sounds
        self._live = live
        self._fleet = fleet
        self._host = host
        self._port = port
        self._tls = tls
        self._coming: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="door", daemon=True)
        app = web.Application(client_max_size=CLIP_MAX_BYTES)
        app.router.add_put("/v1/clips/{sha256}", self._put_clip)
        app.router.add_get("/v1/pictures/{sha256}", self._get_picture)
        app.router.add_get("/v1/sounds/{sha256}", self._get_sound)
        letter_box.add_routes(app)
        LiveDoor(live, fleet, holder).add_routes(app)
        self._runner = web.AppRunner(app, access_log=None)

    def start(self) -> None:
        """Open the door; raises DoorError."""
        self._clips.tidy()
        self._live.tidy()
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(START_WITHIN_S)
        except OSError as error:
            raise DoorError(
                f"cổng {self._port} của cửa nhận tệp không mở được (door): {os_words(error)}; "
                "hãy tắt chương trình đang dùng hoặc đổi door.port trong hub.toml"
            ) from None

    def stop(self) -> None:
        """Close the door."""
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(START_WITHIN_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_WITHIN_S)
        self._loop.close()

    async def _open(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port, ssl_context=self._tls).start()

    async def _put_clip(self, request: web.Request) -> web.Response:
        device = holder(request)
        sha256 = request.match_info["sha256"]
        refusal = self._refusal(device, sha256, request.content_length or 0)
        if refusal is not None:
            return refusal
        if self._clips.has(sha256):
            return web.json_response({"stored": sha256}, status=200)
        if not await asyncio.to_thread(self._clips.announced, sha256, device):
            return _refuse(425, f"clip: {device!r} chưa báo có đoạn ghi này (has not told of it)")
        if self._coming[device] >= AT_A_TIME_MAX:
            return _refuse(429, f"clip: {device!r} đang gửi {AT_A_TIME_MAX} tệp (so many at a time)")
        self._coming[device] += 1
        try:
            return await self._take(request, device, sha256)
        finally:
            self._coming[device] -= 1

    async def _get_picture(self, request: web.Request) -> web.StreamResponse:
        return self._get_file(request, self._pictures.path, "image/jpeg")

    async def _get_sound(self, request: web.Request) -> web.StreamResponse:
        """Ranges are served: a loudspeaker at a slow line goes on where it was cut off."""
        return self._get_file(request, self._sounds.path, "audio/ogg")

    def _get_file(self, request: web.Request, find: Callable[[str], Path], kind: str) -> web.StreamResponse:
        sha256 = request.match_info["sha256"]
        refusal = self._refusal(holder(request), sha256, 0)
        if refusal is not None:
            return refusal
        try:
            return web.FileResponse(find(sha256), headers={"content-type": kind})
        except MissingError as error:
            return _refuse(404, str(error))

    def _refusal(self, device: str, sha256: str, size_bytes: int) -> web.Response | None:
        if device not in {entry.device for entry in self._fleet.entries()}:
            return _refuse(403, f"thiết bị {device!r} không có trong danh sách (not on the roster)")
        if not _SHA256.fullmatch(sha256):
            return _refuse(400, "sha256: cần 64 ký tự 0-9 a-f (64 hexadecimal digits are needed)")
        if size_bytes > CLIP_MAX_BYTES:
            return _refuse(413, f"clip: quá {CLIP_MAX_BYTES} byte (too large)")
        return None

    async def _take(self, request: web.Request, device: str, sha256: str) -> web.Response:
        try:
            await self._receive(request, sha256)
        except InvalidError as error:
            return _refuse(400, str(error))
        except FullError as error:
            return _refuse(507, str(error))
        except (ConnectionError, TimeoutError, web.RequestPayloadError):
            return _refuse(408, f"clip: {device!r} bị ngắt giữa chừng (cut off)")
        return web.json_response({"stored": sha256}, status=201)

    async def _receive(self, request: web.Request, sha256: str) -> None:
        with self._clips.arriving(sha256) as arrival:
            while piece := await asyncio.wait_for(request.content.read(PIECE_BYTES), PIECE_WITHIN_S):
                arrival.write(piece)
            await asyncio.to_thread(arrival.finish)


def holder(request: web.Request) -> str:
    """Return the name in the client's certificate."""
    certificate = request.get_extra_info("peercert") or {}
    for part in certificate.get("subject", ()):
        for key, value in part:
            if key == "commonName":
                return str(value)
    return ""


def _refuse(status: int, detail: str) -> web.Response:
    log.warning("cửa nhận tệp từ chối (door refused): %s", detail)
    return web.json_response({"detail": detail}, status=status)
