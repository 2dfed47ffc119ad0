"""`cli.py reviews …`: the documents that scripts read, and exit code 1 where a rule refuses."""

import json

import pytest
from typer.testing import CliRunner

import cli
from tests.scenarios.conftest import ANA
from tests.scenarios.reviewing import FALLBACK
from workflows import installation, sync
from workflows.sync import latest_published


@pytest.fixture
def run(company, monkeypatch):
    """A command's exit code, document and standard error."""
    monkeypatch.setattr(installation, "_opened", company.inst)

    def go(*words, as_json=True):
        line = ["reviews", *map(str, words), *(["--json"] if as_json else [])]
        done = CliRunner().invoke(cli.app, line)
        document = (
            json.loads(done.stdout) if as_json and done.stdout.startswith(("{", "[")) else None
        )
        return done.exit_code, document, done.stderr, done.stdout

    return go


@pytest.fixture
def campaign(run):
    """An open quarterly campaign's document."""
    code, document, _, _ = run(
        "open", "--template", "quarterly", "--due", "2030-01-31", "--fallback", FALLBACK
    )
    assert code == 0
    return document


def test_open_says_what_was_frozen_for_whom_from_which_run(company, campaign):
    assert set(campaign) == {
        "campaign", "state", "items", "reviewers", "run_id", "not_reviewed",
    }  # fmt: skip
    newest = latest_published(company.inst, company.connection_id)
    assert (campaign["state"], campaign["run_id"]) == ("ACTIVE", newest.id)
    assert sum(r["items"] for r in campaign["reviewers"]) == campaign["items"]
    assert company.login("marcus") in {r["email"] for r in campaign["reviewers"]}


def test_items_are_listed_all_or_of_one_reviewer(company, run, campaign):
    code, items, _, _ = run("items", "--campaign", campaign["campaign"])
    assert (code, len(items)) == (0, campaign["items"])
    item = next(i for i in items if i["person"]["okta_user_id"] == company.id("tom"))
    assert {"item", "person", "resource", "paths", "reviewer", "state", "signals"} <= set(item)
    assert set(item["resource"]) == {"kind", "okta_id", "label"}
    assert {"via", "group_id", "rule"} <= set(item["paths"][0])
    _, mine, _, _ = run(
        "items", "--campaign", campaign["campaign"], "--reviewer", company.login("marcus")
    )
    assert {i["reviewer"] for i in mine} == {company.login("marcus")}
    assert len(mine) == next(
        r["items"] for r in campaign["reviewers"] if r["email"] == company.login("marcus")
    )


def test_decide_answers_with_the_item_and_refuses_with_a_sentence(company, run, campaign):
    own = company.item(campaign["campaign"], "marcus", "salesforce").id
    toms = company.item(campaign["campaign"], "tom", "salesforce").id
    base = ("decide", "--campaign", campaign["campaign"], "--as", company.login("marcus"))
    for words, sentence in (
        (("--item", own, "--decision", "keep"), "own access"),
        (("--item", toms, "--decision", "revoke"), "note is required"),
        (("--item", toms, "--decision", "not-mine"), "note is required"),
    ):
        code, document, stderr, _ = run(*base, *words)
        assert code == 1
        assert sentence in stderr
        assert sentence in document["error"]["message"]
    code, item, _, _ = run(*base, "--item", toms, "--decision", "revoke", "--note", "Moved")
    assert (code, item["state"], item["note"]) == (0, "REVOKE", "Moved")
    code, item, _, _ = run(*base, "--item", toms, "--decision", "not-mine", "--note", "Ask Ana")
    assert (code, item["state"], item["reviewer"]) == (0, "NOT_MINE", FALLBACK)
    code, _, stderr, _ = run(*base, "--item", toms, "--decision", "keep")
    assert code == 1
    assert "another reviewer's" in stderr


