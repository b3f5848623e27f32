"""The FastAPI application: routes ask the capabilities, errors become one clear answer."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import swagger_ui_bundle
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from commune_hub.api import bulletins, notices, proof, queue, reports, session, watch
from commune_hub.api.mistakes import BODY, UNREADABLE, in_words, nothing_at
from commune_hub.api.served import Served
from commune_hub.errors import (
    ConflictError,
    ForbiddenError,
    HubError,
    InvalidError,
    MissingError,
    SignInError,
)
from commune_hub.pictures import UPLOAD_MAX_BYTES
from commune_hub.sounds.decode import FILE_MAX_BYTES
from firmware_agent.lines import printable

REQUEST_MAX_BYTES = 256 * 1024
"""Largest request body: a bulletin of full length with room to spare. Clips come through the door."""

LARGER = {
    "/api/v1/pictures": ("picture (ảnh)", UPLOAD_MAX_BYTES),
    "/api/v1/sounds": ("sound (âm thanh)", FILE_MAX_BYTES),
}
"""What may be larger, by path: what it is called, and its largest size."""

FORM_MAX_BYTES = FILE_MAX_BYTES + 64 * 1024
"""Largest request to the console: a sound file in a form."""

HEADERS = {
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}
"""Of every answer of the API; its page starts Swagger by a script within it, hence 'unsafe-inline'."""

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

STATUS: dict[type[HubError], int] = {
    SignInError: 401,
    ForbiddenError: 403,
    MissingError: 404,
    ConflictError: 409,
    InvalidError: 422,
}


def make_api(served: Served) -> FastAPI:
    """Return the application with all routes."""
    app = FastAPI(
        title="Hub xã (Commune hub)",
        description="Đánh giá, hàng chờ, bản tin, đoạn ghi, thiết bị. (Ratings, queue, bulletins, clips.)",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.openapi_version = "3.0.2"  # the newest that the packaged page can show
    _answer_errors(app)
    _limit_requests(app)
    _show_docs(app)
    app.state.served = served
    for routes in (
        session.routes,
        watch.routes,
        queue.routes,
        bulletins.routes,
        notices.routes,
        proof.routes,
        reports.routes,
    ):
        app.include_router(routes, prefix="/api/v1")
    _end_here(app)
    return app


def _answer_errors(app: FastAPI) -> None:
    app.add_exception_handler(ClientDisconnect, hung_up)

    @app.exception_handler(HubError)
    async def refused(_request: Request, error: HubError) -> JSONResponse:
        return _told(str(error), STATUS.get(type(error), 400))

    @app.exception_handler(RequestValidationError)
    async def misshapen(_request: Request, error: RequestValidationError) -> JSONResponse:
        return _told(in_words(error.errors()), 422)

    @app.exception_handler(HTTPException)
    async def unfit(request: Request, error: HTTPException) -> JSONResponse:
        return _told(UNREADABLE if error.status_code == 400 else nothing_at(request), error.status_code)


def _told(detail: str, status: int) -> JSONResponse:
    """An answer that says what is wrong. It may repeat what was sent, which may be what no answer holds."""
    return JSONResponse({"detail": "\n".join(map(printable, detail.split("\n")))}, status)


async def hung_up(_request: Request, _error: Exception) -> Response:
    """Answer a request whose body was cut off, to nobody: weak lines do that, it is no error of the hub."""
    return Response(status_code=400)


def _end_here(app: FastAPI) -> None:
    """Answer for the API what it has not, before the console does with a page."""

    @app.api_route("/api/{rest:path}", methods=METHODS, include_in_schema=False)
    async def nothing(request: Request) -> JSONResponse:
        return _told(nothing_at(request), 404)


def _limit_requests(app: FastAPI) -> None:
    @app.middleware("http")
    async def bounded(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        path = request.url.path
        is_api = path == "/api" or path.startswith("/api/")
        called, most_bytes = LARGER.get(path, (BODY, REQUEST_MAX_BYTES if is_api else FORM_MAX_BYTES))
        answer = _too_large(request, called, most_bytes) or await call(request)
        if is_api:
            answer.headers.update(HEADERS)
        return answer


def _too_large(request: Request, called: str, most_bytes: int) -> Response | None:
    if request.method not in {"POST", "PUT", "PATCH"}:
        return None
    length = request.headers.get("content-length", "")
    # A body in chunks ends where its sender likes, whatever length the head names beside it (RFC 9112, 6.3).
    if "transfer-encoding" in request.headers or not re.fullmatch(r"[0-9]{1,9}", length):
        return JSONResponse({"detail": "content-length: thiếu; hãy gửi kèm độ dài (is needed)"}, 411)
    if int(length) > most_bytes:
        return JSONResponse({"detail": f"{called}: quá {most_bytes} byte; hãy gửi ít hơn (too large)"}, 413)
    return None


def _show_docs(app: FastAPI) -> None:
    """Serve the OpenAPI page from packaged assets: the office may have no internet."""
    app.mount("/api/assets", StaticFiles(directory=Path(swagger_ui_bundle.swagger_ui_path)), "api-assets")

    @app.get("/api", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/api/v1/openapi.json",
            title="API của hub xã",
            swagger_js_url="/api/assets/swagger-ui-bundle.js",
            swagger_css_url="/api/assets/swagger-ui.css",
            swagger_favicon_url="/api/assets/favicon-32x32.png",
        )
