"""What is wrong in the commune now, one plain line each, worst first. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commune_hub.capabilities.fleet import DeviceState, NodeState
from commune_hub.capabilities.loudspeakers import SpeakerEvent
from commune_hub.console.moments import NEVER, moment_text, span_text
from commune_hub.console.words import KINDS, REFUSAL_REASONS, in_words
from commune_hub.proof.words import advice_of
from firmware_agent.config import AGENT
from firmware_agent.lines import printable
from speaker_node.silence import STOPPED

RECENT_MS = 24 * 3_600_000
"""Refusals older than a day are history, not a problem."""

EVERYDAY = {"gap"}
"""Refusals without which no bad line goes: a batch was lost on the way, and comes again."""

PROOF_HOLDS_MS = 40 * 24 * 3_600_000
"""What was heard longer ago says nothing of a loudspeaker now: a monthly self-test and some days."""

DISK_LOW_MB = 500
HUB_DISK_LOW_MB = 2_000
HUB_DISK_FULL_MB = 64


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `bad` is out of service, otherwise it wants attention soon."""

    bad: bool
    where: str
    what: str


def problems_now(
    states: Sequence[DeviceState],
    refusals: Sequence[Mapping[str, Any]],
    places: Mapping[str, str],
    now_ms: int,
) -> list[Problem]:
    """Return every problem that the hub knows of, what is out of service first."""
    found: list[Problem] = []
    for state in states:
        where = f"{places.get(state.place, state.place)} · {state.device}"
        found += [Problem(True, where, text) for text in _silences(state, now_ms)]
        found += [Problem(False, where, text) for text in _complaints(state)]
    recent = [row for row in refusals if now_ms - row["last_at_ms"] <= RECENT_MS]
    found += [_refusal(row) for row in recent if row["reason"] not in EVERYDAY]
    return sorted(found, key=lambda each: not each.bad)


def speaker_problems(
    speakers: Mapping[str, str],
    stopped: Mapping[str, SpeakerEvent],
    tested: Mapping[str, SpeakerEvent],
    heard: Mapping[str, Mapping[str, Any]],
    places: Mapping[str, str],
    now_ms: int,
) -> list[Problem]:
    """Return what loudspeakers told of themselves that holds until they tell otherwise.

    `speakers` are devices with their places, `stopped` the stops that hold, `tested` the last self-tests,
    `heard` the last soundings that somebody listened to (rows of the soundings).
    """
    found: list[Problem] = []
    for device, place in sorted(speakers.items()):
        where = f"{places.get(place, place)} · {device}"
        if (stop := stopped.get(device)) is not None:
            until = f", tự mở lại lúc {moment_text(stop.until_ms, now_ms)}" if stop.until_ms else ""
            since = f"từ {moment_text(stop.at_ms, now_ms)}{until}"
            found.append(Problem(False, where, f"{KINDS['speaker']}: {STOPPED} ({since})"))
        at_ms, verdict, fault = _last_proof(tested.get(device), heard.get(device))
        advice = advice_of(verdict, fault)
        if advice:
            since = f"nghe lần cuối {moment_text(at_ms, now_ms)}"
            found.append(Problem(verdict == "silent", where, f"{KINDS['speaker']}: {advice} ({since})"))
    return found


def _last_proof(test: SpeakerEvent | None, row: Mapping[str, Any] | None) -> tuple[int, str, str]:
    """Return when, verdict and fault of what was listened to last: a sounding or a self-test."""
    proofs = [(test.at_ms, test.verdict, test.fault)] if test is not None else []
    if row is not None:
        proofs.append((row["told_at_ms"], row["verdict"], row["fault"] or ""))
    return max(proofs, default=(0, "", ""))


