"""A store of the first version comes up to date with what it holds, a held run's rows included."""

from datetime import date, datetime

import sqlalchemy as sa
from alembic import command

from storage import campaigns
from storage import database as databases
from storage.database import Database, is_current, migrate
from storage.directory import KINDS
from tests.storage.conftest import NOON

TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


def test_a_held_runs_staged_rows_survive(unmigrated_url):
    database = Database(unmigrated_url)
    with database.write() as conn:
        command.upgrade(databases._alembic(conn), "0001")
        conn.execute(
            sa.text(
                "INSERT INTO staged_memberships (run_id, group_id, user_id, row_hash)"
                " VALUES (7, 'g', 'u', 'h')"
            )
        )
    assert not is_current(database)
    migrate(database)
    assert is_current(database)
    with database.read() as conn:
        rows = conn.execute(sa.text("SELECT run_id, group_id, user_id FROM staged_memberships"))
        assert [tuple(row) for row in rows] == [(7, "g", "u")]
    database.close()


def test_a_store_has_the_indexes_and_guards_that_the_tables_declare(database):
    inspected = sa.inspect(database.engine)
    for table in (about.table for about in KINDS.values()):
        found = {i["name"] for i in inspected.get_indexes(table.name)}
        assert {index.name for index in table.indexes} == found, table.name
    with database.read() as conn:
        names = set(conn.execute(sa.text(TRIGGERS[database.dialect])).scalars())
    assert {"raw_bodies_no_update", "raw_bodies_no_delete"} <= names


def insert(conn, name, **given):
    """A row with something in every column that must have a value."""
    table = sa.Table(name, sa.MetaData(), autoload_with=conn)
    some = {int: 1, str: "x", bool: False, dict: {}, datetime: NOON, date: NOON.date(), bytes: b""}
    values = {
        c.name: some.get(c.type.python_type)
        for c in table.columns
        if not c.nullable and not c.primary_key and c.name not in given
    }
    return conn.execute(sa.insert(table).values(**values, **given)).inserted_primary_key[0]


def test_who_owned_an_application_is_one_of_its_owners(unmigrated_url):
    database = Database(unmigrated_url)
    with database.write() as conn:
        command.upgrade(databases._alembic(conn), "0006")
        connection_id = insert(conn, "connections")
        for owners in ({"*": "00u1", "app:0oa1": "00u2"}, {}, None):
            insert(conn, "review_campaigns", connection_id=connection_id, owners=owners,
                   number=1, series_id=None)  # fmt: skip
    migrate(database)
    with database.read() as conn:
        found = [record.owners for record in campaigns.list_for(conn, connection_id)]
    assert found == [None, {}, {"*": ["00u1"], "app:0oa1": ["00u2"]}]
    database.close()
