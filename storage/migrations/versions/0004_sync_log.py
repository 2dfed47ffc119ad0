"""How a run was asked for and read, and its place in Okta's system log; what it compared."""

import sqlalchemy as sa
from alembic import op

KINDS = (
    "admin_roles",
    "app_groups",
    "app_users",
    "apps",
    "factor_reads",
    "factors",
    "group_rules",
    "groups",
    "memberships",
    "org_settings",
    "users",
)
revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sync_runs", sa.Column("asked_mode", sa.String(), nullable=True))
    op.add_column("sync_runs", sa.Column("mode_reason", sa.String(), nullable=True))
    op.add_column("sync_runs", sa.Column("based_on", sa.Integer(), nullable=True))
    op.add_column("sync_runs", sa.Column("log", sa.JSON(), nullable=True))
    op.create_table(
        "staged_compared",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first", sa.String(), nullable=False),
        sa.Column("second", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "kind", "first", "second"),
    )
    for kind in KINDS:
        op.drop_index(f"ix_{kind}_time", kind)
        op.drop_index(f"ix_{kind}_run_closed", kind)
        closed = sa.text("run_closed IS NOT NULL")
        op.create_index(
            f"ix_{kind}_run_closed",
            kind,
            ["run_closed"],
            sqlite_where=closed,
            postgresql_where=closed,
        )
    _bodies_may_be_emptied()
    if op.get_bind().dialect.name == "sqlite":
        for kind in ("memberships", "app_users"):
            _without_rowid(f"staged_{kind}")


def _bodies_may_be_emptied() -> None:
    """A raw body may become that of nothing, and again what its hash says; nothing else."""
    nothing = "789c030000000001"
    if op.get_bind().dialect.name == "postgresql":
        allowed = (
            "NEW.sha256 = OLD.sha256 AND NEW.size = OLD.size "
            f"AND ('\\x{nothing}'::bytea IN (NEW.body, OLD.body))"
        )
        op.execute("DROP TRIGGER raw_bodies_append_only ON raw_bodies")
        for change, when in (("UPDATE", f"WHEN (NOT ({allowed})) "), ("DELETE", "")):
            op.execute(
                f"CREATE TRIGGER raw_bodies_no_{change.lower()} BEFORE {change} ON raw_bodies "
                f"FOR EACH ROW {when}EXECUTE FUNCTION countersign_append_only()"
            )
        return
    op.execute("DROP TRIGGER raw_bodies_no_update")
    op.execute(
        "CREATE TRIGGER raw_bodies_no_update BEFORE UPDATE ON raw_bodies "
        "WHEN NOT (NEW.sha256 = OLD.sha256 AND NEW.size = OLD.size "
        f"AND (NEW.body = x'{nothing}' OR OLD.body = x'{nothing}')) "
        "BEGIN SELECT RAISE(ABORT, 'raw_bodies is append-only'); END"
    )


def _without_rowid(table: str) -> None:
    """Make a staging table anew, with the rows of a run that may be held."""
    conn = op.get_bind()
    made = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"
    sql = conn.execute(sa.text(made), {"name": table}).scalar_one()
    op.rename_table(table, f"{table}_before")
    conn.exec_driver_sql(f"{sql} WITHOUT ROWID")
    conn.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM {table}_before")
    op.drop_table(f"{table}_before")
