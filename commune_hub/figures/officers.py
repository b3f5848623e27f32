"""Officers' totals, never of so few presses that one citizen's answer could be told.

A row is shown from PRESSES_MIN presses on. Totals are public, so what is hidden can be worked out as the
total less the rows shown: therefore what is hidden together must itself be at least two officers and at
least PRESSES_MIN presses, and where it is not, the smallest shown row is hidden with it. Presses of no known
officer do not help to hide: whoever knows how many those are could take them off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from commune_hub.figures.proportion import Proportion, proportion
from commune_hub.figures.rows import Press
from commune_hub.figures.summary import split

PRESSES_MIN = 5
"""Fewest presses of a row about a person."""

HIDDEN_TOGETHER_MIN = 2
"""Fewest officers that hide behind one total."""


class OfficerLine(Struct, frozen=True):
    """An officer's total: nothing by hour, by field or by grade, which would be small numbers again."""

    account: str
    name: str
    satisfied: Proportion


class Officers(Struct, frozen=True):
    """Rows that may be shown, most presses first, and how many officers are hidden."""

    shown: list[OfficerLine]
    hidden: int


def officers(counted: Sequence[Press], names: Mapping[str, str]) -> Officers:
    """Return the totals by officer that may be shown to anybody who may see the report."""
    presses = split((press for press in counted if press.officer), lambda press: str(press.officer))
    largest_first = sorted(presses.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    shown = [pair for pair in largest_first if len(pair[1]) >= PRESSES_MIN]
    hidden = largest_first[len(shown) :]
    while hidden and shown and not _hides_enough(hidden):
        hidden.append(shown.pop())
    lines = [
        OfficerLine(account, names.get(account, account), proportion(_satisfied(found), len(found)))
        for account, found in shown
    ]
    return Officers(lines, len(hidden))


def _hides_enough(hidden: Sequence[tuple[str, Sequence[Press]]]) -> bool:
    total = sum(len(found) for _, found in hidden)
    return len(hidden) >= HIDDEN_TOGETHER_MIN and total >= PRESSES_MIN


def _satisfied(presses: Sequence[Press]) -> int:
    return sum(press.satisfied for press in presses)
