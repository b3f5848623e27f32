"""A device as a card: where it stands, which of its nodes live, how it feels."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from nicegui import ui

from commune_hub.capabilities.fleet import DeviceState, NodeState
from commune_hub.capabilities.loudspeakers import SpeakerEvent
from commune_hub.console.moments import ago_text, span_text
from commune_hub.console.parts import badge, panel, row, tagged, text
from commune_hub.console.speaker_sheet import test_text
from commune_hub.console.words import KIND_ICONS, KINDS, in_words
from commune_hub.store import Row
from firmware_agent.config import AGENT

HOT_CELSIUS = 75
"""A Pi slows itself down at 80 °C; say it before."""


@dataclass(frozen=True)
class NodeView:
    """A line of the card, in words."""

    name: str
    icon: str
    online: bool
    about: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class DeviceView:
    """A card, in words: it compares equal as long as nothing on it would read otherwise."""

    device: str
    place: str
    online: bool
    nodes: tuple[NodeView, ...]
    health: tuple[str, ...]
    hot: bool
    test: str = ""
    """How the last self-test of its loudspeaker went; empty: it has none."""


def device_views(
    states: Sequence[DeviceState],
    places: Mapping[str, str],
    now_ms: int,
    tested: Mapping[str, SpeakerEvent],
) -> list[DeviceView]:
    """Put the fleet into words; pure. `tested` are the last self-tests of loudspeakers, by device."""
    return [
        DeviceView(
            device=state.device,
            place=places.get(state.place, state.place),
            online=state.online,
            nodes=tuple(_node_view(node, now_ms) for node in state.nodes),
            health=_health(state.health),
            hot=bool(state.health and (state.health["cpu_celsius"] or 0) >= HOT_CELSIUS),
            test=test_text(tested.get(state.device), now_ms)
            if any(node.kind == "speaker" for node in state.nodes)
            else "",
        )
        for state in states
    ]


def _node_view(node: NodeState, now_ms: int) -> NodeView:
    kind = in_words(KINDS, node.kind)
    about = [] if node.online else [f"nghe lần cuối: {ago_text(node.seen_at_ms, now_ms)}"]
    if node.backlog:
        about.append(f"còn {node.backlog} việc chưa gửi")
    if node.refused:
        about.append(f"đã từ chối {node.refused} thông điệp")
    return NodeView(
        name=kind if node.name in {node.kind, AGENT} else f"{kind} ({node.name})",
        icon=KIND_ICONS.get(node.kind, "settings"),
        online=node.online,
        about=" · ".join(about),
        problems=tuple(node.problems),
    )


def _health(health: Row | None) -> tuple[str, ...]:
    if health is None:
        return ()
    heat = f"{health['cpu_celsius']:.0f} °C" if health["cpu_celsius"] is not None else ""
    disk = f"thẻ nhớ trống {health['disk_free_mb'] / 1_000:.1f} GB".replace(".", ",")
    return tuple(each for each in (heat, disk, f"chạy {span_text(health['uptime_s'] * 1_000)}") if each)


def draw_device(view: DeviceView, ask: Callable[[str], Awaitable[None]]) -> None:
    """Draw the card of a device; `ask` is called for the history of its loudspeaker."""
    with panel(classes="device") as section:
        tagged(section, f"device-{view.device}")
        with row("card-head"):
            with ui.element("div").classes("grow"):
                text(view.place, "card-title")
                text(view.device, "muted")
            some = any(node.online for node in view.nodes)
            tone = "good" if view.online else "wait" if some else "bad"
            badge("Hoạt động" if view.online else "Một phần" if some else "Mất liên lạc", tone)
        for node in view.nodes:
            _draw_node(node)
        if view.test:
            button = ui.button(view.test, icon="hearing").props("flat no-caps dense align=left color=grey-9")
            tagged(button, f"speaker-{view.device}").on_click(lambda: ask(view.device))
        if view.health:
            text(" · ".join(view.health), "health hot" if view.hot else "health")


def _draw_node(node: NodeView) -> None:
    with row("node"):
        ui.icon(node.icon).classes("node-icon")
        with ui.element("div").classes("grow"):
            text(node.name)
            if node.about:
                text(node.about, "muted")
            for problem in node.problems:
                text(problem, "problem")
        badge("tốt" if node.online else "vắng", "good" if node.online else "bad")
