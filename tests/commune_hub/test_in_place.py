"""A node that tells what is not its to tell: kept in the ledger, counted, followed by nobody."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from commune_hub.capabilities.clips import Clips
from commune_hub.capabilities.fleet import Fleet
from commune_hub.capabilities.loudspeakers import Loudspeakers
from commune_hub.capabilities.playbacks import Playbacks
from commune_hub.capabilities.ratings import Ratings
from commune_hub.capabilities.uptime import Uptime
from commune_hub.hub import Capabilities, open_capabilities
from commune_hub.in_place import Follower, InPlace
from commune_hub.ledger import Taken
from provisioning.plan import HubConfig
from provisioning.telling import EVERYBODY, TOLD_BY, may_tell
from tests.commune_hub.conftest import NOON_MS
from tests.commune_hub.facts import batch, press
from tests.commune_hub.test_fleet import enrol
from wire.codec import WireError
from wire.facts import (
    BODIES,
    Body,
    HealthSampled,
    IntentApplied,
    NodeDied,
    PlaybackStarted,
    RatingPressed,
    TicketCalled,
)

TICKET_CALLED = TicketCalled(ticket="t", number="A001", counter="quay-1", officer="ai-do")
PLAYED = PlaybackStarted(bulletin="b", due_at_ms=1, started_at_ms=1)
HEALTH = HealthSampled(cpu_celsius=None, disk_free_mb=1, memory_free_mb=1, uptime_s=1)


@pytest.fixture
def hub(tmp_path: Path) -> Capabilities:
    enrol(tmp_path / "roster", "quay-1-pi")
    enrol(tmp_path / "roster", "quay-1-cam", "camera")
    config = HubConfig.model_validate(
        {
            "commune": "xuan-luong",
            "office": "UBND xã",
            "counters": [{"id": "quay-1", "name": "Quầy 1"}],
            "fields": [{"id": "ho-tich", "name": "Hộ tịch"}],
            "root": tmp_path,
        }
    )
    return open_capabilities(config)


def presses(hub: Capabilities) -> int:
    return int(hub.store.value("SELECT count(*) FROM presses"))


def test_a_camera_presses_no_button_and_its_stream_goes_on(hub: Capabilities) -> None:
    told: list[Body] = [
        press(),
        IntentApplied(name="watch", number=1),
        press(),
        TICKET_CALLED,
        PLAYED,
        HEALTH,
    ]
    forged = batch(list(told), NOON_MS, device="quay-1-cam", node="camera")
    assert hub.ledger.take(forged) == 6
    assert presses(hub) == 0
    assert hub.store.value("SELECT count(*) FROM soundings") == 0
    assert hub.store.value("SELECT count(*) FROM health") == 0
    kept = hub.store.rows("SELECT kind FROM facts WHERE device = 'quay-1-cam' ORDER BY seq")
    assert [row["kind"] for row in kept] == [each.KIND for each in told]
    hub.fleet.save_refusals()
    (refused,) = hub.fleet.refusals()
    assert (refused["device"], refused["reason"], refused["count"]) == ("quay-1-cam", "out_of_place", 5)
    # Nothing is harmed: the same press of the node whose it is counts.
    assert hub.ledger.take(batch([press()], NOON_MS)) == 1
    assert presses(hub) == 1


def test_the_hub_itself_and_agents_may_tell_what_is_theirs(hub: Capabilities) -> None:
    hub.ledger.take(batch([HEALTH], NOON_MS, node="agent"))
    assert hub.store.value("SELECT count(*) FROM health") == 1
    hub.ledger.record("queue", TICKET_CALLED)
    hub.fleet.save_refusals()
    assert hub.fleet.refusals() == []


def test_an_agent_is_no_rating_node(hub: Capabilities) -> None:
    hub.ledger.take(batch([press()], NOON_MS, node="agent"))
    assert presses(hub) == 0


def test_every_kind_of_fact_is_somebodys_to_tell_or_the_hubs_own() -> None:
    told = EVERYBODY.union(*TOLD_BY.values())
    assert told <= BODIES.keys()
    assert BODIES.keys() - told == {"ticket.transferred"}


@pytest.mark.parametrize(
    ("node", "fact", "allowed"),
    [
        ("camera", "rating.pressed", False),
        ("camera", "clip.recorded", True),
        ("speaker", "message.refused", True),
        ("ticket", "ticket.called", False),
        ("of-another-package", "weather.measured", True),
        ("of-another-package", "rating.pressed", False),
    ],
)
def test_who_may_tell_what(node: str, fact: str, allowed: bool) -> None:
    assert may_tell(node, fact) is allowed


class Hears:
    """Writes down what it is handed."""

    FOLLOWS: ClassVar[frozenset[type[Body]]] = frozenset({RatingPressed})

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.retimed: list[int] = []

    def apply(self, taken: Sequence[Taken]) -> None:
        self.batches.append([each.seq for each in taken])

    def retime(self, taken: Taken, _was: Taken) -> None:
        self.retimed.append(taken.seq)


class HearsHealthToo(Hears):
    FOLLOWS = frozenset({RatingPressed, HealthSampled})


class HearsDeaths(Hears):
    FOLLOWS = frozenset({NodeDied})


def taken(*bodies: Body) -> list[Taken]:
    return [
        Taken("d", "n", "e" * 16, seq, NOON_MS, True, body, NOON_MS) for seq, body in enumerate(bodies, 1)
    ]


def test_each_is_handed_what_it_follows_in_order_and_of_the_rest_hears_nothing() -> None:
    presses_only, both, neither = Hears(), HearsHealthToo(), HearsDeaths()
    in_place = InPlace([presses_only, both, neither], lambda _device, _node: None, lambda *_: None)
    told: list[list[Body]] = [[press(), press()], [HEALTH, press(), TICKET_CALLED, HEALTH, press()], [HEALTH]]
    for bodies in told:
        in_place.apply(taken(*bodies))
    assert presses_only.batches == [[1, 2], [2, 5]]
    assert both.batches == [[1, 2], [1, 2, 4, 5], [1]]
    for each in taken(press(), HEALTH, TICKET_CALLED):
        in_place.retime(each, each)
    assert (presses_only.retimed, both.retimed) == ([1], [1, 2])
    assert (neither.batches, neither.retimed) == ([], [])


def test_what_is_out_of_place_is_counted_once_a_fact_and_handed_to_nobody() -> None:
    refused: list[str] = []

    def count(_device: str, _topic: str, error: WireError) -> None:
        refused.append(str(error))

    hears = HearsHealthToo()
    InPlace([hears], lambda _device, _node: "rating", count).apply(taken(HEALTH, press(), HEALTH))
    assert hears.batches == [[2]]
    assert [line.rpartition(" ")[2] for line in refused] == ["health.sampled"] * 2


@pytest.mark.parametrize("follower", [Ratings, Playbacks, Loudspeakers, Clips, Fleet, Uptime])
def test_a_capability_follows_every_kind_that_its_module_speaks_of(follower: type[Follower]) -> None:
    names = vars(sys.modules[follower.__module__])
    named = {body for body in BODIES.values() if names.get(body.__name__) is body}
    assert named == follower.FOLLOWS
