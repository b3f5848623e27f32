"""The rules of the loudspeaker, one by one, and then all of them against any course of events."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from speaker_node.history import History
from speaker_node.planner import (
    LEAD_MS,
    PREPARE_MS,
    Plan,
    Reason,
    Refusal,
    Rules,
    Speech,
    Start,
    View,
    make_plan,
)
from speaker_node.quiet import QuietHours
from tests.speaker_node.stand_ins import bulletin, programme, state_as_read_back
from tests.support.clocks import TEN_O_CLOCK_MS
from wire.intents import Approval, Bulletin, Programme

T = TEN_O_CLOCK_MS
NIGHT_MS = T + 12 * 3_600_000
"""22:00."""
RULES = Rules(QuietHours(time(21), time(5, 30)), late_max_ms=3_600_000)
LASTS = Speech(duration_ms=5_000)


def plan(now_ms: int, *bulletins: Bulletin, **changes: Any) -> Plan:
    held: Programme | None = programme(*bulletins)
    values: dict[str, Any] = {
        "programme": held,
        "history": History().take(bulletins, now_ms),
        "now_ms": now_ms,
        "clock_sure": True,
        "speech": {each.id: LASTS for each in bulletins},
    }
    return make_plan(View(**{**values, **changes}), RULES)


def refusals(made: Plan) -> list[tuple[str, str]]:
    return [(each.bulletin, each.reason.value) for each in made.refusals]


def test_a_bulletin_is_chosen_shortly_before_its_second() -> None:
    assert plan(T - PREPARE_MS - 1, bulletin("a", T)).next is None
    assert plan(T - PREPARE_MS, bulletin("a", T)).next == Start(bulletin("a", T), T)


def test_a_late_one_begins_as_soon_as_it_can_and_keeps_its_start() -> None:
    first = plan(T + 3_000, bulletin("a", T))
    assert first.next == Start(bulletin("a", T), T + 3_000 + LEAD_MS)
    assert plan(T + 3_200, bulletin("a", T), prepared=first.next).next == first.next


def test_a_start_moves_when_the_wall_clock_was_set() -> None:
    prepared = Start(bulletin("a", T), T + 3_800)
    assert plan(T - 900, bulletin("a", T), prepared=prepared).next == Start(bulletin("a", T), T)
    assert plan(T + 6_000, bulletin("a", T), prepared=prepared).next == Start(bulletin("a", T), T + 6_800)


def test_after_its_window_it_is_too_late() -> None:
    assert refusals(plan(T + 10_001, bulletin("a", T))) == [("a", "too_late")]


def test_the_node_may_allow_less_lateness_than_the_bulletin() -> None:
    made = make_plan(
        View(
            programme(bulletin("a", T)), History().take([bulletin("a", T)], T), T + 2_000, True, {"a": LASTS}
        ),
        Rules(None, late_max_ms=1_000),
    )
    assert refusals(made) == [("a", "too_late")]


@pytest.mark.parametrize("approved", [None, Approval(by="lan", at_ms=0)])
def test_it_needs_the_approval_of_another_than_its_writer(approved: Approval | None) -> None:
    made = plan(T, bulletin("a", T, approved=approved))
    assert (refusals(made), made.next) == ([("a", "not_approved")], None)


def test_nothing_is_refused_before_it_is_due() -> None:
    made = plan(T - 1, bulletin("a", T, approved=None))
    assert (made.refusals, made.next) == ((), None)


def test_quiet_hours_are_kept_but_for_an_emergency() -> None:
    assert refusals(plan(NIGHT_MS, bulletin("a", NIGHT_MS))) == [("a", "quiet_hours")]
    assert plan(NIGHT_MS, bulletin("a", NIGHT_MS, priority="emergency")).next is not None


def test_the_whole_of_the_sound_lies_outside_quiet_hours() -> None:
    nine_ms = T + 11 * 3_600_000
    assert refusals(plan(nine_ms - 4_999, bulletin("a", nine_ms - 4_999))) == [("a", "quiet_hours")]
    assert plan(nine_ms - 6_000, bulletin("a", nine_ms - 5_000)).next is not None


def test_an_unsure_clock_sounds_nothing_and_says_why_in_the_end() -> None:
    early = plan(T + 1, bulletin("a", T), clock_sure=False)
    assert (early.refusals, early.next, early.waiting["a"].reason) == ((), None, Reason.CLOCK_UNSURE)
    assert refusals(plan(T + 10_001, bulletin("a", T), clock_sure=False)) == [("a", "clock_unsure")]
    learnt = plan(T + 10_001, bulletin("a", T), waiting=early.waiting)
    assert refusals(learnt) == [("a", "clock_unsure")]


def test_text_that_failed_is_refused_and_text_under_way_is_waited_for() -> None:
    assert refusals(plan(T, bulletin("a", T), speech={"a": Speech(error="no")})) == [("a", "unspeakable")]
    waits = plan(T, bulletin("a", T), speech={})
    assert (waits.refusals, waits.next) == ((), None)
    assert refusals(plan(T + 10_001, bulletin("a", T), speech={}, waiting=waits.waiting)) == [
        ("a", "unspeakable")
    ]


def test_a_missing_sound_card_is_the_reason_when_the_window_closes() -> None:
    lacking = {"a": Refusal("a", T, Reason.NO_SOUND_CARD, "none")}
    during = plan(T + 5_000, bulletin("a", T), waiting=lacking)
    assert during.next is not None
    assert refusals(plan(T + 10_001, bulletin("a", T), waiting=during.waiting)) == [("a", "no_sound_card")]


def test_one_that_leaves_the_programme_when_due_is_withdrawn_and_before_that_forgotten() -> None:
    history = History().take([bulletin("a", T)], T - 5_000)
    assert refusals(plan(T, history=history)) == [("a", "withdrawn")]
    assert plan(T - 1, history=history).refusals == ()
    assert not history.take([], T - 1).records


def test_a_void_programme_keeps_what_waits_until_its_window_closes() -> None:
    history = History().take([bulletin("a", T)], T)
    silent = plan(T + 10_000, programme=None, history=history)
    assert (silent.refusals, silent.next) == ((), None)
    assert refusals(plan(T + 10_001, programme=None, history=history)) == [("a", "too_late")]


def test_of_two_the_emergency_goes_first_then_the_earlier() -> None:
    a, b, c = bulletin("a", T), bulletin("b", T - 500), bulletin("c", T, priority="emergency")
    assert plan(T, a, b, c).next == Start(c, T + LEAD_MS)
    assert plan(T, a, b).next == Start(b, T + LEAD_MS)


def test_one_that_would_run_into_an_emergency_waits() -> None:
    ordinary, emergency = bulletin("a", T), bulletin("e", T + 4_000, priority="emergency")
    assert plan(T - 900, ordinary, emergency).next is None
    assert plan(T - 900, ordinary, bulletin("e", T + 5_000, priority="emergency")).next is not None
    unapproved = bulletin("e", T + 4_000, priority="emergency", approved=None)
    assert plan(T - 900, ordinary, unapproved).next is not None


def test_nothing_is_chosen_while_a_bulletin_sounds() -> None:
    assert plan(T, bulletin("a", T), busy=True).next is None


class Course(RuleBasedStateMachine):
    """Any course of events: programmes, clocks, renderings, power cuts; the node's part is played by hand."""

    @initialize(after_ten_s=st.sampled_from([0, 39_590, 43_200, 70_190]))
    def begin(self, after_ten_s: int) -> None:
        """At ten, at ten seconds before quiet hours, within them, at ten seconds before their end."""
        self.now_ms = T + after_ten_s * 1_000
        self.sure = True
        self.void = False
        self.held: dict[str, Bulletin] = {}
        self.history = History()
        self.speech: dict[str, Speech] = {}
        self.waiting: Any = {}
        self.prepared: Start | None = None
        self.sounding: tuple[str, int] | None = None
        self.sounded: list[str] = []
        self.outcomes: dict[str, int] = {}
        self.made = 0

    @rule(
        after_ms=st.integers(-5_000, 20_000),
        window_ms=st.integers(0, 15_000),
        approver=st.sampled_from(["minh", "minh", "lan", None]),
        priority=st.sampled_from(["emergency", "urgent", "ordinary", "music"]),
        speech=st.sampled_from([LASTS, LASTS, Speech(duration_ms=900), Speech(), Speech(error="no")]),
    )
    def write(
        self, after_ms: int, window_ms: int, approver: str | None, priority: str, speech: Speech
    ) -> None:
        self.made += 1
        self.speech[f"b{self.made}"] = speech
        at_ms = self.now_ms + after_ms
        self.held[f"b{self.made}"] = bulletin(
            f"b{self.made}",
            at_ms,
            late_until_ms=at_ms + window_ms,
            approved=Approval(by=approver, at_ms=0) if approver else None,
            priority=priority,
        )

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def render(self, data: st.DataObject) -> None:
        each = data.draw(st.sampled_from(sorted(self.held)))
        self.speech[each] = data.draw(st.sampled_from([LASTS, Speech(duration_ms=900), Speech(error="no")]))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        each = data.draw(st.sampled_from(sorted(self.held)))
        due = self.held.pop(each).at_ms <= self.now_ms
        known = each in self.history.records
        self.look()
        if due and known and not self.void:
            assert self.outcomes.get(each) == 1

    @rule(sure=st.sampled_from([True, True, True, False]))
    def disturb_clock(self, sure: bool) -> None:
        self.sure = sure
        self.pass_time(10)

    @rule(void=st.sampled_from([False, False, False, True]))
    def void_programme(self, void: bool) -> None:
        self.void = void
        self.pass_time(10)

    @rule()
    def cut_power(self) -> None:
        self.history = state_as_read_back(self.history)
        begun = self.history.begun()
        assert begun == ([self.sounding[0]] if self.sounding else [])
        self.prepared = self.sounding = None
        self.waiting = {}
        for each in begun:
            self.settle(each)

    @rule(by_ms=st.sampled_from([-4_000, -500, 500, 3_000]))
    def set_clock(self, by_ms: int) -> None:
        self.now_ms += by_ms

    @rule(looks=st.integers(1, 40))
    def pass_time(self, looks: int) -> None:
        for _ in range(looks):
            self.now_ms += 450
            self.look()

    def look(self) -> None:
        shown = None if self.void else programme(*self.held.values())
        if shown is not None:
            self.history = self.history.take(shown.bulletins, self.now_ms if self.sure else None)
        self.sound_on(shown)
        view = View(
            programme=shown,
            history=self.history,
            now_ms=self.now_ms,
            clock_sure=self.sure,
            speech=self.speech,
            waiting=self.waiting,
            prepared=self.prepared,
            busy=self.sounding is not None,
        )
        made = make_plan(view, RULES)
        self.waiting = dict(made.waiting)
        self.prepared = made.next
        for refusal in made.refusals:
            self.settle(refusal.bulletin)
        if made.next is not None and made.next.at_ms <= self.now_ms + 450:
            self.start(made.next)

    def sound_on(self, shown: Programme | None) -> None:
        if self.sounding is None:
            return
        each, end_ms = self.sounding
        if self.now_ms >= end_ms or shown is None or each not in self.held:
            self.sounding = None
            self.settle(each)

    def start(self, start: Start) -> None:
        each = start.bulletin
        duration_ms = self.speech[each.id].duration_ms or 0
        assert not self.void
        assert self.sure
        assert self.sounding is None
        assert each.approved is not None
        assert each.approved.by != each.written_by
        assert RULES.quiet is not None
        assert each.emergency or not RULES.quiet.touch(start.at_ms, start.at_ms + duration_ms)
        assert each.at_ms <= start.at_ms <= max(each.at_ms, each.late_until_ms)
        self.history = self.history.begin(each.id)
        self.sounded.append(each.id)
        self.sounding = (each.id, start.at_ms + duration_ms)
        self.prepared = None

    def settle(self, each: str) -> None:
        self.outcomes[each] = self.outcomes.get(each, 0) + 1
        self.history = self.history.settle(each)

    @invariant()
    def nothing_sounds_or_ends_twice(self) -> None:
        assert len(set(self.sounded)) == len(self.sounded)
        assert all(count == 1 for count in self.outcomes.values())

    def teardown(self) -> None:
        if not hasattr(self, "held"):
            return
        self.sure, self.void = True, False
        for _ in range(3):
            self.look()
            self.now_ms += 2_000_000
        assert {each: self.outcomes.get(each) for each in self.held} == dict.fromkeys(self.held, 1)


TestCourse = Course.TestCase
TestCourse.settings = settings(max_examples=400, stateful_step_count=30)
