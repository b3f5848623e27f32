"""The link against a real Mosquitto with TLS: every fact exactly once, and nothing from outside stops it."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firmware_agent import desk as desk_module
from firmware_agent.delivery.link import client, explain_failure
from firmware_agent.desk import TELEMETRY_LEAVES_BYTES
from firmware_agent.identity import load_identity
from tests.support.clocks import TEN_O_CLOCK_MS, RunningClock
from tests.support.commune import DEVICE, TestCommune
from tests.support.documents import SERVING, sealed
from tests.support.hub_peer import Ledger
from tests.support.site import KIOSK, Site
from tests.support.waiting import await_condition
from wire.batches import Ack
from wire.codec import MAX_MESSAGE_BYTES, encode
from wire.delivery import STALLED_AFTER_MS
from wire.facts import IntentApplied, MessageRefused, RatingPressed
from wire.intents import Serving


def press(ticket: int) -> RatingPressed:
    return RatingPressed(counter="quay-1", scale="vi4", level=1, source="button", ticket=str(ticket))


def tickets(presses: list[RatingPressed]) -> list[int]:
    return [int(each.ticket or 0) for each in presses]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def on_disk(site: Site) -> int:
    """Return how many facts lie on the node's disk, without the node's own code."""
    path = site.directory / "state" / "rating" / "outbox.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM facts").fetchone()[0])


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


# Facts go up


def test_facts_arrive_in_order_and_are_then_forgotten(site: Site) -> None:
    with site.broker, site.hub() as hub, site.desk() as desk:
        for number in range(500):
            desk.record(press(number))
        assert tickets(hub.await_facts(KIOSK, RatingPressed, 500)) == list(range(500))
        await_condition(lambda: on_disk(site) == 0)


def test_facts_of_before_the_first_contact_arrive_too(site: Site) -> None:
    with site.desk() as desk:
        for number in range(3):
            desk.record(press(number))
    assert on_disk(site) == 3
    with site.broker, site.hub() as hub, site.desk() as desk:
        desk.record(press(3))
        assert tickets(hub.await_facts(KIOSK, RatingPressed, 4)) == [0, 1, 2, 3]


def test_every_fact_arrives_once_while_the_broker_is_killed_again_and_again(site: Site) -> None:
    ledger = Ledger()
    with site.broker, site.hub(ledger) as hub, site.desk() as desk:
        for round_ in range(3):
            for number in range(200):
                desk.record(press(200 * round_ + number))
            # In the middle of it: some are under way, some not yet sent.
            await_condition(lambda so_far=200 * round_: len(ledger.bodies(KIOSK, RatingPressed)) > so_far)  # type: ignore[misc]
            site.broker.kill()
            desk.record(press(10_000 + round_))
            site.broker.start()
        found = tickets(hub.await_facts(KIOSK, RatingPressed, 603))
    assert sorted(found) == sorted([*range(600), 10_000, 10_001, 10_002])
    assert [each for each in found if each < 600] == list(range(600))


def test_facts_that_a_mute_hub_took_are_kept_and_arrive_once_when_it_speaks(site: Site) -> None:
    ledger = Ledger()
    with site.broker:
        with site.hub(ledger) as hub, site.desk() as desk:
            hub.mute = True
            desk.record(press(1))
            hub.await_facts(KIOSK, RatingPressed, 1)
        assert on_disk(site) == 1
        with site.hub(ledger) as hub, site.desk() as desk:
            desk.record(press(2))
            assert tickets(hub.await_facts(KIOSK, RatingPressed, 2)) == [1, 2]
            await_condition(lambda: KIOSK in hub.statuses and hub.batches > 0)


def test_a_puback_that_denies_does_not_count_as_delivered(site: Site) -> None:
    allowed = site.broker.access_file.read_text(encoding="utf-8")
    denied = "\n".join(line for line in allowed.splitlines() if not line.endswith("/facts")) + "\n"
    site.broker.access_file.write_text(denied, encoding="utf-8")
    clock = RunningClock()
    with site.broker, site.hub() as hub, site.desk(clock) as desk:
        desk.record(press(1))
        await_condition(lambda: "Denied PUBLISH" in site.broker.log() and KIOSK in hub.statuses)
        assert hub.ledger.bodies(KIOSK, RatingPressed) == []
        assert hub.statuses[KIOSK].backlog == 1
        site.broker.access_file.write_text(allowed, encoding="utf-8")
        site.broker.reload()
        await_condition(lambda: clock.advance(100) or hub.ledger.bodies(KIOSK, RatingPressed))  # type: ignore[func-returns-value]
        assert tickets(hub.await_facts(KIOSK, RatingPressed, 1)) == [1]


def test_a_link_on_which_the_hub_says_nothing_for_long_is_built_anew(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    clock = RunningClock()
    with site.broker, site.hub() as hub, site.desk(clock) as desk:
        hub.mute = True
        desk.record(press(1))
        hub.await_facts(KIOSK, RatingPressed, 1)
        clock.advance(STALLED_AFTER_MS)
        await_condition(lambda: any("rebuilding the link" in line for line in warnings(caplog)))
        hub.mute = False
        desk.record(press(2))
        assert tickets(hub.await_facts(KIOSK, RatingPressed, 2)) == [1, 2]
        await_condition(lambda: site.broker.log().count(f"as {DEVICE}.rating") == 2)


# Acks come down


@pytest.mark.parametrize("committed", [2**53, 0])
def test_an_ack_for_what_never_was_frees_nothing(site: Site, committed: int) -> None:
    with site.broker:
        with site.hub() as hub, site.desk() as desk:
            hub.mute = True
            desk.record(press(1))
            hub.await_facts(KIOSK, RatingPressed, 1)
            (_, epoch) = next(iter(hub.ledger.taken))
            hub.send(KIOSK.ack, encode(Ack(epoch=epoch, committed=committed)))
            hub.send(KIOSK.ack, encode(Ack(epoch="0" * 16, committed=1)))
            # What was sent after them has been taken, so they have been too.
            hub.send(KIOSK.intent("serving"), sealed(site.commune.seal_key, KIOSK))
            await_condition(lambda: desk.documents.current(Serving))
        assert on_disk(site) == 2


# Why there is no link


def test_a_broker_that_is_not_there_is_one_plain_line(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    clock = RunningClock()
    with site.desk(clock) as desk:
        await_condition(lambda: warnings(caplog))
        desk.record(press(1))
        clock.advance(60_000)
    (line,) = warnings(caplog)
    assert line.startswith(f"127.0.0.1:{site.broker.port}: không có máy chủ MQTT ở đó")
    assert "keeps all facts" in line
    assert "\n" not in line


def test_a_broker_of_another_commune_is_one_plain_line(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = TestCommune(tmp_path / "stranger", name="authority of dong-ky")
    identity = load_identity(stranger.issue(DEVICE), DEVICE, None)
    with site.broker, site.desk(identity=identity):
        # Twice refused, once told.
        await_condition(lambda: site.broker.log().count("tlsv1 alert unknown ca") >= 2)
    (line,) = warnings(caplog)
    assert "máy chủ không chứng minh được là hub của xã này" in line


def test_a_certificate_that_the_broker_refuses_is_one_plain_line(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = TestCommune(tmp_path / "stranger", name="authority of dong-ky")
    files = stranger.issue(DEVICE).model_copy(update={"authority": site.commune.ca_file})
    identity = type(site.identity)(DEVICE, files, site.identity.hub_seal)
    with site.broker, site.desk(identity=identity):
        await_condition(lambda: site.broker.log().count("certificate verify failed") >= 2)
    (line,) = warnings(caplog)
    assert "refused" in line
    assert "chứng thư" in line


def test_a_link_that_comes_and_goes_is_told_each_time(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with site.broker, site.hub() as hub, site.desk() as desk:
        desk.record(press(1))
        hub.await_facts(KIOSK, RatingPressed, 1)
        site.broker.kill()
        await_condition(lambda: any("không có máy chủ MQTT" in line for line in warnings(caplog)))
    lines = warnings(caplog)
    assert "link lost" in lines[0]
    assert len(lines) == 2


def test_a_device_that_takes_a_nodes_name_does_not_put_it_out(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = client(
        f"{DEVICE}.rating", load_identity(site.commune.issue("quay-2-pi"), "quay-2-pi", None).tls(), 1
    )
    with site.broker, site.hub() as hub, site.desk() as desk:
        desk.record(press(1))
        hub.await_facts(KIOSK, RatingPressed, 1)
        stranger.connect("127.0.0.1", site.broker.port)
        stranger.loop_start()
        await_condition(stranger.is_connected)
        desk.record(press(2))
        hub.await_facts(KIOSK, RatingPressed, 2)
        stranger.disconnect()
        stranger.loop_stop()
    assert not [told for told in warnings(caplog) if "link lost" in told]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(111, "refused"), "hub đã bật chưa? (connection refused)"),
        (TimeoutError(), "hãy xem dây mạng hoặc sóng (timed out)"),
        (OSError(101, "Network is unreachable"), "(cannot be reached): Network is unreachable"),
        (OSError("getaddrinfo failed"), "getaddrinfo failed"),
        (ssl.SSLError(1, "bad handshake"), "bắt tay TLS thất bại (TLS handshake failed)"),
        (ssl.SSLCertVerificationError(1, "x"), "không chứng minh được là hub của xã này"),
        (None, "(cannot be reached)"),
    ],
)
def test_every_failure_is_explained_in_one_line_with_the_place(
    error: BaseException | None, said: str
) -> None:
    line = explain_failure(error, "10.0.0.2", 8883)
    assert line.startswith("10.0.0.2:8883: ")
    assert said in line
    assert "\n" not in line


def test_devices_do_not_come_back_in_the_same_second(site: Site) -> None:
    made = [client(f"quay-{number}-pi.rating", site.identity.tls(), 30) for number in range(50)]
    first = [each._reconnect_min_delay for each in made]
    assert len(set(first)) > 40
    assert all(1 <= each < 2 for each in first)
    assert all(each._reconnect_max_delay <= 30 for each in made)


# What comes down


def refusals(hub_facts: list[MessageRefused]) -> list[str]:
    return [each.reason for each in hub_facts]


def test_bad_messages_are_refused_told_and_stop_nothing(site: Site) -> None:
    bad = [
        (KIOSK.intent("serving"), b"", "not_json"),
        (KIOSK.intent("serving"), b"\xff\x00", "not_json"),
        (KIOSK.intent("serving"), b"{}", "wrong_shape"),
        (KIOSK.intent("serving"), b'{"x":' + b"[" * 100_000, "not_json"),
        (KIOSK.intent("serving"), b" " * (MAX_MESSAGE_BYTES + 1), "too_large"),
        (KIOSK.intent("serving"), sealed(Ed25519PrivateKey.generate(), KIOSK), "bad_seal"),
        (KIOSK.intent("weather"), sealed(site.commune.seal_key, KIOSK), "bad_seal"),
        (KIOSK.intent("No Name"), b"{}", "foreign_topic"),
        (
            KIOSK.intent("serving"),
            sealed(site.commune.seal_key, KIOSK, expires_at_ms=TEN_O_CLOCK_MS - 1),
            "expired",
        ),
        (KIOSK.ack, b"yes", "not_json"),
        (KIOSK.ack, b'{"epoch":"x","committed":1}', "wrong_shape"),
    ]
    with site.broker, site.hub() as hub, site.desk() as desk:
        desk.record(press(1))
        hub.await_facts(KIOSK, RatingPressed, 1)
        for topic, payload, _ in bad:
            hub.send(topic, payload)
        told = hub.await_facts(KIOSK, MessageRefused, len(bad))
        assert refusals(told) == [reason for _, _, reason in bad]
        assert [each.topic for each in told] == [topic for topic, _, _ in bad]
        await_condition(lambda: hub.statuses[KIOSK].refused == len(bad))
        desk.record(press(2))
        assert tickets(hub.await_facts(KIOSK, RatingPressed, 2)) == [1, 2]
        hub.send(KIOSK.intent("serving"), sealed(site.commune.seal_key, KIOSK))
        await_condition(lambda: desk.documents.current(Serving) == SERVING)


def test_a_sealed_document_is_taken_told_and_kept_on_disk(site: Site) -> None:
    with site.broker:
        with site.hub() as hub, site.desk() as desk:
            hub.send(KIOSK.intent("serving"), sealed(site.commune.seal_key, KIOSK, 7), retain=True)
            assert hub.await_facts(KIOSK, IntentApplied, 1) == [IntentApplied(name="serving", number=7)]
            assert desk.changed.is_set()
            assert desk.documents.current(Serving) == SERVING
        site.broker.kill()
        with site.desk() as desk:
            assert desk.documents.current(Serving) == SERVING


def test_the_retained_document_repeated_at_each_connection_is_told_once(site: Site) -> None:
    ledger = Ledger()
    with site.broker:
        for session in range(3):
            with site.hub(ledger) as hub, site.desk() as desk:
                hub.send(KIOSK.intent("serving"), sealed(site.commune.seal_key, KIOSK, 7), retain=True)
                hub.await_facts(KIOSK, IntentApplied, 1)
                desk.record(press(session))
                hub.await_facts(KIOSK, RatingPressed, session + 1)
    assert len(ledger.bodies(KIOSK, IntentApplied)) == 1
    assert ledger.bodies(KIOSK, MessageRefused) == []


def test_a_flood_of_bad_messages_does_not_fill_the_outbox(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware_agent.desk.REFUSAL_FACTS_MAX", 5)
    with site.broker, site.hub() as hub, site.desk() as desk:
        desk.record(press(1))
        hub.await_facts(KIOSK, RatingPressed, 1)
        for _ in range(40):
            hub.send(KIOSK.ack, b"rubbish")
        await_condition(lambda: hub.statuses[KIOSK].refused == 40)
        assert len(hub.await_facts(KIOSK, MessageRefused, 5)) == 5


def test_a_disk_that_is_full_when_a_message_comes_does_not_end_the_link(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with site.broker, site.hub() as hub, site.desk() as desk:
        desk.record(press(1))
        hub.await_facts(KIOSK, RatingPressed, 1)

        def full(*_: object) -> int:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(desk.documents, "offer", full)
        hub.send(KIOSK.intent("serving"), b"a document that cannot be kept")
        await_condition(lambda: any("error while taking a message" in line for line in warnings(caplog)))
        monkeypatch.undo()
        desk.record(press(2))
        assert tickets(hub.await_facts(KIOSK, RatingPressed, 2)) == [1, 2]


def test_on_a_disk_with_little_room_telemetry_is_let_go_presses_are_kept_and_the_node_says_so(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.broker, site.hub() as hub, site.desk() as desk:
        await_condition(lambda: KIOSK in hub.statuses)
        monkeypatch.setattr(desk_module, "free_bytes", lambda _: TELEMETRY_LEAVES_BYTES - 1)
        hub.send(KIOSK.ack, b"rubbish")
        await_condition(lambda: any("sắp đầy" in line for line in hub.statuses[KIOSK].problems))
        desk.record(press(1))
        hub.await_facts(KIOSK, RatingPressed, 1)
        assert hub.ledger.bodies(KIOSK, MessageRefused) == []
        monkeypatch.undo()
        hub.send(KIOSK.ack, b"rubbish")
        hub.await_facts(KIOSK, MessageRefused, 1)
        await_condition(lambda: hub.statuses[KIOSK].problems == [])


# Signs of life


def test_a_status_is_renewed_within_its_lease(site: Site) -> None:
    site.lease_s = 10
    with site.broker, site.hub() as hub, site.desk():
        await_condition(lambda: KIOSK in hub.statuses)
        first = hub.statuses[KIOSK]
        assert (first.online, first.kind, first.lease_s, first.session) == (True, "rating", 10, 1)
        await_condition(lambda: hub.statuses[KIOSK] is not first, within_s=first.lease_s)


def test_a_status_tells_problems_at_once(site: Site) -> None:
    site.lease_s = 600  # it is renewed long after this test is over
    with site.broker, site.hub() as hub, site.desk():
        await_condition(lambda: KIOSK in hub.statuses)
        site.problems.report("printer", "Máy in hết giấy")
        await_condition(lambda: hub.statuses[KIOSK].problems == ["Máy in hết giấy"])
        site.problems.clear("printer")
        await_condition(lambda: hub.statuses[KIOSK].problems == [])


def test_a_node_that_ends_says_good_bye_and_each_start_is_a_new_session(site: Site) -> None:
    with site.broker, site.hub() as hub:
        for session in (1, 2):
            with site.desk():
                await_condition(lambda: KIOSK in hub.statuses and hub.statuses[KIOSK].online)
                assert hub.statuses[KIOSK].session == session
            await_condition(lambda: not hub.statuses[KIOSK].online)
            assert hub.statuses[KIOSK].session == session
