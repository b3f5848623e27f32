"""What a sounding is said to have come to, and the figures made of that."""

from __future__ import annotations

from typing import Any

import pytest

from commune_hub.capabilities.bulletins import KEPT_MS, LATE_MS
from commune_hub.proof.csv_text import HEADS, csv_text
from commune_hub.proof.month import tallies
from commune_hub.proof.sheet import Asked, Line, Mark, line_of, make_lines
from commune_hub.proof.words import LOOKS, REASONS, advice_text, late_text, outcome_text
from commune_hub.whereabouts import Stays
from speaker_node.hearing.listening import FAULTS, SILENT
from speaker_node.hearing.proof import Fault
from speaker_node.planner import Reason

DUE_MS = 1_790_000_000_000
AFTER_MS = DUE_MS + LATE_MS + KEPT_MS + 1


def asked(device: str = "loa-1", sounding: str = "b") -> Asked:
    return Asked(sounding, "b", "Họp dân", DUE_MS, device, "thon-dong")


def row(outcome: str = "finished", **changes: Any) -> dict[str, Any]:
    values = {
        "sounding": "b",
        "bulletin": "b",
        "device": "loa-1",
        "node": "speaker",
        "outcome": outcome,
        "reason": "",
        "detail": "",
        "due_at_ms": DUE_MS,
        "started_at_ms": DUE_MS + 12,
        "duration_ms": 4_000,
        "underruns": 0,
        "told_at_ms": DUE_MS + 5_000,
        "completeness": 1.0,
        "level_dbfs": -31.0,
        "verdict": "heard",
        "fault": "",
        "sure": 0.9,
        "cuts": 0,
        "at_ms": DUE_MS,
    }
    return {**values, **changes}


@pytest.mark.parametrize(
    ("told", "mark", "heard"),
    [
        (row(), Mark.HEARD, True),
        (row(verdict="faint", fault="weak"), Mark.WEAK, True),
        (row(verdict="clipped", fault="overdriven"), Mark.WEAK, True),
        (row(verdict="heard", fault="amplifier"), Mark.WEAK, True),
        (row(completeness=0.9), Mark.PARTLY, True),
        (row(verdict="silent", fault="horn"), Mark.SILENT, False),
        (row(verdict="silent", completeness=0.2), Mark.SILENT, False),
        (row(verdict="other"), Mark.UNCLEAR, None),
        (row(verdict="deaf"), Mark.UNPROVEN, None),
        (row(verdict="", level_dbfs=None), Mark.UNPROVEN, None),
        (row(verdict=None, completeness=None), Mark.UNPROVEN, None),
        (row("refused", reason="quiet_hours", started_at_ms=None, verdict=None), Mark.REFUSED, False),
        (row("refused", reason="stopped", verdict=None), Mark.BROKEN_OFF, None),
        (row("started", verdict=None), Mark.UNTOLD, None),
        (row("cut", verdict=None, cuts=1), Mark.UNTOLD, None),
        (None, Mark.UNTOLD, None),
    ],
)
def test_each_telling_has_one_mark(told: dict[str, Any] | None, mark: Mark, heard: bool | None) -> None:
    line = line_of(asked(), told, AFTER_MS)
    assert (line.mark, line.heard) == (mark, heard)
    assert outcome_text(line)
    if mark in (Mark.SILENT, Mark.WEAK, Mark.PARTLY) or line.verdict == "deaf" or told is None:
        assert advice_text(line)
    if mark is Mark.HEARD:
        assert not advice_text(line)


def test_before_its_end_it_is_coming_then_sounds() -> None:
    assert line_of(asked(), None, DUE_MS + LATE_MS).mark is Mark.COMING
    line = line_of(asked(), row("started", duration_ms=None, verdict=None), DUE_MS + 60_000)
    assert (line.mark, line.late_ms, line.ended_at_ms) == (Mark.SOUNDING, 12, None)
    assert line_of(asked(), row(), AFTER_MS).ended_at_ms == DUE_MS + 4_012
    assert line_of(asked(), row(cuts=1), AFTER_MS).ended_at_ms is None


def test_what_was_asked_and_what_was_told_make_one_sheet() -> None:
    stays = dict.fromkeys(("loa-1", "loa-2"), Stays(((0, "thon-dong"),)))
    strange = row(sounding="x@5", bulletin="x", device="loa-9", at_ms=DUE_MS - 5)
    lines = make_lines([asked("loa-1"), asked("loa-2")], [row(), strange], stays, {"x": "Cũ"}, AFTER_MS)
    assert [(each.asked.device, each.asked.title, each.asked.place, each.mark) for each in lines] == [
        ("loa-9", "Cũ", "", Mark.HEARD),
        ("loa-1", "Họp dân", "thon-dong", Mark.HEARD),
        ("loa-2", "Họp dân", "thon-dong", Mark.UNTOLD),
    ]


def test_words_are_there_for_every_mark_reason_and_fault() -> None:
    assert set(LOOKS) == set(Mark)
    assert len({look.symbol for look in LOOKS.values()}) == len(Mark)
    assert set(REASONS) == {each.value for each in Reason}
    horn = line_of(asked(), row(verdict="silent", fault="horn"), AFTER_MS)
    assert advice_text(horn) == FAULTS[Fault.HORN]
    assert advice_text(line_of(asked(), row(verdict="silent", fault="unknown"), AFTER_MS)) == SILENT
    assert [late_text(each) for each in (None, 12, -3, 2_500)] == ["–", "+12 ms", "-3 ms", "trễ 2,5 s"]


def sheet() -> list[Line]:
    told = {
        "a": row(),
        "b": row(verdict="silent", fault="amplifier", started_at_ms=DUE_MS + 40),
        "c": row(completeness=0.5, verdict="", started_at_ms=DUE_MS + 14),
        "d": row("refused", reason="too_late", started_at_ms=None, verdict=None, completeness=None),
        "e": None,
    }
    return [line_of(asked(sounding=name), each, AFTER_MS) for name, each in told.items()]


def test_a_month_counts_what_is_over() -> None:
    coming = line_of(asked(sounding="f"), None, DUE_MS)
    (tally,) = tallies([*sheet(), coming])
    assert (tally.asked, tally.whole, tally.listened, tally.heard, tally.silent) == (5, 2, 2, 1, 1)
    assert (tally.untold, tally.refused, tally.late_ms) == (1, 1, 14)
    assert (tally.share_whole, tally.share_heard) == (0.4, 0.5)
    assert tallies([coming]) == []


def test_a_spreadsheet_takes_no_title_for_a_formula() -> None:
    evil = Asked("b", "b", "\x00\u200b=HYPERLINK(1); @SUM(2); tối 3-4;＝5", DUE_MS, "loa-1", "thon-dong")
    head, line = csv_text([line_of(evil, row(), AFTER_MS)], {"thon-dong": "Thôn Đông"}).splitlines()
    assert head == "\ufeff" + ",".join(HEADS)
    assert ",' =HYPERLINK(1);' @SUM(2); tối 3-4;'＝5," in line
    assert ",12,100.0,-31.0,có,0.9," in line
