"""Bulletins: written by one, approved by another, sounded where and when they shall."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass

import msgspec
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.staff import Member
from commune_hub.errors import ConflictError, ForbiddenError, InvalidError, MissingError
from commune_hub.store import Row, Store
from commune_hub.times import NowMs, local_day, local_time
from commune_hub.writing.bulletin_draft import Draft, How, as_seen, check, check_said, seen_text
from speaker_node.vietnamese import spoken

AT_ONCE_LEAD_MS = 5_000
"""A bulletin that is sent at once sounds this long after its approval: time for every loudspeaker to hear
of it and to prepare the speech, so that all begin together."""

EMERGENCY_LEAD_MS = 700
"""An emergency sounds this long after its approval: who hears of it by then begins together with the others,
who hears of it later begins at once. Nobody waits for speech: the chime sounds while it is prepared."""

LATE_MS = 10 * 60_000
"""A loudspeaker that could not begin in time (no power, no programme) may begin up to ten minutes late."""

KEPT_MS = 4 * 3_600_000
"""A bulletin stays in the programme this long after the last moment at which it may begin: what still sounds
would be cut as withdrawn otherwise. As long as the longest relay (wire.intents.Relay) lasts."""

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


_WAY = ("state", "approved_by", "approved_at_ms")
"""What of a bulletin tells how far it has come."""


@migrations()
def let_them_differ_in_how_they_sound(database: Database) -> None:
    """Priority, rule, chime, sound and the like stand in one place; urgency was a column of its own."""
    database.executescript(
        """
        ALTER TABLE bulletins ADD COLUMN how TEXT NOT NULL DEFAULT '{}';
        UPDATE bulletins SET how = '{"priority":"emergency"}' WHERE emergency = 1;
        ALTER TABLE bulletins DROP COLUMN emergency;
        """
    )


_APPROVED = ("id", "title", "text", "places", "at_ms", "how", "written_by", "approved_by", "approved_at_ms")
"""What an approval is of, as it lies in the store."""


@migrations()
def keep_what_was_approved(database: Database) -> None:
    """Keep a hash of what was approved: what a bad disk changes afterwards nobody approved."""
    database.execute("ALTER TABLE bulletins ADD COLUMN approved_as TEXT")


@dataclass(frozen=True)
class Bulletin:
    """A bulletin and how far it has come. `at_ms` None: as soon as it is approved, or by its rule."""

    id: str
    title: str
    text: str
    places: tuple[str, ...]
    at_ms: int | None
    how: How
    state: str
    written_by: str
    written_at_ms: int
    approved_by: str | None
    approved_at_ms: int | None
    approved_as: str | None = None
    """What was approved, as a hash; None before, and where it was approved before there were any."""

    @property
    def emergency(self) -> bool:
        """Whether it passes quiet hours."""
        return self.how.priority == "emergency"

    @property
    def version(self) -> str:
        """What it says, where, when and how, as a hash: what was read is what is approved."""
        said = [self.title, self.text, self.places, self.at_ms, self.how]
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:32]

    def times_ms(self, from_ms: int, until_ms: int) -> list[int]:
        """Return when it sounds from `from_ms` up to, but without, `until_ms`."""
        if self.how.rule is not None:
            return self.how.rule.times_ms(from_ms, until_ms)
        return [self.at_ms] if self.at_ms is not None and from_ms <= self.at_ms < until_ms else []


class Bulletins:
    """draft → submitted → approved → sounded; withdrawn at any time."""

    def __init__(self, store: Store, now_ms: NowMs, audit: Audit, say: Callable[[str], str] = spoken) -> None:
        """`say` makes the words of a text, with the commune's own abbreviations."""
        self._store = store
        self._say = say
        self._now_ms = now_ms
        self._audit = audit
        self.revision = 0
        """Counts the changes to what sounds."""
        self.on_pressing: Callable[[], None] = lambda: None
        """Called, after the commit, when loudspeakers must hear of it at once: an emergency, a withdrawal."""

    def write(self, draft: Draft, author: Member, known_places: Collection[str]) -> Bulletin:
        """Keep a new draft; raises InvalidError naming every field that is wrong."""
        author.require("editor")
        draft = as_seen(draft)
        check(draft, known_places, self._now_ms())
        made = f"{local_day(self._now_ms())}-{secrets.token_hex(3)}"
        with self._store.transaction():
            self._store.execute(
                "INSERT INTO bulletins "
                "(id, title, text, places, at_ms, how, state, written_by, written_at_ms) "
                "VALUES (?, ?, ?, ?, ?, ?, 'draft', ?, ?)",
                [made, *_columns(draft), author.account, self._now_ms()],
            )
            self._audit.note(author.account, "bulletin.written", made, draft.title)
        return self.get(made)

    def rewrite(self, bulletin: str, draft: Draft, author: Member, known_places: Collection[str]) -> Bulletin:
        """Change a draft that was not handed in yet; only its author may."""
        draft = as_seen(draft)
        check(draft, known_places, self._now_ms())
        with self._store.transaction():
            found = self._own(bulletin, author)
            _expect(found, "draft")
            self._store.execute(
                "UPDATE bulletins SET title = ?, text = ?, places = ?, at_ms = ?, how = ? WHERE id = ?",
                [*_columns(draft), bulletin],
            )
            self._audit.note(author.account, "bulletin.rewritten", bulletin, draft.title)
        return self.get(bulletin)

    def submit(self, bulletin: str, author: Member) -> Bulletin:
        """Hand a draft in for approval; raises InvalidError for one that cannot be spoken."""
        _check_spoken(self.get(bulletin), self._say)
        with self._store.transaction():
            found = self._own(bulletin, author)
            _expect(found, "draft")
            self._move(found, "submitted", author)
        return self.get(bulletin)

    def give_back(self, bulletin: str, approver: Member, why: str) -> Bulletin:
        """Return a bulletin to its author, who may mend it and hand it in again; `why` tells what to mend."""
        approver.require("approver")
        reason = seen_text(why)
        if not reason:
            raise InvalidError("Hãy ghi lý do, để người viết biết cần sửa gì. (Say why.)")
        with self._store.transaction():
            found = self.get(bulletin)
            _expect(found, "submitted")
            self._move(found, "draft", approver, detail=reason)
        return self.get(bulletin)

    def approve(self, bulletin: str, approver: Member, version: str) -> Bulletin:
        """Let a bulletin sound. Who wrote it may not approve it.

        `version` is that of the bulletin as the approver read it; ConflictError says that it is another now.
        """
        approver.require("approver")
        now_ms = self._now_ms()
        with self._store.transaction():
            found = self.get(bulletin)
            _expect(found, "submitted")
            if found.written_by == approver.account:
                raise ForbiddenError("Người viết không tự phê duyệt. (Nobody approves their own bulletin.)")
            if found.version != version:
                raise ConflictError("Bản tin vừa thay đổi; hãy đọc lại. (It has changed; read it again.)")
            at_ms = found.at_ms
            if at_ms is None and found.how.rule is None:
                at_ms = now_ms + (EMERGENCY_LEAD_MS if found.emergency else AT_ONCE_LEAD_MS)
            if not _still_sounds(found, at_ms, now_ms):
                raise ConflictError(
                    "Giờ phát đã qua; hãy trả lại để đặt giờ khác. (Its time has passed; give it back.)"
                )
            changed = {"at_ms": at_ms, "approved_by": approver.account, "approved_at_ms": now_ms}
            self._store.execute(
                "UPDATE bulletins SET at_ms = ?, approved_by = ?, approved_at_ms = ?, approved_as = ? "
                "WHERE id = ?",
                [*changed.values(), _hash(self._row(bulletin) | changed), bulletin],
            )
            self._move(found, "approved", approver, detail=_when(found, at_ms))
        self._sounds_otherwise(pressing=found.emergency)
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
        self._sounds_otherwise(pressing=found.state == "approved")
        return self.get(bulletin)

    def get(self, bulletin: str) -> Bulletin:
        """Return a bulletin; raises MissingError."""
        return _bulletin(self._row(bulletin))

    def _row(self, bulletin: str) -> Row:
        row = self._store.row("SELECT * FROM bulletins WHERE id = ?", [bulletin])
        if row is None:
            raise MissingError(f"Không có bản tin {bulletin[:60]!r}. (No such bulletin.)")
        return row

    def latest(self, count: int = 100) -> list[Bulletin]:
        """Return the newest bulletins, newest first."""
        rows = self._store.rows("SELECT * FROM bulletins ORDER BY written_at_ms DESC, id LIMIT ?", [count])
        return [_bulletin(row) for row in rows]

    def to_sound(self) -> list[Bulletin]:
        """Return the approved bulletins that may still begin or sound: those with a time in order of it.

        One that is not as it was approved is not among them: see `altered`.
        """
        since_ms = self._now_ms() - LATE_MS - KEPT_MS
        found = [_bulletin(row) for row in self._standing(since_ms) if _as_approved(row)]
        return [each for each in found if each.at_ms is not None or _goes_on(each, since_ms)]

    def altered(self) -> list[str]:
        """Return the titles of approved bulletins that are not as they were approved: the disk changed them.

        They do not sound, and loudspeakers that have them fall silent.
        """
        since_ms = self._now_ms() - LATE_MS - KEPT_MS
        return [str(row["title"]) for row in self._standing(since_ms) if not _as_approved(row)]

    def _standing(self, since_ms: int) -> list[Row]:
        return self._store.rows(
            "SELECT * FROM bulletins WHERE state = 'approved' AND (at_ms >= ? OR at_ms IS NULL) "
            "ORDER BY at_ms IS NULL, at_ms, id",
            [since_ms],
        )

    def ever_approved(self, from_ms: int, until_ms: int) -> list[Bulletin]:
        """Return the bulletins that were approved, also if withdrawn since, with a time in that stretch."""
        rows = self._store.rows(
            "SELECT * FROM bulletins "
            "WHERE approved_at_ms < ? AND (at_ms IS NULL OR at_ms >= ? AND at_ms < ?)",
            [until_ms, from_ms, until_ms],
        )
        return [each for each in map(_bulletin, rows) if each.times_ms(from_ms, until_ms)]

    def waiting_for_approval(self) -> list[Bulletin]:
        """Return the bulletins that were handed in, the oldest first."""
        rows = self._store.rows(
            "SELECT * FROM bulletins WHERE state = 'submitted' ORDER BY written_at_ms, id"
        )
        return [_bulletin(row) for row in rows]

    def sounds_used(self) -> set[str]:
        """Return the hashes of the sounds that bulletins name which are not withdrawn."""
        rows = self._store.rows(
            "SELECT how FROM bulletins WHERE state <> 'withdrawn' AND how LIKE '%sha256%'"
        )
        hows = [msgspec.json.decode(row["how"], type=How) for row in rows]
        return {how.sound.sha256 for how in hows if how.sound is not None}

    def _sounds_otherwise(self, *, pressing: bool) -> None:
        self.revision += 1
        if pressing:
            self.on_pressing()

    def _own(self, bulletin: str, author: Member) -> Bulletin:
        author.require("editor")
        found = self.get(bulletin)
        if found.written_by != author.account:
            raise ForbiddenError("Chỉ người viết được sửa bản tin. (Only its author may do this.)")
        return found

    def _move(self, found: Bulletin, state: str, member: Member, detail: str = "") -> None:
        self._store.execute("UPDATE bulletins SET state = ? WHERE id = ?", [state, found.id])
        self._audit.note(member.account, f"bulletin.{state}", found.id, detail or found.title)


