"""What should be told at once, as lines of a page."""

from __future__ import annotations

from commune_hub.capabilities.alerts import Alert
from commune_hub.console.moments import clock_text
from commune_hub.console.parts import badge, row, tagged, text


def draw_alerts(alerts: list[Alert]) -> None:
    """Draw what should be told now, a line each; nothing when there is nothing."""
    for alert in alerts:
        with row("row-line"):
            tagged(badge("Báo động", "bad"), "alert")
            text(alert.text, "grow strong")
            text(f"từ {clock_text(alert.began_at_ms)}", "muted")
