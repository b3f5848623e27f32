"""Reports: which there are, each as a file, and closing them; alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from commune_hub.api.served import Asked, SignedIn
from commune_hub.reports.files import file_name, find_format
from commune_hub.reports.periods import check_kind
from commune_hub.reports.service import Offered
from commune_hub.times import local_time

routes = APIRouter(tags=["reports"])

Kind = Annotated[str, Path(max_length=20, description="week, month, quarter, half, year")]
Name = Annotated[str, Path(max_length=20, description="2026-W41, 2026-10, 2026-Q3, 2026-H1, 2026")]
Begins = Annotated[Literal["1", "15"] | None, Query(description="day from which months count; as hub.toml")]
Edition = Annotated[int | None, Query(ge=1, le=10_000, description="of a closed report; the newest")]


class PeriodOut(BaseModel):
    """A period with data; `edition`: the newest closed one, null while it is open."""

    period: str
    title: str
    begins: int
    first_day: str
    last_day: str
    running: bool
    edition: int | None


class ClosedOut(BaseModel):
    """A report that was closed just now."""

    period: str
    edition: int
    sha256: str
    closed_at: datetime
    closed_by: str


class AlertOut(BaseModel):
    """Something that somebody should look at now; `place` is a counter, or empty for the hall."""

    kind: str
    place: str
    began_at: datetime
    text: str


@routes.get("/alerts")
def alerts(asked: Asked, _member: SignedIn) -> list[AlertOut]:
    """What should be told now: low presses in a short time, people who wait too long."""
    return [
        AlertOut(kind=each.kind, place=each.place, began_at=local_time(each.began_at_ms), text=each.text)
        for each in asked.capabilities.alerts.look()
    ]


@routes.get("/reports/{kind}")
def periods(asked: Asked, _member: SignedIn, kind: Kind, begins: Begins = None) -> list[PeriodOut]:
    """The periods of a kind with data, the latest first."""
    offered = asked.capabilities.reports.offered(check_kind(kind), _begins(begins))
    return [_period_out(each) for each in offered]


@routes.get("/reports/{kind}/{period}.{form}", response_class=Response)
def report(
    asked: Asked,
    _member: SignedIn,
    kind: Kind,
    period: Name,
    form: Annotated[str, Path(max_length=8, description="json, xlsx, docx, pdf")],
    begins: Begins = None,
    edition: Edition = None,
) -> Response:
    """The report on a period: the closed one where there is one, otherwise computed now."""
    wanted, reports = find_format(form), asked.capabilities.reports
    issue = reports.issue(reports.find(check_kind(kind), period, _begins(begins)), edition)
    headers = {"cache-control": "no-store"}
    if form != "json":
        headers["content-disposition"] = f'attachment; filename="{file_name(issue, wanted)}"'
    written = wanted.write(issue, asked.capabilities.config.reports)
    return Response(written, media_type=wanted.media_type, headers=headers)


@routes.post("/reports/{kind}/{period}/close", status_code=201)
def close(asked: Asked, member: SignedIn, kind: Kind, period: Name, begins: Begins = None) -> ClosedOut:
    """Close it for good; of a closed one this makes another edition, with the next number."""
    reports = asked.capabilities.reports
    closed = reports.close(reports.find(check_kind(kind), period, _begins(begins)), member)
    return ClosedOut(
        period=closed.period,
        edition=closed.edition,
        sha256=closed.sha256,
        closed_at=local_time(closed.closed_at_ms),
        closed_by=closed.closed_by,
    )


def _begins(given: str | None) -> Literal[1, 15] | None:
    return None if given is None else (15 if given == "15" else 1)


def _period_out(offered: Offered) -> PeriodOut:
    period = offered.period
    return PeriodOut(
        period=period.name,
        title=period.title,
        begins=period.begins,
        first_day=period.first.isoformat(),
        last_day=period.last.isoformat(),
        running=offered.running,
        edition=offered.edition,
    )
