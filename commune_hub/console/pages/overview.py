"""Tổng quan: the numbers of the moment, today's ratings, and what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ui

from commune_hub.console.alert_lines import draw_alerts
from commune_hub.console.charts import counter_chart, hour_chart
from commune_hub.console.desk import Desk, Page
from commune_hub.console.moments import share_text
from commune_hub.console.parts import badge, empty, panel, row, tagged, text, tile
from commune_hub.console.problems import (
    PROOF_HOLDS_MS,
    Problem,
    altered_text,
    clock_problems,
    hub_problems,
    problems_now,
    speaker_problems,
    without_repeats,
)
from commune_hub.hub import Capabilities
from commune_hub.presence import Outage
from commune_hub.times import DAY_MS, day_start_ms, now_ms
from commune_hub.timetable.coming import speakers_of

PROBLEMS_SHOWN = 40
NOT_COUNTED = "không tính: bấm lặp, dồn dập, đã sửa, lúc không phục vụ ai"
"""What of the presses the figure leaves out (docs/rating.md)."""
WIDE = frozenset({"own_link", "commune_silent", "place_dark"})
"""Kinds of outages that are about more than one device."""


@dataclass(frozen=True)
class _Moment:
    """The numbers of the tiles."""

    waiting: int
    serving: int
    presses: int
    satisfied_share: float | None
    devices_online: int
    devices: int
    bulletins: int


async def build(desk: Desk) -> None:
    """Build the page."""
    show_tiles = _tiles()
    with ui.element("div").classes("split"):
        with panel("Đánh giá hôm nay theo giờ", "schedule"):
            show_hours = hour_chart()
        with panel("Đánh giá hôm nay theo quầy", "storefront"):
            show_counters = counter_chart({each.id: each.name for each in desk.capabilities.config.counters})
    with panel("Cần chú ý", "report_problem"):
        await desk.area(desk.capabilities.alerts.look, draw_alerts, "rows")
        await desk.area(lambda: _outages(desk.capabilities), _draw_outages, "rows")
        await desk.area(lambda: _problems(desk.capabilities), _draw_problems, "rows")
    await desk.follow(lambda: _moment(desk.capabilities), show_tiles)
    await desk.follow(desk.capabilities.ratings.hourly_today, show_hours)
    await desk.follow(desk.capabilities.ratings.today, show_counters)


def _moment(capabilities: Capabilities) -> _Moment:
    counts = capabilities.queue.counts_today()
    tallies = capabilities.ratings.today()
    presses = sum(each.total for each in tallies)
    satisfied = sum(each.satisfied for each in tallies)
    states = capabilities.fleet.states()
    return _Moment(
        waiting=counts["waiting"],
        serving=counts["called"],
        presses=presses,
        satisfied_share=satisfied / presses if presses else None,
        devices_online=sum(state.online for state in states),
        devices=len(states),
        bulletins=_bulletins_today(capabilities),
    )


def _bulletins_today(capabilities: Capabilities) -> int:
    start_ms = day_start_ms(now_ms())
    return sum(
        bool(each.times_ms(start_ms, start_ms + DAY_MS))
        for each in capabilities.bulletins.latest()
        if each.state == "approved"
    )


def _tiles() -> Callable[[_Moment], None]:
    with ui.element("div").classes("tiles"):
        waiting = tagged(tile("Đang chờ", "groups"), "tile-waiting")
        serving = tile("Đang phục vụ", "record_voice_over")
        presses = tagged(tile("Lượt đánh giá hôm nay", "thumb_up", NOT_COUNTED), "tile-presses")
        share = tile("Hài lòng", "sentiment_satisfied", "tính theo cách của SIPAS")
        devices = tile("Thiết bị đang hoạt động", "devices")
        bulletins = tile("Bản tin hôm nay", "campaign")

    def show(seen: _Moment) -> None:
        waiting.text = str(seen.waiting)
        serving.text = str(seen.serving)
        presses.text = str(seen.presses)
        share.text = share_text(seen.satisfied_share)
        devices.text = f"{seen.devices_online}/{seen.devices}"
        bulletins.text = str(seen.bulletins)

    return show


def _outages(capabilities: Capabilities) -> list[Outage]:
    return capabilities.fleet.outages(capabilities.config.places())


def _draw_outages(outages: list[Outage]) -> None:
    """Say in one sentence what many silent devices have in common; single ones stand in the list below."""
    for outage in outages:
        if outage.kind in WIDE:
            with row("row-line"):
                badge("Cả vùng" if outage.kind != "own_link" else "Hub", "bad")
                text(outage.text, "grow strong")


def _problems(capabilities: Capabilities) -> list[Problem]:
    """Devices whose silence is told of above, all together, are not told of again one by one."""
    fleet = capabilities.fleet
    told = {device for each in _outages(capabilities) if each.kind in WIDE for device in each.devices}
    states = [state for state in fleet.states() if state.device not in told]
    free_mb = shutil.disk_usage(capabilities.config.root).free // 2**20
    places, entries, at_ms = capabilities.config.places(), fleet.entries(), now_ms()
    others = problems_now(states, fleet.refusals(), places, at_ms)
    own = capabilities.loudspeakers
    speakers = speaker_problems(
        speakers_of(entries),
        own.stopped(),
        own.tested(),
        capabilities.playbacks.last_heard(at_ms - PROOF_HOLDS_MS),
        places,
        at_ms,
    )
    doubts = capabilities.ledger.clocks.doubts(at_ms)
    clocks = clock_problems(doubts.devices, {each.device: each.place for each in entries}, places)
    upkeep = capabilities.upkeep.lines() + [altered_text(each) for each in capabilities.bulletins.altered()]
    of_hub = hub_problems(free_mb, doubts.hub_behind_ms, upkeep)
    return of_hub + without_repeats([*others, *speakers, *clocks])


def _draw_problems(problems: list[Problem]) -> None:
    if not problems:
        empty("Mọi thiết bị đều hoạt động bình thường", "verified")
    for problem in problems[:PROBLEMS_SHOWN]:
        with row("row-line"):
            badge("Hỏng" if problem.bad else "Chú ý", "bad" if problem.bad else "wait")
            text(problem.what, "grow")
            text(problem.where, "muted")
    if len(problems) > PROBLEMS_SHOWN:
        text(f"… và {len(problems) - PROBLEMS_SHOWN} việc nữa, xem trang Thiết bị", "muted")


PAGE = Page("/", "Tổng quan", "dashboard", build)
