"""Access reviews: campaigns, frozen items, decisions, removals; and e-mail to send."""

import sqlalchemy as sa
from alembic import op

import storage.database
from storage.append_only import refuse_changes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


# What is appended stays as it is: the database itself refuses anything else (as in 0001).
APPEND_ONLY = (
    "review_items",
    "review_decisions",
    "review_assignments",
    "review_sign_offs",
    "review_removal_events",
)


def upgrade() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.String(), nullable=False),
        sa.Column("to_name", sa.String(), nullable=False),
        sa.Column("to_email", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("claimed_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("next_try_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("sent_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(op.f("ix_mails_campaign_id"), "mails", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_mails_connection_id"), "mails", ["connection_id"], unique=False)
    op.create_index("ix_mails_state", "mails", ["state", "next_try_at"], unique=False)
    op.create_table(
        "review_campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=True),
        sa.Column("strategy", sa.String(), nullable=False),
        sa.Column("owners", sa.JSON(), nullable=True),
        sa.Column("named_id", sa.String(), nullable=True),
        sa.Column("fallback_id", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("rest", sa.String(), nullable=False),
        sa.Column("repeat_months", sa.Integer(), nullable=True),
        sa.Column("repeat_problem", sa.String(), nullable=True),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("frozen_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=True),
        sa.Column("opened_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("closing", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["sync_runs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_review_campaigns_connection_id"),
        "review_campaigns",
        ["connection_id"],
        unique=False,
    )
    op.create_index(
        "ux_review_campaigns_series", "review_campaigns", ["series_id", "number"], unique=True
    )
    op.create_table(
        "review_items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("employment_status", sa.String(), nullable=False),
        sa.Column("okta_status", sa.String(), nullable=True),
        sa.Column("last_login_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("strength", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("privileged", sa.Boolean(), nullable=False),
        sa.Column("paths", sa.String(), nullable=False),
        sa.Column("also_lost", sa.String(), nullable=False),
        sa.Column("signals", sa.String(), nullable=False),
        sa.Column("peers_have", sa.Integer(), nullable=False),
        sa.Column("peers_total", sa.Integer(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("past", sa.String(), nullable=True),
        sa.Column("reviewer_id", sa.String(), nullable=True),
        sa.Column("routed_by", sa.String(), nullable=False),
        sa.Column("routed_why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["review_campaigns.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_review_items_key", "review_items", ["user_id", "kind", "resource_id"], unique=False
    )
    op.create_index(
        "ix_review_items_person", "review_items", ["campaign_id", "person"], unique=False
    )
    op.create_index(
        "ux_review_items_access",
        "review_items",
        ["campaign_id", "user_id", "kind", "resource_id"],
        unique=True,
    )
    op.create_table(
        "review_reminders",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["review_campaigns.id"],
        ),
        sa.PrimaryKeyConstraint("campaign_id", "reviewer_id", "occasion"),
    )
    op.create_table(
        "review_reviewers",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["review_campaigns.id"],
        ),
        sa.PrimaryKeyConstraint("campaign_id", "user_id"),
    )
    op.create_table(
        "review_sign_offs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.Column("signed_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["review_campaigns.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_review_sign_offs_campaign_id"), "review_sign_offs", ["campaign_id"], unique=False
    )
    op.create_table(
        "review_assignments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.String(), nullable=True),
        sa.Column("to_id", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("assigned_by", sa.String(), nullable=False),
        sa.Column("assigned_by_name", sa.String(), nullable=False),
        sa.Column("assigned_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["review_items.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_review_assignments_campaign_id"),
        "review_assignments",
        ["campaign_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_review_assignments_item_id"), "review_assignments", ["item_id"], unique=False
    )
    op.create_table(
        "review_decisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column(
            "takes_back", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reviewer_id", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_by_name", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("decided_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("bulk", sa.String(), nullable=True),
        sa.Column("drift", sa.String(), nullable=False),
        sa.CheckConstraint("decided_by <> user_id", name="ck_not_own_access"),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["review_items.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_review_decisions_campaign_id"), "review_decisions", ["campaign_id"], unique=False
    )
    op.create_index(
        op.f("ix_review_decisions_item_id"), "review_decisions", ["item_id"], unique=False
    )
    op.create_table(
        "review_removal_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("paths", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["review_items.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_review_removal_events_item_id"), "review_removal_events", ["item_id"], unique=False
    )
    op.create_table(
        "review_removals",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requested_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("checked_run_id", sa.Integer(), nullable=True),
        sa.Column("since", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["review_items.id"],
        ),
        sa.PrimaryKeyConstraint("item_id"),
    )
    op.create_index(
        op.f("ix_review_removals_campaign_id"), "review_removals", ["campaign_id"], unique=False
    )
    op.create_index(
        "ix_review_removals_state", "review_removals", ["connection_id", "state"], unique=False
    )
    op.create_table(
        "review_states",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("reviewer_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column(
            "decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("reviewer_id <> user_id", name="ck_not_own_item"),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["review_items.id"],
        ),
        sa.PrimaryKeyConstraint("item_id"),
    )
    op.create_index(
        "ix_review_states_part",
        "review_states",
        ["campaign_id", "reviewer_id", "state"],
        unique=False,
    )
    refuse_changes(op.get_bind(), *APPEND_ONLY)
