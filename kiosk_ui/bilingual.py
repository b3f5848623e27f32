"""Words of a screen that everybody reads at once: Vietnamese large, another language small beside it."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk_ui.catalogue import Catalogue


@dataclass(frozen=True)
class Bilingual:
    """texts = Bilingual(load_catalogue("vi"), load_catalogue("en"))

    texts("display.called")         # Đã gọi
    texts.both("display.called")    # Đã gọi  ·  Called
    """

    first: Catalogue
    second: Catalogue | None = None

    def __call__(self, key: str, **values: object) -> str:
        """Return the text in the first language."""
        return self.first(key, **values)

    def small(self, key: str, **values: object) -> str:
        """Return the text in the second language; empty where it would say the same."""
        said = self.second(key, **values) if self.second else ""
        return said if said != self.first(key, **values) else ""

    def both(self, key: str, **values: object) -> str:
        """Return both, side by side."""
        small = self.small(key, **values)
        return f"{self(key, **values)}  ·  {small}" if small else self(key, **values)
