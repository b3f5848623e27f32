"""Notices of the hall's display, and their pictures: write, look, approve, order, remove, take back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, BaseModel, Field

from commune_hub.api.served import Asked, SignedIn
from commune_hub.api.shapes import Approval, Shape
from commune_hub.capabilities.notices import STATES, Notice
from commune_hub.errors import InvalidError, MissingError
from commune_hub.times import local_time, local_time_if, now_ms, to_ms
from commune_hub.writing.notice_draft import LINES_MAX, Draft
from commune_hub.writing.notice_preview import PAGES_MAX, preview

routes = APIRouter(tags=["notices"])
Id = Annotated[str, Path(max_length=60)]


class NoticeIn(Shape):
    """A notice to write. A line with `|` is a row of a table; `from` and `until` null: without bound."""

    title: str
    lines: list[str] = Field(default_factory=list, max_length=10 * LINES_MAX)
    """Empty ones do not count."""
    kind: str = "text"
    picture: str = ""
    from_: AwareDatetime | None = Field(default=None, alias="from")
    until: AwareDatetime | None = None

    def draft(self) -> Draft:
        """Return it as the capability takes it."""
        return Draft(
            self.title,
            tuple(self.lines),
            self.kind,
            self.picture,
            _moment_ms(self.from_),
            _moment_ms(self.until),
        )


class MoveIn(Shape):
    """How many places later (negative: earlier) a notice shall be shown."""

    steps: int = Field(ge=-100, le=100)


class NoticeOut(BaseModel):
    """A notice and how far it has come."""

    id: str
    title: str
    lines: list[str]
    kind: str
    picture: str
    from_: datetime | None = Field(serialization_alias="from")
    until: datetime | None
    version: str
    """Names what would be shown; to be sent with the approval."""
    state: str
    state_name: str
    replaces: str
    written_by: str
    approved_by: str | None


class PictureOut(BaseModel):
    """A picture that is kept; its hash is what a notice names."""

    sha256: str
    width: int
    height: int


@routes.get("/notices")
def notices(asked: Asked, _member: SignedIn) -> list[NoticeOut]:
    """What is shown, waits for approval, or was removed today, in the order of the board."""
    return [_out(each) for each in asked.capabilities.notices.listed()]


@routes.post("/notices", status_code=201)
def write(asked: Asked, member: SignedIn, sent: NoticeIn) -> NoticeOut:
    """Write a notice, for somebody else to approve."""
    return _out(asked.capabilities.notices.write(sent.draft(), member))


@routes.put("/notices/{notice}")
def rewrite(asked: Asked, member: SignedIn, notice: Id, sent: NoticeIn) -> NoticeOut:
    """Change a notice; one that is shown stays as it is until the new version is approved."""
    return _out(asked.capabilities.notices.rewrite(notice, sent.draft(), member))


@routes.post("/notices/{notice}/approve")
def approve(asked: Asked, member: SignedIn, notice: Id, sent: Approval) -> NoticeOut:
    """Let it before the hall; not for its author. 409 when it is another than the one that was read."""
    approved = asked.capabilities.notices.approve(notice, member, sent.version)
    asked.changed()
    return _out(approved)


@routes.post("/notices/{notice}/remove")
def remove(asked: Asked, member: SignedIn, notice: Id) -> NoticeOut:
    """Take it off the board; it can be taken back for a day."""
    removed = asked.capabilities.notices.remove(notice, member)
    asked.changed()
    return _out(removed)


@routes.post("/notices/{notice}/restore")
def restore(asked: Asked, member: SignedIn, notice: Id) -> NoticeOut:
    """Take the removal back."""
    restored = asked.capabilities.notices.restore(notice, member)
    asked.changed()
    return _out(restored)


@routes.post("/notices/{notice}/move")
def move(asked: Asked, member: SignedIn, notice: Id, sent: MoveIn) -> list[NoticeOut]:
    """Show it earlier or later."""
    asked.capabilities.notices.move(notice, sent.steps, member)
    asked.changed()
    return notices(asked, member)


@routes.get("/notices/{notice}/preview", response_class=Response)
def look(
    asked: Asked, _member: SignedIn, notice: Id, page: Annotated[int, Query(ge=1, le=PAGES_MAX)] = 1
) -> Response:
    """See a page of it as the display draws it (PNG, 1280 × 720)."""
    capabilities = asked.capabilities
    clock = f"{local_time(now_ms()):%H:%M}"
    found = capabilities.notices.get(notice)
    pages = preview(found, capabilities.config.office, clock, capabilities.notices.pictures)
    if page > len(pages):
        raise MissingError(f"page: thông báo này có {len(pages)} trang (so many pages it has)")
    return Response(pages[page - 1], media_type="image/png")


@routes.post("/pictures", status_code=201)
async def upload(asked: Asked, member: SignedIn, request: Request) -> PictureOut:
    """Keep a picture (PNG, JPEG or WebP as the body, at most 8 MB and 40 million points)."""
    content = await request.body()
    if not content:
        raise InvalidError("picture (ảnh): tệp rỗng (the body is empty)")
    kept = await run_in_threadpool(asked.capabilities.notices.keep_picture, content, member)
    return PictureOut(sha256=kept.sha256, width=kept.width, height=kept.height)


@routes.get("/pictures/{sha256}")
def picture(asked: Asked, _member: SignedIn, sha256: str) -> FileResponse:
    """A picture, as it is kept."""
    return FileResponse(asked.capabilities.notices.pictures.path(sha256), media_type="image/jpeg")


def _moment_ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def _out(notice: Notice) -> NoticeOut:
    return NoticeOut(
        id=notice.id,
        title=notice.title,
        lines=list(notice.lines),
        kind=notice.kind,
        picture=notice.picture,
        from_=local_time_if(notice.from_ms),
        until=local_time_if(notice.until_ms),
        version=notice.version,
        state=notice.state,
        state_name=STATES[notice.state],
        replaces=notice.replaces,
        written_by=notice.written_by,
        approved_by=notice.approved_by,
    )
