"""The ticket node: a number at once, never twice, also without paper, hub or power."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import cv2
import numpy as np
import pytest
from msgspec import structs
from numpy.typing import NDArray
from PIL import Image

from firmware_agent.hardware import FillBlock
from kiosk_ui import spoken
from kiosk_ui.catalogue import load_catalogue
from kiosk_ui.ticket import TicketNode
from kiosk_ui.ticket_desk import OPEN, SERIES
from kiosk_ui.ticket_layout import field_boxes, lane_boxes, middle_box
from kiosk_ui.ticket_pages import REST_S
from kiosk_ui.ticket_settings import TicketSettings
from tests.kiosk_ui.stand import KIOSK, Desk, Stand
from tests.support.waiting import await_condition
from wire.facts import TicketIssued
from wire.intents import Kiosk, Lane

SETTINGS = TicketSettings(number_s=2.0)


def run(stand: Stand, kiosk: Kiosk | None = KIOSK) -> None:
    if kiosk is not None:
        stand.documents.lay(kiosk)
    stand.start(TicketNode(stand.context(SETTINGS), random=lambda count: bytes(range(count))))
    await_condition(stand.shown)


def touch_field(stand: Stand, field: int) -> None:
    assert stand.sim_screen is not None
    box = field_boxes(SETTINGS.width, SETTINGS.height, KIOSK.fields, 0)[field]
    stand.sim_screen.touch(*box.centre)


def touch_done(stand: Stand) -> None:
    assert stand.sim_screen is not None
    stand.sim_screen.touch(*middle_box(SETTINGS.width, SETTINGS.height).centre)


def numbers(stand: Stand) -> list[str]:
    return [body.number for body in stand.facts.bodies() if isinstance(body, TicketIssued)]


def slips(stand: Stand) -> int:
    return len(list((stand.directory / "printed").glob("*.png")))


def take(stand: Stand, field: int = 0) -> None:
    """Take a number and tap it away, as a citizen does."""
    before = len(numbers(stand))
    pictures = stand.shown()

    def drawn() -> bool:
        touch_field(stand, field)
        return len(numbers(stand)) > before

    await_condition(drawn)
    await_condition(lambda: stand.shown() > pictures)
    pictures = stand.shown()

    def tapped_away() -> bool:
        touch_done(stand)
        return stand.shown() > pictures

    await_condition(tapped_away, within_s=REST_S + 5)


def test_numbers_follow_each_other_with_a_slip_each(stand: Stand) -> None:
    run(stand)
    for field in (0, 1, 0):
        take(stand, field)
    assert numbers(stand) == ["A001", "A002", "A003"]
    assert [body.field for body in stand.facts.bodies()] == ["ho-tich", "dat-dai", "ho-tich"]
    assert all(body.printed for body in stand.facts.bodies())
    assert slips(stand) == 3


def test_an_impatient_second_tap_draws_no_second_ticket(stand: Stand) -> None:
    run(stand)
    for _ in range(6):
        touch_field(stand, 0)
    await_condition(lambda: numbers(stand))
    stand.end()
    assert numbers(stand) == ["A001"]


def test_without_paper_the_number_still_counts_and_the_printer_is_reported(stand: Stand) -> None:
    stand.sim_printer.paper_out = True
    run(stand)
    take(stand)
    (body,) = stand.facts.bodies()
    assert (body.number, body.printed) == ("A001", False)
    assert "hết giấy" in stand.problems.texts()[0]
    stand.sim_printer.paper_out = False
    take(stand)
    assert numbers(stand) == ["A001", "A002"]
    assert stand.problems.texts() == []


def test_numbers_go_on_after_a_restart(stand: Stand) -> None:
    run(stand)
    take(stand)
    stand.end()
    run(stand)
    take(stand)
    assert numbers(stand) == ["A001", "A002"]


@pytest.mark.parametrize(("table", "key"), [("state", SERIES), ("spare", f"state/{SERIES}")])
def test_no_number_is_given_twice_where_a_bad_card_changed_the_last(
    stand: Stand, table: str, key: str
) -> None:
    run(stand)
    take(stand)
    stand.end()
    stand.facts.outbox.close()
    path = stand.directory / "outbox.db"
    with closing(sqlite3.connect(path)) as card, card:
        changed = f"UPDATE {table} SET value = replace(value, '1', '0') WHERE key = ?"  # noqa: S608
        assert card.execute(changed, [key]).rowcount == 1
    stand.facts = Desk(path, stand.clock)
    run(stand)
    take(stand)
    assert numbers(stand) == ["A001", "A002"]


def test_a_new_day_begins_at_one(stand: Stand) -> None:
    run(stand)
    take(stand)
    stand.clock.advance(86_400_000)
    take(stand)
    assert numbers(stand) == ["A001", "A001"]
    assert len({body.ticket for body in stand.facts.bodies()}) == 2


def test_a_ticket_that_was_reserved_when_the_power_failed_is_told_afterwards(stand: Stand) -> None:
    run(stand)
    take(stand)
    stand.end()
    lost = TicketIssued(ticket="t-2", number="A002", field="ho-tich", day="2026-01-01", printed=False)
    fields = {name: getattr(lost, name) for name in ("ticket", "number", "field", "day", "printed")}
    stand.facts.remember({OPEN: fields})
    run(stand)
    await_condition(lambda: numbers(stand) == ["A001", "A002"])
    stand.end()
    run(stand)
    assert numbers(stand) == ["A001", "A002"], "told once"


def test_a_full_disk_gives_no_number_and_says_so(stand: Stand) -> None:
    run(stand)
    stand.facts.full = True
    touch_field(stand, 0)
    await_condition(stand.problems.texts)
    assert "thẻ nhớ" in stand.problems.texts()[0]
    assert (numbers(stand), slips(stand)) == ([], 0)


def test_before_its_first_document_it_gives_nothing(stand: Stand) -> None:
    run(stand, None)
    touch_field(stand, 0)
    stand.documents.lay(KIOSK)
    stand.changed.set()
    take(stand)
    assert numbers(stand) == ["A001"]


def test_the_chosen_class_the_code_and_the_told_wait_are_on_the_slip_and_in_the_fact(stand: Stand) -> None:
    fields = [structs.replace(KIOSK.fields[0], wait_low_min=10, wait_high_min=25), KIOSK.fields[1]]
    lane = Lane(id="cao-tuoi", name="Người từ 75 tuổi")
    page = "http://10.0.0.5:8081/t/"
    run(stand, structs.replace(KIOSK, fields=fields, lanes=[lane], page_url=page))
    assert stand.sim_screen is not None
    touch_field(stand, 0)
    await_condition(lambda: stand.shown() > 1)
    for _ in range(10):  # ten fingers, as soon as the page is there: it rests
        stand.sim_screen.touch(*lane_boxes(SETTINGS.width, SETTINGS.height, 1)[0].centre)

    def drawn() -> bool:
        assert stand.sim_screen is not None
        stand.sim_screen.touch(*lane_boxes(SETTINGS.width, SETTINGS.height, 1)[1].centre)
        return bool(numbers(stand))

    await_condition(drawn)
    stand.end()
    (body,) = stand.facts.bodies()
    assert (body.lane, body.wait_low_min, body.wait_high_min) == ("cao-tuoi", 10, 25)
    assert body.code == "AAECAwQFBgcICQoLDA0ODw"
    slip = Image.open(stand.directory / "printed" / "ticket-0001.png").convert("L")
    told, *_ = cv2.QRCodeDetector().detectAndDecode(np.asarray(slip))
    assert told == page + body.code


def test_old_waiting_times_and_those_of_a_kiosk_without_time_are_not_told(stand: Stand) -> None:
    field = structs.replace(KIOSK.fields[0], wait_low_min=10, wait_high_min=25)
    told = structs.replace(KIOSK, fields=[field, KIOSK.fields[1]], waits_until_ms=stand.clock.wall_ms() + 1)
    run(stand, told)
    take(stand)
    stand.clock.advance(60_000)
    take(stand)
    assert [body.wait_high_min for body in stand.facts.bodies()] == [25, None]


class Loudspeaker:
    """A sound card that keeps what the node wants to be heard."""

    def __init__(self) -> None:
        self.fill: FillBlock | None = None

    def open_output(self, _rate_hz: int, _block_frames: int, fill: FillBlock) -> Loudspeaker:
        self.fill = fill
        return self

    def start(self) -> None:
        assert self.fill is not None

    def close(self) -> None:
        self.fill = None

    def heard(self, frames: int) -> list[int]:
        out = np.zeros((frames, 1), np.int16)
        if self.fill is not None:
            self.fill(out, frames, None, None)  # type: ignore[arg-type]
        return [int(each) for each in out[:, 0]]


class Voice:
    """Speaks each text as one long sample of its length."""

    name = "test"

    def speak(self, text: str) -> NDArray[np.int16]:
        return np.full(4, len(text), np.int16)


def test_the_kiosk_says_what_to_do_with_the_number(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    card = Loudspeaker()
    monkeypatch.setattr(stand, "sound_card", lambda: card)
    monkeypatch.setattr(spoken, "espeak_voice", lambda _voice: Voice())
    stand.documents.lay(KIOSK)
    stand.start(TicketNode(stand.context(TicketSettings(sound=True, volume=1.0, number_s=2.0))))
    await_condition(stand.shown)
    await_condition(lambda: len(list((stand.directory / "prompts").glob("*.npy"))) >= 7)
    touch_field(stand, 0)
    await_condition(lambda: numbers(stand) and card.fill is not None)
    heard = [each for each in card.heard(22_050) if each]
    assert heard[-4:] == [len(load_catalogue()("ticket.take_slip"))] * 4, "after the tone"


def test_a_kiosk_with_a_loudspeaker_that_is_gone_gives_numbers_all_the_same(stand: Stand) -> None:
    stand.documents.lay(KIOSK)
    stand.start(TicketNode(stand.context(TicketSettings(sound=True))))
    await_condition(stand.shown)
    take(stand)
    assert numbers(stand) == ["A001"]
    assert any("Loa" in text for text in stand.problems.texts())
