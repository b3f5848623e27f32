"""The problems of a node: told once, kept while they last."""

from __future__ import annotations

from firmware_agent.node import Problems
from wire.codec import decode, encode
from wire.status import Status


def counted() -> tuple[Problems, list[int]]:
    problems, changes = Problems(), [0]

    def count() -> None:
        changes[0] += 1

    problems.on_change = count
    return problems, changes


def test_a_problem_stays_until_it_is_cleared() -> None:
    problems, changes = counted()
    problems.report("printer", "Máy in hết giấy")
    problems.report("screen", "Màn hình tắt")
    assert problems.texts() == ["Máy in hết giấy", "Màn hình tắt"]
    problems.clear("printer")
    assert problems.texts() == ["Màn hình tắt"]
    assert changes == [3]


def test_what_is_known_already_is_not_told_again() -> None:
    problems, changes = counted()
    problems.clear("printer")
    problems.report("printer", "Máy in hết giấy")
    problems.report("printer", "Máy in hết giấy")
    assert changes == [1]
    problems.report("printer", "Máy in kẹt giấy")
    assert (changes, problems.texts()) == ([2], ["Máy in kẹt giấy"])


def test_a_long_problem_reported_again_is_no_news_either() -> None:
    problems, changes = counted()
    problems.report("outbox", "x" * 500)
    problems.report("outbox", "x" * 500)
    assert changes == [1]


def test_whatever_is_reported_fits_into_a_status() -> None:
    problems = Problems()
    for number in range(30):
        problems.report(str(number), "ờ" * 500)
    status = Status(session=1, boot="b", online=True, kind="rating", lease_s=30, problems=problems.texts())
    assert decode(encode(status), Status) == status
