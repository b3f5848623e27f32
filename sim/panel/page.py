"""The panel: a page on which a person sees every screen, loudspeaker and camera, and touches them all.

Served on 127.0.0.1 only, by a thread of the simulator. What a person does here goes the same way as what a
scenario does, and is written into the truth as well.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI
from nicegui import ui

from sim.commune import Commune
from sim.day import Day
from sim.panel.hall import show_counters, show_hall
from sim.panel.hands import PanelHands
from sim.panel.luck import show_luck
from sim.panel.media import add_media_routes
from sim.panel.speakers import show_speakers
from sim.ports import free_ports

READY_WITHIN_S = 20.0
CLOCK_EVERY_S = 1.0

STYLE = """
body { background: #eef1ea; }
.card { border-radius: 14px; box-shadow: 0 1px 4px rgba(0,0,0,.12); background: #fff; padding: 14px; }
.place { font-weight: 600; font-size: 1.05rem; color: #17412f; }
.quiet { color: #66736b; font-size: .85rem; }
.meter { height: 10px; border-radius: 5px; background: #dfe5dd; overflow: hidden; }
.meter > div { height: 100%; background: #2f8f5b; transition: width .3s; }
"""


@contextlib.contextmanager
def serve_panel(commune: Commune, day: Day, port: int) -> Iterator[str]:
    """Serve the panel on 127.0.0.1 within the block and yield its address; port 0 chooses a free one."""
    chosen = port or free_ports(1)[0]
    server = uvicorn.Server(
        uvicorn.Config(make_app(commune, day), host="127.0.0.1", port=chosen, log_level="warning")
    )
    thread = threading.Thread(target=server.run, name="panel", daemon=True)
    thread.start()
    deadline_s = time.monotonic() + READY_WITHIN_S
    while not server.started and thread.is_alive() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    if not server.started:
        raise OSError(f"cổng {chosen} không mở được (the panel's port cannot be opened)")
    try:
        yield f"http://127.0.0.1:{chosen}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def make_app(commune: Commune, day: Day) -> FastAPI:
    """Return the panel's application."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    add_media_routes(app, commune)
    hands = PanelHands(commune, day)

    def page() -> None:
        _page(commune, day, hands)

    ui.run_with(app, root=page, title="Toàn cảnh xã", language="vi", show_welcome_message=False)
    return app


def _page(commune: Commune, day: Day, hands: PanelHands) -> None:
    ui.add_css(STYLE)
    ui.colors(primary="#1f6b46", secondary="#b3541e")
    with ui.header().classes("items-center justify-between py-1"):
        ui.label(f"{commune.scenario.plan.office} – toàn cảnh mô phỏng").classes("text-lg")
        clock = ui.label().classes("text-sm")
        ui.link("Trang làm việc của hub", commune.console_url, new_tab=True).classes("text-white text-sm")
    ui.timer(CLOCK_EVERY_S, lambda: clock.set_text(_clock_text(day)))
    with ui.tabs().props("inline-label no-caps active-color=primary").classes("w-full") as tabs:
        hall = ui.tab("Sảnh", icon="groups")
        counters = ui.tab("Quầy", icon="thumb_up")
        speakers = ui.tab("Loa thôn", icon="campaign")
        luck = ui.tab("Mạng và nguồn", icon="bolt")
    # Only the open panel lives: pictures and meters of the others cost nothing.
    with ui.tab_panels(tabs, value=hall).props("keep-alive=false").classes("w-full bg-transparent"):
        for tab, show in (
            (hall, show_hall),
            (counters, show_counters),
            (speakers, show_speakers),
            (luck, show_luck),
        ):
            with ui.tab_panel(tab).classes("p-2"):
                show(commune, hands, _opener(tabs, tab))


def _opener(tabs: ui.tabs, tab: ui.tab) -> Callable[[], bool]:
    return lambda: tabs.value in (tab, tab.props["name"])


def _clock_text(day: Day) -> str:
    open_for_s = max(0, int(day.now_s()))
    return f"Mở cửa được {open_for_s // 60}:{open_for_s % 60:02d} (open for)"
