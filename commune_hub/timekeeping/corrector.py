"""Times anew what waits for it, a little at a time: between two goes new facts have the store."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

LOOK_EVERY_S = 2.0
"""How often it is asked whether anything waits."""

BETWEEN_S = 0.02
"""Rest between two goes, as long as a go takes: half of the store is left to others."""

log = logging.getLogger(__name__)


class Corrector:
    """A thread that calls `correct_some` until that returns False, and asks again after a while."""

    def __init__(self, correct_some: Callable[[], bool]) -> None:
        self._correct_some = correct_some
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="times", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the go that is on."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        rest_s = 0.0
        while not self._stopping.wait(rest_s):
            rest_s = BETWEEN_S if self._corrected() else LOOK_EVERY_S

    def _corrected(self) -> bool:
        try:
            return self._correct_some()
        except Exception:
            # What waits, waits on disk: after a while it is tried again.
            log.exception("lỗi khi tính lại thời gian (error while timing facts anew)")
            return False
