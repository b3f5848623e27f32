"""`commune-hub`: the hub of a commune, and its staff accounts."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from rich.console import Console
from rich.table import Table

from commune_hub.backup import BackupError, back_up, backup_path, restore
from commune_hub.backup_files import Done, keep_files, restore_files
from commune_hub.broker import BrokerError
from commune_hub.capabilities.staff import ROLES
from commune_hub.door import DoorError
from commune_hub.errors import HubError
from commune_hub.hub import DATABASE
from commune_hub.keeper import InUseError, alone
from commune_hub.keys import Keys, load_keys
from commune_hub.opening import EXIT_BAD_CONFIG, EXIT_CANNOT_RUN, finish_rebuilding, open_for_command
from commune_hub.parcels import ParcelRefusedError, Unpacked, make_intake
from commune_hub.plan_text import plan_as_json, print_plan
from commune_hub.reports.files import FORMATS, Wanted, write_report
from commune_hub.reports.periods import KINDS
from commune_hub.statements import DIRECTORY as STATEMENTS
from commune_hub.statements import check_statements, statement_files
from commune_hub.times import local_day, now_ms
from commune_hub.writing.speaking import open_speech, open_vietnamese
from firmware_agent.logs import set_up_logging
from firmware_agent.os_words import os_words
from firmware_agent.settings import SettingsError
from provisioning.plan import HubConfig, load_hub_config

CONSOLE_USER = "commune-hub"
"""Stands in the audit log for what was done on the hub's own command line."""

