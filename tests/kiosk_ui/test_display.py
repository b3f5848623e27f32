"""The display node on a real SDL screen: every call is shown and told once; a still screen costs nothing."""

from __future__ import annotations

import itertools
from dataclasses import replace

import msgspec
import pytest

from firmware_agent.delivery.neighbours import Neighbours
from firmware_agent.hardware import Touch
from kiosk_ui.calls import SHORTEST_S, CallStage
from kiosk_ui.display import DisplayNode, DisplaySettings
from sim.parts.screen import SimScreen
from tests.kiosk_ui.stand import Stand
from tests.support.clocks import TEN_O_CLOCK_MS
from tests.support.waiting import await_condition
from wire.batches import Batch
from wire.codec import encode
from wire.facts import CallShown, Moment, TicketCalled, make_fact
from wire.intents import Board, Call, Notice, call_id
from wire.topics import Address

EPOCH = "0123456789abcdef"


def board(count: int, notices: list[Notice] | None = None) -> Board:
    calls = [
        Call(
            number=f"A{index:03}",
            counter=f"quay-{index}",
            counter_name=f"Quầy {index}",
            called_at_ms=TEN_O_CLOCK_MS,
            id=f"hub/queue/e/{index}",
        )
        for index in range(count, 0, -1)
    ]
    return Board(office="UBND xã", calls=calls, waiting=[], waiting_total=0, notices=notices or [])


def lay(stand: Stand, document: Board) -> None:
    stand.documents.lay(document)
    stand.changed.set()


def told(stand: Stand) -> list[CallShown]:
    return [each for each in stand.facts.bodies() if isinstance(each, CallShown)]


def test_counters_that_call_at_once_are_all_shown_in_order_each_for_its_time_and_told_once(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    began_s: list[float] = []
    seen = CallStage.seen

    def seeing(stage: CallStage, now_s: float) -> None:
        began_s.append(now_s)
        seen(stage, now_s)

    monkeypatch.setattr(CallStage, "seen", seeing)
    stand.start(DisplayNode(stand.context(DisplaySettings(fresh_s=2.0))))
    for count in (1, 3):
        lay(stand, board(count))
    await_condition(lambda: len(told(stand)) == 3, 30)
    assert [each.number for each in told(stand)] == ["A001", "A002", "A003"]
    assert [each.call for each in told(stand)] == [f"hub/queue/e/{index}" for index in (1, 2, 3)]
    gaps = [after - before for before, after in itertools.pairwise(began_s)]
    assert min(gaps) >= SHORTEST_S


def test_after_a_restart_shown_calls_are_not_repeated_and_the_others_follow(stand: Stand) -> None:
    lay(stand, board(2))
    stand.start(DisplayNode(stand.context(DisplaySettings())))
    await_condition(lambda: len(told(stand)) == 1)
    stand.end()
    stand.start(DisplayNode(stand.context(DisplaySettings())))
    await_condition(lambda: len(told(stand)) == 2)
    assert [each.number for each in told(stand)] == ["A001", "A002"]


def test_a_counter_that_calls_by_its_keys_is_shown_without_the_hub(stand: Stand) -> None:
    lay(stand, board(0))
    neighbours = Neighbours(DisplayNode.HEARS)
    neighbours.on_heard = stand.changed.set
    context = replace(stand.context(DisplaySettings()), neighbours=neighbours)
    stand.start(DisplayNode(context))
    keys = Address("xuan-luong", "quay-2-pi", "keys")
    body = TicketCalled(ticket="t", number="A009", counter="quay-2", officer="hoa", by="keys")
    moment = Moment(at_ms=TEN_O_CLOCK_MS, mono_ms=1, boot="b", synced=True)
    batch = Batch(
        device=keys.device, node=keys.node, epoch=EPOCH, first=7, oldest=7, facts=[make_fact(body, moment)]
    )
    neighbours.hear(keys, encode(batch))
    await_condition(lambda: told(stand))
    assert told(stand)[0].call == call_id("quay-2-pi", "keys", EPOCH, 7)


def test_a_full_disk_stops_no_call(stand: Stand) -> None:
    stand.facts.full = True
    lay(stand, board(1))
    stand.start(DisplayNode(stand.context(DisplaySettings())))
    await_condition(lambda: any("thẻ nhớ" in text for text in stand.problems.texts()))
    assert stand.shown() >= 1


def test_a_still_screen_is_drawn_once(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    shows: list[int] = []
    show = SimScreen.show

    def counted(screen: SimScreen) -> None:
        shows.append(1)
        show(screen)

    looks: list[int] = []
    touches = SimScreen.touches

    def looking(screen: SimScreen) -> list[Touch]:
        looks.append(1)
        return touches(screen)

    monkeypatch.setattr(SimScreen, "show", counted)
    monkeypatch.setattr(SimScreen, "touches", looking)
    lay(stand, msgspec.structs.replace(board(1), calls=[]))
    stand.start(DisplayNode(stand.context(DisplaySettings())))
    await_condition(lambda: shows)
    looked = len(looks)
    await_condition(lambda: len(looks) > looked + 8)
    assert len(shows) == 1
