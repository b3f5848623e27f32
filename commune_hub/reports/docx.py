"""A report as a Word letter, laid out as Nghị định 30/2020/NĐ-CP has it, ready to be numbered and signed.

A4; margins 20 mm above and below, 30 mm left, 15 mm right; Times New Roman 13; the state's name and motto,
number and symbol, place and date, signature and recipients where the decree (annex I) puts them.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from docx import Document
from docx.document import Document as Letter
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table as WordTable
from docx.table import _Cell as WordCell

from commune_hub.reports.cells import Table
from commune_hub.reports.chart_picture import chart_pictures
from commune_hub.reports.layout import status_lines, tables_of
from commune_hub.reports.prose import findings, office_in_full
from commune_hub.reports.service import Issue
from firmware_agent.lines import printable
from provisioning.report_settings import ReportSettings

FONT = "Times New Roman"
BODY_PT, TABLE_PT = 13, 9
CENTRE = WD_ALIGN_PARAGRAPH.CENTER
DOTS = "……"
CHART_MM = 200.0
"""Width of a chart, on a page across."""


def write_docx(issue: Issue, settings: ReportSettings) -> bytes:
    """Return the letter."""
    letter = Document()
    _set_page(letter)
    _head(letter, issue, settings)
    _subject(letter, issue)
    for number, (heading, lines) in enumerate(findings(issue.content), 1):
        _line(letter, f"{number}. {heading}", bold=True)
        for line in lines:
            _line(letter, line, indent=True)
    _signature(letter, issue, settings)
    _annex(letter, issue)
    file = io.BytesIO()
    letter.save(file)
    return file.getvalue()


def _set_page(letter: Letter) -> None:
    page = letter.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin = page.bottom_margin = Mm(20)
    page.left_margin, page.right_margin = Mm(30), Mm(15)
    normal = letter.styles["Normal"]
    normal.font.name = FONT
    normal.font.size = Pt(BODY_PT)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)


def _head(letter: Letter, issue: Issue, settings: ReportSettings) -> None:
    """Two columns without lines: who writes and under which number; the state, the motto, place and date."""
    left, right = letter.add_table(rows=1, cols=2).rows[0].cells
    left.width, right.width = Mm(70), Mm(95)
    office = office_in_full(issue.content.office)
    if settings.superior:
        _centred(left, office_in_full(settings.superior), bold=False, first=True)
    _centred(left, office, bold=True, first=not settings.superior)
    _centred(left, "________")
    _centred(left, f"Số: {DOTS}/BC-UBND")
    _centred(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, first=True, size_pt=12)
    _centred(right, "Độc lập - Tự do - Hạnh phúc", bold=True)
    _centred(right, "_______________________")
    place = settings.place or DOTS
    _centred(right, f"{place}, ngày {DOTS} tháng {DOTS} năm {DOTS}", italic=True)


def _subject(letter: Letter, issue: Issue) -> None:
    content = issue.content
    _line(letter, "")
    _line(letter, "BÁO CÁO", bold=True, centre=True)
    _line(letter, "Về mức độ hài lòng và thời gian chờ của người dân tại quầy", bold=True, centre=True)
    first, last = ("/".join(reversed(day.split("-"))) for day in (content.first_day, content.last_day))
    _line(letter, f"{content.title} (từ {first} đến {last})", bold=True, centre=True)
    _line(letter, "")
    for line in status_lines(issue):
        _line(letter, line, italic=True)


def _signature(letter: Letter, issue: Issue, settings: ReportSettings) -> None:
    _line(letter, "")
    left, right = letter.add_table(rows=1, cols=2).rows[0].cells
    recipients = left.paragraphs[0]
    recipients.add_run("Nơi nhận:").bold = True
    for recipient in (f"- {DOTS};", "- Lưu: VT."):
        left.add_paragraph(recipient)
    for paragraph in left.paragraphs:
        for run in paragraph.runs:
            run.font.size = Pt(11)
    on_behalf = issue.content.office.startswith("UBND")
    _centred(right, "TM. ỦY BAN NHÂN DÂN" if on_behalf else "", bold=True, first=True)
    _centred(right, settings.signer, bold=True)
    _centred(right, "(Chữ ký, dấu)", italic=True)
    for _ in range(4):
        _centred(right, "")
    _centred(right, "Họ và tên", bold=True)


def _annex(letter: Letter, issue: Issue) -> None:
    """The tables with their charts, on pages across: they are wide."""
    page = letter.add_section()
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Mm(297), Mm(210)
    _line(letter, "PHỤ LỤC SỐ LIỆU", bold=True, centre=True)
    for number, table in enumerate(tables_of(issue), 1):
        _line(letter, f"Bảng {number}. {table.title}", bold=True, keep=True)
        _chart(letter, table)
        if table.rows:
            _table(letter, table)
        else:
            _line(letter, "Không có.")
        for note in table.notes:
            _line(letter, note, italic=True)


def _chart(letter: Letter, table: Table) -> None:
    """The chart that the PDF draws, with its name for who cannot see it."""
    for picture in chart_pictures(table, CHART_MM):
        paragraph = letter.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(io.BytesIO(picture), width=Mm(CHART_MM))
        shape._inline.docPr.set("descr", printable(f"Biểu đồ: {table.title}"))


def _table(letter: Letter, table: Table) -> None:
    grid = letter.add_table(rows=1 + len(table.rows), cols=len(table.heads))
    grid.style = "Table Grid"
    _fill(grid.rows[0].cells, table.heads, bold=True)
    _repeat_on_each_page(grid)
    for line, row in zip(list(grid.rows)[1:], table.rows, strict=True):
        _fill(line.cells, [cell.shown for cell in row])


def _fill(cells: Sequence[WordCell], texts: Sequence[str], *, bold: bool = False) -> None:
    for cell, text in zip(cells, texts, strict=True):
        run = cell.paragraphs[0].add_run(printable(text))
        run.bold = bold
        run.font.size = Pt(TABLE_PT)


def _repeat_on_each_page(grid: WordTable) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    grid.rows[0]._tr.get_or_add_trPr().append(mark)


def _line(
    letter: Letter,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    centre: bool = False,
    indent: bool = False,
    keep: bool = False,
) -> None:
    """A paragraph; `keep` holds it on the page of what follows."""
    paragraph = letter.add_paragraph()
    paragraph.paragraph_format.keep_with_next = keep
    run = paragraph.add_run(printable(text))
    run.bold, run.italic = bold, italic
    paragraph.paragraph_format.space_after = Pt(4)
    if indent:
        paragraph.paragraph_format.first_line_indent = Mm(10)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    if centre:
        paragraph.alignment = CENTRE


def _centred(
    cell: WordCell,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    first: bool = False,
    size_pt: int = BODY_PT,
) -> None:
    paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
    run = paragraph.add_run(printable(text))
    run.bold, run.italic = bold, italic
    run.font.size = Pt(size_pt)
    paragraph.alignment = CENTRE
    paragraph.paragraph_format.space_after = Pt(0)
