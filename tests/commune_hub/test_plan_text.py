"""`commune-hub plan`: the week for a terminal, whatever titles hold."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from typer.testing import CliRunner

from commune_hub.cli import app
from commune_hub.hub import open_capabilities
from commune_hub.plan_text import print_plan, warnings
from commune_hub.times import LOCAL, local_time, now_ms, to_ms
from commune_hub.timetable.coming import Plan
from commune_hub.timetable.plan import Clash, Sounding
from commune_hub.timetable.rules import make_rule
from commune_hub.writing.bulletin_draft import Draft, How
from provisioning.commune import Wish, make_commune
from provisioning.roster import RosterEntry, RosterNode, write_roster_entry
from tests.commune_hub.conftest import member

EDITOR = member("bien-tap", "editor")


def test_the_plan_of_the_week_names_all_that_will_sound_and_what_is_wrong(tmp_path: Path) -> None:
    wish = Wish(commune="xuan-luong", office="UBND xã Xuân Lương")
    config = make_commune(tmp_path / "xa", wish, datetime.now(UTC) - timedelta(seconds=1))
    place = config.hamlets[0].id
    entry = RosterEntry(device="loa-1", place=place, nodes=[RosterNode(name="speaker", kind="speaker")])
    write_roster_entry(config.root / "roster", entry)
    capabilities = open_capabilities(config)
    today = local_time(now_ms()).date()
    rule = make_rule("FREQ=DAILY", ["23:30"], today + timedelta(days=1), today + timedelta(days=2))
    for title in ("[/red] [bold]Mời họp", "Lịch tiêm"):
        made = capabilities.bulletins.write(
            Draft(title, "Mời bà con.", (place,), None, How(rule=rule)), EDITOR, [place]
        )
        capabilities.bulletins.submit(made.id, EDITOR)
    capabilities.store.close()
    hub_toml = str(config.root / "hub.toml")
    shown = CliRunner().invoke(app, ["plan", hub_toml], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    for told in ("[/red] [bold]Mời họp", "23:30:00", "chờ duyệt", "Chồng nhau", "Giờ yên tĩnh"):
        assert told in shown.output
    weekday = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")[rule.first.weekday()]
    assert f"{weekday} {rule.first:%d/%m}" in shown.output
    told = json.loads(CliRunner().invoke(app, ["plan", hub_toml, "--json"]).output)
    assert len(told["soundings"]) == 4
    assert {tuple(each["places"]) for each in told["soundings"]} == {("loa-1",)}
    assert (len(told["clashes"]), len(told["quiet"])) == (2, 4)


def test_what_is_wrong_at_the_same_hour_of_several_days_is_one_line_and_pages_say_it_in_vietnamese() -> None:
    days = [to_ms(datetime(2026, 11, day, 22, 15, tzinfo=LOCAL)) for day in (23, 24, 25, 26)]
    late = [Sounding("b", "Cắt điện", at_ms, 8_000, ("loa-1",), "urgent", True) for at_ms in days]
    clash = Clash(late[0], replace(late[0], title="Họp thôn"), ("loa-1",))
    plan = Plan(tuple(late), (clash,), tuple(late))
    places = {"loa-1": "Loa 1"}
    assert warnings(plan, places, english=False) == [
        "Chồng nhau: “Cắt điện” và “Họp thôn” lúc 22:15 ngày 23/11 tại Loa 1",
        "Giờ yên tĩnh, loa sẽ không phát: “Cắt điện” lúc 22:15 trong 4 ngày, từ 23/11 đến 26/11, tại Loa 1",
    ]
    assert warnings(plan, places)[0].startswith("Chồng nhau (clash): ")


def test_an_empty_plan_is_said_in_words() -> None:
    console = Console(file=io.StringIO(), width=100)
    print_plan(Plan((), (), ()), {}, console)
    assert "Không có gì sẽ phát" in console.file.getvalue()  # type: ignore[attr-defined]
