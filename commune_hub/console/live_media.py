"""Where the live page brings its microphone's sound, and where records of speeches are heard."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from commune_hub.capabilities.live import SAMPLE_MAX_BYTES, SPEAKERS, Live, Turn
from commune_hub.capabilities.staff import Member, Staff
from commune_hub.console.gate import session_of_browser
from commune_hub.console.handed import HandedOut
from commune_hub.console.microphone import WORKLET
from commune_hub.errors import ConflictError, InvalidError, MissingError

TURNS_KEPT = 20

LISTENERS = (*SPEAKERS, "leader")
"""Roles that may hear what was said."""


class LiveMedia:
    """Addresses for one session each, as all media of the console."""

    def __init__(self, live: Live, staff: Staff) -> None:
        self._live = live
        self._staff = staff
        self._turns: HandedOut[Turn] = HandedOut(TURNS_KEPT)
        self._records: HandedOut[Path] = HandedOut()
        self.routes = APIRouter(include_in_schema=False)
        self.routes.add_api_route("/media/microphone.js", self._worklet)
        self.routes.add_api_route("/media/live/{key}", self._hear, methods=["POST"])
        self.routes.add_api_route("/media/spoken/{key}", self._record)

    def take_turn(self, token: str, bulletin: str, member: Member) -> str:
        """Let this session speak; return the address that its sound goes to. Raises HubError."""
        return f"/media/live/{self._turns.put(token, self._live.take_turn(bulletin, member))}"

    def open_record(self, token: str, sha256: str, member: Member) -> str:
        """Return the address to hear a record from; raises ForbiddenError or MissingError."""
        member.require(*LISTENERS)
        return f"/media/spoken/{self._records.put(token, self._live.record(sha256))}"

    def _worklet(self) -> Response:
        """Serve what runs on the browser's audio thread."""
        return Response(WORKLET, media_type="text/javascript")

    async def _hear(
        self,
        key: str,
        request: Request,
        rate: Annotated[int, Query(ge=1)],
        from_frame: Annotated[int, Query(alias="from", ge=0)],
    ) -> Response:
        """Take sound that a page of this session brings; the session and its right are asked each time."""
        content = bytearray()
        async for piece in request.stream():
            content += piece
            if len(content) > SAMPLE_MAX_BYTES:
                raise InvalidError(f"âm thanh: quá {SAMPLE_MAX_BYTES} byte (too large)")

        def take() -> None:
            token, member = session_of_browser(self._staff)
            member.require(*SPEAKERS)
            turn = self._turns.get(token, key)
            if turn is None:
                raise ConflictError("Hãy bấm Nói lần nữa. (Ask for the microphone again.)")
            self._live.hear(turn, from_frame, rate, bytes(content))

        await asyncio.to_thread(take)
        return Response(status_code=204)

    def _record(self, key: str) -> FileResponse:
        """Serve a record that this session opened."""
        token, member = session_of_browser(self._staff)
        member.require(*LISTENERS)
        path = self._records.get(token, key)
        if path is None:
            raise MissingError("Hãy mở lại bản ghi. (Open the record again.)")
        headers = {"cache-control": "private, no-store"}
        return FileResponse(path, media_type="audio/ogg", headers=headers)