app = typer.Typer(
    help="Hub của xã: sổ sự việc, hàng chờ, bản tin, trang làm việc.\n\n"
    "The commune's hub: ledger, queue, bulletins, staff console.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
staff_app = typer.Typer(help="Tài khoản cán bộ. / Staff accounts.", no_args_is_help=True)
app.add_typer(staff_app, name="staff")

ConfigPath = Annotated[Path, typer.Argument(help="hub.toml của hub (the hub's config)")]
Account = Annotated[str, typer.Argument(help="tên tài khoản (account), a-z 0-9 . -")]
AsJson = Annotated[bool, typer.Option("--json", help="in ra JSON (print JSON)")]


def _load(path: Path) -> tuple[HubConfig, Keys]:
    """Read and check all that the hub's start depends on; end with code 2 naming every mistake."""
    reports = []
    config = keys = None
    try:
        config = load_hub_config(path)
        open_vietnamese(config)
        open_speech(config)
    except SettingsError as error:
        reports.append(error.report())
        if not path.is_file():  # keys beside a file that is not there are nobody's
            typer.echo(reports[0], err=True)
            raise typer.Exit(EXIT_BAD_CONFIG) from None
    try:
        keys = load_keys(path.resolve().parent, datetime.now(UTC))
    except SettingsError as error:
        reports.append(error.report())
    if reports or config is None or keys is None:
        typer.echo("\n".join(reports), err=True)
        raise typer.Exit(EXIT_BAD_CONFIG)
    return config, keys


@app.command()
def run(config: ConfigPath) -> None:
    """Chạy hub, cùng máy chủ MQTT của nó. / Run the hub, and its MQTT broker."""
    from commune_hub.serve import ServeError, run_hub  # the console takes longer to load than all else

    loaded, keys = _load(config)
    set_up_logging("hub")
    try:
        with alone(loaded.root):
            run_hub(open_for_command(loaded, is_mine=True), keys)
    except (BrokerError, DoorError, InUseError, ServeError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_CANNOT_RUN) from None


@app.command()
def check(config: ConfigPath) -> None:
    """Kiểm tra cấu hình và khóa, không chạy gì. / Check config and keys, run nothing."""
    loaded, _ = _load(config)
    typer.echo(f"{config}: tốt (good). {loaded.office}")
    if loaded.page is not None:
        typer.echo(
            f"Trang người dân (citizens' page): {loaded.page.begins}…, "
            f"mở ở (listens on) {loaded.page.host}:{loaded.page.port}"
        )


@app.command("import")
def import_parcels(
    config: ConfigPath,
    parcels: Annotated[list[Path], typer.Argument(help="tệp gói từ firmware-agent export (parcels)")],
) -> None:
    """Nhập gói sự việc từ thẻ USB. / Take facts that came on a USB stick.

    In any order, any number of times; also while the hub runs. A parcel that was cut gives its whole lines.
    """
    capabilities = open_for_command(_load(config)[0])
    failed = False
    for path in parcels:
        try:
            with path.open("rb") as file:
                _tell_unpacked(path, make_intake(capabilities).unpack(file, str(path)))
        except OSError as error:
            typer.echo(f"{path}: không đọc được (cannot be read): {os_words(error)}", err=True)
            failed = True
        except ParcelRefusedError as error:
            typer.echo(str(error), err=True)
            failed = True
    capabilities.fleet.save_refusals()
    if failed:
        raise typer.Exit(EXIT_CANNOT_RUN)


def _tell_unpacked(path: Path, found: Unpacked) -> None:
    typer.echo(
        f"{path}: {found.device}: {found.batches}/{found.batches_named} lô (batches), "
        f"{found.new} sự việc mới (new), {found.known} đã có (known)"
    )
    if found.missing:
        facts = "" if found.facts_missing is None else f", {found.facts_missing} sự việc (facts)"
        typer.echo(f"  thiếu {found.missing} lô (batches){facts}: tệp bị cắt (not there, the file was cut)")
    if found.waiting:
        typer.echo(
            f"  {found.waiting} sự việc đợi phần còn thiếu phía trước (wait for what is missing before)"
        )
    for reason, count in sorted(found.refused.items()):
        typer.echo(f"  từ chối {count} dòng (lines refused): {reason}")


@app.command()
def statements(
    config: ConfigPath,
    seal: Annotated[
        Path | None, typer.Option(help="khóa niêm phong công khai (public seal); mặc định của hub")
    ] = None,
    without_store: Annotated[
        bool, typer.Option("--without-store", help="không băm lại sổ (chain only)")
    ] = False,
) -> None:
    """Kiểm các bản kê hằng ngày: niêm phong, nối nhau, và sổ còn như đã kê. / Check the daily statements.

    Exit code 0: all is right. 1: something is not, each in a line.
    """
    loaded = _load(config)[0]
    public = load_pem_public_key((seal or loaded.root / "identity" / "seal.pub").read_bytes())
    if not isinstance(public, Ed25519PublicKey):
        typer.echo("--seal: cần khóa Ed25519 (an Ed25519 public key is needed)", err=True)
        raise typer.Exit(EXIT_BAD_CONFIG)
    store = None if without_store else open_for_command(loaded).store
    mistakes = check_statements(loaded.root / STATEMENTS, public, store)
    for line in mistakes:
        typer.echo(line, err=True)
    count = len(statement_files(loaded.root / STATEMENTS))
    typer.echo(f"{count} bản kê (statements), {len(mistakes)} lỗi (mistakes)")
    raise typer.Exit(EXIT_CANNOT_RUN if mistakes else 0)


@app.command()
def backup(
    config: ConfigPath,
    to: Annotated[Path | None, typer.Option(help="tệp đích; mặc định: backups/ của hub (where to)")] = None,
) -> None:
    """Sao lưu ngay, cả khi hub đang chạy. / Back up now, also while the hub runs.

    The store, pictures, sounds and statements.
    """
    loaded = _load(config)[0]
    target = to or backup_path(loaded.root, local_day(now_ms()))
    try:
        typer.echo(f"{back_up(loaded.root / DATABASE, target)}: tốt (good)")
        _tell_files(keep_files(loaded.root, target))
    except (BackupError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_CANNOT_RUN) from None


def _tell_files(done: Done) -> None:
    """Say what became of the files of a backup; end with code 1 naming those that are not whole."""
    typer.echo(f"{done.files} tệp: ảnh, âm thanh, bản kê (files), {done.new} mới (new)")
    for line in done.mistakes:
        typer.echo(line, err=True)
    if done.mistakes:
        raise typer.Exit(EXIT_CANNOT_RUN)


@app.command("restore")
def restore_backup(
    config: ConfigPath,
    backup: Annotated[Path, typer.Argument(help="bản sao lưu để lấy lại (the backup)")],
    yes: Annotated[bool, typer.Option("--yes", help="không hỏi lại (do not ask)")] = False,
) -> None:
    """Lấy lại một bản sao lưu; kho hiện tại được cất riêng. / Restore a backup, keep the present store.

    Facts that came after the backup and that devices no longer hold are then missing, and shown as lost.
    """
    loaded = _load(config)[0]
    if not yes:
        typer.confirm(f"Thay kho dữ liệu bằng {backup}? (Replace the store?)", abort=True)
    try:
        with alone(loaded.root):
            finish_rebuilding(loaded, is_mine=True)
            suffix = f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}"
            aside = restore(backup, loaded.root / DATABASE, suffix)
            files = restore_files(loaded.root, backup, suffix)
    except (BackupError, InUseError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_CANNOT_RUN) from None
    typer.echo(f"Đã khôi phục (restored): {backup}; bản trước ở (the former is at): {aside or '—'}")
    _tell_files(files)


