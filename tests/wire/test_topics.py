"""One place spells topics: what it writes it reads, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.codec import WireError
from wire.names import NAME_PATTERN
from wire.topics import Address, Topic, access_list, hub_filters, parse_topic

NAMES = st.from_regex(NAME_PATTERN)
ADDRESSES = st.builds(Address, NAMES, NAMES, NAMES)
KIOSK = Address("xuan-luong", "quay-1-pi", "rating")


@given(ADDRESSES)
def test_every_topic_of_an_address_is_read_back(address: Address) -> None:
    assert parse_topic(address.facts) == Topic(address, "facts")
    assert parse_topic(address.ack) == Topic(address, "ack")
    assert parse_topic(address.status) == Topic(address, "status")


@given(ADDRESSES, NAMES)
def test_every_intent_topic_is_read_back_with_its_name(address: Address, name: str) -> None:
    assert parse_topic(address.intent(name)) == Topic(address, "intent", name)


@given(ADDRESSES, ADDRESSES)
def test_no_two_addresses_share_a_topic(one: Address, other: Address) -> None:
    assert (one.facts == other.facts) == (one == other)


@given(st.text(max_size=80))
def test_any_text_is_a_topic_of_ours_or_refused(text: str) -> None:
    with pytest.raises(WireError) as caught:
        parse_topic(text)
    assert caught.value.reason == "foreign_topic"


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "commune",
        "commune/v2/xuan-luong/quay-1-pi/rating/facts",
        "commune/v1/xuan-luong/quay-1-pi/rating",
        "commune/v1/xuan-luong/quay-1-pi/rating/facts/more",
        "commune/v1/xuan-luong/quay-1-pi/rating/orders",
        "commune/v1/xuan-luong/quay-1-pi/rating/intent",
        "commune/v1/xuan-luong/quay-1-pi/rating/intent/",
        "commune/v1/xuan-luong/quay-1-pi/rating/intent/../serving",
        "commune/v1/xuan-luong/quay-1-pi/rating/intent/a/b",
        "commune/v1/xuan-luong//rating/facts",
        "commune/v1/xuan-luong/+/rating/facts",
        "commune/v1/Xuan-Luong/quay-1-pi/rating/facts",
        "commune/v1/xuan-luong/quay-1-pi/rating\n/facts",
        "/commune/v1/xuan-luong/quay-1-pi/rating/facts",
        "$SYS/broker/uptime",
    ],
)
def test_foreign_topics_are_refused_and_shown(topic: str) -> None:
    with pytest.raises(WireError) as caught:
        parse_topic(topic)
    assert caught.value.reason == "foreign_topic"
    assert repr(topic) in str(caught.value)


def test_a_refusal_shows_no_more_than_a_line_of_a_topic() -> None:
    with pytest.raises(WireError) as caught:
        parse_topic("x" * 60_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("part", ["", "+", "#", "a/b", "Quay", "a\n", "x" * 41])
def test_an_address_is_made_of_names_only(part: str) -> None:
    for parts in ((part, "d", "n"), ("c", part, "n"), ("c", "d", part)):
        with pytest.raises(ValueError, match="is not a name"):
            Address(*parts)


def test_an_address_reads_as_device_and_node() -> None:
    assert str(KIOSK) == "quay-1-pi/rating"


def matches(topic_filter: str, topic: str) -> bool:
    """Tell whether an MQTT filter with `+` and a last `#` takes a topic (MQTT 5, section 4.7)."""
    wanted, found = topic_filter.split("/"), topic.split("/")
    if wanted[-1] == "#":
        wanted, found = wanted[:-1], found[: len(wanted) - 1]
    return len(wanted) == len(found) and all(w in ("+", f) for w, f in zip(wanted, found, strict=True))


@given(ADDRESSES, NAMES)
def test_the_filters_take_what_they_should(address: Address, name: str) -> None:
    facts, status = hub_filters(address.commune)
    assert matches(facts, address.facts)
    assert matches(status, address.status)
    assert not any(matches(each, address.ack) for each in (facts, status))
    assert matches(address.intents, address.intent(name))


def allowed(rules: str, user: str, topic: str, doing: str) -> bool:
    """Judge by an access list as Mosquitto does: `pattern` for all, `topic` for the user named above it."""
    about = ""
    for line in rules.splitlines():
        match line.split():
            case ["user", name]:
                about = name
            case ["pattern", right, pattern] if right in (doing, "readwrite"):
                if matches(pattern.replace("%u", user), topic):
                    return True
            case ["topic", right, pattern] if right in (doing, "readwrite"):
                if about == user and matches(pattern, topic):
                    return True
    return False


@given(ADDRESSES.filter(lambda a: a.device != "hub"), NAMES.filter(lambda n: n != "hub"), NAMES)
def test_a_device_may_only_touch_its_own_topics(address: Address, other: str, name: str) -> None:
    rules = access_list(address.commune, {other: ["another"], address.device: [address.node]})
    writes, reads = (address.facts, address.status), (address.ack, address.intent(name))
    for user in (address.device, other):
        own = user == address.device
        assert all(allowed(rules, user, topic, "write") == own for topic in writes)
        assert all(allowed(rules, user, topic, "read") == own for topic in reads)
        assert not any(allowed(rules, user, topic, "write") for topic in reads)
        assert not any(allowed(rules, user, topic, "read") for topic in writes)
    invented = Address(address.commune, address.device, "another")
    exists = address.node == "another"
    assert allowed(rules, address.device, invented.status, "write") == exists, "only names that exist"


@given(ADDRESSES, NAMES, NAMES)
def test_the_hub_may_touch_all_of_its_commune_and_nothing_else(
    address: Address, name: str, other: str
) -> None:
    topics = (address.facts, address.ack, address.status, address.intent(name))
    for commune in (address.commune, other):
        own = commune == address.commune
        for doing in ("read", "write"):
            assert all(allowed(access_list(commune, {}), "hub", topic, doing) == own for topic in topics)
