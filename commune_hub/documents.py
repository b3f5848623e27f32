"""What each node's document says, composed from what the capabilities know. Pure reading, no sending."""

from __future__ import annotations

from commune_hub.capabilities.bulletins import IN_PROGRAMME_MAX, Bulletin, Bulletins
from commune_hub.capabilities.queue import Queue
from provisioning.plan import HubConfig
from provisioning.roster import RosterEntry, RosterNode
from wire.intents import (
    Approval,
    Board,
    Call,
    Field,
    IntentBody,
    Kiosk,
    Notice,
    Programme,
    Serving,
    Waiting,
    Watch,
)
from wire.intents import Bulletin as ProgrammeBulletin

WAITING_SHOWN = 16
"""Numbers that a board lists; the rest is a total (wire.intents.Board)."""


class Documents:
    """Compose the document for a node of the roster; None for kinds that go by none."""

    def __init__(self, config: HubConfig, queue: Queue, bulletins: Bulletins) -> None:
        self._config = config
        self._queue = queue
        self._bulletins = bulletins
        self._counter_names = {counter.id: counter.name for counter in config.counters}
        self._field_names = {field.id: field.name for field in config.fields}

    def compose(self, entry: RosterEntry, node: RosterNode) -> IntentBody | None:
        """Return what `node` of the device `entry` shall go by now."""
        match node.kind:
            case "rating":
                return self._serving(entry.place)
            case "ticket":
                return self._kiosk(node.series or "A")
            case "display":
                return self._board()
            case "camera":
                return Watch(counter=entry.place, record=True)
            case "speaker":
                return self._programme(entry)
            case _:
                return None

    def _serving(self, counter: str) -> Serving:
        ticket = self._queue.serving().get(counter)
        return Serving(
            counter=counter,
            counter_name=self._counter_names.get(counter, counter),
            officer=ticket.officer if ticket else None,
            ticket=ticket.ticket if ticket else None,
            number=ticket.number if ticket else None,
        )

    def _kiosk(self, series: str) -> Kiosk:
        fields = [Field(id=each.id, name=each.name, name_en=each.name_en) for each in self._config.fields]
        return Kiosk(office=self._config.office, series=series, fields=fields)

    def _board(self) -> Board:
        waiting = self._queue.waiting()
        calls = sorted(self._queue.serving().values(), key=lambda each: each.called_at_ms or 0, reverse=True)
        return Board(
            office=self._config.office,
            calls=[
                Call(
                    number=each.number,
                    counter=each.counter or "",
                    counter_name=self._counter_names.get(each.counter or "", each.counter or ""),
                    called_at_ms=each.called_at_ms or 0,
                )
                for each in calls[:16]
            ],
            waiting=[
                Waiting(number=each.number, field=self._field_names.get(each.field, each.field))
                for each in waiting[:WAITING_SHOWN]
            ],
            waiting_total=len(waiting),
            notices=[Notice(title=each.title, lines=list(each.lines)) for each in self._config.notices],
        )

    def _programme(self, entry: RosterEntry) -> Programme:
        places = {entry.place, entry.device}
        meant = [each for each in self._bulletins.to_sound() if places.intersection(each.places)]
        return Programme(bulletins=[_for_speaker(each) for each in meant[:IN_PROGRAMME_MAX]])


def _for_speaker(bulletin: Bulletin) -> ProgrammeBulletin:
    """The approval stands inside the sealed document, for the loudspeaker itself to check."""
    approval = None
    if bulletin.approved_by and bulletin.approved_at_ms:
        approval = Approval(by=bulletin.approved_by, at_ms=bulletin.approved_at_ms)
    return ProgrammeBulletin(
        id=bulletin.id,
        title=bulletin.title,
        text=bulletin.text,
        at_ms=bulletin.at_ms or 0,
        late_until_ms=bulletin.late_until_ms or 0,
        written_by=bulletin.written_by,
        approved=approval,
        emergency=bulletin.emergency,
    )
