"""Files: opened again with other programs' libraries, and their figures read."""

from __future__ import annotations

import dataclasses
import io
import json

import docx
import msgspec
import openpyxl  # type: ignore[import-untyped]
import pypdf
import pytest
from PIL import Image

from commune_hub.errors import InvalidError
from commune_hub.figures.rows import Press
from commune_hub.figures.summary import Group
from commune_hub.reports.chart_picture import chart_pictures
from commune_hub.reports.content import Names, Office
from commune_hub.reports.docx import CHART_MM
from commune_hub.reports.drawing import MAIN, number
from commune_hub.reports.files import FORMATS, Wanted, file_name, find_format, write_report
from commune_hub.reports.layout import groups_table, tables_of
from commune_hub.reports.pdf import write_pdf
from commune_hub.reports.service import Issue
from tests.commune_hub.conftest import member
from tests.commune_hub.reports.conftest import OCTOBER_MS, SETTINGS, Bureau

SHEETS = [
    "Báo cáo",
    "Tổng hợp",
    "Theo quầy",
    "Theo lĩnh vực",
    "Cán bộ",
    "Diễn biến",
    "Giờ và thứ",
    "Tiêu chí",
    "Mức đã bấm",
    "Lý do",
    "Chất lượng số liệu",
    "Bổ sung sau chốt",
]


@pytest.fixture
def issue(bureau: Bureau) -> Issue:
    """October, closed; with one officer of three presses, and an injection in a name."""
    shy = [Press(OCTOBER_MS + 1, "quay-1", "vi4", 4, "unsatisfied", officer="=HYPERLINK(an-danh)")] * 3
    bureau.crowd.held.counted.extend(shy)
    october = bureau.reports.find("month", "2026-10")
    bureau.reports.close(october, member("lan", "leader"))
    return bureau.reports.issue(october)


def written(issue: Issue, form: str) -> bytes:
    return FORMATS[form].write(issue, SETTINGS)


def test_the_workbook_holds_figures_and_native_charts(issue: Issue) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(issue, "xlsx")))
    assert book.sheetnames == SHEETS
    total = {row[0].value: row[1].value for row in book["Tổng hợp"].iter_rows(min_row=4)}
    content = issue.content
    assert total["Số đã cấp"] == content.total.issued == 600
    assert total["Tỷ lệ hài lòng (tính theo cách của SIPAS)"] == content.total.satisfied.share
    counters = {row[0].value: row[3].value for row in book["Theo quầy"].iter_rows(min_row=4, max_row=6)}
    assert counters == {group.name: group.summary.presses for group in content.counters}
    heat = [row[1:] for row in book["Giờ và thứ"].iter_rows(min_row=4, max_row=10, values_only=True)]
    assert sum(sum(row) for row in heat) == content.total.presses
    charts = {sheet.title: len(sheet._charts) for sheet in book if sheet._charts}
    assert charts == {"Theo quầy": 1, "Theo lĩnh vực": 1, "Diễn biến": 1}
    assert "SHA-256: " + (issue.closed.sha256 if issue.closed else "") in [
        row[0].value for row in book["Báo cáo"].iter_rows()
    ]


def test_the_letter_is_laid_out_as_the_decree_has_it(issue: Issue) -> None:
    letter = docx.Document(io.BytesIO(written(issue, "docx")))
    page = letter.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)  # type: ignore[union-attr]
    assert (round(page.left_margin.mm), round(page.right_margin.mm)) == (30, 15)  # type: ignore[union-attr]
    left, right = (cell.text for cell in letter.tables[0].rows[0].cells)
    assert left.splitlines()[:2] == ["ỦY BAN NHÂN DÂN TỈNH BẮC GIANG", "ỦY BAN NHÂN DÂN XÃ XUÂN LƯƠNG"]
    assert "/BC-UBND" in left
    assert right.splitlines()[:2] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    assert right.splitlines()[-1].startswith("Xuân Lương, ngày")
    recipients, signer = (cell.text for cell in letter.tables[1].rows[0].cells)
    assert recipients.startswith("Nơi nhận:")
    assert signer.splitlines()[:2] == ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]
    counters = {row.cells[0].text: row.cells[3].text for row in letter.tables[3].rows[1:]}
    assert counters == {group.name: str(group.summary.presses) for group in issue.content.counters}
    body = "\n".join(paragraph.text for paragraph in letter.paragraphs)
    assert "Tháng 10 năm 2026 (từ 01/10/2026 đến 31/10/2026)" in body
    assert "tính theo cách của SIPAS" in body
    assert "chưa kiểm chứng" in body


def test_the_letter_has_the_charts_that_the_pdf_draws(issue: Issue) -> None:
    """A picture each for counters, fields, trend and hours, before its table, named for who cannot see it."""
    letter = docx.Document(io.BytesIO(written(issue, "docx")))
    charts = [shape._inline for shape in letter.inline_shapes]
    told = [chart.docPr.get("descr") for chart in charts]
    assert len(charts) == 4
    assert told == [f"Biểu đồ: {table.title}" for table in tables_of(issue) if table.chart is not None]
    page = letter.sections[-1]
    for shape in letter.inline_shapes:
        assert shape.width <= page.page_width - page.left_margin - page.right_margin  # type: ignore[operator]
    parts = [part.blob for part in letter.part.package.iter_parts() if part.content_type == "image/png"]
    bars = groups_table("Theo quầy", "Quầy", issue.content.counters)
    (drawn,) = chart_pictures(bars, CHART_MM)
    assert drawn in parts
    assert _width_of(drawn, MAIN, y=30) == pytest.approx(1350 * number(bars.rows[0][4]), abs=2)


