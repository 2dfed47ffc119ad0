"""Publishing: what is current afterwards, what any moment shows, and what must never change."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import audit_log, history, runs, snapshots
from storage.directory import KINDS
from storage.errors import Conflict
from tests.storage.conftest import NOON, row

MEMBERS = st.sets(st.tuples(st.sampled_from("ABC"), st.sampled_from("uvwxyz")))


def members(pairs):
    return [row("memberships", group_id=g, user_id=u) for g, u in pairs]


def current(database, connection_id, at=None):
    frame = snapshots.frame(database, connection_id, "memberships", at)
    return set(zip(frame["group_id"], frame["user_id"], strict=True))


@settings(max_examples=12)
@given(states=st.lists(MEMBERS, min_size=1, max_size=4))
def test_every_moment_shows_what_was_published_then(database, connection_id, publish, states):
    moments = [publish({"memberships": members(state)}).published_at for state in states]
    assert moments == sorted(set(moments))
    for moment, state in zip(moments, states, strict=True):
        assert current(database, connection_id, moment) == state
    assert current(database, connection_id) == states[-1]


def test_an_unchanged_row_stays_one_row(database, connection_id, publish):
    for _ in range(3):
        publish({"groups": [row("groups", group_id="g", name="Same")]})
    table = KINDS["groups"].table
    with database.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 1


def test_a_changed_row_is_closed_and_opened_at_the_same_moment(database, connection_id, publish):
    publish({"groups": [row("groups", group_id="g", name="Old")]})
    run = publish({"groups": [row("groups", group_id="g", name="New")]})
    assert run.changes == {"opened": {"groups": 1}, "closed": {"groups": 1}}
    changes = history.changes_of(database, run.id, "groups")
    assert set(zip(changes["change"], changes["name"], strict=True)) == {
        ("closed", "Old"),
        ("opened", "New"),
    }


def test_kinds_that_were_not_read_stay_as_they_are(database, connection_id, publish):
    publish({"memberships": members({("A", "u")}), "groups": [row("groups", group_id="A")]})
    publish({"groups": []})
    assert current(database, connection_id) == {("A", "u")}
    assert snapshots.count(database, connection_id, "groups") == 0


def test_kept_rows_stay_unless_staged(database, connection_id, publish):
    publish({"memberships": members({("A", "u"), ("A", "v"), ("B", "w")})})
    kept = (history.Keep("memberships", "user_id", {"u"}),)
    publish({"memberships": members({("B", "w")})}, keep=kept)
    assert current(database, connection_id) == {("A", "u"), ("B", "w")}


def test_the_last_staged_row_for_a_key_wins(database, connection_id, publish):
    publish({"groups": [row("groups", group_id="g", name=n) for n in ("first", "last")]})
    assert list(snapshots.frame(database, connection_id, "groups")["name"]) == ["last"]


def test_a_clock_that_goes_back_does_not_reorder_publishes(database, connection_id, publish):
    first = publish({"groups": []}, now=NOON)
    second = publish({"groups": []}, now=NOON - timedelta(hours=1))
    assert second.published_at > first.published_at


def test_a_run_taken_over_cannot_be_published_by_its_old_owner(database, connection_id):
    run, _ = runs.start(
        database, connection_id=connection_id, mode="full", scope={}, started_by="t",
        owner="old", now=NOON,
    )  # fmt: skip
    with database.write() as conn:
        history.stage(conn, run.id, "groups", [row("groups", group_id="g")])
    assert runs.take_over(database, run.id, owner="new", seen_owner="old", now=NOON)
    audit = {"actor": "t", "action": "a", "subject": "s", "detail": {}}
    with pytest.raises(Conflict):
        history.publish(
            database,
            run.id,
            owner="old",
            kinds=["groups"],
            clock=lambda: NOON,
            run_fields={},
            audit=audit,
        )
    assert snapshots.count(database, connection_id, "groups") == 0
    history.publish(
        database,
        run.id,
        owner="new",
        kinds=["groups"],
        clock=lambda: NOON,
        run_fields={},
        audit=audit,
    )
    assert snapshots.count(database, connection_id, "groups") == 1


def test_frames_have_types_even_when_empty(database, connection_id, publish):
    publish({"users": []})
    empty = snapshots.frame(database, connection_id, "users")
    publish({"users": [row("users", user_id="u", created_at=NOON)]})
    full = snapshots.frame(database, connection_id, "users")
    assert str(empty["created_at"].dtype) == str(full["created_at"].dtype) == "datetime64[us, UTC]"
    assert full["created_at"][0] == NOON
    assert full["last_login_at"].isna().all()


def test_what_belongs_to_a_publish_sees_its_rows_and_becomes_visible_with_them_or_not_at_all(
    database, connection_id
):
    def begun():
        run, _ = runs.start(
            database, connection_id=connection_id, mode="full", scope={}, started_by="t",
            owner="me", now=NOON,
        )  # fmt: skip
        with database.write() as conn:
            history.stage(conn, run.id, "groups", [row("groups", group_id="g")])
        return run.id

    def publish(run_id, then):
        history.publish(
            database, run_id, owner="me", kinds=["groups"], clock=lambda: NOON, run_fields={},
            then=then,
            audit={"actor": "t", "action": "sync.published", "subject": "run", "detail": {}},
        )  # fmt: skip

    seen = []

    def look(inside):
        seen.append((snapshots.count(inside, connection_id, "groups"),
                     snapshots.count(database, connection_id, "groups")))  # fmt: skip
        with inside.write() as conn:
            audit_log.append(conn, actor="t", action="said", subject="s", detail={}, at=NOON)

    def fail(inside):
        look(inside)
        raise RuntimeError

    run_id = begun()
    with pytest.raises(RuntimeError):
        publish(run_id, fail)
    assert runs.latest_published(database, connection_id) is None
    publish(run_id, look)
    assert seen == [(1, 0), (1, 0)]
    with database.read() as conn:
        assert [e["action"] for e in audit_log.events(conn, limit=9)] == ["sync.published", "said"]
