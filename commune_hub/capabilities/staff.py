"""Staff: named accounts, roles, passwords (argon2id), sessions."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.patience import WAIT_FIRST_MS, Patience
from commune_hub.errors import ConflictError, ForbiddenError, InvalidError, MissingError, SignInError
from commune_hub.store import Row, Store
from commune_hub.times import NowMs
from firmware_agent.lines import printable, shows, visible_line

ROLES = {
    "officer": "Cán bộ quầy",
    "editor": "Biên tập bản tin",
    "approver": "Phê duyệt bản tin",
    "technician": "Kỹ thuật",
    "leader": "Lãnh đạo",
    "administrator": "Quản trị",
}
"""Roles and their names on the screen."""

ELSEWHERE = "elsewhere"
"""Every place where a member never signed in: however many addresses a guesser has, they share one wait."""

USUAL_MAX = 8
"""Places that are remembered as usual for a member."""

SOURCE_MAX = 64
"""Characters of an address."""

SIGN_INS_MAX = 16
"""Passwords that may wait to be checked. One check costs 64 MiB of memory and a core for a moment, so they
are checked one after the other; a crowd beyond this is asked to come again."""

STRANGERS_MAX = 1_000
"""Most account names that do not exist whose wrong passwords are remembered; the oldest go first."""

MEMBERS_MAX = 10_000
"""The same for accounts, by place: more than an office has, times USUAL_MAX."""

SESSION_MS = 12 * 3_600_000
"""A working day."""

NAME_MAX = 80

PASSWORD_BYTES = 12
"""Made passwords carry 96 bits: beyond guessing, and short enough to type once."""

PASSWORD_MIN = 10
PASSWORD_MAX = 128

_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9.-]{1,38}")

migrations = Migrations("staff")


@migrations()
def create(database: Database) -> None:
    """Accounts and their sessions; of a session token only its hash is kept."""
    database.executescript(
        """
        CREATE TABLE staff (
            account TEXT PRIMARY KEY, name TEXT NOT NULL, roles TEXT NOT NULL, password_hash TEXT NOT NULL,
            active INTEGER NOT NULL, failures INTEGER NOT NULL, locked_until_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sessions (
            token_hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES staff,
            expires_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
    )


@migrations()
def wait_by_place(database: Database) -> None:
    """No account is locked any more; who guesses waits, by place (`commune_hub.capabilities.patience`)."""
    database.executescript(
        """
        ALTER TABLE staff DROP COLUMN failures;
        ALTER TABLE staff DROP COLUMN locked_until_ms;
        CREATE TABLE usual_sources (
            account TEXT NOT NULL REFERENCES staff, source TEXT NOT NULL, last_at_ms INTEGER NOT NULL,
            PRIMARY KEY (account, source)
        ) STRICT, WITHOUT ROWID;
        """
    )


@dataclass(frozen=True)
class Member:
    """Somebody of the staff, as far as others may know."""

    account: str
    name: str
    roles: frozenset[str]
    active: bool = True

    def require(self, *roles: str) -> None:
        """Raise ForbiddenError unless the member has one of `roles`."""
        if not self.roles.intersection(roles):
            names = ", ".join(ROLES[role] for role in roles)
            raise ForbiddenError(f"Việc này cần vai trò: {names}. (Needs the role {' or '.join(roles)}.)")


class Staff:
    """Keep accounts, sign members in, and know them again by their token."""

    def __init__(self, store: Store, now_ms: NowMs, audit: Audit) -> None:
        self._store = store
        self._now_ms = now_ms
        self._audit = audit
        self._hasher = PasswordHasher()
        # An account that does not exist costs as much time to check as one that does.
        self._nobody_hash = self._hasher.hash(secrets.token_hex())
        self._places = threading.BoundedSemaphore(SIGN_INS_MAX)
        self._usual_places = threading.BoundedSemaphore(SIGN_INS_MAX)
        self._one_at_a_time = threading.Lock()
        self._patience = Patience(MEMBERS_MAX)
        self._patience_with_strangers = Patience(STRANGERS_MAX)

    def add(self, account: str, name: str, roles: Iterable[str], by: str) -> str:
        """Make an account; return its password, which is made here and shown once."""
        checked = _checked_roles(roles)
        if not _ACCOUNT.fullmatch(account):
            raise InvalidError("account: chữ thường, số, dấu chấm, gạch nối, dài 2–39 (a-z, 0-9, '.', '-')")
        shown_name = _checked_name(name)
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        with self._store.transaction():
            if self._row(account):
                raise ConflictError(f"account: đã có tài khoản {account!r} (exists already)")
            self._store.execute(
                "INSERT INTO staff VALUES (?, ?, ?, ?, 1)",
                [account, shown_name, json.dumps(sorted(checked)), self._hasher.hash(password)],
            )
            self._audit.note(by, "staff.added", account, ", ".join(sorted(checked)))
        return password

    def reset_password(self, account: str, by: str) -> str:
        """Give `account` a new password, made here and shown once, and end its sessions."""
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        with self._store.transaction():
            self._require(account)
            self._set_password(account, password)
            self._audit.note(by, "staff.password_reset", account)
        return password

    def change_password(self, account: str, old: str, new: str, source: str = "") -> None:
        """Let a member choose a password; raises SignInError when `old` is wrong, or tried too often."""
        if not PASSWORD_MIN <= len(new) <= PASSWORD_MAX:
            raise InvalidError(
                f"new: mật khẩu dài {PASSWORD_MIN}–{PASSWORD_MAX} ký tự "
                f"({PASSWORD_MIN} to {PASSWORD_MAX} characters)"
            )
        self._check_password(account, old, source[:SOURCE_MAX])
        with self._store.transaction():
            self._set_password(account, new)
            self._audit.note(account, "staff.password_changed", account)

    def set_active(self, account: str, active: bool, by: str) -> None:
        """Open or close an account; a closed one is signed out everywhere. Nobody closes their own."""
        if account == by and not active:
            raise ConflictError("Không thể khóa chính mình. (Nobody can close their own account.)")
        with self._store.transaction():
            self._require(account)
            self._store.execute("UPDATE staff SET active = ? WHERE account = ?", [int(active), account])
            self._end_sessions(account)
            self._audit.note(by, "staff.opened" if active else "staff.closed", account)

    def sign_in(self, account: str, password: str, source: str = "") -> tuple[str, Member]:
        """Check the password; return a new session's token and its member. Raises SignInError.

        `source` is the address that the request came from: whoever guesses at another one makes the owner
        wait nowhere that is usual for him.
        """
        source = source[:SOURCE_MAX]
        member = self._check_password(account, password, source)
        token = secrets.token_urlsafe(32)
        with self._store.transaction():
            self._store.execute("DELETE FROM sessions WHERE expires_at_ms <= ?", [self._now_ms()])
            self._store.execute(
                "INSERT INTO sessions VALUES (?, ?, ?)",
                [_token_hash(token), account, self._now_ms() + SESSION_MS],
            )
            self._make_usual(account, source)
            self._audit.note(account, "staff.signed_in", account)
        return token, member

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._store.execute("DELETE FROM sessions WHERE token_hash = ?", [_token_hash(token)])

    def by_token(self, token: str) -> Member | None:
        """Return who holds `token`, or None when it is unknown, over, or its account is closed."""
        row = self._store.row(
            "SELECT staff.* FROM sessions JOIN staff USING (account) "
            "WHERE token_hash = ? AND expires_at_ms > ? AND active = 1",
            [_token_hash(token), self._now_ms()],
        )
        return _member(row) if row else None

    def members(self) -> list[Member]:
        """Return all accounts."""
        return [_member(row) for row in self._store.rows("SELECT * FROM staff ORDER BY account")]

    def names(self) -> dict[str, str]:
        """Return the name to show for each account."""
        return {member.account: member.name for member in self.members()}

    def _check_password(self, account: str, password: str, source: str) -> Member:
        usual = self._is_usual(account, source)
        # A crowd of strangers must not take the places of those who sign in where they always do.
        places = self._usual_places if usual else self._places
        if not places.acquire(blocking=False):
            raise SignInError("Nhiều người đang đăng nhập; hãy thử lại sau ít giây. (Busy; try again soon.)")
        try:
            # One after the other: a failure counts before the next guess is looked at.
            with self._one_at_a_time:
                return self._checked(account, password, source if usual else ELSEWHERE)
        finally:
            places.release()

    def _checked(self, account: str, password: str, source: str) -> Member:
        row = self._row(account)
        # A name that nobody has waits like any other, or the waiting would tell which names there are.
        patience = self._patience if row else self._patience_with_strangers
        key, now_ms = (account, source), self._now_ms()
        wait_ms = patience.wait_ms(key, now_ms)
        if wait_ms:
            raise SignInError(
                f"Sai quá nhiều lần; hãy đợi {wait_ms // 1_000 + 1} giây. (Too many tries; wait.)"
            )
        hashed = row["password_hash"] if row and row["active"] else self._nobody_hash
        if not self._matches(hashed, password[:PASSWORD_MAX]):
            if patience.was_wrong(key, now_ms) == WAIT_FIRST_MS and row:
                self._audit.note(account, "staff.guessed", account, f"nơi (from): {source}"[:200])
            raise SignInError("Sai tài khoản hoặc mật khẩu. (Wrong account or password.)")
        assert row is not None  # noqa: S101 - nobody's hash matches no password
        patience.was_right(key)
        return _member(row)

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _is_usual(self, account: str, source: str) -> bool:
        found = self._store.value(
            "SELECT 1 FROM usual_sources WHERE account = ? AND source = ?", [account, source]
        )
        return found is not None

    def _make_usual(self, account: str, source: str) -> None:
        """Remember where a member signed in; of too many places, the one longest unused is forgotten."""
        self._store.execute(
            "INSERT OR REPLACE INTO usual_sources VALUES (?, ?, ?)", [account, source, self._now_ms()]
        )
        self._store.execute(
            "DELETE FROM usual_sources WHERE account = ? AND source NOT IN (SELECT source FROM usual_sources "
            "WHERE account = ? ORDER BY last_at_ms DESC, source LIMIT ?)",
            [account, account, USUAL_MAX],
        )

    def _set_password(self, account: str, password: str) -> None:
        self._store.execute(
            "UPDATE staff SET password_hash = ? WHERE account = ?",
            [self._hasher.hash(password), account],
        )
        self._end_sessions(account)

    def _end_sessions(self, account: str) -> None:
        self._store.execute("DELETE FROM sessions WHERE account = ?", [account])

    def _require(self, account: str) -> Row:
        row = self._row(account)
        if row is None:
            raise MissingError(f"account: không có tài khoản {account!r} (no such account)")
        return row

    def _row(self, account: str) -> Row | None:
        return self._store.row("SELECT * FROM staff WHERE account = ?", [account])


def _member(row: Row) -> Member:
    # A name from before the door was as strict as it is may show nothing.
    name = printable(row["name"])
    shown = name if shows(name) else str(row["account"])
    return Member(row["account"], shown, frozenset(json.loads(row["roles"])), bool(row["active"]))


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _checked_name(name: str) -> str:
    try:
        shown = visible_line(name)
    except ValueError as error:
        raise InvalidError(f"name (họ tên): cần {error}") from None
    if len(shown) > NAME_MAX:
        raise InvalidError(f"name (họ tên): cần 1–{NAME_MAX} ký tự (1 to {NAME_MAX} characters)")
    return shown


def _checked_roles(roles: Iterable[str]) -> set[str]:
    checked = set(roles)
    if not checked or not checked <= ROLES.keys():
        raise InvalidError(f"roles: một hay nhiều trong (one or more of): {', '.join(ROLES)}")
    return checked
