"""`commune-provision`: make a commune and put its devices into service."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from firmware_agent.settings import SettingsError
from provisioning.commune import Wish, make_commune
from provisioning.enrolment import enrol
from provisioning.issued import valid_until
from provisioning.order import DEVICE_DAYS, Order
from provisioning.plan import load_hub_config
from provisioning.request import make_request
from provisioning.roster import load_roster

EXIT_BAD_ORDER = 2

app = typer.Typer(
    help="Tạo một xã và đưa thiết bị vào hoạt động.\n\nMake a commune and put its devices into service.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
CommuneDir = Annotated[Path, typer.Argument(help="thư mục của xã (the commune's directory)")]
Device = Annotated[str, typer.Argument(help="tên thiết bị (its name): a-z 0-9 -")]


@contextmanager
def _told() -> Iterator[None]:
    """Tell every mistake in a line of its own and end with code 2."""
    try:
        yield
    except SettingsError as error:
        typer.echo(error.report(), err=True)
        raise typer.Exit(EXIT_BAD_ORDER) from None


@app.command()
def init(
    directory: CommuneDir,
    commune: Annotated[str, typer.Option(help="tên ngắn của xã (short name): a-z 0-9 -")],
    office: Annotated[str, typer.Option(help='tên cơ quan (name of the office), "UBND xã …"')],
    host: Annotated[
        list[str] | None,
        typer.Option(
            help="tên/địa chỉ của hub, lặp lại được (hub's names, repeatable; devices use the first)"
        ),
    ] = None,
    broker_port: Annotated[int, typer.Option(help="cổng MQTT (broker's port)")] = 8883,
    console_port: Annotated[int, typer.Option(help="cổng trang làm việc (console's port)")] = 8080,
    door_port: Annotated[int, typer.Option(help="cổng nhận tệp của thiết bị (devices' file door)")] = 8444,
    page_port: Annotated[
        int | None,
        typer.Option(help="cổng trang người dân (mã QR); bỏ trống: không có (citizens' page, absent: none)"),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(help="tệp TOML: quầy, lĩnh vực, thôn, thông báo (counters, fields, hamlets, notices)"),
    ] = None,
) -> None:
    """Tạo xã: chứng thư, khóa, cấu hình của hub. / Make a commune: certificates, keys, the hub's config."""
    hosts = tuple(host or ["127.0.0.1"])
    wish = Wish(commune, office, hosts, broker_port, console_port, door_port, plan, page_port)
    with _told():
        config = make_commune(directory, wish, datetime.now(UTC))
    typer.echo(f"Đã tạo xã (made) {config.commune}: {config.root / 'hub.toml'}")
    typer.echo(f"Hãy cất bản sao của (keep a copy, offline, of): {directory.resolve() / 'authority'}")
    typer.echo("Tiếp theo (next):")
    hub = config.root / "hub.toml"
    typer.echo(f'  commune-hub staff add {hub} quan-tri --name "Quản trị" --role administrator')
    typer.echo(f"  commune-hub run {hub}")
    typer.echo(f"  commune-provision enrol TEN-THIET-BI --commune-dir {directory} --place … --node …")


