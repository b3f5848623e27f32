"""The databases of every version there ever was, as files with rows, under tests/data/schemas.

Who changes a schema adds it as it is then: `python -m tests.support.schemas` brings the newest forward and
writes the next. Those that are there stay as they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from commune_hub.hub import MIGRATIONS
from commune_hub.store import Store
from firmware_agent.delivery.outbox import Outbox

DIRECTORY = Path(__file__).parents[1] / "data" / "schemas"

Shape = set[tuple[str, ...]]


def versions(kind: str) -> list[Path]:
    """Return the files of `hub` or `outbox`, oldest first."""
    return sorted(DIRECTORY.glob(f"{kind}-*.sql"), key=lambda path: int(path.stem.rpartition("-")[2]))


def laid_out(schema: Path, path: Path) -> Path:
    """Make a database at `path` as the file says; return `path`."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(schema.read_text(encoding="utf-8"))
    return path


def shape(path: Path) -> Shape:
    """Return what a database consists of, each thing with the words that made it, and the steps it went."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema").fetchall()
        steps = database.execute("SELECT migration_set, name FROM _sqlite_migrations").fetchall()
    made = {(kind, name, " ".join(sql.split())) for kind, name, sql in rows if not name.startswith("sqlite_")}
    return made | set(steps)


def add(kind: str, opens: Callable[[Path], None]) -> Path | None:
    """Write the newest file, brought forward by `opens`, as the next one; None: it is of this version."""
    newest = versions(kind)[-1]
    number = int(newest.stem.rpartition("-")[2]) + 1
    with TemporaryDirectory() as directory:
        path = laid_out(newest, Path(directory) / "brought-forward.db")
        before = shape(path)
        opens(path)
        if shape(path) == before:
            return None
        with closing(sqlite3.connect(path)) as database:
            lines = "\n".join(database.iterdump())
    written = DIRECTORY / f"{kind}-{number}.sql"
    written.write_text(f"-- Brought forward from {newest.name}.\n{lines}\n", encoding="utf-8")
    return written


if __name__ == "__main__":
    print(add("hub", lambda path: Store(path, MIGRATIONS).close()) or "hub: is there already")
    print(add("outbox", lambda path: Outbox(path).close()) or "outbox: is there already")
