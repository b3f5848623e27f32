"""What is installed on a Pi holds all that the packages read beside their code."""

from __future__ import annotations

from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_data_file_stands_in_a_package_and_has_a_suffix_that_is_installed() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    packages = config["options.packages.find"]["include"].replace("*", "").split()
    taken = [each.strip() for each in config["options.package_data"]["*"].split(",")]
    found = (each for package in packages for each in (ROOT / package).rglob("*") if each.is_file())
    data = [each for each in found if each.suffix not in {".py", ".pyc"}]
    assert len(data) > 10
    left = [
        str(each.relative_to(ROOT))
        for each in data
        if not (each.parent / "__init__.py").exists() or not any(fnmatch(each.name, form) for form in taken)
    ]
    assert left == [], "these are not installed with the packages"
