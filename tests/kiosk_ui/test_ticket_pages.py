"""The kiosk's pages close by themselves, rest before they answer, and end where they began."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.ticket_pages import REST_S, Given, SlipState, TicketPages


def pages() -> TicketPages:
    return TicketPages(number_s=8.0, back_s=25.0)


def number(slip: SlipState) -> Given:
    return Given("A007", "ho-tich", "ordinary", slip)


@pytest.mark.parametrize(("slip", "stays_s"), [("printed", 8.0), ("broken", 16.0), ("none", 16.0)])
def test_a_number_stands_longer_where_nothing_can_be_taken_along(slip: SlipState, stays_s: float) -> None:
    made = pages()
    made.speak("en", 0.0)
    made.gave(number(slip), 1.0)
    made.look(1.0 + stays_s - 0.01)
    assert (made.page, made.language) == ("number", "en")
    made.look(1.0 + stays_s)
    assert (made.page, made.language, made.given) == ("fields", "vi", None)


def test_who_goes_away_from_the_classes_leaves_the_first_page_to_the_next() -> None:
    made = pages()
    made.speak("en", 0.0)
    made.ask_lane("ho-tich", 1.0)
    made.look(25.9)
    assert (made.page, made.field) == ("lanes", "ho-tich")
    made.back(25.9)
    assert (made.page, made.field, made.language) == ("fields", "", "en"), "he is still there"
    made.look(50.9)
    assert made.language == "vi"


STEPS = st.sampled_from(["lane", "gave", "failed", "back", "anew", "shelf", "en", "wait"])


@given(st.lists(st.tuples(STEPS, st.floats(0.0, 30.0)), max_size=30))
def test_whatever_was_touched_the_next_citizen_finds_the_first_page(steps: list[tuple[str, float]]) -> None:
    made, now_s = pages(), 0.0
    for step, pause_s in steps:
        now_s += pause_s
        match step:
            case "lane":
                made.ask_lane("ho-tich", now_s)
            case "gave":
                made.gave(number("printed"), now_s)
            case "failed":
                made.failed(now_s)
            case "back":
                made.back(now_s)
            case "anew":
                made.begin_anew(now_s)
            case "shelf":
                made.turn_shelf(1, now_s)
            case "en":
                made.speak("en", now_s)
        if step != "wait":
            assert made.rests(now_s)
            assert not made.rests(now_s + REST_S + 0.001)
        made.look(now_s)
    made.look(now_s + 25.0)
    assert (made.page, made.language, made.shelf, made.given) == ("fields", "vi", 0, None)
