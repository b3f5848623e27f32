"""The keys of a counter: asked of the hub, done alone without it, nothing lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware_agent.node import Sight
from kiosk_ui.keys import (
    ALONE_AFTER_S,
    JOINED_AFTER_S,
    KEPT_S,
    TOO_FAST,
    TOO_LATE,
    TOO_MANY,
    KeysNode,
    KeysSettings,
)
from kiosk_ui.keystrokes import FORGET_AFTER_S, Keystrokes, Order
from kiosk_ui.pace import NEXTS_MAX, WITHIN_S
from tests.kiosk_ui.at_counter import AWAY, DESK, Counter, ticket
from tests.kiosk_ui.stand import Stand
from tests.support.waiting import await_condition
from wire.facts import (
    ButtonFailed,
    ButtonRecovered,
    TicketCalled,
    TicketEnded,
    TicketIssued,
    TicketMissed,
    TicketParked,
    TicketRecalled,
    TicketReturned,
)
from wire.sharing import counter_of


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    stand = Stand(tmp_path)
    stand.documents.lay(DESK)
    yield Counter(stand)
    stand.close()


def test_what_keys_mean() -> None:
    strokes = Keystrokes()
    typed = ["enter", "+", "*", "/", "-", "0", "enter", "0", "0", "7", "enter", "1", "2", "."]
    orders = [strokes.key(name, float(n * 2)) for n, name in enumerate(typed)]
    assert [each for each in orders if each] == [
        Order("next"), Order("next"), Order("recall"), Order("missed"), Order("park"), Order("end"),
        Order("call", "7"), Order("return", "12"),
    ]  # fmt: skip
    assert [strokes.key("7", 100.0), strokes.key("backspace", 100.1), strokes.key("enter", 100.2)][
        2
    ] == Order("next")
    assert strokes.key("enter", 100.6) is None, "an impatient second press"
    strokes.key("9", 110.0)
    assert strokes.key("enter", 110.1 + FORGET_AFTER_S) == Order("next"), (
        "what nobody went on with is forgotten"
    )


def test_with_the_hub_there_a_key_asks_and_the_answer_comes(counter: Counter) -> None:
    counter.press("enter")
    (asked,) = counter.facts()
    assert (asked.action, asked.counter) == ("next", "quay-1")
    assert asked.expires_at_ms == counter.stand.clock.wall_ms() + 2_000
    counter.press("enter")
    assert len(counter.facts()) == 1, "one asking at a time"
    counter.lay(answered=asked.ask, serving=ticket("A002"))
    counter.step(ALONE_AFTER_S)
    assert counter.told() == []
    assert counter.node.answered_after_s is not None
    counter.press("0", "enter")
    assert counter.facts()[-1].action == "end"
    counter.lay(answered=counter.facts()[-1].ask, answer="Quầy đang không phục vụ ai.")
    assert "không phục vụ" in counter.stand.problems.texts()[0]


def test_a_typed_number_is_asked_for_as_the_slip_has_it(counter: Counter) -> None:
    counter.press("3", "enter")
    assert counter.facts()[-1].number == "A003"


def answer(counter: Counter, said: str = "") -> None:
    counter.lay(answered=counter.facts()[-1].ask, answer=said)


def actions(counter: Counter) -> list[str]:
    return [each.action for each in counter.facts()]


def test_end_and_next_typed_fast_are_both_done(counter: Counter) -> None:
    counter.press("0", "enter", "enter", "enter")
    assert actions(counter) == ["end"]
    answer(counter)
    assert actions(counter) == ["end", "next"]
    answer(counter)
    counter.step(2.0)
    assert actions(counter) == ["end", "next"]
    assert counter.stand.problems.texts() == []


def test_what_waits_behind_a_refusal_or_too_long_is_not_done(counter: Counter) -> None:
    counter.press("0", "enter", "enter")
    answer(counter, "Quầy đang không phục vụ ai.")
    counter.step(2.0)
    counter.press("*", "/", "-")
    assert counter.stand.problems.texts() == [TOO_MANY]
    counter.step(KEPT_S)
    answer(counter)
    assert actions(counter) == ["end", "recall"]
    assert counter.stand.problems.texts() == [TOO_LATE]


def test_what_was_kept_is_done_alone_when_the_hub_falls_silent(counter: Counter) -> None:
    counter.lay(serving=ticket("A001"))
    counter.stand.sight = Sight(connected=True, silent_ms=100, backlog=1)
    counter.press("0", "enter", "enter")
    counter.step(ALONE_AFTER_S)
    assert counter.told() == [("ended", "sanh-A001"), ("called", "sanh-A002")]


def test_a_loose_wire_calls_five_and_the_counter_is_told(counter: Counter) -> None:
    counter.stand.sight = AWAY
    counter.lay(waiting=[ticket(f"A{n:03}", mine=True) for n in range(100, 130)])
    for _ in range(20):
        counter.press("enter")
    assert [kind for kind, _ in counter.told()].count("called") == NEXTS_MAX
    assert counter.stand.problems.texts() == [TOO_FAST]
    counter.step(WITHIN_S)
    counter.press("enter")
    assert [kind for kind, _ in counter.told()].count("called") == NEXTS_MAX + 1
    assert counter.stand.problems.texts() == []


def test_a_call_button_that_is_stuck_is_told(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.documents.lay(DESK)
    node = KeysNode(stand.context(KeysSettings(keypad=False, buttons=(17, 27), stuck_after_s=1.0)))
    stand.start(node)
    try:
        await_condition(lambda: stand.sim_pins.factory.pin(27).pull == "up")
        # The first button answers: the second is made whole, and was seen up.
        stand.sim_pins.press(17)
        await_condition(stand.facts.bodies)
        stand.sim_pins.hold(27)
        await_condition(lambda: any("Kết thúc (bị kẹt)" in text for text in stand.problems.texts()))
        stand.sim_pins.free(27)
        await_condition(lambda: isinstance(stand.facts.bodies()[-1], ButtonRecovered))
        assert not any("kẹt" in text for text in stand.problems.texts())
        told = [each for each in stand.facts.bodies() if isinstance(each, ButtonFailed | ButtonRecovered)]
    finally:
        stand.close()
    assert told[0] == ButtonFailed(counter="quay-1", level=2, fault="stuck")
    assert [type(each) for each in told] == [ButtonFailed, ButtonRecovered]


def test_a_hub_that_took_the_asking_is_waited_for(counter: Counter) -> None:
    counter.press("enter")
    counter.step(ALONE_AFTER_S + 1)
    assert counter.told() == []
    counter.step(20)
    assert "không trả lời" in counter.stand.problems.texts()[0]


def test_when_no_answer_comes_the_counter_goes_on_alone(counter: Counter) -> None:
    counter.stand.sight = Sight(connected=True, silent_ms=100, backlog=1)
    counter.press("enter")
    counter.step(ALONE_AFTER_S)
    assert counter.told() == [("called", "sanh-A002")], "the first that is its own"
    called = counter.facts()[-1]
    assert (called.by, called.why, called.officer, called.counter) == ("keys", "own_order", "hoa", "quay-1")
    counter.press("+")
    assert counter.told()[1:] == [("ended", "sanh-A002"), ("called", "sanh-A004")], "at once: it is alone"
    counter.press("+")
    assert len(counter.told()) == 3, "and A003 is the other counter's"
    assert "Enter" in counter.stand.problems.texts()[0]


def test_alone_it_does_all_that_an_officer_does(counter: Counter) -> None:
    counter.stand.sight = AWAY
    counter.press("3", "enter")
    for keys in (["*"], ["-"], ["1", "."], ["enter"], ["/"], ["9", "9", "enter"], ["0", "enter"]):
        counter.press(*keys)
    kinds = [TicketCalled, TicketRecalled, TicketParked, TicketReturned, TicketCalled, TicketMissed]
    kinds += [TicketCalled, TicketEnded]
    assert [type(each) for each in counter.facts()] == kinds
    assert counter.facts()[4].number == "A001", "who came back is called first"
    assert (counter.facts()[6].ticket, counter.facts()[6].number) == ("", "A099")


def test_what_kiosks_gave_out_since_is_shared_without_a_word(counter: Counter) -> None:
    counter.stand.sight = AWAY
    issued = [
        TicketIssued(ticket=f"sanh-A{n:03}", number=f"A{n:03}", field="dat-dai", day="d", printed=True)
        for n in range(10, 30)
    ]
    counter.hear(*issued)
    counter.hear(*issued)
    own = [each.number for each in issued if counter_of(each.ticket, DESK.counters) == "quay-1"]
    assert 4 <= len(own) <= 16
    for _ in range(2 + len(own) + 1):
        counter.step(WITHIN_S / NEXTS_MAX)
        counter.press("enter")
    called = [each.number for each in counter.facts() if isinstance(each, TicketCalled)]
    assert called == ["A002", "A004", *own]


def test_what_another_counter_was_heard_to_call_is_not_called_again(counter: Counter) -> None:
    counter.stand.sight = AWAY
    told = TicketCalled(ticket="sanh-A002", number="A002", counter="quay-2", officer="lan", by="keys")
    counter.hear(told)
    counter.press("enter")
    assert counter.told() == [("called", "sanh-A004")]


def test_a_power_cut_in_the_middle_of_a_visit(counter: Counter) -> None:
    counter.stand.sight = AWAY
    counter.press("enter")
    counter.start()
    counter.press("*")
    assert counter.told() == [("called", "sanh-A002"), ("recalled", "sanh-A002")], "the visit is still on"
    counter.press("enter")
    assert counter.told()[2:] == [("ended", "sanh-A002"), ("called", "sanh-A004")]


def test_what_was_heard_before_a_power_cut_is_known_after_it_until_the_next_document(
    counter: Counter,
) -> None:
    """Otherwise numbers of Tuesday are called again on Thursday, when the hub is away."""
    counter.hear(
        TicketIssued(ticket="sanh-B001", number="B001", field="ho-tich", day="2026-01-01", printed=True)
    )
    counter.start()
    assert [each.number for each in counter.node.work.known.heard] == ["B001"]
    counter.lay(waiting=[])
    assert counter.node.work.known.heard == []


def test_the_hubs_word_counts_again_once_it_knows_all(counter: Counter) -> None:
    counter.stand.sight = AWAY
    counter.press("enter")
    counter.stand.sight = Sight()
    counter.lay(serving=ticket("A777"))
    assert counter.node.work.known.serving is not None, "a document from before says nothing"
    counter.lay(serving=ticket("A002"), heard=f"quay-1-pi/node/{'0' * 16}/1")
    assert counter.node.work.known.told == 0
    counter.press("*")
    assert counter.facts()[-1].action == "recall", "and the hub is asked again"


def test_a_hub_that_never_speaks_of_it_is_believed_in_the_end(counter: Counter) -> None:
    counter.stand.sight = AWAY
    counter.press("enter")
    counter.stand.sight = Sight()
    counter.step()
    counter.step(JOINED_AFTER_S)
    assert counter.node.work.known.told == 0


def test_a_pad_that_is_pulled_out_is_said_and_nothing_is_lost(counter: Counter) -> None:
    counter.stand.sight = AWAY
    counter.press("enter")
    counter.stand.sim_keypad.plug(False)
    counter.step()
    assert any("USB" in text for text in counter.stand.problems.texts())
    counter.stand.sim_keypad.plug(True)
    counter.press("*")
    assert counter.stand.problems.texts() == []
    assert counter.told() == [("called", "sanh-A002"), ("recalled", "sanh-A002")]


def test_a_disk_that_is_full_calls_nobody(counter: Counter) -> None:
    counter.stand.sight = AWAY
    counter.stand.facts.full = True
    counter.press("enter")
    assert counter.told() == []
    assert any("thẻ nhớ" in text for text in counter.stand.problems.texts())
    counter.stand.facts.full = False
    counter.press("enter")
    assert counter.told() == [("called", "sanh-A002")]


def test_without_any_document_a_typed_number_is_called(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    alone = Counter(stand, KeysSettings(counter="quay-9"))
    alone.press("7", "enter")
    assert [(each.number, each.counter, each.ticket) for each in alone.facts()] == [("A007", "quay-9", "")]
    stand.close()


def test_two_push_buttons_and_a_lamp(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.documents.lay(DESK)
    stand.sight = AWAY
    settings = KeysSettings(keypad=False, buttons=(17, 27), lamps=(5, 6))
    node = KeysNode(stand.context(settings))
    stand.start(node)
    try:
        await_condition(lambda: stand.sim_pins.factory.pin(27).pull == "up")
        stand.sim_pins.press(17)
        await_condition(lambda: stand.sim_pins.lamp(5))
        stand.sim_pins.press(27)
        told = await_condition(lambda: stand.facts.bodies()[1:] and stand.facts.bodies())
        assert [type(each) for each in told] == [TicketCalled, TicketEnded]
    finally:
        stand.close()


@pytest.mark.parametrize(
    "wrong", [{"buttons": (17,)}, {"lamps": (5, 5)}, {"keypad": False}, {"buttons": (17, 99)}]
)
def test_wrong_settings_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"two pins|different pins|needs buttons"):
        KeysSettings(**wrong)
