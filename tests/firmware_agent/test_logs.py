"""Log lines: what comes again and again does not fill the disk."""

from __future__ import annotations

import logging

from firmware_agent.logs import SAME_MAX, SAME_WITHIN_S, Calm


class Written(logging.Handler):
    """Keeps the lines that were written, and turns the clock that they are judged by."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.now_s = 0.0
        self.addFilter(Calm(lambda: self.now_s))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def flood(log: logging.Logger, count: int) -> None:
    for number in range(count):
        log.warning("từ chối %d", number)


def test_a_flood_is_cut_and_counted_and_nothing_else_is() -> None:
    written = Written()
    log = logging.Logger("hub")
    log.addHandler(written)
    flood(log, SAME_MAX + 40)
    log.warning("another 100%")
    assert len(written.lines) == SAME_MAX + 1
    assert written.lines[-1] == "another 100%"
    written.now_s += SAME_WITHIN_S
    flood(log, 2)
    assert "40" in written.lines[-2]
    assert written.lines[-1] == "từ chối 1"
