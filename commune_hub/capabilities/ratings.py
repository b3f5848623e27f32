"""Ratings: what citizens pressed, kept whole, and what of it counts. Presses are anonymous.

Every press is kept as it came. Which of them are answers is decided here, once, when a press is taken
(docs/rating.md): not those that a later press corrects, and not those with a mark of `UNCOUNTED`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from commune_hub.ledger import Taken
from commune_hub.store import Row, Store, Values
from commune_hub.times import NowMs, day_start_ms, local_time
from wire.facts import Body, ButtonFailed, ButtonRecovered, RatingPressed, RatingReasoned
from wire.scales import DEFAULT_SCALE, SCALES, Mood, Scale, mood_of, score_of

UNCOUNTED = frozenset({"repeat", "burst", "all-faces", "nobody-served"})
"""Marks of presses that are no answers. Any other (`hub-away`, or one of a later version) only tells more."""

PANEL_SOURCES = frozenset({"button", "touch"})
"""Presses that the panel at a counter took: neither a slip's page nor the buttons by the way out."""

CORRECTED = "corrected"
"""Stands among the marks of a press whose place a later one took."""

DAY_MS = 86_400_000
"""Every day is as long as another in Asia/Ho_Chi_Minh."""

ROWS_MAX = 1_000_000
"""Presses that one question returns: a year of a large office."""

migrations = Migrations("ratings")


@migrations()
def create(database: Database) -> None:
    """One row a press."""
    database.executescript(
        """
        CREATE TABLE presses (
            at_ms INTEGER NOT NULL, counter TEXT NOT NULL, scale TEXT NOT NULL, level INTEGER NOT NULL,
            ticket TEXT, officer TEXT
        ) STRICT;
        CREATE INDEX presses_by_time ON presses (at_ms);
        """
    )


@migrations()
def know_each_press(database: Database) -> None:
    """Presses have names, marks and reasons; buttons have faults. Rows from before count as they did."""
    database.executescript(
        """
        ALTER TABLE presses ADD COLUMN device TEXT NOT NULL DEFAULT '';
        ALTER TABLE presses ADD COLUMN press TEXT NOT NULL DEFAULT '';
        ALTER TABLE presses ADD COLUMN source TEXT NOT NULL DEFAULT 'button';
        ALTER TABLE presses ADD COLUMN marks TEXT NOT NULL DEFAULT '';
        ALTER TABLE presses ADD COLUMN counted INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE presses ADD COLUMN reason TEXT;
        CREATE INDEX presses_by_name ON presses (press, device) WHERE press <> '';
        CREATE TABLE button_faults (
            device TEXT NOT NULL, counter TEXT NOT NULL, level INTEGER NOT NULL, fault TEXT NOT NULL,
            failed_at_ms INTEGER NOT NULL, recovered_at_ms INTEGER, edges_left_out INTEGER
        ) STRICT;
        CREATE INDEX button_faults_by_button ON button_faults (device, level, recovered_at_ms);
        """
    )


@migrations()
def one_vote_a_slip(database: Database) -> None:
    """The hub itself takes votes on the page behind a slip's code: one for each ticket."""
    database.execute(
        "CREATE UNIQUE INDEX presses_by_slip ON presses (ticket) WHERE source = 'slip' AND device = 'hub'"
    )


@migrations()
def know_the_panels_scale(database: Database) -> None:
    """What the panel of each counter asks on, told by its last press: the page behind a slip asks alike."""
    database.executescript(
        """
        CREATE TABLE panel_scales (counter TEXT PRIMARY KEY, scale TEXT NOT NULL) STRICT;
        INSERT INTO panel_scales SELECT counter, scale FROM presses
            WHERE rowid IN (SELECT max(rowid) FROM presses WHERE source <> 'slip' GROUP BY counter);
        """
    )


@migrations()
def know_whose_buttons(database: Database) -> None:
    """A rating panel and a counter's keys may be nodes of one device. Faults from before may be of either."""
    database.execute("ALTER TABLE button_faults ADD COLUMN node TEXT NOT NULL DEFAULT ''")


