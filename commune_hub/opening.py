"""Open the hub's store for a command: rebuilt if it is damaged, or one line that says why it stays shut."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

import typer

from commune_hub.hub import DATABASE, MIGRATIONS, Capabilities, open_capabilities
from commune_hub.keeper import InUseError, alone, reserve_of
from commune_hub.repair import repair
from firmware_agent.database import DatabaseUnusableError, is_full
from firmware_agent.rebuilding import finish, is_unfinished
from firmware_agent.settings import SettingsError
from provisioning.plan import HubConfig

EXIT_BAD_CONFIG = 2
EXIT_CANNOT_RUN = 1


def open_for_command(config: HubConfig, is_mine: bool = False) -> Capabilities:
    """Open what a command works with; `is_mine` where this process holds the hub's directory already.

    Raises typer.Exit when it cannot be opened, after a line on stderr.
    """
    try:
        finish_rebuilding(config, is_mine)
        return _opened_or_rebuilt(config, is_mine)
    except SettingsError as error:
        typer.echo(error.report(), err=True)
        raise typer.Exit(EXIT_BAD_CONFIG) from None
    except (sqlite3.OperationalError, OSError) as error:
        if is_full(error) and reserve_of(config.root).give():
            return open_for_command(config, is_mine)
        typer.echo(
            f"Không mở được kho dữ liệu, hãy xem đĩa và quyền ghi (cannot open): {error}",
            err=True,
        )
        raise typer.Exit(EXIT_CANNOT_RUN) from None


def finish_rebuilding(config: HubConfig, is_mine: bool) -> None:
    """Do what is left of a repair or a restoring that a power cut broke off."""
    database = config.root / DATABASE
    if is_unfinished(database):
        with _held(config, is_mine):
            aside = finish(database, _damaged())
        typer.echo(
            f"Đã làm nốt việc dựng lại kho dữ liệu (rebuilding finished); kho cũ (the old one): {aside.name}",
            err=True,
        )


def _opened_or_rebuilt(config: HubConfig, is_mine: bool) -> Capabilities:
    try:
        return open_capabilities(config)
    except DatabaseUnusableError as error:
        typer.echo(f"Kho dữ liệu của hub bị hỏng (damaged store): {error}", err=True)
    with _held(config, is_mine):
        typer.echo(repair(config.root / DATABASE, config.root, MIGRATIONS, _damaged()).told(), err=True)
    return open_capabilities(config)


@contextlib.contextmanager
def _held(config: HubConfig, is_mine: bool) -> Iterator[None]:
    """Hold the hub's directory; end the command where a hub works in it."""
    try:
        with contextlib.nullcontext() if is_mine else alone(config.root):
            yield
    except InUseError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_CANNOT_RUN) from None


def _damaged() -> str:
    return f"damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}"
