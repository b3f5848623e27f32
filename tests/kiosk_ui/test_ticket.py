"""The ticket node: a number at once, never twice, also without paper, hub or power."""

from __future__ import annotations

from PIL import Image

from kiosk_ui.slip import WIDTH_PX, draw_slip
from kiosk_ui.ticket import OPEN, REST_S, TicketNode, TicketSettings
from kiosk_ui.ticket_view import choice_boxes, done_box
from tests.kiosk_ui.stand import KIOSK, Stand
from tests.support.waiting import await_condition
from wire.facts import TicketIssued

SETTINGS = TicketSettings(number_s=2.0)


def run(stand: Stand, *, known: bool = True) -> None:
    if known:
        stand.documents.lay(KIOSK)
    stand.start(TicketNode(stand.context(SETTINGS)))
    await_condition(stand.shown)


def touch_field(stand: Stand, field: int) -> None:
    assert stand.sim_screen is not None
    box = choice_boxes(SETTINGS.width, SETTINGS.height, len(KIOSK.fields))[field]
    stand.sim_screen.touch(*box.centre)


def touch_done(stand: Stand) -> None:
    assert stand.sim_screen is not None
    stand.sim_screen.touch(*done_box(SETTINGS.width, SETTINGS.height).centre)


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
    run(stand, known=False)
    touch_field(stand, 0)
    stand.documents.lay(KIOSK)
    stand.changed.set()
    take(stand)
    assert numbers(stand) == ["A001"]


def test_a_slip_is_black_on_white_and_wide_as_the_paper() -> None:
    slip = draw_slip("UBND xã có một cái tên rất dài, dài hơn bề ngang của giấy in", "A007", "Hộ tịch", "")
    assert (slip.mode, slip.width) == ("1", WIDTH_PX)
    ink = slip.convert("L").point(lambda level: 255 - level).getbbox()
    assert ink is not None
    left, _, right, _ = ink
    assert 0 < left < right < WIDTH_PX, "nothing is cut off"
    assert isinstance(slip, Image.Image)
