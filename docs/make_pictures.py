"""`python -m docs.make_pictures`: open a commune, let a morning pass, take its pictures.

Its hub knows two months of made-up visits (docs/picture_history.py), so that reports have something to say;
all else on the pictures happened in the minute before.
"""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

from PIL import Image

from docs.picture_history import write_history
from docs.picture_pages import take_pages, take_phone, take_report
from docs.picture_screens import Screens
from docs.picture_staff import show_a_picture, take_one_back, write_bulletins
from sim import acts
from sim.commune import Commune
from sim.day import Day
from sim.expand import expand
from sim.panel.page import serve_panel
from sim.scenario import load_scenario
from sim.truth import Truth

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
SEED = 1
SHOT_AT_S = 24.0
"""Second of the day at which pictures are taken: numbers wait, some were called, one was put aside."""

COLOURS = 192
"""What is drawn has few colours; photographs there are none."""


def main() -> None:
    """Take every picture anew; those that are there are replaced when all are taken."""
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    with tempfile.TemporaryDirectory() as taken:
        _take_all(Path(taken))
        PICTURES.mkdir(exist_ok=True)
        for old in PICTURES.glob("*.png"):
            old.unlink()
        for picture in sorted(Path(taken).glob("*.png")):
            _make_small(picture, PICTURES / picture.name)


def _take_all(pictures: Path) -> None:
    scenario = load_scenario(HERE / "picture_day.toml")
    with (
        tempfile.TemporaryDirectory() as directory,
        Commune(scenario, Path(directory), SEED, print) as commune,
    ):
        commune.make()
        write_history(commune.directory, SEED)
        truth = Truth(commune.directory, commune.start)
        commune.open()
        day = Day(commune, truth)
        day.begin()
        playing = threading.Thread(target=day.play, args=[expand(scenario, SEED), SHOT_AT_S])
        playing.start()
        write_bulletins(commune)
        with serve_panel(commune, day, 0) as panel:
            playing.join()
            _take(commune, day, panel, pictures)
        truth.close()


def _take(commune: Commune, day: Day, panel: str, pictures: Path) -> None:
    screens = Screens(commune, day, pictures)
    for counter in commune.scenario.plan.counters:
        day.doer.do(acts.Call(at_s=day.now_s(), counter=counter.id))
    screens.take_display()
    screens.take_ratings()
    screens.take_ticket()
    screens.take_slip()
    show_a_picture(commune)
    take_phone(commune, pictures)
    take_pages(commune, panel, take_one_back(commune), pictures)
    screens.take_notices(len(commune.scenario.plan.notices) + 1)
    take_report(commune, pictures)


def _make_small(taken: Path, picture: Path) -> None:
    with Image.open(taken) as opened:
        small = opened.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(picture, optimize=True)
    print(f"{picture.stat().st_size / 1000:6.0f} kB  {picture.name}")


if __name__ == "__main__":
    main()
