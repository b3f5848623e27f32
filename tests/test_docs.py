"""The documents fail when they lie."""

from __future__ import annotations

import re
import shlex
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import typer.main

from commune_hub.cli import app as hub_app
from firmware_agent.cli import app as agent_app
from provisioning.cli import app as provision_app
from sim.cli import app as sim_app

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = {
    name: typer.main.get_command(app)
    for name, app in {
        "firmware-agent": agent_app,
        "commune-hub": hub_app,
        "commune-provision": provision_app,
        "commune-sim": sim_app,
    }.items()
}


def code_lines(text: str) -> list[str]:
    """Lines in code blocks, and code within lines."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [line.split("#")[0].strip() for block in blocks for line in block.splitlines()] + inline


def named_commands() -> list[tuple[str, list[str]]]:
    found = []
    for document in DOCUMENTS:
        for line in code_lines(document.read_text(encoding="utf-8")):
            words = shlex.split(line.replace("'", ""))
            if words and words[0] in COMMANDS and len(words) > 1:
                found.append((words[0], words[1:]))
    return found


def test_the_documents_name_every_command() -> None:
    assert {name for name, _ in named_commands()} == set(COMMANDS)


@pytest.mark.parametrize(("name", "words"), named_commands())
def test_named_commands_and_options_are_there(name: str, words: list[str]) -> None:
    command: Any = COMMANDS[name]
    rest = list(words)
    while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        found = command.commands.get(rest[0])
        assert found is not None, f"{name} has no command {rest[0]}"
        command, rest = found, rest[1:]
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {word for word in rest if word.startswith("--")} <= options


def commands_below(name: str, command: Any) -> list[tuple[str, Any]]:
    below = [(name, command)]
    for each, sub in getattr(command, "commands", {}).items():
        below += commands_below(f"{name} {each}", sub)
    return below


@pytest.mark.parametrize(
    ("name", "command"),
    [pair for name, command in COMMANDS.items() for pair in commands_below(name, command)],
)
def test_every_command_and_option_explains_itself(name: str, command: Any) -> None:
    assert command.help, f"{name} has no help"
    options = [each for each in command.params if each.param_type_name == "option"]
    silent = [each.name for each in options if not each.help]
    assert silent == [], f"options of {name} without help"


def test_make_targets_that_are_named_are_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in DOCUMENTS:
        for line in code_lines(document.read_text(encoding="utf-8")):
            if line.startswith("make "):
                assert line.split()[1] in targets, f"{document.name}: {line}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_pictures_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (document.parent / target).exists(), target


def test_every_picture_is_shown_and_every_page_can_be_found_from_the_readme() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
    linked = {
        (document.parent / target).resolve()
        for document, text in texts.items()
        for target in re.findall(r"\]\(([^)#]+)\)", text)
        if not target.startswith("https://")
    }
    assert [path.name for path in sorted((ROOT / "docs/pictures").glob("*.png")) if path not in linked] == []
    front = texts[ROOT / "README.md"] + texts[ROOT / "docs/architecture.md"]
    assert [path.name for path in DOCUMENTS[1:] if f"{path.name})" not in front] == []


def test_the_readme_tells_of_every_bench_by_the_name_that_runs_it() -> None:
    listed = (ROOT / "bench/__main__.py").read_text(encoding="utf-8").partition("] = [")[2].partition("]")[0]
    told = re.findall(r"\| `(measure_\w+)` \|", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert set(re.findall(r"measure_\w+", listed)) == set(told)


def test_decisions_are_numbered_without_gap_or_repeat() -> None:
    decisions = (ROOT / "docs/decisions.md").read_text(encoding="utf-8")
    numbers = [int(number) for number in re.findall(r"^## (\d+)\.", decisions, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_code_that_is_named_is_there(document: Path) -> None:
    """Files named with their package, like `wire/calls.py`, exist."""
    packages = (
        "wire|firmware_agent|kiosk_ui|speaker_node|camera_node|provisioning|commune_hub|sim|bench|tests"
    )
    text = document.read_text(encoding="utf-8")
    for named in re.findall(rf"`((?:{packages})/[\w./-]+\.(?:py|toml|css))", text):
        assert (ROOT / named).exists(), f"{document.name}: {named}"


def test_tests_that_are_named_are_there() -> None:
    named = [
        each.split("::")
        for document in DOCUMENTS
        for each in re.findall(r"`(tests/[\w/]+\.py::\w+)`", document.read_text(encoding="utf-8"))
    ]
    assert len(named) > 20
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file} has no {test}"


def test_packages_and_extras_in_the_documents_are_those_of_the_project() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = set(config["options.extras_require"])
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = " ".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    installed = re.findall(r"\.\[([a-z,]+)\]", told)
    assert len(installed) >= 4
    assert {extra for named in installed for extra in named.split(",")} <= extras
    packages = config["options.packages.find"]["include"].replace("*", "").split()
    for package in packages:
        assert f"{package}/" in readme, f"{package} is missing from the map of the house"


def test_the_lock_has_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert "index" not in lock.split("\n", 1)[0]
    pinned = re.findall(r"^[a-z0-9_.-]+(?:\[[^\]]+\])?==", lock, re.MULTILINE | re.IGNORECASE)
    assert len(pinned) > 50
    assert lock.count("--hash=sha256:") >= len(pinned)
