"""The rating screen's conversation: every page closes by itself, in Vietnamese."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.rating_pages import NOTED_S, Answer, RatingPages, Times

TIMES = Times(thanks_s=5, reason_s=12, language_s=30)


def pages() -> RatingPages:
    return RatingPages(TIMES, frozenset({4}))


def test_a_good_answer_is_thanked_for_and_the_screen_asks_again() -> None:
    screen = pages()
    screen.answered(Answer(1, "a"), 10)
    assert (screen.page, screen.thanked) == ("thanks", 1)
    screen.look(14.9, nobody=False)
    assert screen.page == "thanks"
    screen.look(15, nobody=False)
    assert (screen.page, screen.thanked) == ("ask", 0)


def test_a_low_answer_asks_why_and_closes_by_itself() -> None:
    screen = pages()
    screen.answered(Answer(4, "a"), 0)
    assert (screen.page, screen.thanked) == ("reason", 4)
    screen.look(12, nobody=True)
    assert screen.page == "idle"


def test_a_reason_is_thanked_for_and_skipping_is_no_less_polite() -> None:
    for act, page in ((RatingPages.reasoned, "noted"), (RatingPages.skipped, "thanks")):
        screen = pages()
        screen.answered(Answer(4, "a"), 0)
        act(screen, 1)
        assert screen.page == page
        screen.look(1 + NOTED_S, nobody=False)
        assert screen.page == "ask"


def test_a_tired_finger_is_not_asked_twice() -> None:
    screen = pages()
    screen.answered(Answer(4, "a"), 0)
    screen.reasoned(1)
    screen.repeated(2)
    assert screen.page == "noted"
    assert screen.answer == Answer(4, "a")


def test_another_language_returns_to_vietnamese_by_itself() -> None:
    screen = pages()
    screen.look(0, nobody=True)
    screen.speak("en", 1)
    screen.touched(20)
    screen.look(49, nobody=True)
    assert screen.language == "en"
    screen.look(50, nobody=True)
    assert screen.language == "vi"


def test_the_calm_picture_stands_only_while_nobody_is_served() -> None:
    screen = pages()
    seen = []
    for nobody in (True, False, True):
        screen.look(0, nobody)
        seen.append(screen.page)
    assert seen == ["idle", "ask", "idle"]


@given(
    st.lists(
        st.tuples(st.floats(0, 20), st.sampled_from(["press", "low", "fail", "why", "skip", "ask", "en"])),
        max_size=30,
    )
)
def test_whatever_happens_an_hour_later_it_is_calm_and_vietnamese(acts: list[tuple[float, str]]) -> None:
    screen, now_s = pages(), 0.0
    for gap_s, act in acts:
        now_s += gap_s
        screen.look(now_s, nobody=False)
        match act:
            case "press":
                screen.answered(Answer(2, "a"), now_s)
            case "low":
                screen.answered(Answer(4, "a"), now_s)
            case "fail":
                screen.failed(now_s)
            case "why" if screen.page == "reason":
                screen.reasoned(now_s)
            case "skip" if screen.page == "reason":
                screen.skipped(now_s)
            case "ask":
                screen.ask(now_s)
            case "en":
                screen.speak("en", now_s)
        assert (screen.page in {"thanks", "reason", "noted"}) == (screen.thanked > 0)
    screen.look(now_s + 3_600, nobody=True)
    assert (screen.page, screen.language, screen.thanked) == ("idle", "vi", 0)
