"""Of each review campaign what it could not look at, and why it was opened all the same."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("review_campaigns", sa.Column("unread", sa.JSON(), nullable=True))
    op.add_column("review_campaigns", sa.Column("unread_reason", sa.String(), nullable=True))
