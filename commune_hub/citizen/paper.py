"""Draws the pages: Jinja2, everything that comes from outside escaped, and the headers of every answer."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from commune_hub.citizen.faces import face_of
from commune_hub.citizen.slips import REASONS
from commune_hub.citizen.view import View
from kiosk_ui.catalogue import load_catalogue
from kiosk_ui.scale import LOOKS, level_key

HERE = Path(__file__).parent
STYLE = (HERE / "page.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # A connection is good for one page: who holds one without asking holds it for seconds.
    "connection": "close",
}
"""Of every answer. The code stands in the address, so nobody is told where a citizen came from."""

TOLD = {
    400: ("Biểu mẫu không đúng. Xin mở lại trang từ mã trên phiếu.", "The form is malformed."),
    404: (
        "Không có trang này. Mã trên phiếu chỉ dùng được trong ngày lấy số.",
        "There is no such page. The code on a slip is good for its own day only.",
    ),
    405: ("Trang này không nhận cách gọi đó.", "This page does not take that method."),
    408: ("Đường truyền quá chậm. Xin thử lại.", "The line is too slow. Please try again."),
    413: ("Biểu mẫu quá lớn.", "The form is too large."),
    429: ("Nhiều người đang xem. Xin thử lại sau ít giây.", "Too many requests. Please try again soon."),
    431: ("Lời gọi quá dài.", "The request is too long."),
    503: ("Máy chưa ghi được. Xin thử lại sau.", "It could not be saved. Please try again later."),
}
"""What a page says that shows no visit, by status."""


class Paper:
    """`paper.place(view)` and the other pages, as text."""

    def __init__(self, office: str) -> None:
        self._jinja = Environment(
            loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        first, second = load_catalogue("vi"), load_catalogue("en")
        self._jinja.globals |= {
            "office": office,
            "style": Markup(STYLE),  # noqa: S704 - our own file
            "faces": {
                scale: [
                    {
                        "level": level,
                        "picture": face_of(look),
                        "words": first(level_key(scale, level)),
                        "words_en": second(level_key(scale, level)),
                    }
                    for level, look in enumerate(looks, 1)
                ]
                for scale, looks in LOOKS.items()
            },
            "reasons": [
                {"id": reason, "words": first(f"reason.{reason}"), "words_en": second(f"reason.{reason}")}
                for reason in REASONS
            ],
        }
        self._plain = {status: self._draw("plain.html", told=told) for status, told in TOLD.items()}

    def place(self, view: View) -> str:
        """Where a visit stands, and the faces when it may be rated."""
        return self._draw("place.html", view=view, refresh_s=view.refresh_s)

    def why(self, code: str, press: str) -> str:
        """After a low vote: what was it?"""
        return self._draw("why.html", code=code, press=press)

    def thanks(self, code: str) -> str:
        """After a vote, or its reason."""
        return self._draw("thanks.html", code=code)

    def plain(self, status: int) -> str:
        """What is no visit's page: the same for everybody."""
        return self._plain.get(status, self._plain[503])

    def _draw(self, template: str, **values: object) -> str:
        return self._jinja.get_template(template).render(**values)
