"""Staff: accounts, passwords, sessions, and the lock against guessing."""

from __future__ import annotations

import sqlite3

import pytest

from commune_hub.capabilities.staff import FAILURES_BEFORE_LOCK, LOCK_MS, SESSION_MS
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
