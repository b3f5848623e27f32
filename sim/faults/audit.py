"""Judge a run: is every press that was thanked for in the ledger exactly once, at its true time, and nothing
else?"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from commune_hub.store import Row
from commune_hub.timekeeping.true_time import Reading
from sim.faults.clock import TRUE_START_MS
from sim.faults.plan import HUB
from sim.faults.truth import Press, Truth
from sim.faults.world import World

SHOWN_MAX = 20
"""Violations of one run that are listed; one would do."""


def judge(world: World) -> list[str]:
    """Return what is wrong with a run that has ended, each as a line; empty if nothing is."""
    rows = world.hub.rows()
    found = list(world.hub.broken_promises)
    if not world.rested:
        left = {name: node.held() for name, node in world.nodes.items()}
        found.append(f"không yên (never came to rest): còn (left) {left}")
    found += _presses(world.truth, rows)
    found += _streams(world.truth, rows, world.hub.lost())
    found += _times(world.truth, rows, world.hub.times())
    return found[:SHOWN_MAX]


def _presses(truth: Truth, rows: list[Row]) -> list[str]:
    kept: dict[str, list[Row]] = defaultdict(list)
    found = []
    for row in rows:
        name = _name(row)
        if name in truth.presses:
            kept[name].append(row)
        elif row["kind"] != "fact.damaged" or row["device"] not in truth.flipped:
            found.append(f"{row['device']} {row['seq']}: chưa ai bấm (never made): {row['kind']} {name}")
    for press in truth.presses.values():
        found += _one_press(press, kept[press.name])
    return found


def _one_press(press: Press, rows: list[Row]) -> list[str]:
    found = []
    if len(rows) > 1:
        where = ", ".join(f"{row['epoch'][:6]}/{row['seq']}" for row in rows)
        found.append(f"{press.name}: {len(rows)} lần (times) trong sổ (in the ledger): {where}")
    if not rows and press.thanked and not press.excused:
        found.append(f"{press.name}: mất (lost), đã cảm ơn (was thanked for)")
    found += [f"{press.name}: bị đổi (changed)" for row in rows if not _same(press, row)]
    return found


def _name(row: Row) -> str:
    body: Any = json.loads(row["body"])
    return str(body.get("ticket", "?"))


def _same(press: Press, row: Row) -> bool:
    moment = press.fact.moment
    wanted = (press.device, bytes(press.fact.body).decode(), moment.at_ms, moment.mono_ms, moment.boot)
    return wanted == (row["device"], row["body"], row["at_ms"], row["mono_ms"], row["boot"])


def _times(truth: Truth, rows: list[Row], times: list[Reading | None]) -> list[str]:
    """Each press lies within what its time promises, and no node's facts change their order.

    Nobody can see through a clock that lies and calls itself right: of those, only the order counts.
    """
    found = []
    before: dict[tuple[str, str], int] = {}
    for row, time in zip(rows, times, strict=True):
        stream = (row["device"], row["epoch"])
        press = truth.presses.get(_name(row))
        if time is None or time.at_ms < before.get(stream, 0):
            found.append(
                f"{row['device']} {row['seq']}: giờ chạy ngược hay không có (no time, or it goes back)"
            )
            continue
        before[stream] = time.at_ms
        if press is None or truth.misled & {row["device"], HUB}:
            continue
        off_ms = time.at_ms - TRUE_START_MS - press.made_at_ms
        if abs(off_ms) > time.within_ms:
            found.append(f"{press.name}: sai giờ (wrong time) {off_ms} ms, hứa (promised) ±{time.within_ms}")
    return found


def _streams(truth: Truth, rows: list[Row], lost: list[Row]) -> list[str]:
    """Numbers of a stream are 1, 2, 3 … and presses stand in them in the order they were made."""
    streams: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        streams[row["device"], row["epoch"]].append(row)
    gaps: dict[tuple[str, str], set[int]] = defaultdict(set)
    found = []
    for row in lost:
        gaps[row["device"], row["epoch"]] |= set(range(row["first"], row["last"] + 1))
        if row["device"] not in truth.flipped:
            found.append(f"{row['device']}: ghi mất (noted as lost) {row['first']}–{row['last']}")
    order = {name: place for place, name in enumerate(truth.presses)}
    for (device, epoch), stream in streams.items():
        numbers = [row["seq"] for row in stream]
        wanted = [each for each in range(1, numbers[-1] + 1) if each not in gaps[device, epoch]]
        places = [order[_name(row)] for row in stream if _name(row) in order]
        if numbers != wanted:
            found.append(f"{device}/{epoch[:6]}: không liền số (numbers have gaps)")
        if places != sorted(places):
            found.append(f"{device}/{epoch[:6]}: sai thứ tự (out of order)")
    return found