@app.command()
def report(
    config: ConfigPath,
    kind: Annotated[str, typer.Option(help=f"loại (kind): {', '.join(KINDS)}")],
    period: Annotated[str, typer.Option(help="kỳ (period): 2026-W41, 2026-10, 2026-Q3, 2026-H1, 2026")],
    out: Annotated[Path, typer.Option(help="tệp sẽ ghi (file to write)")],
    form: Annotated[str, typer.Option("--format", help=f"dạng tệp (format): {', '.join(FORMATS)}")] = "pdf",
    begins: Annotated[
        int | None, typer.Option(help="tháng tính từ ngày 1 hay 15 (1 or 15); mặc định theo hub.toml")
    ] = None,
) -> None:
    """Làm báo cáo của một kỳ ra tệp; kỳ đã chốt thì lấy bản đã chốt. / Write a period's report to a file."""
    loaded = _load(config)[0]
    reports = open_for_command(loaded).reports
    try:
        with Console(stderr=True).status("Đang tính và ghi báo cáo… (computing and writing the report)"):
            told = write_report(reports, loaded.reports, Wanted(kind, period, form, begins), out)
    except HubError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_BAD_CONFIG) from None
    except OSError as error:
        typer.echo(f"{out}: không ghi được (cannot be written): {os_words(error)}", err=True)
        raise typer.Exit(EXIT_CANNOT_RUN) from None
    typer.echo(told)


@app.command()
def plan(
    config: ConfigPath,
    days: Annotated[int, typer.Option(min=1, max=31, help="số ngày tới (days ahead)")] = 7,
    as_json: AsJson = False,
) -> None:
    """Tất cả những gì sẽ phát trên loa trong những ngày tới. / All that will sound in the next days."""
    capabilities = open_for_command(_load(config)[0])
    found = capabilities.plan(days)
    if as_json:
        typer.echo(json.dumps(plan_as_json(found), ensure_ascii=False))
        return
    print_plan(found, capabilities.speaker_places(), Console())


@staff_app.command("add")
def staff_add(
    config: ConfigPath,
    account: Account,
    name: Annotated[str, typer.Option(help="tên hiện trên màn hình (name to show)")],
    role: Annotated[list[str], typer.Option(help=f"vai trò, có thể nhiều (one or more): {', '.join(ROLES)}")],
    as_json: AsJson = False,
) -> None:
    """Tạo tài khoản; mật khẩu được tạo ra và chỉ hiện một lần. / Make an account; its password shows once."""
    capabilities = open_for_command(_load(config)[0])
    try:
        password = capabilities.staff.add(account, name, role, by=CONSOLE_USER)
    except HubError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_BAD_CONFIG) from None
    _tell_password(account, password, as_json)


@staff_app.command("reset-password")
def staff_reset_password(config: ConfigPath, account: Account, as_json: AsJson = False) -> None:
    """Tạo mật khẩu mới cho tài khoản. / Make a new password for an account."""
    capabilities = open_for_command(_load(config)[0])
    try:
        password = capabilities.staff.reset_password(account, by=CONSOLE_USER)
    except HubError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_BAD_CONFIG) from None
    _tell_password(account, password, as_json)


@staff_app.command("list")
def staff_list(config: ConfigPath) -> None:
    """Liệt kê tài khoản. / List the accounts."""
    table = Table("tài khoản\naccount", "tên\nname", "vai trò\nroles", "đang dùng\nactive")
    for member in open_for_command(_load(config)[0]).staff.members():
        roles = ", ".join(ROLES[role] for role in sorted(member.roles))
        table.add_row(member.account, member.name, roles, "✓" if member.active else "—")
    Console().print(table)


def _tell_password(account: str, password: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"account": account, "password": password}))
        return
    typer.echo(f"Tài khoản {account} đã sẵn sàng; mật khẩu chỉ hiện lần này. (Shown only now.)")
    typer.echo(f"password: {password}")


def main() -> None:
    """Entry point of the command."""
    sys.exit(app())
