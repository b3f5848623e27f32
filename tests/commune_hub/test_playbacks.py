"""What the hub keeps of playbacks and of loudspeakers, also out of a store of an earlier version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from commune_hub import ledger
from commune_hub.capabilities import bulletins, loudspeakers, playbacks
from commune_hub.capabilities.loudspeakers import Loudspeakers
from commune_hub.ledger import Ledger
from commune_hub.timekeeping import time_book
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import batch
from wire.facts import (
    Body,
    Fact,
    PlaybackCut,
    PlaybackFinished,
    PlaybackStarted,
    SpeakerConfigured,
    SpeakerReleased,
    SpeakerStopped,
    SpeakerTested,
)

PROOF: dict[str, Any] = {
    "completeness": 0.98,
    "level_dbfs": -31.5,
    "verdict": "silent",
    "fault": "horn",
    "sure": 0.9,
}


def test_the_proof_is_kept_and_outlasts_what_is_told_later(office: Office) -> None:
    told: list[Body | Fact] = [
        PlaybackStarted(bulletin="b", due_at_ms=NOON_MS, started_at_ms=NOON_MS + 7),
        PlaybackCut(bulletin="b", started_at_ms=NOON_MS + 7, sounded_ms=900, by="e", then="resume"),
        PlaybackFinished(bulletin="b", started_at_ms=NOON_MS + 7, duration_ms=4_000, underruns=2, **PROOF),
    ]
    office.ledger.take(batch(told, NOON_MS, device="loa-1", node="speaker"))
    (row,) = office.playbacks.between(NOON_MS, NOON_MS + 1)
    assert {name: row[name] for name in PROOF} == PROOF
    assert (row["due_at_ms"], row["at_ms"], row["cuts"], row["underruns"]) == (NOON_MS, NOON_MS, 1, 2)
    assert office.playbacks.between(NOON_MS + 1, NOON_MS + 2) == []
    assert office.playbacks.last_heard(NOON_MS)["loa-1"]["fault"] == "horn"
    assert office.playbacks.last_heard(NOON_MS + 1) == {}


def test_an_earlier_store_finds_the_proof_in_its_facts(tmp_path: Path) -> None:
    database = Database(tmp_path / "hub.db")
    for module in (ledger, time_book, bulletins):
        module.migrations.apply(database)
    playbacks.migrations.apply(database, stop_before="keep_the_proof")
    told = {"bulletin": "b@5", "started_at_ms": 5, "duration_ms": 6, "underruns": 0, **PROOF}
    facts = [("playback.cut", {"bulletin": "b@5"}), ("playback.finished", told)]
    facts.append(("speaker.tested", {"at_ms": 9, "verdict": "heard"}))
    for seq, (kind, body) in enumerate(facts):
        database.execute(
            "INSERT INTO facts VALUES ('loa-1', 'speaker', 'e', ?, ?, 't', ?, 7, 7, 'boot', 1, 't', 1, NULL)",
            [seq, kind, json.dumps(body)],
        )
    for sounding in ("b@5", "c"):
        database.execute(
            "INSERT INTO soundings VALUES (?, 'b', 'loa-1', 'speaker', 'finished', '', '', NULL, 5, 6, 0, 7)",
            [sounding],
        )
    database.conn.commit()
    playbacks.migrations.apply(database)
    loudspeakers.migrations.apply(database)
    rows = {row["sounding"]: row for row in database["soundings"].rows}
    assert {name: rows["b@5"][name] for name in PROOF} == PROOF
    assert rows["b@5"]["cuts"] == 1
    assert (rows["c"]["verdict"], rows["c"]["cuts"]) == (None, 0)
    (event,) = database["speaker_events"].rows
    assert (event["kind"], event["at_ms"], event["verdict"]) == ("tested", 7, "heard")


def test_a_loudspeakers_settings_stops_and_tests_are_followed(office: Office) -> None:
    own = Loudspeakers(office.store)
    book = Ledger(office.store, office.clock, [own])
    set_up = SpeakerConfigured(
        quiet_from="22:00", quiet_until="05:00:00", volume_by_hour={"05:00": 0.5}, ears=["microphone"]
    )
    sent: list[Body | Fact] = [
        set_up,
        SpeakerStopped(until_ms=NOON_MS + 1_800_000),
        SpeakerTested(at_ms=0, verdict="heard"),
    ]
    book.take(batch(sent, NOON_MS, device="loa-1", node="speaker"))
    assert own.settings() == {"loa-1": set_up}
    habits = own.habits()["loa-1"]
    assert habits.quiet is not None
    assert habits.quiet.touch(NOON_MS + 10 * 3_600_000, NOON_MS + 10 * 3_600_000 + 1)
    assert habits.volume.factor(NOON_MS) == 0.5
    stop = own.stopped()["loa-1"]
    assert (stop.at_ms, stop.until_ms) == (NOON_MS + 2, NOON_MS + 1_800_000)
    assert own.tested()["loa-1"].passed
    later: list[Body | Fact] = [
        SpeakerReleased(stopped_at_ms=NOON_MS, by="time"),
        SpeakerTested(at_ms=0, verdict="silent", fault="amplifier", level_dbfs=-60.0),
        SpeakerConfigured(),
    ]
    book.take(batch(later, NOON_MS + 10, first=4, device="loa-1", node="speaker"))
    assert own.stopped() == {}
    assert not own.tested()["loa-1"].passed
    assert own.habits()["loa-1"].quiet is None
    assert [each.kind for each in own.history("loa-1")] == ["tested", "released", "tested", "stopped"]
    assert own.history("loa-2") == []
