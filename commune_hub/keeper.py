"""The keeper: one hub at a time in a directory, and what is due there every day."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from commune_hub.backup import BackupError, back_up, backup_path, backups, rotate
from commune_hub.backup_files import keep_files, list_path
from commune_hub.capabilities.accounts import Accounts
from commune_hub.fact_checks import damaged_facts, mend
from commune_hub.statements import Statements
from commune_hub.store import Store
from commune_hub.times import NowMs, local_day
from commune_hub.upkeep import Upkeep
from firmware_agent.delivery.reserve import Reserve

LOCK = ".lock"
LOOK_EVERY_S = 60.0

RESERVE_BYTES = 2 * 1024 * 1024
"""What opening the store may write, many times over."""

log = logging.getLogger(__name__)


class InUseError(Exception):
    """Another process works with this hub's directory; the text is one line for a technician."""


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Hold the hub's directory for this process; raises InUseError. A process that dies lets go of it."""
    with (root / LOCK).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InUseError(
                f"{root}: hub đang chạy; hãy dừng nó trước (a hub is running here; stop it first)"
            ) from None
        yield


def reserve_of(root: Path) -> Reserve:
    """Return the room that a hub puts by, so that it can start on a full disk."""
    return Reserve(root / "reserve", RESERVE_BYTES)


class Keeper:
    """Once a day, soon after midnight or after the start: closes the day before, states it, backs up.

    And at each look: what other parts of the hub want looked after (`also`).
    """

    def __init__(
        self,
        store: Store,
        root: Path,
        accounts: Accounts,
        statements: Statements,
        now_ms: NowMs,
        upkeep: Upkeep,
        also: Sequence[Callable[[], object]] = (),
    ) -> None:
        self._store = store
        self._root = root
        self._accounts = accounts
        self._statements = statements
        self._now_ms = now_ms
        self._upkeep = upkeep
        self._also = also
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a backup that is being made is given up and leaves nothing behind that counts."""
        self._stopping.set()

    def look(self) -> None:
        """Do what is due today."""
        reserve_of(self._root).keep()
        if self._accounts.close_days():
            for path in self._statements.write_due():
                log.info("đã kê ngày (stated the day): %s", path.stem)
        self.back_up_today()

    def look_after_others(self) -> None:
        """Do what the others want done; the trouble of one is logged and holds up nobody."""
        for each in self._also:
            try:
                each()
            except Exception:
                log.exception("lỗi trong việc định kỳ của hub (error in a regular task)")

    def back_up_today(self) -> Path | None:
        """Make today's backup unless it is there, whole; return it if it was made now."""
        target = backup_path(self._root, local_day(self._now_ms()))
        if target.exists() and list_path(target).exists():
            return None
        # The store first: every file that it names then is still there when the files' turn comes.
        made = back_up(self._store.path, target)
        try:
            files = keep_files(self._root, made)
        except OSError as error:
            raise BackupError(f"{made}: không sao lưu được các tệp (cannot back up files): {error}") from None
        self._mend(made)
        rotate(self._root)
        log.info("đã sao lưu (backed up): %s, %d tệp (files, %d new)", made.name, files.files, files.new)
        return made

    def _mend(self, made: Path) -> None:
        """Look for facts that the disk has changed, in the backup just made: nobody waits for that one.

        What an earlier backup has as it was written is put back.
        """
        damaged = damaged_facts(made)
        left = mend(self._store, damaged, backups(self._root))
        self._upkeep.tell("facts", _damage_text(len(damaged), len(left)) if damaged else "")
        for device, node, _, seq in damaged:
            log.error(
                "sự việc bị đĩa làm hỏng (a fact that the disk has changed): %s/%s %d", device, node, seq
            )

    def look_and_tell(self) -> None:
        """Do what is due today, and let staff know what cannot be done."""
        told = ""
        try:
            self.look()
        except BackupError as error:
            told = f"Chưa sao lưu được sổ của hub, hãy xem đĩa (the hub is not backed up): {error}"
        except (OSError, sqlite3.Error) as error:
            told = f"Chưa kê được ngày của hub, hãy xem đĩa (the day is not stated yet): {error}"
        if told:
            log.error("%s", told)
        self._upkeep.tell("day", told)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.look_and_tell()
            self.look_after_others()
            self._stopping.wait(LOOK_EVERY_S)


def _damage_text(damaged: int, left: int) -> str:
    return (
        f"Đĩa của hub đã làm hỏng {damaged} sự việc trong sổ: {damaged - left} đã lấy lại từ bản sao lưu, "
        f"{left} không còn ở đâu nguyên vẹn. Hãy thay đĩa sớm. "
        "(The hub's disk changes what lies on it: replace it soon.)"
    )
