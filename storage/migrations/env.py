"""Alembic's entry: the connection comes from storage.database.migrate()."""

from alembic import context

from storage import ledgers, review_tables, roles, sessions  # noqa: F401 - they declare their tables
from storage.directory import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
