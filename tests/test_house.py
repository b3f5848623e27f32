"""The house stands as it was drawn: floors, names, sizes, commands."""

from __future__ import annotations

import ast
import configparser
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
MAX_LINES = 400


def _read_setup() -> configparser.ConfigParser:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    return setup


SETUP = _read_setup()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: list[str] = PROJECT["tool"]["importlinter"]["root_packages"]
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def declared(group: str) -> list[EntryPoint]:
    """Return what setup.cfg offers under `group`."""
    lines = SETUP["options.entry_points"][group].strip().splitlines()
    pairs = [line.partition("=")[::2] for line in lines if not line.startswith("#")]
    return [EntryPoint(name.strip(), value.strip(), group) for name, value in pairs]


SCRIPTS = [each.name for each in declared("console_scripts")]
OFFERED = [each for group in ("commune.nodes", "commune.hardware") for each in declared(group)]


def test_imports_only_go_down_the_house() -> None:
    done = subprocess.run(
        [BIN / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Imports only go down the house KEPT" in done.stdout


def test_every_package_has_a_floor_and_is_installed() -> None:
    (contract,) = PROJECT["tool"]["importlinter"]["contracts"]
    floors = [name.strip() for layer in contract["layers"] for name in layer.split("|")]
    installed = [each.rstrip("*") for each in SETUP["options.packages.find"]["include"].split()]
    assert sorted(floors) == sorted(PACKAGES) == sorted(installed)
    assert set(PROJECT["tool"]["mypy"]["packages"]) == {*PACKAGES, "tests", "bench", "docs"}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_typed_and_says_what_it_is(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
    text = (ROOT / package / "__init__.py").read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))


def test_every_file_says_what_it_is_and_is_short_enough_to_be_one_idea() -> None:
    texts = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in MODULES}
    silent = [str(path) for path, text in texts.items() if not ast.get_docstring(ast.parse(text))]
    long = [f"{path}: {text.count(chr(10))}" for path, text in texts.items() if text.count("\n") > MAX_LINES]
    assert (silent, long) == ([], [])


def test_every_directory_of_modules_is_a_package() -> None:
    assert [path.parent for path in MODULES if not (path.parent / "__init__.py").is_file()] == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_command_explains_itself(script: str) -> None:
    done = subprocess.run([BIN / script, "--help"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout
    assert len(done.stdout.splitlines()) > 5


@pytest.mark.parametrize("entry", OFFERED, ids=lambda entry: f"{entry.group}:{entry.name}")
def test_everything_that_is_offered_by_name_is_there(entry: EntryPoint) -> None:
    assert callable(entry.load())
    assert entry in entry_points(group=entry.group), "what is installed is not what setup.cfg says"
