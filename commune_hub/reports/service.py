"""Reports: find a period, compute it live, close it for good, and tell what came after the closing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.staff import Member
from commune_hub.capabilities.uptime import Uptime
from commune_hub.errors import ConflictError, InvalidError, MissingError
from commune_hub.figures.rows import Rows
from commune_hub.reports.closing import Closed, ClosedReports
from commune_hub.reports.content import Content, Late, Office, canonical, compose
from commune_hub.reports.evidence import device_lines
from commune_hub.reports.judging import Criterion
from commune_hub.reports.periods import KINDS, Kind, Period, find_period, period_of, periods_back, year_before
from commune_hub.store import Store
from commune_hub.times import NowMs, local_time
from provisioning.report_settings import Begins, ReportSettings

LISTED_MAX = 60
"""Most periods of a kind that are offered: five years of months, a year of weeks."""

LOOKED_BACK: dict[Kind, int] = {"week": 4, "month": 4, "quarter": 4, "half": 2, "year": 1}
"""How many earlier closed reports are compared with today's data; each costs a reading of its rows."""

CLOSED_AT_ONCE_MAX = 2
"""Most reports closed in one look, so that a hub with years of data does not stand still for it."""

HUB_ACCOUNT = "hub"
"""Who closes by itself, in the audit log."""


class Source(Protocol):
    """Where rows come from."""

    def rows(self, from_ms: int, until_ms: int) -> Rows:
        """Return all rows of a stretch of time."""

    def first_ms(self) -> int | None:
        """Return the time of the first row; None without any."""


@dataclass(frozen=True)
class Offered:
    """A period that one may ask for; `edition`: the newest closed one, None while it is open."""

    period: Period
    edition: int | None
    running: bool


@dataclass(frozen=True)
class Issue:
    """A report as it is handed out: the closed one where there is one, otherwise computed now."""

    period: Period
    content: Content
    closed: Closed | None
    since: Late | None
    """How much of a closed report's data has changed since; None for an open one."""
    made_at_ms: int


