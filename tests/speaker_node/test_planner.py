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
    EMERGENCY_LEAD_MS,
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
    stream_left_ms,
)
from speaker_node.quiet import QuietHours
from tests.speaker_node.stand_ins import bulletin, state_as_read_back
from tests.support.clocks import TEN_O_CLOCK_MS
from wire.intents import Approval, Bulletin, Relay

T = TEN_O_CLOCK_MS
NIGHT_MS = T + 12 * 3_600_000
"""22:00."""
RULES = Rules(QuietHours(time(21), time(5, 30)), late_max_ms=3_600_000)
LASTS = Speech(duration_ms=5_000)
LONG = Speech(duration_ms=30_000)
RELAY = Relay(url="http://127.0.0.1/radio", lasts_ms=60_000, delay_ms=3_000)


def plan(now_ms: int, *bulletins: Bulletin, **changes: Any) -> Plan:
    values: dict[str, Any] = {
        "soundings": bulletins,
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


def test_numbers_that_are_called_go_before_a_bulletin_but_not_before_an_emergency() -> None:
    assert plan(T, bulletin("a", T), calls_wait=True).next is None
    emergency = bulletin("a", T, priority="emergency")
    made = plan(T, emergency, bulletin("b", T), calls_wait=True)
    assert made.next is not None
    assert (made.next.bulletin, made.emergency_at_ms) == (emergency, made.next.at_ms)
    assert plan(T, bulletin("b", T)).emergency_at_ms is None
    hindered = bulletin("a", T + 60_000, priority="emergency", approved=None)
    assert plan(T, hindered).emergency_at_ms is None


def test_after_its_window_it_is_too_late() -> None:
    assert refusals(plan(T + 10_001, bulletin("a", T))) == [("a", "too_late")]


def test_the_node_may_allow_less_lateness_than_the_bulletin() -> None:
    made = make_plan(
        View([bulletin("a", T)], History().take([bulletin("a", T)], T), T + 2_000, True, {"a": LASTS}),
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
    silent = plan(T + 10_000, soundings=None, history=history)
    assert (silent.refusals, silent.next) == ((), None)
    assert refusals(plan(T + 10_001, soundings=None, history=history)) == [("a", "too_late")]


def test_of_two_the_emergency_goes_first_then_the_earlier() -> None:
    a, b, c = bulletin("a", T), bulletin("b", T - 500), bulletin("c", T, priority="emergency")
    assert plan(T, a, b, c).next == Start(c, T + EMERGENCY_LEAD_MS)
    assert plan(T, a, b).next == Start(b, T + LEAD_MS)


def test_one_that_would_run_into_an_emergency_waits() -> None:
    ordinary, emergency = bulletin("a", T), bulletin("e", T + 4_000, priority="emergency")
    assert plan(T - 900, ordinary, emergency).next is None
    assert plan(T - 900, ordinary, bulletin("e", T + 5_000, priority="emergency")).next is not None
    unapproved = bulletin("e", T + 4_000, priority="emergency", approved=None)
    assert plan(T - 900, ordinary, unapproved).next is not None


def test_nothing_is_chosen_while_as_urgent_a_bulletin_or_a_call_sounds() -> None:
    sounds = Start(bulletin("x", T - 3_000), T - 3_000)
    assert plan(T, bulletin("a", T), sounding=sounds).next is None
    assert plan(T, bulletin("a", T, priority="urgent"), call_sounds=True).next is None


@pytest.mark.parametrize(
    ("sounds", "comes", "cut"),
    [
        ("music", "ordinary", True),
        ("music", "urgent", True),
        ("ordinary", "urgent", True),
        ("urgent", "emergency", True),
        ("urgent", "ordinary", False),
        ("emergency", "urgent", False),
        ("emergency", "emergency", False),
    ],
)
def test_the_more_urgent_cuts_at_the_last_moment(sounds: str, comes: str, cut: bool) -> None:
    sounding = Start(bulletin("x", T - 60_000, priority=sounds), T - 60_000)
    coming = bulletin("a", T, priority=comes)
    assert plan(T - LEAD_MS - 1, coming, sounding=sounding).next is None
    made = plan(T, coming, sounding=sounding)
    assert (made.next is not None) == cut


def test_an_emergency_cuts_a_call_and_begins_sooner_than_others() -> None:
    emergency = bulletin("a", T, priority="emergency")
    assert plan(T, emergency, call_sounds=True).next == Start(emergency, T + EMERGENCY_LEAD_MS)


def test_an_emergency_does_not_wait_for_its_speech() -> None:
    emergency = bulletin("a", T, priority="emergency")
    assert plan(T, emergency, speech={}).next is not None
    failed = plan(T, emergency, speech={"a": Speech(error="no")})
    assert refusals(failed) == [("a", "unspeakable")]


@pytest.mark.parametrize("changes", [{"when_cut": "resume"}, {"priority": "music"}, {"relay": RELAY}])
def test_what_is_made_to_be_cut_does_not_wait_for_what_is_coming(changes: dict[str, Any]) -> None:
    emergency = bulletin("e", T + 4_000, priority="emergency")
    assert plan(T, bulletin("a", T, **changes), emergency).next is not None
    assert plan(T, bulletin("a", T, when_cut="restart"), emergency).next is None


def test_what_was_cut_goes_on_within_its_window_and_what_it_has_sounded() -> None:
    cut = bulletin("a", T, when_cut="resume")
    history = History().take([cut], T).begin("a").cut("a", "e", T, 3_000)
    late_ms = T + 10_000 + 3_000 - LEAD_MS
    assert plan(late_ms, cut, history=history).next == Start(cut, late_ms + LEAD_MS, 3_000)
    over = plan(late_ms + 1, cut, history=history)
    assert [(each.reason, each.detail[:8]) for each in over.refusals] == [(Reason.CUT, "cut by e")]


def test_a_relay_ends_at_its_time_and_is_connected_before_it() -> None:
    relay = bulletin("r", T, relay=RELAY, late_until_ms=T + 600_000)
    early = plan(T - PREPARE_MS - RELAY.delay_ms, relay)
    assert (early.next, early.relays) == (None, (relay,))
    assert plan(T - PREPARE_MS - RELAY.delay_ms - 1, relay).relays == ()
    late = plan(T + 40_000, relay).next
    assert late is not None
    assert stream_left_ms(late) == 20_000 - LEAD_MS
    assert refusals(plan(T + 59_000, relay)) == [("r", "too_late")]
    nine_ms = T + 11 * 3_600_000
    assert refusals(plan(nine_ms - 59_000, bulletin("r", nine_ms - 59_000, relay=RELAY))) == [
        ("r", "quiet_hours")
    ]


def test_a_stopped_loudspeaker_refuses_but_keeps_an_emergency_for_its_window() -> None:
    assert refusals(plan(T, bulletin("a", T), stopped=True)) == [("a", "stopped")]
    emergency = bulletin("e", T, priority="emergency")
    during = plan(T + 9_000, emergency, stopped=True)
    assert (during.refusals, during.next) == ((), None)
    assert refusals(plan(T + 10_001, emergency, stopped=True, waiting=during.waiting)) == [("e", "stopped")]
    assert plan(T + 5_000, emergency, waiting=during.waiting).next is not None


@pytest.mark.parametrize("now_ms", [0, T + 365 * 86_400_000])
def test_an_emergency_that_has_just_come_sounds_whatever_an_unsure_clock_says(now_ms: int) -> None:
    emergency = bulletin("e", T, priority="emergency")
    history = History().take([emergency], None)
    unsure: dict[str, Any] = {"clock_sure": False, "history": history}
    start = plan(now_ms, emergency, fresh=["e"], **unsure).next
    assert start == Start(emergency, now_ms + EMERGENCY_LEAD_MS)
    assert plan(now_ms + 400, emergency, fresh=["e"], prepared=start, **unsure).next == start
    assert plan(now_ms, emergency, **unsure).next is None
    urgent = bulletin("e", T, priority="urgent")
    assert plan(now_ms, urgent, fresh=["e"], **unsure).next is None


def test_an_emergency_for_at_once_does_not_wait_for_a_hub_whose_clock_is_ahead() -> None:
    now_ms = T - 3_600_000
    emergency = bulletin("e", T, priority="emergency")
    start = plan(now_ms, emergency, fresh=["e"]).next
    assert start == Start(emergency, now_ms + EMERGENCY_LEAD_MS)
    assert plan(now_ms + 100, emergency, fresh=["e"], prepared=start).next == start
    assert plan(now_ms, emergency).next is None, "one for a time of day"
    assert plan(now_ms, bulletin("u", T, priority="urgent"), fresh=["u"]).next is None
    soon = plan(T - 1_000, emergency, fresh=["e"]).next
    assert soon == Start(emergency, T), "a second is no mistake"


class Course(RuleBasedStateMachine):
    """Any course of events: programmes, clocks, renderings, stops, power cuts; the node is played by hand."""

    @initialize(after_ten_s=st.sampled_from([0, 0, 0, 39_590, 43_200, 70_190]))
    def begin(self, after_ten_s: int) -> None:
        """At ten, at ten seconds before quiet hours, within them, at ten seconds before their end."""
        self.now_ms = T + after_ten_s * 1_000
        self.sure = True
        self.void = False
        self.stopped = False
        self.held: dict[str, Bulletin] = {}
        self.history = History()
        self.speech: dict[str, Speech] = {}
        self.waiting: Any = {}
        self.prepared: Start | None = None
        self.sounding: tuple[Start, int] | None = None
        self.starts: list[str] = []
        self.cuts: list[str] = []
        self.sounded_ms: dict[str, int] = {}
        self.outcomes: dict[str, int] = {}
        self.made = 0

    @rule(
        after_ms=st.one_of(st.integers(-1_000, 3_000), st.integers(-5_000, 20_000)),
        window_ms=st.one_of(st.just(15_000), st.integers(0, 15_000)),
        approver=st.sampled_from(["minh", "minh", "minh", "minh", "minh", "lan", None]),
        priority=st.sampled_from(["emergency", "urgent", "ordinary", "music"]),
        when_cut=st.sampled_from(["resume", "restart", "drop"]),
        speech=st.sampled_from([LASTS, LASTS, LONG, Speech(duration_ms=900), Speech(), Speech(error="no")]),
        relay=st.sampled_from([None, None, None, RELAY]),
        looks=st.integers(0, 20),
    )
    def write(
        self,
        after_ms: int,
        window_ms: int,
        approver: str | None,
        priority: str,
        when_cut: str,
        speech: Speech,
        relay: Relay | None,
        looks: int,
    ) -> None:
        self.made += 1
        self.speech[f"b{self.made}"] = speech if relay is None else Speech(duration_ms=relay.lasts_ms)
        at_ms = self.now_ms + after_ms
        self.held[f"b{self.made}"] = bulletin(
            f"b{self.made}",
            at_ms,
            late_until_ms=at_ms + window_ms,
            approved=Approval(by=approver, at_ms=0) if approver else None,
            priority=priority,
            when_cut=when_cut,
            relay=relay,
        )
        self.pass_time(looks)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def render(self, data: st.DataObject) -> None:
        each = data.draw(st.sampled_from(sorted(self.held)))
        if self.held[each].relay is None:
            self.speech[each] = data.draw(
                st.sampled_from([LASTS, Speech(duration_ms=900), Speech(error="no")])
            )

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

    @rule(stopped=st.sampled_from([False, False, True]))
    def stop(self, stopped: bool) -> None:
        self.stopped = stopped
        if stopped and self.sounding is not None:
            self.settle(self.sounding[0].bulletin.id)
            self.sounding = None
        self.pass_time(5)

    @rule()
    def cut_power(self) -> None:
        self.history = state_as_read_back(self.history)
        begun = self.history.begun()
        assert begun == ([self.sounding[0].bulletin.id] if self.sounding else [])
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
        shown = None if self.void else list(self.held.values())
        if shown is not None:
            self.history = self.history.take(shown, self.now_ms if self.sure else None)
        self.sound_on(shown)
        view = View(
            soundings=shown,
            history=self.history,
            now_ms=self.now_ms,
            clock_sure=self.sure,
            speech=self.speech,
            waiting=self.waiting,
            prepared=self.prepared,
            sounding=self.sounding[0] if self.sounding else None,
            stopped=self.stopped,
        )
        made = make_plan(view, RULES)
        self.waiting = dict(made.waiting)
        self.prepared = made.next
        if made.next is not None and self.sounding is not None:
            self.cut(made.next)
        for refusal in made.refusals:
            self.settle(refusal.bulletin)
        if made.next is not None and made.next.at_ms <= self.now_ms + 450:
            self.start(made.next)
        self.no_emergency_waits_behind_others()

    def no_emergency_waits_behind_others(self) -> None:
        """What is due, approved and not forbidden sounds, or is about to, before anything less urgent."""
        due = [
            each
            for each in self.held.values()
            if each.emergency
            and each.approved is not None
            and each.approved.by != each.written_by
            and each.id in self.history.open()
            and not self.speech[each.id].error
            and each.at_ms <= self.now_ms <= each.late_until_ms - EMERGENCY_LEAD_MS
        ]
        if due and self.sure and not self.void and not self.stopped:
            now = self.sounding[0] if self.sounding else self.prepared
            assert now is not None
            assert now.bulletin.emergency

    def sound_on(self, shown: list[Bulletin] | None) -> None:
        if self.sounding is None:
            return
        start, end_ms = self.sounding
        if self.now_ms >= end_ms or shown is None or start.bulletin.id not in self.held:
            self.sounding = None
            self.settle(start.bulletin.id)

    def cut(self, by: Start) -> None:
        assert self.sounding is not None
        start, _ = self.sounding
        each = start.bulletin
        order = ["emergency", "urgent", "ordinary", "music"]
        assert order.index(by.bulletin.priority) < order.index(each.priority)
        self.sounding = None
        sounded_ms = start.from_ms + max(0, self.now_ms - start.at_ms)
        if each.when_cut == "drop":
            self.settle(each.id)
            return
        self.cuts.append(each.id)
        self.sounded_ms[each.id] = sounded_ms if each.when_cut == "resume" else 0
        self.history = self.history.cut(each.id, by.bulletin.id, start.at_ms, self.sounded_ms[each.id])

    def start(self, start: Start) -> None:
        each = start.bulletin
        duration_ms = self.speech[each.id].duration_ms or 0
        left_ms = stream_left_ms(start) if each.relay else max(0, duration_ms - start.from_ms)
        assert self.sure
        assert not self.void
        assert not self.stopped
        assert self.sounding is None
        assert each.approved is not None
        assert each.approved.by != each.written_by
        assert RULES.quiet is not None
        assert each.emergency or not RULES.quiet.touch(start.at_ms, start.at_ms + left_ms)
        assert start.from_ms == self.sounded_ms.get(each.id, 0)
        if each.relay is None:
            assert each.at_ms <= start.at_ms <= max(each.at_ms, each.late_until_ms) + start.from_ms
        self.history = self.history.begin(each.id)
        self.starts.append(each.id)
        self.sounding = (start, start.at_ms + left_ms)
        self.prepared = None

    def settle(self, each: str) -> None:
        self.outcomes[each] = self.outcomes.get(each, 0) + 1
        self.history = self.history.settle(each)

    @invariant()
    def nothing_begins_anew_but_after_a_cut_and_nothing_ends_twice(self) -> None:
        if not hasattr(self, "starts"):
            return
        for each in set(self.starts):
            assert self.starts.count(each) <= 1 + self.cuts.count(each)
        assert all(count == 1 for count in self.outcomes.values())

    def teardown(self) -> None:
        if not hasattr(self, "held"):
            return
        self.sure, self.void, self.stopped = True, False, False
        for _ in range(3):
            self.look()
            self.now_ms += 2_000_000
        assert {each: self.outcomes.get(each) for each in self.held} == dict.fromkeys(self.held, 1)


TestCourse = Course.TestCase
TestCourse.settings = settings(max_examples=300, stateful_step_count=30)
