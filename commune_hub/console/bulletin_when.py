"""When a bulletin sounds, on its form: at once, at a time, or by a rule that repeats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from nicegui import ui

from commune_hub.capabilities.bulletins import Bulletin
from commune_hub.console.moments import form_texts, parse_local
from commune_hub.console.parts import panel, row, tagged, text
from commune_hub.errors import InvalidError
from commune_hub.times import local_day, now_ms
from commune_hub.timetable.rules import Rule, make_rule

HOUR_MS = 3_600_000

DAYS = {
    "MO": "Thứ Hai",
    "TU": "Thứ Ba",
    "WE": "Thứ Tư",
    "TH": "Thứ Năm",
    "FR": "Thứ Sáu",
    "SA": "Thứ Bảy",
    "SU": "Chủ nhật",
}
ONCE, AT_ONCE, REPEAT = "once", "at-once", "repeat"


@dataclass
class When:
    """The fields for the time of a bulletin."""

    at_once: ui.switch
    repeats: ui.switch
    day: ui.input
    clock: ui.input
    weekdays: dict[str, ui.checkbox]
    times: ui.input
    first: ui.input
    last: ui.input

    def read(self) -> tuple[int | None, Rule | None]:
        """Return the time (None: at once, or by the rule) and the rule; raises InvalidError."""
        if self.repeats.value:
            return None, self._rule()
        if self.at_once.value:
            return None, None
        try:
            return parse_local(str(self.day.value or ""), str(self.clock.value or "")), None
        except ValueError:
            raise InvalidError("Hãy chọn ngày và giờ phát. (Choose a date and a time.)") from None

    def set_at_once(self) -> None:
        """Choose that it sounds as soon as it is approved."""
        self.repeats.set_value(False)
        self.at_once.set_value(True)

    def _rule(self) -> Rule:
        chosen = [code for code, box in self.weekdays.items() if box.value]
        if not chosen:
            raise InvalidError("Hãy chọn ít nhất một ngày trong tuần. (Choose a day of the week.)")
        days = "FREQ=DAILY" if len(chosen) == len(DAYS) else f"FREQ=WEEKLY;BYDAY={','.join(chosen)}"
        times = [each.strip() for each in str(self.times.value or "").replace(";", ",").split(",")]
        try:
            first, last = (date.fromisoformat(str(each.value or "")) for each in (self.first, self.last))
        except ValueError:
            raise InvalidError("Hãy chọn ngày đầu và ngày cuối. (Choose the first and last day.)") from None
        return make_rule(days, [each for each in times if each], first, last)


def draw_when(changed: Bulletin | None) -> When:
    """Draw the panel; what does not fit the choice is hidden."""
    rule = changed.how.rule if changed else None
    soon = changed is not None and rule is None and changed.at_ms is None
    with panel("Giờ phát", "schedule"):
        at_once = ui.switch("Phát ngay khi được duyệt", value=soon)
        tagged(at_once, "bulletin-at-once")
        repeats = tagged(ui.switch("Lặp lại theo lịch", value=rule is not None), "bulletin-repeat")
        day, clock = _draw_once(changed, at_once, repeats)
        with ui.element("div").classes("stack") as often:
            weekdays, times, first, last = _draw_rule(rule)
        often.bind_visibility_from(repeats, "value")
        at_once.bind_visibility_from(repeats, "value", backward=lambda chosen: not chosen)
    return When(at_once, repeats, day, clock, weekdays, times, first, last)


def _draw_once(changed: Bulletin | None, at_once: ui.switch, repeats: ui.switch) -> tuple[ui.input, ui.input]:
    at_ms = changed.at_ms if changed else None
    day_text, clock_text = form_texts(at_ms if at_ms is not None else now_ms() + HOUR_MS)
    with row("date-line") as line:
        day = tagged(ui.input("Ngày", value=day_text), "bulletin-date").props(
            "outlined type=date stack-label"
        )
        clock = tagged(ui.input("Giờ", value=clock_text), "bulletin-time").props(
            "outlined type=time stack-label"
        )

    def show() -> None:
        line.set_visibility(not at_once.value and not repeats.value)

    at_once.on_value_change(show)
    repeats.on_value_change(show)
    show()
    return day, clock


def _draw_rule(rule: Rule | None) -> tuple[dict[str, ui.checkbox], ui.input, ui.input, ui.input]:
    today = date.fromisoformat(local_day(now_ms()))
    with ui.element("div").classes("choices"):
        weekdays = {
            code: tagged(ui.checkbox(name, value=_holds(rule, code)), f"bulletin-day-{code}")
            for code, name in DAYS.items()
        }
    times = ui.input("Các giờ phát", value=", ".join(rule.times) if rule else "05:30, 17:00")
    tagged(times, "bulletin-times").props("outlined hint='ví dụ: 05:30, 17:00'")
    with row("date-line"):
        first = ui.input("Từ ngày", value=str(rule.first if rule else today))
        last = ui.input("Đến hết ngày", value=str(rule.last if rule else today + timedelta(days=30)))
    tagged(first, "bulletin-first").props("outlined type=date stack-label")
    tagged(last, "bulletin-last").props("outlined type=date stack-label")
    if rule is not None:
        text(rule.in_words(), "muted")
    return weekdays, times, first, last


def _holds(rule: Rule | None, code: str) -> bool:
    """Tell whether a box is ticked; a new rule begins with the working days."""
    if rule is None:
        return code not in {"SA", "SU"}
    return "BYDAY" not in rule.days or code in rule.days
