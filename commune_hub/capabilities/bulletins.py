"""Bulletins: written by one, approved by another, sounded where and when they shall, and what came of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from unicodedata import category

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.staff import Member
from commune_hub.errors import ConflictError, ForbiddenError, InvalidError, MissingError
from commune_hub.ledger import Taken
from commune_hub.store import Row, Store
from commune_hub.times import NowMs, local_day, local_time
from wire.facts import PlaybackFinished, PlaybackRefused, PlaybackStarted

AT_ONCE_LEAD_MS = 5_000
"""A bulletin that is sent at once sounds this long after its approval: time for every loudspeaker to hear
of it and to prepare the speech, so that all begin together."""

LATE_MS = 10 * 60_000
"""A loudspeaker that could not begin in time (no power, no programme) may begin up to ten minutes late."""

KEPT_MS = 30 * 60_000
"""A bulletin stays in the programme this long after the last moment at which it may begin: what still sounds
would be cut as withdrawn otherwise. Longer than any text of `TEXT_MAX` characters sounds."""

UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs")
"""Unicode categories of what a page does not show: controls, marks of direction, what is no letter at all."""

TITLE_MAX = 200
TEXT_MAX = 8_000
PLACES_MAX = 200
AHEAD_MAX_MS = 366 * 86_400_000
IN_PROGRAMME_MAX = 64
"""Most bulletins that one loudspeaker's programme holds (wire.intents.Programme)."""

STATES = {
    "draft": "Bản nháp",
    "submitted": "Chờ phê duyệt",
    "approved": "Đã phê duyệt",
    "withdrawn": "Đã thu hồi",
}

migrations = Migrations("bulletins")


@migrations()
def create(database: Database) -> None:
    """Bulletins, and what each loudspeaker made of them."""
    database.executescript(
        """
        CREATE TABLE bulletins (
            id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, places TEXT NOT NULL,
            at_ms INTEGER, emergency INTEGER NOT NULL, state TEXT NOT NULL,
            written_by TEXT NOT NULL, written_at_ms INTEGER NOT NULL,
            approved_by TEXT, approved_at_ms INTEGER
        ) STRICT;
        CREATE INDEX bulletins_by_time ON bulletins (state, at_ms);
        CREATE TABLE playbacks (
            bulletin TEXT NOT NULL, device TEXT NOT NULL, node TEXT NOT NULL, outcome TEXT NOT NULL,
            reason TEXT NOT NULL, started_at_ms INTEGER, duration_ms INTEGER, told_at_ms INTEGER NOT NULL,
            PRIMARY KEY (bulletin, device, node)
        ) STRICT, WITHOUT ROWID;
        """
    )


@dataclass(frozen=True)
class Bulletin:
    """A bulletin and how far it has come. `at_ms` None: as soon as it is approved."""

    id: str
    title: str
    text: str
    places: tuple[str, ...]
    at_ms: int | None
    emergency: bool
    state: str
    written_by: str
    written_at_ms: int
    approved_by: str | None
    approved_at_ms: int | None

    @property
    def late_until_ms(self) -> int | None:
        """Up to when a loudspeaker may begin it."""
        return None if self.at_ms is None else self.at_ms + LATE_MS


@dataclass(frozen=True)
class Draft:
    """What a writer hands in."""

    title: str
    text: str
    places: tuple[str, ...]
    at_ms: int | None
    emergency: bool


