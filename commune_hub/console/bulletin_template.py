"""Begin a bulletin from a template: choose one, fill its gaps, and the form holds the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from commune_hub.console.desk import Desk
from commune_hub.console.parts import dialog, dialog_buttons, tagged, text
from commune_hub.templates import Filled, Template, TemplateField

INPUT_TYPES = {"number": "text", "phone": "tel", "text": "text", "date": "text", "time": "text"}
"""Dates and times are written as people say them (“19h ngày 18/9”); the reader of the text knows them."""


def template_button(desk: Desk, use: Callable[[Filled, str], None]) -> None:
    """Make a button that fills a template; `use` is given the result and the template's priority."""
    button = ui.button("Dùng mẫu có sẵn", icon="description", on_click=lambda: _choose(desk, use))
    tagged(button, "bulletin-template").props("outline no-caps")


def _choose(desk: Desk, use: Callable[[Filled, str], None]) -> None:
    templates = desk.capabilities.templates
    with dialog(desk, "Chọn mẫu") as opened, ui.element("div").classes("choices"):
        for template in templates.values():

            def begin(chosen: Template = template) -> None:
                opened.close()
                _fill(desk, chosen, use)

            button = ui.button(template.name, on_click=begin).props("outline no-caps align=left")
            tagged(button, f"template-{template.id}")


def _fill(desk: Desk, template: Template, use: Callable[[Filled, str], None]) -> None:
    with dialog(desk, template.name) as opened:
        inputs = {each.id: _input(each) for each in template.fields}

        async def filled(_member: Any) -> None:
            values = {name: str(each.value or "") for name, each in inputs.items()}
            use(template.filled(desk.capabilities.config.office, values), template.priority)

        if template.priority == "emergency":
            text("Mẫu này là tin khẩn cấp: phát cả trong giờ yên tĩnh.", "given-back")
        dialog_buttons(desk, opened, "Điền vào bản tin", filled)


def _input(each: TemplateField) -> ui.input:
    made = ui.input(each.label, placeholder=each.example)
    made.props(f"outlined stack-label maxlength=300 type={INPUT_TYPES[each.kind]}")
    return tagged(made, f"gap-{each.id}")
