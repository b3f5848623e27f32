"""The page's routes: they ask `slips` and `places`, and draw what they are told."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from commune_hub.citizen.forms import read_form, read_level
from commune_hub.citizen.guard import Guard
from commune_hub.citizen.paper import Paper
from commune_hub.citizen.place import Places
from commune_hub.citizen.slips import Slips
from commune_hub.citizen.view import make_view
from commune_hub.errors import ConflictError, InvalidError, MissingError
from commune_hub.times import NowMs
from provisioning.plan import HubConfig

AT_A_TIME = 2
"""Phones that may ask the store at a time: the ledger has its turn between any two."""

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class _Pages:
    def __init__(self, config: HubConfig, slips: Slips, places: Places, paper: Paper) -> None:
        self._config = config
        self._slips = slips
        self._places = places
        self._paper = paper
        self._limiter: CapacityLimiter | None = None

    async def show(self, request: Request) -> Response:
        """Where the visit stands. Asking changes nothing."""
        return await self._ask(lambda: self._place(_code(request)))

    async def rate(self, request: Request) -> Response:
        """Take a vote, and ask why after a low one."""
        values = await _form(request, "scale", "level")
        level = read_level(values)
        vote = await self._ask(lambda: self._slips.rate(_code(request), values["scale"], level))
        if vote.asks_why:
            return HTMLResponse(self._paper.why(_code(request), vote.press))
        return HTMLResponse(self._paper.thanks(_code(request)))

    async def reason(self, request: Request) -> Response:
        """Take the reason of a low vote."""
        values = await _form(request, "press", "reason")
        code = _code(request)
        await self._ask(lambda: self._slips.give_reason(code, values["press"], values["reason"]))
        return HTMLResponse(self._paper.thanks(code))

    def _place(self, code: str) -> Response:
        ticket = self._slips.find(code)
        place = self._places.of(ticket) if ticket.state == "waiting" else None
        scale = self._slips.scale_of(ticket).id
        view = make_view(self._config, ticket, place, self._slips.is_used(ticket), scale)
        return HTMLResponse(self._paper.place(view))

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        if self._limiter is None:  # belongs to the loop that serves
            self._limiter = CapacityLimiter(AT_A_TIME)
        return await to_thread.run_sync(question, limiter=self._limiter)


def make_citizen_app(config: HubConfig, slips: Slips, places: Places, now_ms: NowMs) -> Guard:
    """Return the page as an ASGI application, with all its bounds."""
    paper = Paper(config.office)
    pages = _Pages(config, slips, places, paper)

    def plain(status: int) -> Response:
        return HTMLResponse(paper.plain(status), status)

    async def refused(_request: Request, error: Exception) -> Response:
        return plain(error.status_code if isinstance(error, HTTPException) else 400)

    async def missing(_request: Request, _error: Exception) -> Response:
        return plain(404)

    async def conflict(request: Request, _error: Exception) -> Response:
        """The visit's own page says kindly how it stands."""
        return _to_place(request)

    async def not_kept(_request: Request, error: Exception) -> Response:
        log.warning(
            "trang người dân chưa trả lời được (citizens' page cannot answer): %s", type(error).__name__
        )
        return plain(503)

    app = Starlette(
        routes=[
            Route("/t/{code}", pages.show, methods=["GET"]),
            Route("/t/{code}/rate", pages.rate, methods=["POST"]),
            Route("/t/{code}/reason", pages.reason, methods=["POST"]),
            Route("/t/{code}/rate", _back, methods=["GET"]),
            Route("/t/{code}/reason", _back, methods=["GET"]),
        ],
        exception_handlers={
            HTTPException: refused,
            InvalidError: refused,
            MissingError: missing,
            ConflictError: conflict,
            sqlite3.Error: not_kept,
            Exception: not_kept,
        },
    )
    app.router.redirect_slashes = False
    return Guard(app, plain, now_ms)


async def _back(request: Request) -> Response:
    """Whoever loads the answer of a form anew sees his visit again."""
    return _to_place(request)


def _to_place(request: Request) -> Response:
    return RedirectResponse(f"../{_code(request)}", 303)


def _code(request: Request) -> str:
    return str(request.path_params["code"])


async def _form(request: Request, *names: str) -> dict[str, str]:
    return read_form(request.headers.get("content-type", ""), await request.body(), frozenset(names))
