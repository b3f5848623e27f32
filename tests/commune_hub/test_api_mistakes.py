"""Whatever is wrong with a request to the API: its answer names each field in Vietnamese, all at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from commune_hub.api.mistakes import MISTAKE_MAX, TOLD_MAX
from tests.commune_hub.test_api import Api, Caller, api, bulletin

__all__ = ["api"]

ROLES = ("officer", "editor", "leader")
NOT_A_BODY = [b"{", b"\xff", b"[" * 100_000, b"9" * 5_000, b"[]", b"null", b'"x"', b'{"a": 1,}', b""]
NOT_A_VALUE: list[Any] = [{"x": []}, 10**30, float("nan")]

Json = dict[str, Any]


def shapes(api: Api) -> Iterator[tuple[str, str, Json, bool]]:
    """Every route that takes JSON: method, path, the shape of its body, whether there must be one."""
    described = api.client.get("/api/v1/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, about in methods.items():
            if "requestBody" in about:
                body = about["requestBody"]
                shape = body["content"]["application/json"]["schema"]
                name = shape.get("$ref", shape.get("allOf", [{}])[0].get("$ref", "")).rpartition("/")[2]
                filled = re.sub(r"{[^}]*}", "quay-1", path.removeprefix("/api/v1"))
                yield method, filled, described["components"]["schemas"][name], body.get("required", False)


def least(shape: Json) -> Json:
    """The fields that must be there, each with something of its type."""
    values = {"array": ["x"], "integer": 1, "string": "x"}
    return {name: values[shape["properties"][name]["type"]] for name in shape.get("required", [])}


def told(answer: Any, *names: str) -> list[str]:
    """The lines of an answer, each in Vietnamese beside its English; all of `names` are named."""
    assert 400 <= answer.status_code < 500, answer.text
    detail = answer.json()["detail"]
    assert all(name in detail for name in names), (names, detail)
    lines: list[str] = detail.splitlines()
    assert len(lines) <= TOLD_MAX + 2
    for line in lines:
        assert re.search("[à-ỹ]", re.sub(r"\([^)]*\)|'[^']*'", "", line)), line
        assert len(line) <= MISTAKE_MAX
    return lines


def post(caller: Caller, method: str, path: str, content: bytes, kind: str = "application/json") -> Any:
    headers = {"Authorization": f"Bearer {caller.token}", "content-type": kind}
    return caller.client.request(method, f"/api/v1{path}", content=content, headers=headers)


def test_every_mistake_in_every_body_is_named_in_vietnamese(api: Api) -> None:
    caller, seen = api.as_(*ROLES), 0
    for method, path, shape, needed in shapes(api):
        names, required, good = list(shape["properties"]), shape.get("required", []), least(shape)
        seen += 1
        for content in NOT_A_BODY:
            if content or needed:
                told(post(caller, method, path, content))
        told(post(caller, method, path, json.dumps(good).encode(), "text/plain"), "application/json")
        told(post(caller, method, path, json.dumps(good | {"colour": 1}).encode()), "colour")
        for wrong in NOT_A_VALUE:
            told(post(caller, method, path, json.dumps(dict.fromkeys(names, wrong)).encode()), *names)
        for name in names:
            piece = ["x"] if shape["properties"][name].get("type") == "array" else "x"
            told(post(caller, method, path, json.dumps(good | {name: piece * 9_000}).encode()), name)
        if required:
            told(post(caller, method, path, b"{}"), *required)
    assert seen > 12


def test_a_line_says_what_was_found_and_what_is_allowed(api: Api) -> None:
    repeat = {"days": 1, "times": "05:30", "first": "mai", "last": "2026-12-01"}
    changes = {"volume": 11, "chime": None, "at": "2026-11-21T07:30:00", "repeat": repeat, "priority": "loud"}
    head, *lines = told(api.as_("editor").ask("POST", "/bulletins", bulletin(api, **changes)))
    assert head == "7 chỗ sai, hãy sửa rồi gửi lại (mistakes, mend them and send again):"
    assert [line.partition(":")[0] for line in lines] == [
        "at",
        "repeat.days",
        "repeat.times",
        "repeat.first",
        "priority",
        "chime",
        "volume",
    ]
    assert "kèm múi giờ" in lines[0]
    assert lines[4].endswith("một trong (one of): 'emergency', 'urgent', 'ordinary', 'music'")
    assert lines[5] == "chime: tìm thấy (found) null; cho phép (allowed): true, false"
    assert lines[6] == "volume: tìm thấy (found) 11; cho phép (allowed): đến 1.0 (at most)"


def test_what_contradicts_itself_is_named_at_once_with_all_else(api: Api) -> None:
    repeat = {"days": "FREQ=SOMETIMES", "times": ["5h"], "first": "2026-12-02", "last": "2026-12-01"}
    changes = {"emergency": True, "priority": "music", "repeat": repeat, "at": None, "text": " \u200b"}
    for method, path in (("POST", "/bulletins"), ("PUT", "/bulletins/none")):
        answer = api.as_("editor").ask(method, path, bulletin(api, **changes, places=["sao-hoa"]))
        assert answer.status_code == 422
        told(answer, "priority: ", "repeat: lịch lặp: FREQ", "5h", "(text)", "sao-hoa")


def test_a_thousand_mistakes_are_counted_and_the_first_are_named(api: Api) -> None:
    sent = {"title": 1, "x" * 5_000: 1} | {f"k{number}": 1 for number in range(1_000)}
    lines = told(api.as_("editor").ask("POST", "/notices", sent), "title", "xxx…", "k17")
    assert lines[-1] == "… và 982 chỗ nữa (and 982 more)"


def test_a_password_is_not_repeated(api: Api) -> None:
    answer = api.client.post("/api/v1/session", json={"account": "x", "password": ["bi-mat"] * 40})
    told(answer, "password")
    assert "bi-mat" not in answer.text


@pytest.mark.parametrize("path", ["/sounds", "/pictures"])
@pytest.mark.parametrize("content", [b"", b"x" * 300])
def test_files_that_are_none(api: Api, path: str, content: bytes) -> None:
    told(post(api.as_("editor"), "POST", path, content, "application/octet-stream"))


@pytest.mark.parametrize(
    ("method", "path", "named"),
    [
        ("GET", "/plan?days=nhieu", "days"),
        ("GET", "/playbacks?first=mai", "first"),
        ("GET", "/notices/x/preview?page=0", "page"),
        ("GET", "/reports/week/2026-W41.json?begins=2", "begins"),
        ("POST", f"/bulletins/{'x' * 61}/submit", "bulletin"),
        ("GET", "/none", "/api/v1/none"),
        ("DELETE", "/bulletins", "DELETE"),
        ("GET", "/queue", "đăng nhập"),
    ],
)
def test_what_is_wrong_around_a_body(api: Api, method: str, path: str, named: str) -> None:
    token = "" if named == "đăng nhập" else api.as_(*ROLES).token
    told(Caller(api.client, token).ask(method, path), named)
