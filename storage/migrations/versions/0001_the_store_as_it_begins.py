"""The store as it begins."""

import sqlalchemy as sa
from alembic import op

import storage.database
from storage.append_only import make_guard, refuse_changes

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# What is appended stays as it is: the database itself refuses anything else.
APPEND_ONLY = (
    "overrides",
    "exclusions",
    "results",
    "raw_bodies",
    "raw_pages",
    "audit_events",
)


def upgrade() -> None:
    op.create_table(
        "admin_roles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("valid_to", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("run_opened", sa.Integer(), nullable=False),
        sa.Column("run_closed", sa.Integer(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.Column("principal_type", sa.String(), nullable=False),
        sa.Column("principal_id", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("role_type", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("assignment_type", sa.String(), nullable=True),
        sa.Column("resource_set", sa.String(), nullable=True),
        sa.Column("custom_role_id", sa.String(), nullable=True),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_admin_roles_run_closed", "admin_roles", ["run_closed"], unique=False)
    op.create_index("ix_admin_roles_run_opened", "admin_roles", ["run_opened"], unique=False)
    op.create_index(
        "ix_admin_roles_time",
        "admin_roles",
        ["connection_id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "ux_admin_roles_current",
        "admin_roles",
        ["connection_id", "principal_type", "principal_id", "assignment_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "app_groups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("valid_to", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("run_opened", sa.Integer(), nullable=False),
        sa.Column("run_closed", sa.Integer(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.Column("app_id", sa.String(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_app_groups_run_closed", "app_groups", ["run_closed"], unique=False)
    op.create_index("ix_app_groups_run_opened", "app_groups", ["run_opened"], unique=False)
    op.create_index(
        "ix_app_groups_time",
        "app_groups",
        ["connection_id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "ux_app_groups_current",
        "app_groups",
        ["connection_id", "app_id", "group_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "app_users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("valid_to", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("run_opened", sa.Integer(), nullable=False),
        sa.Column("run_closed", sa.Integer(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.Column("app_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("username", sa.String(), nullable=True),
        sa.Column("via_group_id", sa.String(), nullable=True),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_app_users_run_closed", "app_users", ["run_closed"], unique=False)
    op.create_index("ix_app_users_run_opened", "app_users", ["run_opened"], unique=False)
    op.create_index(
        "ix_app_users_time", "app_users", ["connection_id", "valid_from", "valid_to"], unique=False
    )
    op.create_index("ix_app_users_user", "app_users", ["connection_id", "user_id"], unique=False)
    op.create_index(
        "ux_app_users_current",
        "app_users",
        ["connection_id", "app_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "apps",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("valid_to", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("run_opened", sa.Integer(), nullable=False),
        sa.Column("run_closed", sa.Integer(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.Column("app_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("sign_on_mode", sa.String(), nullable=True),
        sa.Column("features", sa.String(), nullable=False),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_apps_run_closed", "apps", ["run_closed"], unique=False)
    op.create_index("ix_apps_run_opened", "apps", ["run_opened"], unique=False)
    op.create_index(
        "ix_apps_time", "apps", ["connection_id", "valid_from", "valid_to"], unique=False
    )
    op.create_index(
        "ux_apps_current",
        "apps",
        ["connection_id", "app_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "audit_events",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "connections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("org_id", sa.String(), nullable=True),
        sa.Column("custom_domain", sa.String(), nullable=True),
        sa.Column("group_label", sa.String(), nullable=True),
        sa.Column("group_id", sa.String(), nullable=True),
        sa.Column("email_domains", sa.JSON(), nullable=True),
        sa.Column("client_id", sa.String(), nullable=True),
        sa.Column("api_key_sealed", sa.String(), nullable=True),
        sa.Column("client_secret_sealed", sa.String(), nullable=True),
        sa.Column("access_reviews", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("key_owner_id", sa.String(), nullable=True),
        sa.Column("key_owner_login", sa.String(), nullable=True),
        sa.Column("key_set_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("preflight", sa.JSON(), nullable=True),
        sa.Column("preflight_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_connections_host"), "connections", ["host"], unique=False)
    op.create_table(
        "factor_reads",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("valid_to", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("run_opened", sa.Integer(), nullable=False),
        sa.Column("run_closed", sa.Integer(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_factor_reads_run_closed", "factor_reads", ["run_closed"], unique=False)
    op.create_index("ix_factor_reads_run_opened", "factor_reads", ["run_opened"], unique=False)
    op.create_index(
        "ix_factor_reads_time",
        "factor_reads",
        ["connection_id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "ix_factor_reads_user", "factor_reads", ["connection_id", "user_id"], unique=False
    )
    op.create_index(
        "ux_factor_reads_current",
        "factor_reads",
        ["connection_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "factors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("valid_to", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("run_opened", sa.Integer(), nullable=False),
        sa.Column("run_closed", sa.Integer(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("factor_id", sa.String(), nullable=False),
        sa.Column("factor_type", sa.String(), nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("vendor", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_factors_run_closed", "factors", ["run_closed"], unique=False)
    op.create_index("ix_factors_run_opened", "factors", ["run_opened"], unique=False)
    op.create_index(
        "ix_factors_time", "factors", ["connection_id", "valid_from", "valid_to"], unique=False
    )
    op.create_index("ix_factors_user", "factors", ["connection_id", "user_id"], unique=False)
    op.create_index(
        "ux_factors_current",
        "factors",
        ["connection_id", "user_id", "factor_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "group_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("valid_to", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("run_opened", sa.Integer(), nullable=False),
        sa.Column("run_closed", sa.Integer(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("expression", sa.String(), nullable=True),
        sa.Column("group_ids", sa.String(), nullable=False),
        sa.Column("excluded_user_ids", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_group_rules_run_closed", "group_rules", ["run_closed"], unique=False)
    op.create_index("ix_group_rules_run_opened", "group_rules", ["run_opened"], unique=False)
    op.create_index(
        "ix_group_rules_time",
        "group_rules",
        ["connection_id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "ux_group_rules_current",
        "group_rules",
        ["connection_id", "rule_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("valid_to", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("run_opened", sa.Integer(), nullable=False),
        sa.Column("run_closed", sa.Integer(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=True),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column(
            "last_membership_updated_at", storage.database.UtcTime(timezone=True), nullable=True
        ),
        sa.Column("users_count", sa.Integer(), nullable=True),
        sa.Column("apps_count", sa.Integer(), nullable=True),
        sa.Column("has_admin_privilege", sa.Boolean(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_groups_run_closed", "groups", ["run_closed"], unique=False)
    op.create_index("ix_groups_run_opened", "groups", ["run_opened"], unique=False)
    op.create_index(
        "ix_groups_time", "groups", ["connection_id", "valid_from", "valid_to"], unique=False
    )
    op.create_index(
        "ux_groups_current",
        "groups",
        ["connection_id", "group_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "memberships",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("valid_to", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("run_opened", sa.Integer(), nullable=False),
        sa.Column("run_closed", sa.Integer(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_memberships_run_closed", "memberships", ["run_closed"], unique=False)
    op.create_index("ix_memberships_run_opened", "memberships", ["run_opened"], unique=False)
    op.create_index(
        "ix_memberships_time",
        "memberships",
        ["connection_id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "ix_memberships_user", "memberships", ["connection_id", "user_id"], unique=False
    )
    op.create_index(
        "ux_memberships_current",
        "memberships",
        ["connection_id", "group_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "org_settings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("valid_to", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("run_opened", sa.Integer(), nullable=False),
        sa.Column("run_closed", sa.Integer(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("setting_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_org_settings_run_closed", "org_settings", ["run_closed"], unique=False)
    op.create_index("ix_org_settings_run_opened", "org_settings", ["run_opened"], unique=False)
    op.create_index(
        "ix_org_settings_time",
        "org_settings",
        ["connection_id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "ux_org_settings_current",
        "org_settings",
        ["connection_id", "category", "setting_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "raw_bodies",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "staged_admin_roles",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("principal_type", sa.String(), nullable=False),
        sa.Column("principal_id", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("role_type", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("assignment_type", sa.String(), nullable=True),
        sa.Column("resource_set", sa.String(), nullable=True),
        sa.Column("custom_role_id", sa.String(), nullable=True),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "principal_type", "principal_id", "assignment_id"),
    )
    op.create_table(
        "staged_app_groups",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.String(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "app_id", "group_id"),
    )
    op.create_table(
        "staged_app_users",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("username", sa.String(), nullable=True),
        sa.Column("via_group_id", sa.String(), nullable=True),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "app_id", "user_id"),
    )
    op.create_table(
        "staged_apps",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("sign_on_mode", sa.String(), nullable=True),
        sa.Column("features", sa.String(), nullable=True),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "app_id"),
    )
    op.create_table(
        "staged_factor_reads",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "user_id"),
    )
    op.create_table(
        "staged_factors",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("factor_id", sa.String(), nullable=False),
        sa.Column("factor_type", sa.String(), nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("vendor", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "user_id", "factor_id"),
    )
    op.create_table(
        "staged_group_rules",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("expression", sa.String(), nullable=True),
        sa.Column("group_ids", sa.String(), nullable=True),
        sa.Column("excluded_user_ids", sa.String(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "rule_id"),
    )
    op.create_table(
        "staged_groups",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=True),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column(
            "last_membership_updated_at", storage.database.UtcTime(timezone=True), nullable=True
        ),
        sa.Column("users_count", sa.Integer(), nullable=True),
        sa.Column("apps_count", sa.Integer(), nullable=True),
        sa.Column("has_admin_privilege", sa.Boolean(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "group_id"),
    )
    op.create_table(
        "staged_kept",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("column", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "kind", "column", "value"),
    )
    op.create_table(
        "staged_memberships",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "group_id", "user_id"),
    )
    op.create_table(
        "staged_org_settings",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("setting_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "category", "setting_id"),
    )
    op.create_table(
        "staged_users",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("second_email", sa.String(), nullable=True),
        sa.Column("first_name", sa.String(), nullable=True),
        sa.Column("last_name", sa.String(), nullable=True),
        sa.Column("display_name", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("transitioning_to", sa.String(), nullable=True),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("activated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("status_changed_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_login_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("password_changed_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("user_type_id", sa.String(), nullable=True),
        sa.Column("user_type", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("manager", sa.String(), nullable=True),
        sa.Column("manager_id", sa.String(), nullable=True),
        sa.Column("employee_number", sa.String(), nullable=True),
        sa.Column("division", sa.String(), nullable=True),
        sa.Column("credential_provider", sa.String(), nullable=True),
        sa.Column("drata_start_date", sa.String(), nullable=True),
        sa.Column("drata_contractor", sa.String(), nullable=True),
        sa.Column("profile", sa.String(), nullable=True),
        sa.Column("presence", sa.String(), nullable=True),
        sa.Column("absent_since", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("deactivated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "user_id"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("valid_to", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("run_opened", sa.Integer(), nullable=False),
        sa.Column("run_closed", sa.Integer(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("second_email", sa.String(), nullable=True),
        sa.Column("first_name", sa.String(), nullable=True),
        sa.Column("last_name", sa.String(), nullable=True),
        sa.Column("display_name", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("transitioning_to", sa.String(), nullable=True),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("activated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("status_changed_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_login_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("last_updated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("password_changed_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("user_type_id", sa.String(), nullable=True),
        sa.Column("user_type", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("manager", sa.String(), nullable=True),
        sa.Column("manager_id", sa.String(), nullable=True),
        sa.Column("employee_number", sa.String(), nullable=True),
        sa.Column("division", sa.String(), nullable=True),
        sa.Column("credential_provider", sa.String(), nullable=True),
        sa.Column("drata_start_date", sa.String(), nullable=True),
        sa.Column("drata_contractor", sa.String(), nullable=True),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("presence", sa.String(), nullable=False),
        sa.Column("absent_since", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("deactivated_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_users_run_closed", "users", ["run_closed"], unique=False)
    op.create_index("ix_users_run_opened", "users", ["run_opened"], unique=False)
    op.create_index(
        "ix_users_time", "users", ["connection_id", "valid_from", "valid_to"], unique=False
    )
    op.create_index("ix_users_user", "users", ["connection_id", "user_id"], unique=False)
    op.create_index(
        "ux_users_current",
        "users",
        ["connection_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "exclusions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("control_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_exclusions_connection_id"), "exclusions", ["connection_id"], unique=False
    )
    op.create_table(
        "overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_overrides_connection_id"), "overrides", ["connection_id"], unique=False
    )
    op.create_index(
        "ix_overrides_person", "overrides", ["connection_id", "user_id", "field"], unique=False
    )
    op.create_table(
        "sync_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("started_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("finished_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("published_at", storage.database.UtcTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=True),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("rate_limit_wait_seconds", sa.Float(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=True),
        sa.Column("not_read", sa.JSON(), nullable=True),
        sa.Column("set_aside", sa.JSON(), nullable=True),
        sa.Column("held", sa.JSON(), nullable=True),
        sa.Column("certificate", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("progress", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sync_runs_connection", "sync_runs", ["connection_id", "id"], unique=False)
    op.create_index(
        "ux_sync_runs_running",
        "sync_runs",
        ["connection_id"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "raw_pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("fetched_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("body_sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_sha256"],
            ["raw_bodies.sha256"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["sync_runs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_raw_pages_run_id"), "raw_pages", ["run_id"], unique=False)
    op.create_table(
        "results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("control_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("as_of", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("evaluated_at", storage.database.UtcTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("in_scope", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("excluded", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=True),
        sa.Column("findings", sa.LargeBinary(), nullable=False),
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
    op.create_index(op.f("ix_results_connection_id"), "results", ["connection_id"], unique=False)
    op.create_index(
        "ix_results_control", "results", ["connection_id", "control_id", "id"], unique=False
    )
    make_guard(op.get_bind())
    refuse_changes(op.get_bind(), *APPEND_ONLY)
