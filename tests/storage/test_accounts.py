"""Sessions, sign-in attempts and role grants, on both databases."""

import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from storage import connections, roles, sessions
from storage.database import Database, _alembic, migrate
from storage.directory import METADATA
from tests.storage.conftest import NOON, row

TOKEN = "a-random-id-of-a-session"


def begin(database, connection_id, *, state="state", browser="browser"):
    with database.write() as conn:
        return sessions.begin_attempt(
            conn, state=state, browser=browser, now=NOON, connection_id=connection_id, nonce="n",
            verifier_sealed="v", redirect_uri="http://127.0.0.1/callback", next="/",
            expires_at=NOON + timedelta(minutes=10),
        )  # fmt: skip


def use(database, *, state="state", browser="browser", after=timedelta()):
    with database.write() as conn:
        return sessions.use_attempt(conn, state=state, browser=browser, now=NOON + after)


def open_session(database, connection_id, *, token=TOKEN, user="00u1"):
    with database.write() as conn:
        return sessions.start(
            conn, token=token, now=NOON, kind="okta", connection_id=connection_id,
            okta_user_id=user, login="ana@acme.com", email="ana@acme.com", name="Ana",
            id_token_sealed="sealed", address="127.0.0.1", browser="Chromium",
            expires_at=NOON + timedelta(hours=12),
        )  # fmt: skip


def grant(database, role="auditor", *, user="00u1", email="ana@acme.com", **more):
    values = {"given": True, "ends_on": None, "as_of_limit": None, **more}
    with database.write() as conn:
        return roles.add(
            conn, role=role, okta_user_id=user, email=email, name="Ana", reason="r", author="me",
            created_at=NOON, **values,
        )  # fmt: skip


def test_the_migrations_make_what_the_models_say(database):
    with database.read() as conn:
        differences = compare_metadata(MigrationContext.configure(conn), METADATA)
    assert differences == []


def test_a_store_of_the_first_version_is_brought_up_with_sign_in_off(unmigrated_url):
    old = Database(unmigrated_url)
    with old.write() as conn:
        command.upgrade(_alembic(conn), "0001")
        conn.exec_driver_sql(
            "INSERT INTO connections (organization, host, access_reviews, demo, state, created_at)"
            " VALUES ('https://acme.okta.com', 'acme.okta.com', '0', '0', 'connected',"
            " '2026-11-24 12:00:00')"
        )
    migrate(old)
    with old.read() as conn:
        [record] = connections.list_all(conn)
    assert (record.host, record.sign_in) == ("acme.okta.com", False)
    old.close()


def test_an_attempt_is_used_once_and_by_its_own_browser_only(database, connection_id):
    begin(database, connection_id)
    assert use(database, state="another") == (None, "unknown")
    assert use(database, browser="another") == (None, "other_browser")
    found, wrong = use(database)
    assert (found.nonce, wrong) == ("n", "")
    assert use(database) == (None, "used")


def test_an_attempt_expires(database, connection_id):
    begin(database, connection_id)
    assert use(database, after=timedelta(minutes=10)) == (None, "expired")
    assert use(database) == (None, "used")


def test_of_many_who_answer_at_once_one_gets_in(database, connection_id):
    begin(database, connection_id)
    said, barrier = [], threading.Barrier(6)

    def go():
        barrier.wait()
        said.append(use(database)[1])

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["", *["used"] * 5]


def test_attempts_of_long_ago_are_forgotten(database, connection_id):
    begin(database, connection_id)
    with database.write() as conn:
        sessions.begin_attempt(
            conn, state="later", browser="b", now=NOON + timedelta(days=2), nonce="n",
            connection_id=connection_id, verifier_sealed="v", redirect_uri="r", next="/",
            expires_at=NOON + timedelta(days=2, minutes=10),
        )  # fmt: skip
        assert conn.execute(sa.select(sa.func.count()).select_from(sessions.ATTEMPTS)).scalar() == 1


def test_no_secret_of_a_session_or_an_attempt_is_stored_in_clear(database, connection_id):
    begin(database, connection_id, state="state-in-clear", browser="browser-in-clear")
    open_session(database, connection_id)
    with database.read() as conn:
        for table in (sessions.ATTEMPTS, sessions.SESSIONS):
            text = str(conn.execute(sa.select(table)).all())
            assert "in-clear" not in text
            assert TOKEN not in text