@dataclass(frozen=True)
class Tally:
    """Answers at a counter on one scale: how many of each level."""

    counter: str
    levels: dict[int, int]
    scale: str = DEFAULT_SCALE

    @property
    def total(self) -> int:
        """All answers."""
        return sum(self.levels.values())

    @property
    def satisfied(self) -> int:
        """Satisfied answers."""
        return sum(count for level, count in self.levels.items() if mood_of(self.scale, level) == "satisfied")

    @property
    def satisfied_share(self) -> float | None:
        """Share of satisfied answers, 0 to 1, computed the way SIPAS is; None without any answer."""
        return self.satisfied / self.total if self.total else None

    @property
    def as_default(self) -> dict[int, int]:
        """The same by level of `vi4`, for charts of counters with different scales."""
        counts = _none_of_each(DEFAULT_SCALE)
        for level, count in self.levels.items():
            counts[_as_default(self.scale, level)] += count
        return counts


@dataclass(frozen=True, slots=True)
class Press:
    """A press as it is kept."""

    at_ms: int
    counter: str
    scale: str
    level: int
    source: str
    ticket: str | None
    officer: str | None
    field: str | None
    """Id of the ticket's field of work; None: no ticket, or one that the hub knows nothing of."""
    reason: str | None
    marks: tuple[str, ...]
    """As the node marked it, and `corrected` where a later press took its place."""
    press: str
    device: str

    @property
    def mood(self) -> Mood | None:
        """What it says on any scale; None for a scale of a later version."""
        return mood_of(self.scale, self.level)

    @property
    def score(self) -> float | None:
        """The same as a figure, 0 to 100; None as for `mood`."""
        return score_of(self.scale, self.level)


@dataclass(frozen=True, slots=True)
class ButtonFault:
    """A button that did not behave as a finger would."""

    device: str
    counter: str
    level: int
    fault: str
    failed_at_ms: int
    recovered_at_ms: int | None
    """None: it is still so."""
    edges_left_out: int | None
    node: str


