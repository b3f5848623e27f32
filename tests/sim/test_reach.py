"""A person at a kiosk finds the way to a number over all its pages, on the node's own screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from firmware_agent.settings import SettingsError, read_toml
from kiosk_ui.ticket import TicketNode
from kiosk_ui.ticket_settings import TicketSettings
from provisioning.plan import Plan
from sim.reach import Reach
from sim.scenario import check_scenario, shipped_scenarios
from tests.kiosk_ui.stand import Stand
from tests.support.waiting import await_condition
from wire.facts import ORDINARY
from wire.intents import Field, Kiosk, Lane

FIELDS = [{"id": f"viec-{at}", "name": f"Việc {at}"} for at in range(11)]
LANES = [{"id": "cao-tuoi", "name": "Người từ 75 tuổi"}]
COUNTERS = [{"id": "quay-1", "name": "Quầy 1"}]
GREETER = {"id": "huong-dan", "name": "Hướng dẫn", "greeter": True}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path)
    yield made
    made.close()


def commune(stand: Stand, plan: Plan) -> Any:
    """As far as a person at the kiosk knows it: where its pictures are, and where fingers go."""

    def do(touch: Any) -> None:
        assert stand.sim_screen is not None
        stand.sim_screen.touch(touch.x, touch.y)

    return SimpleNamespace(
        scenario=SimpleNamespace(plan=plan),
        node_directory=lambda _device, _node: stand.directory,
        node_settings=lambda _device, _node: {},
        hands=lambda _device, _node: SimpleNamespace(do=do),
    )


@pytest.mark.parametrize(
    ("field", "lane"), [("viec-10", "cao-tuoi"), ("huong-dan", ORDINARY)], ids=["second page", "unknown"]
)
def test_a_number_is_taken_over_pages_and_classes(stand: Stand, field: str, lane: str) -> None:
    plan = Plan.model_validate({"counters": COUNTERS, "fields": [*FIELDS, GREETER], "lanes": LANES})
    stand.documents.lay(
        Kiosk(
            office="UBND xã",
            series="A",
            fields=[Field(id=each.id, name=each.name, greeter=each.greeter) for each in plan.fields],
            lanes=[Lane(id=each.id, name=each.name) for each in plan.lanes],
        )
    )
    stand.start(TicketNode(stand.context(TicketSettings())))
    await_condition(stand.shown)
    asked: list[str] = []
    Reach(commune(stand, plan)).take("sanh-pi", field, lane, 0.8, lambda: asked.append(field))
    stand.end()
    assert [(body.field, body.lane) for body in stand.facts.bodies()] == [(field, lane)]
    assert asked == [field]


def test_a_class_that_the_plan_does_not_have_is_named() -> None:
    values = read_toml(shipped_scenarios()["commune_day"])
    wrong = {**values, "events": [{"do": "ticket", "at": 1, "lane": "hang-ghe"}]}
    with pytest.raises(SettingsError) as caught:
        check_scenario(wrong, "test")
    assert "hang-ghe" in str(caught.value.report())
