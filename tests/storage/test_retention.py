"""What retention lets go of, what it must keep, and that nothing else can change a raw body."""

import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage import raw_pages, retention, runs
from storage.ledgers import RAW_BODIES, RUNS
from storage.raw_pages import RawPage
from tests.storage.conftest import NOON

OLD, CUT = NOON - timedelta(days=40), NOON - timedelta(days=30)


def page(body, at=OLD):
    return RawPage("users", f"https://acme/{body}", 200, "r", at, {}, 1, body.encode())


def sha(body):
    return hashlib.sha256(body.encode()).hexdigest()


@pytest.fixture
def ended(database, connection_id):
    """A run in a state, with pages of these bodies."""

    def go(*bodies, state="published", based_on=None, at=OLD):
        run, _ = runs.start(
            database, connection_id=connection_id, mode="full", scope={}, started_by="t",
            owner="me", now=at,
        )  # fmt: skip
        with database.write() as conn:
            raw_pages.add_many(conn, run.id, [page(body, at) for body in bodies])
            change = sa.update(RUNS).where(RUNS.c.id == run.id)
            conn.execute(change.values(state=state, based_on=based_on))
        return run.id

    return go


def let_go(database):
    with database.write() as conn:
        return retention.empty_bodies(conn, before=CUT, needed=retention.needed_runs(conn))


def bodies(database, *names):
    with database.read() as conn:
        return [raw_pages.body(conn, sha(name)) for name in names]


def test_old_bodies_go_and_their_ledger_stays(database, ended):
    first = ended("old", "shared")
    ended("new", "shared", at=NOON)
    assert let_go(database) == (1, 3)
    assert bodies(database, "old", "shared", "new") == [None, b"shared", b"new"]
    with database.read() as conn:
        assert [p["body_sha256"] for p in raw_pages.list_for(conn, first)] == [
            sha("old"), sha("shared"),
        ]  # fmt: skip
    assert let_go(database) == (0, 0)


def test_what_the_newest_published_run_stands_on_stays(database, ended):
    ended("forgotten")
    full = ended("full")
    middle = ended("middle", based_on=full)
    ended("failed", state="failed")
    ended("newest", based_on=middle)
    assert let_go(database) == (2, len("forgottenfailed"))
    assert bodies(database, "full", "middle", "newest") == [b"full", b"middle", b"newest"]


def test_what_a_held_run_has_read_stays(database, ended):
    ended("published")
    ended("held", state="held")
    assert let_go(database) == (0, 0)


def test_a_body_that_okta_says_again_is_filled_again(database, ended):
    ended("again")
    ended("newest")
    assert let_go(database)[0] == 1
    ended("again", at=NOON)
    assert bodies(database, "again") == [b"again"]


def test_a_body_cannot_become_another(database, ended):
    ended("true")
    change = sa.update(RAW_BODIES).where(RAW_BODIES.c.sha256 == sha("true"))
    for values in ({"body": b"false"}, {"size": 9}, {"body": retention.EMPTIED, "size": 9}):
        with pytest.raises(sa.exc.DatabaseError), database.write() as conn:
            conn.execute(change.values(**values))
    with pytest.raises(sa.exc.DatabaseError), database.write() as conn:
        conn.execute(sa.delete(RAW_BODIES))
    assert bodies(database, "true") == [b"true"]
