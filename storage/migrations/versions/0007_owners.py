"""Owners of applications and groups, and items that several of them may decide."""

import sqlalchemy as sa
from alembic import op

import storage.database
from storage.append_only import refuse_changes

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_shares",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reviewer_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.CheckConstraint("reviewer_id <> user_id", name="ck_not_own_share"),
        sa.ForeignKeyConstraint(["item_id"], ["review_items.id"]),
        sa.PrimaryKeyConstraint("item_id", "reviewer_id"),
    )
    op.create_index("ix_review_shares_part", "review_shares", ["campaign_id", "reviewer_id"])
    op.create_table(
        "resource_owners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("owners", sa.JSON(), nullable=True),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_resource_owners_resource", "resource_owners", ["connection_id", "kind", "resource_id"]
    )
    refuse_changes(op.get_bind(), "resource_owners")
    _lists_of_owners()


def _lists_of_owners() -> None:
    """A resource of a campaign had one owner so far; it has a list of them."""
    campaigns = sa.table("review_campaigns", sa.column("id"), sa.column("owners", sa.JSON()))
    conn = op.get_bind()
    for campaign_id, owners in conn.execute(sa.select(campaigns.c.id, campaigns.c.owners)).all():
        if owners:
            listed = {
                key: [value] if isinstance(value, str) else value for key, value in owners.items()
            }
            changed = sa.update(campaigns).where(campaigns.c.id == campaign_id)
            conn.execute(changed.values(owners=listed))
