"""What commands do that pages do too: decide on a held run, override, exclude, show a run."""

import json

import pytest
from typer.testing import CliRunner

import cli
from tests.scenarios.conftest import ANA, control
from workflows import installation, sync


@pytest.fixture
def run(inst, connected, monkeypatch):
    """A command's exit code and document, on an installation that is synced once."""
    monkeypatch.setattr(installation, "_opened", inst)
    connection_id = connected()
    assert sync.run_sync(inst, connection_id, actor=ANA).state == "published"

    def go(*words):
        done = CliRunner().invoke(cli.app, [*map(str, words), "--json"])
        return done.exit_code, json.loads(done.stdout) if done.stdout else None

    return go


def test_a_held_run_is_approved_with_a_reason(run, tenant):
    control(tenant, "users", {"action": "deactivate", "count": 15})
    code, held = run("sync")
    assert (code, held["state"]) == (1, "held")
    code, refused = run("sync", "--approve", held["run_id"])
    assert code == 2
    assert "reason" in refused["error"]["message"].lower()
    code, done = run("sync", "--approve", held["run_id"], "--reason", "a layoff")
    assert (code, done["state"], done["run_id"]) == (0, "published", held["run_id"])
    assert run("sync", "--approve", held["run_id"], "--reason", "again")[0] != 0


def test_a_held_run_is_discarded_with_a_reason(run, tenant):
    control(tenant, "users", {"action": "deactivate", "count": 15})
    held = run("sync")[1]
    code, done = run("sync", "--discard", held["run_id"], "--reason", "a wrong group")
    assert (code, done["state"]) == (0, "cancelled")
    people = run("people")[1]
    assert not any(p["separation_date"] == held["started_at"][:10] for p in people)


def test_a_run_and_its_certificate_are_shown(run):
    newest = run("sync")[1]["run_id"]
    code, shown = run("sync", "show", newest)
    assert (code, shown["run_id"], shown["state"]) == (0, newest, "published")
    assert {e["resource"] for e in shown["certificate"]["endpoints"]} >= {"users", "factors"}
    assert run("sync", "show", 987_654)[0] == 2


def test_an_override_is_set_listed_and_withdrawn(run, tenant):
    nina = tenant.organization.users[tenant.organization.by_key["tom"]]
    who = ("--person", nina["profile"]["login"], "--reason", "on the board")
    code, done = run("overrides", "set", *who, "--status", "OUT_OF_SCOPE")
    assert (code, done["okta_user_ids"]) == (0, [nina["id"]])
    (said,) = run("overrides", "list")[1]
    assert (said["okta_user_id"], said["value"]) == (nina["id"], "OUT_OF_SCOPE")
    people = {p["okta_user_id"]: p for p in run("people")[1]}
    assert people[nina["id"]]["employment_status"] == "OUT_OF_SCOPE"
    assert run("overrides", "withdraw", *who, "--field", "status")[0] == 0
    assert run("overrides", "list")[1] == []


def test_an_exclusion_is_added_listed_and_ended(run):
    findings = {r["control"]: r["findings"] for r in run("evaluate")[1]}
    subject = next(f["subject"] for f in findings["test-86"] if f["outcome"] == "FAIL")
    what = ("--control", "test-86", "--person", subject, "--reason", "on leave")
    assert run("exclusions", "add", *what, "--end", "2999-12-31")[0] == 0
    (said,) = run("exclusions", "list", "--control", "test-86")[1]
    assert (said["subject"], said["state"], said["ends_on"]) == (subject, "active", "2999-12-31")
    mfa = next(r for r in run("evaluate")[1] if r["control"] == "test-86")
    excluded = [f["subject"] for f in mfa["findings"] if f["outcome"] == "EXCLUDED"]
    assert excluded == [subject]
    assert run("exclusions", "end", *what)[0] == 0
    assert run("exclusions", "list")[1][0]["state"] == "withdrawn"


def test_an_e_mail_that_several_have_is_refused_with_their_ids(run, tenant):
    org = tenant.organization
    shared = org.users[org.by_key["sam1"]]["profile"]["email"]
    code, refused = run(
        "overrides", "set", "--person", shared, "--status", "OUT_OF_SCOPE", "--reason", "x"
    )
    assert code == 2
    assert refused["error"]["code"] == "several_people"
    assert org.by_key["sam1"] in refused["error"]["message"]


def test_the_documents_are_those_of_the_specification(run):
    for result in run("evaluate", "--all")[1]:
        assert {"control", "test", "outcome", "message", "warnings", "in_scope"} <= set(result)
        for finding in result["findings"]:
            assert ("strength" in finding) == (result["test"] == 86)
    assert all(isinstance(person["warnings"], list) for person in run("people")[1])
    code, found = run("preflight")
    assert (code, found["ok"]) == (0, True)
    assert [check["number"] for check in found["checks"]] == list(range(1, 19))
    for check in found["checks"]:
        assert set(check) == {"number", "name", "outcome", "blocking", "message", "todo"}
        assert check["outcome"] in {"pass", "warn", "fail", "could_not_tell"}
