"""What the documents name exists: commands, options, settings, files."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

import cli
from workflows.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(
    r"python cli\.py ((?:audit|exclusions|overrides|reviews) [a-z]+|sync show|[a-z][a-z-]*)"
)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
MAKE = re.compile(r"(?:`|^\s*(?:\$ )?)make ([a-z][a-z-]*)", re.M)
SETTING = re.compile(r"COUNTERSIGN_[A-Z_]*[A-Z]")


def commands():
    found = {}
    for name, command in get_command(cli.app).commands.items():
        if getattr(command, "invoke_without_command", not hasattr(command, "commands")):
            found[name] = command
        if hasattr(command, "commands"):
            for inner, sub in command.commands.items():
                found[f"{name} {inner}"] = sub
    return found


def unknown_commands(text):
    """Commands that do not exist, and options on their lines that none of them takes."""
    known, wrong = commands(), []
    for line in text.replace("\\\n", " ").splitlines():
        named = COMMAND.findall(line)
        wrong += [name for name in named if name not in known]
        options = {"--help"} | {
            option
            for name in named
            for parameter in getattr(known.get(name), "params", ())
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
        wrong += [option for option in OPTION.findall(line) if named and option not in options]
    return wrong


def unknown_settings(text):
    known = {f"COUNTERSIGN_{name.upper()}" for name in Settings.model_fields}
    return set(SETTING.findall(text)) - known - {"COUNTERSIGN_TEST_POSTGRES_URL"}


def unknown_targets(text):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    return set(MAKE.findall(text)) - targets


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_every_command_and_option_named_exists(path):
    assert unknown_commands(path.read_text()) == []


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_every_setting_named_exists(path):
    assert unknown_settings(path.read_text()) == set()


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_every_make_target_named_exists(path):
    assert unknown_targets(path.read_text()) == set()


def test_what_does_not_exist_is_noticed():
    assert unknown_commands("run `python cli.py sink`") == ["sink"]
    assert unknown_commands("python cli.py sync \\\n  --fast") == ["--fast"]
    assert unknown_commands("| `python cli.py sync` | also `--slow` |") == ["--slow"]
    assert unknown_settings("set COUNTERSIGN_COLOUR") == {"COUNTERSIGN_COLOUR"}
    assert unknown_targets("```\nmake rum  # x\n```\nor `make tea`") == {"rum", "tea"}


def test_every_setting_is_explained_to_the_operator():
    explained = set(SETTING.findall((ROOT / "docs" / "operator.md").read_text()))
    assert {f"COUNTERSIGN_{name.upper()}" for name in Settings.model_fields} <= explained


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_every_link_and_picture_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target