class Reports:
    """The reports of an office.

    issue = reports.issue(reports.find("month", "2026-10"))
    reports.close(issue.period, member)
    """

    def __init__(
        self,
        store: Store,
        now_ms: NowMs,
        audit: Audit,
        source: Source,
        uptime: Uptime,
        settings: ReportSettings,
        criteria: Sequence[Criterion],
        office: Callable[[], Office],
        places: Callable[[], Mapping[str, str]],
    ) -> None:
        """`places` returns the devices of the roster, each with the name of its place."""
        self._store = store
        self._now_ms = now_ms
        self._audit = audit
        self._source = source
        self._uptime = uptime
        self._settings = settings
        self._criteria = criteria
        self._office = office
        self._places = places
        self._closed = ClosedReports(store)
        self.key: Ed25519PrivateKey | None = None
        """What closed reports are sealed with: the hub's own; nothing is closed without it."""

    def begins(self, kind: Kind) -> Begins:
        """Return from which day of the month the office counts this kind."""
        return self._settings.begins(kind)

    def find(self, kind: Kind, name: str, begins: Begins | None = None) -> Period:
        """Return a period that there is something to say of.

        Raises InvalidError for one that no calendar has or that has not begun, MissingError for one before
        the first data.
        """
        period = find_period(kind, name, begins or self.begins(kind))
        if period.from_ms > self._now_ms():
            raise InvalidError(
                f"{period.title} ({period.days_text}) chưa bắt đầu. (This period has not begun yet.)"
            )
        first_ms = self._source.first_ms()
        if first_ms is None:
            raise MissingError("Chưa có số liệu nào. (There is no data yet.)")
        if period.until_ms <= first_ms:
            raise MissingError(
                f"{period.title} ({period.days_text}) ở trước ngày có số liệu đầu tiên "
                f"({local_time(first_ms):%d/%m/%Y}). (This period is before the first data.)"
            )
        return period

    def offered(self, kind: Kind, begins: Begins | None = None) -> list[Offered]:
        """Return the periods with data, the latest first."""
        wanted = begins or self.begins(kind)
        closed = self._closed.closed_names(kind, 1 if kind == "week" else wanted)
        now_ms = self._now_ms()
        return [
            Offered(period, closed.get(period.name), now_ms < period.until_ms)
            for period in islice(self._with_data(kind, wanted), LISTED_MAX)
        ]

    def issue(self, period: Period, edition: int | None = None) -> Issue:
        """Return the report as it stands; of a closed one the newest edition, or the one asked for.

        Raises MissingError for an edition that there is not.
        """
        editions = self._closed.editions(period)
        chosen = editions[-1] if editions and edition is None else None
        if edition is not None:
            chosen = next((each for each in editions if each.edition == edition), None)
            if chosen is None:
                raise MissingError(f"Không có bản số {edition} của {period.title}. (No such edition.)")
        if chosen is None:
            return Issue(period, self.live(period), None, None, self._now_ms())
        since = self._late(period, chosen)
        return Issue(period, chosen.content, chosen, since, self._now_ms())

    def live(self, period: Period) -> Content:
        """Return the report computed from what is known now, closed or not."""
        now_ms = self._now_ms()
        before = year_before(period)
        first_ms = self._source.first_ms()
        has_before = before is not None and first_ms is not None and before.until_ms > first_ms
        return compose(
            period,
            self._office(),
            self._source.rows(period.from_ms, min(period.until_ms, now_ms)),
            self._source.rows(before.from_ms, before.until_ms) if before and has_before else None,
            before.title if before else "",
            self._criteria,
            device_lines(self._store, self._uptime, self._places(), period, now_ms),
            [late for each in self._closed_before(period) if (late := self._late(*each)).changed],
            now_ms,
        )

    def close(self, period: Period, member: Member) -> Closed:
        """Close a period's report for good; once more makes another edition of it.

        Raises ForbiddenError, and ConflictError while the period runs.
        """
        member.require("leader", "administrator")
        return self._close(period, member.account)

    def close_due(self) -> list[Closed]:
        """Close what nobody closed in time, a few at a time; return what was closed now."""
        if self.key is None:
            return []
        due = islice(self._due(), CLOSED_AT_ONCE_MAX)
        return [self._close(period, HUB_ACCOUNT) for period in list(due)]

    def _due(self) -> Iterator[Period]:
        patience_ms = self._settings.close_after_days * 86_400_000
        for kind in KINDS:
            begins = self.begins(kind)
            closed = self._closed.closed_names(kind, 1 if kind == "week" else begins)
            for period in islice(self._with_data(kind, begins), LISTED_MAX):
                if period.until_ms + patience_ms <= self._now_ms() and period.name not in closed:
                    yield period

    def _close(self, period: Period, by: str) -> Closed:
        if self.key is None:
            raise ConflictError("Hub chưa có khóa niêm phong. (The hub has no seal to close it with.)")
        if self._now_ms() < period.until_ms:
            raise ConflictError(
                f"{period.title} còn đến hết {period.last:%d/%m/%Y}; hãy chốt sau ngày đó. "
                "(The period is not over.)"
            )
        raw = canonical(self.live(period))
        with self._store.transaction():
            kept = self._closed.keep(period, raw, by, self._now_ms(), self.key)
            self._audit.note(
                by, "report.closed", f"{period.kind} {period.name}", f"bản {kept.edition}, {kept.sha256}"
            )
        return kept

    def _with_data(self, kind: Kind, begins: Begins) -> Iterator[Period]:
        first_ms = self._source.first_ms()
        if first_ms is None:
            return
        period = period_of(kind, local_time(self._now_ms()).date(), begins)
        while period.until_ms > first_ms:
            yield period
            period = next(periods_back(period))

    def _closed_before(self, period: Period) -> Iterator[tuple[Period, Closed]]:
        for each in islice(periods_back(period), LOOKED_BACK[period.kind]):
            closed = self._closed.latest(each)
            if closed is not None:
                yield each, closed

    def _late(self, period: Period, closed: Closed) -> Late:
        """Compare a closed report with what is known of its period now."""
        then, now = closed.content.total, self._source.rows(period.from_ms, period.until_ms)
        return Late(
            period=period.name,
            title=period.title,
            edition=closed.edition,
            sha256=closed.sha256,
            visits_closed=then.issued,
            visits_now=len(now.visits),
            presses_closed=then.presses,
            presses_now=len(now.counted),
            satisfied_closed=then.satisfied.part,
            satisfied_now=sum(press.satisfied for press in now.counted),
        )