def without_repeats(problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems, worst first, without those of which another at the same place says more."""

    def said_better(one: Problem) -> bool:
        return any(
            other.where == one.where and other.what != one.what and other.what.startswith(one.what)
            for other in problems
        )

    return sorted((each for each in problems if not said_better(each)), key=lambda each: not each.bad)


def hub_problems(
    disk_free_mb: int, behind_ms: int | None = None, upkeep: Sequence[str] = ()
) -> list[Problem]:
    """Return what is wrong with the hub itself: with a full disk it takes nothing more from anybody.

    `behind_ms`: its clock seems to be behind by at least so much (commune_hub.timekeeping.clock_watch).
    `upkeep`: what its daily work says (commune_hub.upkeep).
    """
    found = [Problem(True, "Hub", line) for line in upkeep]
    if disk_free_mb < HUB_DISK_LOW_MB:
        full = disk_free_mb < HUB_DISK_FULL_MB
        what = "Đĩa của hub đã đầy, hub không nhận thêm được gì" if full else "Đĩa của hub sắp đầy"
        told = f"{what}, còn {disk_free_mb} MB; hãy dọn bớt hoặc thay đĩa lớn hơn"
        found.append(Problem(full, "Hub", told))
    if behind_ms is not None:
        told = (
            f"Đồng hồ của hub có lẽ chậm ít nhất {_length(behind_ms)}: nhiều thiết bị cùng đi trước giờ của "
            "hub. Trên máy hub hãy chạy lệnh timedatectl, xem máy chủ giờ và mạng. (The hub's clock seems to "
            "be behind: several devices are ahead of it. Run timedatectl on the hub, check its time server.)"
        )
        found.append(Problem(False, "Hub", told))
    return found


def altered_text(title: str) -> str:
    """Say that a bulletin is not as it was approved, and what to do."""
    return (
        f"Bản tin “{printable(title)}” không còn đúng như khi được duyệt (đĩa của hub hỏng?), "
        "nên không phát. Hãy thu hồi, soạn và duyệt lại. "
        "(This bulletin is not as it was approved and does not sound.)"
    )


def clock_problems(
    ahead: Mapping[str, int], devices: Mapping[str, str], places: Mapping[str, str]
) -> list[Problem]:
    """Return which devices' clocks seem wrong, and what to do.

    `ahead` says by how many milliseconds; `devices` are those of the roster, with their places.
    """
    return [
        Problem(
            False,
            f"{places.get(devices[device], devices[device])} · {device}",
            f"Đồng hồ của thiết bị có lẽ nhanh {_length(ahead_ms)} so với hub. Trên thiết bị hãy chạy lệnh "
            "timedatectl, xem máy chủ giờ. (Its clock seems to be ahead: run timedatectl on it.)",
        )
        for device, ahead_ms in sorted(ahead.items())
        if device in devices
    ]


def _length(length_ms: int) -> str:
    return f"{length_ms // 1_000} giây" if length_ms < 120_000 else span_text(length_ms)


def _silences(state: DeviceState, now_ms: int) -> list[str]:
    silent = [node for node in state.nodes if not node.online]
    if len(silent) == len(state.nodes):
        seen = [node.seen_at_ms for node in silent if node.seen_at_ms is not None]
        return [f"Thiết bị {_since(max(seen, default=None), now_ms)}"]
    return [f"{_name(node)} {_since(node.seen_at_ms, now_ms)}" for node in silent]


def _since(seen_at_ms: int | None, now_ms: int) -> str:
    if seen_at_ms is None:
        return f"{NEVER} liên lạc với hub"
    return f"mất liên lạc, lần cuối {moment_text(seen_at_ms, now_ms)}"


def _complaints(state: DeviceState) -> list[str]:
    told = [f"{_name(node)}: {text}" for node in state.nodes for text in node.problems if node.online]
    if state.deaths_today:
        told.append(f"Phần mềm đã phải tự khởi động lại {state.deaths_today} lần trong 24 giờ qua")
    if state.health and state.health["disk_free_mb"] < DISK_LOW_MB:
        told.append(f"Thẻ nhớ sắp đầy, còn {state.health['disk_free_mb']} MB")
    return told


def _refusal(row: Mapping[str, Any]) -> Problem:
    reason = in_words(REFUSAL_REASONS, row["reason"])
    by = "Hub" if row["refused_by"] == "hub" else row["refused_by"]
    return Problem(False, by, f"Đã từ chối {row['count']} thông điệp từ {row['device']}: {reason}")


def _name(node: NodeState) -> str:
    kind = in_words(KINDS, node.kind)
    return kind if node.name in {node.kind, AGENT} else f"{kind} ({node.name})"
