"""The pages of the console, in the order of the menu."""

from commune_hub.console.pages import (
    accounts,
    audit,
    bulletin_write,
    bulletins,
    clips,
    counter,
    devices,
    hall,
    live,
    me,
    notice_write,
    notices,
    overview,
    plan,
    ratings,
    reconcile,
    reports,
    sounded,
)

PAGES = (
    overview.PAGE,
    hall.PAGE,
    counter.PAGE,
    ratings.PAGE,
    reports.PAGE,
    bulletins.PAGE,
    bulletin_write.PAGE,
    live.PAGE,
    plan.PAGE,
    sounded.PAGE,
    notices.PAGE,
    notice_write.PAGE,
    clips.PAGE,
    devices.PAGE,
    reconcile.PAGE,
    accounts.PAGE,
    audit.PAGE,
    me.PAGE,
)

__all__ = ["PAGES"]
