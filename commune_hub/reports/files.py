"""A report as a file: what kinds there are, what they are called, and how each is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec
from msgspec import Struct

from commune_hub.errors import InvalidError
from commune_hub.reports.content import Content, Late
from commune_hub.reports.periods import check_kind
from commune_hub.reports.service import Issue, Reports
from commune_hub.times import iso_utc
from firmware_agent.files import write_durably
from provisioning.report_settings import Begins, ReportSettings


class Standing(Struct, frozen=True):
    """How a closed report can be checked: `canonical` is what was hashed and sealed, `seal` in hex."""

    edition: int
    closed_at: str
    closed_by: str
    sha256: str
    seal: str
    canonical: str


class IssueOut(Struct, frozen=True):
    """A report as JSON. `closed` is null for an open one; `since_closing` tells what came after."""

    report: Content
    closed: Standing | None
    since_closing: Late | None
    made_at: str


@dataclass(frozen=True)
class Format:
    """A kind of file."""

    name: str
    media_type: str
    write: Callable[[Issue, ReportSettings], bytes]


def _json(issue: Issue, _settings: ReportSettings) -> bytes:
    closed = issue.closed
    standing = None
    if closed is not None:
        standing = Standing(
            closed.edition,
            iso_utc(closed.closed_at_ms),
            closed.closed_by,
            closed.sha256,
            closed.seal.hex(),
            closed.canonical,
        )
    return msgspec.json.encode(IssueOut(issue.content, standing, issue.since, iso_utc(issue.made_at_ms)))


def _xlsx(issue: Issue, _settings: ReportSettings) -> bytes:
    from commune_hub.reports.xlsx import write_xlsx  # the writers load only where a file is asked for

    return write_xlsx(issue)


def _docx(issue: Issue, settings: ReportSettings) -> bytes:
    from commune_hub.reports.docx import write_docx

    return write_docx(issue, settings)


def _pdf(issue: Issue, _settings: ReportSettings) -> bytes:
    from commune_hub.reports.pdf import write_pdf

    return write_pdf(issue)


_OFFICE = "application/vnd.openxmlformats-officedocument"

FORMATS = {
    each.name: each
    for each in (
        Format("json", "application/json", _json),
        Format("xlsx", f"{_OFFICE}.spreadsheetml.sheet", _xlsx),
        Format("docx", f"{_OFFICE}.wordprocessingml.document", _docx),
        Format("pdf", "application/pdf", _pdf),
    )
}


@dataclass(frozen=True)
class Wanted:
    """What is asked for on the command line, as it was typed."""

    kind: str
    period: str
    form: str
    begins: int | None = None


def find_format(name: str) -> Format:
    """Return the format; raises InvalidError naming those there are."""
    if name not in FORMATS:
        raise InvalidError(
            f"Không có dạng tệp {name[:20]!r}. (No such format; there are: {', '.join(FORMATS)}.)"
        )
    return FORMATS[name]


def file_name(issue: Issue, form: Format) -> str:
    """Return what a downloaded file is called, e.g. `bao-cao-month-2026-10-ban-1.pdf`; ASCII."""
    content = issue.content
    edition = f"-ban-{issue.closed.edition}" if issue.closed else "-tam-tinh"
    basis = "-tu-ngay-15" if content.begins == 15 else ""
    return f"bao-cao-{content.kind}-{content.period}{basis}{edition}.{form.name}"


def write_report(reports: Reports, settings: ReportSettings, wanted: Wanted, out: Path) -> str:
    """Write a report to a file, whole or not at all; return one line that says what was written.

    Raises HubError for what cannot be asked for, OSError where the file cannot be written.
    """
    form, kind = find_format(wanted.form), check_kind(wanted.kind)
    if wanted.begins not in (None, 1, 15):
        raise InvalidError("begins: chỉ 1 hoặc 15 (1 or 15)")
    issue = reports.issue(reports.find(kind, wanted.period, cast("Begins | None", wanted.begins)))
    write_durably(out, form.write(issue, settings))
    standing = f"bản {issue.closed.edition}, SHA-256 {issue.closed.sha256}" if issue.closed else "chưa chốt"
    return f"{out}: {issue.content.title}, {standing}"
