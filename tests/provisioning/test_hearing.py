"""Who may hear whom: the hall hears its kiosks and keys, nobody else hears anybody."""

from __future__ import annotations

from provisioning.hearing import heard_topics
from provisioning.roster import RosterEntry, RosterNode
from wire.topics import access_list


def entry(device: str, place: str, *kinds: str) -> RosterEntry:
    nodes = [RosterNode(name=kind, kind=kind, series="A" if kind == "ticket" else None) for kind in kinds]
    return RosterEntry(device=device, place=place, nodes=nodes)


HALL = [
    entry("sanh", "hall", "ticket", "display"),
    entry("loa-sanh", "hall", "speaker"),
    entry("quay-1-pi", "quay-1", "rating", "keys"),
    entry("quay-2-pi", "quay-2", "rating"),
    entry("loa-dong", "thon-dong", "speaker"),
]


def test_the_hall_and_the_keys_hear_kiosks_and_keys() -> None:
    told = ["commune/v1/x/sanh/ticket/facts", "commune/v1/x/quay-1-pi/keys/facts"]
    assert heard_topics("x", HALL) == {"loa-sanh": told, "quay-1-pi": told, "sanh": told}


def test_where_nothing_is_told_nobody_hears() -> None:
    assert heard_topics("x", HALL[3:]) == {}


def test_the_access_list_lets_them_read_that_and_no_more() -> None:
    nodes = {each.device: [node.name for node in each.nodes] for each in HALL}
    lines = access_list("x", nodes, heard_topics("x", HALL)).split("\n")

    def heard_by(device: str) -> list[str]:
        mine = lines[lines.index(f"user {device}") + 1 :]
        return [line for line in mine[: mine.index("")] if "read" in line and line.endswith("/facts")]

    assert heard_by("quay-1-pi") == [
        "topic read commune/v1/x/sanh/ticket/facts",
        "topic read commune/v1/x/quay-1-pi/keys/facts",
    ]
    assert heard_by("quay-2-pi") == []
    assert heard_by("loa-dong") == []
