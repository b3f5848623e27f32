"""Scenarios: every mistake is named; expansion is a pure function of scenario and seed."""

from __future__ import annotations

import copy
import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_agent.settings import SettingsError
from provisioning.plan import Plan, load_plan
from sim import acts
from sim.commune import plan_toml
from sim.expand import expand
from sim.flow import MOBILE, Quality
from sim.scenario import EXPECTATIONS, Scenario, check_scenario, load_scenario, shipped_scenarios

SMALL: dict[str, Any] = {
    "title": "Nhỏ",
    "lasts_s": 30.0,
    "plan": {
        "commune": "xuan-luong",
        "office": "UBND xã Xuân Lương",
        "counters": [{"id": "quay-1", "name": "Quầy 1"}, {"id": "quay-2", "name": "Quầy 2"}],
        "fields": [{"id": "ho-tich", "name": "Hộ tịch"}, {"id": "dat-dai", "name": "Đất đai"}],
        "hamlets": [{"id": "thon-dong", "name": "Thôn Đông"}],
    },
    "devices": [
        {"name": "sanh-pi", "place": "hall", "nodes": ["ticket", "display"], "series": "A"},
        {"name": "quay-1-pi", "place": "quay-1", "nodes": ["rating", "camera"]},
        {"name": "quay-2-pi", "place": "quay-2", "nodes": ["rating"]},
        {"name": "loa-1", "place": "thon-dong", "nodes": ["speaker"]},
    ],
    "events": [],
}


def small(events: list[dict[str, Any]], **changes: Any) -> Scenario:
    return check_scenario({**copy.deepcopy(SMALL), "events": events, **changes}, "small.toml")


