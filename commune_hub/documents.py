"""What each node's document says, composed from what the capabilities know. Pure reading, no sending."""

from __future__ import annotations

from collections.abc import Callable

from commune_hub.capabilities.bulletins import IN_PROGRAMME_MAX, Bulletin, Bulletins
from commune_hub.capabilities.notices import Notices
from commune_hub.capabilities.queue import Queue
from commune_hub.desk_document import compose_desk
from commune_hub.hall_documents import compose_board, compose_calls
from commune_hub.serving_document import compose_serving
from provisioning.plan import HALL, HubConfig
from provisioning.roster import RosterEntry, RosterNode
from wire.intents import (
    Approval,
    Field,
    IntentBody,
    Kiosk,
    Programme,
    Serving,
    Watch,
)
from wire.intents import Bulletin as ProgrammeBulletin


class Documents:
    """Compose the documents for a node of the roster; none for kinds that go by none."""

    def __init__(
        self,
        config: HubConfig,
        queue: Queue,
        bulletins: Bulletins,
        notices: Notices,
        gives_tickets: Callable[[], bool] = lambda: True,
    ) -> None:
        """`gives_tickets` tells whether there is a kiosk: without one nobody can say who is served."""
        self._config = config
        self._gives_tickets = gives_tickets
        self._queue = queue
        self._bulletins = bulletins
        self._notices = notices
        self._counter_names = {counter.id: counter.name for counter in config.counters}

    def compose(self, entry: RosterEntry, node: RosterNode) -> list[IntentBody]:
        """Return what `node` of the device `entry` shall go by now, one document of each name."""
        of_kind: dict[str, Callable[[], list[IntentBody]]] = {
            "rating": lambda: [self._serving(entry.place)],
            "ticket": lambda: [self._kiosk(node.series or "A")],
            "display": lambda: [compose_board(self._config, self._queue, self._notices)],
            "camera": lambda: [Watch(counter=entry.place, record=True)],
            "keys": lambda: [compose_desk(self._config, self._queue, entry.place)],
            "speaker": lambda: [self._programme(entry), *self._calls(entry)],
        }
        return of_kind.get(node.kind, list)()

    def _calls(self, entry: RosterEntry) -> list[IntentBody]:
        """A loudspeaker of the hall speaks the calls, one of a hamlet does not."""
        return [compose_calls(self._config, self._queue)] if entry.place == HALL else []

    def _serving(self, counter: str) -> Serving:
        name = self._counter_names.get(counter, counter)
        return compose_serving(self._queue, counter, name, self._gives_tickets())

    def _kiosk(self, series: str) -> Kiosk:
        fields = [Field(id=each.id, name=each.name, name_en=each.name_en) for each in self._config.fields]
        return Kiosk(office=self._config.office, series=series, fields=fields)

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
        priority="emergency" if bulletin.emergency else "ordinary",
    )