class Ratings:
    """Keep presses, and count answers."""

    FOLLOWS: ClassVar[frozenset[type[Body]]] = frozenset(
        {RatingPressed, RatingReasoned, ButtonFailed, ButtonRecovered}
    )

    def __init__(self, store: Store, now_ms: NowMs) -> None:
        self._store = store
        self._now_ms = now_ms

    def apply(self, taken: Sequence[Taken]) -> None:
        """Keep presses, corrections, reasons and faults of buttons."""
        pressed = [(each, each.body) for each in taken if isinstance(each.body, RatingPressed)]
        corrections = [(body.corrects, each.device) for each, body in pressed if body.corrects]
        if pressed:
            self._store.execute_many(
                "INSERT INTO presses VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_row(each, body) for each, body in pressed],
            )
        panels = {body.counter: body.scale for _, body in pressed if body.source in PANEL_SOURCES}
        if panels:
            self._store.execute_many(
                "INSERT INTO panel_scales VALUES (?, ?) "
                "ON CONFLICT (counter) DO UPDATE SET scale = excluded.scale "
                "WHERE panel_scales.scale <> excluded.scale",
                list(panels.items()),
            )
        if corrections:
            # A device corrects only its own presses, and each of them once. Without `press <> ''` SQLite
            # would not use the index of named presses: fifty times slower at 20,000 rows.
            self._store.execute_many(
                "UPDATE presses SET counted = 0, marks = trim(marks || ' ' || ?) "
                "WHERE press = ? AND press <> '' AND device = ? "
                "AND (' ' || marks || ' ') NOT LIKE ('% ' || ? || ' %')",
                [(CORRECTED, press, device, CORRECTED) for press, device in corrections],
            )
        for each in taken if len(pressed) < len(taken) else ():
            self._follow(each)

    def _follow(self, taken: Taken) -> None:
        match taken.body:
            case RatingReasoned() as body:
                self._store.execute(
                    "UPDATE presses SET reason = ? WHERE press = ? AND press <> '' AND device = ?",
                    [body.reason, body.press, taken.device],
                )
            case ButtonFailed() as body:
                self._store.execute(
                    "INSERT INTO button_faults VALUES (?, ?, ?, ?, ?, NULL, NULL, ?)",
                    [taken.device, body.counter, body.level, body.fault, taken.at_ms, taken.node],
                )
            case ButtonRecovered() as body:
                self._store.execute(
                    "UPDATE button_faults SET recovered_at_ms = ?, edges_left_out = ? "
                    "WHERE device = ? AND level = ? AND recovered_at_ms IS NULL AND node IN (?, '')",
                    [taken.at_ms, body.edges_left_out, taken.device, body.level, taken.node],
                )

    def retime(self, taken: Taken, was: Taken) -> None:
        """Move a press or a fault to its true time."""
        match taken.body:
            case RatingPressed() as body if body.press:
                self._store.execute(
                    "UPDATE presses SET at_ms = ? "
                    "WHERE press = ? AND press <> '' AND device = ? AND at_ms = ?",
                    [taken.at_ms, body.press, taken.device, was.at_ms],
                )
            case RatingPressed() as body:
                self._retime_nameless(taken, was, body)
            case ButtonFailed() as body:
                self._store.execute(
                    "UPDATE button_faults SET failed_at_ms = ? "
                    "WHERE device = ? AND level = ? AND failed_at_ms = ? AND node IN (?, '')",
                    [taken.at_ms, taken.device, body.level, was.at_ms, taken.node],
                )
            case ButtonRecovered() as body:
                self._store.execute(
                    "UPDATE button_faults SET recovered_at_ms = ? "
                    "WHERE device = ? AND level = ? AND recovered_at_ms = ? AND node IN (?, '')",
                    [taken.at_ms, taken.device, body.level, was.at_ms, taken.node],
                )

    def _retime_nameless(self, taken: Taken, was: Taken, body: RatingPressed) -> None:
        """Presses of earlier versions have no name: those that are alike stand for one another."""
        self._store.execute(
            "UPDATE presses SET at_ms = ? WHERE rowid = (SELECT rowid FROM presses WHERE at_ms = ? "
            "AND counter = ? AND scale = ? AND level = ? AND ticket IS ? AND officer IS ? AND press = '' "
            "LIMIT 1)",
            [taken.at_ms, was.at_ms, body.counter, body.scale, body.level, body.ticket, body.officer],
        )

    # --- questions

    def counted(self, from_ms: int, until_ms: int) -> list[Press]:
        """Return the answers of this time, oldest first: from `from_ms`, before `until_ms`."""
        return self._presses(from_ms, until_ms, counted=True)

    def marked(self, from_ms: int, until_ms: int) -> list[Press]:
        """Return the presses of this time that have a mark or were corrected, oldest first."""
        return self._presses(from_ms, until_ms, marked=True)

    def marks_by_kind(self, from_ms: int, until_ms: int) -> dict[str, int]:
        """Return how many presses of this time have each mark, the most frequent first."""
        rows = self._store.rows(
            "SELECT marks, count(*) AS count FROM presses "
            "WHERE marks <> '' AND at_ms >= ? AND at_ms < ? GROUP BY marks",
            [from_ms, until_ms],
        )
        counts: dict[str, int] = {}
        for row in rows:
            for mark in row["marks"].split():
                counts[mark] = counts.get(mark, 0) + row["count"]
        return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))

    def button_faults(self, now_only: bool = True) -> list[ButtonFault]:
        """Return buttons that are ill now, or the last 500 faults, newest first."""
        where = "WHERE recovered_at_ms IS NULL " if now_only else ""
        rows = self._store.rows(
            f"SELECT * FROM button_faults {where}ORDER BY failed_at_ms DESC LIMIT 500"  # noqa: S608 - two texts of this method
        )
        return [ButtonFault(**row) for row in rows]

    def by_slip(self, ticket: str) -> Press | None:
        """Return the vote that the slip of a ticket was used for."""
        found = self._presses_where("presses.ticket = ? AND source = 'slip' AND device = 'hub'", [ticket])
        return found[0] if found else None

    def panel_scale(self, counter: str) -> Scale | None:
        """Return the scale that the panel of a counter asks on; None while it told none that we know."""
        return SCALES.get(self._store.value("SELECT scale FROM panel_scales WHERE counter = ?", [counter]))

    def today(self) -> list[Tally]:
        """Return today's answers by counter and scale, by local date."""
        rows = self._store.rows(
            "SELECT counter, scale, level, count(*) AS count FROM presses "
            "WHERE counted = 1 AND at_ms >= ? AND at_ms < ? GROUP BY counter, scale, level",
            self._today(),
        )
        levels: dict[tuple[str, str], dict[int, int]] = {}
        for row in rows:
            counts = levels.setdefault((row["counter"], row["scale"]), _none_of_each(row["scale"]))
            counts[row["level"]] = row["count"]
        return [Tally(counter, counts, scale) for (counter, scale), counts in sorted(levels.items())]

    def hourly_today(self) -> list[dict[int, int]]:
        """Return 24 local hours of today, each with its answers by level of `vi4`, whatever their scale."""
        hours = [_none_of_each(DEFAULT_SCALE) for _ in range(24)]
        rows: list[Row] = self._store.rows(
            "SELECT at_ms, scale, level FROM presses WHERE counted = 1 AND at_ms >= ? AND at_ms < ?",
            self._today(),
        )
        for row in rows:
            level = _as_default(row["scale"], row["level"])
            hours[local_time(row["at_ms"]).hour][level] += 1
        return hours

    def _presses(
        self, from_ms: int, until_ms: int, *, counted: bool = False, marked: bool = False
    ) -> list[Press]:
        return self._presses_where(
            "presses.at_ms >= ? AND presses.at_ms < ? AND counted >= ? AND (marks <> '') >= ?",
            [from_ms, until_ms, int(counted), int(marked)],
        )

    def _presses_where(self, where: str, values: Values) -> list[Press]:
        """Return presses with their field of work, which is the queue's to know."""
        rows = self._store.rows(
            "SELECT presses.at_ms, presses.counter, scale, level, source, presses.ticket, presses.officer, "  # noqa: S608 - `where` is written in this module
            "tickets.field, presses.reason, marks, press, device "
            "FROM presses LEFT JOIN tickets ON tickets.ticket = presses.ticket "
            f"WHERE {where} ORDER BY presses.at_ms, presses.rowid LIMIT ?",
            [*values, ROWS_MAX],
        )
        return [Press(**{**row, "marks": tuple(row["marks"].split())}) for row in rows]

    def _today(self) -> tuple[int, int]:
        """Today's beginning and end: a clock that runs ahead must not press on every day until then."""
        start_ms = day_start_ms(self._now_ms())
        return start_ms, start_ms + DAY_MS


def _row(taken: Taken, body: RatingPressed) -> tuple[object, ...]:
    """Return the row of a press; names on the wire have no blanks, so that marks stand in one text."""
    return (
        taken.at_ms,
        body.counter,
        body.scale,
        body.level,
        body.ticket,
        body.officer,
        taken.device,
        body.press,
        body.source,
        " ".join(body.marks) if body.marks else "",
        not body.marks or is_answer(body.marks),
        None,
    )


def is_answer(marks: Iterable[str]) -> bool:
    """Tell whether a press with these marks counts."""
    return UNCOUNTED.isdisjoint(marks)


def _none_of_each(scale: str) -> dict[int, int]:
    known = SCALES.get(scale, SCALES[DEFAULT_SCALE])
    return dict.fromkeys(range(1, known.levels + 1), 0)


def _as_default(scale: str, level: int) -> int:
    """Return the level of `vi4` nearest to this one; of an unknown scale, as far down as on that."""
    known = SCALES.get(scale)
    if known is not None and known.has(level):
        return known.as_vi4[level - 1]
    return min(level, SCALES[DEFAULT_SCALE].levels)
