"""What of the presses counts: marks, corrections, reasons, faults; rows of earlier versions; true times."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from commune_hub.capabilities import ratings as ratings_module
from commune_hub.capabilities.ratings import UNCOUNTED, Press, Ratings, is_answer
from commune_hub.hub import MIGRATIONS
from commune_hub.ledger import Taken
from commune_hub.store import Store
from commune_hub.times import local_day
from tests.commune_hub.conftest import NOON_MS, Office
from tests.commune_hub.facts import EPOCH, batch, ticket
from tests.commune_hub.facts import press as nameless
from wire.facts import Body, ButtonFailed, ButtonRecovered, RatingPressed, RatingReasoned

DAY = (NOON_MS, NOON_MS + 60_000)


def press(name: str, level: int = 1, *marks: str, corrects: str | None = None, **said: Any) -> RatingPressed:
    return RatingPressed(
        counter="quay-1",
        scale=said.pop("scale", "vi4"),
        level=level,
        source=said.pop("source", "button"),
        press=name,
        marks=list(marks),
        corrects=corrects,
        **said,
    )


def names(presses: list[Press]) -> list[str]:
    return [each.press for each in presses]


def test_every_press_is_kept_and_only_answers_count(office: Office) -> None:
    marked = [press(f"m-{mark}", 4, mark) for mark in sorted(UNCOUNTED)]
    office.ledger.take(batch([press("a"), *marked, press("b", 2, "hub-away")], NOON_MS))
    assert names(office.ratings.counted(*DAY)) == ["a", "b"]
    assert names(office.ratings.marked(*DAY)) == [each.press for each in marked] + ["b"]
    assert office.store.value("SELECT count(*) FROM presses") == 2 + len(UNCOUNTED)
    (tally,) = office.ratings.today()
    assert tally.levels == {1: 1, 2: 1, 3: 0, 4: 0}


def test_a_correction_takes_the_place_of_the_first_press(office: Office) -> None:
    bodies: list[Body] = [press("a", 4), press("b", 2, corrects="a"), press("c", 1, corrects="b")]
    office.ledger.take(batch(list(bodies), NOON_MS))
    assert names(office.ratings.counted(*DAY)) == ["c"]
    assert office.ratings.marks_by_kind(*DAY) == {"corrected": 2}
    assert [each.marks for each in office.ratings.marked(*DAY)] == [("corrected",)] * 2


def test_a_correction_reaches_back_over_batches_but_never_to_another_device(office: Office) -> None:
    office.ledger.take(batch([press("a", 4)], NOON_MS))
    office.ledger.take(batch([press("x", 4)], NOON_MS, device="quay-2-pi"))
    office.ledger.take(batch([press("b", 1, corrects="a"), press("c", 1, corrects="x")], NOON_MS, first=2))
    assert sorted(names(office.ratings.counted(*DAY))) == ["b", "c", "x"]


def test_a_press_knows_its_source_its_reason_and_its_field(office: Office) -> None:
    day = local_day(NOON_MS)
    low = press("a", 4, ticket=f"sanh-{day}-A001", officer="can-bo", source="touch")
    office.ledger.take(batch([low, RatingReasoned(counter="quay-1", press="a", reason="waiting")], NOON_MS))
    # The kiosk's facts may come later than those of the counter.
    office.ledger.take(batch([ticket("A001", day)], NOON_MS, device="sanh-pi", node="ticket"))
    (found,) = office.ratings.counted(*DAY)
    assert (found.source, found.reason, found.field, found.officer) == (
        "touch",
        "waiting",
        "ho-tich",
        "can-bo",
    )
    assert (found.mood, found.score) == ("unsatisfied", 0.0)


def test_scales_are_told_apart_and_compared(office: Office) -> None:
    office.ledger.take(
        batch([press("a", 1), press("b", 1, scale="vi3"), press("c", 5, scale="vi5")], NOON_MS)
    )
    tallies = {each.scale: each for each in office.ratings.today()}
    assert tallies["vi3"].levels == {1: 1, 2: 0, 3: 0}
    assert tallies["vi3"].as_default == {1: 0, 2: 1, 3: 0, 4: 0}
    assert (tallies["vi3"].satisfied_share, tallies["vi5"].satisfied_share) == (1.0, 0.0)
    assert office.ratings.hourly_today()[12] == {1: 1, 2: 1, 3: 0, 4: 1}


def test_a_press_on_a_scale_of_a_later_version_is_kept(office: Office) -> None:
    office.ledger.take(batch([press("a", 5, scale="vi9")], NOON_MS))
    (found,) = office.ratings.counted(*DAY)
    assert (found.mood, found.score) == (None, None)
    assert office.ratings.today()[0].levels[5] == 1
    assert office.ratings.hourly_today()[12][4] == 1


def test_faults_of_buttons_are_told_until_they_are_over(office: Office) -> None:
    failed = ButtonFailed(counter="quay-1", level=2, fault="chattering")
    office.ledger.take(batch([failed], NOON_MS))
    (fault,) = office.ratings.button_faults()
    assert (fault.level, fault.fault, fault.recovered_at_ms) == (2, "chattering", None)
    recovered = ButtonRecovered(counter="quay-1", level=2, edges_left_out=312)
    office.ledger.take(batch([recovered], NOON_MS, first=2, oldest=1))
    assert office.ratings.button_faults() == []
    (over,) = office.ratings.button_faults(now_only=False)
    assert over.edges_left_out == 312


def test_keys_that_are_well_say_nothing_of_the_panel_beside_them(office: Office) -> None:
    office.ledger.take(batch([ButtonFailed(counter="quay-1", level=1, fault="stuck")], NOON_MS))
    well = batch([ButtonRecovered(counter="quay-1", level=1, edges_left_out=0)], NOON_MS)
    office.ledger.take(replace(well, node="keys"))
    assert [each.node for each in office.ratings.button_faults()] == ["rating"]


def test_a_press_moves_to_its_true_time_by_its_name(office: Office) -> None:
    twins = [press("a", 4), press("b", 4, "repeat")]
    office.ledger.take(batch(list(twins), NOON_MS))
    was = Taken("quay-1-pi", "rating", EPOCH, 2, NOON_MS + 2, False, twins[1], NOON_MS + 2)
    true = Taken("quay-1-pi", "rating", EPOCH, 2, NOON_MS + 5_000, False, twins[1], NOON_MS + 2)
    office.ratings.retime(true, was)
    assert [(each.press, each.at_ms - NOON_MS) for each in office.ratings.counted(*DAY)] == [("a", 1)]
    assert [(each.press, each.at_ms - NOON_MS) for each in office.ratings.marked(*DAY)] == [("b", 5_000)]


def test_rows_of_an_earlier_version_count_as_they_did(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    old = [each for each in MIGRATIONS if each is not ratings_module.migrations]
    first = type(ratings_module.migrations)("ratings")
    first()(ratings_module.create)
    store = Store(path, [*old, first])
    store.execute("INSERT INTO presses VALUES (?, 'quay-1', 'vi4', 2, 't-1', 'can-bo')", [NOON_MS])
    store.close()
    store = Store(path, MIGRATIONS)
    ratings = Ratings(store, lambda: NOON_MS)
    ratings.apply([Taken("quay-1-pi", "rating", EPOCH, 1, NOON_MS + 1, True, nameless(1), NOON_MS + 1)])
    assert [(each.level, each.source, each.marks) for each in ratings.counted(*DAY)] == [
        (2, "button", ()),
        (1, "button", ()),
    ]
    was = Taken("quay-1-pi", "rating", EPOCH, 1, NOON_MS + 1, False, nameless(1), NOON_MS + 1)
    ratings.retime(Taken("quay-1-pi", "rating", EPOCH, 1, NOON_MS + 9, False, nameless(1), NOON_MS + 1), was)
    assert [each.at_ms - NOON_MS for each in ratings.counted(*DAY)] == [0, 9]
    store.close()


@settings(max_examples=15, deadline=None)
@given(
    told=st.lists(
        st.tuples(
            st.lists(
                st.sampled_from([*sorted(UNCOUNTED), "hub-away", "later-mark"]), max_size=3, unique=True
            ),
            st.none() | st.integers(1, 3),
        ),
        max_size=10,
    ),
    cut=st.integers(0, 10),
)
def test_whatever_comes_in_whatever_batches(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[list[str], int | None]], cut: int
) -> None:
    """Each press (its marks; how far back the one lies that it corrects) counts by what is known of it."""
    store = Store(tmp_path_factory.mktemp("presses") / "hub.db", MIGRATIONS)
    ratings = Ratings(store, lambda: NOON_MS)
    bodies = [
        press(f"p{place}", 1, *marks, corrects=None if back is None else f"p{place - back}")
        for place, (marks, back) in enumerate(told)
    ]
    for part in (bodies[:cut], bodies[cut:]):
        ratings.apply([Taken("d", "rating", EPOCH, 1, NOON_MS, True, body, NOON_MS) for body in part])
    corrected = {body.corrects for body in bodies}
    wanted = [body.press for body in bodies if is_answer(body.marks) and body.press not in corrected]
    assert names(ratings.counted(*DAY)) == wanted
    assert store.value("SELECT count(*) FROM presses") == len(told)
    store.close()


def test_the_page_on_rating_says_what_does_not_count() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rating.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("|") and "mark `" in line]
    told = {line.split("mark `")[1].split("`")[0]: line.rsplit("|", 2)[1].strip() for line in rows}
    assert {mark for mark, counts in told.items() if counts.startswith("no")} == UNCOUNTED
    assert told["hub-away"] == "yes"


def test_a_press_is_found_by_its_name_without_reading_all(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    store = office.store
    execute, many = store.execute, store.execute_many

    def one(sql: str, values: Sequence[Any] = ()) -> int:
        asked.append(sql)
        return execute(sql, values)

    def several(sql: str, rows: Sequence[Sequence[Any]]) -> None:
        asked.append(sql)
        many(sql, rows)

    monkeypatch.setattr(store, "execute", one)
    monkeypatch.setattr(store, "execute_many", several)
    named = press("b", 1, corrects="a")
    reason = RatingReasoned(counter="quay-1", press="b", reason="waiting")
    taken = [Taken("d", "rating", EPOCH, 1, NOON_MS, True, body, NOON_MS) for body in (named, reason)]
    office.ratings.apply(taken)
    office.ratings.retime(taken[0], taken[0])
    updates = [sql for sql in asked if sql.startswith("UPDATE presses")]
    assert len(updates) == 3
    for sql in updates:
        plan = str(store.rows(f"EXPLAIN QUERY PLAN {sql}", [0] * sql.count("?")))
        assert "SEARCH" in plan, sql
        assert "SCAN" not in plan, sql
