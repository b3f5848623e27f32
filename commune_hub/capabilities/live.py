"""Live speech: in its approved window, by one member of staff at a time, recorded."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.bulletins import Bulletin, Bulletins
from commune_hub.capabilities.staff import Member
from commune_hub.errors import ConflictError, InvalidError, MissingError
from commune_hub.live.record import Kept, Record, keep_part
from commune_hub.live.speech import Sample, Speech
from commune_hub.store import Row, Store
from commune_hub.times import DAY_MS, NowMs, local_time
from commune_hub.writing.bulletin_draft import PRIORITIES
from wire.intents import bulletin_of

SPEAKERS = ("editor", "approver")
"""Roles that may speak; the window was approved beforehand, by another than who asked for it."""

SAMPLE_MAX_BYTES = 128 * 1024
"""Sound that a browser brings at a time: over half a second at the highest rate."""

RATE_MIN_HZ, RATE_MAX_HZ = 8_000, 96_000

AWAY_MS = 10_000
"""Who has sent nothing for so long may be followed by somebody else."""

LEFT_MS = 60_000
"""A speech of which nothing came for so long is over: its page was closed."""

KEPT_DAYS = 90
KEPT_MAX_BYTES = 4 << 30
"""Records are kept so long and so many, the oldest go first. Who spoke, when, and the hash stays."""

COMING_MS = 366 * DAY_MS
"""So far ahead the next window is looked for."""

HUB = "hub"

migrations = Migrations("live")


@migrations()
def create(database: Database) -> None:
    """Who spoke live, when, and the hash of what sounded."""
    database.executescript(
        """
        CREATE TABLE live_speeches (
            sounding TEXT PRIMARY KEY, bulletin TEXT NOT NULL, account TEXT NOT NULL,
            began_at_ms INTEGER NOT NULL, ended_at_ms INTEGER, ended_by TEXT NOT NULL DEFAULT '',
            sha256 TEXT NOT NULL DEFAULT '', size_bytes INTEGER NOT NULL DEFAULT 0,
            duration_ms INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        """
    )


@dataclass(frozen=True)
class Window:
    """A time in which an approved bulletin may be spoken; each time of a rule is one of its own."""

    sounding: str
    bulletin: Bulletin
    from_ms: int
    until_ms: int


@dataclass(eq=False)
class Turn:
    """One opening of the microphone by one member; `offset_ms` is where it lies in the speech."""

    window: Window
    account: str
    taken_at_ms: int
    offset_ms: float | None = None


class Live:
    """The microphone of the office.

        turn = live.take_turn("20260131-abc", member)       # ForbiddenError, ConflictError
        live.hear(turn, from_frame, rate_hz, content)       # int16 mono; the first one begins the speech
        live.end("20260131-abc", member)
        live.speech(sounding).since(0)                      # for the door
        live.look()                                         # now and then: ends what is over

    One speaks at a time. A speech that ended does not begin again in its window.
    """

    def __init__(
        self, store: Store, now_ms: NowMs, audit: Audit, bulletins: Bulletins, directory: Path
    ) -> None:
        self._store = store
        self._now_ms = now_ms
        self._audit = audit
        self._bulletins = bulletins
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.RLock()
        self._turn: Turn | None = None
        self._speech: Speech | None = None
        self._allowed_at = -1
        """Revision of the bulletins at which the speech was found to be allowed."""
        self.listening: Counter[str] = Counter()
        """Devices whose loudspeaker is given the speech now, and by how many connections."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when sound came, or a speech began or ended; from any thread."""

    def tidy(self) -> None:
        """Close the records of speeches that a power cut ended; only for the hub itself, at its start."""
        for row in self._store.rows("SELECT * FROM live_speeches WHERE ended_at_ms IS NULL"):
            part = self._directory / f"{_file_name(row['sounding'])}.ogg.part"
            kept = keep_part(part) if part.exists() else None
            self._close_row(row["sounding"], HUB, kept or Kept("", 0, 0))

    def window(self, bulletin: str) -> Window:
        """Return the window of a bulletin that is open, or else its next one.

        Raises MissingError, and ConflictError for one that is not live, not approved, or over.
        """
        found = self._bulletins.get(bulletin)
        live, now_ms = found.how.live, self._now_ms()
        if live is None:
            raise ConflictError("Bản tin này không nói trực tiếp. (It is not a live one.)")
        if found.state != "approved" or not found.approved_by or found.approved_by == found.written_by:
            raise ConflictError("Chưa được người khác phê duyệt. (Not approved by another person.)")
        open_ms = found.times_ms(now_ms - live.lasts_ms + 1, now_ms + 1)
        for at_ms in open_ms or found.times_ms(now_ms, now_ms + COMING_MS):
            sounding = found.id if found.how.rule is None else f"{found.id}@{at_ms}"
            return Window(sounding, found, at_ms, at_ms + live.lasts_ms)
        raise ConflictError("Khung giờ nói trực tiếp đã qua. (Its window has passed.)")

    def is_open(self, window: Window) -> bool:
        """Tell whether one may speak in this window now."""
        return window.from_ms <= self._now_ms() < window.until_ms

    def over(self, sounding: str) -> bool:
        """Tell whether a speech was held and has ended."""
        found = self._store.row("SELECT ended_at_ms FROM live_speeches WHERE sounding = ?", [sounding])
        return found is not None and found["ended_at_ms"] is not None

    def take_turn(self, bulletin: str, member: Member) -> Turn:
        """Let `member` speak; raises ForbiddenError, ConflictError."""
        member.require(*SPEAKERS)
        window = self.window(bulletin)
        if not self.is_open(window):
            opens = f"{local_time(window.from_ms):%H:%M %d/%m}"
            raise ConflictError(f"Chưa đến giờ: mở lúc {opens}. (The window is not open yet.)")
        if self.over(window.sounding):
            raise ConflictError("Buổi nói này đã kết thúc. (This speech has ended.)")
        with self._lock:
            held = self._turn
            others = held is not None and held.account != member.account and self._busy(held)
            if held is not None and others and not _more_urgent(window, held.window):
                raise ConflictError(f"{held.account} đang nói. (Somebody else is speaking.)")
            speech = self._speech
            if speech is not None and not speech.ended and speech.sounding != window.sounding:
                self._finish(speech, member.account)
            self._turn = Turn(window, member.account, self._now_ms())
            return self._turn

    def hear(self, turn: Turn, from_frame: int, rate_hz: int, content: bytes) -> None:
        """Take sound of a turn: int16 mono, `from_frame` on from the turn's beginning.

        Raises InvalidError, and ConflictError when the turn is over.
        """
        if not RATE_MIN_HZ <= rate_hz <= RATE_MAX_HZ or not 0 <= from_frame < 2**40:
            raise InvalidError("rate, from: ngoài giới hạn (out of bounds)")
        if not 2 <= len(content) <= SAMPLE_MAX_BYTES or len(content) % 2:
            raise InvalidError(f"âm thanh: cần 2–{SAMPLE_MAX_BYTES} byte, int16 (so many bytes, int16)")
        samples = np.frombuffer(content, "<i2").astype(np.int16)
        with self._lock:
            self.look()
            now_ms = self._now_ms()
            lasts_ms = len(samples) * 1000 / rate_hz
            speech = self._speech_of(turn, now_ms, lasts_ms)
            if turn.offset_ms is None:
                since_ms = now_ms - lasts_ms - from_frame * 1000 / rate_hz - speech.began_at_ms
                turn.offset_ms = max(speech.lasts_ms, since_ms)
            at_ms = turn.offset_ms + from_frame * 1000 / rate_hz
            speech.hear(Sample(samples, rate_hz, at_ms), now_ms)
        self.on_change()

    def end(self, bulletin: str, member: Member) -> None:
        """End the speech of a bulletin; raises ForbiddenError, ConflictError."""
        member.require(*SPEAKERS)
        with self._lock:
            speech = self._speech
            if speech is None or speech.ended or bulletin_of(speech.sounding) != bulletin:
                raise ConflictError("Không có ai đang nói. (Nobody is speaking.)")
            self._finish(speech, member.account)

    def look(self) -> None:
        """End the speech whose window has closed, whose speaker has left, or that was withdrawn."""
        with self._lock:
            speech, turn = self._speech, self._turn
            if speech is None or turn is None or speech.ended:
                return
            now_ms = self._now_ms()
            closed = now_ms >= turn.window.until_ms or now_ms - speech.heard_at_ms > LEFT_MS
            if closed or not self._still_allowed(speech):
                self._finish(speech, HUB)

    def speech(self, sounding: str) -> Speech | None:
        """Return the speech of a window, while it is on and until the next one begins."""
        speech = self._speech
        return speech if speech is not None and speech.sounding == sounding else None

    def speaker(self) -> str | None:
        """Return the account of who speaks now."""
        speech = self._speech
        return speech.account if speech is not None and not speech.ended else None

    def held(self, bulletin: str) -> list[Row]:
        """Return the speeches of a bulletin, newest first."""
        query = "SELECT * FROM live_speeches WHERE bulletin = ? ORDER BY began_at_ms DESC LIMIT 20"
        return self._store.rows(query, [bulletin])

    def record(self, sha256: str) -> Path:
        """Return the record of a speech; raises MissingError."""
        path = self._directory / f"{sha256}.ogg"
        if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not path.is_file():
            raise MissingError("Không còn bản ghi này. (The record is not kept any more.)")
        return path

    def forget_old(self) -> None:
        """Delete records that were kept for their days, and the oldest when there are too many."""
        room = KEPT_MAX_BYTES
        oldest_ms = self._now_ms() - KEPT_DAYS * DAY_MS
        query = "SELECT * FROM live_speeches WHERE sha256 <> '' ORDER BY began_at_ms DESC"
        for row in self._store.rows(query):
            room -= row["size_bytes"]
            path = self._directory / f"{row['sha256']}.ogg"
            if (room < 0 or row["began_at_ms"] < oldest_ms) and path.exists():
                path.unlink(missing_ok=True)
                self._audit.note(HUB, "live.deleted", row["sounding"], f"đã giữ (was kept): {row['sha256']}")

    def _busy(self, turn: Turn) -> bool:
        speech = self._speech
        spoke = speech is not None and not speech.ended and speech.sounding == turn.window.sounding
        if not spoke:
            return turn.offset_ms is None and self._now_ms() - turn.taken_at_ms <= AWAY_MS
        return speech is not None and self._now_ms() - speech.heard_at_ms <= AWAY_MS

    def _speech_of(self, turn: Turn, now_ms: int, lasts_ms: float) -> Speech:
        """Return the speech that a turn belongs to; its first sound begins it."""
        if turn is not self._turn:
            raise ConflictError("Micrô đã mở ở nơi khác. (The microphone was opened elsewhere.)")
        speech = self.speech(turn.window.sounding)
        if speech is not None and not speech.ended:
            return speech
        if speech is not None or not self.is_open(turn.window) or self.over(turn.window.sounding):
            raise ConflictError("Buổi nói này đã kết thúc. (This speech has ended.)")
        self.window(turn.window.bulletin.id)  # still approved
        return self._begin(turn, max(turn.window.from_ms, round(now_ms - lasts_ms)))

    def _begin(self, turn: Turn, began_at_ms: int) -> Speech:
        sounding = turn.window.sounding
        record = Record(self._directory, _file_name(sounding))
        speech = Speech(sounding, turn.account, began_at_ms, record)
        with self._store.transaction():
            self._store.execute(
                "INSERT INTO live_speeches (sounding, bulletin, account, began_at_ms) VALUES (?, ?, ?, ?)",
                [sounding, turn.window.bulletin.id, turn.account, began_at_ms],
            )
            self._audit.note(turn.account, "live.began", sounding, turn.window.bulletin.title)
        self._allowed_at = self._bulletins.revision
        self._speech = speech
        return speech

    def _finish(self, speech: Speech, by: str) -> None:
        self._close_row(speech.sounding, by, speech.end())
        self.on_change()

    def _close_row(self, sounding: str, by: str, kept: Kept) -> None:
        with self._store.transaction():
            self._store.execute(
                "UPDATE live_speeches SET ended_at_ms = ?, ended_by = ?, sha256 = ?, size_bytes = ?, "
                "duration_ms = ? WHERE sounding = ?",
                [self._now_ms(), by, kept.sha256, kept.size_bytes, kept.duration_ms, sounding],
            )
            told = f"{kept.duration_ms / 1000:.0f} s, sha256 {kept.sha256 or 'không có (none)'}"
            self._audit.note(by, "live.ended", sounding, told)

    def _still_allowed(self, speech: Speech) -> bool:
        revision = self._bulletins.revision
        if revision == self._allowed_at:
            return True
        self._allowed_at = revision
        return self._bulletins.get(bulletin_of(speech.sounding)).state == "approved"


def _more_urgent(one: Window, other: Window) -> bool:
    urgency = list(PRIORITIES).index
    return urgency(one.bulletin.how.priority) < urgency(other.bulletin.how.priority)


def _file_name(sounding: str) -> str:
    return sounding.replace("@", "-at-")
