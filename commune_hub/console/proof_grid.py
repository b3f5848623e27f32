"""A day as a picture: loudspeakers down, soundings across, a symbol and a colour where they meet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from nicegui import ui

from commune_hub.console.moments import clock_text
from commune_hub.console.parts import tagged
from commune_hub.proof.sheet import Line
from commune_hub.proof.words import LOOKS, outcome_text

COLUMNS_MAX = 60
"""Most soundings of a day that are drawn, the latest ones; the list below holds all."""

Column = tuple[int, str, str]
"""When it was due, the bulletin's id, and its title."""

Choose = Callable[[Line], None]
Ask = Callable[[str], Awaitable[None]]


def columns_of(lines: Sequence[Line]) -> list[Column]:
    """Return the soundings of the picture, in order of time, each once."""
    found = {(each.asked.due_at_ms, each.asked.bulletin, each.asked.title) for each in lines}
    return sorted(found)[-COLUMNS_MAX:]


def cells_of(lines: Sequence[Line]) -> dict[str, dict[tuple[int, str], Line]]:
    """Return the lines by loudspeaker, in the order of places, and by sounding."""
    cells: dict[str, dict[tuple[int, str], Line]] = {}
    for each in sorted(lines, key=lambda line: (line.asked.place, line.asked.device)):
        cells.setdefault(each.asked.device, {})[each.asked.due_at_ms, each.asked.bulletin] = each
    return cells


def draw_grid(lines: Sequence[Line], places: Mapping[str, str], choose: Choose, ask: Ask) -> None:
    """Draw it; `choose` is called with the line of a cell that is clicked, `ask` with a loudspeaker."""
    columns = columns_of(lines)
    grid = tagged(ui.element("div").classes("proof-grid"), "proof-grid")
    grid.style(f"grid-template-columns: minmax(150px, auto) repeat({len(columns)}, 44px)")
    with grid:
        ui.label("")
        for due_at_ms, _, title in columns:
            ui.label(clock_text(due_at_ms)).classes("proof-hour").tooltip(title)
        for device, own in cells_of(lines).items():
            place = next(iter(own.values())).asked.place
            with ui.element("button").classes("proof-speaker").on("click", lambda _, name=device: ask(name)):
                ui.label(places.get(place, place) or device)
                ui.label(device).classes("muted")
            for column in columns:
                _cell(own.get(column[:2]), choose)


def _cell(line: Line | None, choose: Choose) -> None:
    if line is None:
        ui.element("div").classes("proof-none")
        return
    look, asked = LOOKS[line.mark], line.asked
    said = f"{asked.device}, {clock_text(asked.due_at_ms)}, {asked.title}: {outcome_text(line)}"
    cell = ui.element("button").classes(f"proof-cell badge-{look.tone}").on("click", lambda: choose(line))
    cell.props["aria-label"] = said
    tagged(cell, f"proof-{asked.device}-{asked.sounding}")
    with cell:
        ui.label(look.symbol)
        ui.tooltip(said)


def draw_legend(lines: Sequence[Line]) -> None:
    """Say what the symbols mean that stand in the picture."""
    there = {each.mark for each in lines}
    with ui.element("div").classes("line proof-legend"):
        for mark, look in LOOKS.items():
            if mark in there:
                ui.label(f"{look.symbol} {look.words}").classes(f"badge badge-{look.tone}")
