from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_agent.settings import SettingsError
from provisioning.plan import (
    DEFAULT_PLAN,
    HubConfig,
    Plan,
    check_hub_config,
    is_host,
    is_loopback,
    load_hub_config,
    load_plan,
)
from provisioning.toml_text import toml_text
from wire.codec import decode, encode
from wire.intents import Field, Kiosk, Lane

GOOD: dict[str, Any] = {
    "commune": "xuan-luong",
    "office": "UBND xã Xuân Lương",
    "counters": [{"id": "quay-1", "name": "Quầy 1"}],
    "fields": [{"id": "ho-tich", "name": "Hộ tịch", "name_en": "Civil status"}],
    "hamlets": [{"id": "thon-dong", "name": "Thôn Đông"}],
    "notices": [{"title": "Lịch tiếp công dân", "lines": ["Thứ năm", "", "8 giờ"]}],
}


def changed(path: str, value: object) -> dict[str, Any]:
    """Return GOOD with the value at `path` ("console.port") replaced."""
    values = {**GOOD}
    table, dot, key = path.partition(".")
    values[table] = {**values.get(table, {}), key: value} if dot else value
    return values


def mistakes(values: dict[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        check_hub_config(values, "hub.toml", Path("/nowhere"))
    return caught.value.mistakes


def test_a_hub_config_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text(toml_text(GOOD), encoding="utf-8")
    config = load_hub_config(path)
    assert config.root == tmp_path.resolve()
    assert config.broker_directory == tmp_path.resolve() / "broker"
    assert (config.broker.port, config.console.port, config.door.port) == (8883, 8080, 8444)
    assert config.counters[0].name == "Quầy 1"
    assert config.fields[0].name_en == "Civil status"
    assert config.places() == {"quay-1": "Quầy 1", "thon-dong": "Thôn Đông", "hall": "Sảnh"}
    assert config.notices[0].lines == ["Thứ năm", "", "8 giờ"]
    assert config.console.tls


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("commune", "Xuân Lương", "commune"),
        ("office", "  ", "office"),
        ("office", "UBND\nxã", "office"),
        ("office", "a" * 401, "office"),
        ("address", "hub xa", "address"),
        ("broker.port", 0, "broker.port"),
        ("broker.port", 65_536, "broker.port"),
        ("broker.host", "127.0.0.1\nallow_anonymous true", "broker.host"),
        ("broker.listen", "127.0.0.300", "broker.listen"),
        ("console.port", "tám", "console.port"),
        ("console.colour", "red", "console.colour"),
        ("door.host", "", "door.host"),
        ("root", "/etc", "root"),
        ("surprise", 1, "surprise"),
        ("counters", [], "counters"),
        ("counters", [{"id": "Quầy", "name": "Quầy 1"}], "counters.0.id"),
        ("counters", [{"id": "quay-1"}], "counters.0.name"),
        ("fields", [{"id": f"f-{i}", "name": "x"} for i in range(13)], "fields"),
        ("notices", [{"title": "t", "lines": ["x"] * 13}], "notices.0.lines"),
        ("hamlets", "thon-dong", "hamlets"),
        ("fields", [{"id": "a", "name": "x", "papers": ["p"] * 13}], "fields.0.papers"),
        ("fields", [{"id": "a", "name": "x", "picture": "Ảnh"}], "fields.0.picture"),
        ("lanes", [{"id": f"l-{i}", "name": "x"} for i in range(7)], "lanes"),
        ("lanes", [{"id": "cao-tuoi", "name": "x", "weight": -1}], "lanes.0.weight"),
        ("page.url", "http://10.0.0.5:8081/", "page"),
        ("page.url", "javascript:alert(1)/t/", "page"),
        ("page.host", "0.0.0.0", "page"),  # noqa: S104
    ],
)
def test_each_mistake_is_named_by_its_key(path: str, value: object, key: str) -> None:
    assert [re.split(r"\.?:", line)[0] for line in mistakes(changed(path, value))] == [key]


def test_all_mistakes_are_named_at_once() -> None:
    values = changed("broker.port", 0) | {"commune": "X", "office": ""}
    assert len(mistakes(values)) == 3


@pytest.mark.parametrize("place", ["hall", "quay-1", "thon-dong"])
def test_places_do_not_share_an_id(place: str) -> None:
    hamlets = [*GOOD["hamlets"], {"id": place, "name": "Thôn khác"}]
    (line,) = mistakes(changed("hamlets", hamlets))
    assert place in line


def test_fields_do_not_share_an_id_but_may_be_named_as_places() -> None:
    (line,) = mistakes(changed("fields", GOOD["fields"] * 2))
    assert "ho-tich" in line
    check_hub_config(changed("fields", [{"id": "quay-1", "name": "Hộ tịch"}]), "", Path())


