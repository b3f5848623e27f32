"""The staff console: pages in Vietnamese behind a sign-in."""

from commune_hub.console.mount import mount

__all__ = ["mount"]