def test_forty_counters_are_two_charts_that_stand_on_a_page(issue: Issue) -> None:
    groups = (issue.content.counters * 40)[:40]
    bars = groups_table("Theo quầy", "Quầy", groups)
    sizes = [Image.open(io.BytesIO(png)).size for png in chart_pictures(bars, CHART_MM)]
    assert sizes == [(2000, 1200)] * 2
    pages = pypdf.PdfReader(io.BytesIO(write_pdf(with_counters(issue, groups)))).pages
    assert len(pages) < 20


def _width_of(png: bytes, colour: tuple[int, int, int], y: int) -> int:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    return sum(picture.getpixel((x, y)) == colour for x in range(picture.width))


def with_counters(issue: Issue, groups: list[Group]) -> Issue:
    return dataclasses.replace(issue, content=msgspec.structs.replace(issue.content, counters=groups))


def test_the_pdf_reads_as_vietnamese_text_with_its_hash_on_each_page(issue: Issue) -> None:
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(written(issue, "pdf"))).pages]
    assert issue.closed is not None
    assert all(issue.closed.sha256 in page for page in pages)
    text = " ".join("\n".join(pages).split())
    for wanted in (
        "ỦY BAN NHÂN DÂN XÃ XUÂN LƯƠNG",
        "BÁO CÁO THÁNG 10 NĂM 2026",
        "Chất lượng số liệu",
        "Thứ Hai",
    ):
        assert wanted in text
    assert f"{issue.content.total.served} lượt được phục vụ" in text
    share = f"{(issue.content.total.satisfied.share or 0) * 100:.1f}".replace(".", ",")
    assert f"{share} %" in text


def test_json_carries_what_was_sealed(issue: Issue) -> None:
    said = json.loads(written(issue, "json"))
    assert issue.closed is not None
    assert json.loads(said["closed"]["canonical"]) == said["report"]
    assert said["closed"]["sha256"] == issue.closed.sha256
    assert said["since_closing"]["presses_now"] == issue.content.total.presses


def test_no_file_tells_of_an_officer_with_few_presses(issue: Issue) -> None:
    letter = docx.Document(io.BytesIO(written(issue, "docx")))
    texts = {
        "json": written(issue, "json").decode(),
        "docx": " ".join(cell.text for grid in letter.tables for row in grid.rows for cell in row.cells),
        "pdf": " ".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(written(issue, "pdf"))).pages),
        "xlsx": " ".join(
            str(value)
            for sheet in openpyxl.load_workbook(io.BytesIO(written(issue, "xlsx")))
            for row in sheet.iter_rows(values_only=True)
            for value in row
        ),
    }
    assert {form: "HYPERLINK" in text for form, text in texts.items()} == dict.fromkeys(texts, False)
    assert issue.content.officers.hidden == 2  # and the smallest of the others, that hides him


def test_names_of_files_say_what_they_are(bureau: Bureau, issue: Issue) -> None:
    assert file_name(issue, FORMATS["pdf"]) == "bao-cao-month-2026-10-ban-1.pdf"
    open_one = bureau.reports.issue(bureau.reports.find("month", "2026-11", 15))
    assert file_name(open_one, FORMATS["xlsx"]) == "bao-cao-month-2026-11-tu-ngay-15-tam-tinh.xlsx"
    with pytest.raises(InvalidError, match="json, xlsx, docx, pdf"):
        find_format("odt")


def test_a_report_of_nothing_is_a_file_too(bureau: Bureau) -> None:
    bureau.crowd.held.counted.clear()
    bureau.crowd.held.marked.clear()
    for place, visit in enumerate(bureau.crowd.held.visits):
        bureau.crowd.held.visits[place] = dataclasses.replace(visit, called_at_ms=None, state="left")
    issue = bureau.reports.issue(bureau.reports.find("week", "2026-W41"))
    for form in FORMATS:
        assert written(issue, form)


def test_names_from_before_the_doors_break_no_file(bureau: Bureau) -> None:
    evil = "\u202eQuầy\x00\x1b \u200b\ufffe=1+1"
    names = Names(dict.fromkeys(("quay-1", "quay-2"), evil), {"ho-tich": evil}, {"an": evil})
    bureau.reports._office = lambda: Office("xuan-luong", f"UBND xã {evil}", names)
    issue = bureau.reports.issue(bureau.reports.find("month", "2026-10"))
    settings = SETTINGS.model_copy(update=dict.fromkeys(("signer", "place", "superior"), evil))
    files = {name: io.BytesIO(form.write(issue, settings)) for name, form in FORMATS.items()}
    book = openpyxl.load_workbook(files["xlsx"])
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    grids = docx.Document(files["docx"]).tables
    texts = {
        "xlsx": " ".join(str(cell.value) for cell in cells),
        "docx": " ".join(cell.text for grid in grids for row in grid.rows for cell in row.cells),
        "pdf": " ".join(page.extract_text() for page in pypdf.PdfReader(files["pdf"]).pages),
    }
    for form, text in texts.items():
        assert "Quầy" in text, form
        assert "=1+1" in text, form
        assert not set("\u202e\x00\x1b\u200b\ufffe") & set(text), form
    assert json.loads(files["json"].getvalue())["report"]["office"].endswith(evil)


def test_the_command_line_writes_a_whole_file(bureau: Bureau, tmp_path: object) -> None:
    out = bureau.store.path.with_name("bao-cao.pdf")
    told = write_report(bureau.reports, SETTINGS, Wanted("month", "2026-10", "pdf"), out)
    assert "Tháng 10 năm 2026, chưa chốt" in told
    assert out.read_bytes().startswith(b"%PDF")
    with pytest.raises(InvalidError, match="1 hoặc 15"):
        write_report(bureau.reports, SETTINGS, Wanted("month", "2026-10", "pdf", 3), out)