@app.command("enrol")
def enrol_command(
    device: Device,
    commune_dir: Annotated[Path, typer.Option(help="thư mục của xã (the commune's directory)")],
    place: Annotated[str, typer.Option(help="nơi đặt: quầy, thôn hoặc hall (counter, hamlet or hall)")] = "",
    node: Annotated[
        list[str] | None,
        typer.Option(help="việc của thiết bị, lặp lại được (what it does, repeatable): KIND hoặc KIND:NAME"),
    ] = None,
    series: Annotated[
        str | None, typer.Option(help="chữ cái của số thứ tự (letter of its tickets) A…Z")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="thư mục thiết bị (default: DIR/devices/DEVICE)")] = None,
    hardware: Annotated[
        str, typer.Option(help="phần cứng: pi (mặc định); sim chỉ cho commune-sim (driver; default pi)")
    ] = "",
    hardware_option: Annotated[list[str] | None, typer.Option(help="KEY=VALUE, lặp lại được")] = None,
    node_setting: Annotated[
        list[str] | None, typer.Option(help="NODE.KEY=VALUE; VALUE là JSON hoặc chữ (JSON or text)")
    ] = None,
    broker_host: Annotated[str | None, typer.Option(help="địa chỉ hub (default: of hub.toml)")] = None,
    broker_port: Annotated[int | None, typer.Option(help="cổng MQTT (default: of hub.toml)")] = None,
    lease_s: Annotated[
        int | None, typer.Option(help="sau bao nhiêu giây im lặng là mất (seconds of silence until offline)")
    ] = None,
    carrier: Annotated[
        str | None,
        typer.Option(help="mqtt, hoặc https nơi mạng chỉ cho https qua (where nothing else comes through)"),
    ] = None,
    reconnect_max_s: Annotated[
        int | None, typer.Option(help="chờ nối lại lâu nhất, giây (longest pause before reconnecting)")
    ] = None,
    days: Annotated[
        int, typer.Option(help="chứng thư dùng được bao nhiêu ngày (days of validity)")
    ] = DEVICE_DAYS,
    csr: Annotated[
        Path | None, typer.Option(help="yêu cầu chứng thư làm trên thiết bị (request made on the device)")
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="cấp lại; nơi đặt, nút, thiết lập không nêu thì như cũ, dữ liệu còn nguyên "
            "(renew; what is not named stays, and so does its data)",
        ),
    ] = False,
) -> None:
    """Cấp chứng thư và cấu hình cho thiết bị. / Give a device its certificate and its config."""
    with _told():
        nodes, settings, options = _parsed(node or [], node_setting or [], hardware_option or [])
        order = Order(
            device=device,
            commune_dir=commune_dir,
            place=place,
            nodes=nodes,
            series=series,
            out=out,
            hardware=hardware,
            hardware_options=options,
            node_settings=settings,
            broker_host=broker_host,
            broker_port=broker_port,
            lease_s=lease_s,
            reconnect_max_s=reconnect_max_s,
            carrier=carrier,
            days=days,
            csr=csr,
            replace=replace,
        )
        done = enrol(order, datetime.now(UTC))
    for note in done.notes:
        typer.echo(f"  ({note})")
    until = done.certificate.not_valid_after_utc
    typer.echo(f"Đã cấp (enrolled) {device}, đến (until) {until:%d/%m/%Y}: {done.config}")
    typer.echo(f"Tiếp theo, chép sang thiết bị (next, copy to the device): {done.config.parent}")
    typer.echo("rồi chạy ở đó (and there): firmware-agent check device.toml; firmware-agent run device.toml")


@app.command("request")
def request_command(
    device: Device, out: Annotated[Path, typer.Option(help="thư mục của thiết bị (the device's directory)")]
) -> None:
    """Làm khóa trên thiết bị và yêu cầu chứng thư. / Make a key on the device, and a request to be signed."""
    with _told():
        path = make_request(device, out)
    typer.echo(f"Hãy mang tệp này đến hub (carry to the hub): {path}")
    typer.echo(f"rồi chạy (then run): commune-provision enrol {device} --csr {path.name} …")


@app.command("list")
def list_command(directory: CommuneDir) -> None:
    """Liệt kê các thiết bị đã cấp. / List the enrolled devices."""
    with _told():
        places = load_hub_config(directory / "hub" / "hub.toml").places()
        roster = load_roster(directory / "hub" / "roster")
    table = Table("thiết bị\ndevice", "nơi đặt\nplace", "nút\nnodes", "chứng thư đến\nvalid until")
    for entry in roster:
        names = [f"{node.name} {node.series}" if node.series else node.name for node in entry.nodes]
        until = valid_until(directory / "authority", entry.device)
        ends = f"{until:%d/%m/%Y}" if until else "?"
        table.add_row(entry.device, places.get(entry.place, f"{entry.place} ?"), ", ".join(names), ends)
    Console().print(table)


Parsed = tuple[list[tuple[str, str]], dict[str, dict[str, Any]], dict[str, Any]]


def _parsed(nodes: Sequence[str], node_settings: Sequence[str], hardware_options: Sequence[str]) -> Parsed:
    """Take the repeatable options apart; raises SettingsError naming every one that has the wrong form."""
    mistakes: list[str] = []
    settings: dict[str, dict[str, Any]] = {}
    options: dict[str, Any] = {}
    for text in node_settings:
        path, equals, value = text.partition("=")
        name, dot, key = path.partition(".")
        if not (equals and dot and name and key):
            mistakes.append(_form("--node-setting", text, "NODE.KEY=VALUE"))
            continue
        settings.setdefault(name, {})[key] = _value(value)
    for text in hardware_options:
        key, equals, value = text.partition("=")
        if not (equals and key):
            mistakes.append(_form("--hardware-option", text, "KEY=VALUE"))
            continue
        options[key] = _value(value)
    if mistakes:
        raise SettingsError("enrol", mistakes)
    pairs = [text.partition(":") for text in nodes]
    return [(kind, name or kind) for kind, _, name in pairs], settings, options


def _form(option: str, found: str, allowed: str) -> str:
    return f"{option}: tìm thấy (found) {found!r}; cho phép (allowed): {allowed}"


def _value(text: str) -> Any:
    """Read a value as JSON, and as plain text where it is none: 5, true, [1, 2], /run/x, "5"."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def main() -> None:
    """Entry point of the command."""
    sys.exit(app())
