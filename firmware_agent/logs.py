"""Log lines for a technician: time, level, where, what; one line each, to standard error."""

from __future__ import annotations

import logging
import sys


def set_up_logging(who: str) -> None:
    """Send log lines to standard error, each with `who` in it. Called once at start."""
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format=f"%(asctime)s %(levelname)s {who} %(name)s: %(message)s",
        force=True,
    )
    for chatty in ("httpx", "httpcore", "aiohttp.access", "engineio", "socketio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
