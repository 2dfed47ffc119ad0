"""The rules of the house: floors, style, types, and what pages may hold."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
GROUND = {"okta_client", "storage", "controls", "demo_tenant", "sqlmodel", "sqlalchemy", "requests"}
PAGES = sorted((ROOT / "pages").glob("*.py"))


def run(*command: str) -> None:
    line = [str(BIN / command[0]), *command[1:]]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_floors_know_only_the_floors_below():
    run("lint-imports")


def test_ruff_has_nothing_to_say():
    run("ruff", "check", ".")


def test_files_are_formatted():
    run("ruff", "format", "--check", ".")


def test_types_hold():
    run("mypy")


@pytest.mark.parametrize("path", [*PAGES, ROOT / "cli.py"], ids=lambda p: p.name)
def test_pages_and_commands_reach_the_ground_floor_only_through_workflows(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    assert not names & GROUND


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_the_first_statement_of_a_page_is_the_guard(path):
    body = [
        node
        for node in ast.parse(path.read_text()).body
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    first = ast.unparse(body[0])
    assert first.startswith("visit = require(") or first.startswith("visit = access.require(")


def test_nothing_but_pages_lies_in_pages():
    here = {p.name for p in (ROOT / "pages").iterdir() if p.name != "__pycache__"}
    assert here == {p.name for p in PAGES}
    assert len(PAGES) >= 6


def test_files_stay_readable():
    """A file does one thing: none is longer than 350 lines, generated migrations aside."""
    tracked = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    long = {
        name: count
        for name in tracked
        if "/versions/" not in name and (ROOT / name).exists()
        for count in [len((ROOT / name).read_text().splitlines())]
        if count > (450 if name.startswith("tests/") else 350)
    }
    assert long == {}


def test_no_registry_host_is_named():
    hosts = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org"]
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in {".png", ".ico"} or not path.is_file():
            continue
        text = path.read_text(errors="replace")
        assert not any(host in text for host in hosts), name
