"""What a press is: corrections, tired fingers, bursts, all faces in turn; never lost, whatever comes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from commune_hub.capabilities.ratings import is_answer
from kiosk_ui.judgement import ALL_FACES, BURST, REPEAT, Judge, Rules, Verdict

RULES = Rules(levels=4)


def judge_all(presses: list[tuple[float, int]], rules: Rules = RULES) -> list[Verdict]:
    """Judge and keep presses (time, level); their ids are their places."""
    judge = Judge(rules)
    found = []
    for place, (at_s, level) in enumerate(presses):
        found.append(judge.judge(level, at_s))
        judge.keep(found[-1], str(place))
    return found


def counted(verdicts: list[Verdict]) -> list[int]:
    """The places of those that count at the hub."""
    corrected = {each.corrects for each in verdicts}
    return [
        place for place, each in enumerate(verdicts) if is_answer(each.marks) and str(place) not in corrected
    ]


def test_another_face_within_five_seconds_corrects() -> None:
    verdicts = judge_all([(0, 1), (4.9, 3)])
    assert verdicts[1].corrects == "0"
    assert counted(verdicts) == [1]


def test_the_same_face_within_five_seconds_is_a_tired_finger() -> None:
    verdicts = judge_all([(0, 1), (1, 1), (4.9, 1)])
    assert [each.marks for each in verdicts] == [(), (REPEAT,), (REPEAT,)]
    assert [each.repeats for each in verdicts] == [None, "0", "0"]
    assert counted(verdicts) == [0]


def test_after_five_seconds_it_is_an_answer_of_its_own() -> None:
    verdicts = judge_all([(0, 1), (5, 1), (10, 3)])
    assert counted(verdicts) == [0, 1, 2]
    assert [each.corrects for each in verdicts] == [None, None, None]


def test_a_correction_may_be_corrected_and_taken_back_within_the_same_five_seconds() -> None:
    verdicts = judge_all([(0, 1), (2, 3), (4, 1), (6, 1)])
    assert [each.corrects for each in verdicts] == [None, "0", "1", None]
    assert counted(verdicts) == [2, 3]


def test_from_the_sixth_press_in_thirty_seconds_on_it_is_a_burst() -> None:
    verdicts = judge_all([(float(second), 1) for second in range(12)])
    assert [BURST in each.marks for each in verdicts] == [False] * 5 + [True] * 7
    assert counted(verdicts) == [0], "an angry hand is one answer"


def test_a_burst_ends_with_the_pounding() -> None:
    verdicts = judge_all([*((second / 2, 1) for second in range(8)), (40.0, 2)])
    assert verdicts[-1].marks == ()
    assert counted(verdicts) == [0, 8]


def test_a_hammering_hand_corrects_nothing_that_was_answered_before() -> None:
    verdicts = judge_all([(0, 4), (6, 4), (12, 4), (18, 4), (24, 4), (26, 1)])
    assert verdicts[5].marks == (BURST,)
    assert verdicts[5].corrects is None
    assert counted(verdicts) == [0, 1, 2, 3, 4]


def test_all_faces_in_turn_are_a_child_at_play() -> None:
    verdicts = judge_all([(0, 1), (1, 2), (2, 3), (3, 4)])
    assert verdicts[3].marks == (ALL_FACES,)
    assert counted(verdicts) == []


def test_the_next_citizen_corrects_nobody() -> None:
    judge = Judge(RULES)
    judge.keep(judge.judge(1, 0.0), "first")
    judge.release()
    assert judge.judge(4, 1.0).corrects is None
    assert judge.judge(1, 1.0).marks == ()


def test_who_asks_to_change_the_answer_has_time_for_it() -> None:
    judge = Judge(RULES)
    judge.keep(judge.judge(4, 0.0), "first")
    judge.hold(9.0)
    assert judge.judge(2, 13.0).corrects == "first"


@given(
    gaps=st.lists(st.floats(0.0, 40.0), min_size=1, max_size=40),
    levels=st.data(),
    scale=st.sampled_from([3, 4, 5]),
)
def test_whatever_is_pressed(gaps: list[float], levels: st.DataObject, scale: int) -> None:
    at_s, presses = 0.0, []
    for gap in gaps:
        at_s += gap
        presses.append((at_s, levels.draw(st.integers(1, scale))))
    rules = Rules(levels=scale)
    verdicts = judge_all(presses, rules)
    assert len(verdicts) == len(presses), "nothing is dropped"
    corrected = [each.corrects for each in verdicts if each.corrects is not None]
    assert len(corrected) == len(set(corrected)), "each press is corrected once"
    for place, each in enumerate(verdicts):
        if each.corrects is not None:
            other = int(each.corrects)
            assert other < place
            assert presses[other][1] != presses[place][1]
            assert presses[place][0] - presses[other][0] < rules.correct_s
        if not each.marks and each.corrects is None:
            assert each.begins
    kept_s = [presses[place][0] for place in counted(verdicts)]
    for first_s in kept_s:
        within = [at for at in kept_s if first_s <= at < first_s + rules.burst_s]
        assert len(within) < rules.burst_presses, "no half minute has more answers than citizens give"
