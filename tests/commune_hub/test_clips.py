"""Clips: kept only under their true hash, shown only to leaders, every look noted."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from commune_hub.capabilities import clips as clips_module
from commune_hub.capabilities.clips import DAY_MS, Clips
from commune_hub.errors import ForbiddenError, FullError, InvalidError, MissingError
from tests.commune_hub.conftest import NOON_MS, Office, member
from tests.commune_hub.facts import batch
from wire.facts import ClipRecorded

CONTENT = b"a clip" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
LEADER = member("lanh-dao", "leader")


def tell(office: Office, started_at_ms: int = NOON_MS) -> None:
    body = ClipRecorded(
        counter="quay-1",
        file="x.mp4",
        sha256=SHA256,
        size_bytes=len(CONTENT),
        started_at_ms=started_at_ms,
        duration_ms=4_000,
    )
    office.ledger.take(batch([body], NOON_MS, node="camera"))


def bring(office: Office, content: bytes = CONTENT) -> None:
    with office.clips.arriving(SHA256) as arrival:
        for start in range(0, len(content), 512):
            arrival.write(content[start : start + 512])
        arrival.finish()


def leftovers(office: Office) -> list[Path]:
    return list((office.store.path.parent / "clips").glob("*.part"))


def test_told_then_here(office: Office) -> None:
    tell(office)
    assert [clip.here for clip in office.clips.latest(LEADER)] == [False]
    bring(office)
    assert [clip.here for clip in office.clips.latest(LEADER)] == [True]
    assert office.clips.look(SHA256, LEADER).read_bytes() == CONTENT
    assert leftovers(office) == []


def test_a_clip_is_announced_by_its_own_device_and_by_no_other(office: Office) -> None:
    assert not office.clips.announced(SHA256, "quay-1-pi")
    tell(office)
    assert office.clips.announced(SHA256, "quay-1-pi")
    assert not office.clips.announced(SHA256, "quay-2-pi")


def test_a_clip_is_deleted_when_its_days_are_over_and_that_is_noted(office: Office) -> None:
    tell(office)
    bring(office)
    assert office.clips.forget_old(NOON_MS + 7 * DAY_MS, 7) == 0
    assert office.clips.forget_old(NOON_MS + 7 * DAY_MS + 1, 7) == 1
    assert not office.clips.has(SHA256)
    assert [clip.here for clip in office.clips.latest(LEADER)] == [False], "that there was one stays known"
    line = office.audit.latest()[0]
    assert (line["account"], line["action"], line["subject"]) == ("hub", "clip.deleted", SHA256)


@pytest.mark.parametrize("told", [True, False])
def test_a_clip_of_unknown_time_or_that_nobody_told_of_is_as_old_as_its_file(
    office: Office, told: bool
) -> None:
    if told:
        tell(office, started_at_ms=0)
    bring(office)
    file = office.store.path.parent / "clips" / f"{SHA256}.mp4"
    os.utime(file, (NOON_MS / 1_000, NOON_MS / 1_000))
    assert office.clips.forget_old(NOON_MS + DAY_MS, 1) == 0
    assert office.clips.forget_old(NOON_MS + DAY_MS + 1_000, 1) == 1


def test_wrong_content_is_not_kept(office: Office) -> None:
    tell(office)
    with pytest.raises(InvalidError, match="sha256"):
        bring(office, CONTENT + b"!")
    assert not office.clips.has(SHA256)
    assert leftovers(office) == []


def test_too_large_is_not_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips_module, "CLIP_MAX_BYTES", 1_000)
    with pytest.raises(InvalidError, match="1000"):
        bring(office)
    assert leftovers(office) == []


def test_a_disk_that_is_nearly_full_is_left_to_the_facts(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(office)
    monkeypatch.setattr(clips_module, "ROOM_KEPT_BYTES", 2**62)
    with pytest.raises(FullError):
        bring(office)
    assert not office.clips.has(SHA256)
    assert leftovers(office) == []


def test_another_process_leaves_alone_what_is_coming_in(office: Office) -> None:
    """The command line opens the capabilities too, while the hub runs."""
    with office.clips.arriving(SHA256) as arrival:
        arrival.write(CONTENT)
        Clips(office.store, office.audit, office.store.path.parent / "clips")
        arrival.finish()
    assert office.clips.has(SHA256)


def test_what_was_cut_off_is_thrown_away_before_the_door_opens(office: Office) -> None:
    leftover = office.store.path.parent / "clips" / f"{SHA256}.0.part"
    leftover.write_bytes(b"half")
    office.clips.tidy()
    assert leftovers(office) == []


def test_only_leaders_look_and_each_look_is_noted(office: Office) -> None:
    tell(office)
    bring(office)
    for other in (member("can-bo", "officer"), member("ky-thuat", "technician")):
        with pytest.raises(ForbiddenError):
            office.clips.look(SHA256, other)
        with pytest.raises(ForbiddenError):
            office.clips.latest(other)
    office.clips.look(SHA256, LEADER)
    line = office.audit.latest()[0]
    assert (line["account"], line["action"], line["subject"]) == ("lanh-dao", "clip.viewed", SHA256)


@pytest.mark.parametrize("sha256", [SHA256, "0" * 64, "../hub", ""])
def test_what_is_not_here_cannot_be_seen(office: Office, sha256: str) -> None:
    with pytest.raises(MissingError):
        office.clips.look(sha256, LEADER)