def test_a_session_is_found_by_its_random_id_only(database, connection_id):
    session_id = open_session(database, connection_id)
    with database.read() as conn:
        found = sessions.by_token(conn, TOKEN)
        assert (found.id, found.name, found.ended_at) == (session_id, "Ana", None)
        assert sessions.by_token(conn, sessions.hashed(TOKEN)) is None
        assert sessions.by_token(conn, "another installation's") is None


def test_an_ended_session_stays_ended_and_forgets_the_id_token(database, connection_id):
    session_id = open_session(database, connection_id)
    ours = sessions.SESSIONS.c.id == session_id
    with database.write() as conn:
        ended = sessions.end(conn, ours, because="signed out", now=NOON)
        assert [s.id for s in ended] == [session_id]
        assert sessions.end(conn, ours, because="again", now=NOON) == []
        sessions.seen(conn, session_id, now=NOON + timedelta(hours=1))
    with database.read() as conn:
        found = sessions.get(conn, session_id)
    assert (found.ended_because, found.seen_at, found.id_token_sealed) == ("signed out", NOON, None)


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ({"status": "ACTIVE"}, False),
        ({"status": "LOCKED_OUT"}, False),
        ({"status": "DEPROVISIONED"}, True),
        ({"status": "SUSPENDED"}, True),
        ({"status": "ACTIVE", "presence": "deleted"}, True),
        ({"status": "ACTIVE", "presence": "left_group"}, False),
    ],
)
def test_leavers_lose_their_sessions(database, connection_id, publish, values, ends):
    open_session(database, connection_id)
    open_session(database, connection_id, token="other", user="00u2")
    publish({"users": [row("users", user_id="00u1", **values)]})
    with database.write() as conn:
        ended = sessions.end_of_leavers(conn, connection_id, because="deactivated", now=NOON)
    assert [s.okta_user_id for s in ended] == (["00u1"] if ends else [])


def test_the_newest_word_on_a_role_counts(database):
    grant(database)
    grant(database, given=False)
    grant(database, "analyst")
    with database.read() as conn:
        said = {g.role: g.given for g in roles.newest(conn)}
        assert said == {"auditor": False, "analyst": True}
        mine = roles.newest_of(conn, okta_user_id="00u1", email=None)
        assert {g.role: g.given for g in mine} == said


def test_an_email_names_only_who_has_no_okta_id_yet(database):
    grant(database, "analyst", user=None)
    grant(database, "auditor", user="00u9")
    with database.read() as conn:
        by_email = roles.newest_of(conn, okta_user_id="00u1", email="ana@acme.com")
        assert [g.role for g in by_email] == ["analyst"]
        assert roles.newest_of(conn, okta_user_id="00u1", email=None) == []


def test_a_grant_ends_with_its_last_day(database):
    grant(database, ends_on=date(2026, 11, 24))
    with database.read() as conn:
        [said] = roles.newest(conn)
    assert said.in_force(date(2026, 11, 24))
    assert not said.in_force(date(2026, 11, 25))


def test_living_accounts_are_found_however_their_email_is_written(database, publish):
    publish(
        {
            "users": [
                row("users", user_id="00u1", email="Sam@acme.com", status="ACTIVE"),
                row("users", user_id="00u2", email="sam@ACME.com ", status="ACTIVE"),
                row("users", user_id="00u3", email="sam@acme.com", status="DEPROVISIONED"),
            ]
        }
    )
    with database.read() as conn:
        found = roles.accounts(conn, email="sam@acme.com")
        assert {account.okta_user_id for account in found} == {"00u1", "00u2"}
        assert [a.email for a in roles.accounts(conn, okta_user_id="00u1")] == ["Sam@acme.com"]
        assert roles.accounts(conn, okta_user_id="00u3") == []


@pytest.mark.parametrize(
    "change", ["UPDATE role_grants SET given = NULL", "DELETE FROM role_grants"]
)
def test_the_database_refuses_to_change_a_word_on_a_role(database, change):
    grant(database)
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), database.write() as conn:
        conn.exec_driver_sql(change)
