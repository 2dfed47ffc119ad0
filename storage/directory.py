"""The directory as Okta had it: one table a kind, each row with the time in which it was true.

Current means valid_to is null; as of t means valid_from <= t < valid_to. A row is closed once and
never changed otherwise. Each kind has a staging twin that a run fills before it publishes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from storage.database import UtcTime

# SQLAlchemy would shorten constraint names differently on the two databases.
METADATA = sa.MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})


class Base(SQLModel, registry=registry(metadata=METADATA)):
    """A registry of our own: Streamlit's hot reload breaks tables in SQLModel's global one."""

    metadata: ClassVar[sa.MetaData] = METADATA


def time(*, null: bool = True, **kwargs: Any) -> Any:
    """A column of aware UTC times."""
    return Field(default=None if null else ..., sa_type=UtcTime, nullable=null, **kwargs)


class Version(Base):
    """What every directory row carries beside its columns."""

    id: int | None = Field(
        default=None, primary_key=True, sa_type=sa.BigInteger().with_variant(sa.Integer, "sqlite")
    )
    connection_id: int
    valid_from: datetime = time(null=False)
    valid_to: datetime | None = time()
    run_opened: int
    run_closed: int | None = None
    row_hash: str


class User(Version, table=True):
    """A user of any status. Who vanishes keeps a row, with presence and absent_since."""

    __tablename__ = "users"
    user_id: str
    login: str | None
    email: str | None
    second_email: str | None
    first_name: str | None
    last_name: str | None
    display_name: str | None
    status: str | None
    transitioning_to: str | None
    created_at: datetime | None = time()
    activated_at: datetime | None = time()
    status_changed_at: datetime | None = time()
    last_login_at: datetime | None = time()
    last_updated_at: datetime | None = time()
    password_changed_at: datetime | None = time()
    user_type_id: str | None
    user_type: str | None
    department: str | None
    title: str | None
    manager: str | None
    manager_id: str | None
    employee_number: str | None
    division: str | None
    credential_provider: str | None
    drata_start_date: str | None
    drata_contractor: str | None
    profile: str
    presence: str
    absent_since: datetime | None = time()
    deactivated_at: datetime | None = time()


class Factor(Version, table=True):
    """An enrolled factor."""

    __tablename__ = "factors"
    user_id: str
    factor_id: str
    factor_type: str | None
    provider: str | None
    vendor: str | None
    status: str | None
    created_at: datetime | None = time()
    last_updated_at: datetime | None = time()
    detail: str


class FactorRead(Version, table=True):
    """Whether a user's factors could be read: no row means that nobody asked."""

    __tablename__ = "factor_reads"
    user_id: str
    state: str
    reason: str


class Group(Version, table=True):
    """A group."""

    __tablename__ = "groups"
    group_id: str
    name: str | None
    description: str | None
    type: str | None
    created_at: datetime | None = time()
    last_updated_at: datetime | None = time()
    last_membership_updated_at: datetime | None = time()
    users_count: int | None
    apps_count: int | None
    has_admin_privilege: bool | None
    source: str


class Membership(Version, table=True):
    """A direct membership."""

    __tablename__ = "memberships"
    group_id: str
    user_id: str


class GroupRule(Version, table=True):
    """A rule that puts people into groups."""

    __tablename__ = "group_rules"
    rule_id: str
    name: str | None
    status: str | None
    expression: str | None
    group_ids: str
    excluded_user_ids: str


class AdminRole(Version, table=True):
    """An admin role of a user or group."""

    __tablename__ = "admin_roles"
    principal_type: str
    principal_id: str
    assignment_id: str
    role_type: str | None
    label: str | None
    status: str | None
    assignment_type: str | None
    resource_set: str | None
    custom_role_id: str | None
    created_at: datetime | None = time()
    last_updated_at: datetime | None = time()


class App(Version, table=True):
    """An application."""

    __tablename__ = "apps"
    app_id: str
    name: str | None
    label: str | None
    status: str | None
    sign_on_mode: str | None
    features: str
    created_at: datetime | None = time()
    last_updated_at: datetime | None = time()


class AppUser(Version, table=True):
    """A user's assignment to an application."""

    __tablename__ = "app_users"
    app_id: str
    user_id: str
    scope: str | None
    status: str | None
    username: str | None
    via_group_id: str | None
    created_at: datetime | None = time()
    last_updated_at: datetime | None = time()


class AppGroup(Version, table=True):
    """A group's assignment to an application."""

    __tablename__ = "app_groups"
    app_id: str
    group_id: str
    priority: int | None
    last_updated_at: datetime | None = time()


class OrgSetting(Version, table=True):
    """A policy, rule, authenticator, token, schema or the organization itself, kept whole."""

    __tablename__ = "org_settings"
    category: str
    setting_id: str
    name: str | None
    status: str | None
    parent_id: str | None
    body: str


@dataclass(frozen=True)
class Kind:
    """A kind of directory rows: its tables, its key, and its columns beside those of Version.

    scope: the columns by which a run says which rows it has read anew; empty: always all.
    """

    name: str
    key: tuple[str, ...]
    scope: tuple[str, ...]
    table: sa.Table
    staging: sa.Table
    columns: tuple[str, ...]

    @property
    def only_key(self) -> bool:
        """True when rows have nothing beside their key."""
        return len(self.key) == len(self.columns)


# Kinds with many short rows.
SLIM = {"memberships", "app_users"}


def _kind(model: type[Version], *key: str, scope: tuple[str, ...] = ()) -> Kind:
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    columns = tuple(c.name for c in table.columns if c.name not in Version.model_fields)
    sa.Index(
        f"ux_{table.name}_current",
        *(table.c[name] for name in ("connection_id", *key)),
        unique=True,
        sqlite_where=table.c.valid_to.is_(None),
        postgresql_where=table.c.valid_to.is_(None),
    )
    # No index on the times: what was true at a moment is most of the table, read in one go.
    sa.Index(f"ix_{table.name}_run_opened", table.c.run_opened)
    closed = table.c.run_closed.is_not(None)
    sa.Index(
        f"ix_{table.name}_run_closed",
        table.c.run_closed,
        sqlite_where=closed,
        postgresql_where=closed,
    )
    if "user_id" in columns:
        sa.Index(f"ix_{table.name}_user", table.c.connection_id, table.c.user_id)
    staging = sa.Table(
        f"staged_{table.name}",
        METADATA,
        sa.Column("run_id", sa.Integer, primary_key=True),
        *(
            sa.Column(name, table.c[name].type, primary_key=name in key, nullable=name not in key)
            for name in columns
        ),
        sa.Column("row_hash", sa.String, nullable=False),
        # Rows that are hardly more than their key: one tree on SQLite instead of two.
        sqlite_with_rowid=table.name not in SLIM,
    )
    return Kind(table.name, key, scope, table, staging, columns)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind(User, "user_id"),
        _kind(Factor, "user_id", "factor_id", scope=("user_id",)),
        _kind(FactorRead, "user_id", scope=("user_id",)),
        _kind(Group, "group_id"),
        _kind(Membership, "group_id", "user_id", scope=("group_id", "user_id")),
        _kind(GroupRule, "rule_id"),
        _kind(
            AdminRole,
            "principal_type",
            "principal_id",
            "assignment_id",
            scope=("principal_type", "principal_id"),
        ),
        _kind(App, "app_id"),
        _kind(AppUser, "app_id", "user_id", scope=("app_id", "user_id")),
        _kind(AppGroup, "app_id", "group_id", scope=("app_id",)),
        _kind(OrgSetting, "category", "setting_id"),
    )
}
