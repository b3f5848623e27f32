"""`firmware-agent`: what runs on every device."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from firmware_agent.check import load_checked, notes
from firmware_agent.clock import SystemClock
from firmware_agent.config import DeviceConfig, load_device_config
from firmware_agent.delivery.parcels import ParcelError, make_parcel
from firmware_agent.identity import IdentityError
from firmware_agent.logs import set_up_logging
from firmware_agent.runner import load_device_identity, run_node
from firmware_agent.settings import SettingsError
from firmware_agent.supervisor import run_supervisor

EXIT_CANNOT = 1
EXIT_BAD_CONFIG = 2

app = typer.Typer(
    help="Chạy các nút của một thiết bị: nút đánh giá, lấy số, bảng gọi số, máy ảnh quầy, loa thôn.\n\n"
    "Run the nodes of one device: rating, ticket, display, camera, speaker.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
ConfigPath = Annotated[Path, typer.Argument(help="device.toml của thiết bị (the device's config)")]


def _load(path: Path, *, whole: bool) -> DeviceConfig:
    try:
        return load_checked(path) if whole else load_device_config(path)
    except SettingsError as error:
        typer.echo(error.report(), err=True)
        raise typer.Exit(EXIT_BAD_CONFIG) from None


@app.command()
def run(config: ConfigPath) -> None:
    """Chạy mọi nút và giữ cho chúng sống. / Run every node and keep them alive."""
    loaded = _load(config, whole=True)
    set_up_logging(loaded.device)
    raise typer.Exit(run_supervisor(config.resolve(), loaded))


@app.command()
def node(config: ConfigPath, name: Annotated[str, typer.Argument(help="tên nút (name of the node)")]) -> None:
    """Chạy một nút trong tiến trình này. / Run one node in this process (the supervisor does this)."""
    loaded = _load(config, whole=False)
    if name not in [each.name for each in loaded.nodes]:
        names = ", ".join(each.name for each in loaded.nodes)
        typer.echo(f"{config}: không có nút {name!r} (no such node); có (there are): {names}", err=True)
        raise typer.Exit(EXIT_BAD_CONFIG)
    set_up_logging(f"{loaded.device}/{name}")
    raise typer.Exit(run_node(loaded, name))


@app.command()
def export(
    config: ConfigPath,
    parcel: Annotated[
        Path, typer.Argument(help="tệp gói, ví dụ trên thẻ USB (file to write, e.g. on a stick)")
    ],
) -> None:
    """Chép mọi sự việc chưa tới hub vào một tệp. / Pack all facts that the hub does not have into a file.

    Nothing is deleted here; carry the file to the hub: commune-hub import.
    """
    loaded = _load(config, whole=False)
    clock = SystemClock()
    try:
        packed = make_parcel(loaded, load_device_identity(loaded, clock), clock, parcel)
    except (ParcelError, IdentityError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_CANNOT) from None
    typer.echo(f"{packed.path}: {packed.facts} sự việc trong {packed.batches} lô (facts in batches)")


@app.command()
def check(config: ConfigPath) -> None:
    """Kiểm tra cấu hình và chứng thư, không chạy gì. / Check config and certificates, run nothing."""
    loaded = _load(config, whole=True)
    nodes = ", ".join(f"{each.name} ({each.kind})" for each in loaded.nodes)
    typer.echo(f"{config}: tốt (good). {loaded.commune}/{loaded.device}: {nodes}")
    for line in notes(loaded):
        typer.echo(f"  lưu ý (note): {line}")


def main() -> None:
    """Entry point of the command."""
    sys.exit(app())
