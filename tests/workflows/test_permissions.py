"""Every use case that a door calls, for every role: who is let in, and whose refusal is noted.

A door is a page, a route, a part of ui/, or a command. A new use case that a door calls and that
is not in workflows/permissions.py fails here.
"""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

from storage import audit_log, connections
from workflows import guard
from workflows.connect import list_connections
from workflows.errors import NotAllowed, SignedOut
from workflows.installation import LOCAL_ANALYST, Actor, Installation, open_installation
from workflows.permissions import ANYBODY, ENTRIES, OWN, PROGRAM, READ, READ_NOW, ROLES
from workflows.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOORS = [
    *sorted((ROOT / "ui").glob("*.py")),
    *sorted((ROOT / "pages").glob("*.py")),
    ROOT / "cli.py",
]


def called_by_doors():
    """module.function of every workflow function that a door imports, by itself or its module."""
    found = {}
    for door in DOORS:
        tree = ast.parse(door.read_text())
        modules = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "workflows":
                modules |= {alias.asname or alias.name: alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("workflows."):
                module = node.module.partition(".")[2]
                for alias in node.names:
                    found.setdefault(f"{module}.{alias.name}", door.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    assert not alias.name.startswith("workflows."), f"{door}: import from workflows"
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module = modules.get(node.value.id)
                if module is not None:
                    found.setdefault(f"{module}.{node.attr}", door.name)
    return {name: door for name, door in found.items() if takes_installation(name)}


def function(name):
    module, _, attribute = name.partition(".")
    return getattr(importlib.import_module(f"workflows.{module}"), attribute)


def home_of(name):
    """Where a function is defined, whoever imports it from where."""
    it = function(name)
    return f"{it.__module__.partition('.')[2]}.{it.__name__}"


def guarded(name):
    return hasattr(function(name), "__wrapped__")


def takes_installation(name):
    it = function(name)
    return inspect.isfunction(it) and "inst" in inspect.signature(it).parameters


def test_every_use_case_that_a_door_calls_is_listed_and_guarded():
    called = called_by_doors()
    assert len(called) > 40
    homes = {home_of(name) for name in called}
    assert homes - set(ENTRIES) == set()
    unguarded = {home for home in homes if not guarded(home)}
    assert unguarded == set()


@pytest.mark.parametrize("name", ENTRIES)
def test_what_is_listed_exists_and_is_guarded(name):
    assert guarded(name)


@pytest.fixture(scope="module")
def inst(tmp_path_factory):
    opened = open_installation(Settings(data_dir=tmp_path_factory.mktemp("walk")))
    yield opened
    opened.database.close()


@pytest.fixture(autouse=True)
def everything_is_noted(monkeypatch):
    monkeypatch.setattr(guard, "_noted", {})


def refused(inst):
    with inst.database.read() as conn:
        return audit_log.events(conn, limit=1, action="access.refused")


def call(inst, name, actor=None):
    """Call a use case as far as its door: an argument that no function takes stops it behind."""
    takes_actor = "actor" in inspect.signature(function(name)).parameters
    more = {"actor": actor} if actor is not None and takes_actor else {}
    function(name)(inst, no_function_takes_this=True, **more)


@pytest.mark.parametrize("role", [*ROLES, "system", "anonymous", "stranger", ""])
@pytest.mark.parametrize("name", ENTRIES)
def test_each_use_case_lets_in_whom_the_table_says_and_nobody_else(inst, name, role):
    rule = ENTRIES[name]
    someone = Actor(f"{role}@{name}", "Somebody", role)
    # As a page asks (bound), and as a command or a job asks (with an actor only).
    ways = [(inst.on_behalf_of(someone), None), (inst.on_behalf_of(someone), someone)]
    if "actor" in inspect.signature(function(name)).parameters:
        ways.append((inst, someone))
    for bound, actor in ways:
        if rule.roles is None or role in rule.roles:
            with pytest.raises(TypeError, match="no_function_takes_this"):
                call(bound, name, actor)
        else:
            guard._noted.clear()
            with pytest.raises(NotAllowed):
                call(bound, name, actor)
            [event] = refused(inst)
            assert (event["actor"], event["subject"]) == (someone.id, name)


def test_the_table_says_what_the_rules_of_the_product_say():
    """SPEC 7: auditors change nothing; reviewers get no further than their own things."""
    for name, rule in ENTRIES.items():
        if rule.roles is None:
            assert rule is ANYBODY, name
        elif "reviewer" in rule.roles:
            assert rule is OWN, name
        elif "auditor" in rule.roles:
            assert rule in (READ, READ_NOW), name
        else:
            assert rule.roles <= {"analyst", "system"}, name
    assert PROGRAM.roles == {"system"}
    changes = {name for name, rule in ENTRIES.items() if rule.roles == {"analyst", "system"}}
    for name in ("sync.start_sync", "personnel.set_overrides", "roles.grant", "connect.connect"):
        assert name in changes


def test_nobody_acts_in_another_persons_name(inst):
    ana, tom = Actor("ana", "Ana", "analyst"), Actor("tom", "Tom", "reviewer")
    with pytest.raises(NotAllowed, match="another person's name"):
        call(inst.on_behalf_of(tom), "sync.start_sync", ana)


def test_a_session_that_is_over_opens_no_use_case(inst):
    gone = Actor("ana", "Ana", "analyst", okta_user_id="00u1", session_id=4711)
    for name in ("sync.list_runs", "sync.start_sync", "connect.current_connection"):
        with pytest.raises(SignedOut):
            call(inst.on_behalf_of(gone), name)


def test_the_local_analyst_ends_where_sign_in_begins(tmp_path):
    """Also in a tab that was drawn before."""
    inst = open_installation(Settings(data_dir=tmp_path))
    bound = inst.on_behalf_of(LOCAL_ANALYST)
    assert list_connections(bound) == []
    with inst.database.write() as conn:
        connections.add(
            conn, organization="https://acme.okta.com", host="acme.okta.com", state="connected",
            email_domains=("acme.com",), access_reviews=False, demo=False, created_at=inst.now(),
            client_id="0oa1", client_secret_sealed="x", sign_in=True,
        )  # fmt: skip
    with pytest.raises(SignedOut):
        list_connections(bound)
    with pytest.raises(SignedOut):
        call(bound, "sync.start_sync", LOCAL_ANALYST)
    inst.database.close()


def test_what_is_not_listed_cannot_be_marked():
    with pytest.raises(KeyError):
        guard.entry(lambda inst: None)


def test_the_same_refusal_is_written_down_once_a_minute(inst):
    eve = Actor("eve", "Eve", "reviewer")
    for _ in range(5):
        with pytest.raises(NotAllowed):
            call(inst.on_behalf_of(eve), "sync.list_runs")
    with inst.database.read() as conn:
        found = audit_log.events(conn, limit=500, action="access.refused")
    assert sum(event["actor"] == "eve" for event in found) == 1


def test_behind_the_door_the_program_works(inst):
    """One use case builds on another without asking again in the person's name."""
    seen = guard.admitted(
        inst.on_behalf_of(Actor("ana", "Ana", "analyst")), None, ENTRIES["sync.run_sync"], "x"
    )
    assert seen.actor is None
    assert isinstance(seen, Installation)


@pytest.mark.parametrize("door", DOORS, ids=lambda d: d.name)
def test_pages_and_their_parts_get_the_installation_from_the_guard_only(door):
    """open_installation() knows no person: only what decides who comes may call it."""
    may = {"access.py", "door.py", "gate.py", "probes.py", "server.py", "sign_in_routes.py"}
    if door.name not in may or door.parent.name == "pages":
        assert "open_installation" not in door.read_text()
