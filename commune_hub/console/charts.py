"""Charts of today's ratings. A chart is made once; afterwards only its numbers change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui

from commune_hub.capabilities.ratings import Tally
from commune_hub.console.parts import empty
from kiosk_ui.catalogue import load_catalogue
from kiosk_ui.scale import level_key
from wire.scales import DEFAULT_SCALE

COLOURS = {1: "#2e7d4f", 2: "#8bb95c", 3: "#e9b949", 4: "#c8483f"}
"""The levels of `vi4`, best first, which every scale is shown by; told apart by brightness too."""

OPENS, CLOSES = 7, 18
"""Hours that the chart always shows; a press outside widens it."""

Hours = list[dict[int, int]]


def hour_chart() -> Callable[[Hours], None]:
    """Make the chart of presses by local hour; return what shows 24 hours of counts by level in it."""
    return _chart(_hour_options)


def counter_chart(names: dict[str, str]) -> Callable[[list[Tally]], None]:
    """Make the chart of presses by counter; return what shows tallies in it."""
    return _chart(lambda tallies: _counter_options(tallies, names))


def _chart(options: Callable[[Any], dict[str, Any]]) -> Callable[[Any], None]:
    with ui.element("div").classes("chart-place"):
        with ui.element("div") as nothing:
            empty("Chưa có lượt đánh giá nào hôm nay", "thumb_up_off_alt")
        chart = ui.echart(options([])).classes("chart")

    def show(found: Any) -> None:
        wanted = options(found)
        anything = any(value for series in wanted["series"] for value in series["data"])
        nothing.set_visibility(not anything)
        chart.set_visibility(anything)
        chart.options.clear()
        chart.options.update(wanted)
        chart.update()

    return show


def _hour_options(hours: Hours) -> dict[str, Any]:
    used = [hour for hour, levels in enumerate(hours) if any(levels.values())]
    first, last = min([OPENS, *used]), max([CLOSES, *used])
    shown = hours[first : last + 1]
    labels = [f"{hour}h" for hour in range(first, last + 1)]
    return _options(shown) | {
        "xAxis": {"type": "category", "data": labels, "axisTick": {"show": False}},
        "yAxis": {"type": "value", "minInterval": 1, "splitLine": {"lineStyle": {"color": "#e8edf2"}}},
    }


def _counter_options(tallies: Sequence[Tally], names: dict[str, str]) -> dict[str, Any]:
    listed = list(reversed(tallies))
    labels = [names.get(tally.counter, tally.counter) for tally in listed]
    return _options([tally.as_default for tally in listed]) | {
        "xAxis": {"type": "value", "minInterval": 1, "splitLine": {"lineStyle": {"color": "#e8edf2"}}},
        "yAxis": {"type": "category", "data": labels, "axisTick": {"show": False}},
    }


def _options(columns: Sequence[dict[int, int]]) -> dict[str, Any]:
    texts = load_catalogue()
    return {
        "animation": False,
        "textStyle": {"fontFamily": "Roboto, sans-serif", "fontSize": 13},
        "grid": {"left": 8, "right": 16, "top": 12, "bottom": 36, "containLabel": True},
        "legend": {"bottom": 0, "itemWidth": 14, "itemHeight": 10, "icon": "roundRect"},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "series": [
            {
                "name": texts(level_key(DEFAULT_SCALE, level)),
                "type": "bar",
                "stack": "all",
                "barMaxWidth": 34,
                "itemStyle": {"color": colour},
                "data": [column.get(level, 0) for column in columns],
            }
            for level, colour in COLOURS.items()
        ],
    }
