"""Of each raw page the hash of the body as received, and the rule by which it was blanked."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("raw_pages", sa.Column("received_sha256", sa.String(), nullable=True))
    op.add_column("raw_pages", sa.Column("rule", sa.String(), nullable=True))
