"""The Sync page: runs, what they changed, and decisions on those that are held."""

import pytest
import sqlalchemy as sa

from storage import runs
from workflows.changes import run_changes
from workflows.personnel import people
from workflows.sync import get_run


@pytest.fixture
def held(inst):
    """Run 2, which waits because two people would leave."""
    leavers = [
        {"user_id": f"u{n}", "name": name, "email": f"{n}@x.example", "why": "deactivated"}
        for n, name in enumerate(["Ada <b>", "\u202eBob"])
    ]
    run, _ = runs.start(
        inst.database, connection_id=1, mode="full", scope={}, started_by="cli:root",
        owner=inst.owner, now=inst.now(),
    )  # fmt: skip
    said = {
        "reason": "leavers", "sentence": "2 of 3 current people would become leavers.",
        "current": 3, "leavers": leavers, "kinds": [],
    }  # fmt: skip
    with inst.database.write() as conn:
        runs.finish(conn, run.id, owner=inst.owner, state="held", held=said)
    return run.id


def ended(inst, state, message):
    """A run that ended without publishing."""
    run, _ = runs.start(
        inst.database, connection_id=1, mode="full", scope={}, started_by="local-analyst",
        owner=inst.owner, now=inst.now(),
    )  # fmt: skip
    progress = {"requests": 41}
    assert runs.beat(
        inst.database, run.id, owner=inst.owner, progress=progress, now=inst.now()
    ) == "go"  # fmt: skip
    with inst.database.write() as conn:
        runs.finish(
            conn, run.id, owner=inst.owner, state=state, finished_at=inst.now(),
            error={"code": state, "message": message},
        )  # fmt: skip
    return run.id


def test_the_runs_are_listed_with_state_and_author(inst, visit, tables, words):
    shown = tables(visit("sync"))[0][1]
    assert [row[0] for row in shown["State"]] == ["Published"]
    assert "by Local analyst" in words(visit("sync"))
    assert shown["Users"].iloc[0] == get_run(inst, 1).counts["users"]


def test_of_whom_a_held_run_would_make_leavers_it_says_what_is_known(inst, visit, held):
    known = people(inst, 1).frame.iloc[3]
    entry = {"user_id": known["user_id"], "name": known["name"], "email": known["email"],
             "why": "left the group"}  # fmt: skip
    with inst.database.write() as conn:
        said = get_run(inst, held).held | {"leavers": [entry, *get_run(inst, held).held["leavers"]]}
        conn.execute(sa.update(runs.RUNS).where(runs.RUNS.c.id == held).values(held=said))
    app = visit("sync")
    shown = next(d.value for d in app.dataframe if "Why they would leave" in d.value)
    assert tuple(shown[["Person", "Department", "Why they would leave"]].iloc[0]) == (
        known["name"], known["department"], "Left the group",
    )  # fmt: skip
    assert shown["Last sign-in"].iloc[0] not in ("–", "", None)
    # Nothing is made up about whom nobody knows.
    assert [*shown["Last sign-in"].iloc[1:]] == ["", ""]


def test_changes_are_paged_and_lead_to_people(inst, visit, tables, total, words):
    app = visit("sync")
    changes = run_changes(inst, 1)
    assert total(app) == len(changes)
    assert len(changes) > 50
    shown = next(d.value for d in app.dataframe if "Change" in d.value)
    assert len(shown) == 50
    person = changes["user_id"].iloc[0]
    assert visit("sync", person=person).tabs[0].label == "Profile"


def test_changes_are_filtered_by_kind_in_the_address(inst, visit, total):
    changes = run_changes(inst, 1)
    assert total(visit("sync", kind="left")) == (changes["kind"] == "left").sum()
    assert total(visit("sync", kind="nonsense")) == len(changes)


@pytest.mark.parametrize("run", ["99", "x", "-1", "1; drop", ""])
def test_a_run_that_is_not_there_shows_the_newest(inst, visit, words, run):
    assert "Run 1" in words(visit("sync", run=run))


def test_a_held_run_says_who_and_why_and_needs_a_reason(inst, visit, words, press, held):
    app = visit("sync")
    said = words(app)
    assert f"Run {held} waits for your decision" in said
    assert "**2 of 3 current people leavers**" in said
    assert [m.value for m in app.metric if m.label == "Deactivated"] == ["2"]
    listed = next(d.value for d in app.dataframe if "Why they would leave" in d.value)
    assert list(listed["Person"]) == ["Ada <b>", "‹U+202E›Bob"]
    app = press(app, f"Discard run {held}")
    assert "Give a reason" in words(app)
    assert get_run(inst, held).state == "held"
    app.text_input(key="held-reason").set_value("Wrong group")
    app = press(app, f"Discard run {held}")
    assert get_run(inst, held).state == "cancelled"
    assert "was discarded" in words(app)


def test_a_failed_run_says_what_happened_and_where_to_go(inst, visit, tables):
    failed = ended(inst, "failed", "Okta does not accept the <key>.")
    app = visit("sync")
    assert "Okta does not accept the \\<key\\>" in app.error[0].value
    assert any(b.label == "Checks and settings" for b in app.button)
    shown = tables(app)[0][1]
    assert shown["Requests"].iloc[0] == 41
    assert get_run(inst, failed).requests == 41


def test_a_cancelled_run_is_no_error(inst, visit, words):
    ended(inst, "cancelled", "Cancelled by a person.")
    app = visit("sync")
    assert not app.error
    assert "Cancelled by a person" in words(app)


def test_another_run_is_chosen_in_the_list(inst, visit, choose, words):
    ended(inst, "failed", "Gone.")
    app = choose(visit("sync"), 1)
    assert app.query_params["run"] in ("1", ["1"])
    assert not app.error


def test_the_certificate_tells_endpoints_and_agreement(inst, visit, words):
    app = visit("sync", certificate="1")
    certificate = get_run(inst, 1).certificate
    listed = next(d.value for d in app.dataframe if "First request id" in d.value)
    assert len(listed) == len(certificate["endpoints"])
    agreed = next(t.value for t in app.table if "Agrees" in t.value)
    assert len(agreed) == len(certificate["reconciled"])
    assert "Everything that Okta has was read" in words(app)
