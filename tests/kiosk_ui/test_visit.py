"""Whose visit a press belongs to: served, just ended, nobody's, or not to be known."""

from __future__ import annotations

import msgspec

from kiosk_ui.visit import VisitWindow
from wire.intents import Serving

NOBODY = Serving(counter="quay-1", counter_name="Quầy 1")
ON = Serving(counter="quay-1", counter_name="Quầy 1", officer="can-bo", ticket="t-7", number="A007")
ENDED = msgspec.structs.replace(ON, ended_at_ms=1_000)


def window() -> VisitWindow:
    return VisitWindow(window_s=60, counter="quay-1-pi")


def test_without_a_document_nothing_is_known() -> None:
    visit = window().visit(0)
    assert (visit.phase, visit.counter, visit.ticket) == ("unknown", "quay-1-pi", None)


def test_a_visit_may_be_rated_while_it_is_on_and_for_a_minute_after_its_end() -> None:
    hall = window()
    assert hall.take(ON, None, 0)
    assert hall.visit(500).phase == "serving"
    assert not hall.take(ENDED, 0.1, 500), "still the same visit"
    assert (hall.visit(559.9).phase, hall.visit(559.9).ticket) == ("ended", "t-7")
    assert (hall.visit(560).phase, hall.visit(560).ticket) == ("nobody", None)


def test_the_time_runs_from_when_the_end_was_learnt_whatever_the_wall_clock_says() -> None:
    hall = window()
    hall.take(ON, None, 0)
    hall.take(ENDED, 86_400.0, 10)
    assert hall.visit(69).phase == "ended"


def test_a_node_that_was_started_anew_does_not_open_a_window_that_is_over() -> None:
    late, early = window(), window()
    late.take(ENDED, 61.0, 0)
    early.take(ENDED, 20.0, 0)
    assert late.visit(0).phase == "nobody"
    assert (early.visit(39).phase, early.visit(40).phase) == ("ended", "nobody")


def test_the_same_end_told_again_does_not_open_the_window_anew() -> None:
    hall = window()
    hall.take(ON, None, 0)
    hall.take(ENDED, 0.0, 10)
    hall.take(msgspec.structs.replace(ENDED, counter_name="Quầy số 1"), 30.0, 40)
    assert hall.visit(70).phase == "nobody"


def test_where_no_tickets_are_given_nobody_can_tell_who_is_served() -> None:
    hall = window()
    hall.take(msgspec.structs.replace(NOBODY, without_tickets=True), None, 0)
    assert hall.visit(0).phase == "unknown"
    hall.take(NOBODY, None, 1)
    assert hall.visit(1).phase == "nobody"