def test_removals_follow_the_publishes(company, run, campaign):
    toms = company.item(campaign["campaign"], "tom", "aws").id
    run("decide", "--campaign", campaign["campaign"], "--as", company.login("marcus"), "--item",
        toms, "--decision", "revoke", "--note", "Moved")  # fmt: skip
    _, (removal,), _, _ = run("removals")
    assert (removal["item"], removal["state"], removal["run_id"]) == (toms, "OPEN", None)
    made = sync.run_sync(company.inst, company.connection_id, actor=ANA)
    _, (removal,), _, _ = run("removals", "--campaign", campaign["campaign"])
    assert (removal["state"], removal["run_id"]) == ("STILL_PRESENT", made.id)
    assert removal["person"]["okta_user_id"] == company.id("tom")
    assert removal["resource"]["label"] == "AWS production"


def test_close_needs_decisions_or_a_reason(run, campaign):
    base = ("close", "--campaign", campaign["campaign"])
    for more, sentence in (
        ((), "have no decision"),
        (("--rest", "revoke"), "Give the reason"),
    ):
        code, _, stderr, _ = run(*base, *more)
        assert code == 1
        assert sentence in stderr
    code, document, _, _ = run(*base, "--rest", "no-decision", "--reason", "Trial run")
    assert (code, document["state"], document["left"]) == (0, "CLOSED", campaign["items"])
    code, (listed,), _, _ = run("list")
    assert (code, listed["campaign"], listed["state"]) == (0, campaign["campaign"], "CLOSED")


def test_bad_use_exits_with_two_and_a_rule_with_one(run, campaign):
    assert run("open", "--template", "yearly", "--due", "2030-01-31", "--fallback", "x")[0] == 2
    assert run("open", "--template", "quarterly", "--due", "soon", "--fallback", "x")[0] == 2
    assert run("open", "--template", "quarterly", "--due", "2030-01-31")[0] == 2
    assert run("items", "--campaign", "77")[0] == 2
    open_ = ("open", "--template", "quarterly", "--fallback")
    assert run(*open_, "nobody@meridian.example", "--due", "2030-01-31")[0] == 1
    assert run(*open_, FALLBACK, "--due", "2020-01-31")[0] == 1


def test_people_read_the_same_without_json(company, run, campaign):
    for words, said in (
        (("items", "--campaign", campaign["campaign"]), f"{campaign['items']:,} items"),
        (("list",), "ACTIVE"),
        (("removals",), "state"),
        (("due",), "0 campaigns opened"),
    ):
        code, _, _, stdout = run(*words, as_json=False)
        assert code == 0
        assert said in stdout


def test_owners_are_set_listed_and_asked(company, run):
    ines, yuki = company.login("ines"), company.id("yuki")
    code, said, _, _ = run("owners", "set", "--app", "salesforce", "--owner", ines, "--owner", yuki)
    assert (code, said["owners"]) == (0, [company.id("ines"), yuki])
    code, (one,), _, _ = run("owners", "list")
    assert one["resource"] == {
        "kind": "app", "okta_id": company.app("salesforce"), "label": "Salesforce",
    }  # fmt: skip
    assert [o["email"] for o in one["owners"]] == [ines, company.login("yuki")]
    code, opened, _, _ = run(
        "open", "--template", "app-owner", "--app", "Salesforce", "--due", "2030-01-31",
        "--fallback", FALLBACK,
    )  # fmt: skip
    assert code == 0
    assert {r["email"] for r in opened["reviewers"]} == {ines, company.login("yuki")}
    _, items, _, _ = run("items", "--campaign", opened["campaign"])
    assert {*items[0]["also"], items[0]["reviewer"]} <= {ines, company.login("yuki")}
    assert run("owners", "set", "--app", "Salesforce", "--nobody")[0] == 0
    assert run("owners", "list")[1] == []
    assert run("owners", "set", "--app", "No such app", "--owner", ines)[0] == 1
    for wrong in ((), ("--app", "x"), ("--app", "x", "--group", "y", "--owner", ines)):
        assert run("owners", "set", *wrong)[0] == 2


def test_opening_with_what_was_not_read_needs_its_reason(run):
    open_it = ("open", "--template", "quarterly", "--due", "2030-01-31", "--fallback", FALLBACK)
    code, _, said, _ = run(*open_it, "--with-unread")
    assert code == 2
    assert "--reason" in said
    code, document, _, _ = run(*open_it, "--with-unread", "--reason", "Everything was read")
    assert code == 0
    assert document["not_reviewed"] == []
