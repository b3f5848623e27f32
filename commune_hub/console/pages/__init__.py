"""The pages of the console, in the order of the menu."""

from commune_hub.console.pages import (
    accounts,
    audit,
    bulletin_write,
    bulletins,
    clips,
    counter,
    devices,
    me,
    overview,
    reconcile,
)

PAGES = (
    overview.PAGE,
    counter.PAGE,
    bulletins.PAGE,
    bulletin_write.PAGE,
    clips.PAGE,
    devices.PAGE,
    reconcile.PAGE,
    accounts.PAGE,
    audit.PAGE,
    me.PAGE,
)

__all__ = ["PAGES"]
