"""A desk: one open page of one signed-in member. All that a page shows or does goes through it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from nicegui import app, ui

from commune_hub.api.served import Served
from commune_hub.capabilities.staff import Member
from commune_hub.console.gate import TOKEN_KEY
from commune_hub.console.media import Media
from commune_hub.errors import HubError
from commune_hub.hub import Capabilities

T = TypeVar("T")
Refresh = Callable[[], Awaitable[None]]

LIVE_EVERY_S = 2.0
"""How often a live page looks whether something changed. Only what changed is sent to the browser."""

SIGN_IN = "/sign-in"


@dataclass(frozen=True)
class Page:
    """A page of the console: who may open it (nobody named: everybody), and what builds it."""

    path: str
    title: str
    icon: str
    build: Callable[[Desk], Awaitable[None]]
    roles: frozenset[str] = frozenset()
    in_menu: bool = True

    def allows(self, member: Member) -> bool:
        """Tell whether `member` may use this page."""
        return not self.roles or bool(self.roles & member.roles)


class Desk:
    """What a page works with. Blocking work goes to a thread, the session is checked at each step.

    desk.capabilities.queue.waiting
    ui.button("Lưu", on_click=desk.handler(save))      # save(member) may raise HubError: shown, not lost
    await desk.follow(look, show)                      # show(look()) now, and whenever it changes
    """

    def __init__(self, served: Served, media: Media, page: Page, token: str, member: Member) -> None:
        self.served = served
        self.media = media
        self.page = page
        self.token = token
        self.opened_by = member
        """Who opened the page; for what to show. What to do asks again who is there."""
        self.stage = ui.element("div")
        """Where dialogs stand: a part of the page that is never drawn anew."""
        client = ui.context.client
        client.storage[TOKEN_KEY] = token
        self.asked: Mapping[str, str] = client.request.query_params
        """What stands behind the `?` of the address."""
        self.memory: MutableMapping[str, Any] = app.storage.user
        """What this browser remembers, e.g. the counter; kept at the hub."""

    @property
    def capabilities(self) -> Capabilities:
        """What the hub can do."""
        return self.served.capabilities

    def member(self) -> Member | None:
        """Return who is signed in, as of now, and may use this page; reads the store."""
        member = self.capabilities.staff.by_token(self.token)
        return member if member and self.page.allows(member) else None

    async def ask(self, question: Callable[..., T], *given: Any) -> T:
        """Run something that blocks (the store, a voice) without holding up other pages."""
        return await asyncio.to_thread(question, *given)

    def handler(self, do: Callable[[Member], Awaitable[None] | None]) -> Callable[[], Awaitable[None]]:
        """Return what a button calls: `do` for the member who is there now, its HubError shown."""

        async def handle() -> None:
            member = await self.ask(self.member)
            if member is None:
                self.leave()
                return
            try:
                done = do(member)
                if inspect.isawaitable(done):
                    await done
            except HubError as error:
                warn(str(error))

        return handle

    async def follow(self, look: Callable[[], T], show: Callable[[T], None]) -> Refresh:
        """Show what `look` finds, now and whenever it finds something else. `look` runs in a thread.

        Returns what makes it look at once, e.g. after an order of the member's own.
        """
        seen = await self.ask(look)
        show(seen)

        def look_again() -> tuple[Member | None, T]:
            return self.member(), look()

        async def tick() -> None:
            nonlocal seen
            member, found = await self.ask(look_again)
            if member is None:
                timer.cancel()
                self.leave()
            elif found != seen:
                seen = found
                show(found)

        timer = ui.timer(LIVE_EVERY_S, tick, immediate=False)
        return tick

    async def area(self, look: Callable[[], T], draw: Callable[[T], None], classes: str = "stack") -> Refresh:
        """Keep a part of the page that is drawn anew whenever `look` finds something else."""
        return await self.follow(look, redrawn(draw, classes))

    def leave(self) -> None:
        """The session is over: nothing of the page stays on the screen."""
        client = ui.context.client  # asked first: with the page goes the place that this is called from
        ui.navigate.to(sign_in_url(self.page.path))
        client.content.clear()


def redrawn(draw: Callable[[T], None], classes: str) -> Callable[[T], None]:
    """Make a part of the page here; return what draws it anew."""
    part = ui.element("div").classes(classes)

    def show(found: T) -> None:
        part.clear()
        with part:
            draw(found)

    return show


def sign_in_url(wanted: str) -> str:
    """Return the address of the sign-in page that leads on to `wanted`."""
    return f"{SIGN_IN}?{urlencode({'to': wanted})}"


def warn(text: str) -> None:
    """Tell the member that something was refused, and why."""
    ui.notify(text, type="negative", position="top", timeout=7_000, close_button="Đóng", multi_line=True)


def tell(text: str) -> None:
    """Tell the member that something is done."""
    ui.notify(text, type="positive", position="top", timeout=3_000)
