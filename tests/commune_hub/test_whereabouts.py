"""Where each device stood is known from the roster's files, and each loudspeaker owes by it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.capabilities.fleet import Fleet
from commune_hub.proof.asking import asked_of
from commune_hub.proof.sheet import make_lines
from commune_hub.whereabouts import Stays
from commune_hub.writing.bulletin_draft import Draft
from provisioning.roster import RosterEntry, RosterNode, write_roster_entry
from tests.commune_hub.conftest import NOON_MS, Office, member

HOUR_MS = 3_600_000
EDITOR, APPROVER = member("bien-tap", "editor"), member("lanh-dao", "approver")
SPEAKER = [RosterNode(name="speaker", kind="speaker")]
REFUSED = {
    **dict.fromkeys(("started_at_ms", "duration_ms", "completeness", "underruns", "level_dbfs", "sure")),
    **dict.fromkeys(("reason", "detail", "verdict", "fault"), ""),
    "sounding": "x",
    "bulletin": "x",
    "device": "loa-1",
    "at_ms": NOON_MS,
    "outcome": "refused",
    "cuts": 0,
}


class Roster:
    """The roster's directory, as enrolment writes it."""

    def __init__(self, office: Office, directory: Path) -> None:
        self.office = office
        self.directory = directory
        directory.mkdir()
        self.fleet = Fleet(office.store, office.clock, directory)

    def put(self, device: str, place: str, at_ms: int) -> None:
        write_roster_entry(self.directory, RosterEntry(device=device, place=place, nodes=SPEAKER))
        os.utime(self.directory / f"{device}.toml", ns=(at_ms * 1_000_000,) * 2)
        self.fleet.whereabouts.note()

    def stood(self, device: str) -> tuple[tuple[int, str], ...]:
        again = Fleet(self.office.store, self.office.clock, self.directory)
        stays = self.fleet.whereabouts.stays()
        assert again.whereabouts.stays() == stays, "a hub that starts anew knows the same"
        return stays[device].known


@pytest.fixture
def roster(office: Office, tmp_path: Path) -> Roster:
    return Roster(office, tmp_path / "roster")


def sounded(office: Office, place: str, at_ms: int) -> Bulletin:
    draft = Draft("Họp", "Mời bà con đi họp.", (place,), at_ms)
    made = office.bulletins.write(draft, EDITOR, ["thon-dong", "thon-tay", "loa-1"])
    office.bulletins.submit(made.id, EDITOR)
    return office.bulletins.approve(made.id, APPROVER, office.bulletins.get(made.id).version)


def owed(bulletin: Bulletin, stays: Mapping[str, Stays]) -> list[tuple[str, str]]:
    asked = asked_of(bulletin, stays, NOON_MS, NOON_MS + 100 * HOUR_MS)
    return [(each.device, each.place) for each in asked]


def test_a_loudspeaker_that_was_moved_owes_what_sounded_where_it_stood_then(
    office: Office, roster: Roster
) -> None:
    east = [sounded(office, "thon-dong", NOON_MS + hours * HOUR_MS) for hours in (1, 3)]
    west = [sounded(office, "thon-tay", NOON_MS + hours * HOUR_MS) for hours in (1, 3)]
    own = [sounded(office, "loa-1", NOON_MS + hours * HOUR_MS) for hours in (1, 3)]
    roster.put("loa-1", "thon-dong", NOON_MS)
    roster.put("loa-2", "thon-tay", NOON_MS)
    office.clock.at_ms = NOON_MS + 4 * HOUR_MS
    roster.put("loa-1", "thon-tay", NOON_MS + 2 * HOUR_MS)
    stays = roster.fleet.whereabouts.stays()
    assert [owed(each, stays) for each in east] == [[("loa-1", "thon-dong")], []]
    there = [("loa-1", "thon-tay"), ("loa-2", "thon-tay")]
    assert [owed(each, stays) for each in west] == [there[1:], there]
    assert [owed(each, stays) for each in own] == [[("loa-1", "thon-dong")], there[:1]]
    (line,) = make_lines([], [REFUSED], stays, {}, NOON_MS)
    assert line.asked.place == "thon-dong", "what it told of stands where it stood"


def test_a_file_that_is_written_anew_moves_nothing(office: Office, roster: Roster) -> None:
    roster.put("loa-1", "thon-dong", NOON_MS - HOUR_MS)
    roster.put("loa-1", "thon-dong", NOON_MS)
    assert roster.stood("loa-1") == ((NOON_MS - HOUR_MS, "thon-dong"),)


@pytest.mark.parametrize("written_ms", [0, NOON_MS - 2 * HOUR_MS, NOON_MS + 9 * HOUR_MS])
def test_a_file_from_another_time_makes_no_other_past(
    office: Office, roster: Roster, written_ms: int
) -> None:
    roster.put("loa-1", "thon-dong", NOON_MS - HOUR_MS)
    office.clock.at_ms = NOON_MS + HOUR_MS
    roster.put("loa-1", "thon-tay", written_ms)
    came = (NOON_MS - HOUR_MS, "thon-dong")
    assert roster.stood("loa-1") == (came, (NOON_MS + HOUR_MS, "thon-tay"))
    office.clock.at_ms = NOON_MS - 9 * HOUR_MS
    roster.put("loa-1", "thon-dong", written_ms + 1)
    assert roster.stood("loa-1")[-1] == (NOON_MS + HOUR_MS + 1, "thon-dong"), "the hub's own clock went back"
    (roster.directory / "loa-1.toml").unlink()
    assert len(roster.stood("loa-1")) == 3, "who leaves the roster is remembered"


def test_a_disk_that_is_full_holds_nobody_up(
    office: Office, roster: Roster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(office.store, "execute", refuse)
        roster.put("loa-1", "thon-dong", NOON_MS - HOUR_MS)
        assert roster.fleet.whereabouts.stays() == {}
    assert roster.stood("loa-1") == ((NOON_MS - HOUR_MS, "thon-dong"),)


def refuse(*_: object) -> int:
    raise sqlite3.OperationalError("database or disk is full")


def test_who_was_heard_before_its_file_was_written_was_there() -> None:
    stays = Stays(((NOON_MS, "thon-dong"), (NOON_MS + HOUR_MS, "thon-tay")))
    earlier = stays.there_since(NOON_MS - HOUR_MS)
    assert earlier.since_ms == NOON_MS - HOUR_MS
    assert [earlier.place_at(NOON_MS + hours * HOUR_MS) for hours in (-9, 0, 1)] == [
        "thon-dong",
        "thon-dong",
        "thon-tay",
    ]
    assert stays.there_since(NOON_MS + 9 * HOUR_MS) == stays
