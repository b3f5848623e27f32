"""Redraw a screen only when what it shows has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from firmware_agent.hardware import Screen

if TYPE_CHECKING:
    import pygame

View = TypeVar("View")


class Painter(Generic[View]):
    """Brings views (plain data, compared by value) to a screen.

    painter = Painter(screen, draw_rating)
    painter.show(view)      # draws only if it is another view than the last
    """

    def __init__(self, screen: Screen, draw: Callable[[pygame.Surface, View], None]) -> None:
        self._screen = screen
        self._draw = draw
        self._shown: View | None = None

    def show(self, view: View) -> bool:
        """Draw `view` unless it is what stands there; tell whether it was drawn."""
        if view == self._shown:
            return False
        self._draw(self._screen.surface, view)
        self._screen.show()
        self._shown = view
        return True
