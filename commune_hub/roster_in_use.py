"""The roster as the hub goes by it: read again whenever its directory changed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

from firmware_agent.settings import SettingsError
from provisioning.roster import RosterEntry, load_roster

log = logging.getLogger(__name__)


@dataclass
class RosterInUse:
    """The roster as last read. One thread at a time."""

    directory: Path
    stamp: tuple[tuple[str, int], ...] = ()
    """Its files, and when each was written (nanoseconds since 1970)."""
    entries: dict[str, RosterEntry] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    """Kinds of nodes that stand in it."""

    def refresh(self) -> bool:
        """Read it if it changed, and tell whether it did; raises firmware_agent.settings.SettingsError."""
        stamp = tuple(sorted((path.name, path.stat().st_mtime_ns) for path in self.directory.glob("*.toml")))
        if stamp == self.stamp:
            return False
        self.stamp = stamp
        self.entries = {entry.device: entry for entry in load_roster(self.directory)}
        self.kinds = frozenset(node.kind for entry in self.entries.values() for node in entry.nodes)
        return True

    def refresh_or_keep(self) -> bool:
        """Go on by the last good roster when somebody mistypes a file of it: the others still need theirs."""
        try:
            return self.refresh()
        except SettingsError as error:
            log.warning("giữ danh sách thiết bị trước đó (keeping the roster as it was): %s", error.report())
        except OSError as error:
            # A file of it was taken away while it was looked at; the next look finds it gone.
            log.info("giữ danh sách thiết bị trước đó (keeping the roster as it was): %s", error)
        return False

    def written_ms(self) -> dict[str, int]:
        """Return, by device, when its file was last written (UTC milliseconds)."""
        return {name.removesuffix(".toml"): at_ns // 1_000_000 for name, at_ns in self.stamp}
