"""Peers: other people's software, in a virtual environment of its own, so that it touches nothing of ours."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).with_name("peers.lock")
"""Made by `uv pip compile` of thingsboard-gateway==3.8.5, vietnormalizer==0.2.3 and num2words==0.5.14 with
--generate-hashes --no-emit-index-url."""

ENVIRONMENT = Path("build/peers")
INSTALL_WITHIN_S = 240


class PeerMissingError(Exception):
    """The peer could not be installed; the text says why."""


def peer_python() -> Path:
    """Return the Python that has the peers, installed from the lock where needed; raises PeerMissingError."""
    mark = ENVIRONMENT / "installed"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    python = ENVIRONMENT.resolve() / "bin" / "python"
    if mark.exists() and mark.read_text(encoding="ascii") == wanted:
        return python
    try:
        _run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
        _run([str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(LOCK)])
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stderr", "") or str(error)
        raise PeerMissingError(told.strip()[-300:]) from None
    mark.write_text(wanted, encoding="ascii")
    return python


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_WITHIN_S)
