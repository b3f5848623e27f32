"""Every door for text that people will read lets in what can be read, and names what cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commune_hub.capabilities.queue import Officer
from commune_hub.errors import InvalidError
from commune_hub.writing.bulletin_draft import Draft as BulletinDraft
from commune_hub.writing.notice_draft import Draft
from firmware_agent.lines import printable, shows
from firmware_agent.settings import SettingsError, read_toml
from kiosk_ui.catalogue import read_texts
from provisioning.plan import DEFAULT_PLAN, HubConfig, check_hub_config
from provisioning.toml_text import toml_text
from speaker_node.reading.abbreviations import AbbreviationsError, load_own
from tests.commune_hub.conftest import NOON_MS, Office, member
from tests.commune_hub.test_queue import issue

EDITOR = member("bien-tap", "editor", "approver")

UNREADABLE = {
    "NUL": "Hoa\x00",
    "escape": "Hoa\x1b[31m",
    "line": "Hoa\u2028Lan",
    "half": "Hoa\ud83d",
    "blank": " \u3164",
    "no width": "\u200b\ufeff",
}
READABLE = {
    "backwards": "\u202eaoH\u202c",
    "isolated": "\u2066Hoa\u2069",
    "no width": "Ho\u200ba",
    "parted": "Ho\u0302\u0300ng",
    "formula": "=HYPERLINK(1)",
}


def configured(**changes: Any) -> HubConfig:
    values = {**read_toml(DEFAULT_PLAN), "commune": "xuan-luong", "office": "UBND xã", **changes}
    return check_hub_config(values, "hub.toml", Path("/nowhere"))


def of_counter(text: str) -> str:
    return configured(counters=[{"id": "quay-1", "name": text}]).counters[0].name


def of_hamlet(text: str) -> str:
    return configured(hamlets=[{"id": "thon-dong", "name": text}]).hamlets[0].name


def of_field(text: str) -> str:
    counters = [{"id": "quay-1", "name": "Quầy 1"}]
    return configured(counters=counters, fields=[{"id": "ho-tich", "name": text}]).fields[0].name


def of_notice(text: str) -> str:
    return configured(notices=[{"title": text}]).notices[0].title


CONFIGURED: dict[str, Callable[[str], str]] = {
    "office": lambda text: configured(office=text).office,
    "counters.0.name": of_counter,
    "hamlets.0.name": of_hamlet,
    "fields.0.name": of_field,
    "notices.0.title": of_notice,
}


@pytest.mark.parametrize("key", CONFIGURED)
def test_names_in_a_configuration(key: str) -> None:
    for written in UNREADABLE.values():
        with pytest.raises(SettingsError) as caught:
            CONFIGURED[key](written)
        (mistake,) = caught.value.mistakes
        assert mistake.startswith(f"{key}: tìm thấy (found)")
        assert "hãy" in mistake
    for written in READABLE.values():
        assert as_read(CONFIGURED[key](written))


@pytest.mark.parametrize("key", ["superior", "place", "signer"])
def test_what_stands_on_a_letter(key: str) -> None:
    for name in ("NUL", "escape", "line", "half"):
        with pytest.raises(SettingsError) as caught:
            configured(reports={key: UNREADABLE[name]})
        assert caught.value.mistakes[0].startswith(f"reports.{key}: ")
    with pytest.raises(SettingsError, match="120"):
        configured(reports={key: "x" * 121})
    for written in READABLE.values():
        assert as_read(getattr(configured(reports={key: written}).reports, key))


def test_names_of_staff(office: Office) -> None:
    for written in UNREADABLE.values():
        with pytest.raises(InvalidError, match=r"name \(họ tên\).*hãy"):
            office.staff.add("hoa", written, ["officer"], by="x")
    for place, written in enumerate(READABLE.values()):
        office.staff.add(f"hoa-{place}", written, ["officer"], by="x")
    assert all(as_read(each) for each in office.staff.names().values())
    with pytest.raises(InvalidError, match="80"):
        office.staff.add("hoa", "a" * 81, ["officer"], by="x")


def test_a_name_from_before_shows_and_reads_forward(office: Office) -> None:
    for account, name in (("hoa", "\u202eaoH\x00"), ("lan", "\u200b")):
        office.staff.add(account, "Hoa", ["officer"], by="x")
        office.store.execute("UPDATE staff SET name = ? WHERE account = ?", [name, account])
    assert office.staff.names() == {"hoa": "aoH ", "lan": "lan"}


def test_titles_and_texts_of_bulletins(office: Office) -> None:
    def draft(title: str, text: str) -> BulletinDraft:
        return BulletinDraft(title, text, ("thon-dong",), NOON_MS + 60_000)

    for name in ("blank", "no width"):
        with pytest.raises(InvalidError, match=r"\(title\).*\(text\)"):
            office.bulletins.write(draft(UNREADABLE[name], UNREADABLE[name]), EDITOR, ["thon-dong"])
    for written in [*READABLE.values(), UNREADABLE["NUL"], UNREADABLE["half"]]:
        made = office.bulletins.write(draft(written, f"{written} họp"), EDITOR, ["thon-dong"])
        assert as_read(made.title)
        assert as_read(made.text)


def test_a_reason_that_nobody_sees_gives_no_bulletin_back(office: Office) -> None:
    draft = BulletinDraft("Họp", "Mời họp.", ("thon-dong",), NOON_MS + 60_000)
    made = office.bulletins.write(draft, EDITOR, ["thon-dong"])
    office.bulletins.submit(made.id, EDITOR)
    with pytest.raises(InvalidError, match="ghi lý do"):
        office.bulletins.give_back(made.id, EDITOR, "\u200b \u202e")
    assert office.bulletins.get(made.id).state == "submitted"


def test_titles_and_lines_of_notices(office: Office) -> None:
    for written in UNREADABLE.values():
        with pytest.raises(InvalidError, match=r"title \(tiêu đề\)"):
            office.notices.write(Draft(written, ("Thứ Năm",)), EDITOR)
    for written in READABLE.values():
        made = office.notices.write(Draft(written, (written,)), EDITOR)
        assert as_read(made.title)
        assert as_read(made.lines[0])


def test_the_reason_of_a_parked_visit(office: Office) -> None:
    issue(office, "A001")
    office.clock.at_ms += 60_000
    work, officer = office.queue.work(office.ledger), Officer("hoa", "quay-1")
    work.call_next(officer)
    for name in ("NUL", "escape", "line", "half"):
        with pytest.raises(InvalidError, match=r"reason \(lý do\).*hãy"):
            work.park(officer, UNREADABLE[name])
    assert as_read(work.park(officer, READABLE["backwards"]).reason)


def test_a_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "khmer.toml"
    lines = {name: text for name, text in UNREADABLE.items() if name != "half"}
    texts = {f"u{place}": text for place, text in enumerate(lines.values())}
    texts |= {f"r{place}": text for place, text in enumerate(READABLE.values())}
    texts["km"] = "ភាសា\u200bខ្មែរ"
    path.write_text(toml_text({"language": {"id": "km", "name": "ខ្មែរ"}, "rating": texts}), encoding="utf-8")
    read = read_texts(path)
    assert len(read.mistakes) == len(lines)
    assert all("hãy" in each and each.startswith("khmer.toml: rating.u") for each in read.mistakes)
    assert read.texts["rating.km"] == texts["km"], "its words are parted by what has no width"
    assert all(as_read(each.replace("\u200b", "")) for each in read.texts.values())
    path.write_text(toml_text({"language": {"id": "km", "name": "\u202e\u200b"}}), encoding="utf-8")
    assert "language.name" in read_texts(path).mistakes[0]


def test_how_an_abbreviation_is_said(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    for name in ("NUL", "escape", "line", "blank", "no width"):
        path.write_text(toml_text({"words": {"TTHC": UNREADABLE[name]}}), encoding="utf-8")
        with pytest.raises(AbbreviationsError, match="'TTHC'"):
            load_own(path)


def as_read(text: str) -> bool:
    """Whether a text is what people see of it, and is something to see."""
    return shows(text) and printable(text) == text
