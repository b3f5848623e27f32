"""A device's directory as enrolment leaves it: device.toml, identity files, room for its nodes."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from tests.support.commune import COMMUNE, DEVICE, TestCommune
from tests.support.processes import free_port

DEVICE_TOML = """
commune = "{commune}"
device = "{device}"
[broker]
host = "127.0.0.1"
port = {port}
[hardware]
kind = "bare"
{nodes}
"""


def node_entry(name: str, then: str = "work", kind: str = "trial") -> str:
    """Return the lines of device.toml for one trial node."""
    return f'[[nodes]]\nkind = "{kind}"\nname = "{name}"\nsettings = {{then = "{then}"}}\n'


def lay_device(directory: Path, nodes: str, port: int | None = None) -> Path:
    """Write a device's directory with a certificate of a commune of its own; return its device.toml."""
    files = TestCommune(directory / "authority").issue(DEVICE)
    identity = directory / "identity"
    identity.mkdir()
    shutil.copy(files.certificate, identity / "device.crt")
    shutil.copy(files.key, identity / "device.key")
    shutil.copy(files.authority, identity / "commune-ca.crt")
    shutil.copy(files.hub_seal, identity / "hub-seal.pub")
    path = directory / "device.toml"
    text = DEVICE_TOML.format(commune=COMMUNE, device=DEVICE, port=port or free_port(), nodes=nodes)
    path.write_text(text, encoding="utf-8")
    return path


def bodies_on_disk(device_toml: Path, node: str, kind: str) -> list[dict[str, Any]]:
    """Return the bodies of one kind in a node's outbox, read without the node's own code."""
    path = device_toml.parent / node / "outbox.db"
    if not path.exists():
        return []
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        try:
            rows = database.execute("SELECT fact FROM facts ORDER BY seq").fetchall()
        except sqlite3.OperationalError:
            return []  # it is just being made
    facts = [json.loads(raw) for (raw,) in rows]
    return [fact["body"] for fact in facts if fact["kind"] == kind]
