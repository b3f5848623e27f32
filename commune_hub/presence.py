"""Who is silent together, and what that says: a dark village, a dead device, or our own link. Pure.

A village without power is nobody's fault and mends itself; a dead device among living ones wants a
technician. The hub sees only silence; this tells them apart by who fell silent with whom.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from commune_hub.times import local_time

TOGETHER_MS = 15 * 60_000
"""Devices last heard of within this time of each other fell silent together: one power cut. A device renews
its sign of life within its lease (minutes at most), and after a start of the hub it is remembered from
the disk, where it is written every ten minutes (fleet.SAVE_EVERY_MS)."""

NAMED_MAX = 5
"""Most devices named in one sentence."""

Kind = Literal["own_link", "commune_silent", "place_dark", "device_dead", "device_silent", "never_seen"]
"""What a silence says, the widest first; the order in which it is told."""

KINDS: tuple[Kind, ...] = (
    "own_link",
    "commune_silent",
    "place_dark",
    "device_dead",
    "device_silent",
    "never_seen",
)


@dataclass(frozen=True)
class Presence:
    """A device: where it stands, whether any of its nodes lives, when one was last heard of (None: never)."""

    device: str
    place: str
    alive: bool
    seen_at_ms: int | None


@dataclass(frozen=True)
class Outage:
    """A silence and what it says. `since_ms`: the last sign of life before it; None: not known.

    `text` is for people: Vietnamese, English in brackets.
    """

    kind: Kind
    places: tuple[str, ...]
    devices: tuple[str, ...]
    since_ms: int | None
    text: str


@dataclass(frozen=True)
class _Silent:
    device: str
    place: str
    seen_at_ms: int


def outages(
    devices: Sequence[Presence], place_names: Mapping[str, str], *, link_up: bool = True
) -> list[Outage]:
    """Return what the silences of a commune say, the widest first. Each silent device is in exactly one.

    Without `link_up` the hub itself hears nobody, and says only that.
    """
    if not link_up:
        return [_own_link(devices)]
    silent = [
        _Silent(each.device, each.place, each.seen_at_ms)
        for each in devices
        if not each.alive and each.seen_at_ms is not None
    ]
    living = {each.place for each in devices if each.alive}
    darkened, dead = _last_of_each_place(silent, living)
    found = [_dead(each, place_names) for each in dead]
    for index, group in enumerate(_fell_together(darkened)):
        found.append(_together(group, place_names, whole_commune=not living and index == 0))
    found += [_never(each, place_names) for each in devices if not each.alive and each.seen_at_ms is None]
    return sorted(found, key=lambda each: (KINDS.index(each.kind), -(each.since_ms or 0), each.devices))


def _last_of_each_place(
    silent: Sequence[_Silent], living: Collection[str]
) -> tuple[list[list[_Silent]], list[_Silent]]:
    """Return, of each wholly silent place, those that fell silent with its last one; and all others.

    The others had living neighbours after they fell silent: it was not the place.
    """
    places: list[list[_Silent]] = []
    others = [each for each in silent if each.place in living]
    by_place = sorted((each for each in silent if each.place not in living), key=lambda each: each.place)
    for _, members in groupby(by_place, key=lambda each: each.place):
        at_place = sorted(members, key=lambda each: -each.seen_at_ms)
        last_ms = at_place[0].seen_at_ms
        places.append([each for each in at_place if last_ms - each.seen_at_ms <= TOGETHER_MS])
        others += [each for each in at_place if last_ms - each.seen_at_ms > TOGETHER_MS]
    return places, others


def _fell_together(places: Sequence[list[_Silent]]) -> list[list[_Silent]]:
    """Put places that fell silent at one time into one group; the latest group first."""
    groups: list[list[_Silent]] = []
    for members in sorted(places, key=lambda each: -each[0].seen_at_ms):
        if groups and groups[-1][0].seen_at_ms - members[0].seen_at_ms <= TOGETHER_MS:
            groups[-1] += members
        else:
            groups.append(list(members))
    return groups


def _together(group: list[_Silent], names: Mapping[str, str], *, whole_commune: bool) -> Outage:
    since_ms = group[0].seen_at_ms
    if len(group) == 1:
        return _alone(group[0], names)
    devices = tuple(sorted(each.device for each in group))
    places = tuple(sorted({each.place for each in group}))
    if whole_commune:
        text = (
            f"Cả xã im lặng từ {_time(since_ms)}: không thiết bị nào liên lạc được ({_named(devices)}). "
            "Hãy xem điện, mạng và bộ định tuyến ở trụ sở trước. (The whole commune is silent; look at the "
            "office's own power and network first.)"
        )
        return Outage("commune_silent", places, devices, since_ms, text)
    where = ", ".join(names.get(place, place) for place in places)
    text = (
        f"{where}: mất điện hoặc mất mạng từ {_time(since_ms)}: {len(devices)} thiết bị cùng im lặng "
        f"({_named(devices)}). Thiết bị thường không hỏng; có điện, có mạng thì tự chạy lại và gửi bù. "
        "(Dark: power or network of the place, not the devices.)"
    )
    return Outage("place_dark", places, devices, since_ms, text)


def _alone(each: _Silent, names: Mapping[str, str]) -> Outage:
    text = (
        f"{names.get(each.place, each.place)}: thiết bị {each.device} im lặng từ {_time(each.seen_at_ms)}. "
        "Không có thiết bị nào khác ở đó còn sống để so sánh: chưa rõ do điện, do mạng hay do thiết bị. "
        "(Silent; nothing near it lives to tell power, network and device apart.)"
    )
    return Outage("device_silent", (each.place,), (each.device,), each.seen_at_ms, text)


def _dead(each: _Silent, names: Mapping[str, str]) -> Outage:
    text = (
        f"{names.get(each.place, each.place)}: thiết bị {each.device} hỏng hoặc mất nguồn riêng từ "
        f"{_time(each.seen_at_ms)}; thiết bị khác cùng nơi vẫn chạy sau lúc đó. Cần người đến xem. "
        "(Dead: its neighbours lived on; somebody must go and look.)"
    )
    return Outage("device_dead", (each.place,), (each.device,), each.seen_at_ms, text)


def _never(each: Presence, names: Mapping[str, str]) -> Outage:
    text = (
        f"{names.get(each.place, each.place)}: thiết bị {each.device} đã ghi danh nhưng chưa từng liên lạc "
        "với hub. (Enrolled, never heard of.)"
    )
    return Outage("never_seen", (each.place,), (each.device,), None, text)


def _own_link(devices: Sequence[Presence]) -> Outage:
    since_ms = max((each.seen_at_ms for each in devices if each.seen_at_ms is not None), default=None)
    last = "" if since_ms is None else f"; tin cuối cùng lúc {_time(since_ms)}"
    text = (
        f"Hub mất liên lạc với máy chủ MQTT của chính nó{last}. Chưa biết gì về các thiết bị. "
        "(The hub's own link is down; nothing is known of the devices.)"
    )
    return Outage("own_link", (), (), since_ms, text)


def _named(devices: Sequence[str]) -> str:
    more = len(devices) - NAMED_MAX
    return ", ".join(devices[:NAMED_MAX]) + (f" và {more} thiết bị nữa" if more > 0 else "")


def _time(at_ms: int) -> str:
    return f"{local_time(at_ms):%H:%M %d/%m/%Y}"
