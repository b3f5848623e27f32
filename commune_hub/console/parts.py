"""Small parts that pages are made of. Text given to them is shown as text, whatever it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from nicegui import ui
from nicegui.element import Element

from commune_hub.console.desk import Desk, tell

E = TypeVar("E", bound=Element)

TONES = ("good", "wait", "bad", "calm", "plain")
"""What a colour says; the words beside it say it too."""


def paint() -> None:
    """Give Quasar's own parts the colours of style.css; white words read on each at 7:1 or better."""
    ui.colors(primary="#1d4e79", negative="#a3261f", positive="#23653f")


def tagged(element: E, name: str) -> E:
    """Give an element a name that stays, for tests and for programs that read the page."""
    element.mark(name)
    element.props["data-testid"] = name
    return element


def text(content: str, classes: str = "") -> ui.label:
    """Show a line of text."""
    return ui.label(content).classes(classes)


def badge(content: str, tone: str = "plain") -> ui.label:
    """Show a word on a coloured ground; `tone` is one of TONES."""
    return ui.label(content).classes(f"badge badge-{tone}")


@contextmanager
def panel(title: str = "", icon: str = "", classes: str = "") -> Iterator[Element]:
    """Open a white panel, with a heading."""
    with ui.element("section").classes(f"panel {classes}") as section:
        if title:
            with ui.element("div").classes("panel-head"):
                if icon:
                    ui.icon(icon).classes("panel-icon")
                ui.label(title).classes("panel-title")
        yield section


@contextmanager
def row(classes: str = "") -> Iterator[Element]:
    """Open a row that wraps on narrow screens."""
    with ui.element("div").classes(f"line {classes}") as line:
        yield line


def empty(content: str, icon: str = "inbox") -> None:
    """Say that there is nothing here."""
    with ui.element("div").classes("empty"):
        ui.icon(icon)
        ui.label(content)


def tile(label: str, icon: str, note: str = "") -> ui.label:
    """Show a number of the moment, with a note under it; return the label that holds the number."""
    with ui.element("div").classes("tile"):
        with ui.element("div").classes("tile-head"):
            ui.icon(icon)
            ui.label(label)
        value = ui.label("–").classes("tile-value")
        if note:
            ui.label(note).classes("tile-note")
    return value


def table(columns: dict[str, str], rows: Sequence[dict[str, Any]], key: str, per_page: int = 25) -> ui.table:
    """Show rows under their headings; `columns` maps a row's keys to headings. Cells are shown as text."""
    heads = [
        {"name": name, "label": label, "field": name, "align": "left"} for name, label in columns.items()
    ]
    shown = ui.table(columns=heads, rows=list(rows), row_key=key, pagination=per_page)
    return shown.props("flat wrap-cells hide-no-data").classes("table")


@contextmanager
def dialog(desk: Desk, title: str) -> Iterator[ui.dialog]:
    """Open a dialog on the stage of the page; it is gone for good when it is closed."""
    with desk.stage, ui.dialog() as opened, ui.card().classes("dialog"):
        opened.on("hide", opened.delete)
        ui.label(title).classes("dialog-title")
        yield opened
    opened.open()


def dialog_buttons(
    desk: Desk, opened: ui.dialog, label: str, do: Callable[..., Any], *, bad: bool = False
) -> None:
    """End a dialog with a way back and the button that does it; it stays open when that is refused."""

    async def confirmed(member: Any) -> None:
        await do(member)
        opened.close()

    with ui.element("div").classes("dialog-buttons"):
        ui.button("Quay lại", on_click=opened.close).props("flat no-caps color=grey-8")
        color = "negative" if bad else "primary"
        sure = ui.button(label, on_click=desk.handler(confirmed)).props(f"unelevated no-caps color={color}")
        tagged(sure, "confirm")


def show_password(desk: Desk, account: str, password: str) -> None:
    """Show a password that was just made, this one time."""
    with dialog(desk, f"Mật khẩu của {account}") as opened:
        ui.label("Chỉ hiện lần này. Hãy đưa tận tay; người dùng nên đổi ngay sau khi đăng nhập.").classes(
            "muted"
        )
        tagged(ui.label(password).classes("password"), "new-password")
        with ui.element("div").classes("dialog-buttons"):
            done = ui.button("Đã ghi lại", on_click=opened.close).props("unelevated no-caps color=primary")
            tagged(done, "password-noted")
    tell("Đã tạo mật khẩu.")
