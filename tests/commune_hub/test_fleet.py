"""The fleet: presence by lease, a roster read anew, refusals counted without wearing the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from commune_hub.capabilities.fleet import REFUSED_KINDS_MAX, Fleet
from commune_hub.hub import MIGRATIONS
from commune_hub.ledger import Ledger
from commune_hub.store import Store
from firmware_agent.settings import SettingsError
from tests.commune_hub.conftest import TurnedClock
from tests.commune_hub.facts import batch
from wire.codec import WireError
from wire.facts import HealthSampled, MessageRefused, NodeDied
from wire.status import Status
from wire.topics import Address

RATING = Address("xuan-luong", "quay-1-pi", "rating")
AGENT = Address("xuan-luong", "quay-1-pi", "agent")


def enrol(roster: Path, device: str, kind: str = "rating") -> None:
    roster.mkdir(exist_ok=True)
    (roster / f"{device}.toml").write_text(
        f'device = "{device}"\nplace = "quay-1"\n[[nodes]]\nname = "{kind}"\nkind = "{kind}"\n',
        encoding="utf-8",
    )


def status(
    session: int = 1, *, online: bool = True, boot: str = "b", lease_s: int = 30, **more: object
) -> Status:
    return Status(session=session, boot=boot, online=online, kind="rating", lease_s=lease_s, **more)  # type: ignore[arg-type]


class Village:
    def __init__(self, directory: Path) -> None:
        self.roster = directory / "roster"
        enrol(self.roster, "quay-1-pi")
        self.clock = TurnedClock()
        self.store = Store(directory / "hub.db", MIGRATIONS)
        self.fleet = Fleet(self.store, self.clock, self.roster)

    def online(self) -> dict[str, bool]:
        return {node.name: node.online for node in self.fleet.states()[0].nodes}


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    made = Village(tmp_path)
    yield made
    made.store.close()


def test_unheard_of_is_offline(village: Village) -> None:
    assert village.online() == {"agent": False, "rating": False}


def test_a_lease_ends(village: Village) -> None:
    village.fleet.heard(RATING, status())
    village.clock.at_ms += 30_000
    assert village.online()["rating"]
    village.clock.at_ms += 1
    assert not village.online()["rating"]


def test_a_last_will_shortens_the_wait(village: Village) -> None:
    village.fleet.heard(RATING, status())
    village.fleet.heard(RATING, status(online=False))
    assert not village.online()["rating"]


def test_a_late_last_will_of_an_old_session_is_void(village: Village) -> None:
    village.fleet.heard(RATING, status(2))
    village.fleet.heard(RATING, status(1, online=False))
    village.fleet.heard(RATING, status(1, online=False, boot="older"))
    assert village.online()["rating"]


def test_a_fresh_card_counts_its_sessions_anew(village: Village) -> None:
    village.fleet.heard(RATING, status(7))
    village.fleet.heard(RATING, status(1, boot="fresh", problems=["Máy in hết giấy"]))
    assert village.fleet.states()[0].nodes[1].problems == ["Máy in hết giấy"]


def test_who_is_enrolled_later_is_known_at_once(village: Village) -> None:
    newcomer = Address("xuan-luong", "quay-2-pi", "rating")
    assert not village.fleet.knows(newcomer)
    enrol(village.roster, "quay-2-pi")
    assert village.fleet.knows(newcomer)
    assert village.fleet.knows(AGENT)
    assert not village.fleet.knows(Address("xuan-luong", "quay-2-pi", "camera"))


def test_a_mistyped_roster_is_told_once_and_takes_nobody_out_of_service(
    village: Village, caplog: pytest.LogCaptureFixture
) -> None:
    broken = village.roster / "quay-2-pi.toml"
    broken.write_text('device = "quay-2', encoding="utf-8")
    for _ in range(3):
        assert [entry.device for entry in village.fleet.entries()] == ["quay-1-pi"]
        assert village.fleet.knows(RATING)
        assert not village.fleet.knows(Address("xuan-luong", "quay-2-pi", "rating"))
    assert len([each for each in caplog.records if "quay-2-pi.toml" in each.getMessage()]) == 1
    enrol(village.roster, "quay-2-pi")
    assert village.fleet.knows(Address("xuan-luong", "quay-2-pi", "rating"))
    broken.write_text("", encoding="utf-8")
    with pytest.raises(SettingsError):
        Fleet(village.store, village.clock, village.roster)


def test_last_seen_survives_a_restart_of_the_hub(village: Village) -> None:
    village.fleet.heard(RATING, status())
    again = Fleet(village.store, village.clock, village.roster)
    node = again.states()[0].nodes[1]
    assert (node.online, node.seen_at_ms) == (False, village.clock.at_ms)


def test_a_change_is_told_a_repetition_is_not(village: Village) -> None:
    told: list[int] = []
    village.fleet.on_change = lambda: told.append(1)
    for sign in (status(), status(), status(backlog=3)):
        village.fleet.heard(RATING, sign)
    assert len(told) == 2


def test_refusals_are_counted_by_device_and_reason(village: Village) -> None:
    for _ in range(3):
        village.fleet.refused("quay-1-pi", "commune/v1/x", WireError("not_json", "bad"))
    village.fleet.refused("ke-la", "a", WireError("not_enrolled", "who?"))
    village.fleet.save_refusals()
    village.fleet.refused("quay-1-pi", "commune/v1/y", WireError("not_json", "worse"))
    village.fleet.save_refusals()
    counts = {(row["device"], row["reason"]): row["count"] for row in village.fleet.refusals()}
    assert counts == {("quay-1-pi", "not_json"): 4, ("ke-la", "not_enrolled"): 1}


def test_a_flood_of_invented_names_is_bounded(village: Village) -> None:
    for number in range(REFUSED_KINDS_MAX + 100):
        village.fleet.refused(f"ma-{number}", "t", WireError("not_enrolled", "who?"))
    village.fleet.save_refusals()
    assert village.store.value("SELECT count(*) FROM refusals") == REFUSED_KINDS_MAX


def test_a_refusal_of_a_clock_that_runs_ahead_is_one_of_now(village: Village) -> None:
    ledger = Ledger(village.store, village.clock, [village.fleet])
    told = MessageRefused(topic="t", reason="bad_seal", detail="not ours")
    ledger.take(batch([told], village.clock.at_ms + 20 * 3_600_000, node="agent"))
    assert village.fleet.refusals()[0]["last_at_ms"] == village.clock.at_ms


def test_what_devices_say_of_themselves(village: Village) -> None:
    ledger = Ledger(village.store, village.clock, [village.fleet])
    now_ms = village.clock.at_ms
    ledger.take(
        batch(
            [
                HealthSampled(cpu_celsius=51.5, disk_free_mb=900, memory_free_mb=200, uptime_s=60),
                NodeDied(node="rating", exit_code=1, error="ValueError: x", deaths=1, restart_in_s=0.5),
                MessageRefused(topic="t", reason="bad_seal", detail="not ours"),
            ],
            now_ms - 10,
            node="agent",
        )
    )
    state = village.fleet.states()[0]
    assert state.health is not None
    assert (state.health["cpu_celsius"], state.deaths_today) == (51.5, 1)
    assert village.fleet.deaths()[0]["error"] == "ValueError: x"
    assert village.fleet.refusals()[0]["refused_by"] == "quay-1-pi/agent"


def test_silence_is_put_into_words(village: Village) -> None:
    names = {"quay-1": "Quầy 1"}
    assert [each.kind for each in village.fleet.outages(names)] == ["never_seen"]
    village.fleet.heard(AGENT, status())
    assert village.fleet.outages(names) == []
    heard_ms = village.clock.at_ms
    village.clock.at_ms += 31_000
    (silence,) = village.fleet.outages(names)
    assert (silence.kind, silence.since_ms) == ("device_silent", heard_ms)
    assert silence.text.startswith("Quầy 1: thiết bị quay-1-pi im lặng từ 12:00")
    village.fleet.link_up = lambda: False
    assert [each.kind for each in village.fleet.outages(names)] == ["own_link"]
