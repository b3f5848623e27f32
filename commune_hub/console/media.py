"""Sounds and clips that a page plays: by an address for one session, checked at each request."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from commune_hub.capabilities.staff import Member
from commune_hub.console.gate import session_of_browser
from commune_hub.console.handed import HandedOut
from commune_hub.console.live_media import LiveMedia
from commune_hub.errors import InvalidError, MissingError
from commune_hub.hub import Capabilities
from commune_hub.times import local_time, now_ms
from commune_hub.writing.bulletin_draft import How
from commune_hub.writing.bulletin_preview import hear_bulletin
from commune_hub.writing.notice_preview import Shown as ShownNotice
from commune_hub.writing.notice_preview import preview

PREVIEWS_KEPT = 24
"""Pages of notices at hand, some 100 kB each."""

RECORDINGS_KEPT = 8
RECORDING_MAX_BYTES = 16 * 1024 * 1024
"""Ten minutes at what browsers record with are some 5 MB."""

PRIVATE = {"cache-control": "private, no-store"}


class Media:
    """Hand out addresses, and serve what they stand for."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._capabilities = capabilities
        self._clips: HandedOut[Path] = HandedOut()
        self._sounds: HandedOut[tuple[str, How]] = HandedOut()
        self._recordings: HandedOut[bytearray] = HandedOut(RECORDINGS_KEPT)
        self._previews: HandedOut[bytes] = HandedOut(PREVIEWS_KEPT)
        self.live = LiveMedia(capabilities.live, capabilities.staff)
        """The microphone, and records of what was said."""
        self.routes = APIRouter(include_in_schema=False)
        self.routes.include_router(self.live.routes)
        self.routes.add_api_route("/media/clips/{key}", self._clip)
        self.routes.add_api_route("/media/sounds/{key}", self._sound)
        self.routes.add_api_route("/media/previews/{key}", self._preview)
        self.routes.add_api_route("/media/recordings/{key}", self._recording, methods=["POST"])

    def open_clip(self, token: str, member: Member, sha256: str) -> str:
        """Note in the audit log that `member` looks at a clip; return the address to play it from.

        Raises ForbiddenError or MissingError.
        """
        path = self._capabilities.clips.look(sha256, member)
        return f"/media/clips/{self._clips.put(token, path)}"

    def render(self, token: str, text: str, how: How) -> str:
        """Render a bulletin; return the address to hear it from. Raises InvalidError or MissingError."""
        hear_bulletin(self._capabilities, text, how)
        return f"/media/sounds/{self._sounds.put(token, (text, how))}"

    def draw(self, token: str, notice: ShownNotice) -> list[str]:
        """Draw a notice as the display shows it; return the addresses of its pages."""
        capabilities = self._capabilities
        clock = f"{local_time(now_ms()):%H:%M}"
        pages = preview(notice, capabilities.config.office, clock, capabilities.notices.pictures)
        return [f"/media/previews/{self._previews.put(token, page)}" for page in pages]

    def expect_recording(self, token: str) -> str:
        """Return the key under which this session's page may bring one recording."""
        return self._recordings.put(token, bytearray())

    def take_recording(self, token: str, key: str) -> bytes:
        """Return what was brought, and forget it; empty when nothing was."""
        held = self._recordings.get(token, key)
        content = bytes(held or b"")
        if held is not None:
            held.clear()
        return content

    async def _recording(self, key: str, request: Request) -> Response:
        """Take a recording that a page of this session makes."""
        token, member = self._signed_in()
        member.require("editor")
        held = self._recordings.get(token, key)
        if held is None or held:
            raise MissingError("Hãy ghi âm lại. (Record again.)")
        async for piece in request.stream():
            if len(held) + len(piece) > RECORDING_MAX_BYTES:
                held.clear()
                raise InvalidError(
                    f"bản ghi: quá {RECORDING_MAX_BYTES >> 20} MB (the recording is too large)"
                )
            held += piece
        return Response(status_code=204)

    def _preview(self, key: str) -> Response:
        """Serve a picture that was drawn for this session."""
        token, _ = self._signed_in()
        page = self._previews.get(token, key)
        if page is None:
            raise MissingError("Hãy bấm xem thử lần nữa. (Ask for the preview again.)")
        return Response(page, media_type="image/png", headers=PRIVATE)

    def _clip(self, key: str) -> FileResponse:
        """Serve a clip that this session opened; browsers ask for it in ranges when they seek."""
        token, member = self._signed_in()
        member.require("leader")
        path = self._clips.get(token, key)
        if path is None:
            raise MissingError("Hãy mở lại đoạn ghi từ danh sách. (Open the clip from the list again.)")
        return FileResponse(path, media_type="video/mp4", headers=PRIVATE)

    def _sound(self, key: str) -> Response:
        """Serve a sound that this session had rendered."""
        token, _ = self._signed_in()
        asked = self._sounds.get(token, key)
        if asked is None:
            raise MissingError("Hãy bấm nghe thử lần nữa. (Ask for the sound again.)")
        return Response(hear_bulletin(self._capabilities, *asked), media_type="audio/wav", headers=PRIVATE)

    def _signed_in(self) -> tuple[str, Member]:
        return session_of_browser(self._capabilities.staff)
