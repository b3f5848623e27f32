"""The slip: black on white, as wide as the paper, nothing cut, and a code that phones read."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kiosk_ui.catalogue import load_catalogue
from kiosk_ui.slip import CODE_BYTES, MARGIN_PX, NARROW_PX, WIDTH_PX, Slip, draw_slip, slip_code

TEXTS = load_catalogue()
FULL = Slip(
    office="Trung tâm Phục vụ hành chính công xã có một cái tên rất dài, dài hơn bề ngang của giấy in",
    number="A007",
    field="Bảo trợ xã hội",
    lane="Người có công với cách mạng",
    papers=("Căn cước hoặc hộ chiếu", "Giấy xác nhận khuyết tật hoặc giấy tờ khác chứng minh (nếu có)"),
    wait_min=(10, 25),
    link="http://10.0.0.5:8081/t/" + slip_code(bytes(CODE_BYTES)),
    when="08:15 21/11/2026",
)


@pytest.mark.parametrize("width", [WIDTH_PX, NARROW_PX])
@pytest.mark.parametrize("url", [FULL.link, "http://" + "a" * 108 + "/t/" + "b" * 22])
def test_a_slip_is_as_wide_as_the_paper_and_its_code_can_be_read(width: int, url: str) -> None:
    slip = draw_slip(replace(FULL, link=url), TEXTS, width)
    assert (slip.mode, slip.width) == ("1", width)
    plain = draw_slip(replace(FULL, link=url, lane=""), TEXTS, width).convert("L")
    box = plain.point(lambda level: 255 - level).getbbox()
    assert box is not None
    assert 0 < box[0] < box[2] < width, "nothing is cut off"
    told, *_ = cv2.QRCodeDetector().detectAndDecode(np.asarray(plain))
    assert told == url


def test_what_is_not_known_takes_no_room() -> None:
    heights = [
        draw_slip(slip, TEXTS).height
        for slip in (
            FULL,
            replace(FULL, wait_min=None),
            replace(FULL, wait_min=None, when=""),
            replace(FULL, wait_min=None, when="", lane=""),
            replace(FULL, wait_min=None, when="", lane="", papers=()),
            replace(FULL, wait_min=None, when="", lane="", papers=(), link=""),
        )
    ]
    assert heights == sorted(set(heights), reverse=True)


def test_a_papers_second_line_stands_under_its_words_not_under_its_dash() -> None:
    lone = replace(FULL, office="", number="", field="", lane="", wait_min=None, link="", when="")
    starts = [_row_starts(draw_slip(replace(lone, papers=(paper,)), TEXTS)) for paper in ("M" * 5, "M " * 40)]
    dash_only, wrapped = (Counter(each) for each in starts)
    beneath = {x for x in wrapped - dash_only if x > MARGIN_PX + 8}
    assert any(wrapped[x] > 20 for x in beneath), "whole letters stand to the right of the dash"


def _row_starts(slip: Image.Image) -> list[int]:
    """Where each row of dots begins."""
    return [int(row.argmin()) for row in np.asarray(slip) if not row.all()]


@given(st.text(max_size=400), st.lists(st.text(max_size=400), max_size=12))
def test_whatever_an_office_writes_a_slip_comes_out(text: str, papers: list[str]) -> None:
    slip = draw_slip(replace(FULL, office=text, field=text, papers=tuple(papers), link=""), TEXTS, NARROW_PX)
    assert slip.width == NARROW_PX
    assert slip.height < 12 * 400 * 40 + 20_000


def test_a_code_is_22_letters_of_128_bits() -> None:
    assert slip_code(bytes(range(240, 256))) == "8PHy8_T19vf4-fr7_P3-_w"
    with pytest.raises(ValueError, match="15"):
        slip_code(bytes(15))
