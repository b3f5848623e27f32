"""Put the reports of a commune together from its config and its capabilities."""

from __future__ import annotations

from commune_hub.capabilities.audit import Audit
from commune_hub.capabilities.fleet import Fleet
from commune_hub.capabilities.staff import Staff
from commune_hub.capabilities.uptime import Uptime
from commune_hub.figures.source import RowSource
from commune_hub.reports.content import Names, Office
from commune_hub.reports.judging import load_criteria
from commune_hub.reports.service import Reports
from commune_hub.store import Store
from commune_hub.times import NowMs
from provisioning.plan import HubConfig


def open_reports(
    config: HubConfig,
    store: Store,
    now_ms: NowMs,
    audit: Audit,
    source: RowSource,
    uptime: Uptime,
    staff: Staff,
    fleet: Fleet,
) -> Reports:
    """Return the reports; raises firmware_agent.settings.SettingsError for criteria that cannot be read."""

    def office() -> Office:
        names = Names(
            counters={each.id: each.name for each in config.counters},
            fields={each.id: each.name for each in config.fields},
            staff={each.account: each.name for each in staff.members()},
        )
        return Office(config.commune, config.office, names)

    def places() -> dict[str, str]:
        named = config.places()
        return {entry.device: named.get(entry.place, entry.place) for entry in fleet.entries()}

    return Reports(store, now_ms, audit, source, uptime, config.reports, load_criteria(), office, places)