@pytest.mark.parametrize("ids", [["ordinary"], ["cao-tuoi", "cao-tuoi"]])
def test_lanes_do_not_share_an_id_with_each_other_or_the_ordinary_one(ids: list[str]) -> None:
    (line,) = mistakes(changed("lanes", [{"id": each, "name": "x"} for each in ids]))
    assert ids[0] in line


def test_one_field_greets_at_most() -> None:
    both = [{"id": each, "name": "x", "greeter": True} for each in ("a", "b")]
    (line,) = mistakes(changed("fields", both))
    assert "greeter" in line


def test_the_page_is_reached_by_its_url_or_by_host_and_port() -> None:
    assert check_hub_config(GOOD, "", Path()).page is None
    for page, begins in (
        ({}, "http://127.0.0.1:8081/t/"),
        ({"host": "10.0.0.5", "port": 90}, "http://10.0.0.5:90/t/"),
        ({"host": "::1"}, "http://[::1]:8081/t/"),
        ({"url": "https://phieu.example/xa/t/"}, "https://phieu.example/xa/t/"),
    ):
        found = check_hub_config(changed("page", page), "", Path()).page
        assert found is not None
        assert found.begins == begins


@pytest.mark.parametrize("other", ["console", "door", "page"])
def test_ports_differ(other: str) -> None:
    (line,) = mistakes(changed(f"{other}.port", 8883))
    assert f"{other}.port = 8883" in line


@pytest.mark.parametrize(("host", "allowed"), [("127.0.0.1", True), ("::1", True), ("localhost", True)])
def test_the_console_may_be_open_on_loopback(host: str, allowed: bool) -> None:
    config = check_hub_config(changed("console", {"host": host, "tls": not allowed}), "", Path())
    assert config.console.tls is not allowed


@pytest.mark.parametrize("host", ["::", "192.168.1.10", "hub.local", "127.evil.example"])
def test_the_console_is_never_open_on_the_network(host: str) -> None:
    (line,) = mistakes(changed("console", {"host": host, "tls": False}))
    assert "console" in line
    assert "tls" in line


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("hub", True),
        ("hub.local", True),
        ("192.168.1.10", True),
        ("fe80::1", True),
        ("fe80::1%eth0", False),
        ("192.168.1", False),
        ("192.168.1.256", False),
        ("", False),
        ("hub..local", False),
        ("-hub", False),
        ("hub\n", False),
        ("xã", False),
        ("a" * 64, False),
    ],
)
def test_hosts(text: str, is_one: bool) -> None:
    assert is_host(text) is is_one
    assert not is_loopback(text)


def test_the_default_plan_makes_a_kiosk_that_the_wire_takes() -> None:
    plan = load_plan(DEFAULT_PLAN)
    fields = [Field(**each.model_dump()) for each in plan.fields]
    lanes = [Lane(**each.model_dump(exclude={"weight"})) for each in plan.lanes]
    kiosk = Kiosk(office="UBND", series="A", fields=fields, lanes=lanes)
    assert decode(encode(kiosk), Kiosk) == kiosk
    assert {"ho-tich", "dat-dai", "chung-thuc", "bao-tro"} <= {field.id for field in fields}
    assert "hall" in plan.places()
    assert [field.id for field in fields if field.greeter] == ["huong-dan"]
    assert lanes


SCRAPS = st.sampled_from([
    "[[counters]]", "[[fields]]", "[[hamlets]]", "[[notices]]", "[counters]", 'id = "quay-1"', "id = 5",
    'name = "Quầy"', 'name = ""', 'name = "\\ud800"', 'title = "t"', "lines = []", "lines = [[1]]", "x = nan",
    "=", "[", '"""', "\x00",
])  # fmt: skip
KEYS = st.sampled_from([*GOOD, "id", "name"])
TREES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=10,
)


def outcome(path: Path) -> Plan | list[str]:
    try:
        return load_plan(path)
    except SettingsError as error:
        return error.mistakes


@given(st.lists(SCRAPS, max_size=12).map("\n".join) | st.text(max_size=60))
def test_any_file_is_a_plan_or_a_list_of_mistakes(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed-plan.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    found = outcome(path)
    assert isinstance(found, Plan) or (found and not any("\n" in line for line in found))


@given(st.dictionaries(st.sampled_from([*GOOD, "broker", "console", "door", "root", "address"]), TREES))
def test_any_tree_is_a_config_or_a_list_of_mistakes(values: dict[str, Any]) -> None:
    with contextlib.suppress(SettingsError):
        assert isinstance(check_hub_config({**GOOD, **values}, "hub.toml", Path()), HubConfig)
