"""Reports that a page offers as files: by an address that says which, for whoever is signed in."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Response

from commune_hub.console.gate import token_of_browser
from commune_hub.errors import SignInError
from commune_hub.hub import Capabilities
from commune_hub.reports.files import file_name, find_format
from commune_hub.reports.periods import Period, check_kind


class ReportFiles:
    """Serve reports to browsers of the console; the session is checked at each request."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._capabilities = capabilities
        self.routes = APIRouter(include_in_schema=False)
        self.routes.add_api_route("/files/reports/{kind}/{period}.{form}", self._file)

    def _file(
        self, kind: str, period: str, form: str, begins: int = 1, edition: int | None = None
    ) -> Response:
        if self._capabilities.staff.by_token(token_of_browser()) is None:
            raise SignInError("Phiên đã hết; hãy đăng nhập lại. (The session is over.)")
        reports, wanted = self._capabilities.reports, find_format(form)
        found = reports.find(check_kind(kind), period, 15 if begins == 15 else 1)
        issue = reports.issue(found, edition)
        written = wanted.write(issue, self._capabilities.config.reports)
        headers = {
            "cache-control": "private, no-store",
            "content-disposition": f'attachment; filename="{file_name(issue, wanted)}"',
        }
        return Response(written, media_type=wanted.media_type, headers=headers)


def address(period: Period, form: str) -> str:
    """Return where a report is had from as a file."""
    asked = urlencode({"begins": period.begins})
    return f"/files/reports/{period.kind}/{period.name}.{form}?{asked}"
