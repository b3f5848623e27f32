"""Notices: what the display shows between calls. Written by one, approved by another, removed by either.

Gate signs of communes nationwide were changed by strangers in 2023: nothing comes before the hall that only
one person has seen.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.staff import Member
from commune_hub.errors import ConflictError, ForbiddenError, MissingError
from commune_hub.pictures import Picture, Pictures
from commune_hub.store import Row, Store
from commune_hub.times import NowMs, local_day
from commune_hub.writing.notice_draft import KINDS, Draft, checked_draft

STATES = {
    "written": "Chờ phê duyệt",
    "approved": "Đang dùng",
    "removed": "Đã gỡ",
    "replaced": "Đã thay bằng bản mới",
}

SHOWN_MAX = 40
"""Notices on the board at a time (wire.intents.Board)."""

ALIVE_MAX = 80
"""Notices that are shown or wait for approval."""

REMOVED_SHOWN_MS = 86_400_000
"""A removed notice can be taken back for a day."""

FROM_PLAN = "hub.toml"
"""Stands as writer and approver of the notices that the office began with."""

migrations = Migrations("notices")


@migrations()
def create(database: Database) -> None:
    """Notices in the order of the board; `replaces` names the one that a new version stands for."""
    database.executescript(
        """
        CREATE TABLE notices (
            id TEXT PRIMARY KEY, place INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
            lines TEXT NOT NULL, picture TEXT NOT NULL, from_ms INTEGER, until_ms INTEGER,
            state TEXT NOT NULL, was TEXT NOT NULL, replaces TEXT NOT NULL,
            written_by TEXT NOT NULL, written_at_ms INTEGER NOT NULL,
            approved_by TEXT, approved_at_ms INTEGER, removed_at_ms INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX notices_by_place ON notices (state, place);
        CREATE TABLE notices_seeded (at_ms INTEGER NOT NULL) STRICT;
        """
    )


@dataclass(frozen=True)
class Notice:
    """A notice and how far it has come. Shown from `from_ms` until `until_ms`; None: without bound."""

    id: str
    place: int
    kind: str
    title: str
    lines: tuple[str, ...]
    picture: str
    from_ms: int | None
    until_ms: int | None
    state: str
    was: str
    """The state before it was removed."""
    replaces: str
    written_by: str
    written_at_ms: int
    approved_by: str | None
    approved_at_ms: int | None
    removed_at_ms: int | None

    @property
    def version(self) -> str:
        """What it shows and when, as a hash: what was read is what is approved."""
        shown = [self.kind, self.title, self.lines, self.picture, self.from_ms, self.until_ms]
        return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:32]


class Planned(Protocol):
    """A notice as hub.toml has it."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def lines(self) -> list[str]:
        """Its lines."""

    @property
    def kind(self) -> str:
        """How it is laid out."""


class Notices:
    """written → approved → shown; removed at any time, and taken back within a day."""

    def __init__(self, store: Store, now_ms: NowMs, audit: Audit, pictures: Path) -> None:
        self._store = store
        self._now_ms = now_ms
        self._audit = audit
        self.pictures = Pictures(pictures)

    def seed(self, planned: Sequence[Planned]) -> None:
        """Begin with the notices of hub.toml, once in the life of this store."""
        with self._store.transaction():
            if self._store.row("SELECT 1 FROM notices_seeded"):
                return
            self._store.execute("INSERT INTO notices_seeded VALUES (?)", [self._now_ms()])
            for each in planned[:SHOWN_MAX]:
                draft = Draft(each.title, tuple(each.lines), each.kind if each.kind in KINDS else "text")
                made = self._insert(draft, FROM_PLAN, "")
                self._set_approved(made, FROM_PLAN)

    def write(self, draft: Draft, author: Member) -> Notice:
        """Keep a new notice, for somebody else to approve; InvalidError names every field that is wrong."""
        author.require("editor")
        checked = checked_draft(draft, self._now_ms(), self.pictures.has)
        with self._store.transaction():
            if len(self._all("state IN ('written', 'approved')")) >= ALIVE_MAX:
                raise ConflictError(f"Đã có {ALIVE_MAX} thông báo; hãy gỡ bớt. (Too many; remove some.)")
            made = self._insert(checked, author.account, "")
            self._audit.note(author.account, "notice.written", made, checked.title)
        return self.get(made)

    def rewrite(self, notice: str, draft: Draft, author: Member) -> Notice:
        """Change a notice. What the hall sees stays as it is until the new version is approved."""
        author.require("editor")
        checked = checked_draft(draft, self._now_ms(), self.pictures.has)
        with self._store.transaction():
            found = self.get(notice)
            if found.state == "approved":
                made = self._insert(checked, author.account, found.id, found.place)
            elif found.state == "written":
                made = found.id
                self._store.execute(
                    "UPDATE notices SET kind = ?, title = ?, lines = ?, picture = ?, from_ms = ?, "
                    "until_ms = ?, written_by = ?, written_at_ms = ? WHERE id = ?",
                    [*_columns(checked), author.account, self._now_ms(), found.id],
                )
            else:
                raise ConflictError(
                    "Thông báo đã gỡ; hãy lấy lại trước. (It was removed; take it back first.)"
                )
            self._audit.note(author.account, "notice.rewritten", made, checked.title)
        return self.get(made)

    def approve(self, notice: str, approver: Member, version: str) -> Notice:
        """Let a notice before the hall. Who wrote it may not approve it.

        `version` is that of the notice as the approver read it; ConflictError says that it is another now.
        """
        approver.require("approver")
        with self._store.transaction():
            found = self.get(notice)
            if found.state != "written":
                raise ConflictError(
                    f"Thông báo đang ở trạng thái {STATES[found.state]!r}. (It is {found.state}.)"
                )
            if found.written_by == approver.account:
                raise ForbiddenError("Người viết không tự phê duyệt. (Nobody approves their own notice.)")
            if found.version != version:
                raise ConflictError("Thông báo vừa thay đổi; hãy xem lại. (It has changed; look again.)")
            if len(self._all("state = 'approved' AND id <> ?", [found.replaces])) >= SHOWN_MAX:
                raise ConflictError(f"Bảng đã có {SHOWN_MAX} thông báo; hãy gỡ bớt. (The board is full.)")
            if found.replaces:
                self._store.execute(
                    "UPDATE notices SET state = 'replaced' WHERE id = ? AND state = 'approved'",
                    [found.replaces],
                )
            self._set_approved(found.id, approver.account)
            self._audit.note(approver.account, "notice.approved", found.id, found.title)
        return self.get(notice)

    def remove(self, notice: str, member: Member) -> Notice:
        """Take a notice off the board at once; it can be taken back for a day."""
        member.require("editor", "approver")
        with self._store.transaction():
            found = self.get(notice)
            if found.state not in ("written", "approved"):
                raise ConflictError("Thông báo đã được gỡ. (It has been removed already.)")
            self._store.execute(
                "UPDATE notices SET state = 'removed', was = state, removed_at_ms = ? WHERE id = ?",
                [self._now_ms(), found.id],
            )
            self._audit.note(member.account, "notice.removed", found.id, found.title)
        return self.get(notice)

    def restore(self, notice: str, member: Member) -> Notice:
        """Take back a removal, as it was: nothing comes before the hall that was not approved."""
        member.require("editor", "approver")
        with self._store.transaction():
            found = self.get(notice)
            if found.state != "removed" or self._now_ms() - (found.removed_at_ms or 0) > REMOVED_SHOWN_MS:
                raise ConflictError(
                    "Chỉ lấy lại được trong một ngày sau khi gỡ. (Within a day of removal only.)"
                )
            self._store.execute(
                "UPDATE notices SET state = was, was = '', removed_at_ms = NULL WHERE id = ?", [found.id]
            )
            self._audit.note(member.account, "notice.restored", found.id, found.title)
        return self.get(notice)

    def move(self, notice: str, steps: int, member: Member) -> None:
        """Show a notice earlier (negative `steps`) or later among the others."""
        member.require("editor", "approver")
        with self._store.transaction():
            found = self.get(notice)
            others = [each.id for each in self.listed() if each.state != "removed"]
            if found.id not in others:
                raise ConflictError("Thông báo đã gỡ. (It was removed.)")
            at = others.index(found.id)
            others.insert(max(0, min(len(others) - 1, at + steps)), others.pop(at))
            self._store.execute_many("UPDATE notices SET place = ? WHERE id = ?", list(enumerate(others)))
            self._audit.note(member.account, "notice.moved", found.id, found.title)

    def keep_picture(self, content: bytes, member: Member) -> Picture:
        """Keep an uploaded picture for a notice; raises InvalidError, FullError."""
        member.require("editor")
        used = {each.picture for each in self._all("picture <> '' AND state <> 'replaced'")}
        picture = self.pictures.keep(content, used)
        self._audit.note(member.account, "picture.kept", picture.sha256)
        return picture

    def get(self, notice: str) -> Notice:
        """Return a notice; raises MissingError."""
        found = self._all("id = ?", [notice])
        if not found:
            raise MissingError(f"Không có thông báo {notice[:60]!r}. (No such notice.)")
        return found[0]

    def listed(self) -> list[Notice]:
        """Return what is shown, waits for approval, or was removed today, in the order of the board."""
        since_ms = self._now_ms() - REMOVED_SHOWN_MS
        return self._all(
            "state IN ('written', 'approved') OR (state = 'removed' AND removed_at_ms > ?)", [since_ms]
        )

    def on_board(self) -> list[Notice]:
        """Return what the hall may see now or later: approved, and not over."""
        return self._all("state = 'approved' AND (until_ms IS NULL OR until_ms > ?)", [self._now_ms()])

    def _insert(self, draft: Draft, author: str, replaces: str, place: int | None = None) -> str:
        made = f"{local_day(self._now_ms())}-{secrets.token_hex(4)}"
        if place is None:
            place = int(self._store.value("SELECT coalesce(max(place), 0) + 1 FROM notices"))
        self._store.execute(
            "INSERT INTO notices (id, place, kind, title, lines, picture, from_ms, until_ms, state, was, "
            "replaces, written_by, written_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'written', '', ?, ?, ?)",
            [made, place, *_columns(draft), replaces, author, self._now_ms()],
        )
        return made

    def _set_approved(self, notice: str, by: str) -> None:
        self._store.execute(
            "UPDATE notices SET state = 'approved', approved_by = ?, approved_at_ms = ? WHERE id = ?",
            [by, self._now_ms(), notice],
        )

    def _all(self, where: str, values: Sequence[str | int] = ()) -> list[Notice]:
        rows = self._store.rows(
            f"SELECT * FROM notices WHERE {where} ORDER BY place, written_at_ms, id",  # noqa: S608 - `where` is written in this module
            values,
        )
        return [_notice(row) for row in rows]


def _columns(draft: Draft) -> list[str | int | None]:
    lines = json.dumps(list(draft.lines), ensure_ascii=False)
    return [draft.kind, draft.title, lines, draft.picture, draft.from_ms, draft.until_ms]


def _notice(row: Row) -> Notice:
    return Notice(**{**row, "lines": tuple(json.loads(row["lines"]))})
