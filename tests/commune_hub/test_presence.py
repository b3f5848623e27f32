"""A dark village, a dead device, a silent commune: told apart by who fell silent with whom."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from commune_hub.presence import TOGETHER_MS, Outage, Presence, outages
from tests.commune_hub.conftest import NOON_MS

NAMES = {"thon-dong": "Thôn Đông", "thon-doai": "Thôn Đoài", "quay-1": "Quầy 1"}
MINUTE_MS = 60_000


def gone(device: str, place: str, minutes_ago: int) -> Presence:
    return Presence(device, place, alive=False, seen_at_ms=NOON_MS - minutes_ago * MINUTE_MS)


def lives(device: str, place: str) -> Presence:
    return Presence(device, place, alive=True, seen_at_ms=NOON_MS)


def kinds(found: list[Outage]) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.kind, each.devices) for each in found]


HALL = lives("quay-1-pi", "quay-1")


def test_a_village_whose_devices_vanish_together_is_dark() -> None:
    (found,) = outages([HALL, gone("loa-1", "thon-dong", 30), gone("loa-2", "thon-dong", 33)], NAMES)
    assert (found.kind, found.devices, found.since_ms) == (
        "place_dark",
        ("loa-1", "loa-2"),
        NOON_MS - 30 * MINUTE_MS,
    )
    assert found.text.startswith("Thôn Đông: mất điện hoặc mất mạng từ 11:30 ")
    assert "2 thiết bị" in found.text


def test_villages_that_vanish_together_are_one_outage() -> None:
    (found,) = outages([HALL, gone("loa-1", "thon-dong", 30), gone("loa-2", "thon-doai", 31)], NAMES)
    assert (found.kind, found.places) == ("place_dark", ("thon-doai", "thon-dong"))
    assert "Thôn Đoài, Thôn Đông" in found.text


def test_villages_that_vanish_at_different_times_are_two() -> None:
    found = outages(
        [
            HALL,
            *(gone(f"d{n}", "thon-dong", 30) for n in (1, 2)),
            *(gone(f"e{n}", "thon-doai", 300) for n in (1, 2)),
        ],
        NAMES,
    )
    assert kinds(found) == [("place_dark", ("d1", "d2")), ("place_dark", ("e1", "e2"))]


def test_a_device_that_is_silent_among_the_living_is_dead() -> None:
    (found,) = outages([gone("loa-1", "thon-dong", 30), lives("loa-2", "thon-dong")], NAMES)
    assert (found.kind, found.devices) == ("device_dead", ("loa-1",))
    assert "thiết bị khác cùng nơi vẫn chạy" in found.text


def test_a_device_that_fell_silent_long_before_its_village_died_by_itself() -> None:
    found = outages(
        [HALL, gone("loa-0", "thon-dong", 9_000), *(gone(f"loa-{n}", "thon-dong", 30) for n in (1, 2))],
        NAMES,
    )
    assert kinds(found) == [("place_dark", ("loa-1", "loa-2")), ("device_dead", ("loa-0",))]


def test_the_only_device_of_a_place_cannot_be_told_from_its_place() -> None:
    (found,) = outages([HALL, gone("loa-1", "thon-dong", 30)], NAMES)
    assert found.kind == "device_silent"
    assert "chưa rõ" in found.text


def test_a_commune_that_falls_silent_as_a_whole_points_at_the_office() -> None:
    found = outages(
        [gone("quay-1-pi", "quay-1", 5), gone("loa-1", "thon-dong", 6), gone("loa-2", "thon-doai", 900)],
        NAMES,
    )
    assert kinds(found) == [("commune_silent", ("loa-1", "quay-1-pi")), ("device_silent", ("loa-2",))]
    assert "ở trụ sở trước" in found[0].text


def test_without_its_own_link_the_hub_accuses_nobody() -> None:
    (found,) = outages([gone("loa-1", "thon-dong", 30), HALL], NAMES, link_up=False)
    assert (found.kind, found.devices, found.since_ms) == ("own_link", (), NOON_MS)


def test_what_was_never_heard_of_is_no_outage_of_its_village() -> None:
    found = outages([HALL, gone("loa-1", "thon-dong", 3), Presence("loa-2", "thon-dong", False, None)], NAMES)
    assert kinds(found) == [("device_silent", ("loa-1",)), ("never_seen", ("loa-2",))]
    assert found[1].since_ms is None


def test_a_commune_in_good_health_has_none() -> None:
    assert outages([HALL, lives("loa-1", "thon-dong")], NAMES) == []
    assert outages([], NAMES) == []


def test_many_devices_make_no_endless_sentence() -> None:
    (found,) = outages([HALL, *(gone(f"loa-{n:02}", "thon-dong", 30) for n in range(40))], NAMES)
    assert "và 35 thiết bị nữa" in found.text
    assert len(found.text) < 500


PRESENCES = st.lists(
    st.builds(
        Presence,
        device=st.integers(0, 30).map("loa-{}".format),
        place=st.sampled_from(["thon-dong", "thon-doai", "quay-1", "hall"]),
        alive=st.booleans(),
        seen_at_ms=st.none() | st.integers(0, 200).map(lambda minutes: NOON_MS - minutes * MINUTE_MS),
    ),
    max_size=20,
    unique_by=lambda each: each.device,
)


@given(PRESENCES)
def test_each_silent_device_is_told_once_and_no_living_one(devices: list[Presence]) -> None:
    told = Counter(name for found in outages(devices, NAMES) for name in found.devices)
    assert told == Counter(each.device for each in devices if not each.alive)


@given(PRESENCES)
def test_no_place_with_a_living_device_is_called_dark(devices: list[Presence]) -> None:
    living = {each.place for each in devices if each.alive}
    for found in outages(devices, NAMES):
        if found.kind in {"place_dark", "commune_silent", "device_silent"}:
            assert not living & set(found.places)
        if found.kind == "commune_silent":
            assert not living


@given(PRESENCES)
def test_who_is_called_dark_together_fell_silent_together(devices: list[Presence]) -> None:
    seen = {each.device: each.seen_at_ms for each in devices}
    for found in outages(devices, NAMES):
        times = [time for name in found.devices if (time := seen[name]) is not None]
        if found.kind in {"place_dark", "commune_silent"}:
            assert len(times) >= 2
            assert found.since_ms == max(times)
            assert max(times) - min(times) <= 2 * TOGETHER_MS
        if found.kind == "device_dead":
            assert found.since_ms == times[0]
