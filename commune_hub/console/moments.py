"""Times and sizes as people read them. Pure: the present is an argument."""

from __future__ import annotations

from datetime import datetime

from commune_hub.times import LOCAL, local_day, local_time, to_ms

NEVER = "chưa từng"


def clock_text(at_ms: int) -> str:
    """Return the local time of day, e.g. `07:05`."""
    return f"{local_time(at_ms):%H:%M}"


def day_text(at_ms: int, now_ms: int) -> str:
    """Return the local day: `hôm nay`, `ngày mai`, `hôm qua`, or e.g. `thứ Sáu 21/11/2026`."""
    days = (local_time(at_ms).date() - local_time(now_ms).date()).days
    near = {-1: "hôm qua", 0: "hôm nay", 1: "ngày mai"}
    moment = local_time(at_ms)
    return near.get(days) or f"{WEEKDAYS[moment.weekday()]} {moment:%d/%m/%Y}"


WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
"""Monday to Sunday, as `datetime.weekday` counts them."""


def moment_text(at_ms: int, now_ms: int) -> str:
    """Return a time with its day, e.g. `07:05 hôm nay`."""
    return f"{clock_text(at_ms)} {day_text(at_ms, now_ms)}"


def exact_text(at_ms: int) -> str:
    """Return a time to the second, e.g. `07:05:09 21/11/2026`."""
    return f"{local_time(at_ms):%H:%M:%S %d/%m/%Y}"


def exact_iso(at: str) -> str:
    """Return a stored time (ISO 8601 in UTC) as `exact_text` does."""
    return exact_text(to_ms(datetime.fromisoformat(at)))


def span_text(length_ms: int) -> str:
    """Return a length of time in its largest units: `dưới 1 phút`, `12 phút`, `2 giờ 5 phút`, `3 ngày`."""
    minutes = max(length_ms, 0) // 60_000
    if minutes < 1:
        return "dưới 1 phút"
    if minutes < 60:
        return f"{minutes} phút"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} giờ {rest} phút" if rest else f"{hours} giờ"
    days, rest = divmod(hours, 24)
    return f"{days} ngày {rest} giờ" if rest else f"{days} ngày"


def ago_text(at_ms: int | None, now_ms: int) -> str:
    """Return how long ago something was: `vừa xong`, `12 phút trước`; `chưa từng` for None."""
    if at_ms is None:
        return NEVER
    return "vừa xong" if now_ms - at_ms < 60_000 else f"{span_text(now_ms - at_ms)} trước"


def length_text(length_ms: int) -> str:
    """Return the length of a recording, e.g. `1:05`."""
    minutes, seconds = divmod(round(length_ms / 1_000), 60)
    return f"{minutes}:{seconds:02d}"


def size_text(size_bytes: int) -> str:
    """Return a file's size, e.g. `1,4 MB`."""
    if size_bytes < 1_000_000:
        return f"{max(size_bytes, 0) / 1_000:.0f} kB"
    return f"{size_bytes / 1_000_000:.1f} MB".replace(".", ",")


def share_text(share: float | None) -> str:
    """Return a share of 0 to 1 in percent, e.g. `92,5 %`; a dash where there is none."""
    return "–" if share is None else f"{share * 100:.1f} %".replace(".", ",")


def parse_local(day: str, clock: str) -> int:
    """Return the UTC milliseconds of a local `YYYY-MM-DD` and `HH:MM`; raises ValueError."""
    moment = datetime.strptime(f"{day.strip()} {clock.strip()[:5]}", "%Y-%m-%d %H:%M")  # noqa: DTZ007
    return to_ms(moment.replace(tzinfo=LOCAL))


def form_texts(at_ms: int) -> tuple[str, str]:
    """Return the local date and time as a form's fields hold them; the other way of `parse_local`."""
    return local_day(at_ms), clock_text(at_ms)
