"""The roster: one small file for each enrolled device, written by enrolment, read by the hub."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from firmware_agent.config import NameText
from firmware_agent.files import write_durably
from firmware_agent.settings import Settings, SettingsError, load_settings
from provisioning.plan import mistakes_of
from provisioning.toml_text import toml_text

TICKET = "ticket"
"""The kind of node that gives numbers, the only one with a series."""

KEYS = "keys"
"""The kind of node that calls numbers with the keys of its counter."""


class RosterNode(Settings):
    """A node of an enrolled device."""

    name: NameText
    kind: NameText
    series: str | None = Field(default=None, pattern=r"^[A-Z]$")
    """Letter of its numbers, for a ticket kiosk."""

    @model_validator(mode="after")
    def _series_belongs_to_tickets(self) -> RosterNode:
        if (self.kind == TICKET) != (self.series is not None):
            raise ValueError("series: nút ticket phải có, nút khác không (for kind ticket, and only for it)")
        return self


class RosterEntry(Settings):
    """An enrolled device: where it stands and what it does."""

    device: NameText
    place: NameText
    """Id of a counter, of a hamlet, or `hall`."""
    nodes: list[RosterNode] = Field(min_length=1, max_length=16)


def load_roster(directory: Path) -> list[RosterEntry]:
    """Read every DEVICE.toml of the roster, by name of the device; a directory that is not there is empty.

    Raises SettingsError naming every mistake of every file.
    """
    entries: list[RosterEntry] = []
    mistakes: list[str] = []
    for path in sorted(directory.glob("*.toml")):
        try:
            entry = load_settings(path, RosterEntry)
        except SettingsError as error:
            mistakes += mistakes_of(error)
            continue
        entries.append(entry)
        if path.stem != entry.device:
            mistakes.append(
                f"{path}: device: tìm thấy (found) {entry.device!r}; cho phép (allowed): {path.stem!r}"
            )
    mistakes += _series_mistakes(entries)
    if mistakes:
        raise SettingsError(str(directory), mistakes)
    return entries


def series_in_use(entries: list[RosterEntry]) -> dict[str, str]:
    """Return which letter belongs to which kiosk: {"A": "kiosk-1/ticket"}."""
    return {
        node.series: f"{entry.device}/{node.name}" for entry in entries for node in entry.nodes if node.series
    }


def write_roster_entry(directory: Path, entry: RosterEntry) -> None:
    """Put a device on the roster, or replace what the roster says of it."""
    text = toml_text(entry.model_dump(exclude_none=True))
    write_durably(directory / f"{entry.device}.toml", text.encode())


def _series_mistakes(entries: list[RosterEntry]) -> list[str]:
    """No two kiosks share a letter, or they would give the same numbers while the hub is away."""
    owners: dict[str, list[str]] = {}
    for entry in entries:
        for node in entry.nodes:
            if node.series:
                owners.setdefault(node.series, []).append(f"{entry.device}/{node.name}")
    return [
        f"series {letter!r}: hai kiosk dùng chung (used twice): {', '.join(names)}"
        for letter, names in owners.items()
        if len(names) > 1
    ]
