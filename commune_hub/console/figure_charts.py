"""Charts of figures over any stretch of time. A chart is made once; afterwards only its numbers change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui

from commune_hub.console.moments import WEEKDAYS
from commune_hub.console.parts import empty, tagged
from commune_hub.figures.calendar import Heat, Point
from commune_hub.figures.summary import Group

MAIN, SECOND, GRID = "#1d4e79", "#d99a1b", "#e8edf2"
SHADES = ["#f4f8fb", "#9dbbd6", "#1d4e79"]
OPENS, CLOSES = 7, 17
"""Hours that the heat map always shows; a press outside widens it."""

Options = dict[str, Any]


def score_chart(name: str) -> Callable[[Sequence[Group]], None]:
    """Make a chart of the satisfied share by group, with its 95 % interval; return what shows groups."""
    return _chart(name, _score_options, lambda groups: any(group.summary.presses for group in groups))


def heat_chart(name: str) -> Callable[[Heat], None]:
    """Make the heat map of presses by weekday and hour."""
    return _chart(name, _heat_options, lambda heat: any(any(day) for day in heat.presses))


def trend_chart(name: str) -> Callable[[Sequence[Point]], None]:
    """Make the chart of visits and of the satisfied share over days or weeks."""
    return _chart(
        name, _trend_options, lambda points: any(point.visits or point.satisfied.whole for point in points)
    )


def _chart(
    name: str, options: Callable[[Any], Options], anything: Callable[[Any], bool]
) -> Callable[[Any], None]:
    with ui.element("div").classes("chart-place"):
        with ui.element("div") as nothing:
            empty("Chưa có lượt nào trong thời gian này", "insert_chart_outlined")
        chart = tagged(ui.echart({}).classes("chart"), name)

    def show(found: Any) -> None:
        there = anything(found)
        nothing.set_visibility(not there)
        chart.set_visibility(there)
        if there:
            chart.options.clear()
            chart.options.update(options(found))
            chart.update()

    return show


def _base() -> Options:
    return {
        "animation": False,
        "textStyle": {"fontFamily": "Roboto, sans-serif", "fontSize": 13},
        "grid": {"left": 8, "right": 20, "top": 30, "bottom": 36, "containLabel": True},
        "tooltip": {"trigger": "axis"},
    }


def _score_options(groups: Sequence[Group]) -> Options:
    """Bars of the share; two thin lines mark where the 95 % interval begins and ends."""
    shown = [group for group in reversed(groups) if group.summary.presses]
    found = [group.summary.satisfied for group in shown]
    return _base() | {
        "legend": {"bottom": 0},
        "xAxis": {"type": "value", "min": 0, "max": 100, "axisLabel": {"formatter": "{value} %"}},
        "yAxis": {
            "type": "category",
            "data": [f"{group.name} (n = {group.summary.presses})" for group in shown],
        },
        "series": [
            {
                "name": "Hài lòng",
                "type": "bar",
                "barMaxWidth": 22,
                "itemStyle": {"color": MAIN},
                "data": [_percent(each.share) for each in found],
            },
            _mark("Thấp nhất (95 %)", [each.low for each in found]),
            _mark("Cao nhất (95 %)", [each.high for each in found]),
        ],
    }


def _mark(name: str, values: Sequence[float | None]) -> Options:
    return {
        "name": name,
        "type": "scatter",
        "symbol": "rect",
        "symbolSize": [3, 20],
        "itemStyle": {"color": SECOND},
        "data": [_percent(value) for value in values],
    }


def _heat_options(heat: Heat) -> Options:
    used = [hour for hour in range(24) if any(day[hour] for day in heat.presses)]
    hours = range(min([OPENS, *used]), max([CLOSES, *used]) + 1)
    cells = [
        [place, weekday, heat.presses[weekday][hour]]
        for weekday in range(7)
        for place, hour in enumerate(hours)
    ]
    return _base() | {
        "tooltip": {"position": "top"},
        "xAxis": {"type": "category", "data": [f"{hour}h" for hour in hours]},
        "yAxis": {"type": "category", "data": list(WEEKDAYS), "inverse": True},
        "visualMap": {
            "min": 0,
            "max": max(1, *(cell[2] for cell in cells)),
            "show": False,
            "inRange": {"color": SHADES},
        },
        "series": [{"name": "Lượt đánh giá", "type": "heatmap", "data": cells, "label": {"show": True}}],
    }


def _trend_options(points: Sequence[Point]) -> Options:
    return _base() | {
        "legend": {"bottom": 0},
        "xAxis": {"type": "category", "data": [_short(point.day) for point in points]},
        "yAxis": [
            {"type": "value", "minInterval": 1, "splitLine": {"lineStyle": {"color": GRID}}},
            {
                "type": "value",
                "min": 0,
                "max": 100,
                "axisLabel": {"formatter": "{value} %"},
                "splitLine": {"show": False},
            },
        ],
        "series": [
            {
                "name": "Lượt khách",
                "type": "bar",
                "itemStyle": {"color": "#c9d8e6"},
                "data": [p.visits for p in points],
            },
            {
                "name": "Lượt đánh giá",
                "type": "bar",
                "itemStyle": {"color": MAIN},
                "data": [point.satisfied.whole for point in points],
            },
            {
                "name": "Hài lòng (%)",
                "type": "line",
                "yAxisIndex": 1,
                "connectNulls": False,
                "itemStyle": {"color": SECOND},
                "data": [_percent(point.satisfied.share) for point in points],
            },
        ],
    }


def _percent(value: float | None) -> float | None:
    return None if value is None else round(value * 100, 1)


def _short(day: str) -> str:
    return f"{day[8:]}/{day[5:7]}"
