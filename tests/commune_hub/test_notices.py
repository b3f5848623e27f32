"""Notices: nothing before the hall that only one has seen; nothing that harms a screen or the hub."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from commune_hub.api.app import make_api
from commune_hub.api.served import Served
from commune_hub.documents.hall import NOTICES_MAX_BYTES, compose_board
from commune_hub.errors import ConflictError, ForbiddenError, InvalidError
from commune_hub.hub import open_capabilities
from commune_hub.pictures import SIDE_MAX, UPLOAD_MAX_BYTES
from commune_hub.writing.notice_draft import LINE_MAX, LINES_MAX, TITLE_MAX, Draft
from firmware_agent.settings import read_toml
from provisioning.plan import DEFAULT_PLAN, check_hub_config
from tests.commune_hub.conftest import NOON_MS, Office, member
from wire.codec import MAX_MESSAGE_BYTES, encode

EDITOR, OTHER = member("bien-tap", "editor"), member("bien-tap-2", "editor")
APPROVER = member("lanh-dao", "approver")
BOTH = member("ca-hai", "editor", "approver")
HOUR_MS = 3_600_000


def draft(title: str = "Lịch tiếp công dân", *lines: str, **changes: Any) -> Draft:
    return Draft(title, lines or ("Thứ Năm | 8:00–11:00",), **changes)


def shown(office: Office, title: str = "Lịch") -> str:
    made = office.notices.write(draft(title), EDITOR)
    return office.notices.approve(made.id, APPROVER, made.version).id


def titles(office: Office) -> list[str]:
    return [each.title for each in office.notices.on_board()]


def noted(office: Office) -> list[str]:
    return [line["action"] for line in reversed(office.audit.latest())]


def jpeg(width: int = 60, height: int = 40, **saved: Any) -> bytes:
    made = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(made, "JPEG", **saved)
    return made.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A PNG whose head promises so many points; decoding it would need all of them in memory."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_what_one_wrote_another_must_approve(office: Office) -> None:
    made = office.notices.write(draft(), EDITOR)
    assert titles(office) == []
    with pytest.raises(ForbiddenError):
        office.notices.approve(made.id, EDITOR, made.version)
    own = office.notices.write(draft("Của mình"), BOTH)
    with pytest.raises(ForbiddenError):
        office.notices.approve(own.id, BOTH, own.version)
    with pytest.raises(ForbiddenError):
        office.notices.write(draft(), APPROVER)
    office.notices.approve(made.id, APPROVER, made.version)
    assert titles(office) == ["Lịch tiếp công dân"]
    with pytest.raises(ConflictError):
        office.notices.approve(made.id, APPROVER, made.version)
    assert noted(office) == ["notice.written", "notice.written", "notice.approved"]


def test_a_change_is_not_seen_before_it_is_approved_and_takes_the_place_of_the_old_one(
    office: Office,
) -> None:
    first, second = shown(office, "Một"), shown(office, "Hai")
    new = office.notices.rewrite(first, draft("Một mới"), OTHER)
    assert titles(office) == ["Một", "Hai"]
    mended = office.notices.rewrite(new.id, draft("Một mới hơn"), EDITOR)
    assert mended.id == new.id, "what nobody approved yet is changed in its place"
    with pytest.raises(ConflictError, match="vừa thay đổi"):
        office.notices.approve(new.id, APPROVER, new.version)
    office.notices.approve(new.id, APPROVER, mended.version)
    assert titles(office) == ["Một mới hơn", "Hai"]
    office.notices.move(second, -1, EDITOR)
    assert titles(office) == ["Hai", "Một mới hơn"]


def test_removal_is_at_once_and_can_be_taken_back_for_a_day_as_it_was(office: Office) -> None:
    id_ = shown(office)
    waiting = office.notices.write(draft("Chưa duyệt"), EDITOR)
    for each in (id_, waiting.id):
        office.notices.remove(each, EDITOR)
    assert titles(office) == []
    for each in (id_, waiting.id):
        office.notices.restore(each, APPROVER)
    assert titles(office) == ["Lịch"], "what was not approved is not by being taken back"
    office.notices.remove(id_, EDITOR)
    office.clock.at_ms += 25 * HOUR_MS
    with pytest.raises(ConflictError):
        office.notices.restore(id_, EDITOR)
    assert [each.title for each in office.notices.listed()] == ["Chưa duyệt"]


def test_a_notice_ends_by_itself_and_is_told_before_it_begins(office: Office) -> None:
    made = office.notices.write(draft(from_ms=NOON_MS + HOUR_MS, until_ms=NOON_MS + 2 * HOUR_MS), EDITOR)
    office.notices.approve(made.id, APPROVER, made.version)
    assert titles(office) == ["Lịch tiếp công dân"], "a display that is cut off shows it in time"
    office.clock.at_ms += 2 * HOUR_MS
    assert titles(office) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (draft("   "), "title (tiêu đề)"),
        (draft("x" * (TITLE_MAX + 1)), "title (tiêu đề)"),
        (draft("Còi\x07"), "0007, chữ thứ 4, hãy xóa (control"),
        (draft("T", "dòng\x1b[31m"), "lines (nội dung)"),
        (draft("T", "x" * (LINE_MAX + 1)), "lines (nội dung): dòng 1"),
        (draft("T", *["x"] * (LINES_MAX + 1)), "lines (nội dung)"),
        (Draft("T"), "lines (nội dung): đang trống"),
        (draft(kind="banner"), "kind (kiểu)"),
        (draft(kind="picture"), "picture (ảnh)"),
        (draft(picture="a" * 64), "picture (ảnh)"),
        (draft(picture="../../hub.toml"), "picture (ảnh)"),
        (draft(until_ms=NOON_MS - 1), "until (đến)"),
        (draft(from_ms=10**15), "from (từ)"),
    ],
)
def test_what_is_wrong_is_named(office: Office, wrong: Draft, said: str) -> None:
    with pytest.raises(InvalidError, match=said.replace("(", r"\(").replace(")", r"\)")):
        office.notices.write(wrong, EDITOR)
    assert office.notices.listed() == []


def test_every_mistake_is_named_at_once_and_hidden_marks_are_taken_out(office: Office) -> None:
    with pytest.raises(InvalidError) as caught:
        office.notices.write(Draft("", kind="x", until_ms=1), EDITOR)
    assert all(name in str(caught.value) for name in ("title", "kind", "until", "lines"))
    made = office.notices.write(draft("Lịch\u202e tiếp\u200b"), EDITOR)
    assert made.title == "Lịch tiếp"


def test_the_office_begins_with_its_plan_and_only_once(tmp_path: Path) -> None:
    values = {**read_toml(DEFAULT_PLAN), "commune": "xuan-luong", "office": "UBND xã"}
    config = check_hub_config(values, "hub.toml", tmp_path)
    capabilities = open_capabilities(config)
    planned = [each.title for each in config.notices]
    assert [each.title for each in capabilities.notices.on_board()] == planned
    capabilities.notices.remove(capabilities.notices.on_board()[0].id, EDITOR)
    capabilities.store.close()
    again = open_capabilities(config)
    assert [each.title for each in again.notices.on_board()] == planned[1:]
    again.store.close()


def test_a_board_of_the_longest_notices_is_still_a_message_and_a_reminder_counts(office: Office) -> None:
    config = check_hub_config(
        {**read_toml(DEFAULT_PLAN), "commune": "x", "office": "U"}, "hub.toml", Path("/nowhere")
    )
    reminder = office.notices.write(draft("Nhắc", "Đang mở: {open}", kind="reminder"), EDITOR)
    office.notices.approve(reminder.id, APPROVER, reminder.version)
    for _ in range(39):
        long = office.notices.write(draft("ệ" * TITLE_MAX, *["ệ" * LINE_MAX] * LINES_MAX), EDITOR)
        office.notices.approve(long.id, APPROVER, long.version)
    board = compose_board(config, office.queue, office.notices)
    assert board.notices[0].lines == ["Đang mở: 0"]
    assert len(encode(board)) < MAX_MESSAGE_BYTES / 2 + NOTICES_MAX_BYTES / 2
    assert len(board.notices) > 15


# --- pictures


def test_a_picture_is_made_anew_upright_small_and_without_what_a_phone_writes_into_it(office: Office) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    exif[0x010E] = "Nhà của tôi"
    kept = office.notices.keep_picture(jpeg(3_000, 1_000, exif=exif), EDITOR)
    assert (kept.width, kept.height) == (SIDE_MAX // 3, SIDE_MAX)
    content = office.notices.pictures.path(kept.sha256).read_bytes()
    assert hashlib.sha256(content).hexdigest() == kept.sha256
    with Image.open(io.BytesIO(content)) as made:
        assert (made.format, made.size, len(made.getexif())) == ("JPEG", (kept.width, kept.height), 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (huge_png(20_000, 10_000), "tối đa 40 triệu"),
        (huge_png(60_000, 60_000), "tối đa 40 triệu"),
        (huge_png(100, 100), "không đọc được"),
        (jpeg()[:200], "không đọc được"),
        (b"GIF89a" + bytes(100), "không đọc được"),
        (b"<svg/>", "không đọc được"),
        (bytes(UPLOAD_MAX_BYTES + 1), "tối đa 8 MB"),
    ],
    ids=["200 MP", "3600 MP", "cut PNG", "cut JPEG", "GIF", "SVG", "too large"],
)
def test_what_is_no_good_picture_is_refused_before_it_costs_memory(
    office: Office, content: bytes, said: str
) -> None:
    with pytest.raises(InvalidError, match=f"picture \\(ảnh\\).*{said}"):
        office.notices.keep_picture(content, EDITOR)
    assert list((Path(office.store.path).parent / "pictures").iterdir()) == []


# --- the API


@dataclass
class Api:
    client: TestClient
    tokens: dict[str, str]
    changes: list[int]

    def ask(self, who: str, method: str, path: str, **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return self.client.request(method, f"/api/v1{path}", headers=headers, **given)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    tmp_path = tmp_path_factory.mktemp("api")
    values = {**read_toml(DEFAULT_PLAN), "commune": "xuan-luong", "office": "UBND xã", "notices": []}
    capabilities = open_capabilities(check_hub_config(values, "hub.toml", tmp_path))
    changes: list[int] = []
    with TestClient(make_api(Served(capabilities, lambda: changes.append(1)))) as client:
        tokens = {}
        for role in ("editor", "approver", "officer"):
            password = capabilities.staff.add(role, role, [role], by="test")
            answer = client.post("/api/v1/session", json={"account": role, "password": password})
            tokens[role] = answer.json()["token"]
        yield Api(client, tokens, changes)
    capabilities.store.close()


def test_a_notice_with_a_picture_from_writing_to_the_board(api: Api) -> None:
    picture = api.ask("editor", "POST", "/pictures", content=jpeg(200, 100))
    assert picture.status_code == 201
    sha256 = picture.json()["sha256"]
    sent = {"title": "Ngày hội", "kind": "picture", "picture": sha256, "until": "2099-01-01T00:00:00+07:00"}
    refused = api.ask("editor", "POST", "/notices", json=sent)
    assert (refused.status_code, "until (đến)" in refused.json()["detail"]) == (422, True)
    made = api.ask("editor", "POST", "/notices", json={**sent, "until": None})
    assert (made.status_code, made.json()["state"]) == (201, "written")
    path = f"/notices/{made.json()['id']}"
    page = api.ask("approver", "GET", f"{path}/preview")
    with Image.open(io.BytesIO(page.content)) as drawn:
        assert drawn.size == (1280, 720)
    assert api.ask("approver", "GET", f"{path}/preview?page=2").status_code == 404
    seen = {"version": made.json()["version"]}
    assert api.ask("editor", "POST", f"{path}/approve", json=seen).status_code == 403
    assert api.ask("approver", "POST", f"{path}/approve").status_code == 422, "what was seen must be named"
    assert api.changes == []
    assert api.ask("approver", "POST", f"{path}/approve", json=seen).json()["state"] == "approved"
    assert api.ask("approver", "POST", f"{path}/move", json={"steps": 1}).status_code == 200
    assert api.ask("editor", "POST", f"{path}/remove").json()["state"] == "removed"
    assert api.ask("editor", "POST", f"{path}/restore").json()["state"] == "approved"
    assert [each["title"] for each in api.ask("officer", "GET", "/notices").json()] == ["Ngày hội"]
    assert api.ask("officer", "GET", f"/pictures/{sha256}").headers["content-type"] == "image/jpeg"
    assert len(api.changes) == 4


def test_nothing_without_signing_in(api: Api) -> None:
    for path in ("/notices", "/pictures/" + "a" * 64, "/notices/x/preview"):
        assert api.ask("", "GET", path).status_code == 401


def test_bad_uploads_get_clear_answers(api: Api) -> None:
    assert api.ask("officer", "POST", "/pictures", content=jpeg()).status_code == 403
    for content, status in ((b"", 422), (huge_png(20_000, 10_000), 422), (bytes(UPLOAD_MAX_BYTES + 1), 413)):
        answer = api.ask("editor", "POST", "/pictures", content=content)
        assert (answer.status_code, "picture (ảnh)" in answer.json()["detail"]) == (status, True)
    for broken in ({"title": ["x"]}, {"title": "T", "lines": "x"}, {"title": "T", "extra": 1}):
        assert api.ask("editor", "POST", "/notices", json=broken).status_code == 422