def _check_spoken(found: Bulletin, say: Callable[[str], str]) -> None:
    """Figures and abbreviations grow when they are spoken, and signs are not spoken at all."""
    how = found.how
    if how.sound is None and how.relay is None and how.live is None:
        check_said(say(found.text))


def _columns(draft: Draft) -> list[str | int | None]:
    return [
        draft.title,
        draft.text,
        json.dumps(sorted(set(draft.places))),
        draft.at_ms,
        msgspec.json.encode(draft.how).decode(),
    ]


def _still_sounds(found: Bulletin, at_ms: int | None, now_ms: int) -> bool:
    return _goes_on(found, now_ms) if at_ms is None else at_ms >= now_ms


def _goes_on(found: Bulletin, since_ms: int) -> bool:
    """Tell whether a bulletin that repeats has a time at or after `since_ms`."""
    rule = found.how.rule
    return rule is not None and bool(rule.times_ms(since_ms, rule.end_ms))


def _when(found: Bulletin, at_ms: int | None) -> str:
    if found.how.rule is not None:
        return found.how.rule.in_words()
    return f"phát lúc {local_time(at_ms or 0):%H:%M:%S %d/%m/%Y}"


def _expect(found: Bulletin, state: str) -> None:
    if found.state != state:
        raise ConflictError(
            f"Bản tin đang ở trạng thái {STATES[found.state]!r}, cần {STATES[state]!r}. "
            f"(It is {found.state}, not {state}.)"
        )


def _bulletin(row: Row) -> Bulletin:
    """Read a row; one that the disk has changed is still to be looked at, and withdrawn."""
    try:
        how, places = msgspec.json.decode(row["how"], type=How), json.loads(row["places"])
    except (msgspec.MsgspecError, ValueError):
        how, places = How(), []
    return Bulletin(**{**row, "places": tuple(places), "how": how})


def _hash(row: Row) -> str:
    said = [row[column] for column in _APPROVED]
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def _as_approved(row: Row) -> bool:
    """Tell whether a bulletin is as it was approved. Of those of before there were hashes nobody can say."""
    return row["approved_as"] is None or row["approved_as"] == _hash(row)
