"""Speaking live: who may, when, one at a time, no faster than time; and what is kept of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from commune_hub.api.bulletin_shapes import BulletinIn, LiveIn
from commune_hub.capabilities import live as live_module
from commune_hub.capabilities.bulletins import Bulletin, Bulletins
from commune_hub.capabilities.live import AWAY_MS, LEFT_MS, SAMPLE_MAX_BYTES, Live, Turn
from commune_hub.documents.programme import compose_programme
from commune_hub.errors import ConflictError, ForbiddenError, HubError, InvalidError, MissingError
from commune_hub.times import DAY_MS, local_time
from commune_hub.timetable.rules import make_rule
from commune_hub.writing.bulletin_draft import Draft, How
from tests.commune_hub.conftest import NOON_MS, Office, member
from wire import intents
from wire.codec import WireError
from wire.live import PIECE_MAX_BYTES, Piece, pack, unpack

LAN, MINH, HOA = member("lan", "editor"), member("minh", "approver"), member("hoa", "editor")
PLACES = {"thon-dong": "Thôn Đông"}
WINDOW = intents.Live(lasts_ms=120_000, delay_ms=3_000)
RATE_HZ = 44_100
FIFTH = RATE_HZ // 5


@dataclass
class Desk:
    """The office at noon: a window opens in a minute."""

    office: Office
    live: Live
    directory: Path

    def window(self, after_ms: int = 60_000, state: str = "approved", **how: object) -> Bulletin:
        made = How(live=WINDOW, **how)  # type: ignore[arg-type]
        at_ms = None if made.rule else self.office.clock.at_ms + after_ms
        bulletins: Bulletins = self.office.bulletins
        draft = Draft("Nói chuyện", "Chủ tịch nói chuyện", ("thon-dong",), at_ms, made)
        found = bulletins.write(draft, LAN, PLACES)
        if state != "draft":
            found = bulletins.submit(found.id, LAN)
        return bulletins.approve(found.id, MINH, found.version) if state == "approved" else found

    def later(self, by_ms: int) -> None:
        self.office.clock.at_ms += by_ms

    def say(self, turn: Turn, fifths: int, first: int = 0, level: int = 8_000) -> None:
        """Let so many fifths of a second pass, and bring what was said in each."""
        wave = (level * np.sin(np.arange(FIFTH) / 15)).astype("<i2").tobytes()
        for index in range(first, first + fifths):
            self.later(200)
            self.live.hear(turn, index * FIFTH, RATE_HZ, wave)


@pytest.fixture
def desk(office: Office, tmp_path: Path) -> Desk:
    directory = tmp_path / "live"
    return Desk(
        office, Live(office.store, office.clock, office.audit, office.bulletins, directory), directory
    )


def test_what_was_said_is_kept_under_its_hash_with_who_and_when(desk: Desk) -> None:
    one = desk.window()
    desk.later(61_000)
    turn = desk.live.take_turn(one.id, LAN)
    desk.say(turn, 10)
    speech = desk.live.speech(one.id)
    assert speech is not None
    assert (speech.began_at_ms, speech.lasts_ms) == (NOON_MS + 61_000, 2_000.0)
    pieces = speech.since(0)
    assert [each.number for each in pieces] == list(range(len(pieces)))
    assert 97 <= len(pieces) <= 100
    assert speech.since(90)[0].number == 90
    assert speech.since(10_000) == []
    desk.live.end(one.id, HOA)
    (row,) = desk.live.held(one.id)
    path = desk.live.record(row["sha256"])
    assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
    assert soundfile.info(path).duration == pytest.approx(2.0, abs=0.1)
    assert (row["account"], row["ended_by"], row["duration_ms"]) == ("lan", "hoa", len(pieces) * 20)
    assert [each["action"] for each in desk.office.audit.latest(2)] == ["live.ended", "live.began"]
    with pytest.raises(ConflictError, match="kết thúc"):
        desk.live.take_turn(one.id, LAN)


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_nobody_speaks_what_nobody_approved(desk: Desk, state: str) -> None:
    one = desk.window(0, state)
    with pytest.raises(ConflictError, match="phê duyệt"):
        desk.live.take_turn(one.id, MINH)


def test_only_in_the_window_and_only_who_may(desk: Desk) -> None:
    one = desk.window()
    with pytest.raises(ConflictError, match="Chưa đến giờ"):
        desk.live.take_turn(one.id, LAN)
    desk.later(60_000)
    for other in (member("can-bo", "officer"), member("sep", "leader")):
        with pytest.raises(ForbiddenError):
            desk.live.take_turn(one.id, other)
    turn = desk.live.take_turn(one.id, MINH)
    desk.later(WINDOW.lasts_ms - 401)
    desk.say(turn, 2)
    desk.live.look()
    assert desk.live.speaker() == "minh"
    desk.later(1)
    desk.live.look()
    assert desk.live.speaker() is None
    with pytest.raises(ConflictError):
        desk.say(turn, 1, first=2)
    with pytest.raises(ConflictError, match="đã qua"):
        desk.live.window(one.id)


def test_a_withdrawal_ends_it_at_once(desk: Desk) -> None:
    one = desk.window(0)
    turn = desk.live.take_turn(one.id, LAN)
    desk.say(turn, 2)
    desk.office.bulletins.withdraw(one.id, MINH)
    with pytest.raises(ConflictError):
        desk.say(turn, 1, first=2)
    assert desk.live.speaker() is None


def test_one_at_a_time_until_he_is_gone_but_an_emergency_goes_before(desk: Desk) -> None:
    one, two = desk.window(0), desk.window(0)
    turn = desk.live.take_turn(one.id, LAN)
    desk.say(turn, 2)
    with pytest.raises(ConflictError, match="lan đang nói"):
        desk.live.take_turn(one.id, HOA)
    with pytest.raises(ConflictError, match="lan đang nói"):
        desk.live.take_turn(two.id, HOA)
    again = desk.live.take_turn(one.id, LAN)
    with pytest.raises(ConflictError, match="nơi khác"):
        desk.say(turn, 1, first=2)
    desk.say(again, 1)
    flood = desk.window(0, priority="emergency")
    desk.live.take_turn(flood.id, HOA)
    assert desk.live.over(one.id)
    desk.later(AWAY_MS + 1)
    desk.live.take_turn(two.id, MINH)


def test_a_hole_is_silence_as_long_and_a_page_opened_anew_goes_on_at_its_time(desk: Desk) -> None:
    one = desk.window(0)
    turn = desk.live.take_turn(one.id, LAN)
    desk.say(turn, 5)
    desk.later(1_000)
    desk.say(turn, 5, first=10)
    speech = desk.live.speech(one.id)
    assert speech is not None
    assert speech.lasts_ms == pytest.approx(3_000, abs=1)
    desk.say(turn, 0)
    desk.live.hear(turn, 14 * FIFTH, RATE_HZ, b"\1\0" * FIFTH)
    assert speech.lasts_ms == pytest.approx(3_000, abs=1), "what came twice counts once"
    desk.later(2_000)
    desk.say(desk.live.take_turn(one.id, LAN), 1)
    assert speech.lasts_ms == pytest.approx(5_200, abs=1)
    desk.later(LEFT_MS + 1)
    desk.live.look()
    assert speech.ended
    assert [len(each.packet) > 0 for each in speech.since(0)].count(False) == 0
    assert speech.end_piece.is_end


def test_who_says_the_same_again_and_again_has_left(desk: Desk) -> None:
    one = desk.window(0)
    turn = desk.live.take_turn(one.id, LAN)
    desk.say(turn, 2)
    for _ in range(2):
        desk.later(LEFT_MS // 2)
        desk.live.hear(turn, 0, RATE_HZ, bytes(FIFTH * 2))
    desk.later(1)
    with pytest.raises(ConflictError, match="kết thúc"):
        desk.live.hear(turn, 30 * 5 * FIFTH, RATE_HZ, bytes(FIFTH * 2))
    assert desk.live.speaker() is None


@pytest.mark.parametrize(
    ("from_frame", "rate_hz", "content"),
    [
        (0, 7_999, b"\0\0"),
        (0, 96_001, b"\0\0"),
        (2**40, RATE_HZ, b"\0\0"),
        (0, RATE_HZ, b""),
        (0, RATE_HZ, b"\0\0\0"),
        (0, RATE_HZ, bytes(SAMPLE_MAX_BYTES + 2)),
        (100 * RATE_HZ, RATE_HZ, bytes(FIFTH * 2)),
    ],
)
def test_what_no_microphone_brings_is_refused(
    desk: Desk, from_frame: int, rate_hz: int, content: bytes
) -> None:
    one = desk.window(0)
    turn = desk.live.take_turn(one.id, LAN)
    desk.say(turn, 1)
    with pytest.raises(InvalidError):
        desk.live.hear(turn, from_frame, rate_hz, content)
    desk.say(turn, 1, first=1)


def test_each_time_of_a_rule_is_a_window_of_its_own(desk: Desk) -> None:
    day = local_time(NOON_MS).date()
    rule = make_rule("FREQ=DAILY", ["12:01", "17:00"], day, day)
    one = desk.window(rule=rule)
    first = desk.live.window(one.id)
    assert (first.sounding, first.from_ms) == (f"{one.id}@{NOON_MS + 60_000}", NOON_MS + 60_000)
    desk.later(61_000)
    desk.say(desk.live.take_turn(one.id, LAN), 1)
    desk.live.end(one.id, LAN)
    desk.later(WINDOW.lasts_ms)
    second = desk.live.window(one.id)
    assert second.from_ms == NOON_MS + 5 * 3_600_000
    assert not desk.live.over(second.sounding)


def test_the_programme_holds_the_window_sealed_with_its_approval_and_no_words(desk: Desk) -> None:
    one = desk.window()
    (told,) = compose_programme([one], ["thon-dong"], NOON_MS).bulletins
    assert (told.live, told.spoken) == (WINDOW, "")
    assert told.late_until_ms - told.at_ms == WINDOW.lasts_ms
    assert told.approved is not None
    assert told.approved.by == "minh"
    with pytest.raises(InvalidError, match="either a sound, a relay or live"):
        desk.window(relay=intents.Relay(url="http://127.0.0.1/x", lasts_ms=60_000))


def test_the_api_takes_a_window() -> None:
    sent = BulletinIn(title="a", text="b", places=["x"], live=LiveIn(lasts_s=120, delay_s=2.5))
    draft = sent.draft(lambda sha256: pytest.fail(f"no sound is named: {sha256}"), lambda _draft: None)
    assert draft.how.live == intents.Live(lasts_ms=120_000, delay_ms=2_500)


def test_a_record_that_a_power_cut_ended_is_kept_too(desk: Desk) -> None:
    one = desk.window(0)
    desk.say(desk.live.take_turn(one.id, LAN), 60)
    office = desk.office
    after = Live(office.store, office.clock, office.audit, office.bulletins, desk.directory)
    after.tidy()
    (row,) = after.held(one.id)
    assert row["sha256"] == hashlib.sha256(after.record(row["sha256"]).read_bytes()).hexdigest()
    assert after.over(one.id)


def test_records_go_after_their_days_or_when_there_are_too_many(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = []
    for level in (3_000, 6_000):
        one = desk.window(0)
        desk.say(desk.live.take_turn(one.id, LAN), 20, level=level)
        desk.live.end(one.id, LAN)
        hashes.append(desk.live.held(one.id)[0]["sha256"])
    monkeypatch.setattr(live_module, "KEPT_MAX_BYTES", desk.live.held(one.id)[0]["size_bytes"])
    desk.live.forget_old()
    with pytest.raises(MissingError):
        desk.live.record(hashes[0])
    assert desk.live.record(hashes[1]).exists()
    desk.later(live_module.KEPT_DAYS * DAY_MS + 10_000)
    desk.live.forget_old()
    with pytest.raises(HubError):
        desk.live.record(hashes[1])
    assert len(desk.live.held(one.id)) == 1, "that somebody spoke stays known"


def test_a_full_disk_takes_the_record_and_not_the_speech(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commune_hub.live.record.ROOM_KEPT_BYTES", 2**62)
    one = desk.window(0)
    desk.say(desk.live.take_turn(one.id, LAN), 5)
    speech = desk.live.speech(one.id)
    assert speech is not None
    assert len(speech.since(0)) > 45
    desk.live.end(one.id, LAN)
    assert desk.live.held(one.id)[0]["sha256"] == ""


@given(st.lists(st.binary(max_size=60), max_size=20), st.data())
def test_pieces_come_out_of_a_stream_however_it_is_cut(packets: list[bytes], data: st.DataObject) -> None:
    pieces = [Piece(number, packet) for number, packet in enumerate(packets)]
    stream = b"".join(map(pack, pieces))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    blocks = [stream[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert list(unpack(blocks)) == pieces


def test_a_piece_that_is_too_long_for_opus_is_an_error() -> None:
    with pytest.raises(WireError):
        list(unpack([pack(Piece(0, bytes(PIECE_MAX_BYTES + 1)))]))
