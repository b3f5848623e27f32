"""What the staff did before the pictures are taken: bulletins of every state, and a notice with a picture."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pygame
from PIL import Image

from commune_hub.times import local_time, now_ms
from kiosk_ui.calm import draw_calm
from sim.commune import Commune

PICTURE_SIZE = (960, 600)


def write_bulletins(commune: Commune) -> None:
    """Write what the plan shall show: bulletins that repeat, one that clashes and comes in the night."""
    today = local_time(now_ms()).date()
    days = {"first": str(today), "last": str(today + timedelta(days=60))}
    morning: dict[str, Any] = {
        "title": "Bản tin sáng",
        "text": "Bản tin sáng của đài truyền thanh xã. Hôm nay trời nắng, chiều tối có mưa rào vài nơi.",
        "places": ["thon-dong", "thon-tay"],
        "repeat": {"days": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "times": ["05:30", "17:00"], **days},
    }
    waste: dict[str, Any] = {
        "title": "Thu gom rác",
        "text": "Sáng nay xe thu gom rác đi qua thôn Đông từ 6h30. Đề nghị bà con để rác trước cổng.",
        "places": ["thon-dong"],
        "repeat": {"days": "FREQ=WEEKLY;BYDAY=TU,FR", "times": ["06:00"], **days},
    }
    power: dict[str, Any] = {
        "title": "Lịch cắt điện",
        "text": "Từ 8h đến 11h30 ngày mai, điện lực sửa đường dây tại thôn Tây, kính báo để bà con chủ động.",
        "places": ["thon-tay"],
        "priority": "urgent",
        "repeat": {
            "days": "FREQ=DAILY",
            "times": ["17:00", "22:15"],
            **days,
            "last": str(today + timedelta(days=4)),
        },
    }
    _write(commune, morning, approved=True)
    _write(commune, waste, approved=True)
    _write(commune, power, approved=False)


def take_one_back(commune: Commune) -> str:
    """Have a bulletin approved and withdrawn before its time, and return its id."""
    tomorrow = local_time(now_ms()) + timedelta(days=1)
    meeting: dict[str, Any] = {
        "title": "Họp dân bàn đường liên thôn",
        "text": "Mời bà con thôn Đông họp bàn việc mở rộng đường liên thôn tại nhà văn hóa lúc 19h30.",
        "places": ["thon-dong"],
        "at": tomorrow.replace(hour=17, minute=30, second=0, microsecond=0).isoformat(),
    }
    id_ = _write(commune, meeting, approved=True)
    commune.colleague("approver").post(f"/bulletins/{id_}/withdraw")
    return id_


def open_a_window(commune: Commune) -> str:
    """Have a window approved in which somebody may speak live, from now on, and return the bulletin's id."""
    window: dict[str, Any] = {
        "title": "Chủ tịch xã nói chuyện với bà con",
        "text": "Chủ tịch Ủy ban nhân dân xã nói về chuẩn bị vụ đông và phòng chống rét cho gia súc.",
        "places": ["thon-dong", "thon-tay"],
        "live": {"lasts_s": 900},
    }
    return _write(commune, window, approved=True)


def show_a_picture(commune: Commune) -> None:
    """Write a notice with a picture, and have it approved."""
    editor = next(each for each in commune.accounts if each.role == "editor")
    signed_in = commune.client.post(
        "/session", json={"account": editor.account, "password": editor.password}
    ).json()
    kept = commune.client.post(
        "/pictures", content=_painting(), headers={"Authorization": f"Bearer {signed_in['token']}"}
    )
    kept.raise_for_status()
    notice = {"title": "Chợ phiên sáng Chủ nhật", "kind": "picture", "picture": kept.json()["sha256"]}
    written = commune.colleague("editor").post("/notices", notice)
    commune.colleague("approver").post(f"/notices/{written['id']}/approve", {"version": written["version"]})


def _write(commune: Commune, said: dict[str, Any], *, approved: bool) -> str:
    editor, approver = commune.colleague("editor"), commune.colleague("approver")
    written = editor.post("/bulletins", said)
    editor.post(f"/bulletins/{written['id']}/submit")
    if approved:
        approver.post(f"/bulletins/{written['id']}/approve", {"version": written["version"]})
    return str(written["id"])


def _painting() -> bytes:
    """Return a picture as an office would bring one."""
    surface = pygame.Surface(PICTURE_SIZE)
    draw_calm(surface, "Chợ phiên Xuân Lương", "6 giờ sáng Chủ nhật, sân nhà văn hóa xã")
    picture = Image.frombytes("RGB", PICTURE_SIZE, pygame.image.tobytes(surface, "RGB"))
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()
