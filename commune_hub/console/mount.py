"""Put the console on the hub's web application."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from nicegui import app as nicegui_app
from nicegui import ui
from nicegui.storage import Storage
from nicegui.translations import translations
from starlette.requests import ClientDisconnect

from commune_hub.api.app import STATUS, hung_up
from commune_hub.api.served import Served
from commune_hub.capabilities.staff import SESSION_MS
from commune_hub.console import sign_in
from commune_hub.console.desk import Desk, Page, sign_in_url
from commune_hub.console.frame import frame, refusal
from commune_hub.console.gate import Gate, token_of_browser
from commune_hub.console.media import Media
from commune_hub.console.pages import PAGES
from commune_hub.console.report_files import ReportFiles
from commune_hub.errors import HubError

HERE = Path(__file__).parent
SESSION_S = SESSION_MS // 1_000

RECONNECT_S = 15.0
"""How long a page may be away (a laptop's lid, a weak network) and go on as if nothing had been."""

BUILD_MAX_S = 20.0
"""Longest time that a page may take to build on a busy hub before the browser is told so."""


def mount(app: FastAPI, served: Served, storage_secret: str) -> None:
    """Serve the console at `/` of `app`. Once in a process: NiceGUI has one application.

    What browsers are remembered by lies in `console/` beside hub.toml, readable by the hub alone.
    """
    console = served.capabilities.config.console
    _keep_browsers_in(served.capabilities.config.root / "console")
    translations["vi"] = {
        "connection_lost": "Mất kết nối với hub.",
        "trying_to_reconnect": "Đang nối lại…",
        "message_too_long": "Nội dung quá dài",
        "message_too_long_body": "Nội dung quá dài, không gửi đi được.",
    }
    media = Media(served.capabilities)
    nicegui_app.include_router(media.routes)
    nicegui_app.include_router(ReportFiles(served.capabilities).routes)
    nicegui_app.add_exception_handler(HubError, _tell_error)
    nicegui_app.add_exception_handler(ClientDisconnect, hung_up)
    nicegui_app.add_middleware(Gate, staff=served.capabilities.staff)
    _share_style()
    sign_in.register(served)
    for page in PAGES:
        _register(page, served, media)
    ui.run_with(
        app,
        mount_path="/",
        root=_nothing_here,
        title=served.capabilities.config.office,
        favicon=HERE / "favicon.svg",
        language="vi",
        tailwind=False,
        reconnect_timeout=RECONNECT_S,
        show_welcome_message=False,
        storage_secret=storage_secret,
        session_middleware_kwargs={
            "session_cookie": "commune_console",
            "max_age": SESSION_S,
            "same_site": "lax",
            "https_only": console.tls,
        },
    )


def _register(page: Page, served: Served, media: Media) -> None:
    title = f"{page.title} · {served.capabilities.config.office}"

    @ui.page(page.path, title=title, response_timeout=BUILD_MAX_S)
    async def shown(request: Request) -> Response | None:
        token = token_of_browser()
        member = served.capabilities.staff.by_token(token)
        if member is None:
            wanted = f"{page.path}?{request.url.query}" if request.url.query else page.path
            return RedirectResponse(sign_in_url(wanted), 303)
        desk = Desk(served, media, page, token, member)
        with frame(desk, PAGES):
            if page.allows(member):
                await page.build(desk)
            else:
                refusal(page)
        return None


def _nothing_here() -> None:
    ui.context.client.status_code = 404
    with ui.element("div").classes("refusal"):
        ui.icon("explore_off").classes("refusal-icon")
        ui.label("Không có trang này").classes("refusal-title")
        ui.link("Về trang tổng quan", "/").classes("plain-link")


def _tell_error(_request: Request, error: Exception) -> Response:
    status = STATUS.get(type(error), 400) if isinstance(error, HubError) else 500
    return JSONResponse({"detail": str(error)}, status)


def _share_style() -> None:
    """The style's address names its content, so that browsers may keep it for good."""
    style = HERE / "style.css"
    address = f"/console/style-{hashlib.sha256(style.read_bytes()).hexdigest()[:12]}.css"
    nicegui_app.add_static_file(local_file=style, url_path=address, max_cache_age=31_536_000)
    ui.add_head_html(f'<link rel="stylesheet" href="{address}">', shared=True)


def _keep_browsers_in(directory: Path) -> None:
    """Choose where NiceGUI keeps what browsers are remembered by; forget those of sessions long over."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory.chmod(0o700)
    for path in directory.glob("storage-*.json*"):
        if time.time() - path.stat().st_mtime > 2 * SESSION_S:
            path.unlink(missing_ok=True)
    Storage.path = directory
