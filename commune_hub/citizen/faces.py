"""The faces of the rating buttons as SVG, in the same proportions as kiosk_ui.faces draws them."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from kiosk_ui.palette import WHITE, Colour
from kiosk_ui.scale import Face, Look


def _bow(x: float, y: float, width: float, depth: float) -> str:
    """Return a curve around (x, y) that hangs `depth` below its ends: of side 100, as all here."""
    left, right, pull = x - width / 2, x + width / 2, y + depth * 4 / 3
    return f"M{left:g} {y:g}C{left + width / 3:g} {pull:g} {right - width / 3:g} {pull:g} {right:g} {y:g}"


def _line(path: str, thickness: float) -> str:
    return f'<path d="{path}" fill="none" stroke-width="{thickness:g}"/>'


def _eyes(y: float) -> str:
    return "".join(f'<circle cx="{x}" cy="{y:g}" r="5.8" stroke="none"/>' for x in (34, 66))


def _delighted() -> str:
    eyes = _line(_bow(33, 42, 17, -8.5) + _bow(67, 42, 17, -8.5), 5)
    mouth = f'<path d="{_bow(50, 57, 46, 26)}Z" stroke-width="5"/>'
    return eyes + mouth + f'<path d="M30 58.5H70L68 64H32Z" fill="{hex_of(WHITE)}" stroke="none"/>'


def _content() -> str:
    return _eyes(40) + _line(_bow(50, 60, 44, 15), 5.5)


def _neutral() -> str:
    return _eyes(41) + _line("M31 66H69", 5.5)


def _unhappy() -> str:
    return _eyes(45) + _line("M24 29L42 34.5M76 29L58 34.5", 4.5) + _line(_bow(50, 73.5, 42, -13), 5.5)


def _upset() -> str:
    mouth = f'<path d="{_bow(50, 78, 44, -20)}Z" stroke-width="5"/>'
    return _eyes(47) + _line("M22 28L44 38.5M78 28L56 38.5", 5.5) + mouth


_FACES: dict[Face, Callable[[], str]] = {
    "delighted": _delighted,
    "content": _content,
    "neutral": _neutral,
    "unhappy": _unhappy,
    "upset": _upset,
}


def hex_of(colour: Colour) -> str:
    """Return a colour as CSS spells it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def face_of(look: Look) -> Markup:
    """Return the face of a level, for a page; its words stand beside it, so it has none of its own."""
    dark = hex_of(look.dark)
    return Markup(  # noqa: S704 - numbers and colours of this package only
        '<svg viewBox="0 0 100 100" aria-hidden="true">'
        f'<circle cx="50" cy="50" r="50" fill="{hex_of(look.colour)}"/>'
        f'<g fill="{dark}" stroke="{dark}" stroke-linecap="round" stroke-linejoin="round">'
        f"{_FACES[look.face]()}</g></svg>"
    )
