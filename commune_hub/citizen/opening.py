"""Puts the citizens' page of a hub together."""

from __future__ import annotations

import socket

from commune_hub.citizen.app import make_citizen_app
from commune_hub.citizen.guard import Guard
from commune_hub.citizen.listener import PageListener
from commune_hub.citizen.place import Places
from commune_hub.citizen.slips import Slips
from commune_hub.documents.kiosk import KioskDocuments
from commune_hub.hub import Capabilities
from commune_hub.times import NowMs, now_ms
from wire.scales import DEFAULT_SCALE


def citizen_app(capabilities: Capabilities, now_ms: NowMs = now_ms) -> Guard:
    """Return the page as an application; `now_ms` is the hub's wall clock."""
    parts = capabilities
    scale = parts.config.page.scale if parts.config.page else DEFAULT_SCALE
    slips = Slips(parts.store, now_ms, parts.queue, parts.ratings, parts.ledger, scale)
    wait_of = KioskDocuments(parts.config, parts.queue).still_waits
    places = Places(parts.queue, [each.id for each in parts.config.counters], now_ms, wait_of)
    return make_citizen_app(parts.config, slips, places, now_ms)


def open_citizen_page(capabilities: Capabilities, listener: socket.socket) -> PageListener:
    """Return the page of a hub, to be started; it answers on `listener`."""
    return PageListener(citizen_app(capabilities), listener)
