"""Sounds and clips that a page plays: by an address for one session, checked at each request."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from commune_hub.capabilities.staff import Member
from commune_hub.console.gate import token_of_browser
from commune_hub.console.handed import HandedOut
from commune_hub.errors import MissingError
from commune_hub.hub import Capabilities
from commune_hub.preview import hear

PRIVATE = {"cache-control": "private, no-store"}


class Media:
    """Hand out addresses, and serve what they stand for."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._capabilities = capabilities
        self._clips: HandedOut[Path] = HandedOut()
        self._texts: HandedOut[str] = HandedOut()
        self.routes = APIRouter(include_in_schema=False)
        self.routes.add_api_route("/media/clips/{key}", self._clip)
        self.routes.add_api_route("/media/sounds/{key}", self._sound)

    def open_clip(self, token: str, member: Member, sha256: str) -> str:
        """Note in the audit log that `member` looks at a clip; return the address to play it from.

        Raises ForbiddenError or MissingError.
        """
        path = self._capabilities.clips.look(sha256, member)
        return f"/media/clips/{self._clips.put(token, path)}"

    def render(self, token: str, text: str) -> str:
        """Render a bulletin's text; return the address to hear it from. Raises InvalidError."""
        hear(self._capabilities.config.root, text)
        return f"/media/sounds/{self._texts.put(token, text)}"

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
        text = self._texts.get(token, key)
        if text is None:
            raise MissingError("Hãy bấm nghe thử lần nữa. (Ask for the sound again.)")
        return Response(hear(self._capabilities.config.root, text), media_type="audio/wav", headers=PRIVATE)

    def _signed_in(self) -> tuple[str, Member]:
        token = token_of_browser()
        member = self._capabilities.staff.by_token(token)
        if member is None:
            raise MissingError("Phiên đã hết; hãy đăng nhập lại. (The session is over.)")
        return token, member
