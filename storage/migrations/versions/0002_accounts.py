"""Who may come in: sign-in attempts, sessions, roles, and the switch of each connection."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.database
from storage.append_only import refuse_changes

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, storage.database.UtcTime(timezone=True), nullable=nullable)


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(), nullable=nullable) for name in names]


def upgrade() -> None:
    op.add_column(
        "connections",
        sa.Column("sign_in", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        *_texts("state_hash", "browser_hash"),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        *_texts("nonce", "redirect_uri", "next"),
        *_texts("verifier_sealed", nullable=True),
        _time("created_at"),
        _time("expires_at"),
        _time("used_at", nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("state_hash"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        *_texts("token_hash", "kind"),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        *_texts("okta_user_id", "login", "email", "name"),
        *_texts("id_token_sealed", nullable=True),
        *_texts("address", "browser"),
        _time("started_at"),
        _time("seen_at"),
        _time("expires_at"),
        _time("ended_at", nullable=True),
        *_texts("ended_because", nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_sessions_okta_user_id", "sessions", ["okta_user_id"], unique=False)
    op.create_table(
        "role_grants",
        sa.Column("id", sa.Integer(), nullable=False),
        *_texts("role"),
        *_texts("okta_user_id", "email", nullable=True),
        *_texts("name"),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("as_of_limit", sa.Date(), nullable=True),
        *_texts("reason", "author"),
        _time("created_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("email", "okta_user_id"):
        op.create_index(f"ix_role_grants_{column}", "role_grants", [column], unique=False)
    refuse_changes(op.get_bind(), "role_grants")
