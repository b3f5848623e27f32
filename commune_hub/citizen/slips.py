"""What the code of a slip opens, and its one vote.

A vote is a fact of the hub's own. Whether the slip was used is asked, and the fact written, in one
transaction; so two phones with one slip make one vote.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from commune_hub.capabilities.queue import Queue, Ticket
from commune_hub.capabilities.ratings import Ratings
from commune_hub.errors import ConflictError, InvalidError, MissingError
from commune_hub.ledger import Ledger
from commune_hub.store import Store
from commune_hub.times import NowMs, local_day
from wire.facts import RatingPressed, RatingReasoned
from wire.scales import DEFAULT_SCALE, SCALES, Scale

STREAM = "slips"
"""Name of the hub's own stream for what citizens tell on this page."""

REASONS = ("waiting", "procedure", "attitude", "facilities", "other")
"""What may be tapped after an unsatisfied vote; their words are `[reason]` in the kiosks' catalogue."""

RATED = frozenset({"called", "ended"})
"""States of a visit that may be rated: somebody has served it."""

PRESS_BYTES = 12

_CODE = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Vote:
    """A vote that was just taken. Only who gave it knows `press`, and may say why."""

    press: str
    asks_why: bool


class Slips:
    """What phones ask; every question is answered by an index, whether there is such a code or not."""

    def __init__(
        self,
        store: Store,
        now_ms: NowMs,
        queue: Queue,
        ratings: Ratings,
        ledger: Ledger,
        scale: str = DEFAULT_SCALE,
    ) -> None:
        """`scale` is asked on where no panel has told of its own."""
        self._store = store
        self._now_ms = now_ms
        self._queue = queue
        self._ratings = ratings
        self._ledger = ledger
        self._scale = SCALES[scale]

    def find(self, code: str) -> Ticket:
        """Return today's visit of a code; MissingError for any other text, whatever is wrong with it."""
        ticket = self._queue.by_code(code) if _CODE.fullmatch(code) else None
        if ticket is None or ticket.day != local_day(self._now_ms()):
            raise MissingError("Không có trang này. (There is no such page.)")
        return ticket

    def is_used(self, ticket: Ticket) -> bool:
        """Tell whether the slip's vote was given; never which it was."""
        return self._ratings.by_slip(ticket.ticket) is not None

    def scale_of(self, ticket: Ticket) -> Scale:
        """Return the scale that a visit is rated on: that of its counter's panel."""
        return (self._ratings.panel_scale(ticket.counter) if ticket.counter else None) or self._scale

    def rate(self, code: str, scale: str, level: int) -> Vote:
        """Take the vote, on the scale that the page showed.

        MissingError as for `find`; InvalidError for a level that there is not; ConflictError when the slip
        was used already, while its visit cannot be rated, or when its counter asks on another scale by now.
        """
        if scale not in SCALES or not SCALES[scale].has(level):
            raise InvalidError("Không có mức này. (There is no such level.)")
        with self._store.transaction():
            ticket = self.find(code)
            if scale != self.scale_of(ticket).id:
                raise ConflictError("Quầy này nay hỏi theo thang khác. (Another scale.)")
            if ticket.state not in RATED or ticket.counter is None or self.is_used(ticket):
                raise ConflictError("Phiếu này chưa hoặc không còn đánh giá được. (Not now.)")
            press = secrets.token_hex(PRESS_BYTES)
            body = RatingPressed(
                counter=ticket.counter,
                scale=scale,
                level=level,
                source="slip",
                ticket=ticket.ticket,
                officer=ticket.officer,
                press=press,
            )
            self._ledger.record(STREAM, body)
        return Vote(press, asks_why=SCALES[scale].mood(level) == "unsatisfied")

    def give_reason(self, code: str, press: str, reason: str) -> None:
        """Keep why a low vote was low, once.

        MissingError as for `find`; InvalidError for a reason that nobody offered; ConflictError alike for a
        press that is not this slip's, that was not low, or whose reason was given: a stranger learns nothing.
        """
        if reason not in REASONS:
            raise InvalidError("Không có lý do này. (There is no such reason.)")
        with self._store.transaction():
            vote = self._ratings.by_slip(self.find(code).ticket)
            if (
                vote is None
                or not secrets.compare_digest(vote.press.encode(), press.encode())
                or vote.mood != "unsatisfied"
                or vote.reason is not None
            ):
                raise ConflictError("Không nhận được lý do này. (Not taken.)")
            self._ledger.record(STREAM, RatingReasoned(counter=vote.counter, press=press, reason=reason))
