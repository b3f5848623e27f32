"""How the workers of pytest-xdist share the tests: in whole pieces, the longest first.

A piece is a file, or several that stand on the same costly thing. A fixture of a module is then made once,
and no worker begins the longest piece when the others are done. Marks `xdist_group` cannot say this: they
know no order, and pytest-xdist 3.8 groups nothing by them under pytest 9.2, where it cannot rename tests.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

PIECES = {
    "a whole commune": ("tests/test_commune_day.py", "tests/test_browser.py"),
    "a console in a browser": ("tests/commune_hub/console/",),
}
"""What stays together. Two communes at once would also be in each other's way."""

FIRST = (
    "a whole commune",
    "a console in a browser",
    "tests/sim/test_week.py",
    "tests/faults/test_full_disk.py",
    "tests/sim/faults/test_runs.py",
    "tests/commune_hub/test_hub.py",
    "tests/faults/test_bad_lines.py",
    "tests/firmware_agent/test_link.py",
    "tests/commune_hub/timekeeping/test_time_book.py",
)
"""The pieces that take some ten seconds or more, longest first."""


def piece_of(nodeid: str) -> str:
    """Return the piece of a test; `nodeid` as pytest names it: `tests/wire/test_seal.py::test_x`."""
    file, _, _ = nodeid.partition("::")
    return next((name for name, begins in PIECES.items() if file.startswith(begins)), file)


def rank_of(nodeid: str) -> int:
    """Return which place its piece has in the order in which to begin them: 0 comes first."""
    piece = piece_of(nodeid)
    return FIRST.index(piece) if piece in FIRST else len(FIRST)


class Shares(LoadScopeScheduling):  # type: ignore[misc]  # xdist is not typed
    """Gives out whole pieces in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        return piece_of(nodeid)
