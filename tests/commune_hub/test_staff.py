"""Staff: accounts, passwords, sessions, and the lock against guessing."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from commune_hub.capabilities import staff as staff_module
from commune_hub.capabilities.staff import FAILURES_BEFORE_LOCK, LOCK_MS, SESSION_MS, SIGN_INS_MAX
from commune_hub.errors import ConflictError, ForbiddenError, InvalidError, MissingError, SignInError
from tests.commune_hub.conftest import Office, member


def test_made_password_signs_in(office: Office) -> None:
    password = office.staff.add("can-bo-1", "Cán bộ quầy 1", ["officer"], by="quan-tri")
    token, signed_in = office.staff.sign_in("can-bo-1", password)
    assert signed_in.roles == {"officer"}
    assert office.staff.by_token(token) == signed_in


def test_passwords_differ_and_are_not_in_the_store(office: Office) -> None:
    passwords = [office.staff.add(f"can-bo-{n}", "Cán bộ", ["officer"], by="x") for n in range(3)]
    assert len(set(passwords)) == 3
    told = str(office.store.rows("SELECT * FROM staff")) + str(office.store.rows("SELECT * FROM audit"))
    assert not any(password in told for password in passwords)
    assert "$argon2id$" in told


def test_tokens_are_kept_only_as_hashes(office: Office) -> None:
    password = office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    token, _ = office.staff.sign_in("can-bo", password)
    assert token not in str(office.store.rows("SELECT * FROM sessions"))


def test_wrong_password_and_unknown_account_look_the_same(office: Office) -> None:
    office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    with pytest.raises(SignInError) as wrong:
        office.staff.sign_in("can-bo", "sai")
    with pytest.raises(SignInError) as unknown:
        office.staff.sign_in("khong-co", "sai")
    assert str(wrong.value) == str(unknown.value)


def test_guessing_locks_for_a_while(office: Office) -> None:
    password = office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    for _ in range(FAILURES_BEFORE_LOCK):
        with pytest.raises(SignInError):
            office.staff.sign_in("can-bo", "sai")
    with pytest.raises(SignInError, match="đợi"):
        office.staff.sign_in("can-bo", password)
    assert office.audit.latest()[0]["action"] == "staff.locked"
    office.clock.at_ms += LOCK_MS
    office.staff.sign_in("can-bo", password)


def test_the_lock_does_not_tell_which_accounts_there_are(office: Office) -> None:
    office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    answers: dict[str, list[str]] = {"can-bo": [], "khong-co": []}
    for account, told in answers.items():
        for _ in range(FAILURES_BEFORE_LOCK + 1):
            with pytest.raises(SignInError) as refused:
                office.staff.sign_in(account, "sai")
            told.append(str(refused.value))
    assert answers["can-bo"] == answers["khong-co"]


def test_invented_names_do_not_fill_the_memory(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_module, "STRANGERS_MAX", 2)
    for number in range(3):
        with pytest.raises(SignInError):
            office.staff.sign_in(f"khong-co-{number}", "sai")
    assert list(office.staff._strangers) == ["khong-co-1", "khong-co-2"]


class Watched:
    """A hasher that knows how many work at once, and how many passwords it saw."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self.hash = hasher.hash
        self._verify = hasher.verify
        self._lock = threading.Lock()
        self._now = self.at_once = self.seen = 0

    def verify(self, hashed: str, password: str) -> bool:
        with self._lock:
            self._now += 1
            self.seen += 1
            self.at_once = max(self.at_once, self._now)
        try:
            return self._verify(hashed, password)
        finally:
            with self._lock:
                self._now -= 1


def test_a_crowd_at_the_sign_in_takes_little_memory_and_gets_no_more_guesses(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    watched = Watched(office.staff._hasher)
    monkeypatch.setattr(office.staff, "_hasher", watched)

    def guess(number: int) -> str:
        with pytest.raises(SignInError) as refused:
            office.staff.sign_in("can-bo", f"sai {number}")
        return str(refused.value)

    with ThreadPoolExecutor(2 * SIGN_INS_MAX) as crowd:
        answers = list(crowd.map(guess, range(2 * SIGN_INS_MAX)))
    assert (watched.at_once, watched.seen) == (1, FAILURES_BEFORE_LOCK)
    assert any("thử lại" in answer for answer in answers)
    assert any("đợi" in answer for answer in answers)


def test_sessions_end(office: Office) -> None:
    password = office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    token, _ = office.staff.sign_in("can-bo", password)
    office.clock.at_ms += SESSION_MS
    assert office.staff.by_token(token) is None
    token, _ = office.staff.sign_in("can-bo", password)
    office.staff.sign_out(token)
    assert office.staff.by_token(token) is None
    assert office.staff.by_token("") is None


def test_a_closed_account_is_out_at_once(office: Office) -> None:
    password = office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    token, _ = office.staff.sign_in("can-bo", password)
    office.staff.set_active("can-bo", False, by="quan-tri")
    assert office.staff.by_token(token) is None
    with pytest.raises(SignInError):
        office.staff.sign_in("can-bo", password)
    with pytest.raises(ConflictError):
        office.staff.set_active("can-bo", False, by="can-bo")


def test_passwords_are_changed_and_reset(office: Office) -> None:
    password = office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    with pytest.raises(InvalidError):
        office.staff.change_password("can-bo", password, "ngắn")
    with pytest.raises(SignInError):
        office.staff.change_password("can-bo", "sai", "một mật khẩu dài")
    office.staff.change_password("can-bo", password, "một mật khẩu dài")
    token, _ = office.staff.sign_in("can-bo", "một mật khẩu dài")
    fresh = office.staff.reset_password("can-bo", by="quan-tri")
    assert office.staff.by_token(token) is None
    office.staff.sign_in("can-bo", fresh)
    with pytest.raises(MissingError):
        office.staff.reset_password("khong-co", by="quan-tri")


@pytest.mark.parametrize(
    ("account", "name", "roles"),
    [
        ("Hoa", "Hoa", ["officer"]),
        ("a", "A", ["officer"]),
        ("a b", "A", ["officer"]),
        ("can-bo", " ", ["officer"]),
        ("can-bo", "x" * 81, ["officer"]),
        ("can-bo", "A", []),
        ("can-bo", "A", ["king"]),
    ],
)
def test_bad_accounts_are_refused(office: Office, account: str, name: str, roles: list[str]) -> None:
    with pytest.raises(InvalidError):
        office.staff.add(account, name, roles, by="x")


def test_an_account_is_made_once(office: Office) -> None:
    office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    with pytest.raises(ConflictError):
        office.staff.add("can-bo", "Khác", ["leader"], by="x")


def test_roles_are_required(office: Office) -> None:
    member("x", "officer").require("officer", "leader")
    with pytest.raises(ForbiddenError, match="Lãnh đạo"):
        member("x", "officer").require("leader")
    assert office.staff.members() == []


@pytest.mark.parametrize("sql", ["UPDATE audit SET account = 'x'", "DELETE FROM audit"])
def test_the_audit_log_is_only_added_to(office: Office, sql: str) -> None:
    office.audit.note("can-bo", "x.done", "x")
    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
        office.store.execute(sql)
