"""Numbers of tickets: a letter and three digits, from 001 each day, and never one twice."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, structs


class Series(Struct, frozen=True):
    """The last number that was given."""

    day: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d\Z")]
    """Local date that it belongs to."""
    last: Annotated[int, Meta(ge=0, le=2**53)]
    day_is_sure: bool = True
    """Whether a synchronised clock said which day it is."""
    dreamt_day: str = ""
    """The day that the very first numbers were given under, before the clock knew better."""
    dreamt_last: Annotated[int, Meta(ge=0, le=2**53)] = 0
    """The last number that was given under it."""
    day_may_be_over: bool = False
    """Whether numbers were given since by a clock that could not say so: they may be of the next day."""


def next_series(series: Series | None, today: str, synced: bool) -> Series:
    """Return the series with its next number given out.

    `today` is the local date as the clock believes, `synced` whether the clock is to be trusted. A new day
    begins at 1, but only a synchronised clock begins one, and no clock goes back to a former day: otherwise
    the numbers go on. A Pi that wakes with yesterday's time goes on where it was; one that dreamt of the
    year 2040 does not lock itself into it.
    """
    if series is None:
        return Series(today, 1, synced)
    if synced and not series.day_is_sure:
        # The very first series, begun by a clock that did not know the day: same numbers, right day.
        return Series(today, series.last + 1, True, series.day, series.last)
    if synced and today > series.day:
        taken = series.dreamt_last if today == series.dreamt_day else 0
        # Where some of its numbers may be in people's hands today, the new day goes on behind them.
        last = max(taken, series.last) if series.day_may_be_over else taken
        return structs.replace(series, day=today, last=last + 1, day_may_be_over=False)
    return structs.replace(series, last=series.last + 1, day_may_be_over=not synced)


def number_text(letter: str, last: int) -> str:
    """Return what the citizen sees: `A007`."""
    return f"{letter}{last:03d}"


def ticket_id(device: str, node: str, series: Series) -> str:
    """Return the id of the ticket: unique over kiosks and days."""
    return f"{device}-{node}-{series.day}-{series.last:03d}"
