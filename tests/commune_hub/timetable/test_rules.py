"""Rules that repeat: which moments they mean, and what is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commune_hub.errors import InvalidError
from commune_hub.times import LOCAL, local_time, to_ms
from commune_hub.timetable.rules import TIMES_MAX, Rule, make_rule

WEEKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
FIRST, LAST = date(2026, 1, 5), date(2026, 6, 30)


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=LOCAL))


def test_each_weekday_at_half_past_five_and_at_seventeen_until_the_end_of_june() -> None:
    rule = make_rule(WEEKDAYS, ["17:00", "5:30"], FIRST, LAST)
    found = rule.times_ms(ms("2026-06-26T12:00"), ms("2026-07-10T00:00"))
    assert [f"{local_time(each):%a %d %H:%M}" for each in found] == [
        *("Fri 26 17:00", "Mon 29 05:30", "Mon 29 17:00", "Tue 30 05:30", "Tue 30 17:00"),
    ]
    assert rule.in_words() == "thứ hai đến thứ sáu lúc 05:30 và 17:00, từ 05/01/2026 đến 30/06/2026"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ("FREQ=DAILY", "mỗi ngày lúc"),
        ("freq=daily;interval=2", "mỗi 2 ngày lúc"),
        ("FREQ=WEEKLY;BYDAY=TU,SU", "thứ ba và chủ nhật lúc"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "mỗi ngày lúc"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "mỗi tháng ngày 1, 15 lúc"),
    ],
)
def test_a_rule_is_said_in_words(days: str, words: str) -> None:
    assert make_rule(days, ["06:00"], FIRST, LAST).in_words().startswith(words)


@pytest.mark.parametrize(
    ("days", "times", "last", "named"),
    [
        ("FREQ=SECONDLY", ["06:00"], LAST, "FREQ"),
        ("FREQ=MINUTELY;INTERVAL=1", ["06:00"], LAST, "FREQ"),
        ("FREQ=DAILY;BYSECOND=1,2,3", ["06:00"], LAST, "BYSECOND"),
        ("FREQ=DAILY;COUNT=1", ["06:00"], LAST, "COUNT"),
        ("FREQ=DAILY;INTERVAL=0", ["06:00"], LAST, "INTERVAL='0'"),
        ("FREQ=DAILY;INTERVAL=-1", ["06:00"], LAST, "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=99999999999", ["06:00"], LAST, "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=٢", ["06:00"], LAST, "INTERVAL"),
        ("FREQ=MONTHLY;BYDAY=9MO", ["06:00"], LAST, "BYDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", ["06:00"], LAST, "BYMONTHDAY"),
        ("FREQ=DAILY;BYMONTH=13", ["06:00"], LAST, "BYMONTH"),
        ("FREQ=DAILY;FREQ=WEEKLY", ["06:00"], LAST, "hai lần"),
        ("FREQ=DAILY\nRRULE:FREQ=DAILY", ["06:00"], LAST, "lịch lặp"),
        ("FREQ=DAILY\nEXDATE:20260101", ["06:00"], LAST, "lịch lặp"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", ["06:00"], LAST, "không bao giờ"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", ["06:00"], LAST, "không bao giờ"),
        ("FREQ=WEEKLY;BYDAY=XX", ["06:00"], LAST, "không đọc được"),
        ("FREQ=WEEKLY;BYDAY", ["06:00"], LAST, "không đọc được"),
        ("every day", ["06:00"], LAST, "không dùng được"),
        ("", ["06:00"], LAST, "lịch lặp"),
        ("FREQ=DAILY" * 50, ["06:00"], LAST, "nhiều nhất"),
        (WEEKDAYS, [], LAST, "giờ phát"),
        (WEEKDAYS, ["25:00", "6h"], LAST, "giờ phát"),
        (WEEKDAYS, ["06:00"] * (TIMES_MAX + 1), LAST, "giờ phát"),
        (WEEKDAYS, ["06:00"], FIRST - timedelta(days=1), "đến ngày"),
        (WEEKDAYS, ["06:00"], FIRST + timedelta(days=900), "đến ngày"),
    ],
)
def test_what_never_or_always_sounds_or_is_no_rule_is_refused(
    days: str, times: list[str], last: date, named: str
) -> None:
    with pytest.raises(InvalidError, match=named):
        make_rule(days, times, FIRST, last)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(InvalidError) as caught:
        make_rule("FREQ=HOURLY", ["99"], FIRST, FIRST - timedelta(days=1))
    assert len(str(caught.value).splitlines()) == 3


PIECES = {
    "FREQ": ["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY", ""],
    "INTERVAL": ["0", "1", "7", "-1", "999", "x"],
    "BYDAY": ["MO", "5FR", "-5SU", "6MO", "TU,WE", ","],
    "BYMONTHDAY": ["1", "31", "-31", "30,31", "0", "-1"],
    "BYMONTH": ["2", "12", "2,4", "0"],
    "BYSETPOS": ["1", "-1", "99", "400"],
}


@settings(max_examples=60, deadline=timedelta(seconds=3))
@given(st.fixed_dictionaries({}, optional={name: st.sampled_from(of) for name, of in PIECES.items()}))
def test_any_rule_is_refused_in_words_or_sounds_in_the_blink_of_an_eye(parts: dict[str, str]) -> None:
    """dateutil looks for some days for ever, and breaks on others."""
    rule, refused = None, ""
    try:
        rule = make_rule(";".join(f"{name}={value}" for name, value in parts.items()), ["06:00"], FIRST, LAST)
    except InvalidError as error:
        refused = str(error)
    if rule is None:
        assert refused.startswith("lịch lặp: ")
    else:
        assert rule.times_ms(ms("2026-01-01T00:00"), ms("2026-07-02T00:00"))
        assert rule.in_words()


@given(
    days=st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1),
    times=st.lists(st.times(), min_size=1, max_size=4, unique_by=lambda each: (each.hour, each.minute)),
    begin=st.integers(-20, 200),
    length=st.integers(0, 40),
)
def test_windows_side_by_side_hold_every_sounding_once(
    days: set[str], times: list[object], begin: int, length: int
) -> None:
    """Against plain counting: each day of the week in question, each time, nothing else."""
    rule: Rule = make_rule(
        f"FREQ=WEEKLY;BYDAY={','.join(days)}", [f"{each:%H:%M}" for each in times], FIRST, LAST
    )
    from_ms = ms("2026-01-05T00:00") + begin * 86_400_000
    until_ms = from_ms + length * 86_400_000
    middle_ms = (from_ms + until_ms) // 2
    found = rule.times_ms(from_ms, middle_ms) + rule.times_ms(middle_ms, until_ms)
    counted = [
        to_ms(datetime.combine(day, datetime.strptime(text, "%H:%M").time(), LOCAL))  # noqa: DTZ007
        for offset in range(177)
        if (day := FIRST + timedelta(days=offset)).strftime("%a")[:2].upper() in days
        for text in rule.times
    ]
    assert found == [each for each in counted if from_ms <= each < until_ms]