class Bulletins:
    """draft → submitted → approved → sounded; withdrawn at any time."""

    def __init__(self, store: Store, now_ms: NowMs, audit: Audit) -> None:
        self._store = store
        self._now_ms = now_ms
        self._audit = audit

    def apply(self, taken: Sequence[Taken]) -> None:
        """Follow facts, in order."""
        for each in taken:
            self._follow(each)

    def _follow(self, taken: Taken) -> None:
        """Keep what a loudspeaker made of a bulletin."""
        match taken.body:
            case PlaybackStarted() as body:
                started_at_ms = taken.true_ms(body.started_at_ms)
                self._outcome(taken, body.bulletin, "started", "", started_at_ms, None)
            case PlaybackFinished() as body:
                started_at_ms = taken.true_ms(body.started_at_ms)
                self._outcome(taken, body.bulletin, "finished", "", started_at_ms, body.duration_ms)
            case PlaybackRefused() as body:
                self._outcome(taken, body.bulletin, "refused", body.reason, None, None)

    def retime(self, taken: Taken, was: Taken) -> None:
        """Correct when a loudspeaker sounded a bulletin, and when it told of it."""
        match taken.body:
            case PlaybackStarted() | PlaybackFinished() as body:
                self._move_start(body.bulletin, body.started_at_ms, taken, was)
        if isinstance(taken.body, PlaybackStarted | PlaybackFinished | PlaybackRefused):
            self._store.execute(
                "UPDATE playbacks SET told_at_ms = ? "
                "WHERE bulletin = ? AND device = ? AND node = ? AND told_at_ms = ?",
                [taken.at_ms, taken.body.bulletin, taken.device, taken.node, was.at_ms],
            )

    def write(self, draft: Draft, author: Member, known_places: Collection[str]) -> Bulletin:
        """Keep a new draft; raises InvalidError naming every field that is wrong."""
        author.require("editor")
        draft = _as_seen(draft)
        self._check(draft, known_places)
        made = f"{local_day(self._now_ms())}-{secrets.token_hex(3)}"
        with self._store.transaction():
            self._store.execute(
                "INSERT INTO bulletins VALUES (?, ?, ?, ?, ?, ?, 'draft', ?, ?, NULL, NULL)",
                [made, *_columns(draft), author.account, self._now_ms()],
            )
            self._audit.note(author.account, "bulletin.written", made, draft.title)
        return self.get(made)

    def rewrite(self, bulletin: str, draft: Draft, author: Member, known_places: Collection[str]) -> Bulletin:
        """Change a draft that was not handed in yet; only its author may."""
        draft = _as_seen(draft)
        self._check(draft, known_places)
        with self._store.transaction():
            found = self._own(bulletin, author)
            _expect(found, "draft")
            self._store.execute(
                "UPDATE bulletins SET title = ?, text = ?, places = ?, at_ms = ?, emergency = ? WHERE id = ?",
                [*_columns(draft), bulletin],
            )
            self._audit.note(author.account, "bulletin.rewritten", bulletin, draft.title)
        return self.get(bulletin)

    def submit(self, bulletin: str, author: Member) -> Bulletin:
        """Hand a draft in for approval."""
        with self._store.transaction():
            found = self._own(bulletin, author)
            _expect(found, "draft")
            self._move(found, "submitted", author)
        return self.get(bulletin)

    def give_back(self, bulletin: str, approver: Member, why: str) -> Bulletin:
        """Return a bulletin to its author, who may mend it and hand it in again."""
        approver.require("approver")
        with self._store.transaction():
            found = self.get(bulletin)
            _expect(found, "submitted")
            self._move(found, "draft", approver, detail=why)
        return self.get(bulletin)

    def approve(self, bulletin: str, approver: Member) -> Bulletin:
        """Let a bulletin sound. Who wrote it may not approve it."""
        approver.require("approver")
        now_ms = self._now_ms()
        with self._store.transaction():
            found = self.get(bulletin)
            _expect(found, "submitted")
            if found.written_by == approver.account:
                raise ForbiddenError("Người viết không tự phê duyệt. (Nobody approves their own bulletin.)")
            at_ms = now_ms + AT_ONCE_LEAD_MS if found.at_ms is None else found.at_ms
            if at_ms < now_ms:
                raise ConflictError(
                    "Giờ phát đã qua; hãy trả lại để đặt giờ khác. (Its time has passed; give it back.)"
                )
            self._store.execute(
                "UPDATE bulletins SET at_ms = ?, approved_by = ?, approved_at_ms = ? WHERE id = ?",
                [at_ms, approver.account, now_ms, bulletin],
            )
            self._move(found, "approved", approver, detail=f"phát lúc {local_time(at_ms):%H:%M:%S %d/%m/%Y}")
        return self.get(bulletin)

    def withdraw(self, bulletin: str, member: Member) -> Bulletin:
        """Take a bulletin back: loudspeakers fall silent when they hear of it."""
        with self._store.transaction():
            found = self.get(bulletin)
            if found.written_by != member.account:
                member.require("approver")
            if found.state == "withdrawn":
                raise ConflictError("Bản tin đã được thu hồi. (It has been withdrawn already.)")
            self._move(found, "withdrawn", member)
        return self.get(bulletin)

    def get(self, bulletin: str) -> Bulletin:
        """Return a bulletin; raises MissingError."""
        row = self._store.row("SELECT * FROM bulletins WHERE id = ?", [bulletin])
        if row is None:
            raise MissingError(f"Không có bản tin {bulletin[:60]!r}. (No such bulletin.)")
        return _bulletin(row)

    def latest(self, count: int = 100) -> list[Bulletin]:
        """Return the newest bulletins, newest first."""
        rows = self._store.rows("SELECT * FROM bulletins ORDER BY written_at_ms DESC, id LIMIT ?", [count])
        return [_bulletin(row) for row in rows]

    def to_sound(self) -> list[Bulletin]:
        """Return the approved bulletins that may still begin or sound, in order of time."""
        rows = self._store.rows(
            "SELECT * FROM bulletins WHERE state = 'approved' AND at_ms >= ? ORDER BY at_ms, id",
            [self._now_ms() - LATE_MS - KEPT_MS],
        )
        return [_bulletin(row) for row in rows]

    def playbacks(self, bulletin: str) -> list[Row]:
        """Return what each loudspeaker made of a bulletin."""
        return self._store.rows("SELECT * FROM playbacks WHERE bulletin = ? ORDER BY device", [bulletin])

    def _check(self, draft: Draft, known_places: Collection[str]) -> None:
        mistakes = []
        if not 1 <= len(draft.title.strip()) <= TITLE_MAX:
            mistakes.append(f"title: cần 1–{TITLE_MAX} ký tự (1 to {TITLE_MAX} characters)")
        if not 1 <= len(draft.text.strip()) <= TEXT_MAX:
            mistakes.append(f"text: cần 1–{TEXT_MAX} ký tự (1 to {TEXT_MAX} characters)")
        if not 1 <= len(draft.places) <= PLACES_MAX:
            mistakes.append("places: hãy chọn ít nhất một nơi phát (choose at least one place)")
        unknown = sorted(set(draft.places) - set(known_places))
        if unknown:
            mistakes.append(
                f"places: không có nơi (no such place): {', '.join(unknown)[:200]}; "
                f"có (there are): {', '.join(sorted(known_places))[:400]}"
            )
        now_ms = self._now_ms()
        if draft.at_ms is not None and not now_ms <= draft.at_ms <= now_ms + AHEAD_MAX_MS:
            mistakes.append(
                "at: giờ phát phải ở phía trước, trong vòng một năm (in the future, within a year)"
            )
        if mistakes:
            raise InvalidError("; ".join(mistakes))

    def _own(self, bulletin: str, author: Member) -> Bulletin:
        author.require("editor")
        found = self.get(bulletin)
        if found.written_by != author.account:
            raise ForbiddenError("Chỉ người viết được sửa bản tin. (Only its author may do this.)")
        return found

    def _move(self, found: Bulletin, state: str, member: Member, detail: str = "") -> None:
        self._store.execute("UPDATE bulletins SET state = ? WHERE id = ?", [state, found.id])
        self._audit.note(member.account, f"bulletin.{state}", found.id, detail or found.title)

    def _move_start(self, bulletin: str, told_ms: int, taken: Taken, was: Taken) -> None:
        self._store.execute(
            "UPDATE playbacks SET started_at_ms = ? "
            "WHERE bulletin = ? AND device = ? AND node = ? AND started_at_ms = ?",
            [taken.true_ms(told_ms), bulletin, taken.device, taken.node, was.true_ms(told_ms)],
        )

    def _outcome(
        self,
        taken: Taken,
        bulletin: str,
        outcome: str,
        reason: str,
        started_at_ms: int | None,
        duration_ms: int | None,
    ) -> None:
        self._store.execute(
            "INSERT INTO playbacks VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "outcome = excluded.outcome, reason = excluded.reason, told_at_ms = excluded.told_at_ms, "
            "started_at_ms = coalesce(excluded.started_at_ms, started_at_ms), "
            "duration_ms = excluded.duration_ms",
            [bulletin, taken.device, taken.node, outcome, reason, started_at_ms, duration_ms, taken.at_ms],
        )


def _as_seen(draft: Draft) -> Draft:
    """Return the draft without what no reader sees: what is approved on the screen is what will sound.

    An embedded NUL ends the speech early; marks of direction show letters in another order than they sound.
    """
    return replace(draft, title=_visible(draft.title), text=_visible(draft.text))


def _visible(text: str) -> str:
    lines = "\n".join(text.splitlines())
    return "".join(letter for letter in lines if letter in "\n\t" or category(letter) not in UNSEEN)


def _columns(draft: Draft) -> list[str | int | None]:
    return [
        draft.title.strip(),
        draft.text.strip(),
        json.dumps(sorted(set(draft.places))),
        draft.at_ms,
        int(draft.emergency),
    ]


def _expect(found: Bulletin, state: str) -> None:
    if found.state != state:
        raise ConflictError(
            f"Bản tin đang ở trạng thái {STATES[found.state]!r}, cần {STATES[state]!r}. "
            f"(It is {found.state}, not {state}.)"
        )


def _bulletin(row: Row) -> Bulletin:
    return Bulletin(
        **{**row, "places": tuple(json.loads(row["places"])), "emergency": bool(row["emergency"])}
    )