def mistakes(events: list[dict[str, Any]], **changes: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        small(events, **changes)
    return caught.value.mistakes


def test_every_shipped_scenario_is_good() -> None:
    for path in shipped_scenarios().values():
        scenario = load_scenario(path)
        assert expand(scenario, 1)
        assert set(scenario.expect) <= set(EXPECTATIONS)


def test_the_commune_day_is_as_big_as_it_says() -> None:
    day = expand(load_scenario(shipped_scenarios()["commune_day"]), 7)
    kinds = [type(act) for act in day]
    assert kinds.count(acts.Take) == 20
    assert kinds.count(acts.Press) >= 60
    assert {act.counter for act in day if isinstance(act, acts.Call)} == {"quay-1", "quay-2", "quay-3"}
    assert kinds.count(acts.Announce) == 3
    killed_s = next(act.at_s for act in day if isinstance(act, acts.Kill))
    back_s = next(act.at_s for act in day if isinstance(act, acts.Start))
    assert any(killed_s < act.at_s < back_s for act in day if isinstance(act, acts.Press))
    cut_s = min(act.at_s for act in day if isinstance(act, acts.Cut))
    mended_s = min(act.at_s for act in day if isinstance(act, acts.Mend))
    assert any(cut_s < (act.sounds_at_s or 0) < mended_s for act in day if isinstance(act, acts.Announce))


def test_all_mistakes_are_named_at_once() -> None:
    found = mistakes(
        [
            {"do": "press", "at": 3, "devices": ["quay-9-pi"]},
            {"do": "ticket", "at": [1, 99], "field": "nothing"},
            {"do": "call", "at": 1, "counters": ["quay-7"]},
            {"do": "bulletin", "at": 20, "title": "T", "text": "t", "places": ["thon-tay"], "sounds_at": 10},
            {"do": "kill", "at": 1, "who": "sanh-pi/camera"},
            {"do": "cut", "at": 1, "places": ["nowhere"]},
            {"do": "slow", "at": 1, "places": ["nowhere"], "bytes_per_s": 5_000},
            {"do": "arrive", "at": 1, "devices": ["quay-2-pi"]},
        ]
    )
    keys = [line.split(":")[0] for line in found]
    assert keys == [
        "events.0.devices",
        "events.1.at",
        "events.1.field",
        "events.2.counters",
        "events.3.places",
        "events.3.sounds_at",
        "events.4.who",
        "events.5.places",
        "events.6.places",
        "events.7.devices",
    ]
    assert "quay-1-pi" in found[0]


def test_wrong_shapes_are_named_at_once() -> None:
    found = mistakes(
        [
            {"do": "dance", "at": 1},
            {"do": "press", "at": -1},
            {"do": "press", "at": [9, 2]},
            {"do": "press", "at": 1, "count": 0},
            {"do": "press", "at": 1, "level": 9},
            {"do": "ticket"},
            {"do": "ticket", "at": 1, "extra": True},
        ]
    )
    for index in range(7):
        assert any(line.startswith(f"events.{index}") for line in found), (index, found)


def test_wrong_devices_are_named() -> None:
    devices = [
        {"name": "hub", "place": "hall", "nodes": ["display"]},
        {"name": "a", "place": "quay-8", "nodes": ["rating"]},
        {"name": "a", "place": "quay-1", "nodes": ["ticket"], "settings": {"rating": {}}},
    ]
    found = mistakes([], devices=devices)
    for key in (
        "devices.0.name",
        "devices.1.place",
        "devices.2.name",
        "devices.2.series",
        "devices.2.settings",
    ):
        assert any(line.startswith(key) for line in found), (key, found)


def test_a_file_that_is_not_there_or_not_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        load_scenario(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("title = ")
    with pytest.raises(SettingsError, match=r"bad\.toml"):
        load_scenario(tmp_path / "bad.toml")


spans = st.tuples(st.floats(0, 30), st.floats(0, 30)).map(sorted)
events = st.lists(
    st.fixed_dictionaries(
        {
            "do": st.sampled_from(["press", "ticket", "call", "arrive"]),
            "at": spans,
            "count": st.integers(1, 20),
        }
    ),
    max_size=6,
)


@settings(max_examples=60)
@given(events=events, seed=st.integers(0, 2**31))
def test_expansion_is_deterministic_in_range_and_complete(events: list[dict[str, Any]], seed: int) -> None:
    scenario = small(events)
    day = expand(scenario, seed)
    assert day == expand(scenario, seed)
    assert len(day) == sum(event["count"] for event in events)
    assert [act.at_s for act in day] == sorted(act.at_s for act in day)
    for act in day:
        assert any(event["at"][0] <= act.at_s <= event["at"][1] for event in events)


@given(seed=st.integers(0, 2**31))
def test_acts_at_one_device_keep_apart(seed: int) -> None:
    """40 presses in 20 s at two devices in turn: at each, half a share at least lies between."""
    day = expand(small([{"do": "press", "at": [0, 20], "count": 40}]), seed)
    for name in ("quay-1-pi", "quay-2-pi"):
        times = [act.at_s for act in day if isinstance(act, acts.Press) and act.device == name]
        assert len(times) == 20
        assert min(after - before for before, after in itertools.pairwise(times)) >= 0.74


def test_another_seed_gives_another_day_and_a_change_of_one_event_leaves_the_rest() -> None:
    press = {"do": "press", "at": [0, 20], "count": 30}
    assert expand(small([press]), 1) != expand(small([press]), 2)
    alone = expand(small([press]), 1)
    more = [act for act in expand(small([press, {"do": "call", "at": 5}]), 1) if isinstance(act, acts.Press)]
    assert alone == more


def test_a_cut_hamlet_is_a_cut_of_its_devices() -> None:
    day = expand(
        small([{"do": "cut", "at": 1, "places": ["thon-dong"]}, {"do": "mend", "at": 2, "places": ["all"]}]),
        1,
    )
    assert [act.device for act in day if isinstance(act, acts.Cut)] == ["loa-1"]
    assert len([act for act in day if isinstance(act, acts.Mend)]) == 4


def test_a_slow_hamlet_has_slow_devices_and_says_how_slow() -> None:
    events = [
        {"do": "slow", "at": 1, "places": ["thon-dong"]},
        {"do": "slow", "at": 2, "places": ["loa-1"], "latency_ms": 50, "jitter_ms": 0, "bytes_per_s": 4000},
    ]
    found = [act for act in expand(small(events), 1) if isinstance(act, acts.Slow)]
    assert [(act.device, act.quality) for act in found] == [
        ("loa-1", MOBILE),
        ("loa-1", Quality(0.05, 0.0, 4_000)),
    ]


def test_the_plan_is_handed_on_as_provisioning_reads_it(tmp_path: Path) -> None:
    scenario = load_scenario(shipped_scenarios()["commune_day"])
    (tmp_path / "plan.toml").write_text(plan_toml(scenario), encoding="utf-8")
    plan = load_plan(tmp_path / "plan.toml")
    assert plan == Plan.model_validate(scenario.plan.model_dump(exclude={"commune", "office"}))
