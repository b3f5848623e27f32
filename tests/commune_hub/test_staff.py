"""Staff: accounts, passwords, sessions, and the lock against guessing."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from commune_hub.capabilities import staff as staff_module
from commune_hub.capabilities.patience import FREE_TRIES, WAIT_FIRST_MS, Patience
from commune_hub.capabilities.staff import SESSION_MS, SIGN_INS_MAX, USUAL_MAX, Staff
from commune_hub.errors import ConflictError, ForbiddenError, InvalidError, MissingError, SignInError
from tests.commune_hub.conftest import Office, member
from tests.support.waiting import HANGS_S


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


def test_a_guess_is_dear(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the product has it, not as the other tests: what RFC 9106 advises where memory is short."""
    monkeypatch.setattr(staff_module, "PasswordHasher", PasswordHasher)
    dear = Staff(office.store, office.clock, office.audit)
    password = dear.add("can-bo", "Cán bộ", ["officer"], by="x")
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in str(office.store.rows("SELECT * FROM staff"))
    assert dear.sign_in("can-bo", password)[1].account == "can-bo"


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


def guess(office: Office, account: str, times: int, source: str = "") -> list[str]:
    """Try wrong passwords, as long as one is looked at; return the answers."""
    told = []
    for number in range(times):
        with pytest.raises(SignInError) as refused:
            office.staff.sign_in(account, f"sai {number}", source)
        told.append(str(refused.value))
    return told


def test_who_guesses_waits_longer_and_longer_and_never_for_good(office: Office) -> None:
    password = office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    guess(office, "can-bo", FREE_TRIES + 1)
    with pytest.raises(SignInError, match="đợi"):
        office.staff.sign_in("can-bo", password)
    assert office.audit.latest()[0]["action"] == "staff.guessed"
    office.clock.at_ms += WAIT_FIRST_MS
    guess(office, "can-bo", 1)
    office.clock.at_ms += WAIT_FIRST_MS
    with pytest.raises(SignInError, match="đợi"):
        office.staff.sign_in("can-bo", password)
    office.clock.at_ms += WAIT_FIRST_MS
    office.staff.sign_in("can-bo", password)
    assert all("đợi" not in told for told in guess(office, "can-bo", FREE_TRIES)), "it is forgotten"


def test_nobody_elsewhere_makes_the_owner_wait_where_he_always_signs_in(office: Office) -> None:
    password = office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    office.staff.sign_in("can-bo", password, "10.0.0.5")
    guess(office, "can-bo", FREE_TRIES + 1, "10.0.0.66")
    assert all("đợi" in told for told in guess(office, "can-bo", 3, "10.0.0.66"))
    assert all("đợi" in told for told in guess(office, "can-bo", 3, "10.0.0.67")), "other addresses share it"
    office.staff.sign_in("can-bo", password, "10.0.0.5")


def test_a_member_has_so_many_usual_places(office: Office) -> None:
    password = office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    for number in range(USUAL_MAX + 1):
        office.clock.at_ms += 1
        office.staff.sign_in("can-bo", password, f"10.0.0.{number}")
    places = {row["source"] for row in office.store.rows("SELECT source FROM usual_sources")}
    assert places == {f"10.0.0.{number}" for number in range(1, USUAL_MAX + 1)}


def test_the_wait_does_not_tell_which_accounts_there_are(office: Office) -> None:
    office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    tries = FREE_TRIES + 2
    assert guess(office, "can-bo", tries) == guess(office, "khong-co", tries)


def test_invented_names_do_not_fill_the_memory_and_do_not_wash_out_who_guessed_at_a_real_one(
    office: Office,
) -> None:
    office.staff.add("can-bo", "Cán bộ", ["officer"], by="x")
    office.staff._patience_with_strangers = Patience(2)
    guess(office, "can-bo", FREE_TRIES + 1)
    for number in range(3):
        guess(office, f"khong-co-{number}", 1)
    assert len(office.staff._patience_with_strangers) == 2
    assert "đợi" in guess(office, "can-bo", 1)[0]


class Watched:
    """A hasher that knows how many work at once and how many passwords it saw; it goes on when it may."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self.hash = hasher.hash
        self._verify = hasher.verify
        self._lock = threading.Lock()
        self.go_on = threading.Event()
        self._now = self.at_once = self.seen = 0

    def verify(self, hashed: str, password: str) -> bool:
        with self._lock:
            self._now += 1
            self.seen += 1
            self.at_once = max(self.at_once, self._now)
        try:
            assert self.go_on.wait(HANGS_S)
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

    def one(_: int) -> str:
        (answer,) = guess(office, "can-bo", 1)
        if "thử lại" in answer:
            watched.go_on.set()
        return answer

    with ThreadPoolExecutor(2 * SIGN_INS_MAX) as crowd:
        answers = list(crowd.map(one, range(2 * SIGN_INS_MAX)))
    assert (watched.at_once, watched.seen) == (1, FREE_TRIES + 1)
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
