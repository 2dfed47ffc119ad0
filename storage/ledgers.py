"""The tables beside the directory: connections, runs, raw pages, overrides, results, audit log."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from storage.directory import METADATA, Base, time


def json_column(*, null: bool = True) -> Any:
    """A column of JSON values."""
    return Field(default=None, sa_type=sa.JSON, nullable=null)


class Connection(Base, table=True):
    """A connected organization. Its secrets are sealed by the vault."""

    __tablename__ = "connections"
    id: int | None = Field(default=None, primary_key=True)
    organization: str
    host: str = Field(index=True)
    org_id: str | None
    custom_domain: str | None
    group_label: str | None
    group_id: str | None
    email_domains: Any = json_column()
    client_id: str | None
    api_key_sealed: str | None
    client_secret_sealed: str | None
    sign_in: bool = False
    access_reviews: bool
    demo: bool
    state: str
    key_owner_id: str | None
    key_owner_login: str | None
    key_set_at: datetime | None = time()
    created_at: datetime = time(null=False)
    preflight: Any = json_column()
    preflight_at: datetime | None = time()


class SyncRun(Base, table=True):
    """A sync run: who, when, what it read, what it changed, and how far it is."""

    __tablename__ = "sync_runs"
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connections.id")
    mode: str
    asked_mode: str | None
    mode_reason: str | None
    based_on: int | None
    log: Any = json_column()
    state: str
    owner: str
    started_by: str
    started_at: datetime = time(null=False)
    finished_at: datetime | None = time()
    published_at: datetime | None = time()
    heartbeat_at: datetime = time(null=False)
    cancel_requested: bool = False
    scope: Any = json_column()
    requests: int = 0
    retries: int = 0
    rate_limit_wait_seconds: float = 0.0
    counts: Any = json_column()
    changes: Any = json_column()
    not_read: Any = json_column()
    set_aside: Any = json_column()
    held: Any = json_column()
    certificate: Any = json_column()
    error: Any = json_column()
    progress: Any = json_column()


class RawBody(Base, table=True):
    """A body as it is kept, compressed, once for each content."""

    __tablename__ = "raw_bodies"
    sha256: str = Field(primary_key=True)
    size: int
    body: bytes


class RawPageRow(Base, table=True):
    """One answer: which address, when, which request id, which body."""

    __tablename__ = "raw_pages"
    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="sync_runs.id", index=True)
    resource: str
    url: str
    status: int
    request_id: str | None
    fetched_at: datetime = time(null=False)
    headers: Any = json_column()
    items: int
    body_sha256: str = Field(foreign_key="raw_bodies.sha256")
    received_sha256: str | None
    rule: str | None


class Override(Base, table=True):
    """One value that a person put in Okta's place, or took back (value null). Append-only."""

    __tablename__ = "overrides"
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connections.id", index=True)
    user_id: str
    field: str
    value: str | None
    reason: str
    author: str
    created_at: datetime = time(null=False)


class Exclusion(Base, table=True):
    """A subject taken out of a control for a time, or put back (withdrawn). Append-only."""

    __tablename__ = "exclusions"
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connections.id", index=True)
    control_id: str
    user_id: str
    reason: str
    author: str
    starts_on: date
    ends_on: date | None
    withdrawn: bool
    created_at: datetime = time(null=False)


class Result(Base, table=True):
    """What a control said about a published run. Immutable."""

    __tablename__ = "results"
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connections.id", index=True)
    run_id: int = Field(foreign_key="sync_runs.id")
    control_id: str
    version: str
    as_of: datetime = time(null=False)
    evaluated_at: datetime = time(null=False)
    outcome: str
    reason: str
    in_scope: int
    passed: int
    failed: int
    excluded: int
    unknown: int
    parameters: Any = json_column()
    summary: Any = json_column()
    findings: bytes


class AuditEvent(Base, table=True):
    """One event, with the hash of the one before. Append-only."""

    __tablename__ = "audit_events"
    seq: int = Field(primary_key=True)
    at: datetime = time(null=False)
    actor: str
    action: str
    subject: str
    detail: str
    previous_hash: str
    hash: str


class AuditHead(Base, table=True):
    """The newest event's number and hash, so that a cut-off end shows."""

    __tablename__ = "audit_head"
    id: int = Field(primary_key=True)
    seq: int
    hash: str


# What a publish must leave as it is, by kind, column and value.
KEPT = sa.Table(
    "staged_kept",
    METADATA,
    sa.Column("run_id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("column", sa.String, primary_key=True),
    sa.Column("value", sa.String, primary_key=True),
)

# What a publish compares of a kind, where that is not all of it: rows whose scope columns
# (directory.Kind.scope) have these values; an empty second value stands for any.
COMPARED = sa.Table(
    "staged_compared",
    METADATA,
    sa.Column("run_id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("first", sa.String, primary_key=True),
    sa.Column("second", sa.String, primary_key=True),
)


def table_of(model: type[Base]) -> sa.Table:
    """The Core table of a model, for Core expressions."""
    return model.__table__  # type: ignore[attr-defined, no-any-return]


CONNECTIONS = table_of(Connection)
RUNS = table_of(SyncRun)
RAW_BODIES = table_of(RawBody)
RAW_PAGES = table_of(RawPageRow)
OVERRIDES = table_of(Override)
EXCLUSIONS = table_of(Exclusion)
RESULTS = table_of(Result)
AUDIT_EVENTS = table_of(AuditEvent)
AUDIT_HEAD = table_of(AuditHead)

# One running sync a connection, whoever asks: the database says no to a second.
sa.Index(
    "ux_sync_runs_running",
    RUNS.c.connection_id,
    unique=True,
    sqlite_where=RUNS.c.state == "running",
    postgresql_where=RUNS.c.state == "running",
)
sa.Index("ix_sync_runs_connection", RUNS.c.connection_id, RUNS.c.id)
sa.Index("ix_results_control", RESULTS.c.connection_id, RESULTS.c.control_id, RESULTS.c.id)
sa.Index("ix_overrides_person", OVERRIDES.c.connection_id, OVERRIDES.c.user_id, OVERRIDES.c.field)
