"""One bulletin as a card: what it says, where and when it sounds, what came of it, what one may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from commune_hub.capabilities.bulletins import STATES
from commune_hub.capabilities.live import SPEAKERS
from commune_hub.capabilities.staff import Member
from commune_hub.console import bulletin_orders as orders
from commune_hub.console.bulletin_view import Shown, instead_text, when_text
from commune_hub.console.desk import Desk, Refresh
from commune_hub.console.moments import moment_text
from commune_hub.console.parts import badge, panel, row, tagged, text
from commune_hub.console.proof_lines import draw_line, summary_text
from commune_hub.proof.sheet import Line
from commune_hub.times import now_ms
from commune_hub.writing.bulletin_draft import PRIORITIES

STATE_TONES = {"draft": "plain", "submitted": "wait", "approved": "good", "withdrawn": "bad"}
PRIORITY_TONES = {"emergency": "bad", "urgent": "wait", "music": "plain"}
LINES_SHOWN = 8
"""Of what became of it the latest are shown; the rest in the dialog and on the page of what sounded."""

EXCERPT_MAX = 260
"""Characters of the text on a card; all of it stands in the dialog."""

Order = Callable[[Member], Awaitable[None] | None]


def draw_card(desk: Desk, shown: Shown, refresh: Refresh) -> None:
    """Draw the card of a bulletin; `refresh` is called after an order."""
    bulletin = shown.bulletin
    with panel(classes=f"card state-{bulletin.state}") as section:
        tagged(section, f"bulletin-{bulletin.id}")
        with row("card-head"):
            text(bulletin.title, "card-title grow")
            if bulletin.how.priority != "ordinary":
                badge(PRIORITIES[bulletin.how.priority], PRIORITY_TONES[bulletin.how.priority])
            badge(STATES[bulletin.state], STATE_TONES[bulletin.state])
        text(_excerpt(bulletin.text), "card-text")
        _facts(shown)
        if shown.given_back:
            text(f"Được trả lại: {shown.given_back}", "given-back")
        if shown.withdrawn:
            text(f"Đã thu hồi: {shown.withdrawn}. Loa không phát nữa.", "given-back")
        if shown.sounded:
            _sounded(shown.sounded)
        _buttons(desk, shown, refresh)


def _excerpt(content: str) -> str:
    return content if len(content) <= EXCERPT_MAX else f"{content[:EXCERPT_MAX].rstrip()}…"


def _facts(shown: Shown) -> None:
    bulletin = shown.bulletin
    with row("facts"):
        sounds = "Lẽ ra phát" if bulletin.state == "withdrawn" else "Phát"
        _fact("schedule", f"{sounds} {when_text(bulletin)}")
        instead = instead_text(bulletin.how)
        if instead:
            _fact("graphic_eq", instead)
        _fact("place", ", ".join(shown.place_names))
        _fact("edit", f"{shown.author}, {moment_text(bulletin.written_at_ms, now_ms())}")
        if bulletin.approved_by:
            _fact("verified", f"Phê duyệt: {shown.approver}")


def _fact(icon: str, content: str) -> None:
    with ui.element("div").classes("fact"):
        ui.icon(icon)
        ui.label(content)


def _sounded(lines: tuple[Line, ...]) -> None:
    text(summary_text(lines), "muted")
    with ui.element("div").classes("rows playbacks"):
        for each in lines[:LINES_SHOWN]:
            draw_line(each)


def _buttons(desk: Desk, shown: Shown, refresh: Refresh) -> None:
    bulletin, viewer = shown.bulletin, desk.opened_by
    own = bulletin.written_by == viewer.account and "editor" in viewer.roles
    approves = "approver" in viewer.roles
    button = partial(_button, desk, bulletin.id)
    with row("card-buttons"):
        button("listen", "Xem và nghe", "volume_up", lambda _: orders.read(desk, shown))
        if bulletin.how.live is not None and bulletin.state == "approved" and viewer.roles & set(SPEAKERS):
            address = f"/bulletins/live?bulletin={bulletin.id}"
            button("live", "Nói trực tiếp", "mic", lambda _: ui.navigate.to(address), main=True)
        if bulletin.state != "withdrawn" and (own or approves):
            button("withdraw", "Thu hồi", "block", lambda _: orders.withdraw(desk, shown, refresh))
        if own and bulletin.state == "draft":
            button(
                "edit", "Sửa", "edit", lambda _: ui.navigate.to(f"/bulletins/write?bulletin={bulletin.id}")
            )
            submit = partial(orders.submit, desk, bulletin, refresh)
            button("submit", "Trình phê duyệt", "send", submit, main=True)
        if approves and bulletin.state == "submitted" and bulletin.written_by != viewer.account:
            button("give-back", "Trả lại", "undo", lambda _: orders.give_back(desk, shown, refresh))
            button(
                "approve", "Phê duyệt", "verified", lambda _: orders.approve(desk, shown, refresh), main=True
            )


def _button(desk: Desk, id_: str, name: str, label: str, icon: str, do: Order, *, main: bool = False) -> None:
    look = "unelevated color=primary" if main else "flat color=grey-9"
    button = ui.button(label, icon=icon, on_click=desk.handler(do)).props(f"{look} no-caps dense")
    tagged(button.classes("card-button"), f"bulletin-{name}-{id_}")
