"""Bulletins: nothing sounds that a second person did not approve."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlite_utils import Database

from commune_hub import ledger
from commune_hub.capabilities import bulletins, playbacks
from commune_hub.capabilities.bulletins import (
    AT_ONCE_LEAD_MS,
    EMERGENCY_LEAD_MS,
    KEPT_MS,
    LATE_MS,
    Bulletin,
)
from commune_hub.documents.programme import Programmes, compose_programme
from commune_hub.errors import ConflictError, ForbiddenError, HubError, InvalidError, MissingError
from commune_hub.times import local_time
from commune_hub.timetable.rules import make_rule
from commune_hub.writing.bulletin_draft import Draft, How
from tests.commune_hub.conftest import NOON_MS, Office, member
from tests.commune_hub.facts import batch
from wire.codec import MAX_MESSAGE_BYTES, encode
from wire.facts import PlaybackCut, PlaybackFinished, PlaybackRefused, PlaybackStarted
from wire.intents import Relay, bulletin_of, soundings

TODAY = local_time(NOON_MS).date()
PLACES = ["thon-dong", "thon-tay"]
AUTHOR = member("bien-tap", "editor")
APPROVER = member("lanh-dao", "approver")
EMERGENCY = How(priority="emergency")
BOTH = member("kiem-nhiem", "editor", "approver")


def draft(at_ms: int | None = NOON_MS + 60_000, **changes: object) -> Draft:
    values = {"title": "Lịch tiêm", "text": "Mời bà con.", "places": ("thon-dong",)}
    return Draft(at_ms=at_ms, **(values | changes))  # type: ignore[arg-type]


def submitted(office: Office, made: Draft) -> Bulletin:
    return office.bulletins.submit(office.bulletins.write(made, AUTHOR, PLACES).id, AUTHOR)


def test_written_handed_in_approved_then_in_the_programme(office: Office) -> None:
    found = submitted(office, draft())
    assert office.bulletins.to_sound() == []
    approved = office.bulletins.approve(found.id, APPROVER, found.version)
    assert approved.approved_by == "lanh-dao"
    assert approved.at_ms == NOON_MS + 60_000
    assert office.bulletins.to_sound() == [approved]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("text", "'Mời bà con…'"),
        ("title", "'L'"),
        ("places", "'[\"thon-tay\"]'"),
        ("at_ms", "at_ms + 4096"),
        ("how", '\'{"priority":"emergency"}\''),
        ("how", "'{\"priority\":'"),
        ("approved_by", "'ai-do'"),
    ],
)
def test_what_a_bad_disk_changes_after_the_approval_does_not_sound(
    office: Office, column: str, value: str
) -> None:
    kept, changed = (submitted(office, draft(title=title)) for title in ("Giữ", "Đổi"))
    for each in (kept, changed):
        office.bulletins.approve(each.id, APPROVER, each.version)
    assert office.bulletins.altered() == []
    office.store.execute(f"UPDATE bulletins SET {column} = {value} WHERE id = ?", [changed.id])  # noqa: S608
    assert [each.id for each in office.bulletins.to_sound()] == [kept.id]
    assert office.bulletins.altered() == ["L" if column == "title" else "Đổi"]
    office.bulletins.withdraw(changed.id, APPROVER)
    assert office.bulletins.altered() == []


def test_nobody_approves_their_own(office: Office) -> None:
    made = office.bulletins.write(draft(), BOTH, PLACES)
    office.bulletins.submit(made.id, BOTH)
    with pytest.raises(ForbiddenError, match="không tự phê duyệt"):
        office.bulletins.approve(made.id, BOTH, made.version)
    assert office.bulletins.to_sound() == []


def test_a_draft_cannot_be_approved_before_it_is_handed_in(office: Office) -> None:
    made = office.bulletins.write(draft(), AUTHOR, PLACES)
    with pytest.raises(ConflictError):
        office.bulletins.approve(made.id, APPROVER, made.version)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Mời bà con\x00 đi tiêm", "Mời bà con đi tiêm"),
        ("\u202egnoc àb iờM\u202c", "gnoc àb iờM"),
        ("Mời\u200b bà\u00ad con\ufeff", "Mời bà con"),
        ("Một\r\nhai\u2028ba\tbốn", "Một\nhai\nba\tbốn"),
    ],
)
def test_what_is_approved_on_the_screen_is_what_will_sound(office: Office, written: str, kept: str) -> None:
    made = office.bulletins.write(draft(text=written), AUTHOR, PLACES)
    assert made.text == kept
    assert office.bulletins.rewrite(made.id, draft(text=written), AUTHOR, PLACES).text == kept


def test_a_text_that_nobody_sees_is_none(office: Office) -> None:
    with pytest.raises(InvalidError, match="text"):
        office.bulletins.write(draft(text="\u200b\u202e\x00"), AUTHOR, PLACES)


@pytest.mark.parametrize("who", [AUTHOR, member("can-bo", "officer"), member("khach")])
def test_only_approvers_approve(office: Office, who: object) -> None:
    found = submitted(office, draft())
    with pytest.raises(ForbiddenError):
        office.bulletins.approve(found.id, who, found.version)  # type: ignore[arg-type]


def test_sent_at_once_means_a_few_seconds_after_approval(office: Office) -> None:
    found = submitted(office, draft(at_ms=None))
    office.clock.at_ms += 3_600_000
    approved = office.bulletins.approve(found.id, APPROVER, found.version)
    assert approved.at_ms == office.clock.at_ms + AT_ONCE_LEAD_MS


def test_an_emergency_and_a_withdrawal_press_and_nothing_else(office: Office) -> None:
    pressed: list[str] = []
    office.bulletins.on_pressing = lambda: pressed.append("now")
    calm, urgent = submitted(office, draft(at_ms=None)), submitted(office, draft(at_ms=None, how=EMERGENCY))
    office.bulletins.approve(calm.id, APPROVER, calm.version)
    assert not pressed
    approved = office.bulletins.approve(urgent.id, APPROVER, urgent.version)
    assert approved.at_ms == office.clock.at_ms + EMERGENCY_LEAD_MS
    assert len(pressed) == 1
    office.bulletins.withdraw(calm.id, APPROVER)
    assert len(pressed) == 2
    office.bulletins.withdraw(submitted(office, draft()).id, AUTHOR)
    assert len(pressed) == 2


def test_what_programmes_share_is_made_anew_when_something_changes_or_passes(office: Office) -> None:
    programmes = Programmes(office.bulletins, say=str)
    here, elsewhere = ["thon-dong", "loa-1"], ["thon-tay"]
    found = submitted(office, draft())
    assert not programmes.of(here, office.clock.at_ms).bulletins
    office.bulletins.approve(found.id, APPROVER, found.version)
    assert [each.id for each in programmes.of(here, office.clock.at_ms).bulletins] == [found.id]
    assert not programmes.of(elsewhere, office.clock.at_ms).bulletins
    office.clock.at_ms += 60_000 + LATE_MS + KEPT_MS + 1
    assert not programmes.of(here, office.clock.at_ms).bulletins


def test_a_time_that_has_passed_is_not_approved(office: Office) -> None:
    found = submitted(office, draft())
    office.clock.at_ms += 60_001
    with pytest.raises(ConflictError, match="đã qua"):
        office.bulletins.approve(found.id, APPROVER, found.version)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"text": ""}, "text"),
        ({"text": "x" * 8_001}, "text"),
        ({"places": ()}, "places"),
        ({"places": ("sao-hoa",)}, "sao-hoa"),
        ({"at_ms": NOON_MS - 1}, r"\(at\)"),
        ({"at_ms": NOON_MS + 400 * 86_400_000}, r"\(at\)"),
    ],
)
def test_each_mistake_is_named(office: Office, changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidError, match=field):
        office.bulletins.write(draft(**changes), AUTHOR, PLACES)  # type: ignore[arg-type]


def test_all_mistakes_are_named_at_once(office: Office) -> None:
    with pytest.raises(InvalidError) as caught:
        office.bulletins.write(draft(title="", text="", places=()), AUTHOR, PLACES)
    assert all(field in str(caught.value) for field in ("title", "text", "places"))


def test_withdrawn_leaves_the_programme_at_once(office: Office) -> None:
    found = submitted(office, draft())
    office.bulletins.approve(found.id, APPROVER, found.version)
    office.bulletins.withdraw(found.id, AUTHOR)
    assert office.bulletins.to_sound() == []
    with pytest.raises(HubError):
        office.bulletins.withdraw(found.id, AUTHOR)


def test_others_than_author_and_approvers_cannot_withdraw(office: Office) -> None:
    found = submitted(office, draft())
    with pytest.raises(ForbiddenError):
        office.bulletins.withdraw(found.id, member("nguoi-khac", "editor"))


def test_a_given_back_bulletin_can_be_mended_and_handed_in_again(office: Office) -> None:
    found = submitted(office, draft())
    assert office.bulletins.give_back(found.id, APPROVER, "sai giờ").state == "draft"
    assert office.bulletins.rewrite(found.id, draft(title="Lịch mới"), AUTHOR, PLACES).title == "Lịch mới"
    assert office.bulletins.submit(found.id, AUTHOR).state == "submitted"


def test_an_approved_text_cannot_be_changed(office: Office) -> None:
    found = submitted(office, draft())
    office.bulletins.approve(found.id, APPROVER, found.version)
    with pytest.raises(ConflictError):
        office.bulletins.rewrite(found.id, draft(text="khác"), AUTHOR, PLACES)


def test_what_is_over_leaves_the_programme(office: Office) -> None:
    found = submitted(office, draft())
    office.bulletins.approve(found.id, APPROVER, found.version)
    office.clock.at_ms += 60_000 + LATE_MS + KEPT_MS
    assert [each.id for each in office.bulletins.to_sound()] == [found.id]
    office.clock.at_ms += 1
    assert office.bulletins.to_sound() == []


def test_what_the_loudspeakers_made_of_it(office: Office) -> None:
    office.ledger.take(
        batch(
            [
                PlaybackStarted(bulletin="b", due_at_ms=NOON_MS, started_at_ms=NOON_MS + 1),
                PlaybackFinished(bulletin="b", started_at_ms=NOON_MS + 1, duration_ms=4_000, underruns=0),
                PlaybackRefused(bulletin="c", due_at_ms=NOON_MS, reason="quiet_hours"),
            ],
            NOON_MS,
            device="loa-1",
            node="speaker",
        )
    )
    (finished,) = office.playbacks.of("b")
    assert (finished["outcome"], finished["started_at_ms"], finished["duration_ms"]) == (
        "finished",
        NOON_MS + 1,
        4_000,
    )
    (refused,) = office.playbacks.of("c")
    assert (refused["outcome"], refused["reason"]) == ("refused", "quiet_hours")


def test_one_that_was_cut_and_went_on_keeps_when_it_began(office: Office) -> None:
    cut = PlaybackCut(bulletin="m", started_at_ms=NOON_MS, sounded_ms=3_000, by="e", then="resume")
    on = PlaybackStarted(
        bulletin="m", due_at_ms=NOON_MS, started_at_ms=NOON_MS + 9_000, from_ms=3_000, detail="spoken"
    )
    first = PlaybackStarted(bulletin="m", due_at_ms=NOON_MS, started_at_ms=NOON_MS)
    office.ledger.take(batch([first, cut], NOON_MS, device="loa-1", node="speaker"))
    (row,) = office.playbacks.of("m")
    assert (row["outcome"], row["detail"]) == ("cut", "cut by e after 3.0 s; resume")
    office.ledger.take(batch([on], NOON_MS, first=3, device="loa-1", node="speaker"))
    (row,) = office.playbacks.of("m")
    assert (row["outcome"], row["started_at_ms"], row["detail"]) == ("started", NOON_MS, "spoken")


def test_what_is_too_long_once_it_is_spoken_is_not_handed_in(office: Office) -> None:
    long = draft(text="9.999.999 đồng; " * 500)
    found = office.bulletins.write(long, AUTHOR, PLACES)
    with pytest.raises(InvalidError, match="nhiều nhất 24000"):
        office.bulletins.submit(found.id, AUTHOR)
    assert office.bulletins.get(found.id).state == "draft"
    shorter = office.bulletins.rewrite(found.id, draft(text="Họp dân."), AUTHOR, PLACES)
    assert office.bulletins.submit(shorter.id, AUTHOR).state == "submitted"


@pytest.mark.parametrize("text", ["🎉🎉🎉", "… !?", "- - -", "中文通知"])
def test_what_nobody_can_say_is_not_handed_in(office: Office, text: str) -> None:
    """Unless something else sounds in its place: then it is for people to read."""
    found = office.bulletins.write(draft(text=text), AUTHOR, PLACES)
    with pytest.raises(InvalidError, match="không có chữ nào đọc được"):
        office.bulletins.submit(found.id, AUTHOR)
    relayed = draft(text=text, how=How(relay=Relay(url="http://127.0.0.1/a", lasts_ms=60_000)))
    assert submitted(office, relayed).state == "submitted"


def test_every_step_is_in_the_audit_log(office: Office) -> None:
    found = submitted(office, draft())
    office.bulletins.approve(found.id, APPROVER, found.version)
    office.bulletins.withdraw(found.id, APPROVER)
    actions = [line["action"] for line in reversed(office.audit.latest())]
    assert actions == ["bulletin.written", "bulletin.submitted", "bulletin.approved", "bulletin.withdrawn"]


def test_an_unknown_bulletin(office: Office) -> None:
    with pytest.raises(MissingError):
        office.bulletins.get("không-có")


def test_one_that_repeats_is_in_the_programme_until_its_last_day(office: Office) -> None:
    days = make_rule("FREQ=DAILY", ["05:30", "17:00"], TODAY, TODAY + timedelta(days=2))
    found = submitted(office, draft(None, how=How(rule=days)))
    approved = office.bulletins.approve(found.id, APPROVER, found.version)
    assert approved.at_ms is None
    assert office.bulletins.to_sound() == [approved]
    week = compose_programme([approved], {"thon-dong"}, NOON_MS).bulletins[0]
    times = [local_time(each.at_ms) - local_time(NOON_MS) for each in soundings(week)]
    assert [each / timedelta(hours=1) for each in times] == [5, 17.5, 29, 41.5, 53]
    assert {bulletin_of(each.id) for each in soundings(week)} == {approved.id}
    office.clock.at_ms += 4 * 86_400_000
    assert office.bulletins.to_sound() == []


def test_a_rule_that_has_ended_and_a_repeating_emergency_are_refused(office: Office) -> None:
    past = make_rule("FREQ=DAILY", ["05:30"], date(2025, 1, 1), date(2025, 1, 3))
    with pytest.raises(InvalidError, match="đã hết"):
        office.bulletins.write(draft(None, how=How(rule=past)), AUTHOR, PLACES)
    days = make_rule("FREQ=DAILY", ["05:30"], TODAY, TODAY + timedelta(days=9))
    with pytest.raises(InvalidError, match="khẩn cấp không lặp"):
        office.bulletins.write(draft(None, how=How(rule=days, priority="emergency")), AUTHOR, PLACES)
    with pytest.raises(InvalidError, match="không chọn cả hai"):
        office.bulletins.write(draft(NOON_MS + 60_000, how=How(rule=days)), AUTHOR, PLACES)


def test_a_programme_fits_into_a_message_and_emergencies_come_first(office: Office) -> None:
    made = []
    for number in range(40):
        how = How(priority="emergency") if number == 39 else How()
        found = submitted(
            office, draft(NOON_MS + 60_000 + number, text="Mưa lũ ở thượng nguồn. " * 330, how=how)
        )
        made.append(office.bulletins.approve(found.id, APPROVER, found.version))
    programme = compose_programme(office.bulletins.to_sound(), {"thon-dong"}, NOON_MS)
    assert programme.bulletins[0].id == made[39].id
    assert 5 < len(programme.bulletins) < 40
    assert len(encode(programme)) < MAX_MESSAGE_BYTES * 3 // 4


def test_bulletins_of_an_earlier_store_keep_their_urgency(tmp_path: Path) -> None:
    database = Database(tmp_path / "hub.db")
    bulletins.migrations.apply(database, stop_before="let_them_differ_in_how_they_sound")
    for id_, emergency in (("a", 0), ("b", 1)):
        database.execute(
            "INSERT INTO bulletins VALUES (?, 'T', 'x', '[]', 1, ?, 'approved', 'lan', 1, 'minh', 2)",
            [id_, emergency],
        )
    database.execute("INSERT INTO playbacks VALUES ('b', 'loa-1', 'speaker', 'finished', '', 5, 6, 7)")
    database.conn.commit()
    bulletins.migrations.apply(database)
    ledger.migrations.apply(database)
    playbacks.migrations.apply(database)
    rows = {row["id"]: row["how"] for row in database["bulletins"].rows}
    assert [msgspec.json.decode(rows[id_], type=How).priority for id_ in "ab"] == ["ordinary", "emergency"]
    (kept,) = database["soundings"].rows
    assert (kept["sounding"], kept["bulletin"], kept["duration_ms"]) == ("b", "b", 6)
