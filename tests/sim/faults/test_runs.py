"""A press that was thanked for is in the ledger exactly once, whatever happens; and the auditor can tell."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from sim.cli import app
from sim.faults.broken import BREAKAGES
from sim.faults.plan import BROKER, HORIZON_MS, HUB, OF_BROKER, OF_HUB, OF_NODES, Fault, Plan, plan_from_seed
from sim.faults.runs import Tally, run_many, run_plan, run_seeds

RUNS = 200
"""Some 12 s on one core; `commune-sim faults` does more."""
CATCH_WITHIN = 60
"""Every breakage is caught within so many seeds."""


@pytest.mark.parametrize("first", range(1_000, 1_000 + RUNS, 50))
def test_no_seed_loses_or_doubles_a_press(first: int) -> None:
    tally = run_seeds(first, 50)
    assert tally.failed == (), f"see it again: commune-sim replay {tally.failed[0][0]}"
    assert tally.presses > 1_000
    assert tally.faults > 100


@pytest.mark.parametrize("seed", [363, 858, 1441, 3213, 7293, 8568])
def test_seeds_that_once_failed_hold(seed: int) -> None:
    assert run_plan(plan_from_seed(seed)).violations == []


@pytest.mark.parametrize("name", BREAKAGES)
def test_the_auditor_catches_a_broken_protocol(name: str) -> None:
    make_node, make_hub = BREAKAGES[name]
    for seed in range(CATCH_WITHIN):
        if run_plan(plan_from_seed(seed), make_node, make_hub).violations:
            return
    pytest.fail(f"{name}: not caught in {CATCH_WITHIN} runs")


def test_a_seed_is_always_the_same_story_in_any_process() -> None:
    here = run_plan(plan_from_seed(21)).truth.story
    assert run_plan(plan_from_seed(21)).truth.story == here
    with ProcessPoolExecutor(1) as pool:
        there = pool.submit(_story, 21).result()
    assert there == here
    assert run_plan(plan_from_seed(22)).truth.story != here


def _story(seed: int) -> list[tuple[int, str, str, bool]]:
    return run_plan(plan_from_seed(seed)).truth.story


def test_many_runs_are_the_sum_of_their_pieces() -> None:
    together = sum(run_many(1, 30, jobs=2), Tally())
    assert together == run_seeds(1, 30)


def quiet_plan(*faults: Fault, seed: int = 5) -> Plan:
    return Plan(
        seed=seed, nodes=1, queue_limit=1000, hub_durable=False, press_every_ms=5_000, faults=tuple(faults)
    )


def test_a_quiet_run_delivers_everything_and_excuses_nothing() -> None:
    outcome = run_plan(quiet_plan())
    presses = outcome.truth.presses.values()
    assert outcome.violations == []
    assert len(presses) > 40
    assert all(press.thanked and not press.excused for press in presses)


def test_runs_in_which_nodes_wait_for_their_turn_and_get_it_are_in_the_trial() -> None:
    stories = [run_plan(plan_from_seed(seed)).truth.story for seed in (77, 125)]
    told = "\n".join(what for story in stories for _, _, what, _ in story)
    assert "(may send) 0" in told
    assert "(its turn)" in told


def test_a_card_put_back_from_an_image_begins_a_new_epoch_and_loses_nothing_that_is_pressed_after() -> None:
    outcome = run_plan(
        quiet_plan(Fault(60_000, "quay-1", "card copied"), Fault(150_000, "quay-1", "card put back"))
    )
    assert outcome.violations == []
    assert any("new epoch" in what for _, _, what, _ in outcome.truth.story)
    after = [press for press in outcome.truth.presses.values() if not press.excused]
    assert len(after) > 20


def test_a_plan_of_a_seed_has_every_kind_of_fault_sooner_or_later() -> None:
    kinds = {fault.kind for seed in range(200) for fault in plan_from_seed(seed).faults}
    assert kinds == {*OF_NODES, *OF_HUB, *OF_BROKER}


def faults_of(who: str) -> st.SearchStrategy[Fault]:
    kinds = {HUB: OF_HUB, BROKER: OF_BROKER}.get(who, OF_NODES)
    return st.builds(
        Fault,
        at_ms=st.integers(0, HORIZON_MS - 1),
        who=st.just(who),
        kind=st.sampled_from(kinds),
        span_ms=st.integers(1, 120_000),
        size=st.sampled_from([1, 2, 5, 30, 210]),
    )


PLANS = st.builds(
    Plan,
    seed=st.integers(0, 3),
    nodes=st.integers(1, 2),
    queue_limit=st.sampled_from([1, 5, 1000]),
    hub_durable=st.booleans(),
    press_every_ms=st.sampled_from([8_000, 40_000]),
    faults=st.lists(st.sampled_from(["quay-1", "quay-2", HUB, BROKER]).flatmap(faults_of), max_size=10).map(
        lambda faults: tuple(sorted(faults))
    ),
)


@given(PLANS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_schedule_of_faults_loses_or_doubles_a_press(plan: Plan) -> None:
    assert run_plan(plan).violations == []


def test_the_commands_run_and_tell() -> None:
    done = CliRunner().invoke(app, ["faults", "--runs", "5", "--seed", "7", "--jobs", "1"])
    assert done.exit_code == 0, done.output
    assert "vi phạm" in done.output
    told = CliRunner().invoke(app, ["replay", "7"])
    assert told.exit_code == 0, told.output
    assert "⚡" in told.output
    assert "Không vi phạm" in told.output
