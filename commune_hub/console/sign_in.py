"""The page where members of staff sign in."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import app, ui

from commune_hub.api.served import Served
from commune_hub.capabilities.staff import PASSWORD_MAX
from commune_hub.console.desk import SIGN_IN
from commune_hub.console.entry import Entry
from commune_hub.console.gate import TOKEN_KEY, token_of_browser
from commune_hub.console.pages import PAGES
from commune_hub.console.parts import paint, tagged
from commune_hub.errors import SignInError

ACCOUNT_MAX = 40
ENTER = f"{SIGN_IN}/enter"


def register(served: Served) -> None:
    """Add the page, and the way from it to the first page."""
    entry = Entry()
    staff = served.capabilities.staff
    office = served.capabilities.config.office

    @ui.page(SIGN_IN, title=f"Đăng nhập · {office}")
    def shown(request: Request) -> Response | None:
        wanted = safe_target(request.query_params.get("to", "/"))
        if staff.by_token(token_of_browser()):
            return RedirectResponse(wanted, 303)
        _form(served, entry, request, wanted)
        return None

    @app.get(ENTER)
    async def enter(request: Request, key: str, to: str = "/") -> Response:
        """Let in who has just signed in, under a name that his browser did not have before."""
        step = entry.come(key, str(request.session.get("id", "")), time.monotonic())
        if step is None:
            return RedirectResponse(SIGN_IN, 303)
        if step.rename:
            request.session["id"] = step.rename
            return RedirectResponse(_enter_url(step.key, to), 303)
        app.storage.user[TOKEN_KEY] = step.token
        return RedirectResponse(safe_target(to), 303)


def _enter_url(key: str, wanted: str) -> str:
    return f"{ENTER}?{urlencode({'key': key, 'to': wanted})}"


def _form(served: Served, entry: Entry, request: Request, wanted: str) -> None:
    paint()
    browser = str(request.session.get("id", ""))
    source = request.client.host if request.client else ""

    async def enter() -> None:
        if not button.enabled:
            return
        button.disable()
        wrong.text = ""
        try:
            given = (str(account.value or "").strip()[:ACCOUNT_MAX], str(password.value or "")[:PASSWORD_MAX])
            token, _ = await asyncio.to_thread(served.capabilities.staff.sign_in, *given, source)
        except SignInError as error:
            wrong.text = str(error)
            password.value = ""
            button.enable()
            return
        ui.navigate.to(_enter_url(entry.begin(token, browser, time.monotonic()), wanted))

    with ui.element("div").classes("door"), ui.element("div").classes("door-card"):
        ui.icon("account_balance").classes("door-icon")
        ui.label(served.capabilities.config.office).classes("door-office")
        ui.label("Trang làm việc của cán bộ").classes("muted")
        account = tagged(ui.input("Tài khoản"), "sign-in-account").props(
            "outlined autofocus autocomplete=username autocapitalize=none"
        )
        password = tagged(
            ui.input("Mật khẩu", password=True, password_toggle_button=True), "sign-in-password"
        )
        password.props("outlined autocomplete=current-password").on("keydown.enter", enter)
        account.on("keydown.enter", enter)
        wrong = tagged(ui.label("").classes("wrong"), "sign-in-error")
        wrong.props["role"] = "alert"
        button = tagged(ui.button("Đăng nhập", on_click=enter), "sign-in-submit").props("unelevated no-caps")
        button.classes("wide-button")


def safe_target(wanted: str) -> str:
    """Return where to go after signing in: a page of the console, whatever the address said."""
    path = wanted.partition("?")[0]
    return wanted if path in {page.path for page in PAGES} else "/"
