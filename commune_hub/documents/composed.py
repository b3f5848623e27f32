"""What each node's document says, composed from what the capabilities know. Pure reading, no sending."""

from __future__ import annotations

from collections.abc import Callable

from commune_hub.capabilities.bulletins import Bulletins
from commune_hub.capabilities.notices import Notices
from commune_hub.capabilities.queue import Queue
from commune_hub.documents.desk import compose_desk
from commune_hub.documents.hall import compose_board, compose_calls
from commune_hub.documents.kiosk import KioskDocuments
from commune_hub.documents.programme import Programmes
from commune_hub.documents.serving import compose_serving
from commune_hub.times import NowMs, now_ms
from provisioning.plan import HALL, HubConfig
from provisioning.roster import RosterEntry, RosterNode
from speaker_node.vietnamese import spoken
from wire.intents import IntentBody, Serving, Watch


class Documents:
    """Compose the documents for a node of the roster; none for kinds that go by none."""

    def __init__(
        self,
        config: HubConfig,
        queue: Queue,
        bulletins: Bulletins,
        notices: Notices,
        gives_tickets: Callable[[], bool] = lambda: True,
        now_ms: NowMs = now_ms,
        say: Callable[[str], str] = spoken,
    ) -> None:
        """`gives_tickets` tells whether there is a kiosk: without one nobody can say who is served.

        `say` makes the words of a text.
        """
        self._config = config
        self._now_ms = now_ms
        self._gives_tickets = gives_tickets
        self._queue = queue
        self._programmes = Programmes(bulletins, say)
        self._notices = notices
        self._kiosks = KioskDocuments(config, queue)
        self._counter_names = {counter.id: counter.name for counter in config.counters}

    def compose(self, entry: RosterEntry, node: RosterNode) -> list[IntentBody]:
        """Return what `node` of the device `entry` shall go by now, one document of each name."""
        of_kind: dict[str, Callable[[], list[IntentBody]]] = {
            "rating": lambda: [self._serving(entry.place)],
            "ticket": lambda: [self._kiosks.of(node.series or "A", self._now_ms())],
            "display": lambda: [compose_board(self._config, self._queue, self._notices)],
            "camera": lambda: [self._watch(entry.place)],
            "keys": lambda: [compose_desk(self._config, self._queue, entry.place)],
            "speaker": lambda: [
                self._programmes.of([entry.place, entry.device], self._now_ms()),
                *self._calls(entry),
            ],
        }
        return of_kind.get(node.kind, list)()

    def _calls(self, entry: RosterEntry) -> list[IntentBody]:
        """A loudspeaker of the hall speaks the calls, one of a hamlet does not."""
        return [compose_calls(self._config, self._queue)] if entry.place == HALL else []

    def _watch(self, counter: str) -> Watch:
        return Watch(counter=counter, record=True, keep_days=self._config.clips.keep_days)

    def _serving(self, counter: str) -> Serving:
        name = self._counter_names.get(counter, counter)
        return compose_serving(self._queue, counter, name, self._gives_tickets())
