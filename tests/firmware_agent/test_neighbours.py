"""Facts of neighbours: each handed out once, of the kinds asked for, also when the hub says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_agent.config import DeviceConfig, NodeSettings
from firmware_agent.delivery.carrier import ALOUD_AFTER_MS, ALOUD_MAX, Carrier
from firmware_agent.delivery.neighbours import WAITING_MAX, Neighbours
from firmware_agent.delivery.outbox import Outbox
from firmware_agent.desk import Desk
from firmware_agent.identity import load_identity
from firmware_agent.node import Problems
from tests.support.clocks import HandClock, RunningClock
from tests.support.commune import COMMUNE
from tests.support.site import Site
from tests.support.waiting import await_condition
from wire.batches import Batch
from wire.codec import WireError, encode
from wire.delivery import RESEND_AFTER_MS
from wire.facts import Body, Moment, RatingPressed, TicketIssued, make_fact
from wire.intents import call_id
from wire.pace import WINDOW_FACTS_MIN
from wire.topics import Address, access_list

KIOSK = Address(COMMUNE, "sanh", "ticket")
STAMP = Moment(at_ms=1, mono_ms=1, boot="b", synced=True)


def ticket(number: int) -> TicketIssued:
    return TicketIssued(ticket=f"t{number}", number=f"A{number:03}", field="f", day="d", printed=True)


def press() -> RatingPressed:
    return RatingPressed(counter="c", scale="vi4", level=1, source="touch")


def batch(*bodies: Body, first: int = 1, device: str = "sanh") -> bytes:
    facts = [make_fact(body, STAMP) for body in bodies]
    made = Batch(device=device, node="ticket", epoch="0" * 16, first=first, oldest=1, facts=facts)
    return encode(made)


def numbers(neighbours: Neighbours) -> list[str]:
    return [each.body.number for each in neighbours.take() if isinstance(each.body, TicketIssued)]


def test_each_fact_of_the_kinds_asked_for_is_handed_out_once() -> None:
    neighbours = Neighbours(frozenset({TicketIssued.KIND}))
    woken: list[bool] = []
    neighbours.on_heard = lambda: woken.append(True)
    neighbours.hear(KIOSK, batch(ticket(1), press(), ticket(2)))
    neighbours.hear(KIOSK, batch(ticket(2), ticket(3), first=3))
    heard = neighbours.take()
    assert [each.id for each in heard] == [call_id("sanh", "ticket", "0" * 16, seq) for seq in (1, 3, 4)]
    neighbours.hear(KIOSK, batch(ticket(1), press()))
    assert (neighbours.take(), len(woken)) == ([], 2)


def test_what_is_misshapen_or_of_another_sender_is_refused() -> None:
    neighbours = Neighbours(frozenset({TicketIssued.KIND}))
    for payload in (b"{", batch(ticket(1), device="other")):
        with pytest.raises(WireError):
            neighbours.hear(KIOSK, payload)
    assert neighbours.take() == []


def test_what_nobody_takes_is_bounded() -> None:
    neighbours = Neighbours(frozenset({TicketIssued.KIND}))
    for first in range(1, WAITING_MAX + 200, 100):
        neighbours.hear(KIOSK, batch(*map(ticket, range(first, first + 100)), first=first))
    assert len(neighbours.take()) == WAITING_MAX


def test_a_silent_hub_does_not_keep_numbers_from_neighbours(tmp_path: Path) -> None:
    """The window to a silent hub is closed after a few facts; the rest is told once, aloud."""
    outbox = Outbox(tmp_path / "outbox.db")
    carrier = Carrier(KIOSK, outbox)
    carrier.sender.on_connected(0)
    sent: list[int] = []

    def send_all(now_ms: int) -> None:
        while made := carrier.next_batch(now_ms) or carrier.next_aloud(now_ms):
            sent.extend(range(made.first, made.first + len(made.facts)))

    for number in range(1, 41):
        outbox.append(make_fact(ticket(number), STAMP))
        carrier.appended()
    send_all(0)
    assert sent == list(range(1, WINDOW_FACTS_MIN + 1))
    send_all(ALOUD_AFTER_MS)
    assert sorted(sent) == list(range(1, 41))
    send_all(RESEND_AFTER_MS)
    assert len(sent) == 40 + WINDOW_FACTS_MIN, "to the hub again, to neighbours not"
    assert carrier.sight(RESEND_AFTER_MS).silent_ms == RESEND_AFTER_MS
    for number in range(41, 41 + 3 * ALOUD_MAX):
        outbox.append(make_fact(ticket(number), STAMP))
        carrier.appended()
    sent.clear()
    send_all(RESEND_AFTER_MS + 1)
    assert sent == list(range(41 + 2 * ALOUD_MAX, 41 + 3 * ALOUD_MAX)), "the newest are news"
    carrier.sender.on_disconnected()
    assert carrier.next_aloud(RESEND_AFTER_MS + 2) is None
    outbox.close()


def device(site: Site, name: str, node: str) -> DeviceConfig:
    config = site.config(site.commune.issue(name))
    return config.model_copy(update={"device": name, "nodes": [NodeSettings(kind=node, name=node)]})


def open_desk(site: Site, config: DeviceConfig, hears: frozenset[str]) -> Desk:
    node = config.nodes[0].name
    identity = load_identity(config.identity, config.device, None)
    moved = config.model_copy(update={"state_dir": site.directory / config.device})
    desk = Desk(moved, node, node, identity, RunningClock(), Problems(), hears)
    desk.start()
    return desk


def test_a_counter_hears_the_kiosk_while_the_hub_is_away_and_a_stranger_does_not(tmp_path: Path) -> None:
    site = Site(tmp_path)
    heard = frozenset({TicketIssued.KIND})
    nodes = {"quay-2-pi": ["keys"], "loa-pi": ["speaker"], "sanh": ["ticket"]}
    rules = access_list(COMMUNE, nodes, {"quay-2-pi": [KIOSK.facts]})
    nodes = {"quay-2-pi": ["keys"], "loa-pi": ["speaker"], "sanh": ["ticket"]}
    rules = access_list(COMMUNE, nodes, {"quay-2-pi": [KIOSK.facts]})
    site.broker.access_file.write_text(rules, encoding="utf-8")
    with site.broker:
        keys = open_desk(site, device(site, "quay-2-pi", "keys"), heard)
        stranger = open_desk(site, device(site, "loa-pi", "speaker"), heard)
        kiosk = open_desk(site, device(site, "sanh", "ticket"), frozenset())
        try:
            await_condition(lambda: all(each.sight().connected for each in (keys, stranger, kiosk)))
            for number in range(1, 16):
                kiosk.record(ticket(number))
            found: list[str] = []

            def heard_all() -> bool:
                found.extend(numbers(keys.neighbours))
                return len(found) >= 15

            await_condition(heard_all)
            assert sorted(found) == [f"A{number:03}" for number in range(1, 16)]
            assert keys.changed.is_set()
            assert numbers(stranger.neighbours) == []
            assert kiosk.sight().backlog == 15
        finally:
            for each in (keys, stranger, kiosk):
                each.stop()


def test_a_clock_by_hand_sees_no_silence_where_nothing_is_under_way(tmp_path: Path) -> None:
    carrier = Carrier(KIOSK, Outbox(tmp_path / "outbox.db"))
    clock = HandClock()
    carrier.sender.on_connected(clock.mono_ms())
    clock.advance(60_000)
    assert carrier.sight(clock.mono_ms()).silent_ms == 0
