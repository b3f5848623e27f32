"""The model broker has the traps of the real one."""

from __future__ import annotations

import pytest

from sim.faults.broker import INFLIGHT_MAX, SUCCESS, Broker, BrokerDownError

TOPIC = "commune/v1/xa/quay-1/rating/facts"
FACTS = "commune/v1/xa/+/+/facts"


class Heard(list[bytes]):
    def __call__(self, _topic: str, payload: bytes) -> None:
        self.append(payload)


def with_hub(broker: Broker, *, durable: bool = True) -> Heard:
    heard = Heard()
    broker.connect("hub", heard, durable=durable)
    broker.subscribe("hub", FACTS)
    return heard


def test_what_is_beyond_the_limit_is_dropped_and_called_a_success() -> None:
    broker = Broker(queue_limit=10)
    with_hub(broker)
    broker.disconnect("hub", clean=False)
    assert {broker.publish("node", TOPIC, b"%d" % number) for number in range(15)} == {SUCCESS}
    assert (broker.waiting("hub"), broker.dropped) == (10, 5)


def test_a_slow_subscriber_loses_too() -> None:
    broker = Broker(queue_limit=10)
    heard = with_hub(broker)
    for number in range(100):
        broker.publish("node", TOPIC, b"%d" % number)
    assert (len(heard), broker.dropped) == (INFLIGHT_MAX, 100 - INFLIGHT_MAX - 10)
    for _ in range(100):
        broker.confirm("hub")
    assert len(heard) == INFLIGHT_MAX + 10


def test_what_was_under_way_comes_again_to_a_durable_session_and_never_to_another() -> None:
    for durable, again in ((True, [b"1", b"1", b"2"]), (False, [b"1"])):
        broker = Broker()
        heard = with_hub(broker, durable=durable)
        broker.publish("node", TOPIC, b"1")
        broker.disconnect("hub", clean=False)
        broker.publish("node", TOPIC, b"2")
        broker.connect("hub", heard, durable=durable)
        assert heard == again


def test_a_kill_forgets_what_was_not_saved_session_and_all() -> None:
    broker = Broker()
    heard = with_hub(broker)
    broker.disconnect("hub", clean=False)
    broker.publish("node", TOPIC, b"1")
    broker.kill()
    with pytest.raises(BrokerDownError):
        broker.publish("node", TOPIC, b"2")
    broker.restart()
    broker.connect("hub", heard, durable=True)
    broker.publish("node", TOPIC, b"3")
    assert heard == []


def test_what_was_saved_outlives_a_kill() -> None:
    broker = Broker()
    heard = with_hub(broker)
    broker.disconnect("hub", clean=False)
    broker.publish("node", TOPIC, b"1")
    broker.save()
    broker.publish("node", TOPIC, b"2")
    broker.kill()
    broker.restart()
    broker.connect("hub", heard, durable=True)
    assert heard == [b"1"]


def test_what_the_access_list_denies_is_called_a_success() -> None:
    broker = Broker()
    heard = with_hub(broker)
    broker.denied.add("node")
    assert broker.publish("node", TOPIC, b"1") == SUCCESS
    assert (heard, broker.denied_count) == ([], 1)


def test_a_sign_of_life_outlives_its_device_and_the_will_comes_only_from_a_living_broker() -> None:
    broker = Broker()
    will = ("commune/v1/xa/quay-1/rating/status", b"offline")
    broker.connect("node", Heard(), will=will)
    broker.publish("node", will[0], b"online", retain=True)
    broker.save()
    broker.kill()
    broker.disconnect("node", clean=False)
    broker.restart()
    assert broker.retained == {will[0]: b"online"}
    broker.connect("node", Heard(), will=will)
    broker.disconnect("node", clean=False)
    assert broker.retained == {will[0]: b"offline"}
    late = Heard()
    broker.connect("hub", late)
    broker.subscribe("hub", "commune/v1/xa/+/+/status")
    assert late == [b"offline"]
