"""Publishing a part: what was read anew is compared, and nothing else is touched."""

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import bulk, history, runs, snapshots
from storage.directory import KINDS
from tests.storage.conftest import NOON, row
from tests.storage.test_history import current, members

PAIRS = st.sets(st.tuples(st.sampled_from("ABCD"), st.sampled_from("uvwxyz")))
GROUPS = st.sets(st.sampled_from("ABCD"))


def begin(database, connection_id):
    run, _ = runs.start(
        database, connection_id=connection_id, mode="incremental", scope={}, started_by="t",
        owner="me", now=NOON,
    )  # fmt: skip
    return run.id


def finish(database, run_id, kinds):
    history.publish(
        database, run_id, owner="me", kinds=kinds, clock=lambda: NOON, run_fields={},
        audit={"actor": "t", "action": "sync.published", "subject": "run", "detail": {}},
    )  # fmt: skip


@settings(max_examples=25)
@given(before=PAIRS, after=PAIRS, whole=GROUPS, single=PAIRS)
def test_only_what_was_compared_follows_okta(
    database, connection_id, publish, before, after, whole, single
):
    publish({"memberships": members(before)})
    compared = {(group, "") for group in whole} | single
    read = {p for p in after if p[0] in whole or p in single}
    run_id = begin(database, connection_id)
    with database.write() as conn:
        history.stage(conn, run_id, "memberships", members(read))
        history.compare_only(conn, run_id, {"memberships": compared})
    expected = {p for p in before if p[0] not in whole and p not in single} | read
    assert history.count_after(database, run_id, connection_id, "memberships") == len(expected)
    finish(database, run_id, ["memberships"])
    assert current(database, connection_id) == expected
    found = runs.get(database, run_id).changes
    assert found["opened"]["memberships"] == len(expected - before)
    assert found["closed"]["memberships"] == len(before - expected)


def test_a_kind_named_with_nothing_read_of_it_stays(database, connection_id, publish):
    publish({"memberships": members({("A", "u")}), "groups": [row("groups", group_id="A")]})
    run_id = begin(database, connection_id)
    with database.write() as conn:
        history.compare_only(conn, run_id, {"memberships": set()})
    finish(database, run_id, ["memberships", "groups"])
    assert current(database, connection_id) == {("A", "u")}
    assert snapshots.count(database, connection_id, "groups") == 0


def test_kept_rows_stay_within_what_is_compared(database, connection_id, publish):
    publish({"memberships": members({("A", "u"), ("A", "v"), ("B", "w")})})
    run_id = begin(database, connection_id)
    with database.write() as conn:
        history.keep(conn, run_id, [history.Keep("memberships", "user_id", {"u"})])
        history.compare_only(conn, run_id, {"memberships": {("A", "")}})
    assert history.count_after(database, run_id, connection_id, "memberships") == 2
    finish(database, run_id, ["memberships"])
    assert current(database, connection_id) == {("A", "u"), ("B", "w")}


def test_a_changed_row_is_one_closed_and_one_opened(database, connection_id, publish):
    role = {"principal_type": "USER", "assignment_id": "r"}
    rows = [row("admin_roles", principal_id=p, label="Old", **role) for p in "uv"]
    publish({"admin_roles": rows})
    run_id = begin(database, connection_id)
    with database.write() as conn:
        changed = row("admin_roles", principal_id="u", label="New", **role)
        history.stage(conn, run_id, "admin_roles", [changed])
        history.compare_only(conn, run_id, {"admin_roles": {("USER", "u")}})
    finish(database, run_id, ["admin_roles"])
    frame = snapshots.frame(database, connection_id, "admin_roles")
    assert dict(zip(frame["principal_id"], frame["label"], strict=True)) == {"u": "New", "v": "Old"}


def test_who_came_and_went_is_told_before_the_publish(database, connection_id, publish):
    publish({"memberships": members({("A", "u"), ("A", "v"), ("B", "w")})})
    run_id = begin(database, connection_id)
    with database.write() as conn:
        history.stage(conn, run_id, "memberships", members({("A", "u"), ("A", "x")}))
    found = history.member_changes(database, run_id, connection_id, {"A"})
    assert found == {("A", "v"), ("A", "x")}


def test_the_first_rows_of_a_table_find_its_indexes_again(
    database, connection_id, publish, monkeypatch
):
    monkeypatch.setattr(bulk, "WORTH_BUILDING", 2)

    def indexes():
        return {
            table: {i["name"] for i in sa.inspect(database.engine).get_indexes(table)}
            for table in ("memberships", "groups", "factors")
        }

    before = indexes()
    assert len(before["memberships"]) == 4
    publish({"memberships": members({("A", "u"), ("A", "v"), ("B", "w")})})
    assert indexes() == before
    publish({"memberships": members({("A", "u"), ("C", "v")})})
    assert indexes() == before
    assert current(database, connection_id) == {("A", "u"), ("C", "v")}


def test_rows_staged_again_take_the_place_of_the_first(database, connection_id):
    run_id = begin(database, connection_id)
    for name in ("First", "Second"):
        with database.write() as conn:
            history.stage(
                conn, run_id, "groups", [row("groups", group_id=g, name=name) for g in "ab"]
            )
    staged = history.staged(database, run_id, "groups")
    assert list(staged["name"]) == ["Second", "Second"]


def test_what_ended_runs_have_staged_is_swept_and_what_waits_is_not(database, connection_id):
    ended = begin(database, connection_id)
    with database.write() as conn:
        history.stage(conn, ended, "memberships", members({("A", "u")}))
        history.keep(conn, ended, [history.Keep("memberships", "user_id", {"u"})])
        runs.finish(conn, ended, owner="me", state="failed")
    waiting = begin(database, connection_id)
    with database.write() as conn:
        history.stage(conn, waiting, "memberships", members({("B", "v")}))
        runs.finish(conn, waiting, owner="me", state="held")
    history.sweep(database)
    staging = KINDS["memberships"].staging
    with database.read() as conn:
        assert list(conn.execute(sa.select(staging.c.run_id)).scalars()) == [waiting]
