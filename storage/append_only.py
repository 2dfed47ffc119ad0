"""What is appended stays as it is: the database itself refuses to change it. For migrations."""

from sqlalchemy import text
from sqlalchemy.engine import Connection


def make_guard(conn: Connection) -> None:
    """What PostgreSQL's triggers call; SQLite's say it themselves."""
    if conn.dialect.name == "postgresql":
        conn.execute(
            text(
                "CREATE FUNCTION countersign_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
            )
        )


def refuse_changes(conn: Connection, *tables: str) -> None:
    """Let nobody update or delete a row of these tables from now on."""
    for table in tables:
        if conn.dialect.name == "postgresql":
            conn.execute(
                text(
                    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION countersign_append_only()"
                )
            )
            continue
        for change in ("UPDATE", "DELETE"):
            conn.execute(
                text(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            )
